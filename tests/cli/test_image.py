"""`imglint image`: which images, how it reports, and how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from read.image.making import (
    LAYER,
    Descriptor,
    Saved,
    archived,
    artifact,
    blob_path,
    buildkit_layout,
    configuration,
    dumped,
    gzipped,
    hole,
    image,
    index,
    make_layout,
    named,
    put,
    tar_of,
)

from .conftest import CLEAN, Imglint, plant
from .test_bad_input import HOSTILE, harmless

REPOSITORY = Path(__file__).parents[2]
SCHEMA: Any = json.loads((REPOSITORY / "rules" / "schema" / "report.json").read_text())
SARIF = REPOSITORY.parent / "shared" / "data" / "sarif-schema-2.1.0.json"

LABELS = {
    "org.opencontainers.image.source": "https://github.com/octocat/hello",
    "org.opencontainers.image.description": "Says hello",
    "org.opencontainers.image.licenses": "MIT",
}
RUNTIME = {"User": "1000", "Entrypoint": ["/hello"], "Healthcheck": {"Test": ["CMD", "/hello", "--well"]}}
STEPS = [
    {"created_by": "COPY model.bin /srv/ # buildkit", "comment": "buildkit.dockerfile.v0"},
    {"created_by": "ENTRYPOINT [\"/hello\"]", "comment": "buildkit.dockerfile.v0", "empty_layer": True},
]  # fmt: skip
TOO_LARGE = (
    "this layer has 11.8 GB (11.0 GiB), and the GitHub Container registry takes at most 10.0 GB (9.31 GiB): "
    "the push will fail"
)
WHERE = "layout: manifests[0].layers[0].size (linux/amd64)"
WHY = "the registry refuses the layer, and with it the image"
FIX = "spread its files over several instructions, or fetch the large ones when the container starts"
TEXT = f"""\
error: {TOO_LARGE} [layer-too-large]
  --> {WHERE}
   |
   |       "size": 11811160064
   |               ^^^^^^^^^^^ made by `COPY model.bin /srv/`
   |
   = why: {WHY}
   = fix: {FIX}

Found 1 error in 1 image.
"""
CONCISE = f"{WHERE}: error: {TOO_LARGE} [layer-too-large]\n"
WRITTEN = """\
  --> Dockerfile:5:1
   |
 5 | COPY model.bin /srv/
   | -------------------- here it is written
"""
DOCKERFILE = CLEAN + "COPY model.bin /srv/\nENTRYPOINT [\"/hello\"]\n"  # fmt: skip


def good(folder: Path, size: int = 100, **more: Any) -> Descriptor:
    """An image about which there is nothing to say, if it is not too large."""
    config = {"config": {**RUNTIME, "Labels": LABELS}, "history": STEPS, **more}
    return image(folder, (b"content",), config=config, manifest={"layers": [hole(folder, size)]})


@pytest.fixture
def layout(root: Path) -> Path:
    folder = root / "layout"
    return make_layout(folder, named(good(folder), "1", "ghcr.io/octocat/hello:1"))


@pytest.fixture
def large(root: Path) -> Path:
    folder = root / "layout"
    return make_layout(folder, named(good(folder, 11 << 30), "1", "ghcr.io/octocat/hello:1"))


@pytest.mark.usefixtures("layout")
def test_nothing_to_say(imglint: Imglint) -> None:
    assert imglint("image", "layout") == (0, "No problems in 1 image.\n", "")
    assert imglint("image", "oci:layout:1") == (0, "No problems in 1 image.\n", "")
    assert imglint("image", "--format", "concise", "layout") == (0, "", "")


@pytest.mark.usefixtures("large")
class TestFormats:
    def test_text(self, imglint: Imglint) -> None:
        assert imglint("image", "layout") == (1, TEXT, "")

    def test_concise(self, imglint: Imglint) -> None:
        assert imglint("image", "--format", "concise", "layout") == (1, CONCISE, "")

    def test_json(self, imglint: Imglint) -> None:
        outcome = imglint("image", "--format", "json", "layout")
        assert outcome.code == 1
        assert outcome.json == {
            "version": 1,
            "findings": [
                {
                    "rule": "layer-too-large",
                    "family": "images",
                    "severity": "error",
                    "message": TOO_LARGE,
                    "path": "layout",
                    "related": [],
                    "help": FIX,
                    "why": WHY,
                    "url": "https://github.com/imglint/imglint/blob/main/rules/images/layer-too-large.md",
                    "pointers": [{"path": "manifests[0].layers[0].size", "platform": "linux/amd64"}],
                }
            ],
            "errors": [],
            "summary": {"files": 1, "errors": 1, "warnings": 0, "infos": 0, "suppressed": 0, "failed_inputs": 0},
        }
        Draft202012Validator(SCHEMA).validate(outcome.json)

    @pytest.mark.shared
    @pytest.mark.skipif(not SARIF.exists(), reason="the SARIF schema is not beside the repository")
    def test_sarif(self, imglint: Imglint) -> None:
        outcome = imglint("image", "--format", "sarif", "layout")
        Draft4Validator(json.loads(SARIF.read_text("utf-8"))).validate(outcome.json)
        (result,) = outcome.json["runs"][0]["results"]
        assert (result["ruleId"], result["level"]) == ("layer-too-large", "error")
        assert result["message"]["text"].startswith(TOO_LARGE)
        (place,) = result["locations"]
        assert place["physicalLocation"]["region"]["startLine"] == 1  # GitHub takes no result without one.
        assert place["logicalLocations"][0]["fullyQualifiedName"] == "linux/amd64: manifests[0].layers[0].size"

    def test_github(self, imglint: Imglint) -> None:
        outcome = imglint("image", "--format", "github", "layout")
        assert outcome.out.startswith("::error ")
        assert f"{TOO_LARGE}%0A" in outcome.out

    def test_a_file_for_the_report(self, imglint: Imglint, root: Path) -> None:
        assert imglint("image", "layout", "-o", "report.txt") == (1, "", "")
        assert (root / "report.txt").read_text() == TEXT

    def test_statistics(self, imglint: Imglint) -> None:
        code, out, _ = imglint("image", "layout", "--statistics")
        assert (code, out.split()[:3]) == (1, ["1", "error", "layer-too-large"])
        code, _, err = imglint("image", "layout", "--statistics", "--format", "sarif")
        assert (code, err) == (2, "error: --statistics: is written as text or json only\n")


@pytest.mark.usefixtures("large")
class TestDockerfile:
    def test_findings_name_the_line(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"Dockerfile": DOCKERFILE})
        outcome = imglint("image", "layout", "--dockerfile", "Dockerfile")
        assert outcome.code == 1
        assert WRITTEN in outcome.out

    def test_programs_are_told_the_line(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"Dockerfile": DOCKERFILE})
        outcome = imglint("image", "layout", "--dockerfile", "Dockerfile", "--format", "json")
        assert outcome.json["findings"][0]["related"] == [
            {
                "path": "Dockerfile", "line": 5, "column": 1, "end_line": 5, "end_column": 21,
                "message": "here it is written",
            }
        ]  # fmt: skip
        Draft202012Validator(SCHEMA).validate(outcome.json)

    def test_of_another_image(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"Dockerfile": CLEAN})
        assert imglint("image", "layout", "--dockerfile", "Dockerfile") == (1, TEXT, "")

    def test_that_is_not_there(self, imglint: Imglint) -> None:
        code, out, err = imglint("image", "layout", "--dockerfile", "Dockerfile")
        assert (code, out, err) == (2, "", "error: --dockerfile: Dockerfile: does not exist\n")


def test_notes_do_not_fail_unless_they_are_asked_to(imglint: Imglint, root: Path) -> None:
    folder = root / "layout"
    runtime = {"User": "1000", "Entrypoint": ["/hello"], "Labels": LABELS}
    make_layout(folder, named(good(folder, config=runtime), "1"))
    assert imglint("image", "layout").code == 0
    assert imglint("image", "layout", "--fail-on", "info").code == 1
    assert imglint("image", "layout", "--fail-on", "info", "--ignore", "missing-healthcheck").code == 0
    assert imglint("image", "layout", "--fail-on", "info", "--ignore", "CIS-DI-0006").code == 0
    assert imglint("image", "layout", "--fail-on", "info", "--select", "root-user").code == 0
    plant(root, {"imglint.toml": '[severity]\nmissing-healthcheck = "error"\n'})
    assert imglint("image", "layout").code == 1


class TestSeveralImages:
    def test_a_broken_one_hides_no_other(self, imglint: Imglint, root: Path, large: Path) -> None:
        plant(root, {"broken.json": "{", "note.txt": "hello"})
        outcome = imglint("image", "broken.json", "missing.tar", "layout", "note.txt")
        assert (outcome.code, outcome.err) == (2, "")
        assert outcome.out == TEXT.replace("Found", "{}Found").format(
            "error: broken.json: is not valid JSON: expecting property name enclosed in double quotes at line 1, "
            "column 2\n"
            "error: missing.tar: cannot be read: there is no such file or directory\n"
            "error: note.txt: is not valid JSON: expecting value at line 1, column 1\n\n"
        ).replace("1 image.", "1 image; 3 inputs could not be judged.")

    def test_programs_are_told_of_all(self, imglint: Imglint, root: Path, large: Path) -> None:
        plant(root, {"broken.json": "{"})
        outcome = imglint("image", "broken.json", "layout", "--format", "json")
        assert outcome.code == 2
        assert [each["rule"] for each in outcome.json["findings"]] == ["layer-too-large"]
        assert [each["path"] for each in outcome.json["errors"]] == ["broken.json"]
        Draft202012Validator(SCHEMA).validate(outcome.json)

    def test_those_of_one_layout(self, imglint: Imglint, root: Path) -> None:
        folder = root / "layout"
        small, big = good(folder), good(folder, 11 << 30, created="2020-01-01T00:00:00Z")
        make_layout(folder, named(small, "1"), named(big, "2", "ghcr.io/octocat/hello:2"))
        (folder / "blobs" / "sha256" / ("0b" * 32)).unlink()
        outcome = imglint("image", "layout", "--format", "concise")
        assert outcome == (1, CONCISE.replace("layout: manifests[0]", "layout:2: manifests[1]"), "")
        assert imglint("image", "oci:layout:1") == (0, "No problems in 1 image.\n", "")
        code, out, _ = imglint("image", "oci:layout:3", "--format", "concise")
        assert (code, out) == (2, "oci:layout:3: error: has no image `3`: there is 1, ghcr.io/octocat/hello:2\n")

    def test_those_of_one_archive(self, imglint: Imglint, root: Path) -> None:
        saved = Saved()
        saved.old(["octocat/hello:1"], config={**RUNTIME, "Labels": LABELS})
        saved.old(["octocat/hello:2"], config={**RUNTIME, "Labels": LABELS, "User": "0"})
        (root / "saved.tar").write_bytes(saved.data())
        outcome = imglint("image", "saved.tar", "--format", "json")
        assert [(each["path"], each["rule"]) for each in outcome.json["findings"]] == [
            ("saved.tar:octocat/hello:2", "root-user")
        ]
        assert imglint("image", "docker-archive:saved.tar:octocat/hello:1").code == 0

    def test_the_same_twice_is_judged_once(self, imglint: Imglint, layout: Path) -> None:
        assert imglint("image", "layout", "layout").out == "No problems in 1 image.\n"


class TestStandardInput:
    def test_a_document(self, imglint: Imglint) -> None:
        text = json.dumps(configuration((b"x",), config={**RUNTIME, "User": "root"}), indent=2)
        outcome = imglint("image", "-", "--select", "root-user", "--format", "concise", stdin=text)
        line = text.split("\n").index('    "User": "root",') + 1
        assert outcome == (1, f"<stdin>:{line}:13: config.User: warning: the image runs as root [root-user]\n", "")

    def test_an_archive(self, imglint: Imglint, large: Path, root: Path) -> None:
        (large / "blobs" / "sha256" / ("0b" * 32)).unlink()
        data = archived(large, root / "a.tar").read_bytes()
        for text in (data, gzipped(data)):
            outcome = imglint("image", "-", "--format", "concise", stdin=text)
            assert outcome == (1, CONCISE.replace("layout:", "<stdin>:"), "")

    def test_nothing(self, imglint: Imglint) -> None:
        assert imglint("image", "-", "--format", "concise") == (2, "<stdin>: error: is empty\n", "")


class TestPlatforms:
    def test_only_one(self, imglint: Imglint, root: Path) -> None:
        buildkit_layout(root / "layout")
        one = imglint("image", "layout", "--platform", "linux/arm64", "--select", "root-user", "--format", "concise")
        both = imglint("image", "layout", "--all-platforms", "--select", "root-user", "--format", "concise")
        assert "(linux/arm64):" in one.out
        assert "(linux/amd64, linux/arm64):" in both.out

    def test_one_that_is_not_there(self, imglint: Imglint, root: Path) -> None:
        buildkit_layout(root / "layout")
        code, out, _ = imglint("image", "layout", "--platform", "linux/s390x", "--format", "concise")
        assert (code, out) == (
            2, "layout: error: has no image for linux/s390x: there is one for linux/amd64, linux/arm64\n",
        )  # fmt: skip

    def test_one_and_all(self, imglint: Imglint) -> None:
        code, _, err = imglint("image", "x", "--platform", "linux/s390x", "--all-platforms")
        assert (code, err) == (2, "error: --platform and --all-platforms exclude each other\n")


def test_an_artifact_is_no_image(imglint: Imglint, root: Path) -> None:
    folder = root / "layout"
    make_layout(folder, named(artifact(folder, "application/vnd.cncf.helm.config.v1+json"), "1"))
    words = "is not an image, but an artifact of the type application/vnd.cncf.helm.config.v1+json"
    assert imglint("image", "layout", "--format", "concise") == (2, f"layout: error: {words}\n", "")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("docker-daemon:a", "docker save IMAGE | imglint image -"),
        ("containers-storage:a", "buildah push IMAGE oci:DIR"),
        ("./nowhere", "there is no such file or directory"),
        ("empty", "the directory holds no `oci-layout` and no `manifest.json`"),
    ],
)
def test_what_is_no_image(imglint: Imglint, root: Path, name: str, words: str) -> None:
    (root / "empty").mkdir()
    code, out, err = imglint("image", name)
    assert (code, err) == (2, "")
    assert words in out
    assert out.endswith("\nNo images were judged; 1 input could not be judged.\n")


def test_what_explains_a_finding_has_its_place(imglint: Imglint, root: Path) -> None:
    folder = root / "layout"
    key = "org.opencontainers.image.description"
    entry = good(folder)
    make_layout(folder, named(index(folder, entry, annotations={key: "Says good-bye"}), "1", "ghcr.io/octocat/hello:1"))
    outcome = imglint("image", "layout", "--select", "label-annotation-conflict", "--format", "json")
    Draft202012Validator(SCHEMA).validate(outcome.json)
    (finding,) = outcome.json["findings"]
    assert finding["pointers"] == [
        {"path": f'manifests[0].manifests[0].config.config.Labels["{key}"]', "platform": "linux/amd64"}
    ]
    assert finding["related"] == [
        {
            "path": "layout",
            "message": "the annotation of the index",
            "pointers": [{"path": f'manifests[0].annotations["{key}"]', "platform": ""}],
        }
    ]
    _, out, _ = imglint("image", "layout", "--select", "label-annotation-conflict")
    assert f'\n  --> layout: manifests[0].annotations["{key}"]\n' in out


class TestLayers:
    def make(self, root: Path, files: dict[str, bytes], packed: bool = True) -> Descriptor:
        content = tar_of(files)
        layer = put(root / "layout", gzipped(content) if packed else content, f"{LAYER}+gzip")
        config = {"config": {**RUNTIME, "Labels": LABELS}, "history": STEPS}
        make_layout(
            root / "layout",
            named(image(root / "layout", (content,), config=config, manifest={"layers": [layer]}), "1"),
        )
        return layer

    def test_what_is_in_them_is_read_when_asked_for(self, imglint: Imglint, root: Path) -> None:
        self.make(root, {"root/.ssh/id_rsa": b"key", "hello": b"hello"})
        assert imglint("image", "layout").code == 0
        code, out, _ = imglint("image", "layout", "--layers")
        assert code == 1
        assert "`/root/.ssh/id_rsa`, a file of a name that credentials are kept under [credential-file]" in out
        assert "   | 3 bytes, made by `COPY model.bin /srv/`\n" in re.sub(" +(?=3 bytes)", " ", out)

    def test_a_layer_that_several_instructions_made(self, imglint: Imglint, root: Path) -> None:
        """As buildah makes it, which keeps layers apart only with --layers."""
        steps = ["COPY id_rsa /root/.ssh/", 'ENTRYPOINT ["/hello"]']
        history = [{"created_by": f"/bin/sh -c #(nop) {each}", "empty_layer": "COPY" in each} for each in steps]
        content = tar_of({"root/.ssh/id_rsa": b"key"})
        config = {"config": {**RUNTIME, "Labels": LABELS}, "history": history}
        make_layout(root / "layout", named(image(root / "layout", (content,), config=config), "1"))
        plant(root, {"Dockerfile": "FROM scratch\n" + "\n".join(steps)})
        _, out, _ = imglint("image", "layout", "--layers", "--dockerfile", "Dockerfile")
        assert '| 3 bytes in layer 1, which ends at `ENTRYPOINT ["/hello"]`\n' in re.sub(" +(?=3 bytes)", " ", out)
        assert "\n   | --------------------- the layer ends here\n" in out

    def test_what_cannot_be_read_is_said(self, imglint: Imglint, root: Path) -> None:
        layer = self.make(root, {"hello": b"hello"})
        blob_path(root / "layout", layer["digest"]).unlink()
        reason = "layer 1 is not at hand, because it is not there"
        outcome = imglint("image", "layout", "--layers", "--verify-layers")
        assert outcome == (
            0,
            "No problems in 1 image.\n"
            f"Not judged of layout, an OCI image layout: what is in the layers ({reason}), "
            f"whether layers are what their digests say ({reason}).\n",
            "",
        )

    def test_digests_are_compared_when_asked_for(self, imglint: Imglint, root: Path) -> None:
        layer = self.make(root, {"hello": b"hello"})
        path = blob_path(root / "layout", layer["digest"])
        data = bytearray(path.read_bytes())
        data[-8:-4] = b"gzip"  # the checksum
        path.write_bytes(data)
        assert imglint("image", "layout").code == 0
        outcome = imglint("image", "layout", "--verify-layers", "--format", "json")
        assert (outcome.code, [each["rule"] for each in outcome.json["findings"]]) == (1, ["digest-mismatch"])

    @pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
    def test_a_terminal_shows_a_bar(self, root: Path) -> None:
        folder = root / "layout"
        make_layout(folder, named(good(folder, 700_000_000), "1"))
        shown = on_a_terminal(["image", "layout", "--verify-layers"], root)
        bars = re.findall(r"\r\x1b\[Klayer 1  [█▏▎▍▌▋▊▉ ]{30}  +(\d+) %  \d+(?:\.\d+)? MB of 700 MB", shown)
        assert bars
        assert [int(each) for each in bars] == sorted(int(each) for each in bars)
        assert shown.endswith("\r\x1b[K")


def on_a_terminal(arguments: list[str], folder: Path) -> str:
    """What is written to a terminal that is standard error."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "imglint", *arguments]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                data = os.read(ours, 1 << 16)
            except OSError:  # Linux says so when nobody has the other side any more.
                break
            if not data:
                break
            shown += data
        process.wait(timeout=60)
    os.close(ours)
    return shown.decode()


class TestWhatAFormDoesNotTell:
    METADATA: ClassVar = {"containerimage.digest": "sha256:" + "a" * 64, "image.name": "ghcr.io/octocat/hello:1"}

    def test_people_are_told(self, imglint: Imglint) -> None:
        code, out, _ = imglint("image", "-", stdin=dumped(self.METADATA))
        assert (code, out) == (
            0,
            "No problems in 1 image.\n"
            "Not judged of <stdin>, a file that buildx --metadata-file wrote: index annotations, manifest annotations, "
            "labels, environment, user, directory, ports, volumes, entry point and command, health check, history, "
            "sizes of layers.\n",
        )

    def test_an_artifact_beside_an_image_needs_no_platform(self, imglint: Imglint, root: Path) -> None:
        folder = root / "layout"
        top = index(folder, good(folder), artifact(folder), annotations={**LABELS})
        make_layout(folder, named(top, "1", "ghcr.io/octocat/hello:1"))
        assert imglint("image", "layout", "--select", "invalid-descriptor").out == "No problems in 1 image.\n"

    def test_programs_are_told(self, imglint: Imglint, root: Path) -> None:
        saved = Saved()
        saved.old(["octocat/hello:1"], config={**RUNTIME, "Labels": LABELS})
        (root / "saved.tar").write_bytes(saved.data())
        outcome = imglint("image", "saved.tar", "--format", "json")
        assert outcome.json["unseen"] == [
            {
                "path": "saved.tar", "form": "an archive of docker save",
                "facts": ["index annotations", "manifest annotations"],
            }
        ]  # fmt: skip
        Draft202012Validator(SCHEMA).validate(outcome.json)


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif", "github"])
class TestWhatComesFromOutside:
    def test_is_escaped(self, imglint: Imglint, root: Path, form: str) -> None:
        labels = {**LABELS, "org.opencontainers.image.licenses": HOSTILE, HOSTILE: "x"}
        folder = root / "layout"
        make_layout(folder, named(good(folder, config={**RUNTIME, "User": HOSTILE, "Labels": labels}), "1"))
        outcome = imglint("image", "layout", "--fail-on", "info", "--format", form)
        assert outcome.code == 1
        assert harmless(re.sub(r"(?m)^::(error|warning|notice) title=", r"::\1 file=x,title=", outcome.out))
        assert "[31m" in outcome.out

    def test_secrets_are_not_repeated(self, imglint: Imglint, root: Path, form: str) -> None:
        secret = "ghp_" + "a1B2" * 9
        folder = root / "layout"
        steps = [{**STEPS[0], "created_by": f"RUN |1 TOKEN={secret} /bin/sh -c make # buildkit"}, STEPS[1]]
        runtime = {**RUNTIME, "Env": [f"API_TOKEN={secret}"], "Labels": LABELS}
        make_layout(folder, named(good(folder, 11 << 30, config=runtime, history=steps), "1"))
        outcome = imglint("image", "layout", "--format", form)
        assert outcome.code == 1
        assert "secret-in-environment" in outcome.out
        assert secret not in outcome.out + outcome.err
