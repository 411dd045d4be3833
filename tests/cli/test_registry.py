"""`imglint image` with references: whatever a registry does, it is told, and the other images are judged."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from read.image.making import artifact, image, index, make_layout, named
from read.image.registry.serving import NAME, Answer, Asked, Served, challenge, serving

from .conftest import Imglint

SECRET = "correct-horse-battery"
OCI = "org.opencontainers.image"
LABELS = {
    f"{OCI}.source": "https://github.com/acme/widget", f"{OCI}.description": "A widget.", f"{OCI}.licenses": "MIT",
}  # fmt: skip
CLEAN = {"config": {"Labels": LABELS, "User": "1000", "Entrypoint": ["/f"], "Healthcheck": {"Test": ["CMD", "/f"]}}}


@pytest.fixture
def registry() -> Iterator[Served]:
    with serving(Served()) as served:
        yield served


@pytest.fixture
def good(root: Path, registry: Served) -> str:
    """The reference of an image that is well."""
    registry.layout(root / "x", {"1": image(root / "x", config=CLEAN), "chart": artifact(root / "x")})
    return registry.reference()


def hostile(registry: Served) -> dict[str, str]:
    """References that fail, and what is said of each."""
    answers = {
        "denied": (Answer(401), "access is denied, or there is no such image; `docker login` or `skopeo login`"),
        "forbidden": (Answer(403), "access is denied"),
        "gone": (Answer(404), "the registry has no such image"),
        "metadata": (Answer(307, b"", {"Location": "http://169.254.169.254/"}), "an address of a private network"),
        "huge": (Answer(200, b" " * (5 << 20)), "it is larger than 4 MiB"),
        "schema1": (Answer(200, b'{"schemaVersion": 1}'), "an image manifest of Docker's schema 1"),
        "page": (Answer(200, b"<html>", {"Content-Type": "text/html"}), "a web site, and no registry"),
        "json": (Answer(200, b'{"a": "\x1b[31m'), "is not valid JSON"),
        "later": (Answer(429, b"", {"Retry-After": "1000"}), "the registry asks for fewer requests (429)"),
    }
    for tag, (answer, _) in answers.items():
        registry.manifest(answer, tag)
    references = {registry.reference(f":{tag}"): words for tag, (_, words) in answers.items()}
    return {
        **references,
        registry.reference(":chart"): "is not an image, but an artifact of the type application/vnd.example.chart",
        registry.reference(f"@sha256:{'0' * 64}"): "no image of this tag or digest",
        f"{registry.host}/Acme/widget:1": "is not an image: there is no such file, and as a reference",
        "nowhere.invalid/acme/widget:1": "there is no host `nowhere.invalid`",
    }


def test_each_failure_is_told_and_hides_no_other(imglint: Imglint, registry: Served, good: str) -> None:
    expected = hostile(registry)
    outcome = imglint("image", *list(expected)[:5], good, *list(expected)[5:], "--no-cache")
    assert outcome.code == 2
    told = dict(line.removeprefix("error: ").split(": ", 1) for line in outcome.errors)
    assert set(told) == set(expected)
    for reference, words in expected.items():
        assert words in told[reference]
    assert "\x1b" not in outcome.out + outcome.err
    assert f"No problems in 1 image; {len(expected)} inputs could not be judged." in outcome.out


def test_findings_are_told_beside_failures(imglint: Imglint, registry: Served, root: Path) -> None:
    registry.layout(root / "x", {"1": image(root / "x", config={"config": {"Labels": {"a b": "c"}}})})
    outcome = imglint("image", "--format", "json", registry.reference(":gone"), registry.reference(), "--no-cache")
    assert outcome.code == 2
    assert "root-user" in {each["rule"] for each in outcome.json["findings"]}


def test_a_part_that_does_not_come_is_told_and_the_others_are_judged(
    imglint: Imglint, registry: Served, root: Path
) -> None:
    children = [image(root / "x", (name.encode(),), name, config=CLEAN) for name in ("linux/amd64", "linux/arm64")]
    registry.layout(root / "x", {"1": index(root / "x", *children)})
    registry.manifest(Answer(403), children[1]["digest"])
    outcome = imglint("image", registry.reference(), "--no-cache", "--ignore", "missing-index-description")
    assert outcome.code == 2
    (error,) = outcome.errors
    assert error.startswith(
        f"error: {registry.reference()}: is not judged as a whole: the blob cannot be read, because"
    )
    assert "unreadable" not in outcome.out


def test_prefixes_of_skopeo(imglint: Imglint, good: str, root: Path) -> None:
    make_layout(root / "layout", named(image(root / "layout", config=CLEAN), "1"))
    for name in (good, f"docker://{good}", "oci:layout:1"):
        assert imglint("image", name, "--no-cache").out == "No problems in 1 image.\n"


def test_no_flag_is_needed(imglint: Imglint, registry: Served, good: str, tmp_path: Path) -> None:
    """Without flags, another reader of arguments is used; what was fetched is kept below the home."""
    assert imglint("image", good).out == "No problems in 1 image.\n"
    assert imglint("image", good, good).out == "No problems in 1 image.\n"
    assert len(registry.asked) == 2 + 1
    assert len(list((tmp_path / ".cache" / "imglint" / "blobs").iterdir())) == 1
    assert imglint("image", good, "--no-cache").code == 0
    assert len(registry.asked) == 2 + 1 + 2


def test_platforms_exclude_each_other(imglint: Imglint, good: str) -> None:
    assert imglint("image", good, "--platform", "linux/amd64").code == 0
    assert (
        "has no image for linux/s390x: there is one for linux/amd64"
        in imglint("image", good, "--platform", "linux/s390x").out
    )
    assert imglint("image", good, "--platform", "linux/amd64", "--all-platforms").code == 2
    assert "is not a platform" in imglint("image", good, "--platform", "amd64").out


class TestNothingSecretIsShown:
    @pytest.fixture
    def environ(self, registry: Served, tmp_path: Path) -> dict[str, str]:
        auth = base64.b64encode(f"ann:{SECRET}".encode()).decode()
        entry = {"auth": auth, "identitytoken": ""}
        (tmp_path / "config.json").write_text(json.dumps({"auths": {registry.host: entry}}))
        return {"DOCKER_CONFIG": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "GITHUB_TOKEN": f"ghs_{SECRET}"}

    def shown(self, imglint: Imglint, registry: Served, environ: dict[str, str]) -> str:
        outputs = []
        for form in ("text", "json", "sarif", "github", "concise"):
            outcome = imglint("image", registry.reference(), "--no-cache", "--format", form, **environ)
            assert outcome.code == 2
            outputs += [outcome.out, outcome.err]
        return "".join(outputs)

    def test_of_a_password_that_is_refused(self, imglint: Imglint, registry: Served, environ: dict[str, str]) -> None:
        registry.fallback = lambda asked: challenge("x", "Basic")
        shown = self.shown(imglint, registry, environ)
        sent = {each.headers["authorization"] for each in registry.asked if "authorization" in each.headers}
        assert len(sent) == 1
        assert SECRET not in shown and sent.pop().removeprefix("Basic ") not in shown

    def test_of_a_token(self, imglint: Imglint, registry: Served, environ: dict[str, str]) -> None:
        """The answer repeats what was sent."""

        def answer(asked: Asked) -> Answer:
            if "authorization" not in asked.headers:
                return challenge(f"{registry.url}/token")
            code = asked.headers["authorization"]
            return Answer(
                500, json.dumps({"errors": [{"code": code, "message": code}]}).encode(), {"Retry-After": "99"}
            )

        registry.fallback = answer
        registry.routes["/token"] = Answer(200, b'{"token": "TOKEN_OF_ANN"}')
        shown = self.shown(imglint, registry, environ)
        assert "TOKEN_OF_ANN" not in shown and SECRET not in shown
        assert f"/v2/{NAME}/manifests/1" in registry.paths
