"""What an image starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.image.form import Fact
from imglint.model.image.image import Config, Variant

_INTERPRETERS: Final = (
    r"(?:.*/)?(?:(?:ba|da|a|z|k|fi|pw)?sh|powershell(?:\.exe)?|cmd(?:\.exe)?|python[0-9.]*|pypy[0-9.]*|node|deno|irb|php"
    r"|perl[0-9.]*|jshell|ghci|julia|r|erl|iex|swipl|lua[0-9.]*|sbcl|gjs|groovysh|clojure|rakudo|raku)"
)
_INTERACTIVE: Final = r"-[ail]|-de0"
"""Options of these that ask for a prompt."""


def empty_entrypoint(variant: Variant, context: Context) -> Iterator[Finding]:
    """The image starts nothing by itself."""
    config = variant.config
    if config is None or not (
        knows(config, "Entrypoint", Fact.START, context) and knows(config, "Cmd", Fact.START, context)
    ):
        return
    if not config.of("Entrypoint").value and not config.of("Cmd").value:
        at = config.of("Entrypoint")
        yield context.at(
            at._replace(pointer=at.pointer[:-1]),
            "the image starts nothing: `docker run` without a command will fail",
            key=True,
            label="neither `Entrypoint` nor `Cmd`",
            help='add to the last stage of the Dockerfile\nENTRYPOINT ["/path/of/program"]',
        )


def knows(config: Config, name: str, fact: Fact, context: Context) -> bool:
    """Whether the form would tell what a member of the configuration is, also that it is not set."""
    if config.of(name).value is not None:
        return True
    lacks = context.image.form.lacks if context.image else frozenset()
    return config.complete and fact not in lacks


def is_made_to_build_upon(config: Config) -> bool:
    """Whether an image starts nothing but a shell or an interpreter, as images do that others are built upon."""
    entrypoint, command = config.words("Entrypoint"), config.words("Cmd")
    if len(entrypoint) == 1 and re.search(r"entrypoint", entrypoint[0]):
        entrypoint = ()
    words = [word for word in (*entrypoint, *command) if not re.fullmatch(_INTERACTIVE, word)]
    return len(words) == 1 and re.fullmatch(_INTERPRETERS, words[0], re.IGNORECASE) is not None
