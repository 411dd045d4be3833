"""Image references, as the distribution project's grammar has them and the Docker tools complete them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MAX_NAME: Final = 255
"""Characters of a repository's name, its domain included."""

_DOMAIN_LABEL: Final = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN: Final = rf"(?:{_DOMAIN_LABEL}(?:\.{_DOMAIN_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT: Final = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_TAG: Final = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST: Final = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_HEX_ID: Final = r"[a-f0-9]{64}"
_DIGEST_LENGTHS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}


_DEFAULT_DOMAIN: Final = "docker.io"
_DEFAULT_DOMAIN_OF_OLD: Final = "index.docker.io"


class Reference(NamedTuple):
    """A reference completed as Docker does it: `alpine` is `docker.io/library/alpine`.

    `tag` and `digest` are empty when not given.
    """

    domain: str
    path: str
    tag: str
    digest: str


class InvalidReferenceError(ValueError):
    """The text is not an image reference; says why."""


def _is_component(text: str) -> bool:
    # Most names are plain words: those need no expression, whose compilation would cost more than the run.
    plain = text.isalnum() and text.isascii() and text.islower()
    return plain or re.fullmatch(_COMPONENT, text) is not None


def _is_tag(text: str) -> bool:
    plain = (
        len(text) < 128 and text.isascii() and text[:1].isalnum() and text.replace(".", "").replace("-", "").isalnum()
    )
    return plain or re.fullmatch(_TAG, text) is not None


def parse(text: str) -> Reference:
    """Read a reference. Raises `InvalidReferenceError`."""
    if len(text) == 64 and re.fullmatch(_HEX_ID, text):
        raise InvalidReferenceError("64 hexadecimal digits are an image's id, not a name")
    first, slash, rest = text.partition("/")
    has_domain = slash and ("." in first or ":" in first or first == "localhost" or first != first.lower())
    domain, remainder = (first, rest) if has_domain else (_DEFAULT_DOMAIN, text)
    if domain == _DEFAULT_DOMAIN_OF_OLD:
        domain = _DEFAULT_DOMAIN
    if domain == _DEFAULT_DOMAIN and "/" not in remainder:
        remainder = f"library/{remainder}"
    name, at, digest = remainder.partition("@")
    # A colon before the last slash would belong to a port, and the domain is gone already.
    path, colon, tag = name.partition(":")
    if path != path.lower():
        raise InvalidReferenceError("the name of an image must be in lower case")
    valid = (
        (domain == _DEFAULT_DOMAIN or re.fullmatch(_DOMAIN, domain))
        and all(_is_component(component) for component in path.split("/"))
        and (not colon or _is_tag(tag))
        and (not at or re.fullmatch(_DIGEST, digest))
    )
    if not valid:
        raise InvalidReferenceError("it is not of the form name:tag or name@digest")
    if len(domain) + 1 + len(path) > MAX_NAME:
        raise InvalidReferenceError(f"the name is longer than {MAX_NAME} characters")
    if digest:
        algorithm, _, encoded = digest.partition(":")
        if _DIGEST_LENGTHS.get(algorithm) != len(encoded) or encoded != encoded.lower():
            raise InvalidReferenceError("its digest is not of the right length for its algorithm")
    return Reference(domain, path, tag, digest)
