"""What gives a secret away: the name it is kept under, or its own shape.

Shapes: https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

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

_SHAPES: Final = (
    ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,251}\b"),
    ("a GitHub token", r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b"),
    ("an AWS access key", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    ("a GitLab token", r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_-]{20,}"),
    ("a Docker token", r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    ("a Slack token", r"\bxox[abeoprs]-(?:[0-9A-Za-z]{1,32}-){1,5}[0-9A-Za-z]{10,}"),
    ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a PyPI token", r"\bpypi-AgE[A-Za-z0-9_-]{50,}"),
    ("a Stripe key", r"\b[rs]k_live_[A-Za-z0-9]{16,}"),
    ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    ("a private key", r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
)
_SHAPE_MARKS: Final = (
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "AKIA", "ASIA", "gl", "dckr_", "xox", "npm_", "pypi-",
    "k_live_", "AIza", "PRIVATE KEY",
)  # fmt: skip
"""A text without any of these holds no known shape."""
_KEY_BODY: Final = r"(?:\\[rn]|[\sA-Za-z0-9+/=:,-])*"
"""What follows the first line of a private key."""
_LEAST_KEY: Final = 64
"""Characters that a key has at least."""
_VARIETY: Final = 4
"""Different characters that the end of a real token has at least."""
_IN_ADDRESS: Final = (
    r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]{1,20}://(?P<user>[^\s:/@?#'\"<>$]*):"
    r"(?P<password>[^\s/@'\"<>${}]+)@(?P<host>[^\s/:?#'\"]+)"
)
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
    found = list(_shaped(text)) if any(mark in text for mark in _SHAPE_MARKS) else []
    for address in re.finditer(_IN_ADDRESS, text) if "://" in text else ():
        start, end = address.span("password")
        is_sample = address["password"] == address["user"] or re.fullmatch(_SAMPLE_HOSTS, address["host"])
        if not is_sample and may_be_secret(address["password"]):
            found.append(Found(start, end, "a password"))
    return tuple(_apart(found))


def _apart(found: Sequence[Found]) -> Iterator[Found]:
    """Those that lie in no other: a token may stand where a password does."""
    end = -1
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if each.end > end:
            end = each.end
            yield each


def _shaped(text: str) -> Iterator[Found]:
    for what, pattern in _SHAPES:
        for match in re.finditer(pattern, text):
            if "EXAMPLE" in match[0] or len(set(match[0][-12:])) < _VARIETY:
                continue
            body = re.compile(_KEY_BODY).match(text, match.end()) if what == "a private key" else None
            if body is None:
                yield Found(match.start(), match.end(), what)
            elif len(body[0]) >= _LEAST_KEY:  # Shorter, it is the line alone, as in a search for keys.
                yield Found(match.start(), body.end(), what)
