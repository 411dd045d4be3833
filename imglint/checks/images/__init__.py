"""Images as they were built: whether a registry takes them, and whether they are what they should be."""

from imglint.checks.images.added import add_in_history
from imglint.checks.images.agreement import history_mismatch, platform_mismatch
from imglint.checks.images.configs import invalid_config
from imglint.checks.images.contents import (
    credential_file,
    duplicate_account_id,
    empty_password,
    setuid_file,
    unneeded_file,
    wasted_space,
)
from imglint.checks.images.created import created_in_future
from imglint.checks.images.descriptors import invalid_descriptor
from imglint.checks.images.disagreement import platforms_disagree
from imglint.checks.images.exposed import exposed_ssh_port, sensitive_volume
from imglint.checks.images.health import missing_healthcheck
from imglint.checks.images.labels import base_label_leak, label_annotation_conflict
from imglint.checks.images.layertypes import deprecated_layer_type
from imglint.checks.images.manifests import invalid_manifest
from imglint.checks.images.packages import dist_upgrade, package_cache_in_layer, sudo_in_history, update_alone
from imglint.checks.images.platforms import duplicate_platform, unknown_platform
from imglint.checks.images.provenance import missing_provenance, missing_sbom
from imglint.checks.images.reading import digest_mismatch, inconsistent_archive, unreadable_blob
from imglint.checks.images.secrets import secret_in_environment, secret_in_history, secret_in_label
from imglint.checks.images.sizes import (
    layer_near_limit,
    layer_too_large,
    layer_upload_too_slow,
    manifest_too_large,
    too_many_layers,
)
from imglint.checks.images.start import empty_entrypoint
from imglint.checks.images.tags import latest_tag
from imglint.checks.images.user import root_user

__all__ = [
    "add_in_history",
    "base_label_leak",
    "created_in_future",
    "credential_file",
    "deprecated_layer_type",
    "digest_mismatch",
    "dist_upgrade",
    "duplicate_account_id",
    "duplicate_platform",
    "empty_entrypoint",
    "empty_password",
    "exposed_ssh_port",
    "history_mismatch",
    "inconsistent_archive",
    "invalid_config",
    "invalid_descriptor",
    "invalid_manifest",
    "label_annotation_conflict",
    "latest_tag",
    "layer_near_limit",
    "layer_too_large",
    "layer_upload_too_slow",
    "manifest_too_large",
    "missing_healthcheck",
    "missing_provenance",
    "missing_sbom",
    "package_cache_in_layer",
    "platform_mismatch",
    "platforms_disagree",
    "root_user",
    "secret_in_environment",
    "secret_in_history",
    "secret_in_label",
    "sensitive_volume",
    "setuid_file",
    "sudo_in_history",
    "too_many_layers",
    "unknown_platform",
    "unneeded_file",
    "unreadable_blob",
    "update_alone",
    "wasted_space",
]
