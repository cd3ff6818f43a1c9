"""Where the project is that the named paths belong to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence


class Root:
    """A project's directory, and whether git keeps it."""

    __slots__ = ("path", "uses_git", "walked")

    def __init__(self, path: str, *, uses_git: bool, walked: bool = True) -> None:
        self.path = path
        self.uses_git = uses_git
        self.walked = walked

    def relative(self, path: str) -> str | None:
        """An absolute path as seen from the root (POSIX), or ``None`` where it lies elsewhere."""
        inside = os.path.join(self.path, "")
        if path == self.path:
            return ""
        if not path.startswith(inside):
            return None
        below = path[len(inside) :]
        return below.replace(os.sep, "/") if os.sep != "/" else below

    def absolute(self, path: str) -> str:
        """The place of a path seen from the root."""
        return os.path.join(self.path, path)


def place(path: str) -> str:
    """A named path without links in its directories.

    The path itself keeps its own name if it is a link to a file, so that what is said about it
    is said about what was named.
    """
    path = os.path.abspath(path)
    if os.path.isdir(path):
        return os.path.realpath(path)
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def common_directory(places: Sequence[str]) -> str:
    """The deepest directory that all named places share."""
    return os.path.commonpath([path if os.path.isdir(path) else os.path.dirname(path) for path in places])


def project_root(places: Sequence[str], cwd: str) -> Root:
    """The project of the named places: what a name means may be said anywhere in it.

    The repository, if they are in one; else the nearest directory with a ``pyproject.toml``; else
    the current directory, if they lie below it; else the deepest directory they share.
    """
    common = common_directory(places)
    for directory in upward(common):
        if os.path.exists(os.path.join(directory, ".git")):
            return Root(directory, uses_git=True)
    for directory in upward(common):
        if os.path.isfile(os.path.join(directory, "pyproject.toml")):
            return Root(directory, uses_git=False)
    unbounded = (os.path.abspath(os.sep), os.path.realpath(os.path.expanduser("~")))
    inside = common == cwd or common.startswith(os.path.join(cwd, ""))
    root = cwd if inside and cwd not in unbounded else common
    # Nobody's home directory is a project; unless it was named itself, only what was named is looked at.
    return Root(root, uses_git=False, walked=root not in unbounded or root in places)


def upward(directory: str) -> Iterator[str]:
    """A directory and all those above it."""
    while True:
        yield directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return
        directory = parent


def display(path: str) -> str:
    """A path as it is shown: relative to the current directory, with forward slashes."""
    relative = os.path.relpath(path, os.getcwd())
    return relative.replace(os.sep, "/") if os.sep != "/" else relative


def git_prefix(directory: str) -> str:
    """A directory as git sees it from the top of its work tree: empty, or with a slash at its end."""
    for above in upward(os.path.realpath(directory)):
        if os.path.exists(os.path.join(above, ".git")):
            below = os.path.relpath(os.path.realpath(directory), above).replace(os.sep, "/")
            return "" if below == "." else below + "/"
    return ""
