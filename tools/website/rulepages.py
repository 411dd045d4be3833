"""The page of a rule as the site shows it: facts in front, examples that say what they are, sources at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from imglint.catalog import Rule

_FENCE: Final = re.compile(r"(`{3,})(.*)")
_EXAMPLE: Final = re.compile(r"(\S+) (bad|fixed|mended|good|with)(?: (\S+))?")
_MARKER: Final = re.compile(r"([ \t]*)(#?)([ \t]*)(\^+)(.*)")

TITLES: Final = {
    "bad": "Found",
    "fixed": "As the fix leaves it",
    "mended": "Mended by hand",
    "good": "Nothing is found",
    "with": "Beside it",
}
_LEXERS: Final = {"gitconfig": "ini", "shell": "sh"}
"""Where Pygments has another name for a language."""


class Fence(NamedTuple):
    """A fenced block: the backticks that open it, what follows them, and the lines between."""

    ticks: str
    info: str
    lines: tuple[str, ...]


def blocks(text: str) -> Iterator[str | Fence]:
    """A Markdown text as its lines outside of fenced blocks, and these blocks."""
    lines = iter(text.splitlines())
    for line in lines:
        opening = _FENCE.fullmatch(line)
        if opening is None:
            yield line
            continue
        ticks, inside = opening[1], []
        for each in lines:
            if re.fullmatch(rf"{ticks}`*", each.rstrip()):
                break
            inside.append(each)
        yield Fence(ticks, opening[2].strip(), tuple(inside))


def document(rule: Rule) -> str:
    """The Markdown of a rule's page on the site."""
    heading, _, text = rule.page.lstrip("\n").partition("\n")
    facts = [f'<span class="fact {rule.severity.word}">{rule.severity.word}</span>']
    facts += ['<span class="fact fixable">fixable</span>'] if rule.fixable else []
    facts += [f"[{rule.family}](../../rules.md#{rule.family}){{ .fact }}"]
    facts += [f'<span class="fact">security: {rule.security}</span>'] if rule.security else []
    facts += [f'<span class="fact">since {rule.since}</span>']
    facts += [
        f'<span class="fact alias">{tool} <code>{name}</code></span>'
        for tool, names in rule.aliases.items()
        for name in names
    ]
    body = "\n".join(_shown(block) for block in blocks(text))
    sources = "".join(f"- <{address}>\n" for address in rule.references)
    return (
        f"---\ntitle: {rule.name}\ndescription: {_quoted(rule.summary)}\n---\n{heading}\n\n{' '.join(facts)}\n\n"
        f"{_sentence(rule.summary)}\n{{ .lead }}\n\n{body}\n" + (f"\n## References\n\n{sources}" if sources else "")
    )


def clean_marker(line: str) -> str | None:
    """A line of carets without what makes it a comment, or None for every other line."""
    marker = _MARKER.fullmatch(line)
    if marker is None:
        return None
    before, sign, space, carets, message = marker.groups()
    if sign and not space:  # It touches the carets, and so counts as the first of them.
        return f"{before}^{carets}{message}"
    return f"{before}{' ' * len(sign)}{space}{carets}{message}"


def _shown(block: str | Fence) -> str:
    """A block in the words of superfences, which knows attributes and no bare words after the language."""
    if isinstance(block, str):
        return block
    example = _EXAMPLE.fullmatch(block.info)
    if example is None:
        return "\n".join([f"{block.ticks}{block.info}", *block.lines, block.ticks])
    language, kind, path = example.groups()
    title = f"{TITLES[kind]}: {_short(path)}" if path else TITLES[kind]
    fence = f"{block.ticks}{{ .{_LEXERS.get(language, language)} .example .{kind}"
    if kind == "with":
        lines = [f'??? file "{title}"', "", fence + " }", *block.lines, block.ticks]
        return "\n".join([lines[0], *(f"    {line}" for line in lines[1:])])
    return "\n".join([f'{fence} title="{title}" }}', *block.lines, block.ticks])


def _short(path: str) -> str:
    """A path with digests cut as tools print them."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1…", path)


def _sentence(line: str) -> str:
    return f"{line[0].upper()}{line[1:]}."


def _quoted(line: str) -> str:
    """A line as a scalar of YAML."""
    return "'" + line.replace("'", "''") + "'"
