# SPDX-License-Identifier: Apache-2.0
"""Puts the frame round an application: request ids, log, rate limits, idempotency keys, description and its page."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING

from flask import request

from passport.domain.accounts_errors import InvalidToken
from passport.web.api.idempotency import IdempotencyStore, install_idempotency
from passport.web.api.limits import RateLimits, address_of_caller, install_limits
from passport.web.principals import caller_of, find_principal
from verifier.web.api.openapi import About
from verifier.web.api.reference import make_reference_blueprint
from verifier.web.api.request_ids import RequestIds
from verifier.web.api.request_log import RequestLog, note_route

if TYPE_CHECKING:
    from flask import Flask

    from passport.services.accounts import Accounts
    from passport.services.badges import Badges
    from passport.services.listings import Listings
    from passport.services.live import Live
    from passport.services.recalls import Recalls
    from passport.services.returns import Returns
    from passport.services.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class ApiFrame:
    """What an operator chooses. `keys` may be missing as long as there are no accounts, or no operation needs a key.

    Without `accounts` there is no console, and no token is good. `listings` need accounts.
    """

    base_url: str = ""
    limits: RateLimits = field(default_factory=RateLimits)
    keys: IdempotencyStore | None = None
    accounts: Accounts | None = None
    listings: Listings | None = None
    webhooks: Webhooks | None = None
    badges: Badges | None = None
    live: Live | None = None
    returns: Returns | None = None
    recalls: Recalls | None = None


def install_frame(app: Flask, frame: ApiFrame) -> None:
    """Call it last: when every blueprint is registered, and before the first request."""

    def identify() -> str:
        """The token that asks, if it is a good one; else an address, so that bad tokens are counted together."""
        try:
            principal = find_principal(request)
        except InvalidToken:
            principal = None
        return caller_of(principal) if principal is not None else address_of_caller(frame.limits.proxies)

    app.register_blueprint(
        make_reference_blueprint(About("Product digital passport", version("product-passport"), frame.base_url))
    )
    note_route(app)
    install_limits(app, frame.limits, identify)
    install_idempotency(app, frame.keys, identify, is_needed=frame.accounts is not None)
    app.wsgi_app = RequestIds(RequestLog(app.wsgi_app))  # type: ignore[method-assign]
