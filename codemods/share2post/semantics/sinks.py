"""Uses of a value that end there: it is shown, tested or logged, and nothing reads it further."""

from __future__ import annotations

import ast
import re
import string
from dataclasses import dataclass

from share2post.semantics.world import Unit, World

_PERCENT = re.compile(r"%(?:\([^)]*\))?[-+ #0]*\d*(?:\.\d+)?[dixXoeEfFgGc]")
_PLAIN_SPEC = re.compile(r"(?:.?[<>^])?(?:[1-9]\d*)?(?:\.\d+)?s?")
_LOGGING = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "print"}
)
_BUILTINS = frozenset(
    {"print", "str", "repr", "format", "len", "bool", "type", "isinstance", "id", "hasattr", "callable"}
)
_FUNCTIONS = frozenset(
    {
        "pprint.pprint",
        "pprint.pformat",
        "sys.exit",
        "sys.stdout.write",
        "sys.stderr.write",
        "click.echo",
        "click.secho",
        "rich.print",
        "warnings.warn",
    }
)


def numeric_percent(text: str) -> bool:
    """Whether a ``%`` format asks for a number."""
    return bool(_PERCENT.search(text))


def numeric_spec(spec: str) -> bool:
    """Whether a format specification (behind the colon) is one that only numbers take."""
    return not _PLAIN_SPEC.fullmatch(spec)


def numeric_template(text: str) -> bool:
    """Whether a ``str.format`` template asks for a number anywhere."""
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return True
    return any(numeric_spec(spec) for _, _, spec, _ in fields if spec)


def _within_text(unit: Unit, parent: ast.AST) -> bool:
    """Whether an expression puts what stands in it into a text."""
    match parent:
        case ast.FormattedValue() | ast.JoinedStr() | ast.keyword() | ast.BinOp(op=ast.Add() | ast.Mod()):
            return True
        case ast.Tuple():
            return isinstance(unit.module.parent(parent), ast.BinOp)
        case ast.Attribute(attr="format") | ast.Call(func=ast.Attribute(attr="format")):
            return True
    return False


@dataclass(eq=False)
class Sinks:
    """Knows the uses that end a value's way."""

    world: World

    def harmless(self, unit: Unit, node: ast.expr, parent: ast.AST | None, *, boolean: bool) -> bool:
        """Whether a use only shows the value, or (``boolean``) only asks whether it is true."""
        match parent:
            case ast.FormattedValue() | ast.JoinedStr():
                return True
            case ast.If() | ast.While() | ast.IfExp() | ast.Assert() if parent.test is node:
                return boolean
            case ast.UnaryOp(op=ast.Not()) | ast.BoolOp():
                return boolean
            case ast.Compare() if self._identity(parent):
                return True
            case ast.BinOp(op=ast.Mod() | ast.Add()):
                return boolean or isinstance(parent.op, ast.Mod)
            case ast.Tuple():
                around = unit.module.parent(parent)
                return isinstance(around, ast.BinOp) and isinstance(around.op, ast.Mod)
            case ast.Call() if node in parent.args:
                return self._call(unit, parent)
            case ast.keyword():
                call = unit.module.parent(parent)
                return isinstance(call, ast.Call) and self._call(unit, call)
            case ast.Starred() | ast.Dict():
                return False
            case ast.Raise():
                return True
        return False

    def shows(self, unit: Unit, call: ast.Call) -> bool:
        """Whether a call only shows what it is given."""
        name = self.world.qualified(unit, call.func) or ""
        return name == "builtins.print" or (not name.startswith("builtins.") and self._call(unit, call))

    def told(self, unit: Unit, node: ast.expr) -> ast.Call | None:
        """The call that only tells a person this value, maybe within a text: ``print``, a log, an exception."""
        current: ast.AST = node
        parent = unit.module.parent(node)
        while parent is not None and _within_text(unit, parent):
            current, parent = parent, unit.module.parent(parent)
        if not isinstance(parent, ast.Call) or parent.func is current:
            return None
        raised = isinstance(unit.module.parent(parent), ast.Raise)
        return parent if raised or self.shows(unit, parent) else None

    def _identity(self, test: ast.Compare) -> bool:
        return len(test.ops) == 1 and isinstance(test.ops[0], ast.Is | ast.IsNot)

    def _call(self, unit: Unit, call: ast.Call) -> bool:
        name = self.world.qualified(unit, call.func) or ""
        root, _, rest = name.partition(".")
        if root == "builtins":
            return rest in _BUILTINS or rest.endswith(("Error", "Exception", "Exit"))
        if name == "json.dumps":  # a text: shown, it ends there; kept, it does not
            return self.harmless(unit, call, unit.module.parent(call), boolean=False)
        if name in _FUNCTIONS or root == "logging":
            return True
        if isinstance(call.func, ast.Attribute):
            if call.func.attr == "format":
                return True
            owner = ast.unparse(call.func.value).lower()
            return call.func.attr in _LOGGING and ("log" in owner or "console" in owner or "stdout" in owner)
        return False
