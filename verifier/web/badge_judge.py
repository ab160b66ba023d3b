# SPDX-License-Identifier: Apache-2.0
"""What the badge of a listing may say: one numbered list. Green is for a bound listing of a good lot, on its own page.

 1 the token is well formed and signed by a platform of this ledger   2 it counts now   3 the page is the listing's
 4 the listing is known   5 its origin may show it   6 it sells what the token says   7 the platform shows badges
 8 an open recall speaks before everything that follows   9 the sale was not stopped   10 it is bound
11 its seller is not sanctioned   12 the lot is good as of a current snapshot
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from verifier.badge_check import check_badge_signer
from verifier.lots import LotVerdict
from verifier.product_view import ProductView
from verifier.protocol.badge_token import (
    BadgeClaims,
    check_badge_time,
    is_loopback_origin,
    parse_badge_token,
)
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed, VerifierError
from verifier.trust import Issuer
from verifier.verdict import Status
from verifier.web.badge_ports import BadgeChecker, Binding, ListingBadges
from verifier.web.embedding import Embedding, PageFinding, judge_page
from verifier.web.present_badge import seconds_left

LOG = logging.getLogger(__name__)
BOUND, STOP_SALE = "bound", "stop_sale"
_IN_FRAME_OR_ASKED = (PageFinding.RIGHT, PageFinding.NOT_CHECKED)


class BadgeSays(StrEnum):
    """What a badge says. Only GOOD is green; UNKNOWN is all that a badge says when it may not say more."""

    GOOD = "good"
    RECALLED = "recalled"
    STOP_SALE = "stop_sale"
    NOT_LOGGED = "not_logged"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SignedBadge:
    """A token whose signature holds, whatever its time; and its listing, as far as it is known here."""

    text: str
    claims: BadgeClaims
    platform: Issuer
    binding: Binding | None


@dataclass(frozen=True, slots=True)
class BadgeState:
    """`reason` is a stable code. `shows_claims`: seller, product and minute code may be shown."""

    says: BadgeSays
    reason: str
    at: datetime
    page: PageFinding = PageFinding.NOT_CHECKED
    signed: SignedBadge | None = None
    shows_claims: bool = False
    verdict: LotVerdict | None = None
    product: ProductView | None = None
    seconds_left: int = 0


class BadgeJudge:
    """Judges badges by a checker and by what the server knows. Safe to call from many threads."""

    def __init__(self, checker: BadgeChecker, badges: ListingBadges) -> None:
        self._checker, self._badges = checker, badges

    def read(self, text: str) -> SignedBadge:
        """Step 1, and what is known of the listing. Raises Malformed, DoesNotHold, DidNotArrive."""
        token = parse_badge_token(text)
        claims = token.claims
        platform = check_badge_signer(token, self._checker.find_issuer, self._badges.origin)
        source = self._badges.bindings
        if source is None:  # a node: the platform's own word is all there is
            lots, origins = (claims.lot,) if claims.lot else (), frozenset({claims.origin})
            own = Binding(BOUND, "", claims.gtin, lots, claims.seller_id, claims.seller_name, origins)
            return SignedBadge(text, claims, platform, own)
        return SignedBadge(text, claims, platform, source.find(claims.platform, claims.listing))

    def find_embedding(self, badge: SignedBadge, referer: str, is_frame: bool) -> Embedding:
        """Which page the badge stands in; a wrong place of a frame is noted. A stale copy elsewhere is one too."""
        binding = badge.binding
        own = binding.origins if binding is not None else frozenset()
        embedding = judge_page(referer, badge.claims.origin, own, binding.url if binding is not None else "")
        now = self._badges.clock()
        is_wrong = embedding.finding is PageFinding.FOREIGN_ORIGIN or (
            embedding.finding is not PageFinding.RIGHT and now < badge.claims.expires_at
        )
        if is_frame and is_wrong and binding is not None:
            self._badges.alerts.note(badge.claims, embedding, now)
        return embedding

    def judge(self, text: str, finding: PageFinding, *, allows_loopback: bool) -> BadgeState:
        """The whole list. It never raises: what cannot be established is UNKNOWN.

        `allows_loopback`: the server itself is http on this machine.
        """
        now = self._badges.clock()
        try:
            badge = self.read(text)
        except (Malformed, DoesNotHold) as error:
            return BadgeState(BadgeSays.UNKNOWN, error.code, now)
        except DidNotArrive as error:
            LOG.warning("a badge cannot be judged: %s", error)
            return BadgeState(BadgeSays.UNKNOWN, "cannot_tell", now)
        return self.judge_signed(badge, finding, allows_loopback=allows_loopback)

    def judge_signed(
        self, badge: SignedBadge, finding: PageFinding, *, allows_loopback: bool, needs_time: bool = True
    ) -> BadgeState:
        """Steps 2 to 12, for who has read the token already. The page behind a badge outlives the token: it does
        without the time."""
        state = BadgeState(BadgeSays.UNKNOWN, "", self._badges.clock(), finding, badge)
        try:
            if needs_time:
                check_badge_time(badge.claims, state.at)
            binding = _check_page(badge, finding, allows_loopback=allows_loopback)
        except VerifierError as error:
            return replace(state, reason=error.code)
        return self._judge_lot(state, badge, binding, needs_time=needs_time)

    def _judge_lot(self, state: BadgeState, badge: SignedBadge, binding: Binding, *, needs_time: bool) -> BadgeState:
        claims = badge.claims
        checker = self._checker
        verdict = checker.check_lot(claims.gtin, claims.lot) if claims.lot else checker.check_model(claims.gtin)
        left = int((claims.expires_at - state.at).total_seconds())
        state = replace(
            state,
            shows_claims=True,
            verdict=verdict,
            product=checker.find_product(claims.gtin),
            seconds_left=max(0, min(seconds_left(verdict), left)) if needs_time else seconds_left(verdict),
        )
        says, reason = _decide(verdict, binding)
        return replace(state, says=says, reason=reason)


def _check_page(badge: SignedBadge, finding: PageFinding, *, allows_loopback: bool) -> Binding:
    """Steps 3 to 7. Raises DoesNotHold."""
    claims, binding = badge.claims, badge.binding
    if finding not in _IN_FRAME_OR_ASKED:
        raise DoesNotHold(finding.value, "The badge does not stand in the listing's page.")
    if is_loopback_origin(claims.origin) and not allows_loopback:
        raise DoesNotHold("bad_origin", "An http origin is for servers on this machine alone.")
    if binding is None:
        raise DoesNotHold("unknown_listing", "The platform has no such listing.")
    if claims.origin not in binding.origins:
        raise DoesNotHold("origin_not_allowed", "This origin is not the listing's, and not in the platform's policy.")
    if not binding.fits(claims):
        raise DoesNotHold("listing_differs", "The listing sells something else than the token says.")
    if not binding.is_on:
        raise DoesNotHold("badges_off", "The platform shows no badges at present.")
    return binding


def _decide(verdict: LotVerdict, binding: Binding) -> tuple[BadgeSays, str]:
    """Steps 8 to 12."""
    if verdict.status is Status.RECALLED:
        return BadgeSays.RECALLED, verdict.reason
    if binding.state == STOP_SALE:
        return BadgeSays.STOP_SALE, "stop_sale"
    if binding.state != BOUND:
        return BadgeSays.UNKNOWN, "not_bound"
    if binding.is_blocked:
        return BadgeSays.UNKNOWN, "seller_sanctioned"
    if verdict.status is Status.GENUINE:
        return BadgeSays.GOOD, verdict.reason
    if verdict.status is Status.NOT_LOGGED:
        return BadgeSays.NOT_LOGGED, verdict.reason
    return BadgeSays.UNKNOWN, verdict.reason
