"""A patch that ``git apply`` turns into exactly what ``fix`` would write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from share2post.model import FileResult, RunResult

NO_NEWLINE: Final = b"\n\\ No newline at end of file\n"
ESCAPES: Final = {
    0x07: b"\\a", 0x08: b"\\b", 0x09: b"\\t", 0x0A: b"\\n", 0x0B: b"\\v", 0x0C: b"\\f", 0x0D: b"\\r",
    0x22: b'\\"', 0x5C: b"\\\\",
}  # fmt: skip
TINTS: Final = {b"-": b"\x1b[31m", b"+": b"\x1b[32m", b"@": b"\x1b[36m"}


def render(result: RunResult, *, color: bool = False, prefix: str = "") -> bytes:
    """The patch of every changed file; ``prefix`` is the current directory as seen from the repository."""
    return b"".join(
        line
        for file in sorted(result.files, key=lambda file: file.source.path)
        if file.changed
        for line in _patch(file, prefix, color)
    )


def _patch(file: FileResult, prefix: str, color: bool) -> Iterator[bytes]:
    from difflib import diff_bytes, unified_diff

    old = _lines(file.source.data)
    new = _lines(file.after)
    body = list(diff_bytes(unified_diff, old, new, lineterm=b"\n"))[2:]
    for line in (*_header(file.source.path, prefix), *body):
        text = line if line.endswith(b"\n") else line + NO_NEWLINE
        tint = TINTS.get(text[:1]) if color else None
        yield tint + text[:-1] + b"\x1b[0m\n" if tint else text


def _header(path: str, prefix: str) -> list[bytes]:
    # git takes "a/" and "b/" away and looks from where it runs, unless the path happens to begin
    # with the directory it runs in (mysite/mysite/urls.py from mysite/): then it takes that away
    # too. Only a header of git's own is proof against this guess; its paths are the repository's.
    if prefix and path.startswith(prefix):
        old, new = _quoted("a/" + prefix + path), _quoted("b/" + prefix + path)
        return [b"diff --git " + old + b" " + new + b"\n", b"--- " + old + b"\n", b"+++ " + new + b"\n"]
    return [b"--- " + _named("a/" + path), b"+++ " + _named("b/" + path)]


def _named(name: str) -> bytes:
    quoted = _quoted(name)
    # Without a tab behind it, the part of a name that follows a space could pass for a date.
    return quoted + (b"\t\n" if b" " in quoted and not quoted.startswith(b'"') else b"\n")


def _quoted(name: str) -> bytes:
    """A file name as git writes it: in quotes where it has a byte that is not plain."""
    data = name.encode("utf-8", "surrogateescape")
    if all(0x20 <= byte < 0x7F and byte not in ESCAPES for byte in data):
        return data
    return b'"' + b"".join(_escaped(byte) for byte in data) + b'"'


def _escaped(byte: int) -> bytes:
    if byte in ESCAPES:
        return ESCAPES[byte]
    return bytes((byte,)) if 0x20 <= byte < 0x7F else b"\\%03o" % byte


def _lines(data: bytes) -> list[bytes]:
    """Lines as git counts them: a line feed ends one, a carriage return is part of it."""
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])
