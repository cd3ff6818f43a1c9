"""What kind of thing a video parameter is: told by the calls, where all of them are seen."""

from __future__ import annotations

import pytest

from checks import project

FUNCTION = """
    import requests

    UPLOAD_URL = "https://open-api.tiktok.com/share/video/upload/"

    def {name}(clip, token):
        response = requests.post(UPLOAD_URL, params={{"access_token": token}}, files={{"video": clip}})
        return response.json()["data"]["share_id"]

    {rest}
"""
GUARDED = 'if __name__ == "__main__":\n        with open("v.mp4", "rb") as f:\n            print({name}(f, input()))'
FLAT = 'with open("v.mp4", "rb") as f:\n        print({name}(f, input()))'


def rewritten(rest: str, name: str = "send_clip", **others: str) -> str:
    code = FUNCTION.format(name=name, rest=rest.format(name=name))
    files, findings = project({"send_video.py": code, **{f"{k}.py": v for k, v in others.items()}})

    assert all(finding.fixed for finding in findings)
    return files["send_video.py"]


@pytest.mark.parametrize("rest", [GUARDED, FLAT])
def test_a_function_of_a_script(rest: str) -> None:
    assert "video_data = clip.read()\n" in rewritten(rest)


def test_a_private_function() -> None:
    rest = "def share(path, token):\n        return {name}(open(path, 'rb'), token)"

    assert "video_data = clip.read()\n" in rewritten(rest, "_send_clip")


@pytest.mark.parametrize(
    "rest",
    [
        "def share(path, token):\n        return {name}(open(path, 'rb'), token)",
        GUARDED + "\n    jobs = list(map({name}, [], []))",
        GUARDED + "\n    print({name}(b'...', input()))",
        "from . import settings\n    " + GUARDED,
    ],
    ids=["of a library", "handed on", "given something else too", "of a package"],
)
def test_a_function_that_may_be_given_something_else(rest: str) -> None:
    assert 'clip.read() if hasattr(clip, "read") else clip' in rewritten(rest)


def test_a_function_that_another_module_calls_with_bytes() -> None:
    after = rewritten(GUARDED, other="import send_video\nprint(send_video.send_clip(b'', input()))\n")

    assert 'clip.read() if hasattr(clip, "read") else clip' in after
