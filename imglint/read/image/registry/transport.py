"""Single requests over connections that are kept: pinned to checked addresses, bounded in bytes and time."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from imglint.read.image.registry.policy import Network, Origin, address_in, addresses, network
from imglint.read.image.registry.proxies import Proxy, proxy_for
from imglint.read.image.store import NOT_FETCHED, ImageError
from imglint.record import NamedTuple

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 10.0
"""How long nothing may come."""
MAX_BYTES: Final = 48 << 20
"""Bytes of all answers for one reference together."""
MAX_REFUSAL: Final = 1 << 16
"""Bytes that are read of an answer that is not what was asked for."""

_CHUNK: Final = 1 << 15
_OK: Final = 200


class Response(NamedTuple):
    """An answer: its status, its headers by their names in lower case, and its body."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class BrokenError(Exception):
    """A connection that broke, or was not made; it may hold the next time."""


class _Connection(http.client.HTTPConnection):
    """A connection to an address; `name` is who has to prove to be there, where TLS is spoken."""

    def __init__(self, address: str, port: int, name: str, context: ssl.SSLContext | None, timeout: float) -> None:
        super().__init__(address, port, timeout=timeout)
        self.name = name
        self.context = context
        self.wire: Any = None

    def connect(self) -> None:
        """Connect, through the proxy's tunnel if there is one, and speak TLS inside."""
        super().connect()
        if self.context is not None:
            self.sock = self.context.wrap_socket(self.sock, server_hostname=self.name)
        self.wire = self.sock  # The other is forgotten as soon as an answer says that it is the last.


class Transport:
    """Requests for one reference. Several threads may send at once.

    `networks` are those that may be reached, and `plain` whether http may be spoken in those that are not public:
    who knows the registry sets them. Of the origins in `unverified` no certificate is asked for.
    """

    def __init__(self, environ: Mapping[str, str], deadline: float) -> None:
        self.environ = environ
        self.deadline = deadline
        self.networks = frozenset((Network.PUBLIC,))
        self.plain = False
        self.unverified: frozenset[Origin] = frozenset()
        self.lock = threading.Lock()
        self.room = MAX_BYTES
        self.idle: dict[Origin, list[_Connection]] = {}
        self.busy: set[_Connection] = set()
        self.resolved: dict[str, list[str]] = {}
        self.contexts: dict[bool, ssl.SSLContext] = {}

    def network_of(self, origin: Origin) -> Network:
        """The network of an origin: the most public of its addresses counts. Of one behind a proxy only numbers tell.

        Raises `ImageError` when the origin has no address.
        """
        if proxy_for(origin, self.environ):
            literal = address_in(origin.host)
            return network(literal) if literal else Network.PUBLIC
        return min(map(network, self._resolved(origin)))

    def send(self, method: str, url: str, headers: Mapping[str, str], limit: int, body: str | None = None) -> Response:
        """The answer to one request, of at most `limit` bytes; redirects are not followed.

        Raises `BrokenError` for what may be tried again, and `ImageError` for all else.
        """
        origin = Origin.of(url)
        proxy = proxy_for(origin, self.environ)
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Host": origin.authority, "Accept-Encoding": "identity", **headers}
        if proxy and origin.scheme == "http":
            target = f"http://{origin.authority}{target}"
            headers |= {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
        kept = self._kept(origin)
        if kept is not None:
            # It may have been closed in the meantime, which shows only now.
            with contextlib.suppress(BrokenError):
                return self._ask(kept, origin, (method, target, body, headers), limit)
        return self._ask(self._connected(origin, proxy), origin, (method, target, body, headers), limit)

    def close(self) -> None:
        """End all connections, those that a thread still waits for included."""
        with self.lock:
            connections = [*self.busy, *(each for kept in self.idle.values() for each in kept)]
            self.idle.clear()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.wire.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _ask(
        self, connection: _Connection, origin: Origin, request: tuple[str, str, str | None, dict[str, str]], limit: int
    ) -> Response:
        method, target, body, headers = request
        with self.lock:
            self.busy.add(connection)
        try:
            with _told():
                connection.wire.settimeout(self._left(READ_SECONDS))
                connection.request(method, target, body, headers)
                answer = connection.getresponse()
                response = self._read(answer, limit)
        except BaseException:
            connection.close()
            raise
        finally:
            with self.lock:
                self.busy.discard(connection)
        if answer.isclosed() and connection.sock is not None:
            with self.lock:
                self.idle.setdefault(origin, []).append(connection)
        else:
            connection.close()
        return response

    def _read(self, answer: http.client.HTTPResponse, limit: int) -> Response:
        headers: dict[str, str] = {}
        for name, value in answer.getheaders():
            known = headers.get(name.lower())
            headers[name.lower()] = value if known is None else f"{known}, {value}"
        if answer.status != _OK:
            return Response(answer.status, headers, answer.read(MAX_REFUSAL))
        if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise ImageError(NOT_FETCHED + "the registry sends it compressed, which nobody asked for")
        data = bytearray()
        while len(data) <= limit and (answer.length or 0) <= limit:
            chunk = answer.read(_CHUNK)
            if not chunk:
                if answer.length:
                    raise BrokenError("the connection broke off before all was sent")
                return Response(answer.status, headers, bytes(data))
            data += chunk
            self._take(len(chunk))
            self._left(0)
        most = f"{limit >> 20} MiB" if limit >> 20 else f"{limit >> 10} KiB"
        raise ImageError(NOT_FETCHED + f"it is larger than {most}, the most that is read")

    def _take(self, size: int) -> None:
        with self.lock:
            self.room -= size
        if self.room < 0:
            raise ImageError(
                NOT_FETCHED + f"all documents together are larger than {MAX_BYTES >> 20} MiB, the most that is read"
            )

    def _left(self, seconds: float) -> float:
        """So many seconds, or what is left of them. Raises `ImageError` when nothing is."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise ImageError(NOT_FETCHED + "the registry takes too long to answer")
        return min(seconds, left)

    def _kept(self, origin: Origin) -> _Connection | None:
        with self.lock:
            kept = self.idle.get(origin)
            return kept.pop() if kept else None

    def _connected(self, origin: Origin, proxy: Proxy | None) -> _Connection:
        """A new connection, to the first address that answers. Raises `BrokenError` and `ImageError`."""
        context = self._context(origin) if origin.scheme == "https" else None
        places = [(address, origin.port) for address in self._permitted(origin, proxy)]
        broken = BrokenError("nothing answers there")
        for address, port in [(proxy.host, proxy.port)] if proxy else places:
            connection = _Connection(address, port, origin.host, context, self._left(CONNECT_SECONDS))
            if proxy and context:
                authorization = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
                connection.set_tunnel(origin.host, origin.port, authorization)
            try:
                with _told(connecting=True):
                    connection.connect()
                return connection
            except BrokenError as error:
                connection.close()
                broken = error
            except BaseException:
                connection.close()
                raise
        raise broken

    def _permitted(self, origin: Origin, proxy: Proxy | None) -> list[str]:
        """The addresses of an origin that may be reached; behind a proxy, only what is written as a number shows."""
        literal = address_in(origin.host)
        found = ([literal] if literal else []) if proxy else self._resolved(origin)
        permitted = [address for address in found if network(address) in self.networks]
        if found and not permitted:
            raise ImageError(NOT_FETCHED + "the registry points to an address of a private network")
        if origin.scheme == "http" and not (self.plain and permitted and Network.PUBLIC not in map(network, permitted)):
            raise ImageError(NOT_FETCHED + "the registry points to an address that speaks http, not https")
        return permitted

    def _resolved(self, origin: Origin) -> list[str]:
        """The addresses of a host. They are asked for once, so that what was checked is what is reached."""
        if origin.host not in self.resolved:
            self.resolved[origin.host] = addresses(origin.host, origin.port)
        return self.resolved[origin.host]

    def _context(self, origin: Origin) -> ssl.SSLContext:
        """How TLS is spoken with an origin; OpenSSL itself looks at SSL_CERT_FILE and SSL_CERT_DIR."""
        verified = origin not in self.unverified
        with self.lock:
            if verified not in self.contexts:
                bundle = self.environ.get("REQUESTS_CA_BUNDLE") or self.environ.get("SSL_CERT_FILE") or None
                try:
                    context = ssl.create_default_context(cafile=bundle if verified else None)
                except OSError:
                    raise ImageError(NOT_FETCHED + "the file of certificates cannot be read") from None
                context.set_alpn_protocols(["http/1.1"])
                if not verified:
                    context.check_hostname = False
                    context.verify_mode = ssl.CERT_NONE
                self.contexts[verified] = context
            return self.contexts[verified]


@contextlib.contextmanager
def _told(connecting: bool = False) -> Iterator[None]:
    """What can go wrong with a connection, as a `BrokenError` or an `ImageError` without addresses or credentials."""
    try:
        yield
    except TimeoutError:
        if connecting:
            raise BrokenError("nothing answers there") from None
        raise ImageError(NOT_FETCHED + "the registry takes too long to answer") from None
    except ssl.SSLCertVerificationError as error:
        raise ImageError(NOT_FETCHED + f"its certificate is not trusted ({error.verify_message})") from None
    except ssl.SSLError as error:
        raise BrokenError(f"it does not speak https ({error.reason or 'the handshake broke off'})") from None
    except ConnectionRefusedError:
        raise BrokenError("nothing answers there") from None
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        what = "the proxy refuses" if str(error).startswith("Tunnel connection failed") else "the connection broke off"
        raise BrokenError(what) from None
