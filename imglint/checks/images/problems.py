"""What is wrong with a value of a document, and the checks of shape that manifests and configurations share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from imglint.checks.context import Context
from imglint.finding import Finding, Severity
from imglint.model.image.document import Document
from imglint.model.image.image import At
from imglint.record import NamedTuple
from imglint.syntax.strictjson import Key

MAX_FINDINGS: Final = 10
"""Findings of one rule about one document: what makes a mistake usually makes it everywhere, and a place costs time."""

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "a string": (str,), "an array": (list,), "an object": (dict,), "true or false": (bool,), "a whole number": (int,),
}  # fmt: skip


class Problem(NamedTuple):
    """A mistake at a place; `is_name`: in the name of a member and not in its value."""

    at: At
    message: str
    help: str = ""
    severity: Severity = Severity.ERROR
    is_name: bool = False


def reported(context: Context, problems: Iterable[Problem]) -> Iterator[Finding]:
    """The findings of one document's problems, at most `MAX_FINDINGS`; the last says how many are left out."""
    found = list(problems)
    for number, problem in enumerate(found[:MAX_FINDINGS], 1):
        help = problem.help
        if number == MAX_FINDINGS < len(found):
            help = f"{help}; " if help else ""
            help += f"{len(found) - MAX_FINDINGS:,} more findings in this document are not shown"
        yield context.at(problem.at, problem.message, key=problem.is_name, help=help, severity=problem.severity)


def repeated_names(document: Document) -> Iterator[Problem]:
    """Names that stand twice in one object."""
    for name in document.repeated:
        is_here = isinstance(document.value, dict) and name in document.value
        at = At(document, (name,) if is_here else ())
        message = f"the name {quoted(name)} stands twice in one object, and tools disagree about which of them counts"
        yield Problem(at, message, "remove one of the two", is_name=is_here)


def typed(at: At, name: Key, wanted: str, *, required: bool = False) -> Iterator[Problem]:
    """A member that is there must have a type, one of `_TYPES`; null means that it is not there."""
    value = (at / name).value
    if value is None:
        if required:
            yield Problem(at, f"`{name}` is missing", f"it must be {wanted}")
    elif not has_type(value, wanted):
        called = f"`{name}`" if isinstance(name, str) else "an entry of this array"
        yield Problem(at / name, f"{called} must be {wanted}, not {shown(value)}")


def filled(at: At, name: str) -> Iterator[Problem]:
    """A member that must be there, and must say something."""
    yield from typed(at, name, "a string", required=True)
    if (at / name).value == "":
        yield Problem(at / name, f"`{name}` is empty")


def array_of(at: At, name: str, wanted: str, *, required: bool = False) -> Iterator[Problem]:
    """A member that must be an array of one type."""
    yield from typed(at, name, "an array", required=required)
    items = (at / name).value
    if isinstance(items, list):
        for number, value in enumerate(items):
            if not has_type(value, wanted):
                message = f"an entry of `{name}` must be {wanted}, not {shown(value)}"
                yield Problem(at / name / number, message)


def map_of(at: At, name: str, wanted: str) -> Iterator[Problem]:
    """A member that must be an object whose values are of one type."""
    yield from typed(at, name, "an object")
    members = (at / name).value
    if isinstance(members, dict):
        for key, value in members.items():
            if not has_type(value, wanted):
                yield Problem(at / name / key, f"{quoted(key)} in `{name}` must be {wanted}, not {shown(value)}")


def annotation_map(at: At) -> Iterator[Problem]:
    """The annotations of a manifest, an index or a descriptor (annotations.md, "Rules")."""
    value = at.value
    if isinstance(value, dict) and "annotations" in value and value["annotations"] is None:
        yield Problem(at / "annotations", "`annotations` must be an object, not null", "leave it out, or write {}")
    yield from map_of(at, "annotations", "a string")


def has_type(value: Any, wanted: str) -> bool:
    """Whether a value has a type of `_TYPES`. True and false are no numbers."""
    return isinstance(value, _TYPES[wanted]) and (wanted == "true or false" or not isinstance(value, bool))


def shown(value: Any) -> str:
    """A wrong value in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {str(value)[:40]}"
    if isinstance(value, str):
        return f"the string {quoted(value)}"
    return "an array" if isinstance(value, list) else "an object"


def quoted(text: str) -> str:
    """A short form of a text, as messages quote it."""
    return f"`{text if len(text) <= 80 else text[:79] + '…'}`"
