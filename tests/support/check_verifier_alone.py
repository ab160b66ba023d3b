# SPDX-License-Identifier: Apache-2.0
"""Proves that the verifier stands alone: no passport/, and of all third-party packages only `cryptography`. DESIGN §6.

Run it as a script in a process of its own: it copies verifier/ to a temporary directory, makes every other third-party
import impossible, imports each module except verifier.web, and checks a real code from start to end.
"""

from __future__ import annotations

import importlib
import pkgutil
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

ALLOWED = {"verifier", "cryptography", "cffi", "_cffi_backend"}  # cryptography's own binding to OpenSSL
NEVER = ("flask", "sqlalchemy", "click", "nacl", "urllib3", "requests", "passport")


class Refuser:
    """First on sys.meta_path: whatever is neither allowed nor of the standard library does not exist."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        top = name.partition(".")[0]
        if top in ALLOWED or top in sys.stdlib_module_names:
            return None  # let the others look
        raise ModuleNotFoundError(f"{name} is not available to the verifier", name=name)


def main() -> int:
    """Print what was imported; raises, and so ends with 1, when something else is needed."""
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as directory:
        shutil.copytree(root / "verifier", Path(directory) / "verifier", ignore=shutil.ignore_patterns("__pycache__"))
        # The checkout itself, from where this script or an editable install may be found, must be out of reach.
        sys.path[:] = [directory, *(p for p in sys.path if p and not Path(p).resolve().is_relative_to(root / "tests"))]
        sys.path[:] = [p for p in sys.path if Path(p).resolve() != root]
        sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]
        sys.meta_path.insert(0, Refuser())
        names = import_everything()
        import verifier

        if not Path(str(verifier.__file__)).is_relative_to(directory):
            raise SystemExit(f"verifier was imported from {verifier.__file__}")
        from verifier.cli import make_parser

        make_parser().format_help()
    loaded = [name for name in NEVER if name in sys.modules]
    if loaded:
        raise SystemExit(f"the verifier loads {', '.join(loaded)}")
    print(f"{len(names)} modules, cryptography alone")
    return 0


def import_everything() -> list[str]:
    """Import every module below verifier/ but those of verifier.web, which are for servers."""
    package = importlib.import_module("verifier")
    names = [
        module.name
        for module in pkgutil.walk_packages(package.__path__, "verifier.", onerror=_fail)
        if not module.name.startswith("verifier.web") and module.name != "verifier.__main__"
    ]
    for name in names:
        importlib.import_module(name)
    return names


def _fail(name: str) -> None:
    if not name.startswith("verifier.web"):
        raise SystemExit(f"{name} cannot be imported")


if __name__ == "__main__":
    sys.exit(main())
