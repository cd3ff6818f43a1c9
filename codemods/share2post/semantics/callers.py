"""Who calls a function of the project, and with what."""

from __future__ import annotations

import ast

from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

Function = ast.FunctionDef | ast.AsyncFunctionDef


def callers(evaluator: Evaluator, owner: Unit, function: Function) -> list[tuple[Unit, ast.Call]]:
    """Every call in the project that calls this function."""
    found = []
    for unit in evaluator.world.units.values():
        if function.name not in unit.words:
            continue
        for name in {function.name, *unit.aliases.get(function.name, ())}:
            for call in unit.calls_by_name.get(name, ()):
                callee = evaluator.callee(unit, call)
                if callee is not None and callee[1] is function:
                    found.append((unit, call))
    return found


def parameter_of(call: ast.Call, node: ast.expr, owner: Unit, function: Function) -> str | None:
    """The parameter an argument of a call is bound to."""
    names = [arg.arg for arg in [*function.args.posonlyargs, *function.args.args]]
    in_class = isinstance(owner.module.parent(function), ast.ClassDef)
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)
    if in_class and not static:
        names = names[1:]
    for index, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            return None
        if argument is node:
            return names[index] if index < len(names) else None
    for keyword in call.keywords:
        if keyword.value is node:
            return keyword.arg
    return None


def argument_for(call: ast.Call, owner: Unit, function: Function, name: str) -> ast.expr | None:
    """The argument a call passes for a parameter."""
    for argument in [*call.args, *(k.value for k in call.keywords)]:
        if parameter_of(call, argument, owner, function) == name:
            return argument
    return None
