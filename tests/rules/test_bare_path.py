"""The old API's paths behind a base nobody knows: reported where something around them is TikTok's."""

from __future__ import annotations

import pytest

from checks import project, refused, untouched
from share2post import Reason

OURS = {
    "query": """\
        import requests
        def up(base, path, token):
            r = requests.post(f"{base}/share/video/upload/?access_token={token}", files={"video": open(path, "rb")})
            return r.json()["data"]["share_id"]
        """,
    "attribute": """\
        import requests
        class Client:
            def __init__(self, base):
                self.base = base
            def up(self, path, who):
                url = self.base + "/share/video/upload"
                return requests.post(url, data={"open_id": who}, files={"clip": open(path, "rb")})
        """,
    "session": """\
        class Client:
            def __init__(self, http):
                self.http = http
            def up(self, path, token):
                return self.http.post("/share/video/upload/", params=dict(access_token=token))
        """,
    "part alone": """\
        import requests
        def up(base, path, token):
            headers = {"Authorization": "Bearer " + token}
            return requests.post("%s/share/video/upload/" % base, headers=headers, files={"video": open(path, "rb")})
        """,
    "joined": """\
        from urllib.parse import urljoin
        import requests
        def up(base, path):
            return requests.post(urljoin(base, "/share/video/upload/"), files={"video": open(path, "rb")})
        """,
}

OTHERS = {
    "other parameters": """\
        import requests
        def up(base, path, key):
            return requests.post(f"{base}/share/video/upload/", params={"key": key}, files={"clip": open(path, "rb")})
        """,
    "a known host": """\
        import requests
        def up(path, token):
            return requests.post(f"https://vod.example.com/share/video/upload/?access_token={token}",
                                 files={"video": open(path, "rb")}).json()["share_id"]
        """,
    "a longer path": """\
        import requests
        def up(base, path, token):
            return requests.post(f"{base}/api/share/video/uploads?access_token={token}")
        """,
    "a path in front": """\
        import requests
        def up(base, token):
            return requests.post(f"{base}/v1/share/video/upload/?access_token={token}")
        """,
    "a route": """\
        @app.post("/share/video/upload/")
        def upload(access_token, video):
            return {"share_id": store(video)}
        """,
    "a test of a route": """\
        @app.post("/share/video/upload/")
        def upload(access_token, video):
            return {"share_id": store(video)}

        def test_it(base, client):
            client.post(f"{base}/share/video/upload/", data={"access_token": "x"}, files={"video": b""})
        """,
    "parameters elsewhere": """\
        def login(code):
            return {"access_token": code}

        def up(base, path):
            return base + "/share/video/upload/" + path
        """,
    "an invented path alone": """\
        import requests
        def status(base, token):
            return requests.post(base + "/share/video/status/", params={"access_token": token})
        """,
}


@pytest.mark.parametrize("code", OURS.values(), ids=OURS)
def test_a_path_with_tiktoks_words_around_it_is_reported(code: str) -> None:
    refused(code, Reason.UNKNOWN_CALL if code in (OURS["session"],) else Reason.UNKNOWN_URL)


@pytest.mark.parametrize("code", OTHERS.values(), ids=OTHERS)
def test_a_path_of_somebody_else_is_no_finding(code: str) -> None:
    untouched(code)


@pytest.mark.parametrize("path", ["publish", "status", "init", "query"])
def test_an_invented_path_beside_the_upload_is_reported(path: str) -> None:
    code = (
        OURS["attribute"].rstrip(" ")
        + f"""\
            def more(self, clip):
                return requests.post(self.base + "/share/video/{path}/", json={{"share_id": clip}}).json()
        """
    )
    findings = refused(code, Reason.UNKNOWN_URL)

    assert any("never existed" in finding.message for finding in findings)


def test_an_invented_path_through_a_wrapper_is_reported_before_and_after() -> None:
    code = """\
        import requests
        def api(endpoint, payload):
            url = f"https://open-api.tiktok.com{endpoint}"
            return requests.post(url, json=payload).json()
        print(api("/share/video/publish/", {"a": 1}))
        print(api("/share/video/upload/", {"video_url": "https://x.example.com/a.mp4", "access_token": "t"}))
        """
    after, findings = project({"module.py": code}, unsafe=True)
    _, again = project(after, unsafe=True)

    assert "inbox/video/init" in after["module.py"]
    assert [f.message for f in again if "never existed" in f.message]
    assert [f.message for f in findings if "never existed" in f.message]
