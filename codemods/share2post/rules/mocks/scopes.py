"""Which tests a mock serves, and which uploads those tests reach."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from share2post.rules.mocks.kinds import is_fixture
from share2post.semantics.test_paths import is_conftest, is_test_path
from share2post.semantics.world import Unit, World

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = tuple[Unit, Function]

_TOOLS: Final = frozenset(
    {"responses", "requests_mock", "respx", "aioresponses", "httpretty", "unittest", "mock", "vcr", "pytest"}
)
_SETUP: Final = frozenset(
    {"setUp", "asyncSetUp", "setUpClass", "setup_method", "setup_class", "setup", "setup_module"}
)
_DEPTH: Final = 5


def is_test(unit: Unit) -> bool:
    """Whether a module holds tests: by its name, or by what it imports."""
    if is_test_path(unit.path):
        return True
    for node in unit.module.tree.body:
        named = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
        if any(name.partition(".")[0] in _TOOLS for name in named):
            return True
    return False


@dataclass(eq=False)
class Scopes:
    """The test functions of a project."""

    world: World
    tests: Sequence[Unit]
    _reach: dict[Unit, set[Unit]] = field(default_factory=dict)

    def of(self, unit: Unit, node: ast.AST) -> list[Scope]:
        """The functions that a mock at this place serves: the test itself, or those that use its fixture."""
        function = outermost(unit, node)
        if function is None:
            return [(unit, other) for other in functions(unit)]
        return self._served(unit, function, 0)

    def _served(self, unit: Unit, function: Function, depth: int) -> list[Scope]:
        if function.name.startswith("test") or depth > _DEPTH:
            return [(unit, function)]
        auto = function.name in _SETUP or any("autouse" in ast.unparse(d) for d in function.decorator_list)
        if auto:
            return self._around(unit, function)
        owner = unit.class_of(function)
        fake = (
            owner is not None
            and not owner.name.lower().startswith("test")
            and not owner.name.endswith("Test")
        )
        name = owner.name if owner is not None and fake else function.name
        found: list[Scope] = [(unit, function)]
        for other in self.tests:
            for user in functions(other):
                if user is not function and name in mentioned(user):
                    found += [s for s in self._served(other, user, depth + 1) if s not in found]
        return found

    def _around(self, unit: Unit, function: Function) -> list[Scope]:
        """What a set-up serves: its class and those built on it, its module, or for a conftest its folder."""
        owner = unit.class_of(function)
        if owner is None:
            folder = unit.path.rpartition("/")[0]
            inside = f"{folder}/" if folder else ""
            below = [
                u for u in self.tests if u is unit or (is_conftest(unit.path) and u.path.startswith(inside))
            ]
            return [(other, inner) for other in below for inner in functions(other)]
        names = {owner.name}
        classes = [n for u in self.tests for n in ast.walk(u.module.tree) if isinstance(n, ast.ClassDef)]
        for _ in range(_DEPTH):
            names |= {
                c.name for c in classes if any(ast.unparse(b).rpartition(".")[2] in names for b in c.bases)
            }
        return [
            (other, inner)
            for other in self.tests
            for inner in functions(other)
            if (held := other.class_of(inner)) is not None and held.name in names
        ]

    def roots(self, scopes: Iterable[Scope]) -> list[tuple[Unit, ast.AST]]:
        """These functions, and the functions and classes of the test modules that they use."""
        found: dict[ast.AST, Unit] = {}
        pending: list[tuple[Unit, Function | ast.ClassDef]] = list(scopes)
        while pending:
            unit, node = pending.pop()
            if node in found:
                continue
            found[node] = unit
            names = mentioned(node)
            owner = unit.class_of(node)
            for other in self.tests:
                for part in ast.walk(other.module.tree):
                    if not isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                        continue
                    top = other.module.parent(part)
                    if part.name.lower().startswith("test") or other.function_of(part) is not None:
                        continue
                    inside = (
                        owner is not None and top is owner and (part.name in _SETUP or part.name in names)
                    )
                    if inside or (isinstance(top, ast.Module) and part.name in names):
                        pending.append((other, part))
        return [(unit, node) for node, unit in found.items()]

    # uploads

    def reached(self, scopes: Iterable[Scope]) -> set[str]:
        """Every name these functions mention, with the fixtures they use."""
        found: set[str] = set()
        for unit, function in scopes:
            found |= mentioned(function)
            owner = unit.class_of(function)
            for other in functions(unit):
                if owner is not None and other.name in _SETUP and unit.class_of(other) is owner:
                    found |= mentioned(other)
        for _ in range(_DEPTH):
            more = {n for name in found for f in self._fixtures.get(name, ()) for n in mentioned(f)} - found
            if not more:
                break
            found |= more
        return found

    @cached_property
    def _fixtures(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = {}
        for unit in self.tests:
            for function in functions(unit):
                if is_fixture(function) or not function.name.startswith("test"):
                    found.setdefault(function.name, []).append(function)
        return found

    def imports(self, unit: Unit) -> set[Unit]:
        """The modules of the project a test module comes to know, its conftest's among them."""
        folder = unit.path.rpartition("/")[0]
        beside = [
            other
            for other in self.tests
            if is_conftest(other.path)
            and f"{folder}/".startswith(f"{other.path.rpartition('/')[0]}/".lstrip("/"))
        ]
        found: set[Unit] = set()
        pending = [unit, *beside]
        while pending:
            current = pending.pop()
            if current not in found:
                found.add(current)
                pending += self._imported(current)
        return found

    def _imported(self, unit: Unit) -> set[Unit]:
        known = self._reach.get(unit)
        if known is None:
            known = self._reach[unit] = set(self._named(unit))
        return known

    def _named(self, unit: Unit) -> Iterable[Unit]:
        for node in ast.walk(unit.module.tree):
            names: list[tuple[str, int]] = []
            if isinstance(node, ast.Import):
                names = [(alias.name, 0) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = f"{node.module}." if node.module else ""
                names = [(node.module or "", node.level)]
                names += [(f"{base}{alias.name}", node.level) for alias in node.names]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and unit in self.tests:
                parts = node.value.split(".")
                if 1 < len(parts) < 8 and all(part.isidentifier() for part in parts):
                    names = [(".".join(parts[:size]), 0) for size in range(1, len(parts))]
            for dotted, level in names:
                found = self.world.imported(unit, dotted, level)
                if found is not None:
                    yield found


def functions(unit: Unit) -> list[Function]:
    """The functions of a module and the methods of its classes, not those inside functions."""
    return [
        node
        for node in ast.walk(unit.module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and unit.function_of(node) is None
    ]


def outermost(unit: Unit, node: ast.AST) -> Function | None:
    """The function around a node that stands in no other; a decorator belongs to what it decorates."""
    found: Function | None = None
    for around in (node, *unit.module.ancestors(node)):
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
            found = around
    return found


def mentioned(function: Function | ast.ClassDef, *, strings: bool = True) -> set[str]:
    """Every identifier in a function, and in the strings that may name things."""
    found: set[str] = set()
    for node in ast.walk(function):
        match node:
            case (
                ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name))
            ):
                found.add(name)
            case ast.Constant(value=str(text)) if strings and len(text) < 200:
                found.update(re.findall(r"[A-Za-z_]\w+", text))
    return found


def carriers(world: World, unit: Unit, call: ast.AST, tests: Sequence[Unit]) -> set[str]:
    """The names through which a call is reached: its function, its class, and whoever uses those."""
    names: set[str] = set()
    for around in unit.module.ancestors(call):
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names |= _names(around)
    own = {
        (other, function)
        for other in world.units.values()
        if other not in tests
        for function in functions(other)
    }
    for _ in range(_DEPTH):
        more: set[str] = set()
        for other, function in own:
            if mentioned(function, strings=False) & names:
                more |= _names(function)
                owner = other.class_of(function)
                more |= {owner.name} if owner is not None else set()
        if more <= names:
            break
        names |= more
    return names


def _names(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> set[str]:
    return set() if node.name.startswith("__") else {node.name}
