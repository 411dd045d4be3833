"""The full names of licences, for people who meet an identifier.

The data is `names.txt` beside this module, written by `tools/refresh_spdx_names.py`; it is read at the first question.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType


@cache
def license_names() -> Mapping[str, str]:
    """The name of every licence of the list by its identifier, as SPDX spells both."""
    path = os.path.join(os.path.dirname(__file__), "names.txt")
    with open(path, encoding="utf-8") as file:
        pairs = (line.rstrip("\n").partition(" ") for line in file if not line.startswith("#"))
        return MappingProxyType({identifier: name for identifier, _, name in pairs})
