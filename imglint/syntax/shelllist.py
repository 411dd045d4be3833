"""The list of commands of a script or of a substitution, with the compound commands in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.shellcommand import Assignment, Block, Heredoc, Redirection
from imglint.syntax.shellreader import CommandReader, Draft, Pending
from imglint.syntax.shellword import NAME, Part, Word, matcher, whole_word
from imglint.syntax.shellwords import BARE, BODY, StoppedError

MAX_COMMANDS: Final = 100_000
"""Commands that are read; each takes about a kilobyte of memory."""

_BLANK: Final = frozenset(" \t\\\r")
"""What blanks and continued lines begin with."""
_END: Final = frozenset(" \t\r\n;&|<>()")


class _Frame(NamedTuple):
    """A compound command that is open, and what held outside of it."""

    kind: str
    depth: int
    function: str
    inherited: bool
    blocks: tuple[Block, ...]
    number: int


class CommandList:
    """Commands up to the end of a script or of a substitution."""

    def __init__(self, reader: CommandReader, closer: str) -> None:
        self.reader = reader
        self.closer = closer
        self.frames: list[_Frame] = []
        self.draft: Draft | None = None
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
            if self.draft is not None and self.draft.words:
                at = reader.arguments(at, self.draft)
            char = text[at] if at < reader.end else ""
            if char in _BLANK:
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

    def begin(self, at: int) -> Draft:
        """The command that is being read; a new one begins here when there is none."""
        if self.draft is None:
            if len(self.reader.drafts) >= MAX_COMMANDS:
                raise StoppedError(f"it has more than {MAX_COMMANDS:,} commands")
            function, self.defined = self.defined or self.reader.function, ""
            reader = self.reader
            piped = self.piped or self.inherited
            self.draft = Draft(at, reader.depth, piped, function, self.before, reader.blocks)
            self.reader.drafts.append(self.draft)
        return self.draft

    def finish(self, operator: str) -> None:
        """End the command that is being read; `operator` is what follows it."""
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
        """Read an operator between commands, and return the place after it."""
        match = self.reader.operator(self.reader.text, at, self.reader.end)
        assert match
        operator = match[0]
        ends_branch = operator in (";;", ";&", ";;&")
        self.finish("" if ends_branch else operator)
        if ends_branch and self.frames and self.frames[-1].kind == "case":
            self.in_pattern = True
        return match.end()

    def open_parenthesis(self, at: int) -> int:
        """Go into a subshell, or pass `((…))`."""
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
        """Read a redirection of which the operator is found."""
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
            reader.pending.append(Pending(draft.redirections, len(draft.redirections) - 1, heredoc))
        return target.span.end

    def word(self, at: int) -> int:
        """Read a word, a word of the grammar, or an assignment."""
        reader, draft = self.reader, self.draft
        if draft is not None and draft.words:
            return self.add(draft, reader.word_of_parts(at))
        text, end = reader.text, reader.end
        whole = None if reader.full else reader.whole(text, at, end)
        match = whole or reader.plain[BARE](text, at, end)
        written = match[0] if match else ""
        after = at + len(written)
        if draft is None and written and (whole or after == end or text[after] in _END):
            handler = _RESERVED.get(written)
            if handler and (position := handler(self, at, after)):
                return position
            parentheses = reader.parentheses(text, after, end)
            if parentheses and written[-1] != "=" and (not whole or whole.lastindex == 1):
                self.defined = written
                return parentheses.end()
        if ("=" in written or "[" in written) and (assigned := reader.assignment(text, at, end)):
            return self.assign(at, assigned)
        return self.add(self.begin(at), whole_word(whole) if whole else reader.word_of_parts(at))

    def add(self, draft: Draft, word: Word) -> int:
        """Add a word to a command, and return the place after it."""
        reader, at = self.reader, word.span.end
        if reader.text.startswith("=(", at - 1, reader.end):
            word = self.array_word(word)
        draft.words.append(word)
        draft.end = word.span.end
        return draft.end

    def assign(self, at: int, match: re.Match[str]) -> int:
        """Read the value of an assignment of which the name is found."""
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
        """`if`, `while` or `until`: what follows is a condition."""
        self.open(self.reader.text[at:after], 0)
        return after

    def body(self, at: int, after: int) -> int:
        """`then` or `do`."""
        if self.frames and self.frames[-1].kind in ("if", *_LOOPS):
            self.reader.depth = self.frames[-1].depth + 1
            if self.frames[-1].kind == "if":
                self.enter_block("branch")
        return after

    def branch(self, at: int, after: int) -> int:
        """`else` or `elif`."""
        if self.frames and self.frames[-1].kind == "if":
            self.enter_block("branch")
        return after

    def keyword(self, at: int, after: int) -> int:
        """`!`, which changes nothing here."""
        return after

    def time(self, at: int, after: int) -> int:
        """`time`, with the flag that only the word of the grammar has."""
        match = matcher(r"[ \t]+(?:-p(?=[ \t])|(?!-))")(self.reader.text, after, self.reader.end)
        return match.end() if match else 0

    def coprocess(self, at: int, after: int) -> int:
        """`coproc`, with its name."""
        match = matcher(_COPROCESS_NAME)(self.reader.text, after, self.reader.end)
        return match.end() if match else after

    def brace(self, at: int, after: int) -> int:
        """`{`."""
        self.open("{")
        return after

    def end(self, at: int, after: int) -> int:
        """`fi`, `done`, `esac` or `}`."""
        self.close(*_ENDS[self.reader.text[at:after]])
        return after

    def define(self, at: int, after: int) -> int:
        """`function`, with the name of the function."""
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
        match = matcher(r"[ \t\r\n;]*\{(?=[ \t\r\n])")(reader.text, after, reader.end)
        if match:
            return after
        self.open(kind, 0)
        return after

    def loop_variable(self, at: int, after: int) -> int:
        """Read the variable of a loop and the words that it runs over."""
        reader = self.reader
        draft = self.begin(at)
        end = reader.parts(after, BARE, [])
        draft.assignments.append(Assignment(reader.text[after:end], None, False, Span(after, end)))
        draft.end = end
        end = reader.skip_space(end)
        if matcher(r"in(?=[ \t\r\n;]|\Z)")(reader.text, end, reader.end):
            end += 2
            while (after := reader.parts(start := reader.skip_blanks(end), BARE, [])) > start:
                end = after
            draft.end = end
        piped = self.piped
        self.finish("")
        self.piped = piped
        return end

    def case(self, at: int, after: int) -> int:
        """Read the head of a `case` up to its first pattern."""
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
_RESERVED: Final[dict[str, Callable[[CommandList, int, int], int]]] = {
    **dict.fromkeys(("if", "while", "until"), CommandList.compound),
    **dict.fromkeys(("then", "do"), CommandList.body),
    **dict.fromkeys(("else", "elif"), CommandList.branch),
    "!": CommandList.keyword,
    **dict.fromkeys(_ENDS, CommandList.end),
    **dict.fromkeys(("for", "select"), CommandList.loop),
    "{": CommandList.brace,
    "[[": CommandList.test,
    "case": CommandList.case,
    "function": CommandList.define,
    "coproc": CommandList.coprocess,
    "time": CommandList.time,
}


class ScriptReader(CommandReader):
    """Reads whole scripts, with the commands in substitutions."""

    def commands(self, at: int, closer: str) -> int:
        """Read the commands of a substitution."""
        self.enter(3)
        self.depth += 1
        outer = self.blocks
        self.blocks = (*outer, self.block("subshell"))
        at = CommandList(self, closer).read(at)
        self.blocks = outer
        self.depth -= 1
        self.leave(3)
        return at
