"""`imglint completion`."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import CompletionItem, get_completion_class

from imglint.cli.run import write

_VARIABLE: Final = "_IMGLINT_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that makes a shell complete commands, options, formats and the names of rules.

    bash: `source <(imglint completion bash)` in ~/.bashrc. zsh: the same with zsh in ~/.zshrc, after compinit.
    fish: `imglint completion fish > ~/.config/fish/completions/imglint.fish`.
    """
    found = get_completion_class(shell)
    assert found is not None
    write(iter([found(click.Command("imglint"), {}, "imglint", _VARIABLE).source() + "\n"]))


def complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The rules and families that a list could go on with."""
    from imglint.read.rules import rule_families

    before, comma, last = incomplete.rpartition(",")
    families = rule_families()
    names = sorted({*families, *families.values(), "all"})
    return [CompletionItem(f"{before}{comma}{name}") for name in names if name.startswith(last)]
