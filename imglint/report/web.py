"""What every page shares that imglint writes for a browser: it needs nothing from elsewhere, in light and dark."""

from __future__ import annotations

from typing import Final

from imglint.report.markup import xml

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""A page that cannot load or run anything, whatever stands in what it shows: https://www.w3.org/TR/CSP3/"""

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1f2328; --dim: #59636e; --line: #d1d9e0; --page: #ffffff; --card: #f6f8fa;
  --track: #e6eaef; --bar: #2da44e; --good: #1a7f37; --bad: #cf222e; --waste: #bf8700; --warn: #9a6700;
  --note: #0969da; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9198a1; --line: #3d444d; --page: #0d1117;
  --card: #151b23; --track: #262c36; --bar: #3fb950; --good: #3fb950; --bad: #f85149; --waste: #d29922; --warn: #d29922;
  --note: #58a6ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 3rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
"""

END: Final = "</body>\n</html>\n"


def beginning(title: str, style: str) -> str:
    """A document up to what it shows. `style` is added to what all pages have in common."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{xml(title)}</title>\n<style>{_STYLE}{style}</style>\n</head>\n<body>\n"
    )
