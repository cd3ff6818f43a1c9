"""The error code: a number that became a word.

::

    data["error_code"] != 0      error["code"] != "ok"
    if data["error_code"]:       if error["code"] != "ok":      ("ok" is truthy: T19)
    code in (20000, 20002)       code in ("access_token_invalid", "scope_not_authorized")
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.sinks import numeric_percent, numeric_spec, numeric_template
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft

_ARITHMETIC = frozenset(
    f"builtins.{name}"
    for name in (
        "int",
        "float",
        "abs",
        "hex",
        "max",
        "min",
        "sum",
        "divmod",
        "pow",
        "round",
        "range",
        "chr",
        "any",
    )
)


@dataclass(eq=False)
class Codes:
    """Rewrites what is done with the error code."""

    evaluator: Evaluator
    draft: Draft
    quote: Callable[[Unit], str]
    absent: bool = False  # whether there may be no code at all, which was no error
    tests: list[tuple[Unit, ast.expr, str, str]] = field(default_factory=list)

    def default(self, unit: Unit, node: ast.expr | None) -> None:
        """The default of ``.get("error_code", 0)``."""
        if node is None:
            return
        number = _number(node)
        if number is None:
            if not isinstance(node, ast.Constant):
                self.draft.stop(Reason.NUMERIC_CODE, "the error code's default is not a literal", unit, node)
        elif number in tiktok.CODES:
            self.draft.swap(unit, node, self._quoted(unit, node, tiktok.CODES[number][0]))

    def stands_for(self, unit: Unit, node: ast.expr) -> bool:
        """What the code's variable may hold instead: a number, its word where it has one."""
        text = self.word(unit, node)
        if text is not None and text != unit.module.source(node):
            self.draft.swap(unit, node, text)
        return text is not None

    def word(self, unit: Unit, node: ast.expr) -> str | None:
        """The text that takes the place of a code: a number without a counterpart is no code now as before."""
        number = _number(node)
        if number in tiktok.CODES:
            return self._quoted(unit, node, tiktok.CODES[number][0])
        if isinstance(node, ast.Constant) and node.value is None:
            self.absent = True
        elif number is None and not _is_status(node):
            return None
        return unit.module.source(node)

    def finish(self) -> None:
        """Write the tests that ask whether the code is there at all, now that it is known whether it may not be."""
        for unit, node, operator, closing in self.tests:
            end = unit.module.extent(node)[1]
            self.draft.replace(unit, end, end, self._test(unit, node, operator) + closing)

    def rewrite(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> bool:
        """Rewrite one use of the code; ``False`` where it is not one this knows."""
        match parent:
            case ast.Compare():
                self._compare(unit, node, parent)
            case ast.UnaryOp(op=ast.Not()):
                start, inner = unit.module.extent(parent)[0], unit.module.extent(node)[0]
                opening, closing = self._around(unit, parent)
                self.draft.replace(unit, start, inner, opening)
                self.tests.append((unit, node, "==", closing))
            case ast.If() | ast.While() | ast.IfExp() | ast.Assert() if parent.test is node:
                if isinstance(node, ast.NamedExpr):
                    start, end = unit.module.extent(node)
                    self.draft.replace(unit, start, start, "(")
                    self.draft.replace(unit, end, end, ")")
                self.tests.append((unit, node, "!=", ""))
            case ast.BoolOp():
                if not self._is_test(unit, parent) and node is not parent.values[-1]:
                    self._stop(unit, parent, "the error code is used as a value here")
                elif not self._is_test(unit, parent):
                    return False
                elif isinstance(node, ast.NamedExpr):
                    self._stop(unit, parent, "the error code is named inside a condition")
                else:
                    self.tests.append((unit, node, "!=", ""))
            case ast.Match() if parent.subject is node:
                for case in parent.cases:
                    self._pattern(unit, case.pattern)
            case ast.FormattedValue():
                if parent.format_spec is not None and numeric_spec(_literal(parent.format_spec)):
                    self._stop(unit, parent, "the error code is formatted as a number")
                self._as_text(unit, parent)
            case ast.Tuple() if _percent_of(unit, parent) is not None:
                self._formatted(unit, _percent_of(unit, parent))
            case ast.Call() if node in parent.args:
                return self._call(unit, node, parent)
            case ast.BinOp() | ast.AugAssign() | ast.UnaryOp():
                return self._operator(unit, node, parent)
            case ast.Subscript() if parent.slice is node:
                self._stop(unit, parent, "the error code is looked up in a table of numbers")
            case _:
                return False
        return True

    def _stop(self, unit: Unit, node: ast.AST, hint: str) -> None:
        self.draft.stop(Reason.NUMERIC_CODE, f"{hint}; it is a word now (see error.code)", unit, node)

    def _compare(self, unit: Unit, node: ast.expr, test: ast.Compare) -> None:
        if len(test.ops) != 1:
            self._stop(unit, test, "the error code stands in a chain of comparisons")
            return
        operator = test.ops[0]
        other = test.comparators[0] if test.left is node else test.left
        if isinstance(operator, ast.In | ast.NotIn) and test.left is node:
            self._members(unit, other)
            return
        if not isinstance(operator, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            self._stop(unit, test, "the error code is compared by size")
            return
        if isinstance(other, ast.Constant) and other.value is None:
            return
        number = self._value(unit, other)
        if number is None or number not in tiktok.CODES:
            self._stop(unit, test, "the error code is compared with a value that has no known counterpart")
            return
        words = tiktok.CODES[number]
        same = isinstance(operator, ast.Eq | ast.Is)
        plain = isinstance(operator, ast.Eq | ast.NotEq)
        if len(words) == 1 and plain:
            self.draft.swap(unit, other, self._quoted(unit, node, words[0]))
            return
        start, end = unit.module.extent(test)
        inner, outer = unit.module.extent(node)
        if len(words) == 1:
            tail = f" {'==' if same else '!='} {self._quoted(unit, node, words[0])}"
        else:
            choices = ", ".join(self._quoted(unit, node, word) for word in words)
            tail = f" {'in' if same else 'not in'} ({choices})"
        self.draft.replace(unit, start, inner, "")
        self.draft.replace(unit, outer, end, tail)

    def _members(self, unit: Unit, other: ast.expr) -> None:
        if not isinstance(other, ast.Tuple | ast.List | ast.Set):
            self._stop(unit, other, "the error code is looked up in a collection the tool does not see")
            return
        for element in other.elts:
            if isinstance(element, ast.Constant) and element.value is None:
                continue
            number = self._value(unit, element)
            if number is None or number not in tiktok.CODES:
                self._stop(
                    unit, element, "the error code is compared with a value that has no known counterpart"
                )
                return
            words = ", ".join(self._quoted(unit, other, word) for word in tiktok.CODES[number])
            self.draft.swap(unit, element, words)

    def _pattern(self, unit: Unit, pattern: ast.pattern) -> None:
        for part in ast.walk(pattern):
            if isinstance(part, ast.MatchValue):
                number = self._value(unit, part.value)
                if number is None or number not in tiktok.CODES:
                    self._stop(
                        unit, part, "the error code is matched with a value that has no known counterpart"
                    )
                    return
                words = " | ".join(self._quoted(unit, part, word) for word in tiktok.CODES[number])
                self.draft.swap(unit, part, words)
            elif not isinstance(part, ast.MatchAs | ast.MatchOr | ast.expr | ast.expr_context):
                self._stop(unit, pattern, "the error code is matched with a pattern the tool does not know")
                return

    def _call(self, unit: Unit, node: ast.expr, call: ast.Call) -> bool:
        name = self.evaluator.world.qualified(unit, call.func) or ""
        around = unit.module.parent(call)
        if name == "builtins.int" and isinstance(around, ast.Compare) and len(call.args) == 1:
            (start, end), (inner, outer) = unit.module.extent(call), unit.module.extent(node)
            self.draft.replace(unit, start, inner, "")
            self.draft.replace(unit, outer, end, "")
            return self.rewrite(unit, call, around)
        if name in _ARITHMETIC:
            self._stop(unit, call, "the error code is made a number")
            return True
        if name == "builtins.bool":
            self.tests.append((unit, node, "!=", ""))
            return True
        if name in ("builtins.isinstance", "builtins.type"):
            self._stop(unit, call, "the error code's type is asked for")
            return True
        if name in ("sys.exit", "os._exit", "builtins.SystemExit", "builtins.exit", "builtins.quit"):
            self._stop(unit, call, "the error code is the program's exit status")
            return True
        if name in ("builtins.str", "builtins.repr"):
            self._as_text(unit, call)
            return True
        if name.startswith("builtins.") and name.endswith(("Error", "Exception")) and "args" in unit.words:
            self._stop(unit, call, "the error code is an exception's argument, and arguments are read again")
            return True
        if isinstance(call.func, ast.Attribute) and call.func.attr == "format":
            self._formatted_by(unit, call)
            return True
        if isinstance(call.func, ast.Attribute) and call.func.attr == "get" and call.args[0] is node:
            self._stop(unit, call, "the error code is looked up in a table of numbers")
            return True
        if call.args and isinstance(call.args[0], ast.Constant) and numeric_percent(str(call.args[0].value)):
            self._stop(unit, call, "the error code is formatted as a number")
            return True
        return False

    def _operator(self, unit: Unit, node: ast.expr, parent: ast.BinOp | ast.AugAssign | ast.UnaryOp) -> bool:
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mod) and parent.right is node:
            self._formatted(unit, parent)
        else:
            self._stop(unit, parent, "the error code is reckoned with")
        return True

    def _formatted(self, unit: Unit, operation: ast.BinOp | None) -> None:
        """``"code %d" % code``: a word takes ``%s`` only."""
        text = self.evaluator.text(unit, operation.left) if operation is not None else None
        known = text.known if text is not None else None
        if operation is not None and (known is None or numeric_percent(known)):
            self._stop(unit, operation, "the error code is formatted as a number")
        elif operation is not None:
            self._as_text(unit, operation)

    def _formatted_by(self, unit: Unit, call: ast.Call) -> None:
        """``"code {:d}".format(code)``."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        text = self.evaluator.text(unit, owner)
        known = text.known if text is not None else None
        if known is None or numeric_template(known):
            self._stop(unit, call, "the error code is formatted as a number")
        else:
            self._as_text(unit, call)

    def _as_text(self, unit: Unit, node: ast.AST) -> None:
        """The code made a text, which may be shown but not compared with the old numbers."""
        holder = unit.module.parent(node)
        if isinstance(holder, ast.JoinedStr):
            node, holder = holder, unit.module.parent(holder)
        compared = _looked_into(holder)
        if isinstance(holder, ast.Assign) and isinstance(holder.targets[0], ast.Name):
            name = holder.targets[0]
            uses = [u for s in unit.flow.scopes.values() for b in s.bindings.get(name.id, []) for u in b.uses]
            compared = any(_looked_into(unit.module.parent(use)) for use in uses)
        numbers = {str(number) for number in tiktok.CODES if number}
        if compared or numbers & unit.strings:
            self._stop(unit, node, "the error code is made a text and compared as such")

    def _value(self, unit: Unit, node: ast.expr) -> int | None:
        number = _number(node)
        if number is None and isinstance(node, ast.Name | ast.Attribute):
            definition = self.evaluator.world.definition(unit, node)
            number = _number(definition.value) if definition is not None else None
        return number

    def _is_test(self, unit: Unit, node: ast.expr) -> bool:
        """Whether a value is only asked whether it is true."""
        parent = unit.module.parent(node)
        if isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert):
            return parent.test is node
        if isinstance(parent, ast.BoolOp):
            return self._is_test(unit, parent)
        return isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)

    def _around(self, unit: Unit, node: ast.expr) -> tuple[str, str]:
        """Parentheses for a comparison that takes the place of ``not x`` where one could bind wrongly."""
        parent = unit.module.parent(node)
        loose = isinstance(parent, ast.Compare | ast.UnaryOp | ast.BinOp | ast.Attribute)
        return ("(", ")") if loose else ("", "")

    def _test(self, unit: Unit, node: ast.expr, operator: str) -> str:
        word = self._quoted(unit, node, tiktok.OK)
        if self.absent:
            return f" {'in' if operator == '==' else 'not in'} (None, {word})"
        return f" {operator} {word}"

    def _quoted(self, unit: Unit, node: ast.AST, text: str) -> str:
        around = unit.module.fstring(node)
        if around is not None:
            inner = unit.module.source(around).lstrip("rRfFbBuU")[:1]
            quote = '"' if inner == "'" else "'"
            return f"{quote}{text}{quote}"
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                quote = unit.module.source(part)[-1]
                return f"{quote}{text}{quote}"
        return f"{self.quote(unit)}{text}{self.quote(unit)}"


def _looked_into(parent: ast.AST | None) -> bool:
    """Whether a text is compared, cut, measured or asked how it looks, and not only shown."""
    if isinstance(parent, ast.Call):
        return isinstance(parent.func, ast.Name) and parent.func.id in ("len", "int", "float")
    return isinstance(parent, ast.Compare | ast.Subscript | ast.Match | ast.Attribute)


def _number(node: ast.expr) -> int | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return -inner if inner is not None else None
    return None


def _is_status(node: ast.expr) -> bool:
    """``response.status_code``: a number that is no error code, and never 0."""
    return isinstance(node, ast.Attribute) and node.attr in ("status_code", "status", "code")


def _literal(spec: ast.expr) -> str:
    """The text of a format specification; its holes count as a width."""
    parts = spec.values if isinstance(spec, ast.JoinedStr) else [spec]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in parts)


def _percent_of(unit: Unit, values: ast.Tuple) -> ast.BinOp | None:
    """The ``%`` operation a tuple of values stands in."""
    parent = unit.module.parent(values)
    return parent if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mod) else None
