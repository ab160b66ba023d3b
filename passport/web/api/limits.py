# SPDX-License-Identifier: Apache-2.0
"""How often one caller may ask. Headers of draft-ietf-httpapi-ratelimit-headers-10; Retry-After of RFC 9110.

Counted in memory: there is one process. A caller is a token, else an address; of IPv6 the network of 64 bits, which one
customer has whole. Pages and the ledger's files have a limit of their own, far from what people and auditors need.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, g, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.exceptions import TooManyRequests

from verifier.fetch import is_loopback
from verifier.web.api.operations import Repeat, find_operation
from verifier.web.returned import SUFFIX
from verifier.web.visits import client_address

if TYPE_CHECKING:
    from flask import Flask, Response

WINDOW_SECONDS = 60
_NEVER_LIMITED = ("/healthz",)


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Requests per minute of one caller. `uploads` are writes that prove themselves: a run of a maker makes thousands.

    `exempts_loopback`: this machine's own programs are not limited. Behind a proxy on this machine `proxies` must say
    so, or nobody is limited.
    """

    api_per_minute: int = 1_200
    uploads_per_minute: int = 12_000
    pages_per_minute: int = 30_000
    confirmations_per_minute: int = 20  # of recalled codes, on the check page: many phones may share one address
    exempts_loopback: bool = True
    proxies: int = 0  # trusted ones, as in WebSettings


@dataclass(frozen=True, slots=True)
class _Quota:
    name: str
    item: RateLimitItemPerMinute


def install_limits(app: Flask, limits: RateLimits, identify: Callable[[], str]) -> None:
    """Counts every request; one too many is refused with the problem `rate_limited`. `identify` names the caller."""
    counter = SlidingWindowCounterRateLimiter(MemoryStorage())
    api, uploads, pages, confirmations = (
        _Quota(name, RateLimitItemPerMinute(amount))
        for name, amount in (
            ("api", limits.api_per_minute),
            ("uploads", limits.uploads_per_minute),
            ("pages", limits.pages_per_minute),
            ("confirmations", limits.confirmations_per_minute),
        )
    )

    def quota_of_request() -> _Quota:
        operation = find_operation(current_app, request.endpoint)
        if operation is not None and operation.repeat is Repeat.BY_CONTENT:
            return uploads
        if request.method == "POST" and request.path.startswith("/check/") and request.path.endswith(SUFFIX):
            return confirmations
        return api if request.path.startswith("/api/") else pages

    @app.before_request
    def count() -> None:
        address = client_address(request, limits.proxies)
        if request.path in _NEVER_LIMITED or (limits.exempts_loopback and is_loopback(address)):
            return
        quota, caller = quota_of_request(), identify()
        is_allowed = counter.hit(quota.item, quota.name, caller)
        stats = counter.get_window_stats(quota.item, quota.name, caller)
        seconds = max(1, math.ceil(stats.reset_time - time.time()))
        g.rate_limit_headers = {
            "RateLimit-Policy": f'"{quota.name}";q={quota.item.amount};w={WINDOW_SECONDS}',
            "RateLimit": f'"{quota.name}";r={stats.remaining};t={seconds}',
        }
        if not is_allowed:
            g.rate_limit_headers["Retry-After"] = str(seconds)
            raise TooManyRequests(f"At most {quota.item.amount} requests a minute. Try again in {seconds} seconds.")

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers.update(g.pop("rate_limit_headers", {}))
        return response


def address_of_caller(proxies: int) -> str:
    """The client's address as a key: never logged, never stored, forgotten after a minute."""
    try:
        address = ipaddress.ip_address(client_address(request, proxies))
    except ValueError:  # a socket file
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
