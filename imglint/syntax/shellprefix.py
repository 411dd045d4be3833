"""Commands that run others: `sudo`, `env` and their like, and shells that are given a script."""

from __future__ import annotations

import re
from typing import Final

from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.shellcommand import Assignment, Command
from imglint.syntax.shellword import NAME, Word


def assignment(word: Word) -> Assignment | None:
    """What an argument of `export`, `declare` or `env` sets; None when it does not begin with `name=`."""
    first = word.parts[0] if word.parts else None
    match = re.match(rf"({NAME})(\+?)=", first.text) if first and first.kind == "literal" else None
    if not match or not first:
        return None
    span = Span(first.span.start + match.end(), first.span.end) if first.exact else first.span
    rest = first._replace(text=first.text[match.end() :], span=span)
    parts = word.parts[1:]
    if rest.text or (rest.quoted and not parts):
        parts = (rest, *parts)
    is_array = any(part.kind == "dynamic" and not part.quoted and part.text.startswith("(") for part in parts)
    value = None if is_array else Word(Span(span.start, max(span.end, word.parts[-1].span.end)), parts)
    return Assignment(match[1], value, bool(match[2]), word.span)


class _Prefix(NamedTuple):
    """A command that runs its arguments: the flags that take a value, and how many arguments are its own.

    `sets`: `name=value` before the command counts for it. `asks`: with one of these flags it runs nothing.
    """

    short: str = ""
    long: tuple[str, ...] = ()
    own: int = 0
    sets: bool = False
    asks: str = ""


_SUDO_LONG: Final = ("user", "group", "host", "prompt", "chdir", "chroot", "role", "type", "other-user")
_PREFIXES: Final = {
    "sudo": _Prefix("ugUhpCDRrtT", (*_SUDO_LONG, "close-from", "command-timeout"), sets=True, asks="lvkKVe"),
    "doas": _Prefix("uC", asks="L"),
    "env": _Prefix("uCS", ("unset", "chdir", "split-string"), sets=True, asks="S"),
    "exec": _Prefix("a"),
    "time": _Prefix("of", ("output", "format"), asks="V"),
    "nice": _Prefix("n", ("adjustment",)),
    "ionice": _Prefix("cnpPu", ("class", "classdata", "pid", "pgid", "uid")),
    "nohup": _Prefix(),
    "setsid": _Prefix(),
    "command": _Prefix(asks="vV"),
    "builtin": _Prefix(),
    "busybox": _Prefix(),
    "stdbuf": _Prefix("ioe", ("input", "output", "error")),
    "timeout": _Prefix("sk", ("signal", "kill-after"), own=1),
    "gosu": _Prefix(own=1),
    "su-exec": _Prefix(own=1),
    "chroot": _Prefix(long=("userspec", "groups"), own=1),
    "xargs": _Prefix("InPLdEsa", ("replace", "max-args", "max-procs", "max-lines", "delimiter", "arg-file")),
}
RUNNERS: Final = frozenset(_PREFIXES)
"""The programs that run the command in their arguments."""
SHELLS: Final = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh"))
"""The programs that read a script given with `-c`."""
_SHELL_VALUED: Final = frozenset(("--rcfile", "--init-file"))


def unwrapped(command: Command) -> Command:
    """The command that `sudo`, `env`, `exec`, `time`, `xargs` and their like run, one in another; else the same.

    What `env` and `sudo` set joins the assignments.
    """
    words, at, assignments = command.words, 0, list(command.assignments)
    while at < len(words):
        prefix = _PREFIXES.get(_program(words[at]))
        own: list[Assignment] = []
        following = _after_prefix(words, at + 1, prefix, own) if prefix else len(words)
        if following >= len(words):
            break
        at = following
        assignments += own
    return command._replace(words=words[at:], assignments=tuple(assignments)) if at else command


def inner_script(command: Command) -> Word | None:
    """The word that is itself a script: of `sh -c …` (any usual shell, behind any prefix) or `eval …`."""
    words = unwrapped(command).words
    program = _program(words[0]) if words else ""
    if program == "eval":
        return words[1] if len(words) == 2 else None
    if program not in SHELLS:
        return None
    runs, at = False, 1
    while at < len(words):
        option = _leading(words[at])
        at += 1
        if option in ("--", "-"):
            break
        if option[:1] not in ("-", "+"):
            at -= 1
            break
        if option.startswith("--"):
            at += option in _SHELL_VALUED
            continue
        runs = runs or (option[0] == "-" and "c" in option)
        at += option.count("o") + option.count("O")
    return words[at] if runs and at < len(words) else None


def _leading(word: Word) -> str:
    """The value of a word up to its first part that is no literal."""
    text = ""
    for part in word.parts:
        if part.kind != "literal":
            break
        text += part.text
    return text


def _program(word: Word) -> str:
    """The name of the program that a word runs, without its folder; empty when unknown."""
    return (word.literal or "").rpartition("/")[2]


def _after_prefix(words: tuple[Word, ...], at: int, prefix: _Prefix, assignments: list[Assignment]) -> int:
    """Where the command of a prefix begins; behind the last word when it runs none."""
    options, own = True, prefix.own
    while at < len(words):
        text = _leading(words[at])
        found = assignment(words[at]) if prefix.sets else None
        if options and len(text) > 1 and text.startswith("-"):
            options = text != "--"
            name = text.removeprefix("--")
            if not text.startswith("--"):
                if any(char in prefix.asks for char in text[1:2]):
                    return len(words)
                at += _takes_next(text[1:], prefix.short, len(words[at].parts))
            elif name in prefix.long:
                at += 1
        elif found:
            options = False
            assignments.append(found)
        elif own:
            own -= 1
        else:
            return at
        at += 1
    return at


def _takes_next(cluster: str, valued: str, parts: int) -> bool:
    """Whether the value of a flag among these letters is the next word."""
    for index, letter in enumerate(cluster):
        if letter in valued:
            return index + 1 == len(cluster) and parts == 1
    return False
