"""The error message: absent on success in the old answer, empty in the new one."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from share2post.model import Reason
from share2post.semantics.reading.keys import KeyRead, constant, guarded, tested
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


@dataclass(eq=False)
class Messages:
    """The error message: absent on success in the old answer, empty in the new one."""

    reader: Reader

    def message_default(self, unit: Unit, read: KeyRead) -> None:
        """The old message was absent on success, the new one is empty: ``.get(..., x)`` becomes ``... or x``."""
        if not read.get or tested(unit, read.outer) or (read.default is None and guarded(unit, read.outer)):
            return
        start, end = unit.module.extent(read.outer)
        default = unit.module.source(read.default) if read.default is not None else "None"
        outer = unit.module.parent(read.outer)
        if isinstance(outer, ast.BoolOp) and isinstance(outer.op, ast.Or) and read.default is None:
            return
        if read.default is not None:
            key_end = unit.module.extent(read.key_node)[1]
            close = unit.module.extent(read.default)[1]
            self.reader.draft.replace(unit, key_end, close, "")
        tight = not isinstance(
            outer,
            ast.Assign
            | ast.AnnAssign
            | ast.Return
            | ast.Expr
            | ast.keyword
            | ast.FormattedValue
            | ast.Dict
            | ast.List
            | ast.Tuple,
        )
        tight = tight and not (isinstance(outer, ast.Call) and read.outer in outer.args)
        if tight:
            self.reader.draft.replace(unit, start, start, "(")
        self.reader.draft.replace(unit, end, end, f" or {default})" if tight else f" or {default}")

    def message(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> None:
        """The old message was absent on success (``None`` through ``.get``), the new one is ``""``."""
        if (
            isinstance(parent, ast.Compare)
            and len(parent.ops) == 1
            and constant(parent.comparators[0]) is None
        ):
            negated = isinstance(parent.ops[0], ast.IsNot | ast.NotEq)
            start, end = unit.module.extent(parent)
            inner_start, inner_end = unit.module.extent(node)
            plain = not isinstance(node, ast.NamedExpr)
            if plain and isinstance(parent.comparators[0], ast.Constant) and parent.left is node:
                if not negated:
                    self.reader.draft.replace(unit, start, inner_start, "not ")
                self.reader.draft.replace(unit, inner_end, end, "")
                return
            self.reader.draft.stop(
                Reason.UNKNOWN_READ, "the error message is compared with something", unit, parent
            )
        elif isinstance(parent, ast.Compare):
            self.reader.draft.stop(
                Reason.UNKNOWN_READ, "the error message is compared with a text of the old API", unit, parent
            )
