"""Everything in the project that uses one definition, or the admission that it cannot be told."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from share2post.semantics.flow import Binding, Kind
from share2post.semantics.records import is_taken_whole
from share2post.semantics.tables import entry_read
from share2post.semantics.world import Definition, Unit, World


@dataclass(eq=False)
class Uses:
    """The loads of a definition, and the imports that bring it into other modules.

    ``hidden``: something may use it that cannot be seen (a star import, ``__all__``,
    its name in a string).
    """

    loads: list[tuple[Unit, ast.expr]] = field(default_factory=list)
    imports: list[tuple[Unit, ast.alias]] = field(default_factory=list)
    hidden: bool = False


def uses_of(world: World, definition: Definition) -> Uses:
    """Find every use of a definition."""
    found = Uses()
    holder = definition.holder
    if isinstance(holder, Binding):
        found.loads += [(definition.unit, use) for use in holder.uses]
        if holder.scope is definition.unit.flow.root:
            _abroad(world, definition, holder, found)
    elif isinstance(holder, ast.stmt):
        _attributes(world, definition, found)
    else:
        _entries(world, definition, holder, found)
    return found


def _abroad(world: World, definition: Definition, holder: Binding, found: Uses) -> None:
    """Uses of a module-level name in other modules."""
    name = holder.name
    found.hidden = found.hidden or _quoted(definition.unit, name)
    for unit in world.units.values():
        if unit is definition.unit:
            continue
        if name not in unit.words:
            if _imports_all(world, unit, definition.unit) and _quoted(unit, name):
                found.hidden = True
            continue
        for node in ast.walk(unit.module.tree):
            if isinstance(node, ast.ImportFrom):
                if world.imported(unit, node.module or "", node.level) is not definition.unit:
                    continue
                for alias in node.names:
                    if alias.name == "*":
                        found.hidden = True
                    elif alias.name == name:
                        found.imports.append((unit, alias))
        for attribute in unit.attributes.get(name, ()):
            if world.module_value(unit, attribute.value) is definition.unit:
                found.loads.append((unit, attribute))
    for unit, alias in found.imports:
        for scope in unit.flow.scopes.values():
            for bindings in scope.bindings.values():
                for binding in bindings:
                    if binding.kind is Kind.IMPORT and binding.node is alias:
                        found.loads += [(unit, use) for use in binding.uses]
                        found.hidden = found.hidden or _quoted(unit, binding.name)


def _imports_all(world: World, unit: Unit, source: Unit) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.names[0].name == "*"
        and world.imported(unit, node.module or "", node.level) is source
        for node in unit.module.tree.body
    )


def _attributes(world: World, definition: Definition, found: Uses) -> None:
    """Uses of an attribute: every ``x.name`` that may be this one."""
    for unit in world.units.values():
        if definition.name not in unit.words and not _quoted(unit, definition.name):
            continue
        found.hidden = found.hidden or _quoted(unit, definition.name)
        for attribute in unit.attributes.get(definition.name, ()):
            if not isinstance(attribute.ctx, ast.Load):
                continue
            other = world.definition(unit, attribute)
            if other is None or other.holder is definition.holder:
                found.loads.append((unit, attribute))
    owner = definition.unit.class_of(definition.value)
    if owner is not None and is_taken_whole(world, (definition.unit, owner)):
        found.hidden = True
    scope = definition.unit.flow.scopes.get(owner) if owner is not None else None
    for binding in scope.bindings.get(definition.name, []) if scope is not None else []:
        found.loads += [(definition.unit, use) for use in binding.uses]


def _entries(world: World, definition: Definition, key: ast.expr, found: Uses) -> None:
    """Uses of a dict's entry: ``table["key"]``; any other use of the table hides them."""
    whole = _table(definition, key)
    if whole is None:
        found.hidden = True
        return
    tables = uses_of(world, whole)
    found.hidden = found.hidden or tables.hidden
    for unit, load in tables.loads:
        reading = _reading(unit, load)
        read = entry_read(reading)
        if reading is None or read is None or not isinstance(read[1], ast.Constant):
            found.hidden = True
        elif isinstance(key, ast.Constant) and read[1].value == key.value:
            found.loads.append((unit, reading))


def _reading(unit: Unit, load: ast.expr) -> ast.expr | None:
    """``table["key"]`` or ``table.get("key")``, around the load of a table."""
    parent = unit.module.parent(load)
    if isinstance(parent, ast.Subscript):
        return parent if parent.value is load and isinstance(parent.ctx, ast.Load) else None
    call = unit.module.parent(parent) if isinstance(parent, ast.Attribute) else None
    return call if isinstance(call, ast.Call) and call.func is parent else None


def _table(definition: Definition, key: ast.expr) -> Definition | None:
    """The definition of the table an entry stands in, which may be an entry itself."""
    unit = definition.unit
    table = unit.module.parent(key)
    holder = unit.module.parent(table) if table is not None else None
    if not isinstance(table, ast.Dict) or None in table.keys:
        return None
    if isinstance(holder, ast.Dict):
        outer = next((k for k, v in zip(holder.keys, holder.values, strict=True) if v is table), None)
        return Definition(unit, table, definition.name, outer) if outer is not None else None
    if not isinstance(holder, ast.Assign | ast.AnnAssign):
        return None
    target = holder.targets[0] if isinstance(holder, ast.Assign) else holder.target
    if isinstance(target, ast.Attribute):
        return Definition(unit, table, target.attr, holder)
    if not isinstance(target, ast.Name):
        return None
    bindings = (b for s in unit.flow.scopes.values() for b in s.bindings.get(target.id, []))
    owner = next((b for b in bindings if b.node is target), None)
    if owner is None or isinstance(owner.scope.node, ast.ClassDef):
        return Definition(unit, table, target.id, holder)
    return Definition(unit, table, target.id, owner)


def _quoted(unit: Unit, name: str) -> bool:
    """Whether a name stands in a string, as in ``__all__`` or ``getattr``."""
    return name in unit.strings
