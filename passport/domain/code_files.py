# SPDX-License-Identifier: Apache-2.0
"""Codes as CSV (RFC 4180) and as NDJSON: one line for each code, in the order of seq.

A spreadsheet runs a cell that begins like a formula. Serials and lots may do that (GS1 CSET 82 has = + and -), so such
cells get an apostrophe in front. The exact value stands in the `url` column, percent-encoded, and in the NDJSON.
"""

from __future__ import annotations

import json

CSV_HEADER = b"seq,gtin,lot,serial,url,qr_text\r\n"

# What spreadsheets take for the start of a formula, with the full-width forms that some of them fold; tab, CR and NUL
# are skipped by them, so that what follows would count as the start.
_FORMULA_STARTS = frozenset("=+-@\t\r\n\0＝＋－＠")
_NEEDS_QUOTES = frozenset('",\r\n\t')


def csv_cell(value: str) -> str:
    """`value` as one cell: an apostrophe before what a spreadsheet would run, quotes where RFC 4180 asks for them."""
    if value[:1] in _FORMULA_STARTS and value:
        value = "'" + value
    if not _NEEDS_QUOTES.isdisjoint(value):
        value = '"' + value.replace('"', '""') + '"'
    return value


class CodeLines:
    """Writes the lines of one batch; everything that its codes share is made once. All ASCII."""

    def __init__(self, *, gtin: str, lot: str, host: str) -> None:
        """`host` in any letter case, with a port if need be."""
        self._csv_start = f"{gtin},{csv_cell(lot)},"
        self._url = f"https://{host.lower()}/01/{gtin}/21/"
        self._qr = f"HTTPS://{host.upper()}/01/{gtin}/21/"
        self._json_start = f'{{"gtin":"{gtin}","lot":{json.dumps(lot)},"qr_text":"{self._qr}'

    def lines(self, seq: int, serial: str, rest: str) -> tuple[str, str]:
        """The CSV line and the NDJSON line of one code; `rest` is its encoded serial with "?S=" and the seal."""
        if serial.isalnum():
            cell, text = serial, f'"{serial}"'
        else:
            cell, text = csv_cell(serial), json.dumps(serial)
        url = self._url + rest
        return (
            f"{seq},{self._csv_start}{cell},{url},{self._qr}{rest}\r\n",
            f'{self._json_start}{rest}","seq":{seq},"serial":{text},"url":"{url}"}}\n',
        )
