"""What the mock libraries have in common in how a registration is spelled."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from share2post.rules.mocks.library import Body
from share2post.semantics.calls import Arguments, is_none
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit


def is_post(node: ast.expr | None) -> bool:
    """``responses.POST``, ``httpretty.POST``, ``"POST"``."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value.upper() == "POST"
    return isinstance(node, ast.Attribute) and node.attr == "POST"


def integer(node: ast.expr) -> int | None:
    """An index, ``-1`` too."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = integer(node.operand)
        return -inner if inner is not None else None
    known = isinstance(node, ast.Constant) and type(node.value) is int
    return node.value if known and isinstance(node, ast.Constant) and isinstance(node.value, int) else None


def unseen(extra: Iterable[str]) -> str:
    """The sentence for arguments that are not known."""
    names = ", ".join(sorted(extra))
    return f"its argument {names} has no known counterpart" if names else "its arguments cannot all be seen"


def body(evaluator: Evaluator, unit: Unit, given: Arguments, json: str, text: str, status: str) -> Body:
    """The one answer that a registration's arguments describe."""
    value, code = given.get(json), given.get(status)
    if not is_none(value):
        return Body(value, code)
    value = given.get(text)
    if value is None or is_none(value):
        return Body(None, code)
    return Body(value, code, text=True, fails=is_exception(evaluator, unit, value))


def is_exception(evaluator: Evaluator, unit: Unit, node: ast.expr) -> bool:
    """``requests.ConnectionError("down")``, ``httpx.ConnectTimeout``: what is raised instead of an answer."""
    made = node.func if isinstance(node, ast.Call) else node
    named = evaluator.world.qualified(unit, made) if isinstance(made, ast.Name | ast.Attribute) else None
    last = (named or "").rpartition(".")[2]
    return last.endswith(("Error", "Exception", "Timeout", "Redirects")) and last[:1].isupper()
