"""Classes made by our NamedTuple are those that typing makes."""

from __future__ import annotations

import pickle
import typing

import pytest

from imglint.record import NamedTuple


class Ours(NamedTuple):
    """A place."""

    path: str
    start: int
    end: int | None = None
    tags: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        return self.end is not None

    def moved(self, by: int) -> Ours:
        return self._replace(start=self.start + by)


class Theirs(typing.NamedTuple):
    """A place."""

    path: str
    start: int
    end: int | None = None
    tags: tuple[str, ...] = ()


ARGUMENTS: list[tuple[tuple[object, ...], dict[str, object]]] = [
    (("a", 1), {}),
    (("a",), {"start": 1, "tags": ("x",)}),
    ((), {"end": 4, "path": "a", "start": 1}),
    (("a", 1, 2, ("y", "z")), {}),
]


@pytest.mark.parametrize("given, named", ARGUMENTS)
def test_values_are_those_of_typing(given: tuple[object, ...], named: dict[str, object]) -> None:
    ours, theirs = Ours(*given, **named), Theirs(*given, **named)  # type: ignore[arg-type]
    assert tuple(ours) == tuple(theirs) == ours
    assert ours._asdict() == theirs._asdict()
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert hash(ours) == hash(theirs)
    assert ours._replace(path="b", end=9) == theirs._replace(path="b", end=9)
    assert (ours.path, ours.start, ours.end, ours.tags) == tuple(ours)


@pytest.mark.parametrize(
    "given, named",
    [((), {}), (("a",), {}), (("a", 1, 2, (), 5), {}), (("a", 1), {"path": "b"}), (("a", 1), {"colour": "red"})],
)
def test_what_typing_refuses_is_refused(given: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Theirs(*given, **named)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^Ours.__new__\(\) "):
        Ours(*given, **named)  # type: ignore[arg-type]


def test_a_field_that_is_not_there_cannot_be_replaced() -> None:
    with pytest.raises(TypeError, match="Ours has no field named colour"):
        Ours("a", 1)._replace(colour="red")  # type: ignore[call-arg]


def test_a_value_keeps_its_class_and_its_methods() -> None:
    value = Ours("a", 1).moved(4)
    assert type(value) is Ours
    assert value == ("a", 5, None, ())
    assert not value.known
    assert Ours.__doc__ == "A place."


def test_a_value_cannot_be_changed_and_holds_nothing_else() -> None:
    value = Ours("a", 1)
    for name in ("path", "colour"):
        with pytest.raises(AttributeError):
            setattr(value, name, "b")


def test_a_value_travels_between_processes() -> None:
    value = Ours("a", 1, tags=("x",))
    again = pickle.loads(pickle.dumps(value))
    assert again == value
    assert type(again) is Ours
