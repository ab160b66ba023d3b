# SPDX-License-Identifier: Apache-2.0
"""Which language and which form an answer takes. RFC 9110 §12.5. Headers repeat, so their readings are remembered."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
DEFAULT_LANGUAGE: Language = "zh"
COOKIE = "lang"


def parse_language(text: str | None) -> Language | None:
    """The language that the text names, or None: unknown words are not an error of the page."""
    return next((language for language in LANGUAGES if language == text), None)


@lru_cache(maxsize=256)
def language_from_header(accept_language: str) -> Language:
    """The best of ours for an Accept-Language header; Chinese when it names neither."""
    best = parse_accept_header(accept_language[:400], LanguageAccept).best_match(LANGUAGES)
    return parse_language(best) or DEFAULT_LANGUAGE


@lru_cache(maxsize=256)
def prefers_json(accept: str) -> bool:
    """Whether the client would rather have JSON than a page. Browsers name text/html; `*/*` alone gets the page."""
    accepted = parse_accept_header(accept[:400], MIMEAccept)
    return accepted["application/json"] > accepted["text/html"]


def choose_language(*, query: str | None, cookie: str | None, header: str) -> Language:
    """The switch's word first, then the one it remembered, then the browser's."""
    return parse_language(query) or parse_language(cookie) or language_from_header(header)
