# SPDX-License-Identifier: Apache-2.0
"""What pages show of a maker's passport: plain text, bounded, whatever shape the document has."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.product_view import LABELS, UNITS, ProductView, find_certificate_names, make_product_view
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Text
from verifier.protocol.statements.certificates import parse_certificate_number, parse_scheme

GTIN = "06901234000016"


def view(subject: Any, issuer: Any = None) -> ProductView:
    return make_product_view(GTIN, {"credentialSubject": subject, "issuer": issuer}, document_url="/documents/ab")


def test_a_passport_in_the_expected_shape_is_shown_in_the_makers_order() -> None:
    shown = view(
        {
            "name": "移动电源",
            "modelNumber": "PB-10",
            "description": "10000 mAh",
            "characteristics": {
                "type": "Characteristics",
                "ratedEnergy": {"value": 37, "unit": "WHR"},
                "cccCertificateNumber": "2024010907000001",
                "ratedCapacity": {"value": 10.5, "unit": "AMH"},
                "手感": "光滑",
            },
            "performanceClaim": [{"name": "安全", "referenceStandard": [{"name": "GB 4943.1"}]}],
        },
        {"name": "甲公司"},
    )
    assert shown == ProductView(
        gtin=GTIN,
        name="移动电源",
        maker="甲公司",
        model="PB-10",
        description="10000 mAh",
        facts=(
            (LABELS["ratedEnergy"], "37 Wh"),
            (LABELS["ratedCapacity"], "10.5 Ah"),
            (Text(zh="手感", en="手感"), "光滑"),
        ),
        certificates=(("CCC", "2024010907000001"), ("安全", "GB 4943.1")),
        document_url="/documents/ab",
    )


def test_a_product_without_a_name_is_called_by_its_gtin() -> None:
    assert view({}) == ProductView(GTIN, GTIN, "", document_url="/documents/ab")


@pytest.mark.parametrize("value", [None, [], {}, True, {"value": True, "unit": "KGM"}, {"value": 1}, {"unit": "KGM"}, ""])  # fmt: skip  # noqa: E501
def test_a_value_of_another_shape_is_left_out(value: Any) -> None:
    assert view({"characteristics": {"size": value, "grade": "A"}}).facts == ((LABELS["grade"], "A"),)


def test_an_unknown_unit_is_shown_as_it_stands() -> None:
    assert view({"characteristics": {"size": {"value": 3, "unit": "XYZ"}}}).facts[0][1] == "3 XYZ"
    assert UNITS["CEL"] == "°C"


def test_no_document_is_so_long_that_a_page_suffers() -> None:
    many = {f"c{number}": "x" * 10_000 for number in range(500)}
    shown = view({"name": "n" * 10_000, "description": "d" * 10_000, "characteristics": many})
    assert len(shown.facts) <= 40
    assert all(len(text) <= 300 for _, text in shown.facts)
    assert len(shown.name) <= 300 and len(shown.description or "") <= 300


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4) | st.sampled_from(["name", "value", "unit", "referenceStandard"]), inner)
    ),
    max_leaves=10,
)
NAMES = ["name", "characteristics", "performanceClaim", "modelNumber", "description"]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), JSON) | JSON, JSON)
def test_any_document_gives_a_view_of_texts(subject: Any, issuer: Any) -> None:
    shown = view(subject, issuer)
    texts = [shown.name, shown.maker, *(text for _, text in shown.facts), *(t for pair in shown.certificates for t in pair)]  # fmt: skip  # noqa: E501
    assert all(isinstance(text, str) for text in texts)
    assert shown.name


def names(characteristics: Any) -> list[tuple[str, str]]:
    return list(find_certificate_names({"credentialSubject": {"characteristics": characteristics}}))


@pytest.mark.parametrize(
    ("characteristics", "named"),
    [
        ({"cccCertificateNumber": "2026010914000001"}, [("CCC", "2026010914000001")]),
        ({"cccCertificateNumber": " cn 1，CN-2;cn－1 "}, [("CCC", "CN1"), ("CCC", "CN-2"), ("CCC", "CN-1")]),
        ({"organicCertificateNumber": ["A1", "A2"]}, [("ORGANIC", "A1"), ("ORGANIC", "A2")]),
        ({"cccCertificateNumber": {"zh": "A1", "en": "A1"}}, [("CCC", "A1")]),
        (
            {"certificateNumber": "中国有机产品　115OP 1500123、SC SC106"},
            [("中国有机产品", "115OP1500123"), ("SC", "SC106")],
        ),
        ([{"cccCertificateNumber": "A1"}, {"cqcCertificateNumber": "A1"}], [("CCC", "A1"), ("CQC", "A1")]),
        ({f"fact{n}": "x" for n in range(99)} | {"cccCertificateNumber": "A1"}, [("CCC", "A1")]),
        ({"cccCertificateNumber": None, "executiveStandard": "GB 1", "certificate": "A1"}, []),
        ({"cccCertificateNumber": ""}, []),
        (None, []),
    ],
)
def test_the_certificates_that_a_passport_names_are_found_in_the_spelling_of_their_statements(
    characteristics: Any, named: list[tuple[str, str]]
) -> None:
    assert names(characteristics) == named
    for scheme, number in named:
        assert (parse_scheme(scheme), parse_certificate_number(number)) == (scheme, number)


@pytest.mark.parametrize(
    "characteristics",
    [
        {"cccCertificateNumber": 2026010914000001},
        {"cccCertificateNumber": {"value": 1, "unit": "P1"}},
        {"cccCertificateNumber": [["A1"]]},
        {"cccCertificateNumber": "A1\u200b"},
        {"cccCertificateNumber": "A" * 65},
        {"cccCertificateNumber": "A1 (see <leaflet>)"},
        {"CertificateNumber": "A1"},
        {"certificateNumber": "A1"},
        {"a?CertificateNumber": "A1"},
    ],
)
def test_a_certificate_that_cannot_be_read_is_named_so_that_no_statement_has_it(characteristics: Any) -> None:
    """Left out, it would not be looked for, and a product with a revoked certificate would pass."""
    ((scheme, number),) = names(characteristics)
    with pytest.raises(Malformed):
        _ = parse_scheme(scheme), parse_certificate_number(number)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["credentialSubject", "characteristics", "cccCertificateNumber", "certificateNumber", "zh", "en"]), inner, max_size=4)))  # fmt: skip  # noqa: E501
def test_certificates_are_looked_for_in_a_passport_of_any_shape(value: Any) -> None:
    passport = value if isinstance(value, dict) else {"credentialSubject": value}
    assert all(isinstance(part, str) and len(part) <= 300 for name in find_certificate_names(passport) for part in name)


def test_a_page_shows_every_characteristic_that_holds_a_number_as_a_certificate() -> None:
    shown = view({"characteristics": {"cccCertificateNumber": "A1", "organicCertificateNumber": "B 2"}})
    assert shown.certificates == (("CCC", "A1"), ("ORGANIC", "B 2"))
    assert shown.facts == ()
