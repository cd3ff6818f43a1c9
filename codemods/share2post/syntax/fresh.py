"""Names that collide with nothing."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field

from share2post.semantics.world import Unit


@dataclass(eq=False)
class FreshNames:
    """Hands out names that a function (or, outside of one, the module) does not use, each once in it."""

    given: dict[tuple[Unit, ast.AST], set[str]] = field(default_factory=dict)
    fixed: dict[tuple[ast.AST, str], str] = field(default_factory=dict)

    def at(self, unit: Unit, node: ast.AST, *wishes: str) -> str:
        """The name for one place, the same whoever asks."""
        known = self.fixed.get((node, wishes[0]))
        if known is None:
            known = self.fixed[(node, wishes[0])] = self.pick(unit, node, *wishes)
        return known

    def pick(self, unit: Unit, node: ast.AST, *wishes: str) -> str:
        """The first wish that is free where the node stands, else one with a number."""
        function, tree = _outermost(unit, node), unit.module.tree
        given = self.given.setdefault((unit, function or tree), set())
        others = [names for (owner, where), names in self.given.items() if owner is unit and where is tree]
        if function is None:
            others = [names for (owner, _), names in self.given.items() if owner is unit]
        taken = _taken(unit, function).union(given, _BUILTINS, *others)
        name = next((wish for wish in wishes if wish not in taken), "")
        number = 2
        while not name:
            wish = f"{wishes[0]}_{number}"
            name, number = (wish if wish not in taken else ""), number + 1
        given.add(name)
        return name


def _outermost(unit: Unit, node: ast.AST) -> ast.AST | None:
    """The function around a node that no other function is around; those inside it share its names."""
    around = unit.module.ancestors(node)
    functions = [one for one in around if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    return functions[-1] if functions else None


def _taken(unit: Unit, function: ast.AST | None) -> frozenset[str]:
    """The names that mean something where a function's statements stand: all in it, and the module's own."""
    if function is None:
        return unit.words
    return _identifiers(function) | unit.flow.root.bindings.keys()


def _identifiers(tree: ast.AST) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        spelled = (getattr(node, field, None) for field in ("id", "arg", "attr", "name", "asname", "rest"))
        found.update(part for name in spelled if isinstance(name, str) for part in name.split("."))
        if isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
    return frozenset(found)


_BUILTINS = frozenset(dir(builtins))
