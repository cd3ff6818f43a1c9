"""What is installed on a user's machine: one package, typed, and nothing else of ours."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from share2post.version import VERSION

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from this tree."""
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    [path] = out.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_top_level_is_share2post_alone(wheel: zipfile.ZipFile) -> None:
    top = {name.split("/")[0] for name in wheel.namelist()}

    assert top == {"share2post", f"share2post-{VERSION}.dist-info"}


def test_the_types_are_there(wheel: zipfile.ZipFile) -> None:
    assert "share2post/py.typed" in wheel.namelist()


def test_every_module_is_there(wheel: zipfile.ZipFile) -> None:
    source = ROOT / "codemods"
    modules = {path.relative_to(source).as_posix() for path in (source / "share2post").rglob("*.py")}

    assert modules <= set(wheel.namelist())


def test_the_command_starts_where_a_clean_run_is_cheap(wheel: zipfile.ZipFile) -> None:
    entry_points = wheel.read(f"share2post-{VERSION}.dist-info/entry_points.txt").decode()

    assert "share2post = share2post.__main__:main" in entry_points


def test_the_dependencies_are_three(wheel: zipfile.ZipFile) -> None:
    metadata = wheel.read(f"share2post-{VERSION}.dist-info/METADATA").decode().splitlines()
    needed = [line for line in metadata if line.startswith("Requires-Dist:") and "extra ==" not in line]

    assert [line.split()[1].split(">")[0] for line in needed] == ["click", "libcst", "pathspec"]
