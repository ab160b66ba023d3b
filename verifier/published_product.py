# SPDX-License-Identifier: Apache-2.0
"""A published passport as pages may show it: only if its bytes have the logged digest and the maker's signature."""

from __future__ import annotations

from hashlib import sha256

from verifier.passport_document import find_subject_gtin, parse_passport_document, verify_passport_document
from verifier.product_view import ProductView, make_product_view
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.trust import Issuer


def read_published_product(gtin: str, digest: str, data: bytes, issuer: Issuer) -> ProductView:
    """What is shown of the product. `digest` is the logged one, `issuer` the one who may speak for the GTIN.

    Raises Malformed and DoesNotHold. The GTIN is looked at too: anybody can log anybody's digest.
    """
    if sha256(data).hexdigest() != digest:
        raise DoesNotHold("digest_differs", "the passport's bytes have another digest than the one that was logged")
    document = parse_passport_document(data)
    key = issuer.find_key(document.key_id)
    if key is None:
        raise DoesNotHold("unknown_key", f"the passport's key is not one of the maker of GTIN {gtin}")
    if find_subject_gtin(document.subject) != gtin:
        raise Malformed("bad_subject", f"the passport is of another product than GTIN {gtin}")
    verify_passport_document(document, key.public_key)
    return make_product_view(gtin, document.payload, document_url=f"/documents/{digest}")
