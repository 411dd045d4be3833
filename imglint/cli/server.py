"""`imglint server`."""

from __future__ import annotations

import sys
from typing import Final

import click

from imglint.cli.run import CommandError

_EXTRA: Final = ("pygls", "lsprotocol", "cattrs", "attrs", "attr")
"""What `imglint[lsp]` brings."""


@click.command()
@click.option("--stdio", is_flag=True, help="Speak on standard input and output. There is no other way; some editors "
              "say so all the same.")  # fmt: skip
def server(stdio: bool) -> None:
    """Serve an editor: findings while you type, pages of rules, completion, fixes.

    The server speaks the Language Server Protocol and is started by an editor; docs/editors.md shows how to set it up.
    """
    try:
        from imglint.server.main import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise CommandError("the language server needs pygls: pip install 'imglint[lsp]'") from None
    if sys.stdin is None:
        raise CommandError("standard input is closed")
    serve()
