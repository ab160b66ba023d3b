# SPDX-License-Identifier: Apache-2.0
"""Appeals against decisions of the gate: who says what, and who may close them. docs/listings.md."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from verifier.protocol.errors import Malformed

MAX_TEXT = 2000
_INVISIBLE = frozenset({"Cc", "Cs", "Co", "Cn"})


class AppealState(StrEnum):
    """A closed appeal stays as it is; another one may be opened."""

    OPEN = "open"
    CLOSED = "closed"


class AppealOutcome(StrEnum):
    """What came of it. Neither binds a listing: where the facts have changed, the gate is asked again."""

    UPHELD = "upheld"  # the decision stands
    FACTS_CHANGED = "facts_changed"  # ask the gate again


@dataclass(frozen=True, slots=True)
class AppealNote:
    """One thing that was said, by whom: `actor_kind` is member or token."""

    at: datetime
    actor_kind: str
    actor: str
    text: str


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal. With `wants_person` only a person who signed in answers and closes it, never a token."""

    id: str
    organisation: str
    decision: str
    listing: str
    wants_person: bool
    state: AppealState
    notes: tuple[AppealNote, ...]
    outcome: AppealOutcome | None = None
    closed_at: datetime | None = None

    @property
    def opened_at(self) -> datetime:
        return self.notes[0].at


def parse_appeal_text(text: str) -> str:
    """1–2,000 characters, lines kept, nothing invisible. Raises Malformed("bad_appeal_text")."""
    lines = unicodedata.normalize("NFC", text[: 2 * MAX_TEXT]).replace("\r\n", "\n").strip()
    if not 1 <= len(lines) <= MAX_TEXT or any(unicodedata.category(c) in _INVISIBLE for c in lines if c != "\n"):
        raise Malformed("bad_appeal_text", f"Say it in 1 to {MAX_TEXT:,} visible characters.")
    return lines


def parse_outcome(text: str) -> AppealOutcome:
    """Raises Malformed("bad_outcome")."""
    try:
        return AppealOutcome(text)
    except ValueError:
        raise Malformed("bad_outcome", f"An outcome is one of {', '.join(AppealOutcome)}.") from None
