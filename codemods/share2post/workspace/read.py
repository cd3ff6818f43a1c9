"""Files as bytes."""

from __future__ import annotations

import os
import stat
from typing import Final

BLOCK: Final = 1 << 16


def read(path: str) -> bytes:
    """The bytes of a regular file; ``OSError`` with a sentence for anything else."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        data = os.read(descriptor, BLOCK)
        if len(data) == BLOCK:
            parts = [data]
            while part := os.read(descriptor, BLOCK << 4):
                parts.append(part)
            data = b"".join(parts)
        if not data and not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "not a regular file", path)
        return data
    finally:
        os.close(descriptor)


def why(error: OSError) -> str:
    """The operating system's reason as the end of a sentence."""
    return (error.strerror or str(error)).lower()
