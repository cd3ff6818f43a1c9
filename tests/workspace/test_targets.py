"""Which project is meant, and which of its files are asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from programs import UNUSED
from share2post.workspace.ignore import Selection
from share2post.workspace.roots import place, project_root
from share2post.workspace.survey import Survey
from share2post.workspace.targets import resolve


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a package, a script and an ignored directory."""
    for name in (
        "pyproject.toml",
        "script",
        "a.py",
        "package/b.py",
        "package/inner/c.py",
        "ignored/d.py",
        "e_pb2.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(UNUSED if name.endswith(".py") else "")
    (tmp_path / ".gitignore").write_text("ignored/\n*_pb2.py\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    return tmp_path


def asked(*paths: str, exclude: tuple[str, ...] = (), force_exclude: bool = False) -> list[str]:
    """The files that these named paths ask about."""
    root = project_root([place(path) for path in paths], str(Path.cwd()))
    selection = Selection(extend_exclude=exclude)
    survey = Survey(root, selection)
    survey.look([b"LEGACY"])
    return sorted(resolve(paths, survey, selection, force_exclude=force_exclude).asked)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ((".",), ["a.py", "package/b.py", "package/inner/c.py"]),
        (("package",), ["package/b.py", "package/inner/c.py"]),
        (("package/inner", "a.py"), ["a.py", "package/inner/c.py"]),
        (("script",), ["script"]),
        (("e_pb2.py",), ["e_pb2.py"]),
        (("ignored",), ["ignored/d.py"]),
        (("ignored/d.py",), ["ignored/d.py"]),
        (("package/../a.py",), ["a.py"]),
    ],
)
def test_what_is_named_is_asked_about(tree: Path, paths: tuple[str, ...], expected: list[str]) -> None:
    assert asked(*paths) == expected


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (("e_pb2.py", "a.py"), ["a.py"]),
        (("ignored/d.py", "a.py"), ["a.py"]),
        (("package/b.py", "a.py"), ["a.py"]),
        (("script",), ["script"]),
    ],
)
def test_force_exclude_excludes_what_is_named(
    tree: Path, paths: tuple[str, ...], expected: list[str]
) -> None:
    assert asked(*paths, exclude=("package/",), force_exclude=True) == expected


def test_the_root_is_the_repository(tree: Path) -> None:
    (tree / ".git").mkdir()
    (tree / "package" / "pyproject.toml").touch()

    assert project_root([place("package/inner/c.py")], str(tree)).path == str(tree)


def test_else_the_nearest_pyproject(tree: Path) -> None:
    (tree / "package" / "pyproject.toml").touch()

    assert project_root([place("package/inner/c.py")], str(tree)).path == str(tree / "package")


def test_else_the_current_directory(tree: Path) -> None:
    (tree / "pyproject.toml").unlink()

    assert project_root([place("package/inner/c.py")], str(tree)).path == str(tree)


def test_else_what_the_paths_share(tree: Path) -> None:
    (tree / "pyproject.toml").unlink()

    root = project_root([place("package/b.py"), place("package/inner")], "/elsewhere")

    assert root.path == str(tree / "package")


def test_nobodys_home_is_searched_for_one_file(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "pyproject.toml").unlink()
    monkeypatch.setenv("HOME", str(tree))

    assert not project_root([place("a.py")], str(tree)).walked
    assert project_root([place(".")], str(tree)).walked
    assert asked("a.py") == ["a.py"]
