"""``httpx``: the API of requests under its own names, with a sync and an async client.

Three things differ. A file is sent from its start, wherever it stands
(``httpx._multipart.FileField`` seeks to 0). A client's defaults cannot be taken
out of one request, and ``params`` replaces the query of the URL it is used
with; a ``httpx.Request`` made by hand and handed to ``client.send`` has neither.
An async client cannot stream an open file, so the body is bytes.
"""

from __future__ import annotations

import ast
from typing import Final

from share2post import families
from share2post.families import Family
from share2post.model import Reason
from share2post.protocols import Context, Example, Request, Upload, Written
from share2post.semantics.reads import ResponseShape
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

name: Final = "httpx"
rewinds: Final = True
pulls: Final = True

# What ``write`` makes of an upload, with its holes in angle brackets.
TEMPLATE: Final = """\
<response> = await client.post(
    "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
    headers={"Authorization": "Bearer <token>", "Content-Type": "application/json; charset=utf-8"},
    json={"source_info": {...}},
)
if <response>.is_success and <response>.json()["error"]["code"] == "ok":
    <upload> = await client.put(
        <response>.json()["data"]["upload_url"],
        content=<video>,
        headers={"Content-Range": "bytes 0-<size - 1>/<size>", "Content-Type": "video/mp4"},
    )
    <upload>.raise_for_status()
"""

examples: Final = (
    Example(
        title="an async client that carries the token in its headers",
        before="""\
import httpx


async def upload(path, token):
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        with open(path, "rb") as video:
            response = await client.post(
                "https://open-api.tiktok.com/share/video/upload/", files={"video": video}
            )
    return response.json()["data"]["share_id"]
""",
        after="""\
import httpx


async def upload(path, token):
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        with open(path, "rb") as video:
            video_data = video.read()
            video_size = len(video_data)
            response = await client.post(
                "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
                headers={"Content-Type": "application/json; charset=utf-8"},
                json={
                    "source_info": {
                        "source": "FILE_UPLOAD",
                        "video_size": video_size,
                        "chunk_size": video_size,
                        "total_chunk_count": 1,
                    },
                },
            )
            if response.is_success and response.json()["error"]["code"] == "ok":
                upload_response = await client.send(
                    httpx.Request(
                        "PUT",
                        response.json()["data"]["upload_url"],
                        content=video_data,
                        headers={
                            "Content-Range": f"bytes 0-{video_size - 1}/{video_size}",
                            "Content-Type": "video/mp4",
                        },
                    ),
                    auth=None,
                )
                upload_response.raise_for_status()
    return response.json()["data"]["publish_id"]
""",
    ),
    Example(
        title="an authentication object in the call",
        before="""\
import httpx


def upload(video, token, auth):
    return httpx.post(
        "https://open-api.tiktok.com/share/video/upload/",
        params={"access_token": token},
        files={"video": video},
        auth=auth,
    )
""",
        after=Reason.AUTH_OBJECT,
    ),
)

response: Final = ResponseShape(
    plain=frozenset(
        {
            "status_code", "is_success", "is_error", "is_client_error", "is_server_error", "reason_phrase",
            "headers", "url", "elapsed", "history", "encoding", "cookies", "close", "aclose",
            "http_version", "is_redirect", "has_redirect_location", "num_bytes_downloaded",
        }
    ),
    raw_methods=frozenset({"read", "aread"}),
    itself=frozenset({"raise_for_status"}),
    raised=frozenset({"httpx.HTTPStatusError", "httpx.HTTPError"}),
)  # fmt: skip

FAMILY: Final = Family(
    module="httpx",
    functions={"httpx.post": ("url",), "httpx.request": ("method", "url")},
    methods={"post": ("url",), "request": ("method", "url")},
    sessions=frozenset({"httpx.Client"}),
    async_sessions=frozenset({"httpx.AsyncClient"}),
    kept=("cookies", "timeout", "follow_redirects", "proxy", "proxies", "verify", "cert", "trust_env"),
    body="content",
    ok="is_success",
    blanks=False,
    no_auth="None",
    error="RequestError",
    guarded=True,
)


def read(evaluator: Evaluator, unit: Unit, node: ast.Call) -> Request | None:
    """``httpx.post(...)``, ``httpx.request("POST", ...)``, or the same on a client, awaited or not."""
    return families.read(FAMILY, evaluator, unit, node)


def write(context: Context, upload: Upload) -> Written:
    """The init in place of the call, then the PUT where the init succeeded."""
    return families.write(FAMILY, context, upload)
