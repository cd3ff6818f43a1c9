"""One comparison that a test makes: ``assert x == y``, ``assert x in y``, ``self.assertEqual(x, y)``."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from share2post import tiktok
from share2post.semantics.world import Unit
from share2post.sites import Draft

_METHODS: Final = {
    "assertEqual": "==", "assertEquals": "==", "assertDictEqual": "==", "assertIn": "in", "assertNotEqual": "!=",
    "assertNotIn": "not in",
}  # fmt: skip
_OPERATORS: Final[tuple[tuple[type[ast.cmpop], str], ...]] = (
    (ast.Eq, "=="), (ast.NotEq, "!="), (ast.In, "in"), (ast.NotIn, "not in"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Assertion:
    """A comparison of a value with another one; ``reversed`` where the value stands on the right."""

    unit: Unit
    statement: ast.stmt
    whole: ast.expr
    op: str
    other: ast.expr | None
    reversed: bool

    def replace(self, draft: Draft, left: str, op: str, right: str) -> None:
        """Make it another comparison, in the same spelling."""
        if isinstance(self.whole, ast.Compare):
            draft.swap(self.unit, self.whole, f"{left} {op} {right}")
        elif isinstance(self.whole, ast.Call) and isinstance(self.whole.func, ast.Attribute):
            owner = self.unit.module.source(self.whole.func.value)
            name = next(method for method, known in _METHODS.items() if known == op)
            draft.swap(self.unit, self.whole, f"{owner}.{name}({left}, {right})")


def assertion(unit: Unit, node: ast.expr) -> Assertion | None:
    """The comparison a value is one side of."""
    parent = unit.module.parent(node)
    if isinstance(parent, ast.Compare) and len(parent.ops) == 1:
        op = next((text for kind, text in _OPERATORS if isinstance(parent.ops[0], kind)), "")
        right = parent.comparators[0]
        other = right if parent.left is node else parent.left
        holder = unit.module.parent(parent)
        statement = unit.module.statement(parent)
        if not op or not isinstance(holder, ast.Assert) or holder.test is not parent:
            return None
        return Assertion(unit, statement, parent, op, other, right is node)
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and len(parent.args) == 2:
        op = _METHODS.get(parent.func.attr, "")
        statement = unit.module.statement(parent)
        if not op or not isinstance(statement, ast.Expr) or statement.value is not parent:
            return None
        last = parent.args[1] is node
        return Assertion(unit, statement, parent, op, parent.args[0 if last else 1], last)
    return None


def token_text(node: ast.expr) -> str | ast.expr | None:
    """The token in ``"access_token=tok"`` or ``f"access_token={token}"``."""
    start = f"{tiktok.TOKEN_PARAMETER}="
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        token = node.value.lstrip("?&").removeprefix(start)
        known = node.value.lstrip("?&").startswith(start) and token and not {"&", "%"} & set(token)
        return token if known else None
    if isinstance(node, ast.JoinedStr) and len(node.values) == 2:
        first, second = node.values
        if isinstance(first, ast.Constant) and str(first.value).lstrip("?&") == start:
            return second.value if isinstance(second, ast.FormattedValue) else None
    return None


def open_id_text(node: ast.expr) -> bool:
    """``"open_id=oid"`` or ``f"open_id={open_id}"``."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    text = first.value if isinstance(first, ast.Constant) else ""
    return (
        isinstance(text, str)
        and text.lstrip("?&").startswith(tiktok.OPEN_ID_PARAMETER)
        and "&" not in text[1:]
    )


def bearer(unit: Unit, token: ast.expr | str, quote: str) -> str:
    """The text of the header's value."""
    if isinstance(token, str):
        return (
            f"{quote}Bearer {token}{quote}"
            if quote not in token and "\\" not in token
            else repr(f"Bearer {token}")
        )
    if isinstance(token, ast.Constant) and isinstance(token.value, str):
        return bearer(unit, token.value, quote)
    source = unit.module.source(token)
    if isinstance(token, ast.Name | ast.Attribute):
        return f"f{quote}Bearer {{{source}}}{quote}"
    plain = isinstance(token, ast.Call | ast.Subscript)
    return f"{quote}Bearer {quote} + {source if plain else f'({source})'}"


def is_multipart(node: ast.expr) -> bool:
    """``"multipart/form-data"``, or a beginning of it."""
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("multipart/")
    )
