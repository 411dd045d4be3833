"""The types of values that labels have."""

from __future__ import annotations

import re
from typing import Final

_URL: Final = r"(?i)https?://(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#\[\]@:]+)(?::[0-9]{1,5})?(?:[/?#][^\s]*)?\Z"
_SEMVER: Final = (
    r"(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)"
    r"(?:-(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?\Z"
)
_RFC3339: Final = (
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-]([0-9]{2}):([0-9]{2}))\Z"
)
_EMAIL: Final = r"[^\s@<>]+@[^\s@<>.]+(?:\.[^\s@<>.]+)+\Z"
_HASH: Final = r"[0-9a-f]{7,40}\Z|[0-9a-f]{64}\Z"
_DIGEST: Final = r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+\Z"
_REGISTERED_DIGESTS: Final = {"sha256": 64, "sha512": 128, "blake3": 64}
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_rfc3339(text: str) -> bool:
    """A date and time with its zone (RFC 3339, section 5.6)."""
    match = re.match(_RFC3339, text)
    if not match:
        return False
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = 28 if month == 2 and not leap else _DAYS[month - 1] if 1 <= month <= 12 else 0
    zone_hour, zone_minute = int(match[7] or 0), int(match[8] or 0)
    in_day = hour <= 23 and minute <= 59 and second <= 60
    return 1 <= day <= days and in_day and zone_hour <= 23 and zone_minute <= 59


def is_digest(text: str) -> bool:
    """A content digest (OCI image specification, "Digests")."""
    if not re.match(_DIGEST, text):
        return False
    algorithm, _, encoded = text.partition(":")
    length = _REGISTERED_DIGESTS.get(algorithm)
    return length is None or re.match(rf"[0-9a-f]{{{length}}}\Z", encoded) is not None


def _is_spdx(text: str) -> bool:
    from imglint.syntax.spdx import is_valid

    return is_valid(text)


def problem(kind: str, text: str) -> str:
    """Why a value is not of a type; empty when it is. Types: see `LABEL_TYPES` in the configuration."""
    if kind == "url" and not re.match(_URL, text):
        return "is not an http or https URL"
    if kind == "semver" and not re.match(_SEMVER, text):
        return "is not a semantic version such as 1.2.3"
    if kind == "rfc3339" and not is_rfc3339(text):
        return "is not a date and time of RFC 3339 such as 2026-01-31T12:00:00Z"
    if kind == "email" and not re.match(_EMAIL, text):
        return "is not an email address"
    if kind == "hash" and not re.match(_HASH, text):
        return "is not a commit hash of 7 to 40 or 64 hexadecimal digits"
    if kind == "digest" and not is_digest(text):
        return "is not a digest such as sha256: and 64 hexadecimal digits"
    if kind == "spdx" and not _is_spdx(text):
        return "is not an SPDX licence expression"
    if kind == "text" and not text.strip():
        return "is empty"
    return ""
