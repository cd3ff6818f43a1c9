"""The answer's data, handed to a function of the project that reads the id or the error from it.

::

    save(body["data"])       # def save(data): print(data["share_id"])      still gets "data"
    check(body["data"])      # def check(data): if data["error_code"]: ...  gets "error" now
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.callers import Function, argument_for, callers, parameter_of
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.reading.returns import is_plain
from share2post.semantics.reading.tracked import Variable, What
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


@dataclass(eq=False)
class _Taken:
    """A parameter that holds the data, and every place that hands it over."""

    reader: Reader
    function: Function
    name: str
    parameter: Variable
    handings: list[tuple[Unit, ast.expr, Variable | None]] = field(default_factory=list)

    def settle(self) -> None:
        """Hand over ``data`` or ``error``, by what is read there."""
        both = bool(self.parameter.errors) and self.parameter.serves_data
        for unit, node, variable in self.handings:
            if both:
                hint = (
                    f"{self.function.name} reads the id and the error from {self.name}; "
                    "they stand in two objects of the new answer: hand it the whole answer"
                )
                self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, node)
            elif not self.parameter.errors:
                self.reader.fields.loosen(unit, node, What.DATA, variable)
            elif variable is not None:
                self.reader.fields.reads_error(unit, node, variable)
            elif not self.reader.fields.rename_key(unit, node, tiktok.OLD_DATA, tiktok.NEW_ERROR):
                hint = (
                    f"{self.function.name} reads the error, and is handed it in a way the tool cannot change"
                )
                self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, node)


@dataclass(eq=False)
class Handed:
    """Follows data into functions."""

    reader: Reader
    taken: dict[Binding, _Taken] = field(default_factory=dict)

    def over(self, unit: Unit, node: ast.expr, parent: ast.AST | None, variable: Variable | None) -> bool:
        """Whether a use hands the data to a function whose every caller is in sight."""
        call = unit.module.parent(parent) if isinstance(parent, ast.keyword) else parent
        callee = self.reader.evaluator.callee(unit, call) if isinstance(call, ast.Call) else None
        if callee is None or not isinstance(call, ast.Call) or call.func is node:
            return False
        owner, function = callee
        binding = _parameter(owner, function, parameter_of(call, node, owner, function))
        if (
            binding is None
            or not is_plain(self.reader.evaluator, owner, function)
            or not self._in_sight(owner, function)
        ):
            return False
        if binding not in self.taken:
            parameter = Variable(owner, binding, node, node)
            self.taken[binding] = _Taken(self.reader, function, binding.name, parameter)
            self.reader.transits.append(self.taken[binding])
            self._follow(owner, self.taken[binding], unit, call)
        self.taken[binding].handings.append((unit, node, variable))
        return True

    def _in_sight(self, owner: Unit, function: Function) -> bool:
        called = {id(call.func) for _, call in callers(self.reader.evaluator, owner, function)}
        return not self.reader.returns.mentioned(owner, function, called)

    def _follow(self, owner: Unit, taken: _Taken, unit: Unit, call: ast.Call) -> None:
        """Follow the parameter; its other callers have to hand over such data too."""
        before, binding = len(self.reader.draft.changes), taken.parameter.binding
        for use in list(binding.uses) if binding is not None else ():
            self.reader.follow(owner, use, What.DATA, taken.parameter)
        if len(self.reader.draft.changes) == before:
            return
        for other_unit, other in callers(self.reader.evaluator, owner, taken.function):
            if other is not call:
                passed = argument_for(other, owner, taken.function, taken.name)
                where = f"{other_unit.path}:{other.lineno}"
                hint = f"{taken.function.name} reads the answer and is also used for other data ({where})"
                self.reader.draft.share(passed or other, Reason.WRAPPER, hint, unit, call)


def _parameter(owner: Unit, function: Function, name: str | None) -> Binding | None:
    """The parameter of that name, where nothing gives it another value."""
    scope = owner.flow.scopes.get(function)
    bindings = scope.bindings.get(name or "", []) if scope is not None else []
    if len(bindings) != 1 or bindings[0].kind is not Kind.PARAMETER:
        return None
    plain = {arg.arg for arg in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]}
    return bindings[0] if name in plain else None
