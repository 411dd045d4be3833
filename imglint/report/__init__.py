"""Telling people, CI systems and programs what was found: one module a format, all named in one registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import cast

from imglint.report.checkout import Checkout
from imglint.report.result import InputProblem, Result, RuleInfo, Style

__all__ = ["FORMATS", "Checkout", "InputProblem", "Render", "Result", "RuleInfo", "Style", "renderer"]

Render = Callable[[Result, Style], Iterator[str]]
"""A format: turns a result into pieces of text, to be written one after the other as UTF-8."""

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "text": "imglint.report.text",
        "concise": "imglint.report.concise",
        "json": "imglint.report.json",
        "sarif": "imglint.report.sarif",
        "github": "imglint.report.github",
        "gitlab": "imglint.report.gitlab",
        "junit": "imglint.report.junit",
        "checkstyle": "imglint.report.checkstyle",
        "markdown": "imglint.report.markdown",
        "html": "imglint.report.html",
    }
)
"""Name of each format -> the module whose `render` writes it, imported only when the format is used."""


def renderer(name: str) -> Render:
    """The format of that name; raises `KeyError` for a name that is not in `FORMATS`."""
    return cast(Render, import_module(FORMATS[name]).render)
