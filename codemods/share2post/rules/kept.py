"""Calls that only keep a value for later: records, settings fields, readers of the environment."""

from __future__ import annotations

import ast
from typing import Final

from share2post.semantics.records import FIELDS, NAMESPACES
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_KEEPERS: Final = FIELDS | NAMESPACES | {
    "builtins.dict", "builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "builtins.str",
    "types.MappingProxyType", "collections.OrderedDict", "collections.defaultdict", "collections.ChainMap",
    "os.getenv", "os.environ.get", "os.environ.setdefault", "decouple.config",
}  # fmt: skip
_READERS: Final = ("environs.Env", "environ.Env")


def keeps(evaluator: Evaluator, unit: Unit, call: ast.Call) -> bool:
    """Whether a call sends nothing: it makes an object of the project, or reads a setting with a default."""
    world = evaluator.world
    name = world.qualified(unit, call.func)
    if name is not None:
        return name in _KEEPERS
    if isinstance(call.func, ast.Name | ast.Attribute) and evaluator.callee(unit, call) is None:
        made = world.definition(unit, call.func)
        if made is not None and isinstance(made.value, ast.Call):
            return world.qualified(made.unit, made.value.func) == "collections.namedtuple"
        if world.class_behind(unit, call.func) is not None and not isinstance(call.func, ast.Attribute):
            return True
    reader = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    source = world.definition(unit, reader)
    value = source.value if source is not None else None
    return (
        source is not None
        and isinstance(value, ast.Call)
        and world.qualified(source.unit, value.func) in _READERS
    )
