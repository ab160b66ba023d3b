# SPDX-License-Identifier: Apache-2.0
"""sheet.html of an evidence file: what people read and print, in Chinese and in English, made from one template.

The template is part of the format (docs/evidence.md) and is filled in by the browser with the same rules: `{{name}}` is
a text, escaped; what stands between `{{#name}}` and `{{/name}}` is repeated for each member of a list. Nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from verifier.protocol.errors import Malformed
from verifier.protocol.fields import format_instant, parse_instant

Json: TypeAlias = dict[str, Any]  # of verdict.json and additions.json: their members are as docs/evidence.md has them
Values: TypeAlias = "dict[str, str | list[Values]]"

TEMPLATE = Path(__file__).parent / "static" / "evidence" / "sheet.html"
_TAG = re.compile(r"\{\{([#/]?)([a-z0-9_]+)\}\}")
# Control characters and those that turn the direction of writing: a text may not look like another.
_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_SHOWN: list[Values] = [{}]  # a block without values of its own


@cache
def load_template() -> str:
    return TEMPLATE.read_text(encoding="utf-8")


def make_sheet(
    code: str, document: Mapping[str, object], added: Mapping[str, object], files: Sequence[Mapping[str, object]]
) -> str:
    """The page for a code, verdict.json, additions.json and the list of the other members. Raises Malformed for a
    verdict that is none."""
    try:
        return fill(load_template(), _values(code, dict(document), dict(added), [dict(item) for item in files]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed("bad_verdict", "verdict.json holds no verdict") from error


def fill(template: str, values: Values) -> str:
    """The template with its values."""
    pieces = _TAG.split(template)  # text, sigil, name, text, …
    out: list[str] = []
    _fill(pieces, 0, "", [values], out)
    return "".join(out)


def _fill(pieces: list[str], at: int, block: str, scopes: list[Values], out: list[str]) -> int:
    """Writes from piece `at` on to the end of the block, and returns where that is."""
    while True:
        out.append(pieces[at])
        if at + 1 == len(pieces):
            return at
        sigil, name = pieces[at + 1], pieces[at + 2]
        at += 3
        if sigil == "/":
            if name != block:
                raise ValueError(f"the template closes {name} inside of {block}")
            return at
        value = next((scope[name] for scope in reversed(scopes) if name in scope), "" if sigil == "" else [])
        if sigil == "":
            out.append(escape(value if isinstance(value, str) else ""))
            continue
        end = _fill(pieces, at, name, scopes, [])
        for item in value if isinstance(value, list) else []:
            _fill(pieces, at, name, [*scopes, item], out)
        at = end


def escape(text: str) -> str:
    return _UNSEEN.sub("\ufffd", text).translate(_ESCAPES)


def _when(instant: str) -> str:
    """In China's time, as everywhere for people; nobody has to know the browser's zone."""
    local = format_instant(parse_instant(instant) + timedelta(hours=8))
    return f"{local[:10]} {local[11:19]} (UTC+8)"


def _values(code: str, document: Json, added: Json, files: Sequence[Json]) -> Values:
    verdict = document["verdict"]
    reported = document.get("reported") or verdict
    status = _worse(verdict["status"], reported["status"])
    values: Values = {
        "code": code,
        "checked_at": _when(verdict["checked_at"]),
        "checked_at_utc": verdict["checked_at"],
        f"is_{status}": _SHOWN,
        f"by_{document['judged_by']}": _SHOWN,
        "proven": f"{verdict['status']} / {verdict['reason']}",
        "steps": [
            {"number": str(step["number"]), f"step_{step['number']}": _SHOWN, step["outcome"]: _SHOWN}
            for step in verdict["steps"]
        ],
        "files": [{key: str(value) for key, value in item.items()} for item in files],
        "absent": [{"name": name, "reason": why} for name, why in sorted(document["absent"].items())],
        "problems": [{"name": name, "reason": why} for name, why in sorted(document["problems"].items())],
    }
    return values | _identity(verdict, document.get("product", "")) | _stated(document) | _added(added)


_ORDER = ("malformed", "counterfeit", "void", "recalled", "not_logged", "suspect", "cannot_tell", "genuine")


def _worse(one: str, other: str) -> str:
    return one if _ORDER.index(one) <= _ORDER.index(other) else other


def _identity(verdict: Json, product: str) -> Values:
    """What is known of the item, each as a block that is there or not."""
    values: Values = {}
    if "gtin" in verdict:
        values["item"] = [{"gtin": verdict["gtin"], "serial": verdict["serial"]}]
    if product:
        values["product"] = [{"product_name": product}]
    if "issuer" in verdict:
        issuer = verdict["issuer"]
        values["issuer"] = [{"zh": issuer["name"]["zh"], "en": issuer["name"]["en"], "uscc": issuer["uscc"]}]
    if "batch" in verdict:
        batch = verdict["batch"]
        values["batch"] = [{"lot": batch["lot"], "made_on": batch["production_date"], "index": str(batch["index"])}]
    if "snapshot_as_of" in verdict:
        values["snapshot"] = [{"as_of": _when(verdict["snapshot_as_of"]), "until": _when(verdict["next_update"])}]
    if "recalls" in verdict:
        values["recalls"] = [_recall(recall) for recall in verdict["recalls"]]
    return values


def _recall(recall: Json) -> Values:
    texts = {f"{name}_{tongue}": recall[name][tongue] for name in _NOTICE for tongue in ("zh", "en")}
    contact = {"phone": recall["contact"]["phone"], "url": recall["contact"]["url"]}
    return {"recall_id": recall["recall_id"], f"recall_{recall['status']}": _SHOWN, **texts, **contact}


_NOTICE = ("title", "hazard", "remedy")


def _stated(document: Json) -> Values:
    """What no signature shows: it is on the sheet, under a heading that says so."""
    values: Values = {}
    if document["verdict"]["status"] == "not_logged" and document["absent"].get("proof.json") == "not_logged":
        values["stated_not_logged"] = _SHOWN
    if "reported" in document:
        values["reported"] = [_reported(document["reported"])]
    if "server_said" in document:
        said = document["server_said"]
        values["server_said"] = [{"said": said["status"], "said_at": _when(said["checked_at"])}]
    if values or "product" in document:
        values["stated"] = _SHOWN
    return values


def _reported(reported: Json) -> Values:
    row: Values = {"result": f"{reported['status']} / {reported['reason']}"}
    if "suspicion" in reported:
        facts = reported["suspicion"]["facts"]
        row["suspicion"] = [{"zh": facts["zh"], "en": facts["en"]}]
    if "alarm" in reported:
        row["alarm"] = [{"kind": reported["alarm"]}]
    return row


def _added(added: Json) -> Values:
    """What the user typed or chose."""
    row: Values = {}
    if "listing_url" in added:
        row["listing"] = [{"listing_url": added["listing_url"]}]
    if "note" in added:
        row["note"] = [{"text": added["note"]}]
    if "photos" in added:
        row["photos"] = [{"sha256": photo["sha256"], "size": str(photo["size"])} for photo in added["photos"]]
    return {"added": [row]} if row else {}
