"""Forms that a variable carries to the request: an encoder that holds the fields, and what watches it."""

from __future__ import annotations

import ast

from share2post.protocols import Request
from share2post.semantics.mappings import Mapping


def carried(whole: Mapping, request: Request, headers: Mapping | None) -> list[ast.AST]:
    """Count the statements of a form's carriers as its own; the uses that need a carrier as it is."""
    if not request.carriers:
        return []
    unit = request.unit
    statements = [unit.module.statement(carrier.node) for carrier in request.carriers]
    for entry in whole.entries:
        if entry.statement is None and not whole.far:
            entry.statement = unit.module.statement(entry.node)
    whole.binding = whole.binding or request.carriers[0]
    whole.statements += [statement for statement in statements if statement not in whole.statements]
    gone = {node for statement in statements for node in ast.walk(statement)} | set(ast.walk(request.call))
    gone -= set() if request.headers is None else set(ast.walk(request.headers))
    gone |= dropped_values(headers)
    uses = [use for carrier in request.carriers for use in carrier.uses if isinstance(use.ctx, ast.Load)]
    return [use for use in uses if use not in gone]


def dropped_values(headers: Mapping | None) -> set[ast.AST]:
    """What stands in headers that only described the old body, and goes with it."""
    if headers is None or headers.others or headers.far:
        return set()
    entries = [entry for entry in headers.entries if entry.key.lower() in ("content-type", "content-length")]
    return {part for entry in entries for part in ast.walk(entry.value)}
