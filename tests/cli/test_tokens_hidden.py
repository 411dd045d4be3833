"""No output of any format has a token of the input in it, wherever it stands and whatever else is wrong there."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from made_tokens import classic, fine_grained, stateless

from imglint.cli.main import cli
from imglint.report import FORMATS

BODY = st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=70, max_size=70)
TOKENS = st.one_of(
    st.builds(classic, BODY.map(lambda text: text[:30]), st.sampled_from(["ghp_", "gho_", "ghu_", "ghs_", "npm_"])),
    st.builds(classic, BODY, st.just("ghr_")),
    st.builds(fine_grained, BODY),
    st.builds(stateless, BODY.map(lambda text: text[:40])),
    BODY.map(lambda text: f"dckr_pat_{text[:7]}-k4Zp{text[7:14]}9Qx2-tR8"),
    BODY.map(lambda text: f"glpat-{text[:7]}_k4Zp-9Qx2tR8"),
)
AROUND = st.sampled_from(
    ["{}", "x={}", "%3D{}", "'{}'", '"{}"', "https://u:{}@github.com/o/r.git", "/{}.b", "<{}>", "{}…"]
)

LOWERED = classic("0" * 30)
"""A token whose letters become small in the name of a stage, so that its checksum is wrong."""

# Each line is wrong in another way, or is what a rule looks at.
DOCKERFILE = (
    'LABEL org.opencontainers.image.source="{}"',
    'LABEL org.opencontainers.image.licenses="{}"',
    "LABEL org.opencontainers.image.{}=x",
    'LABEL org.opencontainers.image.description="{} https://x"',
    "ENV NPM_TOKEN={}",
    "ARG TOKEN={}",
    "MAINTAINER {}",
    "COPY --from={} /a /b",
    "RUN curl -H 'Authorization: {}' https://example.com",
    "{} is no instruction",
    "FROM {}",
    "FROM alpine AS {}",
    "# imglint: ignore[{}] reason",
    "EXPOSE {}",
    "LABEL x={} y",
)
WORKFLOW = (
    "      - run: docker login ghcr.io -u me -p {}",
    "      - run: echo {} | docker login ghcr.io -u me --password-stdin",
    "      - run: docker build --build-arg TOKEN={} --label org.opencontainers.image.url={} -t ghcr.io/{} --push .",
    "      - run: docker push ghcr.io/Me/{}",
    "      - uses: docker/build-push-action@v6\n        with:\n          push: true\n          tags: ghcr.io/me/x:{}\n"
    "          labels: |\n            org.opencontainers.image.license={}\n          build-args: T={}",
    "      - uses: docker/login-action@v3\n        with:\n          registry: ghcr.io\n          password: {}",
    "      - uses: {}",
    "      - run: gh auth refresh -s write:packages,{}",
    "      - run: docker build -f {} .",
    "    {}: x",
)
README = (
    "docker pull ghcr.io/me/{}",
    "https://github.com/settings/tokens/new?scopes=repo,write:packages,{}",
    "https://{}:x@github.com/settings/tokens/new?scopes=write:package&description={}",
    'echo \'{{"auths":{{"ghcr.io":{{"auth":"{}"}}}}}}\'',
    "export CR_PAT={}",
)
PLACES = {
    "Dockerfile": ("FROM alpine:3.20\n", DOCKERFILE),
    ".github/workflows/a.yml": ("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n", WORKFLOW),
    "README.md": ("# Docs\n", README),
    "build.sh": ("#!/bin/sh\n", tuple(line.split("run: ")[1] for line in WORKFLOW if "run: " in line)),
    ".env": ("", ("TOKEN={}", "{}")),
    ".docker/config.json": ("", ('{{"auths": {{"ghcr.io": {{"username": "me", "password": "{}"}}}}}}',)),
    "compose.yaml": (
        "services:\n  a:\n    build:\n      context: .\n      args:\n        T: x\n",
        ("        NPM_TOKEN: {}", "    image: ghcr.io/me/{}", "    labels: [{}]", "      dockerfile: {}"),
    ),
    "docker-bake.hcl": (
        'target "default" {\n',
        ('  tags = ["ghcr.io/Me/{}"]', '  args = {{ T = "{}" }}', '  labels = {{ "{}" = "x" }}', "  {} = 1"),
    ),
    "Makefile": (
        "all:\n",
        ("\tdocker build -t ghcr.io/me/{} --build-arg TOKEN={} .", "\tdocker login -p {}", "T = {}"),
    ),
}


@st.composite
def projects(draw: st.DrawFn) -> tuple[dict[str, str], list[str]]:
    """Files with tokens in them, and the tokens."""
    tokens = draw(st.lists(TOKENS, min_size=1, max_size=3))
    files = {}
    for name in draw(st.lists(st.sampled_from(list(PLACES)), min_size=1, max_size=4, unique=True)):
        start, lines = PLACES[name]
        written = start
        for line in draw(st.lists(st.sampled_from(lines), min_size=1, max_size=5)):
            token = draw(st.sampled_from(tokens))
            inner = token if "auth" in line else draw(AROUND).replace("{}", token)
            if '"auth"' in line:
                inner = b64encode(f"me:{token}".encode()).decode()
            written += line.format(*[inner] * line.count("{}")) + "\n"
        files[name] = written
    return files, tokens


def leaks(text: str, token: str) -> bool:
    """Whether more than the first characters of a token can be seen; a piece of eight says enough."""
    pieces = {token, b64encode(f"me:{token}".encode()).decode()}
    parts = {piece[at : at + 12] for piece in pieces for at in range(6, len(piece) - 12)}
    return any(part in text for part in parts if part not in ("github_pat_1",))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(projects())
@example(({"Dockerfile": f"FROM alpine:3.20\nFROM alpine AS {LOWERED}\n"}, [LOWERED]))
def test_reports(tmp_path_factory: pytest.TempPathFactory, project: tuple[dict[str, str], list[str]]) -> None:
    files, tokens = project
    root = tmp_path_factory.mktemp("project")
    (root / ".git").mkdir()
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    calls = [["check", "--format", name, str(root)] for name in FORMATS]
    calls += [["check", "--statistics", str(root)], ["page", str(root)], ["page", "--format", "markdown", str(root)]]
    report = root / "report.out"
    calls += [["check", "--format", "text", "-o", str(report), str(root)]]
    if "Dockerfile" in files:
        calls += [["labels", str(root)], ["labels", "--format", "json", str(root)], ["parse", str(root / "Dockerfile")]]
    for call in calls:
        result = CliRunner().invoke(cli, call, color=True)
        assert result.exit_code in (0, 1, 2), (call, result.exception)
        assert result.exception is None or isinstance(result.exception, SystemExit), (call, result.exc_info)
        shown = result.output + (report.read_text() if "-o" in call else "")
        assert [token for token in tokens if leaks(shown, token)] == [], (call, shown)


def test_there_is_something_to_hide(tmp_path: Path) -> None:
    """The lines above have findings, and frames that would show the tokens."""
    token = classic("Vq7R3nW5Vq7R3nW5Vq7R3nW5Jd9B4k")
    for name, (start, lines) in PLACES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(start + "".join(line.format(*[token] * line.count("{}")) + "\n" for line in lines))
    result = CliRunner().invoke(cli, ["check", "--format", "text", str(tmp_path)])
    assert result.output.count("****") > 20
    assert result.output.count("[token-literal]") > 20


def test_a_configuration_with_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = classic("Vq7R3nW5Vq7R3nW5Vq7R3nW5Jd9B4k")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "imglint.toml").write_text(f'[build-args]\nTOKEN = "{token}"\n')
    shown = CliRunner().invoke(cli, ["config", "show"])
    assert "ghp_****" in shown.output
    assert token[4:] not in shown.output
    (tmp_path / "imglint.toml").write_text(f'select = "{token}"\n[severity]\n"{token}" = "error"\n')
    wrong = CliRunner().invoke(cli, ["check", "."])
    assert token[4:] not in wrong.output
    assert token[4:] not in CliRunner().invoke(cli, ["config", "show"]).output


@pytest.mark.parametrize("name", FORMATS)
def test_a_password_on_a_command_line(tmp_path: Path, name: str) -> None:
    workflow = tmp_path / ".github" / "workflows" / "a.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: docker login ghcr.io -u me -p hunter2-Kq9\n"
        "      - run: skopeo copy --dest-creds me:hunter2-Kq9 docker://ghcr.io/me/x docker://quay.io/me/x\n"
    )
    shown = CliRunner().invoke(cli, ["check", "--format", name, str(tmp_path)]).output
    assert "password-on-command-line" in shown
    assert "hunter2" not in shown
