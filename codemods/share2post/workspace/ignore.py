"""Which names are looked at: ``.gitignore`` files and the user's own patterns.

pathspec compiles the patterns and is imported only when there is one. The order in which they
are asked is git's: the deepest file first, in a file the last line first, and a pattern judges
the entry itself, because what lies in an ignored directory is never reached.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    import re

PYTHON: Final = (".py", ".pyi")
DEFAULT_INCLUDE: Final = ("*.py", "*.pyi")
REPOSITORIES: Final = frozenset({".git", ".hg", ".svn"})
CLUTTER: Final = REPOSITORIES | {
    ".direnv", ".eggs", ".hypothesis", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pytest_cache",
    ".ruff_cache", ".tox", ".venv", "__pycache__", "__pypackages__", "node_modules",
}  # fmt: skip
VENV_MARK: Final = "pyvenv.cfg"


class Patterns:
    """The lines of one ignore file, asked about entries below its directory."""

    __slots__ = ("_rules", "base")

    def __init__(self, lines: Iterable[str], base: str, *, only_python: bool = False) -> None:
        self.base = base
        self._rules = [
            rule
            for line in lines
            if line.strip() and not line.startswith("#")
            for rule in _compiled(line, only_python)
        ]
        self._rules.reverse()

    def __bool__(self) -> bool:
        return bool(self._rules)

    def verdict(self, path: str, *, directory: bool) -> bool | None:
        """Whether an entry (a path from the root) is matched; ``None`` where no pattern speaks of it."""
        below = path[len(self.base) :]
        name = below[below.rfind("/") + 1 :]
        if directory:
            below += "/"
            name += "/"
        for matches, answer, whole, for_files in self._rules:
            if not directory and not for_files:
                continue
            match = matches(below if whole else name)
            if match is not None and _is_own(match):
                return answer
        return None


_Rule: TypeAlias = "tuple[Callable[[str], re.Match[str] | None], bool, bool, bool]"


def _compiled(line: str, only_python: bool) -> list[_Rule]:
    from pathspec import GitIgnoreSpec, RegexPattern

    text = line.rstrip()
    if not text.removeprefix("!").strip("/"):
        return []
    # To git these are what lies below; pathspec takes them for the directory itself, too.
    if text.endswith("/**/"):
        line = text + "*/"
    elif text.endswith("/**"):
        line = text + "/*"
    try:
        # One line at a time: pathspec raises for a lone "!", where git goes on to the next line.
        patterns = list(GitIgnoreSpec.from_lines([line], backend="simple").patterns)
    except ValueError:
        return []
    for_files = not text.endswith("/") and not (only_python and _never_python(text))
    whole = "/" in text.rstrip("/")
    return [
        (pattern.regex.search, pattern.include, whole, for_files)
        for pattern in patterns
        if isinstance(pattern, RegexPattern) and pattern.regex is not None and pattern.include is not None
    ]


def _is_own(match: re.Match[str]) -> bool:
    """Whether a pattern matched an entry itself, not a directory above it."""
    mark = match.re.groupindex.get("ps_d")
    return mark is None or match.end(mark) in (-1, len(match.string))


def _never_python(text: str) -> bool:
    """Whether the pattern's literal end rules out a file called ``*.py`` or ``*.pyi``.

    Most lines of most ignore files say nothing about Python files; not asking them is what
    makes a walk affordable.
    """
    end = text[-4:]
    return len(end) == 4 and end.replace(".", "").replace("_", "").isalnum() and not end.endswith(PYTHON)


class Selection:
    """Which files are wanted at all, whatever the repository ignores."""

    __slots__ = ("_cache", "_exclude", "_extra", "_include", "venvs")

    def __init__(
        self,
        include: tuple[str, ...] = DEFAULT_INCLUDE,
        exclude: tuple[str, ...] = (),
        extend_exclude: tuple[str, ...] = (),
    ) -> None:
        self._include = None if include == DEFAULT_INCLUDE else Patterns(include, "")
        self._exclude = Patterns(exclude, "") if exclude else None
        self._extra = Patterns(extend_exclude, "") if extend_exclude else None
        self._cache: dict[str, bool] = {"": True}
        self.venvs: frozenset[str] = frozenset()

    @property
    def python_only(self) -> bool:
        """Whether a name that is not Python's is never wanted."""
        return self._include is None

    def wants(self, path: str) -> bool:
        """Whether a file is wanted, by its own name and by every directory above it."""
        return self.includes(path) and not self.excludes(path)

    def includes(self, path: str) -> bool:
        """Whether a file's name is one of those that are looked for."""
        if self._include is None:
            return path.endswith(PYTHON)
        if self._include.verdict(path, directory=False) is not None:
            return self._include.verdict(path, directory=False) is True
        while "/" in path:
            path = path[: path.rfind("/")]
            if self._include.verdict(path, directory=True) is not None:
                return self._include.verdict(path, directory=True) is True
        return False

    def excludes(self, path: str) -> bool:
        """Whether a file, or a directory above it, is excluded."""
        return self._says(path, directory=False) or not self.enters(path[: max(path.rfind("/"), 0)])

    def enters(self, directory: str) -> bool:
        """Whether a directory (and every one above it) is looked into."""
        answer = self._cache.get(directory)
        if answer is None:
            above, _, name = directory.rpartition("/")
            answer = self.enters(above) and self._enters_itself(directory, name)
            self._cache[directory] = answer
        return answer

    def _enters_itself(self, directory: str, name: str) -> bool:
        skipped = REPOSITORIES if self._exclude else CLUTTER
        if name in skipped or directory in self.venvs:
            return False
        return not self._says(directory, directory=True)

    def _says(self, path: str, *, directory: bool) -> bool:
        return any(
            patterns is not None and patterns.verdict(path, directory=directory) is True
            for patterns in (self._exclude, self._extra)
        )


def ignore_file(directory: str, base: str, *, only_python: bool) -> Patterns | None:
    """The patterns of a directory's own ``.gitignore``, if it has any."""
    from share2post.workspace.read import read

    try:
        text = os.fsdecode(read(os.path.join(directory, ".gitignore")))
    except OSError:
        return None
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    patterns = Patterns(lines, base, only_python=only_python)
    return patterns if patterns else None
