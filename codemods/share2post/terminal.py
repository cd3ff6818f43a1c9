"""What a person at a terminal sees while work goes on: nothing for a second, then a bar."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Final, TextIO

PATIENCE: Final = 1.0
REFRESH: Final = 0.1
WIDTH: Final = 28
CLEAR: Final = "\r\x1b[K"


class Progress:
    """A bar on a terminal, drawn by a thread of its own so that no step has to be short."""

    def __init__(self, stream: TextIO, *, shown: bool) -> None:
        self._stream = stream
        self._shown = shown
        self._text = ""
        self._drawn = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._draw, daemon=True)

    def __enter__(self) -> Progress:
        if self._shown:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._shown:
            self._thread.join()
            if self._drawn:
                self._stream.write(CLEAR)
                self._stream.flush()

    def step(self, label: str, done: int = 0, total: int = 0) -> None:
        """Say what is being done, and how far it is."""
        if not total:
            self._text = label
            return
        filled = WIDTH * done // total
        bar = "#" * filled + "-" * (WIDTH - filled)
        self._text = f"[{bar}] {100 * done // total:3}%  {label}"

    def _draw(self) -> None:
        start = time.monotonic()
        wait = PATIENCE
        while not self._over.wait(wait):
            seconds = int(time.monotonic() - start)
            self._stream.write(f"{CLEAR}{self._text}  {seconds} s")
            self._stream.flush()
            self._drawn = True
            wait = REFRESH
