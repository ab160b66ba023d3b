# SPDX-License-Identifier: Apache-2.0
"""What one admitted maker can make the registry do for a stranger's single request."""

from __future__ import annotations

import tracemalloc
from datetime import date

from tests.support.registries import Workshop
from verifier.protocol.statements.products import BatchIssued


def test_a_batch_of_four_thousand_million_codes_costs_nothing_to_ask_about(workshop: Workshop) -> None:
    service, acme = workshop.registry.service, workshop.admit("acme", "69012340")
    batch = BatchIssued(
        workshop.header("acme"), acme.gtin(), "HUGE", date(2026, 3, 1), 777_777, 2**32, 2, acme.key.key_id, bytes(32)
    )
    workshop.say(batch, acme.key)
    tracemalloc.start()
    try:
        status = service.batch_status("acme", 777_777)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert status is not None
    assert status["missing_tiles"] == list(range(1000))
    assert peak < 2_000_000
