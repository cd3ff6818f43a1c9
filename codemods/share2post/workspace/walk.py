"""Listing files without git: ``os.scandir`` and every ``.gitignore`` on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator

from share2post.workspace.ignore import VENV_MARK, Patterns, Selection, ignore_file


class Found:
    """What a walk saw: files, links to files, and directories it could not look into."""

    __slots__ = ("files", "links", "unread")

    def __init__(self) -> None:
        self.files: list[str] = []
        self.links: list[str] = []
        self.unread: list[tuple[str, OSError]] = []


def walk(root: str, selection: Selection, start: str = "") -> Found:
    """The wanted files below ``root/start``, as POSIX paths from the root.

    Links to directories are not followed (git does not either): what they lead to is either in
    the tree already or not part of it.
    """
    found = Found()
    above = tuple(_rules_above(root, start, selection))
    waiting: list[tuple[str, tuple[Patterns, ...]]] = [(start, above)]
    while waiting:
        directory, rules = waiting.pop()
        waiting += _look_into(root, directory, rules, selection, found)
    return found


def is_ignored(root: str, path: str, selection: Selection) -> bool:
    """Whether a ``.gitignore`` between the root and an entry rules it, or a directory above it, out."""
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        entry = "/".join(parts[:depth])
        rules = tuple(_rules_above(root, entry, selection))
        if _ignored(entry, rules, directory=depth < len(parts) or os.path.isdir(os.path.join(root, path))):
            return True
    return False


def _rules_above(root: str, start: str, selection: Selection) -> Iterator[Patterns]:
    parts = start.split("/")[:-1] if start else []
    for depth in range(len(parts) + 1 if start else 0):
        base = "".join(part + "/" for part in parts[:depth])
        patterns = ignore_file(os.path.join(root, base), base, only_python=selection.python_only)
        if patterns:
            yield patterns


def _look_into(
    root: str, directory: str, rules: tuple[Patterns, ...], selection: Selection, found: Found
) -> Iterator[tuple[str, tuple[Patterns, ...]]]:
    base = directory + "/" if directory else ""
    here = os.path.join(root, directory)
    try:
        with os.scandir(here) as entries:
            children = list(entries)
    except OSError as error:
        found.unread.append((directory, error))
        return
    names = {child.name for child in children}
    if VENV_MARK in names:
        return
    if ".gitignore" in names and (own := ignore_file(here, base, only_python=selection.python_only)):
        rules = (*rules, own)
    for child in children:
        path = base + child.name
        if child.is_dir(follow_symlinks=False):
            if selection.enters(path) and not _ignored(path, rules, directory=True):
                yield path, rules
        elif (
            selection.includes(path)
            and not selection.excludes(path)
            and not (rules and _ignored(path, rules, directory=False))
        ):
            if child.is_symlink():
                found.links.append(path)
            elif child.is_file(follow_symlinks=False):
                found.files.append(path)


def _ignored(path: str, rules: tuple[Patterns, ...], *, directory: bool) -> bool:
    for patterns in reversed(rules):
        answer = patterns.verdict(path, directory=directory)
        if answer is not None:
            return answer
    return False
