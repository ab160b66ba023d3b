# SPDX-License-Identifier: Apache-2.0
"""The registry's application: pages and interfaces put together. Choices are made by bootstrap and passed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passport.domain.ledger_values import LedgerError
from passport.services.registry import NotFound, Unavailable
from passport.web.ledger_files import make_ledger_blueprint
from passport.web.pages import make_pages_blueprint
from passport.web.registry_api import make_registry_blueprint
from verifier.web.badge import make_badge_blueprint
from verifier.web.check import make_check_blueprint
from verifier.web.problems import ProblemTable
from verifier.web.settings import WebSettings
from verifier.web.skeleton import make_app
from verifier.web.streams import StreamGate
from verifier.web.verify_api import make_verify_blueprint

if TYPE_CHECKING:
    from flask import Flask

    from passport.web.ports import Registry
    from verifier.web.ports import Checker

PROBLEMS = ProblemTable({NotFound: 404, Unavailable: 503, LedgerError: 503})


def create_app(
    registry: Registry, checker: Checker, settings: WebSettings | None = None, gate: StreamGate | None = None
) -> Flask:
    """The WSGI application. Call `gate.stop()` when the server stops, so that badges let go of their threads."""
    settings = settings or WebSettings()
    app = make_app("passport", settings, PROBLEMS)
    app.register_blueprint(make_check_blueprint(checker, settings))
    app.register_blueprint(make_badge_blueprint(checker, settings, gate or StreamGate(settings.max_streams)))
    app.register_blueprint(make_verify_blueprint(checker))
    app.register_blueprint(make_registry_blueprint(registry))
    app.register_blueprint(make_ledger_blueprint(registry))
    app.register_blueprint(make_pages_blueprint(registry, settings))
    return app
