# SPDX-License-Identifier: Apache-2.0
"""Consumers say on the check page that a recalled product was remedied or given back. Port: verifier/web/ports.py.

Nobody signs in for that, so what counts is the code: it must be one that the ledger proves, and it confirms each recall
that covers it once. Kept are a digest, which of the two it was, and the day; no address, no device, no code.
"""

from __future__ import annotations

import logging

from passport.domain.ledger_values import LedgerError
from passport.domain.returns import Remedy, confirmation_digest
from passport.services.returns.kit import ReturnKit
from verifier.recalls import RecallRecord
from verifier.verdict import Outcome, Status, Verdict
from verifier.web.ports import Confirmation, Telling

LOG = logging.getLogger(__name__)
_PROVEN_UP_TO = 8  # the step that shows that the ledger holds this very code
_BACK_FROM_CONSUMERS = "recall"


class Confirming:
    """Safe to call from many threads."""

    def __init__(self, kit: ReturnKit) -> None:
        self._kit = kit

    def find(self, verdict: Verdict) -> tuple[Confirmation, ...]:
        """The recalls that this code can confirm, and whether it has. Nothing when that cannot be read."""
        if verdict.code is None:
            return ()
        recalls = _recalls(verdict)
        try:
            with self._kit.business.read() as books:
                return tuple(
                    Confirmation(
                        record.recall_id,
                        books.returns.is_confirmed(confirmation_digest(record.recall_id, verdict.code)),
                    )
                    for record in recalls
                )
        except LedgerError:
            LOG.warning("whether a code has confirmed its recall cannot be read", exc_info=True)
            return ()

    def confirm(self, verdict: Verdict, recall_id: str, remedy: str) -> Telling:
        """Counts it once. Raises StoreFailed."""
        if verdict.code is None or recall_id not in {record.recall_id for record in _recalls(verdict)}:
            return Telling.NOT_COVERED
        digest = confirmation_digest(recall_id, verdict.code)
        with self._kit.business.read() as books:
            if books.returns.is_confirmed(digest):  # so that repeating it keeps nobody waiting who writes
                return Telling.COUNTED_BEFORE
        with self._kit.business.write() as books:
            is_new = books.returns.confirm(digest, recall_id, Remedy(remedy), self._kit.today())
        return Telling.COUNTED if is_new else Telling.COUNTED_BEFORE


def _recalls(verdict: Verdict) -> tuple[RecallRecord, ...]:
    """Open recalls from consumers that cover a code which the ledger proves, step by step."""
    if verdict.status is not Status.RECALLED:
        return ()
    if any(step.outcome is not Outcome.PASSED for step in verdict.steps[: _PROVEN_UP_TO + 1]):
        return ()
    return tuple(
        record for record in verdict.recalls if record.is_active and record.notice.action == _BACK_FROM_CONSUMERS
    )
