"""`imglint page`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from imglint.cli.check import input_options
from imglint.cli.named import images_among, read_plainly
from imglint.cli.pages import page_of_image, project_pages
from imglint.cli.projects import ALL_KINDS, each_project
from imglint.cli.run import Options, Run, style_for_terminal, tell_failures, write
from imglint.report.page.shared import together
from imglint.report.result import Style


@click.command()
@click.option("--format", "format_name", type=click.Choice(["text", "json", "markdown"]), default="text",
              show_default=True,
              help="Cards for people, JSON, or Markdown such as for $GITHUB_STEP_SUMMARY.")  # fmt: skip
@click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N",
              help="Read in so many processes. (default: one for each processor, where that pays)")  # fmt: skip
@input_options
def page(format_name: str, jobs: int | None, **options: Any) -> None:
    """Show what the registry's page of each published package will say, and where it comes from.

    PATHS are files and directories; without any, the current directory. Every build that pushes is found, wherever it
    is written: workflows, scripts, Makefiles, bake and compose files. What cannot be known before the build is said to
    be unknown, with the reason. Where a workflow pushes, the card says whether that will succeed. An image, such as
    ghcr.io/acme/widget:1.2 or a layout, is shown as it is.
    """
    given = Options(**options)
    named, paths = images_among(given.paths)
    run = Run(given._replace(paths=paths), ALL_KINDS)
    found = [page_of_image(image, run) for image in read_plainly(run, named)]
    for project in each_project(run, lambda group: project_pages(group, run), jobs) if paths or not named else ():
        found.append(project.pages)
        for problem in project.failures:
            run.fail(*problem)  # Another process may have met it, which this one knows nothing of.
    shown = together(found)
    if format_name == "text" and not (shown.pages or shown.elsewhere or shown.unseen):
        write(iter(["Nothing here is published: no build that pushes was found, and no Dockerfile.\n"]))
    else:
        style = style_for_terminal() if format_name == "text" else Style()
        render = import_module(f"imglint.report.page.{format_name}").render
        write(render(shown, style) if format_name == "text" else render(shown))
    tell_failures(run.failures)
    run.finish(findings=False)
