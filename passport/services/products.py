# SPDX-License-Identifier: Apache-2.0
"""`passport product publish`: a product file becomes a signed passport document, stored and logged. W3C
VC-JOSE-COSE."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256

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
    """The exact bytes, their SHA-256 (hex), and where the ledger says so."""

    document: bytes
    digest: str
    index: int


def sign_passport(product: Product, publisher: Publisher, author: Author) -> bytes:
    """The passport as vc+jwt: JWS in compact form, EdDSA, header alg, cty, kid, typ and nothing else."""
    key = author.signer.public_key
    payload = encode_passport(make_passport(product, publisher))
    signed = f"{encode_part(make_header(publisher.key_url(key.key_id)))}.{encode_part(payload)}".encode()
    signature = base64.urlsafe_b64encode(author.signer.sign(signed)).rstrip(b"=")
    return signed + b"." + signature


def publish_product(product: Product, registry: Registry, author: Author) -> PublishedProduct:
    """Sign, store, log. Stored first: a crash in between leaves bytes that nothing names, never a name without bytes.

    The same file gives the same document, so a second run stores nothing new; it logs the digest once more, which says
    the same again. Raises RegistryRefused, RegistryUnavailable.
    """
    issuer = get_maker(registry, author.issuer, author.signer.public_key, product.gtin)
    info = registry.registry()
    document = sign_passport(product, Publisher(issuer, info.host), author)
    digest = sha256(document).hexdigest()
    registry.put_document(digest, document)
    statement = ProductPublished(
        header=Header(info.origin, author.issuer, author.now),
        gtin=product.gtin,
        digest=digest,
        media_type=PASSPORT_MEDIA_TYPE,
    )
    return PublishedProduct(document, digest, log_statement(registry, author, statement).index)
