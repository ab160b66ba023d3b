# SPDX-License-Identifier: Apache-2.0
"""The registry's application: pages and interfaces put together. Choices are made by bootstrap and passed in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from passport.domain.ledger_values import LedgerError
from passport.services.registry import NotComplete, NotFound, Unavailable
from passport.web.accounts_api import make_accounts_blueprint
from passport.web.api.frame import ApiFrame, install_frame
from passport.web.badges_api import make_badges_blueprint
from passport.web.console import install_console
from passport.web.listings_api import make_listings_blueprint
from passport.web.live_api import make_live_blueprint
from passport.web.pages import make_pages_blueprint
from passport.web.principals import ACCOUNT_PROBLEMS
from passport.web.recalls_api import make_recalls_blueprint
from passport.web.registry_api import make_registry_blueprint
from passport.web.returns_api import make_returns_blueprint
from passport.web.shipments_api import make_shipments_blueprint
from passport.web.webhooks_api import make_webhooks_blueprint
from verifier.web.badge import make_badge_blueprint
from verifier.web.badge_ports import ListingBadges, NoAlerts, NoBindings
from verifier.web.badge_secrets import BadgeSecrets
from verifier.web.check import make_check_blueprint
from verifier.web.counts import PlatformChecker
from verifier.web.evidence import make_evidence_blueprint
from verifier.web.ledger_files import make_ledger_blueprint
from verifier.web.listing_badge import make_listing_badge_blueprint
from verifier.web.oembed import make_oembed_blueprint
from verifier.web.offline import make_offline_blueprint
from verifier.web.problems import ProblemTable
from verifier.web.proofs import make_proofs_blueprint
from verifier.web.scan import make_scan_blueprint
from verifier.web.settings import WebSettings
from verifier.web.skeleton import make_app
from verifier.web.streams import StreamGate
from verifier.web.verify_api import make_verify_blueprint

if TYPE_CHECKING:
    from flask import Flask

    from passport.web.ports import Counting, Registry
    from verifier.web.badge_ports import BadgeChecker

PROBLEMS = ProblemTable({NotFound: 404, NotComplete: 409, Unavailable: 503, LedgerError: 503, **ACCOUNT_PROBLEMS})

NOTHING_BOUND = ListingBadges("", BadgeSecrets(b""), NoAlerts(), lambda: datetime.now(UTC), NoBindings())
"""Without accounts there are no listings: no badge token is good."""


def create_app(
    registry: Registry,
    checker: BadgeChecker,
    settings: WebSettings | None = None,
    gate: StreamGate | None = None,
    counting: Counting | None = None,
    frame: ApiFrame | None = None,
) -> Flask:
    """The WSGI application. Call `gate.stop()` when the server stops, so that badges let go of their threads."""
    settings = settings or WebSettings()
    recorder = None if counting is None else counting.recorder
    app = make_app("passport", settings, PROBLEMS)
    returns = None if frame is None else frame.returns
    app.register_blueprint(
        make_check_blueprint(checker, settings, recorder, None if returns is None else returns.confirming)
    )
    gate = gate or StreamGate(settings.max_streams)
    app.register_blueprint(make_badge_blueprint(checker, settings, gate))
    badges = None if frame is None else frame.badges
    served = NOTHING_BOUND if badges is None else badges.served
    app.register_blueprint(make_listing_badge_blueprint(checker, served, settings, gate))
    app.register_blueprint(make_oembed_blueprint(checker, served, settings))
    app.register_blueprint(make_badges_blueprint(badges))
    app.register_blueprint(make_offline_blueprint())
    app.register_blueprint(make_scan_blueprint(settings))
    app.register_blueprint(make_evidence_blueprint(checker, registry))
    app.register_blueprint(make_verify_blueprint(checker if recorder is None else PlatformChecker(checker, recorder)))
    app.register_blueprint(make_registry_blueprint(registry))
    app.register_blueprint(make_shipments_blueprint(None if counting is None else counting.shipments))
    app.register_blueprint(make_listings_blueprint(None if frame is None else frame.listings))
    app.register_blueprint(make_live_blueprint(None if frame is None else frame.live))
    app.register_blueprint(make_recalls_blueprint(None if frame is None else frame.recalls))
    app.register_blueprint(make_accounts_blueprint())
    app.register_blueprint(make_returns_blueprint(returns))
    app.register_blueprint(make_webhooks_blueprint(None if frame is None else frame.webhooks))
    app.register_blueprint(make_ledger_blueprint(registry))
    app.register_blueprint(make_proofs_blueprint(registry))
    app.register_blueprint(make_pages_blueprint(registry, settings, recorder))
    if frame is not None and frame.accounts is not None:
        install_console(app, frame.accounts, settings, frame)
    install_frame(app, frame or ApiFrame())  # last: it reads what the views declare
    return app
