# SPDX-License-Identifier: Apache-2.0
"""Signed notes and verifier keys (vkeys): text that several keys have signed. C2SP signed-note.

The text of a note means nothing until `verify_note`, `verify_cosignature` or `policy.verify_checkpoint` has accepted a
signature on it. Key types: 0x01 (Ed25519 over the text) and 0x04 (cosignature, see `cosignature`); others cannot be
vkeys here, and their signatures in a note are carried along unread.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from verifier.protocol.encoding import decode_base64, encode_base64, parse_hex
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.keys import PublicKey, is_signature_valid, parse_public_key

if TYPE_CHECKING:
    from collections.abc import Iterable

ALG_ED25519 = 1
ALG_COSIGNATURE = 4
ALGORITHMS = (ALG_ED25519, ALG_COSIGNATURE)

MAX_NOTE_SIZE = 64 * 1024
MAX_SIGNATURES = 100

_SIGNATURE_START = "— "
# Unicode White_Space. Written out, because str.isspace() follows the tables of the Python that happens to run.
_SPACES = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {chr(c) for c in range(0x2000, 0x200B)}


@dataclass(frozen=True, slots=True)
class VKey:
    """A verifier key: who may sign, with which key and which algorithm (signed-note, Verifier keys).

    `name` and `key_id` (32 bits, derived from the rest) together tell a signature's key apart. Made by `parse_vkey` or
    `make_vkey`, which see to it that the two agree.
    """

    name: str
    key_id: int
    algorithm: int
    public_key: PublicKey

    def to_text(self) -> str:
        """Encode as `<name>+<key id, 8 hex digits>+<base64 of algorithm byte and public key>`."""
        return f"{self.name}+{self.key_id:08x}+{encode_base64(bytes([self.algorithm]) + self.public_key.raw)}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line. `signature` is what follows the four bytes of the key id: 64 bytes for Ed25519."""

    name: str
    key_id: int
    signature: bytes

    def to_line(self) -> str:
        """Encode as the line of a note, with its newline."""
        return f"{_SIGNATURE_START}{self.name} {encode_base64(self.key_id.to_bytes(4, 'big') + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text (ends in a newline) and its signature lines in order. Nothing in it is verified yet."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """Encode as text, blank line, signature lines."""
        return (self.text + "\n" + "".join(line.to_line() for line in self.signatures)).encode()


def is_key_name(name: str) -> bool:
    """Tell whether a key may bear this name: not empty, no Unicode space, no plus, no control character below 0x20."""
    return name != "" and not any(c in _SPACES or c == "+" or c < " " or "\ud800" <= c <= "\udfff" for c in name)


def make_vkey(name: str, algorithm: int, public_key: PublicKey) -> VKey:
    """Derive the key id and make the vkey. Raises Malformed("malformed_vkey") for a bad name or unknown algorithm."""
    if not is_key_name(name):
        raise Malformed("malformed_vkey", "A key name is not empty and has no spaces, plus or control characters.")
    if algorithm not in ALGORITHMS:
        raise Malformed("malformed_vkey", "The vkey's algorithm is neither 0x01 (Ed25519) nor 0x04 (cosignature).")
    digest = sha256(name.encode() + b"\n" + bytes([algorithm]) + public_key.raw).digest()
    return VKey(name, int.from_bytes(digest[:4], "big"), algorithm, public_key)


def parse_vkey(text: str) -> VKey:
    """Parse a vkey. Raises Malformed("malformed_vkey"), also for a key id that is not that of the key.

    Keys that every honest implementation must refuse (small order, non-canonical) are refused here too.
    """
    # The base64 part may contain a plus of its own; name and key id cannot.
    name, _, rest = text.partition("+")
    key_id, _, key = rest.partition("+")
    try:
        material = decode_base64(key)
        stated = int.from_bytes(parse_hex(key_id, size=4), "big")
        if len(material) != 33:
            raise Malformed("malformed_vkey", "One algorithm byte and 32 bytes of public key are expected.")
        vkey = make_vkey(name, material[0], parse_public_key(material[1:]))
    except Malformed as error:
        raise Malformed("malformed_vkey", f"Not a vkey: {error}") from error
    if vkey.key_id != stated or vkey.to_text() != text:
        raise Malformed("malformed_vkey", "The key id in the vkey is not the one of its name, algorithm and key.")
    return vkey


def parse_note(data: bytes, *, max_size: int = MAX_NOTE_SIZE) -> Note:
    """Parse a signed note of at most `max_size` bytes and 100 signatures. Raises Malformed("malformed_note")."""
    if len(data) > max_size:
        raise Malformed("malformed_note", f"The note is {len(data)} bytes long; at most {max_size} are read.")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise Malformed("malformed_note", "The note is not UTF-8.") from error
    if any(c < " " and c != "\n" for c in whole):
        raise Malformed("malformed_note", "The note contains a control character other than newline.")
    # The text may hold empty lines itself; the last empty line of the note is the one that ends it.
    body, separator, tail = whole.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise Malformed("malformed_note", "A note is text, an empty line, and signature lines that end in newlines.")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed("malformed_note", f"The note has {len(lines)} signatures; at most {MAX_SIGNATURES} are read.")
    note = Note(body + "\n", tuple(_parse_signature_line(line) for line in lines))
    if note.to_bytes() != data:
        raise Malformed("malformed_note", "The note is not in its one spelling.")
    return note


def _parse_signature_line(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_SIGNATURE_START).partition(" ")
    if not line.startswith(_SIGNATURE_START) or not is_key_name(name):
        raise Malformed("malformed_note", "A signature line is an em dash, a space, key name, a space, and base64.")
    try:
        raw = decode_base64(encoded)
    except Malformed as error:
        raise Malformed("malformed_note", f"A signature line does not decode: {error}") from error
    if len(raw) < 5:
        raise Malformed("malformed_note", "A signature is four bytes of key id and at least one byte more.")
    return NoteSignature(name, int.from_bytes(raw[:4], "big"), raw[4:])


def find_signatures(note: Note, vkey: VKey) -> tuple[bytes, ...]:
    """Find what this key is said to have signed: name *and* key id must match. Nothing is verified."""
    return tuple(s.signature for s in note.signatures if s.name == vkey.name and s.key_id == vkey.key_id)


def verify_note(note: Note, vkeys: Iterable[VKey]) -> tuple[VKey, ...]:
    """Check the Ed25519 signatures by known keys and return the keys that signed, in the order given.

    Signatures by other keys are ignored, also under a known name or a known key id alone. A known key's bad signature
    rejects the whole note, whatever stands beside it. Raises DoesNotHold: "bad_signature", or "no_trusted_signature"
    if no known key signed. Raises ValueError for a vkey that is not of algorithm 0x01.
    """
    message = note.text.encode()
    signers = []
    for vkey in dict.fromkeys(vkeys):
        if vkey.algorithm != ALG_ED25519:
            raise ValueError(f"{vkey.name} is not a key for notes: use verify_cosignature")
        found = find_signatures(note, vkey)
        # Every one is checked: a second line by the same key is no way to hide a bad one.
        if not all(len(s) == 64 and is_signature_valid(vkey.public_key, message, s) for s in found):
            raise DoesNotHold("bad_signature", f"A signature by {vkey.name} does not verify.")
        if found:
            signers.append(vkey)
    if not signers:
        raise DoesNotHold("no_trusted_signature", "None of the known keys has signed the note.")
    return tuple(signers)
