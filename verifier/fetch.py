# SPDX-License-Identifier: Apache-2.0
"""A bounded HTTP GET or POST with the standard library alone: total deadline, size limit, no redirects.

RFC 9110, RFC 9112.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import urlsplit

from verifier.connection import Connection, open_socket, seconds_left
from verifier.protocol.errors import DidNotArrive, Malformed

DEFAULT_TIMEOUT_SECONDS = 10.0
DEFAULT_MAX_SIZE = 1 << 20
_SHOWN_OF_AN_ERROR = 200  # characters of a server's own words that may reach a person
_PIECE = 1 << 16
_MAX_IDLE = 4
_USER_AGENT = "product-passport-verifier"
_URL = re.compile(r"[!-~]{1,2000}")  # printable ASCII: nothing that could end a request line

Endpoint = tuple[str, str, int]  # scheme, host, port
T = TypeVar("T")


class NotFound(DidNotArrive):
    """The server answered, and says that it has no such thing (404 or 410)."""

    def __init__(self, message: str) -> None:
        super().__init__("not_found", message)


class BadStatus(DidNotArrive):
    """The server answered with `status`, which is neither 200 nor a redirect nor "no such thing"."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__("bad_status", f"The server answered {status}: {words}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Address:
    """A URL that may be fetched: its endpoint, and the request target with path and query as they stood."""

    endpoint: Endpoint
    target: str


def parse_fetch_url(url: str, *, allow_http: bool = False) -> Address:
    """The address that `url` names. Plain http is for this machine alone, unless `allow_http`.

    Raises Malformed: "bad_url", or "insecure_url" for http to another machine.
    """
    try:
        parts = urlsplit(url) if _URL.fullmatch(url) else None
        host, port = (parts.hostname, parts.port) if parts else (None, None)
    except ValueError:  # a port that is no number, half an IPv6 address
        parts = host = port = None
    if parts is None or not host or parts.scheme not in ("http", "https") or "@" in parts.netloc or "#" in url:
        raise Malformed("bad_url", "Expected https://host/… without user name and fragment.")
    if parts.scheme == "http" and not allow_http and not is_loopback(host):
        raise Malformed("insecure_url", f"{host} is not this machine: use https, or allow http on purpose.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address((parts.scheme, host, port or (443 if parts.scheme == "https" else 80)), target)


def is_loopback(host: str) -> bool:
    """Whether a host name or IP address means this machine, without asking a resolver."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def printable(text: str, *, maximum: int = _SHOWN_OF_AN_ERROR) -> str:
    """A stranger's words on one line, without anything that a terminal obeys, cut to `maximum` characters."""
    shown = "".join(c if c.isprintable() else " " for c in text[: 4 * maximum])
    shown = " ".join(shown.split())
    return shown if len(shown) <= maximum else shown[: maximum - 1] + "…"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a POST was answered: any status, the media type in lower case without parameters, the whole body.

    `headers`, by lower-case name, are those of an answer to `Fetcher.send`.
    """

    status: int
    media_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request of any method, with headers of its own. One that may be sent twice: see `Fetcher.post`."""

    method: str
    url: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Request:
    """`body` is None for a GET."""

    address: Address
    body: bytes | None = None
    media_type: str | None = None  # of the body
    method: str = ""  # GET or POST, as there is a body, when it is empty
    headers: Mapping[str, str] = field(default_factory=dict)


class Fetcher:
    """Fetches over connections that are kept open between calls; may be used by several threads.

    `timeout_seconds` bounds one whole call: name look-up, connecting, TLS, and the last byte of the body.
    """

    def __init__(self, *, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS, allow_http: bool = False) -> None:
        self._timeout = timeout_seconds
        self._allow_http = allow_http
        self._idle: dict[Endpoint, list[Connection]] = {}
        self._tls: ssl.SSLContext | None = None

    def fetch(self, url: str, *, max_size: int = DEFAULT_MAX_SIZE) -> bytes:
        """The body of a 200 answer, at most `max_size` bytes.

        Raises Malformed for a URL that may not be fetched; NotFound; and DidNotArrive with one of the codes
        "unreachable", "timed_out", "too_large", "cut_short", "redirected", "bad_status", "bad_answer".
        """
        request = _Request(parse_fetch_url(url, allow_http=self._allow_http))
        return self._guarded(url, request, lambda response: _read_answer(response, max_size))

    def fetch_pieces(self, url: str, take: Callable[[bytes], None], *, max_size: int) -> int:
        """Like `fetch`, but the body is handed on in pieces as it arrives and never held; returns its length.

        What was taken before an error counts for nothing.
        """
        request = _Request(parse_fetch_url(url, allow_http=self._allow_http))
        return self._guarded(url, request, lambda response: _pass_answer(response, max_size, take))

    def post(self, url: str, body: bytes, *, max_size: int = DEFAULT_MAX_SIZE, media_type: str | None = None) -> Reply:
        """Send a body and return whatever is answered, redirects included.

        For requests that may be sent twice: one over a kept connection that the server had closed is sent again.
        Raises as `fetch` does, but for NotFound, "redirected" and "bad_status".
        """
        request = _Request(parse_fetch_url(url, allow_http=self._allow_http), body, media_type)
        return self._guarded(url, request, lambda response: _read_reply(response, max_size))

    def send(self, outgoing: Outgoing, *, max_size: int = DEFAULT_MAX_SIZE) -> Reply:
        """Send any request and return whatever is answered, with its headers. Raises as `post` does."""
        address = parse_fetch_url(outgoing.url, allow_http=self._allow_http)
        request = _Request(address, outgoing.body, method=outgoing.method, headers=outgoing.headers)

        def read(response: http.client.HTTPResponse) -> Reply:
            reply = _read_reply(response, max_size)
            return replace(reply, headers={name.lower(): value for name, value in response.getheaders()})

        return self._guarded(outgoing.url, request, read)

    def _guarded(self, url: str, request: _Request, read: Callable[[http.client.HTTPResponse], T]) -> T:
        deadline = time.monotonic() + self._timeout
        try:
            return self._fetch(request, deadline, read)
        except TimeoutError:
            raise DidNotArrive("timed_out", f"{url} did not answer in {self._timeout:g} seconds.") from None
        except http.client.IncompleteRead:
            raise DidNotArrive("cut_short", f"The answer of {url} ended before its announced length.") from None
        except http.client.HTTPException as error:
            raise DidNotArrive("bad_answer", f"{url} did not answer in HTTP: {printable(repr(error))}") from None
        except OSError as error:  # includes TLS errors, refused connections, unknown names
            raise DidNotArrive("unreachable", f"{url} cannot be reached: {printable(str(error))}") from None

    def close(self) -> None:
        """Close what is kept open; the fetcher stays usable."""
        for connections in self._idle.values():
            while connections:
                connections.pop().close()

    def _fetch(self, request: _Request, deadline: float, read: Callable[[http.client.HTTPResponse], T]) -> T:
        connection, response = self._exchange(request, deadline)
        finished = False
        try:
            answer = read(response)
            finished = not response.will_close
            return answer
        finally:
            # Whatever is left of an answer that was refused half-way must never be read as the next one.
            idle = self._idle.setdefault(request.address.endpoint, [])
            if finished and len(idle) < _MAX_IDLE:
                idle.append(connection)
            else:
                connection.close()
                response.close()

    def _exchange(self, request: _Request, deadline: float) -> tuple[Connection, http.client.HTTPResponse]:
        endpoint = request.address.endpoint
        try:
            kept = self._idle.setdefault(endpoint, []).pop()
        except IndexError:
            pass
        else:
            try:
                return kept, _ask(kept, request, deadline)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # The server closed what it had kept open. A GET may be asked again, once, on a fresh connection.
                kept.close()
            except BaseException:
                kept.close()
                raise
        connection = self._connect(endpoint, deadline)
        try:
            return connection, _ask(connection, request, deadline)
        except BaseException:
            connection.close()
            raise

    def _connect(self, endpoint: Endpoint, deadline: float) -> Connection:
        scheme, host, port = endpoint
        connection = Connection(host, port)
        raw = open_socket(host, port, deadline)
        try:
            if scheme == "https":
                if self._tls is None:
                    self._tls = ssl.create_default_context()
                raw.settimeout(seconds_left(deadline))
                raw = self._tls.wrap_socket(raw, server_hostname=host)  # one deadline for the whole handshake
        except BaseException:
            raw.close()
            raise
        connection.adopt(raw)
        return connection


def fetch(
    url: str,
    *,
    max_size: int = DEFAULT_MAX_SIZE,
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    allow_http: bool = False,
) -> bytes:
    """One GET on a connection of its own; as `Fetcher.fetch`."""
    fetcher = Fetcher(timeout_seconds=timeout_seconds, allow_http=allow_http)
    try:
        return fetcher.fetch(url, max_size=max_size)
    finally:
        fetcher.close()


def _ask(connection: Connection, request: _Request, deadline: float) -> http.client.HTTPResponse:
    connection.set_deadline(deadline)
    # Compression stays off: a size limit on packed bytes bounds nothing.
    headers = {"Accept-Encoding": "identity", "User-Agent": _USER_AGENT}
    if request.media_type is not None:
        headers["Content-Type"] = request.media_type
    method = request.method or ("GET" if request.body is None else "POST")
    connection.request(method, request.address.target, request.body, {**headers, **request.headers})
    return connection.getresponse()


def _read_reply(response: http.client.HTTPResponse, max_size: int) -> Reply:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Reply(response.status, media_type, _read_body(response, max_size))


def _read_answer(response: http.client.HTTPResponse, max_size: int) -> bytes:
    _check_answer(response)
    return _read_body(response, max_size)


def _pass_answer(response: http.client.HTTPResponse, max_size: int, take: Callable[[bytes], None]) -> int:
    _check_answer(response)
    return _pass_body(response, max_size, take)


def _check_answer(response: http.client.HTTPResponse) -> None:
    if response.status in (404, 410):
        raise NotFound("The server has no such thing (404).")
    if 300 <= response.status < 400:
        target = printable(response.headers.get("Location", "nowhere"))
        # Not followed: it would move trust, and could point into the private network of who runs this.
        raise DidNotArrive("redirected", f"The server redirects to {target}; redirects are not followed. Use that URL.")
    if response.status != 200:
        words = printable(response.read(4 * _SHOWN_OF_AN_ERROR).decode("utf-8", "replace"))
        raise BadStatus(response.status, words)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise DidNotArrive("bad_answer", "The server sent a compressed answer that nobody asked for.")


def _read_body(response: http.client.HTTPResponse, max_size: int) -> bytes:
    body = bytearray()
    _pass_body(response, max_size, body.extend)
    return bytes(body)


def _pass_body(response: http.client.HTTPResponse, max_size: int, take: Callable[[bytes], None]) -> int:
    if response.length is not None and response.length > max_size:
        raise DidNotArrive("too_large", f"The answer has {response.length} bytes; at most {max_size} are read.")
    size = 0
    while piece := response.read(min(_PIECE, max_size + 1 - size)):
        size += len(piece)
        if size > max_size:
            raise DidNotArrive("too_large", f"The answer is longer than {max_size} bytes.")
        take(piece)
    if response.length:  # http.client is silent when a body with a length ends early
        raise DidNotArrive("cut_short", "The answer ended before its announced length.")
    return size
