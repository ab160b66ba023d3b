# SPDX-License-Identifier: Apache-2.0
"""What a newcomer looks up stands where the pages say: folders, tables, scopes, roles, types of messages."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import passport.storage.business as business
from passport.domain.accounts import Role, Scope
from passport.domain.webhooks import EventType
from passport.storage.business.schema import METADATA

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_map_of_the_house_names_every_folder_of_code() -> None:
    text = read(DOCS / "architecture.md")
    folders = {path.parent for package in ("passport", "verifier") for path in (ROOT / package).rglob("*.py")}
    names = {folder.name for folder in folders if folder.parent != ROOT}
    assert len(names) >= 20
    assert {name for name in names if f"{name}/" not in text} == set()


def test_every_file_that_the_map_names_with_its_folder_is_there() -> None:
    found = re.findall(r"`((?:passport|verifier)/[a-z_/]+\.(?:py|mjs|js))`", read(DOCS / "architecture.md"))
    assert len(found) >= 50
    assert {name for name in found if not (ROOT / name).is_file()} == set()


def test_operators_find_every_table_of_the_business_database_and_no_other() -> None:
    for module in pkgutil.iter_modules(business.__path__):
        importlib.import_module(f"{business.__name__}.{module.name}")
    text = read(DOCS / "operations.md").partition("## What is in business.sqlite3")[2].partition("\n## ")[0]
    rows = [row.split("|")[1] for row in text.splitlines() if row.startswith("| `")]
    assert set(re.findall(r"`([a-z_]+)`", "".join(rows))) == set(METADATA.tables)


def test_every_scope_role_and_type_of_message_has_a_row() -> None:
    rows = "".join(row for row in read(DOCS / "accounts.md").splitlines(True) if row.startswith("| `"))
    assert {word for word in (*Scope, *Role) if f"`{word}`" not in rows} == set()
    assert {kind for kind in EventType if f"| `{kind}` |" not in read(DOCS / "webhooks.md")} == set()
