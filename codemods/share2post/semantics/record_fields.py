"""The fields of a record: their names, their keys on the wire, and the pieces of the statements that define them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from share2post.semantics.world import Unit, World

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


def field_of(world: World, unit: Unit, statement: ast.stmt, making: Making) -> Field | str:
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


def kept(unit: Unit, owner: ast.ClassDef) -> tuple[Field, ...]:
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
