"""What the commands print, and where."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from programs import CLEAN, CLIENT, CONFIG, UNUSED, UPLOAD
from share2post.catalogue import REASONS, RULES
from share2post.model import Reason
from share2post.version import VERSION


def test_version(share2post) -> None:
    assert share2post("--version").out == f"share2post, version {VERSION}\n"


def test_rules_lists_every_rule(share2post) -> None:
    outcome = share2post("rules")

    assert [line.split()[0] for line in outcome.out.splitlines()] == [rule.code for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_explain_knows_every_rule_by_code_and_name(share2post, rule) -> None:
    outcome = share2post("explain", rule.code)

    assert rule.name in outcome.out
    assert share2post("explain", rule.name).out.startswith(outcome.out.rstrip())


@pytest.mark.parametrize("reason", list(Reason))
def test_explain_knows_every_reason(share2post, reason: Reason) -> None:
    outcome = share2post("explain", reason)

    assert outcome.status == 0
    assert REASONS[reason].split()[0] in outcome.out


def test_explain_alone_lists_what_can_be_explained(share2post) -> None:
    outcome = share2post("explain")

    assert all(rule.code in outcome.out for rule in RULES)
    assert all(reason in outcome.out for reason in Reason)


def test_explain_of_nothing_known_is_wrong_usage(share2post) -> None:
    outcome = share2post("explain", "S2P777")

    assert outcome.status == 2
    assert "S2P777" in outcome.err


def test_a_finding_has_place_rule_sentence_and_fix(project: Path, share2post) -> None:
    (project / "unused.py").write_text(UNUSED)

    line = share2post("check").out.splitlines()[0]

    assert line.startswith("unused.py:1:10: S2P001 ")
    assert line.endswith(" [fix: manual, unused-url]")


def test_the_summary_counts_what_is_left_by_reason(project: Path, share2post) -> None:
    (project / "unused.py").write_text(UNUSED)
    (project / "clean.py").write_text(CLEAN)

    outcome = share2post("check")

    assert outcome.out.endswith(
        "Scanned 2 files: found 1 in 1 file; 1 by hand.\nLeft by reason: unused-url 1.\n"
    )


def test_clean_code_in_a_sentence(project: Path, share2post) -> None:
    (project / "clean.py").write_text(CLEAN)

    assert share2post("check").out == "Scanned 1 file: nothing legacy found.\n"


@pytest.mark.parametrize("command", ["check", "diff", "fix"])
@pytest.mark.parametrize("options", [[], ["--quiet"], ["--force-exclude", "--unsafe-fixes"]], ids=" ".join)
def test_the_short_way_says_what_the_long_way_says(project: Path, share2post, command: str, options) -> None:
    (project / "clean.py").write_text(CLEAN)

    assert share2post(command, *options, "clean.py") == share2post(
        command, *options, "clean.py", "--color", "never"
    )


def test_a_directory_without_python(project: Path, share2post) -> None:
    (project / "empty").mkdir()

    outcome = share2post("check", "empty")

    assert outcome.status == 0
    assert "no Python files in empty" in outcome.err


def test_quiet_has_findings_only(project: Path, share2post) -> None:
    (project / "unused.py").write_text(UNUSED)

    outcome = share2post("check", "--quiet")

    assert len(outcome.out.splitlines()) == 1
    assert outcome.err == ""


def test_quiet_on_clean_code_is_silent(project: Path, share2post) -> None:
    (project / "clean.py").write_text(CLEAN)

    outcome = share2post("check", "--quiet")

    assert (outcome.out, outcome.err) == ("", "")


def test_verbose_says_where_it_looked(project: Path, share2post) -> None:
    (project / "unused.py").write_text(UNUSED)

    outcome = share2post("check", "--verbose")

    assert f"project: {project}" in outcome.err
    assert "unused.py" in outcome.err


def test_json_is_one_object_with_everything(project: Path, share2post) -> None:
    (project / "unused.py").write_text(UNUSED)

    report = json.loads(share2post("check", "nowhere.py", "unused.py", "--output-format", "json").out)

    assert report["version"] == VERSION
    assert report["errors"] == [{"path": "nowhere.py", "message": "does not exist"}]
    assert report["summary"]["by_reason"] == {"unused-url": 1}
    [finding] = report["findings"]
    assert {key: finding[key] for key in ("rule", "path", "line", "column", "fix", "fixed", "reason")} == {
        "rule": "S2P001",
        "path": "unused.py",
        "line": 1,
        "column": 10,
        "fix": "manual",
        "fixed": False,
        "reason": "unused-url",
    }
    assert {"end_line", "end_column", "message", "site"} <= finding.keys()


def test_json_of_fix_says_what_was_fixed(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)

    report = json.loads(share2post("fix", "--output-format", "json").out)

    assert report["findings"]
    assert all(finding["fixed"] for finding in report["findings"])
    assert report["summary"]["left"] == 0


def test_the_report_can_go_to_a_file(project: Path, share2post) -> None:
    (project / "unused.py").write_text(UNUSED)

    outcome = share2post("check", "--output-format", "json", "--output-file", "report.json")

    assert outcome.out == ""
    assert json.loads((project / "report.json").read_text())["summary"]["found"] == 1


def test_a_report_that_cannot_be_written_is_wrong_usage(project: Path, share2post) -> None:
    (project / "unused.py").write_text(UNUSED)

    assert share2post("check", "--output-file", "no/such/place").status == 2


def test_paths_are_relative_to_the_current_directory(project: Path, share2post, monkeypatch) -> None:
    (project / "pyproject.toml").touch()
    (project / "unused.py").write_text(UNUSED)
    (project / "deep").mkdir()
    monkeypatch.chdir(project / "deep")

    assert share2post("check", "../unused.py").out.startswith("../unused.py:1:10:")


def test_diff_prints_nothing_but_the_patch(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)
    (project / "unused.py").write_text(UNUSED)

    outcome = share2post("diff")

    assert outcome.out.startswith("--- a/upload.py\n+++ b/upload.py\n@@ ")
    assert "Scanned" not in outcome.out
    assert "unused.py:1:10: S2P001" in outcome.err
    assert "Scanned 2 files" in outcome.err


def test_diff_writes_nothing(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)

    share2post("diff")

    assert (project / "upload.py").read_text() == UPLOAD


def test_fix_twice_changes_nothing_the_second_time(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)
    share2post("fix")
    once = (project / "upload.py").read_bytes()

    outcome = share2post("fix")

    assert outcome.status == 0
    assert (project / "upload.py").read_bytes() == once


def test_standard_input_comes_out_fixed(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)
    piped = share2post("fix", "-", "--stdin-filename", "upload.py", stdin=UPLOAD.encode())
    share2post("fix", "upload.py")

    assert piped.out == (project / "upload.py").read_text()
    assert piped.status == 0
    assert "Scanned 1 file" in piped.err


def test_standard_input_that_is_clean_comes_out_as_it_was(project: Path, share2post) -> None:
    outcome = share2post("fix", "-", stdin=CLEAN.encode())

    assert outcome.out == CLEAN


def test_standard_input_that_is_broken_comes_out_as_it_was(project: Path, share2post) -> None:
    outcome = share2post("fix", "-", stdin=b"def (:\n" + UPLOAD.encode())

    assert outcome.out == "def (:\n" + UPLOAD
    assert outcome.status == 2


def test_standard_input_is_found_in_its_project(project: Path, share2post) -> None:
    (project / "config.py").write_text(CONFIG)

    outcome = share2post("check", "-", "--stdin-filename", "client.py", stdin=CLIENT.encode())

    assert outcome.status == 1
    assert "client.py:" in outcome.out
    assert "config.py:1:" not in outcome.out


def test_standard_input_stands_alone(project: Path, share2post) -> None:
    assert share2post("check", "-", "other.py").status == 2
    assert share2post("check", "--stdin-filename", "x.py").status == 2


def test_unknown_codes_are_wrong_usage(project: Path, share2post) -> None:
    outcome = share2post("check", "--select", "S2P001,E501")

    assert outcome.status == 2
    assert "'E501'" in outcome.err


def test_ignored_rules_are_not_reported(project: Path, share2post) -> None:
    (project / "unused.py").write_text(UNUSED)

    assert share2post("check", "--ignore", "S2P00").status == 0


def test_selected_rules_alone_are_reported(project: Path, share2post) -> None:
    (project / "unused.py").write_text(UNUSED)

    assert share2post("check", "--select", "S2P005").status == 0
    assert share2post("check", "--select", "S2P001").status == 1


def test_one_file_by_name_says_what_the_directory_says(project: Path, share2post) -> None:
    (project / "config.py").write_text(CONFIG)
    (project / "client.py").write_text(CLIENT)

    whole = share2post("check", "--quiet", ".").out.splitlines()
    single = [
        line
        for name in ("client.py", "config.py")
        for line in share2post("check", "-q", name).out.splitlines()
    ]

    assert sorted(single) == sorted(whole)
    assert any(line.startswith("client.py") for line in whole)


def test_a_pipe_gets_no_colour(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)

    assert "\x1b" not in share2post("check").out + share2post("diff").out


def test_colour_on_request(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)

    assert "\x1b[" in share2post("check", "--color", "always").out
    assert "\x1b[" in share2post("diff", "--color", "always").out


def test_a_terminal_gets_colour_unless_the_user_has_none(project: Path, share2post, monkeypatch) -> None:
    (project / "upload.py").write_text(UPLOAD)
    monkeypatch.setattr("share2post.cli._is_terminal", lambda stream: True)

    assert "\x1b[" in share2post("check").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in share2post("check").out


def test_no_credential_is_printed(project: Path, share2post) -> None:
    secret = "act.veryvery5ecret!token"
    (project / "upload.py").write_text(
        UPLOAD.replace("token, open_id, path", "path").replace(": token", f': "{secret}"')
    )

    for command in (["check"], ["check", "--output-format", "json"], ["check", "--verbose"], ["fix"]):
        outcome = share2post(*command)
        assert secret not in outcome.out + outcome.err


def test_a_reader_that_goes_away_leaves_no_traceback(project: Path) -> None:
    for number in range(200):
        (project / f"unused{number}.py").write_text(UNUSED)
    process = subprocess.Popen(
        [sys.executable, "-m", "share2post", "check"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()

    assert b"Traceback" not in process.stderr.read()
    process.wait()


def test_an_interrupt_leaves_no_traceback(project: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "share2post", "check", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()

    assert process.returncode == 130
    assert b"Traceback" not in errors
