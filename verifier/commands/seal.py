# SPDX-License-Identifier: Apache-2.0
"""`verifier seal`: the signature of one code with one key, offline. It says nothing about ledger, maker or recall."""

from __future__ import annotations

import argparse

from verifier.commands.context import Context, Exit, UsageError
from verifier.protocol.encoding import parse_hex
from verifier.protocol.errors import Malformed
from verifier.protocol.keys import PublicKey, parse_public_key
from verifier.protocol.product_code import parse_product_code


def run(arguments: argparse.Namespace, context: Context) -> Exit:
    """Check the seal of `arguments.code` with the public key `arguments.key` (64 hex digits)."""
    key = _parse_key(arguments.key)
    try:
        code = parse_product_code(arguments.code)
    except Malformed as error:
        raise UsageError(str(error), error.code) from error
    is_sealed = code.is_sealed_by(key)
    if context.is_json:
        context.json(
            {
                "batch": code.seal.batch,
                "exit_code": int(Exit.OK if is_sealed else Exit.NOT_GENUINE),
                "gtin": code.gtin,
                "is_sealed": is_sealed,
                "key_id": key.key_id,
                "seq": code.seal.seq,
                "serial": code.serial,
                "version": code.seal.version,
            }
        )
    elif is_sealed:
        context.heading("✓", context.pick("签名正确", "The seal is by this key"), "green")
        place = f"{code.identity}, batch {code.seal.batch}, seq {code.seal.seq}, version {code.seal.version}"
        context.line(f"  {place}")
        context.line(
            "  "
            + context.pick(
                "这只说明该密钥签发了此码；密钥属于谁、是否登记、是否召回，请用 check。",
                "This says that the key made the code, and no more: whose key it is, whether the code was logged, and "
                "recalls are for `verifier check`.",
            )
        )
    else:
        context.heading("✗", context.pick("签名与此密钥不符", "The seal is not by this key"), "red")
    return Exit.OK if is_sealed else Exit.NOT_GENUINE


def _parse_key(text: str) -> PublicKey:
    try:
        return parse_public_key(parse_hex(text, size=32))
    except Malformed as error:
        raise UsageError(f"--key: {error}", error.code) from error
