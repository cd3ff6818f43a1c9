"""Whatever a tree may hold: a clear sentence, the right status, and every other file still done."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from programs import CLEAN, CLIENT, CONFIG, UNUSED, UPLOAD


@pytest.fixture
def tree(project: Path) -> Path:
    """A project with one upload that has to be fixed, whatever lies beside it."""
    (project / "pyproject.toml").touch()
    (project / "upload.py").write_text(UPLOAD)
    return project


def is_fixed(path: Path) -> bool:
    """Whether the upload has been migrated."""
    return b"open-api.tiktok.com" not in path.read_bytes()


def test_undecodable_file_with_legacy_names(tree: Path, share2post) -> None:
    (tree / "bad.py").write_bytes(UPLOAD.encode() + b'NAME = "\xff\xfe"\n')

    outcome = share2post("fix")

    assert outcome.status == 2
    assert "bad.py" in outcome.err
    assert is_fixed(tree / "upload.py")


def test_undecodable_file_without_legacy_names(tree: Path, share2post) -> None:
    (tree / "bad.py").write_bytes(b'NAME = "\xff\xfe"\n')

    assert share2post("fix").status == 0


def test_python_2_file_with_legacy_names(tree: Path, share2post) -> None:
    (tree / "old.py").write_text('print "https://open-api.tiktok.com/share/video/upload/"\n')

    outcome = share2post("fix")

    assert outcome.status == 2
    assert "old.py" in outcome.err
    assert is_fixed(tree / "upload.py")


def test_empty_file(tree: Path, share2post) -> None:
    (tree / "empty.py").touch()

    assert share2post("fix").status == 0
    assert (tree / "empty.py").read_bytes() == b""


def test_null_bytes(tree: Path, share2post) -> None:
    (tree / "nul.py").write_bytes(UPLOAD.encode() + b"\0\n")

    assert share2post("fix").status == 2
    assert is_fixed(tree / "upload.py")


@pytest.mark.parametrize("newline", [b"\r\n", b"\r"], ids=["crlf", "cr"])
def test_other_newlines_survive(tree: Path, share2post, newline: bytes) -> None:
    (tree / "upload.py").write_bytes(UPLOAD.encode().replace(b"\n", newline))

    outcome = share2post("fix")

    after = (tree / "upload.py").read_bytes()
    assert outcome.status == 0
    assert after.count(b"\n") == (after.count(b"\r\n") if newline == b"\r\n" else 0)


def test_byte_order_mark_survives(tree: Path, share2post) -> None:
    (tree / "upload.py").write_bytes(b"\xef\xbb\xbf" + UPLOAD.encode())

    assert share2post("fix").status == 0
    assert (tree / "upload.py").read_bytes().startswith(b"\xef\xbb\xbfimport requests")
    assert is_fixed(tree / "upload.py")


def test_latin_1_survives(tree: Path, share2post) -> None:
    text = "# coding: latin-1\n" + UPLOAD + 'PLACE = "Köln"\n'
    (tree / "upload.py").write_bytes(text.encode("latin-1"))

    assert share2post("fix").status == 0
    assert 'PLACE = "Köln"\n'.encode("latin-1") in (tree / "upload.py").read_bytes()
    assert is_fixed(tree / "upload.py")


def test_a_large_clean_file(tree: Path, share2post) -> None:
    (tree / "large.py").write_bytes(b"x = 1\n" * 1_700_000)

    assert share2post("fix").status == 0


def test_a_large_file_with_legacy_names_is_not_passed_over(tree: Path, share2post) -> None:
    (tree / "large.py").write_bytes(b"x = 1\n" * 1_700_000 + UNUSED.encode())

    outcome = share2post("fix")

    assert outcome.status == 2
    assert "error: large.py: holds legacy names, but is too large (9.7 MiB)" in outcome.err
    assert is_fixed(tree / "upload.py")


def test_a_thousand_nested_additions(tree: Path, share2post) -> None:
    (tree / "deep.py").write_text(UNUSED + "TEXT = " + " + ".join(["'a'"] * 1000) + "\n")
    (tree / "deeper.py").write_text(UNUSED + "TEXT = " + "(" * 1000 + "1" + ")" * 1000 + "\n")

    outcome = share2post("fix")

    assert outcome.status in (1, 2)
    assert "deep.py" in outcome.out + outcome.err
    assert "deeper.py" in outcome.out + outcome.err
    assert is_fixed(tree / "upload.py")


def test_a_read_only_file_is_not_written(tree: Path, share2post) -> None:
    (tree / "locked.py").write_text(UPLOAD)
    (tree / "locked.py").chmod(0o444)

    outcome = share2post("fix")

    assert outcome.status == 2
    assert "error: locked.py: is read-only; nothing was written" in outcome.err
    assert (tree / "locked.py").read_text() == UPLOAD
    assert is_fixed(tree / "upload.py")


def test_a_file_that_may_not_be_read(tree: Path, share2post, monkeypatch) -> None:
    (tree / "secret.py").write_text(UPLOAD)
    real_open = os.open

    def refusing(path: str, *arguments: int) -> int:
        if str(path).endswith("secret.py"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real_open(path, *arguments)

    monkeypatch.setattr(os, "open", refusing)
    outcome = share2post("fix")

    assert outcome.status == 2
    assert "error: secret.py: could not be read: permission denied" in outcome.err
    assert is_fixed(tree / "upload.py")


def test_a_file_that_was_not_written_is_not_called_fixed(tree: Path, share2post) -> None:
    (tree / "upload.py").chmod(0o444)

    outcome = share2post("fix")

    assert "[fixed]" not in outcome.out
    assert "fixed 0" in outcome.out


def test_the_mode_survives(tree: Path, share2post) -> None:
    (tree / "upload.py").chmod(0o751)

    share2post("fix")

    assert stat.S_IMODE((tree / "upload.py").stat().st_mode) == 0o751


def test_a_link_in_the_tree_survives_and_its_target_is_fixed(tree: Path, share2post) -> None:
    (tree / "link.py").symlink_to("upload.py")

    outcome = share2post("fix", "link.py")

    assert outcome.status == 0
    assert (tree / "link.py").is_symlink()
    assert is_fixed(tree / "upload.py")


def test_a_link_and_its_target_are_one_file(tree: Path, share2post) -> None:
    (tree / "link.py").symlink_to("upload.py")

    assert "Scanned 1 file:" in share2post("check").out


def test_a_link_out_of_the_tree_is_left_alone(tree: Path, share2post, tmp_path_factory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "upload.py"
    outside.write_text(UPLOAD)
    (tree / "link.py").symlink_to(outside)

    outcome = share2post("fix")

    assert outcome.status == 0
    assert "note: link.py: skipped: the link leads out of the project" in outcome.err
    assert outside.read_text() == UPLOAD


def test_a_link_out_of_the_tree_that_is_named_is_fixed_at_its_target(
    tree: Path, share2post, tmp_path_factory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "upload.py"
    outside.write_text(UPLOAD)
    (tree / "link.py").symlink_to(outside)

    assert share2post("fix", "link.py").status == 0
    assert (tree / "link.py").is_symlink()
    assert is_fixed(outside)


def test_a_link_that_leads_nowhere(tree: Path, share2post) -> None:
    (tree / "dangling.py").symlink_to("nowhere.py")

    outcome = share2post("fix")

    assert outcome.status == 0
    assert "note: dangling.py: skipped: the link leads nowhere" in outcome.err


def test_links_in_a_circle(tree: Path, share2post) -> None:
    (tree / "round").symlink_to(tree)
    (tree / "self.py").symlink_to("self.py")

    outcome = share2post("fix")

    assert outcome.status == 0
    assert "Scanned 1 file:" in outcome.out


def test_a_directory_called_like_a_file(tree: Path, share2post) -> None:
    (tree / "package.py").mkdir()
    (tree / "package.py" / "inner.py").write_text(CLEAN)

    outcome = share2post("fix")

    assert outcome.status == 0
    assert "Scanned 2 files:" in outcome.out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name here")
def test_a_pipe_is_not_waited_for(tree: Path, share2post) -> None:
    os.mkfifo(tree / "pipe.py")

    assert share2post("fix").status == 0
    assert "error: pipe.py: could not be read: not a regular file" in share2post("check", "pipe.py").err


def test_a_file_without_a_python_name_is_read_when_it_is_named(tree: Path, share2post) -> None:
    (tree / "script").write_text(UPLOAD)

    assert share2post("fix", ".").status == 0
    assert not is_fixed(tree / "script")
    assert share2post("fix", "script").status == 0
    assert is_fixed(tree / "script")


def test_a_name_that_is_no_text(tree: Path, share2post) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    (tree / name).write_text(UNUSED)

    outcome = share2post("check", "--quiet")

    assert name in outcome.out
    assert share2post("check", "--output-format", "json").status == 1


def test_a_site_over_two_files_is_not_written_in_one(tree: Path, share2post) -> None:
    (tree / "config.py").write_text(CONFIG)
    (tree / "client.py").write_text(CLIENT)
    before = {name: (tree / name).read_bytes() for name in ("config.py", "client.py")}
    (tree / "client.py").chmod(0o444)

    outcome = share2post("fix", "client.py", "config.py")

    assert outcome.status == 2
    assert {name: (tree / name).read_bytes() for name in before} == before
