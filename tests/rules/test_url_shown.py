"""The URL's name, used beside the upload: it moves where it is only told to a person, and is reported where not."""

from __future__ import annotations

import pytest

from checks import project
from share2post import Fix, Reason

HEAD = """\
import logging
import requests

log = logging.getLogger(__name__)
BASE = "https://open-api.tiktok.com"

def send(path, token):
    url = BASE + "/share/video/upload/"
    r = requests.post(url, params={"access_token": token}, files={"video": open(path, "rb")})
"""

TOLD = {
    "print": '    print("POST", url)\n',
    "print of a text": '    print(f"sent to {url}")\n',
    "log": '    log.debug("sent %s to %s", path, url)\n',
    "log by percent": '    log.info("sent %s to %s" % (path, url))\n',
    "exception": '    if not r.ok:\n        raise RuntimeError(f"POST {url} failed")\n',
    "exception by format": '    if not r.ok:\n        raise RuntimeError("POST {} failed".format(url))\n',
}

USED = {
    "returned": "    return url\n",
    "in a dict": '    return {"url": url, "ok": r.ok}\n',
    "compared": "    return r.url.startswith(url)\n",
    "kept in a text": '    note = f"sent to {url}"\n    return note\n',
    "in a file": '    open("log.txt", "a").write(url)\n',
}


@pytest.mark.parametrize("rest", TOLD.values(), ids=TOLD)
def test_a_url_that_is_only_told_moves(rest: str) -> None:
    after, findings = project({"module.py": HEAD + rest})

    assert {finding.fix for finding in findings} == {Fix.SAFE}
    assert '    url = "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/"' in after["module.py"]
    assert "open-api" not in after["module.py"]
    assert rest in after["module.py"]


@pytest.mark.parametrize("rest", USED.values(), ids=USED)
def test_a_url_that_is_used_otherwise_is_reported_at_once(rest: str) -> None:
    after, findings = project({"module.py": HEAD + rest})
    left = [finding for finding in findings if not finding.fixed]

    assert {finding.reason for finding in left} <= {
        Reason.UNUSED_URL,
        Reason.UNKNOWN_CALL,
        Reason.UNKNOWN_READ,
    }
    assert left
    assert "share/video/upload" in after["module.py"]
