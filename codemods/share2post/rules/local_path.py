"""A ``video_url`` that is a file of this machine, here or where a caller hands it in."""

from __future__ import annotations

import ast

from share2post.semantics.callers import argument_for, callers
from share2post.semantics.flow import Kind
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_PATHS = frozenset(
    {
        "os.path.join", "os.path.abspath", "os.path.realpath", "os.path.expanduser", "os.path.normpath",
        "pathlib.Path", "tempfile.mktemp", "os.fspath", "glob.glob",
    }
)  # fmt: skip
_DEPTH = 4


def local_path(evaluator: Evaluator, unit: Unit, node: ast.expr, depth: int = 0) -> str:
    """Where a value is made a path (``file:line``), or nothing where it need not be one."""
    if isinstance(node, ast.Call):
        name = evaluator.world.qualified(unit, node.func) or ""
        if name == "builtins.str" and len(node.args) == 1:
            return local_path(evaluator, unit, node.args[0], depth)
        return f"{unit.path}:{node.lineno}" if name in _PATHS else ""
    if isinstance(node, ast.Constant):
        text = node.value if isinstance(node.value, str) else ""
        absolute = text.startswith(("/", "./", "../", "~", "C:\\")) and not text.startswith("//")
        return f"{unit.path}:{node.lineno}" if absolute else ""
    if isinstance(node, ast.JoinedStr) and node.values:
        return local_path(evaluator, unit, node.values[0], depth)
    if isinstance(node, ast.BinOp):
        return local_path(evaluator, unit, node.left, depth)
    if not isinstance(node, ast.Name) or depth > _DEPTH:
        return ""
    for binding in unit.flow.reaching(node):
        function = binding.scope.node
        if binding.kind is Kind.ASSIGN and binding.value is not None:
            found = local_path(evaluator, unit, binding.value, depth + 1)
        elif binding.kind is Kind.PARAMETER and isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            passed = (
                (other, argument_for(call, unit, function, node.id))
                for other, call in callers(evaluator, unit, function)
            )
            places = (
                local_path(evaluator, other, value, depth + 1) for other, value in passed if value is not None
            )
            found = next((place for place in places if place), "")
        else:
            found = ""
        if found:
            return found
    return ""
