"""Who else uses a class that is made of the answer, and reads that no followed object owns."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Final

from share2post.semantics.callers import Function
from share2post.semantics.flow import Kind
from share2post.semantics.module import last_name
from share2post.semantics.reading.keys import OLD_WORDS
from share2post.semantics.record_classes import Record, annotated_class, class_of
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_DEPTH: Final = 6
_PASSING: Final = frozenset({"isinstance", "cast", "TypeVar", "issubclass", "TypeAlias"})


def uses(evaluator: Evaluator, record: Record) -> Iterator[tuple[Unit, ast.expr]]:
    """Every expression of the project that names the class, but for the imports that hand it on."""
    for unit in evaluator.world.units.values():
        names = {record.name, *unit.aliases.get(record.name, ())}
        if names & unit.words or any(name in text for name in names for text in unit.strings):
            yield from _named(evaluator, unit, record, names)


def _named(
    evaluator: Evaluator, unit: Unit, record: Record, names: set[str]
) -> Iterator[tuple[Unit, ast.expr]]:
    for node in ast.walk(unit.module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if names & set(re.findall(r"\w+", node.value)) and is_annotation(unit, node):
                yield unit, node
        elif isinstance(node, ast.Name | ast.Attribute):
            spelled = node.id if isinstance(node, ast.Name) else node.attr
            found = class_of(evaluator.world, unit, node) if spelled in names else None
            if found is not None and found[1] is record.node:
                yield unit, node


def made_by_class_methods(record: Record) -> Iterator[tuple[Unit, ast.Call, str]]:
    """``cls(...)`` and ``cls.read(...)`` in the class methods of a record, and the name of the method."""
    unit = record.unit
    for function in record.node.body:
        decorators = [ast.unparse(d) for d in getattr(function, "decorator_list", [])]
        if not isinstance(function, ast.FunctionDef) or "classmethod" not in decorators:
            continue
        for name in [*function.args.posonlyargs, *function.args.args][:1]:
            for binding in unit.flow.scopes[function].bindings.get(name.arg, []):
                for use in binding.uses:
                    parent = unit.module.parent(use)
                    call = unit.module.parent(parent) if isinstance(parent, ast.Attribute) else parent
                    if isinstance(call, ast.Call):
                        yield unit, call, function.name


def alike(test: ast.Compare, node: ast.expr, tracked: set[ast.AST], titles: set[str]) -> bool:
    """Whether an object is only compared with nothing, or with another such object."""
    if not all(isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot) for op in test.ops):
        return False
    for side in [test.left, *test.comparators]:
        nothing = isinstance(side, ast.Constant) and side.value is None
        func = side.func if isinstance(side, ast.Call) else None
        name = last_name(func)
        if side is not node and not nothing and side not in tracked and name not in titles:
            return False
    return True


def others_returned(unit: Unit, function: Function, tracked: set[ast.AST]) -> Iterator[ast.expr]:
    """What a function returns besides what was followed, and nothing."""
    for part in ast.walk(function):
        value = part.value if isinstance(part, ast.Return) and unit.function_of(part) is function else None
        nothing = value is None or (isinstance(value, ast.Constant) and value.value is None)
        if value is not None and not nothing and value not in tracked:
            yield value


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
            name = last_name(around.func)
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
    owner = world.class_behind(unit, read.value) or _class_of_value(evaluator, unit, read.value, 0)
    if owner is not None:
        return owner[1] in known
    if isinstance(read.value, ast.Name):
        bindings = unit.flow.reaching(read.value)
        if any(isinstance(binding.node, ast.ExceptHandler) for binding in bindings):
            return False
    return world.module_value(unit, read.value) is None and world.qualified(unit, read.value) is None


def _class_of_value(
    evaluator: Evaluator, unit: Unit, node: ast.expr, depth: int
) -> tuple[Unit, ast.ClassDef] | None:
    """The class of a value, as far as the program says it: by what makes it, or by an annotation."""
    world = evaluator.world
    if depth > _DEPTH:
        return None
    if isinstance(node, ast.Await):
        return _class_of_value(evaluator, unit, node.value, depth + 1)
    if isinstance(node, ast.Name):
        binding = unit.flow.only(node)
        if binding is not None and binding.kind is Kind.ASSIGN and binding.value is not None:
            return _class_of_value(evaluator, unit, binding.value, depth + 1)
        if binding is not None and isinstance(binding.node, ast.arg):
            return annotated_class(world, unit, binding.node.annotation)
    if isinstance(node, ast.Call):
        callee = evaluator.callee(unit, node)
        if callee is not None and callee[1].returns is not None:
            return annotated_class(world, callee[0], callee[1].returns)
        made = class_of(world, unit, node.func)
        func = node.func.value if isinstance(node.func, ast.Attribute) else None
        return made or (class_of(world, unit, func) if func is not None and callee is None else None)
    if isinstance(node, ast.Attribute):
        owner = _class_of_value(evaluator, unit, node.value, depth + 1)
        for statement in owner[1].body if owner is not None else ():
            place = ast.unparse(statement.target) if isinstance(statement, ast.AnnAssign) else ""
            if owner is not None and isinstance(statement, ast.AnnAssign) and place == node.attr:
                return annotated_class(world, owner[0], statement.annotation)
    return None
