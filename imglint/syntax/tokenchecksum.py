"""Tokens that prove themselves: a part of them is computed from the rest, so that a mistaken one shows.

The formats: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/ and
https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
"""

from __future__ import annotations

from typing import Final

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK: Final = 6
"""Characters at the end of a classic token that are computed."""
_FINE_GRAINED: Final = "github_pat_"
_UNUSED: Final = 8
"""Characters at the end of a fine-grained token that prove nothing; those that are computed stand before them."""


def is_genuine(token: str) -> bool:
    """Whether the checksum of a token is right: of `gh?_…`, `npm_…`, `github_pat_…`, or `ghs_…` with a JWT in it."""
    if token.startswith(_FINE_GRAINED):
        return _fine_grained(token[: -2 * _UNUSED]) == token[-2 * _UNUSED : -_UNUSED]
    if "." in token:
        return _is_jwt(token.split("_", 2)[-1])
    return checksum(token[4:-_CHECK]) == token[-_CHECK:]


def checksum(body: str) -> str:
    """The last six characters of a classic token, from those between them and the prefix: CRC-32 in base 62."""
    from zlib import crc32

    number, digits = crc32(body.encode()), ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits.rjust(_CHECK, "0")


def _fine_grained(start: str) -> str:
    """What follows the beginning of a fine-grained token: the first characters of its SHA-256 in base 32."""
    from base64 import b32encode
    from hashlib import sha256

    return b32encode(sha256(start.encode()).digest()).decode()[:_UNUSED]


def _is_jwt(text: str) -> bool:
    """Whether the header of a JSON Web Token can be read (RFC 7519)."""
    import json
    from base64 import urlsafe_b64decode

    header = text.partition(".")[0]
    try:
        document = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and "alg" in document
