"""Dicts of the program's own that keep the error code under a key.

::

    result = {"id": data["share_id"], "code": data["error_code"]}
    if result["code"] == 0:                   if result["code"] == "ok":
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from share2post.model import Reason
from share2post.semantics.flow import Kind
from share2post.semantics.reading.keys import KeyRead, constant, key_read, tested, tests_key
from share2post.semantics.reading.tracked import What
from share2post.semantics.sinks import numeric_percent
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.callers import Function
    from share2post.semantics.reads import Reader

_WHOLE: Final = frozenset({"items", "keys", "values", "copy", "update"})


@dataclass(eq=False)
class Tables:
    """Follows them by the keys of their codes."""

    reader: Reader
    keys: set[str] = field(default_factory=set)
    reads: list[tuple[Unit, KeyRead]] = field(default_factory=list)
    sets: list[tuple[Unit, ast.Subscript]] = field(default_factory=list)
    functions: list[tuple[Unit, Function]] = field(default_factory=list)
    made: list[tuple[Unit, ast.Dict]] = field(default_factory=list)

    def taken(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> bool:
        """Whether the code becomes an entry of a dict here; the dict is followed then."""
        if what is not What.CODE or not isinstance(parent, ast.Dict) or node not in parent.values:
            return False
        key = constant(parent.keys[parent.values.index(node)] or parent)
        if not isinstance(key, str):
            return False
        self.keys.add(key)
        self.reader.follow(unit, parent, What.TABLE)
        return True

    def entered(self, unit: Unit, target: ast.expr, what: What) -> bool:
        """``result["code"] = data["error_code"]``, of a dict that is made here; the dict is followed then."""
        key = constant(target.slice) if isinstance(target, ast.Subscript) else None
        name = target.value if isinstance(target, ast.Subscript) else None
        binding = unit.flow.only(name) if isinstance(name, ast.Name) else None
        table = binding.value if binding is not None else None
        if what is not What.CODE or not isinstance(key, str) or not isinstance(table, ast.Dict):
            return False
        if binding is None or binding.kind is not Kind.ASSIGN or binding.scope is unit.flow.root:
            return False
        self.keys.add(key)
        self.made.append((unit, table))
        for use in binding.uses:
            self.reader.follow(unit, use, What.TABLE)
        return True

    def use(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> None:
        """One use of such a dict."""
        read = key_read(unit, node, parent)
        if read is not None:
            self.reads.append((unit, read))
            return
        match parent:
            case ast.Subscript() if isinstance(parent.ctx, ast.Store) and isinstance(
                constant(parent.slice), str
            ):
                self.sets.append((unit, parent))
            case ast.Subscript() | ast.For() | ast.comprehension() | ast.Match() | ast.Starred() | ast.Dict():
                self._stop(unit, parent, "is taken apart here in a way the tool cannot map")
            case ast.BinOp(op=ast.Mod()) if parent.right is node:
                text = self.reader.evaluator.text(unit, parent.left)
                if text is None or text.known is None or numeric_percent(text.known):
                    self._stop(unit, parent, "is formatted here, maybe as a number")
            case ast.keyword(arg=None):
                self._stop(unit, parent, "is taken apart here in a way the tool cannot map")
            case ast.Compare() if tests_key(parent, node):
                pass
            case ast.Attribute() if parent.attr not in _WHOLE:
                self._stop(unit, parent, f"is asked for {parent.attr} here, which the tool cannot map")
            case ast.Attribute():
                self.reader.exits.lost(unit, node, What.TABLE, f"is asked for {parent.attr}")
            case _ if tested(unit, node):
                pass
            case _:
                self.reader.exits.elsewhere(unit, node, parent, What.TABLE)

    def returned(self, unit: Unit, function: Function) -> None:
        """What else the function returns has to keep such a code too."""
        self.functions.append((unit, function))

    def _stop(self, unit: Unit, node: ast.AST, how: str) -> None:
        hint = f"the dict that keeps the error code, now a word and no number, {how}"
        self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, node)

    def settle(self) -> None:
        """Follow the codes that are read, and see to those of other origin."""
        done = 0
        while done < len(self.reads):
            unit, read = self.reads[done]
            done += 1
            if read.key in self.keys:
                self.reader.codes.default(unit, read.default)
                self.reader.follow(unit, read.outer, What.CODE)
        for unit, target in self.sets:
            statement = unit.module.statement(target)
            value = statement.value if isinstance(statement, ast.Assign) else None
            if constant(target.slice) in self.keys and not self._known(unit, value):
                self._stop(unit, target, "gets another code here")
        for unit, table in self.made:
            self._beside(unit, table)
        for unit, function in self.functions:
            for part in ast.walk(function):
                if isinstance(part, ast.Return) and unit.function_of(part) is function:
                    self._beside(unit, part.value)
        self._compared()

    def _known(self, unit: Unit, value: ast.expr | None) -> bool:
        if value is not None and value in self.reader.draft.tracked:
            return True
        return isinstance(value, ast.Constant) and self.reader.codes.stands_for(unit, value)

    def _beside(self, unit: Unit, value: ast.expr | None) -> None:
        """Another value that the function may return."""
        nothing = value is None or (isinstance(value, ast.Constant) and value.value is None)
        if value is None or nothing or value in self.reader.draft.tracked:
            return
        if not isinstance(value, ast.Dict) or None in value.keys:
            self._stop(unit, value, "is not all that the function returns")
            return
        for key, entry in zip(value.keys, value.values, strict=True):
            if constant(key or value) in self.keys and not self._known(unit, entry):
                self._stop(unit, entry, "has another code here")

    def _compared(self) -> None:
        """A comparison of such a key with a number that was not reached."""
        owned = {id(read.outer) for _, read in self.reads}
        for unit in self.reader.evaluator.world.units.values():
            for test in ast.walk(unit.module.tree) if self.keys & unit.strings else ():
                sides = [test.left, *test.comparators] if isinstance(test, ast.Compare) else []
                numbers = any(type(constant(side)) is int for side in sides)
                if numbers and any(self._reads_key(side) and id(side) not in owned for side in sides):
                    self._stop(unit, test, "may be the one that is compared with a number here")

    def _reads_key(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Subscript):
            return constant(node.slice) in self.keys
        get = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get"
        return get and isinstance(node, ast.Call) and bool(node.args) and constant(node.args[0]) in self.keys
