"""Answers gathered in a list, and read from it again."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from share2post.semantics.reading.keys import is_empty
from share2post.semantics.reading.tracked import What
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


@dataclass(eq=False)
class Collected:
    """Answers gathered in a list, and read from it again."""

    reader: Reader

    def collected(self, unit: Unit, collection: ast.expr, what: What) -> None:
        """A list whose every element is tracked: to its loops and its indexed reads."""
        self.reader.draft.tracked.add(collection)
        parent = unit.module.parent(collection)
        match parent:
            case ast.Assign(targets=[ast.Name() as target]):
                self._elements_of(unit, collection, target, what)
            case ast.For() | ast.AsyncFor() if parent.iter is collection:
                self._element(unit, collection, parent.target, what)
            case ast.comprehension() if parent.iter is collection:
                self._element(unit, collection, parent.target, what)
            case ast.Subscript() if parent.value is collection and not isinstance(parent.slice, ast.Slice):
                self.reader.follow(unit, parent, what)
            case ast.Call(func=ast.Name(id="print" | "len" | "list" | "tuple")):
                if isinstance(parent.func, ast.Name) and parent.func.id in ("list", "tuple"):
                    self.collected(unit, parent, what)
            case _:
                self.reader.exits.lost(unit, collection, what, "is collected and handed on")

    def _elements_of(self, unit: Unit, collection: ast.expr, target: ast.Name, what: What) -> None:
        for binding in self.reader.stores.bindings(unit, target):
            if binding.node is target:
                for use in binding.uses:
                    holder = unit.module.parent(use)
                    if not (isinstance(holder, ast.Attribute) and holder.attr == "append"):
                        self.collected(unit, use, what)

    def _element(self, unit: Unit, collection: ast.expr, target: ast.expr, what: What) -> None:
        if isinstance(target, ast.Name):
            self.reader.stores.bound(unit, collection, target, what)
        else:
            self.reader.exits.lost(unit, collection, what, "is taken apart in a loop")

    def appended(self, unit: Unit, node: ast.expr, call: ast.Call, what: What) -> None:
        """``responses.append(response)`` to a list that holds nothing else."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        binding = unit.flow.only(owner) if isinstance(owner, ast.Name) else None
        around = unit.function_of(call) or unit.module.tree
        if (
            binding is None
            or not isinstance(binding.node, ast.Name)
            or binding.scope.node is not around
            or not is_empty(binding.value or node)
        ):
            self.reader.exits.lost(unit, node, what, "is put into a list")
            return
        if binding.scope is unit.flow.root and unit.function_of(call) is not None:
            self.reader.exits.lost(unit, node, what, f"is put into the module's {binding.name}")
            return
        appends = [
            c for use in binding.uses
            if isinstance(a := unit.module.parent(use), ast.Attribute) and a.attr in ("append", "extend", "insert")
            and isinstance(c := unit.module.parent(a), ast.Call)
        ]  # fmt: skip
        if len(appends) > 1:
            self.reader.exits.lost(unit, node, what, "is put into a list with other things")
            return
        self._elements_of(unit, node, binding.node, what)
