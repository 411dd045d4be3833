"""What the examples of the rule pages do not show: limits, dialects and documents that are wrong in every way."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from hypothesis import given, settings

from imglint import config
from imglint.checks import images
from imglint.checks.images import (
    created_in_future,
    deprecated_layer_type,
    duplicate_platform,
    history_mismatch,
    layer_near_limit,
    layer_too_large,
    layer_upload_too_slow,
    platform_mismatch,
    platforms_disagree,
    too_many_layers,
    unknown_platform,
    unreadable_blob,
)
from imglint.finding import Severity
from imglint.model.image.form import DOCKER_ARCHIVE, REGISTRY
from imglint.model.image.image import ABSENT_BLOB, UNREADABLE, At, Basis, Flaw, Image, Variant
from imglint.model.image.platform import Platform
from imglint.source import Source
from imglint.syntax.dockerfile import parse

from .judging import CATALOG, GZIP, configuration, descriptor, entry, found, image_of, index, manifest, variant_of
from .test_specification import mutated

GB = 10**9


def sized(*sizes: int, history: list[dict[str, Any]] | None = None) -> Variant:
    layers = [descriptor(GZIP, f"{number:x}"[-1], size) for number, size in enumerate(sizes)]
    more = {"history": history} if history is not None else {}
    return variant_of(manifest(*layers), configuration(layers=len(sizes), **more))


def image(variant: Variant, *references: str) -> Image:
    assert variant.manifest
    return Image("image", REGISTRY, variant.manifest, references, variants=(variant,))


def messages(findings: list[Any]) -> list[str]:
    return [finding.message for finding in findings]


@pytest.mark.parametrize(
    ("size", "rules"),
    [
        (8 * GB, []),
        (8 * GB + 1, [layer_near_limit]),
        (10 * GB, [layer_near_limit]),
        (10 * GB + 1, [layer_too_large]),
        (2**62, [layer_too_large]),
    ],
)
def test_sizes_of_layers(size: int, rules: list[Any]) -> None:
    variant = sized(1, size)
    assert [rule for rule in (layer_near_limit, layer_too_large) if found(rule, variant)] == rules


def test_uncompressed_sizes_are_warned_of() -> None:
    variant = sized(12 * GB)
    assert variant.layers
    variant = variant._replace(layers=(variant.layers[0]._replace(basis=Basis.UNCOMPRESSED),))
    (finding,) = found(layer_too_large, variant)
    assert finding.severity is Severity.WARNING
    assert "12.0 GB (11.2 GiB) uncompressed" in finding.message and "unknown here" in finding.message
    assert found(layer_near_limit, variant) == []


def test_the_configured_severity_wins() -> None:
    variant = sized(12 * GB)
    quiet = config.defaults()._replace(severity={"layer-too-large": "info"})
    (finding,) = found(layer_too_large, variant, settings=quiet)
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    ("references", "is_judged"),
    [
        ((), True),
        (("ghcr.io/acme/widget:1",), True),
        (("widget:1",), True),
        (("acme/widget:1",), True),
        (("localhost/widget:1",), True),
        (("quay.io/acme/widget:1",), False),
        (("localhost:5000/widget:1",), False),
        (("quay.io/acme/widget:1", "ghcr.io/acme/widget:1"), True),
    ],
)
def test_where_an_image_goes(references: tuple[str, ...], is_judged: bool) -> None:
    variant = sized(12 * GB)
    assert bool(found(layer_too_large, variant, image(variant, *references))) is is_judged


def test_the_rate_that_is_needed() -> None:
    (finding,) = found(layer_upload_too_slow, sized(9 * GB), settings=config.defaults()._replace(uplink=60))
    assert "takes 20 minutes at 60 Mbit/s" in finding.message
    assert "at least 120 Mbit/s" in finding.help
    assert found(layer_upload_too_slow, sized(9 * GB), settings=config.defaults()._replace(uplink=120)) == []
    assert found(layer_upload_too_slow, sized(9 * GB)) == []


def test_a_layer_names_what_made_it() -> None:
    history = [
        {"created_by": "/bin/sh -c #(nop) CMD []", "empty_layer": True},
        {"created_by": "RUN |1 TOKEN=hunter2 /bin/sh -c make model # buildkit", "comment": "buildkit.dockerfile.v0"},
    ]
    dockerfile = parse(Source("Dockerfile", "FROM scratch\nARG TOKEN\nRUN make \\\n  model\n"))
    (finding,) = found(layer_too_large, sized(12 * GB, history=history), dockerfile=dockerfile)
    assert finding.label == "made by `RUN make model`"
    assert [each.message for each in finding.related] == ["here it is written"]
    assert dockerfile.source.slice(finding.related[0].span) == "RUN make \\\n  model"
    assert "hunter2" not in finding.message + finding.label + finding.help


def test_a_layer_that_is_not_compressed_will_be_when_it_is_pushed() -> None:
    plain = variant_of(manifest(descriptor(GZIP.removesuffix("+gzip"), "1", 12 * GB)), configuration())
    (finding,) = found(layer_too_large, plain)
    assert finding.severity is Severity.WARNING
    assert "12.0 GB (11.2 GiB) uncompressed" in finding.message


def test_the_step_of_the_history_is_shown_when_the_label_cuts_it_off() -> None:
    (short,) = found(layer_too_large, sized(12 * GB, history=[{"created_by": "COPY model /srv/ # buildkit"}]))
    assert (short.label, short.related) == ("made by `COPY model /srv/`", ())
    step = {"created_by": f"COPY {'model ' * 20}/srv/ # buildkit"}
    (long,) = found(layer_too_large, sized(12 * GB, history=[step]))
    assert long.label.endswith("…`")
    assert [each.message for each in long.related] == ["this made the layer"]


def test_layers_are_counted() -> None:
    assert found(too_many_layers, sized(*[1] * 127)) == []
    assert messages(found(too_many_layers, sized(*[1] * 128))) == [
        "the image has 128 layers, and container engines stack at most 127"
    ]


def test_an_archive_of_docker_save_has_no_manifest_to_disagree_with() -> None:
    variant = sized(1, 1)._replace(manifest=None)
    assert found(history_mismatch, variant, Image("x", DOCKER_ARCHIVE, variant.config.document)) == []  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("declared", "own", "differ"),
    [
        ("linux/amd64", "linux/amd64", False),
        ("linux/x86_64", "linux/amd64", False),
        ("linux/arm64/v8", "linux/arm64", False),
        ("linux/arm", "linux/arm/v7", False),
        ("linux/arm/v6", "linux/arm", False),
        ("linux/arm/v6", "linux/arm/v7", True),
        ("linux/arm64", "linux/arm/v7", True),
        ("windows/amd64", "linux/amd64", True),
        ("linux/amd64/v3", "linux/amd64", False),
        ("unknown/unknown", "linux/amd64", True),
    ],
)
def test_platforms_of_index_and_configuration(declared: str, own: str, differ: bool) -> None:
    words = dict(zip(("os", "architecture", "variant"), own.split("/"), strict=False))
    top = image_of("index", index(entry(declared))).root
    variant = variant_of(manifest(), configuration(**words), descriptor=At(top, ("manifests", 0)))
    assert bool(found(platform_mismatch, variant)) is differ


@pytest.mark.parametrize(
    ("platform", "help"),
    [
        ("linux/amd64", None),
        ("linux/arm/v5", None),
        ("linux/arm64/v8.2", None),
        ("linux/amd64/v3", None),
        ("linux/riscv64", None),
        ("linux/riscv64/rva22u64", None),
        ("linux/mips64le/hardfloat", None),
        ("wasip1/wasm", None),
        ("wasi/wasm", None),
        ("linux/x86_64", "write amd64"),
        ("linux/AMD64", "write amd64"),
        ("linux/aarch64", "write arm64"),
        ("linux/armhf", 'write arm, and "variant": "v7"'),
        ("linux/armv6l", 'write arm, and "variant": "v6"'),
        ("macos/arm64", "write darwin"),
        ("linux/arm/7", "write v7"),
        ("linux/arm64/9000", ""),
        ("linux/amd46", "did you mean amd64?"),
        ("zzz/amd64", "write it as Go's GOOS"),
    ],
)
def test_names_of_platforms(platform: str, help: str | None) -> None:
    findings = found(unknown_platform, image_of("index", index(entry(platform))))
    assert [finding.help for finding in findings] == ([] if help is None else [help])


def test_a_configuration_that_says_what_its_entry_says_is_not_told_of_twice() -> None:
    top = image_of("index", index(entry("linux/x86_64"))).root
    for architecture, count in (("x86_64", 1), ("aarch64", 2)):
        own = configuration(architecture=architecture)
        variant = variant_of(manifest(), own, descriptor=At(top, ("manifests", 0)))
        whole = Image("x", REGISTRY, top, indexes=(top,), variants=(variant,))
        assert len(found(unknown_platform, whole)) == count


@pytest.mark.parametrize(
    ("entries", "count"),
    [
        ([entry("linux/amd64", "a"), entry("linux/arm64", "b")], 0),
        ([entry("linux/amd64", "a"), entry("linux/amd64", "b")], 1),
        ([entry("linux/amd64", "a"), entry("linux/amd64", "a")], 0),
        ([entry("linux/amd64", "a"), entry("linux/x86_64", "b"), entry("linux/amd64/v1", "c")], 2),
        ([entry("unknown/unknown", "a"), entry("unknown/unknown", "b")], 0),
        (
            [
                entry("linux/amd64", "a"),
                entry("linux/amd64", "b", annotations={"io.github.containers.compression.zstd": "true"}),
            ],
            0,
        ),
        (
            [
                entry("linux/amd64", "a", annotations={"org.opencontainers.image.ref.name": "1"}),
                entry("linux/amd64", "b", annotations={"org.opencontainers.image.ref.name": "2"}),
            ],
            0,
        ),
        ([entry("linux/amd64", "a"), entry("linux/amd64", "b", artifactType="a/b")], 0),
    ],
)
def test_platforms_that_are_there_twice(entries: list[dict[str, Any]], count: int) -> None:
    assert len(found(duplicate_platform, image_of("index", index(*entries)))) == count


@pytest.mark.parametrize(
    ("created", "is_found"),
    [
        ("2999-12-31T23:59:60Z", True),
        ("9999-12-31T23:59:59-23:59", True),
        ("9999-12-31t23:59:59z", True),
        ("0000-01-01T00:00:00Z", False),
        ("0001-01-01T00:00:00Z", False),
        ("1970-01-01T00:00:01Z", False),
        ("2999-01-01", False),
        (5, False),
        (None, False),
    ],
)
def test_the_time_of_creation(created: object, is_found: bool) -> None:
    variant = variant_of(manifest(), configuration(created=created))
    assert bool(found(created_in_future, variant)) is is_found


def platforms(*runtimes: dict[str, Any], oses: tuple[str, ...] = ()) -> Image:
    variants = []
    for number, runtime in enumerate(runtimes):
        os, architecture = (*oses, *["linux"] * 9)[number], ("amd64", "arm64", "s390x")[number]
        made = variant_of(manifest(), configuration(runtime, os=os, architecture=architecture))
        variants.append(made._replace(platform=Platform(os, architecture)))
    return Image("x", REGISTRY, image_of("index", index()).root, variants=tuple(variants))


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        ({}, {}, ""),
        ({"User": "app"}, {"User": "web"}, "the user is `web` for linux/arm64 and `app` for linux/amd64"),
        ({"User": "app"}, {}, "the user is `root` for linux/arm64 and `app` for linux/amd64"),
        ({"User": "0:0"}, {"User": "root"}, ""),
        ({"Cmd": ["a"]}, {"Cmd": ["b"]}, "the command is `b` for linux/arm64 and `a` for linux/amd64"),
        ({"Cmd": ["a"]}, {"Cmd": None}, "the command is not set for linux/arm64, and is `a` for linux/amd64"),
        ({"Entrypoint": ["/lib/x86_64-linux-gnu/a"]}, {"Entrypoint": ["/lib/aarch64-linux-gnu/a"]}, ""),
        ({"ExposedPorts": {"80": {}}}, {"ExposedPorts": {"80/tcp": {}}}, ""),
        (
            {"ExposedPorts": {"80": {}}},
            {"ExposedPorts": {"80": {}, "53/udp": {}}},
            "the list of ports is `53/udp, 80/tcp` for linux/arm64 and `80/tcp` for linux/amd64",
        ),
        ({"Labels": {"a.revision": "1"}}, {"Labels": {"a.revision": "2"}}, "the label `a.revision` is `2` for"),
        ({"Labels": {"a.b": "1"}}, {}, "the label `a.b` is not set for linux/arm64, and is `1` for linux/amd64"),
        ({"Labels": {"io.buildah.version": "1"}}, {"Labels": {"io.buildah.version": "2"}}, ""),
        ({"Labels": {"org.opencontainers.image.base.digest": "1"}}, {}, ""),
        ({"Labels": {"com.acme.arch": "1"}}, {"Labels": {"com.acme.arch": "2"}}, ""),
        ({"Labels": {"build-date": "1"}}, {"Labels": {"build-date": "2"}}, ""),
        (
            {"Labels": {"a.b": "2026-01-31T12:00:00Z"}},
            {"Labels": {"a.b": "2026-01-31T12:00:09Z"}},
            "",
        ),
    ],
)
def test_where_platforms_differ(one: dict[str, Any], other: dict[str, Any], message: str) -> None:
    findings = messages(found(platforms_disagree, platforms(one, other)))
    assert len(findings) == bool(message)
    assert all(each.startswith(message) for each in findings)


def test_the_odd_one_of_three_is_named() -> None:
    (message,) = messages(found(platforms_disagree, platforms({"User": "a"}, {"User": "b"}, {"User": "b"})))
    assert message.startswith("the user is `a` for linux/amd64 and `b` for linux/arm64")


def test_windows_has_users_of_its_own() -> None:
    assert found(platforms_disagree, platforms({"User": "a"}, {"User": "b"}, oses=("linux", "windows"))) == []


def test_mixed_formats_are_one_finding() -> None:
    layers = [descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", "1") for _ in range(5)]
    (finding,) = found(deprecated_layer_type, variant_of(manifest(*layers), configuration(layers=5)))
    assert finding.message.startswith("5 layers have Docker's type in an OCI manifest")


def test_flaws_of_the_reading() -> None:
    top = image_of("index", index(entry("linux/amd64", size=5 << 20), entry("linux/arm64"))).root
    flaws = (
        Flaw(UNREADABLE, At(top, ("manifests", 0)), "too large"),
        Flaw(UNREADABLE, At(top, ("manifests", 1)), "no JSON"),
        Flaw(ABSENT_BLOB, At(top, ("manifests", 1)), "absent"),
    )
    whole = Image("x", REGISTRY, top, indexes=(top,), flaws=flaws)
    assert messages(found(unreadable_blob, whole)) == ["no JSON: this part of the image is not judged"]


CHECKS = [getattr(images, rule.replace("-", "_")) for rule, family in CATALOG.families.items() if family == "images"]


@settings(max_examples=100, deadline=None)
@given(mutated(), mutated(), mutated())
def test_no_document_makes_a_rule_raise(one: tuple[str, Any], two: tuple[str, Any], three: tuple[str, Any]) -> None:
    values = dict((one, two, three))
    top = image_of("index", values.get("index", index(entry("linux/arm64")))).root
    variants = [
        variant_of(values.get("manifest", manifest()), value, descriptor=At(top, ("manifests", number)))
        for number, value in enumerate((values.get("config", configuration()), configuration()))
    ]
    whole = Image("x", REGISTRY, top, indexes=(top,), variants=tuple(variants))
    for check in CHECKS:
        for subject in (whole,) if "image" in inspect.signature(check).parameters else variants:
            for finding in found(check, subject, whole):
                assert finding.message and finding.severity
