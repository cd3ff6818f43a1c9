"""``niquests``: the requests API under its own name, with a sync and an async session."""

from __future__ import annotations

import ast
from typing import Final

from share2post import families
from share2post.families import Family
from share2post.protocols import Context, Example, Request, Upload, Written
from share2post.semantics.reads import ResponseShape
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

name: Final = "niquests"
rewinds: Final = False
pulls: Final = True

# What ``write`` makes of an upload, with its holes in angle brackets.
TEMPLATE: Final = """\
<response> = await session.post(
    "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
    headers={"Authorization": "Bearer <token>", "Content-Type": "application/json; charset=utf-8"},
    json={"source_info": {...}},
)
if <response>.ok and <response>.json()["error"]["code"] == "ok":
    <upload> = await session.put(
        <response>.json()["data"]["upload_url"],
        data=<video>,
        headers={"Content-Range": "bytes 0-<size - 1>/<size>", "Content-Type": "video/mp4"},
    )
    <upload>.raise_for_status()
"""

examples: Final = (
    Example(
        title="an async session",
        before="""\
import niquests


async def upload(raw: bytes, token, open_id):
    async with niquests.AsyncSession() as session:
        response = await session.post(
            "https://open-api.tiktok.com/share/video/upload/",
            params={"access_token": token, "open_id": open_id},
            files={"video": raw},
        )
        return response.json()["data"]["share_id"]
""",
        after="""\
import niquests


async def upload(raw: bytes, token, open_id):
    async with niquests.AsyncSession() as session:
        video_size = len(raw)
        response = await session.post(
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
            upload_response = await session.put(
                response.json()["data"]["upload_url"],
                data=raw,
                headers={
                    "Content-Range": f"bytes 0-{video_size - 1}/{video_size}",
                    "Content-Type": "video/mp4",
                },
            )
            upload_response.raise_for_status()
        return response.json()["data"]["publish_id"]
""",
    ),
)

response: Final = ResponseShape(
    plain=frozenset(
        {
            "status_code", "ok", "reason", "headers", "url", "elapsed", "history", "encoding", "cookies",
            "close", "is_redirect", "http_version", "conn_info",
        }
    ),
    itself=frozenset({"raise_for_status"}),
    raised=frozenset(
        {
            "niquests.HTTPError", "niquests.RequestException",
            "niquests.exceptions.HTTPError", "niquests.exceptions.RequestException",
        }
    ),
)  # fmt: skip

FAMILY: Final = Family(
    module="niquests",
    functions={
        "niquests.post": ("url", "data", "json"),
        "niquests.apost": ("url", "data", "json"),
        "niquests.request": ("method", "url"),
        "niquests.arequest": ("method", "url"),
    },
    methods={"post": ("url", "data", "json"), "request": ("method", "url", "params", "data", "headers")},
    sessions=frozenset({"niquests.Session", "niquests.sessions.Session"}),
    async_sessions=frozenset({"niquests.AsyncSession"}),
    kept=("cookies", "timeout", "allow_redirects", "proxies", "verify", "cert"),
    body="data",
    ok="ok",
    blanks=True,
    no_auth="lambda request: request",
    coroutines=frozenset({"niquests.apost", "niquests.arequest"}),
)


def read(evaluator: Evaluator, unit: Unit, node: ast.Call) -> Request | None:
    """``niquests.post(...)``, ``niquests.request("POST", ...)``, or the same on a session, awaited or not."""
    return families.read(FAMILY, evaluator, unit, node)


def write(context: Context, upload: Upload) -> Written:
    """The init in place of the call, then the PUT where the init succeeded."""
    return families.write(FAMILY, context, upload)
