# SPDX-License-Identifier: Apache-2.0
"""What needs the reader today, from every part that is there: the most urgent first. Each line leads to its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from passport.domain.accounts import OrganisationKind, Principal, Role, Scope
from passport.domain.dossier_values import DossierState
from passport.domain.listing_imports import ImportState
from passport.domain.listings import ListingState
from passport.domain.webhooks import EndpointState

if TYPE_CHECKING:
    from passport.services.accounts import Accounts
    from passport.services.listings import Listings
    from passport.services.live import Live
    from passport.services.recalls import Recalls
    from passport.web.api.frame import ApiFrame

_FEW_CODES = 3
_SOON = timedelta(days=14)
_MANY = 100  # more are said to be "100"


@dataclass(frozen=True, slots=True)
class Thing:
    """A line: the key of its words, where it is done, how many ("{count}" in the words), and whether time runs out."""

    word: str
    address: str
    count: int = 1
    is_urgent: bool = False


def things_to_do(accounts: Accounts, parts: ApiFrame, principal: Principal) -> list[Thing]:
    """Nothing that the reader may not see is counted: services are asked with the principal."""
    found: list[Thing] = []
    is_platform = principal.kind is OrganisationKind.PLATFORM
    sees_recalls = is_platform or principal.kind is OrganisationKind.AUTHORITY
    if parts.recalls is not None and sees_recalls and Scope.RECALLS_READ in principal.scopes:
        found += _about_recalls(parts.recalls, principal)
    if parts.listings is not None and is_platform and Scope.LISTINGS_READ in principal.scopes:
        found += _about_listings(parts.listings, principal)
    if parts.live is not None and is_platform and Scope.DOSSIERS_READ in principal.scopes:
        found += _about_dossiers(parts.live, principal)
    found += _about_signals(parts, principal)
    found += _about_accounts(accounts, principal)
    return sorted((one for one in found if one.count), key=lambda one: not one.is_urgent)


def _about_recalls(recalls: Recalls, principal: Principal) -> Iterator[Thing]:
    views = recalls.desk.page(principal, "", _MANY, "open")
    late = sum(view.figures.overdue for view in views)
    yield Thing("do_recall_late", "/console/recalls", late, is_urgent=True)
    yield Thing("do_recall_stop", "/console/recalls", sum(view.figures.pending for view in views) - late)
    unread = [view for view in views if view.case.pushed_at is not None and view.case.received_at is None]
    yield Thing("do_recall_unread", "/console/recalls", len(unread), is_urgent=True)


def _about_listings(listings: Listings, principal: Principal) -> Iterator[Thing]:
    counts = listings.desk.count_by_state(principal)
    if not counts and Scope.LISTINGS_WRITE in principal.scopes:
        yield Thing("do_first_listing", "/console/listings")
    refused = counts.get(ListingState.REFUSED, 0)
    yield Thing("do_refused", "/console/listings?state=refused", refused)
    yield Thing("do_drafts", "/console/listings?state=draft", counts.get(ListingState.DRAFT, 0))
    yield Thing("do_appeals", "/console/appeals", len(listings.appeals.page(principal, "open", "", _MANY)))
    ready = [one for one in listings.imports.page(principal, "", _MANY) if one.state is ImportState.READY]
    yield Thing("do_imports", "/console/imports", len(ready))


def _about_dossiers(live: Live, principal: Principal) -> Iterator[Thing]:
    counts = live.dossiers.count_by_state(principal)
    if Role.CHIEF_QUALITY_OFFICER in principal.roles:
        submitted = counts.get(DossierState.SUBMITTED, 0)
        yield Thing("do_approve", "/console/dossiers?state=submitted", submitted)
    yield Thing("do_sign", "/console/dossiers?state=approved", counts.get(DossierState.APPROVED, 0))


def _about_signals(parts: ApiFrame, principal: Principal) -> Iterator[Thing]:
    if principal.kind is not OrganisationKind.PLATFORM:
        return
    if parts.badges is not None and Scope.BADGES_READ in principal.scopes:
        yield Thing("do_alerts", "/console/badges", parts.badges.desk.count_unmarked(principal))
    if parts.webhooks is not None and Scope.WEBHOOKS_READ in principal.scopes:
        endpoints = parts.webhooks.desk.list_all(principal)
        if not endpoints and Scope.WEBHOOKS_WRITE in principal.scopes:
            yield Thing("do_first_webhook", "/console/webhooks/new")
        failing = [one for one in endpoints if one.state is EndpointState.FAILING]
        yield Thing("do_webhooks", "/console/webhooks", len(failing), is_urgent=True)


def _about_accounts(accounts: Accounts, principal: Principal) -> Iterator[Thing]:
    if accounts.profile.count_recovery_codes(principal) < _FEW_CODES:
        yield Thing("few_codes", "/console/account")
    if Role.OWNER in principal.roles:
        owners = [listed for listed in accounts.members.list(principal) if listed.member.is_active_owner]
        if len(owners) == 1:
            yield Thing("only_owner", "/console/members")
    if Scope.TOKENS_READ in principal.scopes:
        now = datetime.now(UTC)
        if any(token.is_good(now) and token.expires_at - now < _SOON for token in accounts.tokens.list(principal)):
            yield Thing("tokens_end_soon", "/console/tokens")
