"""Edits into bytes."""

from __future__ import annotations

from collections.abc import Iterable

from share2post.model import Edit


class Overlap(Exception):
    """Two edits want the same bytes."""


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """A file's bytes with the edits made. Equal edits count once; raises Overlap where two collide."""
    pieces: list[bytes] = []
    last = 0
    for edit in ordered(edits):
        if edit.start < last:
            raise Overlap(f"bytes {edit.start} to {edit.end}")
        pieces += [data[last : edit.start], edit.text]
        last = edit.end
    pieces.append(data[last:])
    return b"".join(pieces)


def ordered(edits: Iterable[Edit]) -> list[Edit]:
    """Edits in the order they are made: insertions in front of replacements that start where they stand."""
    unique = list(dict.fromkeys(edits))
    return sorted(unique, key=lambda edit: (edit.start, edit.end > edit.start))
