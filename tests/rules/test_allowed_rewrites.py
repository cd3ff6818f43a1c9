"""What a finding says of a site that rests on something unseen: before it is allowed, and when it was."""

from __future__ import annotations

from checks import project

PROGRAM = """
    import requests

    def upload(video: bytes, token, title):
        url = "https://open-api.tiktok.com/share/video/upload/"
        data = {"access_token": token, "title": title}
        return requests.post(url, data=data, files={"video": video}).json()["data"]["share_id"]
"""


def test_it_waits() -> None:
    _, findings = project({"publish.py": PROGRAM})

    assert "; rewritten only with --unsafe-fixes, because title: " in findings[0].message
    assert findings[1].message.endswith("; waits for --unsafe-fixes with its site at publish.py:7")


def test_it_was_allowed() -> None:
    _, findings = project({"publish.py": PROGRAM}, unsafe=True)

    assert "; rewritten, as --unsafe-fixes allows, although title: " in findings[0].message
    assert findings[1].message.endswith("; rewritten with its site at publish.py:7")
