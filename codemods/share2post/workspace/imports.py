"""Which modules the files of a project import, by the lines that say so.

Read once a run, and only where something legacy was found. Lines are kept, not files: most of
them are the same in many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

WORD: Final = b"import"
_OPEN: Final = (b"(", b"\\")


class Imports:
    """Every line of a project that holds the word, and the files it stands in."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: dict[bytes, list[str]] = {}

    def add(self, path: str, lines: Iterable[bytes]) -> None:
        """Take the lines of one file."""
        for line in {line.strip() for line in lines}:
            self._lines.setdefault(line, []).append(path)

    def naming(self, modules: Iterable[bytes], folders: Iterable[bytes]) -> Iterator[str]:
        """The files that may import one of these modules, or from one of these folders over several lines."""
        named, around = tuple(modules), tuple(folders)
        for line, paths in self._lines.items():
            goes_on = line.endswith(_OPEN) and (line.startswith(b"from .") or any(f in line for f in around))
            if goes_on or any(module in line for module in named):
                yield from paths


def lines_of(data: bytes) -> Iterator[bytes]:
    """The lines of a file that hold the word."""
    start = data.find(WORD)
    while start >= 0:
        begin = data.rfind(b"\n", 0, start) + 1
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        yield data[begin:end]
        start = data.find(WORD, end)


def blocks(output: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """What ``git grep --heading --break`` says: a file, and its lines."""
    for block in output.split(b"\n\n"):
        path, _, rest = block.strip(b"\n").partition(b"\n")
        if path:
            yield path, rest.split(b"\n")
