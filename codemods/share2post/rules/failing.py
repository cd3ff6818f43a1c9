"""Where a program goes on after a failed upload, what it finds in the response's name.

::

    response = None
    try:
        init_response = requests.post(...)
        ...                                 # the PUT, which may fail
        response = init_response            # only now: a failed upload leaves what was there before
    except requests.RequestException:
        print("no connection")
    if response is not None: ...

The old request either failed, and then there was no response, or it had sent the video (T22).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from share2post.semantics.flow import Binding
from share2post.semantics.world import Unit

# What no failing upload raises: handlers of these alone let it through.
_OTHERS: Final = frozenset(
    {
        "FileNotFoundError", "PermissionError", "IsADirectoryError", "KeyError", "IndexError", "LookupError",
        "TypeError", "ValueError", "AttributeError", "NameError", "JSONDecodeError", "KeyboardInterrupt",
        "AssertionError", "ZeroDivisionError", "UnicodeDecodeError", "NotImplementedError",
    }
)  # fmt: skip
_ENDS: Final = frozenset({"exit", "_exit", "quit", "abort"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True, eq=False)
class AfterFailure:
    """The reads of a name that a failed upload may reach; those in what handles the failure."""

    reads: tuple[ast.Name, ...]
    handling: tuple[ast.Name, ...]

    @property
    def line(self) -> int:
        """Where the first is."""
        return min(read.lineno for read in self.reads)


def after_failure(unit: Unit, call: ast.AST, target: ast.Name) -> AfterFailure:
    """Which reads of the name given by this call may run although the upload failed."""
    binding = _binding(unit, target)
    loads = [use for use in binding.uses if isinstance(use.ctx, ast.Load)] if binding is not None else []
    reads: list[ast.Name] = []
    handling: list[ast.Name] = []
    for guard, swallows in _guards(unit, call):
        if isinstance(guard, ast.Try):
            there = [*guard.handlers, *guard.finalbody]
            handling += [load for load in loads if _within(unit, load, there)]
            reads += handling
        if swallows:
            reads += [load for load in loads if not _within(unit, load, [guard])]
    return AfterFailure(tuple(dict.fromkeys(reads)), tuple(dict.fromkeys(handling)))


def is_shared_name(unit: Unit, call: ast.AST, name: str) -> bool:
    """Whether a name is declared ``global`` or ``nonlocal``: it outlives the function whatever happens."""
    function = unit.function_of(call)
    scope = unit.flow.scopes.get(function) if function is not None else None
    return scope is not None and name in scope.globals | scope.nonlocals


def _binding(unit: Unit, target: ast.Name) -> Binding | None:
    for scope in unit.flow.scopes.values():
        for binding in scope.bindings.get(target.id, []):
            if binding.node is target:
                return binding
    return None


def _guards(unit: Unit, call: ast.AST) -> Iterator[tuple[ast.stmt, bool]]:
    """What may catch the failure on its way out of the function, and whether the program then goes on."""
    inner: ast.AST = call
    for around in unit.module.ancestors(call):
        if isinstance(around, _FUNCTIONS):
            return
        if isinstance(around, ast.Try | ast.TryStar) and inner in around.body:
            caught = [handler for handler in around.handlers if _may_catch(handler.type)]
            swallows = any(not _leaves(handler.body) for handler in caught) or _jumps(around.finalbody)
            if caught or around.finalbody:
                yield around, swallows
        elif isinstance(around, ast.With | ast.AsyncWith) and any(
            _suppresses(item.context_expr) for item in around.items
        ):
            yield around, True
        inner = around


def _within(
    unit: Unit, node: ast.AST, places: list[ast.ExceptHandler] | list[ast.stmt] | list[ast.AST]
) -> bool:
    return any(around in places for around in unit.module.ancestors(node))


def _may_catch(kind: ast.expr | None) -> bool:
    named = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(name is None or ast.unparse(name).rpartition(".")[2] not in _OTHERS for name in named)


def _suppresses(manager: ast.expr) -> bool:
    if not isinstance(manager, ast.Call) or ast.unparse(manager.func).rpartition(".")[2] != "suppress":
        return False
    return any(_may_catch(kind) for kind in manager.args)


def _leaves(body: list[ast.stmt]) -> bool:
    """Whether a block always leaves the function."""
    last = body[-1]
    if isinstance(last, ast.Raise | ast.Return):
        return True
    if isinstance(last, ast.If):
        return bool(last.orelse) and _leaves(last.body) and _leaves(last.orelse)
    if isinstance(last, ast.With | ast.AsyncWith):
        return _leaves(last.body)
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return ast.unparse(last.value.func).rpartition(".")[2] in _ENDS
    return False


def _jumps(body: list[ast.stmt]) -> bool:
    """Whether a ``finally`` ends the failure, by ``return``, ``break`` or ``continue``."""
    jumps = (ast.Return, ast.Break, ast.Continue)
    return any(isinstance(part, jumps) for statement in body for part in ast.walk(statement))
