"""`imglint labels`."""

from __future__ import annotations

from typing import Any

import click

from imglint.cli import imagelabels
from imglint.cli.check import input_options
from imglint.cli.named import images_among, read_plainly
from imglint.cli.run import Options, Run, style_for_terminal, tell_failures, write
from imglint.engine import RuleCrashError, missing_stage
from imglint.model.evaluate import Evaluation
from imglint.model.metadata import Label, Setting
from imglint.report.escape import dump, visible, width
from imglint.workspace import Input


@click.command()
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="A table for people, or one JSON object a file, a line each.")  # fmt: skip
@input_options
def labels(format_name: str, **options: Any) -> None:
    """Show the labels an image will be published with, and where each comes from.

    PATHS are files, directories to search, or `-` for standard input; without any, the current directory. An image,
    such as ghcr.io/acme/widget:1.2 or a layout, shows the labels and annotations that it has.
    """
    given = Options(**options)
    named, paths = images_among(given.paths)
    run = Run(given._replace(paths=paths))
    first = True
    for image in read_plainly(run, named):
        if format_name == "json":
            write(iter([dump(imagelabels.document(image), indent=None)]))
        else:
            write(iter(["" if first else "\n", *imagelabels.lines(image, style_for_terminal())]))
            first = False
    if named and not paths:
        tell_failures(run.failures)
        run.finish(findings=False)
    for item in run.inputs():
        try:
            evaluation = run.engine.understand(item.source, item.settings)
        except RuleCrashError as error:
            run.fail(item.source.path, str(error))
            continue
        if evaluation.stage is None:
            run.fail(item.source.path, missing_stage(evaluation, item.settings.target))
        elif format_name == "json":
            write(iter([dump(_document(item, evaluation), indent=None)]))
        else:
            write(iter(["" if first else "\n", *_table(item, evaluation)]))
            first = False
    tell_failures(run.failures)
    run.finish(findings=False)


def _document(item: Input, evaluation: Evaluation) -> dict[str, object]:
    return {
        "file": item.source.path,
        "stage": _stage_name(evaluation),
        "labels": {key: _label(label) for key, label in sorted(evaluation.metadata.labels.items())},
    }


def _stage_name(evaluation: Evaluation) -> str:
    """The name of the published stage, or its number as the Dockerfile reference counts them."""
    stage = evaluation.stage
    return (stage.name or str(stage.number)) if stage else ""


def _place(setting: Setting) -> dict[str, object]:
    line, column = setting.source.position(setting.key_span.start)
    return {"value": setting.value, "line": line, "column": column}


def _label(label: Label) -> dict[str, object]:
    place = _place(label.setting)
    overrides = [_place(setting) for setting in label.overridden]
    return {
        "value": label.value, "known": label.value is not None, "line": place["line"], "column": place["column"],
        "overrides": overrides,
    }  # fmt: skip


def _table(item: Input, evaluation: Evaluation) -> list[str]:
    style = style_for_terminal()
    bold, dim, end = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if style.color else ("", "", "")
    lines = [f"{bold}{visible(item.source.path)}{end}{dim}, stage {visible(_stage_name(evaluation))}{end}\n"]
    rows = [(visible(key), _shown(label), _trail(label)) for key, label in sorted(evaluation.metadata.labels.items())]
    if not rows:
        return [*lines, "  no labels\n"]
    keys = max(width(key) for key, _, _ in rows)
    values = min(max(width(value) for _, value, _ in rows), max(20, style.width - keys - 16))
    for key, value, trail in rows:
        shown = value if width(value) <= values else value[: values - 1] + "…"
        gap = " " * (values - width(shown))
        lines.append(f"  {key}{' ' * (keys - width(key))}  {shown}{gap}  {dim}{trail}{end}\n")
    return lines


def _shown(label: Label) -> str:
    return "(unknown until it is built)" if label.value is None else visible(label.value) or "(empty)"


def _trail(label: Label) -> str:
    line = label.setting.source.position(label.setting.key_span.start).line
    older = [str(each.source.position(each.key_span.start).line) for each in label.overridden]
    return f"line {line}" + (f", over line {', '.join(older)}" if older else "")
