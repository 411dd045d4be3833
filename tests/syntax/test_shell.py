"""The shell scanner: words, commands, what runs what, and that it agrees with a real parser."""

from __future__ import annotations

import gc
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imglint.source import Source, Span, decode
from imglint.syntax.dockerfile import parse
from imglint.syntax.shell import (
    MAX_COMMANDS,
    MAX_DEPTH,
    MAX_LENGTH,
    Command,
    Part,
    Word,
    assignment,
    inner_script,
    scan,
    unwrapped,
)
from imglint.syntax.shelllist import ScriptReader


def only(text: str) -> Command:
    (command,) = (command for command in scan(text).commands if command.depth == 0)
    return command


def word(text: str) -> Word:
    return only("echo " + text).words[1]


def shown(text: str) -> list[tuple[str, str]]:
    return [(part.kind, part.text) for part in word(text).parts]


def literals(command: Command) -> list[str | None]:
    return [each.literal for each in command.words]


def lines(text: str) -> list[str]:
    """The commands as they are written, those without words left out."""
    return [text[each.words[0].span.start : each.words[-1].span.end] for each in scan(text).commands if each.words]


def depths(text: str) -> dict[str, int]:
    return {each.words[0].literal or "": each.depth for each in scan(text).commands if each.words}


# Words


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("'single $x `y`'", "single $x `y`"),
        ('"double \\" \\$x \\n"', 'double " $x \\n'),
        ("a\\ b", "a b"),
        ("a'b'\"c\"d", "abcd"),
        ("''", ""),
        ('""', ""),
        ("$'a\\tb\\n\\'\\\\'", "a\tb\n'\\"),
        ("$'\\x41\\101'", "AA"),
        ('$"text"', "text"),
        ("a\\\nb", "ab"),
        ("a\\\r\nb", "ab"),
        ('"a\\\nb"', "ab"),
        ("a$", "a$"),
        ('"$"', "$"),
        ("a#b", "a#b"),
        ("{a,b}", "{a,b}"),
        ("a\0b", "a\0b"),
        ("a=b", "a=b"),
        ("$x", None),
        ("a$(b)", None),
        ("$'\\u00e9'", None),
    ],
)
def test_the_value_of_a_word(text: str, value: str | None) -> None:
    assert word(text).literal == value


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a$x", [("literal", "a"), ("variable", "$x")]),
        ("${x}b", [("variable", "${x}"), ("literal", "b")]),
        ("$1", [("dynamic", "$1")]),
        ("$@$?", [("dynamic", "$@"), ("dynamic", "$?")]),
        ("${x%y}", [("dynamic", "${x%y}")]),
        ("${x//a/b}", [("dynamic", "${x//a/b}")]),
        ("\"${x//'\"'/b}\"", [("dynamic", "${x//'\"'/b}")]),
        ("${x[0]}", [("dynamic", "${x[0]}")]),
        ("${#x}", [("dynamic", "${#x}")]),
        ("${1:-a}", [("dynamic", "${1:-a}")]),
        ("$(a b)c", [("dynamic", "$(a b)"), ("literal", "c")]),
        ("`a b`", [("dynamic", "`a b`")]),
        ("$((1 + (2)))", [("dynamic", "$((1 + (2)))")]),
        ("$((a); (b))", [("dynamic", "$((a); (b))")]),
        ("<(a b)", [("dynamic", "<(a b)")]),
        ("--x=>(a b)", [("literal", "--x="), ("dynamic", ">(a b)")]),
        ("a@(b|c d)e", [("literal", "a"), ("dynamic", "@(b|c d)"), ("literal", "e")]),
        ("x=(a b)", [("literal", "x="), ("dynamic", "(a b)")]),
        ("a\\ b", [("literal", "a"), ("literal", " "), ("literal", "b")]),
        ("\"a $x '`b`'\"", [("literal", "a "), ("variable", "$x"), ("literal", " '"), ("dynamic", "`b`"),
                            ("literal", "'")]),
    ],
)  # fmt: skip
def test_the_parts_of_a_word(text: str, parts: list[tuple[str, str]]) -> None:
    assert shown(text) == parts


def test_parts_know_their_places() -> None:
    assert only("a 'b c'\"$d\"\\ ").words[1] == Word(
        Span(2, 13),
        (
            Part("literal", "b c", Span(3, 6), True, True),
            Part("variable", "$d", Span(8, 10), False, True, "d"),
            Part("literal", " ", Span(11, 13), False, True),
        ),
    )


@pytest.mark.parametrize("operator", ["-", ":-", "=", ":=", "+", ":+", "?", ":?"])
def test_a_variable_with_a_default(operator: str) -> None:
    (part,) = word(f"${{name{operator}a 'b' $c}}").parts
    assert (part.kind, part.name, part.operator) == ("variable", "name", operator)
    assert [(each.kind, each.text) for each in part.default] == [
        ("literal", "a "), ("literal", "b"), ("literal", " "), ("variable", "$c"),
    ]  # fmt: skip


def test_a_default_inside_double_quotes() -> None:
    (part,) = word('"${a:-it\'s ${b-"c d"}}"').parts
    assert part.quoted
    assert [(each.text, each.quoted) for each in part.default] == [("it's ", True), ('${b-"c d"}', True)]
    assert [each.text for each in part.default[1].default] == ["c d"]


# Commands


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b;c\nd", ["a b", "c", "d"]),
        ("a && b || c | d |& e & f", ["a", "b", "c", "d", "e", "f"]),
        ("a # b\n# c\nd#e", ["a", "d#e"]),
        ("a \\\n  b \\\r\n  c\r\nd\r\n", ["a \\\n  b \\\r\n  c", "d"]),
        ("x=1 a b", ["a b"]),
        ("x+=1 y[2]=3 z=(q r) a", ["a"]),
        ("x=()\na", ["a"]),
        ("! a; time b; time -p c; time -v d", ["a", "b", "c", "time -v d"]),
        ("if a; then b; elif c; then d; else e; fi", list("abcde")),
        ("while a; do b; done; until c; do d; done", list("abcd")),
        ("for x in if a $(b); do c; done", ["b", "c"]),
        ("for x\ndo a; done; for x; do b; done", ["a", "b"]),
        ("for ((i = 0; i < (3); i++)); do a; done; for x in y; { b; }", ["a", "b"]),
        ("select x in y; do a; done", ["a"]),
        ("case $(a) in b|(c) d;; (e) f;& g) ;;& *) h; esac; i", ["a", "d", "f", "h", "i"]),
        ("$(case x in a) b;; esac)", ["$(case x in a) b;; esac)", "b"]),
        ("f() { a; }; function g { b; }; function h() (c)\nf", ["a", "b", "c", "f"]),
        ("[[ a < b && ! (c =~ ^(d|e)$) ]] && f; g", ["f", "g"]),
        ("((a > 1)) && b; ((c); (d))", ["b", "c", "d"]),
        ("a=(b\n# c\n$(d) e) f", ["f", "d"]),
        ("declare -A a=([b]=c [d]=$(e)); f", ["declare -A a=([b]=c [d]=$(e))", "e", "f"]),
        ("a[$(b)]=c", ["b"]),
        ("coproc a b; coproc NAME { c; }", ["a b", "c"]),
        ("diff <(a b) >(c)", ["diff <(a b) >(c)", "a b", "c"]),
        ("ls !(a|b) +(c); d", ["ls !(a|b) +(c)", "d"]),
        ("a $(b `c \"$(d)\"`) e", ["a $(b `c \"$(d)\"`) e", "b `c \"$(d)\"`", 'c "$(d)"', "d"]),
        ("echo if fi { }", ["echo if fi { }"]),
        ("{ a; } ; (b) ; ( (c) )", ["a", "b", "c"]),
        ("'if' a", ["'if' a"]),
        ("\0 a; \0b", ["\0 a", "\0b"]),
        ("echo $(( $(a) + 1 )) ${x:-$(b)} ${y%$(c)}", ["echo $(( $(a) + 1 )) ${x:-$(b)} ${y%$(c)}", *"abc"]),
        ("", []),
    ],
)  # fmt: skip
def test_commands(text: str, expected: list[str]) -> None:
    assert lines(text) == expected
    assert (scan(text).problem, scan(text).complete) == ("", True)


def test_what_follows_a_command() -> None:
    script = scan("a; b\nc && d || e | f |& g & h")
    assert [each.operator for each in script.commands] == [";", "\n", "&&", "||", "|", "|&", "&", ""]
    assert [each.words[0].literal for each in script.commands if each.piped] == ["f", "g"]


def test_a_compound_command_hands_on_its_standard_input() -> None:
    script = scan("a | { b; c; }\nd | while read; do e; done | f\n(g) | h; i | \n j; k | f() { l; }")
    assert "".join(each.words[0].literal or "" for each in script.commands if each.piped) == "bcreadefhj"


def test_depth() -> None:
    text = (
        "a; (b; { c; }); if d; then e; elif f; then g; fi; while h; do i; done; k() { l $(m); }; case n in o) p;; esac"
    )
    assert depths(text) == {
        "a": 0, "b": 1, "c": 2, "d": 0, "e": 1, "f": 1, "g": 1, "h": 0, "i": 1, "l": 1, "m": 2, "p": 1,
    }  # fmt: skip
    assert depths("if a; then b; fi; c; for x in $(d); do e; done; f") == {
        "a": 0, "b": 1, "c": 0, "d": 1, "e": 1, "f": 0,
    }  # fmt: skip


def test_functions() -> None:
    script = scan("f() { a; if b; then c; fi; }\nfunction g\n{ d; }\ne $(h)")
    assert [(each.words[0].literal, each.function) for each in script.commands] == [
        ("a", "f"), ("b", "f"), ("c", "f"), ("d", "g"), ("e", ""), ("h", ""),
    ]  # fmt: skip


def test_assignments() -> None:
    text = 'a=b c+="d e" f=(g) h[1]=i j= env'
    command = only(text)
    assert [(each.name, each.append, each.value and each.value.literal) for each in command.assignments] == [
        ("a", False, "b"), ("c", True, "d e"), ("f", False, None), ("h", False, None), ("j", False, ""),
    ]  # fmt: skip
    assert [text[slice(*each.span)] for each in command.assignments] == ["a=b", 'c+="d e"', "f=(g)", "h[1]=i", "j="]
    assert literals(command) == ["env"]


def test_the_variable_of_a_loop_is_an_assignment() -> None:
    text = "for x in a b ; do c; done; select y; do d; done"
    first, _, second, _ = scan(text).commands
    assert first.words == second.words == ()
    assert [(each.name, each.value) for each in (*first.assignments, *second.assignments)] == [("x", None), ("y", None)]
    assert text[slice(*first.span)] == "for x in a b"


def test_an_argument_that_is_an_assignment() -> None:
    _, *arguments = only("export A=b$c 'D=e f' G $H=i J=(k) L=").words
    found = [assignment(each) for each in arguments]
    assert [each and (each.name, each.value and [part.text for part in each.value.parts]) for each in found] == [
        ("A", ["b", "$c"]), ("D", ["e f"]), None, None, ("J", None), ("L", []),
    ]  # fmt: skip
    assert found[0] and found[0].value and found[0].value.span == Span(9, 12)


# Redirections and here-documents


def test_redirections() -> None:
    command = only('a >b 2>&1 <"$c" >>d &>e 3<>f {fd}>g >|h <<<"i j" 2 >- k')
    assert literals(command) == ["a", "2", "k"]
    assert [(each.descriptor, each.operator, each.target.literal) for each in command.redirections] == [
        ("", ">", "b"), ("2", ">&", "1"), ("", "<", None), ("", ">>", "d"), ("", "&>", "e"), ("3", "<>", "f"),
        ("{fd}", ">", "g"), ("", ">|", "h"), ("", "<<<", "i j"), ("", ">", "-"),
    ]  # fmt: skip


def test_a_redirection_of_a_compound_command_is_a_command_without_words() -> None:
    first, second = scan("{ a; } > b").commands
    assert (literals(first), second.words, second.redirections[0].target.literal) == (["a"], (), "b")


def test_heredocs() -> None:
    text = "a <<E <<-'F' | b\n$(c) x\nE\n\t$(d)\n\tF\ne"
    script = scan(text)
    assert [literals(each) for each in script.commands] == [
        ["a"],
        ["b"],
        ["c"],
        ["e"],
    ]
    one, two = (each.heredoc for each in script.commands[0].redirections)
    assert one and (text[slice(*one.body)], one.expand, one.strip_tabs, one.delimiter) == ("$(c) x\n", True, False, "E")
    assert two and (text[slice(*two.body)], two.expand, two.strip_tabs, two.delimiter) == ("\t$(d)\n", False, True, "F")


def test_a_heredoc_in_a_substitution() -> None:
    assert lines('a "$(b <<E\nc ) "\nE\n)" d') == ['a "$(b <<E\nc ) "\nE\n)" d', "b"]


def test_a_heredoc_that_never_ends() -> None:
    script = scan("a <<E\nb")
    heredoc = script.commands[0].redirections[0].heredoc
    assert heredoc and heredoc.body == Span(6, 7)
    assert script.problem == "the here-document `E` is never closed"
    assert scan("a <<E").commands[0].redirections[0].heredoc is None
    assert scan("a <<E").problem == "the here-document `E` never begins"


# Commands that run others


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sudo -E docker build .", "docker build ."),
        ("sudo -Eu root --group=x -- docker ps", "docker ps"),
        ("sudo -u $USER A=b docker ps", "docker ps"),
        ("sudo --user root docker ps", "docker ps"),
        ("/usr/bin/env -i -u X A=1 B=2 docker -D", "docker -D"),
        ("exec -a name docker", "docker"),
        ("exec nice -n 5 nohup command builtin docker", "docker"),
        ("time -f x nice -10 docker", "docker"),
        ("timeout -s KILL 10 docker run", "docker run"),
        ("gosu user docker", "docker"),
        ("a | xargs -n1 -I {} docker rm {}", "docker rm {}"),
        ("command -v docker", "command -v docker"),
        ("sudo -l", "sudo -l"),
        ("env", "env"),
        ("docker sudo x", "docker sudo x"),
    ],
)
def test_unwrapped(text: str, words: str) -> None:
    assert literals(unwrapped(scan(text).commands[-1])) == words.split()


def test_what_env_sets_joins_the_assignments() -> None:
    command = unwrapped(only("A=1 sudo B=2 env 'C=3 4' docker"))
    assert [(each.name, each.value and each.value.literal) for each in command.assignments] == [
        ("A", "1"), ("B", "2"), ("C", "3 4"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("sh -c 'a b'", "a b"),
        ("/bin/bash -ec 'a b' name", "a b"),
        ("bash -euxo pipefail -c 'a'", "a"),
        ("bash -o pipefail -c 'a'", "a"),
        ("bash -c -e 'a'", "a"),
        ("sudo -E env X=y bash --login +e -lc 'a'", "a"),
        ("busybox sh -c a", "a"),
        ("eval 'a b'", "a b"),
        ("eval a b", None),
        ("sh a.sh -c b", None),
        ("sh -e a.sh", None),
        ("sh -c", None),
        ("sh", None),
        ("docker -c a", None),
    ],
)
def test_inner_script(text: str, script: str | None) -> None:
    found = inner_script(only(text))
    assert (found and found.literal) == script


# Broken and hostile scripts


@pytest.mark.parametrize(
    "text",
    ["a 'b", 'a "b', "a $(b", "a `b", "a ${b", "$'a", "a=(b", "[[ a", "(a", "{ a", "if a", "a)", "fi", "a (b)", "a >",
     "case a b", "for x in y; do z", "a; }", "$((1", "a@(b"],
)  # fmt: skip
def test_what_is_doubtful_is_said(text: str) -> None:
    script = scan(text)
    assert script.problem
    assert script.complete


def test_what_is_read_before_the_limits() -> None:
    long = scan("a\n" + "b" * MAX_LENGTH)
    assert (len(long.commands), long.complete) == (1, False)
    assert "characters" in long.problem
    many = scan("a;" * (MAX_COMMANDS + 1))
    assert (len(many.commands), many.complete) == (MAX_COMMANDS, False)
    assert "commands" in many.problem
    assert depths("( " * MAX_DEPTH + "a" + " )" * MAX_DEPTH) == {"a": MAX_DEPTH}
    deep = scan("a\n" + "( " * (MAX_DEPTH + 1))
    assert (len(deep.commands), deep.complete) == (1, False)
    assert "levels" in deep.problem


def numbered(pattern: str, count: int) -> str:
    return "".join(pattern.replace("#", str(number)) for number in range(count))


GROWING: Final[dict[str, Callable[[int], str]]] = {
    **{
        f"{piece!r} again and again": lambda n, piece=piece: piece * n  # type: ignore[misc]
        for piece in (
            "(", "( ", "((", "((a\n", "((a) )\n", "$((", "a $((1\n", "$(", '"$(', "a|", "a=(", "a=( ", "x a=( ",
            "${a:-", "${a%", "${a[", "`", "`a", "`$(", "\\`", "\"' ", "a", "a ", "if a; then ", "case a in b) ",
            "fi;", ")",            "a+(", "a+(b ", "a[", "a[ ", "a[[b ",
            "[[ a\n", "$'a ", "\\", "\\ ", "f() ", "f  ", "#\n", "a \\\n", "<(",
            "for a in b\n", "for ((a\n", ">", "> a ", "$", "1", "11 ", "{a", "coproc a ", "function ", "((' ", "\r",
            "sudo ", "a=b ", "$(cat <<E\n", "`cat <<E\n", "cat <<E\n", "a $(b `c`) ",
        )
    },
    "here-documents without end": lambda n: numbered("cat <<E#\n", n),
    "here-documents of one command": lambda n: "cat " + numbered("<<E# ", n) + "\n" + numbered("E#\n", n),
    "closed expansions": lambda n: "${a:-" * 90 + "x" * n + "}" * 90,
    "arithmetic that is none": lambda n: "$((" * 20 + "x" * n + ")" * 39 + " )",
    "escaped backquotes": lambda n: "`" + "\\`a " * n,
}  # fmt: skip

SIZE: Final = 500
FLOOR: Final = 0.1
"""Seconds; below them nothing can be told from noise."""


def seconds_for(text: str) -> float:
    gc.disable()  # as imglint runs
    try:
        before = time.process_time()
        for command in scan(text).commands[:1]:
            inner_script(command)
        return time.process_time() - before
    finally:
        gc.enable()


@pytest.mark.parametrize("name", GROWING)
def test_ten_times_as_much_takes_about_ten_times_as_long(name: str) -> None:
    make = GROWING[name]
    for _ in range(3):
        large = seconds_for(make(10 * SIZE))
        if large < FLOOR or large < 25 * seconds_for(make(SIZE)):
            return
    pytest.fail(f"{large:.2f} s for {10 * SIZE}, {seconds_for(make(SIZE)):.3f} s for {SIZE}")


PIECES: Final = (
    "a", "b c", " ", "\n", "\t", ";", ";;", "&", "&&", "|", "||", "(", ")", "((", "))", "{ ", "}", "'", '"', "\\", "`",
    "$", "$(", "$((", "${", "${a:-", "${a%", "$x", "$'", "<", ">", "<<", "<<-", "<<E", "\nE\n", "<(", "=", "a=", "a=(",
    "a[", "]", "[[ ", " ]]", "if ", "then ", "fi", "for ", " in ", "do ", "done", "case ", "esac", "function ", "f()",
    "time ", "coproc ", "#", "\r\n", "\\\n", "\0", "é", "\ud800", "sudo ", "env ", "sh -c ", "-", "@(", "2>&1", "!",
)  # fmt: skip


def parts_of(parts: tuple[Part, ...]) -> Iterator[Part]:
    for part in parts:
        yield part
        yield from parts_of(part.default)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@example("a <<E\n")
@example("for <(a")
@example("a <<E; for x\n$(b)")
@example("`cat <<E\n`")
def test_any_text(text: str) -> None:
    script = scan(text)
    assert all(one.span.start <= two.span.start for one, two in pairwise(script.commands))
    for command in script.commands:
        assert 0 <= command.span.start <= command.span.end <= len(text)
        assert command.depth >= 0
        words = (*command.words, *(each.target for each in command.redirections))
        values = tuple(each.value for each in command.assignments if each.value)
        assert all(one.span.end <= two.span.start for one, two in pairwise(command.words))
        assert all(command.span.start <= each.span.start <= each.span.end for each in command.words)
        for part in parts_of(tuple(part for each in (*words, *values) for part in each.parts)):
            assert 0 <= part.span.start <= part.span.end <= len(text)
            assert not part.exact or part.text == text[slice(*part.span)]
            assert part.kind == "literal" or part.text == text[slice(*part.span)]
        assert all(one.span.end <= two.span.start for each in words for one, two in pairwise(each.parts))
        assert len(unwrapped(command).words) <= len(command.words)
        assert inner_script(command) is None or inner_script(command) in command.words


@given(st.text(alphabet="a $'\"`\\(){}<>|&;\n#=[]!-", max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_characters(text: str) -> None:
    assert scan(text + "\n").complete


@given(st.text(alphabet="aB_1 $'\"`\\(){}<>|&;\n\r#=", min_size=1, max_size=12))
@settings(max_examples=1_000, deadline=None)
def test_a_word_that_is_found_at_once_is_that_of_its_parts(text: str) -> None:
    at_once = ScriptReader(text, len(text)).word(0)
    assert at_once == ScriptReader(text, len(text)).word_of_parts(0)


# Agreement with shfmt's parser

SHFMT: Final = Path(sys.executable).with_name("shfmt")
DECLARATIONS: Final = frozenset(("declare", "export", "let", "local", "nameref", "readonly", "typeset"))


def scripts_of(shared: Path) -> Iterator[str]:
    """Shell scripts, and a part of the RUN instructions and workflow steps, each once."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    corpus = shared / "corpus"
    for number, row in enumerate((corpus / "files.tsv").read_text().splitlines()[1:]):
        repository, path, kind, *_ = row.split("\t")
        file = corpus / repository.replace("/", "__") / path
        if (
            kind == "scripts"
            and file.suffix not in (".ps1", ".mk", ".yaml")
            and file.name not in ("Makefile", "Justfile")
        ):
            yield decode(file.read_bytes())
        elif kind == "dockerfiles" and number % 16 == 0:
            for instruction in parse(Source(path, decode(file.read_bytes()))).instructions:
                if instruction.name == "RUN" and not instruction.exec_form and not instruction.heredocs:
                    yield instruction.rest.text
        elif kind == "workflow" and number % 8 == 0:
            jobs = yaml.load(file.read_bytes(), loader).get("jobs") or {}
            for step in (step for job in jobs.values() for step in job.get("steps") or ()):
                if step.get("shell", "bash").split()[0] in ("bash", "sh") and "run" in step:
                    yield re.sub(r"(?s)\$\{\{.*?\}\}", lambda found: "x" * len(found[0]), step["run"])


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    queue = [tree]
    while queue:
        node = queue.pop()
        if isinstance(node, dict):
            yield node
            queue += node.values()
        elif isinstance(node, list):
            queue += node


def by_shfmt(text: str) -> set[tuple[Span, ...]] | None:
    """The places of the words of all commands, or None when shfmt refuses the script."""
    data = text.encode("utf-8", "surrogateescape")
    done = subprocess.run([SHFMT, "-ln=bash", "--to-json"], input=data, capture_output=True, check=False)
    if done.returncode:
        return None

    widths = (len(char.encode("utf-8", "surrogateescape")) for char in text)
    offsets = {place: offset for offset, place in enumerate(accumulate(widths, initial=0))}

    def span(node: dict[str, Any]) -> Span:
        return Span(*(offsets[node[end]["Offset"]] for end in ("Pos", "End")))

    found = set()
    for node in nodes(json.loads(done.stdout)):
        if node.get("Type") == "CallExpr" and node.get("Args"):
            found.add(tuple(map(span, node["Args"])))
        elif node.get("Type") == "DeclClause":
            found.add((span(node["Variant"]),))
        elif node.get("Type") == "LetClause":
            found.add((span(node)._replace(end=span(node).start + 3),))
    return found


def by_us(text: str) -> set[tuple[Span, ...]]:
    """The same of ours; of a declaration only the first word, since shfmt makes no words of the others."""
    commands = [command for command in scan(text).commands if command.words]
    return {
        tuple(word.span for word in (command.words[:1] if literals(command)[0] in DECLARATIONS else command.words))
        for command in commands
    }


def compared(texts: list[str]) -> tuple[int, list[str]]:
    """How many commands shfmt found, and those that only one of us found; refused scripts are told apart by halving."""
    text = "\n".join(texts)
    expected = by_shfmt(text)
    if expected is None and len(texts) > 1:
        one, two = compared(texts[: len(texts) // 2]), compared(texts[len(texts) // 2 :])
        return one[0] + two[0], one[1] + two[1]
    if expected is None:
        return 0, []
    return len(expected), [text[words[0].start : words[-1].end] for words in sorted(expected ^ by_us(text))]


@pytest.mark.shared
@pytest.mark.peer
@pytest.mark.skipif(not SHFMT.exists(), reason="compares with shfmt, which is not installed")
def test_agrees_with_shfmt(shared: Path) -> None:
    texts = list(dict.fromkeys(scripts_of(shared)))
    total, differing = 0, []
    for start in range(0, len(texts), 20):
        count, differences = compared(texts[start : start + 20])
        total += count
        differing += differences
    assert total > 10_000
    assert differing == []
