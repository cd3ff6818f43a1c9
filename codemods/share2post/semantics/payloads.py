"""A body that is no multipart form: JSON, or a form of the plain kind."""

from __future__ import annotations

import ast

from share2post.semantics.flow import Kind
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit


def payload(
    evaluator: Evaluator, unit: Unit, node: ast.expr | None
) -> tuple[ast.expr | None, ast.expr | None]:
    """What ``json.dumps`` or ``urlencode`` made a body of, where one of them did."""
    for _ in range(6):
        if isinstance(node, ast.Name):
            binding = unit.flow.only(node)
            node = binding.value if binding is not None and binding.kind is Kind.ASSIGN else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "encode":
            node = node.func.value
            continue
        if not isinstance(node, ast.Call):
            return None, None
        name = evaluator.world.qualified(unit, node.func) or ""
        if name == "builtins.bytes" and node.args:
            node = node.args[0]
            continue
        first = node.args[0] if node.args else None
        return (first if name == "json.dumps" else None), (
            first if name == "urllib.parse.urlencode" else None
        )
    return None, None
