"""The sockets: what a dialect is, and the client-neutral description of an upload."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Protocol

from share2post.model import Reason
from share2post.semantics.flow import Binding
from share2post.semantics.mappings import Entry
from share2post.semantics.reads import ResponseShape
from share2post.semantics.sessions import Session
from share2post.semantics.values import Evaluator, Text
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.fresh import FreshNames
from share2post.syntax.layout import Group, Item
from share2post.syntax.style import Style


@dataclass(frozen=True)
class Example:
    """A program before and after; ``after`` is the reason where it is left alone."""

    title: str
    before: str
    after: str | Reason


@dataclass(eq=False)
class Request:
    """One HTTP request as a program spells it, by what each argument is for."""

    unit: Unit
    call: ast.Call
    outer: ast.expr  # the call, or the ``await`` around it
    client: str
    url: ast.expr
    callee: str
    params: ast.expr | None = None
    data: ast.expr | None = None
    files: ast.expr | None = None
    json: ast.expr | None = None
    headers: ast.expr | None = None
    auth: ast.expr | None = None
    kept: tuple[tuple[str, ast.expr], ...] = ()
    hidden: tuple[ast.expr, ...] = ()
    unsupported: tuple[tuple[str, ast.expr], ...] = ()
    session: Session | None = None
    guarded: bool = False  # whether a session not seen through cannot leak into the new requests
    method: ast.expr | None = None
    streams: bool = False  # whether the client takes files whose ``read`` is awaited
    obstacles: tuple[tuple[Reason, str, ast.expr], ...] = ()  # what the dialect itself cannot rewrite
    bytes_only: bool = False  # whether the client takes no open file, only what was read from it
    body: ast.expr | None = None  # the bytes of a form made by hand
    answer: ast.expr | None = None  # what gives the response, where the call only describes the request
    steps: tuple[Entry, ...] = ()  # headers that statements of their own set on the request
    form: ast.expr | None = None  # one mapping that holds the fields and the file
    carriers: tuple[Binding, ...] = ()  # variables that do nothing but carry that form to the request
    lost: tuple[
        tuple[str, ast.expr], ...
    ] = ()  # what the new requests have no place for: a sentence, a place
    texts: tuple[Text, ...] = ()  # the URL, where the argument alone does not give it
    wrapper: str = ""  # the function of the project that the call goes through, and where it is
    function: ast.expr | None = None  # what names the client's function, where the call does not
    result: ast.expr | None = None  # what gives the response, where something else calls or awaits it

    @property
    def is_coroutine(self) -> bool:
        """Whether the call gives a coroutine that something else awaits."""
        return self.result is not None and self.function is None


@dataclass(frozen=True, eq=False)
class Upload:
    """An upload understood: what the new calls are to be made of."""

    request: Request
    url: str  # the text that names the init URL
    response: str
    video: str  # the bytes to send
    size: str
    media_type: str
    headers: tuple[Item, ...]
    kept: tuple[Item, ...]
    upload_name: str
    style: Style
    pull: str = ""  # the text of a video's URL, for TikTok to fetch instead of bytes
    parsed: str = ""  # the text of the parsed answer, where its body can be read only once
    shielded: bool = False  # whether a failed PUT must not look like a refused init to who catches it


@dataclass(frozen=True)
class Written:
    """The new calls: the init in place of the old call, the statements that follow it, what it needs first."""

    init: Group
    put: tuple[Line, ...]
    before: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line (or laid-out call) of generated code, ``depth`` levels in."""

    depth: int
    before: str
    value: str | Group
    after: str = ""


@dataclass(eq=False)
class Context:
    """What a dialect may ask while it reads."""

    evaluator: Evaluator
    draft: Draft
    fresh: FreshNames


class Dialect(Protocol):
    """How one HTTP client spells an upload: a module, not a class."""

    @property
    def name(self) -> str:
        """The client's name."""

    @property
    def response(self) -> ResponseShape:
        """How its response is read."""

    @property
    def pulls(self) -> bool:
        """Whether ``write`` knows uploads that only name a URL for TikTok to fetch."""

    @property
    def rewinds(self) -> bool:
        """Whether it sends a file from its start, wherever it stands."""

    @property
    def examples(self) -> tuple[Example, ...]:
        """Programs before and after; each is a test."""

    def read(self, evaluator: Evaluator, unit: Unit, call: ast.Call) -> Request | None:
        """The request a call makes; ``None`` where it is not this client's."""

    def write(self, context: Context, upload: Upload) -> Written:
        """Spell the upload for the Content Posting API."""
