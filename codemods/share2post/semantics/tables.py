"""Entries of the project's dicts: ``CONFIG["tiktok"]["url"]``, ``CONFIG.get("url")``, ``dict(url=...)``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from share2post.semantics.module import last_name
from share2post.semantics.units import Definition, Unit

if TYPE_CHECKING:
    from share2post.semantics.world import World

Pair = tuple[ast.expr, object, ast.expr]


def entry(world: World, unit: Unit, node: ast.expr, depth: int) -> Definition | None:
    """The one value of the dict entry that an expression reads, where nothing changes the dict."""
    read = entry_read(node)
    if read is None:
        return None
    name = _worth(world, unit, read[1], depth)
    definition = world.resolved(unit, read[0], depth + 1) if name is not None else None
    if definition is None:
        return None
    hits = [pair for pair in _pairs(world, definition, depth) or () if pair[1] == name]
    if len(hits) != 1 or is_changed(world, definition):
        return None
    at, _, value = hits[0]
    return Definition(definition.unit, value, f"{definition.name}[{name!r}]", at, definition.hops)


def entry_read(node: ast.AST | None) -> tuple[ast.expr, ast.expr] | None:
    """The table and the key of ``table[key]`` or ``table.get(key)``."""
    if isinstance(node, ast.Subscript):
        return node.value, node.slice
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and len(node.args) in (1, 2)
        and not node.keywords
    ):
        return node.func.value, node.args[0]
    return None


def _worth(world: World, unit: Unit, key: ast.expr, depth: int) -> object:
    """The constant a key is: spelled out, or by the name of a constant."""
    if isinstance(key, ast.Constant):
        return key.value
    if isinstance(key, ast.Name | ast.Attribute):
        found = world.definition(unit, key, depth + 1)
        if found is not None and isinstance(found.value, ast.Constant):
            return found.value.value
    return None


def _pairs(world: World, definition: Definition, depth: int) -> list[Pair] | None:
    """What stands in a table: where, under which key, and its value; ``None`` where not all is known."""
    unit, table = definition.unit, definition.value
    if isinstance(table, ast.Call):
        named = [(k.value, k.arg, k.value) for k in table.keywords]
        plain = world.qualified(unit, table.func) == "builtins.dict" and not table.args
        return [*named] if plain and all(key is not None for _, key, _ in named) else None
    if not isinstance(table, ast.Dict):
        return None
    found: list[Pair] = []
    for key, value in zip(table.keys, table.values, strict=True):
        worth = _worth(world, unit, key, depth) if key is not None else None
        if key is None or worth is None:
            return None
        found.append((key, worth, value))
    return found


def is_changed(world: World, definition: Definition) -> bool:
    """Whether a table is changed in place, in its own module or in another, or by a function it is handed to."""
    name = definition.name.partition("[")[0]
    part = "[" in definition.name
    changing = {function for unit in world.units.values() for function in unit.changing_functions}
    for unit in world.units.values():
        if name not in unit.words:
            continue
        roots = [root for node in unit.table_changes for root in _roots(unit, node)]
        for function in changing & unit.calls_by_name.keys():
            calls = unit.calls_by_name[function]
            given = [a for call in calls for a in (*call.args, *(k.value for k in call.keywords))]
            roots += [root for node in given for root in _roots(unit, node)]
        for root in roots:
            named = last_name(root) == name or last_name(root) in unit.aliases.get(name, ())
            if named and (part or world.is_or_may_be(unit, root, definition)):
                return True
    return False


def _roots(unit: Unit, node: ast.expr) -> Iterator[ast.expr]:
    """The table that something is, or is an entry of; and what a variable was made from."""
    root = _root(node)
    yield root
    binding = unit.flow.only(root) if isinstance(root, ast.Name) else None
    if binding is not None and binding.value is not None:
        yield _root(binding.value)


def _root(node: ast.expr) -> ast.expr:
    read = entry_read(node)
    while read is not None:
        node = read[0]
        read = entry_read(node)
    return node
