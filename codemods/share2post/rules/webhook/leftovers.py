"""Reads of ``share_id`` in a handler that nothing explains: they might be the content's.

Explained by themselves, and left alone: a row of a query, the answer of an
upload, the arguments of the program's own interface, a dict of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from share2post import tiktok
from share2post.rules.webhook.keys import key_read
from share2post.rules.webhook.literals import text_of
from share2post.semantics.flow import Kind
from share2post.semantics.module import last_name, walk
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_STARTS = ("video.", *(name.rpartition(".")[0] for name in tiktok.EVENTS))
_TESTS = ast.Compare | ast.Subscript | ast.Dict | ast.Set | ast.Tuple | ast.List
_PARSERS = frozenset(
    {"loads", "load", "dict", "cast", "decode", "encode", "copy", "deepcopy", "get", "pop", "strip"}
)


@dataclass(eq=False)
class Leftovers:
    """Finds the reads that may be the content's."""

    evaluator: Evaluator
    claimed: set[ast.AST]

    def within(self, unit: Unit, home: ast.AST) -> Iterator[ast.expr]:
        """The unexplained reads of a function or statement."""
        for node in walk(home):
            if isinstance(node, ast.MatchMapping):
                yield from (
                    key for key in node.keys if text_of(key) == tiktok.OLD_ID and key not in self.claimed
                )
            elif isinstance(node, ast.Compare) and _compares_key(node):
                yield node
            receiver = _receiver(unit, node)
            if receiver is None or not isinstance(node, ast.expr) or node in self.claimed:
                continue
            if self._may_be_content(unit, receiver, 0):
                yield node

    def composed(self, unit: Unit, home: ast.AST) -> Iterator[ast.expr]:
        """Names of events that are put together: ``f"video.publish.{state}"``."""
        for node in walk(home):
            parent = unit.module.parent(node)
            if not isinstance(node, ast.JoinedStr | ast.BinOp) or not isinstance(parent, _TESTS):
                continue
            for text in self.evaluator.texts(unit, node):
                first = text.pieces[0] if text.pieces else None
                plain = not any(" " in piece for piece in text.pieces if isinstance(piece, str))
                if plain and isinstance(first, str) and first.startswith(_STARTS):
                    yield node
                    break

    def _may_be_content(self, unit: Unit, node: ast.expr, depth: int) -> bool:
        match node:
            case ast.Subscript(value=value):
                return self._may_be_content(unit, value, depth)
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                return self._may_be_content(unit, value, depth)
            case ast.Attribute(value=value):
                return node.attr == tiktok.CONTENT_KEY and self._may_be_content(unit, value, depth)
            case ast.BoolOp():
                return self._may_be_content(unit, node.values[0], depth)
            case ast.IfExp():
                return self._may_be_content(unit, node.body, depth) or self._may_be_content(
                    unit, node.orelse, depth
                )
            case ast.Call() if last_name(node.func) in _PARSERS:
                inner = node.func.value if isinstance(node.func, ast.Attribute) else None
                if node.args and (last_name(node.func) not in ("get", "pop")):
                    inner = node.args[0]
                return inner is not None and self._may_be_content(unit, inner, depth)
            case ast.Name():
                return self._variable(unit, node, depth)
        return False

    def _variable(self, unit: Unit, node: ast.Name, depth: int) -> bool:
        for binding in unit.flow.reaching(node):
            if binding.kind in (Kind.PARAMETER, Kind.OTHER):
                return True
            known = binding.value is not None and depth < 8 and binding.kind is not Kind.FOR
            if known and binding.value is not None and self._may_be_content(unit, binding.value, depth + 1):
                return True
        return False


def _compares_key(test: ast.Compare) -> bool:
    """``key == "share_id"``."""
    sides = [test.left, *test.comparators]
    return isinstance(test.ops[0], ast.Eq | ast.NotEq) and any(
        text_of(side) == tiktok.OLD_ID for side in sides
    )


def _receiver(unit: Unit, node: ast.AST) -> ast.expr | None:
    """What the old id is read from, where a node is such a read."""
    if isinstance(node, ast.Compare) and text_of(node.left) == tiktok.OLD_ID:
        return node.comparators[0] if isinstance(node.ops[0], ast.In | ast.NotIn) else None
    inner: ast.expr | None = None
    if isinstance(node, ast.Subscript):
        inner = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        inner = node.func.value
    read = key_read(unit, inner, unit.module.parent(inner)) if inner is not None else None
    return inner if read is not None and read.outer is node and read.key == tiktok.OLD_ID else None
