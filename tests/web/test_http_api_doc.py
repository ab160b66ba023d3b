# SPDX-License-Identifier: Apache-2.0
"""docs/http-api.md keeps its promise: every route is in it, no route that does not exist, every status of an error."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from passport.web.app import PROBLEMS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "http-api.md"


def test_every_route_is_documented_with_its_method(app: Flask) -> None:
    text = DOCUMENT.read_text()
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert f"`{method} {address}`" in text, f"{method} {address} is not in docs/http-api.md"


def test_no_route_is_documented_that_does_not_exist(app: Flask) -> None:
    known = {re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", rule.rule) for rule in app.url_map.iter_rules()}
    for address in re.findall(r"`(?:GET|PUT|POST) (/[^`?]*)`", DOCUMENT.read_text()):
        assert address in known, f"docs/http-api.md speaks of {address}"


def test_every_status_of_the_problem_table_is_documented() -> None:
    text = DOCUMENT.read_text()
    for cls, status in PROBLEMS.rows.items():
        assert f"| {status} |" in text, f"{cls.__name__} → {status}"
