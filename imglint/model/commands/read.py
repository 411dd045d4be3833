"""What one command does with images: the events it stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from imglint.model.build import BakeCall, ComposeCall, Event, Merge, Pushing, Tagging
from imglint.model.commands import copies, docker, make, others
from imglint.model.commands.flags import Parsed, Word, grammar, parse, place_through
from imglint.syntax.text import HOLE, Place, Text

_ENGINES: Final = frozenset(("docker", "podman", "nerdctl", "buildah", "docker-buildx", "finch"))
_COMPOSE: Final = frozenset(("docker-compose", "podman-compose"))
_LOG_IN_TOO: Final = frozenset(("cosign",))
_UPLOADS: Final = frozenset(("helm", "ko", "goreleaser"))
_OTHERS: Final = copies.NAMES | _UPLOADS | {"gh"}
PROGRAMS: Final = _ENGINES | _COMPOSE | make.NAMES | _OTHERS | _LOG_IN_TOO
"""The programs that `events` may have something to say of."""
_VERBS: Final = frozenset(
    ("b", "bud", "build", "builder", "buildx", "compose", "image", "login", "manifest", "push", "tag")
)
"""What follows the name of an engine where it does something that is followed."""
_LIKE_AN_ENGINE: Final = r"(?i).*(?:docker|podman|container|engine|oci|runtime).*"


class Setting:
    """What the commands of one script share: where they run, and on which builder.

    `given` is what the next command gets on its standard input, None when nothing is known to come; `variable` gives
    what it finds in its environment.
    """

    __slots__ = ("directories", "driver", "given", "variable")

    def __init__(self, directories: tuple[str, ...], driver: str = "") -> None:
        self.directories = directories
        self.driver = driver
        self.given: Text | None = None
        self.variable: Callable[[str], Text | None] = lambda name: None


def events(words: Sequence[Word], setting: Setting) -> tuple[Event, ...]:
    """The builds, pushes, tags, merges and logins of a command; none for a command that does something else."""
    if "login" in [word.text.text for word in words[1:4]]:
        return _login(words, setting.given)
    engine, words = _engine(words)
    if engine == "make":
        return make.call(words[1:], words[0].text, setting.directories, setting.driver)
    if engine in copies.NAMES:
        return copies.call(engine, words[1:], words[0].text, setting.given)
    if engine == "gh":
        from imglint.model.commands import github

        return github.events(words, setting)
    if engine in _UPLOADS:
        from imglint.model.commands import uploads

        return uploads.events(engine, words[1:], setting, words[0].text)
    if not engine or not words or words[-1].text.text in ("--help", "-h"):
        return ()
    if engine == "kaniko":
        return (others.kaniko(words[1:], words[0].text.place),)
    if engine in _COMPOSE:
        return _compose(words[1:], setting, words[0].text)
    outer = parse(words[1:], docker.global_grammar(), interspersed=False)
    rest = words[1 + outer.begin :]
    if not rest:
        return ()
    if engine == "docker-buildx":
        return _buildx(rest, setting, words[0].text, outer)
    return _engine_events(engine, rest, setting, words[0].text, outer)


def is_followed(name: str) -> bool:
    """Whether `events` may have something to say of a program of this name, which has no directories."""
    name = name.removesuffix(".exe")
    return name in PROGRAMS or name == "executor"


def is_idle_call(name: str, verb: str) -> bool:
    """Whether `events` has nothing to say of a program that is followed, whatever stands behind its first argument."""
    name = name.removesuffix(".exe")
    engine = name in _ENGINES and name != "docker-buildx"
    return (engine or name in _LOG_IN_TOO) and verb not in _VERBS and verb[:1] not in ("-", HOLE)


def _login(words: Sequence[Word], given: Text | None) -> tuple[Event, ...]:
    from imglint.model.commands.login import login

    text = words[0].text
    name = _engine(words)[0] if text.value is None else text.value.rpartition("/")[2].removesuffix(".exe")
    found = login(name, words, given)
    return (found,) if found is not None else ()


def _engine(words: Sequence[Word]) -> tuple[str, Sequence[Word]]:
    """The program that a command calls, by its name without directories; empty when it is none of ours."""
    if not words:
        return "", words
    text = words[0].text
    if text.value is not None:
        name = text.value.rpartition("/")[2].removesuffix(".exe")
        if name in _ENGINES or name in _COMPOSE:
            return ("docker" if name == "finch" else name), words
        if name in make.NAMES or name in _OTHERS:
            return "make" if name in make.NAMES else name, words
        if name == "executor" and "kaniko" in text.value:
            return "kaniko", words
        return "", words
    depends = text.unknowns[0] if text.text == HOLE and text.unknowns else ""
    if depends == make.ITSELF:
        return "make", words
    # `$(CONTAINER_ENGINE) build`: which one it is depends on the machine, what it does is the same.
    named = depends and re.fullmatch(_LIKE_AN_ENGINE, depends) is not None
    second = words[1].text.text if len(words) > 1 else ""
    return ("docker" if named and second in ("build", "push", "tag", "buildx", "login") else ""), words


def _engine_events(
    engine: str,
    rest: Sequence[Word],
    setting: Setting,
    first: Text,
    outer: Parsed,
) -> tuple[Event, ...]:
    command, after = rest[0].text, rest[1:]
    place = place_through(first, command)
    if command.text in ("image", "builder") and after:
        command, after = after[0].text, after[1:]
        place = place_through(first, command)
    tool = f"{engine} {command.text}"
    if command.text in ("build", "bud", "b") and engine in ("podman", "buildah"):
        return (others.build(f"{engine} build", after, place, setting.directories),)
    if command.text == "build":
        # It builds on the default builder, whichever one is chosen: https://docs.docker.com/build/builders/.
        return (docker.build(tool, after, place, setting.directories, ""),)
    if command.text == "buildx" and engine != "buildah":
        return _buildx(after, setting, first, outer)
    if command.text == "compose":
        return _compose(after, setting, first)
    if command.text == "tag":
        return _tagging(after, place)
    if command.text == "push":
        return tuple(_pushing(tool, after, place))
    if command.text == "manifest" and after:
        return _manifest(engine, after, first)
    return ()


def _tagging(words: Sequence[Word], place: Place) -> tuple[Event, ...]:
    parsed = parse(words, grammar("", "f force help"))
    source, *names = parsed.words or (None,)
    return tuple(Tagging(source, name, place) for name in names) if source else ()


def _pushing(tool: str, words: Sequence[Word], place: Place) -> Iterator[Event]:
    known = grammar(
        "authfile cert-dir compression-format compression-level creds digestfile encrypt-layer encryption-key format "
        "platform sign-by sign-by-sigstore retry retry-delay signature-policy sign sbom estargz cosign-key blob-cache",
        "all all-tags compress disable-content-trust force-compression quiet remove-signatures rm tls-verify help "
        "all-platforms allow-nondistributable-artifacts",
        "a=all-tags q=quiet h=help D=disable-content-trust",
    )
    parsed = parse(words, known)
    if not parsed.words:
        return
    # Podman and buildah may name another place to push to after the image.
    name, *elsewhere = parsed.words
    if elsewhere:
        yield Tagging(name, others.destination(elsewhere[0]), place)
        name = others.destination(elsewhere[0])
    yield from _given(tool, place, parsed, name)
    yield Pushing(name, place, parsed.switch("all-tags") is True)


def _given(tool: str, place: Place, parsed: Parsed, name: Text) -> Iterator[Event]:
    """The login that `--creds` is."""
    if parsed.last("creds") is not None:
        from imglint.model.commands.credentials import given

        yield from given(tool, place, parsed.flags, name, None)


def _manifest(engine: str, words: Sequence[Word], first: Text) -> tuple[Event, ...]:
    """`docker manifest create LIST IMAGE...` and `push LIST`; podman's and buildah's can write annotations."""
    command, after = words[0].text, words[1:]
    place = place_through(first, command)
    valued, switches = (
        "annotation os arch variant format creds authfile cert-dir",
        "amend insecure purge all rm tls-verify help",
    )
    known = grammar(valued, switches, "a=amend p=purge")
    parsed = parse(after, known)
    if command.text == "create" and parsed.words:
        name, *sources = parsed.words
        more = parsed.open_fields
        return (Merge(f"{engine} manifest create", place, (name,), tuple(sources), (), engine != "docker", more),)
    if command.text == "push" and parsed.words:
        name = others.destination(parsed.words[-1])
        return (*_given(f"{engine} manifest push", place, parsed, name), Pushing(name, place))
    return ()


def _buildx(words: Sequence[Word], setting: Setting, first: Text, outer: Parsed) -> tuple[Event, ...]:
    own = parse(words, docker.global_grammar(), interspersed=False)
    rest = words[own.begin :]
    if not rest:
        return ()
    command, after = rest[0].text, rest[1:]
    place = place_through(first, command)
    named = own.last("builder") or outer.last("builder")
    driver = setting.driver if named is None else ""
    if command.text in ("build", "b"):
        return (docker.build("docker buildx build", after, place, setting.directories, driver),)
    if command.text in ("bake", "f"):
        return (_bake(after, place, setting, driver),)
    if command.text == "create":
        valued = "bootstrap-timeout buildkitd-config buildkitd-flags config driver driver-opt name node platform"
        parsed = parse(after, grammar(valued, "append bootstrap leave use help"))
        wanted = parsed.last("driver")
        if parsed.switch("use"):
            setting.driver = wanted.text if wanted else "docker-container"
    elif command.text == "imagetools" and after and after[0].text.text == "create":
        return _imagetools(after[1:], place_through(first, after[0].text))
    return ()


def _imagetools(words: Sequence[Word], place: Place) -> tuple[Event, ...]:
    """`docker buildx imagetools create`: https://docs.docker.com/reference/cli/docker/buildx/imagetools/create/."""
    known = grammar("annotation builder file metadata-file platform progress tag", "append dry-run prefer-index help",
                    "f=file p=platform t=tag D=debug")  # fmt: skip
    parsed = parse(words, known)
    if parsed.switch("dry-run"):
        return ()
    more = parsed.open_fields
    annotations = tuple(docker.annotation(text) for text in parsed.values("annotation"))
    tool = "docker buildx imagetools create"
    return (Merge(tool, place, parsed.values("tag"), parsed.words, annotations, True, more),)


def _bake(words: Sequence[Word], place: Place, setting: Setting, driver: str) -> BakeCall:
    """`docker buildx bake`: https://docs.docker.com/reference/cli/docker/buildx/bake/."""
    known = grammar("allow builder call file list metadata-file progress provenance sbom set var",
                    "check debug list-targets list-variables load no-cache print pull push help",
                    "f=file D=debug")  # fmt: skip
    parsed = parse(words, known)
    asks = parsed.switch("print") or parsed.switch("check") or parsed.last("call") or parsed.last("list")
    load = parsed.switch("load")
    push = False if asks else parsed.switch("push")
    more = parsed.open_fields
    return BakeCall(
        "docker buildx bake", place, setting.directories, parsed.values("file"), parsed.words, parsed.values("set"),
        push=push, load=load,
        provenance=parsed.last("provenance"), sbom=parsed.last("sbom"), driver=driver, open=more,
    )  # fmt: skip


def _compose(words: Sequence[Word], setting: Setting, first: Text) -> tuple[Event, ...]:
    """`docker compose build` and `push`: https://docs.docker.com/reference/cli/docker/compose/build/."""
    known = grammar("ansi env-file file parallel profile progress project-directory project-name", "all-resources "
                    "compatibility dry-run verbose help version", "f=file p=project-name")  # fmt: skip
    outer = parse(words, known, interspersed=False)
    rest = words[outer.begin :]
    if not rest or rest[0].text.text not in ("build", "push"):
        return ()
    command = rest[0].text
    valued = "build-arg builder memory progress ssh provenance sbom"
    switches = (
        "check compress force-rm no-cache no-rm parallel print pull push quiet with-dependencies "
        "ignore-push-failures include-deps"
    )
    inner = parse(rest[1:], grammar(valued, switches, "m=memory q=quiet"))
    builds = command.text == "build"
    more = outer.open_fields | inner.open_fields
    call = ComposeCall(
        place_through(first, command), setting.directories, outer.values("file"), inner.words, builds,
        inner.switch("push") if builds else True, docker.pairs(inner.values("build-arg")),
        open=more, profiles=outer.values("profile"), env_files=outer.values("env-file"),
    )  # fmt: skip
    return (call,)
