"""Where an answer is made an object of the project's own class.

::

    Answer(**body)                          Answer.parse_obj(body)        Answer.model_validate_json(response.text)
    dacite.from_dict(Answer, body)          converter.structure(body, Answer)
    Answer.new(body)                        # a method of the project that ends in one of these
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from share2post.semantics.callers import Function, parameter_of
from share2post.semantics.flow import Kind
from share2post.semantics.reading.keys import tested
from share2post.semantics.record_classes import class_of
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_DICT_METHODS: Final = frozenset({"parse_obj", "model_validate", "from_dict"})
_TEXT_METHODS: Final = frozenset({"parse_raw", "model_validate_json", "from_json"})
_MAKERS: Final = frozenset({"pydantic.TypeAdapter", "msgspec.json.Decoder"})
_ADAPTERS: Final = {"validate_python": False, "validate_json": True, "decode": True}
# Functions that are given the class and the answer; whether they take a text.
_FUNCTIONS: Final = {
    "dacite.from_dict": False,
    "dacite.core.from_dict": False,
    "cattrs.structure": False,
    "cattr.structure": False,
    "msgspec.convert": False,
    "msgspec.json.decode": True,
    "pydantic.parse_obj_as": False,
    "pydantic.parse_raw_as": True,
}
_DEPTH: Final = 4


@dataclass(frozen=True, eq=False)
class Parse:
    """One place where an object is made of the whole answer, or of a part of it.

    ``through`` is the project's method that does it; ``kept`` are the attributes
    in which it keeps the parsed answer beside.
    """

    unit: Unit
    call: ast.Call
    owner: Unit
    model: ast.ClassDef
    text: bool = False
    plain: bool = False  # made by calling the class
    through: str = ""
    kept: tuple[str, ...] = ()


@dataclass(eq=False)
class Parses:
    """Recognises them."""

    evaluator: Evaluator

    def find(self, unit: Unit, node: ast.expr, parent: ast.AST | None, depth: int = 0) -> Parse | None:
        """The object that is made of ``node``, right where it stands."""
        call = unit.module.parent(parent) if isinstance(parent, ast.keyword) else parent
        if not isinstance(call, ast.Call) or call.func is node:
            return None
        if isinstance(parent, ast.keyword) and parent.arg is None:
            model = class_of(self.evaluator.world, unit, call.func)
            return Parse(unit, call, *model, plain=True) if model is not None and not call.args else None
        named = self._by_function(unit, call, node)
        if named is not None:
            return named
        return self._by_method(unit, call, node, depth) if isinstance(call.func, ast.Attribute) else None

    def _by_function(self, unit: Unit, call: ast.Call, node: ast.expr) -> Parse | None:
        name = self.evaluator.world.qualified(unit, call.func) or ""
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name not in _FUNCTIONS and method != "structure":
            return None
        others = [value for value in [*call.args, *(k.value for k in call.keywords)] if value is not node]
        found = [
            known for value in others if (known := class_of(self.evaluator.world, unit, value)) is not None
        ]
        return Parse(unit, call, *found[0], text=_FUNCTIONS.get(name, False)) if len(found) == 1 else None

    def _by_method(self, unit: Unit, call: ast.Call, node: ast.expr, depth: int) -> Parse | None:
        world, func = self.evaluator.world, call.func
        if not isinstance(func, ast.Attribute):
            return None
        known = world.definition(unit, func.value)
        owner, maker = (known.unit, known.value) if known is not None else (unit, func.value)
        if isinstance(maker, ast.Call) and (world.qualified(owner, maker.func) or "") in _MAKERS:
            made = class_of(world, owner, maker.args[0]) if maker.args else None
            text = _ADAPTERS.get(func.attr)
            return Parse(unit, call, *made, text=text) if made is not None and text is not None else None
        model = class_of(world, unit, func.value)
        if model is None:
            return None
        own = self.evaluator.method(*model, func.attr)
        if own is not None:
            return self._own(unit, call, node, model, own, depth)
        if func.attr not in _DICT_METHODS | _TEXT_METHODS:
            return None
        return Parse(unit, call, *model, text=func.attr in _TEXT_METHODS)

    # the project's own method

    def _own(
        self, unit: Unit, call: ast.Call, node: ast.expr, model: tuple[Unit, ast.ClassDef],
        own: tuple[Unit, Function], depth: int,
    ) -> Parse | None:  # fmt: skip
        """A class method (of the class or its base) that does nothing with the answer but parse it."""
        owner, function = own
        name = parameter_of(call, node, owner, function)
        scope = owner.flow.scopes.get(function)
        bindings = scope.bindings.get(name, []) if scope is not None and name is not None else []
        if len(bindings) != 1 or bindings[0].kind is not Kind.PARAMETER or depth > _DEPTH:
            return None
        inner: list[Parse] = []
        kept: list[str] = []
        for use in bindings[0].uses:
            parent = owner.module.parent(use)
            found = self.find(owner, use, parent, depth + 1)
            if found is not None:
                inner.append(found)
            elif isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Attribute):
                kept.append(parent.targets[0].attr)
            elif not tested(owner, use):
                return None
        if len(inner) != 1 or not _returned_only(owner, function, inner[0].call):
            return None
        holder = owner.module.parent(function)
        made = model if inner[0].model is holder else (inner[0].owner, inner[0].model)
        found = replace(inner[0], unit=unit, call=call, owner=made[0], model=made[1], plain=False)
        return replace(found, through=function.name, kept=(*found.kept, *kept))


def _returned_only(unit: Unit, function: Function, made: ast.Call) -> bool:
    """Whether a function returns what that call makes, or None, and does nothing else with it."""
    holder = unit.module.parent(made)
    name = holder.targets[0] if isinstance(holder, ast.Assign) and len(holder.targets) == 1 else None
    for value in _returns(function):
        if value is made or (isinstance(value, ast.Constant) and value.value is None):
            continue
        binding = unit.flow.only(value) if isinstance(value, ast.Name) else None
        if binding is None or name is None or binding.node is not name:
            return False
    if name is None:
        return isinstance(holder, ast.Return)
    bindings = [b for s in unit.flow.scopes.values() for b in s.bindings.get(getattr(name, "id", ""), [])]
    uses = [use for b in bindings if b.node is name for use in b.uses]
    return all(isinstance(unit.module.parent(use), ast.Return) or _set_on(unit, use) for use in uses)


def _set_on(unit: Unit, use: ast.Name) -> bool:
    parent = unit.module.parent(use)
    return isinstance(parent, ast.Attribute) and isinstance(parent.ctx, ast.Store)


def _returns(function: Function) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value
