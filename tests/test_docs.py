# SPDX-License-Identifier: Apache-2.0
"""The prose keeps its promises: links lead somewhere, decisions are listed, codes that programs rely on are told."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from passport.domain import ledger_values
from passport.domain.ledger_values import LedgerError
from verifier.protocol.statements import STATEMENT_TYPES
from verifier.verdict import Status

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
ADRS = sorted((DOCS / "adr").glob("[0-9]*.md"))

_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose_of(path: Path) -> str:
    """The page without literal blocks: what looks like a link in an example is none."""
    return "\n".join(line for line in read(path).splitlines() if not line.startswith("    "))


def links_of(path: Path) -> Iterator[str]:
    """The relative links of a page."""
    for target in _LINK.findall(prose_of(path)):
        if not re.match(r"[a-z][a-z0-9+.-]*:", target):
            yield unquote(target)


def anchors_of(path: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
        for heading in _HEADING.findall(prose_of(path))
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    for link in links_of(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.relative_to(ROOT)} links to {link}"
        assert target.is_relative_to(ROOT), f"{link} leaves the repository"
        if anchor and target.suffix == ".md":
            assert anchor in anchors_of(target), f"{page.relative_to(ROOT)} links to {link}"


def test_the_pages_that_everything_else_points_to_are_there() -> None:
    names = {str(path.relative_to(ROOT)) for path in PAGES}
    spec = {
        f"docs/spec/{name}.md" for name in ("README", "product-code", "ledger", "statements", "snapshot", "verdict")
    }
    assert names >= spec | {"docs/threat-model.md", "docs/architecture.md", "CONTRIBUTING.md", "CHANGELOG.md"}


def test_the_index_lists_every_decision_once_with_its_own_title() -> None:
    rows = re.findall(r"^\| \[(\d{4})\]\(([^)]+)\) \|", read(DOCS / "adr" / "README.md"), re.MULTILINE)
    assert [name for _, name in rows] == [path.name for path in ADRS]
    for number, name in rows:
        assert name.startswith(f"{number}-")


@pytest.mark.parametrize("adr", ADRS, ids=lambda path: path.name)
def test_a_decision_has_context_decision_and_consequences(adr: Path) -> None:
    text = read(adr)
    assert text.startswith(f"# {adr.name[:4]} ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_the_map_of_the_specification_names_every_page() -> None:
    index = read(DOCS / "spec" / "README.md")
    for page in (DOCS / "spec").glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index


def test_the_map_of_the_specification_names_every_file_of_vectors() -> None:
    index = read(DOCS / "spec" / "README.md")
    names = {path.stem for path in (ROOT / "tests" / "vectors").glob("*.json")}
    assert {name for name in names if f"`{name}`" not in index} == set()


def refusal_codes() -> set[str]:
    """The first argument of every Refused(…) in the registration policy."""
    calls = (
        node for node in ast.walk(ast.parse(read(ROOT / "verifier" / "registration.py"))) if isinstance(node, ast.Call)
    )
    refusals = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Refused"]
    codes = {call.args[0].value for call in refusals if isinstance(call.args[0], ast.Constant)}
    assert len(refusals) >= 25, "the search itself has gone blind"
    assert all(isinstance(call.args[0], ast.Constant) for call in refusals), "a rule's code must be a literal"
    return {str(code) for code in codes}


def test_every_rule_of_the_registration_policy_is_in_the_specification() -> None:
    text = read(DOCS / "spec" / "statements.md")
    assert {code for code in refusal_codes() if f"`{code}`" not in text} == set()


def test_every_status_and_every_statement_type_is_in_the_specification() -> None:
    text = read(DOCS / "spec" / "statements.md")
    assert {status for status in Status if f"`{status.value}`" not in text} == set()
    assert {name for name in STATEMENT_TYPES if f"### {name}\n" not in text} == set()


def ledger_errors() -> list[type[LedgerError]]:
    found = (value for value in vars(ledger_values).values() if isinstance(value, type))
    return [value for value in found if issubclass(value, LedgerError) and "exit_code" in vars(value)]


def test_every_exit_code_of_the_ledger_is_documented_for_operators() -> None:
    page = DOCS / "operations.md"
    if not page.exists():
        pytest.skip("docs/operations.md is not there")
    rows = set(re.findall(r"^\| (\d+) \|", read(page).partition("## Exit codes")[2], re.MULTILINE))
    expected = {str(error.exit_code) for error in ledger_errors()}
    assert len(expected) >= 8
    assert expected <= rows


def test_the_licence_is_the_whole_apache_licence() -> None:
    text = read(ROOT / "LICENSE")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert len(text.splitlines()) >= 200
