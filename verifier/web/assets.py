# SPDX-License-Identifier: Apache-2.0
"""Finds the Jinja templates and the static files, in a checkout and in an installed package alike."""

from __future__ import annotations

import sysconfig
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

DISTRIBUTION = "product-passport"
INSTALLED_UNDER = "share/product-passport/templates"  # setup.cfg, [options.data_files]
_MARKER = "base.html"


@cache
def find_templates() -> Path:
    """The folder that holds base.html. Raises FileNotFoundError when the installation is incomplete.

    Looked for beside the package (a checkout, also when installed editable; `pip install --target`), then below the
    installation's data folder, then where the installer recorded it (`pip install --user`).
    """
    beside = Path(__file__).resolve().parents[2]
    candidates = [
        beside / "templates",
        beside / INSTALLED_UNDER,
        Path(sysconfig.get_path("data")) / INSTALLED_UNDER,
        *_recorded_folders(),
    ]
    for folder in candidates:
        if (folder / _MARKER).is_file():
            return folder
    raise FileNotFoundError(f"the page templates are missing; looked in {', '.join(str(path) for path in candidates)}")


def _recorded_folders() -> list[Path]:
    try:
        recorded = files(DISTRIBUTION) or []
    except PackageNotFoundError:
        return []
    return [
        Path(str(path.locate())).resolve().parent for path in recorded if str(path).endswith(f"templates/{_MARKER}")
    ]


def find_static() -> Path:
    """The folder of style sheet, scripts and icon: package data of `verifier`."""
    return Path(__file__).resolve().parents[1] / "static"
