"""Our checks of indexes, manifests and configurations against the JSON schemas of the specification.

Whatever the schemas refuse is reported, with the exceptions below. They let much pass that the text of the
specification forbids: that is below, too.
"""

from __future__ import annotations

import copy
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from imglint.checks.images import invalid_config, invalid_descriptor, invalid_manifest
from imglint.finding import Finding

from .judging import GZIP, OCI, configuration, descriptor, digest, entry, found, image_of, index, manifest

FOLDER = Path(__file__).parents[2] / "data" / "image-spec"
NAMES = {
    "defs.json": ("schema/defs.json", "schema/image/defs.json", "schema/image/descriptor/defs.json"),
    "defs-descriptor.json": (
        "schema/defs-descriptor.json", "schema/image/defs-descriptor.json", "schema/image/descriptor/mediaType",
    ),
    "content-descriptor.json": ("schema/descriptor", "schema/image/content-descriptor.json"),
    "config-schema.json": ("schema/image/config",),
    "image-index-schema.json": ("schema/image/index",),
    "image-manifest-schema.json": ("schema/image/manifest",),
}  # fmt: skip
"""The addresses by which the schemas name one another: parts of them have addresses of their own."""
REGISTRY: Registry[Any] = Registry().with_resources(
    (f"https://opencontainers.org/{name}", DRAFT4.create_resource(json.loads((FOLDER / file).read_text())))
    for file, names in NAMES.items()
    for name in names
)


def validator(file: str) -> Draft4Validator:
    return Draft4Validator(json.loads((FOLDER / file).read_text()), registry=REGISTRY)


VALIDATORS = {
    "index": validator("image-index-schema.json"),
    "manifest": validator("image-manifest-schema.json"),
    "config": validator("config-schema.json"),
}


def reported(kind: str, value: Any) -> list[Finding]:
    image = image_of(kind, value)
    return [
        finding for check in (invalid_manifest, invalid_descriptor, invalid_config) for finding in found(check, image)
    ]


COMPLETE = {
    "index": index(
        entry("linux/amd64", annotations={"a.b": "c"}, urls=["https://example.com/x"], artifactType="a/b"),
        entry("linux/arm64/v8", "b"),
        annotations={"a.b": ""},
        subject=descriptor(f"{OCI}manifest.v1+json", "d"),
        artifactType="application/vnd.example+type",
    ),
    "manifest": manifest(
        descriptor(GZIP, size=5, data="aGVsbG8=", digest=f"sha256:{sha256(b'hello').hexdigest()}"),
        descriptor(GZIP, "2", annotations={"a.b": "c"}, urls=["https://example.com/x"]),
        annotations={"a.b": ""},
        subject=descriptor(f"{OCI}manifest.v1+json", "d"),
        artifactType="application/vnd.example+type",
    ),
    "config": configuration(
        {
            "User": "app", "ExposedPorts": {"80/tcp": {}}, "Env": ["A=b"], "Entrypoint": ["/a"], "Cmd": ["b"],
            "Volumes": {"/a": {}}, "WorkingDir": "/", "Labels": {"a.b": "c"}, "StopSignal": "SIGTERM",
            "ArgsEscaped": False,
        },
        created="2026-01-31T12:00:00Z", author="a", variant="v8",
        history=[
            {"created": "2026-01-31T12:00:00Z", "created_by": "c", "author": "a", "comment": "", "empty_layer": False},
        ],
        **{"os.version": "1", "os.features": ["a"]},
    ),
}  # fmt: skip
"""A document of each kind with every member that its schema knows."""


@pytest.mark.parametrize("kind", COMPLETE)
def test_a_complete_document_is_valid(kind: str) -> None:
    assert VALIDATORS[kind].is_valid(COMPLETE[kind])
    assert reported(kind, COMPLETE[kind]) == []


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, inner in members for place in places(inner, (*path, key)))]


def changed(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """The value with another one at a place; `...` takes away what is there."""
    result = copy.deepcopy(value)
    here = result
    for step in path[:-1]:
        here = here[step]
    if new is ...:
        del here[path[-1]]
    else:
        here[path[-1]] = new
    return result


def without_null(value: Any) -> Any:
    """The document without members that are null. The specification says of configurations that these count as absent
    (config.md, "Properties"), and its own types read all documents so; annotations alone must not be null."""
    if isinstance(value, dict):
        return {key: without_null(each) for key, each in value.items() if each is not None or key == "annotations"}
    return [without_null(each) for each in value] if isinstance(value, list) else value


WRONG = st.sampled_from(
    [..., None, True, False, 0, 1, -1, 2, 1.5, 2**63, 2**64, "", "x", "a/b", "sha256:x", [], {}, [None], [1], ["x"],
     [[]], [{}], {"": 1}, {"a": 1}, {"a": None}, {"a": {}}, {"a": "b"}]
) | st.text(max_size=8)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Any]:
    """A document in which a few members are gone, or something else."""
    kind = draw(st.sampled_from(sorted(COMPLETE)))
    value = COMPLETE[kind]
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(value)[1:] or [()]))
        if path:
            value = changed(value, path, draw(WRONG))
    return kind, value


@settings(max_examples=800, deadline=None)
@given(mutated())
def test_what_the_schemas_refuse_is_reported(case: tuple[str, Any]) -> None:
    kind, value = case
    if not VALIDATORS[kind].is_valid(without_null(value)):
        assert reported(kind, value)


def _one(kind: str, path: tuple[str | int, ...], new: Any) -> Any:
    return changed(COMPLETE[kind], path, new)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        # config.md, "Properties": any OPTIONAL field may also be set to null, which is equivalent to being absent.
        *(("config", (name,)) for name in ("config", "history", "created", "author", "variant", "os.version")),
        *(("config", ("config", name)) for name in ("User", "ExposedPorts", "Env", "WorkingDir", "StopSignal")),
        *(("config", ("history", 0, name)) for name in ("created", "author", "created_by", "comment", "empty_layer")),
        # The specification's own types read these as absent, too.
        *(("manifest", (name,)) for name in ("subject", "artifactType")),
        ("manifest", ("layers", 1, "urls")),
        *(("index", path) for path in (("manifests", 0, "urls"), ("subject",), ("artifactType",))),
    ],
)
def test_what_the_schemas_refuse_and_the_text_allows(kind: str, path: tuple[str | int, ...]) -> None:
    value = _one(kind, path, None)
    assert not VALIDATORS[kind].is_valid(value)
    assert reported(kind, value) == []


NOT_IN_SCHEMAS = [
    ("manifest", ("config", "digest"), "sha256:abc"),
    ("manifest", ("config", "digest"), digest("A")),
    ("manifest", ("config", "digest"), digest("a") + "\n"),
    ("manifest", ("layers", 0, "data"), "%%%"),
    ("manifest", ("layers", 0, "data"), "aGVsbG8"),
    ("manifest", ("layers", 0, "data"), "aGVsbG9v"),
    ("manifest", ("layers", 0, "urls"), ["no URI"]),
    ("manifest", ("layers", 0, "size"), 2**63),
    ("manifest", ("mediaType",), "application/vnd.example+json"),
    ("manifest", ("manifests",), []),
    ("manifest", ("annotations",), {"": 1}),
    ("index", ("manifests", 0, "size"), -1),
    ("index", ("manifests", 0, "artifactType"), 5),
    ("index", ("manifests", 0, "data"), 5),
    ("index", ("manifests", 0, "platform", "os"), ""),
    ("index", ("layers",), []),
    ("config", ("architecture",), ""),
    ("config", ("created",), "yesterday"),
    ("config", ("history", 0, "created"), "2026-02-30T00:00:00Z"),
    ("config", ("rootfs", "diff_ids"), ["xyz"]),
    ("config", ("config", "Env"), ["NAME"]),
    ("config", ("config", "Env"), ["=value"]),
    ("config", ("config", "ExposedPorts"), {"99999/foo": {}}),
    ("config", ("config", "ExposedPorts"), {"0": {}}),
    ("config", ("config", "Labels"), {"": 1}),
    ("config", ("config", "Labels"), {"\n": 1}),
    ("config", ("config", "StopSignal"), "SIGNOTHING"),
    ("config", ("config", "StopSignal"), "65"),
    ("config", ("config", "WorkingDir"), "a"),
    ("config", ("config", "User"), "a b"),
    ("config", ("config", "Volumes"), {"a": {}}),
    ("config", ("config", "Healthcheck"), {"Test": ["curl"]}),
    ("config", ("config", "Healthcheck"), {"Interval": 30}),
    ("config", ("config", "Healthcheck"), {"Retries": -1}),
]


@pytest.mark.parametrize(("kind", "path", "new"), NOT_IN_SCHEMAS)
def test_what_the_schemas_let_pass(kind: str, path: tuple[str | int, ...], new: Any) -> None:
    value = _one(kind, path, new)
    assert VALIDATORS[kind].is_valid(value)
    assert reported(kind, value)


def test_null_is_no_annotations() -> None:
    """annotations.md, "Rules": without annotations the member must be absent or an empty map."""
    for kind in ("index", "manifest"):
        value = _one(kind, ("annotations",), None)
        assert not VALIDATORS[kind].is_valid(value)
        assert ["not null" in finding.message for finding in reported(kind, value)] == [True]


@pytest.mark.parametrize(
    ("path", "new"),
    [
        (("config", "User"), "1000:1000"),
        (("config", "StopSignal"), "SIGRTMIN+3"),
        (("config", "StopSignal"), "TERM"),
        (("config", "StopSignal"), "sigterm"),
        (("config", "StopSignal"), "15"),
        (("config", "StopSignal"), ""),
        (("config", "ExposedPorts"), {"53/udp": {}, "80": {}, "5000/sctp": {}}),
        (("config", "Env"), ["A=", "B=c=d", "C=e\nf"]),
        (("config", "Healthcheck"), {"Test": [], "Interval": 0, "Timeout": 1_000_000, "Retries": 3}),
        (("config", "Healthcheck"), {"Test": ["NONE"]}),
        (("config", "Memory"), 0),
        (("config", "Unknown"), 5),
        (("created",), "0001-01-01T00:00:00Z"),
        (("rootfs", "diff_ids"), ["sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564"]),
        (("rootfs", "diff_ids"), []),
        (("rootfs", "diff_ids"), ["sha512:" + "a" * 128]),
    ],
)
def test_configurations_that_are_fine(path: tuple[str | int, ...], new: Any) -> None:
    assert reported("config", _one("config", path, new)) == []


def test_what_is_wrong_everywhere_is_told_ten_times_and_counted() -> None:
    value = manifest(*(descriptor(GZIP, "1", -1) for _ in range(40)))
    findings = reported("manifest", value)
    assert len(findings) == 10
    assert findings[-1].help == "30 more findings in this document are not shown"
