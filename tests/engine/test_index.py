"""Which files have a say: no name is too short or too common to lead to the retired API."""

from __future__ import annotations

from pathlib import Path

import pytest

from share2post.pipeline import Command, Request, run
from share2post.settings import Settings

UPLOAD = """\
import requests
{how}


def upload(token, video: bytes):
    requests.post({url}, params={{"access_token": token}}, files={{"video": video}})
"""


@pytest.mark.parametrize("name", ["URL", "UPLOAD_URL", "value", "U"])
@pytest.mark.parametrize(
    ("home", "how", "url"),
    [
        ("shop/config.py", "from shop.config import {name}", "{name}"),
        ("shop/config.py", "from .config import (\n    {name},\n)", "{name}"),
        ("shop/config.py", "from shop import config", "config.{name}"),
        ("shop/config.py", "import shop.config as c", "c.{name}"),
        ("shop/__init__.py", "from shop import {name}", "{name}"),
        ("shop/__init__.py", "from . import {name}", "{name}"),
        ("shop/__init__.py", "import shop", "shop.{name}"),
    ],
)
def test_an_upload_is_found_by_the_name_of_its_constant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, home: str, how: str, url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / home).write_text(f'{name} = "https://open-api.tiktok.com/share/video/upload/"\n')
    (tmp_path / "shop" / "client.py").write_text(
        UPLOAD.format(how=how.format(name=name), url=url.format(name=name))
    )

    result = run(Request(Command.CHECK), Settings())

    assert result.failures == ()
    assert {finding.rule for finding in result.findings if finding.path == "shop/client.py"} == {
        "S2P001",
        "S2P002",
        "S2P003",
    }


def test_a_package_that_imports_its_own_module_is_no_circle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("from shop import thing\n")
    (tmp_path / "shop" / "thing.py").write_text("def g(x): ...\n")
    url = '"https://open-api.tiktok.com/share/video/upload/"'
    (tmp_path / "shop" / "client.py").write_text(
        UPLOAD.format(how="from shop import thing", url=url) + "    thing(token)\n"
    )

    result = run(Request(Command.CHECK), Settings())

    assert result.failures == ()
    assert result.findings
