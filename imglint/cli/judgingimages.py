"""Judging images and reporting the result: what `imglint image` does, whoever read its arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

from imglint.cli.images import read, request, settings_here
from imglint.cli.judging import result_of
from imglint.cli.reporting import Report, tell
from imglint.cli.run import CommandError, Run
from imglint.finding import Finding, Severity
from imglint.judgeimage import judge_image
from imglint.model.image.facts import unseen
from imglint.model.image.image import UNVERIFIED, Image
from imglint.read.image.options import ReadOptions
from imglint.read.tree import InputError, read_source
from imglint.report.result import Unseen

if TYPE_CHECKING:
    from imglint.report.layers.shared import Sheet
    from imglint.report.page.shared import Pages
    from imglint.syntax.dockerfile import Dockerfile


def judge_and_report(
    run: Run, names: tuple[str, ...], options: ReadOptions, wanted: Report, dockerfile: str | None = None
) -> NoReturn:
    """Judge all images, write the report, and end the process with the exit code that goes with it.

    `dockerfile` is the path of what they were built from. Raises `CommandError`.
    """
    settings = settings_here(run)
    threshold = Severity.parse(settings.fail_on)
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
        hidden += _unseen(each, options)
        if wanted.shows_pages:
            from imglint.cli.pages import page_of_image, sheet_of

            pages.append(page_of_image(each, run))
            sheets.append(sheet_of(each, run.profile(settings)))
    thresholds = {finding.source.path: threshold for finding in findings}
    result = result_of(run, findings, judged, noun="image")._replace(
        unseen=tuple(hidden), thresholds=thresholds, pages=tuple(pages), sheets=tuple(sheets)
    )
    tell(run, result, any(map(result.fails, findings)), wanted)


def _unseen(image: Image, options: ReadOptions) -> Iterator[Unseen]:
    """What could not be judged of an image, since nothing tells it."""
    facts = [fact.value for fact in unseen(image)]
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
    from imglint.syntax.dockerfile import parse

    source = read_source(path)
    if isinstance(source, InputError):
        raise CommandError(f"--dockerfile: {source.path}: {source.reason}")
    return parse(source)
