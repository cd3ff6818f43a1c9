"""Stand-ins for a response: where one gives its JSON, and what the new code asks of it besides."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from share2post.rules.mocks.answers import Unseen
from share2post.rules.mocks.scopes import Function
from share2post.rules.moving import ends_line, starts_line
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.style import indentation, style_of

_MOCKS: Final = frozenset({"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock"})
_OK: Final = {"requests": "ok", "niquests": "ok", "httpx": "is_success", "aiohttp": "ok"}


def hooked(evaluator: Evaluator, unit: Unit, root: ast.AST) -> Iterator[ast.expr]:
    """The expressions that a stand-in for a response gives as its JSON."""
    for node in ast.walk(root):
        match node:
            case ast.Assign(targets=[ast.Attribute(attr="return_value", value=ast.Attribute(attr="json"))]):
                yield node.value
            case ast.Assign(targets=[ast.Attribute(attr="json")]):
                yield from _given(node.value)
            case ast.keyword(arg="json"):
                yield from _given(node.value)
                call = unit.module.parent(node)
                if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("Response"):
                    yield node.value
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "json.return_value":
                        yield value
            case ast.FunctionDef(name="json") | ast.AsyncFunctionDef(name="json"):
                yield from (
                    s.value for s in ast.walk(node) if isinstance(s, ast.Return) and s.value is not None
                )
            case ast.Call() if _makes_response(evaluator, unit, node):
                yield from node.args
                yield from (keyword.value for keyword in node.keywords)


def _given(node: ast.expr) -> Iterator[ast.expr]:
    """What ``lambda: {...}`` and ``Mock(return_value={...})`` give."""
    if isinstance(node, ast.Lambda):
        yield node.body
    elif isinstance(node, ast.Call):
        yield from (k.value for k in node.keywords if k.arg == "return_value")


def _makes_response(evaluator: Evaluator, unit: Unit, call: ast.Call) -> bool:
    """Whether a call is of a test's own class or function that stands in for a response."""
    owner = (
        evaluator.world.class_behind(unit, call.func)
        if isinstance(call.func, ast.Name | ast.Attribute)
        else None
    )
    callee = evaluator.callee(unit, call)
    made: ast.AST | None = owner[1] if owner is not None else callee[1] if callee is not None else None
    if made is None:
        return False
    return any(
        (isinstance(n, Function) and n.name == "json")
        or (isinstance(n, ast.Attribute) and n.attr == "json")
        or (isinstance(n, ast.keyword) and n.arg == "json")
        for n in ast.walk(made)
    )


@dataclass(eq=False)
class StandIns:
    """Gives a response made by hand what the new code asks it: whether it is ok. Raises Unseen."""

    draft: Draft
    client: str

    def run(self, roots: list[tuple[Unit, ast.AST]]) -> None:
        """Every stand-in that these functions and classes make."""
        wanted = _OK.get(self.client)
        if wanted is None:
            raise Unseen(f"stand-ins for responses of {self.client} are not known")
        for unit, root in roots:
            for node in ast.walk(root):
                if isinstance(node, ast.ClassDef) and any(
                    isinstance(s, Function) and s.name == "json" for s in node.body
                ):
                    self._class(unit, node, wanted)
                elif isinstance(node, ast.Call) and any(k.arg == "json" for k in node.keywords):
                    self._call(unit, node, wanted)

    def _class(self, unit: Unit, owner: ast.ClassDef, wanted: str) -> None:
        if (
            any(isinstance(n, Function) and n.name == wanted for n in owner.body)
            or wanted in ast.unparse(owner).split()
        ):
            return
        if owner.bases or f"self.{wanted}" in ast.unparse(owner):
            if owner.bases:
                raise Unseen("its stand-in for a response has a base class")
            return
        style = style_of(unit.module)
        for statement in ast.walk(owner):
            if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
                continue
            target = ast.unparse(statement.targets[0])
            if target == "self.status_code":
                self._behind(unit, statement, f"self.{wanted} = self.status_code < 400")
                return
            if target == "status_code" and isinstance(statement.value, ast.Constant):
                self._behind(unit, statement, f"{wanted} = {int(str(statement.value.value)) < 400}")
                return
        first = owner.body[0]
        if not starts_line(unit, first):
            raise Unseen("its stand-in for a response stands on one line")
        start = unit.module.line_start(unit.module.extent(first)[0])
        text = f"{indentation(unit.module, first)}{wanted} = True{style.newline}{style.newline}"
        self.draft.replace(unit, start, start, text)

    def _behind(self, unit: Unit, statement: ast.stmt, text: str) -> None:
        if not starts_line(unit, statement) or not ends_line(unit, statement):
            raise Unseen("its stand-in for a response stands on one line")
        offset = unit.module.line_end(unit.module.extent(statement)[1])
        line = f"{indentation(unit.module, statement)}{text}{style_of(unit.module).newline}"
        self.draft.replace(unit, offset, offset, line)

    def _call(self, unit: Unit, call: ast.Call, wanted: str) -> None:
        """``SimpleNamespace(status_code=200, json=lambda: ...)``: it is asked whether it is ok."""
        name = ast.unparse(call.func).rpartition(".")[2]
        if name == "SimpleNamespace" and not any(k.arg == wanted for k in call.keywords):
            status = next((k.value for k in call.keywords if k.arg == "status_code"), None)
            fine = not isinstance(status, ast.Constant) or int(str(status.value)) < 400
            start = unit.module.extent(call.keywords[0])[0]
            self.draft.replace(unit, start, start, f"{wanted}={fine}, ")
        elif name in _MOCKS and any(k.arg in ("spec", "spec_set") for k in call.keywords):
            raise Unseen("its stand-in for a response is held to a specification")
