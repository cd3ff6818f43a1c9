"""``requests``: the video as a multipart part, sent by a function or a ``Session``.

The old API took the token in the query and the file in the body of one
request. The new one wants the token in a header, is told the size first, and
receives the bytes in a second request. That second request goes to another
host, so nothing a session adds by itself may reach it (api-facts T1, T2).
"""

from __future__ import annotations

import ast
from typing import Final

from share2post import tiktok
from share2post.model import Reason
from share2post.protocols import Context, Example, Line, Request, Upload, Written
from share2post.semantics import sessions
from share2post.semantics.calls import arguments, is_none
from share2post.semantics.reads import ResponseShape
from share2post.semantics.sessions import Session
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax.imports import sibling
from share2post.syntax.layout import Group, Item, call, mapping

name: Final = "requests"

# What ``write`` makes of an upload, with its holes in angle brackets.
TEMPLATE: Final = """\
<response> = requests.post(
    "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
    headers={"Authorization": "Bearer <token>", "Content-Type": "application/json; charset=utf-8"},
    json={
        "source_info": {
            "source": "FILE_UPLOAD",
            "video_size": <size>,
            "chunk_size": <size>,
            "total_chunk_count": 1,
        }
    },
)
if <response>.ok and <response>.json()["error"]["code"] == "ok":
    <upload> = requests.put(
        <response>.json()["data"]["upload_url"],
        data=<video>,
        headers={"Content-Range": "bytes 0-<size - 1>/<size>", "Content-Type": "video/mp4"},
    )
    <upload>.raise_for_status()
"""

examples: Final = (
    Example(
        title="a file opened with with",
        before="""\
import requests


def upload(path, token, open_id):
    with open(path, "rb") as video:
        response = requests.post(
            "https://open-api.tiktok.com/share/video/upload/",
            params={"access_token": token, "open_id": open_id},
            files={"video": video},
        )
    return response.json()["data"]["share_id"]
""",
        after="""\
import requests


def upload(path, token, open_id):
    with open(path, "rb") as video:
        video_data = video.read()
        video_size = len(video_data)
        response = requests.post(
            "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json; charset=utf-8",
            },
            json={
                "source_info": {
                    "source": "FILE_UPLOAD",
                    "video_size": video_size,
                    "chunk_size": video_size,
                    "total_chunk_count": 1,
                },
            },
        )
        if response.ok and response.json()["error"]["code"] == "ok":
            upload_response = requests.put(
                response.json()["data"]["upload_url"],
                data=video_data,
                headers={
                    "Content-Range": f"bytes 0-{video_size - 1}/{video_size}",
                    "Content-Type": "video/mp4",
                },
            )
            upload_response.raise_for_status()
    return response.json()["data"]["publish_id"]
""",
    ),
    Example(
        title="arguments the tool cannot see",
        before="""\
import requests


def upload(**options):
    return requests.post("https://open-api.tiktok.com/share/video/upload/", **options)
""",
        after=Reason.UNKNOWN_ARGUMENT,
    ),
)

response: Final = ResponseShape(
    plain=frozenset(
        {
            "status_code", "ok", "reason", "headers", "url", "elapsed", "history", "encoding", "cookies",
            "raise_for_status", "close", "is_redirect", "apparent_encoding", "__class__",
        }
    )
)  # fmt: skip

_FUNCTIONS: Final = {"requests.post": "post", "requests.request": "request", "requests.api.post": "post"}
_SESSIONS: Final = frozenset({"requests.Session", "requests.session", "requests.sessions.Session"})
_POST: Final = ("url", "data", "json")
_REQUEST: Final = (
    "method", "url", "params", "data", "headers", "cookies", "files", "auth", "timeout",
    "allow_redirects", "proxies", "hooks", "stream", "verify", "cert", "json",
)  # fmt: skip
_KEPT: Final = ("cookies", "timeout", "allow_redirects", "proxies", "verify", "cert")
_ROLES: Final = frozenset({"url", "method", "params", "data", "files", "json", "headers", "auth"})


def read(evaluator: Evaluator, unit: Unit, node: ast.Call) -> Request | None:
    """``requests.post(...)``, ``requests.request("POST", ...)``, or the same on a session."""
    world = evaluator.world
    function = _FUNCTIONS.get(world.qualified(unit, node.func) or "")
    session: Session | None = None
    if function is None:
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("post", "request"):
            return None
        session = sessions.find(evaluator, unit, node.func.value, _SESSIONS)
        if session is None:
            return None
        function = node.func.attr
    given = arguments(world, unit, node, _POST if function == "post" else _REQUEST)
    url = given.get("url")
    method = given.get("method") if function == "request" else None
    if url is None or (method is not None and not _is_post(evaluator, unit, method)):
        return None
    kept = tuple((key, given.named[key]) for key in _KEPT if not is_none(given.get(key)))
    odd = tuple(
        (key, value)
        for key, value in given.named.items()
        if key not in _ROLES and key not in _KEPT and not is_none(value)
    )
    return Request(
        unit, node, node, name, url,
        params=_given(given.get("params")), data=_given(given.get("data")), files=_given(given.get("files")),
        json=_given(given.get("json")), headers=_given(given.get("headers")), auth=_given(given.get("auth")),
        kept=kept, hidden=(*given.hidden, *given.surplus), unsupported=odd, session=session, method=method,
    )  # fmt: skip


def write(context: Context, upload: Upload) -> Written:
    """The init in place of the call, then the PUT where the init succeeded."""
    request, style = upload.request, upload.style
    quote = style.quote
    session = request.session
    function = request.unit.module.source(request.call.func)
    first = [Item("", upload.url)]
    if request.method is not None:
        by_name = any(k.arg == "method" for k in request.call.keywords)
        method = Item("method=" if by_name else "", request.unit.module.source(request.method))
        first = [method, Item("url=" if by_name else "", upload.url)]
    guards = _without_session(session, quote)
    init = call(
        function,
        *first,
        Item("headers=", mapping(*upload.headers)),
        Item("json=", source_info(upload.size, quote)),
        *(item for item in guards if item.prefix != "headers"),
        *upload.kept,
    )
    blanked = [Item(f"{quote}{key}{quote}: ", "None") for key in _token_headers(session)]
    put_headers = mapping(*blanked, *range_headers(upload.size, upload.media_type, quote))
    put = call(
        _put(context, request),
        Item("", f"{upload.response}.json()[{quote}{tiktok.NEW_DATA}{quote}][{quote}{tiktok.NEW_UPLOAD_URL}{quote}]"),
        Item("data=", upload.video),
        Item("headers=", put_headers),
        *(guards if session is not None and session.known else ()),
        *upload.kept,
    )
    code = f"{upload.response}.json()[{quote}{tiktok.NEW_ERROR}{quote}][{quote}{tiktok.NEW_CODE}{quote}]"
    return Written(
        init,
        (
            Line(0, f"if {upload.response}.ok and {code} == {quote}{tiktok.OK}{quote}:", ""),
            Line(1, f"{upload.upload_name} = ", put),
            Line(1, f"{upload.upload_name}.raise_for_status()", ""),
        ),
    )


def _put(context: Context, request: Request) -> str:
    """``session.put`` where the session is seen through, else the module's own ``put``."""
    session = request.session
    if session is not None and session.known:
        return f"{session.source}.put"
    return sibling(context.evaluator.world, context.draft, request.unit, request.call, "requests", "put")


def source_info(size: str, quote: str) -> Group:
    """The body of the init request (F3.1)."""
    info = mapping(
        Item(f"{quote}source{quote}: ", f"{quote}FILE_UPLOAD{quote}"),
        Item(f"{quote}video_size{quote}: ", size),
        Item(f"{quote}chunk_size{quote}: ", size),
        Item(f"{quote}total_chunk_count{quote}: ", "1"),
    )
    return mapping(Item(f"{quote}source_info{quote}: ", info))


def range_headers(size: str, media_type: str, quote: str) -> tuple[Item, ...]:
    """The headers of the PUT (F3.7 to F3.9); the client adds Content-Length for bytes by itself."""
    return (
        Item(f"{quote}Content-Range{quote}: ", f"f{quote}bytes 0-{{{size} - 1}}/{{{size}}}{quote}"),
        Item(f"{quote}Content-Type{quote}: ", f"{quote}{media_type}{quote}"),
    )


def _without_session(session: Session | None, quote: str) -> list[Item]:
    """What keeps a session's own parameters and credentials out of a request (None removes a default)."""
    if session is None or not session.known:
        return []
    items = []
    if session.params:
        keys = sorted(session.params)
        items.append(Item("params=", mapping(*(Item(f"{quote}{key}{quote}: ", "None") for key in keys))))
    if session.auth:
        items.append(Item("auth=", "lambda request: request"))
    return items


def _token_headers(session: Session | None) -> list[str]:
    if session is None or not session.known or not session.headers:
        return []
    return sorted(key for key in session.headers if key.lower() in sessions.SECRET_HEADERS)


def _given(node: ast.expr | None) -> ast.expr | None:
    return None if is_none(node) else node


def _is_post(evaluator: Evaluator, unit: Unit, method: ast.expr) -> bool:
    text = evaluator.text(unit, method)
    return text is not None and (text.known or "").upper() == "POST"
