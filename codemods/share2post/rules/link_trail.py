"""Where ``upload_url`` goes: through names, out of the function that reads it, into the one that sends.

::

    def start(self): ...; return body["data"]["upload_url"], body["data"]["publish_id"]
    url, publish_id = self.start()
    self.send(url, path)                      # def send(self, url, path): requests.put(url, ...)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from share2post.rules.second_call import read_second
from share2post.semantics.callers import callers, parameter_of
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.reading.keys import key_read
from share2post.semantics.sinks import Sinks
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_DEPTH: Final = 6


@dataclass(eq=False)
class LinkTrail:
    """Follows one value through a module to the requests whose URL it is."""

    evaluator: Evaluator
    unit: Unit
    sinks: Sinks
    calls: list[ast.Call] = field(default_factory=list)
    lost: ast.expr | None = None  # where it goes out of sight

    def follow(self, node: ast.expr, depth: int = 0) -> None:
        """Follow an expression that holds the URL."""
        for use in _uses(self.unit, node):
            self._use(use, depth)

    def _use(self, use: ast.expr, depth: int) -> None:
        parent = self.unit.module.parent(use)
        call = self.unit.module.parent(parent) if isinstance(parent, ast.keyword) else parent
        found = read_second(self.evaluator, self.unit, call) if isinstance(call, ast.Call) else None
        if found is not None and found[1].url is use:
            self.calls += [found[1].call] if found[1].call not in self.calls else []
            return
        if self.sinks.harmless(self.unit, use, parent, boolean=True):
            return
        onward = self._onward(use, parent, call) if depth < _DEPTH else None
        if onward is None:
            self.lost = self.lost or use
            return
        for node in onward:
            if isinstance(node, Binding):
                for inner in node.uses:
                    self._use(inner, depth + 1)
            else:
                self.follow(node, depth + 1)

    def _onward(
        self, use: ast.expr, parent: ast.AST | None, call: ast.AST | None
    ) -> list[ast.expr | Binding] | None:
        """Where it goes on: a parameter of the function it is passed to, or the calls of the one it leaves."""
        if isinstance(call, ast.Call) and use is not call.func:
            parameter = self._parameter(use, call)
            return [parameter] if parameter is not None else None
        if isinstance(parent, ast.Return):
            return list(self._given_back(use))
        if isinstance(parent, ast.Dict) and isinstance(self.unit.module.parent(parent), ast.Return):
            return (
                self._keyed(parent, parent.keys[parent.values.index(use)]) if use in parent.values else None
            )
        if isinstance(parent, ast.Tuple) and isinstance(self.unit.module.parent(parent), ast.Return):
            return self._unpacked(parent, parent.elts.index(use))
        return None

    def _parameter(self, use: ast.expr, call: ast.Call) -> Binding | None:
        callee = self.evaluator.callee(self.unit, call)
        if callee is None or callee[0] is not self.unit:
            return None
        owner, function = callee
        name = parameter_of(call, use, owner, function)
        bindings = owner.flow.scopes[function].bindings.get(name or "", [])
        known = [c for _, c in callers(self.evaluator, owner, function)]
        alone = len(bindings) == 1 and bindings[0].kind is Kind.PARAMETER and known == [call]
        return bindings[0] if alone else None

    def _given_back(self, use: ast.expr) -> Iterator[ast.expr]:
        function = self.unit.function_of(use)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for owner, call in callers(self.evaluator, self.unit, function):
                outer = owner.module.parent(call)
                if owner is self.unit:
                    yield outer if isinstance(outer, ast.Await) else call

    def _keyed(self, table: ast.Dict, key: ast.expr | None) -> list[ast.expr | Binding] | None:
        """``start()["upload_url"]``: the value under the same key, wherever it is read."""
        found: list[ast.expr | Binding] = []
        for value in self._given_back(table):
            for use in _uses(self.unit, value):
                parent = self.unit.module.parent(use)
                read = key_read(self.unit, use, parent)
                if read is None and not self.sinks.harmless(self.unit, use, parent, boolean=True):
                    return None
                if read is not None and isinstance(key, ast.Constant) and read.key == key.value:
                    found.append(read.outer)
        return found if isinstance(key, ast.Constant) else None

    def _unpacked(self, pair: ast.Tuple, index: int) -> list[ast.expr | Binding] | None:
        """``url, publish_id = start()``: the name at the same place."""
        found: list[ast.expr | Binding] = []
        for value in self._given_back(pair):
            statement = self.unit.module.parent(value)
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            if not isinstance(target, ast.Tuple) or len(target.elts) != len(pair.elts):
                return None
            name = target.elts[index]
            bindings = [b for s in self.unit.flow.scopes.values() for b in _of(s.bindings, name)]
            if not isinstance(name, ast.Name) or len(bindings) != 1:
                return None
            found += bindings
        return found or None


def _of(bindings: dict[str, list[Binding]], name: ast.expr) -> list[Binding]:
    return [b for b in bindings.get(getattr(name, "id", ""), []) if b.node is name]


def _uses(unit: Unit, node: ast.expr) -> Iterator[ast.expr]:
    """Where a value is used: here, or wherever the name it is given is."""
    bindings = [
        binding
        for scope in unit.flow.scopes.values()
        for bindings in scope.bindings.values()
        for binding in bindings
        if binding.value is node and isinstance(binding.node, ast.Name) and binding.kind is Kind.ASSIGN
    ]
    if not bindings:
        yield node
    for binding in bindings:
        for use in binding.uses:
            if unit.flow.reaching(use) == {binding}:
                yield from _uses(unit, use)
            else:
                yield node  # something else may be meant: not followed
