"""One logical line into an instruction: keyword, flags and arguments in the form that the keyword asks for."""

from __future__ import annotations

import json
import re
from typing import Final

from imglint.record import NamedTuple
from imglint.source import printable
from imglint.syntax.lines import Joined, encode
from imglint.syntax.problem import Problem
from imglint.syntax.tree import NO_COMMENTS, Comments, Instruction, Pair, Word
from imglint.syntax.words import GO_SPACE

MAX_DEPTH: Final = 100
"""How many instructions one in another are read (`ONBUILD ONBUILD …`); BuildKit refuses the second."""

_JSON_OR_STRING: Final = frozenset(("CMD", "ENTRYPOINT", "RUN", "SHELL"))
_JSON_OR_WORDS: Final = frozenset(("ADD", "COPY", "VOLUME"))
_WORDS: Final = frozenset(("EXPOSE", "FROM"))
_STRING: Final = frozenset(("MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"))

_BLANKS = re.compile(r"[\t\v\f\r ]+")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# All that ends or quotes a word is outside of it, and more: what is left is read character by character.
_PLAIN_RUN = re.compile(r"[^\s'\"\\`]+")
_FLAG_SPACE: Final = frozenset("\t\n\v\f\r \x85\xa0")


class _RefusedError(Exception):
    def __init__(self, code: str, reason: str, start: int, end: int, help: str = "") -> None:
        super().__init__(reason)
        self.code, self.reason, self.start, self.end, self.help = code, reason, start, end, help


class _Arguments(NamedTuple):
    words: tuple[Word, ...] = ()
    pairs: tuple[Pair, ...] = ()
    exec_form: bool = False
    inner: Instruction | None = None


def read(
    line: Joined, escape: str, lines: tuple[int, int], comments: Comments, empty_continuation: bool
) -> Instruction:
    """Read a logical line. Never raises: what BuildKit's scanner refuses is in `problem`."""
    return _read(line, 0, escape, lines, comments, empty_continuation)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The range without white space at both ends."""
    if start < end and text[start] not in GO_SPACE and text[end - 1] not in GO_SPACE:
        return start, end
    piece = text[start:end]
    left = piece.lstrip(GO_SPACE)
    start += len(piece) - len(left)
    return start, start + len(left.rstrip(GO_SPACE))


def _read(
    line: Joined,
    start: int,
    escape: str,
    lines: tuple[int, int],
    comments: Comments = NO_COMMENTS,
    empty_continuation: bool = False,
    depth: int = 0,
) -> Instruction:
    text = line.text
    start, end = _trim(text, start, len(text))
    blank = _BLANKS.search(text, start, end)
    keyword_end, at = (blank.start(), blank.end()) if blank else (end, end)
    keyword = Word(text[start:keyword_end], line.span(start, keyword_end))
    name = keyword.text.upper() if keyword.text.isascii() else keyword.text
    flags: list[Word] = []
    if text.startswith("--", at) or text[at : at + 1] in GO_SPACE:
        at = _read_flags(line, at, end, escape, flags)
    at, end = _trim(text, at, end)
    problem = None
    try:
        words, pairs, exec_form, inner = _arguments(name, line, at, end, escape, lines, depth)
    except _RefusedError as refused:
        span = line.span(refused.start, refused.end)
        problem = Problem(refused.code, "scan", span, lines[0], refused.reason, refused.help)
        words, pairs, exec_form, inner = _Arguments()
    return Instruction(
        name,
        keyword,
        lines,
        line.span(start, max(end, keyword_end)),
        line,
        Word(text[at:end], line.span(at, end)),
        tuple(flags),
        words,
        pairs,
        exec_form,
        (),
        comments.before,
        comments.inner,
        empty_continuation,
        inner,
        problem,
    )


def _arguments(
    name: str, line: Joined, at: int, end: int, escape: str, lines: tuple[int, int], depth: int
) -> _Arguments:
    """Read the arguments in the form of the keyword; raises `_RefusedError`."""
    text = line.text
    if name in ("ENV", "LABEL"):
        return _Arguments(pairs=_read_pairs(name, line, at, end, escape))
    if name == "ARG":
        words = _quoted_words(text, at, end, escape)
        return _Arguments(
            tuple(Word(word, line.span(a, b)) for word, a, b in words),
            tuple(_pair(line, word, a, b) for word, a, b in words),
        )
    if name == "ONBUILD":
        if at == end or depth >= MAX_DEPTH:
            return _Arguments()
        return _Arguments(inner=_read(line, at, escape, lines, depth=depth + 1))
    if name == "HEALTHCHECK" and at < end:
        blank = next((i for i in range(at, end) if text[i] in _FLAG_SPACE), end)
        following = next((i for i in range(blank, end) if text[i] not in _FLAG_SPACE), end)
        exec_form, command = _json_or_string(line, following, end)
        return _Arguments((Word(text[at:blank], line.span(at, blank)), *command), exec_form=exec_form)
    if name in _JSON_OR_STRING:
        exec_form, command = _json_or_string(line, at, end)
        return _Arguments(command, exec_form=exec_form)
    if name in _JSON_OR_WORDS:
        strings = _json_strings(line, at, end)
        return _Arguments(_blank_words(line, at, end)) if strings is None else _Arguments(strings, exec_form=True)
    if name in _WORDS:
        return _Arguments(_blank_words(line, at, end))
    if name in _STRING and at < end:
        return _Arguments((Word(text[at:end], line.span(at, end)),))
    return _Arguments()


def _read_flags(line: Joined, at: int, end: int, escape: str, flags: list[Word]) -> int:
    """Read leading `--flag` words into `flags`; returns where the arguments begin.

    BuildKit does this byte by byte and takes each byte for a character: `--chown=é` reads as `--chown=Ã©`.
    """
    text = line.text[at:end]
    widths = None
    if not text.isascii():
        encoded = [encode(char) for char in text]
        widths = [index for index, char in enumerate(encoded) for _ in char] + [len(text)]
        text = b"".join(encoded).decode("latin-1")

    def place(index: int) -> int:
        return at + (widths[index] if widths else index)

    pos = 0
    while pos < len(text):
        if text[pos] in _FLAG_SPACE:
            pos += 1
            continue
        if not text.startswith("--", pos):
            return place(pos)
        start, word, quoted, pos = _flag_word(text, pos, escape)
        if word == "--":
            return place(pos)
        if word or quoted:
            flags.append(Word(word, line.span(place(start), place(pos))))
    return end


def _flag_word(text: str, pos: int, escape: str) -> tuple[int, str, bool, int]:
    """One flag from `pos` on: start, text without quotes, whether it had quotes, and the place after it."""
    start = pos
    parts: list[str] = []
    quote = ""
    quoted = False
    while pos < len(text):
        char = text[pos]
        if quote:
            if char == quote:
                quote = ""
                pos += 1
                continue
        elif char in _FLAG_SPACE:
            break
        elif char in "'\"":
            quote, quoted = char, True
            pos += 1
            continue
        if char == escape:
            pos += 1
            if pos == len(text):
                break
            char = text[pos]
        parts.append(char)
        pos += 1
    return start, "".join(parts), quoted, pos


def _quoted_words(text: str, at: int, end: int, escape: str) -> list[tuple[str, int, int]]:
    """Split at white space outside of quotes; quotes and escapes stay in the words."""
    words: list[tuple[str, int, int]] = []
    pos = at
    while pos < end:
        if text[pos] in GO_SPACE:
            pos += 1
            continue
        start, quote, stop = pos, "", pos
        while pos < end:
            run = _PLAIN_RUN.match(text, pos, end)
            if run:
                pos = stop = run.end()
                continue
            char = text[pos]
            if char == escape and quote != "'":
                if pos + 1 == end:
                    pos += 1
                    break
                pos += 2
            elif quote:
                if char == quote:
                    quote = ""
                pos += 1
            elif char in GO_SPACE:
                break
            else:
                if char in "'\"":
                    quote = char
                pos += 1
            stop = pos
        if stop > start:
            words.append((text[start:stop], start, stop))
    return words


def _pair(line: Joined, word: str, start: int, end: int) -> Pair:
    key, separator, _ = word.partition("=")
    middle = start + len(key)
    value = Word(word[len(key) + 1 :], line.span(middle + 1, end)) if separator else None
    return Pair(Word(key, line.span(start, middle)), value, separator)


def _read_pairs(name: str, line: Joined, at: int, end: int, escape: str) -> tuple[Pair, ...]:
    text = line.text
    words = _quoted_words(text, at, end, escape)
    if not words:
        return ()
    if "=" not in words[0][0]:
        blank = _BLANKS.search(text, at, end)
        if blank is None:
            form = f"write `{name} {words[0][0]}=…`"
            raise _RefusedError(
                "missing-value", f"{name} needs a name and a value, and `{words[0][0]}` stands alone", at, end,
                f"{name} has no JSON form: write NAME=VALUE" if words[0][0].startswith("[") else form,
            )  # fmt: skip
        key = Word(text[at : blank.start()], line.span(at, blank.start()))
        return (Pair(key, Word(text[blank.end() : end], line.span(blank.end(), end)), ""),)
    for word, start, stop in words:
        if "=" not in word:
            raise _RefusedError(
                "missing-equals", f"`{word}` has no `=`: in this form of {name} every word needs one", start, stop,
                "put a value that contains blanks in double quotes",
            )  # fmt: skip
    return tuple(_pair(line, *word) for word in words)


def _blank_words(line: Joined, at: int, end: int) -> tuple[Word, ...]:
    words: list[Word] = []
    for blank in _BLANKS.finditer(line.text, at, end):
        words.append(Word(line.text[at : blank.start()], line.span(at, blank.start())))
        at = blank.end()
    if at < end or words:
        words.append(Word(line.text[at:end], line.span(at, end)))
    return tuple(words)


def _json_or_string(line: Joined, at: int, end: int) -> tuple[bool, tuple[Word, ...]]:
    strings = _json_strings(line, at, end)
    if strings is not None:
        return True, strings
    return False, (Word(line.text[at:end], line.span(at, end)),) if at < end else ()


def _json_strings(line: Joined, at: int, end: int) -> tuple[Word, ...] | None:
    """The strings of a JSON array, or None when the text is not one. Raises `_RefusedError` for other elements."""
    if not line.text.startswith("[", at):
        return None
    text = line.text[at:end]
    try:
        values = _JSON.decode(text)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(value, str) for value in values):
        raise _RefusedError(
            "json-not-strings", "the elements of a JSON array must all be strings here", at, end,
            "put every element in double quotes",
        )  # fmt: skip
    places = (match.span() for match in _JSON_STRING.finditer(text))
    return tuple(
        Word(printable(value), line.span(at + a, at + b)) for value, (a, b) in zip(values, places, strict=True)
    )


def _not_json(constant: str) -> None:
    raise ValueError(constant)


def _number(digits: str) -> float:
    """Any number will do: only strings are allowed, and a long one must cost nothing."""
    return 0.0


# Python's own decoder takes NaN for a number, which decides between an error and the shell form.
_JSON: Final = json.JSONDecoder(parse_constant=_not_json, parse_int=_number, parse_float=_number)
