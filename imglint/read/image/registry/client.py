"""Requests to one registry: whom to ask, how to authenticate, and when to try again."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from imglint import __version__
from imglint.read.image.options import ReadOptions
from imglint.read.image.registry.challenge import Challenge, challenges
from imglint.read.image.registry.policy import (
    MAX_REDIRECTS,
    Network,
    Origin,
    may_have_credentials,
    reachable,
    redirected,
)
from imglint.read.image.registry.transport import BrokenError, Response, Transport
from imglint.read.image.store import NOT_FETCHED, ImageError

if TYPE_CHECKING:
    from imglint.read.image.registry.credentials import Credentials

TOTAL_SECONDS: Final = 60.0
"""How long all requests for one reference may take together."""
MAX_WAIT: Final = 20.0
"""The longest that a registry can ask us to wait, in seconds."""
ATTEMPTS: Final = 3
FIRST_PAUSE: Final = 0.4
"""Seconds between the first two attempts; each further pause is twice as long."""
MAX_AUTHORIZATIONS: Final = 3
"""How often a token is asked for: it may run out on the way."""
MAX_TOKEN: Final = 1 << 16
"""Bytes of a token's document that are read."""
THREADS: Final = 12
"""Requests at once: what is waited for is mostly the way to the registry and back."""

_REDIRECTS: Final = (301, 302, 303, 307, 308)
_BUSY: Final = (429, 500, 502, 503, 504)


class Client:
    """The registry that one reference is in. Several threads may ask it at once."""

    def __init__(self, host: str, path: str, options: ReadOptions) -> None:
        self.host = host
        self.path = path
        self.options = options
        self.deadline = time.monotonic() + TOTAL_SECONDS
        self.transport = Transport(options.environ, self.deadline)
        self.base = ""
        self.authorization = ""
        self.authorizations = 0
        self.lock = threading.Lock()
        self.settling = threading.Lock()

    def get(self, address: str, accept: str, limit: int) -> Response:
        """The answer to a request below `/v2/NAME/`, after whatever authentication it takes. Raises `ImageError`."""
        before = self.authorization
        response = self._from_registry(address, accept, limit, before)
        if response.status == 401:
            with self.lock:  # One of several threads asks for a token, the others take it.
                if self.authorization == before and self.authorizations < MAX_AUTHORIZATIONS:
                    self.authorizations += 1
                    self.authorization = self._authorize(response)
            if self.authorization not in ("", before):
                response = self._from_registry(address, accept, limit, self.authorization)
        return response

    def close(self) -> None:
        """End all connections."""
        self.transport.close()

    def _from_registry(self, address: str, accept: str, limit: int, authorization: str) -> Response:
        """The answer of the registry, once it is known which scheme it speaks."""
        path, headers = f"/v2/{self.path}/{address}", {"Accept": accept}
        with self.settling:
            if not self.base:
                candidates = self._candidates()
                for base in candidates if len(candidates) > 1 else ():
                    self._speak(base)
                    with contextlib.suppress(BrokenError):
                        response = self._request("GET", base + path, headers, limit, breaks=1)
                        # A server of https answers http with 400, if at all.
                        if response.status != 400 or self.origin.scheme == "https":
                            return response
                self._speak(candidates[0])
        return self._patient("GET", self.base + path, headers, limit, authorization)

    def _candidates(self) -> list[str]:
        """How the registry may be reached, the likeliest first: as docker does it, http only where nobody listens in.

        What the user named may be on a private network; where the registry sends us may be so only then.
        """
        secure, plain = f"https://{self.host}", f"http://{self.host}"
        origin = Origin.of(secure)
        network = self.transport.network_of(origin)
        self.transport.networks = reachable(network)
        if self.options.insecure and network is not Network.PUBLIC:
            self.transport.unverified = frozenset((origin,))
        if network is Network.LOOPBACK:
            return [plain, secure]
        return [secure, plain] if self.transport.unverified else [secure]

    def _speak(self, base: str) -> None:
        self.base = base
        self.origin = Origin.of(base)
        self.transport.plain = self.origin.scheme == "http"

    def _authorize(self, response: Response) -> str:
        """The header that answers a challenge; empty when nothing does."""
        asked = challenges(response.headers.get("www-authenticate", ""))
        found = self._credentials()
        for challenge in asked:
            if challenge.scheme == "bearer" and challenge.parameters.get("realm"):
                allowed = found and may_have_credentials(self.origin, Origin.of(challenge.parameters["realm"]))
                # A password that has run out must not hide what everybody may see.
                return (self._token(challenge, found) if allowed else "") or self._token(challenge, None)
        if found and not found.refresh_token and any(challenge.scheme == "basic" for challenge in asked):
            return found.basic
        return ""

    def _credentials(self) -> Credentials | None:
        """Who the user is. What a workflow's environment holds goes to GHCR alone, and only if that proves to be it."""
        from imglint.read.image.registry.credentials import GITHUB_TOKEN, find

        options = self.options
        proven = self.origin.scheme == "https" and self.origin not in self.transport.unverified
        environ = options.environ if proven else {**options.environ, GITHUB_TOKEN: ""}
        return find(self.host, self.path, environ, options.credential_helpers)

    def _token(self, challenge: Challenge, found: Credentials | None) -> str:
        """A token of the registry's own: https://distribution.github.io/distribution/spec/auth/token/."""
        realm = challenge.parameters["realm"]
        query = {"service": challenge.parameters.get("service", ""), "scope": f"repository:{self.path}:pull"}
        query = {name: value for name, value in query.items() if value}
        headers = {"Accept": "application/json"}
        if found and found.refresh_token:
            form = {"grant_type": "refresh_token", "refresh_token": found.refresh_token, "client_id": "imglint"} | query
            body = urlencode(form, errors="replace")
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            response = self._patient("POST", realm, headers, MAX_TOKEN, "", body)
        else:
            url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(query, errors='replace')}"
            response = self._patient("GET", url, headers, MAX_TOKEN, found.basic if found else "")
        if response.status in _BUSY:
            raise ImageError(NOT_FETCHED + f"who gives out the registry's tokens answers {response.status}")
        return _bearer(response) if response.status == 200 else ""

    def _patient(
        self, method: str, url: str, headers: Mapping[str, str], limit: int, authorization: str, body: str | None = None
    ) -> Response:
        """One request, tried again when the registry is busy or the connection breaks. Raises `ImageError`."""
        try:
            return self._request(method, url, headers, limit, authorization, body)
        except BrokenError as error:
            raise ImageError(f"{NOT_FETCHED}{error}") from None

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], limit: int, authorization: str = "",
        body: str | None = None, breaks: int = ATTEMPTS,
    ) -> Response:  # fmt: skip
        """One request, redirects followed. A credential goes to the host that it is for, and to no other.

        Raises `BrokenError`, when the connection broke `breaks` times, and `ImageError`.
        """
        first = Origin.of(url)
        for _ in range(MAX_REDIRECTS + 1):
            sent = {**headers, "User-Agent": f"imglint/{__version__}"}
            if authorization and Origin.of(url) == first:
                sent["Authorization"] = authorization
            response = self._again(method, url, sent, limit, body, breaks)
            location = response.headers.get("location", "")
            if response.status not in _REDIRECTS or not location or method != "GET":
                return response
            url = redirected(url, location)
        raise ImageError(NOT_FETCHED + f"the registry redirects more than {MAX_REDIRECTS} times")

    def _again(
        self, method: str, url: str, headers: Mapping[str, str], limit: int, body: str | None, breaks: int
    ) -> Response:
        attempts, pause = ATTEMPTS, FIRST_PAUSE
        for attempt in range(1, ATTEMPTS + 1):
            try:
                response = self.transport.send(method, url, headers, limit, body)
            except BrokenError:
                if attempt >= min(attempts, breaks):
                    raise
                self._sleep(pause)
            else:
                wanted = _wanted_pause(response)
                if response.status not in _BUSY or attempt == attempts or (wanted or 0) > MAX_WAIT:
                    return response
                self._sleep(pause if wanted is None else wanted)
                if wanted is not None:
                    attempts = attempt + 1  # Who says when to come back is asked once more.
            pause *= 2
        raise AssertionError("the last attempt returns or raises")

    def _sleep(self, seconds: float) -> None:
        if time.monotonic() + seconds > self.deadline:
            raise ImageError(NOT_FETCHED + "the registry takes too long to answer")
        time.sleep(seconds)


def _bearer(response: Response) -> str:
    """The header for the token in an answer; empty when there is none that can be sent."""
    try:
        document = json.loads(response.data)
    except (ValueError, RecursionError):
        return ""
    token = (document.get("token") or document.get("access_token")) if isinstance(document, dict) else None
    return f"Bearer {token}" if isinstance(token, str) and token.isascii() and token.isprintable() else ""


def _wanted_pause(response: Response) -> float | None:
    """The seconds that a registry asks us to wait (RFC 9110, section 10.2.3); None when it does not say."""
    asked = response.headers.get("retry-after", "").strip()
    if asked.isdecimal() and asked.isascii():
        return float(asked[:9])
    try:
        return max(parsedate_to_datetime(asked).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError, OSError):
        return None
