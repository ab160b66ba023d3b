# SPDX-License-Identifier: Apache-2.0
"""Evidence files for tests: made as the server makes them, taken apart, and put together again by a forger."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from verifier.evidence_archive import read_archive, write_archive
from verifier.evidence_bundle import (
    MANIFEST,
    NAMES,
    SHEET,
    VERDICT,
    Additions,
    Shown,
    make_bundle,
    make_manifest,
    parse_bundle,
    render_sheet,
)
from verifier.protocol.encoding import encode_canonical_json

if TYPE_CHECKING:
    from tests.support.phone_shop import Shop

NOTHING = Additions()


def make_file(shop: Shop, code: str, additions: Additions = NOTHING, product: str = "") -> bytes:
    """What the registry's server hands out for this text."""
    verdict = shop.workshop.registry.checker.check(code)
    parts = shop.workshop.registry.service.evidence_parts(code)
    shown = Shown("server", {"reason": verdict.reason, "status": verdict.status.value}, product=product)
    return make_bundle(code, parts, shown, checked_at=verdict.checked_at, additions=additions)


def members_of(data: bytes) -> dict[str, bytes]:
    return read_archive(data, NAMES)


def put_together(members: dict[str, bytes], *, sheet_too: bool = False) -> bytes:
    """A forger's file: the manifest fits, and the sheet as well if he takes the trouble."""
    rest = {name: members[name] for name in NAMES if name in members and name != MANIFEST}
    data = write_archive({MANIFEST: make_manifest(rest), **rest})
    if sheet_too:
        bundle = parse_bundle(data)
        rest[SHEET] = render_sheet(rest, bundle.document, bundle.additions)
        data = write_archive({MANIFEST: make_manifest(rest), **rest})
    return data


def forge_verdict(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file with another verdict.json, and everything else made to fit it."""
    members = members_of(data)
    document = json.loads(members[VERDICT])
    change(document)
    members[VERDICT] = encode_canonical_json(document)
    return put_together(members, sheet_too=True)
