"""What a project says of itself in the files that its language's tools read: its licence and what it is for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from imglint.record import NamedTuple


class Fact(NamedTuple):
    """Something a project says of itself, and the file that says it. Both are empty when nothing does."""

    value: str = ""
    where: str = ""


class About(NamedTuple):
    """What is known of a project. The licence is a valid SPDX expression, the description one line of text."""

    licenses: Fact = Fact()
    description: Fact = Fact()

    def over(self, other: About) -> About:
        """What this says, and what the other says where this is silent."""
        return About(
            self.licenses if self.licenses.value else other.licenses,
            self.description if self.description.value else other.description,
        )


NOTHING: Final = About()
MANIFESTS: Final = ("pyproject.toml", "package.json", "Cargo.toml")
LICENSES: Final = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING")
NAMES: Final = (*MANIFESTS, *LICENSES)
"""The files that are looked at, the most telling first."""


def read(name: str, text: str) -> About:
    """What one of the files `NAMES` says; nothing when it cannot be read."""
    if name in LICENSES:
        return About(licenses=_fact(_recognised(text), name))
    try:
        document = _json(text) if name.endswith(".json") else _toml(text)
        license, description = _READERS[name](document)
    except (ValueError, RecursionError):
        return NOTHING
    return About(_fact(_expression(license), name), _fact(_line(description), name))


def _fact(value: str, where: str) -> Fact:
    return Fact(value, where) if value else Fact()


def _toml(text: str) -> Mapping[str, Any]:
    import tomllib

    return tomllib.loads(text.replace("\r\n", "\n"))


def _json(text: str) -> Mapping[str, Any]:
    import json

    document = json.loads(text)
    return document if isinstance(document, dict) else {}


def _table(document: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        found = document.get(key)
        document = found if isinstance(found, dict) else {}
    return document


def _python(document: Mapping[str, Any]) -> tuple[object, object]:
    """https://packaging.python.org/en/latest/specifications/pyproject-toml/, and Poetry's own table."""
    project, poetry = _table(document, "project"), _table(document, "tool", "poetry")
    license = project.get("license", poetry.get("license"))
    if isinstance(license, dict):
        license = license.get("text")
    return license, project.get("description", poetry.get("description"))


def _node(document: Mapping[str, Any]) -> tuple[object, object]:
    """https://docs.npmjs.com/cli/configuring-npm/package-json."""
    return document.get("license"), document.get("description")


def _rust(document: Mapping[str, Any]) -> tuple[object, object]:
    """https://doc.rust-lang.org/cargo/reference/manifest.html; a slash is its old way to write OR."""
    package = _table(document, "package")
    license = package.get("license")
    return license.replace("/", " OR ") if isinstance(license, str) else None, package.get("description")


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], tuple[object, object]]]] = {
    "pyproject.toml": _python,
    "package.json": _node,
    "Cargo.toml": _rust,
}


def _expression(value: object) -> str:
    """A licence as SPDX spells it, where that is certain; else nothing."""
    if not isinstance(value, str) or not value.strip():
        return ""
    from imglint.syntax import spdx

    problems = spdx.check(value)
    if not problems:
        return value
    return problems[0].suggestion if problems[0].certain else ""


def _line(value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text if text.isprintable() else ""


_TEXTS: Final = (
    # The name, words that only this licence has, words that it has not, and the most words that its text has.
    ("Apache-2.0", ("apache license version 2.0 january 2004", "grant of patent license"), (), 2_000),
    ("MIT", (
        "permission is hereby granted free of charge to any person obtaining a copy of this software and associated "
        "documentation files the software to deal in the software without restriction",
        "the above copyright notice and this permission notice shall be included in all copies or substantial portions",
    ), ("except as contained in this notice", "shall be used for good"), 260),
    ("ISC", (
        "permission to use copy modify and or distribute this software for any purpose with or without fee is hereby "
        "granted provided that the above copyright notice and this permission notice appear in all",
    ), (), 180),
    ("BSD-3-Clause", ("redistribution and use in source and binary forms with or without modification are permitted",
                      "nor the names of"), ("advertising materials",), 320),
    ("BSD-2-Clause", ("redistribution and use in source and binary forms with or without modification are permitted",),
     ("nor the names of", "advertising materials", "neither the name", "patent"), 270),
    ("MPL-2.0", ("mozilla public license version 2.0", "exhibit b incompatible with secondary licenses"), (), 3_200),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",), (), 270),
    ("CC0-1.0", ("cc0 1.0 universal", "statement of purpose"), (), 1_400),
    ("BSL-1.0", ("boost software license version 1.0 august 17th 2003",), (), 300),
)  # fmt: skip
"""Licences that are told by their text. The GNU licences are not among them: theirs is the same whether later
versions may be chosen or not."""


def _recognised(text: str) -> str:
    """The licence whose text this is, and nothing besides; empty when that is not certain."""
    words = re.findall(r"[a-z0-9.]*[a-z0-9]", text[: 1 << 16].lower())
    plain = " ".join(words)
    found = [
        name
        for name, there, absent, most in _TEXTS
        if len(words) <= most and all(part in plain for part in there) and not any(part in plain for part in absent)
    ]
    return found[0] if len(found) == 1 else ""
