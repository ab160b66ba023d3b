# SPDX-License-Identifier: Apache-2.0
"""Jinja environments, one for each language: the words are put in when a template is compiled, not at each request."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Hashable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from flask import Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from verifier.web.assets import find_templates
from verifier.web.icons import ICONS, make_sprite
from verifier.web.offline_words import TAKE_ALONG_WORDS
from verifier.web.present_phone import present_phone
from verifier.web.static_files import asset_address, find_scripts, style_text
from verifier.web.words import say, words_in

if TYPE_CHECKING:
    from verifier.web.negotiate import Language

_WORD = re.compile(r"\{\{ w\.([a-z_]+) \}\}")


class _WordLoader(FileSystemLoader):
    """Reads templates with every `{{ w.key }}` replaced by its word. An unknown key fails when the page is loaded."""

    def __init__(self, language: Language) -> None:
        super().__init__(find_templates())
        self._words = words_in(language)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, name, is_current = super().get_source(environment, template)
        return _WORD.sub(lambda match: str(escape(self._words[match[1]])), source), name, is_current


@cache
def make_environment(language: Language) -> Environment:
    """Templates in one language, compiled once per process. Everything is escaped; a missing name fails."""
    environment = Environment(
        loader=_WordLoader(language),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        asset=asset_address,
        icons=ICONS,
        language=language,
        make_sprite=make_sprite,
        phone=present_phone(language),
        scripts=find_scripts(),
        style=Markup(style_text()),
        part=lru_cache(maxsize=1024)(lambda name, it: _render_part(environment, name, it)),
        take_along=[(key, say(text, language)) for key, text in TAKE_ALONG_WORDS.items()],
        w=words_in(language),
    )
    return environment


def _render_part(environment: Environment, name: str, it: Hashable) -> Markup:
    """A part of a page that depends on one value, which many pages share: a product, a maker, a notice, the steps.

    Kept by value, so a change of the value is a part of its own.
    """
    return Markup(environment.get_template(name).render(it=it))


def render(template: str, language: Language, *, switch_to: str, **context: object) -> Response:
    """A page in one language. `switch_to` is the address of the same page in the other one."""
    page = make_environment(language).get_template(template).render(switch_to=switch_to, **context).encode()
    headers = {"Vary": "Accept, Accept-Encoding, Accept-Language, Cookie", "Content-Language": language}
    if request.accept_encodings.quality("gzip") > 0:
        # No page holds a secret, so its length gives none away (ADR 0015). The fastest level does nearly all there is.
        headers["Content-Encoding"] = "gzip"
        page = gzip.compress(page, 1, mtime=0)
    return Response(page, mimetype="text/html", headers=headers)
