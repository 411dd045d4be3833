"""What a simple pipeline prints: `echo "$NAME" | tr A-Z a-z` and its like, by which scripts make names of images.

Only filters whose result follows from their input are known; with any other, nothing is known of what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from imglint.syntax import jq, shell
from imglint.syntax.text import HOLE, Text, joined, literal, unknown

MAX_LENGTH: Final = 20_000
"""Characters of a pipeline that is read."""

Expand = Callable[[shell.Word], Text]
"""Gives a word of the pipeline as the shell expands it."""

_WORTH: Final = r"\s*(?:echo|printf|tr|cut|awk|sed|jq)\s"
_FORMAT: Final = r"([^%\\\n]*)%s([^%\\\n]*(\\n)?)"
_UPPER: Final = ("[:upper:]", "A-Z", "[A-Z]")
_LOWER: Final = ("[:lower:]", "a-z", "[a-z]")
_LOWERING: Final = {
    "awk": (r"\{ *print tolower\(\$0\);? *\}",),
    "sed": (r"s(.)\.\*\1\\L&\1", r"s(.)\\\(\.\*\\\)\1\\L\\1\1", r"s(.)(?:\[A-Z\]|\[\[:upper:\]\]\*?)\1\\L&\1g"),
}  # fmt: skip


def worth_reading(script: str) -> bool:
    """Whether a command substitution may be a pipeline that is read here."""
    return len(script) <= MAX_LENGTH and re.match(_WORTH, script) is not None


def printed(script: Text, expand: Expand) -> Text | None:
    """What the pipeline of a script prints, without the line ends at the end; None when that is not known."""
    commands = [command for command in shell.scan(script.text).commands if not command.blocks]
    if not commands or any(command.operator != "|" for command in commands[:-1]) or commands[-1].operator.strip():
        return None
    value: Text | None = None
    for number, command in enumerate(commands):
        words = [expand(word) for word in command.words]
        given = [each for each in command.redirections if each.operator != "<<<"]
        here = [expand(each.target) for each in command.redirections if each.operator == "<<<"]
        if not words or command.assignments or given or (here and number):
            return None
        value = here[-1] if here else value
        value = _printed(words) if value is None and not number else _filtered(words, value)
        if value is None:
            return None
    return value


def _printed(words: Sequence[Text]) -> Text | None:
    """What `echo` and `printf` print of their words."""
    name, *rest = words
    if name.text == "echo":
        while rest and rest[0].text in ("-n", "-e", "-E", "-ne", "-en"):
            rest = rest[1:]
    elif name.text == "printf" and rest:
        return _formatted(*rest)
    else:
        return None
    if not rest or any("\\" in word.text or "\n" in word.text for word in rest):
        return None
    parts = [rest[0]]
    for word in rest[1:]:
        parts += [literal(" ", *word.place, exact=False), word]
    return joined(parts)


def _formatted(form: Text, *values: Text) -> Text | None:
    """What `printf` prints: its format once for each value; values that may be many stand for one of them."""
    match = re.fullmatch(_FORMAT, form.text)
    if match is None:
        return form if not values and not re.search(r"[%\\\n]", form.text) else None
    before, after = form.cut(0, match.end(1)), form.cut(match.start(2))
    if match[3]:
        after = after.cut(0, len(after.text) - len(match[3]))
    if not values or any("\n" in value.text for value in values):
        return None
    if any(re.search(r"[*?\[]", value.text) or value.text == HOLE for value in values):
        values = (unknown(values[0].unknowns[0] if values[0].unknowns else values[0].text, *values[0].place),)
    return joined(part for value in values for part in (before, value, after)).strip("\n")


def _filtered(words: Sequence[Text], value: Text | None) -> Text | None:
    """What a filter makes of one line."""
    name, rest = words[0].text, [word.value for word in words[1:]]
    if value is None or None in rest:
        return None
    arguments = [word for word in rest if word is not None]
    if name == "tr":
        return _translated(arguments, value)
    if name == "cut":
        return _cut(arguments, value)
    if name == "jq":
        return jq.filtered(arguments, value)
    if name in _LOWERING:
        script = arguments[-1] if arguments[:-1] in ([], ["-E"], ["-r"], ["-e"]) and arguments else ""
        return value.lower() if any(re.fullmatch(each, script.strip()) for each in _LOWERING[name]) else None
    return None


def _translated(arguments: Sequence[str], value: Text) -> Text | None:
    """`tr`: the letters of one case to those of the other, one character to another, or characters deleted."""
    if len(arguments) != 2:
        return None
    one, other = arguments
    if one in _UPPER and other in _LOWER:
        return value.lower()
    if one in _LOWER and other in _UPPER:
        return value.upper()
    plain = r"[^\\\[\]-]"
    if one == "-d" and re.fullmatch(rf"(?:{plain})+|-", other):
        return value.substituted("|".join(map(re.escape, other)), "", 0) if value.text else value
    if re.fullmatch(rf"{plain}|-", one) and re.fullmatch(rf"{plain}|-", other) and value.text:
        return value.substituted(re.escape(one), other, 0)
    return None


def _cut(arguments: Sequence[str], value: Text) -> Text | None:
    """`cut`: one field, where nothing is unknown."""
    match = re.fullmatch(r"-d ?(.) -f ?([1-9])|-f ?([1-9]) -d ?(.)", " ".join(arguments))
    if match is None or HOLE in value.text:
        return None
    separator, number = match[1] or match[4], int(match[2] or match[3])
    fields = list(value.split(separator))
    if len(fields) == 1:
        return value
    return fields[number - 1] if number <= len(fields) else value.cut(0, 0)
