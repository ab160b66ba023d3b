# SPDX-License-Identifier: Apache-2.0
"""The product code: a GS1 Digital Link whose seal proves its own identity (docs/spec/product-code.md).

    https://id.example.cn/01/<gtin14>/21/<serial>?S=<seal>

A code has one spelling, up to what the seal does not cover: the letter case of scheme and host, the host itself, and
further query parameters. Any second spelling of GTIN, serial or seal is malformed, so that text can be compared,
counted and logged as it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .digital_link import AUTHORITY, QUERY_PARAMETER, decode_percent, encode_percent
from .encoding import decode_base32, encode_base32, encode_crockford, parse_crockford
from .errors import Malformed
from .gs1 import parse_gtin14, parse_serial
from .keys import HINT_SIZE, SIGNATURE_SIZE, PublicKey, is_signature_valid

MAX_CODE_LENGTH = 512
MAX_BATCH = 2**20 - 1  # version 1: four characters of the serial
MAX_SEQ = 2**25 - 1  # version 1: five characters of the serial
MAX_BATCH_V2 = MAX_SEQ_V2 = 2**32 - 1  # version 2: four bytes of the seal each

_SEAL_SIZES = {1: 1 + HINT_SIZE + SIGNATURE_SIZE, 2: 1 + HINT_SIZE + 8 + SIGNATURE_SIZE}
_HEADERS = {1: "product-code/v1", 2: "product-code/v2"}

# The shape of the whole text. The serial's group holds what the canonical percent-encoding can produce, no more.
_CODE = re.compile(
    rf"(?:[Hh][Tt][Tt][Pp][Ss]?://{AUTHORITY})?/01/(?P<gtin>[0-9]{{14}})/21/(?P<serial>[0-9A-Za-z._%-]{{1,60}}+)"
    r"(?:\?(?P<query>[!\"$-~]*+))?"
)
_PARAMETER = re.compile(QUERY_PARAMETER)
_VERSION_1_SERIAL = re.compile(r"[0-9A-HJKMNP-TV-Z]{9}")
_PAIRS = tuple(encode_crockford(value, width=2) for value in range(1024))
_HOST = re.compile(AUTHORITY)


@dataclass(frozen=True, slots=True)
class Seal:
    """What stands after `S=`: version, key hint (2 bytes), batch, seq, Ed25519 signature (64 bytes).

    In version 1 batch and seq are read from the serial and are not repeated in the bytes.
    """

    version: int
    key_hint: bytes
    batch: int
    seq: int
    signature: bytes

    def to_bytes(self) -> bytes:
        """67 bytes (version 1) or 75 bytes (version 2)."""
        if self.version == 1:
            return b"\x01" + self.key_hint + self.signature
        return b"\x02" + self.key_hint + self.batch.to_bytes(4, "big") + self.seq.to_bytes(4, "big") + self.signature

    def to_text(self) -> str:
        """Base32: 108 characters (version 1) or 120 (version 2)."""
        return encode_base32(self.to_bytes())


@dataclass(frozen=True, slots=True)
class ProductCode:
    """One item's code: GTIN (14 digits), serial (as it stands, case-sensitive) and seal."""

    gtin: str
    serial: str
    seal: Seal

    @property
    def identity(self) -> str:
        """The GS1 element string "01<gtin>21<serial>"; what the seal signs and what codes are compared by."""
        return f"01{self.gtin}21{self.serial}"

    @property
    def item_leaf(self) -> bytes:
        """The leaf of this item in its batch's tree. The seal blinds it: nobody can guess leaves from serials."""
        return f"item/v1\n01{self.gtin}21{self.serial}".encode("ascii") + self.seal.to_bytes()

    def signed_text(self, key_id: str) -> bytes:
        """The bytes that the seal signs if the key with this id (64 hex) made it. Nothing is checked again."""
        seal = self.seal
        return _signed_text(seal.version, f"01{self.gtin}21{self.serial}", key_id, seal.batch, seal.seq)

    def is_sealed_by(self, key: PublicKey) -> bool:
        """Whether the seal's hint and signature are those of `key`. Says nothing about who may speak for the GTIN."""
        seal = self.seal
        return key.hint == seal.key_hint and is_signature_valid(key, self.signed_text(key.key_id), seal.signature)

    def to_path(self) -> str:
        """The code without scheme and host, "/01/…"."""
        return f"/01/{self.gtin}/21/{encode_percent(self.serial)}?S={self.seal.to_text()}"

    def to_url(self, host: str) -> str:
        """The code as a link, `host` (with port if any) in lower case; Malformed if it is not a host."""
        return f"https://{_checked_host(host).lower()}{self.to_path()}"

    def to_qr_text(self, host: str) -> str:
        """The text for the QR symbol: scheme and host in upper case, the rest as it is.

        In version 1 everything except "?S=" is then in QR's alphanumeric set.
        """
        return f"HTTPS://{_checked_host(host).upper()}{self.to_path()}"


def _checked_host(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise Malformed("bad_host", "Expected a host name, with a port if need be.")
    return host


def parse_product_code(text: str) -> ProductCode:
    """The code in an absolute http or https URL, or in the bare path form "/01/…"; anything else raises Malformed.

    Hostile input is expected here: at most 512 characters are looked at, in one pass.
    """
    if len(text) > MAX_CODE_LENGTH:
        raise Malformed("code_too_long", f"A product code has at most {MAX_CODE_LENGTH} characters.")
    match = _CODE.fullmatch(text)
    if match is None:
        raise Malformed("bad_link", "Expected https://host/01/<14 digits>/21/<serial>?S=<seal> and nothing else.")
    gtin, serial, query = match.groups()
    if query is None:
        raise Malformed("no_seal", "The link carries no seal (S=…); it names a product but proves nothing.")
    sealed = query[2:] if query.startswith("S=") and "&" not in query else _find_seal(query)
    parse_gtin14(gtin)
    if "%" in serial:
        serial = decode_percent(serial)
    return ProductCode(gtin, serial, parse_seal(sealed, serial))


def _find_seal(query: str) -> str:
    """The value of the one `S` parameter. Others may be there (a shared link picks them up), within limits."""
    sealed = None
    for part in query.split("&"):
        match = _PARAMETER.fullmatch(part)
        if match is None:
            raise Malformed("bad_query", "A query parameter is empty, or has a character that must be percent-encoded.")
        name = match["name"]
        if name == "S":
            if sealed is not None:
                raise Malformed("two_seals", "The link carries more than one seal.")
            sealed = match["value"] or ""
        elif name.isdigit():
            # A second identity (lot, another GTIN …) beside the sealed one would be shown by some readers.
            raise Malformed("unsealed_identifier", f"The parameter {name} is a GS1 identifier that no seal covers.")
        elif name == "s":
            raise Malformed("bad_query", "The seal's parameter is a capital S.")
    if sealed is None:
        raise Malformed("no_seal", "The link carries no seal (S=…); it names a product but proves nothing.")
    return sealed


def parse_code_serial(serial: str) -> str:
    """`serial` if a product code can carry it: a GS1 serial other than "." and ".."; else raises Malformed.

    Every URL library removes those two as path segments, also when they are percent-encoded.
    """
    if serial in (".", ".."):
        raise Malformed("bad_serial", 'The serials "." and ".." cannot stand in a link.')
    return parse_serial(serial)


def parse_seal(text: str, serial: str) -> Seal:
    """The seal that `text` spells for an item with this serial; else raises Malformed."""
    data = decode_base32(text)
    version = data[0] if data else 0
    if len(data) != _SEAL_SIZES.get(version):
        raise Malformed("bad_seal", "The seal has an unknown version, or not that version's length.")
    if version == 1:
        batch, seq = parse_made_serial(serial)
        return Seal(1, data[1:3], batch, seq, data[3:])
    parse_code_serial(serial)
    return Seal(2, data[1:3], int.from_bytes(data[3:7], "big"), int.from_bytes(data[7:11], "big"), data[11:])


def make_serial(batch: int, seq: int) -> str:
    """The version 1 serial of the item: nine characters that are batch and seq; ValueError if they do not fit."""
    if not (0 <= batch <= MAX_BATCH and 0 <= seq <= MAX_SEQ):
        raise ValueError(f"batch is 0 to {MAX_BATCH} and seq 0 to {MAX_SEQ} in version 1")
    high, low = _PAIRS[batch >> 10] + _PAIRS[batch & 1023], _PAIRS[seq >> 10 & 1023] + _PAIRS[seq & 1023]
    return high + _PAIRS[seq >> 20][1] + low


def parse_made_serial(serial: str) -> tuple[int, int]:
    """Batch and seq of a version 1 serial; else raises Malformed. Every such serial is one that `make_serial` makes."""
    if not _VERSION_1_SERIAL.fullmatch(serial):
        raise Malformed("bad_serial", "A version 1 serial is nine of 0-9 and A-Z without I, L, O, U.")
    value = parse_crockford(serial)
    return value >> 25, value & MAX_SEQ


def signing_text(*, version: int, gtin: str, serial: str, key_id: str, batch: int, seq: int) -> bytes:
    """The bytes that a seal signs; Malformed if a part is not well formed or, in version 1, is not the serial's."""
    parse_gtin14(gtin)
    parse_code_serial(serial)
    if version == 1:
        if parse_made_serial(serial) != (batch, seq):
            raise Malformed("bad_serial", "In version 1 the serial is batch and seq; these are not.")
    elif version != 2 or not (0 <= batch <= MAX_BATCH_V2 and 0 <= seq <= MAX_SEQ_V2):
        raise Malformed("bad_seal", "The version is 1 or 2; batch and seq are 0 to 2^32 - 1.")
    return _signed_text(version, f"01{gtin}21{serial}", key_id, batch, seq)


def _signed_text(version: int, identity: str, key_id: str, batch: int, seq: int) -> bytes:
    return f"{_HEADERS[version]}\n{identity}\n{key_id}\n{batch}\n{seq}\n".encode("ascii")
