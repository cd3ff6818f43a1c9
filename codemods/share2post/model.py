"""Facts that travel: what a run reads, finds, plans and returns.

Everything here is frozen, comparable and picklable, and holds no syntax tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Fix(StrEnum):
    """How the fix of a finding may be used."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    MANUAL = "manual"


class Reason(StrEnum):
    """Why a site is not rewritten (``manual``) or only on request (``unsafe``).

    The values are public: they stand in the JSON report and in ``explain``.
    """

    # The URL
    UNKNOWN_URL = "unknown-url"
    UNUSED_URL = "unused-url"
    ENVIRONMENT_URL = "environment-url"
    # The call
    UNKNOWN_CALL = "unknown-call"
    UNSUPPORTED_CLIENT = "unsupported-client"
    UNSUPPORTED_CONTEXT = "unsupported-context"
    UNSUPPORTED_ARGUMENT = "unsupported-argument"
    UNKNOWN_ARGUMENT = "unknown-argument"
    UNKNOWN_SESSION = "unknown-session"
    AUTH_OBJECT = "auth-object"
    WRAPPER = "wrapper"
    # The credentials and the video
    UNKNOWN_TOKEN = "unknown-token"
    UNKNOWN_VIDEO = "unknown-video"
    VIDEO_URL = "video-url"
    DROPPED_FIELD = "dropped-field"
    NEW_STYLE_BODY = "new-style-body"
    # The response
    RESPONSE_ESCAPES = "response-escapes"
    UNKNOWN_READ = "unknown-read"
    NUMERIC_CODE = "numeric-code"
    ERROR_DETAIL = "error-detail"
    # Webhooks
    NO_EVIDENCE = "no-evidence"
    DUPLICATE_EVENT = "duplicate-event"
    UNKNOWN_EVENT_USE = "unknown-event-use"
    UNKNOWN_PAYLOAD = "unknown-payload"
    # Tests
    MOCKED = "mocked-answer"
    # The tool's own doings
    SUPPRESSED_PART = "suppressed-part"
    UNUSED_SUPPRESSION = "unused-suppression"
    PARTNER = "partner"
    VERIFICATION = "verification"
    # Notes
    NOTE = "note"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of source: 1-based lines and columns, columns in characters, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the project: its path relative to the project root (POSIX) and its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes ``start:end`` of a file by ``text`` (an insertion where start == end)."""

    start: int
    end: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of legacy usage: a rule, a place, a sentence, and how it may be fixed."""

    rule: str
    path: str
    span: Span
    message: str
    fix: Fix
    site: str
    reason: Reason | None = None
    fixed: bool = False
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class FileEdits:
    """The edits one site needs in one file."""

    path: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """One upload, or one webhook handler: migrated whole (in every file it touches) or not at all.

    ``group`` names the sites that share code: they are applied together or not at all.
    """

    key: str
    fix: Fix
    findings: tuple[Finding, ...]
    edits: tuple[FileEdits, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, decoded, parsed, verified or written; never an exception."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Project:
    """What the engine reasons on.

    ``files`` are all files that were read; findings are wanted for the paths
    in ``asked`` (``None``: for all of them). Those in ``locked`` say what names
    mean but may not be edited: a site that would need it is left alone.
    """

    files: tuple[SourceFile, ...]
    asked: frozenset[str] | None = None
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about a project: its sites, the unused suppressions' findings, and the failures."""

    sites: tuple[Site, ...]
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file before and after; ``after`` is the very same object where nothing changed.

    ``sites`` are the keys of the sites whose edits it holds: the files of one site are written
    together or not at all. ``annotated`` and ``cleared`` count the comments at what is left that
    were written and removed.
    """

    source: SourceFile
    after: bytes
    sites: tuple[str, ...] = ()
    annotated: int = 0
    cleared: int = 0

    @property
    def changed(self) -> bool:
        """Whether the file's bytes are to change."""
        return self.after is not self.source.data


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run found and did. Exit status and every report are derived from it.

    ``notes`` are worth a line in any run, ``details`` only where they are asked for.
    """

    findings: tuple[Finding, ...]
    files: tuple[FileResult, ...] = ()
    failures: tuple[Failure, ...] = ()
    scanned: int = 0
    notes: tuple[str, ...] = field(default=())
    details: tuple[str, ...] = field(default=())
