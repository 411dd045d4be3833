"""Platforms of entries and configurations: whether anybody knows them, and whether each is there once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from imglint.checks.context import Context
from imglint.checks.images.problems import MAX_FINDINGS, quoted
from imglint.checks.images.walk import entries, is_named
from imglint.finding import Finding
from imglint.model.image.image import At, Image
from imglint.model.image.platform import UNKNOWN, Platform

OSES: Final = frozenset((
    "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl", "netbsd",
    "openbsd", "plan9", "solaris", "wasip1", "windows", "zos",
    "wasi",  # What Docker writes for WebAssembly.
))  # fmt: skip
ARCHITECTURES: Final = frozenset((
    "386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64", "mips", "mipsle", "mips64", "mips64le",
    "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64",
    "wasm",
))  # fmt: skip
"""https://github.com/golang/go/blob/master/src/internal/syslist/syslist.go"""
_VARIANTS: Final = {
    "arm": r"v[5-8]", "arm64": r"v8(?:\.[0-9])?|v9(?:\.[0-9])?", "amd64": r"v[1-4]", "ppc64le": r"power(?:8|9|10|11)",
    "riscv64": r"rva2[0-9]u64",
}  # fmt: skip
"""https://github.com/opencontainers/image-spec/blob/main/image-index.md#platform-variants"""
_MEANT: Final = {
    "i486": "386", "i586": "386", "i686": "386", "x86": "386", "x64": "amd64", "armv8": "arm64", "armv7": "arm",
    "armv7l": "arm", "armv6": "arm", "armv6l": "arm", "powerpc64le": "ppc64le", "ppc64el": "ppc64le",
    "loongarch64": "loong64", "wasm32": "wasm", "macosx": "darwin", "osx": "darwin", "win": "windows",
}  # fmt: skip
"""Names that are no aliases, but clear."""
_ZSTD: Final = "io.github.containers.compression.zstd"
"""Podman marks the second of two entries for a platform by it, whose layers are compressed by zstd."""


def unknown_platform(image: Image, context: Context) -> Iterator[Finding]:
    """A platform that nobody has, or that is written as nobody looks for it."""
    yield from islice(_unknown(image, context), MAX_FINDINGS)


def _unknown(image: Image, context: Context) -> Iterator[Finding]:
    for entry in entries(image):
        at = entry / "platform"
        os, architecture = (entry.document.text(*at.pointer, name) for name in ("os", "architecture"))
        if Platform(os, architecture).is_unknown:
            message = "this entry is for unknown/unknown and not marked as an attestation: nobody can run it"
            help = "give it a platform, or the annotation vnd.docker.reference.type"
            yield context.at(at, message, help=help)
        else:
            yield from _names({name: at / name for name in ("os", "architecture", "variant")}, context)
    for variant in image.variants:
        if variant.config is None:
            continue
        places = {name: variant.config.about(name) for name in ("os", "architecture", "variant")}
        if variant.descriptor is not None:
            declared = variant.descriptor / "platform"
            places = {name: at for name, at in places.items() if (declared / name).value != at.value}
        yield from _names(places, context)


def _names(places: dict[str, At], context: Context) -> Iterator[Finding]:
    """What is wrong with names that stand at these places."""
    values = {name: at.value for name, at in places.items()}
    for name, known in (("os", OSES), ("architecture", ARCHITECTURES)):
        value = values.get(name)
        if isinstance(value, str) and value and value != UNKNOWN and value not in known:
            noun = "operating system" if name == "os" else "architecture"
            message = f"{quoted(value)} is not the name of an {noun} that container tools know, so none will choose it"
            yield context.at(places[name], message, help=_instead(name, value))
    architecture, variant = values.get("architecture"), values.get("variant")
    pattern = _VARIANTS.get(architecture) if isinstance(architecture, str) else None
    if pattern and isinstance(variant, str) and variant and not re.fullmatch(pattern, variant):
        guess = f"v{variant}" if re.fullmatch(pattern, f"v{variant}") else ""
        message = f"{quoted(variant)} is not a variant of {architecture} that container tools know"
        yield context.at(places["variant"], message, help=f"write {guess}" if guess else "")


def _instead(name: str, value: str) -> str:
    """How to write a name that is nearly right."""
    lower = value.lower()
    os, architecture, _ = Platform(lower, lower).normal
    normal = _MEANT.get(lower, os if name == "os" else architecture)
    if normal in (OSES if name == "os" else ARCHITECTURES):
        with_variant = f', and "variant": "{_implied(lower)}"' if name == "architecture" and _implied(lower) else ""
        return f"write {normal}{with_variant}"
    from imglint.syntax.nearest import nearest

    guess = nearest(lower, sorted(OSES if name == "os" else ARCHITECTURES))
    return f"did you mean {guess}?" if guess else "write it as Go's GOOS" if name == "os" else "write it as Go's GOARCH"


def _implied(architecture: str) -> str:
    """The variant that an old name of an architecture holds."""
    return {"armhf": "v7", "armel": "v6"}.get(architecture) or "".join(re.findall(r"\Aarm(v[67])", architecture))


def duplicate_platform(image: Image, context: Context) -> Iterator[Finding]:
    """Two entries of an index are for one platform, and the second is never chosen."""
    yield from islice(_duplicates(image, context), MAX_FINDINGS)


def _duplicates(image: Image, context: Context) -> Iterator[Finding]:
    first: dict[tuple[object, ...], At] = {}
    for entry in entries(image):
        document, here = entry
        os, architecture = document.text(*here, "platform", "os"), document.text(*here, "platform", "architecture")
        platform = Platform(os, architecture, document.text(*here, "platform", "variant"))
        if not os or not architecture or platform.is_unknown or is_named(entry):
            continue
        features = tuple(str(each) for each in document.items(*here, "platform", "os.features"))
        version = document.text(*here, "platform", "os.version")
        key = (document.source, platform.normal, version, features, document.text(*here, "annotations", _ZSTD))
        before = first.setdefault(key, entry)
        if before is not entry and (before / "digest").value != (entry / "digest").value:
            yield context.at(
                entry / "platform",
                f"a second entry is for {platform}, and clients choose the first: this one is never pulled",
                help="remove one of the two",
                related=[(before / "platform", "the first one")],
            )
