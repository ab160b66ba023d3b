# SPDX-License-Identifier: Apache-2.0
"""Is a served snapshot current, and is it what the ledger says? For whoever has folded the entries. DESIGN §4."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from verifier.protocol.errors import DoesNotHold
from verifier.snapshot import Snapshot, make_shard, snapshot_text
from verifier.verify import CLOCK_SKEW


def check_current(snapshot: Snapshot, now: datetime) -> None:
    """Raise DoesNotHold: "snapshot_stale", "snapshot_from_the_future"."""
    if snapshot.next_update_at < now:
        raise DoesNotHold("snapshot_stale", f"it should have been replaced by {snapshot.next_update_at:%F %T} UTC.")
    if snapshot.as_of_at > now + CLOCK_SKEW:
        raise DoesNotHold("snapshot_from_the_future", f"it is dated {snapshot.as_of_at:%F %T} UTC.")


def check_equal(served: Snapshot, shard: str | None, whole: Snapshot) -> None:
    """Raise DoesNotHold("snapshot_differs") unless the signed text is the expected one at the snapshot's instants."""
    if shard is not None and shard not in (issuer.id for issuer in whole.issuers):
        raise DoesNotHold("snapshot_differs", f"it is older than the admission of {shard}.")
    expected = whole if shard is None else make_shard(whole, shard)
    expected = replace(expected, as_of_at=served.as_of_at, next_update_at=served.next_update_at)
    # A parsed snapshot gives back the very text that was signed, or parse_snapshot refuses it.
    if snapshot_text(served) != snapshot_text(expected):
        raise DoesNotHold("snapshot_differs", f"its {_difference(served, expected)} not what the ledger says.")


def _difference(served: Snapshot, expected: Snapshot) -> str:
    """Words for where two snapshots differ, for a person who wants to know what was hidden or invented."""
    if served.root_hash != expected.root_hash:
        return "root hash is"
    parts: list[str] = []
    for name in ("origin", "shard", "issuers", "recalls", "voids"):
        if getattr(served, name) != getattr(expected, name):
            parts.append(name)
    hidden = {item.record.recall_id for item in expected.recalls} - {item.record.recall_id for item in served.recalls}
    if hidden:
        parts[parts.index("recalls")] = f"recalls (missing: {', '.join(sorted(hidden)[:5])})"
    return f"{', '.join(parts) or 'text'} {'is' if len(parts) == 1 and parts[0] in ('origin', 'shard') else 'are'}"
