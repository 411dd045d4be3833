"""What somebody meant who wrote a licence in words SPDX does not know: `Apache 2.0`, `GPLv3+`, `BSD`, a URL.

Distances in spelling come last; what people write is mostly another wording, and that is known exactly.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from imglint.record import NamedTuple
from imglint.syntax.spdx.aliases import ALIASES, DOUBTFUL, EXCEPTIONS, NOISE, PHRASES
from imglint.syntax.spdx.table import spdx_list

MAX_WORDING = 120
"""Characters of a wording that are compared with known ones; no name of a licence is longer."""

_CUTOFF = 0.75  # difflib's ratio from which a spelling counts as a slip of the pen


class Guess(NamedTuple):
    """What was probably meant, in identifiers of today.

    `certain` when the wording has no other reading; otherwise `doubt` may say in a few words what is open.
    """

    text: str
    certain: bool
    doubt: str = ""


def known_wording(text: str) -> Guess | None:
    """A licence that is written another way than SPDX spells it, or None."""
    if len(text) > MAX_WORDING:
        return None
    folded = _fold(text)
    if folded in ALIASES:
        return Guess(ALIASES[folded], True)
    if folded in DOUBTFUL:
        name, doubt = DOUBTFUL[folded]
        return Guess(name, False, doubt)
    index = _index()
    listed = index.get(folded)
    if listed is None and folded.endswith("+") and folded[:-1] in index:
        listed = index[folded[:-1]] + "+"
    return _of_today(listed) if listed else None


def nearest_license(text: str) -> Guess | None:
    """The licence identifier nearest in spelling; for a deprecated one, what replaced it."""
    table = spdx_list()
    name = _nearest(text, "licenses")
    return Guess(table.replacements.get(name.lower()) or name, False) if name else None


def meant_exception(text: str) -> Guess | None:
    """An exception that is written another way than SPDX spells it, or else the nearest in spelling."""
    if len(text) > MAX_WORDING:
        return None
    folded = _fold(text)
    name = EXCEPTIONS.get(folded) or _exception_index().get(folded)
    if name:
        return Guess(name, True)
    name = _nearest(text, "exceptions")
    return Guess(name, False) if name else None


def mended_reference(text: str) -> Guess | None:
    """A `LicenseRef-` with each run of characters that it may not hold made a hyphen."""
    rest = re.sub(r"[^A-Za-z0-9.-]+", "-", text[len("LicenseRef-") :]).strip("-")
    return Guess(f"LicenseRef-{rest}", False) if rest else None


def from_url(url: str) -> Guess | None:
    """The licence that a URL is about, told by the end of its path (`https://opensource.org/licenses/MIT`)."""
    match = re.match(r"(?:[a-z][a-z0-9+.-]*:/*)?([^/?#]+)([^?#]*)", url[:MAX_WORDING], re.IGNORECASE)
    if match is None:
        return None
    labels = match[1].split(".")
    host = labels[-2] if len(labels) > 1 else labels[0]
    parts = [re.sub(r"(?:\.en)?\.(?:html?|txt|php|md)$|-license$", "", part) for part in match[2].split("/") if part]
    last, two = " ".join(parts[-1:]), " ".join(parts[-2:])
    for wording in (last, two, f"{host} {last}", f"{host} {two}"):
        guess = known_wording(wording) if parts else None
        if guess:
            return guess
    return None


def _fold(text: str) -> str:
    """Reduce a wording to what tells licences apart: `Apache License, Version 2.0` to `apache2`."""
    words = re.findall(r"[a-z0-9.+]+", text.lower())
    kept = " ".join(word.strip(".") for word in words if word.strip(".") not in NOISE)
    for phrase, short in PHRASES:
        kept = kept.replace(phrase, short)
    joined = re.sub(r"v(?:ersion)?\.?(?=\d)", "", kept.replace(" ", ""))
    folded = re.sub(r"(?:\.0)+(?![.\d])", "", joined).replace(".", "")
    half = len(folded) // 2
    return folded[half:] if folded[:half] == folded[half:] else folded  # The MIT License (MIT)


@cache
def _index() -> dict[str, str]:
    """Folded identifiers to identifiers, with the deprecated `GPL-2.0+` forms; a current one wins."""
    table = spdx_list()
    old = [name for name in table.replacements if name.endswith("+") or name in table.licenses]
    names = {_fold(name): table.licenses.get(name, name) for name in old}
    for key, name in table.licenses.items():
        if key not in table.replacements:
            names[_fold(name)] = name
    return names


@cache
def _exception_index() -> dict[str, str]:
    """Folded identifiers of exceptions to identifiers."""
    return {_fold(name): name for name in spdx_list().exceptions.values()}


def _of_today(name: str) -> Guess:
    """The identifier to write today, for a listed one that may be deprecated."""
    today = spdx_list().replacements.get(name.lower()) or name
    old, only, rest = today.partition("-only")
    if only and today != name:
        return Guess(today, False, f"it may mean {today} or {old}-or-later{rest}")
    return Guess(today, True)


def _nearest(text: str, table: Literal["licenses", "exceptions"]) -> str | None:
    """The name that `text` is most likely a slip of: it begins alike and has most characters in order."""
    lower = text.lower()
    if not 2 <= len(lower) <= MAX_WORDING:
        return None
    from difflib import get_close_matches

    # People get the first letter right; without this `GPLv9` is nearer to NGPL than to any GPL.
    alike = _by_initial(table).get(lower[0], {})
    found = get_close_matches(lower, alike, n=1, cutoff=_CUTOFF)
    return alike[found[0]] if found else None


@cache
def _by_initial(table: Literal["licenses", "exceptions"]) -> dict[str, dict[str, str]]:
    """One table of the list, divided by the first character of the names."""
    names = spdx_list().licenses if table == "licenses" else spdx_list().exceptions
    groups: dict[str, dict[str, str]] = {}
    for key, name in names.items():
        groups.setdefault(key[0], {})[key] = name
    return groups
