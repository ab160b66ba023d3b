# SPDX-License-Identifier: Apache-2.0
"""The secret that sessions are bound to: made once, readable by its owner alone, never replaced behind one's back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from passport.bootstrap_accounts import SECRET_NAME, load_or_make_secret, open_accounts_alone
from passport.domain.ledger_values import DirectoryLocked, StartRefused
from passport.settings import Settings

SETTINGS = Settings(Path(), "id.example.cn/ledger", "https://id.example.cn", "登记处", "The registry")


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / SECRET_NAME
    secret = load_or_make_secret(path)
    assert len(secret) == 32 and load_or_make_secret(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "ab\n", "G" * 64 + "\n", "AB" * 32, "é" * 64])
def test_a_file_that_is_no_secret_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / SECRET_NAME
    path.write_text(content)
    with pytest.raises(StartRefused) as refused:
        load_or_make_secret(path)
    assert refused.value.code == "bad_secret_file"
    assert path.read_text() == content


def test_a_command_has_the_directory_for_itself_and_gives_it_back(tmp_path: Path) -> None:
    settings = replace(SETTINGS, directory=tmp_path)
    opened = open_accounts_alone(settings)
    with pytest.raises(DirectoryLocked):
        open_accounts_alone(settings)
    opened.close()
    open_accounts_alone(settings).close()
