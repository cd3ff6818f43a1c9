"""Where a value goes unchanged: names and their imports, attributes, arguments, returns, dispatch tables."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from share2post.rules.webhook.literals import last_name
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.module import walk
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Spot = tuple[Unit, ast.expr]
_LATER = frozenset({"delay", "send", "apply_async", "s", "si", "spawn", "defer", "kiq", "enqueue"})


@dataclass(eq=False)
class Reach:
    """Finds the places a value reaches, and the ones it comes from, across the project."""

    evaluator: Evaluator
    registered: dict[AnyFunction, Unit] = field(default_factory=dict)

    # names

    def loads(self, unit: Unit, binding: Binding) -> list[Spot]:
        """Every read of a name that may see this binding, in the modules that import it too."""
        found: list[Spot] = [(unit, use) for use in binding.uses if isinstance(use.ctx, ast.Load)]
        if isinstance(binding.scope.node, ast.ClassDef):
            found += self.attribute_loads(unit, binding.scope.node, binding.name)
        elif binding.scope is unit.flow.root:
            found += self._imported(unit, binding.name, set())
        return found

    def _imported(self, unit: Unit, name: str, seen: set[Unit]) -> list[Spot]:
        found: list[Spot] = []
        seen.add(unit)
        for other in self.evaluator.world.units.values():
            if other in seen or other is unit:
                continue
            for attribute in other.attributes.get(name, ()):
                if self.evaluator.world.module_value(other, attribute.value) is unit:
                    found.append((other, attribute))
            for binding in self._imports(other, unit, name):
                found += [(other, use) for use in binding.uses if isinstance(use.ctx, ast.Load)]
                if binding.scope is other.flow.root:
                    found += self._imported(other, binding.name, seen)
        return found

    def _imports(self, other: Unit, unit: Unit, name: str) -> Iterator[Binding]:
        for scope in other.flow.scopes.values() if name in other.words else ():
            for bindings in list(scope.bindings.values()):
                for binding in bindings:
                    alias = binding.node
                    if binding.kind is not Kind.IMPORT or not isinstance(alias, ast.alias) or alias.name != name:
                        continue
                    statement = other.module.parent(alias)
                    if isinstance(statement, ast.ImportFrom):
                        source = self.evaluator.world.imported(other, statement.module or "", statement.level)
                        if source is unit:
                            yield binding

    def attribute_loads(self, unit: Unit, owner: ast.ClassDef, name: str) -> list[Spot]:
        """Every read of an attribute of a class of the project, through the class or an instance."""
        found: list[Spot] = []
        for other in self.evaluator.world.units.values():
            for attribute in other.attributes.get(name, ()):
                if isinstance(attribute.ctx, ast.Load):
                    behind = self.evaluator.world.class_behind(other, attribute.value)
                    if behind is not None and behind[1] is owner:
                        found.append((other, attribute))
        return found

    def target_loads(self, unit: Unit, target: ast.expr) -> list[Spot] | None:
        """The reads of what an assignment's target names; ``None`` where it is no plain name."""
        if isinstance(target, ast.Name):
            for scope in unit.flow.scopes.values():
                for binding in scope.bindings.get(target.id, []):
                    if binding.node is target:
                        return self.loads(unit, binding)
            return []
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            owner = unit.class_of(target)
            if target.value.id in ("self", "cls") and owner is not None:
                return self.attribute_loads(unit, owner, target.attr)
        return None

    # onward

    def onward(self, unit: Unit, node: ast.expr) -> list[Spot] | None:
        """The expressions that have this very value next; ``None`` where its parent makes something else of it."""
        parent = unit.module.parent(node)
        match parent:
            case ast.Assign() if parent.value is node:
                spots = [self.target_loads(unit, target) for target in parent.targets]
                return None if None in spots else [s for some in spots if some is not None for s in some]
            case ast.AnnAssign() if parent.value is node:
                return self.target_loads(unit, parent.target)
            case ast.NamedExpr() if parent.value is node:
                return [(unit, parent), *(self.target_loads(unit, parent.target) or [])]
            case ast.Await() | ast.BoolOp():
                return [(unit, parent)]
            case ast.IfExp() if node is not parent.test:
                return [(unit, parent)]
            case ast.Tuple() | ast.List():
                return self._element(unit, node, parent)
            case ast.Return():
                return self._returned(unit, parent, None)
            case ast.arguments():
                return self._default(unit, node, parent)
            case ast.Call() | ast.keyword() if not (isinstance(parent, ast.Call) and parent.func is node):
                return self._argument(unit, node, parent)
        return None

    def _element(self, unit: Unit, node: ast.expr, holder: ast.Tuple | ast.List) -> list[Spot] | None:
        """``a, b = x, y`` and ``return x, y``."""
        around, index = unit.module.parent(holder), holder.elts.index(node)
        if isinstance(around, ast.Assign) and around.value is holder:
            return self._unpacked(unit, around, index)
        if isinstance(around, ast.Return):
            return self._returned(unit, around, index)
        if isinstance(around, ast.keyword) and around.arg == "args":
            return self._argument(unit, node, around)
        return None

    def _unpacked(self, unit: Unit, statement: ast.Assign, index: int) -> list[Spot] | None:
        found: list[Spot] = []
        for target in statement.targets:
            if not isinstance(target, ast.Tuple | ast.List) or index >= len(target.elts):
                return None
            loads = self.target_loads(unit, target.elts[index])
            if loads is None:
                return None
            found += loads
        return found

    def _returned(self, unit: Unit, statement: ast.Return, index: int | None) -> list[Spot] | None:
        function = unit.function_of(statement)
        if function is None:
            return None
        found: list[Spot] = []
        calls = self.callers(unit, function)
        for other, call in calls:
            outer = other.module.parent(call)
            value: ast.expr = outer if isinstance(outer, ast.Await) else call
            if index is None:
                found.append((other, value))
                continue
            assignment = other.module.parent(value)
            spots = self._unpacked(other, assignment, index) if isinstance(assignment, ast.Assign) else None
            if spots is None:
                return None
            found += spots
        return found or None

    def _default(self, unit: Unit, node: ast.expr, arguments: ast.arguments) -> list[Spot] | None:
        function = unit.module.parent(arguments)
        for arg, default in defaults(arguments):
            if default is node and isinstance(function, AnyFunction):
                binding = self.parameter(unit, function, arg.arg)
                return self.loads(unit, binding) if binding is not None else None
        return None

    def _argument(self, unit: Unit, node: ast.expr, parent: ast.Call | ast.keyword) -> list[Spot] | None:
        call = parent if isinstance(parent, ast.Call) else unit.module.parent(parent)
        if not isinstance(call, ast.Call):
            return None
        targets = self.targets(unit, call, node)
        if not targets:
            return None
        return [spot for owner, _, binding in targets for spot in self.loads(owner, binding)]

    # calls

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
        """``HANDLERS[event]``, ``HANDLERS.get(event)`` and a name that holds one: the functions of the table."""
        if depth > 4:
            return []
        match func:
            case ast.Name():
                binding = unit.flow.only(func)
                value = binding.value if binding is not None and binding.kind is Kind.ASSIGN else None
                return self._dispatched(unit, value, depth + 1) if value is not None else self._iterated(binding)
            case ast.BoolOp() | ast.NamedExpr():
                inner = func.values[0] if isinstance(func, ast.BoolOp) else func.value
                return self._dispatched(unit, inner, depth + 1)
            case ast.Subscript(value=table) | ast.Call(func=ast.Attribute(attr="get" | "pop", value=table)):
                return self.table(unit, table) or [(owner, f) for f, owner in self.registered.items()]
        return []

    def _iterated(self, binding: Binding | None) -> list[tuple[Unit, AnyFunction]]:
        if binding is None or binding.kind not in (Kind.FOR, Kind.UNPACK):
            return []
        return [(owner, function) for function, owner in self.registered.items()]

    def table(self, unit: Unit, node: ast.expr) -> list[tuple[Unit, AnyFunction]]:
        """The functions that are the values of a dict of the project."""
        definition = self.evaluator.world.definition(unit, node)
        owner, value = (definition.unit, definition.value) if definition is not None else (unit, node)
        if not isinstance(value, ast.Dict):
            return []
        found = [self.function(owner, entry) for entry in value.values]
        return [entry for entry in found if entry is not None]

    def callers(self, owner: Unit, function: AnyFunction) -> list[Spot2]:
        """Every call in the project that certainly calls this function."""
        found: list[Spot2] = []
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

    def _calls_reaching(self, unit: Unit, function: AnyFunction) -> list[Spot2]:
        """The calls of a function, direct ones and those through a name or a table."""
        found = self.callers(unit, function)
        name = getattr(function, "name", "")
        for other in self.evaluator.world.units.values():
            if name and name not in other.words and function not in self.registered:
                continue
            for call in other.calls():
                if (other, call) not in found and any(f is function for _, f, _ in self._called(other, call, call)):
                    found.append((other, call))
        return found


Spot2 = tuple[Unit, ast.Call]


def defaults(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr]]:
    """Parameters with their defaults."""
    named = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(named[len(named) - len(arguments.defaults) :], arguments.defaults, strict=True))
    pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
    return pairs


def _skips_self(owner: Unit, function: AnyFunction, call: ast.Call) -> bool:
    if isinstance(function, ast.Lambda) or not isinstance(owner.module.parent(function), ast.ClassDef):
        return False
    static = any(last_name(d) == "staticmethod" for d in function.decorator_list)
    explicit = bool(call.args) and isinstance(call.args[0], ast.Name) and call.args[0].id in ("self", "cls")
    return not static and not explicit


def _parameter(call: ast.Call, node: ast.expr, function: AnyFunction, *, skip: bool, shift: int) -> str | None:
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
        if keyword.arg == "args" and isinstance(keyword.value, ast.Tuple | ast.List) and node in keyword.value.elts:
            place = keyword.value.elts.index(node)
            return names[place] if place < len(names) else None
    return None


def tops(unit: Unit) -> Iterator[ast.AST]:
    """Every node of a module in source order."""
    return walk(unit.module.tree)
