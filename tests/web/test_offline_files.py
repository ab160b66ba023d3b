# SPDX-License-Identifier: Apache-2.0
"""Service worker, manifest, icons and shell as they are served."""

from __future__ import annotations

import io
import json
import re

import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageChops, ImageStat

from tests.support.icon_maker import STATIC, draw_icon, names, parse_path
from verifier.web.offline import service_worker_text
from verifier.web.static_files import find_scripts, read_static, scripts_version


def shell_of(text: str) -> dict[str, list[str]]:
    return dict(json.loads(text.partition("\n")[0].removeprefix("const SHELL = ").removesuffix(";")))


def test_the_worker_may_serve_the_whole_site_and_is_asked_for_again_each_time(client: FlaskClient) -> None:
    answer = client.get("/service-worker.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


def test_every_address_that_the_worker_keeps_is_served_for_ever(client: FlaskClient) -> None:
    shell = shell_of(service_worker_text())
    addresses = [*shell["check"], *shell["scan"]]
    assert set(find_scripts().preload) <= set(addresses)
    assert len(addresses) == len(set(addresses))
    for address in addresses:
        answer = client.get(address)
        assert (answer.status_code, "immutable" in answer.headers["Cache-Control"]) == (200, True), address


def test_every_script_is_kept_but_the_badges_and_the_worker() -> None:
    shell = shell_of(service_worker_text())
    root = f"/static/{scripts_version()}/"
    kept = {str(address).removeprefix(root) for address in [*shell["check"], *shell["scan"]]}
    scripts = {name for name in read_static() if name.endswith((".mjs", ".js", ".wasm"))}
    badges = {"badge.mjs", "badge_stream.mjs", "listing_badge.mjs", "listing_about.mjs", "product-passport-badge.mjs"}
    assert scripts - kept == {*badges, "service_worker.js"}


def test_the_decoder_is_not_part_of_a_shoppers_download() -> None:
    for address in shell_of(service_worker_text())["check"]:
        assert "zxing" not in address and "/scan" not in address and "/qr/" not in address


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_shell_is_neutral_and_holds_no_verdict(client: FlaskClient, language: str) -> None:
    answer = client.get("/check/offline", headers={"Accept-Language": language})
    text = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    assert '<section class="verdict unasked" data-status="">' in text
    assert text.index('id="phone"') < text.index('class="verdict unasked"')
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in text
    assert find_scripts().entry in text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(("language", "lang"), [("zh", "zh-CN"), ("en", "en")])
def test_the_manifest_opens_the_scan_page_in_its_language(client: FlaskClient, language: str, lang: str) -> None:
    answer = client.get(f"/manifest.webmanifest?lang={language}")
    assert answer.mimetype == "application/manifest+json"
    manifest = answer.get_json(force=True)
    assert (manifest["start_url"], manifest["display"], manifest["lang"]) == ("/scan", "standalone", lang)
    assert re.fullmatch(r"#[0-9a-f]{6}", manifest["theme_color"])
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        (f"{size}x{size}", purpose) for size in (192, 512) for purpose in ("any", "maskable")
    }
    for icon in manifest["icons"]:
        image = Image.open(io.BytesIO(client.get(icon["src"]).data))
        assert f"{image.width}x{image.height}" == icon["sizes"]
        assert client.get(icon["src"]).mimetype == "image/png"


def test_every_page_names_the_manifest_of_its_language_and_its_policy_allows_it(client: FlaskClient) -> None:
    for language in ("zh", "en"):
        answer = client.get(f"/check?lang={language}")
        assert f'<link rel="manifest" href="/manifest.webmanifest?lang={language}">' in answer.get_data(as_text=True)
        assert "manifest-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", names())
def test_an_icon_is_what_its_script_makes_of_our_own_drawing(name: str) -> None:
    size, is_maskable = names()[name]
    stored = Image.open(STATIC / "icons" / name).convert("RGBA").convert("RGB")
    made = draw_icon(size, is_maskable=is_maskable)
    flat = Image.new("RGB", made.size)
    flat.paste(made, mask=made.getchannel("A"))
    assert stored.size == (size, size)
    if is_maskable:  # the others are clear at their corners, which has no colour to compare
        assert max(ImageStat.Stat(ImageChops.difference(stored, flat)).mean) < 4
    middle = (size // 4, size // 4, 3 * size // 4, 3 * size // 4)
    assert max(ImageStat.Stat(ImageChops.difference(stored.crop(middle), flat.crop(middle))).mean) < 4


def test_a_drawing_of_straight_lines_is_read_as_svg_means_it() -> None:
    assert parse_path("M8 8h6v6H8zm10 0l1-1") == [
        ([(8.0, 8.0), (14.0, 8.0), (14.0, 14.0), (8.0, 14.0)], True),
        ([(18.0, 8.0), (19.0, 7.0)], False),
    ]
