"""`imglint image`."""

from __future__ import annotations

from typing import Any

import click

from imglint.cli.completion import complete_rules
from imglint.cli.images import new_run, read_options, reading_options
from imglint.cli.judgingimages import judge_and_report
from imglint.cli.progress import progress
from imglint.cli.reporting import Wanted, wanted
from imglint.cli.reportoptions import report_options


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
    options = read_options(**reading)._replace(layers=layers, verify_layers=verify_layers, progress=progress())
    judge_and_report(run, names, options, report, dockerfile)
