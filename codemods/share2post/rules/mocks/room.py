"""Making room for an answer that grows over several lines."""

from __future__ import annotations

import ast
import itertools

from share2post.rules.moving import starts_line
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.style import indentation, style_of


def opened(draft: Draft, unit: Unit, node: ast.expr) -> tuple[str, int]:
    """Break the calls around a value that grows over several lines; its indentation and column then."""
    module, style = unit.module, style_of(unit.module)
    start = module.extent(node)[0]
    line = module.text[module.line_start(start) : start]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    crowded = []
    for around in module.ancestors(node):
        if isinstance(around, ast.stmt):
            break
        several = isinstance(around, ast.Call) and len(around.args) + len(around.keywords) > 1
        if isinstance(around, ast.Call) and several and "\n" not in _between(unit, _ordered(unit, around)):
            crowded.append(around)
    if not crowded:
        return indent, len(line) - len(indent)
    for call in reversed(crowded):
        arguments = _ordered(unit, call)
        (low, high), position = module.extent(call), module.extent(arguments[0])[0]
        inner = indent
        if module.line_of(low) == module.line_of(position):
            inner = indent + style.indent
            draft.replace(unit, position, position, f"{style.newline}{inner}")
            draft.replace(unit, module.extent(arguments[-1])[1], high - 1, f",{style.newline}{indent}")
        elif not module.text[module.extent(arguments[-1])[1] : high].startswith(","):
            draft.replace(unit, module.extent(arguments[-1])[1], module.extent(arguments[-1])[1], ",")
        for one, two in itertools.pairwise(arguments):
            draft.replace(unit, module.extent(one)[1], module.extent(two)[0], f",{style.newline}{inner}")
        indent = inner
    holder = module.parent(node)
    return indent, len(holder.arg or "") + 1 if isinstance(holder, ast.keyword) else 0


def _ordered(unit: Unit, call: ast.Call) -> list[ast.expr | ast.keyword]:
    return sorted([*call.args, *call.keywords], key=lambda argument: unit.module.extent(argument)[0])


def _between(unit: Unit, arguments: list[ast.expr | ast.keyword]) -> str:
    """The text from the first argument to the last."""
    return unit.module.text[unit.module.extent(arguments[0])[0] : unit.module.extent(arguments[-1])[1]]


def lift_comments(draft: Draft, unit: Unit, node: ast.expr) -> bool:
    """The comments in an answer that is written anew go above its statement."""
    module = unit.module
    statement = module.statement(node)
    comments = module.comments_within(*module.extent(node))
    if comments and not starts_line(unit, statement):
        return False
    start = module.line_start(module.extent(statement)[0])
    lines = [f"{indentation(module, statement)}{c.text}{style_of(module).newline}" for c in comments]
    if lines:
        draft.replace(unit, start, start, "".join(lines))
    return True
