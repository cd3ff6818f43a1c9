"""``http.client``: a connection to one host, and requests that name only their path.

The init goes to another host, so the connection is opened to that one; where it
serves other requests too, it stays and the upload gets its own. Nothing is
raised for a status: the failed PUT is raised here. The upload URL is used byte
for byte, its host for a connection of its own (api-facts T1).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Final

from share2post import tiktok
from share2post.families import pull_info, range_headers, source_info
from share2post.model import Reason
from share2post.protocols import Context, Example, Line, Request, Upload, Written
from share2post.semantics.calls import Arguments, arguments, is_none
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.payloads import payload
from share2post.semantics.reads import ResponseShape
from share2post.semantics.sessions import Session
from share2post.semantics.uses import uses_of
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax.imports import member, module_name
from share2post.syntax.layout import Item, call, mapping, merged

name: Final = "http.client"
rewinds: Final = False
pulls: Final = False

# What ``write`` makes of an upload, with its holes in angle brackets.
TEMPLATE: Final = """\
connection = http.client.HTTPSConnection("open.tiktokapis.com")
connection.request(
    "POST",
    "/v2/post/publish/inbox/video/init/",
    body=json.dumps({"source_info": {...}}),
    headers={"Authorization": "Bearer <token>", "Content-Type": "application/json; charset=utf-8"},
)
response = connection.getresponse()
<answer> = json.loads(response.read())
if response.status == 200 and <answer>["error"]["code"] == "ok":
    upload_url = urllib.parse.urlsplit(<answer>["data"]["upload_url"])
    upload_connection = http.client.HTTPSConnection(upload_url.netloc)
    upload_connection.request(
        "PUT",
        upload_url._replace(scheme="", netloc="").geturl(),
        body=<video>,
        headers={"Content-Range": "bytes 0-<size - 1>/<size>", "Content-Type": "video/mp4"},
    )
    upload_status = upload_connection.getresponse().status
    upload_connection.close()
    if upload_status >= 400:
        raise http.client.HTTPException(f"upload failed: HTTP {upload_status}")
"""

examples: Final = (
    Example(
        title="a connection for one request",
        before="""\
import http.client
import json
import urllib.parse


def upload(video: bytes, token, open_id):
    body = b"".join(
        [
            b'--xyz\\r\\nContent-Disposition: form-data; name="video"; filename="a.mp4"\\r\\n',
            b"Content-Type: video/mp4\\r\\n\\r\\n",
            video,
            b"\\r\\n--xyz--\\r\\n",
        ]
    )
    query = urllib.parse.urlencode({"access_token": token, "open_id": open_id})
    connection = http.client.HTTPSConnection("open-api.tiktok.com", timeout=60)
    connection.request(
        "POST",
        "/share/video/upload/?" + query,
        body,
        {"Content-Type": "multipart/form-data; boundary=xyz"},
    )
    result = json.loads(connection.getresponse().read())
    connection.close()
    return result["data"]["share_id"]
""",
        after="""\
import http.client
import json
import urllib.parse


def upload(video: bytes, token, open_id):
    connection = http.client.HTTPSConnection("open.tiktokapis.com", timeout=60)
    video_size = len(video)
    connection.request(
        "POST",
        "/v2/post/publish/inbox/video/init/",
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
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=utf-8",
        },
    )
    result = json.loads(connection.getresponse().read())
    if result["error"]["code"] == "ok":
        upload_url = urllib.parse.urlsplit(result["data"]["upload_url"])
        upload_connection = http.client.HTTPSConnection(upload_url.netloc, timeout=60)
        upload_connection.request(
            "PUT",
            upload_url._replace(scheme="", netloc="").geturl(),
            body=video,
            headers={
                "Content-Range": f"bytes 0-{video_size - 1}/{video_size}",
                "Content-Type": "video/mp4",
            },
        )
        upload_status = upload_connection.getresponse().status
        upload_connection.close()
        if upload_status >= 400:
            raise http.client.HTTPException(f"upload failed: HTTP {upload_status}")
    connection.close()
    return result["data"]["publish_id"]
""",
    ),
    Example(
        title="a request put together header by header",
        before="""\
import http.client


def upload(body, token):
    connection = http.client.HTTPSConnection("open-api.tiktok.com")
    connection.putrequest("POST", "/share/video/upload/?access_token=" + token)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    return connection.getresponse().status
""",
        after=Reason.UNSUPPORTED_CLIENT,
    ),
)

response: Final = ResponseShape(
    plain=frozenset(
        {
            "status", "code", "reason", "msg", "headers", "getcode", "info", "geturl", "url", "getheader",
            "getheaders", "close", "closed", "isclosed", "version", "__class__",
        }
    ),
    json=frozenset(),
    raw=frozenset(),
    raw_methods=frozenset({"read"}),
    once=True,
)  # fmt: skip

INIT_PATH: Final = tiktok.INIT_URL.partition(tiktok.NEW_HOST)[2]
_CLASS: Final = "http.client.HTTPSConnection"
_METHOD: Final = ("method", "url", "body", "headers")
_CONNECTION: Final = ("host", "port")
_KEPT: Final = ("timeout", "context", "source_address")
_HARMLESS: Final = frozenset({"close", "set_debuglevel", "connect", "timeout", "host", "port"})


@dataclass(frozen=True, eq=False)
class _Connection:
    """A connection: the call that opens it, its host, and every use of the variable that holds it."""

    made: ast.Call
    unit: Unit
    host: ast.expr
    given: Arguments
    uses: tuple[ast.expr, ...] | None  # None: kept where not all uses can be told


def read(evaluator: Evaluator, unit: Unit, node: ast.Call) -> Request | None:
    """``connection.request("POST", path, body, headers)`` and the ``getresponse()`` that follows."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("request", "putrequest"):
        return None
    connection = _connection(evaluator, unit, node.func.value)
    if connection is None:
        return None
    given = arguments(evaluator.world, unit, node, _METHOD if node.func.attr == "request" else _METHOD[:2])
    values = {key: None if is_none(value) else value for key, value in given.named.items()}
    url, method = values.get("url"), values.get("method")
    text = evaluator.text(unit, method) if method is not None else None
    if url is None or text is None or (text.known or "").upper() != "POST":
        return None
    session = Session(unit.module.source(node.func.value), base_url=(connection.unit, connection.host))
    request = Request(
        unit, node, node, name, url, unit.module.source(node.func), session=session, method=method,
        headers=values.get("headers"), hidden=(*given.hidden, *given.surplus),
    )  # fmt: skip
    if node.func.attr == "putrequest":
        hint = (
            "it is put together with putrequest and putheader: send the init with connection.request instead"
        )
        return replace(request, obstacles=((Reason.UNSUPPORTED_CLIENT, hint, node),))
    answer = _answer(unit, node, connection)
    obstacles = _proxied(evaluator, unit, node, url, connection)
    if answer is None:
        obstacles.append((Reason.UNKNOWN_CALL, "who reads the answer is not seen", node))
    odd = [(key, value) for key, value in values.items() if value is not None and key not in _METHOD]
    kept = tuple((key, v) for key in _KEPT if (v := connection.given.get(key)) is not None and not is_none(v))
    odd += [(key, value) for key, value in connection.given.named.items() if not _known(key, value)]
    odd += [("*", star) for star in [*connection.given.hidden, *connection.given.surplus]]
    data, form = payload(evaluator, unit, values.get("body"))
    return replace(
        request, json=data, form=form, body=values.get("body") if data is None and form is None else None,
        kept=kept, unsupported=tuple(odd), answer=answer, obstacles=tuple(obstacles),
    )  # fmt: skip


def _proxied(
    evaluator: Evaluator, unit: Unit, node: ast.Call, url: ast.expr, connection: _Connection
) -> list[tuple[Reason, str, ast.expr]]:
    """A connection to a proxy: a tunnel, or a whole URL where a path belongs."""
    parents = [unit.module.parent(use) for use in _receivers(unit, node, connection)]
    tunnel = any(isinstance(parent, ast.Attribute) and parent.attr == "set_tunnel" for parent in parents)
    text = evaluator.text(unit, url)
    first = text.pieces[0] if text is not None and text.pieces else ""
    if not tunnel and not (isinstance(first, str) and "//" in first.partition("?")[0][:8]):
        return []
    return [
        (
            Reason.UNSUPPORTED_CLIENT,
            "the connection goes through a proxy; open the new ones through it too",
            node,
        )
    ]


def _known(key: str, value: ast.expr) -> bool:
    """Whether an argument of the connection is one that another host can be given too."""
    if key == "port":
        return is_none(value) or (isinstance(value, ast.Constant) and value.value == 443)
    return key == "host" or key in _KEPT


def _connection(evaluator: Evaluator, unit: Unit, node: ast.expr) -> _Connection | None:
    """The connection behind the receiver of a call."""
    if isinstance(node, ast.Name):
        binding = unit.flow.only(node)
        value = binding.value if binding is not None and binding.kind in (Kind.ASSIGN, Kind.WITH) else None
        if (
            isinstance(value, ast.Call)
            and evaluator.world.qualified(unit, value.func) == "contextlib.closing"
        ):
            value = value.args[0] if value.args else None
        if binding is None or value is None:
            return None
        own = binding.scope.node is not unit.module.tree or _private(evaluator, unit, binding)
        return _opened(evaluator, unit, value, tuple(binding.uses) if own else None)
    if isinstance(node, ast.Attribute):
        definition = evaluator.world.definition(unit, node)
        return _opened(evaluator, definition.unit, definition.value, None) if definition is not None else None
    return None


def _opened(
    evaluator: Evaluator, unit: Unit, node: ast.expr, uses: tuple[ast.expr, ...] | None
) -> _Connection | None:
    if not isinstance(node, ast.Call) or evaluator.world.qualified(unit, node.func) != _CLASS:
        return None
    given = arguments(evaluator.world, unit, node, _CONNECTION)
    host = given.get("host")
    return _Connection(node, unit, host, given, uses) if host is not None else None


def _private(evaluator: Evaluator, unit: Unit, binding: Binding) -> bool:
    """Whether no other module uses a module's connection."""
    others = [other for other in evaluator.world.units.values() if other is not unit]
    return not any(binding.name in other.words for other in others)


def _receivers(unit: Unit, node: ast.Call, connection: _Connection) -> list[ast.expr]:
    """Every expression in the function that is this connection."""
    if connection.uses is not None:
        return list(connection.uses)
    own = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    function = unit.function_of(node) or unit.module.tree
    return [
        n for n in ast.walk(function) if isinstance(n, ast.Attribute | ast.Name) and ast.unparse(n) == own
    ]


def _answer(unit: Unit, node: ast.Call, connection: _Connection) -> ast.Call | None:
    """The ``getresponse()`` that gives the answer to this request: the next, with no request in between."""
    start = unit.module.extent(node)[0]
    behind = []
    for use in _receivers(unit, node, connection):
        attribute = unit.module.parent(use)
        called = unit.module.parent(attribute) if isinstance(attribute, ast.Attribute) else None
        if isinstance(attribute, ast.Attribute) and isinstance(called, ast.Call) and called.func is attribute:
            offset = unit.module.extent(called)[0]
            if attribute.attr in ("request", "getresponse", "putrequest") and offset > start:
                behind.append((offset, attribute.attr, called))
    found = min(behind, key=lambda item: item[0], default=None)
    if found is None or found[1] != "getresponse":
        return None
    one, two = unit.module.statement(node), unit.module.statement(found[2])
    around = set(unit.module.ancestors(two))
    same = unit.module.parent(one) is unit.module.parent(two) or unit.module.parent(one) in around
    return found[2] if same and unit.function_of(node) is unit.function_of(found[2]) else None


def _alone(unit: Unit, node: ast.Call, answer: ast.expr | None, connection: _Connection) -> bool:
    """Whether a connection serves this request and nothing else."""
    if connection.uses is None or connection.unit is not unit:
        return False
    for use in connection.uses:
        attribute = unit.module.parent(use)
        called = unit.module.parent(attribute) if attribute is not None else None
        if isinstance(attribute, ast.Attribute) and (called in (node, answer) or attribute.attr in _HARMLESS):
            continue
        if isinstance(attribute, ast.withitem | ast.If | ast.Compare):
            continue
        return False
    return True


def write(context: Context, upload: Upload) -> Written:
    """The init on a connection to the new host, then the PUT on one to where the upload URL points."""
    request, quote = upload.request, upload.style.quote
    unit, node, world = request.unit, request.call, context.evaluator.world
    connection = (
        _connection(context.evaluator, unit, node.func.value)
        if isinstance(node.func, ast.Attribute)
        else None
    )
    if connection is None:
        return Written(call(request.callee), ())
    opener, before, closing = connection.unit.module.source(connection.made.func), [], []
    host = f"{quote}{tiktok.NEW_HOST}{quote}"
    callee = request.callee
    if _alone(unit, node, request.answer, connection):
        _move(context, connection, host)
    else:
        own = context.fresh.pick(unit, node, "tiktok_connection", "init_connection")
        before = [
            Line(
                0,
                f"{own} = ",
                call(_class(context, unit, node, connection, opener), Item("", host), *upload.kept),
            )
        ]
        callee = f"{own}.request"
        if isinstance(request.answer, ast.Call) and isinstance(request.answer.func, ast.Attribute):
            context.draft.swap(unit, request.answer.func.value, own)
        closing = [Line(0, f"{own}.close()", "")]
    dumps = f"{module_name(world, context.draft, unit, node, 'json')}.dumps"
    info = pull_info(upload.pull, quote) if upload.pull else source_info(upload.size, quote)
    init = call(
        callee,
        Item("", f"{quote}POST{quote}"),
        Item("", f"{quote}{INIT_PATH}{quote}"),
        Item("body=", call(dumps, Item("", info))),
        Item("headers=", merged(*upload.headers)),
    )
    opener = _class(context, unit, node, connection, opener)
    return Written(init, (*closing, *_put(context, upload, opener)), tuple(before))


def _class(context: Context, unit: Unit, node: ast.Call, connection: _Connection, opener: str) -> str:
    """How the class is called here."""
    if connection.unit is unit:
        return opener
    return member(context.draft, unit, node, "http.client", "HTTPSConnection")


def _move(context: Context, connection: _Connection, host: str) -> None:
    """Open the connection to the new host; a constant that only it uses moves with it."""
    world = context.evaluator.world
    definition = world.definition(connection.unit, connection.host)
    if definition is not None and isinstance(definition.value, ast.Constant):
        uses = uses_of(world, definition)
        if not uses.hidden and [use for _, use in uses.loads] == [connection.host]:
            context.draft.swap(definition.unit, definition.value, host)
            return
    context.draft.swap(connection.unit, connection.host, host)


def _put(context: Context, upload: Upload, opener: str) -> list[Line]:
    request, quote = upload.request, upload.style.quote
    unit, node, pick = request.unit, request.call, context.fresh.pick
    url, there = (
        pick(unit, node, "upload_url", "put_url"),
        pick(unit, node, "upload_connection", "put_connection"),
    )
    status = pick(unit, node, "upload_status", "put_status")
    split = member(context.draft, unit, node, "urllib.parse", "urlsplit")
    failed = member(context.draft, unit, node, "http.client", "HTTPException")
    link = f"{upload.parsed}[{quote}{tiktok.NEW_DATA}{quote}][{quote}{tiktok.NEW_UPLOAD_URL}{quote}]"
    code = f"{upload.parsed}[{quote}{tiktok.NEW_ERROR}{quote}][{quote}{tiktok.NEW_CODE}{quote}]"
    guard = "" if "(" not in upload.parsed else f"{upload.response}.status == 200 and "
    put = call(
        f"{there}.request",
        Item("", f"{quote}PUT{quote}"),
        Item("", f"{url}._replace(scheme={quote}{quote}, netloc={quote}{quote}).geturl()"),
        Item("body=", upload.video),
        Item("headers=", mapping(*range_headers(upload.size, upload.media_type, quote))),
    )
    text = f"f{quote}upload failed: HTTP {{{status}}}{quote}"
    return [
        Line(0, f"if {guard}{code} == {quote}{tiktok.OK}{quote}:", ""),
        Line(1, f"{url} = ", call(split, Item("", link))),
        Line(1, f"{there} = ", call(opener, Item("", f"{url}.netloc"), *upload.kept)),
        Line(1, "", put),
        Line(1, f"{status} = {there}.getresponse().status", ""),
        Line(1, f"{there}.close()", ""),
        Line(1, f"if {status} >= 400:", ""),
        Line(2, "raise ", call(failed, Item("", text))),
    ]
