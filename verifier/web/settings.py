# SPDX-License-Identifier: Apache-2.0
"""What an operator may set about the pages. Made by whoever builds the application, never from the environment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`trusted_hosts`: the Host headers that are answered (Flask TRUSTED_HOSTS); empty means any.

    `max_streams` bounds the badges that listen at the same time. Each holds one server thread, so it must stay well
    below the number of threads; beyond it a badge gets 503 and polls instead.
    """

    trusted_hosts: tuple[str, ...] = ()
    max_streams: int = 16
    beat_seconds: float = 15.0
    stream_seconds: float = 300.0
    poll_seconds: float = 4.0  # how often a badge without a stream asks
    is_https: bool = False  # marks the language cookie Secure
    proxies: int = 0  # trusted proxies in front; how many addresses of X-Forwarded-For they have written
    province_header: str = ""  # in which the proxy says the client's province; empty: it does not

    @property
    def silence_seconds(self) -> float:
        """How long a badge trusts its last word: two heartbeats may get lost."""
        return 2 * max(self.beat_seconds, self.poll_seconds) + 5
