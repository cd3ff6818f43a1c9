"""``aioresponses``: ``m.post(URL, payload=..., status=200)``, where an answer is used up by one request."""

from __future__ import annotations

import ast
from typing import Final

from share2post.rules.mocks import spelling
from share2post.rules.mocks.library import Body, Log, Mock, Shape
from share2post.semantics.calls import arguments, is_none
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax import layout
from share2post.syntax.layout import Group, Item

name: Final = "aioresponses"
shape: Final = Shape()
makers: Final = frozenset({"aioresponses.aioresponses", "aioresponses.core.aioresponses"})
fixtures: Final[frozenset[str]] = frozenset()
clients: Final = frozenset({"aiohttp"})
once: Final = True

_KEPT: Final = frozenset({"headers", "content_type", "reason", "repeat"})


def read(evaluator: Evaluator, unit: Unit, call: ast.Call, receiver: str) -> Mock | None:
    """``m.post(URL, payload=...)``."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("post", "add"):
        return None
    names = ("url", "status") if call.func.attr == "post" else ("url", "method", "status")
    given = arguments(evaluator.world, unit, call, names)
    url = given.get("url")
    if url is None or (call.func.attr == "add" and not spelling.is_post(given.get("method"))):
        return None
    extra = given.named.keys() - {"url", "method", "status", "payload", "body", "exception"} - _KEPT
    unknown = spelling.unseen(extra) if extra or given.hidden or given.surplus else ""
    if given.get("exception") is not None:
        body = Body(given.get("exception"), fails=True)
    else:
        body = spelling.body(evaluator, unit, given, "payload", "body", "status")
    return Mock(unit, call, call, url, receiver, (body,), (), unknown, not is_none(given.get("repeat")))


def put(mock: Mock, link: str) -> Group:
    """The answer to the second request, as often as the first one is given."""
    repeat = next((k.value for k in mock.call.keywords if k.arg == "repeat"), None)
    more = [Item("repeat=", mock.unit.module.source(repeat))] if repeat is not None else []
    return layout.call(f"{mock.receiver}.put", Item("", link), Item("status=", "201"), *more)


def log(node: ast.AST) -> Log | None:
    """``m.assert_called()``; what else it says of requests is keyed by their URLs."""
    match node:
        case ast.Call(func=ast.Attribute(attr="assert_called" | "assert_any_call", value=owner), args=[]):
            return Log("any", owner)
    return None
