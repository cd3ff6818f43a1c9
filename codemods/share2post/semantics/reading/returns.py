"""Out of functions and lambdas, to those who call them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from share2post.semantics.callers import callers
from share2post.semantics.reading.tracked import OPAQUE, What
from share2post.semantics.runners import Runners
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


@dataclass(eq=False)
class Returns:
    """Out of functions and lambdas, to those who call them."""

    reader: Reader

    def returned(self, unit: Unit, node: ast.expr, statement: ast.Return, what: What) -> None:
        """Out of the function, to its callers."""
        if what in OPAQUE and what is not What.RAW:
            return
        function = unit.function_of(statement)
        if function is None:
            return
        called = callers(self.reader.evaluator, unit, function)
        run = self._run(unit, function)
        if what is What.CODE:
            self._other_returns(unit, function, None)
        self._loosen_return(unit, node, what)
        if (
            not (called or run)
            or self._mentioned(
                unit, function, {id(call.func) for _, call in called} | {id(f) for _, f, _ in run}
            )
            or function.decorator_list
            and not _plain(function)
        ):
            self.reader.exits.lost(unit, node, what, f"is returned from {function.name}")
        before = self.reader.fields.count
        for other, call in called:
            self.reader.follow(other, call, what)
        for other, _, outcome in run:
            self.reader.follow(other, outcome, what)
        if self.reader.fields.count > before and what is What.BODY:
            self._stand_ins(unit, function, what)

    def _stand_ins(self, unit: Unit, function: ast.FunctionDef | ast.AsyncFunctionDef, what: What) -> None:
        """What the function returns where there is no answer; its callers read one like the other."""
        for statement in ast.walk(function):
            if isinstance(statement, ast.Return) and unit.function_of(statement) is function:
                if statement.value is None:
                    self.reader.uncertain = True
                elif isinstance(statement.value, ast.Constant | ast.Dict | ast.IfExp):
                    self.reader.standins.take(unit, statement.value, what)

    def _run(
        self, owner: Unit, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> list[tuple[Unit, ast.expr, ast.expr]]:
        """Where the function is handed to what runs it, ``asyncio.to_thread(upload, path)``; the outcome."""
        found: list[tuple[Unit, ast.expr, ast.expr]] = []
        for unit in self.reader.evaluator.world.units.values():
            if function.name not in unit.words:
                continue
            names: list[ast.expr] = [*unit.attributes.get(function.name, ())]
            names += [
                u
                for s in unit.flow.scopes.values()
                for b in s.bindings.get(function.name, [])
                for u in b.uses
            ]
            for name in names:
                outcome = Runners(self.reader.evaluator, unit).handed(name)
                called = ast.Call(name, [], [])
                if outcome is not None and self.reader.evaluator.callee(unit, called) == (owner, function):
                    found.append((unit, name, outcome))
        return found

    def returned_element(self, unit: Unit, node: ast.expr, values: ast.Tuple, what: What) -> None:
        """Out of the function as one of several values, to callers that take them apart."""
        function = unit.function_of(values)
        if (what in OPAQUE and what is not What.RAW) or function is None:
            return
        if what is What.CODE:
            self._other_returns(unit, function, values.elts.index(node))
        self._loosen_return(unit, node, what)
        called = callers(self.reader.evaluator, unit, function)
        known = {id(call.func) for _, call in called}
        if not called or self._mentioned(unit, function, known) or not _plain(function):
            self.reader.exits.lost(unit, node, what, f"is returned from {function.name}")
        for other, call in called:
            outer = other.module.parent(call)
            value: ast.AST = call
            if isinstance(outer, ast.Await):
                value, outer = outer, other.module.parent(outer)
            targets = outer.targets if isinstance(outer, ast.Assign) and outer.value is value else []
            names = (
                targets[0].elts if len(targets) == 1 and isinstance(targets[0], ast.Tuple | ast.List) else []
            )
            index = values.elts.index(node)
            if (
                len(names) == len(values.elts)
                and isinstance(names[index], ast.Name)
                and what in (What.CODE, What.BODY, What.RAW)
            ):
                self.reader.stores.bound(other, call, names[index], what)
            elif not isinstance(outer, ast.Expr) and not self._recursive(other, outer, function):
                self.reader.exits.lost(other, call, what, f"is returned from {function.name}")

    def _other_returns(
        self, unit: Unit, function: ast.FunctionDef | ast.AsyncFunctionDef, index: int | None
    ) -> None:
        """``return 0`` beside ``return code``: the number for success is the word now."""
        for statement in ast.walk(function):
            value = statement.value if isinstance(statement, ast.Return) else None
            if index is not None:
                elements = value.elts if isinstance(value, ast.Tuple) else []
                value = elements[index] if index < len(elements) else None
            literal = isinstance(value, ast.Constant | ast.UnaryOp | ast.IfExp)
            if value is not None and literal and unit.function_of(value) is function:
                self.reader.standins.take(unit, value, What.CODE)
            elif isinstance(statement, ast.Return) and statement.value is None:
                self.reader.codes.absent = True

    def _recursive(self, unit: Unit, outer: ast.AST | None, function: ast.AST) -> bool:
        """``return upload(...)`` inside ``upload``: what it returns goes where this one's value goes."""
        return isinstance(outer, ast.Return) and unit.function_of(outer) is function

    def _loosen_return(self, unit: Unit, node: ast.expr, what: What) -> None:
        if what is What.DATA and isinstance(node, ast.Subscript):
            self.reader.fields.soften(unit, node, parentheses=False)

    def _mentioned(
        self,
        owner: Unit,
        function: ast.FunctionDef | ast.AsyncFunctionDef,
        called: set[int],
    ) -> bool:
        """Whether the function is handed on by name somewhere, so that a caller may be out of sight."""
        scope = owner.flow.scopes[function].parent
        for unit in self.reader.evaluator.world.units.values():
            if function.name not in unit.words:
                continue
            for attribute in unit.attributes.get(function.name, ()):
                if id(attribute) not in called:
                    return True
        for binding in scope.bindings.get(function.name, []) if scope is not None else []:
            if any(id(use) not in called for use in binding.uses):
                return True
        return False

    def from_lambda(self, unit: Unit, node: ast.expr, function: ast.Lambda, what: What) -> None:
        """Out of a lambda, to the calls of the name it is bound to."""
        holder = unit.module.parent(function)
        target = holder.targets[0] if isinstance(holder, ast.Assign) and len(holder.targets) == 1 else None
        bindings = self.reader.stores.bindings(unit, target) if isinstance(target, ast.Name) else []
        uses = [use for binding in bindings if binding.node is target for use in binding.uses]
        called = [c for use in uses if isinstance(c := unit.module.parent(use), ast.Call) and c.func is use]
        outcome = Runners(self.reader.evaluator, unit).handed(function)
        if outcome is not None:
            self.reader.follow(unit, outcome, what)
        elif not uses or len(called) != len(uses):
            self.reader.exits.lost(unit, node, what, "is returned from a lambda")
        for call in called:
            self.reader.follow(unit, call, what)


def _plain(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function's decorators leave what it returns as it is."""
    names = {"staticmethod", "classmethod", "retry", "wraps", "override", "abstractmethod"}
    for decorator in function.decorator_list:
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        last = (
            inner.attr
            if isinstance(inner, ast.Attribute)
            else inner.id
            if isinstance(inner, ast.Name)
            else ""
        )
        if last not in names:
            return False
    return True
