"""What is done with the id that was read: a publish_id is written differently than a share_id."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from share2post.model import Reason
from share2post.rules.webhook.ledger import Ledger
from share2post.rules.webhook.literals import text_of
from share2post.semantics.world import Unit

_PIECES = frozenset(
    {"split", "partition", "rsplit", "rpartition", "startswith", "removeprefix", "isdigit", "find"}
)


@dataclass(eq=False)
class Ids:
    """Stops where an id is taken apart, and doubts links made of it."""

    ledger: Ledger

    def use(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> bool:
        """Look at one use of the id; ``False`` where it only goes on."""
        if isinstance(parent, ast.Attribute) and parent.attr in _PIECES:
            hint = "share_id is taken apart, and a publish_id is written differently"
            self.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, parent)
            return True
        if isinstance(parent, ast.Subscript) and parent.value is node:
            hint = "a part is cut out of share_id, and a publish_id is written differently"
            self.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, parent)
            return True
        if isinstance(parent, ast.FormattedValue | ast.BinOp | ast.Call):
            self._link(unit, node)
        return isinstance(parent, ast.FormattedValue | ast.Compare | ast.BinOp)

    def _link(self, unit: Unit, node: ast.expr) -> None:
        for around in unit.module.ancestors(node):
            if isinstance(around, ast.stmt):
                return
            if isinstance(around, ast.JoinedStr | ast.BinOp | ast.Call):
                texts = [text for part in ast.walk(around) if (text := text_of(part))]
                if any("tiktok.com/" in text for text in texts):
                    hint = (
                        "the id is put into a tiktok.com link, which works neither with share_id nor with "
                        "publish_id: the id of the post comes from post.publish.publicly_available"
                    )
                    self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, hint, unit, around)
                    return
