# SPDX-License-Identifier: Apache-2.0
"""The evidence file that a person keeps of one check: its members, how they are made and how they are read.
docs/evidence.md.

Nothing here reads a clock, a file of the user's or a socket. The same bytes are made in the browser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from verifier.evidence import parse_proof_document
from verifier.evidence_archive import ArchiveFault, read_archive, write_archive
from verifier.evidence_judge import CHECKPOINT, PARTS, PROOF, REGISTRY, Case, judge
from verifier.evidence_sheet import make_sheet
from verifier.protocol.encoding import JsonValue, encode_canonical_json, parse_canonical_json, parse_hex
from verifier.protocol.errors import Malformed, VerifierError
from verifier.protocol.fields import Fields, format_instant, parse_instant
from verifier.protocol.note import VKey, parse_vkey
from verifier.verdict import Status

T = TypeVar("T")

TYPE = "product-passport/evidence/v1"
MANIFEST, SHEET, VERDICT, CODE, ADDITIONS, ALARM = (
    *("manifest.json", "sheet.html", "verdict.json"),
    *("code.txt", "additions.json", "alarm.txt"),
)
NAMES = (MANIFEST, SHEET, VERDICT, CODE, *PARTS, ADDITIONS, ALARM)
JUDGES = ("phone", "server", "verifier")
ALARMS = ("back", "fork", "key")
MAX_CODE_SIZE = 4096
MAX_PART_SIZE = 8 * 1024 * 1024  # of a snapshot, mostly: larger ones stay outside
MAX_JSON_SIZE = 4 * 1024 * 1024
MAX_NOTE, MAX_URL, MAX_PRODUCT = 2000, 2048, 300
MAX_PHOTOS = 10
MAX_PHOTO_SIZE = 20 * 1024 * 1024

# Spelt out, because \s means other things in other languages.
_NOT_IN_URL = re.compile('[\0-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"<>\\\\^`{|}]')
_URL = re.compile(r"https?://[^/?#@]+(?:[/?#].*)?", re.IGNORECASE)
_BLANK_ENDS = re.compile(r"\A[ \t\n]+|[ \t\n]+\Z")
_CODE_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Photo:
    """What is kept of a photo: no name, no picture."""

    sha256: str
    size: int

    def to_json(self) -> dict[str, JsonValue]:
        return {"sha256": self.sha256, "size": self.size}


@dataclass(frozen=True, slots=True)
class Additions:
    """What the user typed or chose; nothing else in a file is about a person."""

    listing_url: str = ""
    note: str = ""
    photos: tuple[Photo, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        value: dict[str, JsonValue] = {}
        if self.listing_url:
            value["listing_url"] = self.listing_url
        if self.note:
            value["note"] = self.note
        if self.photos:
            value["photos"] = [photo.to_json() for photo in self.photos]
        return value


def make_additions(listing_url: str, note: str, photos: tuple[Photo, ...] = ()) -> Additions:
    """What was typed, tidied. Raises Malformed: "bad_listing_url", "note_too_long", "too_many_photos",
    "photo_too_large"."""
    url = _BLANK_ENDS.sub("", listing_url)
    text = _BLANK_ENDS.sub("", note.replace("\r\n", "\n").replace("\r", "\n"))
    if url and (len(url) > MAX_URL or _NOT_IN_URL.search(url) or _URL.fullmatch(url) is None):
        raise Malformed("bad_listing_url", f"The listing's address begins with https:// and has at most {MAX_URL} "
                        "characters, without spaces.")  # fmt: skip
    if len(text) > MAX_NOTE:
        raise Malformed("note_too_long", f"A note has at most {MAX_NOTE} characters.")
    if len(photos) > MAX_PHOTOS:
        raise Malformed("too_many_photos", f"At most {MAX_PHOTOS} photos.")
    if any(photo.size > MAX_PHOTO_SIZE for photo in photos):
        raise Malformed("photo_too_large", f"A photo has at most {MAX_PHOTO_SIZE} bytes.")
    return Additions(url, text, photos)


def file_name(gtin: str | None, checked_at: datetime) -> str:
    """What the file is called: the GTIN's last four digits and China's date; nothing of a person."""
    day = format_instant(checked_at + timedelta(hours=8))[:10].replace("-", "")
    return f"evidence-{gtin[-4:]}-{day}.zip" if gtin else f"evidence-{day}.zip"


@dataclass(frozen=True, slots=True)
class EvidenceParts:
    """What was collected about a code: bytes by member name, and for each that is missing a code that says why."""

    parts: Mapping[str, bytes]
    absent: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the person was shown, and by whom; whatever signatures cannot prove of it is marked as stated.

    `reported` has status and reason, with `suspicion` or `alarm` if they are why. `server_said` is the server's word
    beside a phone's: status and checked_at. `product` is the maker's name of the product.
    """

    judged_by: str
    reported: dict[str, JsonValue] | None  # None: nothing but what the file bears out
    server_said: dict[str, JsonValue] | None = None
    product: str = ""
    papers: str = ""  # signed notes that contradict each other, as text


@dataclass(frozen=True, slots=True)
class Bundle:
    """An evidence file as read. Nothing in it is believed yet; `document` is verdict.json."""

    members: Mapping[str, bytes]
    case: Case
    document: dict[str, JsonValue]
    judged_by: str
    status_vkey: VKey | None  # stated; only where registry.json is absent
    additions: Additions


def make_bundle(
    code: str,
    found: EvidenceParts,
    shown: Shown,
    *,
    checked_at: datetime,
    additions: Additions,
    status_vkey: VKey | None = None,
) -> bytes:
    """The file. The verdict in it is what its own parts bear out; what was shown stands beside it if it is another.

    Raises Malformed("code_too_long") for text that is too long to be kept.
    """
    try:
        code_bytes = code.encode()
    except UnicodeEncodeError:
        raise Malformed("bad_code", "The code holds half of a surrogate pair.") from None
    if not 0 < len(code_bytes) <= MAX_CODE_SIZE:
        raise Malformed("code_too_long", f"Text of 1 to {MAX_CODE_SIZE} bytes can be kept as evidence.")
    case = make_case(code, found, checked_at)
    vkey = None if REGISTRY in case.parts else status_vkey
    judgement = judge(case, stated_vkey=vkey)
    verdict = judgement.verdict.to_json()
    document: dict[str, JsonValue] = {
        "absent": dict(case.absent),
        "judged_by": shown.judged_by,
        "problems": dict(judgement.problems),
        "verdict": verdict,
    }
    reported = shown.reported
    if reported is not None and any(reported[name] != verdict[name] for name in ("reason", "status")):
        document["reported"] = reported
    if shown.server_said is not None:
        document["server_said"] = shown.server_said
    if shown.product:
        document["product"] = shown.product[:MAX_PRODUCT]
    if vkey is not None:
        document["status_vkey"] = vkey.to_text()
    return _pack({CODE: code_bytes, **case.parts}, document, additions, shown.papers)


def make_case(code: str, found: EvidenceParts, checked_at: datetime) -> Case:
    """The parts as they go into a file: the checkpoint is the proof's own, too large ones stay outside."""
    parts = {name: data for name, data in found.parts.items() if 0 < len(data) <= MAX_PART_SIZE}
    if PROOF in parts:
        with suppress(VerifierError):  # it is kept as it came; what is wrong with it is part of the verdict
            parts[CHECKPOINT] = parse_proof_document(parts[PROOF])[1].checkpoint
    oversized = {name: "too_large" for name, data in found.parts.items() if len(data) > MAX_PART_SIZE}
    absent = dict.fromkeys(PARTS, "not_collected") | dict(found.absent) | oversized
    parts = {name: parts[name] for name in PARTS if name in parts}
    missing = {name: absent[name] for name in PARTS if name not in parts}
    return Case(code, parts, missing, checked_at.replace(microsecond=0))


def _pack(collected: Mapping[str, bytes], document: dict[str, JsonValue], additions: Additions, papers: str) -> bytes:
    members = {VERDICT: encode_canonical_json(document), **collected}
    if additions.to_json():
        members[ADDITIONS] = encode_canonical_json(additions.to_json())
    if papers:
        members[ALARM] = papers.encode()
    members = {SHEET: render_sheet(members, document, additions), **members}
    return write_archive({MANIFEST: make_manifest(members), **members})


def render_sheet(members: Mapping[str, bytes], document: dict[str, JsonValue], additions: Additions) -> bytes:
    """sheet.html as the other members have it: whoever checks a file makes it again."""
    listed = [item for item in list_members(members) if item["name"] not in (MANIFEST, SHEET)]
    return make_sheet(members[CODE].decode(), document, additions.to_json(), listed).encode()


def list_members(members: Mapping[str, bytes]) -> list[dict[str, JsonValue]]:
    """Name, size and SHA-256 of each member."""
    return [{"name": name, "sha256": sha256(data).hexdigest(), "size": len(data)} for name, data in members.items()]


def make_manifest(members: Mapping[str, bytes]) -> bytes:
    """manifest.json over all other members, in the file's order."""
    value: dict[str, JsonValue] = {"members": [*list_members(members)], "type": TYPE}
    return encode_canonical_json(value)


def parse_bundle(data: bytes) -> Bundle:
    """The members, each with the digest that the manifest gives it. Raises ArchiveFault, which names what was
    changed."""
    members = read_archive(data, NAMES)
    _check_manifest(members)
    return _read(VERDICT, lambda: _parse_members(members))


def _fault(code: str, message: str, name: str) -> ArchiveFault:
    return ArchiveFault(code, message, where=name)


def _read(name: str, parse: Callable[[], T]) -> T:
    """Whatever cannot be read is the fault of this member."""
    try:
        return parse()
    except ArchiveFault:
        raise
    except Malformed as error:
        raise _fault(error.code, str(error), name) from error


def _check_manifest(members: Mapping[str, bytes]) -> None:
    for name in (MANIFEST, SHEET, VERDICT, CODE):
        if name not in members:
            raise _fault("missing_member", "it is not there", name)
    listed = {
        str(item["name"]): item["sha256"] for item in list_members({n: d for n, d in members.items() if n != MANIFEST})
    }
    stated = dict(_read(MANIFEST, lambda: _parse_manifest(members[MANIFEST])))
    for name in [*listed, *stated]:
        if listed.get(name) != stated.get(name):
            raise _fault("member_changed", "its SHA-256 is not the one in the manifest", name)
    if make_manifest({name: data for name, data in members.items() if name != MANIFEST}) != members[MANIFEST]:
        raise _fault("bad_manifest", "order or sizes are not those of the members", MANIFEST)


def _parse_manifest(data: bytes) -> list[tuple[str, str]]:
    fields = Fields(parse_canonical_json(data), MANIFEST)
    if fields.string("type") != TYPE:
        raise Malformed("bad_manifest", f"the type of an evidence file is {TYPE}")
    found: list[tuple[str, str]] = []
    for item in fields.items("members", maximum=len(NAMES)):
        inner = Fields(item, "member")
        found.append((inner.string("name"), parse_hex(inner.string("sha256"), size=32).hex()))
        inner.integer("size")
        inner.done()
    fields.done()
    return found


def _parse_members(members: Mapping[str, bytes]) -> Bundle:
    try:
        code = members[CODE].decode()
    except UnicodeDecodeError:
        raise _fault("bad_code", "it is not UTF-8", CODE) from None
    if not 0 < len(members[CODE]) <= MAX_CODE_SIZE:
        raise _fault("code_too_long", f"it has more than {MAX_CODE_SIZE} bytes, or none", CODE)
    value = parse_canonical_json(members[VERDICT], max_size=MAX_JSON_SIZE)
    fields = Fields(value, VERDICT)
    judged_by = fields.string("judged_by")
    if judged_by not in JUDGES:
        raise Malformed("bad_verdict", "nobody of that name judges")
    absent = _read_codes(fields, "absent")
    _read_codes(fields, "problems")
    if set(absent) != {name for name in PARTS if name not in members}:
        raise Malformed("bad_verdict", "what is absent is not what it says")
    checked_at = _read_statements(fields)
    vkey = fields.parsed("status_vkey", parse_vkey, maximum=400) if fields.has("status_vkey") else None
    fields.done()
    if vkey is not None and REGISTRY in members:
        raise Malformed("bad_verdict", "the status key stands in registry.json")
    parts = {name: members[name] for name in PARTS if name in members}
    additions = _read(ADDITIONS, lambda: _parse_additions(members)) if ADDITIONS in members else Additions()
    assert isinstance(value, dict)  # Fields took it
    return Bundle(members, Case(code, parts, absent, checked_at), value, judged_by, vkey, additions)


def _read_codes(fields: Fields, name: str) -> dict[str, str]:
    value = fields.take(name)
    if not isinstance(value, dict) or not set(value) <= set(PARTS):
        raise Malformed("bad_verdict", f"{name} speaks of the parts")
    codes = {part: str(code) for part, code in value.items()}
    if not all(_CODE_WORD.fullmatch(code) for code in codes.values()):
        raise Malformed("bad_verdict", f"{name} gives a stable code for each")
    return codes


def _read_statements(fields: Fields) -> datetime:
    """What is stated and not proven, in its bounds; and the instant of the verdict. The verdict itself is compared."""
    if fields.has("reported"):
        _read_reported(Fields(fields.take("reported"), "reported"))
    if fields.has("server_said"):
        said = Fields(fields.take("server_said"), "server_said")
        _read_status(said)
        said.parsed("checked_at", parse_instant)
        said.done()
    if fields.has("product"):
        fields.string("product", maximum=MAX_PRODUCT)
    verdict = fields.take("verdict")
    stated = verdict.get("checked_at") if isinstance(verdict, dict) else None
    return parse_instant(stated if isinstance(stated, str) else "")


def _read_reported(fields: Fields) -> None:
    _read_status(fields)
    if _CODE_WORD.fullmatch(fields.string("reason")) is None:
        raise Malformed("bad_verdict", "a reason is a stable code")
    if fields.has("alarm") and fields.string("alarm") not in ALARMS:
        raise Malformed("bad_verdict", "there is no such alarm")
    if fields.has("suspicion"):
        suspicion = Fields(fields.take("suspicion"), "suspicion")
        suspicion.string("reason")
        suspicion.text("facts")
        suspicion.done()
    fields.done()


def _read_status(fields: Fields) -> None:
    if fields.string("status") not in list(Status):
        raise Malformed("bad_verdict", "there is no such status")


def _parse_additions(members: Mapping[str, bytes]) -> Additions:
    fields = Fields(parse_canonical_json(members[ADDITIONS]), ADDITIONS)
    url = fields.string("listing_url", maximum=MAX_URL) if fields.has("listing_url") else ""
    note = fields.string("note", maximum=MAX_NOTE) if fields.has("note") else ""
    photos: list[Photo] = []
    for item in fields.items("photos", maximum=MAX_PHOTOS) if fields.has("photos") else []:
        inner = Fields(item, "photo")
        photos.append(Photo(parse_hex(inner.string("sha256"), size=32).hex(), inner.integer("size")))
        inner.done()
    fields.done()
    additions = make_additions(url, note, tuple(photos))
    if encode_canonical_json(additions.to_json()) != members[ADDITIONS] or not additions.to_json():
        raise Malformed("bad_additions", "additions have a second spelling")
    return additions
