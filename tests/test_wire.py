"""The local TikTok itself: it serves every client that is right and catches each one that is wrong."""

from __future__ import annotations

import pytest

from wire import NEW_SCENARIOS, OLD_SCENARIOS, OPEN_ID, TOKEN, VIDEO, Run, Scenario, run_program

ENV = {"TOKEN": "{token}", "OPEN_ID": "{open_id}"}

OLD = """\
import os
import requests

credentials = {"access_token": os.environ["TOKEN"], "open_id": os.environ["OPEN_ID"]}
with open("video.mp4", "rb") as video:
    response = requests.post(
        "https://open-api.tiktok.com/share/video/upload/",
        params=credentials,
        files={"video": video},
    )
print(response.status_code, response.json()["data"].get("share_id"), response.json()["data"]["error_code"])
"""

NEW = """\
import os
import requests

token = os.environ["TOKEN"]
data = open("video.mp4", "rb").read()
size = len(data)
response = requests.post(
    "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
    headers={"Authorization": "Bearer " + token, "Content-Type": "application/json; charset=utf-8"},
    json={"source_info": {
        "source": "FILE_UPLOAD", "video_size": size, "chunk_size": size, "total_chunk_count": 1,
    }},
)
print(response.status_code, response.json()["error"]["code"])
if response.status_code == 200:
    url = response.json()["data"]["upload_url"]
    upload = requests.put(
        url,
        data=data,
        headers={"Content-Type": "video/mp4", "Content-Range": f"bytes 0-{size - 1}/{size}"},
    )
    print(upload.status_code, len(upload.content))
"""


def old(program: str = OLD, **scenario: object) -> Run:
    """Run a program against the retired API."""
    return run_program(program, Scenario("old", **scenario), env=ENV)  # type: ignore[arg-type]


def new(program: str = NEW, **scenario: object) -> Run:
    """Run a program against the Content Posting API."""
    return run_program(program, Scenario("new", **scenario), env=ENV)  # type: ignore[arg-type]


def changed(program: str, *changes: tuple[str, str]) -> str:
    """A program with something wrong in it."""
    for before, after in changes:
        assert before in program
        program = program.replace(before, after)
    return program


def test_an_upload_to_the_old_api() -> None:
    run = old()

    assert run.violations == ()
    assert run.stdout == "200 v_inbox_file~v2.708812249675867930 0\n"
    assert run.videos == (VIDEO,)
    assert run.tokens == (TOKEN,)
    assert [exchange.kind for exchange in run.exchanges] == ["upload"]


def test_an_upload_to_the_new_api() -> None:
    run = new()

    assert run.violations == ()
    assert run.stdout == "200 ok\n201 0\n"
    assert run.videos == (VIDEO,)
    assert run.tokens == (TOKEN,)
    assert run.unfinished == 0
    assert [exchange.kind for exchange in run.exchanges] == ["init", "put"]


def test_the_old_api_works_without_the_trailing_slash() -> None:
    assert old(changed(OLD, ("upload/", "upload"))).violations == ()


@pytest.mark.parametrize(
    ("answer", "status"), [("refused", 401), ("scope", 200), ("invalid", 200), ("down", 500)]
)
def test_the_old_api_refuses(answer: str, status: int) -> None:
    run = old(answers=(answer,))

    assert run.violations == ()
    assert run.stdout.startswith(f"{status} None ")
    assert run.videos == ()


@pytest.mark.parametrize("answer", [name for name in NEW_SCENARIOS if name != "gateway"])
def test_the_new_api_refuses(answer: str) -> None:
    run = new(answers=(answer,))

    assert run.violations == ()
    assert run.stdout.startswith(f"{NEW_SCENARIOS[answer].status} ")
    assert run.videos == ()


def test_a_gateway_may_answer_without_json() -> None:
    assert "JSONDecodeError" in old(answers=("gateway",)).stderr
    assert "JSONDecodeError" in new(answers=("gateway",)).stderr


def test_refusals_have_the_same_names_and_texts_on_both_sides() -> None:
    for name, answer in OLD_SCENARIOS.items():
        assert NEW_SCENARIOS[name].status == answer.status


@pytest.mark.parametrize(
    ("answer", "status"), [("bad", 400), ("expired", 403), ("missing", 404), ("range", 416), ("down", 500)]
)
def test_the_upload_fails(answer: str, status: int) -> None:
    run = new(puts=(answer,))

    assert run.violations == ()
    assert run.stdout == f"200 ok\n{status} 0\n"
    assert run.videos == ()
    assert run.unfinished == 1


def test_answers_come_in_order_and_the_last_repeats() -> None:
    program = OLD + OLD + OLD

    run = old(program, answers=("down", "success"))

    assert [exchange.answer.status for exchange in run.exchanges] == [500, 200, 200]
    assert run.stdout.count("v_inbox") == 2


def test_a_slow_answer_meets_the_client_s_timeout() -> None:
    run = old(changed(OLD, ("params=", "timeout=0.3, params=")), delay=1.0)

    assert "ReadTimeout" in run.stderr


def test_other_requests_are_served_when_the_scenario_says_so() -> None:
    program = 'import requests\nprint(requests.get("https://api.example.com/v1/me?x=1").json())\n'

    run = old(program, others={"GET api.example.com/v1/me": {"name": "me"}})

    assert run.violations == ()
    assert run.stdout == "{'name': 'me'}\n"
    assert run.others == (("GET", "api.example.com", "/v1/me?x=1"),)


@pytest.mark.parametrize("api", ["old", "new"])
def test_other_requests_are_strays_otherwise(api: str) -> None:
    run = {"old": old, "new": new}[api](
        'import requests\nprint(requests.get("https://api.example.com/v1/me"))\n'
    )

    assert run.violations == ("nobody serves GET https://api.example.com/v1/me",)
    assert run.stdout == "<Response [404]>\n"


def test_the_other_generation_is_a_stray() -> None:
    assert old(NEW).violations[0].startswith("nobody serves POST https://open.tiktokapis.com/v2/")
    assert new(OLD).violations[0].startswith("nobody serves POST https://open-api.tiktok.com/share/")


@pytest.mark.parametrize("url", ["http://open-api.tiktok.com/", "https://10.1.2.3/"])
def test_there_is_no_other_network(url: str) -> None:
    run = old(f"import requests\nrequests.get({url!r})\n")

    assert run.returncode == 1
    assert len(run.violations) == 1


def test_a_program_without_a_scenario_has_no_network() -> None:
    run = run_program(OLD, None, env=ENV)

    assert "ConnectionError" in run.stderr
    assert run.violations == ("the program looked up 'open-api.tiktok.com' port 443",)


def test_certificates_are_checked() -> None:
    program = changed(OLD, ("import requests\n", "import requests\nos.environ.pop('REQUESTS_CA_BUNDLE')\n"))
    run = old(changed(program, ("import requests\n", "import requests\nos.environ.pop('CURL_CA_BUNDLE')\n")))

    assert "CERTIFICATE_VERIFY_FAILED" in run.stderr


def test_files_texts_arguments_and_environment_reach_the_program() -> None:
    program = "import os, sys; print(sys.argv[1:], os.environ['X'], open('a/t.json').read(), len(open('b.mp4','rb').read()))"

    run = run_program(
        program,
        None,
        env={"X": "{open_id}"},
        argv=["--t", "{token}"],
        files={"b.mp4": 99},
        texts={"a/t.json": "{token}"},
    )

    assert run.stdout == f"['--t', '{TOKEN}'] {OPEN_ID} {TOKEN} 99\n"


# -- the old API's places for a token ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("form", ("params=credentials", "data=credentials")),
        ("bearer", ("params=credentials", "headers={'Authorization': 'Bearer ' + os.environ['TOKEN']}")),
        ("access-token", ("params=credentials", "headers={'access-token': os.environ['TOKEN']}")),
    ],
)
def test_the_old_api_takes_a_token_elsewhere_only_when_told(place: str, change: tuple[str, str]) -> None:
    program = changed(OLD, change)
    open_id = OPEN_ID if place == "form" else None

    assert old(program, token_in=(place,), open_id=open_id).violations == ()
    assert f"the upload's {place} holds a token" in old(program, open_id=open_id).violations


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("requests.post", "requests.put"), "the upload was a PUT, not a POST"),
        (('os.environ["TOKEN"]', '"wrong"'), "the upload's query holds the wrong token: 'wrong'"),
        ((', "open_id": os.environ["OPEN_ID"]', ""), "the upload's open_id is []"),
        (('"open_id":', '"openid":'), "the upload's query holds 'openid'"),
        (('{"video": video}', '{"file": video}'), "the form holds a part 'file'"),
        (('{"video": video}', '{"video": (None, video)}'), "the part 'video' has no filename"),
        (('{"video": video}', '{"video": ("v.mp4", b"")}'), "the part 'video' is empty"),
        (("files={", "data={'title': 't'}, files={"), "the form holds a part 'title'"),
        (('files={"video": video}', "data=video"), "the upload is no form: Content-Type None is not"),
        (
            ("files=", "headers={'Content-Type': 'multipart/form-data'}, files="),
            "the upload is no form: Content-Type 'm",
        ),
    ],
)
def test_the_old_api_notices(change: tuple[str, str], sentence: str) -> None:
    run = old(changed(OLD, change))

    assert any(violation.startswith(sentence) for violation in run.violations), run.violations
    assert run.videos == ()


def test_the_old_api_puts_up_with_fields_it_was_told_of() -> None:
    run = old(changed(OLD, ("files={", "data={'title': 't'}, files={")), fields=("title",))

    assert run.violations == ()


# -- everything a client of the new API can get wrong ----------------------------------------------------------------

INIT_CHANGES = [
    (("inbox/video/init/", "inbox/video/init"), "nobody serves POST"),
    (("/inbox/video/init/", "/video/init/"), "nobody serves POST"),
    (("requests.post", "requests.put"), "the init was a PUT, not a POST"),
    (("video/init/", "video/init/?access_token=x"), "the init has a query: 'access_token=x'"),
    (
        ("    json=", "    params={'open_id': os.environ['OPEN_ID']}, json="),
        "the init's URL holds the open_id",
    ),
    (("    json=", "    params={'access_token': token}, json="), "the init's URL holds the token"),
    (('"Bearer " + token', "token"), "the init's Authorization is"),
    (('"Bearer " + token', '"bearer " + token'), "the init's Authorization is"),
    (('"Bearer " + token', '"Bearer " + token.replace("!", "%21")'), "the init's Authorization is"),
    (('"Authorization": "Bearer " + token, ', ""), "the init's Authorization is []"),
    (
        ('"Authorization"', '"access-token": token, "Authorization"'),
        "the init's access-token holds the token",
    ),
    (("json=", "cookies={'t': token}, json="), "the init's Cookie holds the token"),
    (("; charset=utf-8", ""), "the init's Content-Type is ['application/json']"),
    (('json={"source_info"', 'data={"source_info"'), "the init's body is no JSON"),
    (('"source": "FILE_UPLOAD"', '"source": "FILE"'), "the init's source_info is"),
    (('"video_size": size', '"video_size": float(size)'), "the init's video_size is 70001.0, not an integer"),
    (('"video_size": size', '"video_size": str(size)'), "the init's video_size is '70001', not an integer"),
    (
        ('"total_chunk_count": 1', '"total_chunk_count": True'),
        "the init's total_chunk_count is True, not an integer",
    ),
    (('"total_chunk_count": 1', '"total_chunk_count": 2'), "the init asks for 2 chunks of 70001"),
    (('"chunk_size": size', '"chunk_size": 10000000'), "the init asks for 1 chunks of 10000000"),
    (('"chunk_size": size, ', ""), "the init's source_info is"),
    (('"total_chunk_count": 1,', '"total_chunk_count": 1, "video_url": "x",'), "the init's source_info is"),
    (
        ('json={"source_info"', 'json={"open_id": os.environ["OPEN_ID"], "source_info"'),
        "the init's body holds the open_id",
    ),
    (
        ('json={"source_info"', 'json={"post_info": {}, "source_info"'),
        "the init's body is not just source_info",
    ),
    (("size = len(data)", "size = 0"), "the init's video_size is 0"),
]


@pytest.mark.parametrize(("change", "sentence"), INIT_CHANGES, ids=[change[1] for change, _ in INIT_CHANGES])
def test_the_init_notices(change: tuple[str, str], sentence: str) -> None:
    run = new(changed(NEW, change))

    assert any(violation.startswith(sentence) for violation in run.violations), run.violations
    assert run.videos == ()


PUT_CHANGES = [
    (("requests.put", "requests.post"), "the upload was a POST, not a PUT"),
    (("data=data,", "files={'video': data},"), "the PUT's Content-Length is"),
    (("data=data,", "data=iter([data]),"), "the PUT has a Transfer-Encoding"),
    (("data=data,", "data=data[:-1],"), "the PUT brought 70000 bytes, announced were 70001"),
    (("data=data,", "data=data, params={'open_id': os.environ['OPEN_ID']},"), "the PUT's URL holds the open_id"),
    (("data=data,", "data=data, params={'access_token': token},"), "the PUT's URL holds the token"),
    (("data=data,", "data=data, params={'a': 'b'},"), "the PUT's URL is not one that was given out"),
    (("data=data,", "data=data, auth=('user', 'password'),"), "the PUT has a header Authorization"),
    (("data=data,", "data=data, cookies={'t': token},"), "the PUT's Cookie holds the token"),
    (('"Content-Type": "video/mp4", ', ""), "the PUT's Content-Type is []"),
    (('"video/mp4"', '"video/x-matroska"'), "the PUT's Content-Type is ['video/x-matroska']"),
    (("bytes 0-{size - 1}/{size}", "bytes 0-{size}/{size}"), "the PUT's Content-Range is"),
    ((', "Content-Range": f"bytes 0-{size - 1}/{size}"', ""), "the PUT's Content-Range is []"),
    (('"Content-Type": "video/mp4"', '"Authorization": "Bearer " + token, "Content-Type": "video/mp4"'), "the PUT's Auth"),
    (("upload = requests.put(\n        url", "upload = requests.put(\n        requests.utils.unquote(url)"), "the PUT's URL"),
    (("upload = requests.put(\n        url", "upload = requests.put(\n        url.partition('?')[0]"), "the PUT's URL"),
    (("upload = ", "requests.put(url, data=data, headers={'Content-Type': 'video/mp4', 'Content-Range': f'bytes 0-{size - 1}/{size}'})\n    upload = "), "the PUT came again"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "sentence"), PUT_CHANGES, ids=[change[1][:60] for change, _ in PUT_CHANGES]
)
def test_the_put_notices(change: tuple[str, str], sentence: str) -> None:
    run = new(changed(NEW, change))

    assert any(violation.startswith(sentence) for violation in run.violations), run.violations


def test_a_session_that_leaks_is_noticed() -> None:
    program = changed(
        NEW,
        (
            "response = requests.post",
            "s = requests.Session()\ns.headers['Authorization'] = 'Bearer ' + token\nresponse = s.post",
        ),
        ("requests.put", "s.put"),
    )

    assert "the PUT has a header Authorization" in new(program).violations


def test_a_url_may_be_pulled() -> None:
    program = changed(
        NEW,
        (
            '"FILE_UPLOAD", "video_size": size, "chunk_size": size, "total_chunk_count": 1,',
            '"PULL_FROM_URL", "video_url": "https://example.com/v.mp4",',
        ),
    )

    run = new(program)

    assert run.violations == ()
    assert "KeyError: 'upload_url'" in run.stderr


# -- every client gets there ------------------------------------------------------------------------------------------

PRELUDE = """\
import json, os

URL = "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/"
INIT = {"Authorization": "Bearer " + os.environ["TOKEN"], "Content-Type": "application/json; charset=utf-8"}
VIDEO = open("video.mp4", "rb").read()
SIZE = len(VIDEO)
INFO = {"source": "FILE_UPLOAD", "video_size": SIZE, "chunk_size": SIZE, "total_chunk_count": 1}
BODY = json.dumps({"source_info": INFO}).encode()
PUT = {"Content-Type": "video/mp4", "Content-Range": f"bytes 0-{SIZE - 1}/{SIZE}"}
"""

CLIENTS = {
    "requests": """
import requests
with requests.Session() as s:
    r = s.post(URL, data=BODY, headers=INIT)
    print(s.put(r.json()["data"]["upload_url"], data=VIDEO, headers=PUT).status_code)
""",
    "niquests": """
import niquests
with niquests.Session() as s:
    r = s.post(URL, data=BODY, headers=INIT)
    print(s.put(r.json()["data"]["upload_url"], data=VIDEO, headers=PUT).status_code)
""",
    "niquests async": """
import asyncio, niquests
async def main():
    async with niquests.AsyncSession() as s:
        r = await s.post(URL, data=BODY, headers=INIT)
        print((await s.put(r.json()["data"]["upload_url"], data=VIDEO, headers=PUT)).status_code)
asyncio.run(main())
""",
    "httpx": """
import httpx
with httpx.Client() as client:
    r = client.post(URL, content=BODY, headers=INIT)
    print(client.put(r.json()["data"]["upload_url"], content=VIDEO, headers=PUT).status_code)
""",
    "httpx async": """
import asyncio, httpx
async def main():
    async with httpx.AsyncClient() as client:
        r = await client.post(URL, content=BODY, headers=INIT)
        print((await client.put(r.json()["data"]["upload_url"], content=VIDEO, headers=PUT)).status_code)
asyncio.run(main())
""",
    "aiohttp": """
import aiohttp, asyncio, yarl
async def main():
    async with aiohttp.ClientSession() as session:
        async with session.post(URL, data=BODY, headers=INIT) as r:
            url = (await r.json())["data"]["upload_url"]
        async with session.put(yarl.URL(url, encoded=True), data=VIDEO, headers=PUT) as r:
            print(r.status)
asyncio.run(main())
""",
    "urllib": """
import urllib.request
with urllib.request.urlopen(urllib.request.Request(URL, data=BODY, headers=INIT)) as r:
    url = json.load(r)["data"]["upload_url"]
with urllib.request.urlopen(urllib.request.Request(url, data=VIDEO, headers=PUT, method="PUT")) as r:
    print(r.status)
""",
    "urllib3": """
import urllib3
http = urllib3.PoolManager()
r = http.request("POST", URL, body=BODY, headers=INIT)
print(http.request("PUT", json.loads(r.data)["data"]["upload_url"], body=VIDEO, headers=PUT).status)
""",
    "http.client": """
import http.client
c = http.client.HTTPSConnection("open.tiktokapis.com")
c.request("POST", URL.removeprefix("https://open.tiktokapis.com"), BODY, INIT)
host, _, target = json.load(c.getresponse())["data"]["upload_url"].removeprefix("https://").partition("/")
c = http.client.HTTPSConnection(host)
c.request("PUT", "/" + target, VIDEO, PUT)
print(c.getresponse().status)
""",
    "tornado": """
from tornado.httpclient import AsyncHTTPClient
import asyncio
async def main():
    client = AsyncHTTPClient()
    r = await client.fetch(URL, method="POST", body=BODY, headers=INIT)
    print((await client.fetch(json.loads(r.body)["data"]["upload_url"], method="PUT", body=VIDEO, headers=PUT)).code)
asyncio.run(main())
""",
}


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_gets_there(client: str) -> None:
    pytest.importorskip(client.partition(" ")[0])
    run = new(PRELUDE + CLIENTS[client])

    assert run.violations == (), run.stderr
    assert run.stdout == "201\n", run.stderr
    assert run.videos == (VIDEO,)


def test_a_client_that_normalises_the_upload_url_is_noticed() -> None:
    pytest.importorskip("aiohttp")
    run = new(PRELUDE + changed(CLIENTS["aiohttp"], ("yarl.URL(url, encoded=True)", "url")))

    assert run.violations[0].startswith("the PUT's URL is not one that was given out")
