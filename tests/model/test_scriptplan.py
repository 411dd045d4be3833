"""What of a shell script has to be run, and that nothing comes out otherwise for what is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imglint.model.build import Build, Pushing
from imglint.model.commands.flags import Word
from imglint.model.commands.read import PROGRAMS, Setting, events, is_idle_call
from imglint.model.script import Shell
from imglint.model.scriptplan import Function, Step, plan
from imglint.model.scriptrun import run
from imglint.source import Source, Span
from imglint.syntax.text import literal


def kept(script: str) -> list[str]:
    """The commands that are run, as they are written; those of a function behind its name."""

    def names(steps: tuple[Step | Function, ...]) -> list[str]:
        found: list[str] = []
        for step in steps:
            if isinstance(step, Step):
                found.append(script[step.command.span.start : step.command.span.end])
            else:
                found += [f"{step.name}()", *names(step.steps)]
        return found

    return names(plan(script).steps)


def outcome(script: str) -> tuple[object, ...]:
    """What a script does, wherever it is written, and what it leaves behind."""
    shell = Shell(("",))
    text = literal(script, Source("x.sh", script), Span(0, len(script)))
    found = [
        (type(event), event.directories, [tag.key for tag in event.tags])
        if isinstance(event, Build)
        else (type(event), event.name.key if isinstance(event, Pushing) else None)
        for event in run(text, shell)
    ]
    values = {name: value and value.key for name, value in shell.variables.items()}
    return found, values, shell.outputs, shell.environment, shell.setting.directories


@pytest.mark.parametrize(
    ("script", "commands"),
    [
        ("npm ci\ndocker push x\nls", ["docker push x"]),
        ("sudo npm ci; sudo docker push x", ["sudo docker push x"]),
        ("echo a; docker push x >> log", ["docker push x >> log"]),
        ("npm ci\necho a\nprintf b\n> file", []),
        ("A=1\nnpm ci", ["A=1"]),
        ('echo a\necho "b=1" >> $GITHUB_OUTPUT\necho c | tee -a $GITHUB_ENV\ncurl x >> $GITHUB_ENV',
         ['echo "b=1" >> $GITHUB_OUTPUT', "tee -a $GITHUB_ENV"]),
        ("{ echo a=1; npm ci; } >> $GITHUB_OUTPUT", ["echo a=1", ">> $GITHUB_OUTPUT"]),
        ("printf -v A x; printf x; printf $A", ["printf -v A x", "printf $A"]),
        ("cat token | docker login -u x --password-stdin; cat token | wc",
         ["cat token", "docker login -u x --password-stdin", "cat token"]),
        ("f() { npm ci; docker push x; }\nf\ng", ["f()", "docker push x", "f"]),
        ("f() { npm ci; }\nf", ["f()", "f"]),
        ("docker pull x; docker run x; docker push x; buildah inspect x; cosign sign x", ["docker push x"]),
        ("docker --debug pull x; docker $A; docker", ["docker --debug pull x", "docker $A", "docker"]),
        ("cat x | docker load; docker login -p x", ["cat x", "docker load", "docker login -p x"]),
        ("$TOOL x; npm ci", ["$TOOL x"]),
        ("ls ${A:=x}; docker push $A", ["ls ${A:=x}", "docker push $A"]),
        # The order of the directories that follow depends on the second branch.
        ("if a; then cd x; else npm ci; fi; docker build .", ["cd x", "npm ci", "docker build ."]),
        ("if a; then ls; else npm ci; fi; docker build .", ["docker build ."]),
    ],
)  # fmt: skip
def test_kept(script: str, commands: list[str]) -> None:
    assert kept(script) == commands


@given(
    st.sampled_from(sorted(PROGRAMS)),
    st.lists(st.sampled_from(["run", "login", "build", "push", "tag", "b", "x:1", "--push", "-t", "image", "create"])),
)
def test_what_is_idle_has_no_events(program: str, words: list[str]) -> None:
    if words and is_idle_call(program, words[0]):
        script = " ".join((program, *words))
        texts = [literal(word, Source("x.sh", script), Span(0, len(script))) for word in (program, *words)]
        assert events([Word(text) for text in texts], Setting(("",))) == ()


@pytest.mark.parametrize(
    ("script", "tag"),
    [
        # What stands between two chains keeps them apart.
        ("A=0; foo && A=1; npm ci && docker build -t $A .", "\0"),
        ("foo && A=1 && npm ci && docker build -t $A .", "1"),
        ("if a; then npm ci; fi; A=1; docker build -t $A .", "1"),
        ("for x in a b; do ls; A=1; done; docker build -t $A .", "\0"),
    ],
)
def test_blocks_come_out_the_same(script: str, tag: str) -> None:
    shell = Shell(("",))
    text = literal(script, Source("x.sh", script), Span(0, len(script)))
    assert [event.tags[0].text for event in run(text, shell) if isinstance(event, Build)] == [tag]


def test_a_function_that_is_defined_twice_is_run_once_for_each_call() -> None:
    found, *_ = outcome("h() { f() { docker push x; }; }\nh; h; f")
    assert found == [(Pushing, ("x", ()))]


_LINES = ["A=1", "A=$B", "B=$(A=2; cd y)", "docker build -t $A .", "docker push $B", 'echo "a=$A" >> $GITHUB_ENV', "f"]
_SCRIPTS = st.recursive(
    st.sampled_from(_LINES),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("\n".join),
        st.tuples(inner, inner).map(lambda both: f"if a; then\n{both[0]}\nelse\n{both[1]}\nfi"),
        inner.map(lambda one: f"for A in a b; do\n{one}\ndone"),
        inner.map(lambda one: f"(\n{one}\n)"),
        inner.map(lambda one: f"A=3 || {{\n{one}\n}}"),
    ),
    max_leaves=8,
)


@given(_SCRIPTS, _SCRIPTS, st.data())
def test_commands_that_do_nothing_change_nothing(body: str, after: str, data: st.DataObject) -> None:
    script = f"f() {{\n{body}\n}}\n{after}"
    lines = script.split("\n")
    for at in sorted(data.draw(st.sets(st.integers(0, len(lines)))), reverse=True):
        lines.insert(at, data.draw(st.sampled_from(["npm ci", "ls | wc", "( ls )", "if ls; then wc; fi", "printf x"])))
    assert outcome("\n".join(lines)) == outcome(script)
