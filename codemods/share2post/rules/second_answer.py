"""What a program does with the answer of its second request, once that is a PUT.

The PUT answers 201 and has no body (F3.11): a test for 200 becomes a test for
success, and nothing may parse the answer. Where the program looks at nothing,
a failed PUT must still raise.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from share2post.model import Reason
from share2post.semantics.flow import Binding
from share2post.semantics.sinks import Sinks
from share2post.semantics.world import Unit
from share2post.sites import Draft

_QUIET: Final = frozenset(
    {"text", "content", "reason", "reason_phrase", "headers", "elapsed", "url", "close", "aclose"}
)
_CREATED: Final = 201
_PARTIAL: Final = 206  # each chunk but the last


@dataclass(eq=False)
class SecondAnswer:
    """Rewrites the tests of one PUT's answer."""

    draft: Draft
    sinks: Sinks
    unit: Unit
    ok: str  # what the client calls success
    partial: bool = False  # whether it answers one chunk of several

    def settle(self, binding: Binding | None) -> bool:
        """Rewrite every test of a variable; whether the program notices a failed PUT by itself."""
        noticed = [self._use(use, binding) for use in binding.uses] if binding is not None else []
        return any(noticed)

    def _use(self, use: ast.Name, binding: Binding) -> bool:
        parent = self.unit.module.parent(use)
        if self.unit.flow.reaching(use) != {binding}:
            self._stop(use, "the answer of the second request cannot be told from another here")
            return False
        if not isinstance(parent, ast.Attribute):
            self._stop(use, "the answer of the second request is handed on; a PUT has no body")
            return False
        if parent.attr in ("raise_for_status", "ok", "is_success", "is_error"):
            return True
        if parent.attr in ("status_code", "status"):
            return self._status(parent)
        if parent.attr in ("text", "read") and self._awaited(parent):
            return False
        if parent.attr not in _QUIET:
            self._stop(parent, f"the second answer's .{parent.attr} is used, but a PUT has no body")
        elif not self._shown(parent):
            self._stop(parent, f"the second answer's .{parent.attr} is looked into, but a PUT has no body")
        return False

    def _awaited(self, method: ast.Attribute) -> bool:
        """``await answer.text()``, shown."""
        call = self.unit.module.parent(method)
        value = self.unit.module.parent(call) if isinstance(call, ast.Call) else None
        around = self.unit.module.parent(value) if isinstance(value, ast.Await) else None
        return isinstance(value, ast.Await) and self.sinks.harmless(self.unit, value, around, boolean=False)

    def _shown(self, node: ast.Attribute) -> bool:
        parent = self.unit.module.parent(node)
        if node.attr in ("close", "aclose"):
            return True
        if isinstance(parent, ast.Subscript) and isinstance(parent.slice, ast.Slice):
            return self.sinks.harmless(self.unit, parent, self.unit.module.parent(parent), boolean=False)
        return self.sinks.harmless(self.unit, node, parent, boolean=False)

    def _status(self, status: ast.Attribute) -> bool:
        parent = self.unit.module.parent(status)
        if not isinstance(parent, ast.Compare):
            if not self.sinks.harmless(self.unit, status, parent, boolean=False):
                self._stop(status, "the second answer's status goes somewhere the tool does not follow")
            return False
        if len(parent.ops) != 1 or parent.left is not status:
            self._stop(parent, "the second answer's status is compared in a way the tool does not know")
            return False
        return self._compared(status, parent)

    def _compared(self, status: ast.Attribute, test: ast.Compare) -> bool:
        operator, codes = test.ops[0], _codes(test.comparators[0])
        if isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE) and codes and codes[0] >= 299:
            return True
        plain = isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn)
        expected = {_CREATED, _PARTIAL} if self.partial else {_CREATED}
        if not plain or not codes or not {200, *expected} & set(codes):
            self._stop(test, "the second answer's status is compared in a way the tool does not know")
            return False
        if expected <= {*codes, *self._beside(test)}:
            return True
        negated = isinstance(operator, ast.NotEq | ast.NotIn)
        source = self.unit.module.source(status.value)
        test_text = f"not {source}.{self.ok}" if negated else f"{source}.{self.ok}"
        around = self.unit.module.parent(test)
        if negated and isinstance(around, ast.Compare | ast.UnaryOp | ast.BinOp):
            test_text = f"({test_text})"
        self.draft.swap(self.unit, test, test_text)
        return True

    def _beside(self, test: ast.Compare) -> list[int]:
        """The codes that the same status is also compared with: ``status == 201 or status == 206``."""
        around = self.unit.module.parent(test)
        either = ast.Or if isinstance(test.ops[0], ast.Eq | ast.In) else ast.And
        if not isinstance(around, ast.BoolOp) or not isinstance(around.op, either):
            return []
        others = [other for other in around.values if isinstance(other, ast.Compare) and len(other.ops) == 1]
        alike = [other for other in others if type(other.ops[0]) is type(test.ops[0])]
        left = ast.unparse(test.left)
        return [code for o in alike if ast.unparse(o.left) == left for code in _codes(o.comparators[0])]

    def _stop(self, node: ast.AST, hint: str) -> None:
        self.draft.stop(Reason.NEW_STYLE_BODY, hint, self.unit, node)


def _codes(node: ast.expr) -> list[int]:
    """The numbers a status is compared with; none where one of them is not seen."""
    elements = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    found = [e.value for e in elements if isinstance(e, ast.Constant) and type(e.value) is int]
    return found if len(found) == len(elements) else []
