"""The short way is short, and gives way where it cannot tell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from programs import CLEAN, UNUSED
from share2post.workspace.glance import look_at_command_line

HEAVY = (
    "libcst",
    "click",
    "pathspec",
    "ast",
    "subprocess",
    "multiprocessing",
    "dataclasses",
    "tomllib",
    "json",
)


def files_without_legacy_names(arguments: list[str]) -> int | None:
    """How many files a command line asks about, if that is all there is to say."""
    seen = look_at_command_line(arguments)
    return len(seen.targets.asked) if seen is not None and seen.is_clean else None


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without legacy names that is the current directory."""
    (tmp_path / "clean.py").write_text(CLEAN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_counts_the_files_asked_about(clean: Path) -> None:
    (clean / "other.py").write_text(CLEAN)

    assert files_without_legacy_names(["."]) == 2
    assert files_without_legacy_names(["clean.py"]) == 1
    assert files_without_legacy_names(["--force-exclude", "clean.py"]) == 1
    assert files_without_legacy_names(["-q", "--unsafe-fixes"]) == 2
    assert files_without_legacy_names([]) == 2


@pytest.mark.parametrize(
    "arguments", [["--verbose"], ["--select=S2P001", "."], ["nowhere.py"], ["-"], ["clean.py", "nowhere.py"]]
)
def test_it_gives_way_to_other_command_lines(clean: Path, arguments: list[str]) -> None:
    assert files_without_legacy_names(arguments) is None


def test_it_gives_way_where_legacy_names_are_anywhere_in_the_project(clean: Path) -> None:
    (clean / "config.py").write_text(UNUSED)

    assert files_without_legacy_names(["clean.py"]) is None


def test_it_gives_way_to_a_legacy_name_in_a_file_that_only_was_named(clean: Path) -> None:
    (clean / "script").write_text(UNUSED)

    assert files_without_legacy_names(["script"]) is None


def test_it_minds_the_configuration(clean: Path) -> None:
    (clean / "other.py").write_text(CLEAN)
    (clean / "pyproject.toml").write_text('[tool.share2post]\nextend-exclude = ["other.py"]\n')

    assert files_without_legacy_names(["."]) == 1


def test_it_gives_way_to_a_wrong_configuration(clean: Path) -> None:
    (clean / "pyproject.toml").write_text("[tool.share2post]\nselekt = []\n")

    assert files_without_legacy_names(["clean.py"]) is None


def test_it_gives_way_to_a_leftover_suppression(clean: Path) -> None:
    (clean / "clean.py").write_text("x = 1  # share2post: ignore[S2P001] not ours\n")

    assert files_without_legacy_names(["clean.py"]) is None


@pytest.mark.parametrize("heavy", HEAVY)
def test_a_clean_run_imports_nothing_heavy(clean: Path, heavy: str) -> None:
    program = (
        "import sys; sys.argv = ['share2post', 'check', 'clean.py']; from share2post.__main__ import main; main();"
        f"print({heavy!r} in sys.modules)"
    )

    # -S: what .pth files of other packages import is not ours to answer for.
    path = str(Path(sys.modules["share2post"].__path__[0]).parent)
    run = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {path!r}); {program}"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip

    assert run.stdout == "Scanned 1 file: nothing legacy found.\nFalse\n"
