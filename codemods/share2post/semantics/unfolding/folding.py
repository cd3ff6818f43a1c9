"""What an expression of a function comes to for one call of it, as far as that can be told.

::

    def send(path, json=None, files=None):    # send("share/video/upload/", files={"video": video})
        if json is not None:                  # false here
            ...
        if not path.startswith("http"):       # true here
            ...
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from share2post import tiktok


@dataclass(frozen=True)
class Known:
    """A constant."""

    value: object


class Seen(Enum):
    """What is known of a value that is no constant."""

    SOMETHING = auto()  # it is there, and true: a dict that holds something, an object
    RESPONSE = auto()  # the response to the old upload
    BODY = auto()  # its parsed body
    DATA = auto()  # the "data" of that
    NAMED = auto()  # the keyword arguments that ``**options`` gathers


Value = Known | Seen | None
Look = Callable[[ast.expr], Value]

_HELD: Final = {
    Seen.BODY: (tiktok.OLD_DATA, tiktok.OLD_EXTRA),
    Seen.DATA: (tiktok.OLD_ID, *tiktok.OLD_CODES, tiktok.OLD_MESSAGE),
}
_TEXT_METHODS: Final = frozenset(
    {
        "startswith",
        "endswith",
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "replace",
        "removeprefix",
        "removesuffix",
    }
)


@dataclass(frozen=True)
class Folder:
    """Folds expressions; ``look`` says what a name stands for, and what ``options.get("x")`` gives."""

    look: Look

    def value(self, node: ast.expr) -> Value:
        """The value of an expression; ``None`` where it is not known."""
        seen = self.look(node)
        if seen is not None:
            return seen
        match node:
            case ast.Constant():
                return Known(node.value)
            case ast.Dict() | ast.List() | ast.Tuple() | ast.Set():
                return self._display(node)
            case ast.JoinedStr():
                return self._text(node)
            case ast.IfExp():
                test = self.truth(node.test)
                return None if test is None else self.value(node.body if test else node.orelse)
            case ast.BoolOp():
                return self._operation(node)
            case ast.UnaryOp(op=ast.Not()):
                return _known(_opposite(self.truth(node.operand)))
            case ast.Compare() if len(node.ops) == 1:
                return _known(self._comparison(node.left, node.ops[0], node.comparators[0]))
            case ast.Call():
                return self._call(node)
            case ast.Subscript() if self.value(node.value) is Seen.BODY:
                return Seen.DATA if self.value(node.slice) == Known(tiktok.OLD_DATA) else None
        return None

    def truth(self, node: ast.expr) -> bool | None:
        """Whether an expression is true; ``None`` where that is not known."""
        if isinstance(node, ast.BoolOp):
            return self._any(node.values, isinstance(node.op, ast.Or))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _opposite(self.truth(node.operand))
        value = self.value(node)
        return bool(value.value) if isinstance(value, Known) else True if value in _TRUE else None

    def _any(self, nodes: Sequence[ast.expr], decisive: bool) -> bool | None:
        """``and`` and ``or``: the first value of the decisive kind settles it."""
        unknown = False
        for node in nodes:
            truth = self.truth(node)
            if truth is decisive:
                return decisive
            unknown = unknown or truth is None
        return None if unknown else not decisive

    def _operation(self, node: ast.BoolOp) -> Value:
        decisive = isinstance(node.op, ast.Or)
        for value in node.values:
            truth = self.truth(value)
            if truth is None:
                return None
            if truth is decisive:
                return self.value(value)
        return self.value(node.values[-1])

    def _display(self, node: ast.Dict | ast.List | ast.Tuple | ast.Set) -> Value:
        if isinstance(node, ast.Dict):
            if any(key is not None for key in node.keys):
                return Seen.SOMETHING
            return None if node.keys else Known({})
        if not node.elts:
            return Known([])
        values = [self.value(element) for element in node.elts]
        if all(isinstance(value, Known) for value in values):
            return Known([value.value for value in values if isinstance(value, Known)])
        return Seen.SOMETHING

    def _text(self, node: ast.JoinedStr) -> Value:
        found, whole = "", True
        for part in node.values:
            held = part.value if isinstance(part, ast.FormattedValue) else part
            plain = not isinstance(part, ast.FormattedValue) or (
                part.conversion == -1 and part.format_spec is None
            )
            value = self.value(held) if plain else None
            if isinstance(value, Known) and isinstance(value.value, str):
                found += value.value
            else:
                whole = False
        return Known(found) if whole else Seen.SOMETHING if found else None

    def _comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool | None:
        one, two = self.value(left), self.value(right)
        if isinstance(op, ast.Is | ast.IsNot):
            if not isinstance(two, Known) or two.value is not None or one is None:
                return None
            same = isinstance(one, Known) and one.value is None
            return same if isinstance(op, ast.Is) else not same
        if isinstance(op, ast.In | ast.NotIn):
            held = self._holds(one, two)
            return held if held is None or isinstance(op, ast.In) else not held
        if isinstance(op, ast.Eq | ast.NotEq) and isinstance(one, Known) and isinstance(two, Known):
            return (one.value == two.value) is isinstance(op, ast.Eq)
        return None

    def _holds(self, one: Value, two: Value) -> bool | None:
        if not isinstance(one, Known):
            return None
        if isinstance(two, Seen) and two in _HELD:
            return False if one.value not in _HELD[two] else None
        if isinstance(two, Known) and isinstance(two.value, str | list | dict):
            try:
                return one.value in two.value
            except TypeError:
                return None
        return None

    def _call(self, node: ast.Call) -> Value:
        func = node.func
        if not isinstance(func, ast.Attribute):
            return None
        owner = self.value(func.value)
        if owner is Seen.RESPONSE and func.attr == "json" and not node.args:
            return Seen.BODY
        if func.attr == "get" and node.args and not node.keywords:
            return self._get(owner, node.args)
        arguments = [self.value(argument) for argument in node.args]
        known = [a.value for a in arguments if isinstance(a, Known) and isinstance(a.value, str)]
        text = owner.value if isinstance(owner, Known) else None
        if (
            isinstance(text, str)
            and func.attr in _TEXT_METHODS
            and len(known) == len(node.args)
            and not node.keywords
        ):
            return Known(getattr(text, func.attr)(*known))
        return None

    def _get(self, owner: Value, arguments: list[ast.expr]) -> Value:
        """``body.get("error", {})``: what the old answer never had at its top."""
        key = self.value(arguments[0])
        if owner is Seen.BODY and key == Known(tiktok.OLD_DATA):
            return Seen.DATA
        held = _HELD.get(owner) if isinstance(owner, Seen) else None
        absent = isinstance(key, Known) and (
            (held is not None and key.value not in held) or (isinstance(owner, Known) and owner.value == {})
        )
        if not absent:
            return None
        return self.value(arguments[1]) if len(arguments) > 1 else Known(None)


_TRUE: Final = (Seen.SOMETHING, Seen.RESPONSE)


def _known(value: bool | None) -> Value:
    return None if value is None else Known(value)


def _opposite(value: bool | None) -> bool | None:
    return None if value is None else not value
