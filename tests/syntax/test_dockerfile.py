"""A Dockerfile's lines, directives, flags, arguments and heredocs, with what is odd in BuildKit's reading of them."""

from __future__ import annotations

import pytest

from imglint.source import Source, decode
from imglint.syntax.dockerfile import MAX_INSTRUCTIONS, MAX_LINE_BYTES, Dockerfile, parse, words_of
from imglint.syntax.tree import Instruction


def read(text: str) -> Dockerfile:
    return parse(Source("Dockerfile", text))


def only(text: str) -> Instruction:
    """The one instruction of a text that nothing is wrong with."""
    dockerfile = read(text)
    assert dockerfile.problems == ()
    (instruction,) = dockerfile.instructions
    return instruction


def rows(text: str) -> list[tuple[str, ...]]:
    """Each instruction as its keyword and its arguments."""
    return [(each.keyword.text, *(word.text for word in words_of(each))) for each in read(text).instructions]


def codes(text: str) -> list[str]:
    return [problem.code for problem in read(text).problems]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("RUN a\nRUN b", [("RUN", "a"), ("RUN", "b")], id="a line each"),
        pytest.param("RUN a\r\nRUN b\r\n", [("RUN", "a"), ("RUN", "b")], id="CRLF"),
        pytest.param("RUN a\rRUN b", [("RUN", "a\rRUN b")], id="a lone CR ends no line"),
        pytest.param("RUN a\u2028RUN b", [("RUN", "a\u2028RUN b")], id="nor does a line separator"),
        pytest.param("RUN a\x85b\x0bc", [("RUN", "a\x85b\x0bc")], id="nor do NEL and VT"),
        pytest.param("\ufeffRUN a", [("RUN", "a")], id="a byte-order mark is dropped"),
        pytest.param("RUN \ufeffa", [("RUN", "\ufeffa")], id="elsewhere it is a character"),
        pytest.param("RUN a\x00b", [("RUN", "a\x00b")], id="NUL passes"),
        pytest.param("\xa0 RUN a \u3000", [("RUN", "a")], id="Unicode white space is trimmed"),
        pytest.param("RUN a\x1c", [("RUN", "a\x1c")], id="a file separator is none"),
        pytest.param("RUN\xa0a", [("RUN\xa0a", "")], id="NBSP does not end a keyword"),
        pytest.param("RUN\va", [("RUN", "a")], id="VT does"),
        pytest.param("run a", [("run", "a")], id="any case"),
        pytest.param("RUN ec\\\nho", [("RUN", "echo")], id="joining inserts nothing"),
        pytest.param("RUN a\\  \t\n b", [("RUN", "a b")], id="blanks behind the escape go, those before stay"),
        pytest.param("RU\\\nN a", [("RUN", "a")], id="a keyword can be split"),
        pytest.param("RUN a\\\\\nRUN b", [("RUN", "a\\\\"), ("RUN", "b")], id="two escapes continue nothing"),
        pytest.param("RUN a\\\\\\\nRUN b", [("RUN", "a\\\\\\"), ("RUN", "b")], id="three neither"),
        pytest.param("RUN a\\", [("RUN", "a")], id="the end of the file ends a continuation"),
        pytest.param("RUN a \\\n\n\t\n b", [("RUN", "a  b")], id="blank lines in between are dropped"),
        pytest.param("RUN a \\\n # c \\\n b", [("RUN", "a  b")], id="comments too, even such that seem to continue"),
        pytest.param("RUN a # b", [("RUN", "a # b")], id="no comment on the line of an instruction"),
        pytest.param("EXPOSE 80 # web", [("EXPOSE", "80", "#", "web")], id="not even for EXPOSE"),
        pytest.param("\\\nRUN a", [("RUN", "a")], id="a line of only the escape"),
        pytest.param("# escape=`\nRUN a`\n\\", [("RUN", "a\\")], id="another escape"),
        pytest.param("FOO bar", [("FOO", "")], id="unknown"),
    ],
)
def test_lines(text: str, wanted: list[tuple[str, ...]]) -> None:
    assert rows(text) == wanted


def test_lines_of_an_instruction_reach_to_the_last_one_read() -> None:
    dockerfile = read("\nRUN a \\\n # x\n\n b\nRUN c \\\n # d\n")
    assert [each.lines for each in dockerfile.instructions] == [(2, 5), (6, 7)]
    assert [each.empty_continuation for each in dockerfile.instructions] == [True, False]


def test_a_line_may_be_long_only_when_it_is_continued() -> None:
    limit = MAX_LINE_BYTES
    assert codes("RUN " + "a" * (limit - 4)) == []
    assert codes("RUN " + "a" * (limit - 4) + "\n") == ["line-too-long"]
    assert codes("RUN " + "é" * (limit // 2)) == ["line-too-long"]
    assert codes("RUN " + "a \\\n" * limit) == []
    assert codes("RUN <<EOF\n" + "a" * limit + "\nEOF\n") == ["line-too-long"]


def test_undecodable_bytes_are_read() -> None:
    assert rows(decode(b"RUN \xff\xc3")) == [("RUN", "\udcff\udcc3")]


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", "# only\n"])
def test_a_file_needs_an_instruction(text: str) -> None:
    assert codes(text) == ["no-instructions"]


@pytest.mark.parametrize(
    ("text", "escape", "names", "problems"),
    [
        ("# escape=`\n", "`", ["escape"], []),
        ("#escape = ` \n", "`", ["escape"], []),
        ("# ESCAPE=`\n", "`", ["escape"], []),
        ("\ufeff# escape=`\n", "`", ["escape"], []),
        ("  # escape=`\n", "`", ["escape"], []),
        ("# check=skip=all\n# escape=`\n", "`", ["check", "escape"], []),
        ("# syntax=a b\n", "\\", ["syntax"], []),
        ("# escape=\\\n# escape=`\n", "`", ["escape", "escape"], ["directive-repeated"]),
        ("# escape=x\n", "\\", ["escape"], ["invalid-escape"]),
        ("# escape=``\n", "\\", ["escape"], ["invalid-escape"]),
        ("# escape=  \n", "\\", ["escape"], ["invalid-escape"]),
        ("\n# escape=`\n", "\\", [], []),
        ("# a comment\n# escape=`\n", "\\", [], []),
        ("# unknown=1\n# escape=`\n", "\\", [], []),
        ("#!/bin/sh\n# escape=`\n", "\\", [], []),
        ("FROM a\n# escape=`\n", "\\", [], []),
        ("# escape\n", "\\", [], []),
        ("# syntax=\n", "\\", [], []),
    ],
)
def test_directives(text: str, escape: str, names: list[str], problems: list[str]) -> None:
    dockerfile = read(text + "FROM a\n")
    assert dockerfile.escape == escape or problems == ["directive-repeated"]
    assert [directive.name for directive in dockerfile.directives] == names
    assert [problem.code for problem in dockerfile.problems] == problems


def test_a_directive_keeps_its_value_line_and_place() -> None:
    dockerfile = read("# syntax = docker/dockerfile:1  \n  # check=skip=A, B\nFROM a\n")
    first, second = dockerfile.directives
    assert (first.value, first.line, first.indented) == ("docker/dockerfile:1", 1, False)
    assert (second.value, second.line, second.indented) == ("skip=A, B", 2, True)
    assert dockerfile.source.slice(second.span) == "# check=skip=A, B"


def test_comments_belong_to_the_instruction_below_or_around() -> None:
    dockerfile = read("# a\n\n#  b \nFROM x\nRUN a \\\n  # c\n  b\n# d\n")
    first, second = dockerfile.instructions
    assert [comment.text for comment in first.comments] == ["a", "b"]
    assert [(comment.text, comment.line) for comment in second.inner_comments] == [("c", 6)]
    assert [comment.text for comment in dockerfile.comments] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("text", "flags", "arguments"),
    [
        ("COPY --from=a --link b c", ["--from=a", "--link"], ["b", "c"]),
        ("CMD --x y", ["--x"], ["y"]),
        ("COPY --from=a -- --b c", ["--from=a"], ["--b", "c"]),
        ("COPY a --from=b c", [], ["a", "--from=b", "c"]),
        ("COPY --chown='a b':\"c\" d e", ["--chown=a b:c"], ["d", "e"]),
        ("COPY --chown=a\\ b c d", ["--chown=a b"], ["c", "d"]),
        ("COPY --chown=é a b", ["--chown=Ã©"], ["a", "b"]),
        ("COPY --chown=à a b", ["--chown=Ã"], ["a", "b"]),
        ("COPY --a\\\n --b c d", ["--a", "--b"], ["c", "d"]),
        ("COPY --'' a b", [], ["a", "b"]),
    ],
)
def test_flags_are_read_byte_by_byte(text: str, flags: list[str], arguments: list[str]) -> None:
    instruction = only(text)
    assert [flag.text for flag in instruction.flags] == flags
    assert [word.text for word in instruction.arguments] == arguments


def test_the_value_of_a_flag_and_its_place() -> None:
    instruction = only("COPY --from=a --link b c")
    flag = instruction.flag("from")
    assert flag is not None
    assert (flag.text, flag.span) == ("a", (12, 13))
    assert instruction.flag("link") is None
    assert instruction.flag("chown") is None


@pytest.mark.parametrize(
    ("text", "exec_form", "arguments"),
    [
        ('CMD ["a", "b"]', True, ["a", "b"]),
        ("CMD []", True, []),
        ('CMD [ "a\\u00e9\\n" ] ', True, ["aé\n"]),
        ('RUN ["a"', False, ['["a"']),
        ('RUN ["a"] b', False, ['["a"] b']),
        ("RUN ['a']", False, ["['a']"]),
        ('RUN ["a",]', False, ['["a",]']),
        ('RUN ["c:\\w"]', False, ['["c:\\w"]']),
        ("RUN [NaN]", False, ["[NaN]"]),
        ("RUN " + "[" * 9_000, False, ["[" * 9_000]),
        ("RUN [ -f x ] && y", False, ["[ -f x ] && y"]),
        ('COPY ["a b", "c"]', True, ["a b", "c"]),
        ('COPY "a b" c', False, ['"a', 'b"', "c"]),
        ('VOLUME ["/a", "/b"]', True, ["/a", "/b"]),
        ("VOLUME /a  /b", False, ["/a", "/b"]),
        ("USER a b", False, ["a b"]),
        ("EXPOSE 80\t81", False, ["80", "81"]),
        ('HEALTHCHECK CMD ["a"]', True, ["CMD", "a"]),
        ("HEALTHCHECK cmd a b", False, ["cmd", "a b"]),
        ("HEALTHCHECK NONE", False, ["NONE"]),
        ('SHELL ["a"]', True, ["a"]),
        ('CMD ["\\ud800"]', True, ["\ufffd"]),
    ],
)
def test_forms_of_arguments(text: str, exec_form: bool, arguments: list[str]) -> None:
    instruction = only(text)
    assert instruction.exec_form == exec_form
    assert [word.text for word in instruction.arguments] == arguments


def test_spans_of_json_strings_hold_their_quotes() -> None:
    instruction = only('CMD ["a", \\\n "b\\""]')
    source = Source("Dockerfile", 'CMD ["a", \\\n "b\\""]')
    assert [source.slice(word.span) for word in instruction.arguments] == ['"a"', '"b\\""']


@pytest.mark.parametrize("elements", ["1", '"a", null', "[]", "{}", "1e999", "9" * 5_000, "-0.5"])
def test_a_json_array_must_hold_strings(elements: str) -> None:
    assert codes(f"RUN [{elements}]") == ["json-not-strings"]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("ENV a=b c=d", [("a", "b", "="), ("c", "d", "=")]),
        ("ENV a b c", [("a", "b c", "")]),
        ("ENV a  b=c", [("a", "b=c", "")]),
        ("LABEL a=\"b c\" 'd e'=f", [("a", '"b c"', "="), ("'d e'", "f", "=")]),
        ("LABEL a=b\\ c", [("a", "b\\ c", "=")]),
        ("LABEL a='b\\' c=d", [("a", "'b\\'", "="), ("c", "d", "=")]),
        ("LABEL a=b \\\n c=d", [("a", "b", "="), ("c", "d", "=")]),
        ("LABEL a==b", [("a", "=b", "=")]),
        ("LABEL a= b=", [("a", "", "="), ("b", "", "=")]),
        ("LABEL =a", [("", "a", "=")]),
        ('LABEL a="b', [("a", '"b', "=")]),
        ("ARG a b=c", [("a", None, ""), ("b", "c", "=")]),
    ],
)
def test_pairs(text: str, pairs: list[tuple[str, str | None, str]]) -> None:
    instruction = only(text)
    assert [(key.text, value.text if value else None, sign) for key, value, sign in instruction.pairs] == pairs


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ENV a", "missing-value"),
        ("LABEL a", "missing-value"),
        ("ENV a=b c", "missing-equals"),
        ("LABEL a=b c d=e", "missing-equals"),
        ("ONBUILD ENV a", "missing-value"),
    ],
)
def test_pairs_that_are_none(text: str, code: str) -> None:
    assert codes(f"FROM x\n{text}\nRUN y") == [code]
    assert len(read(f"FROM x\n{text}\nRUN y").instructions) == 3


@pytest.mark.parametrize(
    ("opening", "name", "fd", "expand", "chomp"),
    [
        ("<<EOF", "EOF", 0, True, False),
        ("<< EOF", "EOF", 0, True, False),
        ("<<-EOF", "EOF", 0, True, True),
        ("3<<EOF", "EOF", 3, True, False),
        ('<<"E F"', "E F", 0, False, False),
        ("<<'EOF'", "EOF", 0, False, False),
        ('<<E"O"F', "EOF", 0, False, False),
        ("<<\\EOF", "EOF", 0, True, False),
        ("<<EOF)", "EOF)", 0, True, False),
        ("<<$x", "$x", 0, True, False),
        ("<<${x}", "${x}", 0, True, False),
        ("<<EOF|sh", "EOF|sh", 0, True, False),
        ("a <<EOF && b", "EOF", 0, True, False),
        ("echo $((1 << 2))", "2))", 0, True, False),
    ],
)
def test_heredocs(opening: str, name: str, fd: int, expand: bool, chomp: bool) -> None:
    text = f"RUN {opening}\n\t# body \\\n{name}\nUSER x\n"
    instruction, following = read(text).instructions
    (heredoc,) = instruction.heredocs
    assert (heredoc.name, heredoc.fd, heredoc.expand, heredoc.chomp) == (name, fd, expand, chomp)
    assert heredoc.content == "\t# body \\\n"
    assert instruction.lines == (1, 3)
    assert following.name == "USER"


@pytest.mark.parametrize(
    "line",
    [
        "RUN cat<<EOF",
        'RUN "$(cat <<EOF"',
        "RUN cat <<<EOF",
        "RUN '<<EOF'",
        "RUN \\<<EOF",
        "RUN <<''",
        "RUN <<EOF 'open",
        "RUN <<EOF ${",
        'RUN ["<<EOF"]',
        "CMD <<EOF",
        "ENV a=<<EOF",
    ],
)
def test_what_opens_no_heredoc(line: str) -> None:
    dockerfile = read(f"{line}\nUSER x\n")
    assert [each.name for each in dockerfile.instructions][-1] == "USER"
    assert all(each.heredocs == () for each in dockerfile.instructions)


def test_several_heredocs_are_read_in_order() -> None:
    instruction = only("COPY <<a <<-b /x/\n1\na\n\t2\n\tb\n")
    assert [(each.name, each.content) for each in instruction.heredocs] == [("a", "1\n"), ("b", "\t2\n")]


def test_onbuild_may_hold_a_heredoc() -> None:
    dockerfile = read("ONBUILD RUN <<EOF\nENV a\nEOF\nUSER x")
    assert [each.name for each in dockerfile.instructions] == ["ONBUILD", "USER"]
    assert dockerfile.instructions[0].heredocs[0].content == "ENV a\n"


def test_a_terminator_stands_alone_but_for_its_line_ending() -> None:
    (heredoc,) = only("RUN <<EOF\r\nEOF \r\n EOF\r\nEOF\r\n").heredocs
    assert heredoc.content == "EOF \r\n EOF\r\n"


def test_a_heredoc_without_end_takes_the_rest() -> None:
    dockerfile = read("RUN <<EOF\na\nUSER x")
    assert [(problem.code, problem.line) for problem in dockerfile.problems] == [("unterminated-heredoc", 1)]
    assert dockerfile.instructions[0].heredocs[0].content == "a\nUSER x"


def test_onbuild_holds_an_instruction() -> None:
    assert rows("ONBUILD COPY --link a b") == [("ONBUILD", "COPY", "a", "b")]
    inner = only("ONBUILD COPY --link a b").inner
    assert inner is not None
    assert (inner.name, [flag.text for flag in inner.flags]) == ("COPY", ["--link"])
    assert rows("ONBUILD") == [("ONBUILD",)]


def test_a_file_of_too_many_instructions_is_read_so_far() -> None:
    dockerfile = read("FROM a\n" + "USER b\n" * MAX_INSTRUCTIONS)
    (problem,) = dockerfile.problems
    assert len(dockerfile.instructions) == MAX_INSTRUCTIONS
    assert (problem.code, problem.line) == ("too-many-instructions", MAX_INSTRUCTIONS + 1)
