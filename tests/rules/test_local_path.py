"""A video_url that is a file of this machine is nothing TikTok could fetch, wherever it was made."""

from __future__ import annotations

import pytest

from checks import project, refused
from share2post import Fix, Reason

HEAD = """\
import os
import requests
from pathlib import Path

def send(source, token):
    return requests.post("https://open-api.tiktok.com/share/video/upload/",
                         params={"access_token": token}, data={"video_url": source}).json()

"""

LOCAL = {
    "joined": 'send(os.path.join("clips", "a.mp4"), "t")\n',
    "absolute": 'send("/srv/clips/a.mp4", "t")\n',
    "absolute, with a name in it": 'for n in range(3):\n    send(f"/srv/clips/{n}.mp4", "t")\n',
    "a path object": 'send(source=str(Path("a.mp4")), token="t")\n',
    "through another function": 'def all_of(f):\n    send(f, "t")\n\nall_of(os.path.abspath("a.mp4"))\n',
}

REMOTE = {
    "a URL": 'send("https://clips.example.com/a.mp4", "t")\n',
    "unknown": 'send(os.environ["CLIP_URL"], "t")\n',
    "a URL in pieces": 'for n in range(3):\n    send(f"https://clips.example.com/{n}.mp4", "t")\n',
}


@pytest.mark.parametrize("call", LOCAL.values(), ids=LOCAL)
def test_a_path_is_left(call: str) -> None:
    refused(HEAD + call, Reason.VIDEO_URL)


@pytest.mark.parametrize("call", REMOTE.values(), ids=REMOTE)
def test_a_url_is_offered(call: str) -> None:
    after, findings = project({"module.py": HEAD + call}, unsafe=True)

    assert '"PULL_FROM_URL"' in after["module.py"]
    assert {finding.fix for finding in findings} == {Fix.UNSAFE}
