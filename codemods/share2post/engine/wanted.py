"""Which further files of a project the engine must see to know what a candidate's names mean."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache

from share2post.engine.index import FROM_PACKAGE, SIGNS, index
from share2post.model import Project, SourceFile
from share2post.semantics.module import Unreadable, parse
from share2post.semantics.test_paths import is_test_path
from share2post.semantics.world import import_paths


def wanted(project: Project) -> tuple[str, ...]:
    """Files that the project's modules import and that were not read yet; some may not exist.

    Candidates' imports are all wanted; of the files read for their sake only the
    re-exports are, so that the run stays near the candidates.
    """
    known = {file.path for file in project.files}
    found = index(project.files)
    paths: dict[str, None] = {}
    for file in project.files:
        for dotted, level in _imports(file, everything=found.concerns(file) or found.mentions(file)):
            for path in import_paths(file.path, dotted, level):
                if path not in known:
                    paths[path] = None
    return tuple(paths)


def relevant(project: Project) -> tuple[SourceFile, ...]:
    """The files that must be understood: those with a say, and those they import."""
    found = index(project.files)
    files = {file.path: file for file in project.files}
    pending = [file for file in project.files if found.concerns(file)]
    taken = {file.path for file in pending}
    while pending:
        file = pending.pop()
        for dotted, level in _imports(file, everything=found.concerns(file)):
            for path in import_paths(file.path, dotted, level):
                if path in files and path not in taken:
                    taken.add(path)
                    pending.append(files[path])
    return tuple(file for file in project.files if file.path in taken)


def _imports(file: SourceFile, *, everything: bool) -> tuple[tuple[str, int], ...]:
    return _named(file.path, file.data, everything)


@lru_cache(maxsize=4096)
def _named(path: str, data: bytes, everything: bool) -> tuple[tuple[str, int], ...]:
    """The modules (and the names that may be modules) a file imports, with their levels."""
    try:
        tree = parse(path, data).tree
    except Unreadable:
        return ()
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree) if everything else tree.body:
        if isinstance(node, ast.Import) and everything:
            found += [(alias.name, 0) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.module or "", node.level))
            base = f"{node.module}." if node.module else ""
            found += [(f"{base}{alias.name}", node.level) for alias in node.names if alias.name != "*"]
    return tuple(dict.fromkeys(found))


def signs(project: Project) -> tuple[bytes, ...]:
    """What shows a webhook in files without an event's name, where the project has one."""
    return tuple(sorted(sign[0] for sign in SIGNS)) if index(project.files).webhooks else ()


class Importers:
    """How to tell, of files that were not read, which use what the ones that were read define."""

    def __init__(self, project: Project) -> None:
        self._index = index(project.files)
        stems = {*self._index.stems, *(stem for stem, _ in self._index.models)} - {FROM_PACKAGE}
        inside = (b"from . import", b"from .. import") if FROM_PACKAGE in self._index.stems else ()
        self.modules = (*sorted(stem.encode(errors="surrogateescape") for stem in stems), *inside)
        self.folders = tuple(sorted(name.encode(errors="surrogateescape") for name in self._index.folders))

    def namesakes(self, paths: Iterable[str]) -> Iterator[str]:
        """The modules of the same name as one of those that were read: another may be meant."""
        ends = tuple(f"/{stem}.py" for stem in self._index.stems)
        return (path for path in paths if path.endswith(ends))

    def tests(self, paths: Iterable[str]) -> Iterator[str]:
        """The tests: what they stand in for they may name in a string, or get from a conftest."""
        return (path for path in paths if is_test_path(path)) if self.modules else iter(())

    def concern(self, path: str, data: bytes) -> bool:
        """Whether a file names something of such a module, or hands the module on."""
        file = SourceFile(path, data)
        known = self._index
        return known.concerns(file) or known.mentions(file) or bool(known.handed_on(file))
