"""The error code in an exception (or another object) of the project, and what reads it there.

::

    raise UploadError(data["error_code"])          # class UploadError: def __init__(self, code): self.code = code
    except UploadError as error:
        if error.code == 20000: ...                # a word now, like the code itself
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from share2post.model import Reason
from share2post.semantics.callers import argument_for, parameter_of
from share2post.semantics.flow import Kind
from share2post.semantics.module import last_name
from share2post.semantics.reading.keys import constant, tested
from share2post.semantics.reading.tracked import What
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


@dataclass(eq=False)
class Raised:
    """Follows the code through a class of the project."""

    reader: Reader

    def made(self, unit: Unit, node: ast.expr, call: ast.Call) -> bool:
        """Into the object that a call makes: whether all that happens to it there is seen."""
        found = self._class(unit, call)
        if found is None:
            if "__init__" in ast.unparse(call.func):
                self._arguments(unit, node, "the exception")
            return False
        method = self.reader.evaluator.method(*found, "__init__")
        if method is None:
            self._arguments(unit, node, found[1].name)
            self._fields(unit, node, call, found[1])
            return False
        owner, function = method
        name = parameter_of(call, node, owner, function)
        scope = owner.flow.scopes[function]
        bindings = [b for b in scope.bindings.get(name or "", []) if b.kind is Kind.PARAMETER]
        before = len(self.reader.draft.changes)
        for use in [use for binding in bindings for use in list(binding.uses)]:
            self.reader.follow(owner, use, What.CODE)
        if len(self.reader.draft.changes) > before and name is not None:
            for other_unit, other in self._others(found[1], call):
                passed = argument_for(other, owner, function, name)
                hint = f"{found[1].name} is also made with another code ({other_unit.path}:{other.lineno})"
                self.reader.draft.share(passed or other, Reason.NUMERIC_CODE, hint, unit, node)
        return bool(bindings)

    def caught(self, unit: Unit, attribute: ast.Attribute, owner: ast.ClassDef) -> bool:
        """``error.code``, where ``error`` is a caught exception of that class."""
        bindings = unit.flow.reaching(attribute.value) if isinstance(attribute.value, ast.Name) else ()
        handlers = [b.node for b in bindings if isinstance(b.node, ast.ExceptHandler)]
        kinds = [handler.type for handler in handlers if isinstance(handler.type, ast.Name | ast.Attribute)]
        classes = [self.reader.evaluator.world.class_behind(unit, kind) for kind in kinds]
        return bool(classes) and len(classes) == len(bindings) and all(c and c[1] is owner for c in classes)

    def numbers(self, name: str) -> Iterator[tuple[Unit, ast.expr]]:
        """Where what is kept under a name is used as a number, or asked whether it is zero."""
        for unit in self.reader.evaluator.world.units.values():
            for load in _loads(unit, name) if name in unit.words or name in unit.strings else ():
                if load not in self.reader.kinds and self._as_number(unit, load):
                    yield unit, load

    def _as_number(self, unit: Unit, load: ast.expr) -> bool:
        parent = unit.module.parent(load)
        match parent:
            case ast.Compare():
                return any(self._is_number(unit, side) for side in [parent.left, *parent.comparators])
            case ast.Match() | ast.Subscript():
                return parent is not load and getattr(parent, "value", None) is not load
            case ast.Call(func=ast.Attribute(attr="get")) if parent.args[:1] == [load]:
                return True
            case ast.Call(func=ast.Name(id="int" | "bool")):
                return True
        return tested(unit, load)

    def _is_number(self, unit: Unit, side: ast.expr) -> bool:
        values = [side]
        if isinstance(side, ast.Name | ast.Attribute):
            definition = self.reader.evaluator.world.definition(unit, side)
            values = [definition.value] if definition is not None else []
        return any(
            isinstance(part, ast.Constant) and type(part.value) is int
            for value in values
            for part in ast.walk(value)
        )

    def _class(self, unit: Unit, call: ast.Call) -> tuple[Unit, ast.ClassDef] | None:
        """The project's class that a call makes an object of."""
        found = self.reader.evaluator.world.class_behind(unit, call.func)
        name = last_name(call.func)
        known = found is not None and name in {found[1].name, *unit.aliases.get(found[1].name, ())}
        return found if known else None

    def _others(self, owner: ast.ClassDef, call: ast.Call) -> Iterator[tuple[Unit, ast.Call]]:
        for unit in self.reader.evaluator.world.units.values():
            for other in unit.calls() if owner.name in unit.words else ():
                found = self._class(unit, other) if other is not call else None
                if found is not None and found[1] is owner:
                    yield unit, other

    def _arguments(self, unit: Unit, node: ast.expr, name: str) -> None:
        """``error.args[0]``: what an exception was made with, read again."""
        for other in self.reader.evaluator.world.units.values():
            for load in other.attributes.get("args", ()):
                holder = other.module.parent(load)
                if isinstance(holder, ast.Subscript | ast.Assign | ast.Starred):
                    place = f"{other.path}:{load.lineno}"
                    hint = f"the error code is an argument of {name} and may be read again at {place}"
                    self.reader.draft.stop(
                        Reason.NUMERIC_CODE, f"{hint}; it is a word now (see error.code)", unit, node
                    )
                    return

    def _fields(self, unit: Unit, node: ast.expr, call: ast.Call, owner: ast.ClassDef) -> None:
        """A dataclass: the field that the code goes into, used as a number somewhere."""
        fields = [
            s.target.id for s in owner.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
        ]
        index = next((i for i, argument in enumerate(call.args) if argument is node), None)
        name = next((k.arg for k in call.keywords if k.value is node), None)
        if index is not None and index < len(fields):
            name = fields[index]
        place = next(self.numbers(name), None) if name in fields and name is not None else None
        if place is not None:
            self.reader.exits.is_number(unit, node, name or "", place)


def _loads(unit: Unit, name: str) -> Iterator[ast.expr]:
    """``x.name``, ``x["name"]`` and ``x.get("name")``, where they are read."""
    yield from (a for a in unit.attributes.get(name, ()) if isinstance(a.ctx, ast.Load))
    for node in ast.walk(unit.module.tree) if name in unit.strings else ():
        if isinstance(node, ast.Subscript | ast.Call) and _got(node) == name:
            yield node


def _got(node: ast.Subscript | ast.Call) -> object:
    """``name`` of ``x[name]`` and of ``x.get(name)``, where it is read."""
    if isinstance(node, ast.Subscript):
        return constant(node.slice) if isinstance(node.ctx, ast.Load) else None
    got = isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args
    return constant(node.args[0]) if got else None
