"""The corpus: every program is run, rewritten, compared and run again (see fixtures/README.md)."""

from __future__ import annotations

import difflib
import functools
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from wire import Run, Scenario, run_program
from wire.run import VIDEO, deterministic_bytes
from wire.scenario import BAD_TOKEN, DETAIL, ID, OPEN_ID

FIXTURES: Final = Path(__file__).parent.parent / "fixtures"
CREDENTIALS: Final = {
    "TIKTOK_ACCESS_TOKEN": "{token}",
    "TIKTOK_OPEN_ID": "{open_id}",
    "VIDEO_PATH": "video.mp4",
}

# What an upload program goes through when nobody says otherwise.
SCENARIOS: Final = ("refused", "put-expired")
# The scenarios that have a counterpart in the old API: the program must do the same on both.
COUNTERPARTS: Final[dict[str, tuple[str, ...]]] = {
    "refused": ("refused",),
    "scope": ("scope",),
    "invalid": ("invalid",),
    "down": ("down",),
    "gateway": ("gateway",),
    "flaky": ("down", "success"),
    "refused-then-success": ("refused", "success"),
}
# The scenarios that are new: the program must not say that it succeeded.
INIT_FAILURES: Final = ("scope-401", "invalid-400", "spam", "rate")
PUT_FAILURES: Final[dict[str, str]] = {
    "put-bad": "bad",
    "put-expired": "expired",
    "put-missing": "missing",
    "put-range": "range",
    "put-down": "down",
}


@dataclass(frozen=True)
class Case:
    """One directory of the corpus."""

    root: Path

    def __str__(self) -> str:
        return self.root.relative_to(FIXTURES).as_posix()

    @property
    def before(self) -> bytes:
        return (self.root / "before.py").read_bytes()

    @property
    def after(self) -> bytes:
        return (self.root / "after.py").read_bytes()

    @property
    def review(self) -> list[dict[str, str]] | None:
        path = self.root / "review.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    @functools.cached_property
    def options(self) -> dict[str, Any]:
        path = self.root / "case.json"
        options = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        assert set(options) <= OPTIONS, set(options) - OPTIONS
        return options

    @property
    def unsafe(self) -> bool:
        return self.options.get("fix") == "unsafe"

    @property
    def scenarios(self) -> tuple[str, ...]:
        return (*self.options.get("failures", SCENARIOS), *self.options.get("scenarios", ()))


OPTIONS: Final = {
    "fix", "reasons", "note", "run", "env", "argv", "files", "texts", "old", "open_id", "fields", "others",
    "failures", "scenarios", "stdout", "prints_answer", "content", "left",
}  # fmt: skip
UPLOADS: Final = sorted([*FIXTURES.glob("dialects/*/*/before.py"), *FIXTURES.glob("idioms/*/before.py")])
DIALECTS: Final = [Case(path.parent) for path in UPLOADS]
WEBHOOKS: Final = [Case(path.parent) for path in sorted(FIXTURES.glob("webhooks/*/before.py"))]
REWRITTEN: Final = [case for case in DIALECTS if case.review is None]
LOOKALIKES: Final = sorted(FIXTURES.glob("lookalikes/*.py"))

cases = pytest.mark.parametrize


# -- the tool -------------------------------------------------------------------------------------------


def migrate(data: bytes, *, unsafe: bool = False) -> Any:
    """What the public API makes of one file."""
    share2post = pytest.importorskip("share2post")
    if not hasattr(share2post, "migrate_source"):
        pytest.skip("share2post.migrate_source is not there yet")
    from share2post.settings import Settings

    return share2post.migrate_source(data, settings=Settings(unsafe_fixes=unsafe), path="before.py")


def unified_diff(before: bytes, after: bytes) -> bytes:
    """The golden's diff: what ``git apply`` takes, byte for byte."""
    lines = [[line + b"\n" for line in data.split(b"\n")] for data in (before, after)]
    for side in lines:
        last = side.pop().removesuffix(b"\n")
        if last:
            side.append(last + b"\n\\ No newline at end of file\n")
    return b"".join(difflib.diff_bytes(difflib.unified_diff, *lines, b"a/before.py", b"b/before.py"))


def golden(path: Path, actual: bytes, *, update: bool) -> None:
    """Compare with a golden file, or write it."""
    if update:
        path.write_bytes(actual)
    assert path.exists(), f"{path} is missing: pytest --update-fixtures -n0"
    assert path.read_bytes() == actual


def found(result: Any) -> set[tuple[str, str]]:
    """The rules of the findings, each with its reason."""
    return {(finding.rule, finding.reason.value if finding.reason else "") for finding in result.findings}


def assert_rewritten(case: Case, *, update: bool) -> None:
    result = migrate(case.before, unsafe=case.unsafe)
    again = migrate(result.after, unsafe=True)
    expected = {"safe", "unsafe"} if case.unsafe else {"safe"}
    left = {(entry["rule"], entry["reason"]) for entry in case.options.get("left", ())}
    moved = [f for f in result.findings if not f.rule.startswith("S2P1")]
    fixes = {str(f.fix) for f in moved if (f.rule, f.reason.value if f.reason else "") not in left}

    assert result.after != case.before, found(result)
    golden(case.root / "after.py", result.after, update=update)
    golden(case.root / "change.diff", unified_diff(case.before, result.after), update=update)
    assert again.after == result.after
    assert found(again) == left
    assert {str(finding.fix) for finding in again.findings} <= {"manual"}
    assert fixes <= expected
    if case.unsafe:
        untouched = migrate(case.before)
        assert untouched.after == case.before
        assert {reason for _, reason in found(untouched) if reason} >= set(case.options.get("reasons", ()))
        assert "unsafe" in fixes


def assert_left_alone(case: Case) -> None:
    result = migrate(case.before, unsafe=True)
    expected = {(entry["rule"], entry["reason"]) for entry in case.review or ()}

    assert result.after == case.before
    assert found(result) >= expected
    assert {reason for _, reason in found(result) if reason} == {reason for _, reason in expected}
    assert {str(finding.fix) for finding in result.findings} == {"manual"}


@cases("case", REWRITTEN, ids=str)
def test_an_upload_is_rewritten(case: Case, update_fixtures: bool) -> None:
    assert_rewritten(case, update=update_fixtures)


@cases("case", [case for case in (*DIALECTS, *WEBHOOKS) if case.review is not None], ids=str)
def test_a_program_is_left_to_a_person(case: Case) -> None:
    assert_left_alone(case)


@cases("case", [case for case in WEBHOOKS if case.review is None], ids=str)
def test_a_webhook_is_rewritten(case: Case, update_fixtures: bool) -> None:
    assert_rewritten(case, update=update_fixtures)


@cases("path", LOOKALIKES, ids=lambda path: path.stem)
def test_a_lookalike_is_not_touched(path: Path) -> None:
    data = path.read_bytes()
    result = migrate(data, unsafe=True)

    compile(data, str(path), "exec")
    assert result.after == data
    assert found(result) == set()


@cases("case", [case for case in (*REWRITTEN, *WEBHOOKS) if (case.root / "change.diff").exists()], ids=str)
def test_the_diff_applies(case: Case, tmp_path: Path) -> None:
    (tmp_path / "before.py").write_bytes(case.before)
    patch = (case.root / "change.diff").read_bytes()
    subprocess.run(["git", "-c", "core.autocrlf=false", "apply", "-"], cwd=tmp_path, input=patch, check=True)

    assert (tmp_path / "before.py").read_bytes() == case.after


# -- uploads, on the wire -------------------------------------------------------------------------------


@functools.cache
def ran(root: Path, api: str, answers: tuple[str, ...] = ("success",), put: str = "success") -> Run:
    """One program of a case, once per process."""
    case = Case(root)
    options = case.options
    places = options.get("old", "query")
    scenario = Scenario(
        "old" if api == "old" else "new",
        answers=answers,
        puts=(put,),
        token_in=(places,) if isinstance(places, str) else tuple(places),
        open_id=OPEN_ID if options.get("open_id", True) else None,
        fields=tuple(options.get("fields", ())),
        others=options.get("others", {}),
    )
    return run_program(
        root / ("before.py" if api == "old" else "after.py"),
        scenario,
        env=CREDENTIALS | options.get("env", {}),
        argv=options.get("argv", ()),
        files=options.get("files"),
        texts=options.get("texts"),
    )


def after(case: Case, *arguments: Any) -> Run:
    if not (case.root / "after.py").exists():
        pytest.skip("there is no after.py yet")
    return ran(case.root, "new", *arguments)


URL: Final = re.compile(
    r"https://open(-api\.tiktok\.com/share/video/upload|\.tiktokapis\.com/v2/post)[^\s'\"<>)]*"
)
CODES: Final = (
    "20000 20002 10002 50000 access_token_invalid scope_not_authorized invalid_params? internal_error"
)
CODE: Final = re.compile(rf"""['"]?\b({CODES.replace(" ", "|")})\b['"]?""")
KEY: Final = re.compile(r"(KeyError: )'(data|extra|error|share_id|publish_id|error_msg|message)'")
TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d([.,]\d+)?")


def settled(case: Case, run: Run) -> tuple[int, str, str]:
    """What a run said, without what has to differ between the two APIs."""
    stderr = run.stderr
    if "Traceback (most recent call last)" in stderr:
        # The lines of the file moved; what was raised did not.
        stderr = "\n".join(
            line for line in stderr.splitlines() if re.match(r"[\w.]+(Error|Exception|Exit)\b", line)
        )
    return run.returncode, _settled(case, run, run.stdout), _settled(case, run, stderr)


def _settled(case: Case, run: Run, text: str) -> str:
    if case.options.get("prints_answer"):
        for exchange in run.exchanges:
            if exchange.kind in ("upload", "init") and exchange.answer.body.startswith(b"{"):
                document = json.loads(exchange.answer.body)
                spellings = [exchange.answer.body.decode(), repr(document), repr(exchange.answer.body)]
                spellings += [json.dumps(document, indent=indent) for indent in (None, 2, 4)]
                for spelling in spellings:
                    text = text.replace(spelling, "<answer>")
    if "error-detail" in case.options.get("reasons", ()):
        # The old detail has no counterpart; the message is the nearest (api-facts 4.2).
        text = text.replace(DETAIL, BAD_TOKEN)
    text = KEY.sub(r"\1<key>", CODE.sub("<code>", URL.sub("<url>", text)))
    return TIME.sub("<time>", text)


@cases("case", [case for case in DIALECTS if case.options.get("run", True)], ids=str)
def test_the_old_program_worked(case: Case) -> None:
    run = ran(case.root, "old")

    assert run.violations == ()
    assert len(run.videos) == sum(exchange.kind == "upload" for exchange in run.exchanges) > 0
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr


@cases("case", REWRITTEN, ids=str)
def test_the_new_program_does_the_same(case: Case) -> None:
    run = after(case)
    if not case.options.get("run", True):
        # The old program never worked, so there is nothing to compare with but what was written down.
        known = {VIDEO, *(deterministic_bytes(*file) for file in case.options.get("files", {}).items())}
        assert run.violations == ()
        assert run.unfinished == 0
        assert {hash(video) for video in run.videos} <= {hash(data) for data in known}
        assert run.stdout == case.options["stdout"].replace("{id}", ID), run.stderr
        return
    before = ran(case.root, "old")

    assert run.violations == ()
    assert run.videos == before.videos
    assert set(run.tokens) == set(before.tokens)
    assert run.unfinished == 0
    assert run.others == before.others
    assert settled(case, run) == settled(case, before)


@cases(
    ("case", "scenario"),
    [(case, scenario) for case in REWRITTEN for scenario in case.scenarios],
    ids=str,
)
def test_the_new_program_fails_as_the_old_one_did(case: Case, scenario: str) -> None:
    if scenario in COUNTERPARTS:
        run = after(case, COUNTERPARTS[scenario])
        before = ran(case.root, "old", COUNTERPARTS[scenario])
        assert before.violations == ()
        assert run.videos == before.videos
        assert settled(case, run) == settled(case, before)
    elif scenario in INIT_FAILURES:
        run = after(case, (scenario,))
        assert_no_success(case, run)
    else:
        run = after(case, ("success",), PUT_FAILURES[scenario])
        assert "put" in [exchange.kind for exchange in run.exchanges]
        assert_no_success(case, run)
        if case.options.get("run", True):  # a program of two requests may say something in between
            assert not told_of_success(case) & set(run.stdout.splitlines())
    assert run.violations == ()


def assert_no_success(case: Case, run: Run) -> None:
    """A program that did not upload must not say that it did."""
    assert run.videos == ()
    assert ID not in run.stdout
    assert run.returncode != 0 or run.stdout != after(case).stdout


def told_of_success(case: Case) -> set[str]:
    """The lines a program prints when an upload succeeded, and does not when it was refused."""
    return set(after(case).stdout.splitlines()) - set(after(case, ("refused",)).stdout.splitlines())


# -- webhooks, without a network ------------------------------------------------------------------------

RENAMED: Final = {
    "video.upload.failed": "post.publish.failed",
    "video.publish.completed": "post.publish.complete",
    "video.publish.complete": "post.publish.complete",
}


def deliveries(case: Case, generation: str) -> str:
    """The bodies TikTok would post, one a line: each event the program knows, and two it need not know."""
    spelled = [
        event for event in RENAMED if re.search(rf"['\"]{re.escape(event)}['\"]".encode(), case.before)
    ]
    events = [event if generation == "old" else RENAMED[event] for event in spelled]
    key = "share_id" if generation == "old" else "publish_id"
    contents: list[tuple[str, dict[str, object]]] = [
        (event, {key: f"{ID}{number}"} | ({"reason": "internal"} if event.endswith("failed") else {}))
        for number, event in enumerate(events)
    ]
    contents += [("authorization.removed", {"reason": 1}), ("portability.download.ready", {"request_id": 7})]
    return "".join(json.dumps(_envelope(case, event, content)) + "\n" for event, content in contents)


def _envelope(case: Case, event: str, content: dict[str, object]) -> dict[str, object]:
    return {
        "client_key": "bwo2m45353a6k85",
        "event": event,
        "create_time": 1615338610,
        "user_openid": OPEN_ID,
        "content": content if case.options.get("content") == "dict" else json.dumps(content),
    }


def delivered(case: Case, generation: str) -> Run:
    """A webhook program, fed with every event of one generation."""
    name = "before.py" if generation == "old" else "after.py"
    return run_program(
        case.root / name,
        None,
        env={"WEBHOOK_EVENT": "events.jsonl"} | case.options.get("env", {}),
        texts={"events.jsonl": deliveries(case, generation)} | case.options.get("texts", {}),
    )


@cases("case", [case for case in WEBHOOKS if case.options.get("run", True)], ids=str)
def test_a_webhook_program_does_the_same(case: Case) -> None:
    before = delivered(case, "old")

    assert before.violations == ()
    assert before.returncode == 0, before.stderr
    if case.review is None:
        assert ID in before.stdout
    if case.review is None and (case.root / "after.py").exists():
        run = delivered(case, "new")
        expected = before.stdout
        for old, new in (*RENAMED.items(), ("share_id", "publish_id")):
            expected = expected.replace(old, new)
        assert run.violations == ()
        assert (run.returncode, run.stdout) == (before.returncode, expected)
