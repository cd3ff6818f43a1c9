"""Two reads of the id that have become the same one."""

from __future__ import annotations

import pytest

from checks import project

PROGRAM = """
    import requests

    def upload(video: bytes, token, found):
        response = requests.post(
            "https://open-api.tiktok.com/share/video/upload/", params={{"access_token": token}}, files={{"video": video}}
        )
        body = response.json()
        return {read}
"""


def rewritten(read: str) -> str:
    files, _ = project({"publish.py": PROGRAM.format(read=read)}, unsafe=True)
    return files["publish.py"].rpartition("return ")[2].strip()


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (
            'body.get("share_id") or body.get("data", {}).get("share_id")',
            '(body.get("data") or {}).get("publish_id")',
        ),
        (
            'body.get("data", {}).get("share_id") or body.get("share_id")',
            'body.get("data", {}).get("publish_id")',
        ),
        (
            'body.get("data", {}).get("share_id") or body["data"].get("share_id") or "none"',
            'body.get("data", {}).get("publish_id") or "none"',
        ),
    ],
)
def test_the_second_is_left_out(read: str, expected: str) -> None:
    assert rewritten(read) == expected


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ('body["data"]["share_id"] or found or found', 'body["data"]["publish_id"] or found or found'),
        ('body["data"]["share_id"] or next(found)', 'body["data"]["publish_id"] or next(found)'),
    ],
)
def test_what_the_rewrite_has_no_part_in_stays(read: str, expected: str) -> None:
    assert rewritten(read) == expected
