"""What travels between the server's parts: requests, answers, and the record of a run."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived: the target byte for byte, the headers in order, the body decoded."""

    method: str
    host: str
    server_name: str | None
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str | None:
        """What follows the question mark, or ``None`` where there is none."""
        _, mark, query = self.target.partition("?")
        return query if mark else None

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        """The first value of a header."""
        values = self.all(name)
        return values[0] if values else None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a status, a body, headers."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, status: int, document: object) -> Answer:
        """An answer whose body is JSON."""
        return cls(
            status, json.dumps(document).encode(), (("Content-Type", "application/json; charset=utf-8"),)
        )


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what it was answered; ``kind`` is upload, init, put, other or stray."""

    kind: str
    request: Request
    answer: Answer


@dataclass(slots=True)
class Record:
    """Everything the server received. Appended to from the server's threads."""

    exchanges: list[Exchange] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    videos: list[bytes] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def violate(self, sentence: str) -> None:
        """Note one thing the client got wrong."""
        self.violations.append(sentence)
