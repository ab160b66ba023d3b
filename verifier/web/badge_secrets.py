# SPDX-License-Identifier: Apache-2.0
"""What a server alone can make: a badge's code of the minute, and grants for a frame's later requests. RFC 2104."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from verifier.protocol.encoding import encode_crockford
from verifier.web.embedding import PageFinding

SECRET_SIZE = 32
CODE_LENGTH = 4
MINUTE_SECONDS = 60
_MAC_SIZE = 16


@dataclass(frozen=True, slots=True)
class MinuteCode:
    """The code of a minute and of the one before; `seconds_left` until the next, at least 1."""

    text: str
    before: str
    seconds_left: int


@dataclass(frozen=True, slots=True)
class BadgeSecrets:
    """Several servers behind one address need the same secret, or badge and click-through page show two codes."""

    secret: bytes = field(repr=False)

    def minute_code(self, platform: str, listing: str, now: datetime) -> MinuteCode:
        """Four characters of Crockford's base32, without I, L, O and U. 20 bits: to be compared, not to be kept."""
        at = int(now.timestamp())
        minute = at // MINUTE_SECONDS
        text, before = (self._code(platform, listing, number) for number in (minute, minute - 1))
        return MinuteCode(text, before, MINUTE_SECONDS - at % MINUTE_SECONDS)

    def make_grant(self, token: str, finding: PageFinding) -> str:
        """What the page of a frame hands to its own later requests. It lives as long as the token does."""
        return f"{finding.value}.{self._grant_mac(token, finding)}"

    def read_grant(self, token: str, grant: str) -> PageFinding | None:
        """What was found when the page was made; None for no grant of this server's for this token."""
        name, _, mac = grant[:100].partition(".")
        finding = next((one for one in PageFinding if one.value == name), None)
        if finding is None or not mac.isascii() or not hmac.compare_digest(mac, self._grant_mac(token, finding)):
            return None
        return finding

    def _code(self, platform: str, listing: str, minute: int) -> str:
        mac = self._mac("minute", platform, listing, str(minute))
        return encode_crockford(int.from_bytes(mac[:8], "big") >> (64 - 5 * CODE_LENGTH), width=CODE_LENGTH)

    def _grant_mac(self, token: str, finding: PageFinding) -> str:
        mac = self._mac("grant", finding.value, sha256(token.encode("utf-8", "replace")).hexdigest())
        return base64.urlsafe_b64encode(mac[:_MAC_SIZE]).rstrip(b"=").decode()

    def _mac(self, *parts: str) -> bytes:
        return hmac.new(self.secret, "\n".join(("listing-badge/v1", *parts)).encode(), sha256).digest()
