"""`imglint image`."""

from __future__ import annotations

from typing import Any

import click

from imglint.cli.completion import complete_rules
from imglint.cli.images import new_run, read, read_options, reading_options, request, settings_here
from imglint.cli.judging import result_of
from imglint.cli.pages import page_of_image, sheet_of
from imglint.cli.progress import progress
from imglint.cli.reporting import Wanted, tell, wanted
from imglint.cli.reportoptions import report_options
from imglint.cli.run import CommandError
from imglint.finding import Finding, Severity
from imglint.judgeimage import judge_image
from imglint.model.image.facts import unseen
from imglint.read.tree import InputError, read_source
from imglint.report.layers.shared import Sheet
from imglint.report.page.shared import Pages
from imglint.report.result import Unseen
from imglint.syntax.dockerfile import Dockerfile, parse


@click.command()
@click.option("--select", metavar="RULES", multiple=True, shell_complete=complete_rules,
              help="Only these rules, families or aliases (comma list).")  # fmt: skip
@click.option("--ignore", metavar="RULES", multiple=True, shell_complete=complete_rules,
              help="Not these rules, families or aliases (comma list).")  # fmt: skip
@click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), help="Exit with 1 from this severity on.")
@report_options
@click.option("--dockerfile", metavar="FILE", help="What the image was built from: findings name its lines.")
@click.option("--layers", is_flag=True, help="Read what is in the layers, too, where they are at hand.")
@click.option("--verify-layers", is_flag=True, help="Check the digest of every layer. This reads all of them.")
@reading_options
def image(
    names: tuple[str, ...], config: str | None, select: tuple[str, ...], ignore: tuple[str, ...], fail_on: str | None,
    formats: tuple[Wanted, ...], output: str | None, statistics: bool, dockerfile: str | None, layers: bool,
    verify_layers: bool, **reading: Any,
) -> None:  # fmt: skip
    """Judge images as they are: what a registry will take, and what its page will show.

    IMAGE is a reference (ghcr.io/acme/widget:1.2), an OCI image layout, an archive of docker save or skopeo, or a file
    with what a tool prints of an image; `-` is standard input. skopeo's prefixes are understood: docker://, oci:,
    oci-archive:, docker-archive:, dir:. No layer is pulled, nothing is unpacked, and no daemon is asked.

    Exit codes: 0 nothing to say, 1 findings, 2 something could not be judged.
    """
    report = wanted(formats, output, statistics)
    run = new_run(config, select, ignore, fail_on)
    settings = settings_here(run)
    threshold = Severity.parse(settings.fail_on)
    options = read_options(**reading)._replace(layers=layers, verify_layers=verify_layers, progress=progress())
    built_from = _dockerfile(dockerfile)
    findings: list[Finding] = []
    hidden: list[Unseen] = []
    pages: list[Pages] = []
    sheets: list[Sheet] = []
    judged = 0
    for each in read(run, names, options):
        judgement = judge_image(run.engine, each, request(run, settings, each), built_from)
        if judgement.failure:
            run.fail(each.name, judgement.failure)
            continue
        judged += 1
        findings.extend(judgement.findings)
        facts = unseen(each)
        if facts:
            hidden.append(Unseen(each.name, each.form.name, tuple(fact.value for fact in facts)))
        if report.shows_pages:
            pages.append(page_of_image(each, run))
            sheets.append(sheet_of(each, run.profile(settings)))
    thresholds = {finding.source.path: threshold for finding in findings}
    result = result_of(run, findings, judged, noun="image")._replace(
        thresholds=thresholds, unseen=tuple(hidden), pages=tuple(pages), sheets=tuple(sheets)
    )
    tell(run, result, any(map(result.fails, findings)), report)


def _dockerfile(path: str | None) -> Dockerfile | None:
    if path is None:
        return None
    source = read_source(path)
    if isinstance(source, InputError):
        raise CommandError(f"--dockerfile: {source.path}: {source.reason}")
    return parse(source)
