"""Which library a receiver belongs to: ``rsps`` of ``with responses.RequestsMock() as rsps``, a fixture, a module."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from share2post.rules.mocks.library import Library
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit, attribute_values

_DEPTH = 4


@dataclass(frozen=True, eq=False)
class Kinds:
    """Knows the library behind an expression."""

    evaluator: Evaluator
    libraries: Sequence[Library]
    tests: Sequence[Unit]

    def of(self, unit: Unit, node: ast.expr, depth: int = 0) -> Library | None:
        """The library whose mock an expression is."""
        if depth > _DEPTH:
            return None
        if isinstance(node, ast.Call):
            return self.of(unit, node.func, depth + 1)
        named = self.evaluator.world.qualified(unit, node)
        for library in self.libraries:
            if named is not None and named in library.makers:
                return library
        if isinstance(node, ast.Name):
            binding = unit.flow.only(node)
            return self._bound(unit, binding, depth) if binding is not None else None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            owner = unit.class_of(node)
            return self._held(unit, owner, node.attr, depth) if owner is not None else None
        return None

    def _held(self, unit: Unit, owner: ast.ClassDef, name: str, depth: int) -> Library | None:
        """What ``self.name`` is, given by the class or by one it is built on."""
        values = attribute_values(unit, owner, name)
        if values or depth > _DEPTH:
            return self.of(unit, values[0][1], depth + 1) if len(values) == 1 else None
        bases = {ast.unparse(base).rpartition(".")[2] for base in owner.bases}
        for other in self.tests:
            for node in other.module.tree.body:
                if isinstance(node, ast.ClassDef) and node.name in bases:
                    return self._held(other, node, name, depth + 1)
        return None

    def _bound(self, unit: Unit, binding: Binding, depth: int) -> Library | None:
        if binding.kind in (Kind.ASSIGN, Kind.WITH) and binding.value is not None:
            return self.of(unit, binding.value, depth + 1)
        function = binding.scope.node
        if binding.kind is not Kind.PARAMETER or not isinstance(
            function, ast.FunctionDef | ast.AsyncFunctionDef
        ):
            return None
        for decorator in function.decorator_list:
            inner = decorator.func if isinstance(decorator, ast.Call) else decorator
            found = self.of(unit, inner, depth + 1)
            if found is not None and binding.name not in self._fixtures():
                return found
        for owner, fixture in self._fixtures().get(binding.name, ()):
            for value in _yielded(fixture):
                return self.of(owner, value, depth + 1)
        return next((lib for lib in self.libraries if binding.name in lib.fixtures), None)

    def _fixtures(self) -> dict[str, list[tuple[Unit, ast.FunctionDef | ast.AsyncFunctionDef]]]:
        found: dict[str, list[tuple[Unit, ast.FunctionDef | ast.AsyncFunctionDef]]] = {}
        for unit in self.tests:
            for node in ast.walk(unit.module.tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_fixture(node):
                    found.setdefault(node.name, []).append((unit, node))
        return found


def is_fixture(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether pytest runs a function for the tests that name it."""
    return any("fixture" in ast.unparse(decorator) for decorator in function.decorator_list)


def _yielded(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Yield | ast.Return) and node.value is not None:
            yield node.value
