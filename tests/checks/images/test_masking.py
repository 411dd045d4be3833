"""No report shows a secret, whatever rule points at its line, and whatever form the report has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from imglint.cli.images import new_run, request, settings_here
from imglint.cli.main import cli
from imglint.finding import Finding, Severity
from imglint.judgeimage import judge_image
from imglint.model.image.drawing import drawings
from imglint.model.image.masking import MAX_SECRETS, masked
from imglint.model.image.secrets import secrets
from imglint.read.image.single import single_image
from imglint.report import FORMATS
from imglint.source import Source, Span
from imglint.syntax.tokenchecksum import checksum

from .judging import configuration

# None of these stands in the rule pages, which some reports carry along.
TOKEN = "ghp_" + (BODY := "Vq7R3nW5" * 3 + "Jd9B4k") + checksum(BODY)
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\n" + "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9u\n" * 3
SECRETS = ("rusty-anchor", 'bätterie "stäple"', "5e8f03ab71c9d2", "k4-bb82-9Zt", "t1n-p4rr0t", "qrs4", TOKEN)


def leaky() -> dict[str, Any]:
    """An image that tells secrets everywhere, and has other mistakes on the same lines."""
    steps = [
        f"RUN |1 NPM_TOKEN={SECRETS[2]} /bin/sh -c sudo apt-get update # buildkit",
        f"/bin/sh -c export DEPLOY_KEY='{SECRETS[3]}' && apt-get update && apt-get install -y curl",
        f"RUN /bin/sh -c sudo git clone https://bot:{SECRETS[4]}@git.internal/x # buildkit",
        f"RUN /bin/sh -c DB_PASSWORD={SECRETS[5]} sudo make # buildkit",
    ]
    runtime = {
        "Env": [
            f"DB_PASSWORD={SECRETS[0]}",
            f"DB_PASSWORD={SECRETS[1]}",
            f"SSH_KEY={KEY}",
            f"NOTE={TOKEN} and {TOKEN}",
        ],
        "Labels": {
            "com.example.api-token": SECRETS[0],
            "org.opencontainers.image.source": f"https://x:{TOKEN}@github.com/octo-org/widget",
            "org.opencontainers.image.description": f"Use **{TOKEN}** to log in",
            "org.opencontainers.image.license": TOKEN,
        },
        "Cmd": ["/widget", "--token", TOKEN],
        "ExposedPorts": {"22/tcp": {}},
    }
    return configuration(runtime, layers=4, history=[{"created_by": step} for step in steps])


def pieces() -> list[str]:
    """What must be in no report: the secrets as they are, and as JSON writes them."""
    escaped = [json.dumps(each)[1:-1] for each in (*SECRETS, KEY)]
    return [*SECRETS, *escaped, *KEY.split("\n")[1:2], TOKEN[4:]]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("format_name", FORMATS)
def test_no_format_shows_a_secret(tmp_path: Path, format_name: str, indent: int | None, ascii_only: bool) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(leaky(), indent=indent, ensure_ascii=ascii_only), encoding="utf-8")
    result = CliRunner().invoke(cli, ["image", "--format", format_name, str(path)])
    assert result.exit_code == 1, result.output
    assert "secret-in-environment" in result.output
    assert [each for each in pieces() if each in result.output] == []


def test_the_secrets_themselves_are_found() -> None:
    image = single_image(json.dumps(leaky()).encode(), "config.json")
    values = {each.value.strip("'") for each in secrets(image)}
    assert values >= {*SECRETS, KEY}


def test_texts_keep_their_length_and_their_lines() -> None:
    image = single_image(json.dumps(leaky(), indent=1).encode(), "config.json")
    run = new_run(None)
    judgement = judge_image(run.engine, image, request(run, settings_here(run), image))
    (source,) = {each.source for each in judgement.findings}
    assert len(source.text) == len(image.root.source.text)
    assert source.line_starts == image.root.source.line_starts
    assert "DB_PASSWORD=***" in source.text


def finding(message: str, source: Source) -> Finding:
    return Finding("x", "images", Severity.INFO, source, Span(0, 1), message, label=message, help=message)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (f"`DB_PASSWORD={SECRETS[0]}` is set twice", "`DB_PASSWORD=****` is set twice"),
        (f"`{TOKEN}` is no licence", "`****` is no licence"),
        (f"made by `RUN |1 NPM_TOKEN={SECRETS[2][:7]}…`", "made by `RUN |1 NPM_TOKEN=****…`"),
        ("nothing to hide…", "nothing to hide…"),
    ],
)
def test_messages_that_quote_a_secret(message: str, shown: str) -> None:
    image = single_image(json.dumps(leaky()).encode(), "config.json")
    (result,) = masked([finding(message, Source("Dockerfile", f"ENV X={TOKEN}\n"))], image)
    assert (result.message, result.label, result.help) == (shown, shown, shown)
    assert result.source.text == f"ENV X={'*' * len(TOKEN)}\n"


def test_an_image_without_secrets_is_left_as_it_is() -> None:
    image = single_image(json.dumps(configuration({"Cmd": ["/widget"]})).encode(), "config.json")
    findings = (finding("`x`", image.root.source),)
    assert masked(findings, image) == findings


def test_of_too_many_secrets_none_is_shown() -> None:
    words = [f"A{number}_TOKEN=value-{number:05}" for number in range(2 * MAX_SECRETS)]
    image = single_image(json.dumps(configuration({"Env": words})).encode(), "config.json")
    (result,) = masked([finding("`value-01999` is wrong", image.root.source)], image)
    assert "value-" not in result.source.text + result.message


def test_drawings_hide_them_too() -> None:
    image = single_image(json.dumps(leaky()).encode(), "config.json")
    words = repr(list(drawings(image)))
    assert [each for each in pieces() if each in words] == []
