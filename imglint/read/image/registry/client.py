"""Requests to one registry: bounded in bytes, time and redirects, and sent only where the policy allows."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import urllib3

from imglint import __version__
from imglint.read.image.options import ReadOptions
from imglint.read.image.registry import credentials as known_credentials
from imglint.read.image.registry.challenge import Challenge, challenges
from imglint.read.image.registry.policy import (
    MAX_REDIRECTS,
    Origin,
    addresses,
    is_loopback,
    is_private,
    may_have_credentials,
    redirected,
)
from imglint.read.image.store import ImageError

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 10.0
TOTAL_SECONDS: Final = 60.0
"""How long all requests for one reference may take together."""
MAX_WAIT: Final = 20.0
"""The longest that a registry can ask us to wait, in seconds."""
ATTEMPTS: Final = 3
MAX_TOKEN: Final = 1 << 20
"""Bytes of a token's document that are read."""
THREADS: Final = 8

_CHUNK: Final = 1 << 16
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_BUSY: Final = (429, 500, 502, 503, 504)


class Response(NamedTuple):
    """An answer: its status, its headers, and its body, read to the end."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class Client:
    """The registry that one reference is in. Several threads may ask it at once."""

    def __init__(self, host: str, path: str, options: ReadOptions) -> None:
        self.host = host
        self.path = path
        self.options = options
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        scheme = "http" if is_loopback(name.strip("[]")) else "https"
        self.base = f"{scheme}://{host}"
        self.origin = Origin.of(self.base)
        self.deadline = time.monotonic() + TOTAL_SECONDS
        self.authorization = ""
        self.lock = threading.Lock()
        self.opening = threading.Lock()
        self.pools: dict[tuple[Origin, str], urllib3.HTTPConnectionPool] = {}
        self.resolved: dict[Origin, list[str]] = {}
        self.proxies = _proxies(options.environ)
        # What the user named may be on a private network; what a registry points to may be so only then.
        self.allows_private = bool(self._proxy(self.origin)) or all(map(is_private, self._addresses(self.origin)))
        if options.insecure and scheme == "https" and self.allows_private:
            self._fall_back_to_http()

    def get(self, address: str, accept: str, limit: int) -> Response:
        """The answer to a request below `/v2/NAME/`, after whatever authentication it takes. Raises `ImageError`."""
        url = f"{self.base}/v2/{self.path}/{address}"
        before = self.authorization
        response = self._request("GET", url, accept, limit, before)
        if response.status == 401:
            with self.lock:  # One of several threads asks for a token, the others take it.
                if self.authorization == before:
                    self.authorization = self._authorize(response)
            if self.authorization:
                response = self._request("GET", url, accept, limit, self.authorization)
        return response

    def _authorize(self, response: Response) -> str:
        """The header that answers a challenge; empty when nothing does."""
        asked = challenges(response.headers.get("www-authenticate", ""))
        found = known_credentials.find(
            self.host, self.path, self.options.environ, self.options.credential_helpers
        )  # fmt: skip
        for challenge in asked:
            if challenge.scheme == "bearer" and challenge.parameters.get("realm"):
                return self._token(challenge, found)
        if found and not found.refresh_token and any(challenge.scheme == "basic" for challenge in asked):
            self._insist_on_safety()
            return found.basic
        return ""

    def _insist_on_safety(self) -> None:
        if self.origin.scheme != "https" and not self.allows_private:
            raise ImageError("cannot be fetched: the registry asks for a password over http")

    def _token(self, challenge: Challenge, found: known_credentials.Credentials | None) -> str:
        """A token of the registry's own: https://distribution.github.io/distribution/spec/auth/token/."""
        realm = challenge.parameters["realm"]
        origin = Origin.of(realm)
        if origin.scheme != "https" and origin.host != self.origin.host:
            raise ImageError("cannot be fetched: the registry sends us to another host, over http, for a token")
        scope = f"repository:{self.path}:pull"
        query = {"service": challenge.parameters.get("service", ""), "scope": scope}
        if found and not may_have_credentials(self.origin, origin):
            found = None
        if found and found.refresh_token:
            form = {"grant_type": "refresh_token", "refresh_token": found.refresh_token, "client_id": "imglint"}
            form |= query
            response = self._request("POST", realm, "application/json", MAX_TOKEN, "", urlencode(form))
        else:
            separator = "&" if "?" in realm else "?"
            url = f"{realm}{separator}{urlencode({key: value for key, value in query.items() if value})}"
            response = self._request("GET", url, "application/json", MAX_TOKEN, found.basic if found else "")
        try:
            document = json.loads(response.data) if response.status == 200 else {}
        except (ValueError, RecursionError):
            document = {}
        token = (document.get("token") or document.get("access_token")) if isinstance(document, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            return ""
        return f"Bearer {token}"

    def _request(
        self, method: str, url: str, accept: str, limit: int, authorization: str, body: str | None = None
    ) -> Response:
        """One request, redirects followed. A credential goes to the host that it is for, and to no other."""
        first = Origin.of(url)
        for _ in range(MAX_REDIRECTS + 1):
            headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": f"imglint/{__version__}"}
            if authorization and Origin.of(url) == first:
                headers["Authorization"] = authorization
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            response = self._patiently(method, url, headers, limit, body)
            location = response.headers.get("location", "")
            if response.status not in _REDIRECTS or not location or method != "GET":
                return response
            url = redirected(url, location)
        raise ImageError(f"cannot be fetched: the registry redirects more than {MAX_REDIRECTS} times")

    def _patiently(self, method: str, url: str, headers: dict[str, str], limit: int, body: str | None) -> Response:
        """One request, tried again when the registry is busy or the connection breaks."""
        waited = False
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                response = self._once(method, url, headers, limit, body)
            except _BrokenError as error:
                if last:
                    raise ImageError(f"cannot be fetched: {error}") from None
                self._sleep(0.2 * 2**attempt)
                continue
            if response.status not in _BUSY or last or waited:
                return response
            asked = response.headers.get("retry-after", "")
            waited = response.status == 429
            self._sleep(min(float(asked), MAX_WAIT) if asked.isdigit() and len(asked) < 6 else 0.2 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _sleep(self, seconds: float) -> None:
        if time.monotonic() + seconds > self.deadline:
            raise ImageError("cannot be fetched: it takes too long")
        time.sleep(seconds)

    def _once(self, method: str, url: str, headers: dict[str, str], limit: int, body: str | None) -> Response:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise ImageError(f"cannot be fetched: it takes more than {TOTAL_SECONDS:.0f} seconds")
        timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, left), read=min(READ_SECONDS, left))
        origin = Origin.of(url)
        target = url[len(f"{origin.scheme}://") :].partition("/")
        try:
            answer = self._open(origin, method, url, f"/{target[2]}", headers, body, timeout)
            try:
                return self._read(answer, limit)
            finally:
                answer.release_conn() if answer.closed else answer.close()
        except urllib3.exceptions.TimeoutError:
            raise ImageError("cannot be fetched: the registry takes too long to answer") from None
        except urllib3.exceptions.SSLError as error:
            raise ImageError(f"cannot be fetched: its certificate is not trusted ({_reason(error)})") from None
        except urllib3.exceptions.HTTPError as error:
            raise _BrokenError(_reason(error)) from None

    def _open(
        self, origin: Origin, method: str, url: str, target: str, headers: dict[str, str], body: str | None,
        timeout: urllib3.Timeout,
    ) -> urllib3.BaseHTTPResponse:  # fmt: skip
        """Send a request to the first address of a host that answers, as it was resolved when it was checked."""
        shared: dict[str, Any] = {
            "body": body, "timeout": timeout, "retries": False, "redirect": False, "preload_content": False,
            "decode_content": False,
        }  # fmt: skip
        proxy = self._proxy(origin)
        if proxy:
            manager = urllib3.ProxyManager(proxy, ca_certs=self._authorities())
            return manager.request(method, url, headers=headers, **shared)
        host = origin.host if origin.port in (80, 443) else f"{origin.host}:{origin.port}"
        failure: urllib3.exceptions.HTTPError | None = None
        for address in self._addresses(origin):
            if is_private(address) and not self.allows_private:
                raise ImageError("cannot be fetched: the registry points to an address of a private network")
            try:
                pool = self._pool(origin, address)
                return pool.urlopen(method, target, headers={**headers, "Host": host}, **shared)
            except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
                failure = error
        raise failure or urllib3.exceptions.HTTPError("there is no address")

    def _read(self, answer: urllib3.BaseHTTPResponse, limit: int) -> Response:
        if answer.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise ImageError("cannot be fetched: the registry sends it compressed, which nobody asked for")
        data = bytearray()
        wanted = limit if answer.status == 200 else MAX_TOKEN
        while chunk := answer.read1(_CHUNK):
            data += chunk
            if len(data) > wanted:
                raise ImageError(f"cannot be fetched: it is larger than {limit >> 20} MiB, the most that is read")
            if time.monotonic() > self.deadline:
                raise ImageError("cannot be fetched: it takes too long")
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status, headers, bytes(data))

    def _pool(self, origin: Origin, address: str) -> urllib3.HTTPConnectionPool:
        with self.opening:
            key = (origin, address)
            if key not in self.pools:
                shared: dict[str, Any] = {"maxsize": THREADS, "block": False}
                if origin.scheme == "http":
                    self.pools[key] = urllib3.HTTPConnectionPool(address, origin.port, **shared)
                else:
                    unchecked = self.options.insecure and self.allows_private and origin == self.origin
                    self.pools[key] = urllib3.HTTPSConnectionPool(
                        address, origin.port, server_hostname=origin.host,
                        assert_hostname=False if unchecked else origin.host,
                        cert_reqs="CERT_NONE" if unchecked else "CERT_REQUIRED",
                        ca_certs=None if unchecked else self._authorities(), **shared,
                    )  # fmt: skip
            return self.pools[key]

    def _authorities(self) -> str | None:
        """The file of certificates that the user trusts; OpenSSL itself looks at SSL_CERT_FILE."""
        return self.options.environ.get("REQUESTS_CA_BUNDLE") or self.options.environ.get("SSL_CERT_FILE") or None

    def _addresses(self, origin: Origin) -> list[str]:
        if origin not in self.resolved:
            self.resolved[origin] = addresses(origin.host, origin.port)
        return self.resolved[origin]

    def _proxy(self, origin: Origin) -> str:
        proxy = self.proxies.get(origin.scheme, "")
        if not proxy or is_loopback(origin.host):
            return ""
        excepted = [name.strip().lstrip("*").lstrip(".").lower() for name in self.proxies["no"].split(",")]
        everywhere = self.proxies["no"].strip() == "*"
        near = any(name and f".{origin.host}".endswith(f".{name}") for name in excepted)
        return "" if everywhere or near else proxy

    def _fall_back_to_http(self) -> None:
        """Speak http where the user allows it and the registry speaks nothing else."""
        try:
            self._once("GET", f"{self.base}/v2/", {}, MAX_TOKEN, None)
        except (ImageError, _BrokenError):
            self.base = f"http://{self.host}"
            self.origin = Origin.of(self.base)


class _BrokenError(Exception):
    """A connection that broke; it may hold the next time."""


def _proxies(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The proxies that the environment names: https://everything.curl.dev/usingcurl/proxies/env.html."""
    found = {
        "https": environ.get("https_proxy") or environ.get("HTTPS_PROXY", ""),
        "http": environ.get("http_proxy", ""),
        "no": environ.get("no_proxy") or environ.get("NO_PROXY", ""),
    }
    whole = environ.get("all_proxy") or environ.get("ALL_PROXY", "")
    return {name: found[name] or (whole if name != "no" else "") for name in found}


def _reason(error: Exception) -> str:
    """What broke, without addresses or credentials."""
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return "nothing answers there"
    if isinstance(error, (urllib3.exceptions.ProtocolError, urllib3.exceptions.IncompleteRead)):
        return "the connection broke off"
    return type(error).__name__.removesuffix("Error").lower() + " error"
