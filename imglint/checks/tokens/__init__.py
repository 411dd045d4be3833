"""Tokens: what logs in to a registry, how much more it may do, and where it is written."""

from imglint.checks.tokens.credentials import (
    app_token_for_registry,
    fine_grained_token_for_registry,
    gh_cli_token_for_registry,
    pat_instead_of_github_token,
)
from imglint.checks.tokens.declared import broad_declared_token, insufficient_declared_token
from imglint.checks.tokens.expiry import token_without_expiry
from imglint.checks.tokens.exposed import password_on_command_line, secret_expanded_in_script
from imglint.checks.tokens.literals import registry_auth_in_config_file, token_literal
from imglint.checks.tokens.requests import broad_token_scope, redundant_token_scope, unknown_token_scope

__all__ = [
    "app_token_for_registry",
    "broad_declared_token",
    "broad_token_scope",
    "fine_grained_token_for_registry",
    "gh_cli_token_for_registry",
    "insufficient_declared_token",
    "password_on_command_line",
    "pat_instead_of_github_token",
    "redundant_token_scope",
    "registry_auth_in_config_file",
    "secret_expanded_in_script",
    "token_literal",
    "token_without_expiry",
    "unknown_token_scope",
]
