"""Sizes in words.

Registries count in powers of ten, tools often in powers of two: https://physics.nist.gov/cuu/Units/binary.html
"""

from __future__ import annotations

from typing import Final

_DECIMAL: Final = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")
_BINARY: Final = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def decimal(size: int) -> str:
    """`11.8 GB`: three digits, so that sizes can be compared at a glance."""
    return _words(size, 1000, _DECIMAL)


def binary(size: int) -> str:
    """`11.0 GiB`."""
    return _words(size, 1024, _BINARY)


def _words(size: int, step: int, units: tuple[str, ...]) -> str:
    if abs(size) < step:
        return f"{size} {'byte' if abs(size) == 1 else 'bytes'}"
    value, number = float(size), 0
    while abs(value) >= step * 0.9995 and number < len(units) - 1:
        value /= step
        number += 1
    digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:.{digits}f} {units[number]}"
