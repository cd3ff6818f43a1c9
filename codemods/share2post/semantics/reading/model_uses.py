"""Who else uses a class that is made of the answer, and reads that no followed object owns."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final

from share2post.semantics.reading.keys import OLD_WORDS
from share2post.semantics.records import Record, class_of
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_PASSING: Final = frozenset({"isinstance", "cast", "TypeVar", "issubclass", "TypeAlias"})


def uses(evaluator: Evaluator, record: Record) -> Iterator[tuple[Unit, ast.expr]]:
    """Every expression of the project that names the class, but for the imports that hand it on."""
    for unit in evaluator.world.units.values():
        names = {record.name, *unit.aliases.get(record.name, ())}
        if not names & unit.words:
            continue
        for node in ast.walk(unit.module.tree):
            spelled = (
                node.id
                if isinstance(node, ast.Name)
                else node.attr
                if isinstance(node, ast.Attribute)
                else ""
            )
            if spelled in names and isinstance(node, ast.Name | ast.Attribute):
                found = class_of(evaluator.world, unit, node)
                if found is not None and found[1] is record.node:
                    yield unit, node


def is_annotation(unit: Unit, node: ast.AST) -> bool:
    """Whether a class is only named as the type of something."""
    child = node
    for around in unit.module.ancestors(node):
        if isinstance(around, ast.AnnAssign):
            return around.annotation is child
        if isinstance(around, ast.arg):
            return True
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
            return around.returns is child
        if isinstance(around, ast.stmt):
            return False
        if isinstance(around, ast.Call):
            name = (
                around.func.attr if isinstance(around.func, ast.Attribute) else getattr(around.func, "id", "")
            )
            return name in _PASSING and child in around.args
        child = around
    return False


def strays(
    evaluator: Evaluator, records: Iterable[Record], names: Iterable[str], owned: set[ast.AST]
) -> Iterator[tuple[Unit, ast.Attribute]]:
    """Reads of such an attribute that may be one of these classes' and were not followed.

    Words of the old answer are looked for everywhere; other names only in modules that know one of the classes
    or hold something that was followed.
    """
    known = {record.node for record in records}
    titles = {record.name for record in records}
    touched = {id(unit) for unit in evaluator.world.units.values() if titles & unit.words}
    for unit in evaluator.world.units.values():
        near = id(unit) in touched
        for name in sorted(names):
            if not near and name not in OLD_WORDS:
                continue
            for read in unit.attributes.get(name, ()):
                if (
                    isinstance(read.ctx, ast.Load)
                    and read not in owned
                    and _may_be(evaluator, unit, read, known)
                ):
                    yield unit, read


def _may_be(evaluator: Evaluator, unit: Unit, read: ast.Attribute, known: set[ast.ClassDef]) -> bool:
    world = evaluator.world
    owner = world.class_behind(unit, read.value)
    if owner is not None:
        return owner[1] in known
    if isinstance(read.value, ast.Name):
        bindings = unit.flow.reaching(read.value)
        if any(isinstance(binding.node, ast.ExceptHandler) for binding in bindings):
            return False
    return world.module_value(unit, read.value) is None and world.qualified(unit, read.value) is None
