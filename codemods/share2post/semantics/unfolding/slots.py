"""What the names of a function stand for while it is written out at a call."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from share2post.semantics.unfolding.folding import Known, Seen, Value
from share2post.semantics.world import Unit

_ATOMS = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant, ast.Dict, ast.List, ast.Set, ast.ListComp,
    ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.Tuple,
)  # fmt: skip


class CannotUnfold(Exception):
    """A function cannot be written out here; the message says why."""


@dataclass(frozen=True)
class Slot:
    """A name: what is known of its value, and its text at the call or the variable that holds it there.

    ``given`` says that it still stands for what the call passes.
    """

    value: Value = None
    text: str = ""
    local: str = ""
    given: bool = False

    @property
    def written(self) -> str:
        """What is written for the name."""
        return self.local or self.text


@dataclass(eq=False)
class Names:
    """The variables that the written-out function may have, and what they are called."""

    taken: set[str]
    prefer: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)

    def local(self, name: str) -> str:
        """The variable for one of the function's own: by its own name, where that is free."""
        if name not in self.given:
            wishes = [self.prefer.get(name, name), f"tiktok_{name}", *(f"{name}_{n}" for n in range(2, 30))]
            free = [w for w in wishes if w not in self.taken or w == self.prefer.get(name)]
            self.given[name] = free[0]
            self.taken.add(free[0])
        return self.given[name]


def is_simple(node: ast.expr) -> bool:
    """A constant, a name or a dotted name: it may be written wherever its value is wanted."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name | ast.Constant)


def is_calm(node: ast.expr) -> bool:
    """Whether evaluating an expression later, or not at all, is the same: no call, no wait."""
    restless = (
        ast.Call,
        ast.Await,
        ast.Yield,
        ast.YieldFrom,
        ast.NamedExpr,
        ast.Lambda,
        ast.ListComp,
        ast.GeneratorExp,
    )
    return not any(isinstance(part, restless) for part in ast.walk(node))


def enclosed(text: str, *, whole: bool) -> str:
    """An expression's text where it stands for a name: in parentheses, unless nothing could tear it apart."""
    if whole and "\n" not in text:
        return text
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return f"({text})"
    atom = isinstance(node, _ATOMS) and not (isinstance(node, ast.Constant) and "\n" in text)
    bare = isinstance(node, ast.Tuple) and not text.startswith("(")
    return text if atom and not bare else f"({text})"


def constant_text(value: object) -> str:
    """A constant as it is written."""
    if isinstance(value, str) and not {'"', "\\", "\n"} & set(value):
        return f'"{value}"'
    return repr(value)


def is_settled(value: Value) -> bool:
    """Whether a value is a plain constant, which needs no variable."""
    plain = isinstance(value, Known) and (value.value is None or isinstance(value.value, bool | int | str))
    return plain or (isinstance(value, Known) and value.value in ({}, []))


def is_answer(value: Value) -> bool:
    """Whether a value is the answer to the upload, whole or parsed."""
    return value in (Seen.RESPONSE, Seen.BODY)


def flush(unit: Unit, node: ast.AST) -> str:
    """A node's text with its last line at the margin. Raises CannotUnfold."""
    check_strings(unit, node)
    return flushed(unit.module.source(node))


def check_strings(unit: Unit, node: ast.AST) -> None:
    """Lines of a text may be moved, unless they are part of a string. Raises CannotUnfold."""
    for part in ast.walk(node):
        long = isinstance(part, ast.JoinedStr) or (
            isinstance(part, ast.Constant) and isinstance(part.value, str | bytes)
        )
        if long and isinstance(part, ast.expr) and "\n" in unit.module.source(part).replace("\r", "\n"):
            raise CannotUnfold("a string in it runs over several lines")


def flushed(text: str) -> str:
    """A text of several lines with its last line at the margin."""
    lines = re.split(r"\r\n|\r|\n", text)
    margin = len(lines[-1]) - len(lines[-1].lstrip()) if len(lines) > 1 else 0
    rest = [line[min(margin, len(line) - len(line.lstrip())) :] for line in lines[1:]]
    return "\n".join([lines[0], *rest])
