"""Asking about one fix after the other, in the manner of ``git add -p``."""

from __future__ import annotations

from typing import Final, TextIO

from share2post.engine.propose import Answer, Proposal
from share2post.model import RunResult
from share2post.reports import diff, text

WORDS: Final = {"yes": Answer.APPLY, "no": Answer.SKIP, "all": Answer.ALL, "quit": Answer.QUIT}
ANSWERS: Final = {**{str(answer): answer for answer in Answer}, **WORDS}
HELP: Final = """\
y - apply this, and write the files it changes
n - do not apply this
a - apply this and all the rest; unsafe ones only with --unsafe-fixes
q - quit; apply neither this nor any of the rest, what was applied stays
? - print help
"""
UNSAFE: Final = "This is unsafe: very likely right, but it rests on what the message says.\n"
LEFT: Final = "This is unsafe, so it is left; only y applies it without --unsafe-fixes.\n"
BOLD, RED, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"


class Interview:
    """Shows proposals and takes answers; the end of the input means to quit."""

    def __init__(
        self, answers: TextIO | None, stream: TextIO, *, color: bool, prefix: str, unsafe_fixes: bool
    ) -> None:
        self._answers = answers
        self._stream = stream
        self._color = color
        self._prefix = prefix
        self._unsafe_fixes = unsafe_fixes

    def __call__(self, proposal: Proposal) -> Answer:
        """What to do about one proposal."""
        self._show(proposal)
        prompt = f"({proposal.number}/{proposal.total}) Apply this? [y,n,a,q,?] "
        while True:
            self._say(prompt, BOLD)
            given = self._read()
            if given is None:
                self._say("\n")
                return Answer.QUIT
            answer = ANSWERS.get(given)
            if answer is Answer.ALL and proposal.is_unsafe and not self._unsafe_fixes:
                self._say(LEFT, RED)
            if answer is not None:
                return answer
            self._say(HELP, RED)

    def _show(self, proposal: Proposal) -> None:
        patch = diff.render(RunResult((), proposal.files), color=self._color, prefix=self._prefix)
        lines = [text.line(finding, "check", color=self._color) + "\n" for finding in proposal.findings]
        self._say("".join(lines))
        self._stream.flush()
        self._stream.buffer.write(patch)
        self._stream.buffer.flush()
        if proposal.is_unsafe:
            self._say(UNSAFE, RED)

    def _read(self) -> str | None:
        """The next line of the answers, without what surrounds it; ``None`` at their end."""
        line = self._answers.buffer.readline() if self._answers is not None else b""
        if not line:
            return None
        given = line.decode("utf-8", "replace").strip().lower()
        if self._answers is not None and not self._answers.isatty():
            self._say(f"{given}\n")  # a terminal has shown it already
        return given

    def _say(self, words: str, tint: str = "") -> None:
        body = f"{tint}{words}{PLAIN}" if tint and self._color else words
        self._stream.flush()
        self._stream.buffer.write(body.encode("utf-8", "surrogateescape"))
        self._stream.buffer.flush()
