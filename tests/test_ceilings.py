# SPDX-License-Identifier: Apache-2.0
"""The ceilings that keep the house readable: file 400 lines, function 60, six parameters. Raising one needs an ADR."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(
    path
    for folder in ("verifier", "passport", "tests", "bench")
    for pattern in ("*.py", "*.mjs")
    for path in (ROOT / folder).rglob(pattern)
    if "vendor" not in path.parts
)
# Commands take one parameter for each option that a person can give; the framework passes them by name.
COMMANDS = ROOT / "passport" / "commands"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_has_more_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


CODE = [
    path
    for path in FILES
    if (path.suffix == ".py" and path.is_relative_to(ROOT / "verifier"))
    or (path.is_relative_to(ROOT / "passport") and path.suffix == ".py")
]


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_is_longer_than_60_lines_or_takes_more_than_six_parameters(path: Path) -> None:
    for function in functions(path):
        assert (function.end_lineno or 0) - function.lineno < 60, function.name
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        count = len([argument for argument in arguments if argument.arg not in ("self", "cls")])
        assert count <= 6 or path.is_relative_to(COMMANDS), (function.name, count)
