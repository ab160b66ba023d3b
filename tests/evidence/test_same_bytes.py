# SPDX-License-Identifier: Apache-2.0
"""Python and JavaScript make the same evidence file from the same parts, byte for byte."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.evidence.test_round_trip import STATUSES
from tests.static.node import run_node
from tests.support.evidence_files import members_of
from tests.support.phone_shop import Shop
from verifier.evidence_bundle import EvidenceParts, Photo, Shown, file_name, make_additions, make_bundle
from verifier.evidence_check import Known, check_bundle
from verifier.evidence_judge import PARTS, POLICY, PROOF, REGISTRY, SNAPSHOT
from verifier.evidence_sheet import TEMPLATE, fill
from verifier.protocol.fields import format_instant, parse_instant
from verifier.protocol.note import parse_vkey
from verifier.protocol.policy import TlogPolicy
from verifier.verdict import APPEARANCE, StepName

SCRIPT = Path(__file__).with_name("make_bundle.mjs")
STATIC = TEMPLATE.parent
HOSTILE = "<script>alert(1)</script> \u202e&'\" {{code}} {{#steps}} \U0001f480"
SUSPICION = {"facts": {"en": "6 checks <b>", "zh": "查验 6 次 {{/steps}}"}, "reason": "many_provinces"}


@dataclass
class Request:
    code: str
    found: EvidenceParts
    shown: Shown
    checked_at: str
    url: str = ""
    note: str = ""
    photos: tuple[Photo, ...] = ()
    status_vkey: str = ""

    def to_json(self) -> dict[str, Any]:
        shown = self.shown
        said = {"judgedBy": shown.judged_by, "reported": shown.reported, "serverSaid": shown.server_said}
        return {
            "absent": dict(self.found.absent),
            "additions": {"listing_url": self.url, "note": self.note, "photos": [p.to_json() for p in self.photos]},
            "checked_at": self.checked_at,
            "code": self.code,
            "parts": {name: b64encode(data).decode() for name, data in self.found.parts.items()},
            "shown": said | {"product": shown.product, "papers": shown.papers},
            "status_vkey": self.status_vkey,
        }

    def make(self) -> bytes:
        return make_bundle(
            self.code,
            self.found,
            self.shown,
            checked_at=parse_instant(self.checked_at),
            additions=make_additions(self.url, self.note, self.photos),
            status_vkey=parse_vkey(self.status_vkey) if self.status_vkey else None,
        )


def requests_of(shop: Shop) -> list[Request]:
    service, checker = shop.workshop.registry.service, shop.workshop.registry.checker
    plain: list[Request] = []
    for code in [*(shop.codes[name].to_path() for name in STATUSES), "hello <b>", "/01/06901234500017/21/1?S=AA"]:
        verdict = checker.check(code)
        shown = Shown("phone", {"reason": verdict.reason, "status": verdict.status.value})
        plain.append(Request(code, service.evidence_parts(code), shown, format_instant(verdict.checked_at)))
    genuine, recalled = plain[0], plain[1]
    said = {"checked_at": genuine.checked_at, "status": "recalled"}
    alarm = {"alarm": "fork", "reason": "ledger_forked", "status": "cannot_tell"}
    vkey = str(service.describe()["status_vkey"])
    rest = [
        replace(
            genuine,
            url="https://shop.example.cn/商品?id=1#x",
            note=f"{HOSTILE}\r\nsecond line\n",
            photos=(Photo("0f" * 32, 7),),
        ),
        replace(recalled, shown=Shown("phone", None, server_said=said, product=HOSTILE)),
        replace(genuine, shown=Shown("server", {"reason": "many", "status": "suspect", "suspicion": SUSPICION})),
        replace(genuine, shown=Shown("phone", alarm, papers="=== checkpoint\nnote\n")),
        replace(genuine, found=without(genuine, REGISTRY), status_vkey=vkey),
        replace(genuine, found=with_broken(genuine, SNAPSHOT)),
        replace(genuine, found=with_broken(genuine, REGISTRY)),
        replace(genuine, found=with_broken(genuine, POLICY)),
        replace(genuine, found=with_broken(genuine, PROOF)),
        replace(genuine, found=EvidenceParts({}, {})),
        replace(genuine, checked_at="2030-01-01T23:30:00Z"),
        *(replace(genuine, found=without(genuine, name)) for name in PARTS),
    ]
    return plain + rest


def without(request: Request, name: str) -> EvidenceParts:
    parts = {key: data for key, data in request.found.parts.items() if key != name}
    return EvidenceParts(parts, {name: "unreachable"})


def with_broken(request: Request, name: str) -> EvidenceParts:
    data = request.found.parts[name]
    at = len(data) // 2
    changed = data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]
    return EvidenceParts(dict(request.found.parts) | {name: changed}, request.found.absent)


def test_both_languages_make_the_same_file_of_every_status_and_of_odd_parts(shop: Shop, tmp_path: Path) -> None:
    requests = requests_of(shop)
    cases = tmp_path / "cases.json"
    cases.write_text(json.dumps([request.to_json() for request in requests]))
    made = run_node(str(SCRIPT), cases)
    assert len(made) == len(requests) >= 25
    for request, (name, data) in zip(requests, made, strict=True):
        mine = request.make()
        assert b64decode(data) == mine, request.code
        gtin = re.search(r"[0-9]{14}", request.code)
        checked = check_bundle(mine, Known())
        assert name == file_name(gtin and gtin[0], checked.bundle.case.checked_at)


def test_a_status_key_that_is_only_stated_is_told(shop: Shop, policy: TlogPolicy) -> None:
    request = next(request for request in requests_of(shop) if request.status_vkey)
    checked = check_bundle(request.make(), Known(policy))
    assert (checked.own.verdict.status, checked.keys, checked.is_proven) == ("genuine", "unanchored", False)
    vouched = Known(policy, status_vkey=parse_vkey(request.status_vkey))
    assert check_bundle(request.make(), vouched).is_proven


def test_what_was_typed_comes_out_as_text_and_never_as_markup(shop: Shop) -> None:
    request = requests_of(shop)[len(STATUSES) + 2]
    sheet = members_of(request.make())["sheet.html"].decode()
    assert "<script" not in sheet
    assert "&lt;script&gt;alert(1)&lt;/script&gt; \ufffd&amp;&#39;&quot; {{code}} {{#steps}}" in sheet


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("a{{x}}b", {"x": "<&>"}, "a&lt;&amp;&gt;b"),
        ("{{x}}", {}, ""),
        ("{{#l}}[{{x}}]{{/l}}", {"x": "o", "l": [{"x": "1"}, {}]}, "[1][o]"),
        ("{{#l}}{{#l}}x{{/l}}{{/l}}", {"l": []}, ""),
        ("{{#l}}{{x}}{{/l}}", {"l": [{"x": "{{l}}"}]}, "{{l}}"),
    ],
)
def test_the_template_language_is_small(template: str, values: dict[str, Any], expected: str) -> None:
    assert fill(template, values) == expected


def test_the_template_is_part_of_the_format_and_its_digest_is_in_the_specification() -> None:
    page = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text()
    assert sha256(TEMPLATE.read_bytes()).hexdigest() in page


def test_the_sheets_words_for_statuses_and_steps_are_those_of_the_verdict() -> None:
    text = TEMPLATE.read_text()
    for status, look in APPEARANCE.items():
        block = text.partition("{{#is_" + status.value + "}}")[2].partition("{{/is_")[0]
        assert look.title.zh in block and look.title.en in block, status
    for step in StepName:
        block = text.partition("{{#step_" + str(step.number) + "}}")[2].partition("{{/")[0]
        assert step.label.zh in block and step.label.en in block, step


def test_the_sheet_loads_nothing_and_holds_no_script() -> None:
    text = TEMPLATE.read_text()
    assert "default-src 'none'" in text
    assert not re.search(r"<script|<img|<link|<iframe|https?://|url\(|@import|\son[a-z]+=", text)


def test_the_modules_read_like_the_others() -> None:
    for module in sorted(STATIC.glob("*.mjs")):
        lines = module.read_text().splitlines()
        assert lines[0] == "// SPDX-License-Identifier: Apache-2.0"
        assert lines[1].startswith("/**")
        assert len(lines) <= 400 and max(map(len, lines)) <= 120
        for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
            assert forbidden not in module.read_text()
        assert not re.search(r"[\u4e00-\u9fff]", module.read_text())
