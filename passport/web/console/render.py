# SPDX-License-Identifier: Apache-2.0
"""The console's Jinja environments, one for each language. Never compressed: these pages hold secrets (BREACH)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from flask import Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from passport.web.console.words_all import PAGE_WORDS, TABLES
from passport.web.console.words_more import ROLE_WORDS
from verifier.protocol.fields import Text
from verifier.web.assets import find_templates
from verifier.web.check import switch_address
from verifier.web.icons import ICONS
from verifier.web.moments import CHINA
from verifier.web.skeleton import current_language
from verifier.web.static_files import asset_address
from verifier.web.words import say

if TYPE_CHECKING:
    from verifier.web.negotiate import Language


@cache
def make_environment(language: Language) -> Environment:
    """Everything is escaped; a missing name fails."""
    environment = Environment(
        loader=FileSystemLoader(find_templates()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )

    def words(table: Mapping[Any, Text]) -> dict[str, str]:
        return {str(key): say(text, language) for key, text in table.items()}

    environment.globals.update(
        {name: words(table) for name, table in TABLES.items()},
        asset=asset_address,
        icons=ICONS,
        language=language,
        w=SimpleNamespace(**words(PAGE_WORDS)),
        role_words={str(role): say(name, language) for role, (name, _) in ROLE_WORDS.items()},
        role_hints={str(role): say(hint, language) for role, (_, hint) in ROLE_WORDS.items()},
    )
    environment.filters["moment"] = _moment
    environment.filters["iso"] = _iso
    return environment


def render_console(template: str, *, status: int = 200, **context: object) -> Response:
    """A page in the language of the request. The switch is there where the page can be asked for again."""
    language = current_language()
    switch_to = switch_address(language) if request.method in ("GET", "HEAD") else ""
    page = make_environment(language).get_template(f"console/{template}").render(switch_to=switch_to, **context)
    return Response(page, status=status, mimetype="text/html", headers={"Content-Language": language})


def _moment(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M} UTC+8"


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
