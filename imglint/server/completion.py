"""What may be written at a place of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Final

from imglint.catalog import Catalog
from imglint.model.kind import Kind
from imglint.model.stages import SCRATCH, Stages
from imglint.read.rules import token_scopes
from imglint.record import NamedTuple
from imglint.server.meanings import MEANINGS
from imglint.server.permissions import SCOPES, choices
from imglint.server.session import View
from imglint.source import Span
from imglint.syntax.oci import KEYS, PREFIX
from imglint.syntax.spdx.names import license_names
from imglint.syntax.spdx.table import spdx_list
from imglint.syntax.tree import Instruction
from imglint.syntax.validate import FLAGS

_SUPPRESSION: Final = r"#\s*imglint:\s*(?P<verb>[\w-]*)$"
_RULE: Final = r"#\s*imglint:\s*ignore(?:-file)?\s*\[(?:[^\]\n]*,)?\s*(?P<word>[\w-]*)$"
_LICENSES: Final = rf"{re.escape(PREFIX)}licenses[\"']?\s*[=:]\s*(?P<quote>[\"']?)(?P<expression>[^\"'\n]*)$"
_KEY: Final = r"(?:^|[\s\"'=:,\[-])(?P<word>[A-Za-z][\w.-]*|)$"
_SCOPES: Final = r"github\.\S+/settings/tokens/new\?(?:\S*&)?scopes=(?:[\w:,]*,)?(?P<word>[\w:]*)$"
_TOKEN: Final = r"[A-Za-z0-9.+-]*$"
_TELLING: Final = 3
"""Characters of a key that are needed where other words may stand."""

_OPERATORS: Final = {"AND": "both licences hold", "OR": "either licence may be chosen", "WITH": "an exception follows"}
_MOUNT_KEYS: Final = {
    "type": "what is mounted: bind, cache, tmpfs, secret or ssh",
    "target": "where it is mounted",
    "source": "what is mounted, within `from`",
    "from": "the stage or image that the source is in",
    "id": "the name of a secret, an ssh agent or a cache",
    "sharing": "what happens when several builds use a cache: shared, private or locked",
    "required": "whether the build fails without it",
    "readonly": "whether it can only be read",
    "mode": "its permissions, in octal",
    "uid": "the user it belongs to",
    "gid": "the group it belongs to",
    "size": "how large a tmpfs may become",
    "env": "the variable that holds a secret",
}
"""https://docs.docker.com/reference/dockerfile/#run---mount"""

_VALUES: Final = {
    "type": ("bind", "cache", "tmpfs", "secret", "ssh"),
    "sharing": ("shared", "private", "locked"),
    "network": ("default", "none", "host"),
    "security": ("sandbox", "insecure"),
}


class Sort(Enum):
    """What a proposal is, for the sign that editors show beside it."""

    KEY = "key"
    LICENSE = "license"
    OPERATOR = "operator"
    STAGE = "stage"
    FLAG = "flag"
    VALUE = "value"
    RULE = "rule"


class Proposal(NamedTuple):
    """A text that may replace what is written at `span`, with a few words about it."""

    text: str
    span: Span
    sort: Sort
    detail: str


def proposals(view: View, offset: int, catalog: Catalog) -> list[Proposal]:
    """Everything that may be written at a place, in a sensible order."""
    text = view.source.text
    before = text[text.rfind("\n", 0, offset) + 1 : offset]
    return (
        list(_suppressions(before, offset, catalog))
        or list(_licenses(before, offset, view.document.kind))
        or list(_in_instruction(view, offset))
        or list(_permissions(view, offset))
        or list(_scopes(before, offset))
        or list(_keys(before, offset, whole=True))
    )


def _suppressions(before: str, offset: int, catalog: Catalog) -> Iterator[Proposal]:
    if match := re.search(_RULE, before):
        span = Span(offset - len(match["word"]), offset)
        yield from (Proposal(rule.name, span, Sort.RULE, rule.summary) for rule in catalog.rules())
        families = sorted(set(catalog.families.values()))
        yield from (Proposal(family, span, Sort.RULE, f"all rules on {family}") for family in families)
    elif match := re.search(_SUPPRESSION, before):
        span = Span(offset - len(match["verb"]), offset)
        yield Proposal("ignore", span, Sort.VALUE, "silences rules here: ignore[rule] reason")
        yield Proposal("ignore-file", span, Sort.VALUE, "silences rules in the whole file: ignore-file[rule] reason")


def _licenses(before: str, offset: int, kind: Kind | None) -> Iterator[Proposal]:
    match = re.search(_LICENSES, before)
    if match is None or (kind is Kind.DOCKERFILE and not match["quote"] and " " in match["expression"]):
        return
    token = re.search(_TOKEN, match["expression"])
    assert token is not None  # It may be empty, so it is always there.
    span = Span(offset - len(token[0]), offset)
    earlier = match["expression"][: token.start()].replace("(", " ( ").replace(")", " ) ").split()
    last = earlier[-1] if earlier else ""
    if last == "WITH":
        yield from (Proposal(each, span, Sort.LICENSE, "exception") for each in spdx_list().exceptions.values())
    elif last and last not in ("AND", "OR", "("):
        yield from (Proposal(word, span, Sort.OPERATOR, meaning) for word, meaning in _OPERATORS.items())
    else:
        names, old = license_names(), spdx_list().replacements
        current = (each for key, each in spdx_list().licenses.items() if key not in old)
        yield from (Proposal(each, span, Sort.LICENSE, names.get(each, "")) for each in current)


def _permissions(view: View, offset: int) -> Iterator[Proposal]:
    found = choices(view.source.text, offset) if view.document.kind is Kind.WORKFLOW else None
    if found is not None:
        word, meanings = found
        span = Span(offset - len(word), offset)
        sort = Sort.KEY if meanings is SCOPES else Sort.VALUE
        end = ": " if meanings is SCOPES else ""
        yield from (Proposal(each + end, span, sort, meaning) for each, meaning in meanings.items())


def _scopes(before: str, offset: int) -> Iterator[Proposal]:
    """Scopes of a token, in the address of the form that makes one."""
    match = re.search(_SCOPES, before)
    if match is not None:
        span = Span(offset - len(match["word"]), offset)
        yield from (
            Proposal(each.name, span, Sort.VALUE, f"{each.may} (risk: {each.risk})")
            for each in token_scopes().known.values()
        )


def _keys(before: str, offset: int, whole: bool = False) -> Iterator[Proposal]:
    """Keys of the OCI specification, for their beginning; with `whole` not for what follows their prefix alone."""
    match = re.search(_KEY, before)
    if match is None or not _may_begin(match["word"], whole):
        return
    span = Span(offset - len(match["word"]), offset)
    yield from (Proposal(PREFIX + name, span, Sort.KEY, MEANINGS[name]) for name in KEYS)


def _may_begin(word: str, whole: bool) -> bool:
    if word.startswith(PREFIX) or (PREFIX.startswith(word) and (not whole or len(word) >= _TELLING)):
        return True
    return not whole and any(name.startswith(word) for name in KEYS)


# Dockerfiles -------------------------------------------------------------------------------------------------------


def _in_instruction(view: View, offset: int) -> Iterable[Proposal]:
    if view.evaluation is None:
        return []
    instruction = _instruction_at(view, offset)
    if instruction is None or offset <= instruction.keyword.span.end:
        return []
    before = view.source.text[instruction.keyword.span.end : offset]
    stages = _earlier(view.evaluation.stages, instruction)
    *words, word = re.split(r"\s+", before) if before else [""]
    if all(each.startswith("--") or each in ("", "\\", "`") for each in words):
        if word.startswith("--"):
            return _flags(instruction.name, word, offset, stages)
        if instruction.name == "FROM":
            return [
                *_stages(stages, word, offset),
                Proposal(SCRATCH, _span(word, offset), Sort.VALUE, "an empty image"),
            ]
    if instruction.name == "LABEL" and "=" not in word:
        return _keys(before, offset)
    return []


def _instruction_at(view: View, offset: int) -> Instruction | None:
    """The instruction that a place belongs to, unless it is in a here-document of it."""
    if view.evaluation is None:
        return None
    line = view.source.position(offset).line
    for instruction in view.evaluation.dockerfile.instructions:
        if instruction.lines[0] <= line <= instruction.lines[1]:
            inside = any(body.body.start <= offset <= body.terminator.end for body in instruction.heredocs)
            return None if inside else instruction
    return None


def _earlier(stages: Stages, instruction: Instruction) -> list[tuple[str, str]]:
    """The names of the stages before an instruction, the last first, with what they are based on."""
    before = [stage for stage in stages.stages if stage.instruction.span.end < instruction.span.start]
    if instruction.name != "FROM":
        before = before[:-1]
    return [(stage.name, f"a stage from {stage.image.text}") for stage in reversed(before) if stage.name]


def _stages(stages: list[tuple[str, str]], word: str, offset: int) -> Iterator[Proposal]:
    yield from (Proposal(name, _span(word, offset), Sort.STAGE, detail) for name, detail in stages)


def _flags(name: str, word: str, offset: int, stages: list[tuple[str, str]]) -> Iterable[Proposal]:
    flag, equals, value = word.removeprefix("--").partition("=")
    if not equals:
        kinds = FLAGS.get(name, {})
        written = ((f"--{each}", kind) for each, kind in kinds.items())
        return [
            Proposal(each if kind == "boolean" else f"{each}=", _span(word, offset), Sort.FLAG, f"a flag of {name}")
            for each, kind in written
        ]
    if flag == "mount":
        key, equals, value = value.rpartition(",")[2].partition("=")
        if not equals:
            details = _MOUNT_KEYS.items()
            return [Proposal(f"{each}=", _span(key, offset), Sort.FLAG, detail) for each, detail in details]
        flag = key
    if flag == "from":
        return list(_stages(stages, value, offset))
    return [Proposal(each, _span(value, offset), Sort.VALUE, "") for each in _VALUES.get(flag, ())]


def _span(word: str, offset: int) -> Span:
    return Span(offset - len(word), offset)
