"""What a shell script is made of: commands with their words and redirections, and the blocks around them."""

from __future__ import annotations

from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.shellword import Word


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
