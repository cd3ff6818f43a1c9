"""Whether two pieces of code are the same once the renames are made."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from share2post.rules.webhook.ledger import Ledger
from share2post.semantics.module import walk


@dataclass(eq=False)
class Likeness:
    """Compares code as it will be."""

    ledger: Ledger

    def alike(self, one: ast.AST | list[ast.stmt], two: ast.AST | list[ast.stmt]) -> bool:
        """Whether two pieces of code will be the same."""
        return self._print(one) == self._print(two)

    def renames(self, node: ast.AST) -> bool:
        """Whether something in a piece of code is renamed."""
        return any(part in self.ledger.renamed for part in walk(node))

    def _print(self, node: object) -> object:
        if isinstance(node, list):
            return [self._print(part) for part in node]
        if not isinstance(node, ast.AST):
            return repr(node)
        if node in self.ledger.renamed:
            return "Constant", [repr(self.ledger.renamed[node]), repr(None)]
        return type(node).__name__, [self._print(value) for _, value in ast.iter_fields(node)]
