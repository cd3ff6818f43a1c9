"""How a file is written: its quotes, its indentation, its newlines."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass

from share2post.semantics.module import Module, walk

_INDENT = re.compile(r"^([ \t]+)\S", re.MULTILINE)


@dataclass(frozen=True)
class Style:
    """The quote, one level of indentation, the newline and the line length of a file."""

    quote: str
    indent: str
    newline: str
    width: int


def style_of(module: Module) -> Style:
    """Read the style off a file."""
    quotes: Counter[str] = Counter()
    indents: Counter[str] = Counter()
    for node in walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and module.fstring(node) is None:
            source = module.source(node).rstrip()
            if not source.endswith(('"""', "'''")) and source:
                quotes[source[-1]] += 1
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(node, ast.stmt):
            indents[_step(module, node, body[0])] += 1
    indents.pop("", None)
    newlines = Counter(re.findall(r"\r\n|\r|\n", module.text))
    longest = max((len(line) for line in re.split(r"\r\n|\r|\n", module.text)), default=0)
    return Style(
        "'" if quotes["'"] > quotes['"'] else '"',
        indents.most_common(1)[0][0] if indents else "    ",
        newlines.most_common(1)[0][0] if newlines else "\n",
        min(max(79, longest), 100),
    )


def _step(module: Module, outer: ast.stmt, inner: ast.AST) -> str:
    if not isinstance(inner, ast.stmt):
        return ""
    one, two = indentation(module, outer), indentation(module, inner)
    return two[len(one) :] if two.startswith(one) else ""


def indentation(module: Module, statement: ast.stmt) -> str:
    """The white space at the start of a statement's line."""
    start = module.extent(statement)[0]
    line = module.text[module.line_start(start) : start]
    return line[: len(line) - len(line.lstrip(" \t\f"))].lstrip("\f")
