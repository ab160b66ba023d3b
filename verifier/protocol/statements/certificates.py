# SPDX-License-Identifier: Apache-2.0
"""Statements about certificates: whether one is in force, by a laboratory or an authority. Issue 4, the gate."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from verifier.protocol.encoding import JsonValue, parse_hex
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields, Text, parse_date
from verifier.protocol.gs1 import parse_gtin14
from verifier.protocol.statements.header import Header, read_header

VALID = "valid"
CERTIFICATE_STATUSES = (VALID, "suspended", "revoked")
MAX_NAME = 64  # characters of a scheme or a number
MAX_GTINS = 256
MAX_URL = 500
MAX_REVISION = 10_000

# What certificates are called in China and elsewhere, without letters that exist in two cases or two widths.
_NAME = re.compile(r"[0-9A-Z\u4e00-\u9fff./()_:*#&+-]{1,64}")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_URL = re.compile(r"https://[!-~]+")


def parse_scheme(text: str) -> str:
    """What kind of certificate it is, such as CCC: 1–64 capitals, digits, ideographs and marks. Raises Malformed."""
    if _NAME.fullmatch(text) is None:
        raise Malformed("bad_scheme", f"a scheme is written in capitals and without spaces, not {text[:40]!r}")
    return text


def parse_certificate_number(text: str) -> str:
    """The number under its scheme, in the same alphabet. Raises Malformed."""
    if _NAME.fullmatch(text) is None:
        raise Malformed(
            "bad_certificate_number", f"a number is written in capitals and without spaces, not {text[:40]!r}"
        )
    return text


def spell_certificate_name(text: str) -> str:
    """A scheme or a number as people write it, in its one spelling: capitals, no spaces, nothing of double width, one
    kind of hyphen. What has no such spelling comes back in one that the parsers refuse."""
    return _DASHES.sub("-", "".join(unicodedata.normalize("NFKC", text).upper().split()))


def parse_document_url(text: str) -> str:
    """An https address in printable ASCII. Raises Malformed."""
    if _URL.fullmatch(text) is None:
        raise Malformed("bad_url", "a document's address starts with https:// and is printable ASCII")
    return text


@dataclass(frozen=True, slots=True)
class LinkedDocument:
    """A paper behind a statement: the SHA-256 of its exact bytes in hex, and where it can be fetched."""

    digest: str
    url: str

    def to_json(self) -> dict[str, JsonValue]:
        return {"digest": self.digest, "url": self.url}


def read_linked_document(fields: Fields) -> LinkedDocument:
    """Raises Malformed."""
    document = LinkedDocument(
        digest=parse_hex(fields.string("digest"), size=32).hex(),
        url=fields.parsed("url", parse_document_url, maximum=MAX_URL),
    )
    fields.done()
    return document


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """How a certificate stands now. It replaces all that was said of it before.

    `revision` is larger than that of the statement that it replaces: nobody can log an old one again as news.
    `gtins` empty: the certificate lists no products, for example a licence of a factory. Both dates are local calendar
    dates, the last one included. `reason` is there unless the status is valid, and may be there then.
    """

    type: ClassVar[str] = "certificate.status"
    header: Header
    scheme: str
    number: str
    revision: int
    gtins: tuple[str, ...]
    status: str
    valid_from: date
    valid_until: date
    reason: Text | None = None
    document: LinkedDocument | None = None

    def to_json(self) -> dict[str, JsonValue]:
        value = self.header.to_json(self.type) | {
            "gtins": list(self.gtins),
            "number": self.number,
            "revision": self.revision,
            "scheme": self.scheme,
            "status": self.status,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
        }
        if self.reason is not None:
            value["reason"] = self.reason.to_json()
        if self.document is not None:
            value["document"] = self.document.to_json()
        return value

    @classmethod
    def from_fields(cls, fields: Fields) -> CertificateStatus:
        status = fields.string("status")
        if status not in CERTIFICATE_STATUSES:
            raise Malformed(
                "unknown_certificate_status", f"a certificate's status is one of {', '.join(CERTIFICATE_STATUSES)}"
            )
        statement = cls(
            header=read_header(fields),
            scheme=fields.parsed("scheme", parse_scheme, maximum=MAX_NAME),
            number=fields.parsed("number", parse_certificate_number, maximum=MAX_NAME),
            revision=fields.integer("revision", maximum=MAX_REVISION),
            gtins=fields.sorted_strings("gtins", parse_gtin14, maximum=MAX_GTINS),
            status=status,
            valid_from=fields.parsed("valid_from", parse_date),
            valid_until=fields.parsed("valid_until", parse_date),
            reason=fields.text("reason", maximum=500) if status != VALID or fields.has("reason") else None,
            document=read_linked_document(fields.inner("document")) if fields.has("document") else None,
        )
        if statement.valid_until < statement.valid_from:
            raise Malformed("bad_validity", "valid_until lies before valid_from")
        return statement
