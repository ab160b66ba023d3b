# SPDX-License-Identifier: Apache-2.0
"""Cases of `statements.json`: entries as bytes, what is signed, and the fold with the registration policy."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

from typing import Any

from ledger_kit import Case, b64, bad, good
from statement_kit import (
    ACME,
    ACME_2,
    ACME_GTIN,
    ACME_PREFIX,
    BOLT,
    BOLT_GTIN,
    CONTACT,
    LAB,
    LAB_2,
    LAB_NEW,
    OFFICE,
    OPERATOR,
    ORIGIN,
    Json,
    Key,
    World,
    admitted,
    both,
    created,
    entry,
    gtin,
    header,
    jcs,
    key_added,
    key_id,
    key_revoked,
    make_batch,
    notice,
    proven,
    published,
)

PLATFORM = Key("mall", 1, "mall")
DOSSIER = "018f3c1e-7b2a-4c3d-8e4f-5a6b7c8d9e0f"
PAPER = {"digest": "cd" * 32, "url": "https://lab.example.cn/papers/1.pdf"}
SMALL_ORDER = "0100000000000000000000000000000000000000000000000000000000000000"


def certificate(status: str, issuer: str = "lab", **changes: Json) -> Json:
    """The state of one certificate; a reason where there must be one."""
    said = {"gtins": [ACME_GTIN], "number": "2026010914000001", "revision": 0, "scheme": "CCC", "status": status, "valid_from": "2026-01-01", "valid_until": "2030-12-31"}  # fmt: skip
    reason = {} if status == "valid" else {"reason": both("it failed")}
    return header("certificate.status", issuer) | said | reason | changes


def inspection(revision: int, result: str, issuer: str = "lab", **changes: Json) -> Json:
    said = {"gtin": ACME_GTIN, "inspected_on": "2026-02-01", "inspection_id": "lab/2026-1", "lots": [], "result": result, "revision": revision, "standard": "GB 31241-2022", "summary": both("tested")}  # fmt: skip
    return header("inspection.published", issuer) | said | changes


def passport(revision: int = 0, issuer: str = "acme", **changes: Json) -> Json:
    said = {"digest": f"{revision:064x}", "gtin": ACME_GTIN, "media_type": "application/vc+jwt", "revision": revision}
    return header("product.published", issuer) | said | changes


def dossier(revision: int = 0, issuer: str = "mall", **changes: Json) -> Json:
    said = {"approved_on": "2026-03-02", "digest": "ef" * 32, "dossier_id": DOSSIER, "gtin": ACME_GTIN, "lot": "L1", "revision": revision}  # fmt: skip
    return header("dossier.approved", issuer) | said | changes


def samples() -> dict[str, tuple[Json, Any]]:
    """One good statement of each type, with its author."""
    scope = [{"gtin": ACME_GTIN, "lot": "L1"}]
    text = notice(scope)
    return {
        "registry-created": (created(), OPERATOR),
        "issuer-admitted": (admitted("acme", ACME, [ACME_PREFIX]), OPERATOR),
        "key-added": (key_added("acme", ACME_2, "acme"), ACME),
        "key-revoked": (key_revoked("acme", ACME, 3), OPERATOR),
        "product-published": (passport(), ACME),
        "batch-issued": (make_batch(ACME).statement, ACME),
        "codes-voided": (header("codes.voided", "acme") | {"batch": 0, "ranges": [[0, 1], [3, 3]], "reason": both("misprinted")}, ACME),
        "recall-published": (published("acme/2026-1", text, "acme"), ACME),
        "recall-revised": (header("recall.revised", "acme") | {"notice": text, "recall_id": "acme/2026-1", "revision": 2}, ACME),
        "recall-closed": (header("recall.closed", "acme") | {"reason": both("done"), "recall_id": "acme/2026-1"}, ACME),
        "certificate-status": (certificate("valid"), LAB),
        "inspection-published": (inspection(0, "failed"), LAB),
        "dossier-approved": (dossier(), PLATFORM),
    }  # fmt: skip


def entry_cases() -> list[Case]:
    cases = []
    for name, (statement, key) in samples().items():
        expect = {"type": statement["type"], "issuer": statement["issuer"], "key_id": key_id(key), "signed_bytes": "product-passport/statement/v1\n" + jcs(statement)}  # fmt: skip
        cases.append(good(name, f"A good {statement['type']}.", "parse_entry", {"entry": entry(statement, key)}, expect))  # fmt: skip
    scopes = [
        {"gtin": ACME_GTIN},
        {"gtin": ACME_GTIN, "produced_from": "2026-01-01", "produced_to": "2026-01-31"},
        {"batch": 7, "gtin": ACME_GTIN, "seqs": [0, 9], "except": [{"lot": "L1"}, {"batch": 7, "seqs": [3, 3]}]},
    ]
    statement = published("acme/2026-1", notice(scopes, action="withdrawal", severity="low"), "acme")
    expect = {"type": "recall.published", "issuer": "acme", "key_id": key_id(ACME), "signed_bytes": "product-passport/statement/v1\n" + jcs(statement)}  # fmt: skip
    cases.append(good("recall-with-every-selector", "Model, dates, seq range, exceptions.", "parse_entry", {"entry": entry(statement, ACME)}, expect))  # fmt: skip
    numbered = {
        "product-of-the-last-revision": ("The largest number that canonical JSON has.", passport(2**53 - 1), ACME),
        "dossier-of-version-7": ("Chance and the time.", dossier(9, dossier_id="01890a5d-ac96-774b-bcce-b302099a8057"), PLATFORM),
    }  # fmt: skip
    for name, (does, said, key) in numbered.items():
        expect = {"type": said["type"], "issuer": said["issuer"], "key_id": key_id(key), "signed_bytes": "product-passport/statement/v1\n" + jcs(said)}  # fmt: skip
        cases.append(good(name, does, "parse_entry", {"entry": entry(said, key)}, expect))
    return [*cases, *assessment_cases()]


def assessment_cases() -> list[Case]:
    """Certificates and inspections with every member that may be left out, and at their bounds."""
    said = {
        "certificate-suspended": ("Reason and document.", certificate("suspended", reason=both("fire"), document=PAPER)),
        "certificate-valid-again": ("A valid one may give a reason.", certificate("valid", reason=both("tested anew"))),
        "certificate-of-no-product": ("A licence of a factory, in ideographs; for one day.", certificate("valid", scheme="食品生产许可证", number="SC10623010100001(1)", gtins=[], valid_until="2026-01-01")),
        "certificate-with-names-of-64-characters": ("The longest.", certificate("valid", scheme="A" * 64, number="/" * 64)),
        "inspection-of-two-lots": ("Lots and report.", inspection(0, "failed", lots=["L1", "L2"], report=PAPER)),
        "inspection-revised": ("The last revision that there can be.", inspection(10_000, "passed")),
    }  # fmt: skip
    cases = []
    for name, (does, statement) in said.items():
        expect = {"type": statement["type"], "issuer": "lab", "key_id": key_id(LAB), "signed_bytes": "product-passport/statement/v1\n" + jcs(statement)}  # fmt: skip
        cases.append(good(name, does, "parse_entry", {"entry": entry(statement, LAB)}, expect))
    return cases


def hostile_entry_cases() -> list[Case]:
    made = samples()

    def spoiled(name: str, does: str, of: str, error: str, /, **changes: Any) -> Case:
        statement, key = made[of]
        value = {**statement, **changes}
        value = {member: content for member, content in value.items() if content is not None}
        return bad(name, does, "parse_entry", {"entry": entry(value, key)}, error)

    batch, recall, issuer = "batch-issued", "recall-published", "issuer-admitted"
    certified, inspected = "certificate-status", "inspection-published"
    product, approved = "product-published", "dossier-approved"
    good_text = entry(*made[batch])
    bad_key = {**made["key-added"][0]["key"], "public_key": SMALL_ORDER}

    def scoped(name: str, does: str, scope: Json, error: str) -> Case:
        return spoiled(name, does, recall, error, notice=notice([scope]))

    return [
        bad("entry-with-a-space", "A second spelling of the JSON.", "parse_entry", {"entry": good_text.replace(',"signature"', ', "signature"')}, "not_canonical_json"),
        bad("entry-with-a-member-twice", "Readers would take different ones.", "parse_entry", {"entry": good_text.replace('{"key_id"', '{"key_id":"00","key_id"', 1)}, "not_canonical_json"),
        bad("entry-with-an-extra-member", "Unsigned luggage.", "parse_entry", {"entry": jcs({"comment": "x", "key_id": "ab" * 32, "signature": b64(bytes(64)), "statement": made[batch][0]})}, "unknown_member"),
        bad("entry-with-a-key-id-in-upper-case", "Hex has one spelling.", "parse_entry", {"entry": jcs({"key_id": "AB" * 32, "signature": b64(bytes(64)), "statement": made[batch][0]})}, "bad_hex"),
        bad("entry-with-a-signature-of-63-bytes", "A signature has 64.", "parse_entry", {"entry": entry(*made[batch], signature=bytes(63))}, "wrong_length"),
        bad("entry-that-is-an-array", "An entry is an object.", "parse_entry", {"entry": "[]"}, "not_an_object"),
        bad("entry-of-65536-bytes", "A bundle's length prefix has two bytes.", "parse_entry", {"entry": jcs("x" * 65_534)}, "too_long"),
        spoiled("statement-of-an-unknown-type", "Unknown types are refused, not skipped.", batch, "unknown_statement_type", type="batch.forgotten"),
        spoiled("statement-with-an-extra-member", "Nothing is signed that nobody reads.", batch, "unknown_member", colour="red"),
        spoiled("statement-without-a-lot", "A member is missing.", batch, "missing_member", lot=None),
        spoiled("instant-with-a-leap-second", "Second 60 does not exist here.", batch, "bad_instant", issued_at="2026-03-01T08:00:60Z"),
        spoiled("instant-with-an-offset", "UTC is written with a Z.", batch, "bad_instant", issued_at="2026-03-01T08:00:00+00:00"),
        spoiled("instant-on-the-30th-of-february", "No such day.", batch, "bad_instant", issued_at="2026-02-30T08:00:00Z"),
        spoiled("production-date-with-a-time", "A local calendar date has none.", batch, "bad_date", production_date="2026-01-15T00:00:00Z"),
        spoiled("issuer-id-in-upper-case", "An id is a-z, 0-9 and inner hyphens.", batch, "bad_issuer_id", issuer="Acme"),
        spoiled("batch-number-true", "A boolean is no integer.", batch, "wrong_type", batch=True),
        spoiled("batch-number-beyond-version-1", "Twenty bits.", batch, "out_of_range", batch=2**20),
        spoiled("batch-of-no-codes", "count starts at 1.", batch, "out_of_range", count=0),
        spoiled("batch-of-code-version-3", "There are two.", batch, "out_of_range", code_version=3),
        spoiled("gtin-with-a-wrong-check-digit", "Mistyped.", batch, "bad_gtin", gtin=ACME_GTIN[:-1] + "0"),
        spoiled("lot-with-a-chinese-character", "CSET 82 only.", batch, "bad_lot", lot="批1"),
        spoiled("void-ranges-that-touch", "A set of positions has one spelling.", "codes-voided", "not_sorted", ranges=[[0, 1], [2, 3]]),
        spoiled("void-range-that-runs-backwards", "first is not above last.", "codes-voided", "bad_seq_range", ranges=[[2, 1]]),
        spoiled("void-of-no-range", "At least one.", "codes-voided", "wrong_length", ranges=[]),
        spoiled("document-of-another-media-type", "vc+jwt alone.", "product-published", "bad_media_type", media_type="text/html"),
        spoiled("possession-of-a-small-order-key", "Every signature would verify.", "key-added", "key_small_order", key=bad_key),
        spoiled("roles-out-of-order", "A set has one spelling.", issuer, "not_sorted", roles=["manufacturer", "authority"]),
        spoiled("role-unknown", "Four roles exist.", issuer, "unknown_role", roles=["king"]),
        spoiled("manufacturer-without-a-prefix", "It could speak for nothing.", issuer, "roles_and_prefixes", prefixes=[]),
        spoiled("laboratory-with-a-prefix", "Only manufacturers have prefixes.", issuer, "roles_and_prefixes", roles=["laboratory"]),
        spoiled("issuer-without-a-role", "At least one.", issuer, "no_role", roles=[], prefixes=[]),
        spoiled("uscc-with-a-wrong-check-character", "GB 32100.", issuer, "bad_uscc", uscc="91110000000000019A"),
        spoiled("contact-over-plain-http", "A shopper is sent there.", issuer, "bad_contact", contact={**CONTACT, "url": "http://maker.example.cn"}),
        spoiled("contact-of-nothing", "A phone number or an address.", issuer, "bad_contact", contact={"phone": "", "url": ""}),
        spoiled("name-in-one-language", "Chinese and English, both.", issuer, "missing_member", name={"zh": "甲"}),
        spoiled("recall-id-without-an-issuer", "The publisher's own name space.", recall, "bad_recall_id", recall_id="2026-1"),
        spoiled("revision-1-as-a-revision", "Revisions start at 2.", "recall-revised", "out_of_range", revision=1),
        scoped("scope-with-lot-and-dates", "An entry has one selector.", {"gtin": ACME_GTIN, "lot": "L1", "produced_from": "2026-01-01", "produced_to": "2026-01-02"}, "ambiguous_scope"),
        scoped("scope-with-dates-backwards", "It would cover nothing.", {"gtin": ACME_GTIN, "produced_from": "2026-01-02", "produced_to": "2026-01-01"}, "empty_scope"),
        scoped("scope-that-excepts-the-whole-model", "It would cover nothing.", {"gtin": ACME_GTIN, "except": [{}]}, "empty_scope"),
        scoped("scope-with-an-empty-list-of-exceptions", "Leave it out: one spelling.", {"gtin": ACME_GTIN, "except": []}, "wrong_length"),
        spoiled("severity-unknown", "Four degrees exist.", recall, "unknown_severity", notice=notice([{"gtin": ACME_GTIN}], severity="dire")),
        spoiled("recall-of-nothing", "At least one scope entry.", recall, "wrong_length", notice=notice([])),
        spoiled("certificate-number-in-small-letters", "One spelling: capitals.", certified, "bad_certificate_number", number="cn-1"),
        spoiled("certificate-number-with-a-space", "One spelling: no spaces.", certified, "bad_certificate_number", number="CN 1"),
        spoiled("certificate-number-with-a-line-feed", "No spaces, at the end neither.", certified, "bad_certificate_number", number="CN1\n"),
        spoiled("certificate-number-of-full-width-digits", "Digits of another width look alike.", certified, "bad_certificate_number", number="１２３"),
        spoiled("certificate-number-with-a-compatibility-ideograph", "It looks like U+8C48.", certified, "bad_certificate_number", number="\uf900"),
        spoiled("certificate-number-beyond-the-basic-plane", "An ideograph of extension B.", certified, "bad_certificate_number", number="\U00020000"),
        spoiled("certificate-number-of-65-characters", "At most 64.", certified, "wrong_length", number="1" * 65),
        spoiled("certificate-without-a-number", "Not empty.", certified, "wrong_length", number=""),
        spoiled("certificate-scheme-with-a-comma", "Passports list numbers with commas.", certified, "bad_scheme", scheme="CCC,CQC"),
        spoiled("certificate-status-unknown", "Three exist.", certified, "unknown_certificate_status", status="expired"),
        spoiled("certificate-revoked-without-a-reason", "Whoever takes it away says why.", certified, "missing_member", status="revoked"),
        spoiled("certificate-with-a-reason-of-501-characters", "At most 500.", certified, "wrong_length", reason={"en": "x" * 501, "zh": "x"}),
        spoiled("certificate-that-ends-before-it-begins", "It would never be in force.", certified, "bad_validity", valid_until="2025-12-31"),
        spoiled("certificate-without-a-revision", "Old ones could be logged again.", certified, "missing_member", revision=None),
        spoiled("certificate-revision-10001", "At most 10,000.", certified, "out_of_range", revision=10_001),
        spoiled("certificate-without-an-end", "A date is there.", certified, "missing_member", valid_until=None),
        spoiled("certificate-with-products-out-of-order", "A set has one spelling.", certified, "not_sorted", gtins=[BOLT_GTIN, ACME_GTIN]),
        spoiled("certificate-with-257-products", "At most 256.", certified, "wrong_length", gtins=[gtin(ACME_PREFIX, item) for item in range(257)]),
        spoiled("certificate-with-a-document-over-http", "It is opened by people.", certified, "bad_url", document=PAPER | {"url": "http://lab.example.cn/1.pdf"}),
        spoiled("certificate-with-a-document-that-is-an-address-alone", "The digest says which bytes.", certified, "missing_member", document={"url": PAPER["url"]}),
        spoiled("certificate-with-a-space-in-its-documents-address", "Printable ASCII.", certified, "bad_url", document=PAPER | {"url": "https://lab.example.cn/1 2.pdf"}),
        spoiled("certificate-with-a-document-of-another-digest", "SHA-256 in small letters.", certified, "bad_hex", document=PAPER | {"digest": "AB" * 32}),
        spoiled("inspection-with-another-result", "Passed or failed.", inspected, "unknown_result", result="pending"),
        spoiled("inspection-id-without-an-issuer", "The inspector's own name space.", inspected, "bad_inspection_id", inspection_id="2026-1"),
        spoiled("inspection-revision-minus-1", "They count from 0.", inspected, "out_of_range", revision=-1),
        spoiled("inspection-revision-10001", "At most 10,000.", inspected, "out_of_range", revision=10_001),
        spoiled("inspection-with-a-lot-twice", "A set has one spelling.", inspected, "not_sorted", lots=["L1", "L1"]),
        spoiled("inspection-of-a-lot-that-is-no-lot", "CSET 82.", inspected, "bad_lot", lots=["批"]),
        spoiled("inspection-of-a-gtin-that-is-none", "Mistyped.", inspected, "bad_gtin", gtin=ACME_GTIN[:-1] + "0"),
        spoiled("inspection-without-a-standard", "Not empty.", inspected, "wrong_length", standard=""),
        spoiled("inspection-with-an-empty-report", "Leave it out: one spelling.", inspected, "missing_member", report={}),
        spoiled("inspection-with-a-colour", "Nothing is signed that nobody reads.", inspected, "unknown_member", colour="red"),
        spoiled("product-without-a-revision", "An old passport could be logged again.", product, "missing_member", revision=None),
        spoiled("product-revision-minus-1", "They count from 0.", product, "out_of_range", revision=-1),
        spoiled("product-revision-in-quotes", "A number.", product, "wrong_type", revision="0"),
        spoiled("product-revision-true", "A boolean is no integer.", product, "wrong_type", revision=True),
        spoiled("dossier-without-a-revision", "An old approval could be logged again.", approved, "missing_member", revision=None),
        spoiled("dossier-revision-minus-1", "They count from 0.", approved, "out_of_range", revision=-1),
        spoiled("dossier-id-in-capitals", "One spelling.", approved, "bad_dossier_id", dossier_id=DOSSIER.upper()),
        spoiled("dossier-id-without-hyphens", "One spelling.", approved, "bad_dossier_id", dossier_id=DOSSIER.replace("-", "")),
        spoiled("dossier-id-of-version-1", "It holds a machine's address.", approved, "bad_dossier_id", dossier_id="018f3c1e-7b2a-1c3d-8e4f-5a6b7c8d9e0f"),
        spoiled("dossier-id-of-another-variant", "RFC 9562 alone.", approved, "bad_dossier_id", dossier_id="018f3c1e-7b2a-4c3d-ce4f-5a6b7c8d9e0f"),
        spoiled("dossier-id-with-a-line-feed", "At the end neither.", approved, "bad_dossier_id", dossier_id=DOSSIER + "\n"),
        spoiled("dossier-id-of-a-persons-name", "No name, no number of a person.", approved, "bad_dossier_id", dossier_id="zhang-san"),
        spoiled("dossier-with-its-approver", "No person is named.", approved, "unknown_member", approver="zhang-san"),
        spoiled("dossier-of-no-lot", "A live room sells a lot.", approved, "missing_member", lot=None),
        spoiled("dossier-with-a-digest-in-capitals", "SHA-256 in small letters.", approved, "bad_hex", digest="EF" * 32),
        spoiled("dossier-approved-at-a-time", "A local calendar date has none.", approved, "bad_date", approved_on="2026-03-02T08:00:00Z"),
        spoiled("dossier-of-a-gtin-that-is-none", "Mistyped.", approved, "bad_gtin", gtin=ACME_GTIN[:-1] + "0"),
    ]  # fmt: skip


def fold_case(name: str, does: str, world: World, disregarded: list[list[Any]]) -> Case:
    given = {"origin": ORIGIN, "entries": world.entries}
    return good(name, does, "fold", given, {"size": len(world.entries), "disregarded": disregarded})


def _with(*said: tuple[Json, Any]) -> World:
    world = World()  # five entries
    for statement, key in said:
        world.say(statement, key)
    return world


def _revised(number: int) -> Json:
    return samples()["recall-revised"][0] | {"recall_id": "acme/1", "revision": number}


def fold_cases() -> list[Case]:
    scope = notice([{"gtin": ACME_GTIN}])
    publish, close = published("acme/1", scope, "acme"), samples()["recall-closed"][0] | {"recall_id": "acme/1"}
    stranger = proven(ACME_2, "acme") | {"possession": b64(bytes(64))}
    batch_1 = make_batch(ACME_2, 1).statement
    garbage = _with()
    garbage.entries.append("advertising")
    unsigned = _with()
    unsigned.say(publish, ACME, signature=bytes(64))
    other_origin = make_batch(ACME, 1, origin="test.example/ledger").statement
    second_start = _with((created(), OPERATOR))
    return [
        fold_case("fold-of-five-good-entries", "All of them count.", _with(), []),
        fold_case("fold-over-advertising", "What cannot be read has no effect.", garbage, [[5, "bad_json", False]]),
        fold_case("fold-of-a-forged-recall", "The signature is wrong.", unsigned, [[5, "bad_signature", False]]),
        fold_case("fold-of-a-statement-for-another-ledger", "The origin binds it.", _with((other_origin, ACME)), [[5, "wrong_ledger", False]]),
        fold_case("fold-of-a-second-beginning", "registry.created is entry 0 alone.", second_start, [[5, "registry_first", False]]),
        fold_case("fold-of-an-unknown-key", "Nobody registered it.", _with((batch_1, ACME_2)), [[5, "unknown_key", False]]),
        fold_case("fold-of-a-statement-in-anothers-name", "acme's name, bolt's key.", _with((publish, BOLT)), [[5, "key_of_another_issuer", False]]),
        fold_case("fold-of-a-batch-of-another-brand", "bolt logs acme's GTIN.", _with((make_batch(BOLT, 9, issuer="bolt").statement, BOLT)), [[5, "prefix_not_yours", False]]),
        fold_case("fold-of-a-recall-of-another-brand", "bolt recalls acme's GTIN.", _with((published("bolt/1", scope, "bolt"), BOLT)), [[5, "prefix_not_yours", False]]),
        fold_case("fold-of-a-second-batch-of-one-number", "A number is used once.", _with((make_batch(ACME, 0, 2).statement, ACME)), [[5, "batch_exists", False]]),
        fold_case("fold-of-a-key-without-possession", "The proof of possession is not one.", _with((key_added("acme", ACME_2, "acme") | {"key": stranger}, ACME)), [[5, "no_possession", False]]),
        fold_case("fold-of-a-void-beyond-the-batch", "Position 5 of five.", _with((samples()["codes-voided"][0] | {"ranges": [[5, 5]]}, ACME)), [[5, "outside_batch", False]]),
        fold_case("fold-of-a-recall-closed-twice", "It is over already.", _with((publish, ACME), (close, ACME), (close, ACME)), [[7, "recall_closed", False]]),
        fold_case("hindsight-undoes-what-a-stolen-key-said", "Stolen from index 5: the thief closed a recall and logged a batch.", _with((publish, ACME), (close, ACME), (make_batch(ACME, 1).statement, ACME), (key_revoked("acme", ACME, 6), OPERATOR)), [[6, "key_revoked", True], [7, "key_revoked", True]]),
        fold_case("hindsight-cascades-to-the-thiefs-own-key", "The key that the thief added is gone, and what it said.", _with((key_added("acme", ACME_2, "acme"), ACME), (batch_1, ACME_2), (key_revoked("acme", ACME, 5), OPERATOR)), [[5, "key_revoked", True], [6, "unknown_key", True]]),
        fold_case("hindsight-does-not-undo-a-revocation", "What a stolen key revoked stays revoked: it fails closed.", _with((key_added("acme", ACME_2, "registry"), OPERATOR), (key_revoked("acme", ACME_2, 6, "acme"), ACME), (key_revoked("acme", ACME, 5), OPERATOR), (make_batch(ACME_2, 1).statement, ACME_2)), [[8, "key_revoked", False]]),
        fold_case("revoked-key-that-comes-back-stays-revoked", "Added by a thief, revoked, undone, added again.", _with((key_added("acme", ACME_2, "acme"), ACME), (key_revoked("acme", ACME_2, 6), OPERATOR), (key_revoked("acme", ACME, 5), OPERATOR), (key_added("acme", ACME_2, "registry"), OPERATOR), (make_batch(ACME_2, 1, gtin=ACME_GTIN).statement, ACME_2)), [[5, "key_revoked", True], [9, "key_revoked", False]]),
        fold_case("number-of-an-undone-batch-stays-used", "Items may have been uploaded under it.", _with((key_added("acme", ACME_2, "acme"), ACME), (make_batch(ACME, 1).statement, ACME), (key_revoked("acme", ACME, 6), OPERATOR), (batch_1, ACME_2)), [[6, "key_revoked", True], [8, "batch_exists", False]]),
        fold_case("honest-revision-after-a-thiefs-stands", "Revision 2 is undone, revision 3 is not.", _with((key_added("acme", ACME_2, "acme"), ACME), (publish, ACME), (_revised(2), ACME), (_revised(3), ACME_2), (key_revoked("acme", ACME, 7), OPERATOR), (_revised(3), ACME_2), (_revised(4), ACME_2)), [[7, "key_revoked", True], [10, "wrong_revision", False]]),
        fold_case("recall-lives-on-in-its-honest-revision", "The publication is undone; a good key has repeated the notice, and can close it.", _with((key_added("acme", ACME_2, "acme"), ACME), (publish, ACME), (_revised(2), ACME_2), (key_revoked("acme", ACME, 6), OPERATOR), (close, ACME_2)), [[6, "key_revoked", True], [7, "unknown_recall", True]]),
        fold_case("key-revoked-by-its-own-last-word", "A key may revoke itself, from an index before.", _with((make_batch(BOLT, 1, gtin=BOLT_GTIN, issuer="bolt").statement, BOLT), (key_revoked("bolt", BOLT, 5, "bolt"), BOLT)), [[5, "key_revoked", True]]),
    ]  # fmt: skip


def numbered_fold_cases() -> list[Case]:
    """Statements whose revisions have no gap: passports and approvals of dossiers."""
    first, second, third = ((passport(number), ACME) for number in range(3))
    mall = (admitted("mall", PLATFORM, [], ("platform",)), OPERATOR)
    approved, again = (dossier(), PLATFORM), (dossier(1), PLATFORM)
    new_key, drop = (key_added("acme", ACME_2, "acme"), ACME), key_revoked("acme", ACME, 5)
    back = (key_added("acme", ACME_2, "registry"), OPERATOR)
    return [
        fold_case("fold-of-three-passports", "0, 1, 2.", _with(first, second, third), []),
        fold_case("fold-of-a-passport-that-is-logged-again", "The maker's own bytes; the operator logs them once more.", _with(first, second, first), [[7, "wrong_revision", False]]),
        fold_case("fold-of-a-passport-that-begins-at-1", "0 comes first.", _with(second), [[5, "wrong_revision", False]]),
        fold_case("fold-of-a-passport-with-a-gap", "The next number, not a larger one.", _with(first, third, second, third), [[6, "wrong_revision", False]]),
        fold_case("fold-of-passports-of-two-products", "Each product counts for itself.", _with(first, (passport(gtin=gtin(ACME_PREFIX, 2)), ACME), second), []),
        fold_case("fold-of-a-passport-of-another-brand", "bolt publishes acme's GTIN.", _with((passport(issuer="bolt"), BOLT)), [[5, "prefix_not_yours", False]]),
        fold_case("fold-of-a-passport-by-an-authority", "It has no products.", _with((admitted("office", OFFICE, [], ("authority",)), OPERATOR), (passport(issuer="office"), OFFICE)), [[6, "role_missing", False]]),
        fold_case("honest-passport-after-a-thiefs-stands", "Revision 1 is undone, revision 2 is not; 1 is not free again.", _with(first, new_key, second, (passport(2), ACME_2), (key_revoked("acme", ACME, 7), OPERATOR), (passport(1), ACME_2), (passport(3), ACME_2)), [[7, "key_revoked", True], [10, "wrong_revision", False]]),
        fold_case("number-of-an-undone-passport-stays-used", "A good key fell with a stolen one and came back: its old words do not.", _with(new_key, (passport(), ACME_2), (passport(1), ACME_2), (drop, OPERATOR), back, (passport(), ACME_2), (passport(1), ACME_2), (passport(2), ACME_2)), [[5, "key_revoked", True], [6, "unknown_key", True], [7, "unknown_key", True], [10, "wrong_revision", False], [11, "wrong_revision", False]]),
        fold_case("fold-of-dossiers", "A platform may, of any GTIN; each dossier counts for itself.", _with(mall, approved, again, (dossier(dossier_id=DOSSIER[:-1] + "0", gtin=BOLT_GTIN), PLATFORM)), []),
        fold_case("fold-of-a-dossier-that-is-logged-again", "The platform's own bytes.", _with(mall, approved, again, approved), [[8, "wrong_revision", False]]),
        fold_case("fold-of-a-dossier-with-a-gap", "The next number.", _with(mall, approved, (dossier(2), PLATFORM)), [[7, "wrong_revision", False]]),
        fold_case("fold-of-a-dossier-by-a-maker", "A maker approves nothing.", _with((dossier(issuer="acme"), ACME)), [[5, "role_missing", False]]),
        fold_case("fold-of-a-dossier-by-the-operator", "The operator has no role.", _with((dossier(issuer="registry"), OPERATOR)), [[5, "role_missing", False]]),
        fold_case("fold-of-one-dossier-id-by-two-platforms", "An id is its platform's; nobody can take it away.", _with(mall, (admitted("shop", OFFICE, [], ("platform",)), OPERATOR), approved, (dossier(issuer="shop"), OFFICE)), []),
    ]  # fmt: skip


def _assessed(*said: tuple[Json, Any]) -> World:
    """With a laboratory (5), another (6) and an authority (7)."""
    people = [(admitted("lab", LAB, [], ("laboratory",)), OPERATOR), (admitted("lab-2", LAB_2, [], ("laboratory",)), OPERATOR), (admitted("office", OFFICE, [], ("authority",)), OPERATOR)]  # fmt: skip
    return _with(*people, *said)


def assessment_fold_cases() -> list[Case]:
    valid, revoked = (certificate("valid"), LAB), (certificate("revoked", "office", revision=2), OFFICE)
    failed, passed = (inspection(0, "failed"), LAB), (inspection(1, "passed"), LAB)
    new_key = (key_added("lab", LAB_NEW, "lab"), LAB)
    return [
        fold_case("fold-of-certificates-and-inspections", "A laboratory and an authority may, of any GTIN.", _assessed(valid, failed, passed, (certificate("suspended", revision=1), LAB), revoked, (inspection(2, "failed", "office", lots=["L9"]), OFFICE)), []),
        fold_case("fold-of-a-certificate-by-a-maker", "A maker certifies nothing.", _assessed((certificate("valid", "acme"), ACME)), [[8, "role_missing", False]]),
        fold_case("fold-of-a-certificate-by-the-operator", "The operator has no role.", _assessed((certificate("valid", "registry"), OPERATOR)), [[8, "role_missing", False]]),
        fold_case("fold-of-a-certificate-of-another-laboratory", "Who speaks first has it.", _assessed(valid, (certificate("revoked", "lab-2", revision=1), LAB_2)), [[9, "not_yours", False]]),
        fold_case("fold-of-a-laboratory-against-an-authority", "What an authority has revoked, no laboratory makes valid.", _assessed(valid, revoked, (certificate("valid", revision=3), LAB)), [[10, "not_yours", False]]),
        fold_case("fold-of-a-certificate-whose-old-statement-is-logged-again", "The laboratory's own bytes; they are no news.", _assessed(valid, (certificate("revoked", revision=1), LAB), valid), [[10, "wrong_revision", False]]),
        fold_case("fold-of-an-inspection-in-anothers-name-space", "The id is the inspector's.", _assessed((inspection(0, "failed", "lab-2"), LAB_2)), [[8, "inspection_id_not_yours", False]]),
        fold_case("fold-of-an-inspection-twice", "Revise it.", _assessed(failed, failed), [[9, "inspection_exists", False]]),
        fold_case("fold-of-a-revision-of-no-inspection", "Revision 0 comes first.", _assessed(passed), [[8, "unknown_inspection", False]]),
        fold_case("fold-of-an-inspection-revised-by-another", "Its inspector or an authority.", _assessed(failed, (inspection(1, "passed", "lab-2"), LAB_2)), [[9, "not_yours", False]]),
        fold_case("fold-of-an-inspection-with-a-used-revision", "The number grows.", _assessed(failed, passed, passed), [[10, "wrong_revision", False]]),
        fold_case("fold-of-an-inspection-that-changes-its-product", "A failure stays with its product.", _assessed(failed, (inspection(1, "passed", gtin=BOLT_GTIN), LAB)), [[9, "another_product", False]]),
        fold_case("hindsight-undoes-what-a-stolen-laboratory-key-said", "The thief's word is undone; a good key's revision of a report stands alone.", _assessed(new_key, valid, failed, (inspection(1, "failed"), LAB_NEW), (key_revoked("lab", LAB, 9), OPERATOR), (inspection(2, "passed"), LAB_NEW), (certificate("valid"), LAB)), [[9, "key_revoked", True], [10, "key_revoked", True], [11, "unknown_inspection", True], [14, "key_revoked", False]]),
    ]  # fmt: skip


def statement_cases() -> list[Case]:
    return [*entry_cases(), *hostile_entry_cases(), *fold_cases(), *numbered_fold_cases(), *assessment_fold_cases()]
