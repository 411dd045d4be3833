"""`imglint layers`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from imglint.cli.images import new_run, read, read_options, reading_options, settings_here
from imglint.cli.pages import sheet_of
from imglint.cli.progress import progress
from imglint.cli.reporting import write_to
from imglint.cli.run import style_for_terminal, tell_failures


@click.command()
@click.option("--format", "format_name", type=click.Choice(["text", "json", "html"]), default="text",
              show_default=True, help="Bars for the terminal, JSON, or one HTML page.")  # fmt: skip
@click.option("--output", "-o", metavar="FILE", help="Write to a file.")
@click.option("--layers", is_flag=True, help="Read the layers, too, where they are at hand: shows wasted bytes.")
@reading_options
def layers(
    names: tuple[str, ...], config: str | None, format_name: str, output: str | None, layers: bool, **reading: Any
) -> None:
    """Draw the layers of images: how large each is beside what the registry takes, and which instruction made it.

    IMAGE is what `imglint image` takes. With --layers, bytes that later layers hide are shown as wasted.
    """
    run = new_run(config)
    profile = run.profile(settings_here(run))
    options = read_options(**reading)._replace(layers=layers, progress=progress())
    sheets = [sheet_of(image, profile) for image in read(run, names, options)]
    render = import_module(f"imglint.report.layers.{format_name}").render
    if format_name == "text":
        style = style_for_terminal()
        chunks = (
            chunk for number, sheet in enumerate(sheets) for chunk in (*["\n"][: number > 0], *render(sheet, style))
        )
    else:
        chunks = render(sheets)
    write_to(output, chunks)
    tell_failures(run.failures)
    run.finish(findings=False)
