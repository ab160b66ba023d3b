# SPDX-License-Identifier: Apache-2.0
"""Files of listings: preview, run, duplicates with both lines, one at a time, and a worker that dies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from passport.domain.accounts_audit import AuditFilter
from passport.domain.listing_file import MAX_LINE
from passport.domain.listing_imports import ImportState, ListingImport
from passport.domain.listings import ListingConflict, ListingFilter
from passport.services.listings import make_listings, worker
from passport.services.listings.kit import ListingKit
from tests.support.listings import GTIN, Market, fields
from verifier.protocol.errors import Malformed

HEAD = "url,seller_id,seller_name,gtin,lots,codes\n"


def row(number: int, *, name: str = "某某旗舰店", gtin: str = GTIN) -> str:
    return f"https://shop.example.cn/i/{number},s-{number},{name},{gtin},L1 L2,\n"


def file(count: int) -> bytes:
    return (HEAD + "".join(row(number) for number in range(count))).encode()


def check(market: Market, data: bytes | Iterable[bytes]) -> ListingImport:
    shop = market.cast.shop.principal
    job = market.listings.imports.upload(shop, "x.csv", [data] if isinstance(data, bytes) else data)
    while market.listings.worker.work():
        pass
    return market.listings.imports.get(shop, job.id)


def run(market: Market, job: ListingImport) -> ListingImport:
    shop = market.cast.shop.principal
    market.listings.imports.run(shop, job.id)
    while market.listings.worker.work():
        pass
    return market.listings.imports.get(shop, job.id)


def count(market: Market) -> int:
    return sum(market.listings.desk.count_by_state(market.cast.shop.principal).values())


def test_a_file_is_checked_shown_and_then_entered(market: Market) -> None:
    checked = check(market, file(2500))
    assert (checked.state, checked.checked.rows, checked.checked.good, checked.checked.bad) == ("ready", 2500, 2500, 0)
    assert count(market) == 0, "a preview enters nothing"
    done = run(market, checked)
    assert (done.state, done.run.good, done.run.line, count(market)) == (ImportState.DONE, 2500, 2501, 2500)
    newest = market.listings.desk.page(market.cast.shop.principal, ListingFilter(), "", 1)[0]
    assert (newest.fields.url, newest.fields.lots) == ("https://shop.example.cn/i/2499", ("L1", "L2"))
    assert run(market, done) == done, "running twice changes nothing"
    trail = market.site.accounts.audit_trail.page(market.cast.shop.principal, AuditFilter())
    actions = [event.act.action for event in trail.events][:3]
    assert actions == ["import.ended", "import.started", "import.uploaded"]
    assert market.site.accounts.audit_trail.verify(market.cast.shop.principal).is_whole


def test_duplicates_name_both_lines_and_taken_addresses_name_the_listing(market: Market) -> None:
    taken = market.listings.desk.create(
        market.cast.shop.principal, replace(fields(), url="https://shop.example.cn/i/3")
    )
    data = (HEAD + row(1) + row(2) + row(1, name="again") + row(3) + row(2)).encode()
    checked = check(market, data)
    errors = [(error.line, error.code, error.other_line) for error in checked.checked.errors]
    assert errors == [(4, "duplicate_url", 2), (5, "url_taken", 0), (6, "duplicate_url", 3)]
    assert taken.id in checked.checked.errors[1].message
    done = run(market, checked)
    assert [(error.line, error.code, error.other_line) for error in done.run.errors] == errors
    assert (done.run.good, count(market)) == (2, 3)


def test_a_duplicate_in_a_later_chunk_names_the_line_that_is_in_already(market: Market) -> None:
    data = file(1500) + row(7).encode()
    done = run(market, check(market, data))
    assert [(error.line, error.other_line) for error in done.run.errors] == [(1502, 9)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"http://shop.example.cn/,s,n,%b,L1,", "bad_url"),
        (b"https://u:p@shop.example.cn/,s,n,%b,L1,", "bad_url"),
        (b"https://127.0.0.1/,s,n,%b,L1,", "bad_url"),
        (b"https://shop.example.cn/" + b"a" * 2048 + b",s,n,%b,L1,", "bad_url"),
        (b"https://shop.example.cn/,s,n,06901234567890,L1,", "bad_gtin"),
        (b"https://shop.example.cn/,s,n,%b,,", "lots_or_codes_missing"),
        (b"https://shop.example.cn/,s,n,%b,L1,/01/no/code", "bad_sample_code"),
        (b"https://shop.example.cn/,s,n\0,%b,L1,", "nul_character"),
        (b"https://shop.example.cn/,s,\xe2\x80\xae,%b,L1,", "bad_seller_name"),
        (b'https://shop.example.cn/,s,"n,%b,L1,', "bad_quoting"),
        (b"https://shop.example.cn/,s,n,%b", "wrong_number_of_fields"),
    ],
)
def test_a_bad_line_is_named_and_spoils_no_other(one_market: Market, line: bytes, code: str) -> None:
    data = HEAD.encode() + row(1).encode() + line.replace(b"%b", GTIN.encode()) + b"\n" + row(2).encode()
    checked = check(one_market, data)
    assert [(error.line, error.code) for error in checked.checked.errors] == [(3, code)]
    assert checked.checked.good == 2


def test_a_line_of_ten_megabytes_is_one_error_and_is_never_held(one_market: Market) -> None:
    data = HEAD.encode() + row(1).encode() + b"x" * (10 << 20) + b"\n" + row(2).encode()
    checked = check(one_market, data)
    assert [(error.line, error.code) for error in checked.checked.errors] == [(3, "line_too_long")]
    assert checked.checked.good == 2
    assert MAX_LINE < 1 << 20


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_that_spreadsheets_write_are_read(one_market: Market, encoding: str) -> None:
    data = (HEAD + row(1, name='"青山, 旗舰 ""店"""')).replace("\n", "\r\n").encode(encoding)
    done = run(one_market, check(one_market, data))
    found = one_market.listings.desk.page(one_market.cast.shop.principal, ListingFilter(), "", 9)
    assert [one.fields.seller_name for one in found] == ['青山, 旗舰 "店"']
    assert done.encoding == ("gb18030" if encoding == "gb18030" else "utf-8")


@pytest.mark.parametrize("data", [b"\xff\xfeu\0r\0l\0", "链接".encode("utf-16"), b"url\xff"])
def test_other_encodings_are_refused_at_once(one_market: Market, data: bytes) -> None:
    with pytest.raises(Malformed, match="UTF-8"):
        check(one_market, data)


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        (b"a,b\n1,2\n", "bad_header"),
        (HEAD.encode(), "no_rows"),
        (b"\n\n", "bad_header"),
        (file(100_001), "too_many_rows"),
    ],
)
def test_a_file_that_is_none_fails_with_a_reason(one_market: Market, data: bytes, failure: str) -> None:
    checked = check(one_market, data)
    assert (checked.state, checked.failure) == (ImportState.FAILED, failure)
    with pytest.raises(ListingConflict, match="not been checked"):
        one_market.listings.imports.run(one_market.cast.shop.principal, checked.id)


def test_one_file_at_a_time_and_the_same_file_is_the_same_import(market: Market) -> None:
    shop, imports = market.cast.shop.principal, market.listings.imports
    first = imports.upload(shop, "C:\\Users\\x\\<b>first</b>.csv", [file(3)])
    assert first.file_name == "<b>first</b>.csv".rpartition("/")[2]
    assert imports.upload(shop, "same.csv", [file(3)]).id == first.id
    with pytest.raises(ListingConflict, match="Another file"):
        imports.upload(shop, "second.csv", [file(4)])
    market.listings.worker.work()
    second = imports.upload(shop, "second.csv", [file(4)])
    assert imports.get(shop, first.id).state is ImportState.DISCARDED, "a preview that nobody ran gives way"
    assert imports.upload(market.rival.principal, "r.csv", [file(3)]).id not in (first.id, second.id)


def test_another_worker_takes_over_when_the_lease_is_over_and_goes_on_behind_the_last_line(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies between two transactions, and comes back too late."""
    checked = check(market, file(2500))
    shop = market.cast.shop.principal
    market.listings.imports.run(shop, checked.id)
    dying = market.listings.worker
    saved = worker._sort_out
    calls = []

    def die(*arguments: Any) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return saved(*arguments)

    monkeypatch.setattr(worker, "_sort_out", die)
    with pytest.raises(KeyboardInterrupt):
        dying.work()
    monkeypatch.setattr(worker, "_sort_out", saved)
    left = market.listings.imports.get(shop, checked.id)
    assert (left.state, left.run.good, left.run.line, count(market)) == (ImportState.RUNNING, 1000, 1001, 1000)

    other = make_listings(ListingKit(market.site.business, market.ledger, market.site.clock)).worker
    assert not other.work(), "the lease is not over"
    market.site.clock.turn(seconds=11)
    assert other.work()
    done = market.listings.imports.get(shop, checked.id)
    assert (done.state, done.run.good, done.run.bad, count(market)) == (ImportState.DONE, 2500, 0, 2500)
    assert not dying.work()
