"""Which instruction made which layer, in the dialects of builders, and where it stands in a Dockerfile."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.model.image.image import At, Layer, Step, Variant
from imglint.model.image.lines import line_of
from imglint.model.image.steps import Made, arguments, instruction, maker, makers
from imglint.read.image.documents import config_of, document, history_of
from imglint.source import Source
from imglint.syntax.dockerfile import parse

HASH = "a" * 64
EMPTY = {"empty_layer": True}
ROOT = document(b"{}", "x")


def step(created_by: str) -> Step:
    return Step(0, At(ROOT, ("history", 0)), created_by=created_by)


@pytest.mark.parametrize(
    ("created_by", "wanted"),
    [
        # The classic builder of Docker, and buildah.
        (f"/bin/sh -c #(nop) COPY file:{HASH} in /x ", "COPY … /x"),
        (f"/bin/sh -c #(nop) COPY --chown=1:1 dir:{HASH} in /srv", "COPY --chown=1:1 … /srv"),
        (f"/bin/sh -c #(nop) ADD multi:{HASH} in /x/ ", "ADD … /x/"),
        (f"/bin/sh -c #(nop) ADD file:{HASH}.tar in / ", "ADD … /"),
        ('/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'),
        ("/bin/sh -c apt-get update", "RUN apt-get update"),
        ("|1 TOKEN=hunter2 /bin/sh -c make all", "RUN make all"),
        ("|2 A=one two B= /bin/sh -c make", "RUN make"),
        ("|0 /bin/sh -c make", "RUN make"),
        ("/bin/bash -o pipefail -c a | b", "RUN a | b"),
        ("/bin/sh -c #(nop) LABEL a=b|unsetLabel=true|force-mtime=9", "LABEL a=b"),
        # BuildKit.
        ("COPY a b /c/ # buildkit", "COPY a b /c/"),
        ("RUN /bin/sh -c make # buildkit", "RUN make"),
        ("RUN |1 TOKEN=hunter2 /bin/sh -c make # buildkit", "RUN make"),
        ("RUN /bin/bash -eo pipefail -c a | b # buildkit", "RUN a | b"),
        ("RUN |1 TOKEN=hunter2 make all # buildkit", "RUN …"),
        ("WORKDIR /srv", "WORKDIR /srv"),
        ("EXPOSE map[443/tcp:{} 80/tcp:{}]", "EXPOSE 443/tcp 80/tcp"),
        ("EXPOSE [80/tcp]", "EXPOSE 80/tcp"),
        # Windows.
        (f"cmd /S /C #(nop) COPY dir:{HASH} in C:\\srv ", "COPY … C:\\srv"),
        ("powershell -Command $x = 1; make", "RUN $x = 1; make"),
        # Others write what they like.
        ("bazel build ...", "bazel build ..."),
        ("umoci insert", "umoci insert"),
        ("ko build ko://example.com/a", "ko build ko://example.com/a"),
        ("", ""),
        ("# buildkit", ""),
    ],
)
def test_dialects(created_by: str, wanted: str) -> None:
    assert instruction(step(created_by)) == wanted


@pytest.mark.parametrize(
    ("created_by", "wanted"),
    [
        ("/bin/sh -c make", []),
        ("|1 TOKEN=hunter2 /bin/sh -c make", [("TOKEN", "hunter2")]),
        ("RUN |2 A=one two B= /bin/sh -c make C=d # buildkit", [("A", "one two"), ("B", "")]),
        ("RUN |3 A=b /bin/sh -c make # buildkit", [("A", "b")]),
        ("|1 nothing", []),
    ],
)
def test_build_arguments(created_by: str, wanted: list[tuple[str, str]]) -> None:
    assert list(arguments(step(created_by))) == wanted


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"\A[a-z0-9]{12,20}( [a-z0-9]{1,9}){0,2}\Z"), st.sampled_from(["", "RUN "]), st.booleans())
def test_no_secret_is_ever_shown(secret: str, run: str, has_shell: bool) -> None:
    shell = "/bin/sh -c " if has_shell else ""
    assert secret not in instruction(step(f"{run}|2 A=b TOKEN={secret} {shell}make # buildkit"))


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from("RUN COPY|1A=/binsh-c#(nop)EXPOSE[]map:{}'\" \n"), max_size=60) | st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    found = step(text)
    assert isinstance(instruction(found), str)
    assert all(name is not None for name, _ in arguments(found))


@pytest.mark.parametrize("piece", ["/a", " -c", "|9 ", "A=b ", "/bin/sh ", "(", " -o x", "|unsetA=b", "sh "])
def test_reading_is_linear(piece: str) -> None:
    def seconds(count: int) -> float:
        text = f"|999 A={piece * count}"
        start = time.perf_counter()
        instruction(step(text))
        arguments(step(text))
        instruction(step(f"/bin/sh -c #(nop) {piece * count}"))
        return time.perf_counter() - start

    assert seconds(200_000) < 20 * seconds(20_000) + 0.5


def variant(*history: dict[str, Any], layers: int | None = None) -> Variant:
    made = sum(not each.get("empty_layer") for each in history)
    value = {"rootfs": {"type": "layers", "diff_ids": ["x"] * made}, "history": list(history)}
    config = config_of(document(json.dumps(value).encode(), "config.json"))
    count = made if layers is None else layers
    found = tuple(Layer(number, At(ROOT, ())) for number in range(count))
    return Variant(None, config=config, layers=found, history=history_of(config))


def made(of: Variant) -> list[Made | None]:
    found = [maker(of, layer) for layer in of.layers or ()]
    assert found == list(makers(of))
    return found


def words(of: Variant) -> list[tuple[str, bool] | None]:
    return [(each.instruction, each.ends_at) if each else None for each in made(of)]


def by(*lines: str, comment: str = "") -> list[dict[str, Any]]:
    """A history; a line in brackets made no layer."""
    return [
        {"created_by": line.strip("()"), "comment": comment, **(EMPTY if line.startswith("(") else {})}
        for line in lines
    ]


def test_each_layer_has_its_step() -> None:
    history = by("ADD a /", "(CMD a", "RUN make", "(ENV A=b", "WORKDIR /srv")
    assert words(variant(*history)) == [("ADD a /", False), ("RUN make", False), ("WORKDIR /srv", False)]


def test_a_history_of_another_length_tells_nothing() -> None:
    assert words(variant(*by("COPY a /", "COPY b /"), layers=1)) == [None]
    assert words(variant(*by("COPY a /"), layers=2)) == [None, None]
    assert words(variant(*by("COPY a /"))._replace(history=None)) == [None]


def test_buildah_puts_all_into_the_last() -> None:
    of = variant(*by("(/bin/sh -c #(nop) COPY a /", "(/bin/sh -c make", "/bin/sh -c #(nop) HEALTHCHECK CMD a"))
    assert words(of) == [("HEALTHCHECK CMD a", True)]
    of = variant(*by("ADD a /", "(/bin/sh -c make", "/bin/sh -c make install"))
    assert words(of) == [("ADD a /", False), ("RUN make install", True)]


def test_buildkit_drops_layers_in_which_nothing_changed() -> None:
    of = variant(*by("(RUN /bin/sh -c true # buildkit", "COPY a / # buildkit", comment="buildkit.dockerfile.v0"))
    assert words(of) == [("COPY a /", False)]


def test_squashing_leaves_a_step_without_words() -> None:
    of = variant(*by("(COPY a /", "(RUN /bin/sh -c make", ""))
    assert words(of) == [("RUN make", True)]
    assert words(variant(*by(""))) == [("", False)]


DOCKERFILE = r"""
FROM golang:1.23 AS build
RUN make

FROM alpine:3.20 AS base
ARG VERSION
RUN apk add curl
COPY --chown=app:app conf /etc/widget/

FROM base
WORKDIR /srv
RUN --mount=type=cache,target=/cache apt-get update && \
    # a comment
    apt-get install -y   curl
RUN ["make", "it so"]
RUN <<EOF
echo one
echo two
EOF
COPY --from=build /out/${VERSION}/widget widget
COPY a.txt b.txt ./data/
ENV PATH="/opt/bin:$PATH" MODE=fast
RUN make
RUN make
EXPOSE 8080 9090/udp
ENTRYPOINT ["/srv/widget", "run"]
HEALTHCHECK --interval=5m CMD curl localhost
"""


def line(created_by: str, *later: str, text: str = DOCKERFILE) -> int | None:
    """The line (from 1) of the instruction that made a layer, after which others were made."""
    source = Source("Dockerfile", text)
    (first, *_) = made(variant(*by(created_by, *later)))
    assert first is not None
    span = line_of(first, parse(source))
    return source.position(span.start).line if span else None


@pytest.mark.parametrize(
    ("created_by", "number"),
    [
        ("RUN |1 VERSION=9 /bin/sh -c apk add curl # buildkit", 7),
        ("|1 VERSION=9 /bin/sh -c apk add curl", 7),
        ("COPY conf /etc/widget/ # buildkit", 8),
        (f"/bin/sh -c #(nop) COPY dir:{HASH} in /etc/widget/ ", 8),
        ("WORKDIR /srv", 11),
        ("RUN /bin/sh -c apt-get update &&     apt-get install -y   curl # buildkit", 12),
        ("/bin/sh -c --mount=type=cache,target=/cache apt-get update && apt-get install -y curl", 12),
        ("RUN make it so # buildkit", 15),
        ("RUN /bin/sh -c echo one\necho two\n # buildkit", 16),
        ("COPY /out/1.2/widget widget # buildkit", 20),
        (f"/bin/sh -c #(nop) COPY file:{HASH} in /srv/widget ", 20),
        ("COPY a.txt b.txt ./data/ # buildkit", 21),
        (f"/bin/sh -c #(nop) COPY multi:{HASH} in /srv/data/ ", 21),
        (f"/bin/sh -c #(nop) COPY multi:{HASH} in ./data/ ", 21),
        ("ENV PATH=/opt/bin:/usr/bin:/bin MODE=fast", 22),
        ("EXPOSE map[8080/tcp:{} 9090/udp:{}]", 25),
        ('ENTRYPOINT ["/srv/widget" "run"]', 26),
        ('HEALTHCHECK &{["CMD-SHELL" "curl localhost"] "5m0s" "0s" "0s" "0s" \'\\x00\'}', 27),
        ("RUN /bin/sh -c rm -rf / # buildkit", None),
        (f"/bin/sh -c #(nop) ADD file:{HASH} in / ", None),
        ("bazel build ...", None),
        ("", None),
    ],
)
def test_where_it_is_written(created_by: str, number: int | None) -> None:
    assert line(created_by) == number


def test_equal_instructions_are_counted_from_the_last() -> None:
    same = "RUN /bin/sh -c make # buildkit"
    assert line(same) == 24
    assert line(same, same) == 23
    assert line(same, "COPY x /", same) == 23
    # A third one, further down, is of the base image, although another stage has one, too.
    assert line(same, same, same) is None


def test_another_stage_may_be_the_target() -> None:
    text = "FROM a AS one\nRUN first\nFROM b AS two\nRUN second\n"
    assert line("RUN /bin/sh -c first # buildkit", text=text) == 2
    assert line("RUN /bin/sh -c second # buildkit", text=text) == 4


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=60))
def test_any_file_is_searched(created_by: str, text: str) -> None:
    source = Source("Dockerfile", text)
    (first,) = made(variant(*by("x"), layers=1))
    assert first is not None
    found = line_of(first._replace(instruction=created_by), parse(source))
    assert found is None or 0 <= found.start <= found.end <= len(text)
