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


def messages(*, unsafe: bool) -> dict[str, str]:
    _, findings = project({"publish.py": PROGRAM}, unsafe=unsafe)
    return {finding.rule: finding.message for finding in findings}


def test_it_waits() -> None:
    found = messages(unsafe=False)

    assert "; rewritten only with --unsafe-fixes, because title: " in found["S2P001"]
    assert found["S2P003"].endswith("; waits for --unsafe-fixes with its site at publish.py:7")


def test_it_was_allowed() -> None:
    found = messages(unsafe=True)

    assert "; rewritten, as --unsafe-fixes allows, although title: " in found["S2P001"]
    assert found["S2P003"].endswith("; rewritten with its site at publish.py:7")
