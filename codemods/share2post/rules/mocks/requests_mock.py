"""``requests_mock``: ``m.post(URL, json=...)`` on a Mocker, an Adapter or the fixture."""

from __future__ import annotations

import ast
from typing import Final

from share2post.rules.mocks import spelling
from share2post.rules.mocks.library import Body, Log, Mock, Shape
from share2post.semantics.calls import Arguments, arguments
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax import layout
from share2post.syntax.layout import Group, Item

name: Final = "requests_mock"
shape: Final = Shape(query="qs", lists=True, folds=True, body=("body", "text"))
makers: Final = frozenset(
    {"requests_mock.Mocker", "requests_mock.mock", "requests_mock.mocker.Mocker", "requests_mock.Adapter"}
)
fixtures: Final = frozenset({"requests_mock"})
clients: Final = frozenset({"requests"})
once: Final = False

_KEPT: Final = frozenset({"headers", "reason"})


def read(evaluator: Evaluator, unit: Unit, call: ast.Call, receiver: str) -> Mock | None:
    """``m.post(URL, ...)`` or ``m.register_uri("POST", URL, ...)``."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    names = {
        "post": ("url", "list"),
        "register_uri": ("method", "url", "list"),
        "request": ("method", "url", "list"),
    }.get(method)
    given = arguments(evaluator.world, unit, call, names) if names else None
    url = given.get("url") if given is not None else None
    if given is None or url is None or (method != "post" and not spelling.is_post(given.get("method"))):
        return None
    answers, unknown = [given], ""
    several = given.get("list")
    if isinstance(several, ast.List | ast.Tuple):
        answers = [a for e in several.elts if (a := _answer(e)) is not None]
        unknown = "" if len(answers) == len(several.elts) else "its answers cannot all be seen"
    elif several is not None:
        unknown = "its answers cannot all be seen"
    extra = {key for a in answers for key in a.named} | given.named.keys()
    extra -= {"method", "url", "list", "json", "text", "status_code", "exc"} | _KEPT
    if extra or given.hidden or given.surplus:
        unknown = unknown or spelling.unseen(extra)
    bodies = tuple(_body(evaluator, unit, answer) for answer in answers)
    return Mock(unit, call, call, url, receiver, bodies, unknown=unknown)


def _answer(node: ast.expr) -> Arguments | None:
    """``{"json": ..., "status_code": 401}``: one answer of several."""
    if not isinstance(node, ast.Dict):
        return None
    named = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return None
        named[key.value] = value
    return Arguments(named)


def _body(evaluator: Evaluator, unit: Unit, given: Arguments) -> Body:
    if given.get("exc") is not None:
        return Body(given.get("exc"), fails=True)
    return spelling.body(evaluator, unit, given, "json", "text", "status_code")


def put(mock: Mock, link: str) -> Group:
    """The answer to the second request."""
    method = mock.call.func.attr if isinstance(mock.call.func, ast.Attribute) else ""
    if method == "post":
        return layout.call(f"{mock.receiver}.put", Item("", link), Item("status_code=", "201"))
    quote = link[0]
    first = Item("", f"{quote}PUT{quote}")
    return layout.call(f"{mock.receiver}.{method}", first, Item("", link), Item("status_code=", "201"))


def log(node: ast.AST) -> Log | None:
    """``m.call_count``, ``m.called_once``, ``m.last_request``, ``m.request_history[0]``."""
    history = "{receiver}.request_history[{index}]"
    match node:
        case ast.Attribute(attr="call_count", value=owner):
            return Log("count", owner)
        case ast.Call(func=ast.Name(id="len"), args=[ast.Attribute(attr="request_history", value=owner)]):
            return Log("count", owner)
        case ast.Attribute(attr="called_once", value=owner):
            return Log("once", owner, spell="{receiver}.call_count == {index}")
        case ast.Attribute(attr="called", value=owner):
            return Log("any", owner)
        case ast.Attribute(attr="last_request", value=owner):
            return Log("request", owner, None, history)
        case ast.Subscript(value=ast.Attribute(attr="request_history", value=owner), slice=index):
            at = spelling.integer(index)
            return Log("request", owner, at, history) if at is not None else None
    return None
