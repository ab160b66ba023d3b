# SPDX-License-Identifier: Apache-2.0
"""Makes the installable app's PNG icons from verifier/static/icon.svg: `python -m tests.support.icon_maker`. SVG 1.1.

It reads just what our own icon consists of: rectangles with round corners, and paths of straight lines.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from PIL import Image, ImageDraw

STATIC = Path(__file__).resolve().parents[2] / "verifier" / "static"
ICON = STATIC / "icon.svg"
SIZES = (192, 512)
SAFE_ZONE = 0.78  # of a maskable icon: phones cut a circle of 80 % out of it
_OVERSAMPLING = 4
_NS = "{http://www.w3.org/2000/svg}"
_TOKEN = re.compile(r"[MmHhVvLlz]|-?[0-9]*\.?[0-9]+")

Point = tuple[float, float]


def parse_path(text: str) -> list[tuple[list[Point], bool]]:
    """The polylines of a path, each with whether it is closed. M m H h V v L l z alone."""
    lines: list[tuple[list[Point], bool]] = []
    tokens = _TOKEN.findall(text)
    x = y = 0.0
    command = ""
    while tokens:
        if tokens[0].isalpha():
            command = tokens.pop(0)
        if command == "z":
            points, _ = lines[-1]
            lines[-1] = (points, True)
            x, y = points[0]
            continue
        ox, oy = (x, y) if command.islower() else (0.0, 0.0)
        if command in "Hh":
            x = ox + float(tokens.pop(0))
        elif command in "Vv":
            y = oy + float(tokens.pop(0))
        else:
            x, y = ox + float(tokens.pop(0)), oy + float(tokens.pop(0))
        if command in "Mm":
            lines.append(([], False))
            command = "l" if command == "m" else "L"
        lines[-1][0].append((x, y))
    return lines


def draw_icon(size: int, *, is_maskable: bool) -> Image.Image:
    """The icon in `size` × `size` pixels; a maskable one fills its square, with the drawing in the safe zone."""
    root = ET.parse(ICON).getroot()
    whole = size * _OVERSAMPLING
    side = float(root.attrib["viewBox"].split()[2])
    scale = whole / side * (SAFE_ZONE if is_maskable else 1.0)
    margin = (whole - side * scale) / 2
    image = Image.new("RGBA", (whole, whole))
    draw = ImageDraw.Draw(image)
    for element in root:
        if element.tag == f"{_NS}rect":
            radius = 0.0 if is_maskable else float(element.attrib["rx"]) * scale
            draw.rounded_rectangle((0, 0, whole - 1, whole - 1), radius, fill=element.attrib["fill"])
        elif element.tag == f"{_NS}path":
            width = float(element.attrib["stroke-width"]) * scale
            for points, is_closed in parse_path(element.attrib["d"]):
                places = [(margin + x * scale, margin + y * scale) for x, y in points]
                _stroke(draw, places, width, element, is_closed)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def _stroke(draw: ImageDraw.ImageDraw, points: list[Point], width: float, element: ET.Element, is_closed: bool) -> None:
    colour = element.attrib["stroke"]
    is_round = element.attrib.get("stroke-linejoin") == "round"
    half = width / 2
    ends = [*points, points[0]] if is_closed else points
    draw.line(ends, fill=colour, width=round(width))
    for x, y in points:
        box = (x - half, y - half, x + half, y + half)
        if is_round:
            draw.ellipse(box, fill=colour)
        elif is_closed:
            draw.rectangle(box, fill=colour)  # mitred corners of right angles


def names() -> dict[str, tuple[int, bool]]:
    """File name → size and whether it is maskable."""
    kinds = (("icon", False), ("maskable", True))
    return {f"{kind}-{size}.png": (size, is_maskable) for kind, is_maskable in kinds for size in SIZES}


def main() -> None:
    (STATIC / "icons").mkdir(exist_ok=True)
    for name, (size, is_maskable) in names().items():
        draw_icon(size, is_maskable=is_maskable).quantize(64).save(STATIC / "icons" / name, optimize=True)


if __name__ == "__main__":
    main()
