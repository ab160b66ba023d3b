# SPDX-License-Identifier: Apache-2.0
"""A product as a UN/CEFACT UNTP 0.7.0 DigitalProductPassport at model level (W3C Verifiable Credentials 2.0).

No status stands in it: what is recalled or revoked is told by the ledger, at the time of asking. `localName` and
`localDescription` hold both languages, where UNTP has one string; its contexts take such members (@vocab).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from passport.domain.product_file import Claim, Material, Measure, Product
from passport.domain.registry_values import IssuerInfo
from verifier.protocol.fields import Text

CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://vocabulary.uncefact.org/untp/0.7.0/context/")

_GTIN_SCHEME = {"type": ["IdentifierScheme"], "id": "https://id.gs1.org/01/", "name": "GTIN"}
_STANDARDS = "https://std.samr.gov.cn/search/std?q="
_CPC = ("https://unstats.un.org/unsd/classifications/Econ/cpc/", "UN CPC")
_SOFTWARE_NAMESPACE = uuid.UUID(
    "6f1a3a0e-6f0b-5d43-9d0b-3d1f5d9a7c52"
)  # random, fixed: names made from content live in it

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who says it: an admitted issuer, seen from the host under which the registry shows it."""

    issuer: IssuerInfo
    host: str

    @property
    def did(self) -> str:
        """did:web, whose colon before a port is percent-encoded."""
        return f"did:web:{self.host.lower().replace(':', '%3A')}:issuers:{self.issuer.id}"

    def key_url(self, key_id: str) -> str:
        """The DID URL of one of its keys."""
        return f"{self.did}#{key_id}"


def make_passport(product: Product, publisher: Publisher) -> Json:
    """The credential, without its signature. The same product and publisher give the same document."""
    subject = _subject(product, publisher)
    credential: Json = {
        "type": ["DigitalProductPassport", "VerifiableCredential"],
        "@context": list(CONTEXTS),
        "id": "",
        "issuer": _issuer(publisher),
        "validFrom": f"{product.valid_from.isoformat()}T00:00:00Z",
        "name": f"{product.name.zh} 产品数字护照",
        "credentialSubject": subject,
    }
    if product.valid_until is not None:
        credential["validUntil"] = f"{product.valid_until.isoformat()}T00:00:00Z"
    # Named after its content: who publishes one file twice says the same thing twice, not two things.
    content = json.dumps(credential, sort_keys=True, ensure_ascii=False)
    credential["id"] = uuid.uuid5(_SOFTWARE_NAMESPACE, content).urn
    return credential


def encode_passport(credential: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: compact JSON in UTF-8."""
    return json.dumps(credential, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _issuer(publisher: Publisher) -> Json:
    issuer = publisher.issuer
    return {
        "type": ["CredentialIssuer"],
        "id": publisher.did,
        "name": issuer.name.zh,
        "localName": _both(issuer.name),
        "issuerAlsoKnownAs": [_party(publisher)],
    }


def _party(publisher: Publisher) -> Json:
    issuer = publisher.issuer
    return {
        "type": ["Party"],
        "id": f"https://{publisher.host.lower()}/api/v1/issuers/{issuer.id}",
        "name": issuer.name.zh,
        "registeredId": issuer.uscc,
        "idScheme": {
            "type": ["IdentifierScheme"],
            "id": _standard_url("GB 32100-2015"),
            "name": "统一社会信用代码 (GB 32100-2015)",
        },
    }


def _subject(product: Product, publisher: Publisher) -> Json:
    link = f"https://{publisher.host.lower()}/01/{product.gtin}"
    subject: Json = {
        "type": ["Product"],
        "id": link,
        "name": product.name.zh,
        "localName": _both(product.name),
        "description": product.description.zh,
        "localDescription": _both(product.description),
        "idScheme": _GTIN_SCHEME,
        "modelNumber": product.model,
        "idGranularity": "model",
        "productCategory": [
            {"code": item.code, "name": item.name, "schemeId": item.scheme_id, "schemeName": item.scheme_name}
            for item in product.categories
        ],
        "characteristics": {"type": ["Characteristics"]}
        | {name: _characteristic(value) for name, value in product.characteristics},
        "relatedParty": [{"role": "manufacturer", "party": _party(publisher)}],
        "producedAtFacility": {
            "type": ["Facility"],
            "id": f"https://id.gs1.org/414/{product.facility.gln}",
            "name": product.facility.name,
            "registeredId": product.facility.gln,
        },
        "countryOfProduction": {"countryCode": product.country},
    }
    if product.dimensions:
        subject["dimensions"] = {name: _measure(measure) for name, measure in product.dimensions}
    if product.materials:
        subject["materialProvenance"] = [_material(item) for item in product.materials]
    if product.claims:
        subject["performanceClaim"] = [_claim(item, link) for item in product.claims]
    if product.documents:
        subject["relatedDocument"] = [
            {"linkURL": item.url, "linkName": item.name} | ({"mediaType": item.media_type} if item.media_type else {})
            for item in product.documents
        ]
    return subject


def _characteristic(value: str | Text | Measure) -> Json | str:
    match value:
        case Text():
            return _both(value)
        case Measure():
            return _measure(value)
    return value


def _material(material: Material) -> Json:
    scheme_id, scheme_name = _CPC
    kind = {
        "code": material.code or "00000",
        "name": material.name,
        "schemeId": scheme_id,
        "schemeName": scheme_name,
    }
    return {
        "name": material.name,
        "originCountry": {"countryCode": material.origin},
        "materialType": kind,
        "massFraction": _number(material.mass_fraction),
        "hazardous": material.is_hazardous,
    }


def _claim(claim: Claim, link: str) -> Json:
    standard = {"id": _standard_url(claim.standard), "name": claim.standard}
    name = claim.name if isinstance(claim.name, str) else claim.name.zh
    performance: Json = {"metric": {"type": ["PerformanceMetric"], "id": f"{link}#metric-{claim.id}", "name": name}}
    match claim.performance:
        case Measure() as measure:
            performance["measure"] = _measure(measure)
        case result:
            performance["score"] = {"code": result}
    value: Json = {
        "type": ["Claim"],
        "id": f"{link}#claim-{claim.id}",
        "name": name,
        "referenceCriteria": [{"type": ["Criterion"]} | standard],
        "referenceStandard": [{"type": ["Standard"]} | standard],
        "claimDate": claim.claimed_on.isoformat(),
        "claimedPerformance": [performance],
        "conformityTopic": [{"type": ["ConformityTopic"], "id": f"{link}#topic-{claim.topic}", "name": claim.topic}],
    }
    if claim.evidence:
        value["evidence"] = [{"linkURL": claim.evidence, "linkName": name}]
    if isinstance(claim.name, Text):
        value["localName"] = _both(claim.name)
    return value


def _standard_url(name: str) -> str:
    """Where a Chinese standard is found by its number."""
    return _STANDARDS + quote(name, safe="")


def _measure(measure: Measure) -> Json:
    return {"value": _number(measure.value), "unit": measure.unit}


def _number(value: Decimal) -> int | float:
    # The schema demands numbers here. The bytes are signed as they stand, so no reader need spell them again.
    return int(value) if value == value.to_integral_value() else float(value)


def _both(text: Text) -> Json:
    return {"en": text.en, "zh": text.zh}
