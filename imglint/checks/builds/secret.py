"""Secrets that are given as build arguments, and so are published with the image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from imglint.checks.builds.arguments import MAX_SHOWN, Declared, Reader
from imglint.checks.context import Context
from imglint.finding import Finding, Related
from imglint.model.build import Build, Pair, Route
from imglint.model.workflow.actions import BAKE, BUILD_PUSH
from imglint.syntax.secrets import is_secret_name
from imglint.syntax.text import HOLE, Place

if TYPE_CHECKING:
    from imglint.model.built import Built
    from imglint.model.understanding import Understanding

_PLAIN_NAME: Final = (
    r"(?i)(?:NEXT_PUBLIC|VITE|REACT_APP|NUXT_PUBLIC|PUBLIC|GATSBY|EXPO_PUBLIC|NG_APP|VUE_APP)_.*|"
    r"(?:.*_)?(?:PUBLIC|PUBLISHABLE)_.*|(?:.*_)?(?:USER|USERNAME|LOGIN|NAME|EMAIL|MAIL|ORG|ORGANIZATION|OWNER|ID|URL|URI|"
    r"HOST|HOSTNAME|PORT|DOMAIN|ENDPOINT|REGION|PROJECT|REGISTRY|REPOSITORY|REPO|IMAGE|DSN|VERSION|TAG|BRANCH|REF|SHA|ENV|"
    r"ENVIRONMENT|FILE|PATH|DIR|PREFIX|DUMMY|UID|GID|TZ|TIMEZONE|BUCKET)"
)
"""Names of what people keep among their secrets although it is none, or is made public on purpose."""

_FROM_SECRETS: Final = r"\bsecrets\.(?P<name>[A-Za-z_]\w*)|\bgithub\.token\b"
_FROM_ENVIRONMENT: Final = r"(?:\$|env\.)\(?\{?[A-Za-z_]\w*\}?\)?\Z"
_FROM_STEP: Final = r"(?:steps|needs)\..*(?:token|password|secret)\Z"


def secret_in_build_arg(project: Understanding, context: Context) -> Iterator[Finding]:
    """A secret is handed to a build as an argument, which keeps it."""
    reader = Reader(project)
    said: set[tuple[Place, str]] = set()
    for built in sorted(project.built, key=lambda each: each.evaluation is None):
        for pair in built.build.arguments:
            name, place = pair.key.text, pair.key.origin
            if HOLE in name or not re.fullmatch(r"\w+", name) or (place, name) in said:
                continue
            if not _is_secret(pair, built.build):
                continue
            declared = reader.declared(built)
            kept = _where_kept(name, built, declared)
            if kept:
                said.add((place, name))
                yield context.finding(
                    place.span,
                    f"the secret in `{name}` {kept}",
                    label="a secret",
                    help=_instead(name, _secret_of(pair) or f"secrets.{name}", built.build),
                    related=[
                        Related(built.evaluation.dockerfile.source, span, "declared here")
                        for span in declared.spans.get(name, ())[:MAX_SHOWN]
                        if built.evaluation is not None
                    ],
                    source=place.source,
                )


def _is_secret(pair: Pair, build: Build) -> bool:
    """Whether the value is one that nobody should read, as far as its name and origin tell."""
    name, value = pair.key.text, pair.value
    sensitive = is_secret_name(name) and re.fullmatch(_PLAIN_NAME, name) is None
    if value is None:
        return sensitive and build.route in (Route.COMMAND, Route.COMPOSE)
    if _secret_of(pair):
        return re.fullmatch(_PLAIN_NAME, name) is None
    if not sensitive or not value.unknowns or len(value.unknowns) > 1 or value.text != HOLE:
        return False
    reason = value.unknowns[0]
    return re.match(_FROM_ENVIRONMENT, reason) is not None or re.match(f"(?i){_FROM_STEP}", reason) is not None


def _secret_of(pair: Pair) -> str:
    """The expression for the secret that goes into a value; empty when there is none."""
    for reason in pair.value.unknowns if pair.value is not None else ():
        match = re.search(_FROM_SECRETS, reason)
        if match and not (match["name"] and re.fullmatch(_PLAIN_NAME, match["name"])):
            return match[0]
    return ""


def _where_kept(name: str, built: Built, declared: Declared) -> str:
    """What becomes of the value, worded to follow it; empty when it stays where it is built."""
    if _has_full_provenance(built.build):
        return "will be published: the provenance of the image names all build arguments"
    known = declared.certain and declared.in_image is not None and built.resolution.alone
    if known and declared.in_image is not None and name not in declared.in_image:
        return ""
    return "will be readable in the history of the image, where build arguments are kept"


def _has_full_provenance(build: Build) -> bool:
    """Whether provenance with all build arguments goes with the image, as the actions add it in public repositories."""
    if build.provenance is not None:
        return "mode=max" in build.provenance.text
    return build.tool in (BUILD_PUSH, BAKE) and bool(build.driver) and build.driver != "docker" and build.load is False


def _instead(name: str, secret: str, build: Build) -> str:
    """How the same value is handed over as a secret, on the route at hand."""
    mount = f"RUN --mount=type=secret,id={name},env={name} …"
    lines = {
        Route.ACTION: f"secrets: |\n  {name}=${{{{ {secret} }}}}",
        Route.COMMAND: f"--secret id={name},env={name}",
        Route.BAKE: f'secret = ["id={name},env={name}"]',
        Route.COMPOSE: f"secrets:\n  - {name}",
    }
    return f"give it as a secret, and read it in the Dockerfile with `{mount}`\n{lines[build.route]}"
