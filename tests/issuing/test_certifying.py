# SPDX-License-Identifier: Apache-2.0
"""Certificates and inspections as a laboratory logs them: files, services, and the command on a real registry."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from passport.cli import main
from passport.domain.assessment_files import (
    members_of,
    parse_certificate_draft,
    parse_inspection_draft,
    parse_inspection_revision,
)
from passport.domain.input_files import load_input, parse_input
from passport.domain.maker_errors import RegistryRefused
from passport.domain.product_file import parse_product
from passport.domain.registry_values import IssuerInfo
from passport.domain.untp import Publisher, make_passport
from passport.registry_client import RegistryClient
from passport.services.certifying import (
    get_certificate,
    get_inspection,
    name_products,
    publish_certificate,
    publish_inspection,
    with_status,
)
from passport.services.keys import Author
from passport.services.recalling import fold_ledger
from tests.issuing.kit import MAKER, Workshop
from tests.support.makers import HOST, SigningKey, both
from tests.support.memory_registry import NOW
from tests.support.registry_process import ROOT, RegistryProcess
from verifier.product_view import find_certificate_names
from verifier.protocol.errors import Malformed
from verifier.protocol.statements import parse_entry

EXAMPLES = ROOT / "examples"
CERTIFICATE, INSPECTION = EXAMPLES / "certificate-power-bank.toml", EXAMPLES / "inspection-power-bank.toml"
LAB = Author("lab", SigningKey("lab"), NOW)
POWER_BANK = "06901234567892"


def certificate(**changes: Any) -> Any:
    value = load_input(CERTIFICATE)
    assert isinstance(value, dict)
    return {name: item for name, item in (value | changes).items() if item is not None}


def inspection(**changes: Any) -> Any:
    value = load_input(INSPECTION)
    assert isinstance(value, dict)
    return {name: item for name, item in (value | changes).items() if item is not None}


@pytest.fixture
def town(workshop: Workshop) -> Workshop:
    """A registry that knows a maker and a laboratory."""
    workshop.registry.admit("lab", SigningKey("lab"), prefixes=(), roles=("laboratory",))
    return workshop


def test_the_example_certificate_is_the_one_that_the_example_passport_names() -> None:
    product = parse_input(EXAMPLES / "products" / "power-bank.json", parse_product)
    issuer = IssuerInfo("power", both("Power"), "91440300MA5EXAM142", ("manufacturer",), ("6901234",), (), 0)
    draft = parse_input(CERTIFICATE, parse_certificate_draft)
    assert find_certificate_names(make_passport(product, Publisher(issuer, HOST))) == ((draft.scheme, draft.number),)
    assert draft.gtins == (product.gtin,) == (parse_inspection_draft(inspection(), "lab").gtin,)


def test_a_file_is_read_as_people_write_it() -> None:
    draft = parse_certificate_draft(certificate(scheme="ccc", number="2026 0109", gtins=["6972345000127", POWER_BANK]))
    assert (draft.scheme, draft.number) == ("CCC", "20260109")
    assert draft.gtins == (POWER_BANK, "06972345000127"), "sorted"
    assert draft.status == "valid"
    report = parse_inspection_draft(inspection(lots=["L2", "L1", "L2"]), "lab")
    assert (report.inspection_id, report.revision, report.lots) == ("lab/2026-017", 0, ("L1", "L2"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": None}, "missing_member"),
        ({"valid_until": "2020-01-01"}, "bad_validity"),
        ({"status": "suspended"}, "missing_member"),
        ({"number": "<1>"}, "bad_certificate_number"),
        ({"gtins": ["6901234567890"]}, "bad_gtin"),
        ({"gtins": [1]}, "wrong_type"),
        ({"gtins": "6901234567892"}, "wrong_type"),
        ({"issuer": "lab"}, "unknown_member"),
        ({"revision": 7}, "unknown_member"),
        ({"colour": "red"}, "unknown_member"),
    ],
)
def test_a_bad_certificate_file_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_certificate_draft(certificate(**changes))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": None}, "missing_member"),
        ({"number": "a/b"}, "bad_inspection_id"),
        ({"result": "maybe"}, "unknown_result"),
        ({"revision": 1}, "unknown_member"),
        ({"lots": ["批"]}, "bad_lot"),
        ({"summary": {"zh": "甲"}}, "missing_member"),
    ],
)
def test_a_bad_inspection_file_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_inspection_draft(inspection(**changes), "lab")
    assert caught.value.code == code


def test_a_file_that_is_no_object_is_refused() -> None:
    for read in (parse_certificate_draft, lambda value: parse_inspection_draft(value, "lab")):
        with pytest.raises(Malformed, match="one object"):
            read([])


def test_a_certificate_is_published_suspended_and_made_valid_again(town: Workshop) -> None:
    registry = town.registry
    publish_certificate(parse_certificate_draft(certificate()), registry, LAB)
    record = get_certificate(fold_ledger(registry), "ccc", "2026 010914000001")
    assert (record.issuer, record.statement.status, record.statement.header.issued_at) == ("lab", "valid", NOW)
    publish_certificate(with_status(record, "suspended", both("fire")), registry, LAB)
    record = get_certificate(fold_ledger(registry), "CCC", "2026010914000001")
    assert (record.statement.status, record.statement.reason, record.count) == ("suspended", both("fire"), 2)
    assert record.statement.gtins == (POWER_BANK,), "products and term stay"
    publish_certificate(with_status(record, "valid", None), registry, LAB)
    assert get_certificate(fold_ledger(registry), "CCC", "2026010914000001").statement.reason is None


def test_an_inspection_is_published_and_remedied(town: Workshop) -> None:
    registry = town.registry
    publish_inspection(parse_inspection_draft(inspection(), "lab"), registry, LAB)
    record = get_inspection(fold_ledger(registry), "lab/2026-017")
    assert record.is_failed
    value = members_of(record.statement) | {"result": "passed"}
    publish_inspection(parse_inspection_revision(value, record), registry, LAB)
    record = get_inspection(fold_ledger(registry), "lab/2026-017")
    assert (record.statement.revision, record.is_failed) == (1, False)
    with pytest.raises(Malformed) as caught:
        parse_inspection_revision(inspection(number="another"), record)
    assert caught.value.code == "another_number"


def test_a_maker_can_say_neither(town: Workshop) -> None:
    maker = Author(MAKER.id, MAKER.key, NOW)
    for said in (
        lambda: publish_certificate(parse_certificate_draft(certificate()), town.registry, maker),
        lambda: publish_inspection(parse_inspection_draft(inspection(), MAKER.id), town.registry, maker),
    ):
        with pytest.raises(RegistryRefused) as caught:
            said()
        assert caught.value.code == "role_missing"


def test_what_is_not_there_is_not_changed(town: Workshop) -> None:
    state = fold_ledger(town.registry)
    with pytest.raises(RegistryRefused) as caught:
        get_certificate(state, "CCC", "1")
    assert caught.value.code == "unknown_certificate"
    with pytest.raises(RegistryRefused) as caught:
        get_inspection(state, "lab/1")
    assert caught.value.code == "unknown_inspection"


def test_the_preview_says_whose_products_they_are_and_what_of_them_is_logged(town: Workshop) -> None:
    town.issue("one", gtin=POWER_BANK, lot="L20260301", count=30)
    town.issue("two", gtin=POWER_BANK, lot="OTHER", count=20)
    whole, stranger = name_products(fold_ledger(town.registry), (POWER_BANK, "09900000000004"))
    assert (whole.maker, sum(record.statement.count for record in whole.batches)) == ("maker", 50)
    assert (stranger.maker, stranger.batches) == (None, ())
    (lot,) = name_products(fold_ledger(town.registry), (POWER_BANK,), ("L20260301",))
    assert [record.statement.lot for record in lot.batches] == ["L20260301"]


# The command


@pytest.fixture(scope="module")
def lab(registry_process: RegistryProcess) -> dict[str, str]:
    """The environment of an admitted laboratory."""
    key = registry_process.admit("lab", EXAMPLES / "makers" / "laboratory.toml")
    return {"PASSPORT_KEY": str(key), "PASSPORT_ISSUER": "lab"}


@pytest.fixture
def at_the_laboratory(registry_process: RegistryProcess, lab: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is the laboratory's."""
    for name, value in (registry_process.environment | lab).items():
        monkeypatch.setenv(name, value)


def test_a_laboratory_certifies_inspects_and_takes_back(
    registry_process: RegistryProcess, lab: dict[str, str], tmp_path: Path
) -> None:
    run, paper = registry_process.must, tmp_path / "report.pdf"
    paper.write_bytes(b"%PDF of a report")
    printed = run("certificate", "publish", str(CERTIFICATE), "--number", "cn 1", "--yes", **lab)
    assert "The ledger says nothing of it yet." in printed and "CCC CN1 revision 0 is valid; logged at" in printed
    assert "nobody is admitted for it" in printed
    why = ("--reason-zh", "起火", "--reason-en", "fire")
    printed = run("certificate", "status", "ccc", "CN1", "revoked", *why, "--yes", **lab)
    assert "The ledger says now: valid, 2026-01-15 to 2031-01-14, by lab, revision 0." in printed
    assert "起火 / fire" in printed
    link = ("--report", str(paper), "--report-url", "https://lab.example.cn/r.pdf")
    printed = run("inspection", "publish", str(INSPECTION), *link, "--yes", **lab)
    assert "lots: L20260301" in printed and "lab/2026-017 revision 0 is failed" in printed
    remedy = ("--result", "passed", "--summary-zh", "复检合格", "--summary-en", "passed when tested anew")
    printed = run("inspection", "revise", "lab/2026-017", *remedy, "--yes", **lab)
    assert "The ledger says now: failed, revision 0, by lab." in printed and "revision 1 is passed" in printed
    entry = run_entries(registry_process)[-1]
    assert sha256(b"%PDF of a report").hexdigest().encode() in entry, "the revision keeps the report"
    assert parse_entry(entry).statement.type == "inspection.published"


def run_entries(registry: RegistryProcess) -> list[bytes]:
    return list(RegistryClient(registry.url).ledger_entries())


MISTAKES = [
    (("certificate", "publish", "--yes"), 3, "missing_member"),
    (("certificate", "publish", str(CERTIFICATE)), 7, "not_confirmed"),
    (("certificate", "publish", "/nowhere.toml"), 3, "file_missing"),
    (("certificate", "publish", str(CERTIFICATE), "--document", "x.pdf"), 2, "--document-url"),
    (("certificate", "publish", "--document", "/no.pdf", "--document-url", "https://x.cn"), 8, "no.pdf"),
    (("certificate", "publish", str(CERTIFICATE), "--gtin", "1"), 2, "gtin"),
    (("certificate", "publish", str(CERTIFICATE), "--number", "<>", "--yes"), 3, "bad_certificate_number"),
    (("certificate", "status", "CCC", "NONE", "valid", "--yes"), 4, "unknown_certificate"),
    (("certificate", "status", "CCC", "<>", "valid", "--yes"), 2, "capitals"),
    (("certificate", "status", "CCC", "1", "expired", "--yes"), 2, "expired"),
    (("certificate", "status", "CCC", "1", "revoked", "--yes"), 2, "--reason-zh"),
    (("certificate", "status", "CCC", "1", "valid", "--reason-zh", "x", "--yes"), 2, "--reason-en"),
    (("inspection", "publish", "--yes"), 3, "missing_member"),
    (("inspection", "publish", str(INSPECTION)), 7, "not_confirmed"),
    (("inspection", "publish", str(INSPECTION), "--result", "maybe"), 2, "maybe"),
    (("inspection", "publish", str(INSPECTION), "--report-url", "https://x.cn"), 2, "--report"),
    (("inspection", "revise", "lab/none", "--result", "passed", "--yes"), 4, "unknown_inspection"),
]


@pytest.mark.usefixtures("at_the_laboratory")
@pytest.mark.parametrize(
    ("arguments", "exit_code", "word"), MISTAKES, ids=[" ".join(item[0])[:60] for item in MISTAKES]
)
def test_a_mistake_ends_with_a_message_and_its_exit_code(arguments: tuple[str, ...], exit_code: int, word: str) -> None:
    """In this process, to be quick: the whole command but for the interpreter's start."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == exit_code, result.output
    assert word in result.output
    assert "Traceback" not in result.output


def test_a_maker_is_told_the_rule(registry_process: RegistryProcess) -> None:
    key = registry_process.admit("board-maker", EXAMPLES / "makers" / "decoration-board.toml")
    maker = {"PASSPORT_KEY": str(key), "PASSPORT_ISSUER": "board-maker"}
    for arguments in (("certificate", "publish", str(CERTIFICATE)), ("inspection", "publish", str(INSPECTION))):
        done = registry_process.run(*arguments, "--yes", **maker)
        assert (done.returncode, "[role_missing]" in done.stderr) == (4, True), done.stderr
