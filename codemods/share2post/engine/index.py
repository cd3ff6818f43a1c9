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
from share2post.semantics.test_paths import is_conftest, is_test_path

FROM_PACKAGE = "from ."  # how the modules of a package may name the package itself
_PASSES = 4
_SHORT = 4
_RARE = 8  # from this length on, a class's name is searched for by itself
_COMMON = frozenset(
    {
        "main", "__init__", "__all__", "__call__", "__enter__", "__aenter__", "setup", "self", "test", "name", "value",
        "data",
    }
)  # fmt: skip
_ANSWERS = (tiktok.OLD_ID.encode(), b"err_code")  # what a test that replaces the client answers with
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
    folders: set[str] = field(default_factory=set)  # the folders these modules stand in
    fixtures: set[str] = field(default_factory=set)  # names that tests use without an import
    webhooks: bool = False
    models: set[tuple[str, str]] = field(default_factory=set)  # a stem, a class the answer may be made into

    @property
    def size(self) -> tuple[int, ...]:
        """How much is known: it only grows."""
        return len(self.names), len(self.stems), len(self.plain), len(self.fixtures)

    def mentions(self, file: SourceFile) -> bool:
        """Whether a file names something that leads to the retired API, whatever it means there."""
        return any(name.encode() in file.data for name in self.names)

    def handed_on(self, file: SourceFile) -> list[tuple[str, str]]:
        """The modules that lead to the retired API and that a file imports whole, with their names there."""
        if not any(stem.encode(errors="surrogateescape") in file.data for stem in self.stems):
            return []
        return [pair for pair in _handed_on(file.path, file.data) if pair[0] in self.stems]

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
        if is_test_path(file.path) and self._tested(file.data):
            return True
        if not any(
            stem.encode(errors="surrogateescape") in file.data or stem in file.path for stem in self.stems
        ):
            return False
        return self.mentions(file) or any(
            stem.encode() in file.data and name.encode() in file.data for stem, name in self.plain
        )

    def _tested(self, data: bytes) -> bool:
        """Whether a test uses such a fixture, or makes answers of its own for what it replaces."""
        if any(name.encode() in data for name in self.fixtures):
            return True
        replaces = b"patch" in data or b"setattr" in data
        return bool(self.names or self.plain) and replaces and any(sign in data for sign in _ANSWERS)


def index(files: Iterable[SourceFile]) -> Index:
    """The index of the files read so far, built once for all who ask."""
    return _index(tuple(files))


@lru_cache(maxsize=2)
def _index(sources: tuple[SourceFile, ...]) -> Index:
    found = Index(webhooks=any(event.encode() in file.data for file in sources for event in tiktok.EVENTS))
    for _ in range(_PASSES):
        before = found.size
        for file in sources:
            _hand_on(found, file)
            if found.concerns(file):
                _add(found, file)
        if before == found.size:
            break
    mentioned = {name for file in sources if found.concerns(file) for name in _mentioned(found, file)}
    found.models = models(sources, mentioned)
    return found


def _hand_on(found: Index, file: SourceFile) -> None:
    """A module that hands on what another defines (``from .urls import *``), or the module itself."""
    for _, name in found.handed_on(file):
        found.stems |= _stems(file.path) if name == "*" else {name}
        found.folders |= set(file.path.split("/")[:-1])


def _stems(path: str) -> set[str]:
    """What a module is imported by: its name, of a package the folder's; Django's settings by theirs."""
    parts = path.removesuffix(".py").split("/")
    packaged = parts[-1] == "__init__"
    stem = parts[-2] if packaged and len(parts) > 1 else parts[-1]
    return {stem, *([FROM_PACKAGE] if packaged else []), *(["settings"] if "settings" in parts[:-1] else [])}


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
        stems = _stems(file.path)
        rare = {name for name in names if len(name) >= _SHORT and name not in _COMMON}
        found.stems |= stems
        found.folders |= set(file.path.split("/")[:-1])
        if is_conftest(file.path):
            found.fixtures |= names
        found.names |= rare
        found.plain |= {(stem, name) for name in names - rare for stem in stems}


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


@lru_cache(maxsize=4096)
def _handed_on(path: str, data: bytes) -> tuple[tuple[str, str], ...]:
    """The last names of the modules a file imports whole or renames, and what they are called here."""
    try:
        body = parse(path, data).tree.body
    except Unreadable:
        return ()
    found: list[tuple[str, str]] = []
    for statement in body:
        for alias in statement.names if isinstance(statement, ast.Import | ast.ImportFrom) else ():
            last = alias.name.rpartition(".")[2]
            if alias.name == "*" and isinstance(statement, ast.ImportFrom):
                found.append(((statement.module or "").rpartition(".")[2], "*"))
            elif alias.asname is not None and alias.asname != last:
                found.append((last, alias.asname))
            if path.endswith("__init__.py"):  # ``from . import config``: what is imported is the package
                found.append((last, "*"))
    return tuple(found)


def _defined(body: list[ast.stmt]) -> Iterator[_Part]:
    for statement in body:
        match statement:
            case ast.ClassDef():
                inner = list(_defined(statement.body))
                mentions = frozenset(name for part in inner for name in part.mentions)
                yield _Part(statement.name, mentions, any(part.legacy for part in inner))
                yield from inner
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield _part(statement.name, statement)
                for node in ast.walk(statement):
                    if isinstance(node, ast.Assign):
                        yield from _attributes(node)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign() if statement.value is not None:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                for target in targets:
                    yield from (_part(name, statement.value) for name in _names(target))
            case ast.ImportFrom():  # handed on, under the same name or another
                for alias in statement.names:
                    yield _Part(alias.asname or alias.name, frozenset([alias.name]), False)
            case ast.If() | ast.Try() | ast.TryStar() | ast.With() | ast.For() | ast.While():
                for field_name in ("body", "orelse", "finalbody"):
                    yield from _defined(getattr(statement, field_name, []))
                for handler in getattr(statement, "handlers", ()):
                    yield from _defined(handler.body)


def _attributes(node: ast.Assign) -> Iterator[_Part]:
    for target in node.targets:
        if isinstance(target, ast.Attribute):
            yield _part(target.attr, node.value)


def _names(target: ast.expr) -> Iterator[str]:
    """The names an assignment gives a value, or a part of one: of ``a.b["c"] = v`` both ``b`` and ``c``."""
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _names(part)
        case ast.Attribute(attr=name):
            yield name
        case ast.Subscript(value=value, slice=key):
            yield from _names(value)
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value


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
