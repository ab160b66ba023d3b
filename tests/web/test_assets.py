# SPDX-License-Identifier: Apache-2.0
"""Templates and static files are found in the checkout and in an installed wheel."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from verifier.web.assets import find_static, find_templates

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.html"))
STATIC = sorted(str(p.relative_to(ROOT / "verifier/static")) for p in (ROOT / "verifier/static").rglob("*.*"))
ASK = """
from verifier.web.assets import find_static, find_templates
folder = find_templates()
print(folder)
print(*sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html")))
static = find_static()
print(*sorted(str(path.relative_to(static)) for path in static.rglob("*.*")))
"""


def test_the_checkout_uses_its_own_files() -> None:
    assert find_templates() == ROOT / "templates"
    assert find_static() == ROOT / "verifier" / "static"


def copy_sources(folder: Path) -> Path:
    """The tree that a wheel is made of, apart from the checkout: building leaves files behind."""
    folder.mkdir()
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, folder)
    for name in ("verifier", "passport", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize("scheme", ["venv", "target"])
def test_an_installed_wheel_brings_templates_and_static_files(tmp_path: Path, scheme: str) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    source = copy_sources(tmp_path / "source")
    build = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), str(source)]
    subprocess.run(build, check=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    if scheme == "venv":
        venv.create(tmp_path / "env", with_pip=False)
        python = str(tmp_path / "env/bin/python")
        where = ["--python", python]
        environment: dict[str, str] = {}
    else:
        python, where = sys.executable, []
        environment = {"PYTHONPATH": str(tmp_path / "elsewhere")}
    install = [*pip, *where, "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    if scheme == "target":
        install += ["--target", str(tmp_path / "elsewhere")]
    subprocess.run(install, check=True, cwd=tmp_path)
    command = [python, "-c", ASK]
    answer = subprocess.run(command, check=True, cwd=tmp_path, env=environment, capture_output=True, text=True)
    folder, templates, static = answer.stdout.splitlines()
    assert folder.startswith(str(tmp_path)), "the installed ones, not those of the checkout"
    assert templates.split() == TEMPLATES
    assert static.split() == STATIC
