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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.callers import argument_for, callers, parameter_of
from share2post.semantics.codes import Codes
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.sinks import Sinks
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft

_DEPTH = 60


class What(Enum):
    """What a tracked expression is."""

    RESPONSE = auto()
    RAW = auto()  # the answer's text or bytes
    BODY = auto()  # the parsed answer
    DATA = auto()  # its "data"
    EXTRA = auto()  # its "extra"
    ID = auto()
    CODE = auto()
    MESSAGE = auto()
    LOG_ID = auto()


@dataclass(frozen=True)
class ResponseShape:
    """How one client's response is read."""

    plain: frozenset[str]  # attributes and methods that mean the same on the new answer
    json: frozenset[str] = frozenset({"json"})
    raw: frozenset[str] = frozenset({"text", "content"})
    raw_methods: frozenset[str] = frozenset()


@dataclass(eq=False)
class _Variable:
    """A name that holds DATA: what is read through it decides what becomes of its assignment."""

    unit: Unit
    binding: Binding
    value: ast.expr  # the expression it is assigned
    body: ast.expr  # the BODY expression inside that value
    ids: bool = False
    whole: bool = False
    errors: list[ast.Name] = field(default_factory=list)
    tests: list[ast.Name] = field(default_factory=list)


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
    variables: dict[Binding, _Variable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.codes = Codes(self.evaluator, self.draft, self.quote)
        self.sinks = Sinks(self.evaluator.world)
        self.origin: ast.AST = ast.Constant(None)
        self.response = "response"

    def run(self, unit: Unit, node: ast.expr, response: str) -> None:
        """Follow the response that this expression gives, and that ``response`` names afterwards."""
        self.origin, self.response = node, response
        self.follow(unit, node, What.RESPONSE)
        for variable in self.variables.values():
            self._settle(variable)

    # the walk

    def follow(self, unit: Unit, node: ast.expr, what: What, variable: _Variable | None = None) -> None:
        """Follow a tracked expression to what uses it."""
        if (id(node), what) in self.seen:
            return
        self.seen.add((id(node), what))
        self.draft.tracked.add(node)
        if len(self.seen) > 2000:
            self.draft.stop(Reason.UNKNOWN_READ, "the response is used in too many places to follow", unit, node)
            return
        parent = unit.module.parent(node)
        if self._carried(unit, node, parent, what, variable):
            return
        match what:
            case What.RESPONSE:
                self._response(unit, node, parent)
            case What.RAW:
                self._raw(unit, node, parent)
            case What.BODY:
                self._body(unit, node, parent)
            case What.DATA | What.EXTRA:
                self._fields(unit, node, parent, what, variable)
            case What.CODE:
                if not self.codes.rewrite(unit, node, parent):
                    self._elsewhere(unit, node, parent, what)
            case What.MESSAGE:
                self._message(unit, node, parent)
            case What.ID | What.LOG_ID:
                pass  # an opaque string before and after: it may go anywhere

    def _carried(
        self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What, variable: _Variable | None
    ) -> bool:
        """Through assignments, awaits, parentheses of all kinds: the value stays what it is."""
        match parent:
            case ast.Assign() if parent.value is node:
                for target in parent.targets:
                    self._target(unit, node, target, what)
            case ast.AnnAssign() if parent.value is node:
                self._target(unit, node, parent.target, what)
            case ast.NamedExpr() if parent.value is node:
                self._bound(unit, node, parent.target, what, simple=False)
                self.follow(unit, parent, what, variable)
            case ast.Await():
                self.follow(unit, parent, what, variable)
            case ast.withitem() if parent.context_expr is node:
                if isinstance(parent.optional_vars, ast.Name):
                    self._bound(unit, node, parent.optional_vars, what, simple=False)
            case ast.Tuple() | ast.List() if self._unpacked(unit, node, parent, what):
                pass
            case ast.Tuple() if isinstance(unit.module.parent(parent), ast.Return):
                self._returned_element(unit, node, parent, what)
            case ast.BoolOp() if self._defaulted(node, parent, what):
                self.follow(unit, parent, what, variable)
            case ast.IfExp() if node is not parent.test:
                self.follow(unit, parent, what, variable)
            case ast.ListComp() | ast.GeneratorExp() if parent.elt is node and what not in _OPAQUE:
                self._collected(unit, parent, what)
            case ast.Call() if _appends(parent, node) and what not in _OPAQUE:
                self._appended(unit, node, parent, what)
            case ast.Lambda() if parent.body is node:
                self._from_lambda(unit, node, parent, what)
            case ast.Expr():
                pass
            case ast.Return():
                self._returned(unit, node, parent, what)
            case _:
                return False
        return True

    def _defaulted(self, node: ast.expr, parent: ast.BoolOp, what: What) -> bool:
        """``x or {}``: still x, where the other side is an empty value."""
        if not isinstance(parent.op, ast.Or) or parent.values[0] is not node:
            return False
        if what in (What.RESPONSE, What.RAW, What.CODE, What.MESSAGE):
            return False
        return all(_is_empty(value) for value in parent.values[1:])

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
            self._bound(unit, node, target.elts[index], what, simple=False)
        return True

    # assignments

    def _target(self, unit: Unit, node: ast.expr, target: ast.expr, what: What) -> None:
        if isinstance(target, ast.Name):
            self._bound(unit, node, target, what, simple=True)
        elif isinstance(target, ast.Attribute):
            self._attribute(unit, node, target, what)
        elif what in (What.RESPONSE, What.BODY, What.DATA, What.EXTRA, What.CODE):
            self._lost(unit, node, what, "is stored")

    def _bound(self, unit: Unit, node: ast.expr, target: ast.expr, what: What, simple: bool) -> None:
        if not isinstance(target, ast.Name):
            return
        binding = next((b for b in self._bindings(unit, target) if b.node is target), None)
        if binding is None:
            self._lost(unit, node, what, "is stored")
            return
        if binding.scope.node is unit.module.tree and self._shared_global(unit, binding) and what not in _OPAQUE:
            self._lost(unit, node, what, f"is kept in the module's {binding.name}")
        variable = None
        if what in (What.DATA, What.EXTRA):
            variable = self._variable(unit, node, binding, what, simple)
            if variable is None:
                return
        for use in list(binding.uses):
            if isinstance(use.ctx, ast.Load) and self._sees_only(unit, use, binding, what):
                self.follow(unit, use, what, variable)
            elif isinstance(use.ctx, ast.Store) and what is not What.ID:
                self.draft.stop(Reason.UNKNOWN_READ, "the response's value is changed in place", unit, use)

    def _shared_global(self, unit: Unit, binding: Binding) -> bool:
        """Whether other modules of the project read this module-level name."""
        for other in self.evaluator.world.units.values():
            if other is not unit and binding.name in other.words:
                for bindings in other.flow.root.bindings.get(binding.name, []):
                    if bindings.kind is Kind.IMPORT:
                        return True
        return False

    def _bindings(self, unit: Unit, target: ast.Name) -> list[Binding]:
        return [b for scope in unit.flow.scopes.values() for b in scope.bindings.get(target.id, [])]

    def _sees_only(self, unit: Unit, use: ast.Name, binding: Binding, what: What) -> bool:
        """Whether a load sees this response, and nothing else that would be read differently."""
        others = [b for b in unit.flow.reaching(use) if b is not binding]
        if what in _OPAQUE:
            return True
        for other in others:
            if other.value is not None and (_is_empty(other.value) or other.value in self.draft.tracked):
                continue
            if not self._is_read(unit, use):
                return False
            hint = f"{use.id} may hold this response or something else (line {getattr(other.node, 'lineno', '?')}) here"
            self.draft.share(other.value or other.node, Reason.UNKNOWN_READ, hint, unit, use)
        return True

    def _is_read(self, unit: Unit, use: ast.Name) -> bool:
        """Whether a use looks into the value at all."""
        parent = unit.module.parent(use)
        return isinstance(parent, ast.Attribute | ast.Subscript | ast.Compare | ast.Return | ast.Call)

    def _variable(
        self, unit: Unit, node: ast.expr, binding: Binding, what: What, simple: bool
    ) -> _Variable | None:
        body = _body_of(node)
        if body is None:
            self.draft.stop(Reason.UNKNOWN_READ, f"what {binding.name} holds is put together here", unit, node)
            return None
        variable = self.variables.setdefault(binding, _Variable(unit, binding, node, body))
        if what is What.EXTRA:
            self._rename_key(unit, node, tiktok.OLD_EXTRA, tiktok.NEW_ERROR)
            variable.whole = True
        elif not simple:
            variable.whole = True
        return variable

    def _attribute(self, unit: Unit, node: ast.expr, target: ast.Attribute, what: What) -> None:
        """``self.response = ...``: every read of that attribute in the class, if it is set only here."""
        if what in _OPAQUE:
            return
        owner = unit.class_of(target)
        is_self = isinstance(target.value, ast.Name) and target.value.id == "self"
        stores = [a for a in unit.attributes.get(target.attr, ()) if not isinstance(a.ctx, ast.Load)]
        empty = [a for a in stores if a is not target and self._set_empty(unit, a)]
        loads = [a for a in unit.attributes.get(target.attr, ()) if isinstance(a.ctx, ast.Load)]
        inside = all(unit.class_of(a) is owner and _is_self(a.value) for a in loads)
        alone = len(stores) == 1 + len(empty)
        if owner is None or not is_self or not alone or not inside or what in (What.DATA, What.EXTRA):
            if what is What.CODE and self._compared_elsewhere(unit, node, target):
                return
            if loads or what is not What.CODE:
                self._lost(unit, node, what, f"is kept in {unit.module.source(target)}")
            return
        for load in loads:
            self.follow(unit, load, what)
        if not loads:
            self._lost(unit, node, what, f"is kept in {unit.module.source(target)}")

    def _set_empty(self, unit: Unit, target: ast.Attribute) -> bool:
        statement = unit.module.statement(target)
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        return value is not None and _is_empty(value)

    # the response and its body

    def _response(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> None:
        if isinstance(parent, ast.Attribute):
            outer = unit.module.parent(parent)
            called = outer if isinstance(outer, ast.Call) and outer.func is parent else None
            if parent.attr in self.shape.json:
                if called is not None:
                    self.follow(unit, called, What.BODY)
                else:
                    self._lost(unit, node, What.RESPONSE, "hands its json method on")
            elif parent.attr in self.shape.raw_methods:
                if called is not None:
                    self.follow(unit, called, What.RAW)
            elif parent.attr in self.shape.raw:
                self.follow(unit, parent, What.RAW)
            elif parent.attr not in self.shape.plain:
                self.draft.stop(
                    Reason.UNKNOWN_READ, f"the response's .{parent.attr} is read, which the tool cannot map", unit, parent
                )
            return
        if isinstance(parent, ast.Subscript):
            self.draft.stop(
                Reason.UNKNOWN_READ, "the response itself is read like a dict, without .json()", unit, parent
            )
            return
        self._elsewhere(unit, node, parent, What.RESPONSE)

    def _raw(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> None:
        match parent:
            case ast.Call() if self.evaluator.world.qualified(unit, parent.func) in _LOADERS:
                self.follow(unit, parent, What.BODY)
            case ast.Call(func=ast.Attribute(attr="decode")) if node is not parent:
                self._elsewhere(unit, node, parent, What.RAW)
            case ast.Attribute(attr="decode" | "strip"):
                outer = unit.module.parent(parent)
                if isinstance(outer, ast.Call):
                    self.follow(unit, outer, What.RAW)
            case ast.Subscript(slice=ast.Slice()):
                self.follow(unit, parent, What.RAW)
            case ast.Compare() if len(parent.ops) == 1 and isinstance(parent.ops[0], ast.In | ast.NotIn):
                if isinstance(parent.left, ast.Constant):
                    self._raw_test(unit, parent.left)
            case _:
                self._elsewhere(unit, node, parent, What.RAW)

    def _raw_test(self, unit: Unit, key: ast.Constant) -> None:
        text = key.value.decode() if isinstance(key.value, bytes) else key.value
        if text == tiktok.OLD_ID:
            self.draft.mark("S2P004", unit, key, "share_id is looked for in the old response")
            self.draft.swap(unit, key, _requoted(unit, key, tiktok.NEW_ID))
        elif text in _OLD_WORDS:
            self.draft.stop(
                Reason.UNKNOWN_READ, f"{text} is looked for in the response's text", unit, key
            )

    def _body(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> None:
        read = _key_read(unit, node, parent)
        if read is not None:
            self._root_key(unit, node, read)
            return
        match parent:
            case ast.Compare() if _tests_key(parent, node):
                self._root_test(unit, node, parent)
            case ast.Attribute():
                self.draft.stop(
                    Reason.UNKNOWN_READ, f"the answer's .{parent.attr} is used, which the tool cannot map", unit, parent
                )
            case ast.Subscript():
                self.draft.stop(Reason.UNKNOWN_READ, "the answer is read with a key the tool cannot tell", unit, parent)
            case _:
                self._elsewhere(unit, node, parent, What.BODY)

    def _root_key(self, unit: Unit, body: ast.expr, read: _KeyRead) -> None:
        if read.key == tiktok.OLD_DATA:
            self.follow(unit, read.outer, What.DATA)
        elif read.key == tiktok.OLD_EXTRA:
            self.follow(unit, read.outer, What.EXTRA)
        else:
            self.draft.mark("S2P004", unit, read.outer, f"{read.key} is read from the top of the answer")
            self.draft.stop(
                Reason.UNKNOWN_READ,
                f'the old answer had no "{read.key}" at its top, so what this read means is not known',
                unit,
                read.outer,
            )

    def _root_test(self, unit: Unit, body: ast.expr, test: ast.Compare) -> None:
        key = _constant(test.left)
        if key == tiktok.OLD_DATA:
            self.tests_data(unit, test, test.left)
        elif key == tiktok.OLD_EXTRA and isinstance(test.left, ast.Constant):
            self.draft.swap(unit, test.left, _requoted(unit, test.left, tiktok.NEW_ERROR))
        else:
            self.draft.stop(
                Reason.UNKNOWN_READ, f'the old answer had no "{key}" at its top', unit, test
            )

    def tests_data(self, unit: Unit, test: ast.Compare, key: ast.expr) -> None:
        """``"data" in body`` was always true; now it is not in every refusal, but "error" is."""
        around = unit.module.parent(test)
        if isinstance(around, ast.BoolOp) and isinstance(around.op, ast.And):
            tail = ast.unparse(around)
            if tiktok.OLD_ID in tail:
                return  # ... and "share_id" in body["data"]: false in both worlds when refused
        self.draft.swap(unit, key, _requoted(unit, key, tiktok.NEW_ERROR))

    # data and extra

    def _fields(
        self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What, variable: _Variable | None
    ) -> None:
        read = _key_read(unit, node, parent)
        if read is not None:
            self._field(unit, node, read, what, variable)
        elif isinstance(parent, ast.Compare) and _tests_key(parent, node):
            self._field_test(unit, node, parent, what, variable)
        elif isinstance(parent, ast.Subscript | ast.Attribute):
            self.draft.stop(
                Reason.UNKNOWN_READ, "the answer's data is used in a way the tool cannot map", unit, parent
            )
        elif variable is not None and isinstance(node, ast.Name) and _tested(unit, node):
            variable.tests.append(node)
        else:
            self._loosen(unit, node, what, variable)
            self._elsewhere(unit, node, parent, what)

    def _field(
        self, unit: Unit, node: ast.expr, read: _KeyRead, what: What, variable: _Variable | None
    ) -> None:
        key = read.key
        self.draft.mark("S2P004", unit, read.outer, f"{key} is read from the old response")
        if key == tiktok.OLD_ID and what is What.DATA:
            self.draft.swap(unit, read.key_node, _requoted(unit, read.key_node, tiktok.NEW_ID))
            if read.get or isinstance(node, ast.Call):
                self._loosen(unit, node, what, variable)
            elif variable is not None:
                variable.ids = True
            self.follow(unit, read.outer, What.ID)
            return
        new = _ERROR_FIELDS.get(key)
        if new is None:
            self.draft.stop(
                Reason.UNKNOWN_READ,
                f'"{key}" is read, which neither the old nor the new answer has there',
                unit,
                read.outer,
            )
            return
        self.draft.swap(unit, read.key_node, _requoted(unit, read.key_node, new))
        self._to_error(unit, node, what, variable)
        if key == tiktok.OLD_DETAIL:
            self.draft.doubt(
                Reason.ERROR_DETAIL,
                "extra.error_detail has no counterpart; error.message is the nearest",
                unit,
                read.outer,
            )
        if key in tiktok.OLD_CODES:
            self.codes.default(unit, read.default)
            self.follow(unit, read.outer, What.CODE)
        elif key == tiktok.OLD_MESSAGE:
            if not read.get and _by_exception(unit, read.outer):
                self.draft.stop(
                    Reason.UNKNOWN_READ,
                    "error_msg was absent on success and the KeyError is caught; error.message is always there",
                    unit,
                    read.outer,
                )
            self._message_default(unit, read)
            self.follow(unit, read.outer, What.MESSAGE)
        else:
            self.follow(unit, read.outer, What.LOG_ID)

    def _message_default(self, unit: Unit, read: _KeyRead) -> None:
        """The old message was absent on success, the new one is empty: ``.get(..., x)`` becomes ``... or x``."""
        if not read.get or _tested(unit, read.outer) or (read.default is None and _guarded(unit, read.outer)):
            return
        start, end = unit.module.extent(read.outer)
        default = unit.module.source(read.default) if read.default is not None else "None"
        outer = unit.module.parent(read.outer)
        if isinstance(outer, ast.BoolOp) and isinstance(outer.op, ast.Or) and read.default is None:
            return
        if read.default is not None:
            key_end = unit.module.extent(read.key_node)[1]
            close = unit.module.extent(read.default)[1]
            self.draft.replace(unit, key_end, close, "")
        tight = not isinstance(outer, ast.Assign | ast.AnnAssign | ast.Return | ast.Expr | ast.keyword | ast.FormattedValue)
        tight = tight and not (isinstance(outer, ast.Call) and read.outer in outer.args)
        if tight:
            self.draft.replace(unit, start, start, "(")
        self.draft.replace(unit, end, end, f" or {default})" if tight else f" or {default}")

    def _field_test(
        self, unit: Unit, node: ast.expr, test: ast.Compare, what: What, variable: _Variable | None
    ) -> None:
        key = _constant(test.left)
        self.draft.mark("S2P004", unit, test, f"{key} is looked for in the old response")
        if key == tiktok.OLD_ID:
            self.draft.swap(unit, test.left, _requoted(unit, test.left, tiktok.NEW_ID))
            self._loosen(unit, node, what, variable)
        elif key in tiktok.OLD_CODES or key in (tiktok.OLD_LOG_ID, tiktok.OLD_DETAIL):
            self.draft.swap(unit, test.left, _requoted(unit, test.left, _ERROR_FIELDS[str(key)]))
            self._to_error(unit, node, what, variable)
        elif key == tiktok.OLD_MESSAGE:  # it was there exactly when the upload was refused
            quote = _quote(unit, test.left)
            refused = isinstance(test.ops[0], ast.In)
            start, end = unit.module.extent(test)
            self.draft.replace(unit, start, unit.module.extent(node)[0], "")
            operator = "!=" if refused else "=="
            tail = f"[{quote}{tiktok.NEW_CODE}{quote}] {operator} {quote}{tiktok.OK}{quote}"
            self.draft.replace(unit, end, end, tail)
            self._to_error(unit, node, what, variable)
        else:
            self.draft.stop(Reason.UNKNOWN_READ, f'"{key}" is looked for in the answer\'s data', unit, test)

    def _to_error(self, unit: Unit, node: ast.expr, what: What, variable: _Variable | None) -> None:
        """Read from ``error`` what was read from ``data`` or ``extra``."""
        if variable is None:
            old = tiktok.OLD_DATA if what is What.DATA else tiktok.OLD_EXTRA
            self._rename_key(unit, node, old, tiktok.NEW_ERROR)
        elif what is What.DATA and isinstance(node, ast.Name):
            variable.errors.append(node)

    def _rename_key(self, unit: Unit, node: ast.expr, old: str, new: str) -> None:
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and part.value == old:
                holder = unit.module.parent(part)
                if isinstance(holder, ast.Subscript) or (isinstance(holder, ast.Call) and holder.args[:1] == [part]):
                    self.draft.swap(unit, part, _requoted(unit, part, new))

    def _loosen(self, unit: Unit, node: ast.expr, what: What, variable: _Variable | None) -> None:
        """``body["data"]`` was always there; a refused init may leave it out (F3.5)."""
        if variable is not None:
            variable.whole = True
            return
        if what is What.DATA and isinstance(node, ast.Subscript):
            self._soften(unit, node, parentheses=True)
        elif what is What.DATA and isinstance(node, ast.Call) and len(node.args) == 1 and _reads(unit, node):
            start, end = unit.module.extent(node)
            self.draft.replace(unit, start, start, "(")
            self.draft.replace(unit, end, end, " or {})")

    def _soften(self, unit: Unit, node: ast.Subscript, parentheses: bool) -> None:
        start, end = unit.module.extent(node)
        inner_end = unit.module.text.rindex("[", start, unit.module.extent(node.slice)[0])
        quote = _quote(unit, node.slice)
        opening, closing = ("(", ")") if parentheses else ("", "")
        self.draft.replace(unit, start, start, opening)
        tail = f".get({quote}{tiktok.NEW_DATA}{quote}) or {{}}{closing}"
        self.draft.replace(unit, inner_end, end, tail)

    def _settle(self, variable: _Variable) -> None:
        """Decide what a variable that held ``data`` holds now."""
        unit, value = variable.unit, variable.value
        reads_data = variable.ids or variable.whole
        if _is_extra(value):
            return
        if not variable.errors or reads_data:
            core = _core(value)
            if isinstance(core, ast.Subscript):
                self._soften(unit, core, parentheses=core is not value)
            elif isinstance(core, ast.Call) and core is value and len(core.args) == 1:
                end = unit.module.extent(core)[1]
                self.draft.replace(unit, end, end, " or {}")
            if not variable.errors:
                return
        if not reads_data:
            self._rename_key(unit, value, tiktok.OLD_DATA, tiktok.NEW_ERROR)
            return
        statement = unit.module.statement(value)
        simple = isinstance(statement, ast.Assign | ast.AnnAssign)
        if not simple or _line_shared(unit, statement):
            self.draft.stop(
                Reason.UNKNOWN_READ,
                f"{variable.binding.name} serves both the id and the error, and there is no room to part them",
                unit,
                value,
            )
            return
        error = self.fresh(unit, statement, tiktok.NEW_ERROR)
        quote = _quote(unit, value)
        end = unit.module.extent(statement)[1]
        line_end = unit.module.line_end(end)
        indent = unit.module.text[unit.module.line_start(unit.module.extent(statement)[0]) :]
        indent = indent[: len(indent) - len(indent.lstrip(" \t\f"))]
        body = self._source(unit, variable.body)
        awaited = "await " if isinstance(unit.module.parent(variable.body), ast.Await) else ""
        source = f"({awaited}{body})" if awaited else body
        text = f"{indent}{error} = {source}[{quote}{tiktok.NEW_ERROR}{quote}]{self.newline(unit)}"
        if not unit.module.text[:line_end].endswith(("\n", "\r")):
            text = self.newline(unit) + text.rstrip("\r\n")
        self.draft.replace(unit, line_end, line_end, text)
        for name in [*variable.errors, *variable.tests]:  # the old data was always there, as the error is now
            self.draft.swap(unit, name, error)

    def _source(self, unit: Unit, node: ast.expr) -> str:
        """An expression's text, with the name of the response where the call stands in it."""
        start, end = unit.module.extent(node)
        text = unit.module.text
        if any(part is self.origin for part in ast.walk(node)):
            inner, outer = unit.module.extent(self.origin)
            return f"{text[start:inner]}{self.response}{text[outer:end]}"
        return text[start:end]

    # messages

    def _message(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> None:
        """The old message was absent on success (``None`` through ``.get``), the new one is ``""``."""
        if isinstance(parent, ast.Compare) and len(parent.ops) == 1 and _constant(parent.comparators[0]) is None:
            negated = isinstance(parent.ops[0], ast.IsNot | ast.NotEq)
            start, end = unit.module.extent(parent)
            inner_start, inner_end = unit.module.extent(node)
            if isinstance(parent.comparators[0], ast.Constant) and parent.left is node:
                if not negated:
                    self.draft.replace(unit, start, inner_start, "not ")
                self.draft.replace(unit, inner_end, end, "")
                return
            self.draft.stop(Reason.UNKNOWN_READ, "the error message is compared with something", unit, parent)
        elif isinstance(parent, ast.Compare):
            self.draft.stop(
                Reason.UNKNOWN_READ, "the error message is compared with a text of the old API", unit, parent
            )

    # out of sight

    def _elsewhere(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> None:
        """A use that is neither a known read nor an assignment."""
        if isinstance(parent, ast.Call) and what in (What.BODY, What.DATA, What.EXTRA) and _is_len(parent):
            self.draft.stop(Reason.UNKNOWN_READ, "the answer's fields are counted", unit, parent)
            return
        if what is What.CODE and self._compared_elsewhere(unit, node, parent):
            return
        if self.sinks.harmless(unit, node, parent, boolean=what is not What.CODE):
            return
        call = parent if isinstance(parent, ast.Call) else unit.module.parent(parent) if parent is not None else None
        if isinstance(call, ast.Call) and isinstance(parent, ast.Call | ast.keyword) and call.func is not node:
            if self._argument(unit, node, call, what):
                return
            self._lost(unit, node, what, f"is handed to {_callee_text(unit, call)}")
            return
        self._lost(unit, node, what, "goes into something the tool does not follow")

    def _compared_elsewhere(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> bool:
        """The code goes into an attribute or a dict's entry that some place compares with a number."""
        name = _kept_as(unit, node, parent)
        for other in self.evaluator.world.units.values() if name else ():
            for test in ast.walk(other.module.tree):
                if isinstance(test, ast.Compare) and _compares_number(test, name):
                    hint = f"it is kept as {name} and compared with a number at {other.path}:{test.lineno}"
                    self.draft.stop(Reason.RESPONSE_ESCAPES, f"the error code is a word now, but {hint}", unit, node)
                    return True
        return False

    def _argument(self, unit: Unit, node: ast.expr, call: ast.Call, what: What) -> bool:
        """Into the project's own function, when all its callers are seen to pass such a value."""
        callee = self.evaluator.callee(unit, call)
        if callee is None:
            return False
        owner, function = callee
        name = parameter_of(call, node, owner, function)
        scope = owner.flow.scopes.get(function)
        if name is None or scope is None:
            return False
        binding = next((b for b in scope.bindings.get(name, []) if b.kind is Kind.PARAMETER), None)
        if binding is None or what in (What.DATA, What.EXTRA):
            return False
        before = len(self.draft.changes)
        for use in list(binding.uses):
            if isinstance(use.ctx, ast.Load):
                self.follow(owner, use, what)
        if len(self.draft.changes) > before:
            for other_unit, other in callers(self.evaluator, owner, function):
                if other is not call:
                    passed = argument_for(other, owner, function, name)
                    hint = (
                        f"{function.name} reads the answer and is also used for other answers"
                        f" ({other_unit.path}:{other.lineno})"
                    )
                    self.draft.share(passed or other, Reason.WRAPPER, hint, unit, call)
        return True

    def _returned(self, unit: Unit, node: ast.expr, statement: ast.Return, what: What) -> None:
        """Out of the function, to its callers."""
        if what in _OPAQUE:
            return
        function = unit.function_of(statement)
        if function is None:
            return
        called = callers(self.evaluator, unit, function)
        self._loosen_return(unit, node, what)
        if not called or self._mentioned(unit, function, called) or function.decorator_list and not _plain(function):
            self._lost(unit, node, what, f"is returned from {function.name}")
        for other, call in called:
            self.follow(other, call, what)

    def _collected(self, unit: Unit, collection: ast.expr, what: What) -> None:
        """A list whose every element is tracked: to its loops and its indexed reads."""
        self.draft.tracked.add(collection)
        parent = unit.module.parent(collection)
        match parent:
            case ast.Assign(targets=[ast.Name() as target]):
                self._elements_of(unit, collection, target, what)
            case ast.For() | ast.AsyncFor() if parent.iter is collection:
                self._element(unit, collection, parent.target, what)
            case ast.comprehension() if parent.iter is collection:
                self._element(unit, collection, parent.target, what)
            case ast.Subscript() if parent.value is collection and not isinstance(parent.slice, ast.Slice):
                self.follow(unit, parent, what)
            case ast.Call(func=ast.Name(id="print" | "len" | "list" | "tuple")):
                if isinstance(parent.func, ast.Name) and parent.func.id in ("list", "tuple"):
                    self._collected(unit, parent, what)
            case _:
                self._lost(unit, collection, what, "is collected and handed on")

    def _elements_of(self, unit: Unit, collection: ast.expr, target: ast.Name, what: What) -> None:
        for binding in self._bindings(unit, target):
            if binding.node is target:
                for use in binding.uses:
                    holder = unit.module.parent(use)
                    if not (isinstance(holder, ast.Attribute) and holder.attr == "append"):
                        self._collected(unit, use, what)

    def _element(self, unit: Unit, collection: ast.expr, target: ast.expr, what: What) -> None:
        if isinstance(target, ast.Name):
            self._bound(unit, collection, target, what, simple=False)
        else:
            self._lost(unit, collection, what, "is taken apart in a loop")

    def _appended(self, unit: Unit, node: ast.expr, call: ast.Call, what: What) -> None:
        """``responses.append(response)`` to a list that holds nothing else."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        binding = unit.flow.only(owner) if isinstance(owner, ast.Name) else None
        if binding is None or not isinstance(binding.node, ast.Name) or not _is_empty(binding.value or node):
            self._lost(unit, node, what, "is put into a list")
            return
        appends = [
            c for use in binding.uses
            if isinstance(a := unit.module.parent(use), ast.Attribute) and a.attr in ("append", "extend", "insert")
            and isinstance(c := unit.module.parent(a), ast.Call)
        ]  # fmt: skip
        if len(appends) > 1:
            self._lost(unit, node, what, "is put into a list with other things")
            return
        self._elements_of(unit, node, binding.node, what)

    def _from_lambda(self, unit: Unit, node: ast.expr, function: ast.Lambda, what: What) -> None:
        """Out of a lambda, to the calls of the name it is bound to."""
        holder = unit.module.parent(function)
        target = holder.targets[0] if isinstance(holder, ast.Assign) and len(holder.targets) == 1 else None
        bindings = self._bindings(unit, target) if isinstance(target, ast.Name) else []
        uses = [use for binding in bindings if binding.node is target for use in binding.uses]
        called = [c for use in uses if isinstance(c := unit.module.parent(use), ast.Call) and c.func is use]
        if not uses or len(called) != len(uses):
            self._lost(unit, node, what, "is returned from a lambda")
        for call in called:
            self.follow(unit, call, what)

    def _returned_element(self, unit: Unit, node: ast.expr, values: ast.Tuple, what: What) -> None:
        """Out of the function as one of several values, to callers that take them apart."""
        function = unit.function_of(values)
        if what in _OPAQUE or function is None:
            return
        self._loosen_return(unit, node, what)
        called = callers(self.evaluator, unit, function)
        if not called or self._mentioned(unit, function, called) or not _plain(function):
            self._lost(unit, node, what, f"is returned from {function.name}")
        for other, call in called:
            outer = other.module.parent(call)
            value: ast.AST = call
            if isinstance(outer, ast.Await):
                value, outer = outer, other.module.parent(outer)
            targets = outer.targets if isinstance(outer, ast.Assign) and outer.value is value else []
            names = targets[0].elts if len(targets) == 1 and isinstance(targets[0], ast.Tuple | ast.List) else []
            index = values.elts.index(node)
            if len(names) == len(values.elts) and isinstance(names[index], ast.Name) and what in (What.CODE, What.BODY):
                self._bound(other, call, names[index], what, simple=False)
            elif not isinstance(outer, ast.Expr) and not self._recursive(other, outer, function):
                self._lost(other, call, what, f"is returned from {function.name}")

    def _recursive(self, unit: Unit, outer: ast.AST | None, function: ast.AST) -> bool:
        """``return upload(...)`` inside ``upload``: what it returns goes where this one's value goes."""
        return isinstance(outer, ast.Return) and unit.function_of(outer) is function

    def _loosen_return(self, unit: Unit, node: ast.expr, what: What) -> None:
        if what is What.DATA and isinstance(node, ast.Subscript):
            self._soften(unit, node, parentheses=False)

    def _mentioned(
        self,
        owner: Unit,
        function: ast.FunctionDef | ast.AsyncFunctionDef,
        known: list[tuple[Unit, ast.Call]],
    ) -> bool:
        """Whether the function is handed on by name somewhere, so that a caller may be out of sight."""
        called = {id(call.func) for _, call in known}
        scope = owner.flow.scopes[function].parent
        for unit in self.evaluator.world.units.values():
            if function.name not in unit.words:
                continue
            for attribute in unit.attributes.get(function.name, ()):
                if id(attribute) not in called:
                    return True
        for binding in scope.bindings.get(function.name, []) if scope is not None else []:
            if any(id(use) not in called for use in binding.uses):
                return True
        return False

    def _lost(self, unit: Unit, node: ast.expr, what: What, how: str) -> None:
        """The value leaves sight."""
        if what in _OPAQUE:
            return
        self.draft.lost = True
        self.draft.doubt(
            Reason.RESPONSE_ESCAPES, f"{_NAMES[what]} {how}; what reads it there must know the new answer", unit, node
        )


@dataclass(frozen=True, eq=False)
class _KeyRead:
    """``node["key"]`` or ``node.get("key", default)``."""

    key: str
    key_node: ast.expr
    outer: ast.expr
    get: bool
    default: ast.expr | None


_OPAQUE = frozenset({What.ID, What.LOG_ID, What.MESSAGE, What.RAW})
_LOADERS = frozenset({"json.loads", "ujson.loads", "orjson.loads", "simplejson.loads"})
_ERROR_FIELDS = {
    **dict.fromkeys(tiktok.OLD_CODES, tiktok.NEW_CODE),
    tiktok.OLD_MESSAGE: tiktok.NEW_MESSAGE,
    tiktok.OLD_LOG_ID: tiktok.NEW_LOG_ID,
    tiktok.OLD_DETAIL: tiktok.NEW_MESSAGE,
}
_OLD_WORDS = frozenset({*_ERROR_FIELDS, tiktok.OLD_ID})
_NAMES = {
    What.RESPONSE: "the response",
    What.RAW: "the answer's text",
    What.BODY: "the parsed answer",
    What.DATA: "the answer's data",
    What.EXTRA: "the answer's extra",
    What.ID: "the id",
    What.CODE: "the error code, now a word and no number,",
    What.MESSAGE: "the error message",
    What.LOG_ID: "the log id",
}


def stray_reads(unit: Unit, owned: set[ast.AST]) -> Iterator[ast.expr]:
    """Reads that look like ones of the old answer: ``x["data"]["share_id"]``, ``x["error_code"]``."""
    words = {tiktok.OLD_ID, tiktok.OLD_MESSAGE, tiktok.OLD_LOG_ID, *tiktok.OLD_CODES}
    if not words & unit.strings:
        return
    for node in ast.walk(unit.module.tree):
        if not isinstance(node, ast.Subscript | ast.Call) or node in owned:
            continue
        base = node.value if isinstance(node, ast.Subscript) else node.func
        base = base.value if isinstance(node, ast.Call) and isinstance(base, ast.Attribute) else base
        read = _key_of(node)
        inner = _key_of(base) if isinstance(base, ast.Subscript | ast.Call) else None
        below = inner in (tiktok.OLD_DATA, tiktok.OLD_EXTRA)
        if read in tiktok.OLD_CODES or (read in words and below):
            yield node


def _key_of(node: ast.AST) -> object:
    """``k`` of ``x["k"]`` and ``x.get("k")``, where it is read."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return _constant(node.slice)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        return _constant(node.args[0])
    return None


def _key_read(unit: Unit, node: ast.expr, parent: ast.AST | None) -> _KeyRead | None:
    if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Load):
        key = _constant(parent.slice)
        return _KeyRead(key, parent.slice, parent, False, None) if isinstance(key, str) else None
    if isinstance(parent, ast.Attribute) and parent.attr == "get":
        call = unit.module.parent(parent)
        if isinstance(call, ast.Call) and call.func is parent and call.args and not call.keywords:
            key = _constant(call.args[0])
            default = call.args[1] if len(call.args) == 2 else None
            return _KeyRead(key, call.args[0], call, True, default) if isinstance(key, str) else None
    return None


def _tests_key(test: ast.Compare, node: ast.expr) -> bool:
    """``"key" in node`` or ``"key" not in node``."""
    return (
        len(test.ops) == 1
        and isinstance(test.ops[0], ast.In | ast.NotIn)
        and test.comparators[0] is node
        and isinstance(_constant(test.left), str)
    )


def _constant(node: ast.AST) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _is_empty(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return not node.value
    return isinstance(node, ast.Dict | ast.List | ast.Tuple) and not any(ast.iter_child_nodes(node)) or (
        isinstance(node, ast.Dict) and not node.keys
    )


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _core(node: ast.expr) -> ast.expr:
    """``x`` of ``x or {}`` and of ``await x``."""
    while isinstance(node, ast.BoolOp):
        node = node.values[0]
    return node


def _is_extra(node: ast.expr) -> bool:
    core = _core(node)
    key = core.slice if isinstance(core, ast.Subscript) else core.args[0] if isinstance(core, ast.Call) and core.args else None
    return key is not None and _constant(key) == tiktok.OLD_EXTRA


def _body_of(node: ast.expr) -> ast.expr | None:
    """The BODY expression that a DATA expression reads from."""
    core = _core(node)
    if isinstance(core, ast.Subscript):
        return core.value.value if isinstance(core.value, ast.Await) else core.value
    if isinstance(core, ast.Call) and isinstance(core.func, ast.Attribute) and core.func.attr == "get":
        value = core.func.value
        return value.value if isinstance(value, ast.Await) else value
    return None


def _quote(unit: Unit, node: ast.AST) -> str:
    """The quote of a string constant (or of the first one inside a node)."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            source = unit.module.source(part)
            return "'" if source.rstrip()[-1:] == "'" else '"'
    return '"'


def _requoted(unit: Unit, node: ast.AST, text: str) -> str:
    """Another string in the quotes (and with the prefix) of this one."""
    source = unit.module.source(node)
    prefix = source[: len(source) - len(source.lstrip("rbuRBU"))]
    quote = _quote(unit, node) if not source.startswith("b") else source[len(prefix)]
    return f"{prefix}{quote}{text}{quote}"


def _tested(unit: Unit, node: ast.expr) -> bool:
    """Whether a value is only asked whether it is true."""
    parent = unit.module.parent(node)
    if isinstance(parent, ast.If | ast.While | ast.IfExp):
        return parent.test is node
    return isinstance(parent, ast.UnaryOp | ast.Compare | ast.BoolOp) and not _tests_key_of(parent, node)


def _tests_key_of(parent: ast.AST, node: ast.expr) -> bool:
    return isinstance(parent, ast.Compare) and _tests_key(parent, node)


def _reads(unit: Unit, node: ast.expr) -> bool:
    """Whether a value is looked into right where it stands."""
    parent = unit.module.parent(node)
    if isinstance(parent, ast.Compare):
        return parent.left is not node
    return isinstance(parent, ast.Attribute | ast.Subscript)


def _guarded(unit: Unit, node: ast.expr) -> bool:
    """Whether a read stands in a branch that looked at the answer first."""
    for around in unit.module.ancestors(node):
        if isinstance(around, ast.If | ast.IfExp | ast.ExceptHandler | ast.Raise):
            return True
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
    return False


def _by_exception(unit: Unit, node: ast.expr) -> bool:
    """Whether a read relies on a KeyError: unguarded, in a try that catches it."""
    child: ast.AST = node
    for around in unit.module.ancestors(node):
        if isinstance(around, ast.If | ast.IfExp | ast.ExceptHandler | ast.Raise):
            return False
        if isinstance(around, ast.Try) and child in around.body:
            names = {ast.unparse(h.type) if h.type is not None else "" for h in around.handlers}
            caught = " ".join(names)
            return "" in names or any(name in caught for name in ("KeyError", "LookupError", "Exception"))
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
        child = around
    return False


def _line_shared(unit: Unit, statement: ast.stmt) -> bool:
    module = unit.module
    start, end = module.extent(statement)
    before = module.text[module.line_start(start) : start]
    behind = module.text[end : module.line_end(end)].strip()
    return bool(before.strip()) or (bool(behind) and not behind.startswith("#"))


def _callee_text(unit: Unit, call: ast.Call) -> str:
    text = unit.module.source(call.func)
    return text if len(text) < 60 and "\n" not in text else "a call"


def _appends(call: ast.Call, node: ast.expr) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "append" and call.args == [node]


def _is_len(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in ("len", "sorted", "list", "set", "tuple", "dict")


def _kept_as(unit: Unit, node: ast.expr, parent: ast.AST | None) -> str:
    """The attribute or key that a value is kept under."""
    if isinstance(parent, ast.Attribute):
        return parent.attr
    if isinstance(parent, ast.Dict) and node in parent.values:
        key = parent.keys[parent.values.index(node)]
        return str(_constant(key)) if isinstance(key, ast.Constant) else ""
    if isinstance(parent, ast.keyword):
        return parent.arg or ""
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Subscript):
        return str(_constant(parent.targets[0].slice) or "")
    return ""


def _compares_number(test: ast.Compare, name: str) -> bool:
    sides = [test.left, *test.comparators]
    numbers = any(isinstance(s, ast.Constant) and type(s.value) is int for s in sides)
    numbers = numbers or any(isinstance(p, ast.Constant) and type(p.value) is int for s in sides for p in ast.walk(s))
    names = any(
        (isinstance(s, ast.Attribute) and s.attr == name)
        or (isinstance(s, ast.Subscript) and _constant(s.slice) == name)
        or (isinstance(s, ast.Call) and bool(s.args) and _constant(s.args[0]) == name)
        for s in sides
    )
    return numbers and names


def _plain(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function's decorators leave what it returns as it is."""
    names = {"staticmethod", "classmethod", "retry", "wraps", "override", "abstractmethod"}
    for decorator in function.decorator_list:
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        last = inner.attr if isinstance(inner, ast.Attribute) else inner.id if isinstance(inner, ast.Name) else ""
        if last not in names:
            return False
    return True
