# SPDX-License-Identifier: Apache-2.0
"""The browser's modules: beside Python's, small, from this server alone, and with nothing that a strict CSP forbids."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "verifier" / "static"
MODULES = sorted((STATIC / "verifier").glob("*.mjs"))
MAX_COMPRESSED = 60_000  # bytes of script on the path of one check, of which the page's own part needs some

# What has no Python module of its name: bytes is built into Python, the notice is part of a package there.
WITHOUT_TWIN = {"bytes", "recall_notice"}
# Protocol modules that a phone does not need, and why; docs/browser-verifier.md, "What is left out".
NOT_ON_A_PHONE = {
    "badge_token": "what a shop signs for the server of its badge",
    "add_checkpoint": "what a ledger and its witness say to each other",
    "digital_link": "the resolver's general parser; product_code reads the one form that a code has",
    "shipment": "a maker's notice to a registry",
}
LAZY = {"tile"}  # not on the path of one check
_IMPORT = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']""")
_STATIC_IMPORT = re.compile(r"""(?:\bfrom\s*|\bimport\s*)["']([^"']+)["']""")
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)

each_module = pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.stem))


def imports_of(module: Path) -> list[str]:
    return _IMPORT.findall(_COMMENT.sub("", module.read_text(encoding="utf-8")))


def static_imports_of(module: Path) -> list[str]:
    return _STATIC_IMPORT.findall(_COMMENT.sub("", module.read_text(encoding="utf-8")))


def compressed(paths: list[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def loaded_by(module: Path, found: set[Path], *, is_static: bool = False) -> set[Path]:
    """The module and what it imports statically or, unless that alone is asked for, on demand."""
    if module not in found:
        found.add(module)
        for name in static_imports_of(module) if is_static else imports_of(module):
            loaded_by((module.parent / name).resolve(), found, is_static=is_static)
    return found


@each_module
def test_a_module_stands_beside_the_python_module_of_its_name(module: Path) -> None:
    twins = [ROOT / "verifier" / f"{module.stem}.py", ROOT / "verifier/protocol" / f"{module.stem}.py"]
    assert module.stem in WITHOUT_TWIN | {"statements"} or any(twin.exists() for twin in twins)


def test_each_protocol_module_has_its_twin_or_a_reason_for_having_none() -> None:
    here = {path.stem for path in (ROOT / "verifier" / "protocol").iterdir() if not path.stem.startswith("_")}
    assert here - {module.stem for module in MODULES} == set(NOT_ON_A_PHONE)


@each_module
def test_a_module_opens_with_its_licence_and_what_it_is(module: Path) -> None:
    first, second = module.read_text(encoding="utf-8").splitlines()[:2]
    assert first == "// SPDX-License-Identifier: Apache-2.0"
    assert second.startswith("/**")


@each_module
def test_a_module_is_small(module: Path) -> None:
    lines = module.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 400
    assert max(map(len, lines)) <= 120


@each_module
def test_a_module_imports_from_its_own_server_by_relative_paths(module: Path) -> None:
    for name in imports_of(module):
        assert name.startswith(("./", "../vendor/"))
        assert (module.parent / name).is_file()


@each_module
def test_a_module_needs_no_exception_in_the_content_security_policy(module: Path) -> None:
    source = module.read_text(encoding="utf-8")
    for forbidden in ("eval(", "new Function", "innerHTML", "document.", "WebAssembly", "https://cdn"):
        assert forbidden not in source


@each_module
def test_a_module_reads_neither_clock_nor_network_nor_storage(module: Path) -> None:
    source = _COMMENT.sub("", module.read_text(encoding="utf-8"))
    for forbidden in ("Date.now", "new Date()", "performance.", "fetch(", "localStorage", "indexedDB", "Math.random"):
        assert forbidden not in source


def test_the_path_of_one_check_is_small_even_where_ed25519_must_be_loaded() -> None:
    path = loaded_by(STATIC / "verifier" / "verify.mjs", set()) | loaded_by(STATIC / "verifier" / "snapshot.mjs", set())
    assert {module.stem for module in MODULES} - LAZY == {module.stem for module in path} - {"noble-ed25519"}
    assert compressed(sorted(path)) < MAX_COMPRESSED
