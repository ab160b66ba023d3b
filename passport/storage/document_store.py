# SPDX-License-Identifier: Apache-2.0
"""Signed documents by the SHA-256 of their exact bytes. What a `product.published` statement points to."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from passport.storage.schema import documents
from verifier.protocol.errors import DoesNotHold

if TYPE_CHECKING:
    from passport.storage.engine import Database


class DocumentStore:
    """One table of documents, never changed and never deleted. Raises StoreFailed when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, digest: bytes, gtin: str, media_type: str, data: bytes) -> None:
        """Store exact bytes under their digest (32 bytes). The same document again changes nothing.

        Raises DoesNotHold("digest_differs") if the bytes have another digest.
        """
        if sha256(data).digest() != digest:
            raise DoesNotHold("digest_differs", "The document does not have the digest that it was sent under.")
        with self._database.write() as connection:
            found = connection.execute(select(documents.c.digest).where(documents.c.digest == digest)).first()
            if found is None:
                row = {"digest": digest, "gtin": gtin, "media_type": media_type, "data": data}
                connection.execute(insert(documents), row)

    def get(self, digest: bytes) -> tuple[str, bytes] | None:
        """Read (media type, exact bytes). Raises DoesNotHold("document_damaged") if they no longer have that digest."""
        with self._database.read() as connection:
            row = connection.execute(
                select(documents.c.media_type, documents.c.data).where(documents.c.digest == digest)
            ).one_or_none()
        if row is None:
            return None
        data = bytes(row.data)
        if sha256(data).digest() != digest:
            raise DoesNotHold("document_damaged", f"The stored document {digest.hex()} no longer has that digest.")
        return row.media_type, data
