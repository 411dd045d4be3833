"""SPDX licence expressions: what is wrong with one, exactly where, and what was probably meant.

The grammar is the annex "SPDX license expressions" of the SPDX specification 3.0.1; the identifiers are those
of the SPDX licence list. One identifier is answered from the list alone (`table`, our own data file); an
expression of several is also put to the library license-expression (`grammar`).
"""

from __future__ import annotations

from imglint.record import NamedTuple
from imglint.syntax.spdx.table import spdx_list

ADVISORY = frozenset(("case", "deprecated"))
"""Kinds of problem that leave an expression valid."""


class LicenseProblem(NamedTuple):
    """One thing that is wrong with an expression.

    `kind` is one of `syntax`, `unknown-id`, `unknown-exception`, `deprecated`, `case`, `not-a-license` (the
    words NONE and NOASSERTION), `empty`, `odd-space` or `too-long`. `start` and `end` are offsets from 0 in
    the expression, around exactly the offending characters. `message` is for people.

    `suggestion` is the whole expression with all its problems mended, as it was probably meant. It has no
    problem itself; it is "" when we do not know. `certain` is true when the suggestion can mean nothing but
    what was written, false when it is the likeliest reading or the nearest spelling.
    """

    kind: str
    start: int
    end: int
    message: str
    suggestion: str
    certain: bool


def check(expression: str) -> tuple[LicenseProblem, ...]:
    """Everything that is wrong with an expression, in order of place; empty when nothing is."""
    if _is_current(expression):
        return ()
    from imglint.syntax.spdx.judge import judge, mend

    faults, _ = judge(expression)
    suggestion, certain = mend(expression, faults)
    return tuple(LicenseProblem(*fault[:4], suggestion, certain) for fault in faults)


def is_valid(expression: str) -> bool:
    """Whether this is an SPDX licence expression; its case and deprecated identifiers do not matter."""
    return canonical(expression) is not None


def canonical(expression: str) -> str | None:
    """A valid expression as SPDX spells it: listed case, operators in capitals, single blanks; else None.

    Deprecated identifiers stay as they are.
    """
    if _is_current(expression):
        return expression
    from imglint.syntax.spdx.judge import judge

    faults, words = judge(expression)
    if any(fault.kind not in ADVISORY for fault in faults):
        return None
    return " ".join(words).replace("( ", "(").replace(" )", ")")


def _is_current(text: str) -> bool:
    """Whether the text is one current identifier in its own case: the usual expression, answered at once."""
    table, key = spdx_list(), text.lower()
    return table.licenses.get(key) == text and key not in table.replacements
