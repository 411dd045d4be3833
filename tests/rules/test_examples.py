"""Every example of every rule page, judged the way `imglint check` judges a folder."""

from __future__ import annotations

import io
import os
import tarfile
from itertools import zip_longest
from pathlib import Path

import pytest

from imglint.cli.images import new_run, read, read_options, request, settings_here
from imglint.cli.judging import judge
from imglint.cli.projects import ALL_KINDS, projects
from imglint.cli.run import Options, Run
from imglint.finding import Finding
from imglint.judgeimage import judge_image
from imglint.read.file import display
from imglint.read.rules import rule_families, rule_page

from .examples import Example, Mark, examples

CASES = [
    pytest.param(rule, example, id=f"{rule}:{example.line}-{example.kind}")
    for rule, family in sorted(rule_families().items())
    for example in examples(rule_page(family, rule))
]
VARIABLES = ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "GIT_CONFIG_GLOBAL", "XDG_CONFIG_HOME")
SETTINGS = ("IMGLINT_REPOSITORY", "IMGLINT_SELECT", "IMGLINT_IGNORE", "IMGLINT_FAIL_ON")


def findings(rule: str, example: Example, folder: Path) -> list[Finding]:
    """What the rule finds in the example. All rules run, since suppressions are judged by what the others find."""
    lay_out(example, folder)
    run = Run(Options(paths=(str(folder),)), ALL_KINDS)
    result, _ = judge(run, projects(run))
    assert run.failures == []
    found = [finding for finding in result.findings if finding.rule == rule]
    main = display(str(folder / example.name))
    assert [finding for finding in found if finding.source.path != main] == []
    return found


def lay_out(example: Example, folder: Path) -> None:
    """Write the files of an example; neither a configuration nor a repository further up has a say."""
    (folder / ".git").mkdir()
    for name, text in example.files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.startswith("blobs/") and name.endswith(".tar"):
            path.with_suffix("").write_bytes(layer(text))
        elif name.endswith("/layer.tar"):
            path.write_bytes(layer(text))
        else:
            path.write_bytes(text.encode())


def layer(listing: str) -> bytes:
    """A layer of the files that lines such as `4755 /bin/su: its content` name; `~4` MiB of zeros are written `~4`."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for line in listing.splitlines():
            mode, _, rest = line.partition(" ")
            path, _, content = rest.partition(": ")
            data = b"\0" * (int(content[1:]) << 20) if content[:1] == "~" else content.replace("\\n", "\n").encode()
            member = tarfile.TarInfo(path.lstrip("/"))
            member.mode, member.size = int(mode, 8), len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def archived(folder: Path, names: set[str]) -> str:
    """The files as `docker save` puts them into an archive; its name."""
    with tarfile.open(folder / "image.tar", "w") as archive:
        for name in sorted(names):
            archive.add(folder / name, name)
    return "image.tar"


def is_image(example: Example) -> bool:
    """Whether the main file is a document of an image."""
    name = example.name
    return name.startswith("blobs/") or (name.endswith(".json") and "bake" not in name and not name.startswith("."))


def image_findings(rule: str, example: Example, folder: Path) -> list[Finding]:
    """What the rule finds in the image of an example, as `imglint image --layers` does, from within its folder."""
    lay_out(example, folder)
    os.chdir(folder)
    names = {name for name, _ in example.files}
    run = new_run(None)
    options = read_options(None, False, False, True, True)._replace(layers=any(name.endswith(".tar") for name in names))
    read_from = "." if "oci-layout" in names else example.name
    if any(name.endswith("/layer.tar") for name in names):
        read_from = archived(folder, names)
    found: list[Finding] = []
    for image in read(run, (read_from,), options):
        judgement = judge_image(run.engine, image, request(run, settings_here(run), image))
        assert judgement.failure == ""
        found += [finding for finding in judgement.findings if finding.rule == rule]
    assert run.failures == []
    assert [finding for finding in found if not is_shown(finding.source.text, example.text)] == []
    return found


def is_shown(text: str, example: str) -> bool:
    """Whether a text is that of an example, with stars for secrets."""
    pairs = zip_longest(text.rstrip("\n"), example.rstrip("\n"))
    return all(shown in (written, "*") for shown, written in pairs)


def mark(finding: Finding) -> Mark:
    """Where a finding is, cut off at the end of its first line."""
    source, span = finding.source, finding.span
    line, column = source.position(span.start)
    end = min(span.end - span.start + column - 1, len(source.line(line)))
    return Mark(line, column - 1, end, f"{finding.message} | {finding.label}")


def shown(marks: list[Mark], text: str) -> str:
    """The text with its marks drawn below the lines, for messages of failed tests."""
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        rows.append(line)
        rows += [
            " " * each.start + "^" * (each.end - each.start) + " " + each.text for each in marks if each.line == number
        ]
    return "\n".join(rows)


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_example(rule: str, example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (*VARIABLES, *SETTINGS):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.chdir(tmp_path)
    judge_example = image_findings if is_image(example) else findings
    found = sorted(map(mark, judge_example(rule, example, tmp_path)))
    expected = sorted(example.marks)
    report = f"found:\n{shown(found, example.text)}\n\nexpected:\n{shown(expected, example.text)}"
    assert [each[:3] for each in found] == [each[:3] for each in expected], report
    for is_there, wanted in zip(found, expected, strict=True):
        assert wanted.text in is_there.text, report
