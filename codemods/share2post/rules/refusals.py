"""Exceptions that are the answer of a refused request: ``except HTTPError as e: json.loads(e.read())``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from share2post.semantics.callers import callers
from share2post.semantics.reads import Reader, ResponseShape, What
from share2post.semantics.world import Unit

_DEPTH = 4


def follow_refusals(
    reader: Reader, unit: Unit, node: ast.expr, another: Callable[[ResponseShape], Reader]
) -> bool:
    """Follow what handlers around a request read of its refusal; whether one of them parses it."""
    if not reader.shape.errors:
        return False
    parsed = False
    for owner, handler in _handlers(reader, unit, node, 0):
        other = another(replace(reader.shape, once=False, errors=frozenset()))
        for use in _uses(owner, handler):
            if isinstance(owner.module.parent(use), ast.Attribute | ast.Call):
                other.follow(owner, use, What.RESPONSE)
        other.finish()
        parsed = parsed or What.BODY in other.kinds.values()
    return parsed


def _handlers(
    reader: Reader, unit: Unit, node: ast.AST, depth: int
) -> Iterator[tuple[Unit, ast.ExceptHandler]]:
    """The handlers that may catch a refusal, here and around the calls of this function."""
    inner: ast.AST = node
    for around in unit.module.ancestors(node):
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
            for owner, call in callers(reader.evaluator, unit, around) if depth < _DEPTH else []:
                yield from _handlers(reader, owner, call, depth + 1)
            return
        if isinstance(around, ast.Try) and inner in around.body:
            for handler in around.handlers:
                if handler.name and handler.type is not None and _catches(reader, unit, handler.type):
                    yield unit, handler
        inner = around


def _catches(reader: Reader, unit: Unit, node: ast.expr) -> bool:
    kinds = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(reader.evaluator.world.qualified(unit, kind) in reader.shape.errors for kind in kinds)


def _uses(unit: Unit, handler: ast.ExceptHandler) -> list[ast.Name]:
    found = [b for scope in unit.flow.scopes.values() for b in scope.bindings.get(handler.name or "", [])]
    return [use for binding in found if binding.node is handler for use in binding.uses]
