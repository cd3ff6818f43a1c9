"""A file is the old one or the new one, whatever happens in between."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from share2post.workspace.write import Change, WriteError, replace_together


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file with the bytes ``old``."""
    path = tmp_path / "file.py"
    path.write_bytes(b"old")
    return path


def change(path: Path) -> Change:
    """From ``old`` to ``new``."""
    return Change(str(path), b"old", b"new")


def test_a_file_is_replaced(old: Path) -> None:
    replace_together([change(old)])

    assert old.read_bytes() == b"new"
    assert os.listdir(old.parent) == ["file.py"]


def test_mode_bits_survive(old: Path) -> None:
    old.chmod(0o640)

    replace_together([change(old)])

    assert stat.S_IMODE(old.stat().st_mode) == 0o640


def test_a_link_survives_and_its_target_is_replaced(old: Path) -> None:
    link = old.parent / "link.py"
    link.symlink_to("file.py")

    replace_together([change(link)])

    assert link.is_symlink()
    assert old.read_bytes() == b"new"


def test_a_file_that_changed_meanwhile_is_not_replaced(old: Path) -> None:
    old.write_bytes(b"theirs")

    with pytest.raises(WriteError, match="changed since it was read"):
        replace_together([change(old)])

    assert old.read_bytes() == b"theirs"
    assert os.listdir(old.parent) == ["file.py"]


def test_a_file_that_is_gone_is_not_created(old: Path) -> None:
    old.unlink()

    with pytest.raises(WriteError, match="no such file"):
        replace_together([change(old)])

    assert os.listdir(old.parent) == []


def test_a_read_only_file_is_not_replaced(old: Path) -> None:
    old.chmod(0o444)

    with pytest.raises(WriteError, match="read-only"):
        replace_together([change(old)])

    assert old.read_bytes() == b"old"


def test_a_full_disk_leaves_the_old_file(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, data: memoryview) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)

    with pytest.raises(WriteError, match="no space left on device"):
        replace_together([change(old)])

    assert old.read_bytes() == b"old"
    assert os.listdir(old.parent) == ["file.py"]


def test_a_disk_that_fills_at_the_second_file_leaves_both(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = old.parent / "other.py"
    other.write_bytes(b"old")
    synced: list[int] = []

    def full_later(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full_later)

    with pytest.raises(WriteError):
        replace_together([change(old), change(other)])

    assert (old.read_bytes(), other.read_bytes()) == (b"old", b"old")
    assert sorted(os.listdir(old.parent)) == ["file.py", "other.py"]


def test_an_exchange_that_fails_is_undone_for_the_others(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = old.parent / "other.py"
    other.write_bytes(b"old")
    replace = os.replace

    def fail_for_other(source: str, target: str) -> None:
        if target.endswith("other.py"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_for_other)

    with pytest.raises(WriteError, match="could not be replaced"):
        replace_together([change(old), change(other)])

    assert (old.read_bytes(), other.read_bytes()) == (b"old", b"old")


@pytest.mark.skipif(os.name == "nt", reason="there is no such kill")
@pytest.mark.parametrize("moment", ["write", "fchmod", "fsync", "replace"])
def test_a_kill_leaves_the_old_file(old: Path, moment: str) -> None:
    program = (
        "import os, signal\n"
        "from share2post.workspace.write import Change, replace_together\n"
        f"os.{moment} = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"replace_together([Change({str(old)!r}, b'old', b'new')])\n"
    )

    killed = subprocess.run([sys.executable, "-c", program], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert old.read_bytes() == b"old"


def test_a_directory_that_may_not_be_written(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_open = os.open

    def refusing(path: str, flags: int, *mode: int) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real_open(path, flags, *mode)

    monkeypatch.setattr(os, "open", refusing)

    with pytest.raises(WriteError, match="permission denied"):
        replace_together([change(old)])

    assert old.read_bytes() == b"old"
