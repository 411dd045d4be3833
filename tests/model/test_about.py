"""What a project says of itself in manifests and licence files."""

from __future__ import annotations

from pathlib import Path

import pytest

from imglint.model.about import NOTHING, read
from imglint.read.about import about


@pytest.mark.parametrize(
    ("name", "text", "license", "description"),
    [
        ("pyproject.toml", '[project]\nlicense = "MIT"\ndescription = "Says\\n hello"\n', "MIT", "Says hello"),
        ("pyproject.toml", '[project]\nlicense = {text = "apache 2.0"}\n', "Apache-2.0", ""),
        ("pyproject.toml", '[project]\nlicense = {file = "LICENSE"}\n', "", ""),
        ("pyproject.toml", '[tool.poetry]\nlicense = "MIT"\ndescription = "x"\n', "MIT", "x"),
        ("pyproject.toml", 'project = 3\n', "", ""),
        ("pyproject.toml", '[project]\r\nlicense = "MIT"\r\n', "MIT", ""),
        ("pyproject.toml", "not toml", "", ""),
        ("package.json", '{"license": "(MIT OR Apache-2.0)", "description": "x"}', "(MIT OR Apache-2.0)", "x"),
        ("package.json", '{"license": "UNLICENSED"}', "", ""),
        ("package.json", '{"license": "SEE LICENSE IN LICENSE.md"}', "", ""),
        ("package.json", '{"license": {"type": "MIT"}, "description": ["x"]}', "", ""),
        ("package.json", "[1]", "", ""),
        ("package.json", "[" * 100_000, "", ""),
        ("package.json", '{"description": "a\\u0007b"}', "", ""),
        ("Cargo.toml", '[package]\nlicense = "MIT/Apache-2.0"\ndescription = "x"\n', "MIT OR Apache-2.0", "x"),
        ("Cargo.toml", "[package]\nlicense.workspace = true\n", "", ""),
        # Which of the two "only" and "or later" is meant, the text does not say.
        ("LICENSE", "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n", "", ""),
        ("LICENSE", "MIT", "", ""),
    ],
)  # fmt: skip
def test_what_files_say(name: str, text: str, license: str, description: str) -> None:
    found = read(name, text)
    assert (found.licenses.value, found.description.value) == (license, description)
    assert all(fact.where == (name if fact.value else "") for fact in found)


def test_what_is_nearest_counts(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "package.json").write_text('{"license": "MIT", "description": "all of it"}')
    inner = tmp_path / "services" / "a"
    inner.mkdir(parents=True)
    (inner / "pyproject.toml").write_text('[project]\ndescription = "one part"\n')
    found = about(str(inner))
    assert found.description == ("one part", "services/a/pyproject.toml")
    assert found.licenses == ("MIT", "package.json")
    assert about(str(tmp_path / "services")).description == ("all of it", "package.json")


def test_nothing_is_read_from_outside_of_a_repository(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"license": "MIT"}')
    (tmp_path / "inner" / ".git").mkdir(parents=True)
    (tmp_path / "inner" / "pyproject.toml").symlink_to(tmp_path / "package.json")
    assert about(str(tmp_path / "inner")) == NOTHING
    (tmp_path / "plain").mkdir()
    assert about(str(tmp_path / "plain")) == NOTHING


@pytest.mark.shared
def test_licences_of_the_corpus(shared: Path) -> None:
    """Where a text is recognised, it is what its project is known for; most are."""
    rows = [line.split("\t") for line in (shared / "corpus" / "files.tsv").read_text().splitlines()[1:]]
    known = seen = 0
    for repository, path, kind, license, *_ in rows:
        if kind == "licence" and path in ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING"):
            text = (shared / "corpus" / repository.replace("/", "__") / path).read_text("utf-8", "replace")
            found = read(path, text).licenses.value
            seen += 1
            known += bool(found)
            assert found in ("", license), repository
    assert known > 0.9 * seen
