"""Regular expressions that people write into a configuration."""

from __future__ import annotations

import re


def pattern_problem(pattern: str) -> str:
    """Why Python refuses a regular expression; empty when it does not."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks on what may change its meaning in a later Python
        try:
            re.compile(pattern)
        except (re.error, ValueError, OverflowError, RecursionError) as error:
            return str(error) or "it is too complex"
    return ""
