# SPDX-License-Identifier: Apache-2.0
"""Instants and dates as people read them, always with the zone. RFC 3339 for machines beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING

from verifier.protocol.fields import format_instant

if TYPE_CHECKING:
    from verifier.web.negotiate import Language

CHINA = timezone(timedelta(hours=8))  # Asia/Shanghai: one zone for the country, no summer time since 1991
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """`iso` for the datetime attribute, `text` for the reader."""

    iso: str
    text: str


def show_date(day: date, language: Language) -> Moment:
    """A local calendar date: it has no zone."""
    if language == "zh":
        return Moment(day.isoformat(), f"{day.year}年{day.month}月{day.day}日")
    return Moment(day.isoformat(), f"{day.day} {_MONTHS[day.month - 1]} {day.year}")


@lru_cache(maxsize=256)
def show_instant(instant: datetime, language: Language) -> Moment:
    """An instant in China's time, the offset from UTC stated."""
    local = instant.astimezone(CHINA)
    day = show_date(local, language).text
    clock = f"{local.hour:02}:{local.minute:02}"
    text = f"{day} {clock}（北京时间 UTC+8）" if language == "zh" else f"{day}, {clock} (UTC+8)"
    return Moment(format_instant(instant), text)
