"""The answer's data, handed to something else: followed where every caller is seen, left where one is not."""

from __future__ import annotations

import pytest

from checks import project, refused
from share2post import Fix, Reason

UPLOAD = """\
import requests
from threading import Thread

def send(path, token):
    r = requests.post("https://open-api.tiktok.com/share/video/upload/",
                      params={"access_token": token}, files={"video": open(path, "rb")})
    return r

"""

LEFT = {
    "update": """\
def run(path, token):
    found = {"ok": True}
    found.update(send(path, token).json()["data"])
    return found

print(run("a.mp4", "t").get("share_id"))
""",
    "callback": """\
done = lambda info: print(info["share_id"])

def run(path, token, callback=done):
    callback(send(path, token).json()["data"])
""",
    "thread": """\
def keep(info):
    print(info["share_id"])

def run(path, token):
    Thread(target=keep, args=(send(path, token).json()["data"],)).start()
""",
    "both": """\
def keep(info):
    if info["error_code"] == 0:
        print(info["share_id"])

def run(path, token):
    keep(send(path, token).json()["data"])
""",
    "another caller": """\
def keep(info):
    print(info["share_id"])

def run(path, token):
    keep(send(path, token).json()["data"])
    keep({"share_id": "none"})
""",
    "handed on by name": """\
def keep(info):
    print(info["share_id"])

def run(path, token, rows):
    keep(send(path, token).json()["data"])
    list(map(keep, rows))
""",
    "rebound": """\
def keep(info=None):
    info = info or load()
    print(info["share_id"])

def run(path, token):
    keep(send(path, token).json()["data"])
""",
    "queue": """\
def run(path, token, queue):
    queue.put(send(path, token).json()["data"])

def work(queue):
    info = queue.get()
    print(info["share_id"])
""",
}


@pytest.mark.parametrize("rest", LEFT.values(), ids=LEFT)
def test_a_reader_that_may_see_something_else_is_left(rest: str) -> None:
    findings = refused(UPLOAD + rest, _reason(rest))

    assert "share_id" in (UPLOAD + rest)
    assert any("module.py:" in finding.message for finding in findings)


def _reason(rest: str) -> Reason:
    known = {
        "both": Reason.UNKNOWN_READ,
        "another caller": Reason.WRAPPER,
        "rebound": Reason.RESPONSE_ESCAPES,
    }
    return next(
        (known[name] for name, text in LEFT.items() if text == rest and name in known),
        Reason.RESPONSE_ESCAPES,
    )


def test_a_function_of_another_module_is_followed() -> None:
    after, findings = project(
        {
            "send.py": UPLOAD
            + "from keep import keep\n\ndef run(p, t):\n    keep(send(p, t).json()['data'])\n",
            "keep.py": "def keep(info):\n    print(info.get('share_id'))\n",
        },
        unsafe=True,
    )

    assert "info.get('publish_id')" in after["keep.py"]
    assert {finding.fix for finding in findings} <= {Fix.SAFE, Fix.UNSAFE}


def test_a_script_beside_it_is_no_reader() -> None:
    after, _ = project(
        {
            "send.py": UPLOAD + "def run(p, t, queue):\n    queue.put(send(p, t).json()['data'])\n",
            "other.py": "def show(row):\n    print(row['share_id'])\n",
        },
        unsafe=True,
    )

    assert "open.tiktokapis.com" in after["send.py"]
    assert "share_id" in after["other.py"]


ASKED = {
    "a key from a loop": 'for k in ("share_id", "error_code"):\n    print(k in data)\n',
    "a key from a name": 'KEY = "share_id"\nif KEY in data:\n    print("there")\n',
    "compared as a whole": "print(data == {})\n",
    "matched": 'match data:\n    case {"error_code": 0}:\n        print("fine")\n',
}


@pytest.mark.parametrize("rest", ASKED.values(), ids=ASKED)
def test_a_question_the_tool_cannot_tell_is_left(rest: str) -> None:
    refused(UPLOAD + 'data = send("a.mp4", "t").json()["data"]\n' + rest, Reason.UNKNOWN_READ)


RETURNED = {
    "checked before": (
        '    data = r.json()["data"]\n    if data["error_code"]:\n        raise ValueError(data["error_msg"])\n    return data\n',
        'print(one("a.mp4", "t")["share_id"])\n',
        "    return data\n",
    ),
    "only the error": (
        '    return r.json()["data"]\n',
        'if one("a.mp4", "t")["error_code"] == 0:\n    print("fine")\n',
        '    return r.json()["error"]\n',
    ),
    "only the error, of a name or nothing": (
        '    data = r.json()["data"]\n    return data\n',
        'print((one("a.mp4", "t") or {}).get("error_msg"))\n',
        '    data = r.json()["error"]\n',
    ),
    "handed on to a check": (
        '    return r.json()["data"]\n',
        'def fine(d):\n    return d["error_code"] == 0\n\nprint(fine(one("a.mp4", "t")))\n',
        '    return r.json()["error"]\n',
    ),
}


@pytest.mark.parametrize(("body", "use", "line"), RETURNED.values(), ids=RETURNED)
def test_callers_say_what_a_function_returns(body: str, use: str, line: str) -> None:
    code = UPLOAD + "def one(path, token):\n    r = send(path, token)\n" + body + "\n" + use
    after, findings = project({"module.py": code})

    assert line in after["module.py"]
    assert {finding.fix for finding in findings} == {Fix.SAFE}


def test_callers_that_read_both_are_left() -> None:
    code = UPLOAD + 'def one(path, token):\n    return send(path, token).json()["data"]\n\n'
    code += 'd = one("a.mp4", "t")\nprint(d["share_id"] if d["error_code"] == 0 else "refused")\n'
    findings = refused(code, Reason.UNKNOWN_READ)

    assert "return the whole answer" in findings[0].message


def test_a_webhook_handler_is_no_reader() -> None:
    code = UPLOAD + "def view(path, token):\n    return send(path, token).json()\n\n"
    code += 'def on_webhook(info):\n    print(info["share_id"])\n\ndef handle(content):\n    print(content["share_id"])\n'
    after, _ = project({"module.py": code}, unsafe=True)

    assert "open.tiktokapis.com" in after["module.py"]
