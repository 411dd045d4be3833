"""The report in Markdown, read by a Markdown reader."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given, settings
from markdown_it import MarkdownIt

from imglint.finding import Severity
from imglint.report import Checkout, InputProblem, Result, Style, renderer
from imglint.report.markdown import MAX_BYTES

from .samples import finding, marked, result
from .test_formats import results

CHECKOUT = Checkout("/w", "/w/sub", "https://github.com/acme/widget/blob/0abc/")


def render(outcome: Result, style: Style = Style()) -> str:  # noqa: B008
    return "".join(renderer("markdown")(outcome, style))


class Reader(HTMLParser):
    """The rows of all tables as the text of their cells, and everything that is linked to."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.inside = self.inside or tag == "table"
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "br" and self.inside:
            self.rows[-1][-1] += "\n"
        elif tag == "a":
            self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "table"

    def handle_data(self, data: str) -> None:
        if self.inside and self.rows and self.rows[-1] and data != "\n":
            self.rows[-1][-1] += data


def read(outcome: Result, style: Style = Style()) -> Reader:  # noqa: B008
    reader = Reader()
    reader.feed(MarkdownIt("commonmark").enable("table").render(render(outcome, style)))
    return reader


def test_a_report() -> None:
    outcome = result(
        finding(marked("FROM a\n«LABEL» x\n"), "`x|y` is *wrong*", rule="a-b", help="write `z`:\n  a: *b* | c\n  d"),
        finding(marked("«x»", "b"), severity=Severity.INFO),
        errors=(InputProblem("gone", "does not exist"),),
        files=3,
    )
    text = render(outcome)
    assert text.startswith("## ❌ imglint: Found 1 error and 1 note in 2 of 3 files; 1 input could not be judged\n")
    assert text.endswith("\n### Not judged\n\n- `gone`: does not exist\n")
    reader = read(outcome)
    assert reader.rows[1] == ["❌", "2:1", "x|y is *wrong*\n→ write z:  a: *b* | c\n  d", "a-b"]
    assert reader.rows[3] == ["💡", "1:1", "something is wrong", "some-rule"]
    assert reader.links == ["https://example.org/rules/a-b", "https://example.org/rules/some-rule"]


def test_places_are_linked_where_the_repository_is_known() -> None:
    outcome = result(finding(marked("\n«x»", "a b/Dockerfile")))
    assert read(outcome, Style(checkout=CHECKOUT)).links[0] == (
        "https://github.com/acme/widget/blob/0abc/sub/a%20b/Dockerfile#L2"
    )
    assert "### `sub/a b/Dockerfile`\n" in render(outcome, Style(checkout=CHECKOUT))


def test_a_clean_run() -> None:
    assert render(result(files=2)) == "## ✅ imglint: No problems in 2 files\n"


def test_a_step_summary_has_its_limit() -> None:
    long = "x" * 200
    outcome = result(*(finding(marked(f"{number}«x»"), long, help=long) for number in range(2500)))
    text = render(outcome)
    shown = text.count("\n| ❌ |")
    assert text.endswith(f"\nand {2500 - shown:,} more findings\n")
    assert MAX_BYTES * 0.95 < len(text.encode()) < 1 << 20


@settings(max_examples=100, deadline=None)
@given(outcome=results())
def test_whatever_is_found_stays_in_its_cell(outcome: Result) -> None:
    reader = read(outcome)
    rows = [row for row in reader.rows if row[0] not in ("",)]
    assert len(rows) == len(outcome.findings)
    assert all(len(row) == 4 for row in rows)
    assert reader.tags <= {
        "h2",
        "h3",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "code",
        "pre",
        "br",
        "a",
        "ul",
        "li",
        "p",
    }
