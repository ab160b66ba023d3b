# SPDX-License-Identifier: Apache-2.0
"""POST /check/evidence: the evidence file for a code, for browsers without our script. docs/evidence.md.

What is typed and the digests of photos go into the file and nowhere else; a photo's bytes are hashed as they arrive and
are never kept.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import Forbidden, UnsupportedMediaType
from werkzeug.formparser import FormDataParser

from verifier.evidence_bundle import MAX_PHOTO_SIZE, MAX_PHOTOS, Photo, Shown, file_name, make_additions, make_bundle
from verifier.protocol.errors import Malformed
from verifier.verdict import Status
from verifier.web.present import show_product
from verifier.web.problems import TooLarge
from verifier.web.skeleton import current_language

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage, MultiDict

    from verifier.protocol.encoding import JsonValue
    from verifier.verdict import Verdict
    from verifier.web.ports import Checker, EvidencePartsSource

MAX_FORM_SIZE = 64 * 1024 * 1024
# The parser holds a photo's bytes to it as well: a piece of 64 KiB, and what it kept of the one before (the
# beginning of a header, or what may be that of a boundary).
_MAX_FIELDS_SIZE = (64 + 4) * 1024
_OTHER_FIELDS = 8
# Nothing shows that the thing in the hand is the product that the maker describes.
_WITHOUT_PRODUCT = frozenset({Status.MALFORMED, Status.COUNTERFEIT, Status.NOT_LOGGED})


class _Hasher(io.RawIOBase):
    """Takes the bytes of one photo and keeps their digest and their number."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: Any) -> int:
        self.size += len(data)
        if self.size > MAX_PHOTO_SIZE:
            raise TooLarge("photo_too_large", f"A photo has at most {MAX_PHOTO_SIZE // 2**20} MiB: choose smaller.")
        self.digest.update(data)
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0  # the form's parser winds back before it hands out a file

    def to_photo(self) -> Photo:
        return Photo(self.digest.hexdigest(), self.size)


def make_evidence_blueprint(checker: Checker, source: EvidencePartsSource) -> Blueprint:
    """One route; the answer is a file to be saved."""
    pages = Blueprint("evidence", __name__)

    @pages.post("/check/evidence")
    def save() -> Response:
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise Forbidden("Evidence is saved from the check page itself, not from another site.")
        form, photos = _read_form()
        code = form.get("code", "")
        additions = make_additions(form.get("listing_url", ""), form.get("note", ""), photos)
        verdict = checker.check(code)
        shown = Shown("server", _reported(verdict), product=_product_name(checker, verdict))
        found = source.evidence_parts(code)
        data = make_bundle(code, found, shown, checked_at=verdict.checked_at, additions=additions)
        name = file_name(None if verdict.code is None else verdict.code.gtin, verdict.checked_at)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(data, mimetype="application/zip", headers=headers)

    return pages


def _read_form() -> tuple[MultiDict[str, str], tuple[Photo, ...]]:
    """The fields and what is kept of the photos. Raises Malformed, TooLarge, UnsupportedMediaType."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("Send the form as multipart/form-data.")
    hashers: list[_Hasher] = []

    def receive(*_: object, **__: object) -> Any:
        if len(hashers) > MAX_PHOTOS:  # an empty choice counts as one file
            raise Malformed("too_many_photos", f"At most {MAX_PHOTOS} photos: choose fewer.")
        hashers.append(_Hasher())
        return hashers[-1]

    parser = FormDataParser(
        stream_factory=receive,
        max_form_memory_size=_MAX_FIELDS_SIZE,
        max_content_length=MAX_FORM_SIZE,
        max_form_parts=MAX_PHOTOS + _OTHER_FIELDS,
        silent=False,
    )
    try:
        _, form, files = parser.parse_from_environ(request.environ)
    except ValueError as error:
        raise Malformed("bad_form", "The form's body is not well formed.") from error
    chosen: list[FileStorage] = files.getlist("photos")
    photos = [file.stream.to_photo() for file in chosen]  # type: ignore[attr-defined]
    return form, tuple(photo for photo in photos if photo.size)


def _reported(verdict: Verdict) -> dict[str, JsonValue]:
    value: dict[str, JsonValue] = {"reason": verdict.reason, "status": verdict.status.value}
    if verdict.suspicion is not None:
        facts = verdict.suspicion.facts.to_json()
        value["suspicion"] = {"facts": facts, "reason": verdict.suspicion.reason}
    return value


def _product_name(checker: Checker, verdict: Verdict) -> str:
    if verdict.code is None or verdict.status in _WITHOUT_PRODUCT:
        return ""
    product = checker.find_product(verdict.code.gtin)
    return "" if product is None else show_product(product, current_language()).name
