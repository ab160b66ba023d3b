# SPDX-License-Identifier: Apache-2.0
"""Texts like product codes, the reference symbol of a text, and an independent reader."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import zxingcpp
from PIL import Image
from qrcode import QRCode, constants, util

from passport.labels.segments import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from passport.labels.segments import SymbolLayout

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
HOST = "ID.EXAMPLE.CN"


def version_1_code(number: int, host: str = HOST) -> str:
    """Shaped like a product code of version 1: a serial of nine characters and a seal of 67 bytes."""
    seal = "".join(random.Random(number).choices(BASE32, k=108))
    return f"HTTPS://{host}/01/06901234567892/21/{number:09d}?S={seal}"


def version_2_code(number: int, serial: str, host: str = HOST) -> str:
    """Shaped like a product code of version 2: the maker's own serial and a seal of 75 bytes."""
    seal = "".join(random.Random(number).choices(BASE32, k=120))
    return f"HTTPS://{host}/01/06901234567892/21/{serial}?S={seal}"


def captions_of(texts: Sequence[str]) -> list[str]:
    """The human-readable lines of such codes."""
    paths = [text.partition("?S=")[0].split("/") for text in texts]
    return [f"(01){path[-3]} (21){path[-1]}" for path in paths]


def reference_modules(text: str, layout: SymbolLayout, mask: int) -> NDArray[np.uint8]:
    """The symbol that the `qrcode` library makes of the same segments in the same version with the same mask."""
    reference = _reference(text, layout)
    reference.makeImpl(False, mask)
    return np.array(reference.modules, dtype=np.uint8)


def reference_mask(text: str, layout: SymbolLayout) -> int:
    """The mask that the `qrcode` library would choose by itself."""
    return int(_reference(text, layout).best_mask_pattern())


def _reference(text: str, layout: SymbolLayout) -> QRCode:
    modes = {Mode.ALPHANUMERIC: util.MODE_ALPHA_NUM, Mode.BYTE: util.MODE_8BIT_BYTE}
    reference = QRCode(layout.version, error_correction=constants.ERROR_CORRECT_M)
    start = 0
    for segment in layout.segments:
        part = text[start : start + segment.length]
        reference.add_data(util.QRData(part.encode("ascii"), mode=modes[segment.mode]))
        start += segment.length
    return reference


def reference_score(modules: NDArray[np.uint8]) -> int:
    """Penalty points of a finished symbol by the `qrcode` library."""
    return int(util.lost_point(modules.astype(bool).tolist()))


def read_all(image: Image.Image) -> list[str]:
    """Exact texts of all QR codes that zxing-cpp finds in a picture."""
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode, text_mode=zxingcpp.TextMode.Plain)
    return [barcode.text for barcode in found]


def picture_of(modules: NDArray[np.uint8], scale: int) -> Image.Image:
    """A grey picture of one symbol with its quiet zone."""
    light = np.pad(1 - modules, 4, constant_values=1)
    return Image.fromarray(np.kron(light, np.full((scale, scale), 255, dtype=np.uint8)))
