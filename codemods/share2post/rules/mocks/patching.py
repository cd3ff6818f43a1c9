"""``unittest.mock``, ``mocker`` and ``monkeypatch``: the client's function replaced, and an answer made by hand.

::

    with patch("app.tiktok.requests.post") as post:          with patch(...) as post, patch("app.tiktok.requests.put"):
        post.return_value.json.return_value = {"data": ...}      post.return_value.json.return_value = {"data": ...}
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from share2post.protocols import Request
from share2post.rules.mocks.answers import Answers, Old, Unseen
from share2post.rules.mocks.calls import Calls
from share2post.rules.mocks.doubles import StandIns, hooked
from share2post.rules.mocks.kinds import is_fixture
from share2post.rules.mocks.patches import Patch, gives_new
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.imports import member
from share2post.syntax.style import style_of

_PLAIN: Final = frozenset(
    {
        "return_value", "side_effect", "called", "call_count", "assert_called", "assert_called_once",
        "assert_not_called", "reset_mock", "assert_awaited", "assert_awaited_once", "await_count", "stop",
    }
)  # fmt: skip


@dataclass(eq=False)
class Patching:
    """Rewrites the tests around one patch into a draft. Raises Unseen."""

    evaluator: Evaluator
    draft: Draft
    patch: Patch
    request: Request
    roots: list[tuple[Unit, ast.AST]]  # the tests, and what of the test modules they use
    known: set[ast.AST]  # every expression that some stand-in gives
    tests: Sequence[Unit]

    def run(self) -> list[Old]:
        """Rewrite the answers; those of uploads."""
        answers = Answers(self.evaluator)
        olds: dict[ast.AST, Old] = {}
        for unit, root in self.roots:
            for node in hooked(self.evaluator, unit, root):
                old = answers.find(unit, node)
                if old is not None:
                    olds[old.node] = old
        if not olds:
            if self._raises() or self._blank():
                return []
            raise Unseen("what its stand-in answers is not seen")
        if not self.patch.manner:
            raise Unseen("where the patch begins and ends is not seen")
        for old in olds.values():
            if answers.strangers(old, self.known, self.draft):
                raise Unseen("what it answers is used for something else too")
            answers.write(old, self.draft)
        StandIns(self.draft, self.request.client).run(self.roots)
        self._function()
        return list(olds.values())

    def _raises(self) -> bool:
        """Whether the stand-in only raises."""
        given = [k.value for k in self.patch.call.keywords if k.arg == "side_effect"]
        for _unit, root in self.roots:
            for node in ast.walk(root):
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
                    if node.targets[0].attr == "side_effect":
                        given.append(node.value)
                    elif node.targets[0].attr == "return_value":
                        return False
        names = [ast.unparse(v.func if isinstance(v, ast.Call) else v) for v in given]
        return bool(names) and all(re.search(r"(Error|Exception|Timeout)$", name) for name in names)

    def _blank(self) -> bool:
        """Whether the answer is a MagicMock of which no JSON is said: no code that it gives is ``"ok"``."""
        patch = self.patch
        plain = patch.manner in ("with", "decorator", "mocker") and not isinstance(
            self.request.outer, ast.Await
        )
        if not plain or patch.whole or patch.call.keywords or gives_new(patch.call):
            return False
        for _, root in self.roots:
            for node in ast.walk(root):
                target = node.targets[0] if isinstance(node, ast.Assign) else None
                if isinstance(target, ast.Attribute) and (
                    "json" in ast.unparse(target)
                    or (target.attr in ("return_value", "side_effect") and isinstance(target.value, ast.Name))
                ):
                    return False
        return bool(patch.names)

    # what stands in for the function

    def _function(self) -> None:
        """A function that takes the place of the client's has to take the new arguments."""
        call = self.patch.call
        given = [a for a in call.args[1:] if a is not self.patch.target]
        given += [k.value for k in call.keywords if k.arg in ("new", "side_effect", "value")]
        for node in given:
            function: ast.AST | None = node if isinstance(node, ast.Lambda) else None
            if isinstance(node, ast.Name):
                binding = self.patch.unit.flow.only(node)
                function = binding.node if binding is not None else None
            if isinstance(function, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
                if function.args.kwarg is None:
                    raise Unseen("its stand-in takes the arguments of the old request")
                words = {c.value for c in ast.walk(function) if isinstance(c, ast.Constant)}
                if words & {"params", "files", "data"} - ({"data"} if self._answers(function) else set()):
                    raise Unseen("its stand-in looks at the arguments of the old request")

    def _answers(self, function: ast.AST) -> bool:
        return any(isinstance(n, ast.Dict) for n in ast.walk(function))

    # the second request

    def second(self, put: str) -> None:
        """Replace the function that sends the second request as well; ``put`` is what it belongs to."""
        patch, unit = self.patch, self.patch.unit
        if patch.whole:
            return
        module, style = unit.module, style_of(unit.module)
        owner, _, last = patch.replaced.rpartition(".")
        by_object = patch.target is not patch.call.args[0]
        function, target = module.source(patch.call.func), f"{style.quote}{put}.put{style.quote}"
        spelled = str(patch.target.value) if isinstance(patch.target, ast.Constant) else ""
        beside = by_object or spelled.split(".")[-2:-1] == [put.rpartition(".")[2]]
        if owner == put and beside:
            target = re.sub(rf"\b{last}(?=['\"]+$)", "put", module.source(patch.target))
            target = f"{module.source(patch.call.args[0])}, {target}" if by_object else target
        elif by_object:
            function = function.removesuffix(".object")
        if patch.manner == "with":
            end = module.extent(self._item())[1]
            fake = f", {self._fake()}" if self._awaited else ""
            self.draft.replace(unit, end, end, f", {function}({target}{fake})")
            return
        at: ast.AST = patch.call if patch.manner == "decorator" else module.statement(patch.call)
        start, end = module.extent(at)
        line = module.text[module.line_start(start) : start]
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        fake = ""
        if patch.manner in ("decorator", "monkeypatch") or self._awaited:
            fake = f", {self._fake()}"
        sign = "@" if patch.manner == "decorator" else ""
        offset = module.line_start(start) if sign else module.line_end(end)
        self.draft.replace(unit, offset, offset, f"{indent}{sign}{function}({target}{fake}){style.newline}")

    def _item(self) -> ast.expr:
        """The end of the with item of the patch."""
        parent = self.patch.unit.module.parent(self.patch.call)
        if isinstance(parent, ast.withitem) and parent.optional_vars is not None:
            return parent.optional_vars
        return self.patch.call

    # what the tests say of the calls

    def observed(self) -> None:
        """What is asserted of the calls of the function that was replaced."""
        pending = [(self.patch.unit, binding) for binding in self.patch.names]
        while pending:
            unit, binding = pending.pop()
            for name in binding.uses:
                pending += self._observed(unit, name)

    def _observed(self, unit: Unit, use: ast.expr) -> list[tuple[Unit, Binding]]:
        """One use of the mock; the parameters that it goes on in."""
        parent = unit.module.parent(use)
        if isinstance(parent, ast.Yield | ast.Return):
            return self._given_out(unit, parent)
        if self.patch.whole:
            if not isinstance(parent, ast.Attribute) or parent.attr not in ("post", "request"):
                return []
            use, parent = parent, unit.module.parent(parent)
        if not isinstance(parent, ast.Attribute):
            raise Unseen("its stand-in is handed on")
        call = unit.module.parent(parent)
        if parent.attr in ("assert_called_once_with", "assert_called_with") and isinstance(call, ast.Call):
            Calls(self.evaluator, self.draft, unit, self.request).expected(call)
        elif parent.attr == "call_args":
            Calls(self.evaluator, self.draft, unit, self.request).arguments(parent)
        elif parent.attr not in _PLAIN:
            raise Unseen(f"its test looks at {parent.attr} of the stand-in")
        return []

    def _given_out(self, unit: Unit, node: ast.AST) -> list[tuple[Unit, Binding]]:
        """The parameters that a fixture fills."""
        function = unit.function_of(node)
        if function is None or not is_fixture(function):
            raise Unseen("its stand-in is handed on")
        return [
            (other, binding)
            for other in self.tests
            for scope in other.flow.scopes.values()
            for binding in scope.bindings.get(function.name, [])
            if binding.kind is Kind.PARAMETER
        ]

    @property
    def _awaited(self) -> bool:
        """Whether the second request is awaited, and not entered: httpx, but not aiohttp."""
        return isinstance(self.request.outer, ast.Await) and self.request.client == "httpx"

    def _fake(self) -> str:
        """What takes the place of the function that puts the bytes."""
        if self._awaited:
            asynchronous, plain = self._mocks("AsyncMock", "Mock")
            return f"{asynchronous}(return_value={plain}())"
        return f"{self._mocks('MagicMock' if self.request.client == 'aiohttp' else 'Mock')[0]}()"

    def _mocks(self, *names: str) -> list[str]:
        """What to call classes of ``unittest.mock`` in the test module; they are imported where they are not known."""
        unit = self.patch.unit
        imports = [s for s in unit.module.tree.body if isinstance(s, ast.Import | ast.ImportFrom)]
        known = any("mock" in ast.unparse(statement) for statement in imports) or set(names) & unit.words
        if known or not imports:
            return [member(self.draft, unit, self.patch.call, "unittest.mock", name) for name in names]
        last = imports[0]
        for statement in imports[1:]:
            if unit.module.span(statement).line > unit.module.span(last).end_line + 1:
                break
            last = statement
        offset = unit.module.line_end(unit.module.extent(last)[1])
        line = f"from unittest.mock import {', '.join(names)}{style_of(unit.module).newline}"
        self.draft.replace(unit, offset, offset, line)
        return list(names)
