"""What was named on the command line, as files of the project."""

from __future__ import annotations

import os
from collections.abc import Sequence

from share2post.workspace.ignore import Selection
from share2post.workspace.roots import Root, place
from share2post.workspace.survey import Survey
from share2post.workspace.walk import is_ignored


class Targets:
    """The files that are asked about, the directories that were named, and the files that are excluded."""

    __slots__ = ("asked", "directories", "excluded")

    def __init__(self) -> None:
        self.asked: dict[str, None] = {}
        self.directories: list[str] = []
        self.excluded: list[str] = []

    def covers(self, path: str) -> bool:
        """Whether a path was asked about, by its own name or by a directory's."""
        return path in self.asked or any(
            not named or path == named or path.startswith(named + "/") for named in self.directories
        )


def missing(paths: Sequence[str]) -> list[str]:
    """The named paths that do not exist."""
    return [path for path in paths if not os.path.lexists(path)]


def resolve(paths: Sequence[str], survey: Survey, selection: Selection, *, force_exclude: bool) -> Targets:
    """The files of the survey that the named paths stand for; a file named by hand joins it."""
    targets = Targets()
    for named in paths:
        path = place(named)
        if os.path.isdir(path):
            targets.directories.append(survey.root.relative(path) or "")
            targets.asked.update(dict.fromkeys(_below(path, survey)))
            continue
        relative = _file(path, survey)
        if force_exclude and relative not in survey.files and _excluded(relative, survey.root, selection):
            targets.excluded.append(relative)
        else:
            targets.asked[relative] = None
    return targets


def _below(directory: str, survey: Survey) -> list[str]:
    start = survey.root.relative(directory) or ""
    if not start:
        return list(survey.files)
    inside = start + "/"
    files = [path for path in survey.files if path.startswith(inside)]
    # An ignored directory that is named by hand is looked into all the same.
    return files or survey.add_tree(start)


def _file(path: str, survey: Survey) -> str:
    if os.path.islink(path):
        target = survey.root.relative(os.path.realpath(path))
        if target is not None and target in survey.files:
            return target
    return survey.root.relative(path) or path


def _excluded(path: str, root: Root, selection: Selection) -> bool:
    return selection.excludes(path) or (selection.includes(path) and is_ignored(root.path, path, selection))
