"""`docker build`, `docker buildx build` and `nerdctl build`, and what goes with them.

Flags: https://docs.docker.com/reference/cli/docker/buildx/build/ and
https://docs.docker.com/reference/cli/docker/image/build/
"""

from __future__ import annotations

from collections.abc import Sequence

from imglint.model.build import Annotation, Base, Build, Output, Pair, Route
from imglint.model.commands.flags import Grammar, Parsed, Word, boolean, grammar, parse
from imglint.syntax import lists
from imglint.syntax.text import Place, Text


def global_grammar() -> Grammar:
    """What may stand between `docker` and its command."""
    return grammar(
        "config context host log-level tlscacert tlscert tlskey builder namespace address snapshotter cgroup-manager "
        "host-gateway-ip data-root storage-driver root connection url identity",
        "debug tls tlsverify version help insecure-registry remote D",
        "c=context H=host l=log-level D=debug v=version h=help n=namespace a=address",
    )


def build_grammar() -> Grammar:
    """The flags of `docker build`, with and without BuildKit, and those of nerdctl."""
    return grammar(
        "add-host allow annotation attest build-arg build-context builder cache-from cache-to call cgroup-parent "
        "cpu-period cpu-quota cpu-shares cpuset-cpus cpuset-mems file iidfile isolation label memory memory-swap "
        "metadata-file network no-cache-filter output platform policy progress provenance sbom secret security-opt "
        "shm-size ssh tag target ulimit buildkit-host ipfs-address",
        "check compress debug disable-content-trust force-rm help load no-cache pull push quiet rm squash stream ipfs",
        "c=cpu-shares D=debug f=file h=help m=memory o=output q=quiet t=tag",
    )


def pairs(texts: Sequence[Text]) -> tuple[Pair, ...]:
    """`K=V` words as pairs."""
    return tuple(Pair(*lists.pair(text), text) for text in texts)


def annotation(text: Text) -> Annotation:
    """The value of one `--annotation`."""
    read = lists.annotation(text)
    return Annotation(read.levels, Pair(read.key, read.value, text), read.problem)


def output(text: Text) -> Output:
    """The value of one `--output`."""
    return Output(text, lists.output(text))


def named_contexts(texts: Sequence[Text]) -> tuple[tuple[str, None], ...]:
    """The names of `--build-context NAME=…`: what they stand for is not looked into."""
    return tuple((pair.key.text, None) for pair in pairs(texts))


def platforms(texts: Sequence[Text]) -> tuple[Text, ...]:
    """The platforms of comma-separated lists."""
    return tuple(part.strip() for text in texts for part in text.split(",") if part.text.strip())


def attested(kind: str, texts: Sequence[Text]) -> Text | None:
    """What the last value of `--attest` of a kind asks for: empty when disabled, None when there is none."""
    for text in reversed(texts):
        read = lists.attest(text)
        if read.type is not None and read.type.text == kind:
            disabled = read.get("disabled")
            return text.cut(0, 0) if disabled and boolean(disabled) else text
    return None


def attestation(kind: str, parsed: Parsed) -> Text | None:
    """What `--provenance` or `--sbom` asks for, or the `--attest` that means the same."""
    given = attested(kind, parsed.values("attest"))
    return parsed.last(kind) if given is None else given


def build(tool: str, words: Sequence[Word], place: Place, directories: tuple[str, ...], builder: str) -> Build:
    """The build that the words after `docker build` ask for; `builder` is the driver it runs on, empty if unknown."""
    parsed = parse(words, build_grammar()).with_one_word()
    outputs = tuple(output(text) for text in parsed.values("output"))
    return Build(
        tool,
        Route.COMMAND,
        place,
        directories,
        context=parsed.context,
        dockerfile=parsed.last("file"),
        base=Base.DIRECTORY,
        target=parsed.last("target"),
        tags=parsed.values("tag"),
        platforms=platforms(
            parsed.values("platform")[-1:] if tool != "docker buildx build" else parsed.values("platform")
        ),
        arguments=pairs(parsed.values("build-arg")),
        labels=pairs(parsed.values("label")),
        annotations=tuple(annotation(text) for text in parsed.values("annotation")),
        outputs=outputs,
        # Unknown flags of `docker build` are not taken for a push: that is mostly a command of its own.
        push=pushes(parsed.switch("push"), outputs, parsed.open and tool == "docker buildx build"),
        load=parsed.switch("load"),
        provenance=attestation("provenance", parsed),
        sbom=attestation("sbom", parsed),
        driver=builder,
        open=parsed.open_fields,
        missing_values=parsed.bare,
        surplus=() if parsed.open else parsed.words[1:],
        contexts=named_contexts(parsed.values("build-context")),
    )


def pushes(switch: bool | None, outputs: Sequence[Output], more: bool = False) -> bool | None:
    """Whether a build pushes: by `--push` or by an output that does; None when that is unknown.

    https://docs.docker.com/build/exporters/#exporters: `registry` is `image` with `push=true`.
    """
    if switch:
        return True
    answers: list[bool | None] = [switch]
    for each in outputs:
        given = each.attribute("push")
        if each.kind == "registry":
            return True
        if each.kind is None or not each.read.complete:
            answers.append(None)
        elif each.kind == "image":
            answers.append(boolean(given) if given else False)
    if True in answers:
        return True
    return None if None in answers or more else False
