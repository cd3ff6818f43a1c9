"""Asking git, and what becomes of a question that fails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from programs import git
from share2post.workspace import git as asking
from share2post.workspace.git import GitError, ask


def test_answers_come_in_the_order_of_the_questions(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", ".")

    first, second = ask(str(tmp_path), ("rev-parse", "--is-inside-work-tree"), ("no-such-command",))

    assert (first.status, first.output) == (0, b"true\n")
    assert second.status == 1
    assert "no-such-command" in second.complaint()


def test_much_output_and_many_errors_do_not_block(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", ".")
    blob = git(tmp_path, "hash-object", "-w", "--stdin", stdin=b"x" * 1_000_000).decode().strip()

    first, second = ask(str(tmp_path), ("cat-file", "blob", blob), ("cat-file", "blob", blob))

    assert len(first.output) == len(second.output) == 1_000_000


def test_an_answer_that_nobody_waits_for_leaves_no_process(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", ".")
    answers = ask(str(tmp_path), ("rev-parse", "--git-dir"), ("rev-parse", "--git-dir"))
    next(answers)
    answers.close()

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_no_git_is_an_error_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(GitError):
        next(ask(str(tmp_path), ("version",)))


def test_where_there_is_no_spawn_the_answers_are_the_same(tmp_path: Path) -> None:
    commands = [["git", "-C", str(tmp_path), "version"], ["git", "-C", str(tmp_path), "nothing"]]

    spawned = [(a.status, a.output, a.errors) for a in asking._run(commands)]
    run = [(a.status, a.output, a.errors) for a in asking._run_elsewhere(commands)]

    assert spawned == run
