# SPDX-License-Identifier: Apache-2.0
"""Writes the vectors of the identity half: encodings, GS1 numbers, Digital Links, keys, product codes.

It shares no code with the verifier: every expected value is written down here or computed the slow, plain way. The keys
come from fixed seeds, so the output never changes by itself; a test holds the files equal to it.

    python tests/vectors/make_identity_vectors.py      rewrites the five files beside it
"""

# ruff: noqa: E501 - one file per line reads best

from __future__ import annotations

import json
from pathlib import Path

from identity_code_cases import code_cases
from identity_encoding_cases import encoding_cases
from identity_gs1_cases import digital_link_cases, gs1_cases
from identity_key_cases import key_cases


def build() -> dict[str, str]:
    """File name to file text."""
    files = {
        "encoding.json": ("One spelling per value: base64, base32, hex, decimal, Crockford's base32, canonical JSON.", encoding_cases()),
        "gs1.json": ("GS1 numbers and the unified social credit code.", gs1_cases()),
        "digital_link.json": ("GS1 Digital Link URIs, strict.", digital_link_cases()),
        "keys.json": ("Ed25519 public keys and signatures, strict.", key_cases()),
        "product_code.json": ("Product codes and their seals.", code_cases()),
    }  # fmt: skip
    return {
        name: json.dumps({"description": description, "cases": cases}, indent=1, ensure_ascii=True) + "\n"
        for name, (description, cases) in files.items()
    }


if __name__ == "__main__":
    for file_name, content in build().items():
        Path(__file__).with_name(file_name).write_text(content, encoding="ascii")
