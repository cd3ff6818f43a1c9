"""A body made by hand, taken apart: which of its bytes are the video, and that a form is around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from share2post.semantics.pieces import Bytes, Gap, Value

_FIRST: Final = 0xF0000
_NAME: Final = re.compile(r'form-data;.*?\bname="?([^";\r\n]+)"?', re.IGNORECASE)
_FILE: Final = re.compile(r"\bfilename\*?=", re.IGNORECASE)
_TYPE: Final = re.compile(r"^content-type:\s*([^\r\n;]+)", re.IGNORECASE | re.MULTILINE)
_CODED: Final = re.compile(r"^content-transfer-encoding:\s*(?!binary|8bit)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, eq=False)
class Part:
    """One part of a form: its name, what it holds, and whether it is a file."""

    name: str
    content: tuple[str | Gap, ...]
    is_file: bool
    media_type: str | None


def parts_of(value: Value) -> list[Part] | None:
    """The parts of a ``multipart/form-data`` body; ``None`` where it is not one from end to end."""
    if not isinstance(value, Bytes):
        return None
    gaps: list[Gap] = []
    flat = "".join(piece if isinstance(piece, str) else _sign(piece, gaps) for piece in value.pieces)
    first = flat.find("\r\n")
    if not flat.startswith("--") or first < 3:
        return None
    delimiter = flat[:first]
    pieces = flat.split(delimiter)
    if pieces[0] or pieces[-1] not in ("--", "--\r\n", "--\r\n\r\n") or len(pieces) < 3:
        return None
    found = [_part(piece, gaps) for piece in pieces[1:-1]]
    parts = [part for part in found if part is not None]
    return parts if len(parts) == len(found) else None


def _sign(piece: Gap, gaps: list[Gap]) -> str:
    """One character for one value, the same for the same."""
    for index, other in enumerate(gaps):
        if other.key == piece.key:
            return chr(_FIRST + index)
    gaps.append(piece)
    return chr(_FIRST + len(gaps) - 1)


def _part(piece: str, gaps: list[Gap]) -> Part | None:
    if not piece.startswith("\r\n") or not piece.endswith("\r\n"):
        return None
    head, blank, content = piece[2:-2].partition("\r\n\r\n")
    named = _NAME.search(head)
    if not blank or named is None or _has_gap(named[1]) or _CODED.search(head) or not _is_head(head):
        return None
    media = _TYPE.search(head)
    kind = None if media is None or _has_gap(media[1]) else media[1].strip().lower()
    return Part(named[1], tuple(_split(content, gaps)), _FILE.search(head) is not None, kind)


def _is_head(head: str) -> bool:
    """Whether these are header lines, all of them."""
    return all(re.match(r"[A-Za-z-]+:", line) for line in head.split("\r\n"))


def _split(text: str, gaps: list[Gap]) -> list[str | Gap]:
    found: list[str | Gap] = []
    for char in text:
        if ord(char) >= _FIRST:
            found.append(gaps[ord(char) - _FIRST])
        elif found and isinstance(found[-1], str):
            found[-1] += char
        else:
            found.append(char)
    return found


def _has_gap(text: str) -> bool:
    return any(ord(char) >= _FIRST for char in text)
