"""Words from outside in XML, HTML and Markdown, as nothing but words."""

from __future__ import annotations

import re
from typing import Final

from imglint.report.escape import visible

_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_QUOTED: Final = r"`([^`]+)`"


def xml(text: str) -> str:
    """One line of text for XML or HTML, between tags or in an attribute."""
    text = re.sub("[&<>\"']", lambda match: _ENTITIES[match[0]], visible(text))
    if text.lstrip().startswith("::"):  # GitHub's runner would obey it at the beginning of a line.
        text = text.replace("::", "&#58;:", 1)
    # The two code points that no XML document may hold: https://www.w3.org/TR/xml/#charsets
    return text.replace("\ufffe", r"\ufffe").replace("\uffff", r"\uffff")


def xml_lines(text: str) -> str:
    """The same for text of several lines."""
    return "\n".join(xml(line) for line in text.split("\n"))


def html(text: str) -> str:
    """A message in HTML: what stands between backticks is shown as code."""
    return "".join(
        f"<code>{xml(part)}</code>" if number % 2 else xml(part) for number, part in enumerate(re.split(_QUOTED, text))
    )


def markdown(text: str) -> str:
    """A message in Markdown, on one line, fit for a cell of a table: what stands between backticks is shown as code."""
    return "".join(
        markdown_code(part) if number % 2 else markdown_text(part)
        for number, part in enumerate(re.split(_QUOTED, text))
    )


def markdown_text(text: str) -> str:
    """Text that Markdown and HTML leave as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|!~&$])", r"\\\1", visible(text.replace("\n", " ")))


def markdown_code(text: str) -> str:
    """A span of code, fit for a cell of a table."""
    plain = visible(text).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", plain)), default=0) + 1)
    pad = " " if plain[:1] == "`" or plain[-1:] == "`" else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def markdown_literal(text: str) -> str:
    """Text for HTML within Markdown, where neither may see anything in it."""
    return re.sub(r"[^\w ,=/-]", lambda match: f"&#{ord(match[0])};", visible(text))
