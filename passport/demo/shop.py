# SPDX-License-Identifier: Apache-2.0
"""A marketplace's listing page with a live badge, on an origin of its own, as a platform would embed it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from flask import Flask, render_template, request
from werkzeug.serving import BaseWSGIServer, make_server

from verifier.web.assets import find_templates


@dataclass(frozen=True, slots=True)
class Listing:
    """What a seller says of a product; the badge says what the ledger says of its lot."""

    slug: str
    name_zh: str
    name_en: str
    price: str
    seller_zh: str
    seller_en: str
    gtin: str
    lot: str
    points_zh: tuple[str, ...]
    points_en: tuple[str, ...]


class Shop:
    """Serves the listings on loopback in a thread, until `stop`."""

    def __init__(self, registry_url: str, listings: tuple[Listing, ...], port: int) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # the story is told here, not each request
        self._server: BaseWSGIServer = make_server("127.0.0.1", port, _app(registry_url, listings), threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, name="shop", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()


def _app(registry_url: str, listings: tuple[Listing, ...]) -> Flask:
    app = Flask("passport.demo.shop", template_folder=str(find_templates()), static_folder=None)
    by_slug = {listing.slug: listing for listing in listings}

    @app.get("/")
    @app.get("/<slug>")
    def show(slug: str = "") -> tuple[str, int]:
        listing = by_slug.get(slug, listings[0])
        language = "en" if request.args.get("lang") == "en" else "zh"
        page = render_template(
            "demo_listing.html", listing=listing, listings=listings, registry_url=registry_url, lang=language
        )
        return page, 200 if slug in ("", *by_slug) else 404

    return app
