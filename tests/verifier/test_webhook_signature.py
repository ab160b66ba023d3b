# SPDX-License-Identifier: Apache-2.0
"""Signatures of webhooks: the published example of Standard Webhooks, our own by openssl, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from verifier.protocol.errors import DoesNotHold, Malformed, VerifierError
from verifier.webhook_signature import (
    format_secret,
    make_headers,
    parse_secret,
    sign_webhook,
    verify_webhook,
)

# The example in the test suites of Standard Webhooks' reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, SENT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
NOW = datetime.fromtimestamp(SENT, UTC)
HEADERS = {"webhook-id": MESSAGE, "webhook-timestamp": str(SENT), "webhook-signature": SIGNATURE}
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"


def refusal(headers: dict[str, str], body: bytes = BODY, *, now: datetime = NOW, secret: str = SECRET) -> str:
    with pytest.raises(VerifierError) as caught:
        verify_webhook(headers, body, secret, now=now)
    assert isinstance(caught.value, Malformed | DoesNotHold)
    return caught.value.code


def test_the_published_example_holds_and_is_what_we_make() -> None:
    assert sign_webhook(parse_secret(SECRET), MESSAGE, SENT, BODY) == SIGNATURE
    found = verify_webhook(HEADERS, BODY, SECRET, now=NOW)
    assert (found.id, found.sent_at) == (MESSAGE, NOW)
    assert verify_webhook({name.title(): value for name, value in HEADERS.items()}, BODY, SECRET[6:], now=NOW) == found


def test_it_is_hmac_as_rfc_2104_writes_it() -> None:
    key = bytes(range(40))
    inner, outer = (bytes(one ^ pad for one in key.ljust(64, b"\0")) for pad in (0x36, 0x5C))
    text = f"evt_1.{SENT}.".encode() + BODY
    expected = hashlib.sha256(outer + hashlib.sha256(inner + text).digest()).digest()
    assert sign_webhook(key, "evt_1", SENT, BODY) == "v1," + base64.b64encode(expected).decode()


def test_the_commands_of_the_documentation_print_the_same(tmp_path: Path) -> None:
    block = next(
        part for part in re.findall(r"(?:^    .*\n)+", DOCUMENT.read_text(), re.MULTILINE) if "openssl" in part
    )
    (tmp_path / "body.json").write_bytes(BODY)
    environment = {"PATH": "/usr/bin:/bin", "WEBHOOK_SECRET": SECRET, "WEBHOOK_ID": MESSAGE}
    environment |= {"WEBHOOK_TIMESTAMP": str(SENT)}
    done = subprocess.run(["sh", "-c", block], env=environment, cwd=tmp_path, capture_output=True, check=True)
    assert "v1," + done.stdout.decode().strip() == SIGNATURE, done.stderr


def test_the_receiver_of_the_documentation_takes_a_message_once_and_refuses_another() -> None:
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", DOCUMENT.read_text(), re.MULTILINE)
    program = textwrap.dedent(next(part for part in blocks if "verify_webhook" in part)).replace("whsec_…", SECRET)
    assert len([line for line in program.splitlines() if line]) <= 10
    names: dict[str, Any] = {"__name__": "receiver"}
    exec(program, names)
    client = names["app"].test_client()
    body = b'{"type":"webhook.test"}'
    headers = make_headers([parse_secret(SECRET)], "evt_1", int(datetime.now(UTC).timestamp()), body)
    for _ in range(2):
        assert client.post("/passport", data=body, headers=headers, content_type="application/json").status_code == 204
    assert names["seen"] == {"evt_1"}
    names["app"].testing = True
    with pytest.raises(DoesNotHold):
        client.post("/passport", data=body + b" ", headers=headers, content_type="application/json")


def test_any_of_several_signatures_will_do_and_others_versions_are_passed_over() -> None:
    other = bytes(32)
    headers = make_headers([other, parse_secret(SECRET)], MESSAGE, SENT, BODY)
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (SECRET, format_secret(other)):
        verify_webhook(headers, BODY, secret, now=NOW)
    verify_webhook(HEADERS | {"webhook-signature": f"v1a,AAAA {SIGNATURE} v2,x"}, BODY, SECRET, now=NOW)
    many = " ".join(["v1,AAAA"] * 1000 + [SIGNATURE])
    assert refusal(HEADERS | {"webhook-signature": many}) == "webhook_signature"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": MESSAGE + "x"},
        {"webhook-timestamp": str(SENT + 1)},
        {"webhook-signature": SIGNATURE[:-2] + "F="},
        {"webhook-signature": SIGNATURE[3:]},
        {"webhook-signature": "v1," + SIGNATURE[3:].swapcase()},
        {"webhook-signature": "v2," + SIGNATURE[3:]},
        {"webhook-signature": "v1,\u00e9\ud800"},
    ],
)
def test_one_changed_character_is_another_message(change: dict[str, str]) -> None:
    assert refusal(HEADERS | change) == "webhook_signature"
    assert refusal(HEADERS, BODY + b"\n") == "webhook_signature"
    assert refusal(HEADERS, secret=format_secret(bytes(24))) == "webhook_signature"


def test_five_minutes_either_way_and_not_a_second_more() -> None:
    for seconds in (-300, 300):
        verify_webhook(HEADERS, BODY, SECRET, now=NOW + timedelta(seconds=seconds))
    assert refusal(HEADERS, now=NOW + timedelta(seconds=301)) == "webhook_too_old"
    assert refusal(HEADERS, now=NOW - timedelta(seconds=301)) == "webhook_too_new"
    assert refusal(HEADERS | {"webhook-id": "x"}, now=NOW + timedelta(days=1)) == "webhook_signature", (
        "who cannot sign learns nothing of the clock"
    )


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(name: str) -> None:
    assert refusal({one: value for one, value in HEADERS.items() if one != name}) == "webhook_header_missing"
    assert refusal(HEADERS | {name: ""}) == "webhook_header_missing"


@pytest.mark.parametrize("stamp", ["-1", "+1", "1e9", " 1", "0x1", "1.0", "999999999999999999", "１", "01"])
def test_a_timestamp_has_one_spelling(stamp: str) -> None:
    assert refusal(HEADERS | {"webhook-timestamp": stamp}) == "bad_webhook_header"


@pytest.mark.parametrize("message", ["a.b", "a b", "x" * 101, "é"])
def test_an_id_that_could_be_read_in_two_ways_is_none(message: str) -> None:
    assert refusal(HEADERS | {"webhook-id": message}) == "bad_webhook_header"


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_AAAA", "whsec_" + "A" * 200, "whsec_" + "!" * 32, SECRET[:-1]])
def test_a_secret_that_is_none(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_secret(text)
    assert caught.value.code == "bad_webhook_secret"
