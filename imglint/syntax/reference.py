"""Image references, as the distribution project's grammar has them and the Docker tools complete them.

https://github.com/distribution/reference and the distribution specification, section "Pulling manifests".
"""

from __future__ import annotations

import re
from typing import Final

from imglint.record import NamedTuple

MAX_NAME: Final = 255
"""Characters of a repository's name, its domain included."""

MAX_TAG: Final = 128
"""Characters of a tag."""

DEFAULT_DOMAIN: Final = "docker.io"
"""The registry of a name that has none."""

_DOMAIN_LABEL: Final = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN: Final = rf"(?:{_DOMAIN_LABEL}(?:\.{_DOMAIN_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT: Final = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_TAG: Final = rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{MAX_TAG - 1}}}"
_HEX_ID: Final = r"[a-f0-9]{64}"
_DIGEST_LENGTHS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}
_DEFAULT_DOMAIN_OF_OLD: Final = "index.docker.io"
_SHOWN: Final = 60


class Reference(NamedTuple):
    """A reference completed as Docker does it: `alpine` is `docker.io/library/alpine`.

    `tag` and `digest` are empty when not given.
    """

    domain: str
    path: str
    tag: str
    digest: str


class ReferenceProblem(NamedTuple):
    """What is wrong with a reference, and the offsets in its text of the part that is (the end not included).

    `code` is `empty`, `id`, `domain`, `component`, `uppercase`, `length`, `tag` or `digest`; `reason` is for people.
    """

    code: str
    reason: str
    start: int
    end: int


class InvalidReferenceError(ValueError):
    """The text is not an image reference; says why and where, see `ReferenceProblem`."""

    def __init__(self, problem: ReferenceProblem) -> None:
        super().__init__(problem.reason)
        self.problem = problem

    @property
    def code(self) -> str:
        """The kind of mistake."""
        return self.problem.code

    @property
    def start(self) -> int:
        """The offset in the text at which the mistake begins."""
        return self.problem.start

    @property
    def end(self) -> int:
        """The offset at which it ends."""
        return self.problem.end


def shown(text: str) -> str:
    """A part of a reference as messages quote it."""
    return f"`{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}`"


def _character(character: str) -> str:
    return "a blank" if character.isspace() else f"`{character}`"


def first_is_domain(first: str) -> bool:
    """Whether what stands before the first slash is a registry and not a part of a name on Docker Hub."""
    return "." in first or ":" in first or first == "localhost" or first != first.lower()


def domain_problem(domain: str, start: int) -> ReferenceProblem | None:
    """What is wrong with a registry's host name and port; it stands at offset `start`."""
    if re.fullmatch(_DOMAIN, domain):
        return None
    if domain in ("http:", "https:", "docker:", "oci:"):
        reason = f"an image reference begins with the registry, without {shown(domain + '//')}"
    else:
        reason = f"{shown(domain)} is not a registry: HOST or HOST:PORT, of letters, digits, `-` and `.`"
    return ReferenceProblem("domain", reason, start, start + len(domain))


def component_problem(component: str, start: int) -> ReferenceProblem | None:
    """What is wrong with a part of a name between slashes; it stands at offset `start`."""
    # Most names are plain words: those need no expression, whose compilation would cost more than the run.
    plain = component.isalnum() and component.isascii() and component.islower()
    if plain or re.fullmatch(_COMPONENT, component):
        return None
    end = start + len(component)
    if not component:
        reason = "a part of the name is empty: there is nothing between two slashes, or before or after one"
        return ReferenceProblem("component", reason, max(start - 1, 0), max(start, 1))
    if component != component.lower():
        reason = f"the name of an image must be in lower case, and {shown(component)} is not"
        return ReferenceProblem("uppercase", reason, start, end)
    if wrong := re.search("[^a-z0-9._-]", component):
        allowed = "lower-case letters, digits, `.`, `_` and `-` are allowed"
        reason = f"the name {shown(component)} holds {_character(wrong[0])}: {allowed}"
        return ReferenceProblem("component", reason, start + wrong.start(), start + wrong.end())
    reason = f"the name {shown(component)} must begin and end with a letter or digit, with one `.`, `_`, `__` or"
    return ReferenceProblem("component", f"{reason} any number of `-` between these", start, end)


def tag_problem(tag: str, start: int) -> ReferenceProblem | None:
    """What is wrong with a tag (without its colon), which stands at offset `start`."""
    words = tag.replace(".", "").replace("-", "")
    plain = len(tag) < MAX_TAG and tag.isascii() and tag[:1].isalnum() and words.isalnum()
    if plain or re.fullmatch(_TAG, tag):
        return None
    end = start + len(tag)
    if not tag:
        return ReferenceProblem("tag", "there is no tag after the colon", max(start - 1, 0), start)
    allowed = f"letters, digits, `_`, `.` and `-` are allowed, at most {MAX_TAG}"
    if wrong := re.search("[^A-Za-z0-9_.-]", tag):
        reason = f"the tag {shown(tag)} holds {_character(wrong[0])}: {allowed}"
        return ReferenceProblem("tag", reason, start + wrong.start(), start + wrong.end())
    if tag[0] in ".-":
        return ReferenceProblem("tag", f"the tag {shown(tag)} must not begin with `{tag[0]}`", start, start + 1)
    return ReferenceProblem("tag", f"the tag has {len(tag)} characters: {allowed}", start, end)


def digest_problem(digest: str, start: int = 0) -> ReferenceProblem | None:
    """Why a text is no digest; it stands at offset `start`."""
    algorithm, colon, encoded = digest.partition(":")
    length = _DIGEST_LENGTHS.get(algorithm)
    first = start + len(algorithm) + len(colon)
    end = start + len(digest)
    if length is None or not colon:
        reason = f"{shown(digest)} is not a digest: `sha256:` and 64 hexadecimal digits"
        return ReferenceProblem("digest", reason, start if digest else max(start - 1, 0), end)
    if wrong := re.search("[^0-9a-f]", encoded):
        what = "digits and the lower-case letters a to f are allowed"
        reason = f"the digest holds {_character(wrong[0])} after `{algorithm}:`: {what}"
        return ReferenceProblem("digest", reason, first + wrong.start(), first + wrong.end())
    if len(encoded) != length:
        reason = f"the digest has {len(encoded)} hexadecimal digits after `{algorithm}:`, and {algorithm} has {length}"
        return ReferenceProblem("digest", reason, first if encoded else start, end)
    return None


def is_digest(text: str) -> bool:
    """Whether a text is a digest such as `sha256:` with 64 hexadecimal digits."""
    return digest_problem(text) is None


def components_problem(path: str, start: int) -> ReferenceProblem | None:
    """The first thing wrong with the parts of a path that stands at offset `start`; capital letters come first."""
    problems: list[ReferenceProblem] = []
    for component in path.split("/"):
        if problem := component_problem(component, start):
            if problem.code == "uppercase":
                return problem
            problems.append(problem)
        start += len(component) + 1
    return problems[0] if problems else None


def parse(text: str) -> Reference:
    """Read a reference. Raises `InvalidReferenceError`."""
    if not text:
        raise InvalidReferenceError(ReferenceProblem("empty", "it is empty", 0, 0))
    if len(text) == 64 and re.fullmatch(_HEX_ID, text):
        reason = "64 hexadecimal digits are an image's id, not a name"
        raise InvalidReferenceError(ReferenceProblem("id", reason, 0, len(text)))
    first, slash, rest = text.partition("/")
    has_domain = bool(slash) and first_is_domain(first)
    domain, remainder = (first, rest) if has_domain else (DEFAULT_DOMAIN, text)
    start = len(text) - len(remainder)
    name, at, digest = remainder.partition("@")
    # A colon before the last slash would belong to a port, and the domain is gone already.
    path, colon, tag = name.partition(":")
    problem = domain_problem(domain, 0) if domain != DEFAULT_DOMAIN else None
    problem = problem or components_problem(path, start)
    if problem is None and colon:
        problem = tag_problem(tag, start + len(path) + 1)
    if problem is None and at:
        problem = digest_problem(digest, start + len(name) + 1)
    if domain in (DEFAULT_DOMAIN, _DEFAULT_DOMAIN_OF_OLD):
        domain, path = DEFAULT_DOMAIN, path if "/" in remainder else f"library/{path}"
    length = len(domain) + 1 + len(path)
    if problem is None and length > MAX_NAME:
        reason = f"the name is longer than {MAX_NAME} characters: with its registry it has {length}"
        problem = ReferenceProblem("length", reason, 0, start + len(name.partition(":")[0]))
    if problem:
        raise InvalidReferenceError(problem)
    return Reference(domain, path, tag, digest)
