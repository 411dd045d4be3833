"""What BuildKit refuses in single instructions and in their order."""

from __future__ import annotations

import pytest

from imglint.source import Source
from imglint.syntax.dockerfile import parse
from imglint.syntax.problem import Problem
from imglint.syntax.validate import problems


def found(text: str) -> list[Problem]:
    return list(problems(parse(Source("Dockerfile", text))))


@pytest.mark.parametrize(
    ("line", "code", "place"),
    [
        ("CPOY a b", "unknown-instruction", "CPOY"),
        ("COPY --form=a b c", "unknown-flag", "--form=a"),
        ("CMD --x y", "unknown-flag", "--x"),
        ("COPY --from=a --from=b c d", "duplicate-flag", "--from=b"),
        ("COPY --from a b", "flag-needs-value", "--from"),
        ("COPY --link= a b", "flag-needs-value", "--link="),
        ("COPY --link=maybe a b", "flag-not-boolean", "--link=maybe"),
        ("ENV", "needs-argument", "ENV"),
        ("LABEL", "needs-argument", "LABEL"),
        ("ARG", "needs-argument", "ARG"),
        ("EXPOSE", "needs-argument", "EXPOSE"),
        ("VOLUME", "needs-argument", "VOLUME"),
        ("ONBUILD", "needs-argument", "ONBUILD"),
        ("HEALTHCHECK", "needs-argument", "HEALTHCHECK"),
        ("SHELL", "needs-argument", "SHELL"),
        ("USER", "needs-one-argument", "USER"),
        ("WORKDIR", "needs-one-argument", "WORKDIR"),
        ("STOPSIGNAL", "needs-one-argument", "STOPSIGNAL"),
        ("MAINTAINER", "needs-one-argument", "MAINTAINER"),
        ("COPY a", "needs-destination", "COPY a"),
        ("ADD", "needs-destination", "ADD"),
        ("ENV =a", "blank-name", "=a"),
        ("LABEL a=b =c", "blank-name", "=c"),
        ("ARG =a", "blank-name", "=a"),
        ("FROM a b", "from-arguments", "a b"),
        ("FROM a AS b # c", "from-arguments", "a AS b # c"),
        ("FROM", "from-arguments", "FROM"),
        ("FROM a AS 1b", "invalid-stage-name", "1b"),
        ("FROM a AS b/c", "invalid-stage-name", "b/c"),
        ("SHELL bash -c", "shell-not-json", "bash -c"),
        ("ONBUILD ONBUILD RUN x", "onbuild-trigger", "ONBUILD"),
        ("ONBUILD FROM x", "onbuild-trigger", "FROM"),
        ("ONBUILD MAINTAINER x", "onbuild-trigger", "MAINTAINER"),
        ("HEALTHCHECK CDM x", "healthcheck-kind", "CDM"),
        ("HEALTHCHECK CMD", "healthcheck-command", "HEALTHCHECK CMD"),
        ("HEALTHCHECK NONE x", "healthcheck-none", "HEALTHCHECK NONE x"),
        ("HEALTHCHECK --interval=1 CMD x", "invalid-duration", "1"),
        ("HEALTHCHECK --interval=1us CMD x", "invalid-duration", "1us"),
        ("HEALTHCHECK --timeout=-1s CMD x", "invalid-duration", "-1s"),
        ("HEALTHCHECK --retries=-1 CMD x", "invalid-retries", "-1"),
        ("HEALTHCHECK --retries=2147483648 CMD x", "invalid-retries", "2147483648"),
        ('VOLUME ["/a", " "]', "empty-volume", '" "'),
        ("RUN --network=bridge x", "invalid-network", "--network=bridge"),
        ("RUN --security=none x", "invalid-security", "--security=none"),
        ("RUN --mount=type=bind,from=$x y", "mount-from-variable", "--mount=type=bind,from=$x"),
        ("RUN --mount='a\"b' y", "mount-csv", "--mount='a\"b'"),
        ("COPY a <<EOF\nEOF", "heredoc-destination", "<<EOF"),
    ],
)
def test_instructions_that_are_refused(line: str, code: str, place: str) -> None:
    text = f"FROM a\n{line}\n"
    (problem,) = found(text)
    assert (problem.code, problem.line, problem.phase) == (code, 2, "instruction")
    assert text[slice(*problem.span)] == place


@pytest.mark.parametrize(
    "line",
    [
        "RUN",
        "CMD",
        "ENTRYPOINT",
        "HEALTHCHECK NONE",
        "HEALTHCHECK --x NONE",
        "HEALTHCHECK --interval=1m30s --timeout=0 --start-period=1.5h --start-interval=1ms --retries=0 CMD x",
        "HEALTHCHECK --interval= CMD x",
        "STOPSIGNAL --x 9",
        "ARG --x a",
        "COPY --link --parents=TRUE --exclude=a --exclude=b --chmod=0 c d",
        "ADD --keep-git-dir=true --checksum=sha256:0 --unpack=false a b",
        "RUN --mount=type=cache,target=/a --mount=type=tmpfs,target=/b --network=none --security=insecure x",
        'RUN --mount=\'"type=bind","target=/a"\' x',
        "FROM --platform=linux/amd64 a as B_c.d-e",
        "FROM a aS b",
        "ONBUILD RUN --x y",
        "ONBUILD FOO",
        'SHELL ["a"]',
        "LABEL a=",
        "ENV a b",
        "expose 80",
    ],
)
def test_instructions_that_pass(line: str) -> None:
    assert found(f"FROM a\n{line}\n") == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("RUN x\nFROM a\n", [("no-stage", 1)]),
        ("RUN x\nENV a=b\n", [("no-stage", 1), ("no-stage", 2)]),
        ("ARG x\nFROM a\n", []),
        ("ARG x\n", [("no-stages", 1)]),
        (
            "FROM a\nFOO\nFROM b c\nBAR\n",
            [("unknown-instruction", 2), ("from-arguments", 3), ("unknown-instruction", 4)],
        ),
    ],
)
def test_order_of_instructions(text: str, wanted: list[tuple[str, int]]) -> None:
    assert [(problem.code, problem.line) for problem in found(text)] == wanted


def test_suggestions() -> None:
    (unknown,) = found("FROM a\nCPOY a b")
    assert "COPY" in unknown.help
    (flag,) = found("FROM a\nCOPY --form=a b c")
    assert "--from" in flag.help
    (comment,) = found("FROM a AS b # c")
    assert "comment" in comment.help
