"""A file given alone is understood within its project: it says, and becomes, what the whole run says of it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from programs import repository
from share2post.engine.migrate import migrate
from share2post.model import Finding, Project, SourceFile
from share2post.pipeline import Command, Request, run
from share2post.settings import Settings

PROJECTS: Final = sorted(
    path.parent for path in (Path(__file__).parent.parent / "fixtures/projects").glob("*/before")
)

cases = pytest.mark.parametrize


@pytest.fixture(params=["in git", "without git", "without a mark"])
def tree(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: Path
) -> Path:
    root = Path(shutil.copytree(project / "before", tmp_path / "project"))
    if request.param == "without git":
        (root / "pyproject.toml").write_text("[project]\n")
    if request.param == "in git":
        repository(root)
    monkeypatch.chdir(root)
    return root


def sources(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.py"))}


def found(*paths: str, unsafe: bool = False) -> list[Finding]:
    result = run(Request(Command.CHECK, paths), Settings(unsafe_fixes=unsafe))

    assert result.failures == ()
    return list(result.findings)


@cases("project", PROJECTS, ids=lambda path: path.name)
def test_the_files_that_are_read_are_enough(tree: Path) -> None:
    everything = migrate(Project(tuple(SourceFile(*file) for file in sources(tree).items())), Settings())
    places = {(f.path, f.span, f.rule, f.message) for f in everything.findings}

    assert {(f.path, f.span, f.rule, f.message) for f in found(".")} == places


@cases("project", PROJECTS, ids=lambda path: path.name)
def test_a_file_alone_says_what_the_directory_says_of_it(tree: Path) -> None:
    whole = found(".")
    alone = {path: found(path) for path in sources(tree)}

    assert {path: findings for path, findings in alone.items() if findings} == {
        path: [finding for finding in whole if finding.path == path] for path in {f.path for f in whole}
    }


@cases("project", PROJECTS, ids=lambda path: path.name)
def test_files_fixed_one_at_a_time_end_as_all_at_once(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(shutil.copytree(tree, tmp_path / "other"))
    run(Request(Command.FIX), Settings())
    monkeypatch.chdir(other)
    for path in sources(other):
        run(Request(Command.FIX, (path,)), Settings())

    assert sources(other) == sources(tree)
