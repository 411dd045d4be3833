"""Altered variables and simple pipelines in words of the shell: bash and the tools themselves say what they give."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imglint.model.build import Merge
from imglint.model.files import command_scene
from imglint.source import Source, Span
from imglint.syntax import jq, pipeline
from imglint.syntax.text import HOLE, Text, literal, unknown

SOURCE = Source("x.sh", "x")
NAMES = "X=Acme/My_Widget.git\n"
NEEDS_BASH = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
NEEDS_JQ = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed (apt-get install jq)")


def written(text: str) -> Text:
    return literal(text, SOURCE, Span(0, 1), exact=False)


def words_of(word: str, before: str = NAMES) -> list[str]:
    """The words that one word comes to, `…` for what is not known."""
    events = command_scene("", Source("x.sh", f"{before}docker buildx imagetools create -t x {word}\n")).events
    return [source.shown for event in events if isinstance(event, Merge) for source in event.sources]


def words_of_bash(word: str, before: str = NAMES) -> list[str]:
    script = f"{before}printf '%s\\n' {word}"
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, timeout=30)
    return run.stdout.splitlines()


@NEEDS_BASH
@pytest.mark.parametrize(
    "word",
    [
        "${X,,}", "${X^^}", "${X,}", "${X^}", "${X#*/}", "${X##*/}", "${X%/*}", "${X%%/*}", "${X%.git}", "${X#Acme}",
        "${X//_/-}", "${X/_/-}", "${X/_}", "${X//\\//-}", "${X%?}", "${X#Z}", "${X//a/}", "${X%%.*}", "${X//i?/.}",
        '"${X,,}"', '"a${X##*/}b"', "${X%\\.git}", "${X/%git/z}x",
        '$(echo "$X" | tr A-Z a-z)', '$(echo $X | tr "[:upper:]" "[:lower:]")', "$(echo $X | tr '[A-Z]' '[a-z]')",
        '$(tr A-Z a-z <<< "$X")', '$(printf %s "$X" | tr a-z A-Z)', "`echo $X | tr A-Z a-z`",
        '$(echo "$X" | cut -d/ -f2)', "$(echo $X | cut -d '/' -f 1 | tr A-Z a-z)", '$(cut -f2 -d_ <<< "$X")',
        '$(echo -n "$X" | tr / -)', "$(echo $X | tr -d _)", "$(echo $X | awk '{print tolower($0)}')",
        "$(echo $X | sed 's/.*/\\L&/')", "$(echo $X | sed -e 's/[A-Z]/\\L&/g')", "$(echo a${X,,}b)",
        "$(printf 'w:%s ' a b)", "$(printf 'w:%s\\n' $X)", "$(echo a b)", '"$(echo a b)"', "$(echo $X | cut -d: -f2)",
        '"$(echo $(echo $X | tr A-Z a-z) | cut -d/ -f1)"', "$(printf plain)", "$(echo $X|tr A-Z a-z)",
    ],
)  # fmt: skip
def test_as_bash_has_it(word: str) -> None:
    found = words_of(word)
    assert found == words_of_bash(word) if word != "${X/%git/z}x" else found == ["…x"]


@pytest.mark.parametrize(
    "word",
    [
        "${X@Q}", "${X##[A-Z]}", "${X/$Y/z}", "${!X}", "$(echo $X | rev)", "$(echo $X | tr a-y b-z)", "$(date)",
        "$(echo $X > file)", "$(echo $X; echo b)", "$(echo $X && true)", "$(cat file | tr A-Z a-z)",
        "$(echo $X | cut -c1-3)", "$(echo $X | sed s/a/b/)", "$(printf '%d' 1)", "$(echo '\\n' | tr A-Z a-z)",
        "$(Y=1 echo $X)", "$(echo $X | tr -s _)", "$(tr A-Z a-z < file)", "$(echo $X | jq .tags)",
    ],
)  # fmt: skip
def test_what_is_not_known(word: str) -> None:
    assert words_of(word) == ["…"]


def test_unknown_parts_stay_unknown() -> None:
    assert words_of("ghcr.io/$(echo acme/$UNSET | tr a-z A-Z)") == ["ghcr.io/ACME/…"]
    assert words_of("${Y##*/}", "Y=ghcr.io/$UNSET\n") == ["…"]
    assert words_of("$(printf 'w@sha256:%s ' *)") == ["w@sha256:…"]


@NEEDS_BASH
@settings(max_examples=60, deadline=None)
@given(st.text("aB/_.-:", min_size=1, max_size=12), st.text("aB/_.*?-", min_size=1, max_size=4),
       st.sampled_from(["#", "##", "%", "%%", "/", "//", ",,", "^^"]))  # fmt: skip
def test_alterations_agree_with_bash(value: str, pattern: str, operator: str) -> None:
    pattern = "" if operator in (",,", "^^") else pattern
    word = f'"x${{X{operator}{pattern}}}"'
    (found,) = words_of(word, f"X='{value}'\n")
    assume("…" not in found)
    assert [found] == words_of_bash(word, f"X='{value}'\n")


TAGS = ["docker.io/acme/w:1", "ghcr.io/acme/w:1", "ghcr.io/acme/w:latest"]


@NEEDS_JQ
@pytest.mark.parametrize(
    "arguments",
    [
        ["-cr", '.tags | map("-t " + .) | join(" ")'],
        ["-r", '.tags | map("--tag", .) | join(" ")'],
        ["-r", ".tags[]"],
        ["-r", ".tags[1]"],
        ["-c", "--raw-output", '.tags | join(",")'],
        ["-cr", '.tags\n| map(select(startswith("ghcr.io/")))\n| map("-t " + .) | join(" ")'],
        ["-r", '.tags | map(select(startswith("quay.io/"))) | join(" ")'],
    ],
)
def test_jq(arguments: list[str]) -> None:
    document = jq.document(map(written, TAGS), written('"labels":{}'))
    assert json.loads(document.text)["tags"] == TAGS
    run = subprocess.run(["jq", *arguments], input=document.text, capture_output=True, text=True, check=True)
    found = jq.filtered(arguments, document)
    assert found is not None
    assert found.text == run.stdout.rstrip("\n")


@pytest.mark.parametrize("arguments", [[], [".tags[]"], ["-r", ".labels"], ["-r", ".tags"], ["-r", ".tags | sort"],
                                       ["-r", ".tags[9]"], ["-r", "-x", ".tags[]"]])  # fmt: skip
def test_other_programs_of_jq(arguments: list[str]) -> None:
    assert jq.filtered(arguments, jq.document(map(written, TAGS), written("x"))) is None


def test_jq_and_unknown_tags() -> None:
    tags = [written("ghcr.io/acme/w:1"), unknown("the tag", SOURCE, Span(0, 1))]
    document = jq.document(tags, written("x"))
    found = jq.filtered(["-r", '.tags | map("-t " + .) | join(" ")'], document)
    assert found is not None and found.shown == "-t ghcr.io/acme/w:1 -t …"
    assert jq.filtered(["-r", '.tags | map(select(startswith("ghcr"))) | join(" ")'], document) is None


@settings(max_examples=200, deadline=None)
@given(st.text("$(){}`'\"|<> \nechotrcutsdjqAZaz-/.%\\[]" + HOLE, max_size=60))
def test_anything(script: str) -> None:
    pipeline.printed(written(f"echo {script}"), lambda word: written(word.literal or HOLE))
    words_of(f"$(echo {script})")
    words_of(f"${{X/{script}}}")
