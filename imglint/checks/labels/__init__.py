"""The labels that an image is published with: what its page on the registry is made of."""

from imglint.checks.labels.keys import invalid_label_value, legacy_label, unknown_oci_label
from imglint.checks.labels.licenses import deprecated_license, invalid_license, licenses_too_long
from imglint.checks.labels.link import source_mismatch, source_not_a_repository
from imglint.checks.labels.overrides import label_lost, overridden_label
from imglint.checks.labels.presence import (
    empty_label,
    missing_description,
    missing_label,
    missing_licenses,
    missing_source,
)
from imglint.checks.labels.text import description_not_plain_text, description_too_long, placeholder_value

__all__ = [
    "deprecated_license",
    "description_not_plain_text",
    "description_too_long",
    "empty_label",
    "invalid_label_value",
    "invalid_license",
    "label_lost",
    "legacy_label",
    "licenses_too_long",
    "missing_description",
    "missing_label",
    "missing_licenses",
    "missing_source",
    "overridden_label",
    "placeholder_value",
    "source_mismatch",
    "source_not_a_repository",
    "unknown_oci_label",
]
