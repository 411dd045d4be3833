"""`imglint config`."""

from __future__ import annotations

import sys

import click

from imglint.cli.run import EXIT_FAILURE, tell, write
from imglint.config import ConfigError, DeclaredToken, LabelRequirement
from imglint.read.configfile import Loader, schema_text
from imglint.report.escape import dump, visible


@click.group()
def config() -> None:
    """Show the configuration, or the schema of its file."""


@config.command()
def schema() -> None:
    """Print the JSON Schema of the configuration file, for editors."""
    write(iter([schema_text()]))


@config.command()
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--config", "config_file", metavar="FILE", help="The configuration file, instead of the nearest upwards.")
@click.argument("directory", default=".", type=click.Path())
def show(directory: str, format_name: str, config_file: str | None) -> None:
    """Print every value that holds for the files of a directory, and where it comes from."""
    try:
        settings = Loader({}, config_file).settings(directory)
    except ConfigError as error:
        for line in str(error).split("\n"):
            tell(line)
        sys.exit(EXIT_FAILURE)
    values = {
        key: (_plain(getattr(settings, key.replace("-", "_"))), origin) for key, origin in settings.origins.items()
    }
    if format_name == "json":
        rows = {
            key: {"value": value, "origin": {"kind": origin.kind, "where": origin.where}}
            for key, (value, origin) in values.items()
        }
        write(iter([dump({"version": 1, "file": settings.file, "settings": rows})]))
        return
    width = max(map(len, values))
    for key, (value, origin) in values.items():
        shown = "not set" if value is None else dump(value, indent=None).rstrip()
        write(iter([f"{key:<{width}}  {visible(shown)}  # {visible(origin.words)}\n"]))


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, LabelRequirement):
        return {name: part for name, part in value._asdict().items() if part}
    if isinstance(value, DeclaredToken):
        return {"scopes": list(value.scopes)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "items"):
        return {key: _plain(each) for key, each in value.items()}
    return value
