# SPDX-License-Identifier: Apache-2.0
"""Runs the vectors of the identity half: one function per op, as tests/vectors/README.md describes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from verifier.protocol import digital_link, encoding, gs1, keys, product_code, uscc
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable

VECTORS = Path(__file__).parents[1] / "vectors"
Values = dict[str, Any]


def load_cases(file_name: str) -> list[Values]:
    """The cases of one vector file."""
    cases: list[Values] = json.loads((VECTORS / file_name).read_text(encoding="ascii"))["cases"]
    return cases


def run_case(case: Values) -> None:
    """Run one case: the expected value, or Malformed with the expected code and nothing else."""
    run = OPS[case["op"]]
    if case["ok"]:
        assert run(**case["input"]) == case["expect"]
        return
    with pytest.raises(Malformed) as caught:
        run(**case["input"])
    assert caught.value.code == case["error"]
    assert str(caught.value).isprintable(), "a message is one line of text"


def _parse_decimal(text: str, maximum: str = str(2**63 - 1)) -> Values:
    return {"value": str(encoding.parse_decimal(text, maximum=int(maximum)))}


def _parse_canonical_json(hex: str, max_size: int = 65_535) -> Values:
    data = bytes.fromhex(hex)
    assert encoding.encode_canonical_json(encoding.parse_canonical_json(data, max_size=max_size)) == data
    return {}


def _value(parse: Callable[[str], str]) -> Callable[..., Values]:
    return lambda text: {"value": parse(text)}


def _parse_digital_link(uri: str) -> Values:
    link = digital_link.parse_digital_link(uri)
    assert link.to_uri() == uri
    return {
        "stem": link.stem,
        "keys": [list(element) for element in link.keys],
        "attributes": [list(element) for element in link.attributes],
    }


def _make_digital_link(stem: str, elements: list[list[str]]) -> Values:
    link = digital_link.make_digital_link([(ai, value) for ai, value in elements], stem=stem)
    assert digital_link.parse_digital_link(link.to_uri()) == link
    return {"uri": link.to_uri()}


def _parse_public_key(public_key: str) -> Values:
    key = keys.parse_public_key(bytes.fromhex(public_key))
    return {"key_id": key.key_id, "hint": key.hint.hex()}


def _is_signature_valid(public_key: str, message: str, signature: str) -> Values:
    key = keys.parse_public_key(bytes.fromhex(public_key))
    return {"valid": keys.is_signature_valid(key, bytes.fromhex(message), bytes.fromhex(signature))}


def _parse_product_code(text: str) -> Values:
    code = product_code.parse_product_code(text)
    return {
        "version": code.seal.version,
        "gtin": code.gtin,
        "serial": code.serial,
        "key_hint": code.seal.key_hint.hex(),
        "batch": code.seal.batch,
        "seq": code.seal.seq,
        "signature": code.seal.signature.hex(),
        "identity": code.identity,
        "seal": code.seal.to_text(),
        "path": code.to_path(),
        "item_leaf": code.item_leaf.hex(),
    }


def _is_sealed_by(text: str, public_key: str) -> Values:
    code = product_code.parse_product_code(text)
    return {"valid": code.is_sealed_by(keys.parse_public_key(bytes.fromhex(public_key)))}


def _to_text(text: str, host: str) -> Values:
    code = product_code.parse_product_code(text)
    return {"url": code.to_url(host), "qr_text": code.to_qr_text(host)}


OPS: dict[str, Callable[..., Values]] = {
    "decode_base64": lambda text: {"hex": encoding.decode_base64(text).hex()},
    "decode_base32": lambda text: {"hex": encoding.decode_base32(text).hex()},
    "parse_hex": lambda text, size: {"hex": encoding.parse_hex(text, size=size).hex()},
    "parse_decimal": _parse_decimal,
    "parse_crockford": lambda text: {"value": str(encoding.parse_crockford(text))},
    "parse_canonical_json": _parse_canonical_json,
    "parse_gtin14": _value(gs1.parse_gtin14),
    "gtin14_from": _value(gs1.gtin14_from),
    "parse_serial": _value(gs1.parse_serial),
    "parse_lot": _value(gs1.parse_lot),
    "parse_company_prefix": _value(gs1.parse_company_prefix),
    "is_gtin_under_prefix": lambda gtin, prefix: {"value": gs1.is_gtin_under_prefix(gtin, prefix)},
    "do_prefixes_overlap": lambda a, b: {"value": gs1.do_prefixes_overlap(a, b)},
    "parse_uscc": _value(uscc.parse_uscc),
    "parse_digital_link": _parse_digital_link,
    "make_digital_link": _make_digital_link,
    "parse_public_key": _parse_public_key,
    "is_signature_valid": _is_signature_valid,
    "parse_product_code": _parse_product_code,
    "is_sealed_by": _is_sealed_by,
    "signing_text": lambda **given: {"text": product_code.signing_text(**given).decode("ascii")},
    "make_serial": lambda batch, seq: {"serial": product_code.make_serial(batch, seq)},
    "to_text": _to_text,
}
