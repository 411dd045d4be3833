"""Functions that a bake file defines: https://docs.docker.com/build/bake/funcs/#user-defined-functions.

The evaluation of HCL knows variables only, so each call of such a function is made a variable of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, cast

from imglint.record import NamedTuple
from imglint.source import Source, Span
from imglint.syntax import hclnode

MAX_DEPTH: Final = 200
"""How deep in an expression calls are found; what is deeper keeps its calls, which then give nothing known."""


class Function(NamedTuple):
    """A function: the names of its parameters and the expression that is its result.

    `variadic` is the name of the list of all further arguments, empty when there may be none.
    """

    parameters: tuple[str, ...]
    result: hclnode.Node
    variadic: str = ""


class Called(NamedTuple):
    """A call: the name of what is called, and with which arguments, all of one file."""

    name: str
    arguments: tuple[hclnode.Node, ...]
    source: Source


class Functions:
    """The functions of a file, and the calls that were replaced: by name, which no variable can have."""

    def __init__(self, blocks: Iterable[hclnode.Block], source: Source) -> None:
        self.calls: dict[str, Called] = {}
        self._source = source
        self.functions: dict[str, Function] = {}
        for block in blocks:
            parameters, result = block.body.get("params"), block.body.get("result")
            if block.type == "function" and len(block.labels) == 1 and parameters and result:
                names, rest = _names(parameters.value), block.body.get("variadic_params")
                more = _name(rest.value) if rest else ""
                if names is not None and more is not None:
                    self.functions[block.labels[0].text] = Function(names, result.value, more)
        for name, function in self.functions.items():
            self.functions[name] = function._replace(result=self.replaced(function.result))

    def replaced(self, node: hclnode.Node) -> hclnode.Node:
        """The expression with a variable for each call."""
        return cast("hclnode.Node", self._replaced(node, 0)) if self.functions else node

    def _replaced(self, value: object, depth: int) -> object:
        """A node, or what stands in one: all but names and places are tuples of some kind."""
        if not isinstance(value, tuple) or type(value) is Span or depth > MAX_DEPTH:
            return value
        parts = [self._replaced(part, depth + 1) for part in value]
        if type(value) is tuple:
            return tuple(parts)
        make: Callable[..., object] = type(value)
        node = make(*parts)
        return self._called(node) if isinstance(node, hclnode.Call) else node

    def _called(self, node: hclnode.Call) -> object:
        function = self.functions.get(node.name)
        if function is None or node.spread or len(node.arguments) < len(function.parameters):
            return node
        if len(node.arguments) > len(function.parameters) and not function.variadic:
            return node
        name = f"{self._source.path}:{node.span.start}"
        self.calls[name] = Called(node.name, node.arguments, self._source)
        return hclnode.Reference(name, (), node.span)


def _name(node: object) -> str | None:
    """A name on its own; None for anything else."""
    return node.root if isinstance(node, hclnode.Reference) and not node.path else None


def _names(node: object) -> tuple[str, ...] | None:
    """The names of `[one, two]`; None for anything else."""
    items: tuple[object, ...] = node.items if isinstance(node, hclnode.Tuple) else ()
    names = [item.root for item in items if isinstance(item, hclnode.Reference) and not item.path]
    return tuple(names) if isinstance(node, hclnode.Tuple) and len(names) == len(items) else None
