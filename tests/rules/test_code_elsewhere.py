"""The error code in an object of the project: followed where all of it is seen, left where one use is not."""

from __future__ import annotations

import pytest

from checks import project, refused
from share2post import Reason

HEAD = """\
import requests

class UploadError(Exception):
{init}

def send(path, token):
    r = requests.post("https://open-api.tiktok.com/share/video/upload/",
                      params={{"access_token": token}}, files={{"video": open(path, "rb")}})
    data = r.json()["data"]
    if data["error_code"]:
        raise UploadError(data["error_code"])
    return data["share_id"]

"""
KEPT = "    def __init__(self, code):\n        self.code = code"
PASSED_ON = "    def __init__(self, code):\n        super().__init__(code)"
PLAIN = "    pass"

LEFT = {
    "argument of a bare class": (PLAIN, "    if e.args[0] == 20000:\n        print('token')\n"),
    "argument passed on": (PASSED_ON, "    code, = e.args\n    print(code == 20000)\n"),
    "looked up in a table": (KEPT, "    print({20000: 'token'}[e.code])\n"),
    "compared by size": (KEPT, "    print(e.code > 20000)\n"),
    "made a number": (KEPT, "    print(int(e.code) + 1)\n"),
    "unknown number": (KEPT, "    print(e.code == 31337)\n"),
    "unknown exception": (KEPT, "    other = e\n    print(other.code == 20000)\n"),
}


@pytest.mark.parametrize(("init", "use"), LEFT.values(), ids=LEFT)
def test_a_use_as_a_number_is_left(init: str, use: str) -> None:
    rest = f"try:\n    print(send('a.mp4', 't'))\nexcept UploadError as e:\n{use}"
    findings = refused(HEAD.format(init=init) + rest, _reason(use))

    assert any("a word now" in finding.message for finding in findings)


def _reason(use: str) -> Reason:
    return Reason.RESPONSE_ESCAPES if "other.code" in use else Reason.NUMERIC_CODE


def test_the_class_made_with_another_number_is_left() -> None:
    rest = "def check(n):\n    if n > 3:\n        raise UploadError(429)\n"
    rest += "try:\n    print(send('a.mp4', 't'))\nexcept UploadError as e:\n    print(e.code == 20000)\n"

    refused(HEAD.format(init=KEPT) + rest, Reason.NUMERIC_CODE)


def test_a_handler_in_another_module_is_followed() -> None:
    main = """\
        import up

        try:
            print(up.send("a.mp4", "t"))
        except up.UploadError as e:
            print(e.code == 20000)
        """
    after, _ = project({"up.py": HEAD.format(init=KEPT), "main.py": main}, unsafe=True)

    assert 'e.code == "access_token_invalid"' in after["main.py"]


NUMBERS = {
    "largest": "print(max(code, 1))\n",
    "in a list": "codes = []\ncodes.append(code)\nprint(any(codes))\n",
    "in a loop": "print([c for c in (code,) if c])\n",
    "in a lambda": "fine = lambda c: c == 0\nprint(fine(code))\n",
}


@pytest.mark.parametrize("use", NUMBERS.values(), ids=NUMBERS)
def test_a_code_that_goes_on_unfollowed_in_sight_is_left(use: str) -> None:
    code = """\
import requests
r = requests.post("https://open-api.tiktok.com/share/video/upload/",
                  params={"access_token": "t"}, files={"video": open("a.mp4", "rb")})
code = r.json()["data"]["error_code"]
"""
    refused(code + use, Reason.NUMERIC_CODE if "max" in use else Reason.RESPONSE_ESCAPES)
