# SPDX-License-Identifier: Apache-2.0
"""The check page's own script: small with all that it loads, fetched side by side, readable by old browsers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.static.test_modules import MAX_COMPRESSED, STATIC, imports_of, loaded_by
from verifier.web.static_files import encode_static, find_path, find_scripts, read_static

PAGE_MODULES = [STATIC / "check.mjs", *sorted((STATIC / "phone").glob("*.mjs"))]
LAZY = "verifier/tile.mjs"  # asked for by a first visit, when its trees must be linked
OLD_SYNTAX = [STATIC / "check.mjs", STATIC / "phone" / "block.mjs"]

each_module = pytest.mark.parametrize("module", PAGE_MODULES, ids=lambda path: str(path.stem))


def path_of_a_check() -> set[str]:
    """The modules that a check waits for; what they ask for later, by `import("…")`, is another matter."""
    roots = ("check.mjs", "phone/examine.mjs", "phone/show.mjs")
    found = set().union(*(loaded_by(STATIC / root, set(), is_static=True) for root in roots))
    return {path.relative_to(STATIC).as_posix() for path in found}


def test_a_first_check_with_the_pages_own_script_is_small() -> None:
    """As it is served to a phone; tests/web/test_first_visit.py counts the same in Chromium."""
    assert sum(len(encode_static(name, "br")) for name in path_of_a_check() | {LAZY}) < MAX_COMPRESSED


def test_what_is_served_is_the_file_itself() -> None:
    for name, file in read_static().items():
        assert file.data == encode_static(name, "") == (STATIC / name).read_bytes()


def test_the_page_names_every_module_of_a_check_so_that_none_waits_for_another() -> None:
    scripts = find_scripts()
    root = scripts.entry.removesuffix("check.mjs")
    assert {address.removeprefix(root) for address in scripts.preload} == path_of_a_check() - {"check.mjs"}
    assert set(find_path()) == path_of_a_check()
    assert LAZY not in find_path()


@each_module
def test_a_module_is_made_as_the_others_are(module: Path) -> None:
    lines = module.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "// SPDX-License-Identifier: Apache-2.0"
    assert lines[1].startswith("/**")
    assert len(lines) <= 400
    assert max(map(len, lines)) <= 120
    for name in imports_of(module):
        assert (module.parent / name).is_file()


@each_module
def test_a_module_writes_text_and_never_markup(module: Path) -> None:
    source = module.read_text(encoding="utf-8")
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert forbidden not in source


@each_module
def test_a_module_has_no_words_of_its_own(module: Path) -> None:
    assert not re.search(r"[\u4e00-\u9fff]", module.read_text(encoding="utf-8"))


@pytest.mark.parametrize("module", OLD_SYNTAX, ids=lambda path: str(path.stem))
def test_what_says_that_the_phone_could_not_check_is_read_by_browsers_of_2018(module: Path) -> None:
    source = module.read_text(encoding="utf-8")
    assert not re.search(r"\?\.|\?\?|#\w+[;(]|\|\|=|&&=|\bcatch \{", re.sub(r'["`][^"`\n]*["`]', "", source))
    static = re.findall(r'^import .* from "([^"]+)"', source, re.MULTILINE)
    assert set(static) <= {"./phone/block.mjs"}
