"""Names that collide with nothing."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field

from share2post.semantics.world import Unit, words


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
        function = unit.function_of(node)
        given = self.given.setdefault((unit, function or unit.module.tree), set())
        taken = _taken(unit, function) | given | _BUILTINS
        name = next((wish for wish in wishes if wish not in taken), "")
        number = 2
        while not name:
            wish = f"{wishes[0]}_{number}"
            name, number = (wish if wish not in taken else ""), number + 1
        given.add(name)
        return name


def _taken(unit: Unit, function: ast.AST | None) -> frozenset[str]:
    """The names that mean something where a function's statements stand: all in it, and the module's own."""
    if function is None:
        return unit.words
    return words(function) | unit.flow.root.bindings.keys()


_BUILTINS = frozenset(dir(builtins))
