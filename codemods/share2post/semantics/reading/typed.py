"""Answers that stay dicts but are given a type: the TypedDict changes with them.

::

    answer: ShareAnswer = response.json()
    def upload(path) -> ShareAnswer: ...
    cast(ShareAnswer, response.json())
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from share2post.model import Reason
from share2post.semantics.flow import Kind
from share2post.semantics.reading.model_uses import uses
from share2post.semantics.reading.tracked import What
from share2post.semantics.record_classes import Record, annotated_class, record_of
from share2post.semantics.record_fields import Making
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reading.models import Models

_CASTS: Final = frozenset({"typing.cast", "typing_extensions.cast"})


@dataclass(eq=False)
class Typed:
    """Finds the type, and whether anything else is given it."""

    models: Models

    def is_cast(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> bool:
        """``cast(ShareAnswer, node)``, which is ``node``."""
        if not isinstance(parent, ast.Call) or len(parent.args) != 2 or parent.args[1] is not node:
            return False
        return self.models.reader.evaluator.world.qualified(unit, parent.func) in _CASTS

    def find(self) -> Record | None:
        """The TypedDict of the whole answer, if it has one."""
        world = self.models.reader.evaluator.world
        for unit, node in self._whole():
            for annotation in self._annotations(unit, node):
                known = annotated_class(world, unit, annotation)
                record = record_of(world, *known) if known is not None else None
                if record is not None and record.making is Making.TYPEDDICT:
                    return record
        return None

    def check(self, record: Record) -> None:
        """Whatever else is given the type must be this answer too."""
        reader = self.models.reader
        for unit, node in uses(reader.evaluator, record):
            if not self._on_answer(unit, node):
                hint = f"the answer has the type {record.name}, which is used here for something else too"
                reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, node)

    def _whole(self) -> Iterator[tuple[Unit, ast.expr]]:
        found = [node for node, what in self.models.reader.kinds.items() if what is What.BODY]
        for unit in self.models.reader.evaluator.world.units.values():
            for node in found:
                if node in unit.module.parents and isinstance(node, ast.expr):
                    yield unit, node

    def _annotations(self, unit: Unit, node: ast.expr) -> Iterator[ast.expr | None]:
        parent = unit.module.parent(node)
        if isinstance(parent, ast.AnnAssign):
            yield parent.annotation
        elif isinstance(parent, ast.Return):
            function = unit.function_of(parent)
            yield function.returns if function is not None else None
        elif self.is_cast(unit, node, parent) and isinstance(parent, ast.Call):
            yield parent.args[0]
        for binding in unit.flow.reaching(node) if isinstance(node, ast.Name) else ():
            if binding.kind is Kind.PARAMETER and isinstance(binding.node, ast.arg):
                yield binding.node.annotation

    def _on_answer(self, unit: Unit, node: ast.expr) -> bool:
        """Whether a type is given to something that was followed."""
        module, tracked = unit.module, self.models.reader.draft.tracked
        for around in module.ancestors(node):
            if isinstance(around, ast.AnnAssign):
                return around.value in tracked
            if isinstance(around, ast.Call):
                return around in tracked
            if isinstance(around, ast.arg):
                function = module.parent(module.parent(around) or around)
                scope = unit.flow.scopes.get(function) if function is not None else None
                bindings = scope.bindings.get(around.arg, []) if scope is not None else []
                return any(use in tracked for binding in bindings for use in binding.uses)
            if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
                values = [s.value for s in ast.walk(around) if isinstance(s, ast.Return)]
                return any(value in tracked for value in values if value is not None)
        return False
