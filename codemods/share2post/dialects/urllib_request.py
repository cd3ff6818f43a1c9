"""``urllib.request``: a request object, and a body the program puts together itself.

``urlopen`` raises HTTPError for a refused init and for a failed PUT alike, and
an answer can be read only once, so the program's own reading serves both
requests. Without a Content-Type of ours it would send the bytes as a form
(api-facts T4); bytes, not a file, keep it from chunked encoding (T6).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Final

from share2post import tiktok
from share2post.families import pull_info, range_headers, source_info
from share2post.model import Reason
from share2post.protocols import Context, Example, Line, Request, Upload, Written
from share2post.semantics.calls import arguments, is_none
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.mappings import Entry
from share2post.semantics.payloads import payload
from share2post.semantics.reads import ResponseShape
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax.imports import member, module_name
from share2post.syntax.layout import Group, Item, call, mapping, merged

name: Final = "urllib.request"
rewinds: Final = False
pulls: Final = True

# What ``write`` makes of an upload, with its holes in angle brackets.
TEMPLATE: Final = """\
request = urllib.request.Request(
    "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
    data=json.dumps({"source_info": {...}}).encode(),
    headers={"Authorization": "Bearer <token>", "Content-Type": "application/json; charset=utf-8"},
)
with urllib.request.urlopen(request) as response:
    <answer> = json.loads(response.read())
if <answer>["error"]["code"] == "ok":
    upload_request = urllib.request.Request(
        <answer>["data"]["upload_url"],
        data=<video>,
        headers={"Content-Range": "bytes 0-<size - 1>/<size>", "Content-Type": "video/mp4"},
        method="PUT",
    )
    urllib.request.urlopen(upload_request).close()
"""

examples: Final = (
    Example(
        title="a body made by hand",
        before="""\
import json
import urllib.request


def upload(video: bytes, token, open_id):
    body = (
        b'--xyz\\r\\nContent-Disposition: form-data; name="video"; filename="a.mp4"\\r\\n'
        b"Content-Type: video/mp4\\r\\n\\r\\n" + video + b"\\r\\n--xyz--\\r\\n"
    )
    request = urllib.request.Request(
        f"https://open-api.tiktok.com/share/video/upload/?access_token={token}&open_id={open_id}",
        data=body,
        headers={"Content-Type": "multipart/form-data; boundary=xyz"},
    )
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read())["data"]["share_id"]
""",
        after="""\
import json
import urllib.request


def upload(video: bytes, token, open_id):
    video_size = len(video)
    request = urllib.request.Request(
        "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
        data=json.dumps(
            {
                "source_info": {
                    "source": "FILE_UPLOAD",
                    "video_size": video_size,
                    "chunk_size": video_size,
                    "total_chunk_count": 1,
                },
            },
        ).encode(),
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=utf-8",
        },
    )
    with urllib.request.urlopen(request) as response:
        answer = json.loads(response.read())
        if answer["error"]["code"] == "ok":
            upload_request = urllib.request.Request(
                answer["data"]["upload_url"],
                data=video,
                headers={
                    "Content-Range": f"bytes 0-{video_size - 1}/{video_size}",
                    "Content-Type": "video/mp4",
                },
                method="PUT",
            )
            urllib.request.urlopen(upload_request).close()
        return answer["data"]["publish_id"]
""",
    ),
    Example(
        title="a body that comes from elsewhere",
        before="""\
import urllib.request


def upload(body, content_type, token):
    request = urllib.request.Request(
        "https://open-api.tiktok.com/share/video/upload/?access_token=" + token,
        data=body,
        headers={"Content-Type": content_type},
    )
    return urllib.request.urlopen(request).status
""",
        after=Reason.UNKNOWN_VIDEO,
    ),
)

response: Final = ResponseShape(
    plain=frozenset(
        {
            "status", "code", "reason", "msg", "headers", "hdrs", "getcode", "info", "geturl", "url",
            "version", "getheader", "getheaders", "close", "closed", "filename", "args", "with_traceback",
            "add_note", "__class__",
        }
    ),
    json=frozenset(),
    raw=frozenset(),
    raw_methods=frozenset({"read"}),
    once=True,
    errors=frozenset({"urllib.error.HTTPError", "urllib.request.HTTPError"}),
)  # fmt: skip

_REQUEST: Final = ("url", "data", "headers", "origin_req_host", "unverifiable", "method")
_URLOPEN: Final = ("url", "data", "timeout")
_KEPT: Final = ("timeout", "context")
_HANDLERS: Final = frozenset(
    f"urllib.request.{handler}"
    for handler in (
        "ProxyHandler",
        "HTTPSHandler",
        "HTTPHandler",
        "HTTPCookieProcessor",
        "HTTPRedirectHandler",
    )
)


@dataclass(eq=False)
class _Sending:
    """What becomes of a request object: who sends it, and the headers set on it."""

    senders: list[ast.Call] = field(default_factory=list)
    steps: list[Entry] = field(default_factory=list)
    strays: list[ast.expr] = field(default_factory=list)


def read(evaluator: Evaluator, unit: Unit, node: ast.Call) -> Request | None:
    """``Request(url, data=..., headers=...)`` with the ``urlopen`` that sends it; ``urlopen(url, data)``."""
    world = evaluator.world
    if world.qualified(unit, node.func) != "urllib.request.Request":
        return _direct(evaluator, unit, node) if _sends(evaluator, unit, node) else None
    given = arguments(world, unit, node, _REQUEST)
    values = {key: None if is_none(value) else value for key, value in given.named.items()}
    url, method = values.get("url"), values.get("method")
    known = evaluator.text(unit, method) if method is not None else None
    if url is None or (known is not None and known.known is not None and known.known.upper() != "POST"):
        return None
    sending = _sending(evaluator, unit, node)
    answer = sending.senders[0] if len(sending.senders) == 1 else None
    odd_use = "the request object is used in a way the tool does not know"
    obstacles = [(Reason.UNSUPPORTED_ARGUMENT, odd_use, stray) for stray in sending.strays]
    if answer is None:
        hint = (
            "the request is sent elsewhere, or more than once"
            if sending.senders
            else "who sends it is not seen"
        )
        obstacles.insert(0, (Reason.UNKNOWN_CALL, hint, node))
    kept, odd = _kept(evaluator, unit, answer)
    data, form = payload(evaluator, unit, values.get("data"))
    odd += [(key, value) for key, value in values.items() if value is not None and key not in _ROLES]
    return Request(
        unit, node, node, name, url, unit.module.source(node.func), headers=values.get("headers"),
        json=data, form=form, body=values.get("data") if data is None and form is None else None,
        kept=kept, hidden=(*given.hidden, *given.surplus), unsupported=tuple(odd), method=method,
        answer=answer, steps=tuple(sending.steps),
        obstacles=(*obstacles, *_opener(evaluator, unit, answer)),
    )  # fmt: skip


_ROLES: Final = frozenset({"url", "data", "headers", "method"})


def _sends(evaluator: Evaluator, unit: Unit, node: ast.Call) -> bool:
    """Whether a call is ``urlopen(...)``, or ``opener.open(...)`` of an opener built in sight."""
    if evaluator.world.qualified(unit, node.func) == "urllib.request.urlopen":
        return True
    return _built(evaluator, unit, node) is not None


def _built(evaluator: Evaluator, unit: Unit, node: ast.Call) -> ast.Call | None:
    """The ``build_opener(...)`` behind ``opener.open(...)``."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "open":
        return None
    definition = evaluator.world.definition(unit, node.func.value)
    made = definition.value if definition is not None else node.func.value
    owner = definition.unit if definition is not None else unit
    if (
        isinstance(made, ast.Call)
        and evaluator.world.qualified(owner, made.func) == "urllib.request.build_opener"
    ):
        return made
    return None


def _direct(evaluator: Evaluator, unit: Unit, node: ast.Call) -> Request | None:
    """``urlopen(url, data)``, which sends its bytes as a plain form: no request of its own, no headers."""
    given = arguments(evaluator.world, unit, node, _URLOPEN)
    url, data = given.get("url"), given.get("data")
    if url is None or is_none(data):
        return None
    hint = "urlopen(url, data) names its bytes a plain form: make a Request with headers, then run again"
    return Request(
        unit, node, node, name, url, unit.module.source(node.func), body=data,
        obstacles=((Reason.UNSUPPORTED_CLIENT, hint, node),),
    )  # fmt: skip


def _sending(evaluator: Evaluator, unit: Unit, node: ast.Call) -> _Sending:
    """Follow a request object to the call that sends it."""
    found = _Sending()
    parent = unit.module.parent(node)
    if isinstance(parent, ast.Call) and parent.args[:1] == [node] and _sends(evaluator, unit, parent):
        found.senders.append(parent)
    elif isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value is node:
        for binding in _bindings(unit, parent):
            for use in binding.uses:
                _use(evaluator, unit, use, found)
    return found


def _bindings(unit: Unit, statement: ast.Assign | ast.AnnAssign) -> list[Binding]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    scopes = unit.flow.scopes.values()
    every = [binding for scope in scopes for bindings in scope.bindings.values() for binding in bindings]
    return [binding for binding in every if binding.kind is Kind.ASSIGN and binding.node in targets]


def _use(evaluator: Evaluator, unit: Unit, use: ast.Name, found: _Sending) -> None:
    """One use of the variable that holds the request."""
    parent = unit.module.parent(use)
    if isinstance(parent, ast.Call) and parent.args[:1] == [use] and _sends(evaluator, unit, parent):
        if unit.flow.only(use) is None:
            found.strays.append(use)
        found.senders.append(parent)
    elif isinstance(parent, ast.Attribute) and parent.attr in ("add_header", "add_unredirected_header"):
        entry = _step(evaluator, unit, parent)
        if entry is None:
            found.strays.append(use)
        else:
            found.steps.append(entry)
    elif isinstance(parent, ast.Attribute) and parent.attr == "get_method":
        statement = unit.module.statement(use)
        value = statement.value if isinstance(statement, ast.Assign) else None
        told = evaluator.text(unit, value.body) if isinstance(value, ast.Lambda) else None
        if told is None or told.known != "POST":
            found.strays.append(use)
    else:
        found.strays.append(use)


def _step(evaluator: Evaluator, unit: Unit, attribute: ast.Attribute) -> Entry | None:
    """``request.add_header(key, value)``, a statement of its own."""
    made, statement = unit.module.parent(attribute), unit.module.statement(attribute)
    if not isinstance(made, ast.Call) or not isinstance(statement, ast.Expr) or statement.value is not made:
        return None
    given = arguments(evaluator.world, unit, made, ("key", "val"))
    key, value = given.get("key"), given.get("val")
    text = evaluator.text(unit, key) if key is not None else None
    if text is None or text.known is None or value is None or given.hidden:
        return None
    return Entry(text.known, value, made, unit, statement)


def _kept(
    evaluator: Evaluator, unit: Unit, answer: ast.Call | None
) -> tuple[tuple[tuple[str, ast.expr], ...], list[tuple[str, ast.expr]]]:
    """The arguments of ``urlopen`` that the PUT needs too, and those it cannot have."""
    if answer is None:
        return (), []
    given = arguments(evaluator.world, unit, answer, _URLOPEN)
    values = {key: value for key, value in given.named.items() if key != "url" and not is_none(value)}
    odd = [(key, value) for key, value in values.items() if key not in _KEPT]
    odd += [("*", star) for star in [*given.hidden, *given.surplus]]
    return tuple((key, values[key]) for key in _KEPT if key in values), odd


def _opener(
    evaluator: Evaluator, unit: Unit, answer: ast.Call | None
) -> tuple[tuple[Reason, str, ast.expr], ...]:
    """What an opener adds to every request by itself must not reach the upload host."""
    if answer is None:
        return ()
    hint = "what the opener adds to every request cannot be told; it must not reach the upload host"
    units = evaluator.world.units.values()
    made = _built(evaluator, unit, answer)
    if made is None:
        installed = any("install_opener" in other.words and "addheaders" in other.words for other in units)
        return ((Reason.UNKNOWN_SESSION, hint, answer.func),) if installed else ()
    plain = all(_handler(evaluator, unit, argument) for argument in made.args) and not made.keywords
    if plain and not any(other.attributes.get("addheaders") for other in units):
        return ()
    return ((Reason.UNKNOWN_SESSION, hint, answer.func),)


def _handler(evaluator: Evaluator, unit: Unit, node: ast.expr) -> bool:
    definition = evaluator.world.definition(unit, node)
    made = definition.value if definition is not None else node
    called = made.func if isinstance(made, ast.Call) else made
    return evaluator.world.qualified(unit, called) in _HANDLERS


def write(context: Context, upload: Upload) -> Written:
    """The init in place of the request, then the PUT where the answer was read."""
    request, quote = upload.request, upload.style.quote
    module = module_name(context.evaluator.world, context.draft, request.unit, request.call, "json")
    info = pull_info(upload.pull, quote) if upload.pull else source_info(upload.size, quote)
    dumped = call(f"{module}.dumps", Item("", info))
    method = [] if request.method is None else [Item("method=", request.unit.module.source(request.method))]
    named = any(keyword.arg == "url" for keyword in request.call.keywords)
    init = call(
        request.callee,
        Item("url=" if named else "", upload.url),
        Item("data=", Group(dumped.opening, dumped.items, ").encode()")),
        Item("headers=", merged(*upload.headers)),
        *method,
    )
    if upload.pull:
        return Written(init, ())
    code = f"{upload.parsed}[{quote}{tiktok.NEW_ERROR}{quote}][{quote}{tiktok.NEW_CODE}{quote}]"
    return Written(init, (Line(0, f"if {code} == {quote}{tiktok.OK}{quote}:", ""), *_put(context, upload)))


def _put(context: Context, upload: Upload) -> list[Line]:
    request, quote = upload.request, upload.style.quote
    unit, node = request.unit, request.call
    made = context.fresh.pick(unit, node, "upload_request", "put_request")
    link = f"{upload.parsed}[{quote}{tiktok.NEW_DATA}{quote}][{quote}{tiktok.NEW_UPLOAD_URL}{quote}]"
    put = call(
        request.callee,
        Item("", link),
        Item("data=", upload.video),
        Item("headers=", mapping(*range_headers(upload.size, upload.media_type, quote))),
        Item("method=", f"{quote}PUT{quote}"),
    )
    opener = unit.module.source(request.answer.func) if isinstance(request.answer, ast.Call) else "urlopen"
    sent = call(opener, Item("", made), *upload.kept)
    if not upload.shielded:
        return [Line(1, f"{made} = ", put), Line(1, "", sent, ".close()")]
    refused = member(context.draft, unit, node, "urllib.error", "HTTPError")
    failed = member(context.draft, unit, node, "urllib.error", "URLError")
    error = context.fresh.pick(unit, node, "put_error", "upload_error")
    text = f"f{quote}upload failed: HTTP {{{error}.code}}{quote}"
    return [
        Line(1, f"{made} = ", put),
        Line(1, "try:", ""),
        Line(2, "", sent, ".close()"),
        Line(1, f"except {refused} as {error}:", ""),
        Line(2, "raise ", call(failed, Item("", text)), f" from {error}"),
    ]
