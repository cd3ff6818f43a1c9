"""What becomes of the URL: its constant moves with the upload, or the upload leaves it behind.

A constant that only this upload uses is given the new value where it stands; one
that anything else uses is left as it is, and the call names the new URL itself (T33).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from share2post import tiktok
from share2post.protocols import Request
from share2post.rules.moving import Mover
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.sinks import Sinks
from share2post.semantics.urls import Target, endpoint
from share2post.semantics.uses import uses_of
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Definition, Unit
from share2post.sites import Draft
from share2post.syntax.style import Style, style_of


@dataclass(eq=False)
class Addresses:
    """Settles what a call's URL argument becomes."""

    evaluator: Evaluator
    draft: Draft
    mover: Mover
    movers: dict[ast.expr, Draft]

    def settle(self, request: Request, style: Style) -> str:
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
        if isinstance(definition.holder, Binding) and definition.holder.kind is not Kind.ASSIGN:
            return False
        uses = uses_of(self.evaluator.world, definition)
        if uses.hidden:
            return False
        return self._all_move([(unit, node) for unit, node in uses.loads if not self._is_url(request, node)])

    def _is_url(self, request: Request, node: ast.expr) -> bool:
        """Whether a use is this call's URL (or the Enum member whose value is)."""
        url = request.url
        return node is url or (isinstance(url, ast.Attribute) and url.attr == "value" and url.value is node)

    def _all_move(self, others: Sequence[tuple[Unit, ast.expr]]) -> bool:
        """Whether the other uses are the URLs of uploads that move together with this one, or only show it."""
        partners = []
        for unit, use in others:
            partner = self.movers.get(use)
            if partner is None and self._shown(unit, use):
                continue
            if partner is None or partner.level != self.draft.level:
                return False
            partners.append(partner)
        self.draft.partners += [p for p in partners if p is not self.draft and p not in self.draft.partners]
        return True

    def _shown(self, unit: Unit, use: ast.expr) -> bool:
        """Whether a use puts the URL into a message: a print, a log, the text of an exception."""
        return Sinks(self.evaluator.world).told(unit, use) is not None
