"""Names that collide with nothing."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field

from share2post.semantics.world import Unit


@dataclass(eq=False)
class FreshNames:
    """Hands out names that a module does not use, each once in a function."""

    given: dict[tuple[Unit, ast.AST], set[str]] = field(default_factory=dict)
    fixed: dict[tuple[ast.AST, str], str] = field(default_factory=dict)

    def at(self, unit: Unit, node: ast.AST, *wishes: str) -> str:
        """The name for one place, the same whoever asks."""
        known = self.fixed.get((node, wishes[0]))
        if known is None:
            known = self.fixed[(node, wishes[0])] = self.pick(unit, node, *wishes)
        return known

    def pick(self, unit: Unit, node: ast.AST, *wishes: str) -> str:
        """The first wish that is free in the module, else one with a number."""
        function: ast.AST = unit.function_of(node) or unit.module.tree
        given = self.given.setdefault((unit, function), set())
        taken = unit.words | given | _BUILTINS
        name = next((wish for wish in wishes if wish not in taken), "")
        number = 2
        while not name:
            wish = f"{wishes[0]}_{number}"
            name, number = (wish if wish not in taken else ""), number + 1
        given.add(name)
        return name


_BUILTINS = frozenset(dir(builtins))
