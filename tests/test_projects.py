"""Whole projects: each is run, rewritten, compared and run again (see fixtures/README.md)."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from share2post.engine.migrate import Migration, migrate, proposals
from share2post.engine.propose import Answer
from share2post.model import Project, SourceFile
from share2post.settings import Settings
from test_fixtures import COUNTERPARTS, CREDENTIALS, FIXTURES, INIT_FAILURES, PUT_FAILURES, SCENARIOS, settled
from wire import Run, Scenario, run_program
from wire.scenario import ID, OPEN_ID

OPTIONS: Final = {
    "entry", "path", "argv", "left", "others", "scenarios", "old", "open_id", "prints_answer", "env", "fix", "run",
    "suite",
}  # fmt: skip


@dataclass(frozen=True)
class Tree:
    """One project of the corpus."""

    root: Path

    def __str__(self) -> str:
        return self.root.name

    @functools.cached_property
    def options(self) -> dict[str, Any]:
        path = self.root / "case.json"
        options = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        assert set(options) <= OPTIONS, set(options) - OPTIONS
        return options

    @property
    def review(self) -> list[list[str]]:
        """What is left: rule, path and reason of each finding."""
        path = self.root / "review.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []

    def files(self, name: str) -> dict[str, bytes]:
        folder = self.root / name
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*.py"))}


TREES: Final = [Tree(path.parent) for path in sorted(FIXTURES.glob("projects/*/before"))]
MIGRATED: Final = [tree for tree in TREES if (tree.root / "after").exists()]
MIXED: Final = [tree for tree in TREES if "left" in tree.options]
RUN: Final = [tree for tree in TREES if tree.options.get("run", True)]

cases = pytest.mark.parametrize


def rewritten(tree: Tree, files: dict[str, bytes]) -> Migration:
    sources = tuple(SourceFile(path, data) for path, data in files.items())
    return migrate(Project(sources), Settings(unsafe_fixes=tree.options.get("fix") == "unsafe"))


def left(result: Migration) -> list[list[str]]:
    """The findings that are for a person."""
    return sorted([f.rule, f.path, f.reason or ""] for f in result.findings if not f.fixed)


def without_notes(findings: list[list[str]]) -> list[list[str]]:
    """What is left where no upload is left for the notes to stand beside."""
    return [finding for finding in findings if not finding[0].startswith("S2P1")]


def write(tree: Tree, files: dict[str, bytes], findings: list[list[str]]) -> None:
    for path, data in files.items():
        (tree.root / "after" / path).parent.mkdir(parents=True, exist_ok=True)
        (tree.root / "after" / path).write_bytes(data)
    (tree.root / "review.json").unlink(missing_ok=True)
    if findings:
        text = "[\n" + ",\n".join(f"  {json.dumps(finding)}" for finding in findings) + "\n]\n"
        (tree.root / "review.json").write_text(text, encoding="utf-8")


@cases("tree", TREES, ids=str)
def test_a_project_is_rewritten(tree: Tree, update_fixtures: bool) -> None:
    before = tree.files("before")
    result = rewritten(tree, before)
    after = {file.source.path: file.after for file in result.files}
    if update_fixtures:
        write(tree, after if after != before else {}, left(result))
    again = rewritten(tree, after)

    assert result.failures == ()
    assert left(result) == tree.review
    assert after == (tree.files("after") or before)
    assert left(again) in (tree.review, without_notes(tree.review))
    assert all(file.after == after[file.source.path] for file in again.files)


@functools.cache
def ran(
    root: Path,
    which: str,
    api: str,
    answers: tuple[str, ...] = ("success",),
    put: str = "success",
    part: str = "argv",
) -> Run:
    """One generation of a project, run once."""
    options = Tree(root).options
    places = options.get("old", "query")
    scenario = Scenario(
        "old" if api == "old" else "new",
        answers=answers,
        puts=(put,),
        token_in=(places,) if isinstance(places, str) else tuple(places),
        open_id=OPEN_ID if options.get("open_id", True) else None,
        others=options.get("others", {}),
    )
    paths = [*options.get("path", ()), "."]
    entry = options.get("entry", "main.py")
    launcher = (
        f"import runpy, sys\nsys.path[:0] = {paths!r}\nrunpy.run_path({entry!r}, run_name='__main__')\n"
    )
    env = CREDENTIALS | options.get("env", {})
    return run_program(launcher, scenario, env=env, argv=options.get(part, ()), tree=root / which)


@cases("tree", TREES, ids=str)
def test_a_project_is_rewritten_one_fix_at_a_time(tree: Tree) -> None:
    before = tree.files("before")
    sources = tuple(SourceFile(path, data) for path, data in before.items())
    steps = proposals(Project(sources), Settings())
    now = dict(before)
    try:
        proposal = next(steps)
        while True:
            assert all(now[file.source.path] == file.source.data for file in proposal.files)
            now |= {file.source.path: file.after for file in proposal.files}
            proposal = steps.send(Answer.APPLY)
    except StopIteration as end:
        result = end.value

    whole = migrate(Project(sources), Settings(unsafe_fixes=True))

    assert {file.source.path: file.after for file in result.files} == now
    assert {file.source.path: file.after for file in whole.files} == now
    assert [f.fixed for f in result.findings] == [f.fixed for f in whole.findings]


@cases("tree", RUN, ids=str)
def test_the_old_project_worked(tree: Tree) -> None:
    run = ran(tree.root, "before", "old")

    assert (run.violations, run.returncode) == ((), 0), run.stderr
    assert len(run.videos) > 0
    assert ID in run.stdout


@cases("tree", [tree for tree in MIGRATED if tree in RUN], ids=str)
def test_the_new_project_does_the_same(tree: Tree) -> None:
    before, run = ran(tree.root, "before", "old"), ran(tree.root, "after", "new")

    assert (run.violations, run.unfinished) == ((), 0)
    assert (run.videos, set(run.tokens), run.others) == (before.videos, set(before.tokens), before.others)
    assert settled(tree, run) == settled(tree, before)  # type: ignore[arg-type]


@cases("tree", MIXED, ids=str)
def test_the_part_left_alone_still_works(tree: Tree) -> None:
    before = ran(tree.root, "before", "old", part="left")
    run = ran(tree.root, "after", "old", part="left")

    assert (run.violations, run.returncode) == ((), 0), run.stderr
    assert len(run.videos) > 0
    assert (run.stdout, run.stderr, run.videos) == (before.stdout, before.stderr, before.videos)


@cases(
    ("tree", "scenario"),
    [
        (tree, scenario)
        for tree in MIGRATED
        if tree in RUN
        for scenario in (*SCENARIOS, *tree.options.get("scenarios", ()))
    ],
    ids=str,
)
def test_the_new_project_fails_as_the_old_one_did(tree: Tree, scenario: str) -> None:
    if scenario in COUNTERPARTS:
        before = ran(tree.root, "before", "old", COUNTERPARTS[scenario])
        run = ran(tree.root, "after", "new", COUNTERPARTS[scenario])
        assert run.videos == before.videos
        assert settled(tree, run) == settled(tree, before)  # type: ignore[arg-type]
    elif scenario in INIT_FAILURES:
        run = ran(tree.root, "after", "new", (scenario,))
        assert ID not in run.stdout
    else:
        run = ran(tree.root, "after", "new", ("success",), PUT_FAILURES[scenario])
        assert ID not in run.stdout
        assert run.returncode != 0
    assert run.violations == ()
