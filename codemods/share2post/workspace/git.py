"""Asking git which files there are and which of them hold a name.

git is started with ``os.posix_spawn``, where there is one: importing ``subprocess`` would cost
a clean run more than git does.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from typing import Final

# What a repository's own configuration may not decide: no hook is run, nothing is coloured,
# no submodule is entered behind our back.
CONFIGURATION: Final = (
    "-c", "core.fsmonitor=false",
    "-c", "submodule.recurse=false",
    "-c", "grep.fallbackToNoIndex=false",
)  # fmt: skip


class GitError(Exception):
    """git is missing, or did not answer as expected."""


class Answer:
    """What a git command said, and how it ended."""

    __slots__ = ("errors", "output", "status")

    def __init__(self, status: int, output: bytes, errors: bytes) -> None:
        self.status = status
        self.output = output
        self.errors = errors

    def complaint(self) -> str:
        """The first line of what git had to say against the question."""
        line = self.errors.decode("utf-8", "replace").partition("\n")[0].strip()
        return line or f"git ended with status {self.status}"


def ask(root: str, *questions: tuple[str, ...]) -> Iterator[Answer]:
    """The answers to git commands in a directory, in order.

    The commands run side by side: one answer can be worked on while the next is being made.
    """
    commands = [["git", "--no-pager", "-C", root, *CONFIGURATION, *question] for question in questions]
    try:
        yield from _run_elsewhere(commands) if sys.platform == "win32" else _run(commands)
    except OSError as error:
        raise GitError(str(error)) from error


def _environment() -> dict[str, str]:
    # A git hook sets GIT_DIR and GIT_INDEX_FILE for the repository it runs in; the one that is
    # asked about may be another.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    for name in ("GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM",
                 "GIT_CONFIG_NOSYSTEM"):  # fmt: skip
        if name in os.environ:
            kept[name] = os.environ[name]
    kept["LC_ALL"] = "C"
    kept["GIT_OPTIONAL_LOCKS"] = "0"
    return kept


def _run(commands: list[list[str]]) -> Iterator[Answer]:
    environment = _environment()
    running: list[tuple[int, int, int]] = []
    try:
        for command in commands:
            running.append(_spawn(command, environment))
        while running:
            process, out, error = running[0]
            output, errors = _drain(out, error)
            del running[0]
            yield Answer(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), output, errors)
    finally:
        for process, out, error in running:
            os.close(out)
            os.close(error)
            os.waitpid(process, 0)


def _spawn(command: list[str], environment: dict[str, str]) -> tuple[int, int, int]:
    out, out_end = os.pipe()
    error, error_end = os.pipe()
    try:
        process = os.posix_spawnp(
            command[0],
            command,
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, out_end, 1),
                (os.POSIX_SPAWN_DUP2, error_end, 2),
            ],
        )
    except OSError:
        os.close(out)
        os.close(error)
        raise
    finally:
        os.close(out_end)
        os.close(error_end)
    return process, out, error


def _drain(*pipes: int) -> list[bytes]:
    parts: dict[int, list[bytes]] = {pipe: [] for pipe in pipes}
    unread = set(pipes)
    while unread:
        for pipe in select.select(unread, (), ())[0]:
            part = os.read(pipe, 1 << 16)
            parts[pipe].append(part)
            if not part:
                unread.discard(pipe)
    for pipe in pipes:
        os.close(pipe)
    return [b"".join(texts) for texts in parts.values()]


def _run_elsewhere(commands: list[list[str]]) -> Iterator[Answer]:
    import subprocess

    for command in commands:
        run = subprocess.run(
            command, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        yield Answer(run.returncode, run.stdout, run.stderr)
