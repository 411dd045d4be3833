"""`helm push`, ko and GoReleaser: charts, and images of which nothing but the push is judged.

Flags: https://helm.sh/docs/helm/helm_push/, https://ko.build/reference/ko_build/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from imglint.model.build import Event, Upload
from imglint.model.commands.credentials import given
from imglint.model.commands.flags import Grammar, Word, grammar, parse
from imglint.model.login import KO_REPOSITORY
from imglint.syntax.text import Place, Text, joined, literal, unknown

if TYPE_CHECKING:
    from imglint.model.commands.read import Setting

_KO_VERBS: Final = frozenset(("build", "publish", "resolve", "apply", "create", "run"))
_OCI: Final = "oci://"


def _helm_grammar() -> Grammar:
    return grammar(
        "burst-limit ca-file cert-file key-file kube-context kubeconfig namespace password qps registry-config "
        "repository-cache repository-config username",
        "debug help insecure-skip-tls-verify plain-http",
        "h=help n=namespace",
    )


def _ko_grammar() -> Grammar:
    return grammar(
        "filename image-annotation image-label image-refs image-user jobs oci-layout-path platform sbom sbom-dir "
        "selector tags tarball",
        "bare base-import-paths debug disable-optimizations help insecure-registry local preserve-import-paths push "
        "recursive tag-only verbose watch",
        "B=base-import-paths L=local P=preserve-import-paths R=recursive W=watch f=filename h=help j=jobs l=selector "
        "t=tags v=verbose",
    )


def events(tool: str, words: Sequence[Word], setting: Setting, first: Text) -> tuple[Event, ...]:
    """The push that the words after a tool ask for; nothing for anything else that it does."""
    place = first.place
    if tool == "goreleaser":
        from imglint.model.goreleaser import release

        return release(words, place, setting.directories, (("", ""),))
    return tuple(_helm(words, place) if tool == "helm" else _ko(words, setting, place))


def _helm(words: Sequence[Word], place: Place) -> Iterator[Event]:
    outer = parse(words, _helm_grammar(), interspersed=False)
    rest = words[outer.begin :]
    if not rest or rest[0].text.text != "push":
        return
    parsed = parse(rest[1:], _helm_grammar())
    registry = parsed.words[1] if len(parsed.words) == 2 else None
    # Without `oci://` it is a server of charts, which a plugin pushes to.
    if registry is not None and registry.text.startswith(_OCI):
        name = _below(registry.cut(len(_OCI)), "the name of the chart")
        yield from given("helm push", place, (*outer.flags, *parsed.flags), name, None)
        yield Upload(name, place)


def _ko(words: Sequence[Word], setting: Setting, place: Place) -> Iterator[Event]:
    if not words or words[0].text.text not in _KO_VERBS:
        return
    parsed = parse(words[1:], _ko_grammar())
    repository = setting.variable(KO_REPOSITORY)
    stays = parsed.switch("local") is not False or (parsed.last("push") is not None and not parsed.switch("push"))
    if repository is not None and repository.text and not stays:
        yield Upload(_below(repository, "the import path"), place)


def _below(repository: Text, reason: str) -> Text:
    """A name below another one, the rest of which is not known."""
    return joined(
        (repository.strip("/"), literal("/", *repository.place, exact=False), unknown(reason, *repository.place))
    )
