# SPDX-License-Identifier: Apache-2.0
"""Between values and columns: instants as seconds, sets as sorted words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def instant(value: int) -> datetime:
    return datetime.fromtimestamp(value, UTC)


def optional_seconds(at: datetime | None) -> int | None:
    return None if at is None else seconds(at)


def optional_instant(value: int | None) -> datetime | None:
    return None if value is None else instant(value)


def askable(text: str) -> str:
    """A text that a database can be asked for, or "": PostgreSQL takes no NUL and no half of a surrogate pair."""
    return text if text.isascii() and "\0" not in text else ""


def join_words(words: Iterable[str]) -> str:
    return " ".join(sorted(words))
