# SPDX-License-Identifier: Apache-2.0
"""Whether a badge token was signed by the platform that it names, by what the ledger says. docs/spec/badge-token.md."""

from __future__ import annotations

from collections.abc import Callable

from verifier.protocol.badge_token import BadgeToken, verify_badge_signature
from verifier.protocol.errors import DoesNotHold
from verifier.trust import Issuer

PLATFORM = "platform"


def check_badge_signer(token: BadgeToken, find_issuer: Callable[[str], Issuer | None], origin: str) -> Issuer:
    """The platform, if the signature is its own. The time is not looked at: `check_badge_time`.

    Raises DoesNotHold: other_ledger, unknown_platform, not_a_platform, unknown_key, revoked_key, bad_signature; what
    `find_issuer` raises. A revoked key is refused whenever it signed: a token is made for the next minutes, never for
    the past.
    """
    claims = token.claims
    if claims.audience != origin:
        raise DoesNotHold("other_ledger", f"The token is for {claims.audience}, this ledger is {origin}.")
    issuer = find_issuer(claims.platform)
    if issuer is None:
        raise DoesNotHold("unknown_platform", f"Nobody is admitted as {claims.platform}.")
    if PLATFORM not in issuer.roles:
        raise DoesNotHold("not_a_platform", f"{claims.platform} is admitted, and not as a platform.")
    key = issuer.find_key(token.key_id)
    if key is None:
        raise DoesNotHold("unknown_key", f"The key is none of {claims.platform}'s.")
    if key.revoked_from is not None:
        raise DoesNotHold("revoked_key", f"{claims.platform} has revoked this key.")
    verify_badge_signature(token, key.public_key)
    return issuer
