# SPDX-License-Identifier: Apache-2.0
"""Every setting that an operator can make is explained to the operator."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from passport.settings import Settings

OPERATIONS = Path(__file__).resolve().parents[1] / "docs" / "operations.md"


@pytest.mark.parametrize("name", [field.name for field in fields(Settings) if field.name != "directory"])
def test_each_setting_stands_in_the_operations_page(name: str) -> None:
    assert f"`{name}`" in OPERATIONS.read_text(encoding="utf-8")
