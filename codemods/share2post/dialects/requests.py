"""``requests``: the video as a multipart part, sent by a function or a ``Session``.

The old API took the token in the query and the file in the body of one
request. The new one wants the token in a header, is told the size first, and
receives the bytes in a second request. That second request goes to another
host, so nothing a session adds by itself may reach it (api-facts T1, T2).
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

name: Final = "requests"
rewinds: Final = False
pulls: Final = True

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
    ),
    raised=frozenset(
        {
            "requests.HTTPError", "requests.RequestException",
            "requests.exceptions.HTTPError", "requests.exceptions.RequestException",
        }
    ),
)  # fmt: skip

_REQUEST: Final = (
    "method", "url", "params", "data", "headers", "cookies", "files", "auth", "timeout",
    "allow_redirects", "proxies", "hooks", "stream", "verify", "cert", "json",
)  # fmt: skip

FAMILY: Final = Family(
    module="requests",
    functions={
        "requests.post": ("url", "data", "json"),
        "requests.api.post": ("url", "data", "json"),
        "requests.request": _REQUEST[:2],
        "requests.api.request": _REQUEST[:2],
    },
    methods={"post": ("url", "data", "json"), "request": _REQUEST},
    sessions=frozenset({"requests.Session", "requests.session", "requests.sessions.Session"}),
    async_sessions=frozenset(),
    kept=("cookies", "timeout", "allow_redirects", "proxies", "verify", "cert"),
    body="data",
    ok="ok",
    blanks=True,
    no_auth="lambda request: request",
)


def read(evaluator: Evaluator, unit: Unit, node: ast.Call) -> Request | None:
    """``requests.post(...)``, ``requests.request("POST", ...)``, or the same on a session."""
    return families.read(FAMILY, evaluator, unit, node)


def write(context: Context, upload: Upload) -> Written:
    """The init in place of the call, then the PUT where the init succeeded."""
    return families.write(FAMILY, context, upload)
