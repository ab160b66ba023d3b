# SPDX-License-Identifier: Apache-2.0
"""Puts together what organisations work with beside their accounts: listings, and what stands on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from passport.bootstrap_accounts import SECRET_NAME, load_or_make_secret
from passport.domain.public_addresses import AddressRule, parse_networks
from passport.sealing import SecretBox
from passport.services.badges import AlertRecorder, BadgeDesk, Badges, ListingBindings, derive_secret
from passport.services.badges.ports import Outbox, SanctionSource
from passport.services.dossier_facts import LedgerDossierFacts
from passport.services.gate_facts import LedgerGateFacts
from passport.services.listings import Listings, make_listings
from passport.services.listings.kit import ListingKit
from passport.services.live import Live, LiveKit, make_live
from passport.services.recall_facts import LedgerRecallFacts
from passport.services.recalls import Recalls, make_recalls
from passport.services.recalls.kit import RecallKit
from passport.services.recalls.ledger import ViewedRecalls
from passport.services.recalls.watch import RecallWatch
from passport.services.returns import Returns, make_returns
from passport.services.returns.kit import ReturnKit
from passport.services.webhooks import Webhooks, make_webhooks
from passport.services.webhooks.kit import WebhookKit
from passport.settings import Settings
from passport.storage.business import SqlBusiness
from passport.webhook_sender import WebhookSender
from verifier.web.badge_ports import ListingBadges
from verifier.web.badge_secrets import BadgeSecrets


@dataclass(frozen=True, slots=True)
class Platform:
    """The use cases over the open business database."""

    listings: Listings
    badges: Badges
    webhooks: Webhooks
    live: Live
    returns: Returns
    recalls: Recalls

    def stop(self) -> None:
        """Ends the workers, the last one first. Call it before the databases are closed."""
        self.recalls.worker.stop()
        self.listings.worker.stop()
        self.badges.recorder.stop()
        self.webhooks.worker.stop()


def open_platform(
    business: SqlBusiness,
    facts: LedgerGateFacts,
    recalls: LedgerRecallFacts,
    viewed: ViewedRecalls,
    clock: Callable[[], datetime],
    settings: Settings,
) -> Platform:
    """Starts the workers; each takes up what an earlier process left behind. Raises StartRefused."""
    webhooks = open_webhooks(business, clock, settings)
    returns = make_returns(ReturnKit(business, recalls, clock))
    told = RecallKit(business, viewed, webhooks.outbox, clock, settings.base_url, returns.desk)
    listings = make_listings(ListingKit(business, facts, clock, RecallWatch(told)))
    recalling = make_recalls(told)
    webhooks.worker.start()
    listings.worker.start()
    recalling.worker.start()
    live = make_live(LiveKit(business, LedgerDossierFacts(facts), clock))
    badges = open_badges(business, clock, settings, BadgeParts(live.source, webhooks.outbox))
    badges.recorder.start()
    return Platform(listings=listings, badges=badges, webhooks=webhooks, live=live, returns=returns, recalls=recalling)


def open_webhooks(business: SqlBusiness, clock: Callable[[], datetime], settings: Settings) -> Webhooks:
    """The outbox and its worker, which is not started. Raises StartRefused("bad_secret_file")."""
    rule = AddressRule(parse_networks(settings.webhook_allow_networks), settings.webhook_allow_ports)
    box = SecretBox(load_or_make_secret(settings.data / SECRET_NAME), "webhook-secrets")
    return make_webhooks(WebhookKit(business, clock, box, WebhookSender(rule), rule))


@dataclass(frozen=True, slots=True)
class BadgeParts:
    """What badges stand on beside the tables."""

    sanctions: SanctionSource
    outbox: Outbox


def open_badges(business: SqlBusiness, clock: Callable[[], datetime], settings: Settings, parts: BadgeParts) -> Badges:
    """Badges of listings; the recorder of alerts is not started. Raises StartRefused("bad_secret_file")."""
    recorder = AlertRecorder(business, clock, parts.outbox)
    served = ListingBadges(
        origin=settings.origin,
        secrets=BadgeSecrets(derive_secret(load_or_make_secret(settings.data / SECRET_NAME))),
        alerts=recorder,
        clock=clock,
        bindings=ListingBindings(business, parts.sanctions, clock),
    )
    return Badges(served, BadgeDesk(business, clock), recorder)
