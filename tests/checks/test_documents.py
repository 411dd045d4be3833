"""Manuals as people write them: what is said of each, and that nothing else is."""

from __future__ import annotations

import shutil
from pathlib import Path

from imglint.cli.judging import judge
from imglint.cli.projects import projects
from imglint.cli.run import Options, Run
from imglint.model.kind import Kind

DOCUMENTS = Path(__file__).parent / "documents"


def test_manuals(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(DOCUMENTS, folder)
    (folder / ".git").mkdir()
    run = Run(Options(paths=(str(folder),), select=("tokens",)), frozenset(Kind))
    result, _ = judge(run, projects(run))
    assert [
        (
            Path(each.source.path).relative_to(folder).as_posix(),
            each.source.position(each.span.start).line,
            each.rule,
            each.severity.word,
        )
        for each in result.findings
    ] == [
        ("docs/gh.md", 7, "unknown-token-scope", "error"),
        ("docs/publishing.md", 4, "token-without-expiry", "info"),
        ("docs/publishing.md", 6, "broad-token-scope", "warning"),
        ("docs/publishing.md", 19, "redundant-token-scope", "info"),
        ("docs/publishing.md", 19, "broad-token-scope", "error"),
        ("docs/releasing.md", 4, "broad-token-scope", "info"),
    ]
    assert result.files == 7
