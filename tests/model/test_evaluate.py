"""What a Dockerfile comes to: the labels of the published image with the way each took, and its configuration."""

from __future__ import annotations

from typing import Any

import pytest

from imglint.model.evaluate import MAX_TRIGGERS, Evaluation, evaluate
from imglint.model.metadata import Setting
from imglint.model.stages import Assumptions
from imglint.model.variables import MAX_ARGUMENTS, MAX_LOOKED_UP
from imglint.source import Source
from imglint.syntax.dockerfile import parse


def published(text: str, **assumptions: Any) -> Evaluation:
    return evaluate(parse(Source("Dockerfile", text)), Assumptions(**assumptions))


def labels(text: str, **assumptions: Any) -> dict[str, str | None]:
    evaluation = published(text, **assumptions)
    return {key: label.value for key, label in evaluation.metadata.labels.items()}


def written(setting: Setting) -> str:
    return setting.source.slice(setting.span)


def codes(text: str, **assumptions: Any) -> list[tuple[str, int, bool]]:
    return [(each.code, each.line, each.assumed) for each in published(text, **assumptions).problems]


class TestValues:
    @pytest.mark.parametrize(
        ("lines", "value", "arguments"),
        [
            ("LABEL k=v", "v", set()),
            ('LABEL k="a b"', "a b", set()),
            ("LABEL k='$x'", "$x", set()),
            ("LABEL k a b", "a b", set()),
            ("LABEL k=", "", set()),
            ("ARG x=1\nLABEL k=$x", "1", {"x"}),
            ("ARG x=1\nARG y=$x.2\nLABEL k=v$y", "v1.2", {"x", "y"}),
            ("ARG x=1\nENV y=$x\nLABEL k=$y", "1", {"x"}),
            ("ARG x=1\nLABEL k=${none:-$x}", None, set()),
            ("ARG x\nLABEL k=$x", None, set()),
            ("ARG x=\nLABEL k=$x", None, set()),
            ("ARG x\nLABEL k=${x:-v}", None, set()),
            ("ENV x=1\nLABEL k=$x", "1", set()),
            ("ENV x=1\nLABEL k=${x:-$none}", "1", set()),
            ("LABEL k=$FROM_THE_BASE", None, set()),
            ("LABEL k=\\$x", "$x", set()),
            ("ARG TARGETARCH\nLABEL k=$TARGETARCH", None, set()),
            ("ARG x=1\nENV x=2\nLABEL k=$x", "2", set()),
            ("ENV x=1\nENV x=2 y=$x\nLABEL k=$y", "1", set()),
            ("ARG x=1 y=$x\nLABEL k=$y", "1", {"x", "y"}),
        ],
    )
    def test_of_a_label(self, lines: str, value: str | None, arguments: set[str]) -> None:
        label = published(f"FROM alpine\n{lines}\n").metadata.labels["k"]
        assert label.value == value
        if value is not None:
            assert label.setting.arguments == arguments

    def test_on_scratch_nothing_else_is_set(self) -> None:
        assert labels("FROM scratch\nLABEL k=x$none p=$PATH") == {
            "k": "x",
            "p": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        }

    def test_build_arguments_take_the_place_of_defaults(self) -> None:
        text = "ARG g=1\nFROM a\nARG g\nARG x=1\nLABEL k=$x g=$g"
        label = published(text, build_arguments={"x": "2", "g": "3"}).metadata.labels["k"]
        assert (label.value, label.setting.arguments) == ("2", frozenset())
        assert labels(text, build_arguments={"x": "2", "g": "3"})["g"] == "3"

    def test_a_global_argument_must_be_declared_again(self) -> None:
        assert labels("ARG g=1\nFROM scratch\nLABEL k=x$g") == {"k": "x"}
        assert labels("ARG g=1\nFROM scratch\nARG g\nLABEL k=x$g") == {"k": "x1"}

    def test_a_default_in_the_stage_beats_the_global_one(self) -> None:
        assert labels("ARG g=1\nFROM scratch\nARG g=2\nLABEL k=x$g") == {"k": "x2"}

    def test_keys_are_expanded_too(self) -> None:
        assert labels("FROM a\nARG x=org\nLABEL $x.title=v") == {"org.title": "v"}

    def test_escape_directive(self) -> None:
        assert labels("# escape=`\nFROM a\nENV x=1\nLABEL k=`$x l=\\$x") == {"k": "$x", "l": "\\1"}


class TestTrail:
    def test_the_last_setting_wins_and_names_those_before(self) -> None:
        label = published("FROM a\nLABEL k=1\nLABEL k=2 k='3'\n").metadata.labels["k"]
        assert label.value == "3"
        assert [written(each) for each in (*label.overridden, label.setting)] == ["k=1", "k=2", "k='3'"]

    def test_labels_come_down_from_the_parent_stage(self) -> None:
        text = "FROM a AS one\nLABEL k=1 l=1\nFROM one AS two\nFROM two\nLABEL k=2\n"
        found = published(text).metadata.labels
        assert {key: label.value for key, label in found.items()} == {"k": "2", "l": "1"}
        assert [(each.value, each.stage) for each in found["k"].overridden] == [("1", 0)]
        assert found["k"].setting.stage == 2
        assert published(text).metadata.lost == ()

    def test_a_child_leaves_the_parents_labels_alone(self) -> None:
        text = "FROM a AS one\nLABEL k=1\nFROM one AS two\nLABEL k=2\nFROM one\n"
        assert labels(text) == {"k": "1"}
        assert [each.value for each in published(text).metadata.lost] == ["2"]

    def test_onbuild_sets_it_in_the_child_before_all_else(self) -> None:
        text = "FROM a AS one\nONBUILD LABEL k=1\nFROM one AS two\nLABEL k=2\nFROM two\n"
        label = published(text).metadata.labels["k"]
        assert label.value == "2"
        (first,) = label.overridden
        assert (first.value, first.stage, written(first)) == ("1", 1, "k=1")

    def test_onbuild_sets_nothing_in_its_own_stage_or_the_grandchild(self) -> None:
        assert labels("FROM a\nONBUILD LABEL k=1\n") == {}
        text = "FROM a AS one\nONBUILD LABEL k=1\nFROM one AS two\nLABEL k=2\nFROM two"
        assert labels(text) == {"k": "2"}

    def test_labels_of_other_stages_are_lost(self) -> None:
        text = "FROM a AS one\nLABEL k=1\nONBUILD LABEL n=1\nFROM b\nCOPY --from=one x y\nLABEL m=1"
        metadata = published(text).metadata
        assert list(metadata.labels) == ["m"]
        assert [(each.key, each.stage) for each in metadata.lost] == [("k", 0)]

    def test_lost_labels_are_in_file_order(self) -> None:
        lost = published("FROM a\nLABEL k=1\nLABEL l=1\nLABEL k=2\nFROM b").metadata.lost
        assert [written(each) for each in lost] == ["k=1", "l=1", "k=2"]

    def test_the_target_decides_what_is_published(self) -> None:
        text = "FROM a AS one\nLABEL k=1\nFROM b AS two\nLABEL k=2\n"
        assert labels(text) == {"k": "2"}
        assert labels(text, target="ONE") == {"k": "1"}
        assert labels(text, target="0") == {"k": "1"}
        assert published(text, target="three").stage is None

    def test_a_place_inside_a_value(self) -> None:
        text = "FROM a\nARG x=1\nLABEL p=abc q=\"abc\" r='a'bc s=abc$x"
        found = published(text).metadata.labels

        def located(key: str) -> str:
            return text[slice(*found[key].setting.locate(1, 3))]

        assert [located(key) for key in "pqrs"] == ["bc", "bc", "'a'bc", "abc$x"]


class TestCompleteness:
    @pytest.mark.parametrize(
        "text",
        [
            "FROM a\nLABEL $k=v",
            "FROM a\nLABEL k=1 l",
            "FROM a\nLABLE k=1",
            "FROM a\nRUN <<EOF\nLABEL k=v",
            "ARG b\nFROM x AS one\nLABEL k=1\nFROM $b",
            "FROM x AS one\nLABEL $k=1\nFROM one",
        ],
    )
    def test_a_label_may_have_been_set_out_of_sight(self, text: str) -> None:
        assert not published(text).metadata.complete

    @pytest.mark.parametrize(
        "text",
        [
            "FROM a\nLABEL k=$v",
            "ARG b\nFROM x AS one\nFROM $b",
            "FROM x\nLABEL $k=1\nFROM y",
            "FROM x\nRUN <<EOF\nLABEL k=v\nEOF",
            "FROM x\nUSER $u",
        ],
    )
    def test_nothing_is_out_of_sight(self, text: str) -> None:
        assert published(text).metadata.complete


class TestConfiguration:
    def test_of_an_image_built_on_another(self) -> None:
        config = published("FROM a\nWORKDIR b\nCMD x\n").config
        assert (config.user, config.working_dir, config.stop_signal) == (None, None, None)
        assert config.cmd == ("/bin/sh", "-c", "x")

    def test_of_an_image_built_on_nothing(self) -> None:
        text = (
            "FROM scratch\nENV a=1 b=$a\nUSER u\nWORKDIR /x\nWORKDIR ../y\nWORKDIR z\nEXPOSE 80 1-2/UDP\n"
            'VOLUME /v $a\nSTOPSIGNAL SIGTERM\nSHELL ["sh"]\nCMD c\nENTRYPOINT ["e"]\n'
        )
        config = published(text, closed=True).config
        assert (config.user, config.working_dir, config.stop_signal) == ("u", "/y/z", "SIGTERM")
        assert (config.env["a"], config.env["b"]) == ("1", "")
        assert config.exposed_ports == frozenset(("80/tcp", "1/udp", "2/udp"))
        assert config.volumes == frozenset(("/v", "1"))
        assert (config.entrypoint, config.cmd) == (("e",), ("sh", "c"))

    def test_an_entrypoint_takes_the_inherited_command_away(self) -> None:
        text = 'FROM scratch AS one\nCMD ["c"]\nFROM one\nENTRYPOINT ["e"]'
        assert published(text).config.cmd == ()

    @pytest.mark.parametrize(("line", "field"), [("EXPOSE $p", "exposed_ports"), ("VOLUME $p", "volumes")])
    def test_one_unknown_makes_the_set_unknown(self, line: str, field: str) -> None:
        assert getattr(published(f"FROM a\nARG p\n{line}").config, field) is None

    def test_the_last_maintainer_is_the_author(self) -> None:
        authors = published("FROM a\nMAINTAINER one\nMAINTAINER two three\n").metadata.authors
        assert [text for text, _, _ in authors] == ["two three"]
        assert [source.slice(span) for _, source, span in authors] == ["MAINTAINER two three"]


@pytest.mark.parametrize(
    ("lines", "code", "assumed"),
    [
        ("ENV a=${b!c}", "expansion-modifier", False),
        ("ENV a='b", "expansion-quote", False),
        ("ENV x=\nENV a=${x:?no}", "expansion-required", True),
        ("EXPOSE 80/icmp", "invalid-port", False),
        ("ARG p=x\nEXPOSE $p", "invalid-port", True),
        ("STOPSIGNAL SIG-TERM", "invalid-signal", False),
        ("ARG s=a-b\nSTOPSIGNAL $s", "invalid-signal", True),
        ("COPY --chmod=+q a b", "invalid-chmod", False),
        ("COPY https://a/b c", "copy-url", False),
        ("ARG u=https://a/b\nCOPY $u c", "copy-url", True),
        ("COPY --from=$x a b", "from-variable", False),
        ("COPY --from=7 a b", "no-such-stage", False),
        ("COPY --from=0 a b", "stage-order", False),
        ("RUN --mount=type=cache x", "mount-target", False),
        ("RUN --mount=type=foo,target=/x y", "mount-type", False),
        ("RUN --mount=foo=bar x", "mount-key", False),
        ("RUN --mount=target x", "mount-field", False),
        ("RUN --mount=type=secret x", "mount-secret", False),
        ("RUN --mount=type=cache,target=/x,sharing=all y", "mount-value", False),
        ("RUN --mount=type=bind,target=/x,sharing=shared y", "mount-sharing", False),
        ("RUN --mount=type=tmpfs,target=/x,uid=1 y", "mount-owner", False),
        ("COPY <<EOF /x\n${a!b}\nEOF", "expansion-modifier", False),
    ],
)
def test_what_stops_the_build(lines: str, code: str, assumed: bool) -> None:
    found = codes(f"FROM scratch\n{lines}\n")
    assert [(each, sure) for each, _, sure in found] == [(code, assumed)]


@pytest.mark.parametrize(
    "lines",
    [
        "ENV a=${b:-c}",
        "ADD https://a/b c",
        "COPY a https://b",
        "COPY --chmod=u=rwX,go+r a b",
        "STOPSIGNAL 9",
        "ARG s\nSTOPSIGNAL $s",
        "COPY <<'EOF' /x\n${a!b}\nEOF",
        "COPY <<EOF /x\n'$a\"\nEOF",
        "RUN echo ${a!b} 'x",
        "CMD ${a!b}",
        "RUN --mount=type=bind,target=/x,ro --mount=type=ssh --mount=type=secret,id=a,required,mode=0400 x",
        "WORKDIR /w\nRUN --mount=type=cache,target=. x",
        "ONBUILD ENV a=${b!c}",
    ],
)
def test_what_does_not(lines: str) -> None:
    assert codes(f"FROM scratch\n{lines}\n") == []


def test_a_trigger_fails_where_it_is_triggered() -> None:
    text = "FROM a AS one\nONBUILD FOO\nONBUILD ENV x=${y!}\nFROM one\n"
    assert [(code, line) for code, line, _ in codes(text)] == [
        ("onbuild-unknown-instruction", 4),
        ("expansion-modifier", 3),
    ]


class TestBounds:
    def test_triggers(self) -> None:
        text = "FROM a AS one\n" + "ONBUILD LABEL k=v\n" * 100 + "FROM one\n" * (MAX_TRIGGERS // 100)
        assert published(text).metadata.complete
        assert labels(text) == {"k": "v"}
        assert not published(text + "FROM one\n").metadata.complete

    def test_arguments_a_value_remembers(self) -> None:
        chain = "".join(f"ARG a{number + 1}=$a{number}\n" for number in range(2 * MAX_ARGUMENTS))
        setting = published(f"FROM a\nARG a0=v\n{chain}LABEL k=$a{2 * MAX_ARGUMENTS}\n").metadata.labels["k"].setting
        assert setting.value == "v"
        assert 0 < len(setting.arguments) <= MAX_ARGUMENTS + 1

    def test_values_looked_up(self) -> None:
        doubled = "ENV x=y\n" + "ENV x=$x$x\n" * 18
        count = 2 * MAX_LOOKED_UP >> 18
        text = f"FROM scratch\n{doubled}" + "".join(f"LABEL k{number}=$x\n" for number in range(count))
        found = list(labels(text).values())
        assert found[0] == "y" * (1 << 18)
        assert found[-1] is None
