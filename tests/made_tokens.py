"""Tokens for tests: they have the right checksum, and never worked."""

from __future__ import annotations

import hashlib
from base64 import b32encode, urlsafe_b64encode

from imglint.syntax.tokenchecksum import checksum


def classic(body: str, prefix: str = "ghp_") -> str:
    """A token of which the last six characters are computed; the body has 30 characters, 70 after `ghr_`."""
    return prefix + body + checksum(body)


def fine_grained(body: str) -> str:
    """A fine-grained token; the body has 65 letters and digits."""
    start = f"github_pat_{body[:22]}_{body[22:65]}"
    return start + b32encode(hashlib.sha256(start.encode()).digest()).decode()[:8] + "Imglint0"


def stateless(body: str) -> str:
    """A token of an installation with a JSON Web Token in it."""
    header = urlsafe_b64encode(b'{"alg":"ES256","typ":"JWT"}').decode().rstrip("=")
    return f"ghs_123456_{header}.{body}{body}.{body}"
