"""Which further files of a project the engine must see to know what a candidate's names mean."""

from __future__ import annotations

import ast

from share2post import tiktok
from share2post.engine.prefilter import is_candidate
from share2post.model import Project, SourceFile
from share2post.semantics.module import Unreadable, parse
from share2post.semantics.world import import_paths


def wanted(project: Project) -> tuple[str, ...]:
    """Files that the project's modules import and that were not read yet; some may not exist.

    Candidates' imports are all wanted; of the files read for their sake only the
    re-exports are, so that the run stays near the candidates.
    """
    known = {file.path for file in project.files}
    paths: dict[str, None] = {}
    for file in project.files:
        for dotted, level in _imports(file, everything=is_candidate(file.data)):
            for path in import_paths(file.path, dotted, level):
                if path not in known:
                    paths[path] = None
    return tuple(paths)


def _imports(file: SourceFile, *, everything: bool) -> list[tuple[str, int]]:
    try:
        tree = parse(file.path, file.data).tree
    except Unreadable:
        return []
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree) if everything else tree.body:
        if isinstance(node, ast.Import) and everything:
            found += [(alias.name, 0) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.module or "", node.level))
            base = f"{node.module}." if node.module else ""
            found += [(f"{base}{alias.name}", node.level) for alias in node.names if alias.name != "*"]
    return found


def needles(project: Project) -> tuple[bytes, ...]:
    """Names under which a candidate's legacy constants and functions may be used in other files."""
    names: dict[bytes, None] = {}
    for file in project.files:
        if not is_candidate(file.data):
            continue
        try:
            tree = parse(file.path, file.data).tree
        except Unreadable:
            continue
        for name in _exported(tree):
            names[name.encode()] = None
    return tuple(names)


def _exported(tree: ast.Module) -> list[str]:
    """Module-level names, classes' attributes and functions whose text holds a legacy name."""
    found: list[str] = []
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            found += _held(statement.body)
            if _holds(statement):
                found.append(statement.name)
    found += _held(tree.body)
    return [name for name in found if len(name) > 3 and name not in _COMMON]


def _held(body: list[ast.stmt]) -> list[str]:
    found: list[str] = []
    for statement in body:
        if not _holds(statement):
            continue
        if isinstance(statement, ast.Assign):
            found += [target.id for target in statement.targets if isinstance(target, ast.Name)]
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            found.append(statement.target.id)
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(statement.name)
    return found


def _holds(statement: ast.stmt) -> bool:
    needles = [needle.decode() for needle in tiktok.STRONG_NEEDLES]
    return any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and any(n in node.value for n in needles)
        for node in ast.walk(statement)
    )


_COMMON = frozenset({"main", "__init__", "__all__", "upload", "post", "send", "test", "name", "config", "Config"})
