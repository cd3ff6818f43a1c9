"""The headers of one upload are edited where they are made; anybody else's are left as they are."""

from __future__ import annotations

from checks import project

UPLOAD = """
    import requests

    def upload(path, token{parameters}):
        {made}
        with open(path, "rb") as video:
            response = requests.post(
                "https://open-api.tiktok.com/share/video/upload/",
                params={{"access_token": token}}, headers=headers, files={{"video": video}},
            )
        {after}
        return response.json()["data"]["share_id"]
"""


def rewritten(made: str, after: str = "", parameters: str = "") -> str:
    code = UPLOAD.format(made=made, after=after or "response.raise_for_status()", parameters=parameters)
    files, findings = project({"publish.py": code})

    assert all(finding.fixed for finding in findings)
    return files["publish.py"]


def test_an_entry_is_replaced_and_one_added() -> None:
    after = rewritten('headers = {"User-Agent": "bot", "Content-Type": "multipart/form-data"}')

    assert (
        '"Content-Type": "application/json; charset=utf-8",\n        "Authorization": f"Bearer {token}",\n'
        in after
    )
    assert "headers=headers," in after


def test_a_json_type_that_is_right_already_stays() -> None:
    after = rewritten('headers = {"content-type": "application/json; charset=UTF-8"}')

    assert '"content-type": "application/json; charset=UTF-8",\n' in after
    assert "headers=headers," in after


def test_headers_that_are_logged_afterwards_stay() -> None:
    after = rewritten('headers = {"User-Agent": "bot"}', "print(headers)")

    assert 'headers = {"User-Agent": "bot"}\n' in after
    assert "**headers,\n" in after


def test_headers_that_are_handed_in_stay() -> None:
    after = rewritten("print(path)", parameters=", headers")

    assert "**(headers or {}),\n" in after


def test_a_token_that_changes_in_between_is_put_in_at_the_call() -> None:
    after = rewritten('headers = {"User-Agent": "bot"}\n        token = token.strip()')

    assert 'headers = {"User-Agent": "bot"}\n' in after
    assert '**headers,\n                "Authorization": f"Bearer {token}",\n' in after


def test_headers_of_a_module_stay_since_others_may_import_them() -> None:
    code = """
        import requests

        HEADERS = {"User-Agent": "bot", "content-type": "application/octet-stream"}

        def upload(video: bytes, token):
            url = f"https://open-api.tiktok.com/share/video/upload/?access_token={token}"
            return requests.post(url, headers=HEADERS, files={"video": video}).json()["data"]["share_id"]
    """
    files, _ = project({"publish.py": code})

    assert (
        'HEADERS = {"User-Agent": "bot", "content-type": "application/octet-stream"}\n' in files["publish.py"]
    )
    assert (
        '**HEADERS,\n            "Authorization": f"Bearer {token}",\n            "content-type": '
        in files["publish.py"]
    )


def test_a_length_of_the_old_body_goes() -> None:
    after = rewritten(
        'headers = {"Content-Length": "70", "Content-Type": "multipart/form-data", "X-App": "bot"}'
    )

    assert "Content-Length" not in after
    assert '"X-App": "bot"' in after
    assert "headers=headers," in after


def test_a_length_is_not_laid_out_anew() -> None:
    after = rewritten(
        'headers = {"Content-Type": "a/b", "Authorization": f"Bearer {token}", "Content-Length": "7"}'
    )

    assert "Content-Length" not in after
    assert after.count('"Authorization"') == 1


def test_one_of_two_dicts_is_spread() -> None:
    after = rewritten(
        'headers = {"X-App": "bot"}\n        if path:\n            headers = {"X-App": "other"}'
    )

    assert "**headers,\n" in after
