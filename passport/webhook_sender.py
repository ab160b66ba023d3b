# SPDX-License-Identifier: Apache-2.0
"""Posts one webhook to an address that somebody else chose, and to nothing of ours. RFC 9110; ADR 0023.

The name is looked up once for each attempt, every address that it has is judged, and the connection goes to one of
those that were judged: what the name says a moment later changes nothing. Proxies of the environment are not used,
redirects are not followed, and all of it has one deadline.
"""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol

from passport.domain.public_addresses import AddressRule, IpAddress
from passport.domain.webhooks import Attempt, Target, split_url
from verifier.connection import Connection, open_place, resolve_host, seconds_left
from verifier.fetch import printable

LOG = logging.getLogger(__name__)
TIMEOUT_SECONDS = 10.0
MAX_ANSWER = 64 * 1024  # bytes of the body that are read
SHOWN = 200  # characters of it that are kept
_MAX_WIRE = 2 * MAX_ANSWER  # bytes with status line and headers
_CONNECT_SECONDS = 3.0  # to one address, so that a dead one leaves time for the next
_MAX_ADDRESSES = 8
_HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": "product-passport-webhooks",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class Resolver(Protocol):
    """Looks names up."""

    def resolve(self, host: str, port: int, deadline: float) -> list[str]:
        """Return the addresses of a host. Raise OSError; TimeoutError at the deadline (monotonic clock)."""
        ...


class SystemResolver:
    """The operating system's."""

    def resolve(self, host: str, port: int, deadline: float) -> list[str]:
        return list(dict.fromkeys(str(address[0]) for _, _, _, address in resolve_host(host, port, deadline)))


class _Failed(Exception):
    """An attempt without an answer; `str` is its code in the log."""


class WebhookSender:
    """Implements passport/services/webhooks/ports.py: Sender. May be used by several threads."""

    def __init__(
        self,
        rule: AddressRule,
        *,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._rule = rule
        self._resolver = resolver or SystemResolver()
        self._tls = tls or ssl.create_default_context()
        self._timeout = timeout_seconds
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_stopped = False

    def send(self, url: str, body: bytes, headers: dict[str, str], at: datetime) -> Attempt:
        """One POST. Whatever happens is in the attempt: a status, or one of the codes in docs/webhooks.md."""
        began = time.monotonic()
        status, error, answer = 0, "", b""
        try:
            status, answer = self._post(split_url(url), body, headers, began + self._timeout)
        except _Failed as failed:
            error = str(failed)
        except TimeoutError:
            error = "timed_out"
        except ssl.SSLError:
            error = "tls_refused"
        except http.client.HTTPException:
            error = "bad_answer"
        except OSError:
            error = "unreachable"
        except Exception:  # a case that nobody thought of must be an attempt too, or it would be tried for ever
            LOG.exception("a webhook could not be sent")
            error = "internal_error"
        if self._is_stopped and not status:
            error = "broken_off"
        duration = int((time.monotonic() - began) * 1000)
        return Attempt(at, status, error, duration, printable(answer.decode("utf-8", "replace"), maximum=SHOWN))

    def stop(self) -> None:
        """Breaks off what is going on; later attempts end at once."""
        with self._lock:
            self._is_stopped = True
            for raw in self._open:
                _shut(raw)

    def _post(self, target: Target, body: bytes, headers: dict[str, str], deadline: float) -> tuple[int, bytes]:
        raw = self._connect(target, self._find_addresses(target, deadline), deadline)
        secured = raw
        try:
            raw.settimeout(seconds_left(deadline))
            # The certificate has to be the name's, whatever address was connected to.
            secured = self._tls.wrap_socket(raw, server_hostname=target.host, do_handshake_on_connect=False)
            self._keep(secured)
            secured.do_handshake()  # one deadline for the whole handshake
            connection = Connection(target.host, target.port)
            connection.adopt(secured, max_bytes=_MAX_WIRE)
            connection.set_deadline(deadline)
            connection.request("POST", target.path, body, {**_HEADERS, **headers})
            with connection.getresponse() as response:
                if connection.is_used_up:
                    raise _Failed("bad_answer")  # headers without end
                return response.status, _read(response)
        finally:
            with self._lock:
                self._open.discard(secured)
            secured.close()
            raw.close()

    def _find_addresses(self, target: Target, deadline: float) -> list[IpAddress]:
        """All addresses of the host, none of which is refused. Raises _Failed."""
        if not self._rule.allows_port(target.port):
            raise _Failed("port_refused")
        if target.literal is not None:
            found = [target.literal]
        else:
            try:
                names = self._resolver.resolve(target.host, target.port, deadline)
                found = [ip_address(name) for name in dict.fromkeys(names)]
            except TimeoutError:
                raise
            except (OSError, ValueError):
                raise _Failed("name_unknown") from None
        if not found:
            raise _Failed("name_unknown")
        # One bad address among good ones is refused as well: somebody tries to be lucky.
        if any(self._rule.find_refusal(address) for address in found):
            raise _Failed("address_refused")
        return found[:_MAX_ADDRESSES]

    def _connect(self, target: Target, addresses: list[IpAddress], deadline: float) -> socket.socket:
        failure: OSError = OSError("no address")
        for address in addresses:
            if self._is_stopped:
                raise _Failed("broken_off")
            try:
                part = min(deadline, time.monotonic() + _CONNECT_SECONDS)
                return open_place(_place(address, target.port), part)
            except OSError as error:
                failure = error
        raise failure

    def _keep(self, raw: socket.socket) -> None:
        with self._lock:
            if self._is_stopped:
                raise _Failed("broken_off")
            self._open.add(raw)


def _place(address: IpAddress, port: int) -> tuple[int, int, int, Any]:
    """As `socket.getaddrinfo` gives it, so that nothing is looked up again."""
    if isinstance(address, IPv6Address):
        return socket.AF_INET6, socket.SOCK_STREAM, 0, (str(address), port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, 0, (str(address), port)


def _read(response: http.client.HTTPResponse) -> bytes:
    """As much of the body as there is and may be. The status has been given: a body that breaks off changes nothing."""
    body = bytearray()
    try:
        while len(body) < MAX_ANSWER and (piece := response.read1(MAX_ANSWER - len(body))):
            body += piece
    except (OSError, http.client.HTTPException):
        pass
    return bytes(body)


def _shut(raw: socket.socket) -> None:
    """Wakes whoever reads. Not SSLSocket's own method, which would pull the session away under their feet."""
    with suppress(OSError):
        socket.socket.shutdown(raw, socket.SHUT_RDWR)
