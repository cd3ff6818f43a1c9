"""The first look at a project: which files there are, and which of them hold a name.

In a git work tree git lists and searches; elsewhere a walk and ``bytes in bytes`` do. Both ways
find the same files.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

from share2post.workspace.git import Answer, GitError, ask
from share2post.workspace.ignore import VENV_MARK, Selection
from share2post.workspace.imports import WORD, Imports, blocks, lines_of
from share2post.workspace.read import read, why
from share2post.workspace.roots import Root
from share2post.workspace.walk import walk

Tick = Callable[[int, int], None]


class Survey:
    """What a project consists of, and what was found in it so far."""

    __slots__ = ("_by_git", "_imports", "_selection", "files", "notes", "root", "tick", "unread", "uses_git")

    def __init__(self, root: Root, selection: Selection, tick: Tick | None = None) -> None:
        self.root = root
        self.tick = tick
        self.files: dict[str, None] = {}
        self.unread: dict[str, str] = {}
        self.notes: list[tuple[str, str]] = []
        self.uses_git = False
        self._selection = selection
        self._by_git: frozenset[str] = frozenset()
        self._imports: Imports | None = None

    def search(self, needles: Sequence[bytes]) -> set[str]:
        """The files that hold one of these byte strings."""
        if not self.files:
            return set()
        if not self._by_git:
            return self._search_here(self.files, needles)
        try:
            answers = ask(self.root.path, _grep(needles, self._selection))
            return self._found_by_git(next(answers), needles)
        except GitError:
            return self._search_here(self.files, needles)

    def imports(self) -> Imports:
        """The lines by which the project's files import each other; read once."""
        if self._imports is None:
            self._imports = Imports()
            rest: Iterable[str] = self.files
            if self._by_git:
                try:
                    answer = next(iter(ask(self.root.path, _grep_lines(WORD, self._selection))))
                    rest = self._imported_by_git(answer, self._imports)
                except GitError:
                    rest = self.files
            for path in list(rest):
                try:
                    self._imports.add(path, lines_of(read(self.root.absolute(path))))
                except OSError:
                    continue  # said by whoever needs the file
        return self._imports

    def _imported_by_git(self, answer: Answer, imports: Imports) -> Iterable[str]:
        """Take what git found; the files it was not asked about, or could not read."""
        if answer.status not in (0, 1) or answer.errors:
            raise GitError(answer.complaint())
        for name, lines in blocks(answer.output):
            path = os.fsdecode(name)
            if path in self._by_git:
                imports.add(path, lines)
        return self.files.keys() - self._by_git

    def look(self, needles: Sequence[bytes]) -> set[str]:
        """List the files and search them, at once where git does both."""
        if self.root.uses_git:
            try:
                answers = ask(self.root.path, _list(self._selection), _grep(needles, self._selection))
                self._take_listing(next(answers))
                self.uses_git = True
                return self._found_by_git(next(answers), needles)
            except GitError as error:
                self.notes.append(("", f"git could not be asked, so the files were walked instead: {error}"))
                self.files.clear()
        if self.root.walked:
            self.add_tree("")
        return self._search_here(self.files, needles)

    def add_tree(self, start: str) -> list[str]:
        """Walk a directory (without git) and add what is found there; its files."""
        found = walk(self.root.path, self._selection, start)
        for directory, error in found.unread:
            self.unread[directory or "."] = f"the directory could not be read: {why(error)}"
        self.files.update(dict.fromkeys(found.files))
        links = self._own_links(found.links)
        return [*found.files, *links]

    def search_files(self, paths: Iterable[str], needles: Sequence[bytes]) -> set[str]:
        """The files among these that hold one of the byte strings, read one by one."""
        return self._search_here(list(paths), needles)

    def _take_listing(self, answer: Answer) -> None:
        if answer.status or answer.errors:
            raise GitError(answer.complaint())
        listed: dict[str, str] = {}
        nested: list[str] = []
        for entry in os.fsdecode(answer.output).split("\0"):
            if entry.startswith("? ") and entry.endswith("/"):
                nested.append(entry[2:-1])
            elif entry.startswith("? "):
                listed[entry[2:]] = "untracked"
            elif entry:
                tag_and_mode, _, path = entry.partition("\t")
                if listed.get(path) != "gone":
                    listed[path] = _kind(tag_and_mode)
        self._keep(listed)
        for directory in (*nested, *self._submodules()):
            if self._selection.enters(directory):
                self.add_tree(directory)

    def _keep(self, listed: dict[str, str]) -> None:
        marks = [path for path in listed if path.endswith(VENV_MARK)]
        self._selection.venvs = frozenset(
            path[: -len(VENV_MARK) - 1] for path in marks if path[: -len(VENV_MARK)].endswith("/")
        )
        links = []
        by_git = []
        for path, kind in listed.items():
            if kind == "gone" or not self._selection.wants(path):
                continue
            if kind == "link" or (kind == "untracked" and os.path.islink(self.root.absolute(path))):
                links.append(path)
                continue
            self.files[path] = None
            if kind == "tracked":
                by_git.append(path)
        self._by_git = frozenset(by_git)
        self._own_links(links)

    def _submodules(self) -> list[str]:
        try:
            lines = os.fsdecode(read(self.root.absolute(".gitmodules"))).split("\n")
        except OSError:
            return []
        pairs = (line.partition("=") for line in lines)
        paths = [value.strip() for name, _, value in pairs if name.strip() == "path"]
        return [path for path in paths if os.path.isdir(self.root.absolute(path))]

    def _found_by_git(self, answer: Answer, needles: Sequence[bytes]) -> set[str]:
        if answer.status not in (0, 1):
            raise GitError(answer.complaint())
        rest: Iterable[str] = self.files.keys() - self._by_git
        if answer.errors:
            # git says that it could not read something; reading again says what, in our words.
            rest = self.files
        found = {path for path in os.fsdecode(answer.output).split("\0") if path in self.files}
        return found | self._search_here(list(rest), needles)

    def _search_here(self, paths: Iterable[str], needles: Sequence[bytes]) -> set[str]:
        found = set()
        paths = list(paths)
        tick = self.tick
        for number, path in enumerate(paths):
            try:
                data = read(self.root.absolute(path))
            except FileNotFoundError:
                # Gone since it was listed.
                self.files.pop(path, None)
                continue
            except OSError as error:
                self.unread[path] = f"could not be read: {why(error)}"
                continue
            for needle in needles:
                if needle in data:
                    found.add(path)
                    break
            if tick and not number % 256:
                tick(number, len(paths))
        return found

    def _own_links(self, links: Iterable[str]) -> list[str]:
        """Keep the links to files that would not be seen otherwise, as long as they stay in the tree."""
        kept = []
        for path in links:
            target = os.path.realpath(self.root.absolute(path))
            inside = self.root.relative(target)
            if not os.path.exists(target):
                self.notes.append((path, "skipped: the link leads nowhere"))
            elif inside is None:
                self.notes.append((path, "skipped: the link leads out of the project, unless it is named"))
            elif self._is_unseen(inside, target):
                self.files[path] = None
                kept.append(path)
        return kept

    def _is_unseen(self, path: str, target: str) -> bool:
        directory = path[: max(path.rfind("/"), 0)]
        return path not in self.files and os.path.isfile(target) and self._selection.enters(directory)


def _kind(tag_and_mode: str) -> str:
    tag, mode = tag_and_mode[:1], tag_and_mode[2:8]
    if tag in "RS" or mode == "160000":
        return "gone"
    if mode == "120000":
        return "link"
    # A lower-case tag is "assume unchanged": git would search what it remembers, not the file.
    return "tracked" if tag.isupper() else "remembered"


def _specs(selection: Selection) -> tuple[str, ...]:
    return ("--", "*.py", "*.pyi") if selection.python_only else ("--",)


def _list(selection: Selection) -> tuple[str, ...]:
    specs = (*_specs(selection), "*/", "*" + VENV_MARK) if selection.python_only else ("--",)
    kinds = ("--cached", "--deleted", "--others", "--exclude-standard")
    return ("ls-files", "-z", "-v", "--stage", *kinds, *specs)


def _grep(needles: Sequence[bytes], selection: Selection) -> tuple[str, ...]:
    patterns = [part for needle in needles for part in ("-e", os.fsdecode(needle))]
    return ("grep", "--no-color", "-lzaF", *patterns, *_specs(selection))


def _grep_lines(word: bytes, selection: Selection) -> tuple[str, ...]:
    shown = ("--no-color", "--heading", "--break", "-zaF", "--no-line-number", "--no-column")
    return ("grep", *shown, "-e", os.fsdecode(word), *_specs(selection))
