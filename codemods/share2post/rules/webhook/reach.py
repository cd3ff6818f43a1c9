"""Where a value goes unchanged: names and their imports, attributes, arguments, returns, dispatch tables."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from share2post.rules.webhook.calls import AnyFunction, Calls, Spot
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.module import last_name
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit


@dataclass(eq=False)
class Reach:
    """Finds the places a value reaches, and the ones it comes from, across the project."""

    evaluator: Evaluator

    def __post_init__(self) -> None:
        self.calls = Calls(self.evaluator)

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
                    if (
                        binding.kind is not Kind.IMPORT
                        or not isinstance(alias, ast.alias)
                        or alias.name != name
                    ):
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
        """The expressions that have this very value next; ``None`` where something else is made of it."""
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
        owner = unit.module.parent(function)
        if isinstance(owner, ast.ClassDef) and any(
            "property" in last_name(d) for d in function.decorator_list
        ):
            return self.attribute_loads(unit, owner, function.name)
        found: list[Spot] = []
        calls = self.calls.callers(unit, function)
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
                binding = self.calls.parameter(unit, function, arg.arg)
                return self.loads(unit, binding) if binding is not None else None
        return None

    def _argument(self, unit: Unit, node: ast.expr, parent: ast.Call | ast.keyword) -> list[Spot] | None:
        call = parent if isinstance(parent, ast.Call) else unit.module.parent(parent)
        if not isinstance(call, ast.Call):
            return None
        targets = self.calls.targets(unit, call, node)
        if not targets:
            return None
        return [spot for owner, _, binding in targets for spot in self.loads(owner, binding)]


def defaults(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr]]:
    """Parameters with their defaults."""
    named = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(named[len(named) - len(arguments.defaults) :], arguments.defaults, strict=True))
    pairs += [
        (a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None
    ]
    return pairs
