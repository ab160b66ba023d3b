# SPDX-License-Identifier: Apache-2.0
"""Posts a monitor's events to one URL. RFC 9110.

The URL may hold a secret, so no message repeats it.
"""

from __future__ import annotations

from verifier.fetch import DEFAULT_TIMEOUT_SECONDS, Fetcher, parse_fetch_url
from verifier.protocol.errors import DidNotArrive

MAX_BACK_OFF_SECONDS = 300
_MAX_REPLY = 64 * 1024  # what a receiver says is read to keep the connection, and not used


class Webhook:
    """One receiver: https, or http on this machine. Raises Malformed("bad_url", "insecure_url") when made."""

    def __init__(self, url: str, *, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS) -> None:
        self._host = parse_fetch_url(url).endpoint[1]
        self._url = url
        self._fetcher = Fetcher(timeout_seconds=timeout_seconds)

    def post(self, event: bytes) -> None:
        """Deliver one event. Any answer but 2xx, a redirect too, is no delivery: DidNotArrive."""
        try:
            reply = self._fetcher.post(self._url, event, max_size=_MAX_REPLY, media_type="application/json")
        except DidNotArrive as error:
            raise DidNotArrive(error.code, f"The webhook at {self._host} did not take an event.") from None
        if not 200 <= reply.status <= 299:
            raise DidNotArrive("webhook_refused", f"The webhook at {self._host} answered {reply.status}.")

    def close(self) -> None:
        """Close what is kept open."""
        self._fetcher.close()


def back_off_seconds(attempts: int) -> int:
    """How long to wait after so many failures in a row: 1, 2, 4 … up to five minutes."""
    return min(1 << min(attempts - 1, 16), MAX_BACK_OFF_SECONDS)
