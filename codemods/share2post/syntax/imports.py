"""Adding one import where a person would put it."""

from __future__ import annotations

import ast

from share2post.semantics.flow import Kind
from share2post.semantics.world import Unit, World
from share2post.sites import Draft
from share2post.syntax.style import style_of


def module_name(world: World, draft: Draft, unit: Unit, node: ast.AST, module: str, beside: str = "") -> str:
    """What to call ``module`` at ``node``; adds its import (``beside`` another) where no name means it yet."""
    draft.needs.add(module)
    for name, bindings in unit.flow.root.bindings.items():
        if len(bindings) == 1 and bindings[0].kind is Kind.IMPORT and isinstance(bindings[0].node, ast.alias):
            alias, statement = bindings[0].node, unit.module.parent(bindings[0].node)
            whole = isinstance(statement, ast.Import) and alias.name == module
            top = unit.module.parent(statement) is unit.module.tree if statement is not None else False
            if whole and top and not _shadowed(unit, node, name):
                return name
    add(draft, unit, module, beside)
    return module


def member_name(world: World, draft: Draft, unit: Unit, node: ast.AST, dotted: str, beside: str = "") -> str:
    """What to call a member of a module, as ``yarl.URL``: by the name it was imported under, or behind its module."""
    module, _, member = dotted.rpartition(".")
    for name, bindings in unit.flow.root.bindings.items():
        alias = bindings[0].node if len(bindings) == 1 else None
        statement = unit.module.parent(alias) if isinstance(alias, ast.alias) else None
        if isinstance(alias, ast.alias) and isinstance(statement, ast.ImportFrom):
            same = statement.module == module and alias.name == member and not statement.level
            if same and unit.module.parent(statement) is unit.module.tree and not _shadowed(unit, node, name):
                return name
    return f"{module_name(world, draft, unit, node, module, beside)}.{member}"


def member(draft: Draft, unit: Unit, node: ast.AST, module: str, name: str) -> str:
    """What to call ``name`` of a module at ``node``, as the file imports it; else ``import module`` is added."""
    draft.needs.add(module)
    parent, _, last = module.rpartition(".")
    for statement in unit.module.tree.body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                if alias.name == module and not _shadowed(
                    unit, node, (alias.asname or module).partition(".")[0]
                ):
                    return f"{alias.asname or module}.{name}"
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            for alias in statement.names:
                here = alias.asname or alias.name
                if _shadowed(unit, node, here):
                    continue
                if statement.module == module and alias.name == name:
                    return here
                if parent and statement.module == parent and alias.name == last:
                    return f"{here}.{name}"
    beside = [
        s
        for s in unit.module.tree.body
        if isinstance(s, ast.ImportFrom) and s.module == module and not s.level
    ]
    if beside and name not in unit.words and beside[0].names[0].name != "*":
        end = unit.module.extent(beside[0].names[-1])[1]
        draft.replace(unit, end, end, f", {name}")
        return name
    add(draft, unit, module)
    return f"{module}.{name}"


def sibling(world: World, draft: Draft, unit: Unit, node: ast.Call, module: str, function: str) -> str:
    """Another function of the module whose function ``node`` calls: ``rq.put`` beside ``rq.post``."""
    func = node.func
    if isinstance(func, ast.Attribute) and world.qualified(unit, func.value) == module:
        return f"{unit.module.source(func.value)}.{function}"
    return f"{module_name(world, draft, unit, node, module)}.{function}"


def _shadowed(unit: Unit, node: ast.AST, name: str) -> bool:
    function = unit.function_of(node)
    while function is not None:
        if name in unit.flow.scopes[function].bindings:
            return True
        function = unit.function_of(function)
    return False


def add(draft: Draft, unit: Unit, module: str, beside: str = "") -> None:
    """Add ``import module`` behind the imports, or behind the docstring."""
    style = style_of(unit.module)
    body = unit.module.tree.body
    imports = [s for s in body if isinstance(s, ast.Import | ast.ImportFrom)]
    plain = [s for s in imports if not (isinstance(s, ast.ImportFrom) and s.module == "__future__")]
    related = [s for s in plain if _names(s, module)]
    text = f"import {module}{style.newline}"
    whole = [s for s in plain if isinstance(s, ast.Import) and any(alias.name == beside for alias in s.names)]
    parts = [s for s in plain if beside and _names(s, beside)]
    if beside and whole:
        offset = unit.module.line_end(unit.module.extent(whole[0])[1])
    elif parts:
        offset = unit.module.line_start(unit.module.extent(parts[0])[0])
    elif related:
        offset = unit.module.line_start(unit.module.extent(related[0])[0])
    elif imports:
        offset = unit.module.line_end(unit.module.extent(imports[-1])[1])
    elif body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        offset = unit.module.line_end(unit.module.extent(body[0])[1])
        text = style.newline + text
    else:
        offset = 0
        while unit.module.text.startswith("#", offset):
            offset = unit.module.line_end(offset)
    draft.replace(unit, offset, offset, text)


def _names(statement: ast.stmt, module: str) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == module
