"""Where the images for several platforms of one name differ, and should not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from imglint.checks.context import Context
from imglint.checks.images.problems import MAX_FINDINGS, quoted
from imglint.finding import Finding
from imglint.model.image.image import At, Config, Image, Variant
from imglint.record import NamedTuple
from imglint.syntax.values import is_rfc3339

_OF_ONE_BUILD: Final = (
    r"(?i)(?:^|[._/-])(?:arch|architecture|platform|platforms|cpu|os|goarch|targetarch|created|build[-_.]?(?:date|time|"
    r"host|id|number|url)|date|time|timestamp|digest|checksum|sha256|id|uuid|ref\.name)(?:$|[._-])"
    r"|^io\.buildah\.|^org\.opencontainers\.image\.(?:base\.|created$|ref\.name$)"
)
"""Keys whose values rightly differ from one build to the next."""
_ARCHITECTURES: Final = (
    r"(?i)(?<![a-z0-9])(?:x86[-_]64|amd64|x64|aarch64|arm64|armhf|armel|arm|i[3-6]86|386|ppc64le|ppc64el|s390x|riscv64|"
    r"loong64|mips64le|64bit|32bit)(?:[-_/]?v[0-9](?:\.[0-9])?)?(?![a-z0-9])"
)
_ROOT: Final = frozenset(("", "0", "root", "0:0", "root:root", "0:root", "root:0"))


class _Fact(NamedTuple):
    """A fact of a configuration: its value made comparable, and where it stands."""

    value: str
    at: At


_Facts = tuple[Variant, Mapping[str, _Fact]]


def platforms_disagree(image: Image, context: Context) -> Iterator[Finding]:
    """Labels, user, entry point, command or ports differ between the images for several platforms."""
    systems: dict[str, list[Variant]] = {}
    for variant in image.variants:
        if variant.platform is not None and variant.config is not None and variant.config.complete:
            # Users and commands of Windows are rightly others.
            systems.setdefault(variant.platform.normal[0], []).append(variant)
    for variants in systems.values():
        if len(variants) > 1:
            yield from islice(_compared(variants, context), MAX_FINDINGS)


def _compared(variants: list[Variant], context: Context) -> Iterator[Finding]:
    facts: list[_Facts] = [(variant, _facts(variant.config)) for variant in variants if variant.config]
    for name in dict.fromkeys(name for _, found in facts for name in found):
        yield from _differing(name, facts, context)


def _differing(name: str, facts: list[_Facts], context: Context) -> Iterator[Finding]:
    having = [(variant, found[name]) for variant, found in facts if name in found]
    values = [fact.value for _, fact in having]
    ((usual, _),) = Counter(values).most_common(1)
    if len(set(values)) > 1:
        if all(is_rfc3339(value) for value in values):
            return
        variant, odd = next((each, fact) for each, fact in having if fact.value != usual)
        other, fact = next((each, fact) for each, fact in having if fact.value == usual)
        message = f"{name} is {quoted(odd.value)} for {variant.platform} and {quoted(usual)} for {other.platform}"
        yield _finding(odd.at, message, fact.at, other, context)
    elif len(having) < len(facts):
        variant, lacking = next((each, each.config) for each, found in facts if name not in found and each.config)
        other, fact = having[0]
        message = f"{name} is not set for {variant.platform}, and is {quoted(usual)} for {other.platform}"
        yield _finding(_place(lacking, fact.at), message, fact.at, other, context)


def _finding(at: At, message: str, elsewhere: At, other: Variant, context: Context) -> Finding:
    return context.at(
        at,
        f"{message}: who pulls gets other behaviour or another page on another machine",
        help="build all platforms from one Dockerfile with the same arguments, at once",
        related=[(elsewhere, f"for {other.platform}")],
    )


def _facts(config: Config) -> dict[str, _Fact]:
    """What should be the same for all platforms, by its name in messages. What is not set is not among them."""
    found: dict[str, _Fact] = {}
    user = config.of("User")
    found["the user"] = _Fact(_user(user.value), user)
    for member, name in (("Entrypoint", "the entry point"), ("Cmd", "the command")):
        words = config.words(member)
        if words:
            found[name] = _Fact(_comparable(" ".join(words)), config.of(member))
    ports = config.document.members(*config.of("ExposedPorts").pointer)
    if ports:
        found["the list of ports"] = _Fact(", ".join(sorted(_port(key) for key in ports)), config.of("ExposedPorts"))
    for key, value in config.labels.items():
        if not re.search(_OF_ONE_BUILD, key):
            found[f"the label {quoted(key)}"] = _Fact(_comparable(value), config.of("Labels") / key)
    return found


def _place(config: Config, like: At) -> At:
    """Where something would stand in a configuration that lacks it: beside the others of its kind."""
    labels = config.of("Labels")
    is_label = len(like.pointer) > len(config.runtime) + 1
    return labels if is_label and labels.value is not None else At(config.document, config.runtime)


def _user(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return "root" if text in _ROOT else text


def _port(key: str) -> str:
    return key if "/" in key else f"{key}/tcp"


def _comparable(text: str) -> str:
    """A text with the name of every architecture replaced, which rightly differs."""
    return re.sub(_ARCHITECTURES, "…", text)
