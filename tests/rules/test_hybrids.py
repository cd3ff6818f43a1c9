"""Programs that mix both APIs, or call what never existed: what is said of them, and what must stay."""

from __future__ import annotations

from checks import offered, project, refused, untouched
from share2post import Fix, Reason

UPLOAD = """\
import requests


def upload(path, token):
    with open(path, "rb") as video:
        answer = requests.post(
            "https://open-api.tiktok.com/share/video/upload/",
            headers={"Authorization": f"Bearer {token}"},
            files={"video": video},
            data={"caption": "hello", "privacy_level": "PUBLIC_TO_EVERYONE"},
        )
    return answer.json()["data"]["share_id"]
"""


def test_dropped_fields_are_named_once_with_the_way_to_keep_them() -> None:
    _, findings = project({"up.py": UPLOAD})
    said = " ".join(finding.message for finding in findings)

    assert said.count("caption, privacy_level: dropped") == 1
    assert said.count("https://developers.tiktok.com/doc/content-posting-api-reference-direct-post") == 1
    assert "scope video.publish, an audited app, the user's consent, no default privacy" in said


def test_a_third_call_stays_and_is_reported_beside_the_upload() -> None:
    code = """\
    import os
    import requests

    BASE = "https://open-api.tiktok.com"


    def upload(path, token, caption):
        headers = {"Authorization": f"Bearer {token}"}
        size = os.path.getsize(path)
        body = {"source_info": {"source": "FILE_UPLOAD", "video_size": size, "chunk_size": size, "total_chunk_count": 1}}
        init = requests.post(f"{BASE}/share/video/upload/", headers=headers, json=body)
        data = init.json()["data"]
        with open(path, "rb") as f:
            requests.put(data["upload_url"], data=f)
        done = requests.post(f"{BASE}/share/video/publish/", headers=headers, json={"publish_id": data["publish_id"]})
        return done.json()
    """
    files, findings = project({"up.py": code}, unsafe=True)
    left = [finding for finding in findings if not finding.fixed]

    assert "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/" in files["up.py"]
    assert 'requests.post(f"{BASE}/share/video/publish/"' in files["up.py"]
    assert [(finding.rule, finding.fix, finding.span.line) for finding in left] == [
        ("S2P001", Fix.MANUAL, 15)
    ]
    assert "is posted by the user, in the app" in left[0].message


def test_each_invented_path_has_advice_of_its_own() -> None:
    code = """\
    import requests

    HOST = "https://open-api.tiktok.com"
    requests.post(HOST + "/share/video/init/")
    requests.get(HOST + "/share/video/status/")
    requests.post(HOST + "/share/video/delete/")
    requests.post(HOST + "/share/video")
    """
    _, findings = project({"up.py": code})
    advice = [finding.message.partition("because ")[2] for finding in findings]

    assert advice[0].startswith(
        "the upload begins with POST https://open.tiktokapis.com/v2/post/publish/inbox/"
    )
    assert advice[1].startswith(
        "the state of an upload comes from POST https://open.tiktokapis.com/v2/post/publish/status/"
    )
    assert advice[2].startswith("no API deletes a video")
    assert advice[3].startswith("there is no API that shares a text")


def test_an_invented_path_behind_a_base_that_is_not_seen() -> None:
    refused(
        """\
        import requests
        from settings import TIKTOK

        requests.post(f"{TIKTOK.base}/share/video/publish/", json={"publish_id": 1})
        """,
        Reason.UNKNOWN_CALL,
    )


def test_routes_of_these_names_are_the_programs_own() -> None:
    untouched(
        """\
        from flask import Flask

        app = Flask("tiktok")


        @app.post("/share/video/publish/")
        def publish():
            return {}
        """
    )


def test_a_query_that_lacks_its_mark_is_reported() -> None:
    refused(
        """\
        import http.client


        def upload(token, video):
            connection = http.client.HTTPSConnection("open-api.tiktok.com")
            connection.request("POST", "/share/video/upload/access_token=" + token, video)
            return connection.getresponse().read()
        """,
        Reason.UNKNOWN_CALL,
    )


PULL = """\
import requests
{imports}

def post(token, {name}):
{lines}    answer = requests.post(
        "https://open-api.tiktok.com/share/video/upload/",
        headers={{"Authorization": f"Bearer {{token}}"}},
        json={{"video_url": {value}}},
    )
    return answer.json()["data"]["share_id"]
"""


def test_a_path_is_nothing_that_tiktok_could_fetch() -> None:
    refused(PULL.format(imports="", name="video_path", lines="", value="video_path"), Reason.VIDEO_URL)
    refused(
        PULL.format(
            imports="import os\n", name="clip", lines="    print(os.path.getsize(clip))\n", value="clip"
        ),
        Reason.VIDEO_URL,
    )
    refused(
        PULL.format(imports="import os\n", name="clip", lines="", value='os.path.join("/data", clip)'),
        Reason.VIDEO_URL,
    )


def test_a_signed_url_has_no_domain_to_verify() -> None:
    lines = '    link = s3.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": key})\n'
    refused(
        PULL.format(imports="from aws import s3\n", name="key", lines=lines, value="link"), Reason.VIDEO_URL
    )


def test_an_init_that_announces_nothing_is_given_its_size() -> None:
    offered(
        """\
        import os
        import requests


        def upload(path, token, open_id):
            answer = requests.post(
                "https://open-api.tiktok.com/share/video/upload/", data={"access_token": token, "open_id": open_id}
            )
            link = answer.json()["data"]["upload_url"]
            with open(path, "rb") as f:
                sent = requests.post(link, files={"video": f})
            return sent.status_code == 200
        """,
        """\
        import os
        import requests


        def upload(path, token, open_id):
            video_size = os.path.getsize(path)
            answer = requests.post(
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
            link = answer.json()["data"]["upload_url"]
            with open(path, "rb") as f:
                video_data = f.read()
                sent = requests.put(
                    link,
                    data=video_data,
                    headers={
                        "Content-Range": f"bytes 0-{video_size - 1}/{video_size}",
                        "Content-Type": "video/mp4",
                    },
                )
            return sent.ok
        """,
        Reason.NEW_STYLE_BODY,
    )


def test_a_parameter_called_settings_is_not_the_module() -> None:
    files = {
        "settings.py": 'API = "https://open-api.tiktok.com"\n',
        "up.py": """\
        import requests
        import settings


        def upload(path, settings):
            with open(path, "rb") as f:
                return requests.post(f"{settings.API}/share/video/upload/", files={"video": f}).ok
        """,
    }
    after, findings = project(files, unsafe=True)

    assert "/share/video/upload/" in after["up.py"]
    assert [finding.reason for finding in findings if finding.path == "up.py"] == [Reason.UNKNOWN_URL]
    assert {finding.fix for finding in findings} == {Fix.MANUAL}


CHUNKS = """\
import os
import requests


def upload(path, token):
    size = os.path.getsize(path)
    answer = requests.post(
        "https://open-api.tiktok.com/share/video/upload/",
        headers={{"Authorization": f"Bearer {{token}}"}},
        json={{"source_info": {{"source": "FILE_UPLOAD", "video_size": size}}}},
    )
    link = answer.json()["data"]["upload_url"]
    with open(path, "rb") as f:
{loop}
"""


def test_a_loop_is_left_where_its_last_chunk_is_not_seen() -> None:
    skipped = """\
        while chunk := f.read(8_000_000):
            if chunk.startswith(b"skip"):
                continue
            requests.put(link, data=chunk)"""
    sometimes = """\
        while chunk := f.read(8_000_000):
            if chunk.strip():
                requests.put(link, data=chunk)"""
    rounded = """\
        for i in range(12):
            chunk = f.read(8_000_000)
            requests.put(link, data=chunk)"""
    changed = """\
        while chunk := f.read(8_000_000):
            chunk = chunk[::-1]
            requests.put(link, data=chunk)"""
    twice = """\
        while chunk := f.read(8_000_000):
            requests.put(link, data=chunk)
            f.seek(0)"""
    header = """\
        kind = f.read(12)
        while chunk := f.read(8_000_000):
            requests.put(link, data=chunk)"""
    reckoned = """\
        n = 8_000_000
        while chunk := f.read(n):
            requests.put(link, data=chunk)
            if len(chunk) < n:
                break"""
    for loop in (skipped, sometimes, rounded, changed, twice, header, reckoned):
        findings = refused(CHUNKS.format(loop=loop), Reason.NEW_STYLE_BODY)

        assert "total_chunk_count = video_size // chunk_size" in findings[0].message


def test_a_chunk_size_that_tiktok_would_refuse_is_replaced() -> None:
    code = CHUNKS.format(
        loop="""\
        while chunk := f.read({size}):
            requests.put(link, data=chunk)"""
    )
    for size, chosen in (
        ("1024 * 1024", "10_000_000"),
        ("64 << 20", "10_000_000"),
        ("8 * 1024 * 1024", "8 * 1024 * 1024"),
        ("20_000_000", "20_000_000"),
    ):
        files, _ = project({"up.py": code.replace("{size}", size)}, unsafe=True)

        assert f"chunk_size = {chosen} if size > 64_000_000 else size" in files["up.py"]
        assert "f.read(chunk_size if size - f.tell() >= 2 * chunk_size else -1)" in files["up.py"]


def test_the_address_of_the_request_is_no_link_made_of_the_id() -> None:
    code = """\
    import requests


    def upload(token, open_id, video):
        print(
            requests.post(
                "https://open-api.tiktok.com/share/video/upload/",
                params={"access_token": token, "open_id": open_id},
                files={"video": open(video, "rb")},
            ).json()["data"]["share_id"]
        )
    """
    _, findings = project({"up.py": code})

    assert {finding.fix for finding in findings} == {Fix.SAFE}
