"""What an image runs, shows and holds: official images as near misses, and every spelling and dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imglint.checks.images import (
    add_in_history,
    base_label_leak,
    credential_file,
    dist_upgrade,
    duplicate_account_id,
    empty_entrypoint,
    empty_password,
    exposed_ssh_port,
    label_annotation_conflict,
    latest_tag,
    missing_healthcheck,
    missing_provenance,
    missing_sbom,
    package_cache_in_layer,
    root_user,
    secret_in_environment,
    secret_in_history,
    secret_in_label,
    sensitive_volume,
    setuid_file,
    sudo_in_history,
    unneeded_file,
    update_alone,
    wasted_space,
)
from imglint.finding import Finding, Severity
from imglint.model.image.contents import Account, Contents, Member
from imglint.model.image.form import CONFIG_JSON, OCI_LAYOUT, REGISTRY, SKOPEO_INSPECT
from imglint.model.image.image import Attestation, Image, Variant
from imglint.read.image.single import single_image

from .judging import Check, configuration, descriptor, entry, found, index, manifest, variant_of
from .official import OFFICIAL

OF_VARIANTS = (
    add_in_history, base_label_leak, credential_file, dist_upgrade, duplicate_account_id, empty_entrypoint,
    empty_password, exposed_ssh_port, label_annotation_conflict, missing_healthcheck, package_cache_in_layer, root_user,
    secret_in_environment, secret_in_history, secret_in_label, sensitive_volume, setuid_file, sudo_in_history,
    unneeded_file, update_alone, wasted_space,
)  # fmt: skip
ENTRY = {"Entrypoint": ["/widget"]}
PREFIX = "org.opencontainers.image."


def judged(check: Check, config: dict[str, Any], *references: str, **more: Any) -> list[Finding]:
    """What a rule finds in a configuration alone; `more` is set in its variant."""
    image = single_image(json.dumps(config).encode(), "config.json")._replace(references=references)
    variant = image.variants[0]._replace(**more)
    return found(check, variant, image._replace(variants=(variant,)))


def history(*steps: str, buildkit: bool = False, **runtime: Any) -> dict[str, Any]:
    """A configuration with these steps, each of which made a layer."""
    comment = {"comment": "buildkit.dockerfile.v0"} if buildkit else {}
    entries = [{"created_by": step, **comment} for step in steps]
    return configuration(ENTRY | runtime, layers=len(entries), history=entries)


# What is true of an image, and no mistake of its authors.
EXPECTED = {
    "nginx": {"missing-healthcheck", "root-user"},
    "nginx on alpine": {"missing-healthcheck", "root-user"},
    "postgres": {"missing-healthcheck"},
    "mysql": {"missing-healthcheck"},
    "minio": {"missing-healthcheck"},
    "mariadb of bitnami": {"missing-healthcheck"},
    "distroless": {"empty-entrypoint"},
}


@pytest.mark.parametrize("name", OFFICIAL)
def test_official_images_have_no_mistakes(name: str) -> None:
    findings = [each for check in OF_VARIANTS for each in judged(check, OFFICIAL[name])]
    worth = {each.rule for each in findings if each.rule != "root-user" or each.severity > Severity.INFO}
    assert worth == EXPECTED.get(name, set())


@pytest.mark.parametrize("name", ["python", "nginx", "postgres", "mysql", "mariadb of bitnami"])
def test_the_same_without_cleaning_up_is_found(name: str) -> None:
    text = json.dumps(OFFICIAL[name]).replace("rm -rf", "ls").replace("clean all", "repolist")
    assert judged(package_cache_in_layer, json.loads(text))


@pytest.mark.parametrize(
    "user", ["", "root", "0", "00", "0:0", "root:root", "0:1000", "root:staff", ":0", "+0", "000:000"]
)
def test_spellings_of_root(user: str) -> None:
    assert judged(root_user, configuration({**ENTRY, "User": user}))


@pytest.mark.parametrize("user", ["1", "10001:0", "app", "app:root", "01", "toor", "rootless", "0x0", "00app"])
def test_other_users(user: str) -> None:
    assert judged(root_user, configuration({**ENTRY, "User": user})) == []


def test_a_user_is_looked_up_in_the_image() -> None:
    accounts = (Account("/etc/passwd", 2, "toor", "0"), Account("/etc/group", 1, "app", "0"))
    contents = Contents(accounts=accounts)
    assert judged(root_user, configuration({**ENTRY, "User": "toor"}), contents=contents)
    assert judged(root_user, configuration({**ENTRY, "User": "app"}), contents=contents) == []


def test_windows_has_other_users() -> None:
    assert judged(root_user, {**configuration(ENTRY), "os": "windows"}) == []


@pytest.mark.parametrize("check", [root_user, missing_healthcheck, empty_entrypoint])
def test_a_form_that_does_not_tell_is_not_blamed(check: Check) -> None:
    image = single_image(json.dumps(configuration({})).encode(), "config.json")
    assert found(check, image.variants[0], image._replace(form=SKOPEO_INSPECT)) == []
    config = image.variants[0].config
    assert config is not None
    assert found(check, image.variants[0]._replace(config=config._replace(complete=False)), image) == []
    assert found(check, image.variants[0]._replace(config=None), image) == []


@pytest.mark.parametrize(
    ("test", "times"),
    [(["CMD", "true"], 0), (["CMD-SHELL", "curl x"], 0), (["NONE"], 1), ([], 1), (None, 1)],
)
def test_health_checks(test: list[str] | None, times: int) -> None:
    config = configuration({**ENTRY, "Healthcheck": {"Test": test}})
    assert len(judged(missing_healthcheck, config)) == times


@pytest.mark.parametrize(
    ("step", "times"),
    [
        ('HEALTHCHECK &{["CMD-SHELL" "curl localhost"] "0s" "0s" "0s" "0s" \'\\x00\'}', 0),
        ('HEALTHCHECK &{["NONE"] "0s" "0s" "0s" "0s" \'\\x00\'}', 1),
        ("/bin/sh -c #(nop) HEALTHCHECK CMD curl localhost", 0),
        ("/bin/sh -c #(nop) HEALTHCHECK NONE", 1),
        ("RUN /bin/sh -c echo HEALTHCHECK CMD x # buildkit", 1),
    ],
)
def test_health_checks_in_the_history(step: str, times: int) -> None:
    assert len(judged(missing_healthcheck, history(step))) == times


@pytest.mark.parametrize(
    ("script", "times"),
    [
        ("apt-get update", 1),
        ("apt-get -qq update; apt install -y curl", 1),
        ("sudo -E apt-get update && apt-get install -y curl", 1),
        ("env DEBIAN_FRONTEND=noninteractive apt-get update", 1),
        ("sh -c 'apt-get update && apt-get install curl'", 1),
        ("apt-get install -y curl", 0),
        ("apt-get update && apt-get install curl && rm -rf /etc/apt/sources.list.d/x.list", 1),
        ("apt-get update && apt-get install curl && rm -rf /tmp/*", 1),
        ("rm -rf /var/lib/apt/lists/* && apt-get update", 1),
        ("apt-get update && apt-get install curl && rm -rf /var/lib/apt/lists", 0),
        ("apt-get update && apt-get install curl && rm -fr /var/lib/{apt,dpkg}/*", 0),
        ("apt-get update && apt-get install curl && rm -rf /var/*", 0),
        ("apt-get update && apt-get install curl && rm -rf $CACHES", 0),
        ("apt-get update && apt-get install curl; cd /var/lib/apt/lists && rm -rf *", 0),
        ("apt-get update && apt-get install curl && apt-get dist-clean", 0),
        ("apt-get update && apt-get install curl && apt-get clean", 1),
        ("apt-get update -o Dir::State::lists=/tmp/lists", 0),
        ("apt-get update && bash /tmp/cleanup.sh", 0),
        ("echo 'apt-get update' >> /etc/motd", 0),
        ("apk add curl", 1),
        ("apk add -U curl", 1),
        ("apk add -t .build gcc", 1),
        ("apk add curl && rm -rf /var/cache/apk/*", 0),
        ("apk add curl && rm -rf /var/cache/*", 0),
        ("apk --no-cache add curl", 0),
        ("apk add --root /out curl", 0),
        ("apk del curl", 0),
        ("apk info", 0),
        ("dnf -y install curl", 1),
        ("yum --setopt tsflags=nodocs install -y curl && yum clean all", 0),
        ("yum install -y curl && dnf clean all", 0),
        ("microdnf install curl && rm -rf /var/cache/yum", 0),
        ("dnf -y remove curl", 0),
        ("zypper -n in curl", 1),
        ("zypper -n in curl && zypper cc -a", 0),
    ],
)
def test_package_caches(script: str, times: int) -> None:
    findings = judged(package_cache_in_layer, history(f"/bin/sh -c {script}"))
    assert len(findings) == times
    assert all(each.severity is Severity.WARNING for each in findings)
    by_buildkit = judged(package_cache_in_layer, history(f"RUN /bin/sh -c {script} # buildkit", buildkit=True))
    assert len(by_buildkit) == times
    assert all(each.severity is Severity.INFO for each in by_buildkit)
    mounted = history(f"/bin/sh -c --mount=type=cache,target=/var/cache {script}")
    assert judged(package_cache_in_layer, mounted) == []


@pytest.mark.parametrize(
    ("script", "times"),
    [
        ("apt-get update", 1),
        ("apt update -qq && rm -f /tmp/x && apt-get clean", 1),
        ("apk update", 1),
        ("apt-get update && apt-get install -y curl", 0),
        ("apt-get update; aptitude install curl", 0),
        ("apt-get update && playwright install-deps", 0),
        ("apt-get update && curl -fsSL https://example.com/setup | bash -", 0),
        ("apk update && apk add curl", 0),
        ("apt-key update", 0),
    ],
)
def test_updates_alone(script: str, times: int) -> None:
    assert len(judged(update_alone, history(f"/bin/sh -c {script}"))) == times


def test_steps_that_share_a_layer_are_one() -> None:
    config = history("/bin/sh -c apt-get update", "/bin/sh -c ./install.sh")
    config["history"][0]["empty_layer"] = True
    assert judged(update_alone, config) == []


@pytest.mark.parametrize(
    ("script", "times"),
    [
        ("sudo make install", 1),
        ("/usr/bin/sudo -u app make", 1),
        ("env X=1 sudo -E make", 1),
        ("sudo sh -c 'make install'", 1),
        ("apt-get install -y sudo", 0),
        ("usermod -aG sudo app", 0),
        ("command -v sudo", 0),
        ("echo sudo make", 0),
        ("pseudo make", 0),
    ],
)
def test_sudo(script: str, times: int) -> None:
    assert len(judged(sudo_in_history, history(f"/bin/sh -c {script}"))) == times


@pytest.mark.parametrize(
    ("script", "times"),
    [
        ("apt-get -y dist-upgrade", 1),
        ("apt full-upgrade", 1),
        ("apt-get upgrade", 0),
        ("apt-get install dist-upgrade", 0),
    ],
)
def test_dist_upgrade(script: str, times: int) -> None:
    assert len(judged(dist_upgrade, history(f"/bin/bash -o pipefail -c {script}"))) == times


@pytest.mark.parametrize(
    ("words", "times"),
    [
        ("ADD app /app", 1),
        ("ADD --chown=1000:1000 app /app", 1),
        ("ADD a.txt b.txt /app/", 1),
        ("ADD rootfs.tar.xz /opt", 0),
        ("ADD https://example.com/x /opt/", 0),
        ("ADD git@github.com:octo-org/widget.git /src", 0),
        ("ADD dist/*.whl /opt", 0),
        ("COPY app /app", 0),
        ("RUN /bin/sh -c echo ADD app /app", 0),
    ],
)
def test_add(words: str, times: int) -> None:
    config = history("COPY base / # buildkit", f"{words} # buildkit", buildkit=True)
    assert len(judged(add_in_history, config)) == times


def test_the_first_add_is_forgiven_only_for_a_file_system() -> None:
    assert judged(add_in_history, history("ADD rootfs / # buildkit", buildkit=True)) == []
    assert len(judged(add_in_history, history("ADD app /app # buildkit", buildkit=True))) == 1
    assert judged(add_in_history, history(f"/bin/sh -c #(nop) ADD dir:{'a' * 64} in / ")) == []
    assert len(judged(add_in_history, history(f"/bin/sh -c #(nop) ADD dir:{'a' * 64} in /app "))) == 1


@pytest.mark.parametrize(
    "volume", ["/", "/proc", "/proc/", "//sys", "/dev/.", "/run/docker.sock", "/home/x/.ssh", "~/.ssh"]
)
def test_sensitive_volumes(volume: str) -> None:
    assert judged(sensitive_volume, configuration({**ENTRY, "Volumes": {volume: {}}}))


@pytest.mark.parametrize("volume", ["", "/data", "/sys/fs/cgroup", "/dev/shm", "/devices", "/etc/ssh", "data"])
def test_other_volumes(volume: str) -> None:
    assert judged(sensitive_volume, configuration({**ENTRY, "Volumes": {volume: {}}})) == []


@pytest.mark.parametrize(("port", "times"), [("22", 1), ("22/tcp", 1), ("22/TCP", 1), ("22/udp", 0), ("2222/tcp", 0)])
def test_ports(port: str, times: int) -> None:
    assert len(judged(exposed_ssh_port, configuration({**ENTRY, "ExposedPorts": {port: {}}}))) == times


@pytest.mark.parametrize(
    ("references", "times"),
    [
        (["ghcr.io/octo-org/widget:latest"], 1),
        (["ghcr.io/octo-org/widget"], 1),
        (["alpine"], 1),
        (["ghcr.io/octo-org/widget:1.2"], 0),
        (["ghcr.io/octo-org/widget:latest", "ghcr.io/octo-org/widget:1.2"], 0),
        (["ghcr.io/octo-org/widget:latest", "ghcr.io/octo-org/other:1.2"], 1),
        (["ghcr.io/octo-org/widget:latest-alpine"], 0),
        (["ghcr.io/octo-org/widget@sha256:" + "a" * 64], 0),
        (["not a reference"], 0),
    ],
)
def test_latest(references: list[str], times: int) -> None:
    image = single_image(json.dumps(configuration(ENTRY)).encode(), "x")._replace(references=tuple(references))
    assert len(found(latest_tag, image._replace(form=REGISTRY))) == times
    assert found(latest_tag, image._replace(form=OCI_LAYOUT)) == []


def indexed(*predicates: tuple[str, ...] | None, comment: str = "") -> Image:
    """An index of one platform with attestations of these types."""
    config = configuration(ENTRY, history=[{"created_by": "COPY a /", "comment": comment}])
    whole = single_image(json.dumps(index(entry("linux/amd64", "a"))).encode(), "index.json")
    variant = variant_of(manifest(), config, descriptor=whole.variants[0].descriptor)
    subject = "sha256:" + "a" * 64
    assert variant.descriptor is not None
    attestations = tuple(Attestation(variant.descriptor, subject, each) for each in predicates)
    return whole._replace(variants=(variant,), attestations=attestations)


SLSA, SPDX = "https://slsa.dev/provenance/v1", "https://spdx.dev/Document"


@pytest.mark.parametrize(
    ("image", "provenance", "sbom"),
    [
        (indexed((SLSA, SPDX)), 0, 0),
        (indexed((SLSA,), (SPDX,)), 0, 0),
        (indexed((SLSA,)), 0, 1),
        (indexed(("https://cyclonedx.org/bom",)), 1, 0),
        (indexed(None), 0, 0),
        (indexed(), 0, 0),
        (indexed(comment="buildkit.dockerfile.v0"), 1, 1),
        (indexed((SLSA, SPDX))._replace(form=CONFIG_JSON), 0, 0),
    ],
)
def test_attestations(image: Image, provenance: int, sbom: int) -> None:
    assert len(found(missing_provenance, image)) == provenance
    assert len(found(missing_sbom, image)) == sbom


def test_what_no_image_of_an_index_has_is_missing_once() -> None:
    image = indexed(comment="buildkit.dockerfile.v0")
    twice = image._replace(variants=image.variants * 2)
    (finding,) = found(missing_sbom, twice)
    assert finding.message.startswith("the images for linux/amd64, linux/amd64 have no bill of materials")
    assert finding.source.text[finding.span.start : finding.span.end] == '"manifests"'


def labelled(labels: dict[str, str], annotations: dict[str, str] | None = None, layers: int = 2) -> Variant:
    shas = [descriptor(f"{PREFIX[:4]}application/x", str(number)) for number in range(layers)]
    more = {"annotations": {PREFIX + key: value for key, value in (annotations or {}).items()}}
    runtime = {**ENTRY, "Labels": {PREFIX + key: value for key, value in labels.items()}}
    return variant_of(manifest(*shas, **more), configuration(runtime, layers=layers))


def of(variant: Variant, *references: str) -> Image:
    assert variant.manifest is not None
    return Image("image", REGISTRY, variant.manifest, references, variants=(variant,))


UBUNTU = {"ref.name": "ubuntu", "version": "24.04"}
CHAINGUARD = {"source": "https://github.com/chainguard-images/images/tree/main/images/python"}
OURS = ("ghcr.io/octo-org/widget:1",)


@pytest.mark.parametrize(
    ("variant", "references", "times"),
    [
        (labelled(UBUNTU), OURS, 2),
        (labelled(UBUNTU), (), 2),
        (labelled({**UBUNTU, "version": "1.2"}), OURS, 1),
        (labelled({"version": "24.04"}), OURS, 0),
        (labelled(UBUNTU, layers=1), (), 0),
        (labelled(UBUNTU), ("docker.io/library/ubuntu:24.04",), 0),
        (labelled(UBUNTU), ("registry.example.com/mirror/ubuntu:24.04",), 0),
        (labelled(CHAINGUARD), OURS, 1),
        (labelled(CHAINGUARD), ("cgr.dev/chainguard/python:latest",), 0),
        (labelled(CHAINGUARD), (), 0),
        (labelled({"source": "https://github.com/acme/base"}, {"base.name": "ghcr.io/acme/base:1"}), OURS, 1),
        (labelled({"source": "https://github.com/acme/base"}, {"base.name": "ghcr.io/acme/other:1"}), OURS, 0),
        (labelled({"source": "https://github.com/acme/base"}, {"base.name": "ghcr.io/acme/base:1"}), (), 0),
        (
            labelled({"source": "https://github.com/octo-org/widget"}, {"base.name": "ghcr.io/octo-org/widget:base"}),
            OURS,
            0,
        ),
    ],
)
def test_labels_of_the_base(variant: Variant, references: tuple[str, ...], times: int) -> None:
    assert len(found(base_label_leak, variant, of(variant, *references))) == times


@pytest.mark.parametrize(
    ("labels", "annotations", "times"),
    [
        ({"title": "a"}, {"title": "b"}, 1),
        ({"title": "a"}, {"title": "a"}, 0),
        ({"title": "a"}, {}, 0),
        ({"title": "a", "version": "1"}, {"title": "b", "version": "2"}, 2),
        (
            {"created": "a", "base.name": "", "base.digest": "x"},
            {"created": "b", "base.name": "y", "base.digest": "z"},
            0,
        ),
    ],
)
def test_labels_and_annotations(labels: dict[str, str], annotations: dict[str, str], times: int) -> None:
    variant = labelled(labels, annotations)
    assert len(found(label_annotation_conflict, variant, of(variant))) == times


def filled(**contents: Any) -> Variant:
    return labelled({})._replace(contents=Contents(**contents))


def test_setuid_files_are_told_from_those_of_the_distribution() -> None:
    members = (Member(0, "/bin/su", 1, 0o4755), Member(0, "/bin/mount", 1, 0o4755), Member(1, "/x/y", 1, 0o2755))
    findings = found(setuid_file, variant := filled(special=members), of(variant))
    assert ["distributions" in each.message for each in findings] == [True, False]
    assert "2 files" in findings[0].message and "a file" in findings[1].message


def test_many_setuid_files_are_cut_off() -> None:
    members = tuple(Member(0, f"/x/{number:03}", 1, 0o4755) for number in range(500))
    (finding,) = found(setuid_file, variant := filled(special=members), of(variant))
    assert "500 files" in finding.message
    assert len(finding.message) < 300


def test_accounts() -> None:
    lines = (
        Account("/etc/passwd", 1, "root", "0"), Account("/etc/passwd", 2, "a", "1000"),
        Account("/etc/passwd", 3, "b", "01000"), Account("/etc/passwd", 4, "b", "1000"),
        Account("/etc/passwd", 5, "+", ""), Account("/etc/group", 1, "a", "1000"),
        Account("/etc/shadow", 1, "root", ""), Account("/etc/shadow", 2, "a", "*"),
    )  # fmt: skip
    variant = filled(accounts=lines)
    (same,) = found(duplicate_account_id, variant, of(variant))
    assert "a, b have the same number 1000" in same.message
    (empty,) = found(empty_password, variant, of(variant))
    assert "`root`" in empty.message


@pytest.mark.parametrize(
    ("contents", "times"),
    [
        ({"wasted": (5_000_000, 0), "efficiency": 0.5}, 1),
        ({"wasted": (5_000_000, 0), "efficiency": 0.9}, 0),
        ({"wasted": (5_000, 0), "efficiency": 0.5}, 0),
        ({"wasted": (5_000_000, 0), "efficiency": 0.5, "limited": "layer 2 is not at hand"}, 0),
    ],
)
def test_waste(contents: dict[str, Any], times: int) -> None:
    variant = filled(**contents)
    assert len(found(wasted_space, variant, of(variant))) == times


def test_hidden_files_are_said_to_be_there() -> None:
    member = Member(0, "/root/.netrc", 20, 0o600, hidden=True)
    variant = filled(suspects=(member, Member(1, "/app/.git/HEAD", 20, 0o644), Member(1, "/app/.git/config", 9, 0o644)))
    (secret,) = found(credential_file, variant, of(variant))
    assert "a later layer hides it" in secret.message
    (unneeded,) = found(unneeded_file, variant, of(variant))
    assert unneeded.label == "29 bytes"


def test_without_reading_the_layers_nothing_is_said_of_them() -> None:
    variant = labelled({})
    checks = (setuid_file, credential_file, unneeded_file, duplicate_account_id, empty_password, wasted_space)
    assert [each for check in checks for each in found(check, variant, of(variant))] == []
