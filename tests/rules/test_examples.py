"""Every example of every rule page, judged the way `imglint check` judges a folder."""

from __future__ import annotations

import io
import os
import tarfile
from itertools import pairwise, zip_longest
from pathlib import Path

import pytest

from imglint.cli.images import new_run, read, read_options, request, settings_here
from imglint.cli.judging import judge
from imglint.cli.projects import ALL_KINDS, projects
from imglint.cli.run import Options, Run
from imglint.finding import Finding
from imglint.fix import MAX_ROUNDS, mend
from imglint.judgeimage import judge_image
from imglint.read.file import display
from imglint.read.rules import rule_families, rule_page

from .examples import MENDED, Example, Mark, examples


def is_image(example: Example) -> bool:
    """Whether the main file is a document of an image."""
    name = example.name
    return name.startswith("blobs/") or (name.endswith(".json") and "bake" not in name and not name.startswith("."))


CASES = [
    pytest.param(rule, example, id=f"{rule}:{example.line}-{example.kind}")
    for rule, family in sorted(rule_families().items())
    for example in examples(rule_page(family, rule))
]
PAIRS = [
    pytest.param(rule, bad, follows if follows and follows.kind in MENDED else None, id=f"{rule}:{bad.line}")
    for rule, family in sorted(rule_families().items())
    for bad, follows in pairwise((*examples(rule_page(family, rule)), None))
    if bad is not None and bad.kind == "bad" and not is_image(bad)
]
VARIABLES = ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "GIT_CONFIG_GLOBAL", "XDG_CONFIG_HOME")
SETTINGS = ("IMGLINT_REPOSITORY", "IMGLINT_SELECT", "IMGLINT_IGNORE", "IMGLINT_FAIL_ON")


def findings(rule: str, example: Example, folder: Path) -> list[Finding]:
    """What the rule finds in the example. All rules run, since suppressions are judged by what the others find."""
    lay_out(example, folder)
    found = found_in(Run(Options(paths=(str(folder),)), ALL_KINDS), rule)
    main = display(str(folder / example.name))
    assert [finding for finding in found if finding.source.path != main] == []
    return found


def found_in(run: Run, rule: str) -> list[Finding]:
    """What the rule finds among what the run judges."""
    result, _ = judge(run, projects(run))
    assert run.failures == []
    return [finding for finding in result.findings if finding.rule == rule]


def fixed(rule: str, example: Example, folder: Path) -> tuple[tuple[str, str], ...]:
    """The files of an example after every fix of the rule; the same files where there is none."""
    lay_out(example, folder)
    run = Run(Options(paths=(str(folder),)), ALL_KINDS)
    for _ in range(MAX_ROUNDS):
        done = mend(found_in(run, rule), unsafe=True)
        if not done.texts:
            break
        run.texts.update({source.path: text for source, text in done.texts.items()})
    return tuple((name, run.texts.get(display(str(folder / name)), text)) for name, text in example.files)


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


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory of its own, and nothing around it that has a say."""
    for variable in (*VARIABLES, *SETTINGS):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_example(rule: str, example: Example, tmp_path: Path) -> None:
    judge_example = image_findings if is_image(example) else findings
    found = sorted(map(mark, judge_example(rule, example, tmp_path)))
    expected = sorted(example.marks)
    report = f"found:\n{shown(found, example.text)}\n\nexpected:\n{shown(expected, example.text)}"
    assert [each[:3] for each in found] == [each[:3] for each in expected], report
    for is_there, wanted in zip(found, expected, strict=True):
        assert wanted.text in is_there.text, report


@pytest.mark.parametrize(("rule", "bad", "follows"), PAIRS)
def test_fix(rule: str, bad: Example, follows: Example | None, tmp_path: Path) -> None:
    """A fixed example is what the fix makes of the bad one; where there is a fix, the page shows what it does."""
    result = fixed(rule, bad, tmp_path)
    if follows is not None and follows.kind == "fixed":
        assert dict(result) == dict(follows.files)
    else:
        assert dict(result) == dict(bad.files), "there is a fix: show it in a fixed example"
