"""Descriptors: what indexes and manifests name other documents and layers by.

https://github.com/opencontainers/image-spec/blob/main/descriptor.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.checks.images.problems import (
    Problem,
    annotation_map,
    array_of,
    filled,
    has_type,
    quoted,
    reported,
    shown,
    typed,
)
from imglint.checks.images.walk import indexes, is_layout_index, is_marked, is_named, manifests
from imglint.finding import Finding, Severity
from imglint.model.image.image import At, Image
from imglint.syntax.values import is_digest

MEDIA_TYPE: Final = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\Z"
"""RFC 6838, section 4.2."""
EMPTY_TYPE: Final = "application/vnd.oci.empty.v1+json"
EMPTY_DIGEST: Final = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
"""https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidance-for-an-empty-descriptor"""

_MAX_SIZE: Final = 2**63 - 1
_URI: Final = r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*\Z"
_BASE64: Final = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z"
_IMAGE_MANIFESTS: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


def invalid_descriptor(image: Image, context: Context) -> Iterator[Finding]:
    """An index or a manifest names something in a way that the specification does not know."""
    for document in indexes(image):
        yield from reported(context, _of_index(image, At(document, ())))
    for document in manifests(image):
        yield from reported(context, _of_manifest(At(document, ())))


def _of_index(image: Image, at: At) -> Iterator[Problem]:
    entries = at.document.items("manifests")
    is_layout = is_layout_index(image, at.document)
    others = {artifact.at.pointer for artifact in image.artifacts if artifact.at.document.source is at.document.source}
    for number in range(len(entries)):
        entry = at / "manifests" / number
        yield from descriptor(entry)
        if isinstance(entry.value, dict):
            yield from _platform(entry)
            # Entries of a layout's own index may be told apart by their names.
            if len(entries) > 1 and not is_layout and entry.pointer not in others:
                yield from _without_platform(entry)
    if (at / "subject").value is not None:
        yield from descriptor(at / "subject")


def _of_manifest(at: At) -> Iterator[Problem]:
    for name in ("config", "subject"):
        if (at / name).value is not None:
            yield from descriptor(at / name)
    for number in range(len(at.document.items("layers"))):
        yield from descriptor(at / "layers" / number)


def descriptor(at: At) -> Iterator[Problem]:
    """What is wrong with one descriptor."""
    if not isinstance(at.value, dict):
        yield Problem(at, f"a descriptor must be an object, not {shown(at.value)}")
        return
    yield from media_type(at, "mediaType", required=True)
    yield from media_type(at, "artifactType")
    yield from _digest(at)
    yield from _size(at)
    yield from _urls(at)
    yield from _data(at)
    yield from annotation_map(at)
    if (at / "mediaType").value == EMPTY_TYPE:
        yield from _empty(at)


def media_type(at: At, name: str, *, required: bool = False) -> Iterator[Problem]:
    """A member that must be a media type."""
    yield from typed(at, name, "a string", required=required)
    value = (at / name).value
    if isinstance(value, str) and not re.match(MEDIA_TYPE, value):
        yield Problem(at / name, f"{quoted(value)} is not a media type: it must be a type, a slash and a subtype")


def _digest(at: At) -> Iterator[Problem]:
    yield from typed(at, "digest", "a string", required=True)
    value = (at / "digest").value
    if isinstance(value, str) and not is_digest(value):
        yield Problem(at / "digest", f"{quoted(value)} is not a digest", digest_help(value))


def digest_help(text: str) -> str:
    """What to write instead of a wrong digest."""
    algorithm, _, encoded = text.partition(":")
    if is_digest(text.strip().lower()) and text.strip().lower() != text:
        return "write it in lower case, without blanks"
    if algorithm in ("sha256", "sha512", "blake3"):
        wanted = 128 if algorithm == "sha512" else 64
        return f"{algorithm} has {wanted} hexadecimal digits in lower case, and this has {len(encoded)} characters"
    return "write the algorithm, a colon and the hash, such as sha256: and 64 hexadecimal digits"


def _size(at: At) -> Iterator[Problem]:
    yield from typed(at, "size", "a whole number", required=True)
    value = (at / "size").value
    if not has_type(value, "a whole number"):
        return
    if value < 0:
        yield Problem(at / "size", f"a size must not be negative, and this is {value}")
    elif value > _MAX_SIZE:
        yield Problem(at / "size", f"a size must be less than 2^63, and this is {value}")


def _urls(at: At) -> Iterator[Problem]:
    yield from array_of(at, "urls", "a string")
    for number, value in enumerate(at.document.items(*at.pointer, "urls")):
        here = at / "urls" / number
        if isinstance(value, str) and not re.match(_URI, value):
            yield Problem(here, f"{quoted(value)} is not a URI")
        elif isinstance(value, str) and not value.lower().startswith(("http:", "https:")):
            message = f"{quoted(value)} is neither http nor https, and most tools fetch by these only"
            yield Problem(here, message, severity=Severity.WARNING)


def _data(at: At) -> Iterator[Problem]:
    yield from typed(at, "data", "a string")
    value, size, digest = ((at / name).value for name in ("data", "size", "digest"))
    if not isinstance(value, str):
        return
    if not re.match(_BASE64, value):
        yield Problem(at / "data", "`data` is not in Base64, with padding and without line breaks")
        return
    import base64
    import hashlib

    content = base64.b64decode(value)
    if has_type(size, "a whole number") and size != len(content):
        yield Problem(at / "data", f"`data` holds {len(content):,} bytes, and `size` says {size:,}")
    algorithm = digest.partition(":")[0] if isinstance(digest, str) and is_digest(digest) else ""
    if algorithm in ("sha256", "sha512"):
        found = f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"
        if found != digest:
            yield Problem(at / "data", f"`data` holds other content than `digest` names: its digest is {found}")


def _empty(at: At) -> Iterator[Problem]:
    digest, size = (at / "digest").value, (at / "size").value
    if (isinstance(digest, str) and digest.startswith("sha256:") and digest != EMPTY_DIGEST) or size not in (None, 2):
        message = f"this is not the empty descriptor, though its type is {EMPTY_TYPE}"
        yield Problem(at, message, f"its content is {{}}: size 2, digest {EMPTY_DIGEST}", Severity.WARNING)


def _platform(entry: At) -> Iterator[Problem]:
    """https://github.com/opencontainers/image-spec/blob/main/image-index.md#image-index-property-descriptions ."""
    yield from typed(entry, "platform", "an object")
    at = entry / "platform"
    if not isinstance(at.value, dict):
        return
    yield from filled(at, "architecture")
    yield from filled(at, "os")
    yield from typed(at, "os.version", "a string")
    yield from typed(at, "variant", "a string")
    yield from array_of(at, "os.features", "a string")
    yield from array_of(at, "features", "a string")


def _without_platform(entry: At) -> Iterator[Problem]:
    is_image = (entry / "mediaType").value in _IMAGE_MANIFESTS
    if is_image and (entry / "platform").value is None and not is_marked(entry) and not is_named(entry):
        message = "this entry does not say for which platform it is, so no client can choose it by its own"
        yield Problem(entry, message, 'add "platform" with "architecture" and "os"', Severity.WARNING)
