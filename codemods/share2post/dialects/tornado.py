"""``tornado``: ``fetch`` with a body made by hand, by an async client or a blocking one.

A client adds nothing to a request but the ``defaults`` it was made with
(``tornado.httpclient._RequestProxy``), ``fetch`` takes a URL or an ``HTTPRequest``,
and it raises for whatever is not 2xx unless it is told ``raise_error=False``: so
the PUT is one more ``fetch``, which raises by itself. The URL goes out as it is
(``simple_httpclient`` only splits it). Where a handler around the call parses
what the server answered, a failed PUT is no ``HTTPError``: it has nothing to parse.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from share2post import tiktok
from share2post.families import range_headers, source_info
from share2post.model import Reason
from share2post.protocols import Context, Example, Line, Request, Upload, Written
from share2post.semantics import sessions
from share2post.semantics.calls import arguments, is_none
from share2post.semantics.flow import Kind
from share2post.semantics.reads import ResponseShape
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax.imports import module_name
from share2post.syntax.layout import Group, Item, call, mapping, merged

name: Final = "tornado"
rewinds: Final = False
pulls: Final = False

# What ``write`` makes of an upload, with its holes in angle brackets.
TEMPLATE: Final = """\
<response> = await client.fetch(
    "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
    method="POST",
    headers={"Authorization": "Bearer <token>", "Content-Type": "application/json; charset=utf-8"},
    body=json.dumps({"source_info": {...}}),
)
if json.loads(<response>.body)["error"]["code"] == "ok":
    await client.fetch(
        json.loads(<response>.body)["data"]["upload_url"],
        method="PUT",
        headers={"Content-Range": "bytes 0-<size - 1>/<size>", "Content-Type": "video/mp4"},
        body=<video>,
    )
"""

examples: Final = (
    Example(
        title="a body made by hand",
        before="""\
import json

from tornado.httpclient import AsyncHTTPClient


async def upload(video: bytes, token, open_id):
    boundary = "b0undary"
    head = (
        f"--{boundary}\\r\\n"
        'Content-Disposition: form-data; name="video"; filename="video.mp4"\\r\\n'
        "Content-Type: video/mp4\\r\\n\\r\\n"
    )
    body = head.encode() + video + f"\\r\\n--{boundary}--\\r\\n".encode()
    response = await AsyncHTTPClient().fetch(
        f"https://open-api.tiktok.com/share/video/upload/?access_token={token}&open_id={open_id}",
        method="POST",
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
        body=body,
    )
    return json.loads(response.body)["data"]["share_id"]
""",
        after="""\
import json

from tornado.httpclient import AsyncHTTPClient


async def upload(video: bytes, token, open_id):
    video_size = len(video)
    response = await AsyncHTTPClient().fetch(
        "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
        method="POST",
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=utf-8",
        },
        body=json.dumps(
            {
                "source_info": {
                    "source": "FILE_UPLOAD",
                    "video_size": video_size,
                    "chunk_size": video_size,
                    "total_chunk_count": 1,
                },
            },
        ),
    )
    if json.loads(response.body)["error"]["code"] == "ok":
        await AsyncHTTPClient().fetch(
            json.loads(response.body)["data"]["upload_url"],
            method="PUT",
            headers={
                "Content-Range": f"bytes 0-{video_size - 1}/{video_size}",
                "Content-Type": "video/mp4",
            },
            body=video,
        )
    return json.loads(response.body)["data"]["publish_id"]
""",
    ),
    Example(
        title="a body that is produced bit by bit",
        before="""\
import json

from tornado.httpclient import AsyncHTTPClient

URL = "https://open-api.tiktok.com/share/video/upload/"


async def upload(producer, token):
    url = f"{URL}?access_token={token}"
    response = await AsyncHTTPClient().fetch(url, method="POST", body_producer=producer)
    return json.loads(response.body)["data"]["share_id"]
""",
        after=Reason.UNSUPPORTED_ARGUMENT,
    ),
)

response: Final = ResponseShape(
    plain=frozenset(
        {
            "code", "reason", "headers", "effective_url", "error", "request_time", "start_time", "time_info",
            "rethrow", "buffer", "request", "message", "args",
        }
    ),
    json=frozenset(),
    raw=frozenset({"body"}),
    errors=frozenset(
        {
            "tornado.httpclient.HTTPError", "tornado.httpclient.HTTPClientError",
            "tornado.simple_httpclient.HTTPError",
        }
    ),
    links=frozenset({"response"}),
)  # fmt: skip

_CLIENTS: Final = frozenset(
    {
        "tornado.httpclient.AsyncHTTPClient", "tornado.httpclient.HTTPClient",
        "tornado.simple_httpclient.SimpleAsyncHTTPClient", "tornado.curl_httpclient.CurlAsyncHTTPClient",
    }
)  # fmt: skip
_REQUEST: Final = "tornado.httpclient.HTTPRequest"
_POSITIONAL: Final = ("url", "method", "headers", "body", "auth_username", "auth_password", "auth_mode")
_KEPT: Final = (
    "connect_timeout", "request_timeout", "follow_redirects", "max_redirects", "user_agent",
    "network_interface", "proxy_host", "proxy_port", "proxy_username", "proxy_password",
    "proxy_auth_mode", "validate_cert", "ca_certs", "allow_ipv6", "client_key", "client_cert",
    "ssl_options", "decompress_response", "raise_error",
)  # fmt: skip
_ROLES: Final = frozenset({"url", "method", "headers", "body", "auth_username", "auth_password", "auth_mode"})


def read(evaluator: Evaluator, unit: Unit, node: ast.Call) -> Request | None:
    """``client.fetch(url, method="POST", ...)``, or the same with an ``HTTPRequest``."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "fetch":
        return None
    session = sessions.find(evaluator, unit, node.func.value, _CLIENTS)
    if session is None:
        return None
    given = arguments(evaluator.world, unit, node, ("url", "raise_error"))
    asked = given.named.pop("request", None)
    if asked is not None:
        given.named["url"] = asked
    described = _described(evaluator, unit, given.get("url"))
    if described is not None:
        inner = arguments(evaluator.world, unit, described, _POSITIONAL)
        raising = {key: value for key, value in given.named.items() if key == "raise_error"}
        given.named = {**inner.named, **raising}
        given.hidden += inner.hidden
        given.surplus += inner.surplus
    values = {key: None if is_none(value) else value for key, value in given.named.items()}
    url, method = values.get("url"), values.get("method")
    text = evaluator.text(unit, method) if method is not None else None
    if url is None or text is None or (text.known or "").upper() != "POST":
        return None
    parent = unit.module.parent(node)
    outer = parent if isinstance(parent, ast.Await) else node
    kept = tuple((key, value) for key in _KEPT if (value := values.get(key)) is not None)
    odd = tuple((k, v) for k, v in values.items() if k not in {*_ROLES, *_KEPT} and v is not None)
    request = Request(
        unit, node, outer, name, url, unit.module.source(node.func),
        body=values.get("body"), headers=values.get("headers"), auth=values.get("auth_username"), kept=kept,
        hidden=(*given.hidden, *given.surplus), unsupported=odd, session=session, guarded=True, method=method,
    )  # fmt: skip
    request.obstacles = tuple(_obstacles(evaluator, request, described))
    return request


def write(context: Context, upload: Upload) -> Written:
    """The init in place of the call, then the PUT where the init succeeded."""
    request, quote = upload.request, upload.style.quote
    raising = [item for item in upload.kept if item.prefix == "raise_error="]
    others = [item for item in upload.kept if item.prefix != "raise_error="]
    items = [
        Item("", upload.url),
        Item("method=", f"{quote}POST{quote}"),
        Item("headers=", merged(*upload.headers)),
        Item("body=", call(_json(context, upload, "dumps"), Item("", source_info(upload.size, quote)))),
        *others,
    ]
    body = f"{_json(context, upload, 'loads')}({upload.response}.body)"
    link = f"{body}[{quote}{tiktok.NEW_DATA}{quote}][{quote}{tiktok.NEW_UPLOAD_URL}{quote}]"
    put = [
        Item("", link),
        Item("method=", f"{quote}PUT{quote}"),
        Item("headers=", mapping(*range_headers(upload.size, upload.media_type, quote))),
        Item("body=", upload.video),
        *others,
    ]
    code = f"{body}[{quote}{tiktok.NEW_ERROR}{quote}][{quote}{tiktok.NEW_CODE}{quote}]"
    test = f"{code} == {quote}{tiktok.OK}{quote}"
    if raising:
        test = f"{upload.response}.error is None and {test}"
    wait = "await " if isinstance(request.outer, ast.Await) else ""
    _forget(context, request)
    init = call(request.callee, *_asked(request, items), *raising)
    head = Line(0, f"if {test}:", "")
    if not upload.shielded:
        return Written(init, (head, Line(1, wait, call(request.callee, *_asked(request, put)))))
    quiet = call(request.callee, *_asked(request, put), Item("raise_error=", "False"))
    text = f"f{quote}the video was not taken: HTTP {{{upload.upload_name}.code}}{quote}"
    lines = (
        Line(1, f"{upload.upload_name} = {wait}", quiet),
        Line(1, f"if {upload.upload_name}.error is not None:", ""),
        Line(2, f"raise RuntimeError({text})", ""),
    )
    return Written(init, (head, *lines))


def _asked(request: Request, items: list[Item]) -> list[Item]:
    """The arguments of ``fetch``: as they are, or in an ``HTTPRequest`` where the program makes one there."""
    first = next(
        iter([*request.call.args, *(k.value for k in request.call.keywords if k.arg == "request")]), None
    )
    if isinstance(first, ast.Call) and request.url in {*first.args, *(k.value for k in first.keywords)}:
        made: Group = call(request.unit.module.source(first.func), *items)
        return [Item("", made)]
    return items


def _json(context: Context, upload: Upload, function: str) -> str:
    """``json.loads``, or ``json_decode`` where the module has it from ``tornado.escape``."""
    unit, node = upload.request.unit, upload.request.call
    wish = {"loads": "json_decode", "dumps": "json_encode"}[function]
    if _is_escape(unit, wish):
        return wish
    if _is_escape(unit, "json_decode") and "json_encode" not in unit.words:
        alias = unit.flow.root.bindings["json_decode"][0].node
        end = unit.module.extent(alias)[1]
        context.draft.replace(unit, end, end, ", json_encode")
        return wish
    return f"{module_name(context.evaluator.world, context.draft, unit, node, 'json')}.{function}"


def _is_escape(unit: Unit, wish: str) -> bool:
    """Whether the module imports this function of ``tornado.escape`` by its name."""
    bindings = unit.flow.root.bindings.get(wish, [])
    statement = unit.module.parent(bindings[0].node) if len(bindings) == 1 else None
    return isinstance(statement, ast.ImportFrom) and statement.module == "tornado.escape"


def _forget(context: Context, request: Request) -> None:
    """Take out ``request = HTTPRequest(...)``: what it described is in the call now."""
    unit = request.unit
    described = _described(context.evaluator, unit, next(iter(request.call.args), None))
    if described is None or any(described is part for part in ast.walk(request.call)):
        return
    start, end = unit.module.extent(unit.module.statement(described))
    context.draft.replace(unit, unit.module.line_start(start), unit.module.line_end(end), "")


def _described(evaluator: Evaluator, unit: Unit, node: ast.expr | None) -> ast.Call | None:
    """The ``HTTPRequest(...)`` that is fetched, here or made just before."""
    if isinstance(node, ast.Name):
        binding = unit.flow.only(node)
        node = binding.value if binding is not None and binding.kind is Kind.ASSIGN else None
    made = isinstance(node, ast.Call) and evaluator.world.qualified(unit, node.func) == _REQUEST
    return node if made and isinstance(node, ast.Call) else None


def _obstacles(
    evaluator: Evaluator, request: Request, described: ast.Call | None
) -> Iterator[tuple[Reason, str, ast.expr]]:
    """What the tool cannot do with this client."""
    session = request.session
    blocking = session is not None and _is_blocking(evaluator, request)
    if not blocking and not isinstance(request.outer, ast.Await):
        hint = "the request is made here and awaited (or yielded) elsewhere; await it here"
        yield Reason.UNSUPPORTED_CONTEXT, hint, request.call
    if session is not None and "defaults" in session.options:
        hint = "the client's defaults may hold credentials, which the upload host must not see"
        yield Reason.UNKNOWN_SESSION, hint, request.call.func
    apart = described is not None and not any(described is part for part in ast.walk(request.call))
    if described is not None and apart and not _just_before(request, described):
        hint = "the HTTPRequest is made elsewhere; make it where it is fetched"
        yield Reason.UNSUPPORTED_CONTEXT, hint, request.call
    if request.body is None and not request.unsupported:
        yield Reason.UNKNOWN_VIDEO, "the request has no body", request.call


def _is_blocking(evaluator: Evaluator, request: Request) -> bool:
    """Whether the client is the one that waits by itself."""
    assert isinstance(request.call.func, ast.Attribute)
    only = frozenset({"tornado.httpclient.HTTPClient"})
    return sessions.find(evaluator, request.unit, request.call.func.value, only) is not None


def _just_before(request: Request, described: ast.Call) -> bool:
    """Whether the request is described right in front of the statement that fetches it, and only for that."""
    module = request.unit.module
    made, fetched = module.statement(described), module.statement(request.call)
    body = getattr(module.parent(fetched), "body", [])
    around = module.parent(fetched)
    if isinstance(around, ast.Try) and body[0] is fetched:
        fetched, body = around, getattr(module.parent(around), "body", [])
    targets = made.targets if isinstance(made, ast.Assign) else []
    names = [target for target in targets if isinstance(target, ast.Name)]
    bindings = [
        b
        for s in request.unit.flow.scopes.values()
        for n in names
        for b in s.bindings.get(n.id, [])
        if b.node is n
    ]
    single = len(targets) == len(names) == len(bindings) == 1 and len(bindings[0].uses) == 1
    return single and fetched in body and made in body and body.index(fetched) - body.index(made) == 1
