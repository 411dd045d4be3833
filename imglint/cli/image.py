"""`imglint image`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from imglint.cli.images import new_run, read, read_options, reading_options, request, settings_here
from imglint.cli.judging import Report, result_of, tell
from imglint.cli.progress import progress
from imglint.cli.run import CommandError
from imglint.finding import Finding, Severity
from imglint.judgeimage import judge_image
from imglint.model.image.facts import unseen
from imglint.model.image.image import UNVERIFIED, Image
from imglint.read.image.options import ReadOptions
from imglint.read.tree import InputError, read_source
from imglint.report import FORMATS
from imglint.report.result import Unseen
from imglint.syntax.dockerfile import Dockerfile, parse


@click.command()
@click.option("--select", metavar="RULES", multiple=True, help="Only these rules, families or aliases (comma list).")
@click.option("--ignore", metavar="RULES", multiple=True, help="Not these rules, families or aliases (comma list).")
@click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), help="Exit with 1 from this severity on.")
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), help="How to report (default: text).")
@click.option("--output", "-o", metavar="FILE", help="Write the report to a file.")
@click.option("--statistics", is_flag=True, help="Count the findings by rule instead of showing them.")
@click.option("--dockerfile", metavar="FILE", help="What the image was built from: findings name its lines.")
@click.option("--layers", is_flag=True, help="Read what is in the layers, too, where they are at hand.")
@click.option("--verify-layers", is_flag=True, help="Check the digest of every layer. This reads all of them.")
@reading_options
def image(
    names: tuple[str, ...], config: str | None, select: tuple[str, ...], ignore: tuple[str, ...], fail_on: str | None,
    format_name: str | None, output: str | None, statistics: bool, dockerfile: str | None, layers: bool,
    verify_layers: bool, **reading: Any,
) -> None:  # fmt: skip
    """Judge images as they are: what a registry will take, and what its page will show.

    IMAGE is a reference (ghcr.io/acme/widget:1.2), an OCI image layout, an archive of docker save or skopeo, or a file
    with what a tool prints of an image; `-` is standard input. skopeo's prefixes are understood: docker://, oci:,
    oci-archive:, docker-archive:, dir:. No layer is pulled, nothing is unpacked, and no daemon is asked.

    Exit codes: 0 nothing to say, 1 findings, 2 something could not be judged.
    """
    if statistics and format_name not in (None, "text", "json"):
        raise CommandError("--statistics: is written as text or json only")
    run = new_run(config, select, ignore, fail_on)
    settings = settings_here(run)
    threshold = Severity.parse(settings.fail_on)
    options = read_options(**reading)._replace(layers=layers, verify_layers=verify_layers, progress=progress())
    built_from = _dockerfile(dockerfile)
    findings: list[Finding] = []
    hidden: list[Unseen] = []
    judged = 0
    for each in read(run, names, options):
        judgement = judge_image(run.engine, each, request(run, settings, each), built_from)
        if judgement.failure:
            run.fail(each.name, judgement.failure)
            continue
        judged += 1
        findings.extend(judgement.findings)
        hidden += _unseen(each, options)
    failed = any(finding.severity >= threshold for finding in findings)
    result = result_of(run, findings, judged, noun="image")._replace(unseen=tuple(hidden))
    tell(run, result, failed, Report(format_name, output, statistics))


def _unseen(image: Image, options: ReadOptions) -> Iterator[Unseen]:
    """What could not be judged of an image, since nothing tells it."""
    facts = [f"{image.other}, which is no container image"] if image.other else [fact.value for fact in unseen(image)]
    if options.layers:
        untold = [each.contents.limited if each.contents else "they are not named" for each in image.variants]
        facts += dict.fromkeys(f"what is in the layers ({reason})" for reason in untold if reason)
    if options.verify_layers:
        untold = [flaw.message for flaw in image.flaws if flaw.kind == UNVERIFIED]
        facts += [f"whether layers are what their digests say ({untold[0]})"] if untold else []
    if facts:
        yield Unseen(image.name, image.form.name, tuple(facts))


def _dockerfile(path: str | None) -> Dockerfile | None:
    if path is None:
        return None
    source = read_source(path)
    if isinstance(source, InputError):
        raise CommandError(f"--dockerfile: {source.path}: {source.reason}")
    return parse(source)
