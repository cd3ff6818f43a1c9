"""A test for every cell of the table of exit statuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from programs import CLEAN, SIBLING, UNUSED, UPLOAD


def test_check_of_clean_code_is_0(project: Path, share2post) -> None:
    (project / "clean.py").write_text(CLEAN)

    assert share2post("check").status == 0


def test_check_of_legacy_code_is_1(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)

    assert share2post("check").status == 1


def test_check_of_a_broken_file_is_2(project: Path, share2post) -> None:
    (project / "broken.py").write_text(UPLOAD + "def (:\n")

    assert share2post("check").status == 2


def test_diff_with_nothing_to_change_is_0(project: Path, share2post) -> None:
    (project / "clean.py").write_text(CLEAN)

    assert share2post("diff").status == 0


def test_diff_with_nothing_it_can_change_is_0(project: Path, share2post) -> None:
    (project / "unused.py").write_text(UNUSED)

    assert share2post("diff").status == 0


def test_diff_with_a_change_is_1(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)

    assert share2post("diff").status == 1


def test_diff_of_a_broken_file_is_2(project: Path, share2post) -> None:
    (project / "broken.py").write_text(UPLOAD + "def (:\n")

    assert share2post("diff").status == 2


def test_fix_of_clean_code_is_0(project: Path, share2post) -> None:
    (project / "clean.py").write_text(CLEAN)

    assert share2post("fix").status == 0


def test_fix_that_leaves_nothing_is_0(project: Path, share2post) -> None:
    (project / "upload.py").write_text(UPLOAD)

    assert share2post("fix").status == 0


def test_fix_that_leaves_something_is_1(project: Path, share2post) -> None:
    (project / "unused.py").write_text(UNUSED)

    assert share2post("fix").status == 1


def test_fix_of_a_broken_file_is_2(project: Path, share2post) -> None:
    (project / "broken.py").write_text(UPLOAD + "def (:\n")

    assert share2post("fix").status == 2


@pytest.mark.parametrize("command", ["check", "diff", "fix"])
def test_a_failure_beats_a_finding(project: Path, share2post, command: str) -> None:
    (project / "broken.py").write_text(UPLOAD + "def (:\n")
    (project / "upload.py").write_text(UPLOAD)
    (project / "unused.py").write_text(UNUSED)

    assert share2post(command).status == 2


def test_the_other_files_are_still_done(project: Path, share2post) -> None:
    (project / "broken.py").write_text(UPLOAD + "def (:\n")
    (project / "upload.py").write_text(UPLOAD)

    outcome = share2post("fix")

    assert "broken.py" in outcome.err
    assert "open-api.tiktok.com" not in (project / "upload.py").read_text()
    assert (project / "broken.py").read_text() == UPLOAD + "def (:\n"


@pytest.mark.parametrize("command", ["check", "diff", "fix"])
def test_wrong_usage_is_2(project: Path, share2post, command: str) -> None:
    assert share2post(command, "--no-such-option").status == 2


@pytest.mark.parametrize("command", ["check", "diff", "fix"])
def test_wrong_configuration_is_2(project: Path, share2post, command: str) -> None:
    (project / "pyproject.toml").write_text("[tool.share2post]\nselekt = []\n")

    outcome = share2post(command)

    assert outcome.status == 2
    assert "unknown key 'selekt'" in outcome.err
    assert "extend-exclude" in outcome.err


@pytest.mark.parametrize("command", ["check", "diff", "fix"])
def test_a_path_that_does_not_exist_is_2(project: Path, share2post, command: str) -> None:
    outcome = share2post(command, "nowhere.py")

    assert outcome.status == 2
    assert "error: nowhere.py: does not exist" in outcome.err


@pytest.mark.parametrize("command", ["check", "diff", "fix"])
def test_the_status_is_the_same_in_every_format(project: Path, share2post, command: str) -> None:
    (project / "unused.py").write_text(UNUSED)
    arguments = [] if command == "diff" else ["--output-format", "json"]

    assert share2post(command, *arguments).status == share2post(command, "--quiet").status


def test_a_note_alone_is_0(project: Path, share2post) -> None:
    (project / "sibling.py").write_text(SIBLING)

    outcome = share2post("check")

    assert outcome.status == 0
    assert "S2P101" not in outcome.out


def test_a_note_that_was_selected_is_1(project: Path, share2post) -> None:
    (project / "sibling.py").write_text(SIBLING)

    outcome = share2post("check", "--select", "S2P101")

    assert outcome.status == 1
    assert "S2P101" in outcome.out


def test_a_note_beside_an_upload_is_shown_but_does_not_count(project: Path, share2post) -> None:
    (project / "sibling.py").write_text(SIBLING)
    (project / "upload.py").write_text(UPLOAD)

    outcome = share2post("fix")

    assert outcome.status == 0
    assert "S2P101" in outcome.out
