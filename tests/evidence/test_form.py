# SPDX-License-Identifier: Apache-2.0
"""POST /check/evidence over real HTTP: the form of the check page, without any script."""

from __future__ import annotations

import http.client
import re
import tempfile
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from pathlib import Path
from random import Random

import pytest

from passport.web.app import create_app
from tests.support.phone_shop import Shop
from tests.support.phone_stage import LyingChecker
from tests.support.web_server import WebServer
from verifier.evidence_bundle import MAX_PHOTO_SIZE
from verifier.evidence_check import Known, check_bundle
from verifier.protocol.policy import TlogPolicy
from verifier.verdict import Status

BOUNDARY = "a-boundary-of-the-test"
Fields = list[tuple[str, str | None, bytes]]


@pytest.fixture(scope="module")
def server(shop: Shop) -> Iterator[WebServer]:
    with WebServer(create_app(shop.workshop.registry.service, shop.workshop.registry.checker)) as server:
        yield server


def encode(fields: Fields) -> bytes:
    parts = []
    for name, file_name, data in fields:
        what = f'form-data; name="{name}"' + (f'; filename="{file_name}"' if file_name is not None else "")
        parts.append(f"--{BOUNDARY}\r\nContent-Disposition: {what}\r\n\r\n".encode() + data + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def post(server: WebServer, fields: Fields, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(server.host, timeout=30)
    try:
        kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        connection.request("POST", "/check/evidence", encode(fields), kind | headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def code_field(shop: Shop, name: str = "genuine") -> tuple[str, None, bytes]:
    return ("code", None, shop.codes[name].to_path().encode())


def test_the_form_on_the_page_makes_a_file_that_holds(server: WebServer, shop: Shop, policy: TlogPolicy) -> None:
    _, _, page = server.get(f"/check{shop.codes['recalled'].to_path()}")
    form = re.search(r'<form class="evidence".*?</form>', page.decode(), re.DOTALL)
    assert form is not None
    assert 'method="post" action="/check/evidence" enctype="multipart/form-data"' in form[0]
    code = re.search(r'name="code" value="([^"]*)"', form[0])
    assert code is not None
    status, headers, data = post(server, [("code", None, unescape(code[1]).encode()), ("photos", "", b"")])
    assert (status, headers["content-type"]) == (200, "application/zip")
    assert re.fullmatch(r'attachment; filename="evidence-\d{4}-\d{8}\.zip"', headers["content-disposition"])
    assert headers["cache-control"] == "no-store"
    checked = check_bundle(data, Known(policy))
    assert (checked.own.verdict.status, checked.bundle.judged_by, checked.is_proven) == ("recalled", "server", True)
    assert "additions.json" not in checked.bundle.members


@pytest.mark.parametrize("kind", ["noise", "line ends"])
def test_photos_as_they_really_are_are_hashed(server: WebServer, shop: Shop, kind: str) -> None:
    """Any byte may be the beginning of a boundary, wherever a piece of the body ends."""
    size = 4_000_000
    data = Random(7).randbytes(size) if kind == "noise" else b"\r\n--" * (size // 4)
    fields: Fields = [code_field(shop), *[("photos", f"{'照片' * 80}{n}.jpg", data) for n in range(3)]]
    status, _, file = post(server, fields)
    assert status == 200
    photos = check_bundle(file, Known()).bundle.additions.photos
    assert [(photo.sha256, photo.size) for photo in photos] == [(sha256(data).hexdigest(), size)] * 3


def test_text_that_is_no_code_makes_a_file_too(server: WebServer) -> None:
    status, headers, data = post(server, [("code", None, "扫到的字 <b>".encode())])
    assert status == 200
    assert re.fullmatch(r'attachment; filename="evidence-\d{8}\.zip"', headers["content-disposition"])
    assert check_bundle(data, Known()).own.verdict.status == "malformed"


def test_what_was_typed_is_in_the_file_and_photos_are_digests_alone(
    server: WebServer, shop: Shop, policy: TlogPolicy
) -> None:
    photo = b"\xff\xd8 a photo of a label " * 50_000
    fields: Fields = [
        code_field(shop),
        ("listing_url", None, b"https://shop.example.cn/item?id=9"),
        ("note", None, "不像正品\r\n<script>".encode()),
        ("photos", "my name and address.jpg", photo),
        ("photos", "2.jpg", b"two"),
    ]
    status, _, data = post(server, fields)
    assert status == 200
    checked = check_bundle(data, Known(policy))
    assert checked.bundle.additions.to_json() == {
        "listing_url": "https://shop.example.cn/item?id=9",
        "note": "不像正品\n<script>",
        "photos": [
            {"sha256": sha256(photo).hexdigest(), "size": len(photo)},
            {"sha256": sha256(b"two").hexdigest(), "size": 3},
        ],
    }
    assert b"my name" not in data and photo[:100] not in data


def test_a_photo_is_hashed_as_it_arrives_and_never_written(
    server: WebServer, shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "there is no such directory"))
    photo = bytes(MAX_PHOTO_SIZE)
    body: Fields = [code_field(shop), ("photos", "large.jpg", photo)]
    encoded = encode(body)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    connection = http.client.HTTPConnection(server.host, timeout=60)
    connection.request(
        "POST", "/check/evidence", encoded, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    )
    answer = connection.getresponse()
    data = answer.read()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    connection.close()
    assert answer.status == 200
    assert sha256(photo).hexdigest().encode() in data
    assert peak - before < 16 * 1024 * 1024  # of 20: most of the rest is what a first request loads


@pytest.mark.parametrize(
    ("extra", "status", "code"),
    [
        ([("listing_url", None, b"javascript:alert(1)")], 400, "bad_listing_url"),
        ([("listing_url", None, b"https://x.example/" + b"a" * 2040)], 400, "bad_listing_url"),
        ([("note", None, b"x" * 2001)], 400, "note_too_long"),
        ([("photos", f"{n}.jpg", b"x") for n in range(11)], 400, "too_many_photos"),
        ([("photos", "a.jpg", bytes(MAX_PHOTO_SIZE + 1))], 413, "photo_too_large"),
        ([("note", None, b"x" * 70_000)], 413, "request_entity_too_large"),
        ([(f"more{n}", None, b"") for n in range(40)], 413, "request_entity_too_large"),
    ],
)
def test_too_much_or_something_else_is_refused_with_a_page_and_a_code(
    server: WebServer, shop: Shop, extra: Fields, status: int, code: str
) -> None:
    answer, headers, body = post(server, [code_field(shop), *extra])
    assert (answer, headers["content-type"].split(";")[0]) == (status, "text/html")
    assert code in body.decode()
    answer, _, body = post(server, [code_field(shop), *extra], Accept="application/json")
    assert answer == status and f'"code":"{code}"'.encode() in body


def test_no_code_or_a_very_long_one_is_refused(server: WebServer) -> None:
    assert post(server, [])[0] == 400
    assert b"code_too_long" in post(server, [("code", None, b"x" * 5000)])[2]


def test_another_media_type_is_refused(server: WebServer) -> None:
    assert post(server, [], **{"Content-Type": "application/json"})[0] == 415
    assert post(server, [], **{"Content-Type": "multipart/form-data"})[0] == 400


def test_a_server_that_reports_another_verdict_than_its_evidence_has_it_marked_as_stated(
    shop: Shop, policy: TlogPolicy
) -> None:
    checker = LyingChecker(shop.workshop.registry.checker)
    checker.lie = (Status.GENUINE, "genuine")
    with WebServer(create_app(shop.workshop.registry.service, checker)) as server:
        _, _, data = post(server, [code_field(shop, "recalled")])
    checked = check_bundle(data, Known(policy))
    assert checked.own.verdict.status == "recalled"
    assert checked.stated == ("reported",)
    assert "该产品正在召回".encode() in data
