# SPDX-License-Identifier: Apache-2.0
"""The scan page's own modules: the pure ones under Node, all of them apart from the check page's path."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.static.node import run_node
from tests.static.test_modules import STATIC, imports_of, loaded_by
from tests.support.makers import SigningKey, make_gtin, sign_code
from verifier.verdict import Status
from verifier.web.reasons import REASONS
from verifier.web.scan_words import SCAN_SCRIPT_WORDS

MODULES = [STATIC / "scan.mjs", *sorted((STATIC / "scan").glob("*.mjs"))]
HERE = Path(__file__).parent
CODE = sign_code(SigningKey("a maker"), gtin=make_gtin("69012345"), batch=3, seq=17)
PATH = CODE.to_path()
OWN = "id.example.cn"

each_module = pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.stem))


def run(tmp_path: Path, module: str, *calls: list[Any]) -> list[Any]:
    order = tmp_path / "calls.json"
    order.write_text(json.dumps({"module": module, "calls": calls}), encoding="utf-8")
    return list(run_node(str(HERE / "print_scan.mjs"), order))


@each_module
def test_a_module_is_made_as_the_others_are(module: Path) -> None:
    source = module.read_text(encoding="utf-8")
    lines = source.splitlines()
    assert lines[0] == "// SPDX-License-Identifier: Apache-2.0"
    assert lines[1].startswith("/**")
    assert len(lines) <= 400 and max(map(len, lines)) <= 120
    assert not re.search(r"[\u4e00-\u9fff]", source), "words come with the page"
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert forbidden not in source
    for name in imports_of(module):
        assert name.startswith((".", "/")) and (module.parent / name).is_file()


def test_nothing_of_the_scan_page_is_on_the_path_of_a_check() -> None:
    path = {found.relative_to(STATIC).as_posix() for found in loaded_by(STATIC / "check.mjs", set())}
    assert not [name for name in path if name.startswith(("scan", "vendor/zxing-wasm", "vendor/qr"))]


def test_the_decoders_are_loaded_on_demand_alone() -> None:
    for module in MODULES:
        source = module.read_text(encoding="utf-8")
        assert not re.search(r"^import [^(]*vendor/", source, re.MULTILINE), module.name


def test_every_word_for_the_script_is_used_and_every_word_that_it_asks_for_is_there() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in MODULES)
    families = ("camera.", "short.", "hint.", "note.")
    for key in SCAN_SCRIPT_WORDS:
        assert f'"{key}"' in source or key.startswith(families), f"{key} is not used"
    for key in re.findall(r'word\("([a-z_.]+)"', source) + re.findall(r'return "(hint\.[a-z_]+)"', source):
        assert key in SCAN_SCRIPT_WORDS or key in ("as_of", "instant"), key
    assert {f"short.{status.value}" for status in Status} <= set(SCAN_SCRIPT_WORDS)
    camera = (STATIC / "scan/camera.mjs").read_text(encoding="utf-8")
    reasons = set(re.findall(r'Error: "([a-z]+)"', camera)) | {
        "insecure",
        "unsupported",
        "broken",
        "ended",
        "no_decoder",
    }
    assert {f"camera.{reason}{end}" for reason in reasons for end in ("", ".note")} <= set(SCAN_SCRIPT_WORDS)


def test_every_word_is_in_both_languages() -> None:
    for text in SCAN_SCRIPT_WORDS.values():
        assert re.search(r"[\u4e00-\u9fff]", text.zh) and not re.search(r"[\u4e00-\u9fff]", text.en)
        assert set(re.findall(r"\{\w+\}", text.zh)) == set(re.findall(r"\{\w+\}", text.en))


@pytest.mark.parametrize(
    ("text", "kind", "host"),
    [
        (PATH, "ours", ""),
        (CODE.to_qr_text(OWN), "ours", OWN),
        (f"http://ID.example.cn:80{PATH}", "ours", OWN),
        (f"https://id.example.cn.{PATH}", "ours", OWN),
        (f"https://id.example.cn:8443{PATH}", "foreign_host", "id.example.cn:8443"),
        (f"https://id.example.cn.other.example{PATH}", "foreign_host", "id.example.cn.other.example"),
        (f"https://2130706433{PATH}", "foreign_host", "127.0.0.1"),
        (f"https://999.1.1.1{PATH}", "foreign_host", "999.1.1.1"),
        (f"https://id.example.cn@other.example{PATH}", "not_a_code", ""),
        (f"javascript:alert(1)//{PATH}", "not_a_code", ""),
        (f"ftp://id.example.cn{PATH}", "not_a_code", ""),
        (f"//other.example{PATH}", "not_a_code", ""),
        ("https://id.example.cn/", "not_a_code", ""),
        ("", "not_a_code", ""),
    ],
)
def test_a_text_is_ours_or_of_a_host_that_is_named_or_no_code(tmp_path: Path, text: str, kind: str, host: str) -> None:
    (target,) = run(tmp_path, "target", ["readTarget", text, OWN])
    assert (target["kind"], target["host"]) == (kind, host)
    assert target["path"] == ("" if kind == "not_a_code" else PATH)
    assert (target["reason"] in REASONS) == (kind == "not_a_code")
    assert target["url"] == "" or (kind == "foreign_host" and target["url"].startswith(("http://", "https://")))
    assert (target["url"] == "") == (kind != "foreign_host" or host == "999.1.1.1")


def test_what_hides_in_a_text_is_shown_by_its_number_and_long_text_is_cut(tmp_path: Path) -> None:
    hidden, long, zero, emoji = run(
        tmp_path,
        "target",
        *(["showText", text] for text in ("a\u202egnp.exe\n\x00", "码" * 400, "x\u200by\ufeff", "好👍" * 2)),
    )
    assert hidden == "a[U+202E]gnp.exe[U+000A][U+0000]"
    assert long == "码" * 300 + "…"
    assert zero == "x[U+200B]y[U+FEFF]"
    assert emoji == "好👍好👍"


def test_internationalised_hosts_are_shown_as_their_owners_write_them(tmp_path: Path) -> None:
    names = ["中国.example", "bücher.example", "münchen-ost.example", "пример.example"]
    hosts = [name.encode("idna").decode() for name in names]
    assert run(tmp_path, "punycode", *(["toUnicodeHost", host] for host in hosts)) == names
    broken = ["xn--99999999999.example", "xn--a_b.example", "plain.example", "xn--fiqs8s.example:8443"]
    answers = run(tmp_path, "punycode", *(["toUnicodeHost", host] for host in broken))
    assert answers == ["", "", "", "中国.example:8443"]


SEEN = {"luminance": 120, "seconds": 5, "codeShare": None, "hasTorch": False, "isTorchOn": False}


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"seconds": 1}, ""),
        ({}, "hint.aim"),
        ({"seconds": 20}, "hint.other_way"),
        ({"luminance": 30}, "hint.dark"),
        ({"luminance": 30, "hasTorch": True}, "hint.torch"),
        ({"luminance": 30, "hasTorch": True, "isTorchOn": True}, "hint.dark"),
        ({"luminance": 240}, "hint.glare"),
        ({"codeShare": 0.1}, "hint.closer"),
        ({"codeShare": 0.99}, "hint.farther"),
        ({"codeShare": 0.5}, "hint.still"),
    ],
)
def test_the_hint_says_what_would_help_most(tmp_path: Path, change: dict[str, Any], hint: str) -> None:
    assert run(tmp_path, "hints", ["chooseHint", SEEN | change]) == [hint]


def test_luminance_and_sides_are_measured(tmp_path: Path) -> None:
    grey = {"data": [90, 90, 90, 255] * 5000}
    corners = [{"x": 0, "y": 0}, {"x": 30, "y": 40}, {"x": 30, "y": 90}, {"x": 0, "y": 50}]
    luminance, side = run(tmp_path, "hints", ["luminanceOf", grey], ["sideOf", corners])
    assert luminance == pytest.approx(90) and side == pytest.approx(50)


def test_wechat_is_known_by_its_user_agent(tmp_path: Path) -> None:
    agents = ["Mozilla/5.0 (iPhone) MicroMessenger/8.0.50", "Mozilla/5.0 (Linux; Android 15) Chrome/150", ""]
    assert run(tmp_path, "wechat", *(["isWechat", agent] for agent in agents)) == [True, False, False]


def test_a_table_holds_hostile_text_as_text(tmp_path: Path) -> None:
    hostile = [
        '=HYPERLINK("https://other.example")',
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        'say "hi", please',
        "two\r\nlines",
    ]
    hostile.append("x; =1+1")  # for a spreadsheet whose fields end with a semicolon
    rows = [{"code": text, "status": "malformed", "seen": 1} for text in hostile]
    (text,) = run(tmp_path, "export", ["toCsv", rows])
    assert text.startswith("\ufeff")
    read = [row["code"] for row in csv.DictReader(io.StringIO(text[1:], newline=""), strict=True)]
    assert read == ["'" + text for text in hostile[:5]] + hostile[5:-1] + ["x; '=1+1"]


def test_only_this_page_may_compile_webassembly_and_it_asks_for_no_more(client: FlaskClient) -> None:
    scan = client.get("/scan").headers
    other = client.get("/check").headers
    assert "wasm" not in other["Content-Security-Policy"]
    directives = scan["Content-Security-Policy"].split("; ")
    assert "script-src 'self' 'wasm-unsafe-eval'" in directives
    assert [text for text in directives if not text.startswith("script-src")] == [
        text for text in other["Content-Security-Policy"].split("; ") if not text.startswith("script-src")
    ]
    assert scan["Permissions-Policy"] == "camera=(self)"
    assert client.get("/static/vendor/zxing-wasm/reader/zxing_reader.wasm").mimetype == "application/wasm"
