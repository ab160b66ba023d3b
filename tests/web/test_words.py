# SPDX-License-Identifier: Apache-2.0
"""The table of words: both languages, nothing unused, nothing missing; templates hold no words of their own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from verifier.protocol.fields import Text
from verifier.protocol.statements.recall import ACTIONS as RECALL_ACTIONS
from verifier.protocol.statements.recall import SEVERITIES
from verifier.verdict import APPEARANCE, Outcome, Status
from verifier.web import words
from verifier.web.assets import find_templates
from verifier.web.icons import ICON_NAMES
from verifier.web.reasons import REASONS

ROOT = Path(words.__file__).resolve().parents[2]
# The demonstration's shop is another site, which only happens to lie here.
TEMPLATES = [path for path in sorted(find_templates().glob("*.html")) if not path.name.startswith("demo_")]
SOURCES = [*TEMPLATES, *sorted((ROOT / "verifier/web").glob("*.py")), *sorted((ROOT / "passport/web").glob("*.py"))]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def all_texts() -> list[Text]:
    texts = [*words.WORDS.values(), *words.SEVERITY_WORDS.values(), *words.ACTION_WORDS.values(), *REASONS.values()]
    texts += words.OUTCOME_WORDS.values()
    texts += [text for actions in words.ACTIONS.values() for text in actions]
    return texts + [text for pair in words.LOT_WORDS.values() for text in pair]


def test_every_word_is_in_both_languages() -> None:
    for text in all_texts():
        assert text.en.strip() == text.en != ""
        assert text.zh.strip() == text.zh != ""
        if text is not words.WORDS["other_language"] and text is not words.WORDS["gtin"]:
            assert CHINESE.search(text.zh), text
            assert not CHINESE.search(text.en), text


@pytest.mark.parametrize("key", sorted(words.WORDS))
def test_every_word_is_used(key: str) -> None:
    pattern = re.compile(rf"\bw\.{key}\b|_word\(\"{key}\"")
    assert any(pattern.search(source.read_text()) for source in SOURCES), f"{key} is not used by any page"


def test_every_key_that_a_template_names_is_there() -> None:
    for template in TEMPLATES:
        for key in re.findall(r"\bw\.([a-z_]+)", template.read_text()):
            assert key in words.WORDS, f"{template.name} names {key}"


def test_templates_hold_no_words_of_their_own() -> None:
    for template in TEMPLATES:
        assert not CHINESE.search(template.read_text()), template.name


def test_every_status_outcome_severity_and_action_has_words_and_an_icon() -> None:
    assert set(words.ACTIONS) == set(Status)
    assert set(words.OUTCOME_WORDS) == set(Outcome)
    assert set(words.SEVERITY_WORDS) == set(SEVERITIES)
    assert set(words.ACTION_WORDS) == set(RECALL_ACTIONS)
    assert {look.icon for look in APPEARANCE.values()} <= set(ICON_NAMES)
    assert {outcome.value for outcome in Outcome} <= set(ICON_NAMES)


def test_every_status_has_an_icon_of_its_own() -> None:
    icons = [look.icon for look in APPEARANCE.values()]
    assert len(set(icons)) == len(icons)
