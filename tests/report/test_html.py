"""The page for a browser, read as one and looked at in one."""

from __future__ import annotations

import re
import subprocess
import zlib
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings

from imglint.finding import Related, Severity
from imglint.report import Checkout, InputProblem, Result, Style, renderer
from imglint.report.html import MAX_FRAMES
from imglint.source import Source

from .samples import finding, marked, result, silenced, span
from .test_formats import results

VOID = {"meta", "br", "link"}
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
)  # fmt: skip
OURS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "h4", "p", "ul", "li", "section",
    "nav", "span", "a", "article", "div", "pre", "b", "i", "code", "footer",
}  # fmt: skip


def render(outcome: Result, style: Style = Style()) -> str:  # noqa: B008
    return "".join(renderer("html")(outcome, style))


class Reader(HTMLParser):
    """Reads a document that closes what it opens; collects the text by class, and the addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.texts: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert not {name for name in given if name.startswith("on")} and tag != "script"
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in VOID:
            name = given.get("class") or tag
            self.open.append((tag, name))
            self.texts.setdefault(name, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, name in self.open:
            self.texts[name][-1] += data


def read(outcome: Result, style: Style = Style()) -> Reader:  # noqa: B008
    reader = Reader()
    reader.feed(render(outcome, style))
    reader.close()
    assert reader.open == []
    return reader


def sample() -> Result:
    other = Source("ci/build.sh", "docker build .\n")
    return result(
        finding(
            marked("FROM a\nLABEL x=<b>«1»\n"),
            "`x` is <i>wrong</i>",
            "this & that",
            rule="a-rule",
            severity=Severity.WARNING,
            why="somebody reads it",
            help="write\n  y: <1>\n  z",
            related=(Related(other, span(other, "docker build"), "built here"),),
        ),
        finding(marked("«x»", "b"), severity=Severity.INFO),
        errors=(InputProblem("gone", "does not exist"),),
        files=3,
        suppressed=silenced(2),
    )


def test_a_page() -> None:
    reader = read(sample())
    assert reader.texts["title"] == [
        "imglint: Found 1 warning and 1 note in 2 of 3 files (2 suppressed); 1 input could not be judged."
    ]
    assert reader.texts["file"] == ["Dockerfile", "b"]
    assert reader.texts["h4"] == ["warning x is <i>wrong</i>", "note something is wrong"]
    frame = reader.texts["frame"][0]
    assert " --> Dockerfile:2:12\n" in frame
    assert " 2 | LABEL x=<b>1\n" in frame
    assert "^ this & that\n" in frame
    assert "------------ built here" in frame
    assert reader.texts["notes"][0] == "why somebody reads itfix write  y: <1>\n  z"
    assert reader.texts["plain"] == ["\ngone does not exist\n"]
    assert reader.links == ["#f0", "#f1", "https://example.org/rules/a-rule", "https://example.org/rules/some-rule"]


def test_places_are_linked_where_the_repository_is_known() -> None:
    checkout = Checkout("/w", "/w", "https://github.com/acme/widget/blob/0abc/")
    assert "https://github.com/acme/widget/blob/0abc/Dockerfile#L2" in read(sample(), Style(checkout=checkout)).links


def test_a_clean_run() -> None:
    reader = read(result(files=2))
    assert reader.texts["p"] == ["No problems in 2 files."]
    assert "article" not in reader.tags


def test_very_many_findings_are_shown_without_their_code() -> None:
    outcome = result(*(finding(marked(f"{number} «x»")) for number in range(MAX_FRAMES + 5)))
    reader = read(outcome)
    assert (len(reader.texts["frame"]), reader.tags.count("article")) == (MAX_FRAMES, MAX_FRAMES + 5)


@settings(max_examples=100, deadline=None)
@given(outcome=results())
def test_whatever_is_found_the_page_holds_and_loads_nothing_else(outcome: Result) -> None:
    reader = read(outcome)
    assert set(reader.tags) <= OURS
    assert all(link.startswith(("https://", "#f")) for link in reader.links)
    assert reader.tags.count("h4") == len(outcome.findings)


# In a browser ---------------------------------------------------------------------------------------------------------


def browse(chromium: str, page: Path, *flags: str) -> str:
    command = [chromium, *FLAGS, f"--user-data-dir={page.parent / 'profile'}", *flags, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def corner(picture: Path) -> tuple[int, ...]:
    """The colour of the first pixel of a PNG (8 bits a channel; of the first row, any filter leaves it as it is)."""
    data = picture.read_bytes()
    chunks, at = b"", 8
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        chunks += data[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    return tuple(zlib.decompress(chunks)[1:4])


@pytest.mark.tools
def test_chromium_shows_it(tool: Callable[[str], str], tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(render(sample()))
    shown = browse(tool("chromium"), page, "--dump-dom")
    assert len(re.findall('<article class="matter', shown)) == 2
    assert "LABEL x=&lt;b&gt;1" in shown


@pytest.mark.tools
@pytest.mark.parametrize(("scheme", "colour"), [("1", (255, 255, 255)), ("0", (13, 17, 23))], ids=["light", "dark"])
def test_light_and_dark(tool: Callable[[str], str], tmp_path: Path, scheme: str, colour: tuple[int, ...]) -> None:
    page, picture = tmp_path / "report.html", tmp_path / "report.png"
    page.write_text(render(sample()))
    browse(tool("chromium"), page, f"--blink-settings=preferredColorScheme={scheme}", f"--screenshot={picture}")
    assert corner(picture) == colour


@pytest.mark.tools
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(tool: Callable[[str], str], tmp_path: Path, width: int) -> None:
    """Long lines and words scroll in their box: seen by a frame around the page that measures it."""
    long = "word" * 100
    outcome = result(
        finding(marked(f"«{long}»" + "x" * 300, long), long, long, rule=long, why=long, help=f"{long}\n{long}")
    )
    page, around = tmp_path / "report.html", tmp_path / "around.html"
    page.write_text(render(outcome))
    around.write_text(
        f'<iframe id=f src="report.html" style="width:{width}px;height:600px;border:0"></iframe><script>'
        "onload = () => document.title = f.contentDocument.documentElement.scrollWidth</script>"
    )
    shown = browse(tool("chromium"), around, "--allow-file-access-from-files", "--dump-dom")
    assert f"<title>{width}</title>" in shown
