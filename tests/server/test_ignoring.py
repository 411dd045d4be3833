"""Comments that silence a finding: they silence it, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from imglint.fix import edited
from imglint.model.kind import Kind, kind_of
from imglint.server.ignoring import silencings
from imglint.source import decode

from .conftest import Desk

LABEL = "org.opencontainers.image.license"


def silenced(desk: Desk, name: str, text: str, rule: str) -> dict[str, str]:
    """The text after each way to silence the first finding of a rule, by the last word of its title."""
    view = desk.put(name, text)
    finding = next(each for each in view.findings if each.rule == rule)
    found = {}
    for each in silencings(view, finding):
        mended = edited(text, each.edits)
        desk.put(name, mended)
        assert rule not in desk.rules(name)
        found[each.title.rpartition(" ")[2]] = mended
    return found


def test_above_an_instruction_and_in_the_file(desk: Desk) -> None:
    text = "# syntax=docker/dockerfile:1\nARG A=1\nFROM alpine:3.20\nMAINTAINER a\n"
    found = silenced(desk, "Dockerfile", text, "legacy-label")
    assert found["here"] == text.replace("MAINTAINER", "# imglint: ignore[legacy-label]\nMAINTAINER")
    assert found["file"] == text.replace("ARG A", "# imglint: ignore-file[legacy-label]\nARG A")


def test_within_continued_lines(desk: Desk) -> None:
    text = f"FROM alpine:3.20\nLABEL a=b \\\n      {LABEL}=MIT \\\n      c=d\n"
    found = silenced(desk, "Dockerfile", text, "unknown-oci-label")
    assert found["here"] == text.replace("LABEL a", "# imglint: ignore[unknown-oci-label]\nLABEL a")


def test_beside_a_rule_that_is_ignored_already(desk: Desk) -> None:
    text = f"FROM alpine:3.20\n# imglint: ignore[overridden-label] why\nLABEL {LABEL}=MIT\n"
    found = silenced(desk, "Dockerfile", text, "unknown-oci-label")
    assert "# imglint: ignore[overridden-label, unknown-oci-label] why\nLABEL" in found["here"]


def test_line_ends_are_kept(desk: Desk) -> None:
    found = silenced(desk, "Dockerfile", "FROM alpine:3.20\r\nMAINTAINER a\r\n", "legacy-label")
    assert "\r\n# imglint: ignore[legacy-label]\r\nMAINTAINER a\r\n" in found["here"]


def test_in_a_workflow(desk: Desk) -> None:
    text = (
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n"
        "      - run: |\n          cd x\n          docker push ghcr.io/Acme/widget:1\n"
        "      - uses: docker/build-push-action@v6\n        with:\n          push: true\n          tags: |\n"
        "            ghcr.io/acme/widget:1\n            ghcr.io/Acme/widget:2\n"
    )
    view = desk.put(".github/workflows/a.yml", text)
    ways = {
        (view.source.position(finding.span.start).line, each.title.rpartition(" ")[2])
        for finding in view.findings
        if finding.rule == "uppercase-repository"
        for each in silencings(view, finding)
    }
    # A comment in a script is one; in a list of tags it would be a tag.
    assert (15, "file") in ways and (15, "here") not in ways
    assert (9, "here") in ways or (9, "file") not in ways


def test_not_in_the_middle_of_a_command(desk: Desk) -> None:
    text = "#!/bin/sh\ndocker build \\\n  --tag ghcr.io/Acme/widget:1 \\\n  --push .\n"
    found = silenced(desk, "build.sh", text, "uppercase-repository")
    assert list(found) == ["file"]
    assert found["file"].startswith("#!/bin/sh\n# imglint: ignore-file[uppercase-repository]\n")


def test_not_where_there_are_no_comments(desk: Desk) -> None:
    text = '{"target": {"a": {"tags": ["ghcr.io/Acme/widget"], "output": ["type=registry"]}}}'
    view = desk.put("docker-bake.json", text)
    assert view.findings and [each for finding in view.findings for each in silencings(view, finding)] == []


@pytest.mark.shared
def test_on_files_that_people_wrote(desk: Desk, shared: Path) -> None:
    """The finding is gone, no other comes or goes, and BuildKit reads the same instructions."""
    paths = [path for path in sorted((shared / "corpus").resolve().rglob("*ockerfile*")) if path.is_file()]
    tried = 0
    for path in paths[::40]:
        text = decode(path.read_bytes())
        if kind_of(path.as_posix()) is not Kind.DOCKERFILE or not text:
            continue
        view = desk.put("Dockerfile", text)
        before = [each.rule for each in view.findings]
        for finding in {each.rule: each for each in view.findings}.values():
            for each in silencings(view, finding):
                after = desk.put("Dockerfile", edited(text, each.edits))
                left = [each.rule for each in after.findings]
                assert finding.rule not in left or before.count(finding.rule) > left.count(finding.rule), path
                others = [rule for rule in before if rule != finding.rule]
                assert [rule for rule in left if rule != finding.rule] == others, (path, each)
                assert view.evaluation and after.evaluation
                assert [each.line.text for each in view.evaluation.dockerfile.instructions] == [
                    each.line.text for each in after.evaluation.dockerfile.instructions
                ]
                tried += 1
    assert tried > 100
