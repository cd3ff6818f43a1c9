"""String literals: what they say, and the same literal with another text."""

from __future__ import annotations

import ast
import re

from share2post.semantics.world import Unit

_OPENING = re.compile(r"(?i)^([a-z]*)('''|\"\"\"|'|\")")


def text_of(node: ast.AST | None) -> str | None:
    """The text of a string or ASCII bytes constant."""
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bytes) and value.isascii():
        return value.decode("ascii")
    return value if isinstance(value, str) else None


def written(unit: Unit, node: ast.AST, text: str) -> str:
    """A text in the quotes, and with the prefix, of a literal of the file."""
    match = _OPENING.match(unit.module.source(node))
    prefix, quote = match.groups() if match is not None else ("", '"')
    return f"{prefix}{quote}{text}{quote}"


def is_docstring(unit: Unit, node: ast.AST) -> bool:
    """Whether a string stands alone as a statement."""
    return isinstance(unit.module.parent(node), ast.Expr)


def shown(unit: Unit, node: ast.AST) -> str:
    """A short piece of source for a message."""
    text = unit.module.source(node)
    return text if len(text) < 60 and "\n" not in text else "an expression"
