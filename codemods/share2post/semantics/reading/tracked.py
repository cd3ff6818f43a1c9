"""What is followed: the kinds of values a response is taken apart into."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from share2post.semantics.flow import Binding
from share2post.semantics.world import Unit


class What(Enum):
    """What a tracked expression is."""

    RESPONSE = auto()
    RAW = auto()  # the answer's text or bytes
    BODY = auto()  # the parsed answer
    DATA = auto()  # its "data"
    EXTRA = auto()  # its "extra"
    ID = auto()
    CODE = auto()
    MESSAGE = auto()
    LOG_ID = auto()
    MODEL = auto()  # an object of the project's own that was made of the parsed answer
    MODEL_DATA = auto()  # its part for "data"
    MODEL_EXTRA = auto()  # its part for "extra"
    RECORD = auto()  # an object that keeps the error code in a field
    TABLE = auto()  # a dict of the program's own that keeps the error code under a key


@dataclass(frozen=True)
class ResponseShape:
    """How one client's response is read."""

    plain: frozenset[str]  # attributes and methods that mean the same on the new answer
    json: frozenset[str] = frozenset({"json"})
    raw: frozenset[str] = frozenset({"text", "content"})
    raw_methods: frozenset[str] = frozenset()
    once: bool = False  # whether its body can be read only once
    errors: frozenset[str] = frozenset()  # exceptions that are the answer of a refused request
    links: frozenset[str] = frozenset()  # attributes of these that give the answer, where they only carry it
    itself: frozenset[str] = frozenset()  # methods that give the response back
    raised: frozenset[str] = frozenset()  # exceptions whose ``response`` is the answer


@dataclass(frozen=True, eq=False)
class Read:
    """A read through a variable that holds DATA; ``soft`` where it allows for a missing key."""

    node: ast.expr
    quote: str
    soft: bool


@dataclass(eq=False)
class Variable:
    """A name that holds DATA: what is read through it decides what becomes of its assignment.

    A parameter that is handed DATA is one too, and so is what a function returns (which has no binding).
    """

    unit: Unit
    binding: Binding | None
    value: ast.expr  # the expression it is assigned
    body: ast.expr | None  # the BODY expression inside that value, if there is one
    ids: list[Read] = field(default_factory=list)
    errors: list[Read] = field(default_factory=list)
    tests: list[ast.expr] = field(default_factory=list)  # where it is only asked whether it is there
    leaves: list[ast.expr] = field(default_factory=list)  # where it goes somewhere as a whole
    shown: bool = False  # whether it is printed or logged as a whole
    others: list[ast.expr] = field(default_factory=list)  # literals that stand in for it

    @property
    def serves_data(self) -> bool:
        """Whether something needs the ``data`` in it."""
        return bool(self.ids or self.leaves or self.shown)


MODELS: Final = frozenset({What.MODEL, What.MODEL_DATA, What.MODEL_EXTRA, What.RECORD})
OPAQUE: Final = frozenset({What.ID, What.LOG_ID, What.MESSAGE, What.RAW})
NAMES: Final = {
    What.RESPONSE: "the response",
    What.RAW: "the answer's text",
    What.BODY: "the parsed answer",
    What.DATA: "the answer's data",
    What.EXTRA: "the answer's extra",
    What.ID: "the id",
    What.CODE: "the error code, now a word and no number,",
    What.MESSAGE: "the error message",
    What.LOG_ID: "the log id",
    What.MODEL: "the object made of the answer",
    What.MODEL_DATA: "the object made of the answer's data",
    What.MODEL_EXTRA: "the object made of the answer's extra",
    What.TABLE: "the dict that keeps the error code, now a word and no number,",
    What.RECORD: "the object that keeps the error code, now a word and no number,",
}
