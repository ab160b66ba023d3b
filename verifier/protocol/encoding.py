# SPDX-License-Identifier: Apache-2.0
"""Text and number encodings with exactly one spelling per value (RFC 4648, RFC 8785, Crockford's base32).

Every decoder here re-encodes, or proves by its alphabet, that what it read is the one accepted spelling. Python's own
decoders are lenient where it matters: `int` takes "+5", "5_0" and Arabic digits, `base64` takes several spellings of
one value, `bytes.fromhex` skips spaces, `json` takes duplicate names and NaN.
"""

from __future__ import annotations

import base64
import json
from typing import NoReturn, TypeAlias

from .errors import Malformed

JsonValue: TypeAlias = "bool | int | str | list[JsonValue] | dict[str, JsonValue]"

MAX_SAFE_INTEGER = 2**53 - 1  # the largest integer that every JSON reader keeps exactly (RFC 8785, 3.2.2.3)
MAX_JSON_DEPTH = 16

_RFC4648 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CROCKFORD = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_INT_DIGITS = b"0123456789abcdefghijklmnopqrstuv"  # what int(text, 32) reads


def _table_to_int_digits(alphabet: bytes) -> bytes:
    # Everything outside the alphabet becomes "!", which int() refuses; so signs, spaces and "_" never reach it.
    table = bytearray(b"!" * 256)
    for value, character in enumerate(alphabet):
        table[character] = _INT_DIGITS[value]
    return bytes(table)


_FROM_BASE32 = _table_to_int_digits(_RFC4648)
_FROM_CROCKFORD = _table_to_int_digits(_CROCKFORD)
_TO_BASE32 = bytes.maketrans(bytes(range(32)), _RFC4648)
_TO_CROCKFORD = bytes.maketrans(bytes(range(32)), _CROCKFORD)


def decode_base64(text: str) -> bytes:
    """Bytes of `text` in standard base64 with padding (RFC 4648, 4); second spellings raise Malformed."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:  # includes binascii.Error and non-ASCII text
        raise Malformed("bad_base64", "This is not standard base64 with padding.") from None
    if base64.b64encode(data) != text.encode("ascii"):
        raise Malformed("bad_base64", "This base64 has a second spelling; its spare bits must be zero.")
    return data


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding, no line breaks (RFC 4648, 4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base32(text: str) -> bytes:
    """Bytes of `text` in base32: upper case, no padding, spare bits zero (RFC 4648, 6); else raises Malformed."""
    length = len(text)
    size = length * 5 // 8
    spare = length * 5 - size * 8
    if spare > 4:
        raise Malformed("bad_base32", f"No whole number of bytes has {length} base32 characters.")
    if not text:
        return b""
    try:
        value = int(text.encode("ascii").translate(_FROM_BASE32), 32)
    except ValueError:
        raise Malformed("bad_base32", "Base32 here is A-Z and 2-7 only: upper case, no padding.") from None
    if value & ((1 << spare) - 1):
        raise Malformed("bad_base32", "This base32 has a second spelling; its spare bits must be zero.")
    return (value >> spare).to_bytes(size, "big")


_CHUNK_BYTES, _CHUNK_SYMBOLS = 80, 128


def _spreading_steps() -> tuple[tuple[int, int, int], ...]:
    """Masks and shifts that move 128 packed 5-bit symbols into 128 bytes, halving the groups at each step."""
    steps = []
    group = _CHUNK_SYMBOLS
    while group > 1:
        half = group // 2
        low = high = 0
        for lane in range(0, _CHUNK_SYMBOLS * 8, group * 8):
            low |= ((1 << 5 * half) - 1) << lane
            high |= ((1 << 5 * half) - 1) << (lane + 5 * half)
        steps.append((low, high, 3 * half))
        group = half
    return tuple(steps)


_STEPS = _spreading_steps()


def encode_base32(data: bytes) -> str:
    """Base32 in upper case without padding (RFC 4648, 6). Four times as fast as base64.b32encode on a seal."""
    if len(data) > _CHUNK_BYTES:
        return "".join(encode_base32(data[i : i + _CHUNK_BYTES]) for i in range(0, len(data), _CHUNK_BYTES))
    symbols = (len(data) * 8 + 4) // 5
    value = int.from_bytes(data, "big") << (symbols * 5 - len(data) * 8)
    for low, high, shift in _STEPS:
        value = (value & low) | ((value & high) << shift)
    return value.to_bytes(symbols, "big").translate(_TO_BASE32).decode("ascii")


def parse_hex(text: str, *, size: int) -> bytes:
    """The `size` bytes that `text` spells in lower-case hex; else raises Malformed."""
    try:
        data = bytes.fromhex(text) if len(text) == 2 * size else b""
    except ValueError:
        data = b""
    if len(data) != size or data.hex() != text:  # fromhex skips spaces and takes upper case
        raise Malformed("bad_hex", f"Expected {2 * size} lower-case hex digits.")
    return data


def parse_decimal(text: str, *, maximum: int = 2**63 - 1) -> int:
    """The integer 0..maximum that `text` spells in ASCII digits, no sign, no leading zero; else raises Malformed."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0"):
        raise Malformed("bad_decimal", "Expected ASCII digits without sign, space or leading zero.")
    if len(text) > len(str(maximum)) or (value := int(text)) > maximum:
        raise Malformed("number_too_large", f"The number is above {maximum}.")
    return value


def encode_crockford(value: int, *, width: int) -> str:
    """`value` in exactly `width` characters of Crockford's base32, upper case; ValueError if it does not fit."""
    if not 0 <= value < 1 << 5 * width:
        raise ValueError(f"{value} does not fit into {width} characters")
    return bytes(value >> shift & 31 for shift in range(5 * width - 5, -5, -5)).translate(_TO_CROCKFORD).decode("ascii")


def parse_crockford(text: str) -> int:
    """The integer that `text` (1 to 32 characters, leading zeros count as width) spells; else raises Malformed.

    Upper case only, and none of Crockford's lenient aliases: I, L, O and U are refused rather than corrected.
    """
    try:
        if len(text) > 32:
            raise ValueError
        return int(text.encode("ascii").translate(_FROM_CROCKFORD), 32)
    except ValueError:
        raise Malformed("bad_crockford", "Expected 0-9 and A-Z without I, L, O and U, upper case.") from None


def encode_canonical_json(value: JsonValue) -> bytes:
    """`value` as RFC 8785 bytes, restricted: no null, no floats, ASCII names, depth <= 16; else raises Malformed.

    Within this restriction RFC 8785 is `json.dumps` with sorted names: its UTF-16 order is ASCII order, and its escapes
    are the short ones plus \\u00xx in lower case.
    """
    _check_json(value, 1)
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("not_canonical_json", "A string holds half of a surrogate pair.") from None


def _check_json(value: object, depth: int) -> None:
    if depth > MAX_JSON_DEPTH:
        raise Malformed("json_too_deep", f"Objects and arrays nest deeper than {MAX_JSON_DEPTH}.")
    # Exact types: a subclass may print itself otherwise.
    if type(value) is dict:
        for name, item in value.items():
            if type(name) is not str or not name.isascii():
                raise Malformed("not_canonical_json", "Object names are ASCII here.")
            _check_json(item, depth + 1)
    elif type(value) is list:
        for item in value:
            _check_json(item, depth + 1)
    elif type(value) is int:
        if abs(value) > MAX_SAFE_INTEGER:
            raise Malformed("not_canonical_json", "Integers are at most 2^53 - 1 in absolute value.")
    elif type(value) is not str and type(value) is not bool:
        raise Malformed("not_canonical_json", "Only objects, arrays, strings, integers, booleans; no null, no float.")


def parse_canonical_json(data: bytes, *, max_size: int = 65_535) -> JsonValue:
    """The value whose canonical bytes are exactly `data` (at most `max_size` bytes); else raises Malformed."""
    if len(data) > max_size:
        raise Malformed("too_long", f"The document is longer than {max_size} bytes.")
    try:
        value: JsonValue = json.loads(
            data.decode("utf-8"),
            parse_int=_safe_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except RecursionError:
        raise Malformed("json_too_deep", f"Objects and arrays nest deeper than {MAX_JSON_DEPTH}.") from None
    except ValueError:  # JSONDecodeError and UnicodeDecodeError
        raise Malformed("bad_json", "This is not JSON in UTF-8.") from None
    if encode_canonical_json(value) != data:  # also catches a name that occurs twice: json keeps the last one only
        raise Malformed(
            "not_canonical_json", "The JSON is not canonical: order, spaces, escapes, numbers or a name twice."
        )
    return value


def _safe_integer(text: str) -> int:
    if len(text) > 17:  # longer than -(2^53 - 1): refuse before Python multiplies it out
        raise Malformed("not_canonical_json", "Integers are at most 2^53 - 1 in absolute value.")
    return int(text)


def _refuse_number(text: str) -> NoReturn:
    raise Malformed("not_canonical_json", f"{text[:20]} is not an integer; only integers are allowed.")
