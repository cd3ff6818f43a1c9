"""``urllib3``: a pool manager that takes the fields and the file of a form as one mapping.

It raises nothing for a refused request, so the failed PUT is raised here. A
manager's default headers are sent only where a request names none
(``RequestMethods.request``: ``if headers is None: headers = self.headers``); the
old call that named none gets them spelled out. ``json=`` and ``.json()`` came
with urllib3 2: they are written only where the program uses them already.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Final

from share2post import tiktok
from share2post.families import pull_info, range_headers, source_info
from share2post.model import Reason
from share2post.protocols import Context, Example, Line, Request, Upload, Written
from share2post.semantics import sessions
from share2post.semantics.calls import arguments, is_none
from share2post.semantics.reads import ResponseShape
from share2post.semantics.sessions import Session
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax.imports import module_name
from share2post.syntax.layout import Group, Item, call, mapping, merged

name: Final = "urllib3"
rewinds: Final = False
pulls: Final = True

# What ``write`` makes of an upload, with its holes in angle brackets.
TEMPLATE: Final = """\
<response> = http.request(
    "POST",
    "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
    body=json.dumps({"source_info": {...}}),
    headers={"Authorization": "Bearer <token>", "Content-Type": "application/json; charset=utf-8"},
)
if <response>.status == 200 and json.loads(<response>.data)["error"]["code"] == "ok":
    <upload> = http.request(
        "PUT",
        json.loads(<response>.data)["data"]["upload_url"],
        body=<video>,
        headers={"Content-Range": "bytes 0-<size - 1>/<size>", "Content-Type": "video/mp4"},
    )
    if <upload>.status >= 400:
        raise urllib3.exceptions.HTTPError(f"upload failed: HTTP {<upload>.status}")
"""

examples: Final = (
    Example(
        title="fields with the video",
        before="""\
import json

import urllib3

http = urllib3.PoolManager()


def upload(video: bytes, token, open_id):
    response = http.request(
        "POST",
        f"https://open-api.tiktok.com/share/video/upload/?access_token={token}&open_id={open_id}",
        fields={"video": ("video.mp4", video, "video/mp4")},
    )
    return json.loads(response.data)["data"]["share_id"]
""",
        after="""\
import json

import urllib3

http = urllib3.PoolManager()


def upload(video: bytes, token, open_id):
    video_size = len(video)
    response = http.request(
        "POST",
        "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
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
    if response.status == 200 and json.loads(response.data)["error"]["code"] == "ok":
        upload_response = http.request(
            "PUT",
            json.loads(response.data)["data"]["upload_url"],
            body=video,
            headers={
                "Content-Range": f"bytes 0-{video_size - 1}/{video_size}",
                "Content-Type": "video/mp4",
            },
        )
        if upload_response.status >= 400:
            raise urllib3.exceptions.HTTPError(f"upload failed: HTTP {upload_response.status}")
    return json.loads(response.data)["data"]["publish_id"]
""",
    ),
    Example(
        title="a response that is not read before the program asks for it",
        before="""\
import urllib3

http = urllib3.PoolManager()


def upload(video: bytes, token):
    return http.request(
        "POST",
        "https://open-api.tiktok.com/share/video/upload/?access_token=" + token,
        fields={"video": ("video.mp4", video)},
        preload_content=False,
    )
""",
        after=Reason.UNSUPPORTED_ARGUMENT,
    ),
)

response: Final = ResponseShape(
    plain=frozenset(
        {
            "status", "reason", "headers", "getheader", "getheaders", "info", "geturl", "url", "version",
            "retries",
            "release_conn", "close", "closed", "drain_conn", "__class__",
        }
    ),
    raw=frozenset({"data"}),
)  # fmt: skip

_METHODS: Final[dict[str, tuple[str, ...]]] = {
    "request": ("method", "url", "body", "fields", "headers", "json"),
    "request_encode_body": ("method", "url", "fields", "headers", "encode_multipart", "multipart_boundary"),
}
_MANAGERS: Final = frozenset(
    {
        "urllib3.PoolManager",
        "urllib3.poolmanager.PoolManager",
        "urllib3.ProxyManager",
        "urllib3.poolmanager.ProxyManager",
        "urllib3.proxy_from_url",
    }
)
# A pool of connections to one host: the upload needs two others.
_POOLS: Final = frozenset(
    {
        "urllib3.HTTPSConnectionPool",
        "urllib3.connectionpool.HTTPSConnectionPool",
        "urllib3.connection_from_url",
    }
)
_KEPT: Final = ("timeout", "retries", "redirect", "pool_timeout", "assert_same_host", "decode_content")
_ROLES: Final = frozenset({"method", "url", "body", "fields", "headers", "json", "multipart_boundary"})


def read(evaluator: Evaluator, unit: Unit, node: ast.Call) -> Request | None:
    """``http.request("POST", url, fields=...)``, ``request_encode_body``, ``urllib3.request``."""
    session: Session | None = None
    positional = _METHODS["request"][:2]
    if evaluator.world.qualified(unit, node.func) != "urllib3.request":
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in _METHODS:
            return None
        session = sessions.find(evaluator, unit, node.func.value, _MANAGERS | _POOLS)
        if session is None:
            return None
        positional = _METHODS[node.func.attr]
    given = arguments(evaluator.world, unit, node, positional)
    values = {key: None if is_none(value) else value for key, value in given.named.items()}
    url, method = values.get("url"), values.get("method")
    text = evaluator.text(unit, method) if method is not None else None
    if url is None or text is None or (text.known or "").upper() != "POST":
        return None
    headers = values.get("headers")
    if headers is not None and session is not None:  # then the manager's own are not sent
        session = replace(session, known=True, headers=frozenset(), bearer=False)
    odd = [(key, value) for key, value in values.items() if value is not None and not _expected(key, value)]
    if session is not None and any(_misspelled(key) for key in session.headers or ()):
        odd.append(("headers", node.func))
    return Request(
        unit, node, node, name, url, unit.module.source(node.func),
        form=values.get("fields"), body=values.get("body"), json=values.get("json"), headers=headers,
        kept=tuple((key, value) for key in _KEPT if (value := values.get(key)) is not None),
        hidden=(*given.hidden, *given.surplus), unsupported=tuple(odd), session=session, guarded=True,
        method=method, bytes_only=True, obstacles=_bound(session, node),
    )  # fmt: skip


def _bound(session: Session | None, node: ast.Call) -> tuple[tuple[Reason, str, ast.expr], ...]:
    """A pool reaches only the host it was made for."""
    if session is None or session.base_url is None:
        return ()
    hint = (
        f"a connection pool is bound to its host: POST the init to {tiktok.INIT_URL} "
        "with urllib3.PoolManager(), then PUT the bytes to data.upload_url with it"
    )
    return ((Reason.UNSUPPORTED_CLIENT, hint, node),)


def _expected(key: str, value: ast.expr) -> bool:
    """Whether an argument has a place in the new requests, or says nothing."""
    if key in ("encode_multipart", "preload_content"):
        return isinstance(value, ast.Constant) and value.value is True
    return key in _ROLES or key in _KEPT


def _misspelled(key: str) -> bool:
    """A default header that would stand beside ours, since a plain dict tells cases apart."""
    return key.lower() in ("authorization", "content-type") and key not in ("Authorization", "Content-Type")


def write(context: Context, upload: Upload) -> Written:
    """The init in place of the call, then the PUT where the init succeeded."""
    request, quote, answer = upload.request, upload.style.quote, upload.response
    callee = request.callee.rpartition(".")[0] + ".request" if "." in request.callee else request.callee
    modern = _modern(context)
    loads = f"{answer}.json()" if modern else f"{_json(context, request)}.loads({answer}.data)"
    info = pull_info(upload.pull, quote) if upload.pull else source_info(upload.size, quote)
    body = (
        Item("json=", info)
        if modern
        else Item("body=", call(f"{_json(context, request)}.dumps", Item("", info)))
    )
    headers = Item("headers=", merged(*_defaults(request.session, request.headers), *upload.headers))
    init = call(callee, *_first(request, upload), body, headers, *upload.kept)
    if upload.pull:
        return Written(init, ())
    ranges = mapping(*range_headers(upload.size, upload.media_type, quote))
    put = call(
        callee,
        Item("", f"{quote}PUT{quote}"),
        Item("", f"{loads}[{quote}{tiktok.NEW_DATA}{quote}][{quote}{tiktok.NEW_UPLOAD_URL}{quote}]"),
        Item("body=", upload.video),
        Item("headers=", ranges),
        *upload.kept,
    )
    code = f"{loads}[{quote}{tiktok.NEW_ERROR}{quote}][{quote}{tiktok.NEW_CODE}{quote}]"
    return Written(
        init,
        (
            Line(0, f"if {answer}.status == 200 and {code} == {quote}{tiktok.OK}{quote}:", ""),
            Line(1, f"{upload.upload_name} = ", put),
            Line(1, f"if {upload.upload_name}.status >= 400:", ""),
            Line(2, "raise ", _failure(context, upload)),
        ),
    )


def _failure(context: Context, upload: Upload) -> Group:
    request, quote = upload.request, upload.style.quote
    module = module_name(context.evaluator.world, context.draft, request.unit, request.call, "urllib3")
    text = f"f{quote}upload failed: HTTP {{{upload.upload_name}.status}}{quote}"
    return call(f"{module}.exceptions.HTTPError", Item("", text))


def _modern(context: Context) -> bool:
    """Whether the program reads this answer with ``.json()``, which came with urllib3 2."""
    methods = [
        n.func for n in context.draft.tracked if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
    ]
    return any(method.attr == "json" and method.value in context.draft.tracked for method in methods)


def _json(context: Context, request: Request) -> str:
    return module_name(context.evaluator.world, context.draft, request.unit, request.call, "json")


def _defaults(session: Session | None, headers: ast.expr | None) -> list[Item]:
    """The manager's own headers, which a request that names some goes without."""
    bare = session is None or headers is not None or session.headers == frozenset()
    return [] if bare or session is None else [Item("", f"**{session.source}.headers")]


def _first(request: Request, upload: Upload) -> list[Item]:
    """The method and the URL, as the old call gave them."""
    named = {keyword.arg for keyword in request.call.keywords}
    method = request.unit.module.source(request.method) if request.method is not None else ""
    prefix = "url=" if named & {"method", "url"} else ""
    return [Item("method=" if "method" in named else "", method), Item(prefix, upload.url)]
