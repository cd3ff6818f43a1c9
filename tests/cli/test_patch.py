"""``share2post diff | git apply`` gives exactly what ``share2post fix`` gives."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from programs import CLIENT, CONFIG, UNUSED, UPLOAD, git, repository

ENCODED = UPLOAD.encode()
CASES = {
    "plain": {"upload.py": ENCODED},
    "crlf": {"upload.py": ENCODED.replace(b"\n", b"\r\n")},
    "cr": {"upload.py": ENCODED.replace(b"\n", b"\r")},
    "mixed newlines": {"upload.py": ENCODED.replace(b"\n", b"\r\n", 4)},
    "no final newline": {"upload.py": ENCODED.rstrip(b"\n")},
    "byte order mark": {"upload.py": b"\xef\xbb\xbf" + ENCODED},
    "latin-1": {"upload.py": b"# coding: latin-1\n# caf\xe9\n" + ENCODED},
    "form feed": {"upload.py": ENCODED.replace(b"\n\n\n", b"\n\f\n\n")},
    "space in the name": {"my package/my upload.py": ENCODED},
    "date in the name": {"backup 2020-01-01 10:00:00.py": ENCODED},
    "umlaut in the name": {"größe/übertragung.py": ENCODED},
    "quote and backslash in the name": {'a"b\\c.py': ENCODED},
    "tab in the name": {"a\tb.py": ENCODED},
    "several files": {"a.py": ENCODED, "b/c.py": ENCODED, "unused.py": UNUSED.encode()},
    "across files": {"config.py": CONFIG.encode(), "client.py": CLIENT.encode()},
    "a directory in one of its name": {"here/upload.py": ENCODED, "here/here/upload.py": ENCODED},
}


def lay_out(directory: Path, files: dict[str, bytes]) -> None:
    """Write files into a repository and commit them."""
    for name, data in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    repository(directory)


def contents(directory: Path) -> dict[str, bytes]:
    """Every file of a tree outside ``.git``, by its path."""
    paths = (path for path in directory.rglob("*") if path.is_file())
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in paths
        if ".git" not in path.relative_to(directory).parts
    }


@pytest.mark.parametrize("files", CASES.values(), ids=CASES)
def test_the_patch_gives_what_fix_gives(project: Path, share2post, monkeypatch, files) -> None:
    lay_out(project / "patched", files)
    shutil.copytree(project / "patched", project / "fixed")

    monkeypatch.chdir(project / "patched")
    git(project / "patched", "apply", "-", stdin=share2post("diff").out.encode("utf-8", "surrogateescape"))
    monkeypatch.chdir(project / "fixed")
    share2post("fix")

    assert contents(project / "patched") == contents(project / "fixed")
    assert contents(project / "fixed") != {name: data for name, data in files.items()}


@pytest.mark.parametrize("directory", ["here", "here/here"])
def test_the_same_from_a_directory_below(project: Path, share2post, monkeypatch, directory: str) -> None:
    files = {"here/upload.py": ENCODED, "here/here/upload.py": ENCODED, "here/here/here/a b.py": ENCODED}
    lay_out(project / "patched", files)
    shutil.copytree(project / "patched", project / "fixed")

    monkeypatch.chdir(project / "patched" / directory)
    patch = share2post("diff").out.encode()
    git(project / "patched" / directory, "apply", "-", stdin=patch)
    monkeypatch.chdir(project / "fixed" / directory)
    share2post("fix")

    assert contents(project / "patched") == contents(project / "fixed")


def test_paths_in_the_patch_are_relative_to_the_current_directory(
    project: Path, share2post, monkeypatch
) -> None:
    lay_out(project, {"below/upload.py": ENCODED})
    monkeypatch.chdir(project / "below")

    assert share2post("diff").out.startswith("--- a/upload.py\n+++ b/upload.py\n")
