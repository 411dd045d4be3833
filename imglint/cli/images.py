"""What the commands that look at images share: how they are named, and how they are read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from imglint.cli.run import STDIN, CommandError, Options, Run
from imglint.config import Settings
from imglint.engine import Request
from imglint.model.image.image import UNFETCHED, Image
from imglint.model.image.publications import belongs
from imglint.model.repository import Identity
from imglint.read.image.door import images
from imglint.read.image.options import ReadOptions
from imglint.read.image.store import ImageError
from imglint.source import Source
from imglint.workspace import Input


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that say which images to read, and how."""
    import click

    for option in (
        click.option("--platform", metavar="OS/ARCH", help="Only the image for this platform, such as linux/arm64."),
        click.option("--all-platforms", is_flag=True, help="The images for all platforms; so it is without an option."),
        click.option("--insecure", is_flag=True, help="Speak http to a registry, or https with any certificate; "
                     "only to loopback and private addresses."),
        click.option("--no-cache", is_flag=True, help="Neither keep nor use what was fetched before."),
        click.option("--no-credential-helpers", is_flag=True, help="Run no docker-credential-* program."),
        click.option("--config", metavar="FILE", help="The configuration file, instead of the nearest upwards."),
        click.argument("names", nargs=-1, required=True, metavar="IMAGE..."),
    ):  # fmt: skip
        command = option(command)
    return command


def read_options(
    platform: str | None = None, all_platforms: bool = False, insecure: bool = False, no_cache: bool = False,
    no_credential_helpers: bool = False,
) -> ReadOptions:  # fmt: skip
    """How images are read. Raises `CommandError` for options that exclude each other."""
    if platform and all_platforms:
        raise CommandError("--platform and --all-platforms exclude each other")
    return ReadOptions(
        platform=platform,
        insecure=insecure,
        cache=not no_cache,
        credential_helpers=not no_credential_helpers,
        stdin=_stdin,
        environ=os.environ,
    )


def read(run: Run, names: tuple[str, ...], options: ReadOptions) -> Iterator[Image]:
    """The images of all names; what cannot be read is noted, and the others are judged all the same."""
    for name in dict.fromkeys(names):
        try:
            for image in images(name, options):
                for flaw in image.flaws:
                    if flaw.kind == UNFETCHED:
                        run.fail(image.name, f"is not judged as a whole: {flaw.message}")
                yield image
        except ImageError as error:
            run.fail("<stdin>" if name == STDIN else name, str(error))


def request(run: Run, settings: Settings, image: Image) -> Request:
    """What holds for an image: the settings of the working directory, and its repository if the image may be its."""
    item = Input(Source(image.name, ""), os.curdir, settings)
    find = run.identity_finder(item)

    def identity() -> Identity | None:
        found = find()
        return found if found and (settings.repository or belongs(image, found)) else None

    return Request(item.source, settings, run.profile(settings), identity)


def settings_here(run: Run) -> Settings:
    """The settings of the working directory. Raises `CommandError` when they cannot be used."""
    settings = run.settings(os.curdir)
    if settings is None:
        raise CommandError("; ".join(f"{path}: {reason}" for path, reason in run.failures))
    return settings


def new_run(
    config: str | None, select: tuple[str, ...] = (), ignore: tuple[str, ...] = (), fail_on: str | None = None
) -> Run:
    """A run that looks at images only."""
    return Run(Options((), config, select=select, ignore=ignore, fail_on=fail_on))


def _stdin() -> BinaryIO:
    if sys.stdin is None or sys.stdin.isatty():
        raise CommandError("standard input is a terminal: pipe an image into it")
    return sys.stdin.buffer
