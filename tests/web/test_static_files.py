# SPDX-License-Identifier: Apache-2.0
"""Static files: kept for ever only under their own version, compressed for whoever takes it, asked for by their tag."""

from __future__ import annotations

import gzip

import brotli
import pytest
from flask.testing import FlaskClient

from verifier.web.assets import find_static
from verifier.web.static_files import asset_address, encode_static, find_scripts, read_static, scripts_version

KEPT = "public, max-age=31536000, immutable"
MERKLE = "verifier/merkle.mjs"


def test_scripts_are_kept_for_ever_in_the_folder_of_their_version(client: FlaskClient) -> None:
    answer = client.get(find_scripts().entry)
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Cache-Control"] == KEPT
    assert client.get(f"/static/{scripts_version()}/{MERKLE}").data == (find_static() / MERKLE).read_bytes()


def test_an_address_of_another_version_is_never_kept(client: FlaskClient) -> None:
    """During an update one server may be asked for the files of another: right today, wrong for ever."""
    answer = client.get(f"/static/0123456789ab/{MERKLE}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    assert client.get("/static/0123456789ab/nothing.mjs").status_code == 404


def test_whoever_takes_gzip_gets_it(client: FlaskClient) -> None:
    plain = client.get(f"/static/{MERKLE}")
    small = client.get(f"/static/{MERKLE}", headers={"Accept-Encoding": "deflate, gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in client.get(f"/static/{MERKLE}", headers={"Accept-Encoding": "gzip;q=0"}).headers
    assert plain.headers["Vary"] == small.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip;q=0.5", "br"),
        ("br;q=0.2, gzip", "gzip"),
        ("br;q=0, *", "gzip"),
        ("*", "br"),
        ("identity", None),
        ("br;q=0, gzip;q=0", None),
        ("nonsense;;q=x", None),
    ],
)
def test_the_smallest_coding_that_is_taken_is_given(client: FlaskClient, accepted: str, coding: str | None) -> None:
    answer = client.get(f"/static/{MERKLE}", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == coding
    decode = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    assert decode(answer.data) == read_static()[MERKLE].data
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_brotli_is_smaller_than_gzip_for_every_script() -> None:
    for name in read_static():
        if name.endswith(".mjs"):
            assert len(encode_static(name, "br")) < len(encode_static(name, "gzip")), name


def test_a_large_file_is_not_compressed_for_seconds_while_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    levels: list[int] = []

    def compress(data: bytes, *, quality: int) -> bytes:
        levels.append(quality)
        return data

    monkeypatch.setattr("verifier.web.static_files.brotli.compress", compress)
    monkeypatch.setattr("verifier.web.static_files.BEST_QUALITY_UP_TO", 4000)
    for name, file in read_static().items():
        encode_static.__wrapped__(name, "br")
        assert levels[-1] == (11 if len(file.data) <= 4000 else 9)
    assert set(levels) == {9, 11}


def test_each_coding_has_a_tag_of_its_own(client: FlaskClient) -> None:
    """Two representations of one file are not the same bytes: no cache may mix them up. RFC 9110 §8.8.3."""
    codings = ("br", "gzip", "identity")
    tags = [client.get(f"/static/{MERKLE}", headers={"Accept-Encoding": it}).headers["ETag"] for it in codings]
    assert len(set(tags)) == 3
    assert not [tag for tag in tags if tag.startswith("W/")]
    answer = client.get(f"/static/{MERKLE}", headers={"Accept-Encoding": "br", "If-None-Match": tags[1]})
    assert answer.status_code == 200


def test_another_versions_address_does_not_keep_this_ones_bytes(client: FlaskClient) -> None:
    """Two servers behind one name while a new version is put in place."""
    for address in ("/static/scan.css?v=feedfacefeed", "/static/scan.css?v=", f"/static/feedfacefeed/{MERKLE}"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache"), address
    assert client.get(asset_address("scan.css")).headers["Cache-Control"] == KEPT


def test_a_file_without_a_version_is_asked_for_by_its_tag(client: FlaskClient) -> None:
    tag = client.get(f"/static/{MERKLE}").headers["ETag"]
    again = client.get(f"/static/{MERKLE}", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_the_licences_and_the_list_of_vendored_files_are_not_pages(client: FlaskClient) -> None:
    assert client.get("/static/vendor/VENDOR.json").status_code == 404
    assert client.get("/static/vendor/noble-ed25519.mjs").status_code == 200
