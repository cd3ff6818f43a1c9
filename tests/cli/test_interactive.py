"""``fix --interactive``: each fix is shown and asked about, and what is accepted is written at once."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from programs import CLEAN, CLIENT, CONFIG, UNUSED, UPLOAD, git, repository
from share2post import Settings, migrate_source

ENDPOINT = "open-api.tiktok.com"
UNSAFE = """\
import requests


def send(token, open_id, path):
    with open(path, "rb") as clip:
        return requests.post(
            "https://open-api.tiktok.com/share/video/upload/",
            params={"access_token": token, "open_id": open_id},
            files={"video": clip},
        )
"""
LITERAL = UPLOAD.replace("URL, params", f'"https://{ENDPOINT}/share/video/upload/", params')
LITERAL = LITERAL.replace(f'URL = "https://{ENDPOINT}/share/video/upload/"\n\n\n', "\n")
SHARED = UPLOAD + UPLOAD.partition("\n\n\n")[2].replace("def upload", "\n\ndef again")
TWICE = LITERAL + LITERAL.partition("\n\n\n")[2].replace("def upload", "\n\ndef again")


def fixed(code: str, *, unsafe: bool = False) -> str:
    """What ``fix`` makes of one file."""
    return migrate_source(code.encode(), Settings(unsafe_fixes=unsafe)).after.decode()


def test_each_fix_is_shown_with_its_findings_and_asked_about(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)
    patch = share2post("diff").out

    outcome = share2post("fix", "--interactive", stdin=b"y\n")

    shown, _, report = outcome.out.partition("(1/1) Apply this? [y,n,a,q,?] y\n")
    assert shown.startswith("upload.py:9:13: S2P001 ")
    assert shown.endswith(patch)
    assert report.endswith("Scanned 1 file: found 5 in 1 file; fixed 5; left 0.\n")
    assert outcome.status == 0
    assert (project / "upload.py").read_text() == fixed(UPLOAD)


def test_what_is_declined_stays(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)

    outcome = share2post("fix", "--interactive", stdin=b"n\n")

    assert (project / "upload.py").read_text() == UPLOAD
    assert "fixed 0; left 5" in outcome.out
    assert outcome.status == 1


def test_one_is_accepted_and_one_declined(project: Path, share2post) -> None:
    (project / "one.py").write_text(UPLOAD)
    (project / "two.py").write_text(UPLOAD)

    outcome = share2post("fix", "--interactive", stdin=b"n\ny\n")

    assert "(1/2) Apply this?" in outcome.out
    assert "(2/2) Apply this?" in outcome.out
    assert (project / "one.py").read_text() == UPLOAD
    assert (project / "two.py").read_text() == fixed(UPLOAD)


@pytest.mark.parametrize("answers", [b"y\nn\n", b"n\ny\n", b"y\ny\n", b"n\nn\n"])
def test_two_in_one_file(project: Path, share2post, answers: bytes) -> None:
    path = project / "upload.py"
    path.write_text(TWICE)

    outcome = share2post("fix", "--interactive", stdin=answers)

    accepted = answers.count(b"y")
    assert path.read_text().count("/video/init/") == accepted
    assert (ENDPOINT in path.read_text()) == (accepted < 2)
    assert outcome.out.count("Apply this?") == 2
    assert outcome.status == (0 if accepted == 2 else 1)


def test_fixes_that_share_code_are_one_question(project: Path, share2post) -> None:
    (project / "upload.py").write_text(SHARED)

    outcome = share2post("fix", "--interactive", stdin=b"y\n")

    assert outcome.out.count("Apply this?") == 1
    assert (project / "upload.py").read_text() == fixed(SHARED)


def test_a_later_diff_is_of_the_file_as_it_is_by_then(project: Path, share2post) -> None:
    repository(project)
    (project / "upload.py").write_text(TWICE)

    outcome = share2post("fix", "--interactive", stdin=b"y\nq\n")
    second = outcome.out.split("Apply this?")[1]
    patch = second[second.index("--- a/") : second.index("(2/2)")]
    git(project, "apply", "-", stdin=patch.encode())

    assert (project / "upload.py").read_text() == fixed(TWICE)


def test_what_is_unsafe_is_offered_and_marked(project: Path, share2post) -> None:
    (project / "send.py").write_text(UNSAFE)

    outcome = share2post("fix", "--interactive", stdin=b"y\n")

    assert "response-escapes" in outcome.out
    assert "This is unsafe: very likely right" in outcome.out
    assert (project / "send.py").read_text() == fixed(UNSAFE, unsafe=True)
    assert outcome.status == 0


def test_what_is_safe_is_not_marked(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)

    assert "unsafe" not in share2post("fix", "--interactive", stdin=b"n\n").out.partition("Apply")[0]


@pytest.mark.parametrize("options", [[], ["--unsafe-fixes"]], ids=" ".join)
def test_all_is_what_fix_would_do(project: Path, share2post, options) -> None:
    (project / "a.py").write_text(UNSAFE)
    (project / "b.py").write_text(UPLOAD)
    (project / "c.py").write_text(UNSAFE)

    outcome = share2post("fix", "--interactive", *options, stdin=b"a\n")

    unsafe = bool(options)
    assert outcome.out.count("Apply this?") == 1
    assert (project / "a.py").read_text() == (fixed(UNSAFE, unsafe=True) if unsafe else UNSAFE)
    assert (project / "b.py").read_text() == fixed(UPLOAD)
    assert (project / "c.py").read_text() == (project / "a.py").read_text()
    assert ("so it is left" in outcome.out) == (not unsafe)
    assert outcome.status == (0 if unsafe else 1)


def test_all_keeps_what_was_declined(project: Path, share2post) -> None:
    (project / "a.py").write_text(UPLOAD)
    (project / "b.py").write_text(UPLOAD)
    (project / "c.py").write_text(TWICE)

    share2post("fix", "--interactive", stdin=b"n\na\n")

    assert (project / "a.py").read_text() == UPLOAD
    assert (project / "b.py").read_text() == fixed(UPLOAD)
    assert (project / "c.py").read_text() == fixed(TWICE)


@pytest.mark.parametrize("end", [b"q\n", b"", b"quit\n"])
def test_quitting_keeps_what_was_accepted(project: Path, share2post, end: bytes) -> None:
    for name in ("a.py", "b.py", "c.py"):
        (project / name).write_text(UPLOAD)

    outcome = share2post("fix", "--interactive", stdin=b"y\n" + end)

    assert (project / "a.py").read_text() == fixed(UPLOAD)
    assert (project / "b.py").read_text() == (project / "c.py").read_text() == UPLOAD
    assert outcome.out.count("Apply this?") == 2
    assert "fixed 5; left 10" in outcome.out
    assert outcome.status == 1


@pytest.mark.parametrize("answer", [b"?\n", b"\n", b"what\n", b"ya\n", b"\xff\n"])
def test_anything_else_prints_help_and_asks_again(project: Path, share2post, answer: bytes) -> None:
    (project / "upload.py").write_text(UPLOAD)

    outcome = share2post("fix", "--interactive", stdin=answer + b" Y \n")

    assert outcome.out.count("Apply this?") == 2
    assert "\nq - quit; apply neither this nor any of the rest, what was applied stays\n" in outcome.out
    assert (project / "upload.py").read_text() == fixed(UPLOAD)


def test_the_files_of_one_fix_are_asked_about_together(project: Path, share2post) -> None:
    (project / "config.py").write_text(CONFIG)
    (project / "client.py").write_text(CLIENT)
    patch = share2post("diff").out
    share2post_fix = share2post("fix", "--interactive", stdin=b"y\n")

    assert patch in share2post_fix.out
    assert share2post_fix.out.count("Apply this?") == 1
    assert ENDPOINT not in (project / "config.py").read_text() + (project / "client.py").read_text()


def test_what_is_for_a_person_is_listed_at_the_end(project: Path, share2post) -> None:
    (project / "settings.py").write_text(UNUSED)
    (project / "upload.py").write_text(UPLOAD)

    outcome = share2post("fix", "--interactive", stdin=b"y\n")

    assert "unused-url" in outcome.out.partition("Apply this?")[2]
    assert "unused-url" not in outcome.out.partition("Apply this?")[0]
    assert outcome.status == 1


def test_nothing_to_ask_about(project: Path, share2post) -> None:
    (project / "clean.py").write_text(CLEAN)
    (project / "settings.py").write_text(UNUSED)

    outcome = share2post("fix", "--interactive")

    assert "Apply this?" not in outcome.out
    assert outcome.status == 1
    assert share2post("fix", "--interactive", "clean.py").out == "Scanned 1 file: nothing legacy found.\n"


def test_only_what_was_asked_about_is_offered(project: Path, share2post) -> None:
    (project / "one.py").write_text(UPLOAD)
    (project / "two.py").write_text(UPLOAD)

    outcome = share2post("fix", "--interactive", "two.py", stdin=b"y\ny\n")

    assert outcome.out.count("Apply this?") == 1
    assert (project / "one.py").read_text() == UPLOAD


def test_comments_are_written_at_the_end(project: Path, share2post) -> None:
    (project / "both.py").write_text(UPLOAD + "\n\n" + UNUSED)

    share2post("fix", "--interactive", "--annotate", stdin=b"y\n")
    after = (project / "both.py").read_text()

    assert after.startswith(fixed(UPLOAD))
    assert after.endswith(f"[unused-url]\n{UNUSED}")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["fix", "--interactive", "-"], "standard input"),
        (["fix", "--interactive", "--output-format", "json"], "JSON"),
        (["diff", "--interactive"], "--interactive"),
        (["check", "--interactive"], "--interactive"),
    ],
    ids=" ".join,
)
def test_where_nobody_can_be_asked(project: Path, share2post, arguments, why: str) -> None:
    (project / "upload.py").write_text(UPLOAD)

    outcome = share2post(*arguments, stdin=UPLOAD.encode())

    assert outcome.status == 2
    assert why in outcome.err
    assert outcome.out == ""
    assert (project / "upload.py").read_text() == UPLOAD


def test_a_read_only_file_is_left_and_the_others_are_done(project: Path, share2post) -> None:
    (project / "a.py").write_text(UPLOAD)
    (project / "b.py").write_text(UPLOAD)
    (project / "a.py").chmod(stat.S_IRUSR)

    outcome = share2post("fix", "--interactive", stdin=b"y\ny\n")

    assert "error: a.py: is read-only; nothing was written" in outcome.err
    assert (project / "a.py").read_text() == UPLOAD
    assert (project / "b.py").read_text() == fixed(UPLOAD)
    assert "fixed 5; left 5; 1 error" in outcome.out
    assert outcome.status == 2


def test_colour_obeys(project: Path, share2post, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "upload.py").write_text(UPLOAD)

    assert "\x1b[" not in share2post("fix", "--interactive", stdin=b"n\n").out
    assert "\x1b[32m+" in share2post("fix", "--interactive", "--color", "always", stdin=b"n\n").out

    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[" not in share2post("fix", "--interactive", "--color", "auto", stdin=b"n\n").out


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
@pytest.mark.parametrize("answers", [b"y\n", b""])
def test_an_interrupt_keeps_what_was_accepted(project: Path, answers: bytes) -> None:
    for name in ("a.py", "b.py"):
        (project / name).write_text(UPLOAD)
    command = [sys.executable, "-c", "from share2post.__main__ import main; main()", "fix", "--interactive"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdin.write(answers)
        run.stdin.flush()
        prompt = b"(2/2) Apply this?" if answers else b"(1/2) Apply this?"
        seen = b""
        while prompt not in seen:
            seen += run.stdout.read1(4096)
        run.send_signal(signal.SIGINT)
        said = run.stderr.read().decode()

    assert run.returncode == 130
    assert f"Interrupted. Written: {'a.py' if answers else 'nothing'}." in said
    assert (project / "a.py").read_text() == (fixed(UPLOAD) if answers else UPLOAD)
    assert (project / "b.py").read_text() == UPLOAD
