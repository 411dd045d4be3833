"""Tokens: what they may do, and where they are written."""

from imglint.checks.tokens.expiry import token_without_expiry
from imglint.checks.tokens.literals import registry_auth_in_config_file, token_literal
from imglint.checks.tokens.requests import broad_token_scope, redundant_token_scope, unknown_token_scope

__all__ = [
    "broad_token_scope",
    "redundant_token_scope",
    "registry_auth_in_config_file",
    "token_literal",
    "token_without_expiry",
    "unknown_token_scope",
]
