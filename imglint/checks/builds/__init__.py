"""Builds and what they push: annotations, metadata and names of images."""

from imglint.checks.builds.annotations import (
    annotation_not_supported,
    attestation_shown_as_unknown_platform,
    merge_without_annotation,
    missing_index_description,
)
from imglint.checks.builds.arguments import undeclared_build_arg, unused_build_arg
from imglint.checks.builds.commands import missing_context
from imglint.checks.builds.compose import service_labels_not_image_labels
from imglint.checks.builds.dockerfile import missing_dockerfile, unknown_build_stage
from imglint.checks.builds.lists import malformed_label_list
from imglint.checks.builds.metadata import metadata_action_blanks_label, unused_metadata
from imglint.checks.builds.names import (
    invalid_image_reference,
    missing_namespace,
    push_without_tag,
    unintended_registry,
    uppercase_repository,
)
from imglint.checks.builds.namespace import wrong_namespace
from imglint.checks.builds.outputs import malformed_output
from imglint.checks.builds.pulled import only_latest_pulled
from imglint.checks.builds.registry import deprecated_docker_registry, digest_not_a_digest
from imglint.checks.builds.secret import secret_in_build_arg

__all__ = [
    "annotation_not_supported",
    "attestation_shown_as_unknown_platform",
    "deprecated_docker_registry",
    "digest_not_a_digest",
    "invalid_image_reference",
    "malformed_label_list",
    "malformed_output",
    "merge_without_annotation",
    "metadata_action_blanks_label",
    "missing_context",
    "missing_dockerfile",
    "missing_index_description",
    "missing_namespace",
    "only_latest_pulled",
    "push_without_tag",
    "secret_in_build_arg",
    "service_labels_not_image_labels",
    "undeclared_build_arg",
    "unintended_registry",
    "unknown_build_stage",
    "unused_build_arg",
    "unused_metadata",
    "uppercase_repository",
    "wrong_namespace",
]
