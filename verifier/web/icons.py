# SPDX-License-Identifier: Apache-2.0
"""The icons, drawn here: each status has a shape of its own, so that it is known without colour. SVG 1.1, 24 × 24."""

from __future__ import annotations

from markupsafe import Markup

# Outer shapes: circle (fine or unknown), octagon (stop), triangle (take care), broken frame (not a code).
_CIRCLE = '<circle cx="12" cy="12" r="10"/>'
_OCTAGON = '<path d="M8 2h8l6 6v8l-6 6H8l-6-6V8z"/>'
_TRIANGLE = '<path d="M12 2.6 22.6 21H1.4z"/>'
_QUESTION = '<path d="M9.2 9.3a2.9 2.9 0 1 1 4.3 2.5c-1 .6-1.5 1.2-1.5 2.2"/><path d="M12 17.3v.2"/>'

_SHAPES: dict[str, str] = {
    "check": _CIRCLE + '<path d="m7.3 12.4 3.2 3.2 6.3-6.7"/>',
    "cross": _OCTAGON + '<path d="m8.4 8.4 7.2 7.2m0-7.2-7.2 7.2"/>',
    "void": _CIRCLE + '<path d="m5 5 14 14"/>',
    "recall": _OCTAGON + '<path d="M12 6.8v6.4m0 3.6v.2"/>',
    "missing": _TRIANGLE + '<path d="M12 9v5m0 3.2v.2"/>',
    "copied": '<rect x="3" y="3" width="12" height="12" rx="2"/>'
    '<path d="M19 9h1a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H10a1 1 0 0 1-1-1v-1"/>'
    '<path d="M9 6v3.6m0 2.3v.1"/>',
    "question": _CIRCLE + _QUESTION,
    "broken": '<path d="M4 9V5a1 1 0 0 1 1-1h4m6 0h4a1 1 0 0 1 1 1v4m0 6v4a1 1 0 0 1-1 1h-4m-6 0H5a1 1 0 0 1-1-1v-4"/>'
    '<path d="m9 9 6 6m0-6-6 6"/>',
    "passed": '<path d="m4.5 12.8 5 5L19.7 6.6"/>',
    "failed": '<path d="m5.5 5.5 13 13m0-13-13 13"/>',
    "unknown": _QUESTION,
    "phone": '<path d="M6.5 3h3l1.6 4.6-2.2 1.7a12 12 0 0 0 5.8 5.8l1.7-2.2L21 14.5v3a3 3 0 0 1-3.2 3A15.5 15.5 0 0 1 '
    '3.5 6.2 3 3 0 0 1 6.5 3z"/>',
    "device": '<rect x="6.5" y="2" width="11" height="20" rx="2"/><path d="M11 18.6h2"/>',
    "fork": '<path d="M12 22v-8M12 14C12 9 6 10 6 4M12 14c0-5 6-4 6-10"/>'
    '<path d="M3 6.5 6 3l3 3.5M15 6.5 18 3l3 3.5"/>',
    "wait": '<path d="M7 2h10M7 22h10M8 2c0 6 8 8 8 20M16 2c0 6-8 8-8 20"/>',
    "scan": '<path d="M3 8V5a2 2 0 0 1 2-2h3m8 0h3a2 2 0 0 1 2 2v3m0 8v3a2 2 0 0 1-2 2h-3m-8 0H5a2 2 0 0 1-2-2v-3"/>'
    '<path d="M7 12h10"/>',
    "skipped": '<path d="M6 12h12"/>',
}
ICON_NAMES = tuple(_SHAPES)

_SVG = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
ICONS: dict[str, Markup] = {name: Markup(f"{_SVG}{shape}</svg>") for name, shape in _SHAPES.items()}


def make_sprite(names: tuple[str, ...]) -> Markup:
    """The named icons as symbols for `<use href="#icon-…">`, for scripts that change an icon."""
    symbols = "".join(f'<symbol id="icon-{name}" viewBox="0 0 24 24">{_SHAPES[name]}</symbol>' for name in names)
    return Markup(f'<svg class="sprite" aria-hidden="true">{symbols}</svg>')
