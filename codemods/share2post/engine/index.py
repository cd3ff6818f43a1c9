"""Which names of a project lead to the retired API, and so which files have a say.

Built from bytes and plain ``ast``: a constant that holds a legacy name, whatever
is made of it, the functions that use it, and those that return what these
return. Names are taken by their spelling here; what they really mean is found
out later, and only for the files this picks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from share2post import tiktok
from share2post.engine.prefilter import is_candidate
from share2post.engine.shapes import models
from share2post.model import SourceFile
from share2post.semantics.module import Unreadable, parse

_PASSES = 4
_SHORT = 4
_RARE = 8  # from this length on, a class's name is searched for by itself
_COMMON = frozenset(
    {
        "main", "__init__", "__all__", "__call__", "__enter__", "__aenter__", "setup", "self", "test", "name", "value",
        "data",
    }
)  # fmt: skip
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
    plain: set[tuple[str, str]] = field(default_factory=set)  # a stem, and a name too plain to search for
    webhooks: bool = False
    models: set[tuple[str, str]] = field(
        default_factory=set
    )  # a stem, and a class the answer may be made into

    def concerns(self, file: SourceFile) -> bool:
        """Whether a file has a say: it holds a legacy name, or names such a module and something of it."""
        if is_candidate(file.data):
            return True
        if any(
            name.encode() in file.data and (len(name) >= _RARE or stem.encode() in file.data)
            for stem, name in self.models
        ):
            return True
        if self.webhooks and any(all(name in file.data for name in sign) for sign in SIGNS):
            return True
        if not any(stem.encode(errors="surrogateescape") in file.data for stem in self.stems):
            return False
        return any(name.encode() in file.data for name in self.names) or any(
            stem.encode() in file.data and name.encode() in file.data for stem, name in self.plain
        )

    @property
    def needles(self) -> set[bytes]:
        """What to search for: the names, and how modules are imported whose names are short or common (``URL``)."""
        found = {name.encode() for name in self.names}
        found |= {name.encode() for _, name in self.models if len(name) >= _RARE}
        for stem, name in self.plain | {known for known in self.models if len(known[1]) < _RARE}:
            shapes = (f"{stem} import", f"import {stem}", f", {stem}", f".{stem} as ", f"{stem}.{name}")
            found |= {shape.encode() for shape in shapes}
        return found


def index(files: Iterable[SourceFile]) -> Index:
    """Build the index of the files read so far."""
    sources = list(files)
    found = Index(webhooks=any(event.encode() in file.data for file in sources for event in tiktok.EVENTS))
    for _ in range(_PASSES):
        before = len(found.names), len(found.stems), len(found.plain)
        for file in sources:
            if found.concerns(file):
                _add(found, file)
        if before == (len(found.names), len(found.stems), len(found.plain)):
            break
    mentioned = {name for file in sources if found.concerns(file) for name in _mentioned(found, file)}
    found.models = models(sources, mentioned)
    return found


def _mentioned(found: Index, file: SourceFile) -> Iterator[str]:
    """What the parts of a file mention that lead to the retired API."""
    known = found.names | {name for _, name in found.plain}
    for part in _parts(file.path, file.data):
        if part.leads(known):
            yield from part.mentions


def _add(found: Index, file: SourceFile) -> None:
    known = found.names | {name for _, name in found.plain if len(name) > 2 and name not in _COMMON}
    names = {part.name for part in _parts(file.path, file.data) if part.leads(known)}
    if names:
        parts = file.path.removesuffix(".py").split("/")
        packaged = parts[-1] == "__init__"
        stem = parts[-2] if packaged and len(parts) > 1 else parts[-1]
        rare = {name for name in names if len(name) >= _SHORT and name not in _COMMON}
        found.stems.add(stem)
        found.names |= rare
        found.plain |= {(stem, name) for name in names - rare}
        if packaged:
            found.stems.add("from .")
            found.plain |= {("from .", name) for name in names - rare}


@dataclass(frozen=True, slots=True)
class _Part:
    """One name a module defines: what its definition mentions, and whether it holds a legacy name itself."""

    name: str
    mentions: frozenset[str]
    legacy: bool

    def leads(self, known: set[str]) -> bool:
        """Whether it holds a legacy name, or is made of something that does."""
        return self.legacy or not known.isdisjoint(self.mentions)


@lru_cache(maxsize=4096)
def _parts(path: str, data: bytes) -> tuple[_Part, ...]:
    """The names a file defines."""
    try:
        return tuple(_defined(parse(path, data).tree.body))
    except Unreadable:
        return ()


def _defined(body: list[ast.stmt]) -> Iterator[_Part]:
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            inner = list(_defined(statement.body))
            mentions = frozenset(name for part in inner for name in part.mentions)
            yield _Part(statement.name, mentions, any(part.legacy for part in inner))
            yield from inner
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _part(statement.name, statement)
            for node in ast.walk(statement):
                if isinstance(node, ast.Assign):
                    for target in node.targets:
                        if isinstance(target, ast.Attribute):
                            yield _part(target.attr, node.value)
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    yield _part(target.id, statement.value)
        elif isinstance(statement, ast.ImportFrom):  # handed on, under the same name or another
            for alias in statement.names:
                yield _Part(alias.asname or alias.name, frozenset([alias.name]), False)


def _part(name: str, node: ast.AST) -> _Part:
    mentions: set[str] = set()
    legacy = False
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            legacy = legacy or any(needle in part.value for needle in _NEEDLES)
        elif isinstance(part, ast.Name):
            mentions.add(part.id)
        elif isinstance(part, ast.Attribute):
            mentions.add(part.attr)
    return _Part(name, frozenset(mentions), legacy)
