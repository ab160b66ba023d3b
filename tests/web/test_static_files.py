# SPDX-License-Identifier: Apache-2.0
"""Static files: kept for ever only under their own version, compressed for whoever takes it, asked for by their tag."""

from __future__ import annotations

import gzip

from flask.testing import FlaskClient

from verifier.web.assets import find_static
from verifier.web.static_files import find_scripts, scripts_version

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
    small = client.get(f"/static/{MERKLE}", headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in client.get(f"/static/{MERKLE}", headers={"Accept-Encoding": "gzip;q=0"}).headers
    assert plain.headers["Vary"] == small.headers["Vary"] == "Accept-Encoding"


def test_a_file_without_a_version_is_asked_for_by_its_tag(client: FlaskClient) -> None:
    tag = client.get(f"/static/{MERKLE}").headers["ETag"]
    again = client.get(f"/static/{MERKLE}", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_the_licences_and_the_list_of_vendored_files_are_not_pages(client: FlaskClient) -> None:
    assert client.get("/static/vendor/VENDOR.json").status_code == 404
    assert client.get("/static/vendor/noble-ed25519.mjs").status_code == 200
