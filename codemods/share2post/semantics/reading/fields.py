"""Reads of ``data`` and ``extra``: to ``data`` and ``error`` of the new answer."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.reading.brought import name_in
from share2post.semantics.reading.keys import (
    ERROR_FIELDS,
    KeyRead,
    by_exception,
    constant,
    core_of,
    is_extra,
    key_read,
    line_shared,
    looked_into,
    quote_of,
    requoted,
    tested,
    tests_key,
)
from share2post.semantics.reading.tracked import Variable, What
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


@dataclass(eq=False)
class Fields:
    """Reads of ``data`` and ``extra``: to ``data`` and ``error`` of the new answer."""

    reader: Reader
    tests: list[tuple[Unit, ast.expr]] = field(default_factory=list)

    def settle_tests(self) -> None:
        """Where errors are read, a test whether ``data`` is there asks for ``error``, which always is (T20)."""
        errors = {What.CODE, What.MESSAGE} & set(self.reader.kinds.values())
        for unit, node in self.tests if errors else []:
            self.rename_key(unit, node, tiktok.OLD_DATA, tiktok.NEW_ERROR)

    def fields(
        self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What, variable: Variable | None
    ) -> None:
        read = key_read(unit, node, parent)
        if read is None and self.reader.models.parsed(unit, node, parent, what):
            return
        if read is not None:
            self._field(unit, node, read, what, variable)
        elif isinstance(parent, ast.Compare) and tests_key(parent, node):
            self._field_test(unit, node, parent, what, variable)
        elif isinstance(parent, ast.Subscript | ast.Attribute):
            self.reader.draft.stop(
                Reason.UNKNOWN_READ, "the answer's data is used in a way the tool cannot map", unit, parent
            )
        elif variable is not None and isinstance(node, ast.Name) and _asked(unit, node, parent):
            variable.tests.append(node)
        elif variable is None and what is What.DATA and _asked(unit, node, parent):
            self.tests.append((unit, node))
        elif what is not What.DATA or not self.reader.handed.over(unit, node, parent, variable):
            self.loosen(unit, node, what, variable)
            self.reader.exits.elsewhere(unit, node, parent, what)

    def _field(
        self, unit: Unit, node: ast.expr, read: KeyRead, what: What, variable: Variable | None
    ) -> None:
        key = read.key
        if what is What.DATA and self.reader.beyond.field(unit, node, read):
            self._take_id(unit, node, read, what, variable)
            return
        self.reader.draft.mark("S2P004", unit, read.outer, f"{key} is read from the old response")
        if key == tiktok.OLD_ID and what is What.DATA:
            self.reader.draft.swap(unit, read.key_node, requoted(unit, read.key_node, tiktok.NEW_ID))
            self._take_id(unit, node, read, what, variable)
            return
        new = ERROR_FIELDS.get(key)
        if new is None:
            self.reader.draft.stop(Reason.UNKNOWN_READ, self.reader.beyond.unknown(key), unit, read.outer)
            return
        self.reader.draft.swap(unit, read.key_node, requoted(unit, read.key_node, new))
        self._to_error(unit, node, what, variable)
        if key == tiktok.OLD_DETAIL:
            self.reader.draft.doubt(
                Reason.ERROR_DETAIL,
                "extra.error_detail has no counterpart; error.message is the nearest",
                unit,
                read.outer,
            )
        if key in tiktok.OLD_CODES:
            self.reader.codes.default(unit, read.default)
            self.reader.follow(unit, read.outer, What.CODE)
        elif key == tiktok.OLD_MESSAGE:
            if not read.get and by_exception(unit, read.outer):
                self.reader.draft.stop(
                    Reason.UNKNOWN_READ,
                    "error_msg was absent on success and the KeyError is caught; error.message is always there",
                    unit,
                    read.outer,
                )
            self.reader.messages.message_default(unit, read)
            self.reader.follow(unit, read.outer, What.MESSAGE)
        else:
            self.reader.follow(unit, read.outer, What.LOG_ID)

    def _take_id(
        self, unit: Unit, node: ast.expr, read: KeyRead, what: What, variable: Variable | None
    ) -> None:
        if read.get or isinstance(node, ast.Call):
            self.loosen(unit, node, what, variable)
        elif variable is not None:
            variable.ids = True
        self.reader.follow(unit, read.outer, What.ID)

    def _field_test(
        self, unit: Unit, node: ast.expr, test: ast.Compare, what: What, variable: Variable | None
    ) -> None:
        key = constant(test.left)
        if self.reader.beyond.tests(key):
            self.loosen(unit, node, what, variable)
            return
        self.reader.draft.mark("S2P004", unit, test, f"{key} is looked for in the old response")
        if key == tiktok.OLD_ID:
            self.reader.draft.swap(unit, test.left, requoted(unit, test.left, tiktok.NEW_ID))
            self.loosen(unit, node, what, variable)
        elif key in tiktok.OLD_CODES or key in (tiktok.OLD_LOG_ID, tiktok.OLD_DETAIL):
            self.reader.draft.swap(unit, test.left, requoted(unit, test.left, ERROR_FIELDS[str(key)]))
            self._to_error(unit, node, what, variable)
        elif key == tiktok.OLD_MESSAGE:  # it was there exactly when the upload was refused
            quote = quote_of(unit, test.left)
            refused = isinstance(test.ops[0], ast.In)
            start, end = unit.module.extent(test)
            self.reader.draft.replace(unit, start, unit.module.extent(node)[0], "")
            operator = "!=" if refused else "=="
            tail = f"[{quote}{tiktok.NEW_CODE}{quote}] {operator} {quote}{tiktok.OK}{quote}"
            self.reader.draft.replace(unit, end, end, tail)
            self._to_error(unit, node, what, variable)
        else:
            self.reader.draft.stop(
                Reason.UNKNOWN_READ, f'"{key}" is looked for in the answer\'s data', unit, test
            )

    def _to_error(self, unit: Unit, node: ast.expr, what: What, variable: Variable | None) -> None:
        """Read from ``error`` what was read from ``data`` or ``extra``."""
        if variable is None:
            old = tiktok.OLD_DATA if what is What.DATA else tiktok.OLD_EXTRA
            if not self.rename_key(unit, node, old, tiktok.NEW_ERROR):
                hint = f"the error is read from the answer's {old}, in a way the tool cannot change"
                self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, node)
        elif what is What.DATA:
            self.reads_error(unit, node, variable)

    def reads_error(self, unit: Unit, node: ast.expr, variable: Variable) -> None:
        """Note that the error is read through a variable."""
        name = name_in(node)
        if name is not None or variable.binding is None:
            variable.errors.append(name or node)
        else:
            hint = f"{variable.binding.name} is read in a way the tool cannot change"
            self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, node)

    def rename_key(self, unit: Unit, node: ast.expr, old: str, new: str) -> bool:
        """Read ``new`` where ``old`` was read; ``False`` where that does not stand there."""
        found = False
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and part.value == old:
                holder = unit.module.parent(part)
                if isinstance(holder, ast.Subscript) or (
                    isinstance(holder, ast.Call) and holder.args[:1] == [part]
                ):
                    self.reader.draft.swap(unit, part, requoted(unit, part, new))
                    found = True
        return found

    def loosen(self, unit: Unit, node: ast.expr, what: What, variable: Variable | None) -> None:
        """``body["data"]`` was always there; a refused init may leave it out (F3.5)."""
        if variable is not None:
            variable.whole = True
            return
        if what is What.DATA and isinstance(node, ast.Subscript):
            self.soften(unit, node, parentheses=not _alone(unit, node))
        elif (
            what is What.DATA
            and isinstance(node, ast.Call)
            and len(node.args) == 1
            and looked_into(unit, node)
        ):
            start, end = unit.module.extent(node)
            self.reader.draft.replace(unit, start, start, "(")
            self.reader.draft.replace(unit, end, end, " or {})")

    def soften(self, unit: Unit, node: ast.Subscript, parentheses: bool) -> None:
        start, end = unit.module.extent(node)
        inner_end = unit.module.text.rindex("[", start, unit.module.extent(node.slice)[0])
        quote = quote_of(unit, node.slice)
        opening, closing = ("(", ")") if parentheses else ("", "")
        self.reader.draft.replace(unit, start, start, opening)
        tail = f".get({quote}{tiktok.NEW_DATA}{quote}) or {{}}{closing}"
        self.reader.draft.replace(unit, inner_end, end, tail)

    def settle(self, variable: Variable) -> None:
        """Decide what a variable that held ``data`` holds now."""
        unit, value, binding = variable.unit, variable.value, variable.binding
        reads_data = variable.ids or variable.whole
        if is_extra(value) or binding is None:
            return
        if not variable.errors or reads_data:
            core = core_of(value)
            if isinstance(core, ast.Subscript):
                self.soften(unit, core, parentheses=core is not value)
            elif isinstance(core, ast.Call) and core is value and len(core.args) == 1:
                end = unit.module.extent(core)[1]
                self.reader.draft.replace(unit, end, end, " or {}")
            if not variable.errors:
                return
        if not reads_data:
            self.rename_key(unit, value, tiktok.OLD_DATA, tiktok.NEW_ERROR)
            return
        statement = unit.module.statement(value)
        simple = isinstance(statement, ast.Assign | ast.AnnAssign)
        if not simple or line_shared(unit, statement):
            self.reader.draft.stop(
                Reason.UNKNOWN_READ,
                f"{binding.name} serves both the id and the error, and there is no room to part them",
                unit,
                value,
            )
            return
        error = self.reader.fresh(unit, statement, tiktok.NEW_ERROR)
        quote = quote_of(unit, value)
        end = unit.module.extent(statement)[1]
        line_end = unit.module.line_end(end)
        indent = unit.module.text[unit.module.line_start(unit.module.extent(statement)[0]) :]
        indent = indent[: len(indent) - len(indent.lstrip(" \t\f"))]
        body = self.source(unit, variable.body)
        awaited = "await " if isinstance(unit.module.parent(variable.body), ast.Await) else ""
        source = f"({awaited}{body})" if awaited else body
        text = f"{indent}{error} = {source}[{quote}{tiktok.NEW_ERROR}{quote}]{self.reader.newline(unit)}"
        if not unit.module.text[:line_end].endswith(("\n", "\r")):
            text = self.reader.newline(unit) + text.rstrip("\r\n")
        self.reader.draft.replace(unit, line_end, line_end, text)
        for name in [*variable.errors, *variable.tests]:  # the old data was always there, as the error is now
            if not isinstance(name, ast.Name) or unit.flow.only(name) is not binding:
                hint = f"{binding.name} may hold something else here, so whether it is there says more than one thing"
                self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, name)
            self.reader.draft.swap(unit, name, error)

    def source(self, unit: Unit, node: ast.expr) -> str:
        """An expression's text, with the name of the response where the call stands in it."""
        start, end = unit.module.extent(node)
        text = unit.module.text
        if any(part is self.reader.origin for part in ast.walk(node)):
            inner, outer = unit.module.extent(self.reader.origin)
            left, right = text[start:inner].rstrip(), text[outer:end].lstrip()
            if left == "(" and right.startswith(")"):  # (\n await client.post(...)\n).json()
                return f"{self.reader.response}{right[1:]}"
            return f"{text[start:inner]}{self.reader.response}{text[outer:end]}"
        return text[start:end]


def _alone(unit: Unit, node: ast.expr) -> bool:
    """Whether an expression stands between commas or brackets, so that ``or`` needs no parentheses."""
    parent = unit.module.parent(node)
    return isinstance(parent, ast.keyword | ast.Return) or (
        isinstance(parent, ast.Call) and node in parent.args
    )


def _asked(unit: Unit, node: ast.expr, parent: ast.AST | None) -> bool:
    """Whether a value is only asked whether it is there, or is a dict."""
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "isinstance":
        return parent.args[0] is node
    if isinstance(parent, ast.Compare):  # with None; anything else looks into it
        return all(constant(side) is None and isinstance(side, ast.Constant) for side in _sides(parent, node))
    return tested(unit, node)


def _sides(test: ast.Compare, node: ast.expr) -> list[ast.expr]:
    return [side for side in (test.left, *test.comparators) if side is not node]
