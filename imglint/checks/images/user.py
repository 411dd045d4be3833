"""Who the processes of an image run as."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.checks.images.start import is_made_to_build_upon, knows
from imglint.finding import Finding, Severity
from imglint.model.image.form import Fact
from imglint.model.image.image import At, Config, Variant

_STEPPING_DOWN: Final = r"\b(?:gosu|su-exec|setpriv|s6-overlay|s6-setuidgid|dumb-init-setuid|chpst)\b"
"""Tools with which an entry point gives up the rights of root: https://github.com/tianon/gosu"""


def root_user(variant: Variant, context: Context) -> Iterator[Finding]:
    """The image runs as root."""
    config = variant.config
    if config is None or not knows(config, "User", Fact.RUNTIME, context) or _is_windows(variant):
        return
    at = config.of("User")
    user = config.document.text(*at.pointer)
    name = user.partition(":")[0].strip()
    if not _is_root(name, variant):
        return
    written = at.value is not None
    if not name:
        message = "no user is set, so the image runs as root"
    elif name == "root":
        message = "the image runs as root"
    else:
        message = f"the image runs as root, which `{user}` is"
    severity = None
    if re.search(_STEPPING_DOWN, " ".join(_texts(variant, config))):
        message = message.replace("runs as root", "starts as root, and may step down")
        severity = Severity.INFO
    elif is_made_to_build_upon(config):
        severity = Severity.INFO
    yield context.at(
        at if written else _above(at),
        message,
        key=not written,
        label="" if written else "has no `User`",
        help="add to the last stage of the Dockerfile\nUSER 10001",
        severity=severity,
    )


def _above(at: At) -> At:
    return At(at.document, at.pointer[:-1])


def _is_root(name: str, variant: Variant) -> bool:
    """Whether a name or number means root (OCI image specification, config.md: a number, or a name of the image)."""
    if name in ("", "root") or re.fullmatch(r"[+-]?0+", name):
        return True
    accounts = variant.contents.accounts if variant.contents else ()
    return any(each.file == "/etc/passwd" and each.name == name and each.value == "0" for each in accounts)


def _is_windows(variant: Variant) -> bool:
    return variant.platform is not None and variant.platform.os.lower() == "windows"


def _texts(variant: Variant, config: Config) -> Iterator[str]:
    """Where the tools of an entry point are named: in itself, and in the history that installed them."""
    history = (step.created_by for step in variant.history or ())
    return (text.replace("_", " ").lower() for text in (*config.words("Entrypoint"), *config.words("Env"), *history))
