"""Workflows: whether they may push, and how much more their tokens may do."""

from imglint.checks.workflows.cleanup import delete_needs_admin, delete_untagged_breaks_index
from imglint.checks.workflows.denied import denied_push
from imglint.checks.workflows.excess import excessive_permissions
from imglint.checks.workflows.identity import missing_attestations_write, missing_id_token
from imglint.checks.workflows.inherited import inherited_secrets
from imglint.checks.workflows.logins import (
    empty_username,
    keep_login_on_self_hosted,
    login_after_push,
    missing_login,
    secret_username,
)
from imglint.checks.workflows.permissions import missing_packages_write, missing_permissions_block
from imglint.checks.workflows.requests import pull_request_target_publish, push_from_fork_pull_request
from imglint.checks.workflows.visibility import private_by_default

__all__ = [
    "delete_needs_admin",
    "delete_untagged_breaks_index",
    "denied_push",
    "empty_username",
    "excessive_permissions",
    "inherited_secrets",
    "keep_login_on_self_hosted",
    "login_after_push",
    "missing_attestations_write",
    "missing_id_token",
    "missing_login",
    "missing_packages_write",
    "missing_permissions_block",
    "private_by_default",
    "pull_request_target_publish",
    "push_from_fork_pull_request",
    "secret_username",
]
