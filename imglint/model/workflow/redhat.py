"""The actions of Red Hat: one builds with buildah, another pushes what it built.

https://github.com/redhat-actions/buildah-build#action-inputs,
https://github.com/redhat-actions/push-to-registry#action-inputs
"""

from __future__ import annotations

from imglint.model.build import Base, Build, Event, Pushing, Route, Tagging
from imglint.model.credential import credential_of
from imglint.model.login import Login, Reach, Way
from imglint.model.workflow.actions import BUILDAH_BUILD, PUSH_TO_REGISTRY, Call
from imglint.syntax.text import Place, Text, joined, literal


def _split(text: Text | None) -> tuple[Text, ...]:
    """Words between blanks, as buildah-build takes its lists."""
    if text is None:
        return ()
    return tuple(word for line in text.split("\n") for word in line.split(" ") if word.text.strip())


def buildah(call: Call) -> Build:
    """Builds with buildah, in docker's format unless `oci` is true, and pushes with another action."""
    image, files = call.text("image"), _split(call.text("containerfiles") or call.text("dockerfiles"))
    registry = call.text("registry")
    tags = _split(call.text("tags"))
    arguments, all_arguments = call.items("build-args", commas=False)
    labels, all_labels = call.items("labels", commas=False)
    platforms, all_platforms = call.items("platforms")
    more = {"arguments": all_arguments, "labels": all_labels, "platforms": all_platforms}
    oci = call.switch("oci")
    return Build(
        BUILDAH_BUILD,
        Route.ACTION,
        call.place,
        ("",),
        call.mounts,
        call.text("context"),
        dockerfile=files[0] if files else None,
        base=Base.EITHER,
        tags=_names(image, tags, registry, call.place),
        platforms=platforms or _split(call.text("archs")),
        arguments=tuple(call.pair(entry) for entry in arguments),
        labels=tuple(call.pair(entry) for entry in labels),
        image_format="oci" if oci is not False else "docker",
        open=frozenset(name for name, complete in more.items() if not complete),
    )


def _names(image: Text | None, tags: tuple[Text, ...], registry: Text | None, place: Place) -> tuple[Text, ...]:
    """Full names in `tags` as they are; else the registry, the image and each tag (`latest` unless given)."""
    if image is None:
        return tags
    found = []
    for tag in tags or (literal("latest", *place, exact=False),):
        if "/" in tag.text:
            found.append(tag)
            continue
        start = (registry.strip("/"), literal("/", *registry.place, exact=False)) if registry else ()
        found.append(joined((*start, image, literal(":", *image.place, exact=False), tag)))
    return tuple(found)


def push_to_registry(call: Call) -> tuple[Event, ...]:
    """Pushes, with what it is given to log in with; what is in the storage of containers needs no other name."""
    image, tags = call.text("image"), _split(call.text("tags"))
    local = _names(image, tags, None, call.place)
    registry, user, password = map(call.text, ("registry", "username", "password"))
    remote = _names(image, tags, registry, call.place)
    found: list[Event] = []
    if registry is not None and user is not None and password is not None:
        credential = credential_of(password)
        found.append(Login(PUSH_TO_REGISTRY, call.place, registry, user, credential, Way.INPUT, reach=Reach.PUSH))
    for source, name in zip(local, remote, strict=True):
        if source != name:
            found.append(Tagging(source, name, call.place))
        found.append(Pushing(name, call.place))
    return tuple(found)
