# SPDX-License-Identifier: Apache-2.0
"""Product files and the passports made of them: valid by the published schema, verified by an ordinary JOSE library."""

from __future__ import annotations

import base64
import importlib
import json
import os
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from passport.domain.input_files import load_input, parse_input
from passport.domain.maker_errors import BadInput, RegistryRefused, RegistryUnavailable
from passport.domain.organisation import parse_organisation
from passport.domain.product_file import Product, parse_number, parse_product
from passport.domain.recall_file import parse_recall_draft
from passport.domain.registry_values import IssuerInfo
from passport.domain.untp import Publisher, make_passport
from passport.services.keys import Author
from passport.services.products import publish_product, sign_passport
from tests.issuing.kit import MAKER, Workshop
from tests.support.makers import HOST, SigningKey, both
from tests.support.memory_registry import NOW
from tests.support.registry_process import ROOT
from verifier.passport_document import parse_passport_document
from verifier.product_view import make_product_view
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Text
from verifier.protocol.statements import Header, parse_entry
from verifier.protocol.statements.products import ProductPublished

EXAMPLES = ROOT / "examples"
PRODUCTS = sorted((EXAMPLES / "products").glob("*"))
CONFORMANCE = Path(os.environ.get("PASSPORT_CONFORMANCE") or ROOT.parent / "shared" / "conformance")
SCHEMA = CONFORMANCE / "untp-0.7.0" / "DigitalProductPassport.json"
AUTHOR = Author(MAKER.id, MAKER.key, NOW)


def publisher(host: str = HOST) -> Publisher:
    issuer = IssuerInfo(MAKER.id, both("Maker"), "91440300MA5EXAM142", ("manufacturer",), MAKER.prefixes, (), 0)
    return Publisher(issuer, host)


def load(path: Path) -> Product:
    return parse_input(path, parse_product)


def test_there_are_four_example_products_and_their_makers() -> None:
    makers = {path.stem for path in (EXAMPLES / "makers").glob("*")}
    assert {path.stem for path in PRODUCTS} == makers - {"authority", "laboratory"}
    assert len(PRODUCTS) == 4


@pytest.mark.parametrize("path", sorted((EXAMPLES / "makers").glob("*")), ids=lambda path: path.stem)
def test_an_example_maker_may_speak_for_its_example_product(path: Path) -> None:
    organisation = parse_input(path, parse_organisation)
    assert "示例" in organisation.name.zh
    assert "Example" in organisation.name.en
    if organisation.prefixes:
        gtin = load(EXAMPLES / "products" / f"{path.stem}.json").gtin
        assert gtin.startswith(organisation.prefixes[0], 1)


def test_the_example_recall_is_about_the_example_power_bank() -> None:
    draft = parse_input(EXAMPLES / "recall-power-bank.toml", parse_recall_draft)
    assert {entry.gtin for entry in draft.notice.scope} == {load(EXAMPLES / "products" / "power-bank.json").gtin}


@pytest.mark.skipif(not SCHEMA.exists(), reason=f"the published UNTP schemas are not at {CONFORMANCE}")
@pytest.mark.parametrize("path", PRODUCTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("host", [HOST, "127.0.0.1:8080"])
def test_the_passport_is_valid_by_the_published_schema(path: Path, host: str) -> None:
    jsonschema = importlib.import_module("jsonschema")
    checker = jsonschema.FormatChecker()
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()), format_checker=checker)
    assert [error.message for error in validator.iter_errors(make_passport(load(path), publisher(host)))] == []


@pytest.mark.skipif(not SCHEMA.exists(), reason=f"the published UNTP schemas are not at {CONFORMANCE}")
def test_the_schema_test_can_fail() -> None:
    jsonschema = importlib.import_module("jsonschema")
    passport = make_passport(load(PRODUCTS[0]), publisher())
    del passport["credentialSubject"]["idGranularity"]
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    assert list(validator.iter_errors(passport))


@pytest.mark.parametrize("path", PRODUCTS, ids=lambda path: path.stem)
def test_the_document_verifies_with_an_ordinary_jose_library(path: Path) -> None:
    jws = importlib.import_module("joserfc.jws")
    jwk = importlib.import_module("joserfc.jwk")
    document = sign_passport(load(path), publisher(), AUTHOR)
    x = base64.urlsafe_b64encode(MAKER.key.public_key.raw).rstrip(b"=").decode()
    key = jwk.OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})
    found = jws.deserialize_compact(document, key, algorithms=["EdDSA"])
    expected = {"alg": "EdDSA", "cty": "vc", "kid": f"did:web:{HOST}:issuers:maker#{MAKER.key.key_id}", "typ": "vc+jwt"}
    assert found.headers() == expected
    assert json.loads(found.payload) == make_passport(load(path), publisher())
    x = base64.urlsafe_b64encode(SigningKey("other").public_key.raw).rstrip(b"=").decode()
    with pytest.raises(Exception, match="bad_signature"):
        jws.deserialize_compact(document, jwk.OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x}), ["EdDSA"])


def test_a_port_is_encoded_in_the_did() -> None:
    assert publisher("127.0.0.1:8080").did == "did:web:127.0.0.1%3A8080:issuers:maker"


@pytest.mark.parametrize("path", PRODUCTS, ids=lambda path: path.stem)
def test_status_is_never_in_the_document(path: Path) -> None:
    text = json.dumps(make_passport(load(path), publisher())).lower()
    for word in ("credentialstatus", "statuslist", "revocation", "recall", "suspension"):
        assert word not in text


def test_the_same_file_gives_the_same_document_and_a_changed_one_another_name(tmp_path: Path) -> None:
    value = load_input(PRODUCTS[0])
    assert isinstance(value, dict)
    assert sign_passport(parse_product(value), publisher(), AUTHOR) == sign_passport(
        parse_product(deepcopy(value)), publisher(), AUTHOR
    )
    changed = make_passport(parse_product(value | {"model": "X-1"}), publisher())
    assert changed["id"] != make_passport(parse_product(value), publisher())["id"]


def test_a_published_product_is_stored_before_it_is_logged(workshop: Workshop) -> None:
    published = publish_product(load(EXAMPLES / "products" / "power-bank.json"), workshop.registry, AUTHOR)
    assert workshop.registry.calls[-3:] == ["find_product", "put_document", "submit"]
    assert workshop.registry.documents[published.digest] == published.document
    statement = parse_entry(workshop.registry.entries[published.index]).statement
    assert isinstance(statement, ProductPublished)
    assert (statement.digest, statement.gtin) == (published.digest, "06901234567892")


def test_each_publication_bears_the_next_revision(workshop: Workshop) -> None:
    product = load(EXAMPLES / "products" / "power-bank.json")
    published = [publish_product(product, workshop.registry, AUTHOR) for _ in range(3)]
    assert [one.revision for one in published] == [0, 1, 2]
    assert len({one.digest for one in published}) == 1, "the same file, the same document"
    assert workshop.registry.state.products[product.gtin].index == published[-1].index
    assert not workshop.registry.state.disregarded


def test_who_published_meanwhile_is_not_overruled_and_the_message_says_so(workshop: Workshop) -> None:
    product = load(EXAMPLES / "products" / "power-bank.json")
    publish_product(product, workshop.registry, AUTHOR)

    def interfere(name: str) -> None:
        if name == "submit":
            workshop.registry.before_call = lambda name: None
            header = Header(workshop.registry.registry().origin, MAKER.id, NOW)
            colleagues = ProductPublished(header, product.gtin, "cd" * 32, "application/vc+jwt", 1)
            workshop.registry.log(colleagues, MAKER.key)

    workshop.registry.before_call = interfere
    with pytest.raises(RegistryRefused) as caught:
        publish_product(product, workshop.registry, AUTHOR)
    assert caught.value.code == "wrong_revision"
    assert "somebody else published with a key of maker meanwhile" in str(caught.value)
    assert "run the same command again" in str(caught.value)
    assert workshop.registry.state.products[product.gtin].digest == "cd" * 32
    assert publish_product(product, workshop.registry, AUTHOR).revision == 2


def test_a_run_whose_answer_was_lost_is_run_again_as_the_next_revision(workshop: Workshop) -> None:
    product = load(EXAMPLES / "products" / "power-bank.json")
    workshop.registry.fail_at, workshop.registry.fail_late = len(workshop.registry.calls) + 4, True
    with pytest.raises(RegistryUnavailable):
        publish_product(product, workshop.registry, AUTHOR)
    assert workshop.registry.calls[-1] == "submit"
    again = publish_product(product, workshop.registry, AUTHOR)
    assert (again.revision, workshop.registry.state.products[product.gtin].digest) == (1, again.digest)


def test_a_product_under_a_foreign_prefix_is_refused_before_it_is_signed(workshop: Workshop) -> None:
    with pytest.raises(RegistryRefused) as caught:
        publish_product(load(EXAMPLES / "products" / "down-jacket.json"), workshop.registry, AUTHOR)
    assert caught.value.code == "prefix_not_yours"
    assert not workshop.registry.documents


@pytest.mark.parametrize("path", PRODUCTS, ids=lambda path: path.stem)
def test_the_pages_find_name_facts_and_standards_in_the_document(path: Path) -> None:
    product = load(path)
    payload = parse_passport_document(sign_passport(product, publisher(), AUTHOR)).payload
    view = make_product_view(product.gtin, payload)
    assert (view.name, view.model, view.description) == (product.name.zh, product.model, product.description.zh)
    assert {claim.standard for claim in product.claims} <= {number for _, number in view.certificates}
    assert len(view.facts) + ("cccCertificateNumber" in dict(product.characteristics)) == len(product.characteristics)


@pytest.mark.parametrize("path", PRODUCTS, ids=lambda path: path.stem)
def test_the_example_products_are_described_in_both_languages(path: Path) -> None:
    payload = parse_passport_document(sign_passport(load(path), publisher(), AUTHOR)).payload
    view = make_product_view("06901234567892", payload)
    shown = [value for _, value in view.facts] + [name for name, _ in view.certificates]
    in_english = [value.en if isinstance(value, Text) else value for value in shown]
    assert [value for value in in_english if re.search("[\u4e00-\u9fff]", value)] == []
    assert any(isinstance(value, Text) for value in shown)


def _changed(change: dict[str, Any]) -> Any:
    value = load_input(EXAMPLES / "products" / "power-bank.json")
    assert isinstance(value, dict)
    return {name: item for name, item in (value | change).items() if item is not ...}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"gtin": "6901234567893"}, "bad_gtin"),
        ({"name": {"zh": "只有中文"}}, "missing_member"),
        ({"facility": {"gln": "6901234000017", "name": "x"}}, "bad_gln"),
        ({"surprise": "x"}, "unknown_member"),
        ({"model": ...}, "missing_member"),
        ({"country": "China"}, "bad_country"),
        ({"valid_until": "2026-03-01"}, "bad_validity"),
        ({"categories": []}, "wrong_length"),
        ({"characteristics": {"Bad name": "x"}}, "bad_name"),
        ({"characteristics": {"type": "x"}}, "bad_name"),
        ({"characteristics": {"grade": {"zh": "一级"}}}, "missing_member"),
        ({"characteristics": {"grade": {"zh": "一级", "en": 1}}}, "wrong_type"),
        ({"characteristics": {"weight": {"value": "1.50", "unit": "KGM"}}}, "bad_number"),
        ({"characteristics": {"weight": {"value": "1.5", "unit": "kg"}}}, "bad_unit"),
        ({"materials": [{"name": "a", "origin": "CN", "mass_fraction": "1.1"}]}, "bad_mass_fraction"),
        ({"materials": [{"name": name, "origin": "CN", "mass_fraction": "0.6"} for name in "ab"]}, "bad_mass_fraction"),
        ({"documents": [{"name": "x", "url": "http://plain.example"}]}, "bad_url"),
    ],
)
def test_a_bad_product_file_is_refused_by_name_of_the_fault(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_product(_changed(change))
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["1.0", "01", "+1", "1e3", "٣", " 1", "", "-0", ".5", "1.1234567", "NaN"])
def test_a_number_has_one_spelling(text: str) -> None:
    with pytest.raises(Malformed):
        parse_number(text)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.json", b"{", "bad_json"),
        ("a.json", b'{"a":1,"a":2}', "bad_json"),
        ("a.json", b'{"a":1.5}', "number_not_whole"),
        ("a.json", b'{"a":NaN}', "bad_json"),
        ("a.json", b'{"a":null}', "wrong_type"),
        ("a.json", b'"\\ud800"', "bad_text"),
        ("a.json", b"\xff", "not_utf8"),
        ("a.json", b"[" * 100_000, "too_deep"),
        ("a.toml", b"a = ", "bad_toml"),
        ("a.toml", b"a = 1.5", "number_not_whole"),
        ("a.toml", b"a = 2026-03-01T00:00:00Z", "bad_date"),
        ("missing.toml", None, "file_missing"),
        ("big.json", b" " * (1 << 20) + b"{}", "file_too_large"),
    ],
)
def test_an_input_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, data: bytes | None, code: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput) as caught:
        load_input(tmp_path / name)
    assert caught.value.code == code
    assert name in str(caught.value)
