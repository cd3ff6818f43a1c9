"""Modules that can hand values to each other: those that imports join, in whatever direction."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from share2post.semantics.world import Unit, World


def related(world: World, unit: Unit) -> set[Unit]:
    """A module, those it imports, those that import it, and so on; a script of its own is alone."""
    joined: dict[Unit, set[Unit]] = {}
    for one in world.units.values():
        for other in _imports(world, one):
            joined.setdefault(one, set()).add(other)
            joined.setdefault(other, set()).add(one)
    found, waiting = {unit}, [unit]
    while waiting:
        for other in joined.get(waiting.pop(), set()) - found:
            found.add(other)
            waiting.append(other)
    return found


def _imports(world: World, unit: Unit) -> Iterator[Unit]:
    for node in ast.walk(unit.module.tree):
        dotted: list[str] = []
        if isinstance(node, ast.Import):
            dotted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = f"{node.module}." if node.module else ""
            dotted = [node.module or "", *(f"{base}{alias.name}" for alias in node.names)]
        level = node.level if isinstance(node, ast.ImportFrom) else 0
        for name in dotted:
            other = world.imported(unit, name, level) if name or level else None
            if other is not None and other is not unit:
                yield other
