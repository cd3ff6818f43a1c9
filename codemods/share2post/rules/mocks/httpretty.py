"""``httpretty``: ``httpretty.register_uri(httpretty.POST, URL, body=...)``."""

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

name: Final = "httpretty"
shape: Final = Shape(query="querystring", lists=True)
makers: Final = frozenset(
    {"httpretty", "httpretty.HTTPretty", "httpretty.httpretty", "httpretty.core.httpretty"}
)
fixtures: Final[frozenset[str]] = frozenset()
clients: Final = frozenset({"requests", "urllib3", "urllib.request", "http.client"})
once: Final = False

_KEPT: Final = frozenset({"adding_headers", "forcing_headers", "content_type"})


def read(evaluator: Evaluator, unit: Unit, call: ast.Call, receiver: str) -> Mock | None:
    """``httpretty.register_uri(httpretty.POST, URL, body=..., responses=[...])``."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "register_uri":
        return None
    given = arguments(evaluator.world, unit, call, ("method", "uri", "body"))
    url = given.get("uri")
    if url is None or not spelling.is_post(given.get("method")):
        return None
    answers, unknown = [given], ""
    several = given.get("responses")
    if isinstance(several, ast.List | ast.Tuple):
        answers = [
            arguments(evaluator.world, unit, e, ("body",)) for e in several.elts if isinstance(e, ast.Call)
        ]
        unknown = "" if len(answers) == len(several.elts) else "its answers cannot all be seen"
    elif several is not None:
        unknown = "its answers cannot all be seen"
    extra = {key for a in answers for key in a.named} | given.named.keys()
    extra -= {"method", "uri", "body", "status", "responses"} | _KEPT
    if extra or given.hidden or given.surplus:
        unknown = unknown or spelling.unseen(extra)
    bodies = tuple(_body(evaluator, unit, answer) for answer in answers)
    return Mock(unit, call, call, url, receiver, bodies, unknown=unknown)


def _body(evaluator: Evaluator, unit: Unit, given: Arguments) -> Body:
    return spelling.body(evaluator, unit, given, "json", "body", "status")


def put(mock: Mock, link: str) -> Group:
    """The answer to the second request."""
    first = mock.call.args[0] if mock.call.args else None
    owner = mock.unit.module.source(first.value) if isinstance(first, ast.Attribute) else mock.receiver
    return layout.call(
        f"{mock.receiver}.register_uri", Item("", f"{owner}.PUT"), Item("", link), Item("status=", "201")
    )


def log(node: ast.AST) -> Log | None:
    """``httpretty.last_request()``, ``httpretty.latest_requests()[0]``: a request with a body is listed twice."""
    history = "{receiver}.latest_requests()[{index}]"
    first = "[r for r in {receiver}.latest_requests() if r.method == {quote}POST{quote}][-1]"
    last = "{receiver}.last_request()"
    match node:
        case ast.Call(func=ast.Attribute(attr="last_request", value=owner)):
            return Log("request", owner, None, history, first, last)
        case ast.Subscript(
            value=ast.Call(func=ast.Attribute(attr="latest_requests", value=owner)), slice=index
        ):
            at = spelling.integer(index)
            return Log("request", owner, at, history, first, last) if at is not None else None
        case ast.Call(
            func=ast.Name(id="len"), args=[ast.Call(func=ast.Attribute(attr="latest_requests", value=owner))]
        ):
            return Log("count", owner, first=first)
        case ast.Call(func=ast.Attribute(attr="has_request", value=owner)):
            return Log("any", owner)
    return None
