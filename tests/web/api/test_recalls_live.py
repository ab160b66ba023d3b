# SPDX-License-Identifier: Apache-2.0
"""A recall over real HTTP: from the maker's command to the listing's state, the case and the checked bundle."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.support.live_recalls import enter_listing, publish_recall, wait_for_state
from tests.support.live_registry import Live
from tests.support.live_shop import shop_client
from verifier.cli import main
from verifier.client import ApiError, ApiNotFound
from verifier.evidence_archive import read_archive, write_archive
from verifier.recall_board import FILES, NOTE
from verifier.recall_types import DelistedInput, MeasureInput, NoticeInput

pytestmark = pytest.mark.xdist_group("live_api")
STRANGE = "01a1fd1e-8c00-7449-9012-b849938dcbea"


def test_a_published_recall_stops_a_listing_within_five_seconds_and_is_reported_on(live: Live) -> None:
    client = shop_client(live)
    listing = enter_listing(live, "2", "L8")
    publish_recall(live, "live-2", "L8")
    assert wait_for_state(client, listing, "stop_sale", 5) < 5
    case = next(one for one in client.list_recall_cases().cases if one.recall.recall_id == "powerbank/live-2")
    found = client.find_recall_case(case.id)
    assert [one.listing for one in client.each_case_listing(case.id)] == [listing]
    decision = client.bind_listing(listing, key="relist-attempt-1")
    assert "open_recall" in [reason.code for reason in decision.reasons]
    assert client.acknowledge_recall(case.id, key="ack-live-2-0001").received_by == "token"
    notice = NoticeInput("https://shop.example.cn/notice/2", all=True)
    assert client.report_notice(case.id, notice, key="notice-live-2-01").reported == 1
    assert client.report_delisted(case.id, DelistedInput((listing,)), key="delisted-live-2-1").reported == 1
    assert client.report_delisted(case.id, DelistedInput(all=True), key="delisted-live-2-2").known == 1
    client.report_measure(case.id, MeasureInput("s-1", "warned"), key="measure-live-2-1")
    found = client.find_recall_case(case.id)
    assert (found.figures.affected, found.figures.stopped_in_time, found.figures.attempts) == (1, 1, 1)
    assert client.find_listing(listing).state == "delisted"
    board = client.show_recall_board(recall="powerbank/live-2")
    assert board.indicators.stopped_in_time.permille == 1000
    assert board.indicators.sellers_acted_on.permille == 1000
    assert board.recalls[0].returns is not None


def test_what_does_not_exist_is_404_and_two_choices_at_once_are_refused(live: Live) -> None:
    client = shop_client(live)
    with pytest.raises(ApiNotFound):
        client.find_recall_case(STRANGE)
    with pytest.raises(ApiNotFound, match="listing"):
        client.report_delisted(live.shop["CASE"], DelistedInput((STRANGE,)), key="delisted-live-9-1")
    with pytest.raises(ApiError) as refused:
        client.report_delisted(live.shop["CASE"], DelistedInput((STRANGE,), all=True), key="delisted-live-9-2")
    assert refused.value.code == "bad_listings"


def test_the_bundle_is_checked_offline_and_every_changed_member_is_found(
    live: Live, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = shop_client(live)
    policy, file = tmp_path / "policy.txt", tmp_path / "board.zip"
    policy.write_bytes(client.policy())
    data = client.export_recall_evidence()
    file.write_bytes(data)
    command = ["recall-board", "check", str(file), "--policy", str(policy), "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert "powerbank/live-1" in found["recalls"] and found["organisation"] == "shop-b"
    assert main([*command[:-1], "--lang", "zh"]) == 0
    members = read_archive(data, (NOTE, *FILES))
    for name in (NOTE, *FILES):
        changed = bytearray(members[name])
        changed[len(changed) // 2] ^= 1
        file.write_bytes(write_archive(members | {name: bytes(changed)}))
        assert main(command) in (1, 2), name
    other = tmp_path / "other.txt"
    other.write_text(policy.read_text().replace("log ", "# "))
    file.write_bytes(data)
    assert main([*command[:4], str(other), "--json"]) in (1, 2)


def test_a_bundle_of_one_board_with_the_note_of_another_does_not_hold(
    live: Live, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = shop_client(live)
    policy, file = tmp_path / "policy.txt", tmp_path / "board.zip"
    policy.write_bytes(client.policy())
    whole = read_archive(client.export_recall_evidence(), (NOTE, *FILES))
    time.sleep(1.1)  # a board of another second: in one second they are the same
    one = read_archive(client.export_recall_evidence(recall="powerbank/live-1"), (NOTE, *FILES))
    assert one[NOTE] != whole[NOTE]
    file.write_bytes(write_archive(one | {NOTE: whole[NOTE]}))
    assert main(["recall-board", "check", str(file), "--policy", str(policy), "--json"]) in (1, 2)
    assert "error" in json.loads(capsys.readouterr().out)
