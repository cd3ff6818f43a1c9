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
from enum import Enum, auto
from typing import Final

from share2post.semantics.flow import Binding, Kind
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
_FIELDS: Final = frozenset(
    {
        "dataclasses.field", "attr.ib", "attr.attrib", "attr.field", "attrs.field", "pydantic.Field", "msgspec.field",
        "pydantic.v1.Field",
    }
)  # fmt: skip


class Making(Enum):
    """What makes a class a record."""

    DATACLASS = auto()
    ATTRS = auto()
    PYDANTIC = auto()
    MSGSPEC = auto()
    NAMEDTUPLE = auto()
    TYPEDDICT = auto()
    PLAIN = auto()  # an __init__ that keeps its parameters


@dataclass(frozen=True, eq=False)
class Field:
    """One field: its attribute, its key on the wire, and the pieces of its statement."""

    name: str
    key: str
    target: ast.AST
    statement: ast.stmt
    annotation: ast.expr | None
    value: ast.expr | None  # whatever stands behind "="
    default: ast.expr | None  # the value it has where none is given
    key_node: ast.expr | None = None  # the key, where it is written apart from the attribute
    required: bool = True


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
        kept = _kept(unit, owner) if bare else ()
        return Record(unit, owner, Making.PLAIN, kept) if kept else None
    fields = []
    for statement in owner.body:
        found = _field(world, unit, statement, making)
        if isinstance(found, Field):
            fields.append(found)
        elif found:
            problem = problem or found
    return Record(unit, owner, making, tuple(fields), problem)


def _kept(unit: Unit, owner: ast.ClassDef) -> tuple[Field, ...]:
    """``self.code = code`` for the parameters of ``__init__``, in their order; nameless where not just kept."""
    made = [s for s in owner.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"]
    if len(made) != 1 or made[0].args.vararg is not None or made[0].args.kwarg is not None:
        return ()
    given = made[0].args
    arguments = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(arguments) - len(given.defaults)) + list(given.defaults)
    pairs = [*zip(arguments, defaults, strict=True), *zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    return tuple(_parameter(unit, made[0], argument, default) for argument, default in pairs[1:])


def _parameter(unit: Unit, made: ast.FunctionDef, argument: ast.arg, default: ast.expr | None) -> Field:
    bindings = unit.flow.scopes[made].bindings.get(argument.arg, [])
    uses = [use for binding in bindings for use in binding.uses]
    holder = unit.module.parent(uses[0]) if len(uses) == 1 else None
    target = holder.targets[0] if isinstance(holder, ast.Assign) and len(holder.targets) == 1 else None
    own = (
        isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
    )
    name = target.attr if isinstance(target, ast.Attribute) and own else ""
    return Field(
        name, argument.arg, argument, made, argument.annotation, default, default, None, default is None
    )


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


def _field(world: World, unit: Unit, statement: ast.stmt, making: Making) -> Field | str:
    """The field a statement of the class body defines; a sentence where it cannot be told, ``""`` where none."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        target, annotation, value = statement.target, statement.annotation, statement.value
        if "ClassVar" in ast.unparse(annotation) or target.id == "model_config":
            return ""
    elif (
        isinstance(statement, ast.Assign)
        and making is Making.ATTRS
        and isinstance(statement.targets[0], ast.Name)
    ):
        if not _is_field(world, unit, statement.value):
            return ""
        target, annotation, value = statement.targets[0], None, statement.value
    else:
        return ""
    if value is None or not _is_field(world, unit, value):
        required = value is None and making is not Making.TYPEDDICT
        if making is Making.PYDANTIC and _optional(annotation):
            required = False  # None in pydantic 1; in 2 a program that leaves it out never worked
        return Field(target.id, target.id, target, statement, annotation, value, value, None, required)
    found = _described(target, statement, annotation, value)
    if isinstance(found, Field) and found.key_node is not None and making is Making.ATTRS:
        return f"how its field {target.id} is read cannot be told"
    return found


def _optional(annotation: ast.expr | None) -> bool:
    """Whether an annotation allows for None."""
    text = ast.unparse(annotation) if annotation is not None else ""
    return "Optional[" in text or "| None" in text or "None |" in text


def _is_field(world: World, unit: Unit, value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and world.qualified(unit, value.func) in _FIELDS


def _described(
    target: ast.Name, statement: ast.stmt, annotation: ast.expr | None, value: ast.expr
) -> Field | str:
    """``Field(None, alias="share_id")``, ``field(default=None, metadata=config(field_name="share_id"))``."""
    if not isinstance(value, ast.Call):
        return ""
    default = value.args[0] if value.args else None
    required, key_node = default is None, None
    for keyword in value.keywords:
        if keyword.arg in ("default", "default_factory", "factory"):
            default, required = (keyword.value if keyword.arg == "default" else None), False
        elif keyword.arg in ("alias", "name", "validation_alias"):
            key_node = keyword.value
        elif keyword.arg == "metadata":
            names = [
                k.value
                for k in ast.walk(keyword.value)
                if isinstance(k, ast.keyword) and k.arg == "field_name"
            ]
            key_node = names[0] if names else None
            if not names and "config" in ast.unparse(keyword.value):
                return f"how its field {target.id} is read cannot be told"
        elif keyword.arg in ("converter", "validator", "decoder", "init"):
            return f"how its field {target.id} is read cannot be told"
    if isinstance(default, ast.Constant) and default.value is Ellipsis:
        default, required = None, True
    if key_node is None:
        return Field(target.id, target.id, target, statement, annotation, value, default, None, required)
    if not isinstance(key_node, ast.Constant) or not isinstance(key_node.value, str):
        return f"the key of its field {target.id} cannot be told"
    return Field(target.id, key_node.value, target, statement, annotation, value, default, key_node, required)


def decorators(record: Record) -> Iterator[ast.expr]:
    """Decorators of a record's methods that may do something with its fields: validators, serializers."""
    for function in record.node.body:
        for decorator in getattr(function, "decorator_list", []):
            if ast.unparse(decorator).rpartition(".")[2] not in _PLAIN:
                yield decorator
