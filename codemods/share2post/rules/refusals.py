"""Exceptions that are, or carry, the answer of a refused request.

::

    except urllib.error.HTTPError as error:
        json.loads(error.read())["data"]["error_msg"]    # it is the answer
    except requests.HTTPError as error:
        error.response.json()["data"]["error_msg"]       # it carries it
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from share2post.semantics.callers import callers, parameter_of
from share2post.semantics.flow import Kind
from share2post.semantics.reads import Reader, ResponseShape, What
from share2post.semantics.world import Unit

_DEPTH = 4
# Handlers of these may catch the answer of a refused request among others.
_BROAD = frozenset(
    {
        "builtins.Exception",
        "builtins.BaseException",
        "builtins.OSError",
        "builtins.IOError",
        "urllib.error.URLError",
    }
)
_ANY = frozenset({"builtins.Exception", "builtins.BaseException", "builtins.OSError", "builtins.IOError"})


def follow_refusals(
    reader: Reader, unit: Unit, node: ast.expr, another: Callable[[ResponseShape], Reader]
) -> bool:
    """Follow what handlers around a request read of its refusal; whether one of them parses it."""
    if not reader.shape.errors and not reader.shape.raised:
        return False
    parsed = False
    found = dict.fromkeys(
        h for where, place in _raising(reader, unit, node) for h in _handlers(reader, where, place, 0)
    )
    for owner, handler, exact in found:
        other = another(replace(reader.shape, once=False, errors=frozenset(), raised=frozenset()))
        for use in _uses(owner, handler):
            if reader.shape.errors and not exact and not _reads(reader, owner.module.parent(use)):
                continue
            for place, answer in _answers(reader, owner, use):
                other.follow(place, answer, What.RESPONSE)
        other.finish()
        parsed = parsed or What.BODY in other.kinds.values()
    return parsed


def _raising(reader: Reader, unit: Unit, node: ast.expr) -> Iterator[tuple[Unit, ast.expr]]:
    """The request, and where its response is asked to raise."""
    yield unit, node
    for held in [n for n, what in reader.kinds.items() if what is What.RESPONSE and isinstance(n, ast.expr)]:
        for owner in reader.evaluator.world.units.values():
            parent = owner.module.parent(held)
            if isinstance(parent, ast.Attribute) and parent.attr == "raise_for_status":
                yield owner, held


def _answers(reader: Reader, unit: Unit, use: ast.Name, depth: int = 0) -> Iterator[tuple[Unit, ast.expr]]:
    """What gives the answer where an exception is used."""
    parent = unit.module.parent(use)
    if reader.shape.errors:
        if isinstance(parent, ast.Attribute | ast.Call):
            yield unit, use
    elif isinstance(parent, ast.Attribute) and parent.attr == "response":
        yield unit, parent
    elif isinstance(parent, ast.Call) and len(parent.args) > 1 and parent.args[0] is use:
        name = parent.args[1]
        if isinstance(name, ast.Constant) and name.value == "response" and _is_getattr(reader, unit, parent):
            yield unit, parent
    if isinstance(parent, ast.Call | ast.keyword) and not reader.shape.errors and depth < _DEPTH:
        call = unit.module.parent(parent) if isinstance(parent, ast.keyword) else parent
        for owner, inner in _inside(reader, unit, use, call) if isinstance(call, ast.Call) else ():
            yield from _answers(reader, owner, inner, depth + 1)


def _is_getattr(reader: Reader, unit: Unit, call: ast.Call) -> bool:
    return reader.evaluator.world.qualified(unit, call.func) == "builtins.getattr"


def _inside(reader: Reader, unit: Unit, use: ast.Name, call: ast.Call) -> Iterator[tuple[Unit, ast.Name]]:
    """The uses of an exception inside the project's own function that it is handed to."""
    callee = reader.evaluator.callee(unit, call)
    if callee is not None:
        owner, function = callee
        name = parameter_of(call, use, owner, function)
        for binding in owner.flow.scopes[function].bindings.get(name or "", []):
            yield from ((owner, inner) for inner in binding.uses if binding.kind is Kind.PARAMETER)


def _handlers(
    reader: Reader, unit: Unit, node: ast.AST, depth: int
) -> Iterator[tuple[Unit, ast.ExceptHandler, bool]]:
    """The handlers that may catch a refusal, here and around the calls of this function."""
    inner: ast.AST = node
    for around in unit.module.ancestors(node):
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
            for owner, call in callers(reader.evaluator, unit, around) if depth < _DEPTH else []:
                yield from _handlers(reader, owner, call, depth + 1)
            return
        if isinstance(around, ast.Try) and inner in around.body:
            for handler in around.handlers:
                kinds = (
                    _kinds(reader, unit, handler.type) if handler.name and handler.type is not None else set()
                )
                if kinds & (reader.shape.errors | reader.shape.raised | _broad(reader)):
                    yield unit, handler, bool(kinds & reader.shape.errors)
        inner = around


def _broad(reader: Reader) -> frozenset[str]:
    return _BROAD if reader.shape.errors else _ANY


def _kinds(reader: Reader, unit: Unit, node: ast.expr) -> set[str]:
    """The exceptions a handler names."""
    named = node.elts if isinstance(node, ast.Tuple) else [node]
    return {reader.evaluator.world.qualified(unit, kind) or "" for kind in named}


def _reads(reader: Reader, parent: ast.AST | None) -> bool:
    """Whether a use of an exception of any kind reads it as an answer."""
    return isinstance(parent, ast.Attribute) and (parent.attr == "read" or parent.attr in reader.shape.links)


def _uses(unit: Unit, handler: ast.ExceptHandler) -> list[ast.Name]:
    found = [b for scope in unit.flow.scopes.values() for b in scope.bindings.get(handler.name or "", [])]
    return [use for binding in found if binding.node is handler for use in binding.uses]
