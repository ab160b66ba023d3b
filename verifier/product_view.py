# SPDX-License-Identifier: Apache-2.0
"""What the pages show of a product, taken from its signed passport (UNTP 0.7.0 DigitalProductPassport).

Everything in a passport is the maker's own word. Values are shown as text; whatever has another shape than expected is
left out rather than guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from verifier.protocol.fields import Text
from verifier.protocol.statements.certificates import spell_certificate_name

_MAX_FACTS = 40
_MAX_TEXT = 300

# Labels of characteristics that the example categories use. Others are shown under their own name.
LABELS: dict[str, Text] = {
    "ratedCapacity": Text(zh="额定容量", en="Rated capacity"),
    "ratedEnergy": Text(zh="额定能量", en="Rated energy"),
    "effectiveOutputCapacity": Text(zh="有效输出容量", en="Effective output capacity"),
    "inputRating": Text(zh="输入", en="Input"),
    "outputRating": Text(zh="输出", en="Output"),
    "cellChemistry": Text(zh="电芯类型", en="Cell chemistry"),
    "cellManufacturer": Text(zh="电芯厂商", en="Cell maker"),
    "cellModel": Text(zh="电芯型号", en="Cell model"),
    "recommendedSafeServiceLife": Text(zh="推荐安全使用年限", en="Recommended safe service life"),
    "cccCertificateNumber": Text(zh="CCC 证书编号", en="CCC certificate number"),
    "fillingMaterial": Text(zh="填充物", en="Filling"),
    "downContent": Text(zh="绒子含量", en="Down content"),
    "fillingWeight": Text(zh="充绒量", en="Filling weight"),
    "shellFabric": Text(zh="面料", en="Shell fabric"),
    "liningFabric": Text(zh="里料", en="Lining"),
    "safetyCategory": Text(zh="安全类别", en="Safety category"),
    "fillPower": Text(zh="蓬松度", en="Fill power"),
    "size": Text(zh="规格", en="Size"),
    "executiveStandard": Text(zh="执行标准", en="Standard"),
    "formaldehydeEmission": Text(zh="甲醛释放量", en="Formaldehyde emission"),
    "formaldehydeGrade": Text(zh="甲醛释放等级", en="Formaldehyde grade"),
    "boardType": Text(zh="板材类型", en="Board type"),
    "thickness": Text(zh="厚度", en="Thickness"),
    "seleniumContent": Text(zh="硒含量", en="Selenium content"),
    "grade": Text(zh="等级", en="Grade"),
    "variety": Text(zh="品种", en="Variety"),
    "shelfLife": Text(zh="保质期", en="Shelf life"),
    "netContent": Text(zh="净含量", en="Net content"),
    "storage": Text(zh="贮存条件", en="Storage"),
    "residualFatContent": Text(zh="残脂率", en="Residual fat"),
    "careInstructions": Text(zh="洗涤标识", en="Care labels"),
    "originPlace": Text(zh="产地", en="Origin"),
    "foodProductionLicence": Text(zh="食品生产许可证编号", en="Food production licence"),
    "cadmium": Text(zh="镉", en="Cadmium"),
    "density": Text(zh="密度", en="Density"),
}

# UNECE Recommendation 20 unit codes, as people write them.
UNITS: dict[str, str | Text] = {
    "AMH": "Ah",
    "WHR": "Wh",
    "E09": "mAh",
    "ANN": Text(zh="年", en="years"),
    "KGM": "kg",
    "GRM": "g",
    "MMT": "mm",
    "CMT": "cm",
    "MTR": "m",
    "NA": "mg/kg",
    "GP": "mg/m³",
    "28": "kg/m³",
    "P1": "%",
    "MON": Text(zh="个月", en="months"),
    "DAY": Text(zh="天", en="days"),
    "CEL": "°C",
    "VLT": "V",
    "AMP": "A",
    "WTT": "W",
}

_NUMBER = "CertificateNumber"  # how a characteristic's name ends that holds numbers of certificates
_ANY_SCHEME = "certificateNumber"  # the one that holds the schemes as well: "SCHEME NUMBER"
_BETWEEN_NUMBERS = re.compile("[,;，；、]")


@dataclass(frozen=True, slots=True)
class ProductView:
    """What a maker says of a product.

    `facts` are label and value, `certificates` name and number or address, in the maker's order. `document_url` leads
    to the exact signed bytes; empty when they are not served here. What the passport says in Chinese and in English is
    a Text (members `localName`, `localDescription` and characteristics `{zh, en}`, which UNTP allows); what it says in
    one language is a string.
    """

    gtin: str
    name: str
    maker: str
    model: str | None = None
    description: str | None = None
    facts: tuple[tuple[Text, str | Text], ...] = ()
    certificates: tuple[tuple[str | Text, str], ...] = ()
    document_url: str = ""
    local_name: Text | None = None
    local_description: Text | None = None


def make_product_view(gtin: str, passport: dict[str, Any], *, document_url: str = "") -> ProductView:
    """Picks what is shown from a passport's payload. Never raises: a maker's document can have any shape inside."""
    subject = _object(passport.get("credentialSubject"))
    issuer = _object(passport.get("issuer"))
    characteristics = _object(subject.get("characteristics"))
    facts: list[tuple[Text, str | Text]] = []
    certificates: list[tuple[str | Text, str]] = []
    for name, value in list(characteristics.items())[:_MAX_FACTS]:
        text = _value_text(value)
        if name == "type" or not text:
            continue
        if name.endswith(_NUMBER) and isinstance(text, str):
            certificates.append((spell_certificate_name(name.removesuffix(_NUMBER))[:80], text))
        else:
            facts.append((LABELS.get(name, Text(zh=name[:80], en=name[:80])), text))
    for claim in _list(subject.get("performanceClaim"))[:_MAX_FACTS]:
        certificates.extend(_claim_standards(_object(claim)))
    return ProductView(
        gtin=gtin,
        name=_text(subject.get("name")) or gtin,
        maker=_text(issuer.get("name")),
        model=_text(subject.get("modelNumber")) or None,
        description=_text(subject.get("description")) or None,
        facts=tuple(facts),
        certificates=tuple(certificates),
        document_url=document_url,
        local_name=_both(subject.get("localName")),
        local_description=_both(subject.get("localDescription")),
    )


def find_certificate_names(passport: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Scheme and number of each certificate that a passport's payload names, as `certificate.status` spells them.

    `cccCertificateNumber: "2026, 2027"` names two of the scheme CCC; `certificateNumber: "SCHEME NUMBER"` one of any
    scheme. One whose scheme or number cannot be read is named all the same, in a spelling that no statement has: a
    certificate that is named must not be overlooked. Never raises.
    """
    found: dict[tuple[str, str], None] = {}
    for subject in _objects(passport.get("credentialSubject")):
        for characteristics in _objects(subject.get("characteristics")):
            for name, value in characteristics.items():
                if name != _ANY_SCHEME and not name.endswith(_NUMBER):
                    continue
                for text in _certificate_texts(value):
                    scheme, number = name.removesuffix(_NUMBER), text
                    if name == _ANY_SCHEME:
                        scheme, _, number = " ".join(text.split()).partition(" ")
                    named = (spell_certificate_name(scheme)[:_MAX_TEXT], spell_certificate_name(number)[:_MAX_TEXT])
                    found[named] = None
    return tuple(found)


def _certificate_texts(value: Any) -> Iterator[str]:
    """Each number in a value; an empty text for what has another shape than a text, texts, or `{zh, en}`."""
    if value is None:
        return
    if isinstance(value, dict):
        value = [value[language] for language in ("zh", "en") if language in value] or [{}]
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield from (part for part in _BETWEEN_NUMBERS.split(item) if part.strip())
        else:
            yield ""


def _claim_standards(claim: dict[str, Any]) -> list[tuple[str | Text, str]]:
    name = _both(claim.get("localName")) or _text(claim.get("name"))
    standards = _list(claim.get("referenceStandard")) or _list(claim.get("referenceCriteria"))
    return [(name, _text(_object(item).get("name"))) for item in standards[:5] if name]


def _value_text(value: Any) -> str | Text:
    if isinstance(value, dict):
        both = _both(value)
        if both is not None:
            return both
        number, code = value.get("value"), value.get("unit")
        if not _is_number(number) or not isinstance(code, str):
            return ""
        unit = UNITS.get(code, code)
        if isinstance(unit, Text):
            return Text(zh=f"{number} {unit.zh}"[:_MAX_TEXT], en=f"{number} {unit.en}"[:_MAX_TEXT])
        return f"{number} {unit}"[:_MAX_TEXT]
    return str(value)[:_MAX_TEXT] if _is_number(value) else _text(value)


def _both(value: Any) -> Text | None:
    zh, en = _text(_object(value).get("zh")), _text(_object(value).get("en"))
    return Text(zh=zh, en=en) if zh and en else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """The object, or those in the list."""
    yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value[:_MAX_TEXT] if isinstance(value, str) else ""
