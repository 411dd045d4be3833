"""The site: built strictly and without a network, read link by link, and looked at in a browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from imglint.catalog import Catalog
from imglint.read.rules import rule_families, rule_page
from tools.website import reference
from tools.website.colour import coloured, linked
from tools.website.rulepages import Fence, blocks, clean_marker

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "rules" / "schema" / "config.json").read_bytes())
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
)  # fmt: skip
LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}
"""Elements that make a browser fetch something, and the attribute that names it."""


class Document(HTMLParser):
    """What a page links to, what it loads, and the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.names: set[str] = set()
        self.classes: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.names |= {given[name] for name in ("id", "name") if name in given}
        self.classes += given.get("class", "").split()
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        fetched = given.get(LOADED.get(tag, ""), "")
        if fetched and given.get("rel") not in ("canonical", "prev", "next"):
            self.loads.append(fetched)


class Site(NamedTuple):
    """The folder that the site was built into, and its pages by their paths in it."""

    folder: Path
    pages: dict[str, Document]

    def page(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")


OFFLINE = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        sys.exit(f"{event} {arguments}")
sys.addaudithook(refuse)
from mkdocs.__main__ import cli
cli()
"""
"""mkdocs, which ends when anything in it asks for a connection or an address."""


def build(root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", OFFLINE, "build", "--site-dir", str(folder)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(words, cwd=root, env=quiet, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    pytest.importorskip("material")
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stderr
    assert {line.split()[0] for line in done.stderr.splitlines()} == {"INFO"}, done.stderr
    pages = {str(path.relative_to(folder)): Document(path.read_text("utf-8")) for path in folder.rglob("*.html")}
    return Site(folder, pages)


# The pages ------------------------------------------------------------------------------------------------------------


def test_every_page_of_docs_is_there(site: Site) -> None:
    sources = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert {*sources, "configuration-reference", "404"} == {name[:-5] for name in site.pages if "/" not in name}


def test_every_rule_has_a_page(site: Site) -> None:
    expected = {f"rules/{family}/{name}.html" for name, family in rule_families().items()}
    assert {name for name in site.pages if name.startswith("rules/")} == expected
    listed = {link for link in site.pages["rules.html"].links if re.fullmatch(r"rules/\w+/[\w-]+\.html", link)}
    assert listed == expected


def test_a_rule_shows_its_facts_and_not_their_toml(site: Site) -> None:
    for rule in Catalog(rule_families(), rule_page).rules():
        text = site.page(f"rules/{rule.family}/{rule.name}.html")
        article = text.partition("<article")[2].partition("</article>")[0]
        assert '"severity"' not in article and "summary =" not in article
        assert f'<span class="fact {rule.severity.word}">' in article
        assert ('<span class="fact fixable">' in article) == rule.fixable
        assert re.findall(r'class="fact alias">\w+ <code>([^<]+)<', article) == [
            name for names in rule.aliases.values() for name in names
        ]
        assert set(rule.references) <= set(site.pages[f"rules/{rule.family}/{rule.name}.html"].links)
        examples = [fence for fence in blocks(rule.page) if isinstance(fence, Fence)]
        for kind in ("bad", "fixed", "mended", "good", "with"):
            written = sum(1 for fence in examples if re.match(rf"\S+ {kind}\b", fence.info))
            assert article.count(f'example {kind} highlight"') == written, (rule.name, kind)


def test_every_marked_line_is_coloured_and_no_comment_any_more(site: Site) -> None:
    marked = 0
    for rule in Catalog(rule_families(), rule_page).rules():
        bad = [fence for fence in blocks(rule.page) if isinstance(fence, Fence) and re.match(r"\S+ bad\b", fence.info)]
        lines = [line for fence in bad for line in fence.lines if clean_marker(line) is not None]
        text = site.page(f"rules/{rule.family}/{rule.name}.html")
        shown = re.findall(r'<span class="marker">([^<]*)</span>', text)
        assert len(shown) == len(lines), rule.name
        assert all(re.match(r"\s*\^", line) for line in shown)
        marked += len(lines)
    assert marked > len(rule_families())


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_it_reads_on_the_site_as_it_does_in_the_repository(site: Site, path: Path) -> None:
    """Two readers of Markdown see the same headings, items, cells and blocks."""
    text = path.read_text(encoding="utf-8")
    _, _, rest = text.partition("---\n")
    text = rest.partition("---\n")[2] if text.startswith("---\n") else text
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    article = site.page(f"{path.stem}.html").partition("<article")[2].partition("</article>")[0]
    for kind, tag in {"list_item_open": "li", "heading_open": "h[1-6]", "td_open": "td", "fence": "pre"}.items():
        expected = sum(1 for token in tokens if token.type == kind)
        assert len(re.findall(rf"<{tag}[ >]", article)) == expected, kind


# Links ----------------------------------------------------------------------------------------------------------------


def broken(site: Site) -> Iterator[tuple[str, str]]:
    """Links within the site that lead nowhere, with their page."""
    for name, page in site.pages.items():
        for link in page.links + page.loads:
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = (site.folder / name).parent / unquote(address.path) if address.path else site.folder / name
            if name == "404.html" and address.path.startswith("/"):
                target = site.folder / address.path.lstrip("/")
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                yield name, link
            elif address.fragment and target.suffix == ".html":
                there = site.pages[str(target.resolve().relative_to(site.folder.resolve()))]
                if unquote(address.fragment) not in there.names:
                    yield name, link


def test_every_link_within_leads_somewhere(site: Site) -> None:
    assert sum(len(page.links) for page in site.pages.values()) > 5_000
    assert list(broken(site)) == []


def test_links_to_the_repository_name_what_is_in_it(site: Site) -> None:
    pattern = re.compile(r"https://github\.com/imglint/imglint/(?:blob|tree)/main/([^#]+)")
    named = {found[1] for page in site.pages.values() for link in page.links if (found := pattern.match(link))}
    assert "bench" not in named and len(named) > 5
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_nothing_is_loaded_from_elsewhere(site: Site) -> None:
    for name, page in site.pages.items():
        assert [address for address in page.loads if urlsplit(address).netloc] == [], name
    for sheet in site.folder.rglob("*.css"):
        fetched = re.findall(r"url\(\s*['\"]?([^)'\"]+)|@import\s+['\"]([^'\"]+)", sheet.read_text("utf-8"))
        assert [found for found in fetched if re.match(r"(https?:)?//", "".join(found))] == [], sheet.name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[x](nowhere.md)", "nowhere.md"),
        ("[x](ci.md#nowhere)", "nowhere"),
        ("[x](../rules/labels/nowhere.md)", "nowhere"),
        ("[x](../rules/labels/missing-source.md#nowhere)", "nowhere"),
    ],
)
def test_a_broken_link_fails_the_build(text: str, said: str, tmp_path: Path) -> None:
    pytest.importorskip("material")
    for name in ("imglint", "rules", "tools", "mkdocs.yml"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "docs").mkdir()
    for path in (ROOT / "docs").iterdir():
        (tmp_path / "docs" / path.name).symlink_to(path)
    (tmp_path / "docs" / "dockle.md").unlink()
    (tmp_path / "docs" / "dockle.md").write_text(f"# dockle's checks\n\n{text}\n")
    for name in ("constraints.txt", "editors", "fixtures"):
        (tmp_path / name).symlink_to(ROOT / name)
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode != 0
    assert said in done.stderr and "dockle.md" in done.stderr


# The reference of the configuration -----------------------------------------------------------------------------------


def test_the_reference_has_every_key_and_default() -> None:
    text = reference.document(SCHEMA)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == list(SCHEMA["properties"])
    for part in SCHEMA["properties"].values():
        assert part["description"] in text
    assert '- **Without it**: `"warning"`' in text


def test_its_examples_are_the_schemas_and_can_be_used() -> None:
    fences = [block for block in blocks(reference.document(SCHEMA)) if isinstance(block, Fence)]
    documents = [tomllib.loads("\n".join(fence.lines)) for fence in fences]
    assert documents == [
        {name: example} for name, part in SCHEMA["properties"].items() for example in part.get("examples", ())
    ]
    for document in documents:
        assert list(Draft202012Validator(SCHEMA).iter_errors(document)) == []


# Colours --------------------------------------------------------------------------------------------------------------


def terminal(text: str) -> str:
    return coloured(f'<div class="terminal highlight"><pre><code>{text}</code></pre></div>', {"a-rule": "to.html"}.get)


@pytest.mark.parametrize(
    "line",
    [
        "$ imglint check &lt;here&gt; [a-rule]",
        "error: it says &lt;b&gt; [a-rule]",
        "Dockerfile:1:2: warning: it says [a-rule]",
        "   --&gt; Dockerfile:1:2",
        " 31 |   FROM &lt;x&gt;",
        "    |   ^^^^ no &amp; way",
        "    = why: it is so [no-rule]",
        "╭─ ghcr.io/a&amp;b ──╮",
        "│ ✗ No description   │",
        "│ ? tags  &lt;x&gt;   │",
        "+added &amp; kept",
        "-removed",
        "@@ -8,9 +8,9 @@",
        "plain",
        "",
    ],
)
def test_colours_change_no_character(line: str) -> None:
    code = re.search("<code>(.*)</code>", terminal(line), re.DOTALL)
    assert code is not None
    assert re.sub("<[^>]*>", "", code[1]) == line


def test_what_is_coloured() -> None:
    shown = terminal("error: x [a-rule]")
    assert '<span class="severity error">error</span>: x [<a href="to.html">a-rule</a>]' in shown
    assert "<a " not in terminal("error: x [no-rule]")
    assert '<span class="error">✗</span> No' in terminal("│ ✗ No │")
    assert '<span class="good">+new</span>' in terminal("+new")


def test_names_of_rules_are_linked_where_they_are_code_of_their_own() -> None:
    address = {"a-rule": "to.html"}.get
    assert linked("<code>a-rule</code>", address) == '<a href="to.html"><code>a-rule</code></a>'
    for text in (
        "<code>no-rule</code>",
        "a-rule",
        '<a href="x"><code>a-rule</code></a>',
        "<pre><code>a-rule</code></pre>",
    ):
        assert linked(text, address) == text


# In a browser ---------------------------------------------------------------------------------------------------------


class Served(NamedTuple):
    """The site on this machine: its address, what was asked for and is not there, and what a page told of itself."""

    address: str
    missing: list[str]
    told: list[str]


AROUND = """\
<iframe id=f src="/index.html?q=legacy-label" style="width:1280px;height:700px"></iframe>
<img src="/wait">
<script>
  setInterval(() => {
    const found = [...f.contentDocument.querySelectorAll(".md-search-result__link")].map(link => link.pathname)
    if (found.length) fetch("/tell?" + found.join("+"))
  }, 100)
</script>
"""
"""A page around the site that tells what its search finds. A browser waits for the picture, which comes after that."""


@pytest.fixture(scope="module")
def served(site: Site) -> Iterator[Served]:
    missing: list[str] = []
    told: list[str] = []
    heard = threading.Event()

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/around":
                self._answer(AROUND.encode(), "text/html")
            elif self.path.startswith("/tell?"):
                told.extend(self.path.partition("?")[2].split("+"))
                heard.set()
                self._answer(b"", "text/plain")
            elif self.path == "/wait":
                heard.wait(60)
                self._answer(b"", "image/png")
            else:
                super().do_GET()

        def _answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            if len(args) > 1 and str(args[1]) == "404":
                missing.append(str(args[0]))

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site.folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Served(f"http://127.0.0.1:{server.server_port}", missing, told)
    server.shutdown()
    server.server_close()


def browse(chromium: str, profile: Path, address: str, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [chromium, *FLAGS, f"--user-data-dir={profile}", *flags, address]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


@pytest.mark.tools
def test_a_browser_finds_all_it_asks_for(tool: Callable[[str], str], served: Served, tmp_path: Path) -> None:
    """All names but this machine's are unknown to the browser, and it does not miss them."""
    rules = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
    for page in ("index.html", "rules/labels/missing-source.html"):
        flags = (rules, "--enable-logging=stderr", "--v=0", "--dump-dom")
        shown = browse(tool("chromium"), tmp_path, f"{served.address}/{page}", *flags)
        assert "<h1" in shown.stdout
        assert "ERR_NAME_NOT_RESOLVED" not in shown.stderr
        assert not re.search(r"CONSOLE.*(?:error|Error|blocked)", shown.stderr), shown.stderr
    assert served.missing == []


@pytest.mark.tools
def test_the_search_finds_a_rule(tool: Callable[[str], str], served: Served, tmp_path: Path) -> None:
    browse(tool("chromium"), tmp_path, f"{served.address}/around", "--dump-dom")
    assert "/rules/labels/legacy-label.html" in served.told


@pytest.mark.tools
@pytest.mark.parametrize("page", ["index.html", "rules.html", "comparison.html", "images.html", "ci.html"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(
    page: str, width: int, tool: Callable[[str], str], site: Site, tmp_path: Path
) -> None:
    """Tables and blocks scroll in their box: seen by a frame around the page that measures it."""
    around = tmp_path / "around.html"
    around.write_text(
        f'<iframe id=f src="{(site.folder / page).as_uri()}" style="width:{width}px;height:700px;border:0"></iframe>'
        "<script>onload = () => document.title = f.contentDocument.documentElement.scrollWidth</script>"
    )
    flags = ("--allow-file-access-from-files", "--dump-dom")
    shown = browse(tool("chromium"), tmp_path / "profile", around.as_uri(), *flags).stdout
    assert f"<title>{width}</title>" in shown


@pytest.mark.tools
@pytest.mark.parametrize(("scheme", "name"), [("1", "default"), ("0", "slate")], ids=["light", "dark"])
def test_light_and_dark_follow_the_system(
    scheme: str, name: str, tool: Callable[[str], str], served: Served, tmp_path: Path
) -> None:
    flags = (f"--blink-settings=preferredColorScheme={scheme}", "--dump-dom")
    shown = browse(tool("chromium"), tmp_path, f"{served.address}/index.html", *flags).stdout
    assert re.search(rf'<body[^>]* data-md-color-scheme="{name}"', shown)
