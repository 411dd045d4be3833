"""A file means the same with either line ending, all rules included."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from imglint.catalog import Catalog
from imglint.config import defaults
from imglint.engine import Engine, Request
from imglint.model.kind import Kind
from imglint.model.understanding import File
from imglint.project import Project, assumed
from imglint.read import rules
from imglint.source import Source, decode

from .dockerfiles import dockerfiles

ENGINE = Engine(Catalog(rules.rule_families(), rules.rule_page))
EVERY = 40
"""One file of the corpus in so many is looked at."""


def findings(text: str) -> list[tuple[str, int, int, str]]:
    profile = rules.registry_profile("ghcr.io")
    assert profile is not None
    source = Source("Dockerfile", text)
    given = defaults()
    file = File("Dockerfile", Kind.DOCKERFILE, source)
    project = Project((file,), lambda path: None, lambda: None, lambda path: assumed(given, named=True))
    judgement = ENGINE.judge(project, {"Dockerfile": Request(source, given, profile, lambda: None)})["Dockerfile"]
    return [(each.rule, *source.position(each.span.start), each.message) for each in judgement.findings]


@settings(max_examples=150, deadline=None)
@given(dockerfiles(odd=False))
def test_line_feeds_and_carriage_returns(text: str) -> None:
    assert findings(text.replace("\n", "\r\n")) == findings(text)


@pytest.mark.shared
def test_line_endings_of_real_files(shared: Path) -> None:
    files = sorted((shared / "corpus").rglob("Dockerfile"))[::EVERY]
    texts = [decode(file.read_bytes()).replace("\r\n", "\n") for file in files]
    assert len(texts) > 50
    assert [findings(text.replace("\n", "\r\n")) for text in texts] == [findings(text) for text in texts]
