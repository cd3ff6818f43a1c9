"""The progress bar: nothing for a second, nothing on a pipe, nothing left behind."""

from __future__ import annotations

import io
import time

import pytest

from share2post import terminal
from share2post.terminal import Progress


def test_quick_work_shows_nothing() -> None:
    stream = io.StringIO()

    with Progress(stream, shown=True) as progress:
        progress.step("searching", 1, 2)

    assert stream.getvalue() == ""


def test_slow_work_shows_a_bar_and_clears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "PATIENCE", 0.01)
    monkeypatch.setattr(terminal, "REFRESH", 0.01)
    stream = io.StringIO()

    with Progress(stream, shown=True) as progress:
        progress.step("searching", 1, 2)
        time.sleep(0.2)
        progress.step("reasoning about 3 files")
        time.sleep(0.2)

    assert "[##############--------------]  50%  searching" in stream.getvalue()
    assert "reasoning about 3 files" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_a_pipe_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "PATIENCE", 0.0)
    stream = io.StringIO()

    with Progress(stream, shown=False) as progress:
        progress.step("searching", 1, 2)
        time.sleep(0.05)

    assert stream.getvalue() == ""
