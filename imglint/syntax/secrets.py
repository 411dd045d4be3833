"""What gives a secret away: the name it is kept under, or its own shape.

Shapes: https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns. What
has the shape of a token with a checksum, and the wrong one, is no token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from imglint.record import NamedTuple

_SECRET_NAME: Final = (
    r"(?:.*_)?(?:TOKEN|PAT|PASSWORD|PASSWD|PASSPHRASE|SECRET|SECRETS|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SECRET_?KEY|"
    r"SSH_?KEY|DEPLOY_?KEY|CREDENTIALS?|KEY_?BASE|SIGNING_?KEY|ENCRYPTION_?KEY|AUTH_?KEY|MASTER_?KEY)"
    r"|.*_(?:PASS|PWD)"
)
"""What names of secrets end in; a name is made of words, so `BYPASS` and `MONKEY_PATH` are none."""

_PLAIN_NAME: Final = (
    r"(?:NEXT_PUBLIC|VITE|REACT_APP|NUXT_PUBLIC|PUBLIC|GATSBY|EXPO_PUBLIC|NG_APP|VUE_APP)_.*"
    r"|(?:.*_)?(?:PUBLIC|PUBLISHABLE|DUMMY)_.*"
)
"""Names of what is made public on purpose, by the tools that build for browsers."""

_PLAIN_VALUE: Final = (
    r"(?i)[\W_]*"  # Nothing, or stars.
    r"|true|false|yes|no|on|off|none|null|nil|unset|undefined|enabled?|disabled?|auto|default|random|optional|required"
    r"|[0-9]{1,7}"
    r"|(?:my[-_]?|your[-_]?|the[-_]?|some[-_]?|super[-_]?|this[-_]is[-_]an?[-_])?"
    r"(?:secret|password|passwd|pass|pwd|token|key|api[-_]?key|secret[-_]?key|passphrase|credentials?)"
    r"|.*(?:change[-_ ]?(?:me|it|this)|replace[-_ ]?(?:me|this)|placeholder|example|dummy|redacted|not[-_ ]?a[-_ ]?real"
    r"|fixme|todo|xxxx|fake|insecure|not[-_ ]?secret|\bfor[-_ ]?(?:build|test|ci)\b|your[-_ ]).*"
    r"|(?:test|testing|build|foo|bar|baz|foobar|asdf)"
    r"|<[^<>]*>|\[[^\[\]]*\]|\{\{.*\}\}"
)
"""What stands where a secret would, and is none."""

_ELSEWHERE: Final = r"\.{0,2}/|~/|[A-Za-z]:\\|\$|`|[a-z][a-z0-9+.-]*://|(?:file|vault|env|ssm|arn|op|ref\+[a-z]+):"
"""How a value begins that only says where the secret is kept."""


class _Shape(NamedTuple):
    """How a kind of secret looks. A text without any of the `marks` has none. `proves` tells that it has a checksum."""

    what: str
    marks: tuple[str, ...]
    pattern: str
    proves: bool = False


_EDGE: Final = r"(?:\b|(?<=%[0-9A-Fa-f]{2}))"
"""Where a token may begin: in an address, what stands before it may be written in hexadecimal digits."""
_SHAPES: Final = (
    # A checksum tells where a token ends better than what stands beside it: `token%3Dghp_…`.
    _Shape("a GitHub token", ("ghp_", "gho_", "ghu_", "ghs_"), r"gh[pous]_(?=([A-Za-z0-9]{36}))", True),
    _Shape("a GitHub token", ("ghr_",), r"ghr_(?=([A-Za-z0-9]{76}))", True),
    _Shape(
        "a GitHub token",
        ("ghs_",),
        r"ghs_(?=([A-Za-z0-9]{1,40}_eyJ[A-Za-z0-9_-]{8,200}\.[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{20,1000}))",
        True,
    ),
    _Shape("a GitHub token", ("github_pat_",), r"github_pat_(?=([A-Za-z0-9]{22}_[A-Za-z0-9]{59}))", True),
    _Shape("an npm token", ("npm_",), r"npm_(?=([A-Za-z0-9]{36}))", True),
    _Shape("an AWS access key", ("AKIA", "ASIA"), rf"{_EDGE}(?:AKIA|ASIA)[A-Z2-7]{{16}}\b"),
    _Shape(
        "a GitLab token",
        ("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-"),
        rf"{_EDGE}gl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_-]{{20,}}",
    ),
    _Shape("a Docker token", ("dckr_pat_", "dckr_oat_"), rf"{_EDGE}dckr_(?:pat|oat)_[A-Za-z0-9_-]{{20,}}"),
    _Shape("a Slack token", ("xox",), r"\bxox[abeoprs]-(?:[0-9A-Za-z]{1,32}-){1,5}[0-9A-Za-z]{10,}"),
    _Shape("a PyPI token", ("pypi-AgE",), r"\bpypi-AgE[A-Za-z0-9_-]{50,}"),
    _Shape("a Stripe key", ("k_live_",), r"\b[rs]k_live_[A-Za-z0-9]{16,}"),
    _Shape("a Google API key", ("AIza",), r"\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    _Shape("a private key", ("PRIVATE KEY",), r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
)
_SHOWN: Final = 4
"""Characters of a token that may be seen."""
_STARS: Final = 4
_CUT: Final = r"(gh[pousr]_|gith(?=ub_pat_)|npm_|AKIA|ASIA|glpa(?=t-)|dckr(?=_[po]at_))[\w.-]{4,}(?=…|\\u2026)"
"""A token of which the end is left out."""
_LOWERED: Final = (
    r"(gh[pous]_|npm_)[a-z0-9]{36}|(ghr_)[a-z0-9]{76}|(gith)ub_pat_[a-z0-9]{22}_[a-z0-9]{59}"
    r"|(ghs_)[a-z0-9]{1,40}_eyj[a-z0-9_-]{8,200}\.[a-z0-9_-]{8,2000}\.[a-z0-9_-]{20,1000}"
)
"""A token in lower case, as it would become in the name of a stage: its checksum does not show any more."""
_COUNTED: Final = r"(?i)abcdefgh|12345678|87654321"
"""What people type when they make a token up."""
_KEY_BODY: Final = r"(?:\\[rn]|[\sA-Za-z0-9+/=:,-])*"
"""What follows the first line of a private key."""
_LEAST_KEY: Final = 64
"""Characters that a key has at least."""
_VARIETY: Final = 4
"""Different characters that the end of a real token has at least."""
_SCHEME: Final = r"(?:\A|[^A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]{1,20}\Z"
_AFTER_SCHEME: Final = r"://(?P<user>[^\s:/@?#'\"<>$]*):(?P<password>[^\s/@'\"<>${}]+)@(?P<host>[^\s/:?#'\"]+)"
_SAMPLE_HOSTS: Final = (
    r"(?i)localhost|127\.0\.0\.1|\[::1\]|(?:.*\.)?example(?:\.[a-z]+)?|host(?:name)?|.*\.(?:test|invalid)"
)


class Found(NamedTuple):
    """A secret in a text: the offsets of what must not be seen, and what it is: `a GitHub token`."""

    start: int
    end: int
    what: str


def is_secret_name(name: str) -> bool:
    """Whether a variable, an argument or a key of a label is named as secrets are: `NPM_TOKEN`, `db.password`."""
    words = re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).upper()
    return re.fullmatch(_SECRET_NAME, words) is not None and re.fullmatch(_PLAIN_NAME, words) is None


def may_be_secret(value: str) -> bool:
    """Whether a value can be a secret: not what says nothing, stands in for one, or tells where it is kept."""
    text = value.strip().strip("'\"")
    if len(text) < 4 or re.match(_ELSEWHERE, text) or re.search(r"\$[({A-Za-z_]", text):
        return False
    return re.fullmatch(_PLAIN_VALUE, text, re.DOTALL) is None


def known_secrets(text: str) -> tuple[Found, ...]:
    """The secrets in a text that can be told by their shape, or stand before the host in an address."""
    found = list(_shaped(text))
    for address in re.finditer(_AFTER_SCHEME, text):
        start, end = address.span("password")
        if re.search(_SCHEME, text[max(0, address.start() - 22) : address.start()]) is None:
            continue
        is_sample = address["password"] == address["user"] or re.fullmatch(_SAMPLE_HOSTS, address["host"])
        if not is_sample and may_be_secret(address["password"]):
            found.append(Found(start, end, "a password"))
    return tuple(_apart(found))


def tokens(text: str) -> tuple[Found, ...]:
    """Those of the secrets in a text that can be told by their shape."""
    return tuple(_apart(list(_shaped(text))))


def fingerprint(token: str) -> str:
    """What tells which token it is and lets nobody use it: its first characters, and the beginning of its SHA-256."""
    from hashlib import sha256

    return f"{token[:_SHOWN]}…, sha256 {sha256(token.encode('utf-8', 'surrogateescape')).hexdigest()[:12]}"


def without_tokens(text: str) -> str:
    """The text with the first four characters of each token, and stars for the rest; also of one that is cut off."""
    for found in reversed(tokens(text)):
        text = text[: found.start + _SHOWN] + "*" * _STARS + text[found.end :]
    if "gh" in text or "npm_" in text:
        text = re.sub(_LOWERED, lambda match: match[match.lastindex or 0] + "*" * _STARS, text)
    return re.sub(_CUT, rf"\1{'*' * _STARS}", text) if "…" in text or "\\u2026" in text else text


def _apart(found: Sequence[Found]) -> Iterator[Found]:
    """Those that lie in no other: a token may stand where a password does."""
    end = -1
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if each.end > end:
            end = each.end
            yield each


def _shaped(text: str) -> Iterator[Found]:
    for shape in _SHAPES:
        if not any(mark in text for mark in shape.marks):
            continue
        for match in re.finditer(shape.pattern, text):
            end = match.end(1) if shape.proves else match.end()
            if shape.what == "a private key":
                body = re.compile(_KEY_BODY).match(text, end)
                if body is not None and len(body[0]) >= _LEAST_KEY:  # Else the line is alone, as in a search for keys.
                    yield Found(match.start(), body.end(), shape.what)
            elif _is_token(text[match.start() : end], shape):
                yield Found(match.start(), end, shape.what)


def _is_token(text: str, shape: _Shape) -> bool:
    """Whether what looks like a token is one, and not what stands for one in an example."""
    if shape.proves:
        from imglint.syntax.tokenchecksum import is_genuine

        return is_genuine(text)
    return len(set(text[-12:])) >= _VARIETY and may_be_secret(text) and not re.search(_COUNTED, text)
