"""What may be written at a place."""

from __future__ import annotations

import pytest

from imglint.server.completion import proposals
from imglint.server.meanings import MEANINGS
from imglint.syntax.oci import KEYS, PREFIX
from imglint.syntax.validate import FLAGS

from .conftest import Desk

WORKFLOW = ".github/workflows/publish.yml"


def offered(desk: Desk, marked: str, name: str = "Dockerfile") -> list[str]:
    """The texts that are proposed at the place that is marked."""
    view, offset = desk.at(marked, name)
    found = proposals(view, offset, desk.session.workspace.catalog)
    assert all(each.span.end == offset and each.span.start <= offset for each in found)
    return [each.text for each in found]


def test_keys_of_labels(desk: Desk) -> None:
    keys = [PREFIX + name for name in KEYS]
    assert offered(desk, "FROM a\nLABEL ‸\n") == keys
    assert offered(desk, "FROM a\nLABEL org.open‸\n") == keys
    assert offered(desk, "FROM a\nLABEL a=b \\\n      lice‸\n") == keys
    assert offered(desk, "FROM a\nRUN echo org.foo.b‸\n") == []
    assert (
        offered(desk, "jobs:\n  a:\n    steps:\n      - with:\n          labels: |\n            org.o‸\n", WORKFLOW)
        == keys
    )
    assert offered(desk, 'target "a" {\n  labels = {\n    "org.op‸\n', "docker-bake.hcl") == keys
    assert offered(desk, "docker build --label org.openc‸ .\n", "build.sh") == keys


def test_every_key_has_a_meaning() -> None:
    assert MEANINGS.keys() == KEYS.keys()


@pytest.mark.parametrize("before", ["=", '="', "='", '="MIT OR ', '="(MIT AND ', '="('])
def test_licences(desk: Desk, before: str) -> None:
    found = offered(desk, f"FROM a\nLABEL org.opencontainers.image.licenses{before}Ap‸\n")
    assert "Apache-2.0" in found and "MIT" in found
    assert "GPL-2.0" not in found and "GPL-2.0-only" in found


def test_operators_and_exceptions(desk: Desk) -> None:
    label = 'FROM a\nLABEL org.opencontainers.image.licenses="'
    assert offered(desk, f"{label}MIT ‸") == ["AND", "OR", "WITH"]
    assert "Classpath-exception-2.0" in offered(desk, f"{label}GPL-2.0-only WITH ‸")
    assert "MIT" in offered(desk, "labels: |\n  org.opencontainers.image.licenses=MIT OR ‸\n", WORKFLOW)
    assert offered(desk, "FROM a\nLABEL org.opencontainers.image.licenses=MIT ‸\n") == [PREFIX + name for name in KEYS]


def test_stages(desk: Desk) -> None:
    stages = "FROM a AS build\nFROM b AS tests\n"
    assert offered(desk, f"{stages}FROM ‸\n") == ["tests", "build", "scratch"]
    assert offered(desk, f"{stages}FROM --platform=linux/amd64 bu‸\n") == ["tests", "build", "scratch"]
    assert offered(desk, f"{stages}FROM c\nCOPY --from=‸\n") == ["tests", "build"]
    assert offered(desk, f"{stages}COPY --from=‸\nFROM late\n") == ["build"]
    assert offered(desk, f"{stages}FROM c\nRUN --mount=type=bind,from=‸\n") == ["tests", "build"]
    assert offered(desk, "FROM ‸build AS x\n") == ["scratch"]


@pytest.mark.parametrize("name", sorted(FLAGS))
def test_flags(desk: Desk, name: str) -> None:
    prefix = "" if name == "FROM" else "FROM a\n"
    found = offered(desk, f"{prefix}{name} --‸\n")
    assert [each.removeprefix("--").removesuffix("=") for each in found] == list(FLAGS[name])
    assert offered(desk, f"{prefix}{name} something --‸\n") == []


def test_values_of_flags(desk: Desk) -> None:
    assert "cache" in offered(desk, "FROM a\nRUN --mount=type=‸\n")
    assert "target=" in offered(desk, "FROM a\nRUN --mount=type=cache,‸\n")
    assert offered(desk, "FROM a\nRUN --network=‸\n") == ["default", "none", "host"]


def test_names_of_rules(desk: Desk) -> None:
    for marked in ("# imglint: ignore[‸]\nFROM a\n", "# imglint: ignore[labels, miss‸]\nFROM a\n"):
        found = offered(desk, marked)
        assert "missing-source" in found and "labels" in found
    assert "missing-dockerfile" in offered(desk, "on: push # imglint: ignore-file[‸\n", WORKFLOW)
    assert offered(desk, "# imglint: ‸\nFROM a\n") == ["ignore", "ignore-file"]
    assert offered(desk, "# imglint: ignore[labels] miss‸\nFROM a\n") == []


def test_scopes_of_the_token(desk: Desk) -> None:
    scopes = offered(desk, "on: push\npermissions:\n  contents: read\n\n  # images\n  pack‸\n", WORKFLOW)
    assert scopes[:2] == ["packages: ", "contents: "]
    nested = "jobs:\n  a:\n    permissions: # few\n      contents: read\n      packages: wr‸\n"
    assert offered(desk, nested, WORKFLOW) == ["read", "write", "none"]
    assert "read-all" in offered(desk, "permissions: ‸\n", WORKFLOW)
    for marked in ("jobs:\n  pack‸\n", "permissions:\n  a: b\njobs:\n  a‸\n", "on: push\n‸", "  pack‸"):
        assert offered(desk, marked, WORKFLOW) == []


def test_scopes_in_the_address_of_a_form(desk: Desk) -> None:
    address = "Make one: https://github.com/settings/tokens/new?description=x&scopes="
    for marked in (f"{address}‸\n", f"{address}repo,write:pack‸)\n"):
        assert "write:packages" in offered(desk, marked, "README.md")
    assert offered(desk, "https://github.com/settings/tokens?scopes=‸\n", "README.md") == []


def test_nothing_where_nothing_is_known(desk: Desk) -> None:
    for marked in ("FROM a\nRUN <<E\nLABEL ‸\nE\n", "FROM a\nENV ‸\n", "FROM a\n‸", "FROM a AS ‸\n"):
        assert offered(desk, marked) == []
