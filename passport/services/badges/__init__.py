# SPDX-License-Identifier: Apache-2.0
"""Badges of listings on the registry's side: what binds them, the platform's policy, alerts. docs/badge.md."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from passport.services.badges.bindings import ListingBindings
from passport.services.badges.desk import BadgeDesk
from passport.services.badges.recorder import AlertRecorder
from verifier.web.badge_ports import ListingBadges

__all__ = ["AlertRecorder", "BadgeDesk", "Badges", "ListingBindings", "derive_secret"]


@dataclass(frozen=True, slots=True)
class Badges:
    """`served` is what the public pages are given. `recorder` has to be started and stopped."""

    served: ListingBadges
    desk: BadgeDesk
    recorder: AlertRecorder


def derive_secret(secret: bytes) -> bytes:
    """32 bytes for codes and grants, out of console.secret: the same on every host that shares the file."""
    return hmac.new(secret, b"listing-badge/v1", sha256).digest()
