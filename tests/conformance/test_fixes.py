"""Every fix applied to every project of the corpus: nothing is added, and nothing else is read otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from imglint.cli import mender as rounds
from imglint.cli.mender import Mender
from imglint.cli.projects import ALL_KINDS
from imglint.cli.run import Options, Run
from imglint.finding import Finding
from imglint.model.kind import Kind, kind_of
from imglint.source import Source
from imglint.syntax import hcl, yaml
from imglint.syntax.dockerfile import Dockerfile, parse
from imglint.syntax.tree import Instruction
from imglint.syntax.yamledit import leaves

pytestmark = pytest.mark.shared

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
PROJECTS = sorted(path.name for path in CORPUS.iterdir() if path.is_dir()) if CORPUS.is_dir() else []
METADATA = ("LABEL", "MAINTAINER")
EDITS_OF_A_FIX = 3
"""Values that one fix changes in a YAML file, at most."""


@pytest.mark.parametrize("name", PROJECTS)
def test_all_fixes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "IMGLINT_SELECT", "IMGLINT_IGNORE", "IMGLINT_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("IMGLINT_REPOSITORY", name.replace("__", "/", 1))
    monkeypatch.chdir(CORPUS / name)
    monkeypatch.setattr(rounds, "refusal", lambda path: "")  # The measured data are read-only.
    mender = Mender(Run(Options((".",)), ALL_KINDS), unsafe=True)
    before = counts(mender.result.findings)
    mender.mend()
    after = counts(mender.result.findings)
    assert {key: count for key, count in after.items() if count > before[key]} == {}
    # What is left to mend is what would bring up other findings: a second time changes nothing.
    harmful = {(rule, path) for rule, path, *_ in mender.harmful}
    assert {(each.rule, each.source.path) for each in mender.result.findings if each.fix} <= harmful
    for path, (old, new) in mender.texts.items():
        mended = [each for each in mender.mended if touches(each, path)]
        assert mended
        compare(path, Source(path, old), Source(path, new), mended)


def counts(findings: tuple[Finding, ...]) -> Counter[tuple[str, str]]:
    return Counter((each.rule, each.source.path) for each in findings)


def touches(finding: Finding, path: str) -> bool:
    return finding.fix is not None and any(edit.source.path == path for edit in finding.fix.edits)


def compare(path: str, old: Source, new: Source, mended: list[Finding]) -> None:
    kind = kind_of(f"/{path}")
    if kind in (Kind.WORKFLOW, Kind.ACTION, Kind.COMPOSE):
        assert yaml.parse(new).problems == yaml.parse(old).problems
        one, two = Counter(leaves(yaml.parse(old))), Counter(leaves(yaml.parse(new)))
        assert (two - one).total() <= EDITS_OF_A_FIX * len(mended)
        assert (one - two).total() <= (two - one).total()
    elif kind is Kind.BAKE and path.endswith(".hcl"):
        assert hcl.parse(new).problems == hcl.parse(old).problems
    elif kind is Kind.DOCKERFILE:
        compare_dockerfiles(parse(old), parse(new), mended)


def compare_dockerfiles(old: Dockerfile, new: Dockerfile, mended: list[Finding]) -> None:
    assert (new.escape, len(new.directives)) == (old.escape, len(old.directives))
    assert [each.code for each in new.problems] == [each.code for each in old.problems]
    assert [row(each) for each in others(new)] == [row(each) for each in others(old)]
    one, two = Counter(pairs(old)), Counter(pairs(new))
    added = sum(each.rule.startswith("missing-") for each in mended)
    assert (two - one).total() <= len(mended)
    assert (one - two).total() <= len(mended) - added


def others(dockerfile: Dockerfile) -> Iterator[Instruction]:
    return (each for each in dockerfile.instructions if each.name not in METADATA)


def pairs(dockerfile: Dockerfile) -> Iterator[tuple[str, str]]:
    for each in dockerfile.instructions:
        if each.name == "MAINTAINER":
            yield "MAINTAINER", each.rest.text
        elif each.name == "LABEL":
            yield from ((pair.key.text, pair.value.text if pair.value else "") for pair in each.pairs)


def row(each: Instruction) -> tuple[object, ...]:
    """All that BuildKit reads in an instruction, without its place."""
    inner = row(each.inner) if each.inner and each.inner.name not in METADATA else None
    return (
        each.name, [flag.text for flag in each.flags], [word.text for word in each.arguments], each.exec_form,
        [(pair.key.text, pair.value.text if pair.value else None, pair.separator) for pair in each.pairs],
        [(doc.name, doc.fd, doc.expand, doc.chomp, doc.content) for doc in each.heredocs],
        each.inner.name if each.inner and each.inner.name not in METADATA else None, inner,
        [comment.text for comment in each.comments if "imglint" not in comment.text],
    )  # fmt: skip
