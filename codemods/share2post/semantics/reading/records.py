"""What is kept under a key of a dict the program makes, and read from it again.

::

    return {"ok": True, "answer": response.json(), "id": share_id}
    ...
    result = upload(path)
    print(result["answer"]["data"]["share_id"], result["id"])
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from share2post.semantics.callers import Function, callers
from share2post.semantics.reading.keys import constant, is_empty, key_read, tested, tests_key
from share2post.semantics.reading.returns import is_plain
from share2post.semantics.reading.tracked import What
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader

_DEPTH = 8


@dataclass(eq=False)
class Records:
    """Follows a value through the dict that holds it, as far as the dict's every use is seen."""

    reader: Reader

    def entry(self, unit: Unit, node: ast.expr, display: ast.Dict, what: What) -> bool:
        """The value of a dict display's constant key; ``False`` where it leaves sight with the dict."""
        key = constant(display.keys[display.values.index(node)] or node)
        return isinstance(key, str) and self._held(unit, display, key, what, 0)

    def assigned(self, unit: Unit, target: ast.Subscript, what: What) -> None:
        """``result["id"] = share_id``: the reads of that key, where the dict has a name."""
        key, holder = constant(target.slice), target.value
        bindings = unit.flow.reaching(holder) if isinstance(holder, ast.Name) else frozenset()
        for use in [use for binding in bindings for use in list(binding.uses) if use is not holder]:
            if isinstance(key, str):
                self._held(unit, use, key, what, 0)

    def _held(self, unit: Unit, node: ast.expr, key: str, what: What, depth: int) -> bool:
        """One use of the dict, or of what it is given to."""
        parent = unit.module.parent(node)
        read = key_read(unit, node, parent)
        if read is not None:
            if read.key == key:
                self.reader.follow(unit, read.outer, what)
            return True
        match parent:
            case ast.Await() if depth < _DEPTH:
                return self._held(unit, parent, key, what, depth + 1)
            case ast.Assign() if depth < _DEPTH and len(parent.targets) == 1:
                target = parent.targets[0]
                return isinstance(target, ast.Name) and self._named(unit, target, key, what, depth + 1)
            case ast.Return() if depth < _DEPTH:
                return self._returned(unit, parent, key, what, depth + 1)
            case ast.Subscript(ctx=ast.Store()) if parent.value is node:
                return constant(parent.slice) not in (None, key)
            case ast.Compare() if tests_key(parent, node):
                return True
            case ast.Expr():
                return True
        return tested(unit, node) or self.reader.sinks.harmless(unit, node, parent, boolean=True)

    def _named(self, unit: Unit, target: ast.Name, key: str, what: What, depth: int) -> bool:
        bindings = [b for b in self.reader.stores.bindings(unit, target) if b.node is target]
        seen = True
        for use in [use for binding in bindings for use in list(binding.uses)]:
            others = [b.value for b in unit.flow.reaching(use) if b not in bindings]
            alone = all(value is not None and _without(value, key) for value in others)
            seen = self._held(unit, use, key, what, depth) and alone and seen
        return seen and bool(bindings)

    def _returned(self, unit: Unit, statement: ast.Return, key: str, what: What, depth: int) -> bool:
        function = unit.function_of(statement)
        if function is None or not is_plain(self.reader.evaluator, unit, function):
            return False
        called = callers(self.reader.evaluator, unit, function)
        handed_on = self.reader.returns.mentioned(unit, function, {id(call.func) for _, call in called})
        seen = [self._held(other, call, key, what, depth) for other, call in called]
        return bool(seen) and all(seen) and not handed_on and self._alone(unit, statement, function, key)

    def _alone(self, unit: Unit, statement: ast.Return, function: Function, key: str) -> bool:
        """Whether nothing else that the function returns has such a key."""
        values = [
            other.value
            for other in ast.walk(function)
            if isinstance(other, ast.Return) and other is not statement and other.value is not None
        ]
        return all(_without(value, key) for value in values)


def _without(value: ast.expr, key: str) -> bool:
    """Whether a value is empty, or a dict that has nothing under that key."""
    if is_empty(value):
        return True
    if not isinstance(value, ast.Dict) or None in value.keys:
        return False
    pairs = zip(value.keys, value.values, strict=True)
    return all(constant(name or value) != key or is_empty(kept) for name, kept in pairs)
