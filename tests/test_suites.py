"""The suites that come with the projects of the corpus: what passed before the rewrite passes after it."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path
from typing import Final

import pytest

from test_projects import MIGRATED, TREES, Tree
from wire import Run, run_program

SUITES: Final = [tree for tree in TREES if "suite" in tree.options]

cases = pytest.mark.parametrize


@functools.cache
def suite_run(root: Path, which: str) -> Run:
    """The user's own pytest run over one generation of a project, without a network."""
    tree = Tree(root)
    paths = [*tree.options.get("path", ()), "."]
    arguments = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tree.options["suite"]]
    launcher = (
        "if __name__ == '__main__':\n"
        f"    import sys\n    sys.path[:0] = {paths!r}\n"
        f"    import pytest\n    sys.exit(pytest.main({arguments!r}))\n"
    )
    with tempfile.TemporaryDirectory(prefix="suite-") as name:
        work = Path(name) / "work"
        shutil.copytree(root / "before", work)
        if which == "after" and (root / "after").exists():
            shutil.copytree(root / "after", work, dirs_exist_ok=True)
        if not (work / "pytest.ini").exists():
            (work / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        return run_program(launcher, None, tree=work)


@cases("tree", SUITES, ids=str)
def test_the_suite_passed(tree: Tree) -> None:
    run = suite_run(tree.root, "before")

    assert (run.violations, run.returncode) == ((), 0), run.stdout


@cases("tree", [tree for tree in SUITES if tree in MIGRATED], ids=str)
def test_the_suite_passes_still(tree: Tree) -> None:
    before, run = suite_run(tree.root, "before"), suite_run(tree.root, "after")

    assert (run.violations, run.returncode) == ((), 0), run.stdout
    assert summary(run) == summary(before)


def summary(run: Run) -> str:
    """What pytest counted: ``4 passed``."""
    return run.stdout.strip().splitlines()[-1].partition(" in ")[0]
