"""Tools that bring images and artifacts into registries without an engine: skopeo, crane, regctl and oras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from imglint.model.build import Copying, Event, Pushing, Upload
from imglint.model.commands.flags import Flag, Grammar, Word, grammar, parse
from imglint.syntax.partialreference import parse_partial
from imglint.syntax.text import HOLE, Place, Text, joined, literal

NAMES: Final = frozenset(("skopeo", "crane", "gcrane", "regctl", "oras"))
"""The tools that are read here."""

_VERBS: Final = {
    "skopeo": (("copy",),),
    "crane": (("copy",), ("cp",)),
    "gcrane": (("copy",), ("cp",)),
    "regctl": (("image", "copy"), ("image", "cp")),
    "oras": (("copy",), ("cp",)),
}
_TRANSPORT: Final = "docker://"
_DAEMON: Final = ("docker-daemon:", "containers-storage:")


def copy_grammar() -> Grammar:
    """The flags of all of them that take a value, and those that do not."""
    return grammar(
        "additional-tag authfile src-authfile dest-authfile command-timeout creds src-creds dest-creds src-username "
        "src-password dest-username dest-password dest-cert-dir src-cert-dir dest-compress-format digestfile "
        "encryption-key decryption-key format f image-parallel-copies multi-arch override-arch override-os "
        "override-variant policy registries.d retry-times retry-delay sign-by sign-identity sign-passphrase-file "
        "src-daemon-host dest-daemon-host src-registry-token dest-registry-token tmpdir platform jobs concurrency "
        "from-username from-password to-username to-password from-registry-config to-registry-config v verbosity "
        "digest-tags-pattern host logopt",
        "all a quiet q remove-signatures preserve-digests dest-compress dest-decompress dest-precompute-digests "
        "src-tls-verify dest-tls-verify src-no-creds dest-no-creds dest-oci-accept-uncompressed-layers insecure "
        "allow-nondistributable-artifacts all-tags no-clobber n recursive r from-plain-http to-plain-http "
        "plain-http digest-tags external fast force-recursive include-external insecure-policy debug help "
        "from-insecure to-insecure verbose",
        "a=all q=quiet f=format n=no-clobber j=jobs r=recursive p=platform v=verbosity",
    )


def artifact_grammar() -> Grammar:
    """The flags of `oras push` and `oras attach`, and those of `crane push`."""
    return grammar(
        "annotation annotation-file artifact-platform artifact-type ca-file cert-file key-file concurrency config "
        "distribution-spec export-manifest format header identity-token image-spec image-refs oci-layout-path password "
        "platform registry-config resolve template username",
        "allow-nondistributable-artifacts debug disable-path-validation help identity-token-stdin index insecure "
        "no-tty oci-layout password-stdin plain-http verbose",
        "a=annotation d=debug h=help H=header p=password u=username v=verbose",
    )


def call(tool: str, words: Sequence[Word], first: Text, stdin: Text | None) -> tuple[Event, ...]:
    """What the words after a tool ask for; nothing for what reads only. `stdin` is what its standard input brings."""
    outer = parse(words, copy_grammar(), interspersed=False)
    rest = words[outer.begin :]
    texts = [word.text.text for word in rest[:2]]
    verb = next((verb for verb in _VERBS[tool] if tuple(texts[: len(verb)]) == verb), None)
    place = first.place
    if verb is not None:
        inner = parse(rest[len(verb) :], copy_grammar())
        names = [_name(tool, word) for word in inner.words[:2]]
        return tuple(_copied(tool, place, (*outer.flags, *inner.flags), *names)) if len(names) == 2 else ()
    if texts[:1] == ["tag"] and tool in ("crane", "gcrane"):
        given = parse(rest[1:], copy_grammar()).words
        if len(given) == 2 and HOLE not in (given[0].text, given[1].text):
            colon = literal(":", *given[1].place, exact=False)
            return (Copying(given[0], joined((parse_partial(given[0]).name, colon, given[1])), place),)
    if texts[:1] in (["push"], ["attach"]) and tool in ("crane", "gcrane", "oras"):
        return tuple(_pushed(tool, texts[0], rest[1:], place, stdin))
    return ()


def _copied(tool: str, place: Place, flags: Sequence[Flag], source: Text | None, name: Text | None) -> Iterator[Event]:
    from imglint.model.commands.credentials import of_copy

    if name is not None:
        yield from of_copy(tool, place, flags, source, name)
        yield Copying(source, name, place) if source is not None else Pushing(name, place)


def _pushed(tool: str, verb: str, words: Sequence[Word], place: Place, stdin: Text | None) -> Iterator[Event]:
    """`crane push TARBALL NAME`, `oras push NAME FILE…` and `oras attach NAME FILE…`."""
    from imglint.model.commands.credentials import given

    parsed = parse(words, artifact_grammar())
    if tool != "oras":
        if verb == "push" and len(parsed.words) == 2:
            yield Pushing(parsed.words[1], place)
    elif parsed.words and not parsed.switch("oci-layout") and parsed.last("oci-layout-path") is None:
        yield from given(f"oras {verb}", place, parsed.flags, parsed.words[0], stdin)
        yield Upload(parsed.words[0], place)


def _name(tool: str, word: Text) -> Text | None:
    """A name of a registry or of the Docker Engine; None for an image that is somewhere else."""
    if tool != "skopeo":
        return word
    if word.text.startswith(_TRANSPORT):
        return word.cut(len(_TRANSPORT))
    daemon = next((each for each in _DAEMON if word.text.startswith(each)), None)
    return word.cut(len(daemon)) if daemon else None
