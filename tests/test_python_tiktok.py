"""A library that anybody can install: its upload is rewritten whole, and the rest of it goes on working."""

from __future__ import annotations

import functools
import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from share2post import Finding, Fix
from share2post.engine.migrate import Migration, migrate
from share2post.model import Project, SourceFile
from share2post.settings import Settings
from wire import Run, Scenario, run_program
from wire.run import VIDEO
from wire.scenario import ID, TOKEN

PROGRAM = """\
import os
import sys

from pytiktok import KitApi, PyTiktokError

api = KitApi(access_token=os.environ["TIKTOK_ACCESS_TOKEN"], timeout=20)
print(api.get_user_info(os.environ["TIKTOK_OPEN_ID"]).data.user.display_name)
with open("video.mp4", "rb") as video:
    if sys.argv[1] == "json":
        print(api.share_video(os.environ["TIKTOK_OPEN_ID"], video, return_json=True))
    else:
        print(api.share_video(os.environ["TIKTOK_OPEN_ID"], video))
"""
WHO = {"data": {"user": {"display_name": "Ada"}}, "error": {"code": 0, "message": ""}}
CREDENTIALS = {"TIKTOK_ACCESS_TOKEN": "{token}", "TIKTOK_OPEN_ID": "{open_id}"}


@functools.cache
def installed() -> Path:
    """Where the library is."""
    spec = importlib.util.find_spec("pytiktok")

    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent


@functools.cache
def rewritten() -> Migration:
    """What becomes of the library's modules."""
    paths = sorted(installed().rglob("*.py"))
    sources = [SourceFile(f"pytiktok/{p.relative_to(installed()).as_posix()}", p.read_bytes()) for p in paths]
    return migrate(Project(tuple(sources)), Settings(unsafe_fixes=True))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The library as it is."""
    root = tmp_path_factory.mktemp("before")
    shutil.copytree(installed(), root / "pytiktok")
    yield root


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The library rewritten."""
    root = tmp_path_factory.mktemp("after")
    for file in rewritten().files:
        path = root / file.source.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.after)
    yield root


def run(tree: Path, api: str, how: str, answer: str = "success", put: str = "success") -> Run:
    """Run the program on one generation of the library."""
    scenario = Scenario(
        "old" if api == "old" else "new", answers=(answer,), puts=(put,),
        others={"POST open-api.tiktok.com/user/info/": WHO},
    )  # fmt: skip
    return run_program(PROGRAM, scenario, env=CREDENTIALS, argv=(how,), tree=tree)


def uploads() -> list[Finding]:
    """The findings of the upload."""
    return [finding for finding in rewritten().findings if not finding.rule.startswith("S2P1")]


def test_the_upload_is_rewritten_whole() -> None:
    assert {finding.fix for finding in uploads()} == {Fix.UNSAFE}
    assert all(finding.fixed for finding in uploads())


def test_the_message_says_that_callers_are_out_of_sight() -> None:
    messages = " ".join(finding.message for finding in uploads())

    assert "KitApi._request" in messages
    assert "share_video" in messages


def test_nothing_is_done_without_consent() -> None:
    sources = tuple(file.source for file in rewritten().files)
    result = migrate(Project(sources), Settings())

    assert all(not file.changed for file in result.files)


def test_a_second_run_finds_nothing() -> None:
    sources = tuple(SourceFile(file.source.path, file.after) for file in rewritten().files)
    again = migrate(Project(sources), Settings(unsafe_fixes=True))

    assert all(not file.changed for file in again.files)
    assert [f for f in again.findings if not f.rule.startswith("S2P1")] == []


def test_the_same_bytes_arrive(before: Path, after: Path) -> None:
    old, new = run(before, "old", "json"), run(after, "new", "json")

    assert (old.violations, old.returncode) == ((), 0), old.stderr
    assert (new.violations, new.returncode, new.unfinished) == ((), 0, 0), new.stderr
    assert old.videos == new.videos == (VIDEO,)
    assert set(new.tokens) == {TOKEN}
    assert old.others == new.others
    assert ID in old.stdout
    assert ID in new.stdout
    assert new.stdout.startswith("Ada\n")


def test_a_refusal_is_in_the_answer_as_it_was(before: Path, after: Path) -> None:
    old, new = run(before, "old", "json", "refused"), run(after, "new", "json", "refused")

    assert (old.violations, old.returncode) == (new.violations, new.returncode) == ((), 0), new.stderr
    assert "20000" in old.stdout
    assert "access_token_invalid" in new.stdout
    assert new.videos == ()


@pytest.mark.parametrize(("answer", "says"), [("success", ID), ("refused", "access_token_invalid")])
def test_the_model_of_the_answer_moves_along(after: Path, answer: str, says: str) -> None:
    """The old model's ``logid: int`` takes no log id with letters, so there is no run to compare with."""
    new = run(after, "new", "model", answer)

    assert (new.violations, new.returncode) == ((), 0), new.stderr
    assert "KitShareVideoResponse(" in new.stdout
    assert says in new.stdout


def test_a_failed_upload_raises(after: Path) -> None:
    new = run(after, "new", "json", put="expired")

    assert new.violations == ()
    assert new.returncode != 0
    assert "HTTPError" in new.stderr
    assert ID not in new.stdout


def test_the_other_endpoints_stay_as_they_are(after: Path) -> None:
    kept = (installed() / "business_account_api.py").read_bytes()

    assert (after / "pytiktok" / "business_account_api.py").read_bytes() == kept
    assert b"def _request(" in (after / "pytiktok" / "kit_api.py").read_bytes()
