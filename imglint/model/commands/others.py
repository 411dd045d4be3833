"""`podman build`, `buildah build` and kaniko.

Flags: https://docs.podman.io/en/latest/markdown/podman-build.1.html,
https://github.com/containers/buildah/blob/main/docs/buildah-build.1.md,
https://github.com/GoogleContainerTools/kaniko#additional-flags
"""

from __future__ import annotations

from collections.abc import Sequence

from imglint.model.build import Annotation, Base, Build, Route
from imglint.model.commands.docker import pairs, platforms
from imglint.model.commands.flags import Grammar, Word, grammar, parse
from imglint.syntax.lists import Level
from imglint.syntax.text import Place, Text


def podman_grammar() -> Grammar:
    """The flags of `podman build` and `buildah build`."""
    return grammar(
        "add-host annotation arch authfile build-arg build-arg-file build-context cache-from cache-to cache-ttl "
        "cap-add cap-drop cert-dir cgroup-parent cgroupns compat-volumes cpp-flag cpu-period cpu-quota cpu-shares "
        "cpuset-cpus cpuset-mems creds cw decryption-key device dns dns-option dns-search env file format from "
        "group-add hooks-dir ignorefile iidfile ipc isolation jobs label layer-label logfile manifest memory "
        "memory-swap metadata-file network no-hostname os os-feature os-version output pid platform retry "
        "retry-delay runtime runtime-flag sbom sbom-image-output sbom-image-purl-output sbom-merge-strategy "
        "sbom-output sbom-purl-output sbom-scanner-command sbom-scanner-image secret security-opt shm-size sign-by "
        "signature-policy source-date-epoch ssh tag target timestamp ulimit unsetannotation unsetenv unsetlabel "
        "userns userns-gid-map userns-gid-map-group userns-uid-map userns-uid-map-user uts variant volume "
        "blob-cache",
        "all-platforms compress disable-compression disable-content-trust force-rm help http-proxy identity-label "
        "inherit-annotations inherit-labels layers logsplit no-cache omit-history pull pull-always pull-never "
        "quiet rewrite-timestamp rm rusage save-stages skip-unused-stages squash squash-all stdin tls-verify",
        "c=cpu-shares f=file h=help m=memory o=output q=quiet t=tag v=volume D=disable-compression",
    )


def build(tool: str, words: Sequence[Word], place: Place, directories: tuple[str, ...]) -> Build:
    """The build that the words after `podman build` ask for. Podman pushes with a command of its own."""
    parsed = parse(words, podman_grammar()).with_one_word()
    given = parsed.last("format")
    annotations = tuple(Annotation((Level("manifest"),), pair) for pair in pairs(parsed.values("annotation")))
    return Build(
        tool,
        Route.COMMAND,
        place,
        directories,
        context=parsed.context,
        dockerfile=parsed.last("file"),
        base=Base.EITHER,
        target=parsed.last("target"),
        tags=(*parsed.values("tag"), *parsed.values("manifest")),
        platforms=platforms(parsed.values("platform")),
        arguments=pairs(parsed.values("build-arg")),
        labels=pairs(parsed.values("label")),
        annotations=annotations,
        image_format="docker" if given and given.text == "docker" else "oci",
        open=parsed.open_fields,
        missing_values=parsed.bare,
    )


def kaniko_grammar() -> Grammar:
    """The flags of kaniko's executor."""
    return grammar(
        "annotation build-arg cache-dir cache-repo cache-ttl compression compression-level context "
        "context-sub-path custom-platform destination digest-file dockerfile git ignore-path "
        "image-fs-extract-retry image-name-tag-with-digest-file image-name-with-digest-file image-download-retry "
        "kaniko-dir label log-format log-timestamp-format oci-layout-path push-retry registry-certificate "
        "registry-client-cert registry-map registry-mirror skip-tls-verify-registry skip-push-permission-check "
        "snapshot-mode snapshotMode tar-path tarPath target verbosity secret",
        "cache cache-copy-layers cache-run-layers cleanup compressed-caching force force-build-metadata insecure "
        "insecure-pull insecure-registry log-timestamp no-push no-push-cache preserve-context "
        "push-ignore-immutable-tag-errors reproducible single-snapshot singleSnapshot "
        "skip-default-registry-fallback skip-tls-verify skip-tls-verify-pull skip-unused-stages use-new-run "
        "materialize help",
        "b=build-arg c=context d=destination f=dockerfile h=help v=verbosity",
    )


def kaniko(words: Sequence[Word], place: Place) -> Build:
    """The build that kaniko's executor makes. It pushes unless told not to; its paths are those of its container."""
    parsed = parse(words, kaniko_grammar())
    dry = parsed.switch("no-push")
    return Build(
        "kaniko",
        Route.COMMAND,
        place,
        (),
        context=parsed.last("context"),
        dockerfile=parsed.last("dockerfile"),
        base=Base.EITHER,
        target=parsed.last("target"),
        tags=parsed.values("destination"),
        platforms=platforms(parsed.values("custom-platform")),
        arguments=pairs(parsed.values("build-arg")),
        labels=pairs(parsed.values("label")),
        annotations=tuple(Annotation((Level("manifest"),), pair) for pair in pairs(parsed.values("annotation"))),
        push=None if dry is None else not dry,
        open=parsed.open_fields,
        missing_values=parsed.bare,
    )


def destination(text: Text) -> Text:
    """The name in `docker://NAME`, as podman, buildah and skopeo write where to push."""
    return text.cut(len("docker://")) if text.text.startswith("docker://") else text
