"""Secrets that everybody can read who can pull the image. They are never printed: every report shows stars."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.image.image import At, Variant
from imglint.model.image.secrets import Secret, in_environment, in_history, in_labels, in_strings, unsaid

MAX_FINDINGS: Final = 50
"""Secrets of one kind that are reported one by one."""

_REPLACE: Final = "replace the secret, since whoever has the image has it"


def secret_in_environment(variant: Variant, context: Context) -> Iterator[Finding]:
    """An environment variable of the image holds a secret."""
    for found in islice(in_environment(variant), MAX_FINDINGS):
        yield _finding(
            found,
            context,
            f"the variable `{found.name}` holds {_what(found)}: everybody who can pull the image can read it",
            f"{_REPLACE}; give it to the container when it starts",
        )


def secret_in_history(variant: Variant, context: Context) -> Iterator[Finding]:
    """The history of the image tells a secret."""
    elsewhere = (*in_environment(variant), *in_labels(variant))
    for found in islice(unsaid(in_history(variant), elsewhere), MAX_FINDINGS):
        where = f", in `{found.name}`" if found.name else ""
        yield _finding(
            found,
            context,
            f"the history of the image tells {_what(found)}{where}: everybody who can pull it can read it",
            f"{_REPLACE}; hand it over with\nRUN --mount=type=secret,id={found.name or 'TOKEN'} …",
        )


def secret_in_label(variant: Variant, context: Context) -> Iterator[Finding]:
    """A label or an annotation holds a secret."""
    index = context.image.top if context.image else None
    annotations = in_strings(At(index, ("annotations",))) if index else ()
    for found in islice(chain(in_labels(variant), annotations), MAX_FINDINGS):
        label = "label" if variant.config and found.at.document is variant.config.document else "annotation"
        yield _finding(
            found,
            context,
            f"the {label} `{found.name}` holds {_what(found)}: everybody who can see the package can read it",
            f"{_REPLACE}; labels describe an image, and are public",
        )


def _what(found: Secret) -> str:
    return found.what or "a secret"


def _finding(found: Secret, context: Context, message: str, help: str) -> Finding:
    return context.finding(found.span, message, label="a secret", help=help, source=found.at.document.source)
