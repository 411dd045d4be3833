"""Shell scripts and Makefiles: what they do with images, and what of it is known."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.model import make
from imglint.model.build import Build, Event, Pushing
from imglint.model.files import command_scene, script_scene
from imglint.model.script import Shell
from imglint.model.scriptrun import run
from imglint.source import Source, Span
from imglint.syntax.text import HOLE, Text, literal


def events(script: str) -> tuple[Event, ...]:
    return command_scene("", Source("x.sh", script)).events


def builds(script: str) -> list[Build]:
    return [event for event in events(script) if isinstance(event, Build)]


def tags(script: str) -> list[str]:
    """The tags of all builds, `…` for what is not known."""
    return [tag.shown for build in builds(script) for tag in build.tags]


def build_of_tag(before: str) -> list[str]:
    return tags(f"{before}\ndocker build -t $TAG .")


class TestVariables:
    @pytest.mark.parametrize(
        "script",
        [
            "TAG=a",
            "TAG='a'",
            'X=a; TAG="$X"',
            "export TAG=a",
            "readonly TAG=a",
            "TAG=b; TAG=a",
            "cd x && TAG=a",
            "TAG=${NOBODY:-a}",
            ': "${TAG:=a}"',
            "TAG=a\nif x; then TAG=a; fi",
            "TAG=a\n(TAG=b)",
            "TAG=a\nX=$(TAG=b; echo $TAG)",
            "TAG=a\nbash -c 'TAG=b'",
            "TAG=a\nf() { local TAG=b; }\nf",
            "f() { TAG=a; }\nTAG=b\nf",
            "TAG=a\nf() { TAG=b; }",
        ],
    )
    def test_known(self, script: str) -> None:
        # A chain in which the assignment is not the first command may stop before it.
        assert build_of_tag(script) == (["…"] if "&&" in script else ["a"])

    @pytest.mark.parametrize(
        "script",
        [
            "TAG=$(git describe)",
            "TAG=$1",
            "TAG=a\n[ -n $X ] && TAG=b",
            "TAG=a\n[[ -n $X ]] && TAG=b",
            "TAG=a\ntest -z $X || TAG=b",
            "TAG=a\n[ -n $X ] && { TAG=b; }",
            "TAG=a\nif x; then TAG=b; fi",
            "TAG=a\nif x; then :; else TAG=b; fi",
            "TAG=a\ncase $X in y) TAG=b ;; esac",
            "TAG=a\nfor i in 1 2; do TAG=b; done",
            "TAG=a\nwhile read -r TAG; do :; done < list",
            "for TAG in a b; do :; done",
            "TAG=a\nread -r TAG",
            "TAG=a\nunset TAG",
            "TAG=a\nprintf -v TAG %s b",
            "TAG=a\n. ./env",
            "TAG=a\nsource env.sh",
            'TAG=a\neval "$X"',
            "TAG=a\nexport $(cat .env | xargs)",
            "TAG=a\nf() { if x; then TAG=b; fi; }\nf",
            "TAG=a\nif x; then f() { TAG=b; }; f; fi",
            "TAG=(a b)",
        ],
    )
    def test_unknown(self, script: str) -> None:
        assert build_of_tag(script) == ["…"]

    @pytest.mark.parametrize(
        ("script", "expected"),
        [
            ("if x; then TAG=a; docker build -t $TAG .; else TAG=b; docker build -t $TAG .; fi", ["a", "b"]),
            ("for i in a b; do TAG=v1; docker build -t $TAG .; done", ["v1"]),
            ("TAG=a\nfor i in 1 2; do docker build -t $TAG .; TAG=b; done", ["…"]),
            ("x && TAG=a && docker build -t $TAG .\ndocker build -t $TAG .", ["a", "…"]),
            ("(TAG=a; docker build -t $TAG .)\ndocker build -t $TAG .", ["a", "…"]),
            ("TAG=1; TAG+=.2; docker build -t $TAG .", ["1.2"]),
            ("TAG=a docker build -t $TAG .", ["…"]),
            (". ./env\ndocker build -t ${TAG:-latest} .", ["…"]),
            ("docker build -t ${TAG:-latest} .", ["latest"]),
            ("TAG=x; docker build -t ${TAG:-latest} -t ${TAG:+y} -t w:$TAG-${OTHER} .", ["x", "y", "w:x-…"]),
            ('ARGS="-t a -t b"; docker build $ARGS .', ["a", "b"]),
            ('ARGS="a b"; docker build -t "$ARGS" .', ["a b"]),
        ],
    )
    def test_in_their_places(self, script: str, expected: list[str]) -> None:
        assert tags(script) == expected

    def test_an_unknown_variable_may_hold_flags(self) -> None:
        (build,) = builds("docker buildx build $ARGS -t a .")
        assert build.may_hold_more("labels") and build.push is None
        # `docker build` is mostly followed by a push of its own; that its flags hold one is not assumed.
        (build,) = builds("docker build $ARGS -t a .")
        assert build.may_hold_more("labels") and build.push is False
        (build,) = builds('docker build -t a "$DIRECTORY"')
        assert not build.open and build.push is False


class TestFunctions:
    def test_run_where_they_are_called(self) -> None:
        script = 'build() { docker build -t "ghcr.io/acme/$1:${2}" "$1"; }\nbuild web v1\nbuild api v2\n'
        assert tags(script) == ["ghcr.io/acme/web:v1", "ghcr.io/acme/api:v2"]
        assert [build.context.shown for build in builds(script) if build.context] == ["web", "api"]

    def test_see_what_is_set_before_the_call(self) -> None:
        assert tags("TAG=a\nf() { docker build -t $TAG .; }\nTAG=b\nf") == ["b"]

    def test_not_called(self) -> None:
        assert tags("function f { docker build -t $1 .; }") == ["…"]

    @pytest.mark.parametrize("body", ["shift; docker build -t $1 .", "set -- b; docker build -t $1 ."])
    def test_arguments_that_move(self, body: str) -> None:
        assert tags(f"f() {{ {body}; }}\nf a") == ["…"]

    def test_calling_themselves(self) -> None:
        start = time.process_time()
        assert tags("f() { docker build -t a .; f; f; }\nf")[:2] == ["a", "a"]
        assert time.process_time() - start < 2

    def test_one_within_another(self) -> None:
        assert tags("f() { g() { docker build -t a .; }; g; }\nf") == ["a"]


class TestDirectories:
    @pytest.mark.parametrize(
        ("script", "expected"),
        [
            ("cd a; docker build .", [("a",)]),
            ("cd a && cd b && docker build .", [("a/b",)]),
            ("cd a\ndocker build .\ncd ..\ndocker build .", [("a",), ("",)]),
            ("(cd a && docker build .)\n(cd b && docker build .)\ndocker build .", [("a",), ("b",), ("",)]),
            ("pushd a; docker build .; popd; docker build .", [("a",), ("",)]),
            ("cd a; cd -; docker build .", [("",)]),
            ("cd -P a; docker build .", [("a",)]),
            ("cd $X; docker build .", [()]),
            ("cd; docker build .", [()]),
            ("cd /tmp; docker build .", [()]),
            ("cd ..; docker build .", [()]),
            ("if x; then cd a; docker build .; fi\ndocker build .", [("a",), ("a", "")]),
            ("if x; then cd a; else cd b; docker build .; fi", [("b",)]),
            ("[ -d a ] && cd a\ndocker build .", [("a", "")]),
            ("x=$(cd a; pwd)\ndocker build .", [("",)]),
            ('cd "$(git rev-parse --show-toplevel)"; docker build .', [("",)]),
            ("sh -c 'cd a; docker build .'; docker build .", [("a",), ("",)]),
        ],
    )
    def test_directories(self, script: str, expected: list[tuple[str, ...]]) -> None:
        assert [build.directories for build in builds(script)] == expected

    def test_of_a_script_file(self) -> None:
        text = 'docker build a\ncd "$(dirname "$0")/.."\ndocker build .\n'
        found = [event for event in script_scene("ci/x.sh", Source("ci/x.sh", text)).events if isinstance(event, Build)]
        assert [build.directories for build in found] == [("", "ci"), ("",)]


@pytest.mark.parametrize(
    "command",
    [
        "docker push a",
        "sudo -E docker push a",
        "time docker push a",
        "env X=1 docker push a",
        "timeout 10 docker push a",
        "sh -c 'docker push a'",
        "if ! docker push a; then :; fi",
        "x || docker push a",
        "x=$(docker push a)",
        "docker \\\n  push \\\n  a",
        "case $X in y) docker push a ;; esac",
        "cat <<EOF\n$(docker push a)\nEOF",
    ],
)
def test_where_commands_stand(command: str) -> None:
    assert [event.name.text for event in events(command) if isinstance(event, Pushing)] == ["a"]


@pytest.mark.parametrize("script", ["# docker push a", "echo docker push a", "cat <<'EOF'\ndocker push a\nEOF", ""])
def test_what_is_no_command(script: str) -> None:
    assert events(script) == ()


class TestFiles:
    """What a script writes for the steps after it."""

    @staticmethod
    def written(script: str) -> tuple[dict[str, str], dict[str, str]]:
        state = Shell(("",))
        source = Source("x.sh", script)
        assert list(run(literal(script, source, Span(0, len(script))), state)) == []
        shown = [{name: text.shown for name, text in found.items()} for found in (state.outputs, state.environment)]
        return shown[0], shown[1]

    @pytest.mark.parametrize(
        ("script", "expected"),
        [
            ('echo "tag=v1" >> "$GITHUB_OUTPUT"', {"tag": "v1"}),
            ("echo tag=v1 >> $GITHUB_OUTPUT", {"tag": "v1"}),
            ("T=v1; echo tag=$T >> ${GITHUB_OUTPUT}", {"tag": "v1"}),
            ("{ echo tag=v1; echo b=c; } >> $GITHUB_OUTPUT", {"tag": "v1", "b": "c"}),
            ("echo log=1\n{ echo tag=v1; } >> $GITHUB_OUTPUT", {"tag": "v1"}),
            ("echo tag=v1 >> $GITHUB_OUTPUT\necho tag=v2 >> $GITHUB_OUTPUT", {"tag": "v2"}),
            ("if x; then echo tag=v1 >> $GITHUB_OUTPUT; fi", {"tag": "…"}),
            ("x && echo tag=v1 >> $GITHUB_OUTPUT", {"tag": "…"}),
            ("echo tag=v1 >> $GITHUB_OUTPUT\nprintf 'tag=%s\\n' $X >> $GITHUB_OUTPUT", {"tag": "…"}),
            ("echo tag=v1 >> $GITHUB_OUTPUT\ncat <<EOF >> $GITHUB_OUTPUT\ntag=v2\nEOF", {"tag": "…"}),
            ("echo tag=v1 | tee -a $GITHUB_OUTPUT", {}),
            ("echo tag=v1 > log", {}),
        ],
    )
    def test_outputs(self, script: str, expected: dict[str, str]) -> None:
        assert self.written(script) == (expected, {})

    def test_environment(self) -> None:
        assert self.written("echo A=1 >> $GITHUB_ENV") == ({}, {"A": "1"})


def test_places() -> None:
    script = "TAG=v1\ndocker build --label \"a=b\" -t ghcr.io/acme/w:$TAG -f 'x y' .\n"
    source = Source("x.sh", script)
    (build,) = (event for event in command_scene("", source).events if isinstance(event, Build))

    def written(text: Text | None) -> str:
        assert text is not None
        return script[text.span.start : text.span.end]

    assert script[build.place.span.start : build.place.span.end] == "docker build"
    assert (written(build.context), written(build.dockerfile)) == (".", "x y")
    (pair,) = build.labels
    assert (written(pair.key), written(pair.value)) == ("a", "b")
    (tag,) = build.tags
    assert [script[piece.span.start : piece.span.end] for piece in tag.pieces] == ["ghcr.io/acme/w:", "$TAG"]
    origin = tag.pieces[1].origin
    assert origin is not None and script[origin.span.start : origin.span.end] == "v1"


class TestMakefiles:
    @staticmethod
    def builds(text: str, path: str = "Makefile") -> list[Build]:
        scene = make.scene(path, Source(path, text))
        return [event for event in scene.events if isinstance(event, Build)]

    def test_recipes(self) -> None:
        text = (
            "TAG ?= dev\nIMAGE := ghcr.io/acme/w\n"
            "build:\n\t@docker build -t $(IMAGE):$(TAG) -t ${IMAGE}:$@ .\n"
            "all:\n\tcd sub && docker build .\n\tdocker build -t $(UNSET) .\n"
        )
        first, second, third = self.builds(text)
        assert [tag.shown for tag in first.tags] == ["ghcr.io/acme/w:dev", "ghcr.io/acme/w:build"]
        assert (second.directories, third.directories) == (("sub",), ("",))
        assert [tag.shown for tag in third.tags] == ["…"]

    def test_each_line_has_its_own_shell(self) -> None:
        (build,) = self.builds("a:\n\tTAG=x\n\tdocker build -t w:$$TAG .\n")
        assert [tag.shown for tag in build.tags] == ["w:…"]

    def test_in_a_directory(self) -> None:
        (build,) = self.builds("a:\n\tdocker build .\n", "x/Makefile")
        assert build.directories == ("x",)

    def test_recursion_ends(self) -> None:
        assert [
            tag.shown
            for build in self.builds("A = $(A)$(B)\nB = $(A)\na:\n\tdocker build -t $(A) .\n")
            for tag in build.tags
        ]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["if x; then ", "; fi\n", "else ", "for i in a; do ", "; done\n", "( ", " )\n", "f() { ", "; }\n", "f a\n",
             "TAG=a\n", "TAG=b && ", "|| ", "cd a\n", "popd\n", "docker build -t $TAG .\n", "case x in a) ",
             ";; esac\n",
             "echo A=1 >> $GITHUB_ENV\n", "$(", "`", "'", '"', "<<E\n", "E\n"]
        ),
        max_size=25,
    )
)  # fmt: skip
def test_never_raises(parts: list[str]) -> None:
    script = "".join(parts)
    for event in events(script):
        span = event.place.span
        assert 0 <= span.start <= span.end <= len(script)


@pytest.mark.parametrize(
    "script",
    [
        "docker build -t a .\n" * 5_000,
        "if x; then A=1; fi\n" * 5_000 + "docker build .",
        "".join(f"A{n}=$A{n - 1}$A{n - 1}\n" for n in range(2_000)) + "docker build -t $A1999 .",
        "f() { f; f; f; }\n" * 500 + "f\ndocker build .",
        "sh -c '" * 500 + "docker build .",
        "( " * 5_000 + "docker build .",
        "".join(f"f{n}() {{\n" for n in range(90)) + "docker push x\n" * 20_000,
    ],
    ids=["commands", "branches", "doubling", "functions", "nested", "parentheses", "functions in functions"],
)
def test_bounded(script: str) -> None:
    start = time.process_time()
    events(script)
    assert time.process_time() - start < 6


def test_a_name_made_lower_case() -> None:
    """`${NAME,,}` is how scripts make the name of a repository one of an image."""
    script = 'OWNER=Acme\ndocker build -t "ghcr.io/${OWNER,,}/x:${TAG,,}" .\n'
    source = Source("build.sh", script)
    (build,) = run(literal(script, source, Span(0, len(script))), Shell(("",)))
    assert isinstance(build, Build)
    assert build.tags[0].text == f"ghcr.io/acme/x:{HOLE}"


def test_characters_that_stand_for_the_unknown() -> None:
    for script in (
        f"{HOLE} build .",
        f"docker build -t {HOLE} {HOLE}",
        f"TAG={HOLE}\ndocker build -t w:$TAG $(echo {HOLE}) .",
    ):
        events(script)
