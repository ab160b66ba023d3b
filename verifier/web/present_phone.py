# SPDX-License-Identifier: Apache-2.0
"""What the phone's block of the check page holds before any script runs: words, questions and icons in one language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from verifier.verdict import APPEARANCE, Outcome, Status, StepName
from verifier.web.phone_words import SCRIPT_WORDS, STEP_QUESTIONS
from verifier.web.reasons import HEADLINES, REASONS
from verifier.web.words import ACTIONS, NOBODYS_GTIN_ACTIONS, OUTCOME_WORDS, say

if TYPE_CHECKING:
    from verifier.web.negotiate import Language


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A step of the numbered list and what it asks."""

    label: str
    question: str


@dataclass(frozen=True, slots=True)
class PhonePart:
    """`words` are for the script, by key; `actions` what to do, by status or by reason; `icons` what it may show."""

    steps: tuple[QuestionView, ...]
    words: tuple[tuple[str, str], ...]
    actions: tuple[tuple[str, tuple[str, ...]], ...]
    icons: tuple[str, ...]


@cache
def present_phone(language: Language) -> PhonePart:
    """Nothing in it depends on the code: the server tells the phone nothing about its result."""
    words = {key: say(text, language) for key, text in SCRIPT_WORDS.items()}
    words |= {f"outcome.{outcome.value}": say(text, language) for outcome, text in OUTCOME_WORDS.items()}
    words |= {f"reason.{reason}": say(text, language) for reason, text in REASONS.items()}
    words |= {f"title.{reason}": say(title, language) for reason, (title, _) in HEADLINES.items()}
    words |= {f"sentence.{reason}": say(text, language) for reason, (_, text) in HEADLINES.items()}
    todo = [(status.value, ACTIONS[status]) for status in Status] + [("unknown_prefix", NOBODYS_GTIN_ACTIONS)]
    icons = {look.icon for look in APPEARANCE.values()} | {outcome.value for outcome in Outcome} | {"fork", "wait"}
    pairs = zip(StepName, STEP_QUESTIONS, strict=True)
    return PhonePart(
        steps=tuple(QuestionView(say(step.label, language), say(text, language)) for step, text in pairs),
        words=tuple(words.items()),
        actions=tuple((key, tuple(say(text, language) for text in texts)) for key, texts in todo),
        icons=tuple(sorted(icons)),
    )
