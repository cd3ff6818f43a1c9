"""What can be said about the reads of a content only when everything was followed."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from share2post.model import Reason
from share2post.rules.webhook.calls import Spot
from share2post.rules.webhook.content import ContentReads
from share2post.rules.webhook.ledger import home_of
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.world import Unit


@dataclass(eq=False)
class Settling:
    """Checks that what was read as a content is nothing else, too."""

    reads: ContentReads
    made_up: Callable[[Unit, ast.expr], None]

    def run(self) -> None:
        """Look at every receiver of a read, and at the envelopes that left sight."""
        for unit, node in self.reads.receivers:
            if isinstance(node, ast.Name):
                for binding in unit.flow.reaching(node):
                    self.reads.models.annotated(unit, _annotation(unit, binding), node)
                    self._sees_only_content(unit, node, binding)
        told: set[ast.AST] = set()
        for unit, node in self.reads.taken:
            hint = "the event as a whole is handed on; what reads share_id there must read publish_id"
            if not self._reads_content(unit, node) and home_of(unit, node) not in told:
                told.add(home_of(unit, node))
                self.reads.ledger.doubt(Reason.UNKNOWN_PAYLOAD, hint, unit, node)

    def _reads_content(self, unit: Unit, node: ast.expr) -> bool:
        """Whether the site of an envelope reads its content in sight."""
        root = self.reads.ledger.root(unit, node)
        return any(
            mark.rule == "S2P006" and self.reads.ledger.root(mark.place.unit, mark.place.node) is root
            for mark in self.reads.ledger.marks
        )

    def _sees_only_content(self, unit: Unit, node: ast.Name, binding: Binding) -> None:
        values: list[Spot] = [(unit, binding.value)] if binding.value is not None else []
        if binding.kind is Kind.PARAMETER:
            values = self.reads.reach.calls.given(unit, binding)
            for other, value in values:
                if value not in self.reads.tracked:
                    self.reads.ledger.join(unit, node, other, value)
                    self.made_up(other, value)
        for other, value in [spot for spot in values if not self._is_content(spot[1])][:1]:
            place = f"{other.path}:{value.lineno}"
            hint = f"{node.id} may hold something else than a webhook's content ({place})"
            self.reads.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, node)

    def _is_content(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Constant | ast.Dict | ast.List):
            return True  # a default, or a made-up content
        return any(part in self.reads.tracked for part in ast.walk(node))


def _annotation(unit: Unit, binding: Binding) -> ast.expr | None:
    if isinstance(binding.node, ast.arg):
        return binding.node.annotation
    statement = unit.module.parent(binding.node)
    return statement.annotation if isinstance(statement, ast.AnnAssign) else None
