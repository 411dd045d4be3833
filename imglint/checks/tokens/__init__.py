"""Tokens: what logs in to a registry, and how much more it may do."""

from imglint.checks.tokens.credentials import (
    app_token_for_registry,
    fine_grained_token_for_registry,
    gh_cli_token_for_registry,
    pat_instead_of_github_token,
)
from imglint.checks.tokens.exposed import password_on_command_line, secret_expanded_in_script

__all__ = [
    "app_token_for_registry",
    "fine_grained_token_for_registry",
    "gh_cli_token_for_registry",
    "password_on_command_line",
    "pat_instead_of_github_token",
    "secret_expanded_in_script",
]
