"""What a mock library is, and the library-neutral description of one mocked answer."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Protocol

from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax.layout import Group


@dataclass(frozen=True, eq=False)
class Body:
    """One answer as a test spells it: the value or the text of its body, and its status."""

    value: ast.expr | None
    status: ast.expr | None = None
    text: bool = False
    fails: bool = False  # whether an exception is raised instead


@dataclass(eq=False)
class Mock:
    """One registration of answers for the upload URL; ``outer`` is the call with what is chained to it."""

    unit: Unit
    call: ast.Call
    outer: ast.expr
    url: ast.expr
    receiver: str
    bodies: tuple[Body, ...] = ()
    queries: tuple[Query, ...] = ()
    unknown: str = ""  # what stands in the way of rewriting it
    repeated: bool = False
    wins: list[bool] = field(
        default_factory=list
    )  # of each answer: whether it says that the upload succeeded


@dataclass(frozen=True, eq=False)
class Query:
    """An argument that asks for the old credentials: its node, and how it is spelled for the new request."""

    node: ast.AST
    values: ast.Dict | None
    before: str = ""
    after: str = ""
    removable: bool = True


@dataclass(frozen=True)
class Shape:
    """How a library shows the requests it saw: the attributes of one request."""

    query: str = ""  # a mapping of the query's parameters
    lists: bool = False  # whether it maps to lists
    folds: bool = False  # whether it is in lower case
    url: str = "url"
    body: tuple[str, ...] = ("body",)


class Library(Protocol):
    """How one library spells a mocked answer: a module, not a class."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def shape(self) -> Shape:
        """How it shows a request."""

    @property
    def makers(self) -> frozenset[str]:
        """The qualified names of what makes (or is) a mock."""

    @property
    def fixtures(self) -> frozenset[str]:
        """The pytest fixtures it brings."""

    @property
    def clients(self) -> frozenset[str]:
        """The HTTP clients it can answer."""

    @property
    def once(self) -> bool:
        """Whether an answer is used up by one request."""

    def read(self, evaluator: Evaluator, unit: Unit, call: ast.Call, receiver: str) -> Mock | None:
        """The registration a call makes; ``None`` where it is none for a POST."""

    def put(self, mock: Mock, link: str) -> Group:
        """What answers the second request."""

    def log(self, node: ast.AST) -> Log | None:
        """What an expression says of the requests seen, where its receiver is such a mock."""


@dataclass(frozen=True)
class Log:
    """An expression about the requests a mock saw.

    ``kind`` is ``count``, ``once`` (a truth value), ``request`` or ``any`` (true however many there were);
    ``index`` is an offset or, where it is ``None``, the last. ``spell`` gives the request at an offset; where
    offsets do not tell, ``first`` and ``second`` give the last of the init requests and of the PUTs.
    """

    kind: str
    receiver: ast.expr
    index: int | None = None
    spell: str = ""  # with {receiver} and {index}
    first: str = ""
    second: str = ""
