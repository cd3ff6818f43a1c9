"""What a variable that held ``data`` holds now: ``data``, ``error``, or the whole answer.

::

    data = response.json()["data"]         data = response.json()
    if data["error_code"] != 0:            if data["error"]["code"] != "ok":
        raise Refused(data["error_msg"])       raise Refused(data["error"]["message"])
    return data["share_id"]                return data["data"]["publish_id"]

The old ``data`` was there in every answer, as the whole answer is now: one name, bound
on the same paths, true exactly when it was.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.reading.keys import (
    arms_of,
    by_exception,
    constant,
    core_of,
    is_extra,
    line_shared,
    quote_of,
)
from share2post.semantics.reading.tracked import Read, Variable
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


@dataclass(eq=False)
class Variables:
    """Decides what a variable that held ``data`` holds, once its every read has been seen."""

    reader: Reader

    def settle(self, variable: Variable) -> None:
        """Decide it, and note the changes of its assignment and its reads."""
        if is_extra(variable.value) or variable.binding is None:
            return
        if variable.errors and not variable.serves_data:
            for core in self._cores(variable):
                self.reader.fields.rename_key(variable.unit, core, tiktok.OLD_DATA, tiktok.NEW_ERROR)
            self._stand_ins(variable, tiktok.NEW_ERROR)
        elif not variable.errors and (self.reader.hybrid or not variable.tests):
            self._hold_data(variable)
            self._stand_ins(variable, tiktok.NEW_DATA)
        elif self._has_own_line(variable):
            self._hold_data(variable, missed=True)
            self._add_error(variable)
        elif variable.leaves or self.reader.hybrid:
            hint = (
                f"{_name(variable)} serves both the id and the error and is handed on as a whole;"
                " read the id and the error from the new answer's data and error"
            )
            self.reader.draft.stop(Reason.UNKNOWN_READ, hint, variable.unit, variable.value)
        else:
            self._hold_answer(variable)
            self._stand_ins(variable, "")

    def _cores(self, variable: Variable) -> Iterator[ast.expr]:
        """The reads of ``data`` in a value, without ``or {}`` and without the arms that stand in for it."""
        for arm in arms_of(core_of(variable.value)):
            core = core_of(arm)
            if isinstance(core, ast.Subscript | ast.Call) and core in self.reader.kinds:
                yield core

    def _stand_ins(self, variable: Variable, place: str) -> None:
        for node in variable.others:
            self.reader.standins.data(variable.unit, node, place)

    # data as it was

    def _hold_data(self, variable: Variable, *, missed: bool = False) -> None:
        """``body["data"]`` was always there; a refused init may leave it out (F3.5)."""
        unit, value = variable.unit, variable.value
        for core in self._cores(variable):
            bare = core is value
            if isinstance(core, ast.Subscript):
                self.reader.fields.soften(unit, core, parentheses=not bare, missed=missed)
            elif isinstance(core, ast.Call) and bare and len(core.args) == 1:
                end = unit.module.extent(core)[1]
                self.reader.draft.replace(unit, end, end, " or {}")

    # data and error, side by side

    def _has_own_line(self, variable: Variable) -> bool:
        """Whether ``error = body["error"]`` can stand below, for a body with a name and only one ``data``."""
        unit, core = variable.unit, core_of(variable.value)
        statement = unit.module.statement(variable.value)
        plain = isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is variable.value
        named = isinstance(core, ast.Subscript | ast.Call) and (
            isinstance(variable.body, ast.Name)
            or ((bool(variable.leaves) or self.reader.hybrid) and self._readable_again(variable))
        )
        alone = all(
            isinstance(read.node, ast.Name) and unit.flow.only(read.node) is variable.binding
            for read in variable.errors
        )
        asked = variable.tests and not self.reader.hybrid
        return (
            plain and named and alone and not (asked or variable.others) and not line_shared(unit, statement)
        )

    def _readable_again(self, variable: Variable) -> bool:
        """Whether the answer's text parsed a second time is the same: not the request itself, nor a stream."""
        asked = any(part is self.reader.draft.place.node for part in ast.walk(variable.value))
        return not asked and not self.reader.shape.once and not self.reader.reads

    def _add_error(self, variable: Variable) -> None:
        """The same reading once more, as tolerant as it was, for what is read from ``error``."""
        unit, module = variable.unit, variable.unit.module
        statement = module.statement(variable.value)
        error = self.reader.fresh(unit, statement, tiktok.NEW_ERROR)
        key = _key_of(core_of(variable.value))
        (start, end), (inner, outer) = module.extent(variable.value), module.extent(key)
        quote = quote_of(unit, key)
        source = f"{module.text[start:inner]}{quote}{tiktok.NEW_ERROR}{quote}{module.text[outer:end]}"
        line_end = module.line_end(module.extent(statement)[1])
        indent = module.text[module.line_start(module.extent(statement)[0]) :]
        indent = indent[: len(indent) - len(indent.lstrip(" \t\f"))]
        text = f"{indent}{error} = {source}{self.reader.newline(unit)}"
        if isinstance(variable.body, ast.Name) and variable.body.id == _name(variable):  # data = data["data"]
            line_end = module.line_start(module.extent(statement)[0])
        elif not module.text[:line_end].endswith(("\n", "\r")):
            text = self.reader.newline(unit) + text.rstrip("\r\n")
        self.reader.draft.replace(unit, line_end, line_end, text)
        for read in variable.errors:
            self.reader.draft.swap(unit, read.node, error)

    # the whole answer

    def _hold_answer(self, variable: Variable) -> None:
        unit = variable.unit
        for core in self._cores(variable):
            if self._tells_apart(variable, core):
                hint = (
                    f"{_name(variable)} may be something else than the answer's data here,"
                    " and the program goes by that; look at error.code of the new answer instead"
                )
                self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, core)
            self.take_answer(unit, core)
        for read in variable.errors:
            self._step(variable, read, tiktok.NEW_ERROR)
        for read in variable.ids:
            self._step(variable, read, tiktok.NEW_DATA)

    def _tells_apart(self, variable: Variable, core: ast.expr) -> bool:
        """Whether the program notices that something else stood for the answer, by an error or by ``None``."""
        unit = variable.unit
        if not self.reader.uncertain:
            return False
        if isinstance(core, ast.Subscript):
            return bool(variable.tests) or by_exception(unit, core)
        default = core.args[1] if isinstance(core, ast.Call) and len(core.args) == 2 else None
        empty = default is not None and constant(default) is not None or isinstance(default, ast.Dict)
        return not empty and any(_is_none_test(unit.module.parent(test)) for test in variable.tests)

    def take_answer(self, unit: Unit, data: ast.expr) -> None:
        """``response.json()["data"]`` becomes ``response.json()``."""
        core, module = core_of(data), unit.module
        if not isinstance(core, ast.Subscript | ast.Call) or _body_of(core) is core:
            return  # what a function gives
        body = _body_of(core)
        (start, end), (inner, outer) = module.extent(core), module.extent(body)
        grouped = "(" in module.text[start:inner] and not isinstance(unit.module.parent(core), ast.stmt)
        if start < inner and not grouped:
            self.reader.draft.replace(unit, start, inner, "")
        self.reader.draft.replace(
            unit, outer, end, ")" * module.text[start:inner].count("(") if grouped else ""
        )
        if self.reader.standins.foreign is not None:
            where, node = self.reader.standins.foreign
            hint = "this stands in for the answer, and it is asked whether the answer's data is there"
            self.reader.draft.stop(Reason.UNKNOWN_READ, hint, where, node)

    def _step(self, variable: Variable, read: Read, key: str) -> None:
        """One level further in: ``data["error"]["code"]``."""
        unit, quote = variable.unit, read.quote
        start, end = _in_parentheses(unit, read.node)
        if not read.soft:
            self.reader.draft.replace(unit, end, end, f"[{quote}{key}{quote}]")
        elif key == tiktok.NEW_ERROR:
            self.reader.draft.replace(unit, end, end, f".get({quote}{key}{quote}, {{}})")
        else:
            self.reader.draft.replace(unit, start, start, "(")
            self.reader.draft.replace(unit, end, end, f".get({quote}{key}{quote}) or {{}})")


def _name(variable: Variable) -> str:
    return variable.binding.name if variable.binding is not None else "this"


def _key_of(core: ast.expr) -> ast.expr:
    if isinstance(core, ast.Subscript):
        return core.slice
    return core.args[0] if isinstance(core, ast.Call) else core


def _body_of(core: ast.expr) -> ast.expr:
    """``x`` of ``x["data"]`` and ``x.get("data")``; ``await`` stays with it."""
    if isinstance(core, ast.Subscript):
        return core.value
    return core.func.value if isinstance(core, ast.Call) and isinstance(core.func, ast.Attribute) else core


def _in_parentheses(unit: Unit, node: ast.expr) -> tuple[int, int]:
    """Where an operand begins and ends, with the parentheses it needs to be looked into."""
    start, end = unit.module.extent(node)
    if isinstance(node, ast.BoolOp | ast.IfExp | ast.NamedExpr | ast.Await):
        text = unit.module.text
        start, end = text.rindex("(", 0, start), text.index(")", end) + 1
    return start, end


def _is_none_test(parent: ast.AST | None) -> bool:
    if not isinstance(parent, ast.Compare):
        return False
    return any(
        isinstance(side, ast.Constant) and side.value is None for side in [parent.left, *parent.comparators]
    )
