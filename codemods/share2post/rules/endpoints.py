"""What becomes of the URL: its constant moves with the upload, or the upload leaves it behind.

A constant that only this upload uses is given the new value where it stands; one
that anything else uses is left as it is, and the call names the new URL itself (T33).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from share2post import tiktok
from share2post.protocols import Request
from share2post.rules.moving import Mover
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.urls import Target, endpoint
from share2post.semantics.values import Evaluator, Text
from share2post.semantics.world import Definition, Unit
from share2post.sites import Draft
from share2post.syntax.style import Style, style_of


@dataclass(eq=False)
class Addresses:
    """Settles what a call's URL argument becomes."""

    evaluator: Evaluator
    draft: Draft
    mover: Mover

    def settle(self, request: Request, text: Text, style: Style) -> str:
        """The text of the new URL argument; where it is a constant of its own, that constant moves."""
        definition = self.evaluator.world.definition(request.unit, request.url)
        literal = f"{style.quote}{tiktok.INIT_URL}{style.quote}"
        if definition is None or not self._own(request, definition):
            return literal
        unit = definition.unit
        quote = style_of(unit.module).quote
        self.draft.swap(unit, definition.value, f"{quote}{tiktok.INIT_URL}{quote}")
        return self.mover.keep(request.unit, request.url)

    def _own(self, request: Request, definition: Definition) -> bool:
        """Whether a definition holds the whole URL, for this call alone."""
        text = self.evaluator.text(definition.unit, definition.value)
        if text is None or endpoint(text).target is not Target.UPLOAD:
            return False
        if isinstance(definition.value, ast.Name | ast.Attribute | ast.Subscript | ast.IfExp):
            return False
        if text.environment or isinstance(definition.value, ast.NamedExpr):
            return False
        holder = definition.holder
        if isinstance(holder, Binding):
            return self._only_binding(request, definition.unit, holder)
        return self._only_attribute(request, definition)

    def _only_binding(self, request: Request, unit: Unit, binding: Binding) -> bool:
        if binding.kind is not Kind.ASSIGN:
            return False
        uses = [use for use in binding.uses if use is not request.url]
        if uses:
            return False
        if binding.scope is unit.flow.root:
            return unit is request.unit and not self._mentioned_elsewhere(unit, binding.name)
        return True

    def _only_attribute(self, request: Request, definition: Definition) -> bool:
        """A class attribute, ``self.x`` or dict entry that nothing else in the project names."""
        unit = request.unit
        if definition.unit is not unit:
            return False
        url = request.url
        if isinstance(url, ast.Attribute):
            name = url.attr
            if isinstance(url.value, ast.Attribute) and name == "value":
                name = url.value.attr
            loads = [
                a for u in self.evaluator.world.units.values() for a in u.attributes.get(name, ())
                if isinstance(a.ctx, ast.Load)
            ]  # fmt: skip
            return len(loads) == 1
        if isinstance(url, ast.Subscript) and isinstance(url.slice, ast.Constant):
            key = url.slice.value
            reads = [
                n for n in ast.walk(unit.module.tree)
                if isinstance(n, ast.Subscript) and isinstance(n.slice, ast.Constant) and n.slice.value == key
            ]  # fmt: skip
            binding = unit.flow.only(url.value) if isinstance(url.value, ast.Name) else None
            if binding is None or len(reads) != 1:
                return False
            others = [use for use in binding.uses if not isinstance(unit.module.parent(use), ast.Subscript)]
            at_root = binding.scope is unit.flow.root
            return not others and not (at_root and self._mentioned_elsewhere(unit, binding.name))
        return False

    def _mentioned_elsewhere(self, unit: Unit, name: str) -> bool:
        """Whether another module of the project, or a string here, names this module-level name."""
        for other in self.evaluator.world.units.values():
            if other is not unit and name in other.words:
                return True
        return any(isinstance(n, ast.Constant) and n.value == name for n in ast.walk(unit.module.tree))
