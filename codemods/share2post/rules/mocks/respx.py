"""``respx``: ``respx.post(URL).mock(return_value=httpx.Response(200, json=...))`` and ``.respond(json=...)``."""

from __future__ import annotations

import ast
from typing import Final

from share2post.rules.mocks import spelling
from share2post.rules.mocks.library import Body, Log, Mock, Query, Shape
from share2post.semantics.calls import arguments
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax.layout import Group, Item

name: Final = "respx"
shape: Final = Shape(query="url.params", body=("content",))
makers: Final = frozenset(
    {"respx", "respx.mock", "respx.MockRouter", "respx.Router", "respx.router.MockRouter"}
)
fixtures: Final = frozenset({"respx_mock"})
clients: Final = frozenset({"httpx"})
once: Final = False

_KEPT: Final = frozenset({"headers", "content_type", "name", "method"})


def read(evaluator: Evaluator, unit: Unit, call: ast.Call, receiver: str) -> Mock | None:
    """``respx.post(URL)`` or ``respx.route(method="POST", url=URL)``, with what is chained to it."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if method not in ("post", "route", "request"):
        return None
    given = arguments(evaluator.world, unit, call, ("url",) if method == "post" else ("method", "url"))
    url = given.get("url") or given.get("url__eq")
    if url is None or (method != "post" and not spelling.is_post(given.get("method"))):
        return None
    extra = given.named.keys() - {"method", "url", "url__eq", "params", "params__contains", "name"}
    unknown = spelling.unseen(extra) if extra or given.hidden or given.surplus else ""
    query = given.get("params") or given.get("params__contains")
    queries: tuple[Query, ...] = ()
    if isinstance(query, ast.Dict):
        keyword = next(k for k in call.keywords if k.value is query)
        queries = (Query(keyword, query, "headers={", "}"),)
    elif query is not None:
        unknown = "what it matches cannot be seen"
    outer, bodies, problem = _chained(evaluator, unit, call)
    return Mock(unit, call, outer, url, receiver, bodies, queries, unknown or problem)


def _chained(evaluator: Evaluator, unit: Unit, call: ast.Call) -> tuple[ast.expr, tuple[Body, ...], str]:
    """The answers of ``.mock(...)`` or ``.respond(...)``."""
    attribute = unit.module.parent(call)
    outer = unit.module.parent(attribute) if isinstance(attribute, ast.Attribute) else None
    if not isinstance(attribute, ast.Attribute) or not isinstance(outer, ast.Call):
        return call, (), "its answer is given elsewhere"
    if attribute.attr == "respond":
        given = arguments(evaluator.world, unit, outer, ("status_code",))
        extra = given.named.keys() - {"status_code", "json", "text"} - _KEPT
        unknown = spelling.unseen(extra) if extra or given.hidden or given.surplus else ""
        return outer, (spelling.body(evaluator, unit, given, "json", "text", "status_code"),), unknown
    given = arguments(evaluator.world, unit, outer, ("return_value", "side_effect"))
    if attribute.attr != "mock" or len(given.named) != 1:
        return outer, (), "its answer is given elsewhere"
    value = given.get("return_value") or given.get("side_effect")
    values = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    bodies = [_response(evaluator, unit, v) for v in values if v is not None]
    known = tuple(b for b in bodies if b is not None)
    return outer, known, "" if len(known) == len(bodies) > 0 else "its answers cannot all be seen"


def _response(evaluator: Evaluator, unit: Unit, node: ast.expr) -> Body | None:
    if spelling.is_exception(evaluator, unit, node):
        return Body(node, fails=True)
    named = evaluator.world.qualified(unit, node.func) if isinstance(node, ast.Call) else None
    if not isinstance(node, ast.Call) or not (named or "").endswith("Response"):
        return None
    given = arguments(evaluator.world, unit, node, ("status_code",))
    if given.hidden or given.named.keys() - {"status_code", "json", "text", "content", "headers"}:
        return None
    if given.get("content") is not None:
        return Body(given.get("content"), given.get("status_code"), text=True)
    return spelling.body(evaluator, unit, given, "json", "text", "status_code")


def put(mock: Mock, link: str) -> Group:
    """The answer to the second request, in the way the first one is given."""
    for node in ast.walk(mock.outer):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Response"):
            made = mock.unit.module.source(node.func)
            return Group(f"{mock.receiver}.put(", (Item("", link),), f").mock(return_value={made}(201))")
    return Group(f"{mock.receiver}.put(", (Item("", link),), ").respond(201)")


def log(node: ast.AST) -> Log | None:
    """``respx.calls.call_count``, ``respx.calls.last.request``, ``route.calls[0].request``."""
    calls = "{receiver}.calls[{index}].request"
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[ast.Attribute(attr="calls", value=owner)]):
            return Log("count", owner)
        case ast.Attribute(attr="call_count", value=ast.Attribute(attr="calls", value=owner)):
            return Log("count", owner)
        case ast.Attribute(attr="call_count", value=owner):
            return Log("count", owner)
        case ast.Attribute(attr="called", value=ast.Attribute(attr="calls", value=owner)):
            return Log("any", owner)
        case ast.Attribute(attr="called", value=owner):
            return Log("any", owner)
        case ast.Attribute(
            attr="request", value=ast.Attribute(attr="last", value=ast.Attribute(attr="calls", value=owner))
        ):
            return Log("request", owner, None, calls)
        case ast.Attribute(
            attr="request", value=ast.Subscript(value=ast.Attribute(attr="calls", value=owner), slice=index)
        ):
            at = spelling.integer(index)
            return Log("request", owner, at, calls) if at is not None else None
    return None
