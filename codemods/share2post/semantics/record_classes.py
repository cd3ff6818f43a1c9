"""Classes of the project that are records: what makes them, their fields, and where each value stands.

::

    @dataclass                       @attr.s                      class Answer(BaseModel):
    class Answer:                    class Answer:                    id: str = Field(alias="share_id")
        share_id: str = ""               share_id = attr.ib()     # a field with another key on the wire
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from share2post.semantics.flow import Binding, Kind
from share2post.semantics.record_fields import Field, Making, field_of
from share2post.semantics.record_fields import kept as kept_parameters
from share2post.semantics.world import Unit, World

_DEPTH: Final = 8
_DATACLASSES: Final = frozenset({"dataclasses.dataclass", "pydantic.dataclasses.dataclass"})
_ATTRS: Final = frozenset(
    {
        f"{module}.{name}"
        for module in ("attr", "attrs")
        for name in ("s", "attrs", "define", "frozen", "mutable", "dataclass", "attributes")
    }
)
_HARMLESS_DECORATORS: Final = frozenset(
    {"dataclasses_json.dataclass_json", "typing.final", "functools.total_ordering"}
)
_BASES: Final = {
    "pydantic.BaseModel": "PYDANTIC",
    "pydantic.v1.BaseModel": "PYDANTIC",
    "msgspec.Struct": "MSGSPEC",
    "typing.NamedTuple": "NAMEDTUPLE",
    "typing.TypedDict": "TYPEDDICT",
    "typing_extensions.TypedDict": "TYPEDDICT",
    "typing_extensions.NamedTuple": "NAMEDTUPLE",
}
_HARMLESS_BASES: Final = frozenset(
    {"builtins.object", "dataclasses_json.DataClassJsonMixin", "typing.Generic", "abc.ABC"}
)
_PLAIN: Final = frozenset({"property", "cached_property", "staticmethod", "classmethod"})


@dataclass(frozen=True, eq=False)
class Record:
    """A class of the project with nothing but fields and methods on them."""

    unit: Unit
    node: ast.ClassDef
    making: Making
    fields: tuple[Field, ...]
    problem: str = ""  # why its fields may mean something the tool does not see

    @property
    def name(self) -> str:
        """The class's name."""
        return self.node.name

    def keyed(self, key: str) -> Field | None:
        """The field with this key on the wire."""
        return next((field for field in self.fields if field.key == key), None)

    def named(self, name: str) -> Field | None:
        """The field with this attribute."""
        return next((field for field in self.fields if field.name == name), None)


def class_of(world: World, unit: Unit, node: ast.expr, depth: int = 0) -> tuple[Unit, ast.ClassDef] | None:
    """The project's class that an expression names (the class itself, no instance), through star imports too."""
    if depth > _DEPTH:
        return None
    if isinstance(node, ast.Name):
        binding = unit.flow.only(node)
        if binding is not None:
            return _bound(world, unit, binding, depth)
        return _starred(world, unit, node.id, depth) if not unit.flow.reaching(node) else None
    if isinstance(node, ast.Attribute):
        module = world.module_value(unit, node.value)
        return class_named(world, module, node.attr, depth + 1) if module is not None else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return class_named(world, unit, node.value, depth + 1)
    return None


def class_named(world: World, unit: Unit, name: str, depth: int = 0) -> tuple[Unit, ast.ClassDef] | None:
    """The class a module has (or hands on) under a name."""
    bindings = unit.flow.root.bindings.get(name, [])
    if len(bindings) == 1:
        return _bound(world, unit, bindings[0], depth)
    return _starred(world, unit, name, depth) if not bindings else None


def _bound(world: World, unit: Unit, binding: Binding, depth: int) -> tuple[Unit, ast.ClassDef] | None:
    node = binding.node
    if isinstance(node, ast.ClassDef):
        return unit, node
    if binding.kind is Kind.PARAMETER and isinstance(node, ast.arg):
        function = binding.scope.node
        owner = unit.module.parent(function)
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or not isinstance(
            owner, ast.ClassDef
        ):
            return None
        first = [*function.args.posonlyargs, *function.args.args][:1]
        by_class = any(isinstance(d, ast.Name) and d.id == "classmethod" for d in function.decorator_list)
        return (unit, owner) if by_class and first == [node] else None
    if binding.kind is Kind.IMPORT and isinstance(node, ast.alias):
        statement = unit.module.parent(node)
        if isinstance(statement, ast.ImportFrom):
            target = world.imported(unit, statement.module or "", statement.level)
            return class_named(world, target, node.name, depth + 1) if target is not None else None
    return None


def _starred(world: World, unit: Unit, name: str, depth: int) -> tuple[Unit, ast.ClassDef] | None:
    if depth > _DEPTH:
        return None
    found = []
    for statement in unit.module.tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
            source = world.imported(unit, statement.module or "", statement.level)
            known = class_named(world, source, name, depth + 1) if source is not None else None
            found += [known] if known is not None else []
    return found[0] if len({id(node) for _, node in found}) == 1 else None


def annotated_class(world: World, unit: Unit, node: ast.expr | None) -> tuple[Unit, ast.ClassDef] | None:
    """The one class of the project an annotation names: ``X``, ``"X"``, ``Optional[X]``, ``X | None``."""
    found = [known for part in _names(node) if (known := class_of(world, unit, part)) is not None]
    return found[0] if len({id(owner) for _, owner in found}) == 1 else None


def _names(node: ast.expr | None) -> Iterator[ast.expr]:
    match node:
        case ast.Subscript():
            outer = (
                node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            )
            if outer in ("Optional", "Union", "Annotated", "Required", "NotRequired"):
                yield from _names(node.slice)
        case ast.Tuple():
            for part in node.elts:
                yield from _names(part)
        case ast.BinOp():
            yield from _names(node.left)
            yield from _names(node.right)
        case ast.Name() | ast.Attribute() | ast.Constant():
            yield node


def record_of(world: World, unit: Unit, owner: ast.ClassDef) -> Record | None:
    """A class as a record; ``None`` where it is not one, ``problem`` where it is one with a twist."""
    making, problem = _making(world, unit, owner, 0)
    if making is None:
        bare = not owner.decorator_list and all(ast.unparse(base) == "object" for base in owner.bases)
        kept = kept_parameters(unit, owner) if bare else ()
        return Record(unit, owner, Making.PLAIN, kept) if kept else None
    fields = []
    for statement in owner.body:
        found = field_of(world, unit, statement, making)
        if isinstance(found, Field):
            fields.append(found)
        elif found:
            problem = problem or found
    return Record(unit, owner, making, tuple(fields), problem)


def _making(world: World, unit: Unit, owner: ast.ClassDef, depth: int) -> tuple[Making | None, str]:
    making, problem = None, ""
    for decorator in owner.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = world.qualified(unit, call.func if call is not None else decorator) or ""
        if name in _DATACLASSES:
            making = Making.DATACLASS
        elif name in _ATTRS:
            making = Making.ATTRS
        elif name not in _HARMLESS_DECORATORS:
            problem = f"its decorator {name or ast.unparse(decorator)} is not known"
        if call is not None and any(keyword.arg == "letter_case" for keyword in call.keywords):
            problem = "its keys on the wire are made of its names by a rule"
    for base in owner.bases:
        base = base.value if isinstance(base, ast.Subscript) else base
        name = world.qualified(unit, base) or ""
        parent = class_of(world, unit, base)
        if name in _BASES:
            making = making or Making[_BASES[name]]
        elif parent is not None and depth < _DEPTH:
            inherited, problem_there = _making(world, *parent, depth + 1)
            making, problem = making or inherited, problem or problem_there
            if any(isinstance(s, ast.AnnAssign) for s in parent[1].body):
                problem = problem or f"it has fields of its base {parent[1].name}"
        elif name not in _HARMLESS_BASES:
            problem = problem or f"what its base {ast.unparse(base)} does is not known"
    if any(k.arg in ("rename", "metaclass", "alias_generator", "tag", "array_like") for k in owner.keywords):
        problem = problem or "its keys on the wire are made of its names by a rule"
    return making, problem or (_configured(owner) if depth == 0 or making is not None else "")


def _configured(owner: ast.ClassDef) -> str:
    """What a pydantic configuration does to the names of fields."""
    for statement in owner.body:
        config = isinstance(statement, ast.ClassDef) and statement.name == "Config"
        config = config or (
            isinstance(statement, ast.Assign | ast.AnnAssign)
            and "model_config" in ast.unparse(statement).split("=")[0]
        )
        text = ast.unparse(statement) if config else ""
        if "alias_generator" in text or "fields" in text.split():
            return "its keys on the wire are made of its names by a rule"
    return ""


def decorators(record: Record) -> Iterator[ast.expr]:
    """Decorators of a record's methods that may do something with its fields: validators, serializers."""
    for function in record.node.body:
        for decorator in getattr(function, "decorator_list", []):
            if ast.unparse(decorator).rpartition(".")[2] not in _PLAIN:
                yield decorator
