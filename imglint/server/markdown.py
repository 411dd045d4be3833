"""Text from files as Markdown that shows it, without tokens, and does nothing else."""

from __future__ import annotations

import re
from typing import Final

from imglint.report.escape import visible
from imglint.source import Source, Span
from imglint.syntax.secrets import without_tokens

MAX_SHOWN: Final = 300
"""Characters of one value that are shown."""


def code(text: str) -> str:
    """A piece of text between backticks, as it is written."""
    text = without_tokens(text)
    shown = visible(text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    blank = " " if not shown or "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{blank}{shown}{blank}{fence}"


def where(source: Source, span: Span, here: Source) -> str:
    """A place in words: the line, and the file when that is another one."""
    line = f"line {source.position(span.start).line}"
    return line if source is here else f"{code(source.path.rpartition('/')[2])} {line}"
