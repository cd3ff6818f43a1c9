"""Fields of objects the project makes once: settings classes, records, namespaces, Enum members.

What anything else may set, give or override has no one value.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from share2post.semantics.flow import Binding
from share2post.semantics.module import walk
from share2post.semantics.units import Definition, Unit, attribute_values

if TYPE_CHECKING:
    from share2post.semantics.world import World

NAMESPACES: Final = frozenset({"types.SimpleNamespace", "argparse.Namespace"})
FIELDS: Final = frozenset(
    {"dataclasses.field", "attr.ib", "attr.attrib", "attr.field", "attrs.field", "pydantic.Field"}
)
_POSITIONAL: Final = frozenset({"attr.ib", "attr.attrib", "pydantic.Field"})
_RECORDS: Final = ("dataclass", "NamedTuple", "BaseModel", "BaseSettings")
_ATTRS: Final = ("attr.s", "attr.attrs", "attr.dataclass", "attr.define", "attr.frozen", "attr.mutable",
                 "attrs.define", "attrs.frozen", "attrs.mutable")  # fmt: skip
_CACHES: Final = frozenset({"functools.lru_cache", "functools.cache"})
_PROPERTIES: Final = frozenset({"builtins.property", "functools.cached_property"})

Owner = tuple[Unit, ast.ClassDef]
Function = ast.FunctionDef | ast.AsyncFunctionDef


# fields that are given where the object is made


def given(world: World, unit: Unit, node: ast.Attribute, depth: int) -> Definition | None:
    """``URLS.upload`` of ``URLS = Urls(upload=...)``, where nothing sets it later."""
    made = world.resolved(unit, node.value, depth + 1)
    if made is None or not isinstance(made.value, ast.Call):
        return None
    value = _argument(world, made.unit, made.value, node.attr, depth)
    if value is None:
        return None

    def is_it(other: Unit, base: ast.expr) -> bool:
        return world.is_or_may_be(other, base, made)

    if _is_stored(world, node.attr, is_it):
        return None
    return Definition(made.unit, value, f"{made.name}.{node.attr}", value, made.hops)


def _argument(world: World, unit: Unit, call: ast.Call, name: str, depth: int) -> ast.expr | None:
    """The argument that gives a field its value."""
    if any(k.arg is None for k in call.keywords) or any(isinstance(a, ast.Starred) for a in call.args):
        return None
    fields = _fields(world, unit, call, name, depth)
    if fields is None:
        return None
    named = [k.value for k in call.keywords if k.arg == name]
    if named or name not in fields:
        return named[0] if len(named) == 1 else None
    position = fields.index(name)
    return call.args[position] if position < len(call.args) else None


def _fields(world: World, unit: Unit, call: ast.Call, name: str, depth: int) -> list[str] | None:
    """The fields that positional arguments give, in order; ``None`` for what is no plain record."""
    if world.qualified(unit, call.func) in NAMESPACES:
        return []
    made = world.definition(unit, call.func, depth + 1)
    if made is not None and isinstance(made.value, ast.Call):
        return _tuple_fields(world, made.unit, made.value)
    owner = world.class_behind(unit, call.func, depth + 1)
    if owner is None or not _is_record(world, owner) or _is_set_inside(owner, name):
        return None
    bases = [base for base in owner[1].bases if world.class_behind(owner[0], base) is not None]
    names = [
        s.target.id for s in owner[1].body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
    ]
    return [] if bases else names


def _tuple_fields(world: World, unit: Unit, call: ast.Call) -> list[str] | None:
    """The fields of ``namedtuple("Urls", "upload other")``."""
    if world.qualified(unit, call.func) != "collections.namedtuple" or len(call.args) != 2 or call.keywords:
        return None
    names = call.args[1]
    if isinstance(names, ast.Constant) and isinstance(names.value, str):
        return names.value.replace(",", " ").split()
    if not isinstance(names, ast.List | ast.Tuple):
        return None
    found = [e.value for e in names.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
    return found if len(found) == len(names.elts) else None


def _is_record(world: World, owner: Owner) -> bool:
    """Whether a class keeps each argument as the field of that name."""
    unit, node = owner
    if any(isinstance(s, Function) and s.name in ("__init__", "__new__") for s in node.body):
        return False
    marks = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    names = [world.qualified(unit, mark) or "" for mark in (*node.bases, *marks)]
    return any(name.rpartition(".")[2] in _RECORDS or name in _ATTRS for name in names)


def _is_set_inside(owner: Owner, name: str) -> bool:
    """Whether the class's own methods set the field: ``__post_init__`` and the like."""
    values = attribute_values(*owner, name)
    return any(statement not in owner[1].body for statement, _ in values)


# defaults


def default(world: World, definition: Definition) -> Definition | None:
    """The definition itself, or the default that ``field(default=...)`` names; ``None`` where it names none."""
    call = definition.value
    name = world.qualified(definition.unit, call.func) if isinstance(call, ast.Call) else None
    if not isinstance(call, ast.Call) or name not in FIELDS:
        return definition
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    value = named.get("default")
    factory = named.get("default_factory", named.get("factory"))
    if value is None and name in _POSITIONAL and call.args:
        value = call.args[0]
    if value is None and isinstance(factory, ast.Lambda):
        value = factory.body
    return replace(definition, value=value) if value is not None and None not in named else None


def is_field(world: World, definition: Definition) -> bool:
    """Whether a class attribute is a field that may be given where an object is made."""
    holder = definition.holder
    if isinstance(holder, ast.AnnAssign):
        return True
    call = holder.value if isinstance(holder, ast.Assign) else None
    return isinstance(call, ast.Call) and world.qualified(definition.unit, call.func) in FIELDS


def is_given(world: World, owner: ast.ClassDef, name: str) -> bool:
    """Whether a field's default may be overridden where the class is made."""
    fields = [
        s.target.id for s in owner.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
    ]
    for unit in world.units.values():
        if name in unit.keywords:
            return True
        if owner.name not in unit.words or name not in fields:
            continue
        for call in unit.calls_by_name.get(owner.name, ()):
            if len(call.args) > fields.index(name) or any(k.arg is None for k in call.keywords):
                return True
    return False


# what is set from elsewhere


def is_set(world: World, module: Unit, name: str) -> bool:
    """Whether another module sets a module's name: ``config.URL = ...``."""
    return _is_stored(world, name, lambda unit, base: world.module_value(unit, base) is module)


def is_set_on(world: World, home: Unit, owner: ast.ClassDef, name: str) -> bool:
    """Whether anything outside a class may set its attribute, on the class or on an object of it."""

    def is_it(unit: Unit, base: ast.expr) -> bool:
        if unit is home and unit.class_of(base) is owner:
            return False  # counted among its own values
        known = world.class_behind(unit, base)
        if known is not None:
            return (
                known[1] is owner
                or owner in _ancestors(world, known)
                or known[1] in _ancestors(world, (home, owner))
            )
        return world.module_value(unit, base) is None

    return _is_stored(world, name, is_it)


def _is_stored(world: World, name: str, is_it: Callable[[Unit, ast.expr], bool]) -> bool:
    for unit in world.units.values():
        stored = [a.value for a in unit.attributes.get(name, ()) if not isinstance(a.ctx, ast.Load)]
        for call in unit.calls_by_name.get("setattr", ()) if name in unit.strings else ():
            plain = isinstance(call.func, ast.Name) and len(call.args) == 3
            if plain and isinstance(call.args[1], ast.Constant) and call.args[1].value == name:
                stored.append(call.args[0])
        stored += [base for node in unit.table_changes if (base := _of_namespace(node)) is not None]
        if any(is_it(unit, base) for base in stored):
            return True
    return False


def _of_namespace(node: ast.expr) -> ast.expr | None:
    """``x`` of ``vars(x)`` and ``x.__dict__``."""
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        return node.value
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "vars"
    return node.args[0] if named and isinstance(node, ast.Call) and node.args else None


def is_overridden(world: World, owner: ast.ClassDef, name: str) -> bool:
    """Whether a subclass in the project gives an attribute another value, or another method."""
    for unit in world.units.values():
        for node in unit.classes if name in unit.words else ():
            if node is owner or owner not in _ancestors(world, (unit, node)):
                continue
            if attribute_values(unit, node, name) or method_of(node, name) is not None:
                return True
    return False


def _ancestors(world: World, owner: Owner) -> list[ast.ClassDef]:
    found: list[ast.ClassDef] = []
    pending = [owner]
    while pending:
        unit, node = pending.pop()
        for base in node.bases:
            parent = world.class_behind(unit, base)
            if parent is not None and parent[1] not in found:
                found.append(parent[1])
                pending.append(parent)
    return found


def ancestry(world: World, owner: Owner) -> list[str]:
    """What the bases of a class, and theirs, are called outside the project."""
    found: list[str] = []
    seen: list[ast.ClassDef] = []
    pending = [owner]
    while pending:
        unit, node = pending.pop()
        seen.append(node)
        for base in node.bases:
            parent = world.class_behind(unit, base)
            if parent is None:
                found.append(world.qualified(unit, base) or "")
            elif parent[1] not in seen:
                pending.append(parent)
    return found


# members, properties, functions that make the object


def member(world: World, unit: Unit, node: ast.Subscript, depth: int) -> Definition | None:
    """``Endpoint["UPLOAD"]``: a member of an Enum by its name."""
    if not isinstance(node.slice, ast.Constant) or not isinstance(node.slice.value, str):
        return None
    owner = world.class_behind(unit, node.value, depth + 1)
    if owner is None or not any(name.startswith("enum.") for name in ancestry(world, owner)):
        return None
    return world.class_attribute(owner[0], owner[1], node.slice.value, depth + 1)


def got(world: World, unit: Unit, node: ast.Call, depth: int) -> Definition | None:
    """``getattr(config, "URL")``, with a default or without."""
    if world.qualified(unit, node.func) != "builtins.getattr" or len(node.args) not in (2, 3):
        return None
    name = node.args[1]
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return None
    module = world.module_value(unit, node.args[0])
    if module is not None:
        return world.exported(module, name.value, depth + 1)
    owner = world.class_behind(unit, node.args[0], depth + 1)
    if owner is None or world.is_inexact(unit, node.args[0]):
        return None
    return world.class_attribute(owner[0], owner[1], name.value, depth + 1)


def property_of(world: World, unit: Unit, node: ast.Attribute) -> tuple[Unit, Function] | None:
    """The property an attribute is, where no subclass may have another."""
    owner = world.class_behind(unit, node.value)
    seen: list[ast.ClassDef] = []
    if owner is None or (world.is_inexact(unit, node.value) and is_overridden(world, owner[1], node.attr)):
        return None
    while owner is not None and owner[1] not in seen:
        home, node_of = owner
        found = method_of(node_of, node.attr)
        if found is not None:
            names = [world.qualified(home, decorator) for decorator in found.decorator_list]
            return (home, found) if len(names) == 1 and names[0] in _PROPERTIES else None
        if any(getattr(s, "name", "") == node.attr for s in node_of.body) or attribute_values(
            *owner, node.attr
        ):
            return None
        seen.append(node_of)
        parents = [p for base in node_of.bases if (p := world.class_behind(home, base)) is not None]
        owner = parents[0] if len(parents) == 1 else None
    return None


def method_of(owner: ast.ClassDef, name: str) -> Function | None:
    """The one method of this name in a class's body."""
    found = [s for s in owner.body if isinstance(s, Function) and s.name == name]
    return found[0] if len(found) == 1 else None


def result(world: World, unit: Unit, call: ast.Call, depth: int) -> Owner | None:
    """The class of what a function of the project returns: ``get_settings()``."""
    function = _function(world, unit, call.func, depth)
    if function is None:
        return None
    home, node = function
    names = [world.qualified(home, d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list]
    if isinstance(node, ast.AsyncFunctionDef) or any(name not in _CACHES for name in names):
        return None
    returned = [r.value for r in ast.walk(node) if isinstance(r, ast.Return) and home.function_of(r) is node]
    if not returned or any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(node)):
        return None
    classes = [
        world.class_behind(home, value, depth + 1) if value is not None else None for value in returned
    ]
    first = classes[0]
    return first if first is not None and all(c is not None and c[1] is first[1] for c in classes) else None


def _function(
    world: World, unit: Unit, func: ast.expr, depth: int
) -> tuple[Unit, ast.FunctionDef | ast.AsyncFunctionDef] | None:
    home, bindings = unit, frozenset[Binding]()
    if isinstance(func, ast.Name):
        bindings = unit.flow.reaching(func)
    elif isinstance(func, ast.Attribute):
        module = world.module_value(unit, func.value)
        home, bindings = (module, module.flow.exports(func.attr)) if module is not None else (unit, bindings)
    for _ in range(8):
        binding = next(iter(bindings)) if len(bindings) == 1 else None
        if binding is None:
            return None
        if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef):
            return home, binding.node
        statement = home.module.parent(binding.node)
        if not isinstance(binding.node, ast.alias) or not isinstance(statement, ast.ImportFrom):
            return None
        target = world.imported(home, statement.module or "", statement.level)
        if target is None:
            return None
        home, bindings = target, target.flow.exports(binding.node.name)
    return None


# a class, or an object of it, that is taken as a whole


_WHOLE: Final = frozenset({"asdict", "astuple", "vars", "dict", "model_dump", "_asdict", "__dict__", "json",
                           "model_dump_json", "__members__"})  # fmt: skip


def is_taken_whole(world: World, owner: Owner) -> bool:
    """Whether anything sees all values of a class at once: ``for e in Endpoint``, ``asdict(settings)``."""
    names = ancestry(world, owner)
    enum = any(name.startswith("enum.") for name in names)
    row = any(name.endswith("NamedTuple") for name in names)
    for unit in world.units.values():
        if (
            enum
            and owner[1].name in unit.words
            and any(_is_bare(world, unit, n, owner) for n in walk(unit.module.tree))
        ):
            return True
        taken = [a.value for name in _WHOLE for a in unit.attributes.get(name, ())]
        taken += [c.args[0] for name in _WHOLE for c in unit.calls_by_name.get(name, ()) if c.args]
        taken += [part for node in walk(unit.module.tree) for part in _unpacked(node)] if row else []
        for node in taken:
            known = world.class_behind(unit, node)
            if known is not None and known[1] is owner[1]:
                return True
    return False


def _unpacked(node: ast.AST) -> Iterator[ast.expr]:
    """What is taken apart by position: ``x[0]``, ``a, b = x``, ``for a in x``, ``f(*x)``."""
    match node:
        case ast.Subscript(value=value) | ast.Starred(value=value):
            yield value
        case ast.For(iter=value) | ast.comprehension(iter=value):
            yield value
        case ast.Assign(targets=[ast.Tuple() | ast.List(), *_], value=value):
            yield value


def _is_bare(world: World, unit: Unit, node: ast.AST, owner: Owner) -> bool:
    """Whether an Enum itself is used here, for something else than a member or a type."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return False
    parent = unit.module.parent(node)
    member = isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Subscript) and parent.value is node)
    typed = isinstance(
        parent, ast.arg | ast.AnnAssign | ast.FunctionDef | ast.ClassDef | ast.BinOp | ast.Subscript
    )
    if member or typed:
        return False
    known = world.class_behind(unit, node)
    return known is not None and known[1] is owner[1]
