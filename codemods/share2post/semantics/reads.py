"""What becomes of the response: every read of it, wherever it goes, in the old and the new words.

::

    body = response.json()                    # BODY, the whole answer
    data = body["data"]                       # DATA, {"share_id", "error_code", "error_msg"}
    if data["error_code"] != 0:               # CODE, a number that becomes a word
        raise RuntimeError(data["error_msg"]) # MESSAGE
    return data["share_id"]                   # ID

Old and new envelope, and what may be read as what: api-facts 4.2 and 4.3.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from share2post.model import Reason
from share2post.semantics.codes import Codes
from share2post.semantics.flow import Binding
from share2post.semantics.reading.answers import Answers
from share2post.semantics.reading.beyond import Beyond
from share2post.semantics.reading.brought import Brought
from share2post.semantics.reading.collected import Collected
from share2post.semantics.reading.exits import Exits
from share2post.semantics.reading.fields import Fields
from share2post.semantics.reading.handed import Handed
from share2post.semantics.reading.ids import Ids
from share2post.semantics.reading.keys import is_empty, reread, stray_reads
from share2post.semantics.reading.messages import Messages
from share2post.semantics.reading.models import Models
from share2post.semantics.reading.raised import Raised
from share2post.semantics.reading.records import Records
from share2post.semantics.reading.returns import Returns
from share2post.semantics.reading.standins import StandIns
from share2post.semantics.reading.stores import Stores
from share2post.semantics.reading.tables import Tables
from share2post.semantics.reading.tracked import MODELS, OPAQUE, ResponseShape, Variable, What
from share2post.semantics.reading.variables import Variables
from share2post.semantics.runners import Runners
from share2post.semantics.sinks import Sinks
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft

__all__ = ["Reader", "ResponseShape", "What", "reread", "stray_reads"]


class Transit(Protocol):
    """Data on its way into or out of a function, which is settled once every read of it was seen."""

    def settle(self) -> None:
        """Decide what is handed over there."""


@dataclass(eq=False)
class Reader:
    """Follows one response through the project and notes the changes its reads need."""

    evaluator: Evaluator
    draft: Draft
    shape: ResponseShape
    fresh: Callable[[Unit, ast.AST, str], str]
    newline: Callable[[Unit], str]
    quote: Callable[[Unit], str]
    seen: set[tuple[int, What]] = field(default_factory=set)
    kinds: dict[ast.AST, What] = field(default_factory=dict)  # what each tracked expression is
    reads: list[tuple[Unit, ast.Call]] = field(
        default_factory=list
    )  # where a body that can be read once is read
    variables: dict[Binding, Variable] = field(default_factory=dict)
    looks: list[Callable[[], None]] = field(default_factory=list)  # reads that need to know every stand-in
    later: list[Callable[[], None]] = field(default_factory=list)  # checks of what was written
    uncertain: bool = False  # whether something else may stand where the answer is read
    blank: bool = False  # whether an empty dict may stand for the answer's data
    hybrid: bool = False  # whether the program expects the new API's answer already
    modern: list[tuple[Unit, ast.expr]] = field(default_factory=list)  # reads that only the new answer serves
    links: list[tuple[Unit, ast.expr]] = field(default_factory=list)  # where a hybrid reads upload_url

    def __post_init__(self) -> None:
        self.origin: ast.AST = ast.Constant(None)
        self.response = "response"
        self.codes = Codes(self.evaluator, self.draft, self.quote)
        self.sinks = Sinks(self.evaluator.world)
        self.stores = Stores(self)
        self.answers = Answers(self)
        self.fields = Fields(self)
        self.beyond = Beyond(self)
        self.messages = Messages(self)
        self.exits = Exits(self)
        self.returns = Returns(self)
        self.collected = Collected(self)
        self.models = Models(self)
        self.tables = Tables(self)
        self.transits: list[Transit] = []
        self.handed = Handed(self)
        self.brought = Brought(self)
        self.records = Records(self)
        self.ids = Ids(self)
        self.raised = Raised(self)
        self.held = Variables(self)
        self.standins = StandIns(self)

    def run(self, unit: Unit, node: ast.expr, response: str) -> None:
        """Follow the response that this expression gives, and that ``response`` names afterwards."""
        self.origin, self.response = node, response
        self.follow(unit, node, What.RESPONSE)
        self.finish()

    def finish(self) -> None:
        """Decide what the variables hold whose every read has been seen, and what becomes of the classes."""
        self.models.settle()
        self.tables.settle()
        self.codes.absent |= (self.uncertain or self.blank) and self.fields.asked_softly
        self.codes.finish()
        for look in self.looks:
            look()
        for transit in reversed(self.transits):  # the innermost first: it says what the outer ones give
            transit.settle()
        for variable in self.variables.values():
            self.held.settle(variable)
        self.fields.settle_tests()
        for check in self.later:
            check()

    def follow(self, unit: Unit, node: ast.expr, what: What, variable: Variable | None = None) -> None:
        """Follow a tracked expression to what uses it."""
        if (id(node), what) in self.seen:
            return
        self.seen.add((id(node), what))
        self.draft.tracked.add(node)
        self.kinds[node] = what
        if len(self.seen) > 2000 and what is not What.ID:
            self.draft.stop(
                Reason.UNKNOWN_READ, "the response is used in too many places to follow", unit, node
            )
            return
        parent = unit.module.parent(node)
        if self._carried(unit, node, parent, what, variable):
            return
        match what:
            case What.RESPONSE:
                self.answers.response(unit, node, parent)
            case What.RAW:
                self.answers.raw(unit, node, parent)
            case What.BODY:
                self.answers.body(unit, node, parent)
            case What.DATA | What.EXTRA:
                self.fields.fields(unit, node, parent, what, variable)
            case What.CODE:
                if not self.codes.rewrite(unit, node, parent):
                    self.exits.elsewhere(unit, node, parent, what)
            case What.MESSAGE:
                self.messages.message(unit, node, parent)
            case What.TABLE:
                self.tables.use(unit, node, parent)
            case What.ID:
                self.ids.used(unit, node, parent)
            case _ if what in MODELS:
                self.models.instance(unit, node, parent, what)
            case _:
                pass  # an opaque string before and after: it may go anywhere

    def _carried(
        self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What, variable: Variable | None
    ) -> bool:
        """Through assignments, awaits, parentheses of all kinds: the value stays what it is."""
        if variable is not None and _taken_elsewhere(node, parent):
            variable.leaves.append(node)
        match parent:
            case ast.Assign() if parent.value is node:
                for target in parent.targets:
                    self.stores.target(unit, node, target, what, variable)
            case ast.AnnAssign() if parent.value is node:
                self.stores.target(unit, node, parent.target, what, variable)
            case ast.NamedExpr() if parent.value is node:
                held = self.stores.bound(unit, node, parent.target, what)
                self.follow(unit, parent, what, held or variable)
            case ast.Await():
                self.follow(unit, parent, what, variable)
            case ast.Call() if self._run(unit, node, parent) or self.models.typed.is_cast(unit, node, parent):
                self.follow(unit, parent, what, variable)
            case ast.withitem() if parent.context_expr is node:
                if isinstance(parent.optional_vars, ast.Name):
                    self.stores.bound(unit, node, parent.optional_vars, what)
            case ast.Tuple() | ast.List() if self._unpacked(unit, node, parent, what):
                pass
            case ast.Tuple() if isinstance(unit.module.parent(parent), ast.Return):
                self.returns.returned_element(unit, node, parent, what)
            case ast.BoolOp() if self._defaulted(node, parent, what):
                self.follow(unit, parent, what, variable)
            case ast.BoolOp() if node is parent.values[-1] and what in (What.RESPONSE, What.BODY):
                self.uncertain = True
                self.follow(unit, parent, what, variable)
            case ast.BoolOp() if node is parent.values[-1] and what is What.CODE:
                if not self.codes.rewrite(unit, node, parent):
                    self.standins.no_number(unit, node)
            case ast.IfExp() if node is not parent.test:
                self.follow(unit, parent, what, variable)
                self.standins.take(unit, parent.orelse if node is parent.body else parent.body, what)
            case ast.Dict() if node in parent.values and self._kept_whole(unit, node, parent, what):
                pass
            case ast.ListComp() | ast.GeneratorExp() if parent.elt is node and _gathered(what):
                self.collected.collected(unit, parent, what)
            case ast.Call() if _appends(parent, node) and _gathered(what):
                self.collected.appended(unit, node, parent, what)
            case ast.Lambda() if parent.body is node:
                self.returns.from_lambda(unit, node, parent, what)
            case ast.Expr():
                pass
            case ast.Return():
                self.returns.returned(unit, node, parent, what, variable)
            case ast.Yield() if what not in OPAQUE and isinstance(unit.module.parent(parent), ast.Expr):
                self.returns.yielded(unit, node, parent, what)
            case ast.Tuple() if isinstance(unit.module.parent(parent), ast.Yield):
                self.returns.yielded(unit, node, parent, what)
            case _:
                return False
        return True

    def _run(self, unit: Unit, node: ast.expr, parent: ast.Call) -> bool:
        """``asyncio.run(upload())``, ``asyncio.wait_for(upload(), 60)``: what a coroutine gives."""
        runners = Runners(self.evaluator, unit)
        return runners.finishes(node, parent) or runners.passes(node, parent)

    def _kept_whole(self, unit: Unit, node: ast.expr, parent: ast.Dict, what: What) -> bool:
        """``{"answer": response.json()}``: whether every read of that key is seen, or need not be."""
        if what not in (What.RESPONSE, What.BODY, What.ID) or parent.keys[parent.values.index(node)] is None:
            return False
        before = len(self.seen)
        if self.records.entry(unit, node, parent, what) or what is What.ID:
            return True
        if len(self.seen) > before:
            hint = "the answer is kept in a dict, and what is read from there may be something else"
            self.draft.stop(Reason.RESPONSE_ESCAPES, hint, unit, node)
        return False

    def _defaulted(self, node: ast.expr, parent: ast.BoolOp, what: What) -> bool:
        """``x or {}``: still x, where the other side is an empty value."""
        if not isinstance(parent.op, ast.Or) or parent.values[0] is not node:
            return False
        if what in (What.RESPONSE, What.RAW, What.CODE, What.MESSAGE):
            return False
        return all(is_empty(value) for value in parent.values[1:])

    def _unpacked(self, unit: Unit, node: ast.expr, parent: ast.Tuple | ast.List, what: What) -> bool:
        """``a, b = response.json(), 1``: the name beside it."""
        statement = unit.module.parent(parent)
        if not isinstance(statement, ast.Assign) or statement.value is not parent:
            return False
        index = parent.elts.index(node)
        for target in statement.targets:
            if not isinstance(target, ast.Tuple | ast.List) or len(target.elts) != len(parent.elts):
                return False
            if not isinstance(target.elts[index], ast.Name):
                return False
            self.stores.bound(unit, node, target.elts[index], what)
        return True


def _gathered(what: What) -> bool:
    return what is What.ID or what not in OPAQUE


def _taken_elsewhere(node: ast.expr, parent: ast.AST | None) -> bool:
    """Whether a value goes on in something else, where what is read of it is followed apart."""
    whole = ast.withitem | ast.Tuple | ast.List | ast.ListComp | ast.GeneratorExp | ast.Lambda | ast.Yield
    return isinstance(parent, whole) or (isinstance(parent, ast.Call) and _appends(parent, node))


def _appends(call: ast.Call, node: ast.expr) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "append" and call.args == [node]
