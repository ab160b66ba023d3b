# SPDX-License-Identifier: Apache-2.0
"""Files appear whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from passport.labels.files import partial_path, write_whole

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_takes_the_place_of_the_old_one_and_of_a_killed_ones_rest(tmp_path: Path) -> None:
    path = tmp_path / "label.png"
    path.write_bytes(b"old")
    partial_path(path).write_bytes(b"the rest of a killed writer, longer than the new file")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["label.png"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    path = tmp_path / "label.png"
    path.write_bytes(b"old")
    partial_path(path).symlink_to("/dev/full")
    with pytest.raises(OSError):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
