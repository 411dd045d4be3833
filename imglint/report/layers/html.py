"""Layers as one page that needs nothing from elsewhere, in light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from imglint.model.image.drawing import Drawing, Row
from imglint.model.image.size import decimal
from imglint.report.escape import visible
from imglint.report.layers.shared import Sheet, heading, made_by, scale, scale_words

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""A page that cannot load or run anything, whatever stands in an image: https://www.w3.org/TR/CSP3/"""

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1f2328; --dim: #59636e; --line: #d1d9e0; --page: #ffffff; --card: #f6f8fa;
  --bar: #2da44e; --bad: #cf222e; --waste: #d4a72c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9198a1; --line: #3d444d; --page: #0d1117;
  --card: #151b23; --bar: #3fb950; --bad: #f85149; --waste: #d29922; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.35rem; margin: 2rem 0 0; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
h1 + p, .scale { color: var(--dim); margin: .1rem 0 0; font-size: .9rem; }
h2 span { color: var(--dim); font-weight: normal; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line);
  border-radius: 6px; table-layout: fixed; }
td { padding: .3rem .6rem; border-top: 1px solid var(--line); vertical-align: top; font-size: .875rem; }
tr:first-child td { border-top: 0; }
td.n { width: 3rem; color: var(--dim); text-align: right; }
td.b { width: 32%; vertical-align: middle; }
td.s, td.p { width: 6rem; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.p { width: 4.5rem; color: var(--dim); }
td.w { width: 9rem; text-align: right; color: var(--waste); white-space: nowrap; }
td.i { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; font-size: .8rem; overflow-wrap: anywhere; }
.bar { position: relative; height: .85rem; min-width: 2px; border-radius: 2px; background: var(--bar); }
.bar.over { background: var(--bad); }
.bar i { position: absolute; right: 0; top: 0; bottom: 0; background: var(--waste); border-radius: 0 2px 2px 0; }
@media (max-width: 44rem) { td.b { display: none; } }
"""


def render(sheets: Iterable[Sheet]) -> Iterator[str]:
    """The page."""
    drawn = tuple(sheets)
    title = _text(", ".join(sheet.name for sheet in drawn)) or "no image"
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Layers of {title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    )
    for sheet in drawn:
        yield f"<h1>{_text(sheet.name)}</h1>\n<p>{_text(sheet.form)}</p>\n"
        for drawing in sheet.drawings:
            yield from _drawing(drawing, sheet)
        if any(drawing.total is not None and drawing.rows for drawing in sheet.drawings):
            yield f'<p class="scale">{_text(scale_words(sheet))}</p>\n'
    yield "</body>\n</html>\n"


def _drawing(drawing: Drawing, sheet: Sheet) -> Iterator[str]:
    platform = f"{_text(drawing.platform)} " if drawing.platform else ""
    yield f"<h2>{platform}<span>{_text(heading(drawing))}</span></h2>\n"
    if drawing.rows:
        full = scale(sheet).full
        wastes = any(row.wasted for row in drawing.rows)
        yield "<table>\n"
        for row in drawing.rows:
            yield _row(row, full, sheet.limit, wastes)
        yield "</table>\n"


def _row(row: Row, full: int, limit: int, wastes: bool) -> str:
    size = decimal(row.size) if row.size is not None else "?"
    share = f"{row.share:.1%}" if row.share is not None else ""
    cells = [("n", str(row.number)), ("b", _bar(row, full, limit)), ("s", size), ("p", share)]
    if wastes:
        cells.append(("w", f"{decimal(row.wasted)} wasted" if row.wasted else ""))
    cells.append(("i", _text(made_by(row))))
    inner = "".join(f'<td class="{name}">{content}</td>' for name, content in cells)
    return f'<tr title="{_text(row.digest)}">{inner}</tr>\n'


def _bar(row: Row, full: int, limit: int) -> str:
    if not row.size or row.size < 0:
        return ""
    over = " over" if row.size > limit else ""
    wasted = ""
    if row.wasted:
        wasted = f'<i style="width:{min(row.wasted / row.size, 1) * 100:.2f}%"></i>'
    return f'<div class="bar{over}" style="width:{min(row.size / full, 1) * 100:.2f}%">{wasted}</div>'


def _text(words: str) -> str:
    """Words from outside, as nothing but words."""
    from html import escape

    return escape(visible(words))
