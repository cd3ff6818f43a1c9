"""Reading ``multipart/form-data``, strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form."""

    name: str
    filename: str | None
    content: bytes


class MultipartError(ValueError):
    """The body is not the form its Content-Type promises."""


def parse(content_type: str | None, body: bytes) -> list[Part]:
    """The parts of a form, or a ``MultipartError`` that says what is wrong."""
    boundary = re.fullmatch(
        r'multipart/form-data;\s*boundary="?([^";]+)"?', content_type or "", re.IGNORECASE
    )
    if boundary is None:
        raise MultipartError(f"Content-Type {content_type!r} is not multipart/form-data with a boundary")
    delimiter = b"--" + boundary[1].encode("latin-1")
    pieces = (b"\r\n" + body).split(b"\r\n" + delimiter)
    if pieces[0] not in (b"", b"\r\n") or pieces[-1] not in (b"--", b"--\r\n") or len(pieces) < 2:
        raise MultipartError("the body does not begin and end with the boundary")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    head, blank, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    if not blank:
        raise MultipartError("a part has no headers")
    disposition = re.search(rb"content-disposition:\s*form-data;([^\r\n]*)", head, re.IGNORECASE)
    if disposition is None:
        raise MultipartError("a part has no Content-Disposition")
    attributes = dict(re.findall(rb'([a-z]+\*?)="?([^";]*)"?', disposition[1]))
    if b"name" not in attributes:
        raise MultipartError("a part has no name")
    filename = attributes.get(b"filename", attributes.get(b"filename*"))
    return Part(
        name=attributes[b"name"].decode("utf-8", "replace"),
        filename=None if filename is None else filename.decode("utf-8", "replace"),
        content=content,
    )
