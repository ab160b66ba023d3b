# SPDX-License-Identifier: Apache-2.0
"""What the case tables of the identity half share: constants and two ways to write a case."""

from __future__ import annotations

import base64
from typing import Any

Case = dict[str, Any]

L = 2**252 + 27742317777372353535851937790883648493
GTIN, OTHER_GTIN = "06901234567892", "06901234567908"
HOST = "id.example.cn"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def good(name: str, does: str, op: str, given: dict[str, Any], expect: dict[str, Any]) -> Case:
    return {"name": name, "does": does, "op": op, "input": given, "ok": True, "expect": expect}


def bad(name: str, does: str, op: str, given: dict[str, Any], error: str) -> Case:
    return {"name": name, "does": does, "op": op, "input": given, "ok": False, "error": error}


def b32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=")
