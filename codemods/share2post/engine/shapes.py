"""The project's classes of fields that the old answer may be made into: whoever else uses them has a say.

Built from plain ``ast``, by spelling: a function that leads to the retired API
names a class, or a function that does; a class names those of its fields.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from share2post.model import SourceFile
from share2post.semantics.module import Unreadable, last_name, parse

_FIELDS = frozenset({"field", "ib", "attrib", "Field"})
_HOPS = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """A class of fields, or a function: its name, what it mentions, the stem of its module."""

    name: str
    mentions: frozenset[str]
    stem: str
    fields: bool


def models(sources: Iterable[SourceFile], mentions: set[str]) -> set[tuple[str, str]]:
    """The classes of fields among what is mentioned, each with the stem of its module."""
    shapes: dict[str, list[Shape]] = {}
    for file in sources:
        for shape in _shapes(file.path, file.data):
            shapes.setdefault(shape.name, []).append(shape)
    found: set[tuple[str, str]] = set()
    pending, seen = {name for name in mentions if name in shapes}, set[str]()
    for _ in range(_HOPS):
        seen |= pending
        known = [shape for name in pending for shape in shapes[name]]
        found |= {(shape.stem, shape.name) for shape in known if shape.fields}
        further = {name for shape in known for name in shape.mentions}
        pending = {name for name in further if name in shapes and any(s.fields for s in shapes[name])} - seen
    return found


@lru_cache(maxsize=4096)
def _shapes(path: str, data: bytes) -> tuple[Shape, ...]:
    try:
        body = parse(path, data).tree.body
    except Unreadable:
        return ()
    stem = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    functions = [s for s in body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef)]
    classes = [s for s in body if isinstance(s, ast.ClassDef)]
    return tuple(Shape(s.name, _mentions(s), stem, _is_record(s)) for s in [*functions, *classes])


def _is_record(statement: ast.stmt) -> bool:
    body = statement.body if isinstance(statement, ast.ClassDef) else []
    return any(isinstance(inner, ast.AnnAssign) or _is_field(inner) for inner in body)


def _is_field(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Assign) else None
    func = call.func if isinstance(call, ast.Call) else None
    name = last_name(func)
    return name in _FIELDS


def _mentions(node: ast.AST) -> frozenset[str]:
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, ast.Attribute):
            found.add(part.attr)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.isidentifier():
            found.add(part.value)
    return frozenset(found)
