# SPDX-License-Identifier: Apache-2.0
"""All words of the console in one place: each part has its own tables, and no part takes a word from another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from passport.domain.appeals import AppealOutcome
from passport.web.console.words import WORDS
from passport.web.console.words_badges import (
    BADGE_ACTIONS,
    BADGE_DONE,
    BADGE_FIELDS,
    BADGE_REASONS,
    BADGE_REFUSALS,
    BADGE_WORDS,
)
from passport.web.console.words_listing_codes import LISTING_ACTIONS, LISTING_DONE, LISTING_FIELDS, LISTING_REFUSALS
from passport.web.console.words_listings import (
    APPEAL_WORDS,
    IMPORT_STATE_WORDS,
    LISTING_STATE_WORDS,
    LISTING_WORDS,
)
from passport.web.console.words_live import (
    DOSSIER_OUTCOME_WORDS,
    DOSSIER_STATE_WORDS,
    LIVE_WORDS,
    REPORT_KIND_WORDS,
    SANCTION_ACTION_WORDS,
    SANCTION_APPEAL_WORDS,
    SANCTION_STATE_WORDS,
    SUBJECT_WORDS,
)
from passport.web.console.words_live_codes import LIVE_ACTIONS, LIVE_DONE, LIVE_FIELDS, LIVE_REFUSALS
from passport.web.console.words_more import (
    ACTION_WORDS,
    AUDIT_WORDS,
    DONE_WORDS,
    FIELD_OF,
    KIND_WORDS,
    MEMBER_STATE_WORDS,
    OUTCOME_WORDS,
    SCOPE_WORDS,
)
from passport.web.console.words_more import (
    REFUSALS as OWN_REFUSALS,
)
from passport.web.console.words_recalls import (
    MEASURE_WORDS,
    RECALL_ACTIONS,
    RECALL_DONE,
    RECALL_FIELDS,
    RECALL_REFUSALS,
    RECALL_WORDS,
    SEVERITY_WORDS,
)
from passport.web.console.words_returns import (
    RETURN_ACTIONS,
    RETURN_DONE,
    RETURN_FIELDS,
    RETURN_PAGE_WORDS,
    RETURN_REFUSALS,
)
from passport.web.console.words_webhooks import (
    ATTEMPT_WORDS,
    DELIVERY_STATE_WORDS,
    ENDPOINT_STATE_WORDS,
    EVENT_WORDS,
    WEBHOOK_ACTIONS,
    WEBHOOK_DONE,
    WEBHOOK_FIELDS,
    WEBHOOK_REFUSALS,
    WEBHOOK_WORDS,
)
from verifier.protocol.fields import Text
from verifier.web.words import WORDS as PUBLIC_WORDS

K = TypeVar("K")
V = TypeVar("V")


def merge(*tables: Mapping[K, V]) -> dict[K, V]:
    """One table of several. Raises ValueError if two say different things under one key."""
    found: dict[K, V] = {}
    for table in tables:
        for key, value in table.items():
            if found.setdefault(key, value) != value:
                raise ValueError(f"two parts of the console have different words for {key}")
    return found


PAGE_WORDS: Final = merge(
    {"site_name": PUBLIC_WORDS["site_name"]},
    WORDS,
    AUDIT_WORDS,
    LISTING_WORDS,
    RECALL_WORDS,
    RETURN_PAGE_WORDS,
    LIVE_WORDS,
    BADGE_WORDS,
    WEBHOOK_WORDS,
)
ACTIONS: Final = merge(
    ACTION_WORDS, LISTING_ACTIONS, RECALL_ACTIONS, RETURN_ACTIONS, LIVE_ACTIONS, BADGE_ACTIONS, WEBHOOK_ACTIONS
)
DONE: Final = merge(DONE_WORDS, LISTING_DONE, RECALL_DONE, RETURN_DONE, LIVE_DONE, BADGE_DONE, WEBHOOK_DONE)
"""What was just done, after a form, by the code that the view gave."""
OUTCOMES: Final = merge(
    OUTCOME_WORDS,
    {str(kind): text for kind, text in MEASURE_WORDS.items()},
    {str(outcome): APPEAL_WORDS[outcome] for outcome in AppealOutcome},
    {kind.value.replace(".", "_"): text for kind, text in EVENT_WORDS.items()},
)
"""What came of an act in the audit trail, of all parts."""
REFUSALS: Final = merge(
    OWN_REFUSALS, LISTING_REFUSALS, RECALL_REFUSALS, RETURN_REFUSALS, LIVE_REFUSALS, BADGE_REFUSALS, WEBHOOK_REFUSALS
)
"""Why a form was not done, by the error's code."""
FIELDS: Final = merge(FIELD_OF, LISTING_FIELDS, RECALL_FIELDS, RETURN_FIELDS, LIVE_FIELDS, BADGE_FIELDS, WEBHOOK_FIELDS)
"""Which field of a form an error's code is about."""

TABLES: Final[dict[str, Mapping[Any, Text]]] = {
    "action_words": ACTIONS,
    "kind_words": KIND_WORDS,
    "scope_words": SCOPE_WORDS,
    "state_words": MEMBER_STATE_WORDS,
    "outcome_words": OUTCOMES,
    "endpoint_states": ENDPOINT_STATE_WORDS,
    "delivery_states": DELIVERY_STATE_WORDS,
    "attempt_words": ATTEMPT_WORDS,
    "event_words": EVENT_WORDS,
    "measure_words": MEASURE_WORDS,
    "severity_words": SEVERITY_WORDS,
    "listing_states": LISTING_STATE_WORDS,
    "import_states": IMPORT_STATE_WORDS,
    "appeal_words": APPEAL_WORDS,
    "listing_codes": LISTING_REFUSALS,
    "dossier_states": DOSSIER_STATE_WORDS,
    "dossier_outcomes": DOSSIER_OUTCOME_WORDS,
    "report_kinds": REPORT_KIND_WORDS,
    "sanction_states": SANCTION_STATE_WORDS,
    "sanction_actions": SANCTION_ACTION_WORDS,
    "sanction_appeal_words": SANCTION_APPEAL_WORDS,
    "subject_words": SUBJECT_WORDS,
    "badge_reasons": BADGE_REASONS,
}
"""Words for the members of an enumeration, under the names that templates know."""
