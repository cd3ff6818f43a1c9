"""aiohttp: what the corpus does not show, or shows among other things."""

from __future__ import annotations

from checks import offered, refused
from share2post import Reason

URL = "https://open-api.tiktok.com/share/video/upload/"


def test_an_auth_object_in_the_call_is_refused() -> None:
    refused(
        f"""\
import aiohttp


async def upload(session: aiohttp.ClientSession, raw: bytes, token):
    auth = aiohttp.BasicAuth("user", "password")
    async with session.post("{URL}", params={{"access_token": token}}, data={{"video": raw}}, auth=auth) as r:
        return (await r.json())["data"]["share_id"]
""",
        Reason.AUTH_OBJECT,
    )


def test_a_request_sent_chunked_is_refused() -> None:
    refused(
        f"""\
import aiohttp


async def upload(raw: bytes, token):
    async with aiohttp.ClientSession() as session:
        async with session.post("{URL}", params={{"access_token": token}}, data={{"video": raw}}, chunked=True) as r:
            return (await r.json())["data"]["share_id"]
""",
        Reason.UNSUPPORTED_ARGUMENT,
    )


def test_a_session_with_auth_that_is_awaited_is_refused() -> None:
    refused(
        f"""\
import aiohttp


async def upload(raw: bytes, token):
    async with aiohttp.ClientSession(auth=aiohttp.BasicAuth("a", "b")) as session:
        r = await session.post("{URL}", params={{"access_token": token}}, data={{"video": raw}})
        return (await r.json())["data"]["share_id"]
""",
        Reason.UNSUPPORTED_CONTEXT,
    )


def test_a_proxy_that_only_the_session_knows_is_refused() -> None:
    refused(
        f"""\
import aiohttp


async def upload(raw: bytes, token):
    headers = {{"Authorization": f"Bearer {{token}}"}}
    async with aiohttp.ClientSession(headers=headers, proxy="http://proxy:3128") as session:
        async with session.post("{URL}", data={{"video": raw}}) as r:
            return (await r.json())["data"]["share_id"]
""",
        Reason.UNKNOWN_SESSION,
    )


def test_a_tuple_as_in_requests_is_refused() -> None:
    refused(
        f"""\
import aiohttp


async def upload(raw: bytes, token):
    async with aiohttp.ClientSession() as session:
        data = {{"video": ("video.mp4", raw, "video/mp4")}}
        async with session.post("{URL}", params={{"access_token": token}}, data=data) as r:
            return (await r.json())["data"]["share_id"]
""",
        Reason.UNKNOWN_VIDEO,
    )


def test_a_form_that_somebody_else_looks_at_is_refused() -> None:
    refused(
        f"""\
import aiohttp


async def upload(raw: bytes, token):
    form = aiohttp.FormData()
    form.add_field("access_token", token)
    form.add_field("video", raw, filename="video.mp4")
    print(form.is_multipart)
    async with aiohttp.ClientSession() as session:
        async with session.post("{URL}", data=form) as r:
            return (await r.json())["data"]["share_id"]
""",
        Reason.UNKNOWN_ARGUMENT,
    )


def test_a_field_that_is_added_sometimes_is_refused() -> None:
    refused(
        f"""\
import aiohttp


async def upload(raw: bytes, token, really):
    form = aiohttp.FormData()
    form.add_field("access_token", token)
    if really:
        form.add_field("video", raw, filename="video.mp4")
    async with aiohttp.ClientSession() as session:
        async with session.post("{URL}", data=form) as r:
            return (await r.json())["data"]["share_id"]
""",
        Reason.UNKNOWN_VIDEO,
    )


def test_a_file_of_unknown_kind_needs_consent() -> None:
    offered(
        f"""\
import aiohttp


async def upload(video, token):
    async with aiohttp.ClientSession() as session:
        async with session.post("{URL}", params={{"access_token": token}}, data={{"video": video}}) as response:
            return (await response.json())["data"]["share_id"]
""",
        """\
import aiohttp
import yarl


async def upload(video, token):
    async with aiohttp.ClientSession() as session:
        video_data = video.read() if hasattr(video, "read") else video
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
                    yarl.URL((await response.json())["data"]["upload_url"], encoded=True),
                    data=video_data,
                    headers={
                        "Content-Range": f"bytes 0-{video_size - 1}/{video_size}",
                        "Content-Type": "video/mp4",
                    },
                ) as upload_response:
                    upload_response.raise_for_status()
            return (await response.json())["data"]["publish_id"]
""",
        Reason.UNKNOWN_VIDEO,
    )
