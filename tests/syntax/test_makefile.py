"""Makefiles are read as GNU make reads them: recipes with their places, variables with what is known of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imglint.source import Source, Span
from imglint.syntax.makefile import Makefile, Variable, parse
from imglint.syntax.makevariable import MAX_EXPANDED, Lookup, expand, variables
from imglint.syntax.text import HOLE, Text, literal


def read(text: str) -> Makefile:
    return parse(Source("Makefile", text))


def recipes(makefile: Makefile) -> list[str]:
    return [recipe.text.text for rule in makefile.rules for recipe in rule.recipe]


def value(text: str, name: str, target: str = "") -> str | None:
    found = variables(read(text), target)(name)
    return None if found is None else found.shown


def test_rules_and_recipes() -> None:
    text = "all: a b | c ; @echo hi\n\n# no\n\t@-docker build \\\n\t  -t x .\n\n\tdocker push x # kept\nclean::\n\t\n"
    makefile = read(text)
    first, second = makefile.rules
    assert (first.targets, first.prerequisites, second.targets) == (("all",), ("a", "b", "c"), ("clean",))
    assert [(recipe.prefix, recipe.text.text) for recipe in first.recipe] == [
        ("@", "echo hi"),
        ("@-", "docker build \\\n  -t x ."),
        ("", "docker push x # kept"),
    ]
    assert not second.recipe
    build = first.recipe[1].text
    at = build.text.index("-t")
    assert build.cut(at, at + 2).span == Span(text.index("-t"), text.index("-t") + 2)
    assert first.span == Span(0, text.index("clean") - 1)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A = b", ("A", "=", "b")),
        ("A := b # c", ("A", ":=", "b ")),
        ("A::=b\\#c", ("A", "::=", "b#c")),
        ("export A ?= $(shell x # y)", ("A", "?=", "$(shell x # y)")),
        ("override A+=b", ("A", "+=", "b")),
        ("A != ls", ("A", "!=", "ls")),
        ("A = b \\\n   c\\\n\td", ("A", "=", "b c d")),
        ("A = b\r\nB", ("A", "=", "b")),
        ("define A =\nb\n# c\nendef", ("A", "define", "b\n# c")),
        ("define A\ndefine B\nendef\nendef", ("A", "define", "define B\nendef")),
        ("define A", ("A", "define", "")),
        ("$(X)_A = b", ("$(X)_A", "=", "b")),
        ("A =", ("A", "=", "")),
        ("A = a:b", ("A", "=", "a:b")),
    ],
)
def test_variables(text: str, wanted: tuple[str, str, str]) -> None:
    (variable,) = read(text).variables
    assert (variable.name, variable.operator, variable.value.text) == wanted
    assert not variable.conditional and not variable.target


def test_conditionals_are_read_on_both_sides() -> None:
    makefile = read(
        "ifeq ($(X),y)\nA = 1\nelse ifdef Z\n  A = 2\nendif\nB = 3\nall:\nifdef X\n\tx\nelse\n\ty\nendif\n\tz\n"
    )
    assert [(variable.value.text, variable.conditional) for variable in makefile.variables] == [
        ("1", True),
        ("2", True),
        ("3", False),
    ]
    assert [(recipe.text.text, recipe.conditional) for recipe in makefile.rules[0].recipe] == [
        ("x", True),
        ("y", True),
        ("z", False),
    ]


def test_target_specific_variables() -> None:
    makefile = read("TAG = a\npush pull: export TAG := x\npush: pull\n\tp $(TAG)\n%.o: VAR = %.c\n")
    own = [(variable.target, variable.name, variable.value.text) for variable in makefile.variables[1:]]
    assert own == [("push", "TAG", "x"), ("pull", "TAG", "x"), ("%.o", "VAR", "%.c")]
    assert makefile.rules[0].prerequisites == ("pull",)
    assert value("TAG = a\npush: TAG = x\n", "TAG", "push") == "x"
    assert value("TAG = a\npush: TAG = x\n", "TAG") == "a"


def test_other_forms() -> None:
    assert recipes(read(".RECIPEPREFIX = >\na:\n>b\n")) == ["b"]
    assert recipes(read("\ufeffa:\n\tb\n")) == ["b"]
    assert recipes(read(".ONESHELL:\na:\n\t@b\n\t  @c\n")) == ["b\nc"]
    assert recipes(read("a:\n\tb\nX = 1\n\tY = 2\n")) == ["b"]
    assert recipes(read("include x.mk\n$(info a:b)\na b&: c;d;e # f\n")) == ["d;e # f"]
    assert read("$(A): %.o: %.c $(X Y)\n").rules[0][:2] == (("$(A)",), ("%.c", "$(X Y)"))
    assert recipes(read("a:\r\n\tb \\\r\n\tc\r\n")) == ["b \\\nc"]


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("A = $(B)c\nB = d\n", "A", "dc"),
        ("B = 1\nA := $(B)\nB = 2\n", "A", "1"),
        ("A = x\nA ?= y\n", "A", "x"),
        ("A ?= y\n", "A", "y"),
        ("A = x\nA += $(B)\nB = y\n", "A", "x y"),
        ("A := x\nA := $(A)/y\n", "A", "x/y"),
        ("A += x\n", "A", "x"),
        ("A != ls\n", "A", "…"),
        ("A = $(A)\n", "A", "…"),
        ("A = $(B)\nB = $(A)\n", "A", "…"),
        ("A = $(B_$(C))\nB_d = e\nC = d\n", "A", "e"),
        ("A = $B$$C\nB = x\n", "A", "x$C"),
        ("ifdef X\nA = 1\nelse\nA = 2\nendif\n", "A", None),
        ("ifdef X\nA = 1\nelse\nA = 1\nendif\n", "A", "1"),
        ("ifndef A\nA = 1\nendif\n", "A", "1"),
        ("ifdef X\nA = 1\nendif\nA ?= 2\n", "A", None),
        ("A = 1\nifdef X\nA += 2\nendif\n", "A", "1…"),
        ("ifdef X\nA = 1\nelse\nA = 2\nendif\nA = 3\n", "A", "3"),
        ("define A\nx\ny\nendef\n", "A", "x\ny"),
        ("", "A", None),
    ],
)
def test_values(text: str, name: str, wanted: str | None) -> None:
    assert value(text, name) == wanted


@pytest.mark.parametrize(
    ("text", "wanted", "unknowns"),
    [
        ("a $(TAG) ${TAG}", "a v1 v1", ()),
        ("$(NONE)/x", "…/x", ("$(NONE)",)),
        ("$(shell git rev-parse (HEAD))-x", "…-x", ("$(shell …)",)),
        ("$(TAG:v%=%)", "…", ("$(TAG:…)",)),
        ("$@ $(@) $< $(@D)", "… … … …", ("$@", "$(@)", "$<", "$(@D)")),
        ("$$HOME $$(date) $", "$HOME $(date) $", ()),
        ("$(X_$(NONE))", "…", ("$(X_$(NONE))",)),
        ("${TAG", "…", ("$(TA)",)),
        ("$(patsubst %,$(X),y)", "…", ("$(patsubst …)",)),
        ("$T$(T)", "tt", ()),
        ("$Q", "…", ("$(Q)",)),
        ("$()", "…", ("$(…)",)),
    ],
)
def test_expansion(text: str, wanted: str, unknowns: tuple[str, ...]) -> None:
    known = variables(read("TAG = v1\nT = t\n"))
    found = expand(literal(text, Source("x", text), Span(0, len(text))), known)
    assert (found.shown, found.unknowns) == (wanted, unknowns)


def test_the_caller_may_know_the_target() -> None:
    text = literal("-t x/$@", Source("x", "-t x/$@"), Span(0, 7))

    def target(name: str) -> Text | None:
        return literal("app", Source("x", "app:"), Span(0, 3)) if name == "@" else None

    assert expand(text, target).value == "-t x/app"


def test_values_know_where_they_are_defined() -> None:
    makefile = read("TAG = v1\nIMAGE = x:$(TAG)\np:\n\tdocker push $(IMAGE)\n")
    found = expand(makefile.rules[0].recipe[0].text, variables(makefile))
    tag = found.cut(found.text.index("v1"))
    assert tag.value == "v1"
    assert (tag.origin.span, tag.span) == (Span(6, 8), Span(42, 50))


PARTS = st.sampled_from(
    (
        "a",
        "A",
        " ",
        "\t",
        "\n",
        "\n\t",
        "\\\n",
        "\r\n",
        ":",
        "=",
        ":=",
        "+=",
        "?=",
        "#",
        "\\#",
        ";",
        "$",
        "$(",
        "${",
        ")",
        "}",
        "$(A)",
        "$@",
        "define A\n",
        "endef\n",
        "ifdef A\n",
        "else\n",
        "endif\n",
        "export ",
        "|",
        HOLE,
        ".ONESHELL:",
    )
)


@settings(deadline=None, max_examples=400)
@given(st.lists(PARTS, max_size=30).map("".join))
@example("$#=")
def test_nothing_raises_and_places_hold(text: str) -> None:
    makefile = read(text)
    texts = [variable.value for variable in makefile.variables]
    texts += [recipe.text for rule in makefile.rules for recipe in rule.recipe]
    for found in texts:
        for piece in found.pieces:
            assert not piece.exact or piece.source.slice(piece.span) == piece.text
        expanded = expand(found, variables(makefile))
        assert 0 <= expanded.span.start <= expanded.span.end <= len(text)


def test_values_do_not_grow_without_end() -> None:
    for start in ("xx", ""):
        lines = [f"A{number} = $(A{number - 1})$(A{number - 1})" for number in range(1, 45)]
        found = variables(read("\n".join([f"A0 = {start}", *lines])))("A44")
        assert found is not None and len(found.text) <= 4 * MAX_EXPANDED
    deep = "\n".join(f"A{number} = $(A{number + 1})" for number in range(5000))
    assert value(deep, "A0") == "…"
    assert value(f"A = {'$(' * 5000}x{')' * 5000}", "A") == "…"


@pytest.mark.parametrize(
    "unit", ["a:\n\tb $(A)\n", "A = b \\\n", "\tx\\\n", "A += $(B)\n", "define A\n", "$(", "a\\#", "a: b"]
)
def test_time_grows_with_the_input(unit: str) -> None:
    def once(count: int) -> float:
        started = time.process_time()
        makefile = read(unit * count)
        known = variables(makefile)
        for rule in makefile.rules:
            for recipe in rule.recipe:
                expand(recipe.text, known)
        known("A")
        return time.process_time() - started

    def seconds(count: int) -> float:
        return min(once(count) for _ in range(3))  # the machine, too, takes a break now and then

    assert seconds(5_000) < 30 * max(seconds(500), 0.005)


SHELL_LINES = """
A = 1
B := $(A)2
A = 3 \\
  4
ifdef NOTHING
C = x
else
C = $(A)$$$$
endif
all: D = e
all: other
\t@echo 'A=$(A) B=$(B) C=$(C) D=$(D) @=$@' # \\
\t more \\\t
\t-echo ${E} "$(A)\\
\tz"
other: ; @echo other \\# '#'
"""


@pytest.mark.peer
def test_make_runs_the_same_lines(tmp_path: Path) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    (tmp_path / "Makefile").write_text(SHELL_LINES)
    # The make that may run this test has nothing to say to the one in it.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
    command = [make, "-n", "all"]
    printed = subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True, check=True).stdout
    makefile = read(SHELL_LINES)
    chosen = [variable for variable in makefile.variables if variable.value.text != "x"]
    lines = []
    for rule in reversed(makefile.rules):
        known = variables(Makefile(tuple(chosen), ()), rule.targets[0])

        def told(name: str, rule_name: str = rule.targets[0], known: Lookup = known) -> Text | None:
            if name not in ("@", "E"):
                return known(name)
            return literal(rule_name if name == "@" else "", Source("x", ""), Span(0, 0))

        lines += [expand(recipe.text, told).text for recipe in rule.recipe]
    assert "\n".join(lines) + "\n" == printed


@pytest.mark.shared
def test_real_makefiles(shared: Path) -> None:
    count = 0
    for path in sorted((shared / "corpus").rglob("Makefile"))[:40]:
        source = Source(path.name, path.read_text("utf-8", "surrogateescape"))
        makefile = parse(source)
        known = variables(makefile)
        for rule in makefile.rules:
            for recipe in rule.recipe:
                assert recipe.text.cut(0, 1).text == source.slice(recipe.text.cut(0, 1).span)
                count += "docker" in expand(recipe.text, known).text
    assert count > 100


def test_a_variable_is_a_plain_tuple() -> None:
    (variable,) = read("A = b").variables
    assert variable == Variable("A", "=", variable.value, Span(0, 5))
