"""A shell script into its simple commands, in the order in which they are written.

Reads POSIX sh (2.9 "Shell Commands", 2.10 "Shell Grammar") and bash (its manual, section 3.2). No syntax tree: each
command tells how deep it stands, and what follows it. Broken scripts are read as far as they make sense.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from imglint.source import Span
from imglint.syntax.shellwords import BARE, BODY, MAX_DEPTH, NAME, Part, StoppedError, Word, WordReader

__all__ = [
    "MAX_COMMANDS", "MAX_DEPTH", "MAX_LENGTH", "SHELLS", "Assignment", "Block", "Command", "Heredoc", "Part",
    "Redirection", "Script", "Word", "assignment", "inner_script", "scan", "unwrapped",
]  # fmt: skip

MAX_LENGTH: Final = 1 << 20
"""Characters of a script that are read; of a longer one the lines up to there."""

MAX_COMMANDS: Final = 100_000
"""Commands that are read; each takes about a kilobyte of memory."""

_BLANKS: Final = r"(?:[ \t]+|\\\r?\n|\r(?=\n|\Z))*"
_ASSIGNMENT: Final = rf"({NAME})(?:\[((?:[^\[\]\n]|\[[^\[\]\n]{{0,100}}+\]){{0,300}}+)\])?(\+?)="
_REDIRECTION: Final = rf"([0-9]+|\{{{NAME}\}})?(<<<|<<-?|<&|<>|>&|>>|>\||<(?!\()|>(?!\())|(&>>?)"
_OPERATOR: Final = r";;&|;;|;&|;|&&|\|\||\|&|&|\|"
_PARENTHESES: Final = r"[ \t]*\([ \t]*\)"
_END: Final = frozenset(" \t\r\n;&|<>()")


class Assignment(NamedTuple):
    """A variable that is set: `name=value`, with `append` `name+=value`.

    The value is None for arrays, their elements, and the variable of a loop: the name has a value nobody follows.
    """

    name: str
    value: Word | None
    append: bool
    span: Span


class Heredoc(NamedTuple):
    """A here-document: `body` are its lines without the last; `expand`: variables and substitutions count in it."""

    body: Span
    expand: bool
    strip_tabs: bool
    delimiter: str


class Redirection(NamedTuple):
    """`2>file`: the operator without its descriptor, which is a number, `{name}` or empty.

    The target of a here-document is its delimiter as written; `heredoc` is None when its lines never begin.
    """

    operator: str
    descriptor: str
    target: Word
    heredoc: Heredoc | None


class Block(NamedTuple):
    """Commands that stand together: `number` tells them from all others.

    `kind` is `"subshell"` (substitutions too), `"group"` (`{ }`), `"branch"` (of `if` and `case`, and what follows `&&`
    or `||`), `"loop"` or `"function"`. The condition of an `if` is outside of its branches, which have the same `of`.
    `name` is that of a function.
    """

    kind: str
    number: int
    of: int = 0
    name: str = ""


class Command(NamedTuple):
    r"""A simple command, or only assignments, or redirections (those behind a compound command, too).

    `depth` counts the `( )`, `{ }`, `$( )`, function bodies and bodies of `if`, `for`, `while`, `case` around it;
    `blocks` are these, the outermost first. `piped`: it, or a compound command around it, gets its standard input
    from a pipe. `operator` is what follows: `""`, `";"`, `"\n"`, `"&&"`, `"||"`, `"|"`, `"|&"` or `"&"`; `before` is
    the operator before it, empty for the end of a line. `function` is that around it, or empty.
    """

    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...]
    redirections: tuple[Redirection, ...]
    span: Span
    depth: int
    piped: bool
    operator: str
    function: str
    before: str = ""
    blocks: tuple[Block, ...] = ()


class Script(NamedTuple):
    """The commands in the order of their first characters; those of a substitution follow the one it is in.

    `problem` says in words for people why the reading is doubtful, or, when it is not `complete`, why it ended.
    """

    commands: tuple[Command, ...]
    problem: str
    complete: bool


def scan(text: str) -> Script:
    """Find the commands of a script. Never raises; time and memory grow linearly with the text."""
    end = len(text) if len(text) <= MAX_LENGTH else text.rfind("\n", 0, MAX_LENGTH) + 1 or MAX_LENGTH
    reader = _Reader(text, end)
    stopped = "" if end == len(text) else f"it is longer than {MAX_LENGTH:,} characters"
    try:
        _List(reader, "").read(0)
        if reader.pending:
            reader.doubt(f"the here-document `{reader.pending[0].heredoc.delimiter}` never begins")
    except StoppedError as error:
        stopped = str(error)
    commands = tuple(draft.command() for draft in reader.drafts if draft.finished)
    return Script(commands, stopped or reader.problem, not stopped)


class _Draft:
    """A command that is being read."""

    __slots__ = (
        "assignments", "before", "blocks", "depth", "end", "finished", "function", "operator", "piped", "redirections",
        "start", "words",
    )  # fmt: skip

    def __init__(
        self, start: int, depth: int, piped: bool, function: str, before: str, blocks: tuple[Block, ...]
    ) -> None:
        self.start = self.end = start
        self.depth, self.piped, self.function, self.before, self.blocks = depth, piped, function, before, blocks
        self.words: list[Word] = []
        self.assignments: list[Assignment] = []
        self.redirections: list[Redirection] = []
        self.operator = ""
        self.finished = False

    def command(self) -> Command:
        return Command(
            tuple(self.words), tuple(self.assignments), tuple(self.redirections), Span(self.start, self.end),
            self.depth, self.piped, self.operator, self.function, self.before, self.blocks,
        )  # fmt: skip


class _Pending(NamedTuple):
    """A here-document whose lines have not begun: where its redirection will be completed."""

    redirections: list[Redirection]
    place: int
    heredoc: Heredoc


class _Reader(WordReader):
    def __init__(self, text: str, end: int) -> None:
        super().__init__(text, end)
        self.drafts: list[_Draft] = []
        self.pending: list[_Pending] = []
        self.function = ""
        self.blocks: tuple[Block, ...] = ()
        self.last_block = 0
        self.blanks = re.compile(_BLANKS).match
        self.assignment = re.compile(_ASSIGNMENT).match
        self.redirection = re.compile(_REDIRECTION).match
        self.operator = re.compile(_OPERATOR).match
        self.parentheses = re.compile(_PARENTHESES).match

    def commands(self, at: int, closer: str) -> int:
        self.enter(3)
        self.depth += 1
        outer = self.blocks
        self.blocks = (*outer, self.block("subshell"))
        at = _List(self, closer).read(at)
        self.blocks = outer
        self.depth -= 1
        self.leave(3)
        return at

    def block(self, kind: str) -> Block:
        self.last_block += 1
        return Block(kind, self.last_block)

    def mark(self) -> tuple[int, ...]:
        return len(self.drafts), len(self.pending)

    def undo(self, mark: tuple[int, ...]) -> None:
        drafts, pending = mark
        del self.drafts[drafts:]
        del self.pending[pending:]

    def skip_blanks(self, at: int) -> int:
        match = self.blanks(self.text, at, self.end)
        return match.end() if match else at

    def skip_space(self, at: int) -> int:
        """Skip blanks, line ends, comments, and here-documents that begin at one of the line ends."""
        while True:
            at = self.skip_blanks(at)
            char = self.text[at] if at < self.end else ""
            if char == "\n":
                at = self.line_end(at)
            elif char == "#":
                at = self.comment(at)
            else:
                return at

    def comment(self, at: int) -> int:
        """The end of the line."""
        end = self.text.find("\n", at, self.end)
        return self.end if end < 0 else end

    def line_end(self, at: int) -> int:
        """Go to the next line, behind the here-documents that begin there."""
        at += 1
        if self.pending:
            pending, self.pending = self.pending, []
            for redirections, place, heredoc in pending:
                body, at = self._body(at, heredoc)
                redirections[place] = redirections[place]._replace(heredoc=heredoc._replace(body=body))
                if heredoc.expand:
                    saved, self.end = self.end, body.end
                    self.parts(body.start, BODY, [])
                    self.end = saved
        return at

    def _body(self, start: int, heredoc: Heredoc) -> tuple[Span, int]:
        """Where the lines of a here-document are, and the place after the line that ends it."""
        text, end, at = self.text, self.end, start
        while at < end:
            line_end = text.find("\n", at, end)
            line_end = end if line_end < 0 else line_end
            line = text[at:line_end].removesuffix("\r")
            self.burn(line_end - at)
            if (line.lstrip("\t") if heredoc.strip_tabs else line) == heredoc.delimiter:
                return Span(start, at), min(line_end + 1, end)
            at = min(line_end + 1, end)
        self.doubt(f"the here-document `{heredoc.delimiter}` is never closed")
        return Span(start, end), end


class _Frame(NamedTuple):
    """A compound command that is open, and what held outside of it."""

    kind: str
    depth: int
    function: str
    inherited: bool
    blocks: tuple[Block, ...]
    number: int


class _List:
    """Commands up to the end of a script or of a substitution."""

    def __init__(self, reader: _Reader, closer: str) -> None:
        self.reader = reader
        self.closer = closer
        self.frames: list[_Frame] = []
        self.draft: _Draft | None = None
        self.piped = False
        self.inherited = False
        self.defined = ""
        self.before = ""
        self.in_pattern = False

    def read(self, at: int) -> int:
        """Read from here, and return the place after the closer."""
        reader = self.reader
        text, depth, function = reader.text, reader.depth, reader.function
        closed = not self.closer
        while True:
            at = reader.skip_blanks(at)
            char = text[at] if at < reader.end else ""
            if not char:
                break
            if self.in_pattern:
                at = self.pattern(at)
            elif char == "\n":
                self.finish("\n")
                at = reader.line_end(at)
            elif char == "#":
                at = reader.comment(at)
            elif char == ")":
                at += 1
                if self.close_parenthesis():
                    closed = True
                    break
            elif char == "(":
                at = self.open_parenthesis(at)
            elif (char in "<>&{" or char.isdigit()) and (match := reader.redirection(text, at, reader.end)):
                at = self.redirect(at, match)
            elif char in ";&|":
                at = self.separate(at)
            else:
                at = self.word(at)
        self.finish("")
        if self.frames or not closed:
            reader.doubt(f"a `{self.frames[-1].kind if self.frames else '('}` is never closed")
        reader.leave(len(self.frames))
        reader.depth, reader.function = depth, function
        return at

    def begin(self, at: int) -> _Draft:
        """The command that is being read; a new one begins here when there is none."""
        if self.draft is None:
            if len(self.reader.drafts) >= MAX_COMMANDS:
                raise StoppedError(f"it has more than {MAX_COMMANDS:,} commands")
            function, self.defined = self.defined or self.reader.function, ""
            reader = self.reader
            piped = self.piped or self.inherited
            self.draft = _Draft(at, reader.depth, piped, function, self.before, reader.blocks)
            self.reader.drafts.append(self.draft)
        return self.draft

    def finish(self, operator: str) -> None:
        if self.draft is not None:
            self.draft.operator, self.draft.finished, self.draft = operator, True, None
        elif operator == "\n":
            return
        self.before = "" if operator == "\n" else operator
        self.piped = operator.startswith("|") and operator != "||"

    def open(self, kind: str, weight: int = 1) -> None:
        """Go into a compound command."""
        reader = self.reader
        reader.enter()
        number = reader.last_block
        self.frames.append(_Frame(kind, reader.depth, reader.function, self.inherited, reader.blocks, number))
        reader.last_block += 1
        self.enter_block("function" if self.defined else _BLOCKS[kind])
        self.inherited = self.inherited or self.piped
        if self.defined:
            reader.function, self.defined, self.inherited = self.defined, "", False
        reader.depth += weight
        self.piped = False

    def enter_block(self, kind: str) -> None:
        """Go into a block of the compound command that was opened last; for `kind` empty, wait for its body."""
        reader = self.reader
        if kind and self.frames:
            kind = "branch" if kind == "group" and self.before in ("&&", "||") else kind
            frame, name = self.frames[-1], self.defined if kind == "function" else ""
            reader.blocks = (*frame.blocks, reader.block(kind)._replace(of=frame.number, name=name))
            self.before = ""

    def close(self, *kinds: str) -> None:
        """Come out of a compound command, if it is one of those kinds."""
        self.finish("")
        if not self.frames or self.frames[-1].kind not in kinds:
            self.reader.doubt("a compound command is closed that is not open")
            return
        frame = self.frames.pop()
        self.reader.leave()
        self.reader.depth, self.reader.function, self.inherited = frame.depth, frame.function, frame.inherited
        self.reader.blocks = frame.blocks

    def separate(self, at: int) -> int:
        match = self.reader.operator(self.reader.text, at, self.reader.end)
        assert match
        operator = match[0]
        ends_branch = operator in (";;", ";&", ";;&")
        self.finish("" if ends_branch else operator)
        if ends_branch and self.frames and self.frames[-1].kind == "case":
            self.in_pattern = True
        return match.end()

    def open_parenthesis(self, at: int) -> int:
        if self.draft is None and self.reader.text.startswith("(", at + 1, self.reader.end):
            after = self.reader.arithmetic(at + 2)
            if after:
                self.piped = False
                return after
        if self.draft is not None:
            self.reader.doubt("a `(` stands where none can")
            self.finish("")
        self.open("(")
        return at + 1

    def close_parenthesis(self) -> bool:
        """Come out of a subshell; whether it was the end of the list instead."""
        self.finish("")
        if any(frame.kind == "(" for frame in self.frames):
            while self.frames[-1].kind != "(":
                self.reader.doubt(f"a `{self.frames[-1].kind}` is never closed")
                self.close(self.frames[-1].kind)
            self.close("(")
            return False
        if self.closer:
            return True
        self.reader.doubt("a `)` closes nothing")
        return False

    def redirect(self, at: int, match: re.Match[str]) -> int:
        reader, draft = self.reader, self.begin(at)
        operator = match[2] or match[3]
        target = reader.word(reader.skip_blanks(match.end()))
        if not target.parts:
            reader.doubt("a redirection has no target")
        draft.redirections.append(Redirection(operator, match[1] or "", target, None))
        draft.end = max(match.end(), target.span.end if target.parts else 0)
        if operator in ("<<", "<<-") and target.parts:
            written = reader.text[target.span.start : target.span.end]
            delimiter = re.sub(r"\\\r?\n|\$(?=['\"])|['\"\\]", "", written)
            heredoc = Heredoc(target.span, delimiter == written, operator == "<<-", delimiter)
            reader.pending.append(_Pending(draft.redirections, len(draft.redirections) - 1, heredoc))
        return target.span.end

    def word(self, at: int) -> int:
        reader = self.reader
        text, end = reader.text, reader.end
        draft = self.draft
        if draft is None or not draft.words:
            match = reader.plain[BARE](text, at, end)
            after = match.end() if match else at
            if draft is None and after > at and (after == end or text[after] in _END):
                handler = _RESERVED.get(text[at:after])
                position = handler(self, at, after) if handler else 0
                if position:
                    return position
                parentheses = reader.parentheses(text, after, end)
                if parentheses and text[after - 1] != "=":
                    self.defined = text[at:after]
                    return parentheses.end()
            assigned = reader.assignment(text, at, end)
            if assigned:
                return self.assign(at, assigned)
        draft = self.begin(at)
        word = reader.word(at)
        if text.startswith("=(", word.span.end - 1, end):
            word = self.array_word(word)
        draft.words.append(word)
        draft.end = word.span.end
        return draft.end

    def assign(self, at: int, match: re.Match[str]) -> int:
        reader, draft = self.reader, self.begin(at)
        if match[2]:
            saved, reader.end = reader.end, match.end(2)
            reader.parts(match.start(2), BODY, [])
            reader.end = saved
        value = None
        if reader.text.startswith("(", match.end(), reader.end):
            draft.end = self.array(match.end() + 1)
        else:
            word = reader.word(match.end())
            draft.end = word.span.end
            value = word if match[2] is None else None
        draft.assignments.append(Assignment(match[1], value, bool(match[3]), Span(at, draft.end)))
        return draft.end

    def array(self, at: int) -> int:
        """Read the elements of an array, and return the place after its `)`."""
        reader = self.reader
        while True:
            at = reader.skip_space(at)
            if at >= reader.end:
                reader.doubt("an array is never closed")
                return at
            if reader.text[at] == ")":
                return at + 1
            at = self.any_word(at)

    def array_word(self, word: Word) -> Word:
        """A word that ends in `=`, with the array behind it."""
        start = word.span.end
        end = self.array(start + 1)
        self.reader.burn(end - start)
        array = Part("dynamic", self.reader.text[start:end], Span(start, end), False)
        return Word(Span(word.span.start, end), (*word.parts, array))

    def any_word(self, at: int) -> int:
        """Pass a word, or one character where none begins."""
        return max(self.reader.parts(at, BARE, []), at + 1)

    def pattern(self, at: int) -> int:
        """Pass a piece of what stands before the `)` of a branch of `case`."""
        reader = self.reader
        char = reader.text[at]
        if char == "\n":
            return reader.line_end(at)
        if char == "#":
            return reader.comment(at)
        if char in "(|":
            return at + 1
        if char == ")":
            self.in_pattern = False
            self.enter_block("branch")
            return at + 1
        after = self.any_word(at)
        if reader.text[at:after] == "esac":
            self.in_pattern = False
            self.close("case")
        return after

    def compound(self, at: int, after: int) -> int:
        self.open(self.reader.text[at:after], 0)
        return after

    def body(self, at: int, after: int) -> int:
        if self.frames and self.frames[-1].kind in ("if", *_LOOPS):
            self.reader.depth = self.frames[-1].depth + 1
            if self.frames[-1].kind == "if":
                self.enter_block("branch")
        return after

    def branch(self, at: int, after: int) -> int:
        if self.frames and self.frames[-1].kind == "if":
            self.enter_block("branch")
        return after

    def keyword(self, at: int, after: int) -> int:
        return after

    def time(self, at: int, after: int) -> int:
        match = re.compile(r"[ \t]+(?:-p(?=[ \t])|(?!-))").match(self.reader.text, after, self.reader.end)
        return match.end() if match else 0

    def coprocess(self, at: int, after: int) -> int:
        match = re.compile(_COPROCESS_NAME).match(self.reader.text, after, self.reader.end)
        return match.end() if match else after

    def brace(self, at: int, after: int) -> int:
        self.open("{")
        return after

    def end(self, at: int, after: int) -> int:
        self.close(*_ENDS[self.reader.text[at:after]])
        return after

    def define(self, at: int, after: int) -> int:
        reader = self.reader
        start = reader.skip_blanks(after)
        end = reader.parts(start, BARE, [])
        self.defined = reader.text[start:end]
        match = reader.parentheses(reader.text, end, reader.end)
        return match.end() if match else end

    def test(self, at: int, after: int) -> int:
        """Pass `[[ … ]]`."""
        reader = self.reader
        while True:
            at = reader.skip_space(after)
            if at >= reader.end:
                reader.doubt("a `[[` is never closed")
                return at
            after = self.any_word(at)
            if after - at == 2 and reader.text.startswith("]]", at):
                self.piped = False
                self.before = ""
                return after

    def loop(self, at: int, after: int) -> int:
        """Read the head of `for` or `select` up to its body."""
        reader, kind = self.reader, self.reader.text[at:after]
        after = reader.skip_blanks(after)
        if reader.text.startswith("((", after, reader.end):
            after = reader.arithmetic(after + 2) or after + 2
        else:
            after = self.loop_variable(at, after)
        match = re.compile(r"[ \t\r\n;]*\{(?=[ \t\r\n])").match(reader.text, after, reader.end)
        if match:
            return after
        self.open(kind, 0)
        return after

    def loop_variable(self, at: int, after: int) -> int:
        reader = self.reader
        draft = self.begin(at)
        end = reader.parts(after, BARE, [])
        draft.assignments.append(Assignment(reader.text[after:end], None, False, Span(after, end)))
        draft.end = end
        end = reader.skip_space(end)
        if re.compile(r"in(?=[ \t\r\n;]|\Z)").match(reader.text, end, reader.end):
            end += 2
            while (after := reader.parts(start := reader.skip_blanks(end), BARE, [])) > start:
                end = after
            draft.end = end
        piped = self.piped
        self.finish("")
        self.piped = piped
        return end

    def case(self, at: int, after: int) -> int:
        reader = self.reader
        after = reader.skip_space(reader.parts(reader.skip_blanks(after), BARE, []))
        if reader.text.startswith("in", after, reader.end):
            after += 2
        else:
            reader.doubt("a `case` has no `in`")
        self.open("case")
        self.in_pattern = True
        return after


_LOOPS: Final = ("for", "select", "while", "until")
_BLOCKS: Final = {**dict.fromkeys(_LOOPS, "loop"), "if": "", "case": "", "(": "subshell", "{": "group"}
_ENDS: Final = {"fi": ("if",), "done": _LOOPS, "esac": ("case",), "}": ("{",)}
_COPROCESS_NAME: Final = rf"[ \t]+{NAME}(?=[ \t]+(?:[({{]|(?:if|for|while|until|case|select)[ \t]))"
_RESERVED: Final[dict[str, Callable[[_List, int, int], int]]] = {
    **dict.fromkeys(("if", "while", "until"), _List.compound),
    **dict.fromkeys(("then", "do"), _List.body),
    **dict.fromkeys(("else", "elif"), _List.branch),
    "!": _List.keyword,
    **dict.fromkeys(_ENDS, _List.end),
    **dict.fromkeys(("for", "select"), _List.loop),
    "{": _List.brace,
    "[[": _List.test,
    "case": _List.case,
    "function": _List.define,
    "coproc": _List.coprocess,
    "time": _List.time,
}


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
