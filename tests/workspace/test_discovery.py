"""Which files are found: the same ones with git and without."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from programs import UNUSED, git
from share2post.workspace.glance import NEEDLES
from share2post.workspace.ignore import Selection
from share2post.workspace.roots import Root
from share2post.workspace.survey import Survey


def look(root: Path, *, uses_git: bool, **patterns: tuple[str, ...]) -> tuple[Survey, set[str]]:
    """Survey a tree; the survey, and the files with legacy names."""
    survey = Survey(Root(str(root), uses_git=uses_git), Selection(**patterns))
    return survey, survey.look(NEEDLES)


def lay_out(root: Path, *names: str, ignored: dict[str, str] | None = None) -> None:
    """Write legacy files, and ignore files by their directory."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(UNUSED)
    for directory, lines in (ignored or {}).items():
        (root / directory / ".gitignore").write_text(lines)


def found_both_ways(root: Path, **patterns: tuple[str, ...]) -> list[str]:
    """The files that git and the walk find; they have to be the same, and all of them hold a name."""
    walked, legacy_walked = look(root, uses_git=False, **patterns)
    git(root, "init", "--quiet", ".")
    untracked, legacy_untracked = look(root, uses_git=True, **patterns)
    git(root, "add", "--all")
    tracked, legacy_tracked = look(root, uses_git=True, **patterns)

    assert untracked.uses_git
    assert sorted(walked.files) == sorted(untracked.files) == sorted(tracked.files)
    assert legacy_walked == legacy_untracked == legacy_tracked
    return sorted(walked.files)


def test_python_files_at_every_depth(tmp_path: Path) -> None:
    lay_out(tmp_path, "a.py", "b/c.py", "b/d/e.pyi", "b/notes.txt", "b/script", ".hidden/f.py")

    assert found_both_ways(tmp_path) == [".hidden/f.py", "a.py", "b/c.py", "b/d/e.pyi"]


def test_ignore_files_on_the_way(tmp_path: Path) -> None:
    lay_out(
        tmp_path, "a.py", "gen/b.py", "c/d.py", "c/e_pb2.py", "c/keep_pb2.py", "c/f/g.py", "c/f/h.py", "x/gen/y.py",
        ignored={"": "gen/\n*_pb2.py\n", "c": "!keep_pb2.py\n/f/g.py\n"},
    )  # fmt: skip

    assert found_both_ways(tmp_path) == ["a.py", "c/d.py", "c/f/h.py", "c/keep_pb2.py"]


@pytest.mark.parametrize(
    "lines",
    [
        "!\n*.py\n!b/\n",
        "*\n!*/\n!c.py\n",
        "*\n!b\n",
        "b/*\n!b/c.py\n",
        "/b\n",
        "b/d\n",
        "**/d/*.py\n",
        "d/**\n",
        "a.*\n",
        "[ab].py\n",
        "?.py\n",
        "\\#odd.py\n#a.py\n",
        "a.py   \n",
        "a.py\r\n",
        "\\!a.py\n",
        "b/**/e.py\n",
        "e.py\n!b/d/e.py\n",
        "b\n!b/c.py\n",
        "*.pyi\n*.PY\n",
        "[\na.py\n",
        "b/d/\n!b/d/e.py\n",
        "c.py/\n",
        ".py\n",
        "/*\n!/b\n/b/*\n!/b/d\n",
    ],
)
def test_an_ignore_file_means_what_git_says(tmp_path: Path, lines: str) -> None:
    lay_out(
        tmp_path, "a.py", "b/c.py", "b/d/e.py", "b/d/e.pyi", "d/f.py", "#odd.py", "!a.py", ignored={"": lines}
    )

    found_both_ways(tmp_path)


def test_clutter_and_virtual_environments(tmp_path: Path) -> None:
    lay_out(
        tmp_path, "a.py", "node_modules/b.py", "__pycache__/c.py", ".tox/py311/d.py", ".venv/lib/e.py",
        "environment/lib/python3.11/site-packages/f.py", "x/.mypy_cache/g.py",
    )  # fmt: skip
    (tmp_path / "environment" / "pyvenv.cfg").write_text("home = /usr/bin\n")

    assert found_both_ways(tmp_path) == ["a.py"]


def test_links(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    lay_out(tmp_path, "a.py", "script", "b/c.py")
    outside = tmp_path_factory.mktemp("outside")
    lay_out(outside, "far.py")
    (tmp_path / "to_a.py").symlink_to("a.py")
    (tmp_path / "to_script.py").symlink_to("script")
    (tmp_path / "to_far.py").symlink_to(outside / "far.py")
    (tmp_path / "to_outside").symlink_to(outside)
    (tmp_path / "to_b").symlink_to("b")
    (tmp_path / "b" / "up").symlink_to("..")
    (tmp_path / "gone.py").symlink_to("nowhere.py")

    assert found_both_ways(tmp_path) == ["a.py", "b/c.py", "to_script.py"]


def test_names_with_everything_in_them(tmp_path: Path) -> None:
    names = [
        "a b.py",
        "ü.py",
        'q"q.py',
        "tab\t.py",
        "new\nline.py",
        "back\\slash.py",
        os.fsdecode(b"\xff.py"),
        "-e.py",
    ]
    lay_out(tmp_path, *names)

    assert found_both_ways(tmp_path) == sorted(names)


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ({"exclude": ("b/",)}, ["a.py", "node_modules/d.py"]),
        ({"extend_exclude": ("b/",)}, ["a.py"]),
        ({"extend_exclude": ("*.py", "!a.py")}, ["a.py"]),
        ({"include": ("*.py", "*.txt")}, ["a.py", "b/c.py", "notes.txt"]),
        ({"include": ("b/",)}, ["b/c.py"]),
        ({"include": ("script",)}, ["script"]),
    ],
)
def test_patterns_of_the_user(
    tmp_path: Path, patterns: dict[str, tuple[str, ...]], expected: list[str]
) -> None:
    lay_out(tmp_path, "a.py", "b/c.py", "node_modules/d.py", "notes.txt", "script")

    assert found_both_ways(tmp_path, **patterns) == expected


def test_repositories_within(tmp_path: Path) -> None:
    lay_out(tmp_path, "a.py", "inner/b.py", "inner/skip.py", ignored={"inner": "skip.py\n"})
    git(tmp_path / "inner", "init", "--quiet", ".")
    git(tmp_path, "init", "--quiet", ".")

    assert sorted(look(tmp_path, uses_git=True)[0].files) == ["a.py", "inner/b.py"]
    assert sorted(look(tmp_path, uses_git=False)[0].files) == ["a.py", "inner/b.py"]


def test_submodules(tmp_path: Path) -> None:
    lay_out(tmp_path, "a.py", "lib/b.py")
    git(tmp_path / "lib", "init", "--quiet", ".")
    git(tmp_path / "lib", "add", "--all")
    git(tmp_path / "lib", "commit", "--quiet", "--message", "all")
    git(tmp_path, "init", "--quiet", ".")
    git(tmp_path, "submodule", "--quiet", "add", "./lib", "lib")
    git(tmp_path, "add", "--all")

    survey, legacy = look(tmp_path, uses_git=True)

    assert sorted(survey.files) == ["a.py", "lib/b.py"]
    assert legacy == {"a.py", "lib/b.py"}


def test_a_file_that_git_was_told_to_forget_about_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    git(tmp_path, "init", "--quiet", ".")
    git(tmp_path, "add", "--all")
    git(tmp_path, "update-index", "--assume-unchanged", "a.py")
    (tmp_path / "a.py").write_text(UNUSED)

    assert look(tmp_path, uses_git=True)[1] == {"a.py"}


def test_a_file_that_is_deleted_but_still_tracked(tmp_path: Path) -> None:
    lay_out(tmp_path, "a.py", "b.py")
    git(tmp_path, "init", "--quiet", ".")
    git(tmp_path, "add", "--all")
    (tmp_path / "b.py").unlink()

    assert sorted(look(tmp_path, uses_git=True)[0].files) == ["a.py"]


def test_a_tree_that_only_looks_like_a_repository_is_walked(tmp_path: Path) -> None:
    lay_out(tmp_path, "a.py")
    (tmp_path / ".git").mkdir()

    survey, legacy = look(tmp_path, uses_git=True)

    assert not survey.uses_git
    assert legacy == {"a.py"}
    assert "git could not be asked" in survey.notes[0][1]


def test_without_git_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, "a.py")
    git(tmp_path, "init", "--quiet", ".")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert look(tmp_path, uses_git=True)[1] == {"a.py"}


def test_no_hook_of_the_repository_is_run(tmp_path: Path) -> None:
    lay_out(tmp_path, "a.py")
    git(tmp_path, "init", "--quiet", ".")
    hook = tmp_path / "hook.sh"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/was_run\n")
    hook.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(hook))

    look(tmp_path, uses_git=True)

    assert not (tmp_path / "was_run").exists()


def test_a_hook_of_another_repository_does_not_confuse_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path, "a.py")
    git(tmp_path, "init", "--quiet", ".")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "elsewhere" / "index"))

    assert look(tmp_path, uses_git=True)[1] == {"a.py"}


def test_a_second_search_finds_other_names(tmp_path: Path) -> None:
    lay_out(tmp_path, "a.py")
    (tmp_path / "b.py").write_text("from a import LEGACY\n")
    git(tmp_path, "init", "--quiet", ".")
    git(tmp_path, "add", "--all")
    by_git, _ = look(tmp_path, uses_git=True)
    by_hand, _ = look(tmp_path, uses_git=False)

    assert by_git.search([b"LEGACY"]) == by_hand.search([b"LEGACY"]) == {"a.py", "b.py"}


def test_a_file_that_git_cannot_read_is_read_again_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path, "a.py", "b.py")
    git(tmp_path, "init", "--quiet", ".")
    git(tmp_path, "add", "--all")
    ours = tmp_path / "bin"
    ours.mkdir()
    script = '#!/bin/sh\n"$REAL_GIT" "$@"; status=$?\ncase "$*" in *" grep "*) echo "error: b.py" >&2;; esac\nexit $status\n'
    (ours / "git").write_text(script)
    (ours / "git").chmod(0o755)
    monkeypatch.setenv("REAL_GIT", str(shutil.which("git")))
    monkeypatch.setenv("PATH", f"{ours}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "b.py").unlink()
    (tmp_path / "b.py").mkdir()

    survey, legacy = look(tmp_path, uses_git=True)

    assert legacy == {"a.py"}
    assert "directory" in survey.unread.get("b.py", "directory")
