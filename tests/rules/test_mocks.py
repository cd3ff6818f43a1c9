"""Tests of the user's own: what answers for an upload moves with it, or the upload waits (tests/test_suites.py runs some)."""

from __future__ import annotations

from typing import Final

import pytest

from checks import project
from share2post import Reason

CLIENT: Final = """\
import requests

URL = "https://open-api.tiktok.com/share/video/upload/"


class Refused(Exception):
    pass


def upload(data, token, open_id):
    response = requests.post(
        URL, params={"access_token": token, "open_id": open_id}, files={"video": ("v.mp4", data, "video/mp4")}
    )
    result = response.json()["data"]
    if result["error_code"] != 0:
        raise Refused(result["error_msg"])
    return result["share_id"]


def ping():
    return requests.post("https://example.org/ping").json()["data"]["share_id"]
"""
OK: Final = '{"data": {"share_id": "v1", "error_code": 0}}'
SECOND: Final = "https://open-upload.tiktokapis.com/video/?upload_id=67890&upload_token=Xza123"

RESPONSES: Final = f"""\
import responses
import client

@responses.activate
def test_upload():
    responses.add(responses.POST, client.URL, json={OK})
    assert client.upload(b"x", "t", "o") == "v1"
"""


def moved(test: str, *, path: str = "test_client.py", **files: str) -> str:
    """The upload moves as safe, and its test with it; the test afterwards."""
    after, findings = project({"client.py": CLIENT, path: test} | files)

    assert "/v2/post/publish/inbox/video/init/" in after["client.py"]
    assert all(f.fixed for f in findings), [f.message for f in findings if not f.fixed]
    return after[path]


def waits(test: str, because: str) -> None:
    """The upload waits for consent, since this test would fail; neither file is changed."""
    files = {"client.py": CLIENT, "test_client.py": test}
    after, findings = project(files)
    reasons = {f.reason for f in findings if f.path == "client.py"}
    said = " ".join(f.message for f in findings if f.path == "client.py")

    assert after == files
    assert reasons == {Reason.MOCKED}
    assert because in said and "test_client.py:" in said


def test_one_answer_becomes_two() -> None:
    after = moved(RESPONSES)

    assert '"publish_id": "v1"' in after
    assert '"error": {"code": "ok", "message": "", "log_id": ""}' in after
    assert f'responses.PUT,\n        "{SECOND}",\n        status=201,' in after


def test_a_refusal_stays_one_answer_with_its_status() -> None:
    refusal = '{"data": {"error_code": 20000, "error_msg": "no"}}, status=401'
    after = moved(RESPONSES.replace(OK, refusal))

    assert '"error": {"code": "access_token_invalid", "message": "no", "log_id": ""}' in after
    assert "status=401" in after and "PUT" not in after


def test_the_requests_are_counted_anew() -> None:
    after = moved(
        RESPONSES + "    assert len(responses.calls) == 1\n    assert responses.calls[-1].request.method\n"
    )

    assert "len(responses.calls) == 2" in after
    assert "responses.calls[-2].request.method" in after


def test_an_answer_that_is_read_again() -> None:
    test = RESPONSES.replace("json=", "json=ANSWER)  # ").replace('== "v1"', '== ANSWER["data"]["share_id"]')
    after = moved(f"ANSWER = {OK}\n{test}")

    assert 'ANSWER["data"]["publish_id"]' in after


def test_comments_in_an_answer_stay() -> None:
    test = RESPONSES.replace(
        OK, '{\n        "data": {"share_id": "v1", "error_code": 0},  # as documented\n    }'
    )

    assert "    # as documented\n    responses.add(" in moved(test)


def test_an_answer_for_another_host_stays() -> None:
    other = (
        '    responses.add(responses.POST, "https://example.org/ping", json={"data": {"share_id": "p"}})\n'
    )
    test = RESPONSES.replace("def test_upload():\n", f"def test_upload():\n{other}    client.ping()\n")

    assert other in moved(test)


def test_a_client_patched_for_another_function_stays() -> None:
    test = (
        "from unittest.mock import patch\nimport client\n\n"
        "def test_ping():\n"
        '    with patch("client.requests.post") as post:\n'
        '        post.return_value.json.return_value = {"data": {"share_id": "p"}}\n'
        '        assert client.ping() == "p"\n'
        '    post.assert_called_once_with("https://example.org/ping")\n'
    )

    assert moved(test) == test


def test_a_wrapper_patched_whole_stays() -> None:
    test = (
        "from unittest.mock import patch\nimport client\n\n"
        'def test_it():\n    with patch("client.upload", return_value="v9"):\n'
        '        assert client.upload(b"x", "t", "o") == "v9"\n'
    )

    assert moved(test) == test


def test_a_fixture_used_without_an_import() -> None:
    conftest = (
        "import pytest, responses, client\n\n@pytest.fixture\ndef api():\n"
        f"    with responses.RequestsMock() as rsps:\n        rsps.post(client.URL, json={OK})\n        yield rsps\n\n"
        '@pytest.fixture\ndef send():\n    return lambda: client.upload(b"x", "t", "o")\n'
    )
    test = "def test_a(api, send):\n    send()\n    assert len(api.calls) == 1\n"

    assert "len(api.calls) == 2" in moved(test, path="tests/test_a.py", **{"conftest.py": conftest})


def test_a_patch_in_a_conftest() -> None:
    conftest = (
        "import pytest\nfrom unittest.mock import patch\n\n@pytest.fixture(autouse=True)\ndef no_tiktok():\n"
        '    with patch("client.requests.post") as post:\n'
        f"        post.return_value.json.return_value = {OK}\n        yield post\n"
    )
    test = 'import client\n\ndef test_a():\n    assert client.upload(b"x", "t", "o") == "v1"\n'
    after, _ = project({"client.py": CLIENT, "conftest.py": conftest, "test_a.py": test})

    assert 'as post, patch("client.requests.put"):' in after["conftest.py"]


def test_a_client_patched_whole_needs_no_second_patch() -> None:
    test = (
        'from unittest.mock import patch\nimport client\n\n@patch("client.requests")\ndef test_a(req):\n'
        f"    req.post.return_value.json.return_value = {OK}\n"
        '    assert client.upload(b"x", "t", "o") == "v1"\n'
        '    assert req.post.call_args[1]["params"] == {"access_token": "t", "open_id": "o"}\n'
    )
    after = moved(test)

    assert 'req.post.call_args[1]["headers"]["Authorization"] == "Bearer t"' in after
    assert ".put" not in after


@pytest.mark.parametrize(
    ("test", "because"),
    [
        (RESPONSES.replace('"error_code": 0', '"error_code": 20016, "error_msg": "x"'), "has no proven counterpart"),
        (RESPONSES.replace('"error_code": 0', '"error_code": code'), "cannot be worked out"),
        (RESPONSES.replace('{"share_id": "v1", "error_code": 0}', "{}"), "cannot be worked out"),
        (RESPONSES.replace("responses.add(", "responses.add_callback(").replace("json=", "callback="), "test"),
        (RESPONSES + "    assert [c.request.url for c in responses.calls]\n", "in a way that is not known"),
        (RESPONSES.replace("client.URL", 're.compile("open-api.tiktok.com")').replace("import c", "import re, c"), "test"),
        (RESPONSES.replace("@responses.activate", '@vcr.use_cassette("x.yaml")'), "recording"),
        (RESPONSES.replace("responses.add", "x = 1; responses.add"), "stands inside another expression"),
    ],
    ids=["number", "variable", "empty", "callback", "requests", "pattern", "cassette", "line"],
)  # fmt: skip
def test_what_cannot_be_rewritten_makes_the_upload_wait(test: str, because: str) -> None:
    waits(test, because)


def test_a_stand_in_with_the_old_signature_makes_the_upload_wait() -> None:
    waits(
        f"import client\n\nclass R:\n    ok = True\n    def json(self): return {OK}\n\n"
        "def test_a(monkeypatch):\n"
        '    monkeypatch.setattr(client.requests, "post", lambda url, params, files: R())\n'
        '    assert client.upload(b"x", "t", "o") == "v1"\n',
        "takes the arguments of the old request",
    )


def test_a_consent_moves_the_upload_and_leaves_the_test() -> None:
    test = RESPONSES.replace('"error_code": 0', '"error_code": 20016, "error_msg": "x"')
    after, findings = project({"client.py": CLIENT, "test_client.py": test}, unsafe=True)

    assert "/v2/post/publish/inbox/video/init/" in after["client.py"]
    assert after["test_client.py"] == test
    assert {f.path for f in findings if not f.fixed} == {"client.py", "test_client.py"}


def test_a_constant_that_a_test_compares_stays_behind() -> None:
    test = f'{RESPONSES}\n\ndef test_constant():\n    assert client.URL == "https://open-api.tiktok.com/share/video/upload/"\n'
    after, _ = project({"client.py": CLIENT, "test_client.py": test})

    assert 'URL = "https://open-api.tiktok.com/share/video/upload/"' in after["client.py"]
    assert "/init/" in after["client.py"]
    assert "client.URL" in after["test_client.py"].partition("def test_constant")[2]


def test_a_test_of_the_old_name_is_none_of_the_uploads() -> None:
    legacy = 'def is_retired(url):\n    return "open-api." in url\n'
    test = "from legacy import is_retired\n\n"
    test += 'def test_it():\n    assert is_retired("https://open-api.tiktok.com/share/video/upload/")\n'
    after, findings = project({"client.py": CLIENT, "legacy.py": legacy, "test_legacy.py": test})

    assert "/init/" in after["client.py"]
    assert after["test_legacy.py"] == test
    assert [f.path for f in findings if not f.fixed] == ["test_legacy.py"]


def test_the_test_of_an_upload_that_is_left_is_left() -> None:
    client = CLIENT.replace("files={", "**EXTRA, files={").replace("URL = ", "EXTRA = load()\n\nURL = ")
    after, findings = project({"client.py": client, "test_client.py": RESPONSES})
    said = [f.message for f in findings if f.path == "test_client.py"]

    assert after == {"client.py": client, "test_client.py": RESPONSES}
    assert len(said) == 1 and "left with its site at client.py:" in said[0]


def test_a_mock_for_two_uploads_of_which_one_is_left() -> None:
    other = CLIENT.replace("def upload", "def send").replace("files={", "**EXTRA, files={")
    test = RESPONSES.replace("import client", "import client, other") + '    other.send(b"x", "t", "o")\n'
    files = {"client.py": CLIENT, "other.py": f"EXTRA = load()\n{other}", "test_client.py": test}
    after, findings = project(files)

    assert after == files
    assert {f.reason for f in findings if f.path == "client.py"} == {Reason.MOCKED}


def test_a_mock_for_two_uploads_moves_with_both() -> None:
    other = CLIENT.replace("def upload", "def send")
    test = RESPONSES.replace("import client", "import client, other") + '    other.send(b"x", "t", "o")\n'
    test += "    assert len(responses.calls) == 2\n"
    after, findings = project({"client.py": CLIENT, "other.py": other, "test_client.py": test})

    assert all(f.fixed for f in findings)
    assert "/init/" in after["client.py"] and "/init/" in after["other.py"]
    assert "len(responses.calls) == 4" in after["test_client.py"]


def test_windows_newlines_stay() -> None:
    after, _ = project({"client.py": CLIENT, "test_client.py": RESPONSES.replace("\n", "\r\n")})

    assert "publish_id" in after["test_client.py"]
    assert "\n" not in after["test_client.py"].replace("\r\n", "")


PATCHED: Final = f"""\
from unittest.mock import patch
import client, other

def test_both():
    with patch("requests.post") as post:
        post.return_value.json.return_value = {OK}
        assert client.upload(b"x", "t", "o") == other.send(b"x", "t", "o") == "v1"
    assert post.call_count == 2
"""


def test_a_patch_for_two_uploads_moves_with_both() -> None:
    other = CLIENT.replace("def upload", "def send")
    after, findings = project({"client.py": CLIENT, "other.py": other, "test_both.py": PATCHED})

    assert all(f.fixed for f in findings)
    assert after["test_both.py"].count('patch("requests.put")') == 1
    assert "call_count == 2" in after["test_both.py"]


def test_a_patch_for_two_uploads_of_which_one_is_left() -> None:
    other = "EXTRA = load()\n" + CLIENT.replace("def upload", "def send").replace(
        "files={", "**EXTRA, files={"
    )
    files = {"client.py": CLIENT, "other.py": other, "test_both.py": PATCHED}
    after, findings = project(files)

    assert after == files
    assert {f.reason for f in findings if f.path == "client.py"} == {Reason.MOCKED}
