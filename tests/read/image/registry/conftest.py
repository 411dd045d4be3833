"""Registries for tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .serving import ELSEWHERE, Served, serving


@pytest.fixture
def registry() -> Iterator[Served]:
    """A registry on this machine that answers as it is told to."""
    with serving(Served()) as served:
        yield served


@pytest.fixture
def elsewhere() -> Iterator[Served]:
    """Another host."""
    with serving(Served(ELSEWHERE)) as served:
        yield served
