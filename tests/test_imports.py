"""The floors of the house: imports run downwards only, and only one room opens the door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "imglint"

FLOORS = (
    ("record",),
    ("source", "finding", "fingerprint", "fix", "baseline"),
    ("syntax",),
    ("model",),
    ("catalog", "config", "configcheck"),
    ("read", "checks", "project"),
    ("silence", "engine", "report", "suppress", "write"),
    ("judgeimage", "workspace"),
    ("cli", "server"),
    ("__main__",),
)
"""From the ground up. A room imports itself and what is below it; the exceptions are in `_SAME_FLOOR`."""

_SAME_FLOOR = {
    "finding": {"source"},
    "fingerprint": {"source", "finding"},
    "fix": {"source", "finding"},
    "baseline": {"finding", "fingerprint"},
    "config": {"configcheck"},
    "engine": {"silence"},
    "cli": {"server"},
}
"""Neighbours that a room may import besides the floors below it."""

_DISK = {"io.open", "mmap", "os", "pathlib", "shutil", "socket", "subprocess", "tempfile", "urllib.request"}
"""Modules through which a program touches disk, network and processes."""

_MAY_TOUCH_DISK = {"read", "workspace", "write", "cli", "server", "__main__"}
_OWN_DATA = {"syntax/spdx/table.py", "syntax/spdx/names.py"}
"""The list of licences and their names: data of the package, read beside its modules."""

FILES = sorted(PACKAGE.rglob("*.py"))
every_file = pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(PACKAGE)) for path in FILES])


def room(path: Path) -> str:
    """The room that a module is in: `syntax`, `engine`."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The full names of all modules that a file imports, wherever it does, for types or to run."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_module":
            yield _dynamic(node)


def _dynamic(call: ast.Call) -> str:
    """The module that `import_module` loads, as far as it is written: `imglint.cli.` of a pattern."""
    (argument,) = call.args
    if isinstance(argument, ast.JoinedStr):
        argument = argument.values[0]
    return str(argument.value) if isinstance(argument, ast.Constant) else ""


def rooms_imported(path: Path) -> set[str]:
    names = (name.split(".") for name in imports(path))
    return {parts[1] for parts in names if parts[0] == "imglint" and len(parts) > 1} - {"__version__"}


def test_every_room_has_its_floor() -> None:
    assert {room(path) for path in FILES} - {"__init__"} == {name for floor in FLOORS for name in floor}


@every_file
def test_imports_run_downwards(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        assert rooms_imported(path) == set()
        return
    height = next(number for number, floor in enumerate(FLOORS) if here in floor)
    below = {name for floor in FLOORS[:height] for name in floor}
    assert rooms_imported(path) <= below | {here} | _SAME_FLOOR.get(here, set())


@every_file
def test_only_one_room_touches_the_disk(path: Path) -> None:
    if room(path) in _MAY_TOUCH_DISK or str(path.relative_to(PACKAGE)) in _OWN_DATA:
        return
    named = set(imports(path))
    assert not {name for name in named if name in _DISK or name.split(".")[0] in _DISK}
    called = (node.func for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call))
    assert "open" not in {function.id for function in called if isinstance(function, ast.Name)}


def test_the_test_sees_what_it_looks_for() -> None:
    """Some imports that are certainly there, one of each kind."""
    assert "source" in rooms_imported(PACKAGE / "finding.py")
    assert "checks" in rooms_imported(PACKAGE / "engine.py")
    assert "cli" in rooms_imported(PACKAGE / "__main__.py")
    assert "os" in set(imports(PACKAGE / "read" / "tree.py"))
    assert "imglint.checks." in set(imports(PACKAGE / "engine.py"))
    assert "imglint.cli." in set(imports(PACKAGE / "cli" / "main.py"))
