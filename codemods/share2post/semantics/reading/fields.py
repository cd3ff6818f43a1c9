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
    finds_id,
    guarded,
    key_read,
    looked_into,
    quote_of,
    requoted,
    tested,
    tests_key,
)
from share2post.semantics.reading.tracked import Read, Variable, What
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


@dataclass(eq=False)
class Fields:
    """Reads of ``data`` and ``extra``: to ``data`` and ``error`` of the new answer."""

    reader: Reader
    tests: list[tuple[Unit, ast.expr]] = field(default_factory=list)
    count: int = 0  # how many reads of them there are
    asked_softly: bool = False  # whether the code is read by ``get``, so that there may be none

    def settle_tests(self) -> None:
        """A test whether ``data`` is there asks for the answer itself: a refusal may have no ``data`` (T20)."""
        for unit, node in [] if self.reader.hybrid else self.tests:  # a hybrid asks what the new answer says
            self.reader.held.take_answer(unit, node)

    def fields(
        self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What, variable: Variable | None
    ) -> None:
        self.count += 1
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
        elif isinstance(parent, ast.BoolOp) and not tested(unit, node):
            hint = "something else may stand for the answer's data here, and what is read from it cannot be told apart"
            self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, parent)
        elif variable is not None and asked(unit, node, parent):
            variable.tests.append(node)
        elif variable is None and what is What.DATA and asked(unit, node, parent):
            if not finds_id(parent):
                self.tests.append((unit, node))
            elif isinstance(node, ast.Subscript):
                self.soften(unit, node, parentheses=False)
        elif what is not What.DATA or not self.reader.handed.over(unit, node, parent, variable):
            if variable is None:
                self.loosen(unit, node, what, None)
            elif self.reader.sinks.harmless(unit, node, parent, boolean=True):
                variable.shown = True
            else:
                variable.leaves.append(node)
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
        self._to_error(unit, node, what, variable, Read(node, quote_of(unit, read.key_node), read.get))
        if key == tiktok.OLD_DETAIL:
            self.reader.draft.doubt(
                Reason.ERROR_DETAIL,
                "extra.error_detail has no counterpart; error.message is the nearest",
                unit,
                read.outer,
            )
        if key in tiktok.OLD_CODES:
            self.reader.codes.default(unit, read.default)
            self.asked_softly |= read.get and read.default is None
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
        if variable is not None:
            variable.ids.append(Read(node, quote_of(unit, read.key_node), read.get))
        elif read.get or isinstance(node, ast.Call):
            self.loosen(unit, node, what, None)
        self.reader.follow(unit, read.outer, What.ID)

    def _field_test(
        self, unit: Unit, node: ast.expr, test: ast.Compare, what: What, variable: Variable | None
    ) -> None:
        key = constant(test.left)
        if self.reader.beyond.tests(key):
            self._look_for_id(unit, node, test, what, variable)
            return
        self.reader.draft.mark("S2P004", unit, test, f"{key} is looked for in the old response")
        if key == tiktok.OLD_ID:
            self.reader.draft.swap(unit, test.left, requoted(unit, test.left, tiktok.NEW_ID))
            self._look_for_id(unit, node, test, what, variable)
        elif key in tiktok.OLD_CODES or key in (tiktok.OLD_LOG_ID, tiktok.OLD_DETAIL):
            self.reader.draft.swap(unit, test.left, requoted(unit, test.left, ERROR_FIELDS[str(key)]))
            self._to_error(unit, node, what, variable, Read(node, quote_of(unit, test.left), True))
        elif key == tiktok.OLD_MESSAGE:  # it was there exactly when the upload was refused
            quote = quote_of(unit, test.left)
            refused = isinstance(test.ops[0], ast.In)
            start, end = unit.module.extent(test)
            self.reader.draft.replace(unit, start, unit.module.extent(node)[0], "")
            operator = "!=" if refused else "=="
            tail = f" {operator} {quote}{tiktok.OK}{quote}"
            self.reader.looks.append(lambda: self._code_of(unit, node, what, variable, quote, tail))
        else:
            self.reader.draft.stop(
                Reason.UNKNOWN_READ, f'"{key}" is looked for in the answer\'s data', unit, test
            )

    def _code_of(
        self, unit: Unit, node: ast.expr, what: What, variable: Variable | None, quote: str, tail: str
    ) -> None:
        """The code in the place of a look for a message; what stands in for an answer has neither."""
        soft = self.reader.uncertain or self.reader.blank
        word = f"{quote}{tiktok.NEW_CODE}{quote}"
        code = f".get({word}, {quote}{tiktok.OK}{quote})" if soft else f"[{word}]"
        test = unit.module.parent(node)
        end = unit.module.extent(test if test is not None else node)[1]
        self._to_error(unit, node, what, variable, Read(node, quote, soft))
        # behind what its variable comes to
        self.reader.later.append(lambda: self.reader.draft.replace(unit, end, end, code + tail))

    def _look_for_id(
        self, unit: Unit, node: ast.expr, test: ast.Compare, what: What, variable: Variable | None
    ) -> None:
        if variable is None:
            self.loosen(unit, node, what, None)
        else:
            variable.ids.append(Read(node, quote_of(unit, test.left), True))

    def _to_error(
        self, unit: Unit, node: ast.expr, what: What, variable: Variable | None, read: Read
    ) -> None:
        """Read from ``error`` what was read from ``data`` or ``extra``."""
        if variable is None:
            old = tiktok.OLD_DATA if what is What.DATA else tiktok.OLD_EXTRA
            if not self.rename_key(unit, node, old, tiktok.NEW_ERROR):
                hint = f"the error is read from the answer's {old}, in a way the tool cannot change"
                self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, node)
        elif what is What.DATA:
            variable.errors.append(read)

    def reads_error(self, unit: Unit, node: ast.expr, variable: Variable) -> None:
        """Note that the error is read where a variable's value has gone."""
        name = name_in(node)
        if name is not None or variable.binding is None:
            variable.errors.append(Read(name or node, self.reader.quote(unit), False))
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
            variable.leaves.append(node)
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

    def soften(self, unit: Unit, node: ast.Subscript, parentheses: bool, missed: bool = False) -> None:
        """``body.get("data") or {}``; ``missed``: whether another line still fails where there is no answer."""
        if not missed:
            self.reader.later.append(lambda: self._missed(unit, node))
        start, end = unit.module.extent(node)
        inner_end = unit.module.text.rindex("[", start, unit.module.extent(node.slice)[0])
        quote = quote_of(unit, node.slice)
        opening, closing = ("(", ")") if parentheses else ("", "")
        self.reader.draft.replace(unit, start, start, opening)
        tail = f".get({quote}{tiktok.NEW_DATA}{quote}) or {{}}{closing}"
        self.reader.draft.replace(unit, inner_end, end, tail)

    def _missed(self, unit: Unit, node: ast.Subscript) -> None:
        """A stand-in without ``data`` was an error here, and would be none any more."""
        if self.reader.uncertain and (by_exception(unit, node) or not guarded(unit, node)):
            hint = "what stands in for the answer fails here, and the new reading allows for no data"
            self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, node)


def _alone(unit: Unit, node: ast.expr) -> bool:
    """Whether an expression stands between commas or brackets, so that ``or`` needs no parentheses."""
    parent = unit.module.parent(node)
    return isinstance(parent, ast.keyword | ast.Return) or (
        isinstance(parent, ast.Call) and node in parent.args
    )


def asked(unit: Unit, node: ast.expr, parent: ast.AST | None) -> bool:
    """Whether a value is only asked whether it is there, or is a dict."""
    named = parent.func.id if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) else ""
    if isinstance(parent, ast.Call) and named in ("isinstance", "bool"):
        return parent.args[:1] == [node]
    if isinstance(parent, ast.Compare):  # with None; anything else looks into it
        return all(constant(side) is None and isinstance(side, ast.Constant) for side in _sides(parent, node))
    return tested(unit, node)


def _sides(test: ast.Compare, node: ast.expr) -> list[ast.expr]:
    return [side for side in (test.left, *test.comparators) if side is not node]
