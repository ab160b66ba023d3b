# SPDX-License-Identifier: Apache-2.0
"""`passport product publish`: a product file becomes a signed passport document, stored and logged. W3C
VC-JOSE-COSE."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256

from passport.domain.maker_errors import RegistryRefused
from passport.domain.product_file import Product
from passport.domain.untp import Publisher, encode_passport, make_passport
from passport.services.keys import Author, log_statement
from passport.services.maker_ports import Registry
from passport.services.signing_in import get_maker
from verifier.passport_document import encode_part, make_header
from verifier.protocol.statements import Header
from verifier.protocol.statements.products import PASSPORT_MEDIA_TYPE, ProductPublished


@dataclass(frozen=True, slots=True)
class PublishedProduct:
    """The exact bytes, their SHA-256 (hex), where the ledger says so, and which revision of the passport this is."""

    document: bytes
    digest: str
    index: int
    revision: int


def sign_passport(product: Product, publisher: Publisher, author: Author) -> bytes:
    """The passport as vc+jwt: JWS in compact form, EdDSA, header alg, cty, kid, typ and nothing else."""
    key = author.signer.public_key
    payload = encode_passport(make_passport(product, publisher))
    signed = f"{encode_part(make_header(publisher.key_url(key.key_id)))}.{encode_part(payload)}".encode()
    signature = base64.urlsafe_b64encode(author.signer.sign(signed)).rstrip(b"=")
    return signed + b"." + signature


def publish_product(product: Product, registry: Registry, author: Author) -> PublishedProduct:
    """Sign, store, log. Stored first: a crash in between leaves bytes that nothing names, never a name without bytes.

    The same file gives the same document, so a second run stores nothing new; it logs the digest once more, as the next
    revision, which says the same again. Raises RegistryRefused, RegistryUnavailable; "wrong_revision" when somebody
    else with a key of this maker published in between, or when what was published last is not public yet.
    """
    issuer = get_maker(registry, author.issuer, author.signer.public_key, product.gtin)
    info = registry.registry()
    # Asked before the work, so that whoever publishes while this document is being made is not passed over.
    known = registry.find_product(author.issuer, product.gtin)
    revision = 0 if known is None else known.next_revision
    document = sign_passport(product, Publisher(issuer, info.host), author)
    digest = sha256(document).hexdigest()
    registry.put_document(digest, document)
    statement = ProductPublished(
        header=Header(info.origin, author.issuer, author.now),
        gtin=product.gtin,
        digest=digest,
        media_type=PASSPORT_MEDIA_TYPE,
        revision=revision,
    )
    return PublishedProduct(document, digest, _log(registry, author, statement), revision)


def _log(registry: Registry, author: Author, statement: ProductPublished) -> int:
    try:
        return log_statement(registry, author, statement).index
    except RegistryRefused as error:
        if error.code != "wrong_revision":
            raise
        raise RegistryRefused(
            error.code,
            f"Revision {statement.revision} of the passport of GTIN {statement.gtin} exists already: somebody else "
            f"published with a key of {author.issuer} meanwhile, or it is not public yet. Nothing was logged. "
            f"Look at what is published, then run the same command again. {error}",
            error.status,
        ) from error
