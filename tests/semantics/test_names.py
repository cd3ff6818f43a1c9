"""Where an address may be kept, and how it may be imported: what it is worth at the call, or that it is not known."""

from __future__ import annotations

from typing import Final

import pytest

from checks import project
from share2post.model import Finding, Fix, Reason

FULL: Final = '"https://open-api.tiktok.com/share/video/upload/"'
HOST: Final = '"https://open-api.tiktok.com"'
PATH: Final = '"/share/video/upload/"'
CLIENT: Final = """\
import requests
{how}

def send(token, video: bytes):
    answer = requests.post({url}, params={{"access_token": token}}, files={{"video": video}})
    return answer.json()["data"]["share_id"]
"""

Case = tuple[str, str, str]

KNOWN: Final[dict[str, Case]] = {
    "constant": (f"URL = {FULL}", "from config import URL", "URL"),
    "final": (f"from typing import Final\nURL: Final[str] = {FULL}", "from config import URL as WHERE", "WHERE"),
    "class": (f"class C:\n    URL = {FULL}\n    N = 1", "from config import C", "C.URL"),
    "class variable": (f"from typing import ClassVar\nclass C:\n    URL: ClassVar[str] = {FULL}\n    N = 1",
                       "from config import C", "C.URL"),
    "nested class": (f"class C:\n    class T:\n        HOST = {HOST}\n        URL = HOST + {PATH}",
                     "from config import C", "C.T.URL"),
    "inherited": (f"class A:\n    URL = {FULL}\n    N = 1\nclass B(A):\n    M = 1", "from config import B", "B.URL"),
    "enum": (f"from enum import Enum\nclass E(str, Enum):\n    UP = {FULL}\n    ME = 'x'",
             "from config import E", "E.UP"),
    "enum value": (f"from enum import Enum\nclass E(Enum):\n    UP = {FULL}\n    ME = 'x'",
                   "import config", "config.E.UP.value"),
    "enum by name": (f"from enum import Enum\nclass E(Enum):\n    UP = {FULL}\n    ME = 'x'",
                     "from config import E", 'E["UP"].value'),
    "str enum": (f"from enum import StrEnum\nclass E(StrEnum):\n    UP = {PATH}\nHOST = {HOST}",
                 "from config import E, HOST", 'f"{HOST}{E.UP}"'),
    "dict": (f"C = {{'tiktok': {{'url': {FULL}, 'n': 1}}}}", "from config import C", "C['tiktok']['url']"),
    "dict get": (f"C = {{'tiktok': {{'url': {FULL}, 'n': 1}}}}", "from config import C",
                 "C.get('tiktok', {}).get('url')"),
    "dict in a name": (f"C = {{'tiktok': {{'url': {FULL}, 'n': 1}}}}",
                       "from config import C\nT = C['tiktok']", "T['url']"),
    "dict call": (f"C = dict(url={FULL}, n=1)", "from config import C", "C['url']"),
    "dict key constant": (f"UP = 'up'\nC = {{UP: {FULL}, 'n': 1}}", "from config import C, UP", "C[UP]"),
    "dict of classes": (f"class T:\n    URL = {FULL}\n    N = 1\nP = {{'t': T}}", "from config import P",
                        "P['t'].URL"),
    "dataclass": (f"from dataclasses import dataclass\n@dataclass\nclass S:\n    url: str = {FULL}\n    n: int = 1",
                  "from config import S\ns = S()", "s.url"),
    "dataclass field": (f"from dataclasses import dataclass, field\n@dataclass\nclass S:\n"
                        f"    url: str = field(default={FULL})\n    n: int = 1\ns = S()",
                        "from config import s", "s.url"),
    "dataclass given": (f"from dataclasses import dataclass\n@dataclass(frozen=True)\nclass S:\n    url: str\n"
                        f"s = S(url={FULL})", "from config import s", "s.url"),
    "attrs": (f"import attr\n@attr.s\nclass S:\n    url = attr.ib(default={FULL})\n    n = attr.ib(default=1)\ns = S()",
              "from config import s", "s.url"),
    "attrs define": (f"from attrs import define, field\n@define\nclass S:\n    url: str = field(default={FULL})\ns = S()",
                     "from config import s", "s.url"),
    "named tuple": (f"from typing import NamedTuple\nclass U(NamedTuple):\n    up: str = {FULL}\n    n: int = 1",
                    "from config import U", "U().up"),
    "named tuple given": (f"from typing import NamedTuple\nclass U(NamedTuple):\n    n: int\n    up: str\nu = U(1, {FULL})",
                          "from config import u", "u.up"),
    "namedtuple": (f"from collections import namedtuple\nU = namedtuple('U', 'n, up')\nu = U(1, {FULL})",
                   "from config import u", "u.up"),
    "namespace": (f"from types import SimpleNamespace as N\nc = N(t=N(url={FULL}))", "from config import c", "c.t.url"),
    "settings made once": (f"from functools import lru_cache\nclass S:\n    url = {FULL}\n    n = 1\n"
                           "@lru_cache\ndef get():\n    return S()", "from config import get", "get().url"),
    "property": (f"class S:\n    host = {HOST}\n    @property\n    def url(self):\n        return self.host + {PATH}\n"
                 "s = S()", "from config import s", "s.url"),
    "function": (f"HOST = {HOST}\ndef at(path):\n    return HOST + path", "from config import at", f"at({PATH})"),
    "unpacked": (f"HOST, PATH = {HOST}, {PATH}", "from config import HOST, PATH", "HOST + PATH"),
    "the last of two": (f"URL = 'x'\nURL = {FULL}", "import config", "config.URL"),
    "getattr": (f"URL = {FULL}", "import config", "getattr(config, 'URL', None)"),
    "in the function": (f"URL = {FULL}", "import config as c", "c.URL"),
}  # fmt: skip

OPEN: Final[dict[str, Case]] = {
    "environment": (f"import os\nURL = os.environ.get('UP', {FULL})", "from config import URL", "URL"),
    "pydantic": (f"from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    url: str = {FULL}\ns = S()",
                 "from config import s", "s.url"),
    "pydantic field": (f"from pydantic import BaseSettings, Field\nclass S(BaseSettings):\n"
                       f"    url: str = Field({FULL}, env='UP')\ns = S()", "from config import s", "s.url"),
    "pydantic by a base": (f"from pydantic_settings import BaseSettings as B\nclass A(B):\n    n: int = 1\n"
                           f"class S(A):\n    url: str = {FULL}\ns = S()", "from config import s", "s.url"),
    "pydantic property": (f"from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    host: str = {HOST}\n"
                          f"    @property\n    def url(self):\n        return self.host + {PATH}\ns = S()",
                          "from config import s", "s.url"),
    "default factory": (f"import os\nfrom dataclasses import dataclass, field\n@dataclass\nclass S:\n"
                        f"    url: str = field(default_factory=lambda: os.getenv('UP', {FULL}))\ns = S()",
                        "from config import s", "s.url"),
}  # fmt: skip

SEVERAL: Final[dict[str, Case]] = {
    "condition": (f"import os\nif os.getenv('S'):\n    URL = 'https://s.example/'\nelse:\n    URL = {FULL}",
                  "from config import URL", "URL"),
    "global": (f"URL = {FULL}\ndef rehearse():\n    global URL\n    URL = 'https://s.example/'", "import config",
               "config.URL"),
    "fallback": (f"URL = {FULL}", "try:\n    from ours import URL\nexcept ImportError:\n    from config import URL", "URL"),
}  # fmt: skip

UNKNOWN: Final[dict[str, Case]] = {
    "type checking": (f"URL = {FULL}", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from config import URL",
                      "URL"),
    "not in __all__": (f"__all__ = ['N']\nN = 1\nURL = {FULL}", "from config import *", "URL"),
    "deleted": (f"URL = {FULL}\ndel URL", "import config", "config.URL"),
    "key of the environment": (f"import os\nC = {{'a': {FULL}, 'b': 'x'}}\nURL = C[os.environ['S']]",
                               "from config import URL", "URL"),
    "setter": (f"class S:\n    @property\n    def url(self):\n        return {FULL}\n    @url.setter\n"
               "    def url(self, to):\n        self.to = to\ns = S()", "from config import s", "s.url"),
    "set after it was made": (f"from dataclasses import dataclass\n@dataclass\nclass S:\n    url: str\n"
                              "    def __post_init__(self):\n        self.url = self.url.lower()\n"
                              f"s = S({FULL})", "from config import s", "s.url"),
    "one of two classes": (f"import os\nclass A:\n    url = {FULL}\nclass B:\n    url = 'x'\ndef get():\n"
                           "    if os.getenv('S'):\n        return B()\n    return A()", "from config import get", "get().url"),
    "module getattr": (f"def __getattr__(name):\n    return {FULL}", "import config", "config.URL"),
}  # fmt: skip

CHANGED: Final[dict[str, Case | tuple[str, str, str, str]]] = {
    "module": (f"URL = {FULL}", "import config", "config.URL", "import config\nconfig.URL = 'https://s.example/'\n"),
    "module by name": (f"URL = {FULL}", "import config", "config.URL",
                       "import config\nsetattr(config, 'URL', 'https://s.example/')\n"),
    "class": (f"class C:\n    URL = {FULL}", "from config import C", "C.URL",
              "from config import C\nC.URL = 'https://s.example/'\n"),
    "object": (f"class C:\n    URL = {FULL}\nc = C()", "from config import c", "c.URL",
               "def rehearse(c):\n    c.URL = 'https://s.example/'\n\nimport config\nrehearse(config.c)\n"),
    "namespace": (f"from types import SimpleNamespace\nc = SimpleNamespace(url={FULL})", "from config import c", "c.url",
                  "from config import c\nvars(c).update(url='https://s.example/')\n"),
    "entry": (f"C = {{'t': {{'url': {FULL}}}}}", "from config import C", "C['t']['url']",
              "import config as k\nk.C['t']['url'] = 'https://s.example/'\n"),
    "entry by a name": (f"C = {{'t': {{'url': {FULL}}}}}", "from config import C", "C['t']['url']",
                        "from config import C\n\ndef rehearse():\n    t = C['t']\n    t.update(url='x')\n"),
    "entry by a function": (f"C = {{'t': {{'url': {FULL}}}}}", "from config import C", "C['t']['url']",
                            "from config import C\n\ndef fill(d):\n    d['t'] = {}\n\nfill(C)\n"),
}  # fmt: skip


def files(case: tuple[str, ...]) -> dict[str, str]:
    config, how, url, *other = case
    found = {"config.py": f"{config}\n", "client.py": CLIENT.format(how=how, url=url)}
    return found | ({"start.py": other[0]} if other else {})


def urls(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.path: finding for finding in findings if finding.rule == "S2P001"}


@pytest.mark.parametrize("case", KNOWN.values(), ids=KNOWN)
def test_an_address_is_known_where_it_is_used(case: Case) -> None:
    after, findings = project(files(case))

    assert urls(findings)["client.py"].fix is Fix.SAFE
    assert "endpoint from config.py:" in urls(findings)["client.py"].message
    assert "requests.put(" in after["client.py"]


@pytest.mark.parametrize("case", OPEN.values(), ids=OPEN)
def test_the_environment_may_have_another_address(case: Case) -> None:
    after, findings = project(files(case))

    assert after == files(case)
    assert urls(findings)["client.py"].reason is Reason.ENVIRONMENT_URL
    assert "may override the endpoint" in urls(findings)["client.py"].message


@pytest.mark.parametrize("case", SEVERAL.values(), ids=SEVERAL)
def test_an_address_that_is_one_of_several_is_left(case: Case) -> None:
    after, findings = project(files(case), unsafe=True)

    assert after == files(case)
    assert urls(findings)["client.py"].reason is Reason.UNKNOWN_URL


@pytest.mark.parametrize("case", UNKNOWN.values(), ids=UNKNOWN)
def test_an_address_that_is_not_known_is_reported_where_it_is_kept(case: Case) -> None:
    after, findings = project(files(case), unsafe=True)

    assert after == files(case)
    assert {finding.fix for finding in findings} == {Fix.MANUAL}
    assert urls(findings)["config.py"]


@pytest.mark.parametrize("case", CHANGED.values(), ids=CHANGED)
def test_an_address_that_another_module_sets_is_left(case: tuple[str, ...]) -> None:
    after, findings = project(files(case), unsafe=True)

    assert after == files(case)
    assert {finding.fix for finding in findings} == {Fix.MANUAL}
    assert urls(findings)["config.py"].reason is Reason.UNUSED_URL


def test_a_subclass_may_have_another_address() -> None:
    before = {
        "client.py": CLIENT.format(how=f"class C:\n    URL = {FULL}\n    def go(self, token, video: bytes):\n"
                                   "        requests.post(self.URL, params={'access_token': token},"
                                   " files={'video': video})\n", url="'https://x.example/'"),
        "rehearsal.py": "from client import C\n\n\nclass R(C):\n    URL = 'https://s.example/'\n",
    }  # fmt: skip

    after, findings = project(before, unsafe=True)

    assert after == before
    assert urls(findings)["client.py"].fix is Fix.MANUAL


def test_django_settings_may_be_another_module() -> None:
    before = {
        "site/settings/base.py": f"UPLOAD = {FULL}\n",
        "site/posts.py": CLIENT.format(how="from django.conf import settings", url="settings.UPLOAD"),
    }

    _, findings = project(before)

    assert urls(findings)["site/posts.py"].reason is Reason.ENVIRONMENT_URL
    assert "DJANGO_SETTINGS_MODULE" in urls(findings)["site/posts.py"].message


def test_django_settings_that_two_modules_define_are_left() -> None:
    before = {
        "a/settings.py": f"UPLOAD = {FULL}\n",
        "b/settings.py": "UPLOAD = 'https://s.example/'\n",
        "posts.py": CLIENT.format(how="from django.conf import settings", url="settings.UPLOAD"),
    }

    after, findings = project(before, unsafe=True)

    assert after == before
    assert "UPLOAD is named at posts.py:5" in urls(findings)["a/settings.py"].message


def test_each_link_of_the_chain_is_named() -> None:
    before = {
        "app/__init__.py": "from .conf import UPLOAD_URL\n",
        "app/conf/__init__.py": "from .urls import UPLOAD_URL\n",
        "app/conf/urls.py": f"BASE = {HOST}\nUPLOAD_URL = BASE + {PATH}\n",
        "client.py": CLIENT.format(how="import app\n\nWHERE = app.UPLOAD_URL", url="WHERE"),
    }

    _, findings = project(before)

    assert (
        "(endpoint from app/conf/urls.py:1 through BASE, app/conf/urls.py:2 through UPLOAD_URL, "
        "app/conf/__init__.py:1 through UPLOAD_URL, app/__init__.py:1 through UPLOAD_URL and 1 more)"
    ) in urls(findings)["client.py"].message


def test_what_others_see_of_an_enum_stays() -> None:
    before = files((f"from enum import Enum\nclass E(Enum):\n    UP = {FULL}\n    ME = 'x'",
                    "from config import E", "E.UP.value", "from config import E\nprint(list(E))\n"))  # fmt: skip

    after, findings = project(before)

    assert after["config.py"] == before["config.py"]
    assert urls(findings)["client.py"].fix is Fix.SAFE
    assert "the upload at client.py:5 moves without it" in urls(findings)["config.py"].message


@pytest.mark.parametrize("use", ["urls[1]", "[*urls]", "[part for part in urls]"])
def test_what_others_take_apart_stays(use: str) -> None:
    config = f"from typing import NamedTuple\nclass Urls(NamedTuple):\n    n: int = 1\n    up: str = {FULL}\nurls = Urls()"
    before = files((config, "from config import urls", "urls.up", f"from config import urls\nprint({use})\n"))

    after, findings = project(before)

    assert after["config.py"] == before["config.py"]
    assert urls(findings)["client.py"].fix is Fix.SAFE
    assert urls(findings)["config.py"].fix is Fix.MANUAL


def test_a_field_stays_where_an_upload_needs_it_no_more() -> None:
    config = (
        f"from dataclasses import dataclass\n@dataclass\nclass S:\n    host: str = {HOST}\n    path: str = {PATH}\n"
        "    tries: int = 3\ns = S()"
    )

    after, findings = project(files((config, "from config import s", "s.host + s.path")))

    assert "path: str" in after["config.py"]
    assert urls(findings)["config.py"].fix is Fix.MANUAL


def test_a_constant_that_others_name_stays() -> None:
    before = files((f"URL = {FULL}", "from config import URL", "URL", "import config\nprobe(config.URL)\n"))

    after, findings = project(before)

    assert after["config.py"] == before["config.py"]
    assert "URL is named at start.py:2 too" in urls(findings)["config.py"].message


def test_an_entry_of_a_dict_in_a_dict_moves_with_its_upload() -> None:
    after, _ = project(files(KNOWN["dict get"]))

    assert after["config.py"] == (
        "C = {'tiktok': {'url': 'https://open.tiktokapis.com/v2/post/publish/inbox/video/init/', 'n': 1}}\n"
    )
