# SPDX-License-Identifier: Apache-2.0
"""A write that may be sent twice: its key, what the key was used for, and the answer that is given again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One request with a key. `caller` owns the key: others may use the same one. `fingerprint` is of the request."""

    caller: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The first answer, as it is given again."""

    status: int
    media_type: str
    location: str
    body: bytes


class Claim(Enum):
    """What becomes of a request with a key."""

    NEW = "new"  # do it, then finish or release
    IN_FLIGHT = "in_flight"  # the first one is still being worked on
    REUSED = "reused"  # the key was used for another request
