"""What a test says of the requests that were sent: counts, credentials, bodies.

::

    assert len(responses.calls) == 1                            == 2
    assert responses.calls[0].request.params["access_token"] == "t"
                                                                .headers["Authorization"] == "Bearer t"
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Final

from share2post import tiktok
from share2post.rules.mocks.answers import Unseen
from share2post.rules.mocks.assertions import (
    Assertion,
    assertion,
    bearer,
    is_multipart,
    open_id_text,
    token_text,
)
from share2post.rules.mocks.library import Library, Log, Mock
from share2post.rules.mocks.spelling import integer
from share2post.rules.moving import delete_statement
from share2post.semantics.flow import Binding
from share2post.semantics.urls import Target, endpoint
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.style import style_of

PARSERS: Final = frozenset({"urllib.parse.urlparse", "urllib.parse.urlsplit"})


@dataclass(frozen=True)
class Sight:
    """One expression on the way from a request to an assertion: what it is, and the request's text."""

    kind: str
    request: str
    second: str = ""  # the text of the second request, where there is one
    lists: bool = False
    key: str = ""


@dataclass(eq=False)
class Sightings:
    """Rewrites what one test function says of the requests one library saw."""

    evaluator: Evaluator
    draft: Draft
    unit: Unit
    library: Library
    wins: list[bool]
    alone: bool  # whether nothing else is mocked
    consumed: set[ast.AST] = field(default_factory=set)
    bound: list[Binding] = field(default_factory=list)

    # counting

    def total(self, old: int) -> int:
        """How many requests there are now, where there were ``old``."""
        if not any(self.wins):
            return old
        if not self.alone:
            raise Unseen("it counts requests, and others than the upload's are among them")
        if old == 0:
            return 0
        if len(self.wins) == 1:
            return old * 2
        if len(self.wins) != old:
            raise Unseen("it counts requests, and which of them are uploads that succeed cannot be told")
        return old + sum(self.wins)

    def moved(self, index: int | None) -> tuple[int, bool]:
        """The offset of an init request, and whether a second request follows it."""
        if not any(self.wins):
            return (-1 if index is None else index), False
        if not self.alone:
            raise Unseen("it looks at one request, and others than the upload's are among them")
        if index is None or index == -1:
            return (-2 if self.wins[-1] else -1), self.wins[-1]
        if index < 0:
            raise Unseen("it counts requests from the end")
        if len(self.wins) == 1:
            return index * 2, True
        if index >= len(self.wins):
            raise Unseen("it looks at a request that no mock answers")
        return index + sum(self.wins[:index]), self.wins[index]

    # one log

    def read(self, node: ast.expr, log: Log, route: Mock | None) -> None:
        """Rewrite what is made of a log."""
        receiver = self.unit.module.source(log.receiver)
        if log.kind in ("count", "once"):
            self._count(node, log, receiver, route)
        elif log.kind in ("request", "entry"):
            if route is not None:
                index = log.index if log.index is not None else -1
                text = self.unit.module.source(node)
                won = any(self.wins)
                second = log.spell.format(receiver=route.receiver, index=-1 if index == -1 else index * 2 + 1)
            else:
                text, second, won = self._spelled(node, log, receiver)
                if text != self.unit.module.source(node):
                    self.draft.swap(self.unit, node, text)
            self._follow(node, Sight(log.kind, text, second if won else ""))

    def _spelled(self, node: ast.expr, log: Log, receiver: str) -> tuple[str, str, bool]:
        """The init request a log shows, the PUT behind it, and whether there is one."""
        index, won = self.moved(log.index)
        source = self.unit.module.source(node)
        if log.first:
            if log.index is not None and (log.index > 0 or len(self.wins) > 1):
                raise Unseen("its test looks at one of several requests")
            quote = style_of(self.unit.module).quote
            same = log.index == 0 or not won
            return (
                source if same else log.first.format(receiver=receiver, quote=quote),
                log.second.format(receiver=receiver),
                won,
            )
        same = index == log.index or (log.index is None and index == -1)
        text = source if same else log.spell.format(receiver=receiver, index=index)
        return text, log.spell.format(receiver=receiver, index=index + 1), won

    def _count(self, node: ast.expr, log: Log, receiver: str, route: Mock | None) -> None:
        if route is not None:
            return  # counts the first requests alone
        if log.first and any(self.wins):
            raise Unseen("its test counts requests in a way that is not known")
        if log.kind == "once":
            if any(self.wins):
                self.draft.swap(self.unit, node, log.spell.format(receiver=receiver, index=self.total(1)))
            return
        said = assertion(self.unit, node)
        number = integer(said.other) if said is not None and said.other is not None else None
        if said is None or number is None or said.op not in ("==", "!="):
            if any(self.wins):
                raise Unseen("it counts requests in a way that is not known")
            return
        if said.other is not None and self.total(number) != number:
            self.draft.swap(self.unit, said.other, str(self.total(number)))

    # one request

    def _follow(self, node: ast.expr, sight: Sight) -> None:
        parent = self.unit.module.parent(node)
        if isinstance(parent, ast.Assign) and parent.value is node and len(parent.targets) == 1:
            self._bind(parent, sight)
            return
        if isinstance(parent, ast.Await):
            self._follow(parent, sight)
            return
        step = self._step(node, parent, sight)
        if step is not None:
            self._follow(step[0], step[1])
            return
        if not self._asserted(node, parent, sight):
            raise Unseen(f"it looks at the old request in a way that is not known ({self._line(node)})")

    def _line(self, node: ast.AST) -> str:
        return f"line {self.unit.module.span(node).line}"

    def _bind(self, statement: ast.Assign, sight: Sight) -> None:
        target = statement.targets[0]
        bindings = [
            b
            for scope in self.unit.flow.scopes.values()
            for b in (scope.bindings.get(target.id, []) if isinstance(target, ast.Name) else [])
            if b.node is target
        ]
        if len(bindings) != 1:
            raise Unseen(f"it keeps the old request in a way that is not known ({self._line(statement)})")
        name = bindings[0].name if sight.kind == "request" else sight.request
        if sight.kind not in ("request", "entry"):
            self.bound.append(bindings[0])
        if sight.kind == "entry":
            name = f"{bindings[0].name}.request"
        for use in bindings[0].uses:
            self._follow(use, Sight(sight.kind, name, sight.second, sight.lists, sight.key))

    def _step(self, node: ast.expr, parent: ast.AST | None, sight: Sight) -> tuple[ast.expr, Sight] | None:
        """One attribute, index or call further, where that is known."""

        def to(kind: str, at: ast.expr, *, lists: bool = False, key: str = "") -> tuple[ast.expr, Sight]:
            return at, Sight(kind, sight.request, sight.second, lists or sight.lists, key or sight.key)

        shape = self.library.shape
        match sight.kind, parent:
            case "entry", ast.Attribute(attr="request"):
                return to("request", parent)
            case "request", ast.Attribute(attr=name):
                kinds = {"headers": "headers", "method": "method", "path_url": "path", "path": "path"}
                kinds |= {shape.url: "url", shape.query: "query"} | dict.fromkeys(shape.body, "body")
                return to(kinds[name], parent, lists=shape.lists) if name in kinds else None
            case "url", ast.Attribute(attr="params") if shape.query == "url.params":
                return to("query", parent)
            case "url" | "parsed", ast.Attribute(attr="path"):
                return to("path", parent)
            case "url", ast.Attribute(attr="split" | "partition"):
                outer = self.unit.module.parent(parent)
                first = self.unit.module.parent(outer) if outer is not None else None
                return to("url", first) if isinstance(first, ast.Subscript) else None
            case "url", ast.Call(args=[argument]) if argument is node:
                named = self.evaluator.world.qualified(self.unit, parent.func) or ""
                if named in PARSERS:
                    return to("parsed", parent)
                return to("url", parent) if named == "builtins.str" else None
            case "parsed", ast.Attribute(attr="query"):
                return to("text", parent)
            case "text", ast.Call(args=[argument]) if argument is node:
                named = self.evaluator.world.qualified(self.unit, parent.func) or ""
                if named == "urllib.parse.parse_qs":
                    return to("query", parent, lists=True)
                outer = self.unit.module.parent(parent)
                if named == "urllib.parse.parse_qsl" and isinstance(outer, ast.Call):
                    return outer, Sight("query", sight.request, sight.second)
                return None
            case "query" | "headers", ast.Subscript(slice=ast.Constant(value=str(key))) if (
                parent.value is node
            ):
                return to("param" if sight.kind == "query" else "type", parent, key=key)
            case "query" | "headers", ast.Attribute(attr="get"):
                outer = self.unit.module.parent(parent)
                if isinstance(outer, ast.Call) and outer.args and isinstance(outer.args[0], ast.Constant):
                    key = str(outer.args[0].value)
                    return to("param" if sight.kind == "query" else "type", outer, key=key)
            case "param", ast.Subscript(slice=ast.Constant(value=0)) if sight.lists and parent.value is node:
                return parent, Sight("param", sight.request, sight.second, False, sight.key)
        return None

    # what is asserted

    def _asserted(self, node: ast.expr, parent: ast.AST | None, sight: Sight) -> bool:
        if sight.kind == "method" or (sight.kind == "type" and sight.key.lower() != "content-type"):
            return True
        said = assertion(self.unit, node)
        starts = parent if isinstance(parent, ast.Attribute) and parent.attr == "startswith" else None
        if sight.kind == "url" and starts is not None:
            return True  # of the address, which is rewritten by itself
        if sight.kind == "type":
            return self._content_type(said, node, starts, sight)
        if said is None or said.other is None:
            return False
        match sight.kind:
            case "url":
                return self._url(said, sight)
            case "path":
                return self._path(said, said.other)
            case "query":
                return self._query(said, sight)
            case "param":
                return self._parameter(said, sight)
            case "body":
                return self._body(said, node, sight)
        return False

    def _url(self, said: Assertion, sight: Sight) -> bool:
        if said.other is None:
            return False
        if said.op == "in" and said.reversed:
            token = token_text(said.other)
            if token is not None:
                return self._authorized(said, sight, token)
            if open_id_text(said.other):
                return self._remove(said)
            if (
                isinstance(said.other, ast.Constant)
                and str(said.other.value).strip("?&=") == tiktok.TOKEN_PARAMETER
            ):
                return self._any_token(said, sight)
        text = self.evaluator.text(self.unit, said.other)
        return said.op in ("==", "in") and text is not None and endpoint(text).target is Target.UPLOAD

    def _path(self, said: Assertion, other: ast.expr) -> bool:
        text = self.evaluator.text(self.unit, other)
        known = text.known if text is not None else None
        if known is None or known.strip("/") != tiktok.LEGACY_PATH.strip("/") or said.op not in ("==", "in"):
            return False
        quote = style_of(self.unit.module).quote
        self.draft.swap(self.unit, other, f"{quote}{tiktok.INIT_URL.partition(tiktok.NEW_HOST)[2]}{quote}")
        return True

    def _query(self, said: Assertion, sight: Sight) -> bool:
        other = said.other
        if said.op == "in" and said.reversed and isinstance(other, ast.Constant):
            if other.value == tiktok.OPEN_ID_PARAMETER:
                return self._remove(said)
            if other.value == tiktok.TOKEN_PARAMETER:
                return self._any_token(said, sight)
        if said.op != "==" or not isinstance(other, ast.Dict):
            return False
        values = dict(
            zip([k.value for k in other.keys if isinstance(k, ast.Constant)], other.values, strict=False)
        )
        if set(values) - {tiktok.TOKEN_PARAMETER, tiktok.OPEN_ID_PARAMETER} or len(values) != len(other.keys):
            return False
        token = values.get(tiktok.TOKEN_PARAMETER)
        if token is None:
            return self._remove(said)
        return self._authorized(said, sight, _only(token) if sight.lists else token)

    def _any_token(self, said: Assertion, sight: Sight) -> bool:
        quote = style_of(self.unit.module).quote
        said.replace(self.draft, f"{quote}Authorization{quote}", "in", f"{sight.request}.headers")
        self._consume(said)
        return True

    def _parameter(self, said: Assertion, sight: Sight) -> bool:
        if sight.key == tiktok.OPEN_ID_PARAMETER:
            return self._remove(said)
        if sight.key != tiktok.TOKEN_PARAMETER or said.op != "==" or said.other is None:
            return False
        return self._authorized(said, sight, _only(said.other) if sight.lists else said.other)

    def _authorized(self, said: Assertion, sight: Sight, token: ast.expr | str | None) -> bool:
        if token is None:
            return False
        if self.library.shape.folds and isinstance(token, ast.Constant):
            token = self._unfolded(str(token.value))
        quote = style_of(self.unit.module).quote
        value = bearer(self.unit, token, quote)
        said.replace(self.draft, f"{sight.request}.headers[{quote}Authorization{quote}]", "==", value)
        self._consume(said)
        return True

    def _unfolded(self, folded: str) -> str:
        """The token as the test has it, where the library shows it in lower case."""
        alike = {text for text in self.unit.strings if text.lower() == folded}
        exact = alike - {folded} or alike
        if len(exact) != 1:
            raise Unseen("the token it expects is in lower case, and what it is really cannot be told")
        return exact.pop()

    def _content_type(
        self, said: Assertion | None, node: ast.expr, starts: ast.Attribute | None, sight: Sight
    ) -> bool:
        call = self.unit.module.parent(starts) if starts is not None else None
        other = call.args[0] if isinstance(call, ast.Call) and call.args else said.other if said else None
        if other is None or not is_multipart(other):
            return False
        quote = style_of(self.unit.module).quote
        if not sight.second:
            raise Unseen("it looks at the form of an upload that is refused, and now nothing is sent then")
        new = f"{sight.second}.headers[{quote}Content-Type{quote}]"
        if isinstance(call, ast.Call):
            self.draft.swap(self.unit, call, f"{new} == {quote}video/mp4{quote}")
        elif said is not None:
            said.replace(self.draft, new, "==", f"{quote}video/mp4{quote}")
            self._consume(said)
        return True

    def _body(self, said: Assertion, node: ast.expr, sight: Sight) -> bool:
        if said.op != "in" or not said.reversed or said.other is None:
            return False
        value = said.other.value if isinstance(said.other, ast.Constant) else b""
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        if "name=" in text or "form-data" in text:
            return self._remove(said)
        if not sight.second:
            raise Unseen("it looks at the video of an upload that is refused, and now nothing is sent then")
        last = self.unit.module.source(node).rpartition(".")[2]
        self.draft.swap(self.unit, node, f"{sight.second}.{last}")
        self.consumed.update(ast.walk(node))
        return True

    # what goes

    def _remove(self, said: Assertion) -> bool:
        """An assertion of what is no longer sent."""
        if not isinstance(said.statement, ast.Assert | ast.Expr) or said.op not in ("==", "in"):
            return False
        delete_statement(self.draft, self.unit, said.statement, [])
        self._consume(said)
        return True

    def _consume(self, said: Assertion) -> None:
        self.consumed.update(ast.walk(said.statement))

    def finish(self) -> None:
        """Remove the names that only the old assertions used."""
        for binding in reversed(self.bound):
            statement = self.unit.module.statement(binding.node)
            if binding.uses and all(use in self.consumed for use in binding.uses):
                delete_statement(self.draft, self.unit, statement, [])


def _only(node: ast.expr) -> ast.expr | None:
    """The one element of a list."""
    return node.elts[0] if isinstance(node, ast.List) and len(node.elts) == 1 else None
