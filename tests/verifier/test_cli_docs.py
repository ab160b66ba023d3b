# SPDX-License-Identifier: Apache-2.0
"""docs/verifier.md and `verifier --help` say the same: each command, each option, each exit code."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from verifier.cli import main, make_parser

ROOT = Path(__file__).resolve().parents[2]


def commands() -> dict[str, argparse.ArgumentParser]:
    """Every command by its full name, such as "witness init"."""
    return dict(leaves("", make_parser()))


def leaves(name: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield name, parser
    for group in groups:
        for word, inner in group.choices.items():
            yield from leaves(f"{name} {word}".strip(), inner)


@pytest.mark.parametrize("name", sorted(commands()))
def test_each_command_and_each_of_its_options_is_documented_and_no_other(name: str) -> None:
    words = (ROOT / "docs" / "verifier.md").read_text()
    _, _, section = words.partition(f"## `verifier {name} ")
    assert section, f"docs/verifier.md has no section for {name}"
    section = section.partition("\n## ")[0]
    common = words.partition("## Options that every command has")[2].partition("\n## ")[0]
    options = {option for a in commands()[name]._actions for option in a.option_strings} - {"-h", "--help"}
    assert {option for option in options if f"`{option}" not in section + common} == set()
    named = set(re.findall(r"(?<![\w`-])`(--[a-z-]+)", section))
    assert named <= options | {"--json", "--help"}


def test_the_exit_codes_of_the_help_are_those_of_the_documentation() -> None:
    words = (ROOT / "docs" / "verifier.md").read_text()
    listed = re.findall(r"^  (\d)  ", make_parser().format_help(), re.MULTILINE)
    assert listed == re.findall(r"^\| (\d) \|", words, re.MULTILINE) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["check"], ["seal", "x"], ["check", "x", "--timeout", "-1"]])
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
