"""What runs a function or a coroutine for the program, and where the outcome comes out.

::

    response = await asyncio.to_thread(post, URL)            # the outcome is the await
    future = pool.submit(post, URL); future.result()         # the outcome is the call of result
    await loop.run_in_executor(None, functools.partial(post, URL))
    asyncio.run(upload(path))                                # the outcome is the call itself
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

# Which argument is the function, of a call whose outcome is awaited or asked for with ``result()``.
_FUNCTIONS: Final = {
    "asyncio.to_thread": 0,
    "anyio.to_thread.run_sync": 0,
    "starlette.concurrency.run_in_threadpool": 0,
    "fastapi.concurrency.run_in_threadpool": 0,
}
_METHODS: Final = {"run_in_executor": 1, "submit": 0}
_PASSING: Final = frozenset({"wait_for", "shield", "create_task", "ensure_future", "wrap_future"})
_ASKED: Final = frozenset({"done", "cancel", "cancelled", "running"})
_DEPTH: Final = 6


@dataclass(eq=False)
class Runners:
    """Finds the runner of a function, and the outcome."""

    evaluator: Evaluator
    unit: Unit

    def index(self, node: ast.Call) -> int | None:
        """Which argument of a call is the function it runs elsewhere."""
        found = _FUNCTIONS.get(self._name(node))
        if found is None and isinstance(node.func, ast.Attribute):
            return _METHODS.get(node.func.attr)
        return found

    def is_partial(self, node: ast.Call) -> bool:
        """Whether a call is ``functools.partial(function, ...)``."""
        plain = bool(node.args) and not any(isinstance(value, ast.Starred) for value in node.args)
        return plain and self._name(node) == "functools.partial"

    def handed(self, function: ast.expr) -> ast.expr | None:
        """The outcome of a function that is handed to a runner, by itself or in a partial."""
        runner = self.unit.module.parent(function)
        if isinstance(runner, ast.Call) and self.is_partial(runner) and runner.args[0] is function:
            return self.handed(runner)
        index = self.index(runner) if isinstance(runner, ast.Call) else None
        if not isinstance(runner, ast.Call) or index is None or runner.args[index : index + 1] != [function]:
            return None
        return self.outcome(runner)

    def outcome(self, node: ast.expr, depth: int = 0) -> ast.expr | None:
        """The one expression that gives the outcome of something that is running."""
        parent = self.unit.module.parent(node)
        match parent:
            case ast.Await():
                return parent
            case ast.Attribute(attr="result"):
                called = self.unit.module.parent(parent)
                return called if isinstance(called, ast.Call) and called.func is parent else None
            case ast.Call() if self.finishes(node, parent):
                return parent
            case ast.Call() if self.passes(node, parent) and depth < _DEPTH:
                return self.outcome(parent, depth + 1)
            case ast.Assign() if depth < _DEPTH:
                return self._later(parent, depth)
        return None

    def finishes(self, node: ast.expr, call: ast.Call) -> bool:
        """``asyncio.run(node)``, ``loop.run_until_complete(node)``."""
        method = isinstance(call.func, ast.Attribute) and call.func.attr == "run_until_complete"
        return call.args[:1] == [node] and (method or self._name(call) == "asyncio.run")

    def passes(self, node: ast.expr, call: ast.Call) -> bool:
        """``asyncio.wait_for(node, 60)``: awaited, it gives what ``node`` would."""
        name = self._name(call)
        last = call.func.attr if isinstance(call.func, ast.Attribute) else name.rpartition(".")[2]
        return call.args[:1] == [node] and last in _PASSING

    def _later(self, statement: ast.Assign, depth: int) -> ast.expr | None:
        """``task = ...``, of which exactly one use gives the outcome."""
        target = statement.targets[0]
        if len(statement.targets) != 1 or not isinstance(target, ast.Name):
            return None
        found: list[ast.expr] = []
        for use in names_of(self.unit, target):
            outcome = self.outcome(use, depth + 1)
            parent = self.unit.module.parent(use)
            if outcome is not None:
                found.append(outcome)
            elif not isinstance(parent, ast.Attribute) or parent.attr not in _ASKED:
                return None
        return found[0] if len(found) == 1 else None

    def _name(self, node: ast.Call) -> str:
        return self.evaluator.world.qualified(self.unit, node.func) or ""


def names_of(unit: Unit, target: ast.Name) -> list[ast.Name]:
    """The uses of what an assignment's target is given."""
    found = [
        b
        for scope in unit.flow.scopes.values()
        for b in scope.bindings.get(target.id, [])
        if b.node is target
    ]
    return [use for binding in found for use in binding.uses]
