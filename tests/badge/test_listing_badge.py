# SPDX-License-Identifier: Apache-2.0
"""The badge of a listing over HTTP: who may frame it, when it is green, what it says when it is not."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.badge.conftest import (
    LISTING,
    OLD_KEY,
    RIVALS_KEY,
    SETTINGS,
    SHOP,
    URL,
    World,
    make_badge_app,
    make_claims,
    make_token,
    now,
    sign,
)
from tests.support.fake_registry import GTIN, KEY, MAKER, NOTICE
from verifier.verdict import Status
from verifier.web.streams import StreamGate

GREEN = 'class="verdict is-green"'


def load(app: Flask, token: str, referer: str = URL, **headers: str) -> TestResponse:
    sent = {"Referer": referer, "Sec-Fetch-Dest": "iframe"} | headers
    return app.test_client().get(f"/badge/listing/{token}?lang=en", headers={k: v for k, v in sent.items() if v})


def reason_of(page: TestResponse) -> str:
    found = re.search(r'data-reason="([a-z_]*)"', page.text)
    assert found is not None
    return found[1]


def status_of(app: Flask, token: str, grant: str | None = None) -> dict[str, Any]:
    query = "" if grant is None else f"&grant={grant}"
    value: dict[str, Any] = app.test_client().get(f"/badge/listing/{token}/status?lang=en{query}").get_json()
    return value


def grant_of(page: TestResponse) -> str:
    found = re.search(r"/status\?grant=([^&\"]+)", page.text)
    assert found is not None
    return found[1]


def test_the_right_page_is_green_and_says_who_sells_what(app: Flask, world: World) -> None:
    page = load(app, make_token())
    assert page.status_code == 200 and GREEN in page.text
    assert "某某旗舰店" in page.text and f">{GTIN[-4:]}<" in page.text and "QS-20K" in page.text
    assert re.search(r'data-part="code">[0-9A-HJKMNP-TV-Z]{4}<', page.text)
    assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {SHOP}")
    assert page.headers["Cache-Control"] == "no-store"
    assert world.alerts == []


@pytest.mark.parametrize(
    ("referer", "reason", "place"),
    [
        (f"{SHOP}/item?id=2", "another_page", f"{SHOP}/item?id=2"),
        (f"{SHOP}/other?id=1&session=secret", "another_page", f"{SHOP}/other?id=1"),
        ("https://copy.example/fake?user=7", "foreign_origin", "https://copy.example/fake"),
        (f"{SHOP}:8443/item?id=1", "foreign_origin", f"{SHOP}:8443/item"),
        ("http://shop.example.cn/item?id=1", "foreign_origin", "http://shop.example.cn/item"),
        ("", "no_page", ""),
        (f"{SHOP}/", "no_page", SHOP),
        ("about:client", "no_page", ""),
    ],
)
def test_any_other_page_is_grey_and_told_to_the_platform(
    app: Flask, world: World, referer: str, reason: str, place: str
) -> None:
    token = make_token()
    page = load(app, token, referer)
    assert GREEN not in page.text and "某某旗舰店" not in page.text and reason_of(page) == reason
    assert world.alerts == [(LISTING, reason, place)]
    assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {SHOP}")
    later = status_of(app, token, grant_of(page))
    assert (later["status"], later["reason"]) == ("unknown", reason), "the grant carries what was found"
    assert "listing" not in later and "code" not in later


@pytest.mark.parametrize("query", ["id=1&utm_source=x", "utm=1&id=1", "id=1#top"])
def test_further_parameters_do_no_harm(app: Flask, query: str) -> None:
    assert GREEN in load(app, make_token(), f"{SHOP}/item?{query}").text


@pytest.mark.parametrize("query", ["id=1&id=2", "ID=1", "id=", ""])
def test_each_parameter_of_the_listing_has_the_same_values(app: Flask, query: str) -> None:
    assert GREEN not in load(app, make_token(), f"{SHOP}/item?{query}").text


def test_a_page_in_a_tab_of_its_own_is_grey_and_nobodys_wrong_place(app: Flask, world: World) -> None:
    page = load(app, make_token(), "", **{"Sec-Fetch-Dest": "document"})
    assert reason_of(page) == "no_page" and world.alerts == []


def test_a_grant_is_good_for_one_token_on_one_server_and_cannot_be_raised(app: Flask) -> None:
    token = make_token()
    good, grey = grant_of(load(app, token)), grant_of(load(app, token, f"{SHOP}/x"))
    assert status_of(app, token, good)["status"] == "good"
    other = make_token(seller_id="s-1", lot="")
    for wrong in ("", "right", "right.", grey.replace("another_page", "right"), f"{good}x", "right.é"):
        assert status_of(app, token, wrong)["status"] == "unknown", wrong
    assert status_of(app, other, good)["reason"] == "no_page"


def test_the_page_without_scripts_renews_itself_by_its_grant_and_no_other_page_can(app: Flask) -> None:
    token = make_token()
    found = re.search(r'<noscript><meta http-equiv="refresh" content="30; url=([^"]+)">', load(app, token).text)
    assert found is not None
    again = found[1].replace("&amp;", "&")
    client = app.test_client()
    assert GREEN in client.get(again, headers={"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "iframe"}).text
    for site in ("cross-site", "same-site", "none"):
        assert GREEN not in client.get(again, headers={"Sec-Fetch-Site": site, "Sec-Fetch-Dest": "iframe"}).text


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "draft"}, "not_bound"),
        ({"state": "refused"}, "not_bound"),
        ({"state": "delisted"}, "not_bound"),
        ({"is_blocked": True}, "seller_sanctioned"),
        ({"is_on": False}, "badges_off"),
        ({"gtin": "06901234567892"}, "listing_differs"),
        ({"lots": ("L2",)}, "listing_differs"),
        ({"seller_id": "s-2"}, "listing_differs"),
        ({"seller_name": "别家"}, "listing_differs"),
        ({"origins": frozenset({"https://m.shop.example.cn"})}, "origin_not_allowed"),
    ],
)
def test_what_the_registry_knows_otherwise_is_grey(
    app: Flask, world: World, changes: dict[str, Any], reason: str
) -> None:
    world.bind(**changes)
    page = load(app, make_token())
    assert GREEN not in page.text and reason_of(page) == reason


def test_an_unknown_listing_is_grey(app: Flask, world: World) -> None:
    world.bindings.clear()
    assert reason_of(load(app, make_token())) == "unknown_listing"


def test_a_further_origin_of_the_platforms_policy_may_show_it(app: Flask, world: World) -> None:
    mobile = "https://m.shop.example.cn"
    world.bind(origins=frozenset({SHOP, mobile}))
    page = load(app, make_token(origin=mobile), f"{mobile}/item?id=1")
    assert GREEN in page.text and page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {mobile}")
    assert reason_of(load(app, make_token(), f"{mobile}/item?id=1")) == "another_page", "the token names one origin"


@pytest.mark.parametrize(
    ("token", "reason", "ancestors"),
    [
        (lambda: make_token(expires_at=now().replace(microsecond=0) - timedelta(seconds=1)), "expired", SHOP),
        (lambda: sign(make_claims(), OLD_KEY), "revoked_key", "*"),
        (lambda: sign(make_claims(), RIVALS_KEY), "unknown_key", "*"),
        (lambda: sign(make_claims(platform=MAKER.id), KEY), "not_a_platform", "*"),
        (lambda: make_token(platform="nobody"), "unknown_platform", "*"),
        (lambda: make_token(audience="other.example/ledger"), "other_ledger", "*"),
        (lambda: make_token()[:-4] + "AAAA", "bad_signature", "*"),
        (lambda: "nonsense", "token_form", "*"),
        (lambda: "a" * 2049, "token_too_long", "*"),
    ],
)
def test_a_token_that_does_not_hold_is_neutral_grey(app: Flask, token: Any, reason: str, ancestors: str) -> None:
    text = token()
    page = load(app, text)
    assert page.status_code == 200 and 'class="verdict is-grey"' in page.text and reason_of(page) == reason
    assert "某某" not in page.text and GTIN[-4:] not in page.text, "it makes no claim"
    assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {ancestors}")
    assert status_of(app, text)["status"] == "unknown"


def test_a_stale_copy_on_another_site_is_told_and_a_stale_page_of_the_shop_is_not(app: Flask, world: World) -> None:
    token = make_token(expires_at=now().replace(microsecond=0) - timedelta(seconds=1))
    load(app, token, f"{SHOP}/other")
    load(app, token, "")
    assert world.alerts == []
    load(app, token, "https://copy.example/")
    assert world.alerts == [(LISTING, "foreign_origin", "https://copy.example/")]


def test_a_recall_speaks_before_everything_else(app: Flask, world: World) -> None:
    world.checker.lot_status = Status.RECALLED
    for state in ("bound", "stop_sale", "delisted", "draft"):
        world.bind(state=state, is_blocked=True)
        page = load(app, make_token())
        assert 'class="verdict is-red"' in page.text and "Recalled: do not buy" in page.text
        assert NOTICE.title.en in page.text and NOTICE.contact.phone in page.text


def test_a_stopped_sale_is_said_in_words(app: Flask, world: World) -> None:
    world.bind(state="stop_sale")
    page = load(app, make_token())
    assert 'class="verdict is-red"' in page.text and "Sale stopped" in page.text


@pytest.mark.parametrize("status", [Status.CANNOT_TELL, Status.NOT_LOGGED])
def test_what_the_ledger_does_not_say_is_not_green(app: Flask, world: World, status: Status) -> None:
    world.checker.lot_status = status
    assert GREEN not in load(app, make_token()).text


def test_green_lasts_no_longer_than_token_and_snapshot(app: Flask, world: World) -> None:
    token = make_token()
    assert 800 < status_of(app, token)["seconds_left"] <= 840
    world.checker.lot_seconds = 20
    assert status_of(app, token)["seconds_left"] == 20


def test_a_token_without_a_lot_speaks_of_the_whole_product(app: Flask, world: World) -> None:
    value = status_of(app, make_token(lot=""))
    assert value["status"] == "good" and "lot" not in value["listing"] and value["verdict"]["lot"] == ""


def test_the_code_of_the_minute_is_the_same_on_the_page_behind_the_badge(app: Flask, world: World) -> None:
    token = make_token()
    client = app.test_client()
    for _ in range(2):  # the minute may change in between
        code = status_of(app, token)["code"]
        page = client.get(f"/badge/listing/{token}/about?lang=en").text
        if f'data-live="code">{code["text"]}<' in page:
            break
    assert f'data-live="code">{code["text"]}<' in page and 1 <= code["seconds_left"] <= 60
    world.moved = timedelta(seconds=60)
    later = client.get(f"/badge/listing/{token}/about?lang=en").text
    assert f'data-live="before">{code["text"]}<' in later, "the minute before is shown as such"


def test_the_page_behind_the_badge_outlives_the_token_and_repeats_the_listing(app: Flask, world: World) -> None:
    token = make_token(expires_at=now().replace(microsecond=0) - timedelta(seconds=5))
    answer = app.test_client().get(f"/badge/listing/{token}/about?lang=en")
    page = answer.text
    assert answer.status_code == 200 and GREEN in page and f'href="{URL}"' in page
    for text in ("某某旗舰店", "Some Mall", GTIN, 'href="/ledger/tile/entries/000.p/40"', "Entry 9", "Entry 8"):
        assert text in page, text
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert app.test_client().get("/badge/listing/x.y.z/about").status_code == 404


def test_json_ld_names_product_certificates_and_passport_and_ends_no_script(app: Flask, world: World) -> None:
    world.bind(seller_name="</script><b>")
    token = make_token(seller_name="</script><b>")
    page = app.test_client().get(f"/badge/listing/{token}/about?lang=en").text
    text = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert text is not None
    value = json.loads(text[1])
    assert (value["@context"], value["@type"], value["gtin"]) == ("https://schema.org", "Product", GTIN)
    assert value["url"] == f"https://id.gs1.org/01/{GTIN}/10/L20260318A"
    assert value["hasCertification"][0]["certificationIdentification"] == "2026010914000001"
    assert value["subjectOf"]["url"].startswith("http://localhost/documents/")
    assert value["offers"]["url"] == URL and value["offers"]["seller"]["name"] == "</script><b>"
    assert "genuine" not in text[1] and "good" not in text[1], "a verdict would be old when it is read"
    assert status_of(app, token)["json_ld"] == value


def test_a_nodes_badge_takes_the_platforms_word_for_the_binding(world: World, gate: StreamGate) -> None:
    world.bindings.clear()
    app = make_badge_app(world, SETTINGS, gate, is_node=True)
    token = make_token()
    assert GREEN in load(app, token, f"{SHOP}/any/page").text, "it knows the site, and not the page"
    assert GREEN not in load(app, token, "https://copy.example/").text
    about = app.test_client().get(f"/badge/listing/{token}/about?lang=en").text
    assert "This node knows the site, and not the page" in about


@pytest.mark.parametrize(
    ("host", "is_green"), [("127.0.0.1:5000", True), ("localhost", True), ("id.example.cn", False)]
)
def test_http_shops_are_for_servers_on_this_machine(app: Flask, world: World, host: str, is_green: bool) -> None:
    origin = "http://127.0.0.1:8081"
    world.bind(url=f"{origin}/item?id=1", origins=frozenset({origin}))
    client, token = app.test_client(), make_token(origin=origin)
    headers = {"Referer": f"{origin}/item?id=1"}
    page = client.get(f"/badge/listing/{token}?lang=en", base_url=f"http://{host}", headers=headers)
    assert (GREEN in page.text) == is_green
    assert is_green or reason_of(page) == "bad_origin"
    secure = make_badge_app(world, replace(SETTINGS, is_https=True), StreamGate(1)).test_client()
    page = secure.get(f"/badge/listing/{token}?lang=en", base_url=f"http://{host}", headers=headers)
    assert GREEN not in page.text


def test_status_is_not_for_scripts_of_other_sites(app: Flask) -> None:
    answer = app.test_client().get(f"/badge/listing/{make_token()}/status")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.get_json()["page"] == "not_checked"


def test_the_component_is_one_short_lived_address_for_every_site(app: Flask) -> None:
    answer = app.test_client().get("/badge.js")
    assert answer.mimetype == "text/javascript" and answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = app.test_client().get("/badge.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_oembed_gives_the_frame_and_lives_as_long_as_the_token(app: Flask) -> None:
    token, client = make_token(), app.test_client()
    url = f"http://localhost/badge/listing/{token}/about"
    value = client.get("/oembed", query_string={"url": url, "format": "json", "maxwidth": "300"}).get_json()
    assert (value["version"], value["type"], value["width"]) == ("1.0", "rich", 300)
    assert f'src="http://localhost/badge/listing/{token}"' in value["html"]
    assert 'referrerpolicy="no-referrer-when-downgrade"' in value["html"] and 800 < value["cache_age"] <= 840
    assert (
        f'href="http://localhost/oembed?format=json&amp;url={url}"' in client.get(f"/badge/listing/{token}/about").text
    )
    xml = client.get("/oembed", query_string={"url": url, "format": "xml", "maxwidth": "300"})
    assert xml.mimetype == "text/xml"
    members = {one.tag: one.text for one in ElementTree.fromstring(xml.text)}
    assert members == {name: str(member) for name, member in value.items()}
    refused = client.get("/oembed", query_string={"url": url, "format": ""})
    assert (refused.status_code, refused.get_json()["code"]) == (400, "bad_format")
    for wrong in ("", "https://elsewhere.example/badge/listing/x", "http://localhost/check", "http://[", url[:-20]):
        assert client.get("/oembed", query_string={"url": wrong}).status_code == 404, wrong
    assert client.get("/oembed", query_string={"url": url, "maxwidth": "0"}).status_code == 400
