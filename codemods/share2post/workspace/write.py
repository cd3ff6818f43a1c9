"""Replacing files: each one atomically, those of one site together or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from share2post.model import FileResult
from share2post.workspace.read import read, why


@dataclass(frozen=True, slots=True)
class Change:
    """New bytes for a file, and the bytes they were made from."""

    path: str
    before: bytes
    after: bytes


class WriteError(Exception):
    """A file could not be replaced; it is as it was."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


def together(files: Iterable[FileResult]) -> list[list[FileResult]]:
    """The files in groups that share no site: a group is written whole or not at all."""
    groups: list[tuple[set[str], list[FileResult]]] = []
    for file in files:
        sites, members = set(file.sites), [file]
        for group in [group for group in groups if group[0] & sites]:
            groups.remove(group)
            sites |= group[0]
            members = group[1] + members
        groups.append((sites, members))
    return [members for _, members in groups]


def replace_together(changes: Sequence[Change]) -> None:
    """Replace every file or none: all are written beside the old ones before the first is exchanged.

    Raises ``WriteError`` for the first file that cannot be replaced.
    """
    staged: list[tuple[Change, str, str]] = []
    done: list[Change] = []
    try:
        for change in changes:
            target = os.path.realpath(change.path)
            staged.append((change, target, _stage(change, target)))
        for change, target, temporary in staged:
            _exchange(change, target, temporary)
            done.append(change)
        _settle({os.path.dirname(target) for _, target, _ in staged})
    except BaseException:
        for change in reversed(done):
            _put_back(change)
        raise
    finally:
        for _, _, temporary in staged:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _stage(change: Change, target: str) -> str:
    """Write the new bytes into a file of the same directory, mode and owner; its path."""
    directory, name = os.path.split(target)
    temporary = os.path.join(directory, f".{name[:100]}.{os.getpid()}.share2post")
    try:
        status = os.stat(target)
        if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            raise WriteError(change.path, "is read-only; nothing was written")
        _refuse_if_changed(change, target)
        _write_new(temporary, change.after, status)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise WriteError(change.path, f"could not be written: {why(error)}") from error
    return temporary


def _write_new(temporary: str, data: bytes, status: os.stat_result) -> None:
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        if hasattr(os, "fchown") and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
            with contextlib.suppress(PermissionError):
                os.fchown(descriptor, status.st_uid, status.st_gid)
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exchange(change: Change, target: str, temporary: str) -> None:
    try:
        _refuse_if_changed(change, target)
        os.replace(temporary, target)
    except OSError as error:
        raise WriteError(change.path, f"could not be replaced: {why(error)}") from error


def _refuse_if_changed(change: Change, target: str) -> None:
    if read(target) != change.before:
        raise WriteError(change.path, "changed since it was read; nothing was written")


def _put_back(change: Change) -> None:
    """Undo an exchange, unless somebody else has changed the file in the meantime."""
    target = os.path.realpath(change.path)
    with contextlib.suppress(WriteError, OSError):
        back = Change(change.path, change.after, change.before)
        _exchange(back, target, _stage(back, target))


def _settle(directories: set[str]) -> None:
    """Make the exchange of names survive a power cut, where directories can be synced."""
    for directory in directories:
        with contextlib.suppress(OSError):
            descriptor = os.open(directory, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
