"""One question to GitHub: what a token holds. The token goes to the host that the user names, and nowhere else.

https://docs.github.com/en/rest/users/users#get-the-authenticated-user and
https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps#requested-scopes-and-granted-scopes
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from imglint import __version__
from imglint.model.tokenverdict import PREFIXES, TokenFacts, TokenKind
from imglint.read.image.registry.policy import Origin, is_this_machine
from imglint.read.image.store import ImageError
from imglint.syntax.tokenchecksum import is_genuine

API_URL: Final = "https://api.github.com"
CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 10.0
TOTAL_SECONDS: Final = 30.0
MAX_BODY: Final = 1 << 16
"""Bytes of an answer that are read."""
MAX_TOKEN: Final = 4096
"""Characters of a token."""

_OLD: Final = "[0-9a-f]{40}"
_USER: Final = r"[A-Za-z0-9][A-Za-z0-9-]{0,99}(?:\[bot\])?"
_SCOPE: Final = r"[a-z][a-z_]{0,40}(?::[a-z_]{1,40})?"
_SSO: Final = r"required; ?url=(https://[\w.-]+/[\w./?=&%-]{1,500})"
_ENDS: Final = ("%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S %z")


class GitHubError(Exception):
    """GitHub cannot be asked; the text says why, and never holds the token."""


def kind_of_token(token: str) -> TokenKind:
    """What a token is. Raises `GitHubError` for a text that is no token of GitHub: that is sent to nobody."""
    kind = next((kind for prefix, kind in PREFIXES.items() if token.startswith(prefix)), None)
    if re.fullmatch(_OLD, token):
        return TokenKind.CLASSIC
    if kind is None or not re.fullmatch(r"[A-Za-z0-9_.-]+", token) or len(token) > MAX_TOKEN:
        raise GitHubError("holds no token of GitHub, so it was sent nowhere")
    if not is_genuine(token):
        raise GitHubError("holds no token of GitHub: its checksum is wrong, as when a part of it is missing")
    return kind


def ask(token: str, api_url: str = API_URL) -> TokenFacts:
    """What GitHub says of a token, asked once. Raises `GitHubError`."""
    kind = kind_of_token(token)
    status, headers, body = _get(f"{_base(api_url)}/user", token)
    sso = re.fullmatch(_SSO, headers.get("x-github-sso", ""))
    address = sso[1] if sso is not None and token not in sso[1] else ""
    if status == 401:
        return TokenFacts(kind, accepted=False)
    # An installation has no user: it is told so, by a server that took the token.
    if status != 200 and not (status == 403 and (address or kind is TokenKind.INSTALLATION)):
        raise GitHubError(f"cannot be looked up: {urlsplit(api_url).hostname} answers with {status}")
    return TokenFacts(
        kind,
        user=_user(body, token),
        scopes=_scopes(headers.get("x-oauth-scopes")),
        expires=_end(headers.get("github-authentication-token-expiration", "")),
        sso=address,
        unauthorized=headers.get("x-github-sso", "").startswith("partial-results"),
    )


def _base(api_url: str) -> str:
    """The address of an interface, without a slash at its end: https, unless it is on this machine."""
    try:
        origin = Origin.of(api_url)
    except ImageError:
        raise GitHubError("cannot be looked up: --api-url is no address of the web") from None
    if origin.scheme != "https" and not is_this_machine(origin.host):
        raise GitHubError("cannot be looked up: a token is sent over https only")
    parts = urlsplit(api_url)
    if parts.query or parts.fragment:
        raise GitHubError("cannot be looked up: --api-url ends with a path, such as https://github.example.com/api/v3")
    return api_url.rstrip("/")


def _get(url: str, token: str) -> tuple[int, Mapping[str, str], bytes]:
    """The answer to one request. Nothing is tried again, and no redirect is followed."""
    headers = {
        "Accept": "application/vnd.github+json",
        "Accept-Encoding": "identity",
        "Authorization": f"Bearer {token}",
        "User-Agent": f"imglint/{__version__}",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    deadline = time.monotonic() + TOTAL_SECONDS
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    try:
        answer = _manager(url).request(
            "GET", url, headers=headers, timeout=timeout, retries=False, redirect=False, preload_content=False,
            decode_content=False,
        )  # fmt: skip
        data = bytearray()
        while chunk := answer.read1(MAX_BODY):
            data += chunk
            if len(data) > MAX_BODY:
                break
            if time.monotonic() > deadline:
                raise GitHubError("cannot be looked up: it takes too long")
        answer.close()
    except urllib3.exceptions.HTTPError as error:
        raise GitHubError(f"cannot be looked up: {_reason(error)}") from None
    except (OSError, ValueError):
        raise GitHubError("cannot be looked up: the connection broke off") from None
    if 300 <= answer.status < 400:
        raise GitHubError("cannot be looked up: the server sends us elsewhere, and a token is not taken there")
    return answer.status, {name.lower(): value for name, value in answer.headers.items()}, bytes(data[:MAX_BODY])


def _manager(url: str) -> urllib3.PoolManager:
    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get("https") or proxies.get("all")
    host = parts.hostname or ""
    if not proxy or parts.scheme != "https" or is_this_machine(host) or proxy_bypass(host):
        return urllib3.PoolManager()
    return urllib3.ProxyManager(proxy)


def _reason(error: urllib3.exceptions.HTTPError) -> str:
    """What broke, in words that hold no header."""
    if isinstance(error, urllib3.exceptions.NewConnectionError | urllib3.exceptions.NameResolutionError):
        return "nothing answers there"
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return "it takes too long"
    if isinstance(error, urllib3.exceptions.SSLError):
        return "its certificate is not trusted"
    return "the connection broke off"


def _user(body: bytes, token: str) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    user = document.get("login") if isinstance(document, dict) else None
    known = isinstance(user, str) and re.fullmatch(_USER, user) and token not in user
    return user if known and isinstance(user, str) else ""


def _scopes(header: str | None) -> tuple[str, ...] | None:
    if header is None:
        return None
    names = (name.strip() for name in header.split(","))
    return tuple(name for name in names if re.fullmatch(_SCOPE, name))


def _end(header: str) -> datetime | None:
    for form in _ENDS:
        try:
            found = datetime.strptime(header, form)
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None
