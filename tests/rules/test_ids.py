"""What is done with the id: anything, but to know how it looks or to make a link to tiktok.com of it."""

from __future__ import annotations

import pytest

from checks import UNSAFE, migrate, project, refused
from share2post import Fix, Reason
from share2post.model import Project, SourceFile

HEAD = """\
import re
import requests

SHAPE = re.compile("v_inbox.*")
PROFILE = "https://www.tiktok.com/@{user}/video/{clip}"

def send(path, token):
    r = requests.post("https://open-api.tiktok.com/share/video/upload/",
                      params={"access_token": token}, files={"video": open(path, "rb")})
    r.raise_for_status()
    sid = r.json()["data"]["share_id"]
"""

LEFT = {
    "split": '    return sid.split(".")[1]\n',
    "unpacked": '    kind, _, number = sid.partition(".")\n    return int(number)\n',
    "begins with": '    assert sid.startswith("v_inbox.")\n',
    "slice": "    return sid[8:]\n",
    "index": '    return sid[0] == "v"\n',
    "length": "    return len(sid) == 27\n",
    "pattern": '    return re.match(r"v_inbox\\.\\d+", sid)\n',
    "compiled pattern": "    return SHAPE.fullmatch(sid)\n",
    "number": "    return int(sid)\n",
    "text in it": '    return "~" in sid\n',
    "digits": "    if not sid.isdigit():\n        raise ValueError(sid)\n",
    "stripped first": '    return sid.strip().split(".")[-1]\n',
    "in a caller": '    return sid\n\nprint(send("a.mp4", "t").rsplit(".", 1))\n',
    "in a caller, of a pair": '    return True, sid\n\nok, clip = send("a.mp4", "t")\nprint(clip[2:] == "x")\n',
    "in a function": '    return tail(sid)\n\ndef tail(x):\n    return x.split(".")[-1]\n',
}

LINKS = {
    "link": '    return f"https://www.tiktok.com/@me/video/{sid}"\n',
    "link by sum": '    return {"id": sid, "url": "https://www.tiktok.com/@me/video/" + sid}\n',
    "link by percent": '    return sid\n\nprint("https://www.tiktok.com/video/%s" % send("a.mp4", "t"))\n',
    "link by format": '    return PROFILE.format(user="me", clip=sid)\n',
    "link step by step": '    link = "see https://tiktok.com/@me/video/"\n    link += sid\n    return link\n',
    "link to another host's name": '    return f"https://{HOST}/@me/video/{sid}"\n',
}

KEPT = {
    "an error instead": '    if sid.startswith("HTTP"):\n        raise ValueError(sid)\n',
    "trimmed": "    return sid.strip()\n",
    "made a file name": '    return sid.replace("/", "_") + ".json"\n',
    "there or not": "    return bool(sid) and len(sid) > 0\n",
    "known already": '    seen = {"a"}\n    return sid in seen\n',
    "own link": '    return f"https://clips.example.com/videos/{sid}"\n',
    "link beside it": '    return f"{sid} for https://www.tiktok.com/@me"\n',
    "link in front of it": '    return f"https://www.tiktok.com/@me got {sid}"\n',
    "length shown": "    print(len(sid))\n",
}


@pytest.mark.parametrize("rest", LEFT.values(), ids=LEFT)
def test_a_program_that_knows_how_an_id_looks_is_left(rest: str) -> None:
    refused(HEAD + rest, Reason.UNKNOWN_READ)


@pytest.mark.parametrize("rest", LINKS.values(), ids=LINKS)
def test_a_link_that_never_worked_is_said(rest: str) -> None:
    result = migrate(Project((SourceFile("module.py", (HEAD + rest).encode()),)), UNSAFE)

    assert {finding.fix for finding in result.findings} == {Fix.UNSAFE}
    assert "neither id is a video's" in result.findings[0].message


@pytest.mark.parametrize("rest", KEPT.values(), ids=KEPT)
def test_an_opaque_id_may_go_anywhere(rest: str) -> None:
    after, findings = project({"module.py": HEAD + rest})

    assert {finding.fix for finding in findings} == {Fix.SAFE}
    assert rest in after["module.py"]


def test_a_part_that_is_only_shown_is_said() -> None:
    source = HEAD + '    print(f"sent {sid[:10]}...")\n'
    result = migrate(Project((SourceFile("module.py", source.encode()),)), UNSAFE)

    assert {finding.fix for finding in result.findings} == {Fix.UNSAFE}
    assert "only a part of the id is shown" in result.findings[0].message
