"""``"%(share_id)s" % content`` and ``"{share_id}".format(**content)``: reads of the content inside a text."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from share2post import tiktok
from share2post.model import Reason
from share2post.rules.webhook.ledger import Ledger
from share2post.rules.webhook.literals import text_of
from share2post.semantics.world import Unit

_PERCENT = re.compile(rf"(?<=%\(){tiktok.OLD_ID}(?=\))")
_BRACES = re.compile(rf"(?<=\{{){tiktok.OLD_ID}(?=[!:}}])")


@dataclass(eq=False)
class Formats:
    """Renames what a format string takes from the content."""

    ledger: Ledger

    def use(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> bool:
        """Look at one use of the content; ``False`` where it is no format."""
        match parent:
            case ast.BinOp(op=ast.Mod(), left=template) if parent.right is node:
                self._template(unit, template, _PERCENT)
                return True
            case ast.keyword(arg=None):
                call = unit.module.parent(parent)
            case ast.Call():
                call = parent
            case _:
                return False
        method = "format" if isinstance(parent, ast.keyword) else "format_map"
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == method:
            self._template(unit, call.func.value, _BRACES)
            return True
        return False

    def _template(self, unit: Unit, template: ast.expr, place: re.Pattern[str]) -> None:
        if text_of(template) is None:
            hint = "the content is put into a text that is kept elsewhere; see that it asks for publish_id"
            self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, hint, unit, template)
            return
        changed, count = place.subn(tiktok.NEW_ID, unit.module.source(template))
        if count:
            self.ledger.mark(
                "S2P006", unit, template, "share_id of the content of a webhook is put into a text"
            )
            self.ledger.replace(unit, template, unit.module.extent(template), changed)
