"""The command group. A command's module is imported only when the command is called or its help is asked for."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Final, cast

import click

from imglint import __version__

_COMMANDS: Final = {
    "check": ("check", "Judge what is published: Dockerfiles, builds and the workflows that push."),
    "page": ("page", "Show what the registry's page of each published package will say."),
    "init": ("init", "Look at a repository, and write a configuration for it."),
    "command": ("command", "Judge a build command as it would be run here."),
    "image": ("image", "Judge images: in a registry, a layout, an archive, or as a tool prints them."),
    "layers": ("layers", "Draw the layers of an image against what the registry takes."),
    "labels": ("labels", "Show the labels an image will be published with, and where each comes from."),
    "parse": ("parse", "Print the instructions of Dockerfiles as BuildKit reads them."),
    "token": ("token", "Ask GitHub what a token may do, and judge it by what the workflows need."),
    "rule": ("rules", "Print the page of a rule."),
    "rules": ("rules", "List all rules."),
    "server": ("server", "Serve an editor: findings while you type, hovers, completion, fixes."),
    "completion": ("completion", "Print the script that makes a shell complete what is typed."),
    "config": ("config", "Show the configuration, or the schema of its file."),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"imglint.cli.{_COMMANDS[cmd_name][0]}")
        return cast(click.Command, getattr(module, cmd_name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name not in _COMMANDS and not name.startswith("-"):
            from imglint.syntax.nearest import nearest

            known = nearest(name, _COMMANDS, cutoff=0.5)
            hint = f" Did you mean `{known}`?" if known else " For files and directories: `imglint check PATH`."
            raise click.UsageError(f"There is no command `{name}`.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # click would end with 1, which stands for findings.
            sys.exit(130)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_, help) in _COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="imglint %(version)s")
def cli() -> None:
    """Say, before anything is pushed, what a registry's page will show of an image and what will go wrong.

    `imglint check` in a directory with a Dockerfile is the way to begin.
    """
