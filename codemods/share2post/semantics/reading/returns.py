"""Out of functions and lambdas, to those who call them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from share2post.model import Reason
from share2post.semantics.callers import Function, callers
from share2post.semantics.module import last_name
from share2post.semantics.reading.keys import constant
from share2post.semantics.reading.tracked import MODELS, OPAQUE, Variable, What
from share2post.semantics.runners import Runners, names_of
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader

_TAKEN = frozenset({What.CODE, What.BODY, What.RESPONSE, What.MODEL, What.RECORD, What.TABLE})
_PLAIN = frozenset({"staticmethod", "classmethod", "retry", "wraps", "override", "abstractmethod"})


@dataclass(eq=False)
class Returns:
    """Out of functions and lambdas, to those who call them."""

    reader: Reader

    def returned(
        self, unit: Unit, node: ast.expr, statement: ast.Return, what: What, variable: Variable | None = None
    ) -> None:
        """Out of the function, to its callers."""
        if what is What.ID:
            self.reader.ids.returned(unit, statement)
        if what in OPAQUE and what is not What.RAW:
            return
        function = unit.function_of(statement)
        if function is None or self.reader.models.gifts.gives(unit, statement, what):
            return
        called = callers(self.reader.evaluator, unit, function)
        run = self._run(unit, function)
        if what is What.CODE:
            self._other_returns(unit, function, None)
        if what is What.TABLE:
            self.reader.tables.returned(unit, function)
        elif what in MODELS:
            self.reader.models.functions.append((unit, function))
        read = None
        if what is What.DATA:
            read = self.reader.brought.out(unit, node, function, variable)
        if (
            not (called or run)
            or self.mentioned(
                unit, function, {id(call.func) for _, call in called} | {id(f) for _, f, _ in run}
            )
            or function.decorator_list
            and not is_plain(self.reader.evaluator, unit, function)
        ):
            self.reader.exits.lost(unit, node, what, f"is returned from {function.name}")
            if read is not None:
                read.leaves.append(node)
        before = self.reader.fields.count
        for other, call in called:
            self.reader.follow(other, call, what, read)
        for other, _, outcome in run:
            self.reader.follow(other, outcome, what, read)
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

    def yielded(self, unit: Unit, node: ast.expr, parent: ast.Yield | ast.Tuple, what: What) -> None:
        """Out of a generator, to the loops over it."""
        function = unit.function_of(parent)
        if what in OPAQUE or function is None:
            return
        called = callers(self.reader.evaluator, unit, function)
        hidden = self.mentioned(unit, function, {id(call.func) for _, call in called})
        yields = [part for part in ast.walk(function) if isinstance(part, ast.Yield | ast.YieldFrom)]
        if not called or hidden or function.decorator_list or (len(yields) > 1 and what is What.CODE):
            self.reader.exits.lost(unit, node, what, f"is yielded from {function.name}")
            return
        for other, call in called:
            if isinstance(parent, ast.Yield):
                self.reader.collected.collected(other, call, what)
            else:
                self._each(other, call, parent, node, what)

    def _each(self, unit: Unit, made: ast.expr, values: ast.Tuple, node: ast.expr, what: What) -> None:
        """``for code, share_id in upload_all(paths)``."""
        holder = unit.module.parent(made)
        target = holder.target if isinstance(holder, ast.For | ast.AsyncFor | ast.comprehension) else None
        names = target.elts if isinstance(target, ast.Tuple | ast.List) else []
        index = values.elts.index(node)
        if isinstance(holder, ast.Assign) and isinstance(holder.targets[0], ast.Name):
            for use in names_of(unit, holder.targets[0]):
                self._each(unit, use, values, node, what)
        elif len(names) == len(values.elts) and isinstance(names[index], ast.Name) and what in _TAKEN:
            self.reader.stores.bound(unit, made, names[index], what)
        elif what is What.CODE:
            hint = "the error code, a word now and no number, is yielded to what the tool does not follow"
            self.reader.draft.stop(Reason.RESPONSE_ESCAPES, hint, unit, made)
        else:
            self.reader.exits.lost(unit, made, what, "is yielded with other things")

    def returned_element(self, unit: Unit, node: ast.expr, values: ast.Tuple, what: What) -> None:
        """Out of the function as one of several values, to callers that take them apart."""
        function = unit.function_of(values)
        if what is What.ID and function is not None:
            for other, call in callers(self.reader.evaluator, unit, function):
                self._named(other, call, values, node, what)
        if (what in OPAQUE and what is not What.RAW) or function is None:
            return
        if what is What.CODE:
            self._other_returns(unit, function, values.elts.index(node))
        if what is What.DATA:
            self.loosen(unit, node, None)
        called = callers(self.reader.evaluator, unit, function)
        known = {id(call.func) for _, call in called}
        if (
            not called
            or self.mentioned(unit, function, known)
            or not is_plain(self.reader.evaluator, unit, function)
        ):
            self.reader.exits.lost(unit, node, what, f"is returned from {function.name}")
        for other, call in called:
            outer = other.module.parent(call)
            outer = other.module.parent(outer) if isinstance(outer, ast.Await) else outer
            if what in (What.CODE, What.BODY, What.RAW) and self._named(other, call, values, node, what):
                continue
            if not isinstance(outer, ast.Expr) and not self._recursive(other, outer, function):
                self.reader.exits.lost(other, call, what, f"is returned from {function.name}")

    def _named(self, unit: Unit, call: ast.Call, values: ast.Tuple, node: ast.expr, what: What) -> bool:
        """``ok, body = upload(...)``: whether the value gets a name there."""
        value: ast.AST = call
        outer = unit.module.parent(call)
        if isinstance(outer, ast.Await):
            value, outer = outer, unit.module.parent(outer)
        targets = outer.targets if isinstance(outer, ast.Assign) and outer.value is value else []
        named = len(targets) == 1 and isinstance(targets[0], ast.Tuple | ast.List)
        names = targets[0].elts if named and isinstance(targets[0], ast.Tuple | ast.List) else []
        index = values.elts.index(node)
        if len(targets) == 1 and isinstance(targets[0], ast.Name):
            uses = [
                u
                for b in self.reader.stores.bindings(unit, targets[0])
                for u in b.uses
                if b.node is targets[0]
            ]
            return self._indexed(unit, uses, index, what)
        if isinstance(outer, ast.Subscript):
            return self._indexed(unit, [value], index, what)
        if len(names) != len(values.elts) or not isinstance(names[index], ast.Name):
            return False
        self.reader.stores.bound(unit, call, names[index], what)
        return True

    def _indexed(self, unit: Unit, holders: Sequence[ast.AST], index: int, what: What) -> bool:
        """``result = upload(...)`` and ``result[1]``: whether it is only read by its place."""
        reads = [unit.module.parent(holder) for holder in holders]
        places = [
            read
            for read in reads
            if isinstance(read, ast.Subscript) and isinstance(constant(read.slice), int)
        ]
        for read in places:
            if constant(read.slice) == index:
                self.reader.follow(unit, read, what)
        return len(places) == len(reads)

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

    def loosen(self, unit: Unit, node: ast.expr, variable: Variable | None) -> None:
        """What is returned was always there, and may be missing now."""
        if variable is not None:
            variable.leaves.append(node)
        elif isinstance(node, ast.Subscript):
            self.reader.fields.soften(unit, node, parentheses=False)

    def mentioned(
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
                ours = self.reader.evaluator.world.qualified(unit, attribute) is None  # no ``requests.post``
                if id(attribute) not in called and ours:
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


def is_plain(evaluator: Evaluator, unit: Unit, function: Function) -> bool:
    """Whether a function's decorators leave what it returns as it is, and do not look at it."""
    return all(_passes(evaluator, unit, decorator) for decorator in function.decorator_list)


def _passes(evaluator: Evaluator, unit: Unit, decorator: ast.expr) -> bool:
    inner = decorator.func if isinstance(decorator, ast.Call) else decorator
    last = last_name(inner)
    if last not in _PLAIN or "result" in ast.unparse(decorator):  # retry_if_result(...) looks at it
        return False
    found = evaluator.callee(unit, decorator if isinstance(decorator, ast.Call) else ast.Call(inner, [], []))
    return found is None or not _looks_at_results(found[1])


def _looks_at_results(decorator: Function) -> bool:
    """Whether a decorator of the project does more with what its function gives than to return it."""
    within = [
        decorator,
        *(n for n in ast.walk(decorator) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)),
    ]
    wrapped = {function.args.args[0].arg for function in within if len(function.args.args) == 1}
    returned = {n.value for n in ast.walk(decorator) if isinstance(n, ast.Return)}
    returned |= {n.value for n in returned if isinstance(n, ast.Await)}
    calls = (n for n in ast.walk(decorator) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name))
    return any(
        call.func.id in wrapped and call not in returned for call in calls if isinstance(call.func, ast.Name)
    )
