"""Judging a whole SPDX expression: the faults of its spaces, its terms and its order, and how to mend them all.

Loaded only for what is not simply one current identifier.
"""

from __future__ import annotations

import re

from imglint.syntax.spdx.grammar import OPERATORS, Token, misplaced, scan
from imglint.syntax.spdx.guess import known_wording
from imglint.syntax.spdx.terms import Edit, Fault, is_name, judge_exception, judge_license

MAX_CHARACTERS = 4096
"""Characters of an expression that are looked at; a longer one is a problem of kind `too-long`."""

MAX_GUESSES = 8
"""Unknown terms of one expression that are compared with the list; with more there is no suggestion."""

# Blanks of every kind, and the characters that show as nothing at all.
_SPACE = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")
_SPACE_NAMES = {"\n": "a line break", "\t": "a tab", "\u00a0": "a no-break space"}
_UNKNOWN = frozenset(("unknown-id", "unknown-exception"))


def judge(expression: str) -> tuple[list[Fault], list[str]]:
    """All faults in order of place, and the tokens of the expression in canonical spelling."""
    if len(expression) > MAX_CHARACTERS:
        message = f"a licence expression of more than {MAX_CHARACTERS:,} characters is not looked at"
        return [Fault("too-long", MAX_CHARACTERS, len(expression), message)], []
    text = _SPACE.sub(lambda match: " " * len(match[0]), expression)
    if not text.strip():
        return [Fault("empty", 0, len(expression), "no licence is named here")], []
    tokens = scan(text, is_name)
    faults, words, stand_ins = _judge_tokens(text, tokens)
    place = misplaced(text, tokens, stand_ins)
    if place:
        edit = Edit(place.start, place.start, place.insert, False) if place.insert else None
        faults.append(Fault("syntax", place.start, place.end, place.message, edit))
    whole = _one_wording(text, faults, structured=place is None)
    faults = [*_odd_spaces(expression), *([whole] if whole else faults)]
    return sorted(faults, key=lambda fault: fault.start), words


def _judge_tokens(text: str, tokens: list[Token]) -> tuple[list[Fault], list[str], list[str]]:
    """The faults of each token by itself, the canonical spellings, and the stand-ins for the terms."""
    faults: list[Fault] = []
    words: list[str] = []
    stand_ins: list[str] = []
    guesses = MAX_GUESSES
    before = ""
    for kind, start, end in tokens:
        word = text[start:end]
        if kind == "term":
            judge_term = judge_exception if before == "WITH" else judge_license
            term = judge_term(word, start, guesses > 0)
            guesses -= any(fault.kind in _UNKNOWN for fault in term.faults)
            faults += term.faults
            words.append(term.canonical)
            stand_ins.append(term.stand_in)
        else:
            if kind in OPERATORS and word != kind:
                message = f"write `{kind}`: before SPDX 3 operators are known in capitals only"
                faults.append(Fault("case", start, end, message, Edit(start, end, kind, True)))
            words.append(kind)
        before = kind
    return faults, words, stand_ins


def _odd_spaces(expression: str) -> list[Fault]:
    """Space around the expression, and inside it any space but plain blanks."""
    faults = []
    for match in _SPACE.finditer(expression):
        (start, end), odd = match.span(), match[0].strip(" ")
        if start == 0 or end == len(expression):
            where = "before" if start == 0 else "after"
            message = f"there is space {where} the expression"
            faults.append(Fault("odd-space", start, end, message, Edit(start, end, "", True)))
        elif odd:
            name = _SPACE_NAMES.get(odd[0], f"U+{ord(odd[0]):04X}")
            message = f"{name} stands where only a plain space may"
            faults.append(Fault("odd-space", start, end, message, Edit(start, end, " ", True)))
    return faults


def _one_wording(text: str, faults: list[Fault], structured: bool) -> Fault | None:
    """The fault of a text that only looks like an expression: `GPL v2 or later`, `BSD (3-clause)`."""
    unknown = [fault for fault in faults if fault.kind in _UNKNOWN]
    if not unknown or (structured and all(fault.edit for fault in unknown)):
        return None
    wording = text.strip()
    found = known_wording(wording)
    if found is None:
        return None
    start = text.index(wording)
    end = start + len(wording)
    message = f"`{wording}` is not an SPDX licence identifier"
    if found.doubt:
        message += f"; {found.doubt}"
    return Fault("unknown-id", start, end, message, Edit(start, end, found.text, found.certain))


def mend(expression: str, faults: list[Fault]) -> tuple[str, bool]:
    """The expression with all faults mended and whether that is certain; "" when one cannot be mended."""
    edits = [fault.edit for fault in faults if fault.edit]
    if len(edits) < len(faults):
        return "", False
    pieces, at = [], 0
    # An insertion comes before the edit that begins at the same place, an edit before those inside it.
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end != edit.start, -edit.end)):
        if edit.start < at:
            continue
        partial = expression[: edit.start].strip() or expression[edit.end :].strip()
        compound = " OR " in edit.text or " AND " in edit.text
        pieces += [expression[at : edit.start], f"({edit.text})" if partial and compound else edit.text]
        at = edit.end
    text = " ".join("".join([*pieces, expression[at:]]).split())
    sound = not judge(text)[0]
    return (text, all(edit.certain for edit in edits)) if sound else ("", False)
