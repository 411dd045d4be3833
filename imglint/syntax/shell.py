"""A shell script into its simple commands, in the order in which they are written.

Reads POSIX sh (2.9 "Shell Commands", 2.10 "Shell Grammar") and bash (its manual, section 3.2). No syntax tree: each
command tells how deep it stands, and what follows it. Broken scripts are read as far as they make sense.
"""

from __future__ import annotations

from typing import Final

from imglint.syntax.shellcommand import Assignment, Block, Command, Heredoc, Redirection, Script
from imglint.syntax.shelllist import MAX_COMMANDS, CommandList, ScriptReader
from imglint.syntax.shellprefix import RUNNERS, SHELLS, assignment, inner_script, unwrapped
from imglint.syntax.shellword import Part, Word
from imglint.syntax.shellwords import MAX_DEPTH, StoppedError

__all__ = [
    "MAX_COMMANDS", "MAX_DEPTH", "MAX_LENGTH", "RUNNERS", "SHELLS", "Assignment", "Block", "Command", "Heredoc", "Part",
    "Redirection", "Script", "Word", "assignment", "inner_script", "scan", "unwrapped",
]  # fmt: skip

MAX_LENGTH: Final = 1 << 20
"""Characters of a script that are read; of a longer one the lines up to there."""


def scan(text: str) -> Script:
    """Find the commands of a script. Never raises; time and memory grow linearly with the text."""
    end = len(text) if len(text) <= MAX_LENGTH else text.rfind("\n", 0, MAX_LENGTH) + 1 or MAX_LENGTH
    reader = ScriptReader(text, end)
    stopped = "" if end == len(text) else f"it is longer than {MAX_LENGTH:,} characters"
    try:
        CommandList(reader, "").read(0)
        if reader.pending:
            reader.doubt(f"the here-document `{reader.pending[0].heredoc.delimiter}` never begins")
    except StoppedError as error:
        stopped = str(error)
    commands = tuple(draft.command() for draft in reader.drafts if draft.finished)
    return Script(commands, stopped or reader.problem, not stopped)
