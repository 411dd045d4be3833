"""Dockerfiles made at random, from the pieces at which a reader of them stumbles."""

from __future__ import annotations

from hypothesis import strategies as st

KEYWORDS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
    "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR", "run", "FrOm", "INCLUDE",
)  # fmt: skip
FLAGS = (
    "--platform=$BUILDPLATFORM", "--from=b", "--from=$x", "--chown=é", "--chmod=755", "--link", "--link=no", "--",
    "--mount=type=cache,target=/x", '--mount="type=bind', "--mount=type=secret,id=a,required", "--interval=1m30s",
    "--retries=3", "--network=host", '--a="b c"', "--à=\xa0", "--mount=from=$x,target=/", "--x",
)  # fmt: skip
VARIABLES = (
    "$x", "${x}", "${x:-y}", "${x-", "${x:+$y}", "${x:?no}", "${x#a*}", "${x##*/}", "${x%?}", "${x%%b*}", "${x/a/b}",
    "${x//a/$0}", "${}", "${", "$", "$$", "$1", "${x:y}", "${x//\\/", "${x:-${y:-${z}}}", "$TARGETARCH", "${x/*/}",
)  # fmt: skip
HEREDOCS = ("<<EOF", "<<-EOF", "3<<EOF", "<< EOF", '<<"E F"', "<<'EOF'", "<<<x", "<<EOF)", "<<", "1<<a 2<<b", "a<<EOF")
WORDS = (
    "a", "AS", "b", "CMD", "NONE", "a=b", "=", "k=", '"a b"', "'", '"', "\\", "`", "\\\\", '["a", "b"]', "['a']", "[1]",
    '["\\ud800"]', "[", "80/tcp", "1-3/udp", "8080:80", "/a/../b", "https://example.org/a", "alpine:3.20", "scratch",
    "org.opencontainers.image.source=https://github.com/a/b", "org.opencontainers.image.licenses=MIT", "#", "EOF",
    "é", "\U0001f433", "NaN", "SIGTERM",
)  # fmt: skip
BLANKS = (" ", " ", " ", "  ", "\t", "\xa0", "\v", "\f", "\x85", "\u2028", "\x1c")
LINES = (
    "# escape=`", "# escape=\\", "# escape=x", "# syntax=docker/dockerfile:1", "# check=skip=all;error=true", "#",
    "# imglint: ignore[missing-source] later", "# imglint: ignore-file[labels]", "# hadolint ignore=DL3006", "", "   ",
    "EOF", "\tEOF", "E F", "#!/bin/sh", "\\", "FROM alpine AS b", "FROM b", "FROM scratch", "ARG x=1", "ENV y=$x$x",
    "  # a",
)  # fmt: skip
ENDS = ("\n", "\n", "\n", " \\\n", "\\\n", " `\n", "\\ \n", "\\\\\n")
ODD = ("\x00", "\r", "\r\n", "\ufeff", "\udc80", "\udcff", "\ud800", "\u2028", "\x0b")


def joined(pieces: tuple[str, ...] | st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    """Up to `most` of the pieces, one after the other."""
    each = pieces if isinstance(pieces, st.SearchStrategy) else st.sampled_from(pieces)
    return st.lists(each, max_size=most).map("".join)


WORD = st.one_of(st.sampled_from(FLAGS + VARIABLES + HEREDOCS + WORDS), joined(VARIABLES + WORDS, 3))
ARGUMENTS = joined(st.tuples(st.sampled_from(BLANKS), WORD).map("".join), 5)
INSTRUCTION = st.tuples(joined(("", "", "", "ONBUILD "), 2), st.sampled_from(KEYWORDS), ARGUMENTS).map("".join)
LINE = st.one_of(INSTRUCTION, INSTRUCTION, st.sampled_from(LINES))


def dockerfiles(odd: bool = True) -> st.SearchStrategy[str]:
    """Texts like Dockerfiles; with `odd` also with byte-order marks, NUL, stray CRs and lone surrogates anywhere."""
    ends = ENDS + ODD if odd else ENDS
    body = st.lists(st.tuples(LINE, st.sampled_from(ends)).map("".join), max_size=8).map("".join)
    if not odd:
        return body
    return st.one_of(body, st.tuples(st.sampled_from(("", "\ufeff")), body, st.text(max_size=20)).map("".join))
