"""One licence or one exception inside an SPDX expression: is it listed, and what was meant if it is not.

Spans are offsets from 0 in the whole expression.
"""

from __future__ import annotations

import re

from imglint.record import NamedTuple
from imglint.syntax.spdx.guess import (
    Guess,
    from_url,
    known_wording,
    meant_exception,
    mended_reference,
    nearest_license,
)
from imglint.syntax.spdx.table import spdx_list

_SHOWN = 60  # characters of a wrong term that a message repeats

# [DocumentRef-idstring:]PREFIX-idstring. The prefixes are case-sensitive, the rest is not.
_REFERENCE = re.compile(
    r"(?P<document>DocumentRef-)?(?(document)(?P<name>[A-Za-z0-9.-]+:))"
    r"(?P<prefix>LicenseRef-|AdditionRef-)(?P<id>[A-Za-z0-9.-]+)",
    re.IGNORECASE,
)
_PREFIXES = {"licenseref-": "LicenseRef-", "additionref-": "AdditionRef-"}
_URL = re.compile(r"[a-z][a-z0-9+.-]*://|www\.", re.IGNORECASE)
_SEPARATOR = re.compile(r"[,;/|&](?:[,;/|& ]*[,;/|&])?")
_JOIN = "`{}` joins no licences; SPDX has `OR` (one of them is chosen) and `AND` (all of them apply)"
_NOT_A_LICENSE = {
    "none": "`NONE` states that there is no licence; it is not a licence expression",
    "noassertion": "`NOASSERTION` states that nobody has looked; it is not a licence expression",
}


class Edit(NamedTuple):
    """Text that belongs in the place of a range; `certain` when that surely is what was meant."""

    start: int
    end: int
    text: str
    certain: bool


class Fault(NamedTuple):
    """Something wrong with a range, as in `imglint.syntax.spdx.LicenseProblem`; `edit` mends it."""

    kind: str
    start: int
    end: int
    message: str
    edit: Edit | None = None


class Term(NamedTuple):
    """A judged term: how it is spelled, a listed name that stands in for it in `grammar`, its faults."""

    canonical: str
    stand_in: str
    faults: tuple[Fault, ...] = ()


def is_name(word: str) -> bool:
    """Whether a word is a licence or an exception by itself: listed, or a user's `LicenseRef-`."""
    table, key = spdx_list(), word.lower()
    return key.removesuffix("+") in table.licenses or key in table.exceptions or bool(_REFERENCE.fullmatch(word))


def judge_license(text: str, start: int, guess: bool) -> Term:
    """Judge a term that stands where a licence belongs. `guess`: look for what was meant if it is unknown."""
    table = spdx_list()
    name = table.licenses.get(text.lower().removesuffix("+"))
    if name:
        spelled = name + "+" * text.endswith("+")
        return Term(spelled, name, _advice(text, spelled, start, name))
    reference = _reference(text, "LicenseRef-")
    if reference:
        return Term(reference, "MIT", _advice(text, reference, start, reference))
    return Term(text, "MIT", _unknown_license(text, start, guess))


def judge_exception(text: str, start: int, guess: bool) -> Term:
    """Judge a term that stands after `WITH`, as `judge_license` does."""
    name = spdx_list().exceptions.get(text.lower())
    spelled = name or _reference(text, "AdditionRef-")
    if spelled:
        return Term(spelled, name or "LLVM-exception", _advice(text, spelled, start, spelled))
    return Term(text, "LLVM-exception", (_unknown_exception(text, start, guess),))


def _reference(text: str, prefix: str) -> str | None:
    """A user's own reference with its prefixes spelled right; None when it is not one of that prefix."""
    match = _REFERENCE.fullmatch(text)
    if match is None or _PREFIXES[match["prefix"].lower()] != prefix:
        return None
    document = "DocumentRef-" + match["name"] if match["document"] else ""
    return document + prefix + match["id"]


def _advice(text: str, spelled: str, start: int, name: str) -> tuple[Fault, ...]:
    """What to say about a known term: that it is deprecated, or spelled in another case."""
    replacements, end = spdx_list().replacements, start + len(text)
    if name.lower() in replacements:
        today = replacements.get(spelled.lower(), "")
        message = f"`{spelled}` is a deprecated identifier, and SPDX names no single replacement"
        if today:
            message = f"`{spelled}` is a deprecated identifier; SPDX replaced it with `{today}`"
        if "-only" in today:
            message += f" (or `{today.replace('-only', '-or-later')}`, if later versions may be chosen)"
        return (Fault("deprecated", start, end, message, Edit(start, end, today, True) if today else None),)
    if spelled != text:
        message = f"`{text}` is spelled `{spelled}` on the SPDX list"
        if spelled.startswith(("LicenseRef-", "DocumentRef-", "AdditionRef-")):
            message = f"`{text}` must begin as in `{spelled}`; SPDX matches that part exactly"
        return (Fault("case", start, end, message, Edit(start, end, spelled, True)),)
    return ()


def _unknown_license(text: str, start: int, guess: bool) -> tuple[Fault, ...]:
    """The faults of a term that is no licence we know."""
    end, key, shown = start + len(text), text.lower(), _shown(text)
    if key in _NOT_A_LICENSE:
        return (Fault("not-a-license", start, end, _NOT_A_LICENSE[key]),)
    if key in spdx_list().exceptions:
        message = f"`{text}` is an exception, not a licence; it belongs after a licence and `WITH`"
        return (Fault("unknown-id", start, end, message),)
    if _URL.match(text):
        message = f"`{shown}` is a URL; an SPDX expression holds the identifier of the licence"
        return (_meant("unknown-id", start, end, message, from_url(text) if guess else None),)
    if key.startswith("licenseref-"):
        message = f"`{shown}` may hold only letters, digits, `-` and `.` after `LicenseRef-`"
        return (_meant("unknown-id", start, end, message, mended_reference(text)),)
    message = f"`{shown}` is not an SPDX licence identifier"
    found = known_wording(text) if guess else None
    if guess and not found:
        faults = _listing(text, start)
        if faults:
            return faults
        found = nearest_license(text)
    return (_meant("unknown-id", start, end, message, found),)


def _unknown_exception(text: str, start: int, guess: bool) -> Fault:
    """The fault of a term after `WITH` that is no exception we know."""
    message = f"`{_shown(text)}` is not an SPDX exception identifier"
    if is_name(text):
        message = f"`{text}` is a licence; after `WITH` belongs an exception"
    found = meant_exception(text) if guess else None
    return _meant("unknown-exception", start, start + len(text), message, found)


def _meant(kind: str, start: int, end: int, message: str, found: Guess | None) -> Fault:
    """A fault with the edit for what was probably meant, if anything was found."""
    if found is None:
        return Fault(kind, start, end, message)
    if found.doubt:
        message += f"; {found.doubt}"
    return Fault(kind, start, end, message, Edit(start, end, found.text, found.certain))


def _listing(text: str, start: int) -> tuple[Fault, ...]:
    """The faults of licences in a row with commas, slashes or the like; none when this is no such list.

    It is one when an item is a name for itself, or when all of them are known wordings.
    """
    separators = list(_SEPARATOR.finditer(text))
    if not separators:
        return ()
    ends = [*(match.start() for match in separators), len(text)]
    starts = [0, *(match.end() for match in separators)]
    items = [(at, text[at:end].strip()) for at, end in zip(starts, ends, strict=True)]
    items = [(at + text[at:].index(item), item) for at, item in items if item]
    readings = [_reading(item) for _, item in items]
    if not any(is_name(item) for _, item in items) and not all(readings):
        return ()
    join = " AND " if all("&" in match[0] for match in separators) else " OR "
    known = [reading for reading in readings if reading]
    first = separators[0]
    edit = Edit(start, start + len(text), join.join(known), False) if len(known) == len(items) else None
    faults = [Fault("syntax", start + first.start(), start + first.end(), _JOIN.format(first[0]), edit)]
    for (at, item), reading in zip(items, readings, strict=True):
        if not reading:
            message = f"`{_shown(item)}` is not an SPDX licence identifier"
            faults.append(Fault("unknown-id", start + at, start + at + len(item), message))
    return tuple(faults)


def _reading(item: str) -> str | None:
    """What an item of a list says, as an identifier of today."""
    term = judge_license(item, 0, guess=False)
    if not term.faults:
        return term.canonical
    fault = term.faults[0]
    if fault.kind != "unknown-id":
        return fault.edit.text if fault.edit else None
    found = known_wording(item)
    if found is None:
        return None
    return f"({found.text})" if " OR " in found.text else found.text


def _shown(text: str) -> str:
    """The text as a message repeats it: cut when it is long."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
