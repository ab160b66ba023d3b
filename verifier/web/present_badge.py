# SPDX-License-Identifier: Apache-2.0
"""From a lot's verdict to what a badge shows, on the page and as a live update: pure. DESIGN §7."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.verdict import APPEARANCE, Status
from verifier.web.moments import Moment, show_instant
from verifier.web.words import LOT_WORDS, say

if TYPE_CHECKING:
    from verifier.lots import LotVerdict
    from verifier.protocol.encoding import JsonValue
    from verifier.web.negotiate import Language

_MAX_SECONDS = 24 * 3600
_MAX_NOTICES = 5  # a badge is small; the check page lists every one


@dataclass(frozen=True, slots=True)
class BadgeView:
    """What a badge says, and for how many seconds it may go on saying so without hearing from the server again."""

    status: str
    colour: str
    icon: str
    title: str
    sentence: str
    notices: tuple[str, ...]
    as_of: Moment | None
    seconds_left: int

    def to_json(self) -> dict[str, JsonValue]:
        """What the badge's script puts on the page."""
        value: dict[str, JsonValue] = {
            "colour": self.colour,
            "icon": self.icon,
            "notices": list(self.notices),
            "sentence": self.sentence,
            "status": self.status,
            "title": self.title,
        }
        if self.as_of is not None:
            value |= {"as_of": self.as_of.iso, "as_of_text": self.as_of.text}
        return value


def seconds_left(verdict: LotVerdict) -> int:
    """Whole seconds until the snapshot is out of date, by the server's clock; the badge's own clock may be wrong."""
    if verdict.next_update_at is None:
        return 0
    left = int((verdict.next_update_at - verdict.checked_at).total_seconds())
    return max(0, min(left, _MAX_SECONDS))


def present_badge(verdict: LotVerdict, language: Language) -> BadgeView:
    """The badge for a lot. It is green for a current, good answer and for nothing else."""
    look = APPEARANCE[verdict.status]
    title, sentence = LOT_WORDS.get(verdict.status, LOT_WORDS[Status.CANNOT_TELL])
    open_recalls = [recall.notice for recall in verdict.recalls if recall.is_active]
    return BadgeView(
        status=verdict.status.value,
        colour=look.colour,
        icon=look.icon,
        title=say(title, language),
        sentence=say(sentence, language),
        notices=tuple(
            f"{say(notice.title, language)} · {notice.contact.phone or notice.contact.url}"
            for notice in open_recalls[:5]
        ),
        as_of=None if verdict.snapshot_as_of is None else show_instant(verdict.snapshot_as_of, language),
        seconds_left=seconds_left(verdict),
    )


def badge_json(verdict: LotVerdict, language: Language) -> dict[str, JsonValue]:
    """One update: the verdict for programs, the words for the page, and how long both may be shown."""
    view = present_badge(verdict, language)
    return {"display": view.to_json(), "seconds_left": view.seconds_left, "verdict": verdict.to_json()}
