"""Layers as one page that needs nothing from elsewhere, in light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from imglint.model.image.drawing import Drawing, Row
from imglint.model.image.size import decimal
from imglint.report.layers.shared import Scale, Sheet, heading, made_by, scale, scale_words, share
from imglint.report.markup import xml
from imglint.report.web import END, beginning

STYLE: Final = """
h1 { font-size: 1.35rem; margin: 2rem 0 0; overflow-wrap: anywhere; }
h1:first-child { margin-top: 0; }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
h1 + p, .scale { color: var(--dim); margin: .1rem 0 0; font-size: .9rem; }
.scale { margin-top: 1rem; }
h2 span { color: var(--dim); font-weight: normal; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th, td { padding: .35rem .6rem; vertical-align: top; font-size: .875rem; line-height: 1.4rem; text-align: left; }
th { color: var(--dim); font-weight: normal; font-size: .8rem; }
td { border-top: 1px solid var(--line); }
.n { width: 3rem; color: var(--dim); text-align: right; }
.b { width: 30%; }
.s, .p, .w { width: 6rem; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.p { width: 5.25rem; color: var(--dim); }
td.w { color: var(--waste); }
td.i { font: .8rem/1.4rem ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
.track { position: relative; height: .8rem; margin-top: .3rem; border-radius: 3px; background: var(--track); }
.bar { position: relative; height: 100%; min-width: 2px; border-radius: 3px; overflow: hidden; background: var(--bar); }
.over { background: var(--bad); }
.bar i { position: absolute; right: 0; top: 0; bottom: 0; background: var(--waste); }
.track b { position: absolute; top: -.2rem; bottom: -.2rem; width: 2px; background: var(--ink); }
@media (max-width: 44rem) { thead { display: none; } table, tbody { display: block; }
  tr { display: grid; grid-template-columns: 2.25rem minmax(3rem, 1fr) 5.25rem 4.5rem; }
  .wasteful tr { grid-template-columns: 2.25rem minmax(3rem, 1fr) 5.25rem 4.5rem 5.25rem; }
  tr + tr { border-top: 1px solid var(--line); } td { border: 0; width: auto !important; padding: .35rem .4rem; }
  td.i { grid-column: 2 / -1; padding-top: 0; } }
"""


def render(sheets: Iterable[Sheet]) -> Iterator[str]:
    """The page."""
    drawn = tuple(sheets)
    yield beginning(f"Layers of {', '.join(sheet.name for sheet in drawn) or 'no image'}", STYLE)
    yield from body(drawn)
    yield END


def body(sheets: Iterable[Sheet]) -> Iterator[str]:
    """What the page shows, to be styled with `STYLE`."""
    for sheet in sheets:
        yield f"<h1>{xml(sheet.name)}</h1>\n<p>{xml(sheet.form)}</p>\n"
        for drawing in sheet.drawings:
            yield from _drawing(drawing, sheet)
        if any(drawing.total is not None and drawing.rows for drawing in sheet.drawings):
            yield f'<p class="scale">{xml(scale_words(sheet))}</p>\n'


def _drawing(drawing: Drawing, sheet: Sheet) -> Iterator[str]:
    platform = f"{xml(drawing.platform)} " if drawing.platform else ""
    yield f"<h2>{platform}<span>{xml(heading(drawing))}</span></h2>\n"
    if drawing.rows:
        chosen = scale(sheet)
        wastes = any(row.wasted for row in drawing.rows)
        titles = ["", "", "size", "share", *["wasted"][: int(wastes)], "made by"]
        classes = ["n", "b", "s", "p", *["w"][: int(wastes)], "i"]
        heads = "".join(
            f'<th class="{name}" scope="col">{title}</th>' for name, title in zip(classes, titles, strict=True)
        )
        yield f'<div class="card{" wasteful" if wastes else ""}"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n'
        for row in drawing.rows:
            cells = _cells(row, chosen, sheet.limit)
            inner = "".join(f'<td class="{name}">{cells[name]}</td>' for name in classes)
            yield f'<tr title="{xml(row.digest)}">{inner}</tr>\n'
        yield "</tbody>\n</table></div>\n"


def _cells(row: Row, chosen: Scale, limit: int) -> dict[str, str]:
    return {
        "n": str(row.number),
        "b": _bar(row, chosen, limit),
        "s": decimal(row.size) if row.size is not None else "?",
        "p": xml(share(row)),
        "w": decimal(row.wasted) if row.wasted else "",
        "i": xml(made_by(row)),
    }


def _bar(row: Row, chosen: Scale, limit: int) -> str:
    if row.size is None:
        return ""
    over = " over" if row.size > limit else ""
    wasted = ""
    if row.wasted and row.unpacked:
        wasted = f'<i style="width:{row.wasted / row.unpacked * 100:.2f}%"></i>'
    mark = ""
    if chosen.limit is not None and chosen.limit < 1:
        mark = f'<b style="left:{chosen.limit * 100:.2f}%"></b>'
    bar = ""
    if row.size > 0:
        bar = f'<div class="bar{over}" style="width:{min(row.size / chosen.full, 1) * 100:.2f}%">{wasted}</div>'
    return f'<div class="track" aria-hidden="true">{bar}{mark}</div>'
