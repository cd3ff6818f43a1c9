"""Which names of a project lead to the retired API, and so which files have a say.

Built from bytes and plain ``ast``: a constant that holds a legacy name, whatever
is made of it, the functions that use it, and those that return what these
return. Names are taken by their spelling here; what they really mean is found
out later, and only for the files this picks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from share2post import tiktok
from share2post.engine.prefilter import is_candidate
from share2post.model import SourceFile
from share2post.semantics.module import Unreadable, parse

_PASSES = 4
_SHORT = 4
_COMMON = frozenset(
    {"main", "__init__", "__all__", "__call__", "__enter__", "__aenter__", "setup", "self", "test", "name", "value", "data"}
)
_NEEDLES = tuple(needle.decode() for needle in tiktok.STRONG_NEEDLES)

# What shows a TikTok webhook, or reads one, in a file without an event's name; weak: asked once an event was found.
SIGNS = (
    (tiktok.OLD_ID.encode(), b"content"),
    (b"user_openid",),
    (b"TikTok-Signature",),
    (b"Tiktok-Signature",),
    (b"tiktok-signature",),
)


@dataclass(eq=False)
class Index:
    """The names that lead to the retired API, and the stems of the modules that define them."""

    names: set[str] = field(default_factory=set)
    stems: set[str] = field(default_factory=set)
    webhooks: bool = False

    def concerns(self, file: SourceFile) -> bool:
        """Whether a file has a say: it holds a legacy name, or names such a module and something of it."""
        if is_candidate(file.data):
            return True
        if self.webhooks and any(all(name in file.data for name in sign) for sign in SIGNS):
            return True
        if not any(stem.encode() in file.data for stem in self.stems):
            return False
        return any(name.encode() in file.data for name in self.names)


def index(files: Iterable[SourceFile]) -> Index:
    """Build the index of the files read so far."""
    sources = list(files)
    found = Index(webhooks=any(event.encode() in file.data for file in sources for event in tiktok.EVENTS))
    for _ in range(_PASSES):
        before = len(found.names), len(found.stems)
        for file in sources:
            if found.concerns(file):
                _add(found, file)
        if before == (len(found.names), len(found.stems)):
            break
    return found


def _add(found: Index, file: SourceFile) -> None:
    try:
        tree = parse(file.path, file.data).tree
    except Unreadable:
        return
    names = set(_defined(tree.body, found.names))
    if names:
        parts = file.path.removesuffix(".py").split("/")
        found.stems.add(parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1])
        found.names |= {name for name in names if len(name) >= _SHORT and name not in _COMMON}


def _defined(body: list[ast.stmt], known: set[str]) -> Iterable[str]:
    """The names a block defines that hold, or are made of, a legacy name."""
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            inner = list(_defined(statement.body, known))
            if inner:
                yield statement.name
                yield from inner
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            if _leads(statement, known):
                yield statement.name
                yield from _set_on_self(statement, known)
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if _leads(statement.value, known):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def _set_on_self(function: ast.FunctionDef | ast.AsyncFunctionDef, known: set[str]) -> Iterable[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _leads(node.value, known):
            yield from (target.attr for target in node.targets if isinstance(target, ast.Attribute))


def _leads(node: ast.AST, known: set[str]) -> bool:
    """Whether a piece of code holds a legacy name, or uses a name that leads to one."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            if any(needle in part.value for needle in _NEEDLES):
                return True
        elif isinstance(part, ast.Name) and part.id in known:
            return True
        elif isinstance(part, ast.Attribute) and part.attr in known:
            return True
    return False
