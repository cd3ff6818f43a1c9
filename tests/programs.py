"""Small programs whose fate is known: fixed, left for a person, or none of our business."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

CLEAN: Final = """\
import requests


def fetch(url):
    return requests.get(url, timeout=10).json()
"""

UPLOAD: Final = """\
import requests

URL = "https://open-api.tiktok.com/share/video/upload/"


def upload(token, open_id, path):
    with open(path, "rb") as video:
        response = requests.post(
            URL, params={"access_token": token, "open_id": open_id}, files={"video": video}
        )
    return response.json()["data"]["share_id"]
"""

UNUSED: Final = 'LEGACY = "https://open-api.tiktok.com/share/video/upload/"\n'

SIBLING: Final = """\
import requests


def renew(key, token):
    return requests.post(
        "https://open-api.tiktok.com/oauth/refresh_token/", params={"client_key": key, "refresh_token": token}
    ).json()
"""

CONFIG: Final = 'UPLOAD_URL = "https://open-api.tiktok.com/share/video/upload/"\n'

CLIENT: Final = """\
import requests

from config import UPLOAD_URL


def upload(token, open_id, path):
    with open(path, "rb") as video:
        requests.post(
            UPLOAD_URL, params={"access_token": token, "open_id": open_id}, files={"video": video}
        )
"""


def git(directory: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run git in a directory, as a person nobody knows."""
    identity = [
        "-c",
        "user.name=Nobody",
        "-c",
        "user.email=nobody@example.invalid",
        "-c",
        "core.autocrlf=false",
    ]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=directory, input=stdin, capture_output=True, check=True
    ).stdout


def repository(directory: Path) -> None:
    """Make a directory a git work tree with everything in it committed."""
    git(directory, "init", "--quiet", ".")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--allow-empty", "--message", "all")
