"""`imglint page`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from imglint.cli.check import input_options
from imglint.cli.named import images_among, read_plainly
from imglint.cli.projects import ALL_KINDS, projects
from imglint.cli.run import Options, Run, style_for_terminal, tell_failures, write
from imglint.engine import READING, RuleCrashError
from imglint.model.image.image import Image
from imglint.model.page import pages
from imglint.model.repository import DEFAULT_HOST
from imglint.report.page.shared import Pages
from imglint.report.result import Style
from imglint.workspace import Group


@click.command()
@click.option("--format", "format_name", type=click.Choice(["text", "json", "markdown"]), default="text",
              show_default=True,
              help="Cards for people, JSON, or Markdown such as for $GITHUB_STEP_SUMMARY.")  # fmt: skip
@input_options
def page(format_name: str, **options: Any) -> None:
    """Show what the registry's page of each published package will say, and where it comes from.

    PATHS are files and directories; without any, the current directory. Every build that pushes is found, wherever it
    is written: workflows, scripts, Makefiles, bake and compose files. What cannot be known before the build is said to
    be unknown, with the reason. An image, such as ghcr.io/acme/widget:1.2 or a layout, is shown as it is.
    """
    given = Options(**options)
    named, paths = images_among(given.paths)
    run = Run(given._replace(paths=paths), ALL_KINDS)
    found = [_of_image(image, run) for image in read_plainly(run, named)]
    found += [_of(group, run) for group in projects(run)] if paths or not named else []
    together = Pages(
        tuple(each for part in found for each in part.pages),
        tuple(dict.fromkeys(name for part in found for name in part.elsewhere)),
        found[0].registry if found else "",
        tuple(each for part in found for each in part.unseen),
    )
    if format_name == "text" and not (together.pages or together.elsewhere or together.unseen):
        write(iter(["Nothing here is published: no build that pushes was found, and no Dockerfile.\n"]))
    else:
        style = style_for_terminal() if format_name == "text" else Style()
        render = import_module(f"imglint.report.page.{format_name}").render
        write(render(together, style) if format_name == "text" else render(together))
    tell_failures(run.failures)
    run.finish(findings=False)


def _of_image(image: Image, run: Run) -> Pages:
    """The page of an image that is there."""
    from imglint.cli.images import request, settings_here
    from imglint.model.image.publications import publications

    asked = request(run, settings_here(run), image)
    hosts = (DEFAULT_HOST, *asked.settings.github_hosts)
    shown, elsewhere = pages(publications(image), asked.profile, hosts, asked.find_identity())
    return Pages(shown, elsewhere, asked.profile.name)


def _of(group: Group, run: Run) -> Pages:
    """The pages of one project."""
    first = group.inputs[0]
    profile = run.profile(first.settings)
    understanding = group.project.understand()
    for path, error in understanding.crashes:
        run.fail(path, str(RuleCrashError(READING, error)))
    hosts = (DEFAULT_HOST, *first.settings.github_hosts)
    shown, elsewhere = pages(understanding.publications, profile, hosts, run.identity_finder(first)())
    return Pages(shown, elsewhere, profile.name, understanding.unseen)
