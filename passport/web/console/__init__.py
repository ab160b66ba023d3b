# SPDX-License-Identifier: Apache-2.0
"""The console: server-rendered pages for members of organisations. No scripts; every change is a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from passport.web.console.account import add_account_pages
from passport.web.console.appeals import add_appeal_pages
from passport.web.console.audit import add_audit_pages
from passport.web.console.badges import add_badge_pages
from passport.web.console.dossiers import add_dossier_pages
from passport.web.console.entrance import add_entrance_pages
from passport.web.console.frame import ConsoleFrame
from passport.web.console.imports import add_import_pages
from passport.web.console.listings import add_listing_pages
from passport.web.console.members import add_member_pages
from passport.web.console.overview import add_overview_page
from passport.web.console.recalls import add_recall_pages
from passport.web.console.returns import add_return_pages
from passport.web.console.sanctions import add_sanction_pages
from passport.web.console.tokens import add_token_pages
from passport.web.console.webhooks import add_webhook_pages
from passport.web.principals import install_principals

if TYPE_CHECKING:
    from flask import Flask

    from passport.services.accounts import Accounts
    from passport.web.api.frame import ApiFrame
    from verifier.web.settings import WebSettings


def install_console(app: Flask, accounts: Accounts, settings: WebSettings, parts: ApiFrame) -> None:
    """Adds /console and the principals of the API to an application. A part that is not there has no pages."""
    listings = parts.listings
    install_principals(app, accounts)
    console = Blueprint("console", __name__, url_prefix="/console")
    frame = ConsoleFrame(accounts, settings)
    frame.install(app, console)
    for add_pages in (
        add_entrance_pages,
        add_member_pages,
        add_token_pages,
        add_audit_pages,
        add_account_pages,
    ):
        add_pages(console, frame)
    add_overview_page(console, frame, parts)
    if listings is not None:
        for add_more in (add_listing_pages, add_appeal_pages, add_import_pages):
            add_more(console, frame, listings)
    if parts.badges is not None:
        add_badge_pages(console, frame, parts.badges)
    if parts.webhooks is not None:
        add_webhook_pages(console, frame, parts.webhooks)
    if parts.live is not None:
        add_dossier_pages(console, frame, parts.live)
        add_sanction_pages(console, frame, parts.live)
    if parts.recalls is not None:
        add_recall_pages(console, frame, parts.recalls)
    if parts.returns is not None:
        add_return_pages(console, frame, parts.returns)
    app.register_blueprint(console)
