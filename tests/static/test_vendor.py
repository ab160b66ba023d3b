# SPDX-License-Identifier: Apache-2.0
"""Vendored scripts are what was published: every file is listed with its origin, licence and SHA-256."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

VENDOR = Path(__file__).parents[2] / "verifier" / "static" / "vendor"
LIST: list[dict[str, Any]] = json.loads((VENDOR / "VENDOR.json").read_text(encoding="utf-8"))["files"]
MEMBERS = {"file", "name", "version", "licence", "licence_file", "source", "source_file", "package_integrity", "sha256"}


def digest(name: str) -> str:
    return hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("entry", LIST, ids=lambda entry: str(entry["file"]))
def test_a_vendored_file_and_its_licence_have_the_listed_digests(entry: dict[str, Any]) -> None:
    assert set(entry) >= MEMBERS
    assert digest(entry["file"]) == entry["sha256"], "the file was changed, or updated without its entry"
    assert digest(entry["licence_file"]) == entry["licence_sha256"]


@pytest.mark.parametrize("entry", LIST, ids=lambda entry: str(entry["file"]))
def test_a_vendored_licence_is_the_one_that_is_named(entry: dict[str, Any]) -> None:
    titles = {"MIT": ("The MIT License (MIT)", "MIT License"), "Apache-2.0": ("Apache License",)}
    assert (VENDOR / entry["licence_file"]).read_text(encoding="utf-8").lstrip().startswith(titles[entry["licence"]])


def test_all_files_of_a_package_are_of_one_publication() -> None:
    """They import each other by relative paths, so they lie as in the package, in a folder of its name."""
    for entry in LIST:
        others = [other for other in LIST if other["name"] == entry["name"]]
        assert {(other["version"], other["package_integrity"]) for other in others} == {
            (entry["version"], entry["package_integrity"])
        }
        if len(others) > 1:
            inside = entry["file"].removeprefix(f"{entry['name']}/")
            assert entry["source_file"].removeprefix("dist/") == inside


def test_what_a_vendored_script_imports_is_here() -> None:
    for entry in LIST:
        path = VENDOR / entry["file"]
        if path.suffix in (".js", ".mjs"):
            text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            for name in re.findall(r"""^(?:import|export)\b[^;"']*\bfrom\s*["']([^"']+)["']""", text, re.MULTILINE):
                assert name.startswith((".", "/")) and (path.parent / name).is_file(), f"{entry['file']}: {name}"


def test_every_file_in_the_folder_is_listed() -> None:
    listed = {"VENDOR.json"} | {entry[member] for entry in LIST for member in ("file", "licence_file")}
    assert {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()} == listed
