"""Functions whose every call is seen, so that what their parameters are can be told from the arguments."""

from __future__ import annotations

import ast

from share2post.semantics.callers import Function
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_BY_NAME = frozenset({"getattr", "methodcaller", "globals", "__all__"})


def is_closed(
    evaluator: Evaluator, unit: Unit, function: Function, calls: list[tuple[Unit, ast.Call]]
) -> bool:
    """Whether these are all the calls of a function: nobody else can have it, and it goes nowhere as a value.

    That is so of a function inside another, of a private one, and of one in a script
    that calls it itself. A class in a module that guards its own run is there to be
    imported, and so may any module of a package be.
    """
    if not calls or function.decorator_list or not _are_all(evaluator, function, calls):
        return False
    holder = unit.module.parent(function)
    private = function.name.startswith("_") and not function.name.endswith("__")
    if private or isinstance(unit.function_of(function), Function):
        return True
    if any(other is not unit for other, _ in calls) or _in_package(evaluator, unit):
        return False
    if any(unit.function_of(call) is None and not _is_guarded(unit, call) for _, call in calls):
        return True
    return isinstance(holder, ast.Module) and any(_is_guard(statement) for statement in holder.body)


def _are_all(evaluator: Evaluator, function: Function, calls: list[tuple[Unit, ast.Call]]) -> bool:
    """Whether the function is named nowhere but where it is called."""
    name, called = function.name, {call.func for _, call in calls}
    for unit in evaluator.world.units.values():
        if name in unit.strings and unit.words & _BY_NAME:
            return False
        if name not in unit.words:
            continue
        if any(node not in called for node in unit.attributes.get(name, ())):
            return False
        for node in ast.walk(unit.module.tree):
            loaded = isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
            if (loaded and node not in called) or (isinstance(node, ast.alias) and node.name == name):
                return False
    return True


def _in_package(evaluator: Evaluator, unit: Unit) -> bool:
    folder = unit.path.rpartition("/")[0]
    relative = any(isinstance(node, ast.ImportFrom) and node.level for node in unit.module.tree.body)
    return relative or (bool(folder) and f"{folder}/__init__.py" in evaluator.world.units)


def _is_guarded(unit: Unit, call: ast.Call) -> bool:
    return any(_is_guard(around) for around in unit.module.ancestors(call))


def _is_guard(statement: ast.AST) -> bool:
    """``if __name__ == "__main__":``."""
    return isinstance(statement, ast.If) and any(
        isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(statement.test)
    )
