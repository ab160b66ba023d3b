# SPDX-License-Identifier: Apache-2.0
"""Rows for tests/web/console/test_routes.py: the recall is about the maker's products; platforms report too."""

from __future__ import annotations

IN = 303
# For maker, shop, stranger, reader of the maker, nobody. Authorities: tests/services/returns/test_desk.py.
RETURN_GETS = {
    "/console/returns": (200, 200, 200, 200, IN),
    "/console/returns/<issuer>/<number>": (200, 200, 200, 200, IN),  # the figures are public
}
RETURN_POSTS = {
    "/console/returns/<issuer>/<number>/recovered": (303, 303, 403, 403, IN),
    "/console/returns/<issuer>/<number>/affected": (303, 403, 403, 403, IN),
}
RETURN_POST_FIELDS = {
    "/console/returns/<issuer>/<number>/recovered": {"count": "12", "on": "2026-11-20", "lot": "", "note": "shelf 3"},
    "/console/returns/<issuer>/<number>/affected": {"affected": "900", "reason": "Less was made."},
}


def fill_recall(route: str) -> str:
    """The one of tests/support/returns.py."""
    return route.replace("<issuer>/<number>", "qingshan/2026-01")
