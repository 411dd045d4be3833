"""Lists inside of one text: the dialects of Docker's actions and of buildx.

The actions read their inputs with the npm package csv-parse (docker/actions-toolkit, `src/util.ts`, `getInputList`);
buildx reads the value of one flag with the rules of Go's encoding/csv (tonistiigi/go-csvvalue). Every part that is
handed out is a cut of the text it came from.

A part of unknown value (`HOLE`) may hold anything, separators included, so no problem is told of a field that depends
on one. It is only taken not to open a quote that it does not close: what comes after its field is read as written.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from imglint.record import NamedTuple
from imglint.syntax.text import HOLE, Text, joined, literal

_SPACE: Final = "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_SPACES: Final = _SPACE + "\u2028\u2029\u202f\u205f\u3000"

JS_SPACE: Final = _SPACES + "\ufeff"
"""What JavaScript's `trim` removes (ECMAScript, WhiteSpace and LineTerminator)."""

GO_SPACE: Final = _SPACES + "\x85"
"""What Go's `strings.TrimSpace` removes."""

LEVELS: Final = ("manifest", "index", "manifest-descriptor", "index-descriptor")
"""Where BuildKit can put an annotation (exporter/containerimage/exptypes/annotations.go)."""

_LEVEL: Final = r"([a-z-]+)(?:\[([A-Za-z0-9_/-]+)\])?\Z"
_OUTPUT_LEVEL: Final = r"annotation(?:-([a-z-]+))?(?:\[([a-z0-9_/-]+)\])?\.([^\t\n\f\r ]+)\Z"


class ListProblem(NamedTuple):
    """Why a tool refuses a list: `code` names the kind, `text` is the wrong part, `reason` tells it in words."""

    code: str
    text: Text
    reason: str


class Items(NamedTuple):
    """The items of a list; when the tool refuses it, those before the problem."""

    items: tuple[Text, ...]
    problem: ListProblem | None = None


class Attribute(NamedTuple):
    """A `key=value` field. `name` is the key as the tool compares it; `key` is the key as it is written."""

    name: str
    key: Text
    value: Text


class Attributes(NamedTuple):
    """What one value says: `--output`, `--cache-to`, `--attest`, or a line of docker/metadata-action.

    `type` is the last `type=` (None: none is given); `attributes` are all others in order, of which the last of a name
    counts; `plain` are fields that are no pair, where those are allowed. `complete` is false when a field of unknown
    value may say more, or when there are problems.
    """

    type: Text | None
    attributes: tuple[Attribute, ...]
    problems: tuple[ListProblem, ...] = ()
    complete: bool = True
    plain: tuple[Text, ...] = ()

    def get(self, name: str) -> Text | None:
        """The value of the last attribute of the name."""
        return next((attribute.value for attribute in reversed(self.attributes) if attribute.name == name), None)


class Level(NamedTuple):
    """Where an annotation goes: one of `LEVELS`, for one platform (`linux/arm64`, not checked) or for all."""

    type: str
    platform: str | None = None


class Annotation(NamedTuple):
    """One annotation to write. `levels` is None when it is unknown or wrong; `value` is None when there is no `=`."""

    levels: tuple[Level, ...] | None
    key: Text
    value: Text | None
    problem: ListProblem | None = None


def records(
    text: Text, *, commas: bool = True, quotes: bool = True, comments: bool = False, trim: bool = True
) -> Items:
    """An input list of Docker's actions: one item a line, or also between commas.

    `commas`: a comma separates items (else it belongs to them); `quotes`: a field in double quotes may hold commas and
    line endings; `comments`: a line that begins with `#` is none; `trim`: space around the input and each item goes.
    These are `ignoreComma` (negated), `quote`, `comment` with `commentNoInfix`, and `trimWhitespace` of getInputList.
    An item that is all `HOLE` may stand for many items or for none.
    """
    text = text.strip(JS_SPACE) if trim else text
    if '"' not in text.text and not (comments and "#" in text.text):
        return Items(tuple(_plain_records(text, commas, trim)))
    reader = _Csv(text, quotes, comments)
    items: list[Text] = []
    for ranges in reader.records():
        if not commas:
            whole = [part for field in ranges for part in (*field.ranges, (field.end, field.end + 1))][:-1]
            found = [reader.cut(whole)]
        elif len(ranges) == 1:
            found = list(reader.cut(ranges[0].ranges).split(","))
        else:
            found = [reader.cut(field.ranges) for field in ranges]
        items += [item.strip(JS_SPACE) if trim else item for item in found if item.text]
    return Items(tuple(items), reader.problem)


def _plain_records(text: Text, commas: bool, trim: bool) -> Iterator[Text]:
    """The items of a list in which nothing is quoted and nothing is a comment, as most are."""
    newline = re.search("\r\n|[\r\n]", text.text)  # csv-parse takes the first line ending for that of all lines
    for line in text.split(newline[0]) if newline else (text,):
        for item in line.split(",") if commas and "," in line.text else (line,):
            if item.text:
                yield item.strip(JS_SPACE) if trim else item


def pair(text: Text) -> tuple[Text, Text | None]:
    """`KEY=VALUE` cut at the first `=`; the value is None when there is no `=`.

    So are `--label`, `--build-arg` and the lists of compose and bake read, without trimming or quotes.
    """
    return text.partition("=")


def csv_fields(text: Text) -> Items:
    """The comma-separated fields of a flag of buildx, by the rules of Go's encoding/csv for one line."""
    end = len(text.text)
    end -= 2 if text.text.endswith("\r\n") else text.text.endswith("\n")
    reader = _Csv(text.cut(0, end))
    if not end:
        return Items((), ListProblem("csv-empty", text, "there is no value"))
    items = tuple(reader.cut(ranges) for ranges in reader.go_fields())
    return Items(items, reader.problem)


def output(text: Text) -> Attributes:
    """The value of `--output` (buildx, util/buildflags/export.go): one path, `-`, or `type=…,key=value`."""
    whole = text.text
    if not whole:
        return Attributes(None, ())
    fields, problem = csv_fields(text)
    if problem is None and len(fields) == 1 and fields[0].text == whole and not whole.startswith("type="):
        if whole.startswith(HOLE):
            return Attributes(None, (), complete=False)
        kind = literal("tar" if whole == "-" else "local", text.source, text.span, exact=False)
        return Attributes(kind, (Attribute("dest", text.cut(0, 0), text),))
    return _attributes(Items(fields, problem), text, "an output")


def cache(text: Text) -> Attributes:
    """The value of `--cache-from` and `--cache-to` (util/buildflags/cache.go): a reference, or `type=…,key=value`."""
    fields, problem = csv_fields(text)
    if problem is None and len(fields) == 1 and "=" not in fields[0].text:
        if fields[0].text.startswith(HOLE):
            return Attributes(None, (), complete=False)
        kind = literal("registry", text.source, text.span, exact=False)
        return Attributes(kind, (Attribute("ref", text.cut(0, 0), fields[0]),))
    return _attributes(Items(fields, problem), text, "a cache", trim=False)


def attest(text: Text) -> Attributes:
    """The value of `--attest` (util/buildflags/attests.go): `type=…,key=value`; other keys keep their case."""
    return _attributes(csv_fields(text), text, "an attestation", lower=("type", "disabled"))


def annotation(text: Text) -> Annotation:
    """The value of `--annotation` (util/buildflags/export.go): `[LEVEL[PLATFORM],…:]KEY=VALUE`."""
    name, value = pair(text)
    if value is None and HOLE not in name.text:
        return Annotation(None, name, None, ListProblem("annotation-pair", text, "an annotation is written KEY=VALUE"))
    types, key = name.partition(":")
    if HOLE in types.text:
        return Annotation(None, types if key is None else key, value)
    if key is None:
        return Annotation((Level("manifest"),), name, value)
    levels: list[Level] = []
    for part in types.split(","):
        match = re.match(_LEVEL, part.text)
        if match is None or match[1] not in LEVELS:
            return Annotation(None, key, value, _unknown_level(part, part.text))
        levels.append(Level(match[1], match[2]))
    return Annotation(tuple(levels), key, value)


def output_annotation(attribute: Attribute) -> Annotation | None:
    """The annotation that an attribute of an output asks for: `annotation[-LEVEL][[PLATFORM]].KEY`; None for others.

    As buildx hands it on, in lower case.
    """
    name = _lowered(attribute.key)
    match = re.match(_OUTPUT_LEVEL, name.text)
    if match is None:
        return None
    key = name.cut(match.start(3))
    kind = match[1] or "manifest"
    if kind not in LEVELS:
        return Annotation(None, key, attribute.value, _unknown_level(attribute.key.cut(*match.span(1)), kind))
    return Annotation((Level(kind, match[2]),), key, attribute.value)


def metadata_line(text: Text, *, first_only: bool = False) -> Attributes:
    """One item of `images`, `tags` or `flavor` of docker/metadata-action (its src/image.ts, tag.ts and flavor.ts).

    Comma-separated `key=value` fields, keys in lower case, all trimmed; a field without `=` is in `plain`. A quote must
    enclose a whole field. `first_only` is how images and flavor are read: what follows a second `=` is lost.
    """
    fields, problem = _metadata_fields(text)
    kind: Text | None = None
    found: list[Attribute] = []
    plain: list[Text] = []
    for whole in fields:
        at = whole.text.find("=", 0 if first_only else 1)
        if at < 0 or (not first_only and whole.text.startswith("=")):
            plain.append(whole.strip(JS_SPACE))
            continue
        end = whole.text.find("=", at + 1) if first_only else -1
        value = whole.cut(at + 1, end if end >= 0 else None).strip(JS_SPACE)
        key = whole.cut(0, at).strip(JS_SPACE)
        found.append(Attribute(key.text.lower(), key, value))
    for attribute in found:
        kind = attribute.value if attribute.name == "type" else kind
    problems = (problem,) if problem else ()
    open_ended = any(HOLE in part.text for part in plain) or any(HOLE in attribute.name for attribute in found)
    rest = tuple(attribute for attribute in found if attribute.name != "type")
    return Attributes(kind, rest, problems, not (problems or open_ended), tuple(plain))


def _metadata_fields(text: Text) -> Items:
    """The fields of the first line."""
    if re.search('["\r\n]', text.text) is None:
        return Items(tuple(text.split(",")) if text.text else ())
    reader = _Csv(text, strict=True)
    first, *_ = (*reader.records(), ())  # all of them: a problem in any line stops the action
    return Items(tuple(reader.cut(field.ranges) for field in first), reader.problem)


def _attributes(fields: Items, text: Text, what: str, *, trim: bool = True, lower: tuple[str, ...] = ()) -> Attributes:
    """Fields as pairs of which one is the type; `lower` are the only names whose case does not count (default: all)."""
    problems = [fields.problem] if fields.problem else []
    kind: Text | None = None
    found: list[Attribute] = []
    complete = not problems
    for field in fields.items:
        key, value = field.partition("=")
        if HOLE in key.text:
            complete = False
        elif value is None:
            problems.append(ListProblem("csv-pair", field, f"`{field.shown}` is not a key=value pair"))
        if value is None:
            continue
        name = key.text.lower()
        name = name.strip(GO_SPACE) if trim else name
        if name == "type":
            kind = value
        else:
            found.append(Attribute(name if not lower or name in lower else key.text, key, value))
    if complete and not (kind and kind.text):
        problems.append(ListProblem("csv-type", text, f"{what} needs a `type=`"))
    return Attributes(kind, tuple(found), tuple(problems), complete and not problems)


def _unknown_level(text: Text, shown: str) -> ListProblem:
    return ListProblem("annotation-level", text, f"`{shown}` is not where an annotation can go ({', '.join(LEVELS)})")


def _lowered(text: Text) -> Text:
    """In lower case; a piece that changes is no longer what is written, so it has one place as a whole."""
    lower = [(piece, piece.text.lower()) for piece in text.pieces]
    return Text(piece if piece.text == low else piece._replace(text=low, exact=False) for piece, low in lower)


class _Field(NamedTuple):
    """The ranges of the text that make up a field, and the offset at which the field's separator is."""

    ranges: tuple[tuple[int, int], ...]
    end: int


class _Csv:
    """Two readers of comma-separated fields over one text, which stop at the first problem."""

    def __init__(self, text: Text, quotes: bool = True, comments: bool = False, strict: bool = False) -> None:
        self.problem: ListProblem | None = None
        self._text = text
        self._starts = list(accumulate((len(piece.text) for piece in text.pieces), initial=0))
        self._quotes, self._comments, self._strict = quotes, comments, strict
        self._newline = ""  # found in the text, as csv-parse does: the first line ending is that of all lines

    def cut(self, ranges: tuple[tuple[int, int], ...] | list[tuple[int, int]]) -> Text:
        """The text of ranges, one after the other; in time of their size, not that of the whole text."""
        kept: list[tuple[int, int]] = []
        for start, end in ranges:
            if kept and kept[-1][1] == start:
                kept[-1] = (kept[-1][0], end)
            elif start < end:
                kept.append((start, end))
        return joined(self._cut(start, end) for start, end in kept or ranges[:1])

    def _cut(self, start: int, end: int) -> Text:
        first = max(bisect_right(self._starts, start) - 1, 0)
        first = min(first, len(self._text.pieces) - 1)
        last = max(bisect_left(self._starts, end), first + 1)
        offset = self._starts[first]
        return Text(self._text.pieces[first:last]).cut(start - offset, end - offset)

    def records(self) -> Iterator[tuple[_Field, ...]]:
        """The records of csv-parse, each with its fields (lib/api/index.js, `parse`)."""
        text = self._text.text
        at = 0
        record: list[_Field] = []
        while at < len(text) or record:
            if not record and (newline := self._newline_at(at)):
                at += len(newline)
                continue
            if self._comments and not record and text.startswith("#", at):
                at = self._end(at, "")
                continue
            field = self._field(at, bool(record))
            if field is None:
                return
            record.append(field)
            at = field.end
            if text.startswith(",", at):
                at += 1
                continue
            yield tuple(record)
            record = []

    def _field(self, start: int, inside: bool) -> _Field | None:
        text = self._text.text
        if not (self._quotes and text.startswith('"', start)):
            end = self._end(start, ",")
            quote = text.find('"', start, end) if self._strict else -1
            if quote >= 0 and HOLE not in text[start:quote]:
                self._refuse("csv-bare-quote", quote, "a double quote must enclose the whole field")
                return None
            return _Field(((start, end),), end)
        ranges, closing = self._quoted(start + 1)
        if closing < 0:
            if HOLE in text[start:]:
                return _Field(((start, len(text)),), len(text))
            self._refuse("csv-unclosed-quote", start, "a double quote is not closed")
            return None
        after = closing + 1
        if self._comments and text.startswith("#", after):
            empty = all(first == last for first, last in ranges)
            end = self._end(after, "" if empty and not inside else ",")
            return _Field((*ranges, (end, end) if empty and not inside else (after, end)), end)
        if after == len(text) or text[after] == "," or self._newline_at(after):
            return _Field(ranges, after)
        if self._strict and HOLE not in text[start:after]:
            self._refuse("csv-after-quote", after, "a comma must follow the closing double quote")
            return None
        end = self._end(after, ",")
        return _Field(((start, start + 1), *ranges, (closing, end)), end)

    def _quoted(self, start: int) -> tuple[tuple[tuple[int, int], ...], int]:
        """What is between quotes (`""` is one quote), and the offset of the closing quote, -1 for none."""
        text = self._text.text
        ranges: list[tuple[int, int]] = []
        while (quote := text.find('"', start)) >= 0:
            if not text.startswith('"', quote + 1):
                return (*ranges, (start, quote)), quote
            ranges.append((start, quote + 1))
            start = quote + 2
        return (), -1

    def _newline_at(self, at: int) -> str:
        text = self._text.text
        if not self._newline:
            self._newline = next((line for line in ("\r\n", "\n", "\r") if text.startswith(line, at)), "")
        return self._newline if self._newline and text.startswith(self._newline, at) else ""

    def _end(self, start: int, separator: str) -> int:
        """The offset of the next separator, or line ending, or of the end."""
        ends = [self._newline or "[\r\n]", *separator]
        match = re.compile("|".join(ends)).search(self._text.text, start)
        return match.start() if match else len(self._text.text)

    def go_fields(self) -> Iterator[tuple[tuple[int, int], ...]]:
        """The ranges of the fields of a line for Go; ends at a problem."""
        text = self._text.text
        start = 0
        while start <= len(text):
            if text.startswith('"', start):
                ranges, quote = self._quoted(start + 1)
                end = len(text) if quote < 0 else quote + 1
                wrong = quote < 0 or (end < len(text) and text[end] != ",")
            else:
                end = self._comma(start)
                ranges, quote = ((start, end),), text.find('"', start, end)
                wrong = quote >= 0
            if wrong and HOLE in text[start : quote if quote >= 0 else end]:
                end = self._comma(quote) if quote >= 0 else len(text)
                ranges = ((start, end),)
            elif wrong:
                self._refuse_quote(start, quote)
                return
            yield ranges
            start = end + 1

    def _comma(self, start: int) -> int:
        at = self._text.text.find(",", start)
        return len(self._text.text) if at < 0 else at

    def _refuse_quote(self, start: int, quote: int) -> None:
        """What is wrong with the quote in, at the end of (or -1: missing in) the field that begins at an offset."""
        if not self._text.text.startswith('"', start):
            self._refuse("csv-bare-quote", quote, "a double quote must enclose the whole field, key included")
        elif quote < 0:
            self._refuse("csv-unclosed-quote", start, "a double quote is not closed")
        else:
            self._refuse("csv-after-quote", quote + 1, "a comma must follow the closing double quote")

    def _refuse(self, code: str, at: int, reason: str) -> None:
        self.problem = ListProblem(code, self._cut(at, at + 1), reason)
