"""Which of several names a misspelt one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, names: Iterable[str], cutoff: float = 0.7) -> str:
    """The closest of `names`, or an empty string when none is close.

    `cutoff` is the least similarity, from 0 to 1, of `difflib.SequenceMatcher`.
    """
    from difflib import get_close_matches

    if len(word) > 100:
        return ""
    found = get_close_matches(word, list(names), n=1, cutoff=cutoff)
    return found[0] if found else ""
