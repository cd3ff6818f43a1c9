"""The id: opaque before and after, unless the program knows how an id looks, or makes a link of it.

::

    share_id.split(".")[1]                                # the parts of a publish_id mean something else
    assert share_id.startswith("v_inbox.")                # so does how it begins
    f"https://www.tiktok.com/@{user}/video/{share_id}"    # neither id ever was a video's
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.callers import callers, parameter_of
from share2post.semantics.flow import Kind
from share2post.semantics.module import last_name
from share2post.semantics.reading.keys import constant, is_self, tested
from share2post.semantics.reading.tracked import What
from share2post.semantics.values import Hole, Text
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader

_PARTS: Final = frozenset({"split", "rsplit", "partition", "rpartition", "removeprefix", "removesuffix"})
_LOOKS: Final = frozenset(
    {
        "startswith", "endswith", "isdigit", "isdecimal", "isnumeric", "isalnum", "isalpha",
        "isidentifier", "find", "rfind", "index", "rindex", "count",
    }
)  # fmt: skip
_ITSELF: Final = frozenset({"strip", "lower", "upper"})
_PATTERNS: Final = frozenset({"match", "fullmatch", "search", "findall", "finditer", "sub"})
_NUMBERS: Final = frozenset(
    {"builtins.int", "builtins.float", "uuid.UUID", "base64.b64decode", "decimal.Decimal"}
)
_ID: Final = "\0"
_LINK: Final = re.compile(
    rf"(?:(?:^|//|\s)(?:(?:www|m|vm|vt)\.)?tiktok\.com/|/@[^/\s]*/video/)\S*?{_ID}", re.IGNORECASE
)
_NO_LINK: Final = (
    "the id is put into a link to tiktok.com, and neither id is a video's: the post's own id "
    f"comes with a later webhook, or from {tiktok.STATUS_URL}, once the user has posted"
)
_FORMAT: Final = f"a publish_id has another form ({tiktok.NEW_ID_START} and what follows)"


@dataclass(eq=False)
class Ids:
    """Looks for the uses of an id that a publish_id cannot serve."""

    reader: Reader

    def used(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> None:
        """One use of the id."""
        match parent:
            case ast.Attribute() if (
                isinstance(call := unit.module.parent(parent), ast.Call) and call.func is parent
            ):
                self._method(unit, call, parent.attr)
            case ast.Subscript() if parent.value is node:
                self._sliced(unit, parent)
            case ast.Compare():
                self._compared(unit, node, parent)
            case ast.Call() if node in parent.args:
                self._handed(unit, node, parent)
            case ast.keyword() if isinstance(call := unit.module.parent(parent), ast.Call):
                self._linked(unit, node)
                self._into(unit, node, call)
            case _:
                self._linked(unit, node)

    def returned(self, unit: Unit, statement: ast.Return) -> None:
        """Out of the function, to its callers."""
        function = unit.function_of(statement)
        for other, call in callers(self.reader.evaluator, unit, function) if function is not None else ():
            self.reader.follow(other, call, What.ID)

    def kept(self, unit: Unit, target: ast.Attribute) -> None:
        """``self.share_id = ...``, read in the other methods."""
        owner = unit.class_of(target)
        for load in unit.attributes.get(target.attr, ()):
            if isinstance(load.ctx, ast.Load) and is_self(load.value) and unit.class_of(load) is owner:
                self.reader.follow(unit, load, What.ID)

    def _method(self, unit: Unit, call: ast.Call, name: str) -> None:
        if name in _PARTS:
            self._stop(unit, call, f"the id is taken apart (.{name})")
        elif name in _LOOKS and not _says_nothing(call, name):
            self._stop(unit, call, f"how the id looks is tested (.{name})")
        elif name in _ITSELF:
            self.reader.follow(unit, call, What.ID)

    def _sliced(self, unit: Unit, piece: ast.Subscript) -> None:
        if self._shown(unit, piece):
            hint = f"only a part of the id is shown, and {_FORMAT}"
            self.reader.draft.doubt(Reason.UNKNOWN_READ, hint, unit, piece)
        else:
            self._stop(unit, piece, "a part of the id is used")

    def _shown(self, unit: Unit, node: ast.expr) -> bool:
        current: ast.expr = node
        while isinstance(
            parent := unit.module.parent(current), ast.FormattedValue | ast.JoinedStr | ast.BinOp
        ):
            current = parent
        return isinstance(parent, ast.Call | ast.Raise) and self.reader.sinks.harmless(
            unit, current, parent, boolean=False
        )

    def _compared(self, unit: Unit, node: ast.expr, test: ast.Compare) -> None:
        inside = isinstance(test.ops[0], ast.In | ast.NotIn) and node in test.comparators
        if inside and isinstance(constant(test.left), str):
            self._stop(unit, test, "a text is looked for in the id")
        elif any(isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for operator in test.ops):
            self._stop(unit, test, "ids are put in order")

    def _handed(self, unit: Unit, node: ast.expr, call: ast.Call) -> None:
        name = self.reader.evaluator.world.qualified(unit, call.func) or ""
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name in _NUMBERS:
            self._stop(unit, call, f"the id is taken for something else ({name.rpartition('.')[2]})")
        elif name == "builtins.len":
            self._length(unit, call)
        elif name == "builtins.str":
            self.reader.follow(unit, call, What.ID)
        elif method in _PATTERNS and (name.startswith(("re.", "regex.")) or call.args[0] is node):
            if name or self._is_pattern(unit, call):
                self._stop(unit, call, f"the id is matched with a pattern (.{method})")
        else:
            self._linked(unit, node)
            self._into(unit, node, call)

    def _is_pattern(self, unit: Unit, call: ast.Call) -> bool:
        """``PATTERN.match(...)``, where PATTERN is compiled in sight."""
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        definition = self.reader.evaluator.world.definition(unit, receiver)
        made = definition.value if definition is not None else receiver
        owner = definition.unit if definition is not None else unit
        known = (
            self.reader.evaluator.world.qualified(owner, made.func) if isinstance(made, ast.Call) else None
        )
        return known in ("re.compile", "regex.compile")

    def _length(self, unit: Unit, call: ast.Call) -> None:
        parent = unit.module.parent(call)
        others = [parent.left, *parent.comparators] if isinstance(parent, ast.Compare) else []
        if others and all(other is call or constant(other) == 0 for other in others):
            return
        if not others and (tested(unit, call) or self._shown(unit, call)):
            return
        self._stop(unit, call, "the length of the id is used")

    def _into(self, unit: Unit, node: ast.expr, call: ast.Call) -> None:
        """Into a function of the project."""
        callee = self.reader.evaluator.callee(unit, call)
        if callee is None:
            return
        owner, function = callee
        scope = owner.flow.scopes.get(function)
        name = parameter_of(call, node, owner, function) or ""
        for binding in scope.bindings.get(name, []) if scope is not None else []:
            for use in list(binding.uses) if binding.kind is Kind.PARAMETER else ():
                if isinstance(use.ctx, ast.Load):
                    self.reader.follow(owner, use, What.ID)

    # links

    def _linked(self, unit: Unit, node: ast.expr) -> None:
        for around in unit.module.ancestors(node):
            if isinstance(around, ast.AugAssign):
                self._appended(unit, node, around)
            if isinstance(around, ast.stmt):
                return
            built = isinstance(around, ast.JoinedStr | ast.BinOp) or _formats(around)
            texts = (
                self.reader.evaluator.texts(unit, around) if built and isinstance(around, ast.expr) else []
            )
            if any(_LINK.search(self._flat(text)) for text in texts):
                self._no_link(unit, node)
                return

    def _appended(self, unit: Unit, node: ast.expr, statement: ast.AugAssign) -> None:
        """``link += share_id``."""
        target = statement.target
        before = unit.flow.before.get(statement, {}) if isinstance(target, ast.Name) else {}
        for binding in before.get(target.id, ()) if isinstance(target, ast.Name) else ():
            texts = self.reader.evaluator.texts(unit, binding.value) if binding.value is not None else []
            if any(_LINK.search(self._flat(text) + _ID) for text in texts):
                self._no_link(unit, node)

    def _no_link(self, unit: Unit, node: ast.expr) -> None:
        """The link never worked, and will not: a person should know (T25)."""
        if all(doubt.hint != _NO_LINK for doubt in self.reader.draft.doubts):
            self.reader.draft.doubt(Reason.UNKNOWN_READ, _NO_LINK, unit, node)

    def _flat(self, text: Text) -> str:
        """A text with a mark where the id stands, and a star for everything else that is not known."""
        return "".join(piece if isinstance(piece, str) else self._mark(piece) for piece in text.pieces)

    def _mark(self, hole: Hole) -> str:
        node = hole.node.value if isinstance(hole.node, ast.FormattedValue) else hole.node
        return _ID if self.reader.kinds.get(node) is What.ID else "*"

    def _stop(self, unit: Unit, node: ast.AST, what: str) -> None:
        self.reader.draft.stop(Reason.UNKNOWN_READ, f"{what}, and {_FORMAT}", unit, node)


def _says_nothing(call: ast.Call, name: str) -> bool:
    """``result.startswith("HTTP")``: no id begins so, neither an old one nor a new one."""
    start = constant(call.args[0]) if name == "startswith" and len(call.args) == 1 else None
    known = (*tiktok.OLD_ID_STARTS, tiktok.NEW_ID_START)
    return isinstance(start, str) and not any(i.startswith(start) or start.startswith(i) for i in known)


def _formats(node: ast.AST | None) -> bool:
    """``"...".format(...)``, ``"/".join([...])``, ``urljoin(...)``."""
    if not isinstance(node, ast.Call):
        return False
    name = last_name(node.func)
    return name in ("format", "join", "urljoin")
