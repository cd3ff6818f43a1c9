"""The house is laid out as it was meant to be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "codemods" / "share2post"


def test_the_contracts_are_kept() -> None:
    path = os.pathsep.join([str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main(['--no-cache'])"],
        cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip

    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("folder", ["dialects", "rules"])
def test_what_is_in_a_folder_is_used(folder: str) -> None:
    sources = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    modules = [path.stem for path in (PACKAGE / folder).glob("*.py") if path.stem != "__init__"]
    idle = [
        module
        for module in modules
        if not any(
            f"share2post.{folder}.{module} import" in source
            or (f"share2post.{folder} import" in source and module in source)
            for source in sources
        )
    ]

    assert idle == []


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "base", "mixins"])
def test_no_module_is_called_after_nothing(name: str) -> None:
    assert list(PACKAGE.rglob(f"{name}.py")) == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path for path in PACKAGE.rglob("*.py") if path.stat().st_size and '"""' not in path.read_text()[:3]
    ]

    assert silent == []
