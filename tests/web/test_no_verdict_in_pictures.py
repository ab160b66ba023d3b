# SPDX-License-Identifier: Apache-2.0
"""A picture can be copied anywhere, so none of ours says anything of a product. docs/badge.md."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from passport.web.app import create_app
from tests.support.fake_registry import GTIN, FakeChecker, FakeRegistry
from verifier.verdict import Status
from verifier.web.api.operations import routes_of

STATIC = Path(__file__).resolve().parents[2] / "verifier" / "static"
PICTURES = {".svg", ".png", ".ico", ".jpg", ".jpeg", ".gif", ".webp", ".avif"}


def make_app() -> Flask:
    return create_app(FakeRegistry(), FakeChecker())


def test_no_call_is_declared_to_answer_with_a_picture() -> None:
    answers = [answer for route in routes_of(make_app()) for answer in route.operation.answers]
    kinds = {content.media_type for answer in answers for content in answer.contents}
    assert "application/json" in kinds
    assert not {kind for kind in kinds if kind.startswith("image/")}


def test_who_asks_for_a_badge_or_a_check_as_a_picture_gets_none() -> None:
    client = make_app().test_client()
    headers = {"Accept": "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8", "Sec-Fetch-Dest": "image"}
    for path in (f"/badge/01/{GTIN}/10/L1", f"/badge/01/{GTIN}/10/L1/status", "/badge/listing/a.b.c", "/badge.js"):
        answer = client.get(path, headers=headers)
        assert not str(answer.mimetype).startswith("image/"), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_only_pictures_are_the_apps_own_icons() -> None:
    pictures = [path for path in STATIC.rglob("*") if path.suffix in PICTURES]
    assert pictures
    words = re.compile("|".join([*(status.value for status in Status), "good", "stop_sale", "badge", "verified"]))
    for path in pictures:
        assert path.parent.name == "icons" or path.name == "icon.svg", path
        assert not words.search(path.stem), path
