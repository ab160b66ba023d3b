# SPDX-License-Identifier: Apache-2.0
"""A QR symbol inside a page, drawn by passport/labels."""

from __future__ import annotations

import re

from markupsafe import Markup

from passport.labels.matrix import build_matrices
from passport.labels.svg import encode_svg

_SIZE = re.compile(r'width="[^"]*" height="[^"]*" ')


def draw_qr(text: str) -> Markup:
    """The symbol as SVG that fills its box; "" for a text that is too long for one (the page shows it as text too)."""
    try:
        (svg,) = encode_svg(build_matrices([text]))
    except ValueError:
        return Markup("")
    return Markup(_SIZE.sub('focusable="false" ', svg.decode("ascii"), count=1))
