"""``responses``: ``responses.add(responses.POST, URL, json=...)``, ``rsps.post(URL, ...)``."""

from __future__ import annotations

import ast
from typing import Final

from share2post.rules.mocks import spelling
from share2post.rules.mocks.library import Log, Mock, Query, Shape
from share2post.semantics.calls import arguments
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax import layout
from share2post.syntax.layout import Group, Item

name: Final = "responses"
shape: Final = Shape(query="params")
makers: Final = frozenset({"responses", "responses.RequestsMock", "responses.mock"})
fixtures: Final[frozenset[str]] = frozenset()
clients: Final = frozenset({"requests"})
once: Final = False

_KEPT: Final = {"content_type", "headers", "adding_headers", "auto_calculate_content_length"}


def read(evaluator: Evaluator, unit: Unit, call: ast.Call, receiver: str) -> Mock | None:
    """``responses.add(responses.POST, URL, ...)`` or ``responses.post(URL, ...)``."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    names = {"add": ("method", "url", "body"), "post": ("url", "body")}.get(method)
    given = arguments(evaluator.world, unit, call, names) if names else None
    url = given.get("url") if given is not None else None
    if given is None or url is None or (method == "add" and not spelling.is_post(given.get("method"))):
        return None
    queries, unknown = _matchers(evaluator, unit, call, given.get("match"))
    extra = given.named.keys() - {"method", "url", "body", "json", "status", "match"} - _KEPT
    if extra or given.hidden or given.surplus:
        unknown = unknown or spelling.unseen(extra)
    body = spelling.body(evaluator, unit, given, "json", "body", "status")
    return Mock(unit, call, call, url, receiver, (body,), queries, unknown)


def put(mock: Mock, link: str) -> Group:
    """The answer to the second request."""
    if isinstance(mock.call.func, ast.Attribute) and mock.call.func.attr == "post":
        return layout.call(f"{mock.receiver}.put", Item("", link), Item("status=", "201"))
    first = mock.call.args[0] if mock.call.args else None
    method = f"{mock.receiver}.PUT"
    if isinstance(first, ast.Attribute):
        method = f"{mock.unit.module.source(first.value)}.PUT"
    elif isinstance(first, ast.Constant):
        method = f"{link[0]}PUT{link[0]}"
    items = [Item("", method), Item("", link), Item("status=", "201")]
    return layout.call(f"{mock.receiver}.add", *items)


def log(node: ast.AST) -> Log | None:
    """``len(X.calls)``, ``X.calls[0].request``, ``X.calls.call_count``."""
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[ast.Attribute(attr="calls", value=owner)]):
            return Log("count", owner)
        case ast.Attribute(
            attr="request", value=ast.Subscript(value=ast.Attribute(attr="calls", value=owner), slice=index)
        ):
            at = spelling.integer(index)
            return Log("request", owner, at, "{receiver}.calls[{index}].request") if at is not None else None
        case ast.Call(func=ast.Attribute(attr="assert_call_count", value=owner)):
            return Log("any", owner)
    return None


def _matchers(
    evaluator: Evaluator, unit: Unit, call: ast.Call, node: ast.expr | None
) -> tuple[tuple[Query, ...], str]:
    """``match=[matchers.query_param_matcher({...}), matchers.multipart_matcher(...)]``."""
    if node is None:
        return (), ""
    if not isinstance(node, ast.List | ast.Tuple):
        return (), "what it matches cannot be seen"
    found: list[Query] = []
    for element in node.elts:
        named = evaluator.world.qualified(unit, element.func) if isinstance(element, ast.Call) else None
        if not isinstance(element, ast.Call) or named is None:
            return (), "what it matches cannot be seen"
        last = named.rpartition(".")[2]
        if last == "query_param_matcher" and element.args and isinstance(element.func, ast.Attribute):
            values = element.args[0]
            if not isinstance(values, ast.Dict) or len(element.args) + len(element.keywords) > 1:
                return (), "what it matches cannot be seen"
            owner = unit.module.source(element.func.value)
            found.append(Query(element, values, f"{owner}.header_matcher({{", "})"))
        elif last in ("multipart_matcher", "urlencoded_params_matcher"):
            found.append(Query(element, None))
        elif last != "header_matcher":
            return (), f"it matches by {last}"
    return tuple(found), ""
