"""``aiohttp``: a form in one argument, a response read in an ``async with``.

``data=`` holds the fields and the file together, as a dict or as a ``FormData``.
A file is sent from where it stands (``aiohttp.payload.IOBasePayload`` notes
``tell()`` and never seeks to 0; up to 3.11 it just read on), and one of aiofiles
is sent as well. ``yarl`` would quote the upload URL anew, so it is handed over as
``yarl.URL(..., encoded=True)``. A session's default headers, cookies and auth
cannot be taken out of one request (``ClientSession._prepare_headers``), and auth
beside an Authorization header is a ``ValueError``: what must not carry them is
sent by ``aiohttp.request``, which is a session of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from share2post import families, tiktok
from share2post.families import Family, first_arguments, pull_info, range_headers, source_info
from share2post.model import Reason
from share2post.protocols import Context, Example, Line, Request, Upload, Written
from share2post.semantics.reads import ResponseShape
from share2post.semantics.sessions import Session
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax.imports import member_name
from share2post.syntax.layout import Group, Item, call, mapping, merged

name: Final = "aiohttp"
rewinds: Final = False
pulls: Final = True

# What ``write`` makes of an upload, with its holes in angle brackets.
TEMPLATE: Final = """\
async with session.post(
    "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
    headers={"Authorization": "Bearer <token>", "Content-Type": "application/json; charset=utf-8"},
    json={"source_info": {...}},
) as <response>:
    if <response>.ok and (await <response>.json())["error"]["code"] == "ok":
        async with session.put(
            yarl.URL((await <response>.json())["data"]["upload_url"], encoded=True),
            data=<video>,
            headers={"Content-Range": "bytes 0-<size - 1>/<size>", "Content-Type": "video/mp4"},
        ) as <upload>:
            <upload>.raise_for_status()
"""

examples: Final = (
    Example(
        title="a FormData",
        before="""\
import aiohttp


async def upload(path, token, open_id):
    async with aiohttp.ClientSession() as session:
        with open(path, "rb") as video:
            form = aiohttp.FormData()
            form.add_field("video", video, filename="video.mp4", content_type="video/mp4")
            async with session.post(
                "https://open-api.tiktok.com/share/video/upload/",
                params={"access_token": token, "open_id": open_id},
                data=form,
            ) as response:
                body = await response.json()
    return body["data"]["share_id"]
""",
        after="""\
import aiohttp
import yarl


async def upload(path, token, open_id):
    async with aiohttp.ClientSession() as session:
        with open(path, "rb") as video:
            video_data = video.read()
            video_size = len(video_data)
            async with session.post(
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
            ) as response:
                if response.ok and (await response.json())["error"]["code"] == "ok":
                    async with session.put(
                        yarl.URL(
                            (await response.json())["data"]["upload_url"],
                            encoded=True,
                        ),
                        data=video_data,
                        headers={
                            "Content-Range": f"bytes 0-{video_size - 1}/{video_size}",
                            "Content-Type": "video/mp4",
                        },
                    ) as upload_response:
                        upload_response.raise_for_status()
                body = await response.json()
    return body["data"]["publish_id"]
""",
    ),
    Example(
        title="a request that is made and not awaited",
        before="""\
import asyncio

import aiohttp


async def upload(session: aiohttp.ClientSession, raw: bytes, token):
    request = session.post(
        "https://open-api.tiktok.com/share/video/upload/",
        params={"access_token": token},
        data={"video": raw},
    )
    return await asyncio.wait_for(request, 30)
""",
        after=Reason.UNSUPPORTED_CONTEXT,
    ),
)

response: Final = ResponseShape(
    plain=frozenset(
        {
            "status", "ok", "reason", "headers", "raw_headers", "url", "real_url", "host", "method",
            "cookies", "history", "content_type", "charset", "version", "links", "request_info",
            "raise_for_status", "release", "close", "closed", "get_encoding", "wait_for_close",
        }
    ),
    raw=frozenset(),
    raw_methods=frozenset({"text", "read"}),
)  # fmt: skip

FAMILY: Final = Family(
    module="aiohttp",
    functions={"aiohttp.request": ("method", "url"), "aiohttp.client.request": ("method", "url")},
    methods={"post": ("url",), "request": ("method", "url")},
    managed=True,
    sessions=frozenset(),
    async_sessions=frozenset({"aiohttp.ClientSession", "aiohttp.client.ClientSession"}),
    kept=(
        "cookies", "timeout", "allow_redirects", "max_redirects", "raise_for_status", "read_until_eof",
        "proxy", "proxy_auth", "proxy_headers", "ssl", "verify_ssl", "ssl_context", "fingerprint",
        "server_hostname", "trace_request_ctx", "read_bufsize", "auto_decompress", "max_line_size",
        "max_field_size", "connector", "version",
    ),
    body="data",
    ok="ok",
    blanks=False,
    no_auth="None",
)  # fmt: skip

# Headers that say something of the program and nothing of the user.
_HARMLESS: Final = frozenset(
    {"user-agent", "accept", "accept-encoding", "accept-language", "connection", "content-type"}
)
# What ``aiohttp.request`` of older versions (3.8) does not take.
_SESSION_ONLY: Final = frozenset(
    {
        "ssl", "verify_ssl", "ssl_context", "fingerprint", "server_hostname", "proxy_headers",
        "trace_request_ctx", "auto_decompress", "max_line_size", "max_field_size",
    }
)  # fmt: skip


def read(evaluator: Evaluator, unit: Unit, node: ast.Call) -> Request | None:
    """``session.post(...)``, ``session.request("POST", ...)`` or ``aiohttp.request``."""
    request = families.read(FAMILY, evaluator, unit, node)
    if request is None:
        return None
    found = replace(request, form=request.data, data=None, streams=True)
    return replace(found, obstacles=tuple(_obstacles(found)))


def write(context: Context, upload: Upload) -> Written:
    """The init in place of the call, then the PUT where the init succeeded."""
    request, quote, session = upload.request, upload.style.quote, upload.request.session
    info = Item("json=", pull_info(upload.pull, quote) if upload.pull else source_info(upload.size, quote))
    if session is not None and _apart(session):
        inherited = [Item("", f"**{session.source}.headers")] if session.headers else []
        headers = Item("headers=", merged(*inherited, *upload.headers))
        function = _aiohttp(context, upload, "request")
        method = Item("", f"{quote}POST{quote}")
        init = call(function, method, Item("", upload.url), headers, info, *_transport(upload), *upload.kept)
    else:
        headers = Item("headers=", merged(*upload.headers))
        init = call(request.callee, *first_arguments(request, upload), headers, info, *upload.kept)
    if upload.pull:
        return Written(init, ())
    body = f"(await {upload.response}.json())"
    code = f"{body}[{quote}{tiktok.NEW_ERROR}{quote}][{quote}{tiktok.NEW_CODE}{quote}]"
    test = Line(0, f"if {upload.response}.ok and {code} == {quote}{tiktok.OK}{quote}:", "")
    return Written(init, (test, *_put(context, upload, body)))


def second_put(context: Context, upload: Upload, link: str) -> Group:
    """The PUT of a program that makes it by itself, in place of its own second request."""
    request, quote, session = upload.request, upload.style.quote, upload.request.session
    items = [
        _link(context, upload, link),
        Item("data=", upload.video),
        Item("headers=", mapping(*range_headers(upload.size, upload.media_type, quote))),
        *(item for item in upload.kept if item.prefix != "cookies="),
    ]
    if session is None or (_clean(session) and _named(request)):
        return call(f"{session.source if session is not None else 'aiohttp'}.put", *items)
    function = _aiohttp(context, upload, "request")
    return call(function, Item("", f"{quote}PUT{quote}"), *items, *_transport(upload))


def puts_apart(request: Request) -> bool:
    """Whether such a PUT cannot be sent by the session that the program has for it."""
    session = request.session
    return session is None or not (_clean(session) and _named(request))


def _put(context: Context, upload: Upload, body: str) -> Iterator[Line]:
    """The PUT: by the session where it adds nothing, else by one of its own."""
    request, quote, session = upload.request, upload.style.quote, upload.request.session
    items = [
        _link(
            context, upload, f"{body}[{quote}{tiktok.NEW_DATA}{quote}][{quote}{tiktok.NEW_UPLOAD_URL}{quote}]"
        ),
        Item("data=", upload.video),
        Item("headers=", mapping(*range_headers(upload.size, upload.media_type, quote))),
        *(item for item in upload.kept if item.prefix != "cookies="),
    ]
    depth = 1
    if session is not None and _clean(session) and _named(request):
        put = call(f"{session.source}.put", *items)
    elif session is not None and _needs_session(request, session):
        fresh = context.fresh.pick(request.unit, request.call, "upload_session", "put_session")
        made = call(_aiohttp(context, upload, "ClientSession"), *_transport(upload, owner=True))
        yield Line(1, "async with ", made, f" as {fresh}:")
        depth, put = 2, call(f"{fresh}.put", *items)
    else:
        function = _aiohttp(context, upload, "request") if session is not None else request.callee
        put = call(function, Item("", f"{quote}PUT{quote}"), *items, *_transport(upload))
    yield Line(depth, "async with ", put, f" as {upload.upload_name}:")
    yield Line(depth + 1, f"{upload.upload_name}.raise_for_status()", "")


def _link(context: Context, upload: Upload, text: str) -> Item:
    """The upload URL as it was returned: without ``encoded=True`` yarl would quote it anew."""
    request = upload.request
    made = member_name(
        context.evaluator.world, context.draft, request.unit, request.call, "yarl.URL", "aiohttp"
    )
    return Item("", call(made, Item("", text), Item("encoded=", "True")))


def _aiohttp(context: Context, upload: Upload, member: str) -> str:
    """What to call a member of ``aiohttp``."""
    unit, node = upload.request.unit, upload.request.call
    return member_name(context.evaluator.world, context.draft, unit, node, f"aiohttp.{member}")


# the session


def _clean(session: Session) -> bool:
    """Whether all the session adds to a request may be seen by the upload host."""
    quiet = all(key.lower() in _HARMLESS for key in session.headers or ())
    return session.known and quiet and not _apart(session) and not session.options & {"cookies", "cookie_jar"}


def _apart(session: Session) -> bool:
    """Whether the session cannot send the init: it has auth, or a base (before 3.12: no whole URLs)."""
    return session.auth or session.base_url is not None


def _named(request: Request) -> bool:
    """Whether the session is a plain name, which may be written twice."""
    owner = request.call.func.value if isinstance(request.call.func, ast.Attribute) else request.call.func
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    return isinstance(owner, ast.Name)


def _needs_session(request: Request, session: Session) -> bool:
    """Whether a ``ClientSession`` is needed, because ``aiohttp.request`` does not take all there is."""
    return "trust_env" in session.options or any(name in _SESSION_ONLY for name, _ in request.kept)


def _transport(upload: Upload, *, owner: bool = False) -> Iterator[Item]:
    """How the session reaches the network, without what it adds to a request."""
    session = upload.request.session
    if session is None or not _named(upload.request):
        return
    if not session.known or "connector" in session.options:
        yield Item("connector=", f"{session.source}.connector")
        if owner:
            yield Item("connector_owner=", "False")
    given = any(item.prefix == "timeout=" for item in upload.kept)
    if not given and (not session.known or session.options & {"timeout", "read_timeout", "conn_timeout"}):
        yield Item("timeout=", f"{session.source}.timeout")
    if owner and "trust_env" in session.options:
        yield Item("trust_env=", f"{session.source}.trust_env")


# what stands in the way


def _obstacles(request: Request) -> Iterator[tuple[Reason, str, ast.expr]]:
    """What this client cannot do, or the tool cannot do with it."""
    unit, session = request.unit, request.session
    waited = isinstance(request.outer, ast.Await)
    holder = unit.module.parent(request.outer)
    managed = isinstance(holder, ast.withitem) and isinstance(unit.module.parent(holder), ast.AsyncWith)
    apart = session is not None and _apart(session)
    if not waited and not managed:
        hint = "the request is made here and awaited elsewhere; await it here or use async with"
        yield Reason.UNSUPPORTED_CONTEXT, hint, request.call
    elif not managed and (session is None or apart):
        hint = "aiohttp.request, which the init needs here, works in an async with only; use async with here"
        yield Reason.UNSUPPORTED_CONTEXT, hint, request.call
    if request.files is not None:
        yield Reason.UNSUPPORTED_ARGUMENT, "aiohttp has no files=", request.files
    if session is not None and not _clean(session):
        yield from _awkward(request, session, apart=apart)


def _awkward(request: Request, session: Session, *, apart: bool) -> Iterator[tuple[Reason, str, ast.expr]]:
    """Sessions that can be neither used nor replaced: what must be known of them cannot be read from them."""
    if session.options & {"proxy", "proxy_auth"}:
        hint = "the session's own proxy cannot be read from it; give the PUT a session with that proxy"
        yield Reason.UNKNOWN_SESSION, hint, request.call.func
    used = session.options or session.headers or not session.known
    if used and not _named(request):
        yield Reason.UNKNOWN_SESSION, "the session has no name here; give it one", request.call.func
    if apart and _needs_session(request, session):
        hint = (
            "the init must not be sent by this session; send it and the PUT by a ClientSession of their own"
        )
        yield Reason.UNKNOWN_SESSION, hint, request.call.func
    if apart and any(key.lower() in ("content-type", "content-length") for key in session.headers or ()):
        hint = "the session sends a Content-Type of its own; take it out"
        yield Reason.UNKNOWN_SESSION, hint, request.call.func
