# SPDX-License-Identifier: Apache-2.0
"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import os
from pathlib import Path


def partial_path(path: Path) -> Path:
    """Where a file is written until it is whole; fixed, so that a second try takes the place of a killed one's rest."""
    return path.with_name(f".{path.name}.part")


def write_whole(path: str | Path, data: bytes) -> None:
    """Write a small file under a temporary name, then rename it. A kill leaves the old file, or none, or the new one.

    It is not forced to disk: labels can be made again from their codes, and do come out byte for byte the same.
    """
    path = Path(path)
    partial = partial_path(path)
    partial.write_bytes(data)
    os.replace(partial, path)
