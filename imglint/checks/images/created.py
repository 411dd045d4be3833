"""When an image was made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.image.image import Variant
from imglint.syntax.values import is_rfc3339

if TYPE_CHECKING:
    from datetime import datetime


def created_in_future(variant: Variant, context: Context) -> Iterator[Finding]:
    """An image says that it was made later than tomorrow.

    Years such as 1 and 1970 stand for no time at all in reproducible builds, and are fine.
    """
    at = variant.config.about("created") if variant.config else None
    value = at.value if at else None
    if at is None or not isinstance(value, str) or not is_rfc3339(value):
        return
    from datetime import UTC, datetime, timedelta

    created = moment(value)
    if created is not None and created > datetime.now(UTC) + timedelta(days=1):
        yield context.at(
            at,
            "the image says that it was made in the future: tools that sort or clean up by age will keep it for ever",
            help="set the clock of the machine that builds, or SOURCE_DATE_EPOCH",
        )


def moment(text: str) -> datetime | None:
    """The moment that a date and time of RFC 3339 names; None for one that computers cannot count."""
    from datetime import datetime

    # Fractions and leap seconds do not matter for a comparison of days.
    zone = "+00:00" if text[-1] in "Zz" else text[-6:]
    try:
        return datetime.fromisoformat(f"{text[:10]}T{text[11:16]}{zone}")
    except ValueError:
        return None
