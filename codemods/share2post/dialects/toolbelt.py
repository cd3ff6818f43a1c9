"""``requests-toolbelt``: a form that is encoded while it is sent, as the ``data=`` of requests or niquests.

The encoder wrapped the video in a form, so it goes, with the Content-Type it
gave; the bytes are put as they are. A monitor's callback counted the bytes of
the form: nothing calls it any more, which the message says.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Final

from share2post import families
from share2post.families import Family
from share2post.model import Reason
from share2post.protocols import Context, Example, Request, Upload, Written
from share2post.semantics import encoders
from share2post.semantics.reads import ResponseShape
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

name: Final = "requests-toolbelt"
rewinds: Final = False
pulls: Final = True

# What ``write`` makes of an upload, with its holes in angle brackets.
TEMPLATE: Final = """\
<response> = requests.post(
    "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
    headers={"Authorization": "Bearer <token>", "Content-Type": "application/json; charset=utf-8"},
    json={"source_info": {...}},
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
        title="an encoder with the token and the video",
        before="""\
import requests
from requests_toolbelt import MultipartEncoder


def upload(path, token, open_id):
    with open(path, "rb") as video:
        encoder = MultipartEncoder(
            fields={"access_token": token, "open_id": open_id, "video": ("video.mp4", video, "video/mp4")}
        )
        response = requests.post(
            "https://open-api.tiktok.com/share/video/upload/",
            data=encoder,
            headers={"Content-Type": encoder.content_type},
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
        title="an encoder whose length is used",
        before="""\
import requests
from requests_toolbelt import MultipartEncoder


def upload(video, token):
    encoder = MultipartEncoder({"access_token": token, "video": ("video.mp4", video, "video/mp4")})
    print("sending", encoder.len, "bytes")
    return requests.post(
        "https://open-api.tiktok.com/share/video/upload/",
        data=encoder,
        headers={"Content-Type": encoder.content_type},
    )
""",
        after=Reason.UNSUPPORTED_ARGUMENT,
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
        f"{module}.{name}"
        for module in ("requests", "requests.exceptions", "niquests", "niquests.exceptions")
        for name in ("HTTPError", "RequestException")
    ),
)  # fmt: skip

_REQUEST: Final = ("method", "url", "params", "data", "headers")
FAMILIES: Final = tuple(
    Family(
        module=module,
        functions={f"{module}.post": ("url", "data", "json"), f"{module}.request": _REQUEST[:2]},
        methods={"post": ("url", "data", "json"), "request": _REQUEST},
        sessions=frozenset({f"{module}.Session", f"{module}.session", f"{module}.sessions.Session"}),
        async_sessions=frozenset(),
        kept=("cookies", "timeout", "allow_redirects", "proxies", "verify", "cert"),
        body="data",
        ok="ok",
        blanks=True,
        no_auth="lambda request: request",
    )
    for module in ("requests", "niquests")
)


def read(evaluator: Evaluator, unit: Unit, node: ast.Call) -> Request | None:
    """``requests.post(url, data=encoder)``, or the same on a session."""
    for family in FAMILIES:
        request = families.read(family, evaluator, unit, node)
        if request is None or request.data is None:
            continue
        encoder = encoders.find(evaluator, unit, request.data)
        if encoder is not None:
            lost = () if encoder.callback is None else (_unwatched(unit, encoder.callback),)
            return replace(request, data=None, form=encoder.fields, carriers=encoder.carriers, lost=lost)
    return None


def _unwatched(unit: Unit, callback: ast.expr) -> tuple[str, ast.expr]:
    called = unit.module.source(callback)
    shown = called if len(called) < 40 and "\n" not in called else "the monitor's callback"
    return (
        f"{shown} watched the form being sent and is not called any more: the bytes are put in one piece",
        callback,
    )


def write(context: Context, upload: Upload) -> Written:
    """The init in place of the call, then the PUT where the init succeeded."""
    family = next(family for family in FAMILIES if family.module == upload.request.client)
    return families.write(family, context, upload)
