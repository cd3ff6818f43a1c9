"""The answer, the id or the code in a dict or a tuple of the program's own: followed as far as all of it is seen."""

from __future__ import annotations

import pytest

from checks import project, refused
from share2post import Fix, Reason

HEAD = """\
import requests
from collections import namedtuple

Outcome = namedtuple("Outcome", "code clip")

def send(path, token):
    r = requests.post("https://open-api.tiktok.com/share/video/upload/",
                      params={"access_token": token}, files={"video": open(path, "rb")})
"""

FOLLOWED = {
    "returned": ('    return {"ok": r.ok, "answer": r.json()}\n', "", ""),
    "read by the caller": (
        '    out = {"ok": r.ok, "answer": r.json()}\n    return out\n',
        'o = send("a.mp4", "t")\nif o["ok"]:\n    print(o["answer"]["data"]["share_id"])\n',
        'print(o["answer"]["data"]["publish_id"])',
    ),
    "one branch has none": (
        '    if not r.ok:\n        return {"ok": False, "answer": None}\n    return {"ok": True, "answer": r.json()}\n',
        'o = send("a.mp4", "t")\nif o.get("answer"):\n    print(o["answer"]["data"]["error_code"] == 0)\n',
        'o["answer"]["error"]["code"] == "ok"',
    ),
    "code in a pair": (
        '    data = r.json()["data"]\n    return data["error_code"], data.get("share_id")\n',
        'pair = send("a.mp4", "t")\nprint(pair[0] == 0, pair[1])\n',
        'pair[0] == "ok"',
    ),
    "code of a pair at once": (
        '    data = r.json()["data"]\n    return data.get("share_id"), data["error_code"]\n',
        'if send("a.mp4", "t")[1]:\n    print("refused")\n',
        'if send("a.mp4", "t")[1] != "ok":',
    ),
}

LEFT = {
    "taken apart from a list": (
        '    ids = []\n    ids.append(r.json()["data"]["share_id"])\n    for clip in ids:\n        print(clip.split("."))\n',
        "",
    ),
    "spread": ('    return {"ok": True, **r.json()["data"]}\n', 'print(send("a.mp4", "t")["share_id"])\n'),
    "code in a named tuple": (
        '    data = r.json()["data"]\n    return Outcome(data["error_code"], data.get("share_id"))\n',
        'print(send("a.mp4", "t").code == 0)\n',
    ),
    "answer of another kind beside it": (
        '    if not r.ok:\n        return {"answer": {"data": {"share_id": "none"}}}\n    return {"answer": r.json()}\n',
        'print(send("a.mp4", "t")["answer"]["data"]["share_id"])\n',
    ),
}


@pytest.mark.parametrize(("body", "use", "line"), FOLLOWED.values(), ids=FOLLOWED)
def test_what_is_seen_to_be_read_is_followed(body: str, use: str, line: str) -> None:
    after, findings = project({"module.py": HEAD + body + use}, unsafe=True)

    assert line in after["module.py"]
    assert {finding.fix for finding in findings} <= {Fix.SAFE, Fix.UNSAFE}
    assert all(finding.fixed for finding in findings)


@pytest.mark.parametrize(("body", "use"), LEFT.values(), ids=LEFT)
def test_what_may_be_something_else_is_left(body: str, use: str) -> None:
    findings = refused(HEAD + body + use, _reason(body, use))

    assert findings


def _reason(body: str, use: str) -> Reason:
    escapes = "Outcome" in body or '"code"' in body or '"none"' in body
    return Reason.RESPONSE_ESCAPES if escapes else Reason.UNKNOWN_READ
