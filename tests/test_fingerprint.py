"""Names of findings that stay when the file around them changes."""

from __future__ import annotations

from imglint.finding import Finding, Severity
from imglint.fingerprint import MAX_CHARACTERS, fingerprint, fingerprints
from imglint.source import Source, Span


def finding(text: str, path: str = "Dockerfile", rule: str = "some-rule") -> Finding:
    """A finding on what stands between the guillemets."""
    start, end = text.index("«"), text.index("»") - 1
    source = Source(path, text.replace("«", "").replace("»", ""))
    return Finding(rule, "labels", Severity.ERROR, source, Span(start, end), "a message")


def test_lines_above_and_spacing_change_nothing() -> None:
    base = fingerprint(finding("FROM a\n«LABEL x=1  y=2»\n"))
    assert fingerprint(finding("# more\n\nFROM b\n  «LABEL x=1 \t y=2»\n", "./Dockerfile")) == base


def test_rule_path_and_words_count() -> None:
    texts = ("«LABEL x=1»", "«LABEL x=2»")
    names = {
        fingerprint(finding(text, path, rule)) for text in texts for path in ("a", "b") for rule in ("one", "other")
    }
    assert len(names) == 8


def test_equal_ones_are_numbered() -> None:
    same = finding("«LABEL x=1»")
    first, second, other = fingerprints([same, same, finding("«LABEL x=2»")])
    assert (first[-2:], second[-2:], other[-2:]) == (":1", ":2", ":1")
    assert first[:-2] == second[:-2] == fingerprint(same)


def test_the_path_may_be_told_from_elsewhere() -> None:
    below = finding("«LABEL x=1»", "sub/Dockerfile")
    assert next(fingerprints([below], lambda path: path.removeprefix("sub/"))) == (
        next(fingerprints([finding("«LABEL x=1»")]))
    )


def test_only_the_beginning_of_a_huge_span_counts() -> None:
    beginning = "x" * MAX_CHARACTERS
    assert fingerprint(finding(f"«{beginning}a»")) == fingerprint(finding(f"«{beginning}b»"))


def test_lone_surrogates_are_no_problem() -> None:
    assert fingerprint(finding("«LABEL x=\udcff»"))
