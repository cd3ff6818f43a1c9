"""What a test says of the arguments with which the client's function was called.

::

    post.assert_called_once_with(URL, params={"access_token": "t", "open_id": "o"}, files=ANY, timeout=9)
    post.assert_called_once_with(URL, headers={"Authorization": "Bearer t", ...}, json=ANY, timeout=9)
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from share2post import tiktok
from share2post.protocols import Request
from share2post.rules.mocks.answers import Unseen
from share2post.rules.mocks.assertions import Assertion, assertion, bearer
from share2post.rules.moving import delete_statement, remove_element
from share2post.semantics.flow import Binding
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.imports import member
from share2post.syntax.layout import Group, Item, mapping, render
from share2post.syntax.style import style_of

_CARRIERS = ("params", "data")


@dataclass(eq=False)
class Calls:
    """Rewrites assertions about one call. Raises Unseen."""

    evaluator: Evaluator
    draft: Draft
    unit: Unit
    request: Request

    # assert_called_once_with(...)

    def expected(self, node: ast.Call) -> None:
        """All arguments at once: those of the init request."""
        module, style = self.unit.module, style_of(self.unit.module)
        named = {k.arg: k.value for k in node.keywords if k.arg is not None}
        if len(named) != len(node.keywords) or any(isinstance(a, ast.Starred) for a in node.args):
            raise Unseen("the arguments its test expects cannot all be seen")
        if len(node.args) > 1 or named.keys() & {"json", "content"} or self.request.json is not None:
            raise Unseen("the arguments its test expects have no known counterpart")
        gone = [k for k in node.keywords if k.arg in ("headers", "files", *_CARRIERS)]
        if not gone:
            raise Unseen("the arguments its test expects have no known counterpart")
        anything = member(self.draft, self.unit, node, "unittest.mock", "ANY")
        items = [Item("headers=", self._headers(named, anything)), Item("json=", anything)]
        for keyword in gone[len(items) :]:
            arguments: list[ast.AST] = [*node.args, *node.keywords]
            index = arguments.index(keyword)
            remove_element(self.draft, self.unit, keyword, keyword, node, index, len(arguments))
        start = module.extent(gone[0])[0]
        before = module.text[module.line_start(start) : start]
        indent = before[: len(before) - len(before.lstrip(" \t"))]
        texts = [f"{i.prefix}{render(i.value, indent, style, len(i.prefix) + 1)}" for i in items]
        if len(gone) == 1:
            texts = [(", " if before.strip() else f",{style.newline}{indent}").join(texts)]
        for keyword, text in zip(gone, texts, strict=False):
            self.draft.swap(self.unit, keyword, text)

    def _headers(self, named: dict[str, ast.expr], anything: str) -> Group | str:
        """The headers of the init request, where what the test expects of the token is seen."""
        module, quote = self.unit.module, style_of(self.unit.module).quote
        kind = Item(f"{quote}Content-Type{quote}: ", f"{quote}{tiktok.JSON_TYPE}{quote}")
        given = named.get("headers")
        if given is not None:
            if not isinstance(given, ast.Dict) or "Content-Type" in module.source(given):
                return anything
            pairs = [
                Item(f"{module.source(k)}: ", module.source(v))
                for k, v in zip(given.keys, given.values, strict=True)
                if k is not None
            ]
            return mapping(*pairs, kind)
        token = next((t for name in _CARRIERS if (t := _entry(named.get(name))) is not None), None)
        if token is None or self.request.headers is not None:
            return anything
        return mapping(Item(f"{quote}Authorization{quote}: ", bearer(self.unit, token, quote)), kind)

    # call_args

    def arguments(self, node: ast.Attribute) -> None:
        """``post.call_args``: its keyword arguments, or the pair of positional and keyword arguments."""
        parent = self.unit.module.parent(node)
        if isinstance(parent, ast.Attribute) and parent.attr in ("args", "kwargs"):
            self._half(parent, keywords=parent.attr == "kwargs")
        elif isinstance(parent, ast.Subscript) and isinstance(parent.slice, ast.Constant):
            self._half(parent, keywords=parent.slice.value == 1)
        elif isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Tuple):
            names = parent.targets[0].elts
            for index, name in enumerate(names):
                for use in self._uses(name):
                    self._half(use, keywords=index == 1)
        else:
            raise Unseen("its test looks at the call in a way that is not known")

    def _half(self, node: ast.expr, *, keywords: bool) -> None:
        parent = self.unit.module.parent(node)
        if isinstance(parent, ast.Assign) and parent.value is node and len(parent.targets) == 1:
            for use in self._uses(parent.targets[0]):
                self._half(use, keywords=keywords)
            return
        if not keywords:
            return  # the address, which is rewritten by itself
        key = (
            parent.slice.value
            if isinstance(parent, ast.Subscript) and isinstance(parent.slice, ast.Constant)
            else None
        )
        said = assertion(self.unit, node)
        if (
            said is not None
            and isinstance(said.other, ast.Constant)
            and said.other.value in ("files", *_CARRIERS)
        ):
            key = said.other.value
            if said.op == "in" and key == "files":
                delete_statement(self.draft, self.unit, said.statement, [])
                return
        if not isinstance(parent, ast.Subscript) or not isinstance(key, str):
            raise Unseen("its test looks at the call in a way that is not known")
        if key in _CARRIERS:
            self._credentials(parent, self.unit.module.source(node))
        elif key == "files":
            self._files(parent)
        elif key in ("headers", "json", "content"):
            raise Unseen(f"its test looks at {key} of the call")

    def _uses(self, node: ast.expr) -> list[ast.Name]:
        bindings: list[Binding] = [
            b
            for s in self.unit.flow.scopes.values()
            for bs in s.bindings.values()
            for b in bs
            if b.node is node
        ]
        return [use for binding in bindings for use in binding.uses]

    def _credentials(self, node: ast.expr, keywords: str) -> None:
        """``kwargs["params"]``, whole or one of its entries."""
        parent = self.unit.module.parent(node)
        if isinstance(parent, ast.Subscript) and isinstance(parent.slice, ast.Constant):
            said = assertion(self.unit, parent)
            if said is not None and said.op == "==":
                if parent.slice.value == tiktok.OPEN_ID_PARAMETER:
                    delete_statement(self.draft, self.unit, said.statement, [])
                    return
                if parent.slice.value == tiktok.TOKEN_PARAMETER and said.other is not None:
                    self._authorized(said, keywords, said.other)
                    return
        said = assertion(self.unit, node)
        token = _entry(said.other) if said is not None and said.op == "==" else None
        if said is None or token is None:
            raise Unseen("its test looks at the credentials in a way that is not known")
        self._authorized(said, keywords, token)

    def _authorized(self, said: Assertion, keywords: str, token: ast.expr) -> None:
        quote = style_of(self.unit.module).quote
        left = f"{keywords}[{quote}headers{quote}][{quote}Authorization{quote}]"
        said.replace(self.draft, left, "==", bearer(self.unit, token, quote))

    def _files(self, node: ast.expr) -> None:
        """``assert "video" in kwargs["files"]``: there are none any more."""
        said = assertion(self.unit, node)
        if said is None or said.op != "in" or not said.reversed:
            raise Unseen("its test looks at the form in a way that is not known")
        delete_statement(self.draft, self.unit, said.statement, [])


def _entry(node: ast.expr | None) -> ast.expr | None:
    """The token of a dict that holds nothing but the credentials."""
    if not isinstance(node, ast.Dict):
        return None
    found = {k.value: v for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant)}
    known = {tiktok.TOKEN_PARAMETER, tiktok.OPEN_ID_PARAMETER}
    return (
        found.get(tiktok.TOKEN_PARAMETER) if len(found) == len(node.keys) and found.keys() <= known else None
    )
