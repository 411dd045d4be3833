"""The conditions BuildKit puts on an instruction by itself, and on the order of instructions.

Each check answers with a `Problem` of phase `instruction` or `file`; nothing is expanded yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from imglint.source import Span, printable
from imglint.syntax.dockerfile import Dockerfile
from imglint.syntax.heredoc import opening
from imglint.syntax.mounts import MountError, fields
from imglint.syntax.nearest import nearest
from imglint.syntax.problem import Problem
from imglint.syntax.tree import KEYWORDS, Instruction, Word
from imglint.syntax.words import GO_SPACE, ExpansionError

_STRING, _STRINGS, _BOOLEAN = "string", "strings", "boolean"
_COPY_FLAGS: Final = {"chown": _STRING, "chmod": _STRING, "link": _BOOLEAN, "exclude": _STRINGS}
FLAGS: Final[dict[str, dict[str, str]]] = {
    "FROM": {"platform": _STRING},
    "RUN": {"mount": _STRINGS, "network": _STRING, "security": _STRING, "device": _STRINGS},
    "COPY": {**_COPY_FLAGS, "from": _STRING, "parents": _BOOLEAN},
    "ADD": {**_COPY_FLAGS, "keep-git-dir": _BOOLEAN, "checksum": _STRING, "unpack": _BOOLEAN},
    "HEALTHCHECK": dict.fromkeys(("interval", "timeout", "start-period", "start-interval", "retries"), _STRING),
}
"""The flags of each instruction and what they hold; the other instructions have none."""

_UNCHECKED_FLAGS: Final = frozenset(("ARG", "STOPSIGNAL"))
_STAGE_NAME: Final = r"[a-z][a-z0-9\-_.]*\Z"
_DURATION: Final = r"[-+]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)\Z"
_DURATION_PART: Final = r"([0-9.]+)(ns|us|µs|μs|ms|s|m|h)"
_MILLISECONDS: Final = {
    "ns": 1e-6,
    "us": 1e-3,
    "µs": 1e-3,
    "μs": 1e-3,
    "ms": 1.0,
    "s": 1e3,
    "m": 6e4,
    "h": 3.6e6,
}


class _InvalidError(Exception):
    def __init__(self, code: str, span: Span, reason: str, help: str = "") -> None:
        super().__init__(reason)
        self.code, self.span, self.reason, self.help = code, span, reason, help


def problems(dockerfile: Dockerfile) -> Iterator[Problem]:
    """Everything wrong with single instructions and their order, in file order."""
    in_stage = False
    for instruction in dockerfile.instructions:
        if instruction.problem is None:
            problem = check_instruction(instruction)
            if problem:
                yield problem
        in_stage = in_stage or instruction.name == "FROM"
        if not in_stage and instruction.name in KEYWORDS and instruction.name != "ARG":
            reason = f"{instruction.name} stands before the first FROM, where only ARG may stand"
            yield Problem("no-stage", "file", instruction.span, instruction.lines[0], reason)
    if not in_stage and dockerfile.instructions:
        last = dockerfile.instructions[-1]
        if all(instruction.name == "ARG" for instruction in dockerfile.instructions):
            yield Problem(
                "no-stages",
                "file",
                last.span,
                last.lines[0],
                "the file has no FROM, so there is nothing to build",
            )


def check_instruction(instruction: Instruction) -> Problem | None:
    """What is wrong with one instruction by itself, as far as its line could be read."""
    try:
        _check(instruction)
    except _InvalidError as invalid:
        return Problem(invalid.code, "instruction", invalid.span, instruction.lines[0], invalid.reason, invalid.help)
    return None


def _check(instruction: Instruction) -> None:
    name = instruction.name
    if name not in KEYWORDS:
        keyword = printable(instruction.keyword.text)
        known = nearest(keyword.upper(), KEYWORDS, cutoff=0.6)
        raise _InvalidError(
            "unknown-instruction", instruction.keyword.span, f"`{keyword}` is not an instruction",
            f"did you mean `{known}`?" if known else "if another frontend adds it, name that with `# syntax=`",
        )  # fmt: skip
    check = _CHECKS.get(name)
    if check:
        check(instruction)
    if name not in _UNCHECKED_FLAGS and not (name == "HEALTHCHECK" and _kind(instruction) == "NONE"):
        _check_flags(instruction)
    after = _CHECKS_AFTER_FLAGS.get(name)
    if after:
        after(instruction)


def _count(instruction: Instruction) -> int:
    return len(instruction.pairs) if instruction.name in ("ENV", "LABEL") else len(instruction.arguments)


def _at_least_one(instruction: Instruction) -> None:
    if not _count(instruction):
        raise _InvalidError("needs-argument", instruction.span, f"{instruction.name} needs at least one argument")


def _exactly_one(instruction: Instruction) -> None:
    if _count(instruction) != 1:
        raise _InvalidError("needs-one-argument", instruction.span, f"{instruction.name} needs exactly one argument")


def _names_not_blank(instruction: Instruction) -> None:
    _at_least_one(instruction)
    for key, value, _ in instruction.pairs:
        if not key.text:
            span = Span(key.span.start, value.span.end if value else key.span.end)
            raise _InvalidError("blank-name", span, f"{instruction.name} needs a name before the `=`")


def _source_and_destination(instruction: Instruction) -> None:
    if len(instruction.arguments) < 2:
        reason = f"{instruction.name} needs a source and a destination"
        raise _InvalidError("needs-destination", instruction.span, reason)


def _destination_is_no_heredoc(instruction: Instruction) -> None:
    destination = instruction.arguments[-1]
    try:
        heredoc = "<<" in destination.text and opening(destination.text)
    except ExpansionError:
        return
    if heredoc:
        raise _InvalidError(
            "heredoc-destination",
            destination.span,
            f"a heredoc cannot be the destination of {instruction.name}",
        )


def _from(instruction: Instruction) -> None:
    words = instruction.arguments
    if len(words) == 3 and words[1].text.lower() == "as":
        lower = words[2].text.lower()
        if not (lower.isalpha() and lower.isascii()) and not re.match(_STAGE_NAME, lower):
            name = printable(words[2].text)
            raise _InvalidError(
                "invalid-stage-name", words[2].span, f"`{name}` cannot be the name of a stage",
                "begin it with a letter and use only letters, digits, `-`, `_` and `.`",
            )  # fmt: skip
    elif len(words) != 1:
        raise _InvalidError(
            "from-arguments", instruction.rest.span if words else instruction.span,
            "FROM needs an image, and may go on only with `AS` and a name",
            "a comment cannot follow on the same line" if any(w.text.startswith("#") for w in words) else "",
        )  # fmt: skip


def _onbuild(instruction: Instruction) -> None:
    if instruction.inner is None:
        raise _InvalidError("needs-argument", instruction.span, "ONBUILD needs an instruction")


def _onbuild_trigger(instruction: Instruction) -> None:
    inner = instruction.inner
    if inner and inner.name in ("ONBUILD", "FROM", "MAINTAINER"):
        raise _InvalidError("onbuild-trigger", inner.keyword.span, f"ONBUILD cannot hold {inner.name}")


def _shell(instruction: Instruction) -> None:
    _at_least_one(instruction)
    if not instruction.exec_form:
        raise _InvalidError(
            "shell-not-json", instruction.rest.span, "SHELL takes only a JSON array of strings",
            'write SHELL ["/bin/bash", "-c"]',
        )  # fmt: skip


def _volume(instruction: Instruction) -> None:
    for word in instruction.arguments:
        if not word.text.strip(GO_SPACE):
            raise _InvalidError("empty-volume", word.span, "VOLUME needs a path, and this one is empty")


def _kind(instruction: Instruction) -> str:
    return instruction.arguments[0].text.upper() if instruction.arguments else ""


def _healthcheck(instruction: Instruction) -> None:
    _at_least_one(instruction)
    if _kind(instruction) == "NONE" and len(instruction.arguments) > 1:
        raise _InvalidError("healthcheck-none", instruction.span, "HEALTHCHECK NONE takes no arguments")


def _healthcheck_command(instruction: Instruction) -> None:
    kind = _kind(instruction)
    if kind == "NONE":
        return
    if kind != "CMD":
        word = printable(instruction.arguments[0].text)
        raise _InvalidError(
            "healthcheck-kind", instruction.arguments[0].span, f"HEALTHCHECK does not know `{word}`",
            "write HEALTHCHECK CMD … or HEALTHCHECK NONE",
        )  # fmt: skip
    if len(instruction.arguments) < 2:
        raise _InvalidError("healthcheck-command", instruction.span, "HEALTHCHECK CMD needs a command")
    for name in ("interval", "timeout", "start-period", "start-interval"):
        flag = instruction.flag(name)
        if flag and flag.text and not _is_duration(flag.text):
            raise _InvalidError(
                "invalid-duration", flag.span, f"`{printable(flag.text)}` is not a duration of a millisecond or more",
                "write it as `30s` or `1m30s`",
            )  # fmt: skip
    retries = instruction.flag("retries")
    if retries and retries.text and not (re.match(r"\+?[0-9]+\Z", retries.text) and int(retries.text[-20:]) < 2**31):
        raise _InvalidError("invalid-retries", retries.span, f"`{printable(retries.text)}` is not a number of retries")


def _is_duration(text: str) -> bool:
    if text[:-1].isdecimal() and text.isascii() and text[-1] in "smh":
        return True
    if not re.match(_DURATION, text):
        return False
    total = sum(float(number) * _MILLISECONDS[unit] for number, unit in re.findall(_DURATION_PART, text))
    return total == 0 or (total >= 1 and not text.startswith("-"))


def _run(instruction: Instruction) -> None:
    for flag in instruction.flags:
        name, _, value = flag.text.partition("=")
        if name == "--network" and value not in ("default", "none", "host"):
            raise _InvalidError("invalid-network", flag.span, f"`{printable(value)}` is not default, none or host")
        if name == "--security" and value not in ("sandbox", "insecure"):
            raise _InvalidError("invalid-security", flag.span, f"`{printable(value)}` is not sandbox or insecure")
        if name == "--mount":
            try:
                fields(value)
            except MountError as error:
                raise _InvalidError(error.code, flag.span, str(error)) from None


_CHECKS: Final[dict[str, Callable[[Instruction], None]]] = {
    "ADD": _source_and_destination,
    "ARG": _names_not_blank,
    "COPY": _source_and_destination,
    "EXPOSE": _at_least_one,
    "FROM": _from,
    "HEALTHCHECK": _healthcheck,
    "MAINTAINER": _exactly_one,
    "ONBUILD": _onbuild,
    "STOPSIGNAL": _exactly_one,
    "USER": _exactly_one,
    "VOLUME": _at_least_one,
    "WORKDIR": _exactly_one,
}
_CHECKS_AFTER_FLAGS: Final[dict[str, Callable[[Instruction], None]]] = {
    "ADD": _destination_is_no_heredoc,
    "COPY": _destination_is_no_heredoc,
    "ENV": _names_not_blank,
    "HEALTHCHECK": _healthcheck_command,
    "LABEL": _names_not_blank,
    "ONBUILD": _onbuild_trigger,
    "RUN": _run,
    "SHELL": _shell,
    "VOLUME": _volume,
}


def _check_flags(instruction: Instruction) -> None:
    allowed = FLAGS.get(instruction.name, {})
    seen: set[str] = set()
    for flag in instruction.flags:
        _check_flag(instruction.name, flag, allowed, seen)


def _check_flag(keyword: str, flag: Word, allowed: dict[str, str], seen: set[str]) -> None:
    name, has_value, value = flag.text.partition("=")
    shown = printable(name)
    kind = allowed.get(name[2:])
    if kind is None:
        known = nearest(name[2:], tuple(allowed))
        raise _InvalidError(
            "unknown-flag",
            flag.span,
            f"{keyword} has no flag `{shown}`",
            f"did you mean `--{known}`?" if known else "",
        )
    if name in seen and kind != _STRINGS:
        raise _InvalidError("duplicate-flag", flag.span, f"the flag `{shown}` is given twice")
    seen.add(name)
    if (kind == _BOOLEAN and has_value and not value) or (kind != _BOOLEAN and not has_value):
        raise _InvalidError("flag-needs-value", flag.span, f"the flag `{shown}` needs a value", f"write `{shown}=…`")
    if kind == _BOOLEAN and value.lower() not in ("", "true", "false"):
        raise _InvalidError("flag-not-boolean", flag.span, f"`{shown}` is either `true` or `false`")
