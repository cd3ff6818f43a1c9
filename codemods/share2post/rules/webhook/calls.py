"""Who is called with what: functions, methods, tasks, callbacks and the entries of dispatch tables."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from share2post.semantics.flow import Binding, Kind
from share2post.semantics.module import last_name
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Spot = tuple[Unit, ast.expr]
CallSpot = tuple[Unit, ast.Call]
_LATER = frozenset({"delay", "send", "apply_async", "s", "si", "spawn", "defer", "kiq", "enqueue"})


@dataclass(eq=False)
class Calls:
    """Finds the functions that calls reach, and the calls that reach a function.

    ``registered`` are the functions known to handle an event: what a table that
    is filled elsewhere may hold.
    """

    evaluator: Evaluator
    registered: dict[AnyFunction, Unit] = field(default_factory=dict)

    def parameter(self, unit: Unit, function: AnyFunction, name: str) -> Binding | None:
        """The binding of a function's parameter."""
        scope = unit.flow.scopes.get(function)
        for binding in scope.bindings.get(name, []) if scope is not None else []:
            if binding.kind is Kind.PARAMETER:
                return binding
        return None

    def function(self, unit: Unit, node: ast.expr) -> tuple[Unit, AnyFunction] | None:
        """The project's function that an expression names."""
        if isinstance(node, ast.Lambda):
            return unit, node
        if isinstance(node, ast.Call):  # partial(handle, ...), asynccontextmanager(...): not one of ours
            return None
        return self.evaluator.callee(unit, ast.Call(func=node, args=[], keywords=[]))

    def targets(self, unit: Unit, call: ast.Call, node: ast.expr) -> list[tuple[Unit, AnyFunction, Binding]]:
        """The functions, and their parameters, that a call hands an argument to."""
        found = []
        for owner, function, shift in self._called(unit, call, node):
            name = _parameter(call, node, function, skip=_skips_self(owner, function, call), shift=shift)
            binding = self.parameter(owner, function, name) if name is not None else None
            if binding is not None:
                found.append((owner, function, binding))
        return found

    def _called(self, unit: Unit, call: ast.Call, node: ast.expr) -> Iterator[tuple[Unit, AnyFunction, int]]:
        direct = self.function(unit, call.func)
        if direct is not None:
            yield (*direct, 0)
            return
        if isinstance(call.func, ast.Attribute) and call.func.attr in _LATER:
            task = self.function(unit, call.func.value)
            if task is not None:
                yield (*task, 0)
                return
        handed = [*call.args, *(k.value for k in call.keywords if k.arg in ("target", "func", "fn"))]
        for index, argument in enumerate(handed):  # add_task(handle, payload)
            later = self.function(unit, argument) if argument is not node else None
            if later is not None:
                yield (*later, index + 1)
                return
        for owner, function in self._dispatched(unit, call.func):
            yield owner, function, 0

    def _dispatched(self, unit: Unit, func: ast.expr, depth: int = 0) -> list[tuple[Unit, AnyFunction]]:
        """``HANDLERS[event]``, ``HANDLERS.get(event)``, a name that holds one: the table's functions."""
        if depth > 4:
            return []
        match func:
            case ast.Name():
                binding = unit.flow.only(func)
                value = binding.value if binding is not None and binding.kind is Kind.ASSIGN else None
                return (
                    self._dispatched(unit, value, depth + 1) if value is not None else self._iterated(binding)
                )
            case ast.BoolOp() | ast.NamedExpr():
                inner = func.values[0] if isinstance(func, ast.BoolOp) else func.value
                return self._dispatched(unit, inner, depth + 1)
            case ast.Subscript(value=table) | ast.Call(func=ast.Attribute(attr="get" | "pop", value=table)):
                return self.table(unit, table) or self._all_registered()
            case ast.Call(func=ast.Name(id="getattr")):
                return self._all_registered()
        return []

    def _iterated(self, binding: Binding | None) -> list[tuple[Unit, AnyFunction]]:
        if binding is None or binding.kind not in (Kind.FOR, Kind.UNPACK):
            return []
        return self._all_registered()

    def _all_registered(self) -> list[tuple[Unit, AnyFunction]]:
        return [(owner, function) for function, owner in self.registered.items()]

    def table(self, unit: Unit, node: ast.expr) -> list[tuple[Unit, AnyFunction]]:
        """The functions that are the values of a dict of the project."""
        definition = self.evaluator.world.definition(unit, node)
        owner, value = (definition.unit, definition.value) if definition is not None else (unit, node)
        if not isinstance(value, ast.Dict):
            return []
        found = [self.function(owner, entry) for entry in value.values]
        return [entry for entry in found if entry is not None]

    def callers(self, owner: Unit, function: AnyFunction) -> list[CallSpot]:
        """Every call in the project that certainly calls this function."""
        found: list[CallSpot] = []
        name = getattr(function, "name", "")
        for unit in self.evaluator.world.units.values():
            if not name or name not in unit.words:
                continue
            for call in unit.calls():
                if last_name(call.func) == name or isinstance(call.func, ast.Name):
                    callee = self.evaluator.callee(unit, call)
                    if callee is not None and callee[1] is function:
                        found.append((unit, call))
        return found

    def given(self, unit: Unit, binding: Binding) -> list[Spot]:
        """What the calls of a function give for one of its parameters."""
        function = binding.scope.node
        if not isinstance(function, AnyFunction):
            return []
        found: list[Spot] = []
        for other, call in self._calls_reaching(unit, function):
            for argument in [*call.args, *(k.value for k in call.keywords)]:
                if any(b is binding for _, _, b in self.targets(other, call, argument)):
                    found.append((other, argument))
        return found

    def _calls_reaching(self, unit: Unit, function: AnyFunction) -> list[CallSpot]:
        """The calls of a function, direct ones and those through a name or a table."""
        found = self.callers(unit, function)
        name = getattr(function, "name", "")
        for other in self.evaluator.world.units.values():
            if name and name not in other.words and function not in self.registered:
                continue
            for call in other.calls():
                if (other, call) not in found and any(
                    f is function for _, f, _ in self._called(other, call, call)
                ):
                    found.append((other, call))
        return found


def _skips_self(owner: Unit, function: AnyFunction, call: ast.Call) -> bool:
    if isinstance(function, ast.Lambda) or not isinstance(owner.module.parent(function), ast.ClassDef):
        return False
    static = any(last_name(d) == "staticmethod" for d in function.decorator_list)
    explicit = bool(call.args) and isinstance(call.args[0], ast.Name) and call.args[0].id in ("self", "cls")
    return not static and not explicit


def _parameter(
    call: ast.Call, node: ast.expr, function: AnyFunction, *, skip: bool, shift: int
) -> str | None:
    """The parameter an argument of a call is bound to."""
    names = [arg.arg for arg in [*function.args.posonlyargs, *function.args.args]][1 if skip else 0 :]
    for index, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            return None
        if argument is node:
            place = index - shift
            return names[place] if 0 <= place < len(names) else None
    for keyword in call.keywords:
        if keyword.value is node:
            return keyword.arg
        if (
            keyword.arg == "args"
            and isinstance(keyword.value, ast.Tuple | ast.List)
            and node in keyword.value.elts
        ):
            place = keyword.value.elts.index(node)
            return names[place] if place < len(names) else None
    return None
