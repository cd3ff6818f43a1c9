"""The answer's data, brought out of a function: what its callers read says what it has to return.

::

    return response.json()["data"]     # upload(...)["share_id"]      "data", as before
    return response.json()["data"]     # upload(...)["error_code"]    "error" now
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.callers import Function
from share2post.semantics.reading.keys import core_of
from share2post.semantics.reading.tracked import Variable
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


@dataclass(eq=False)
class _Outcome:
    """What one function gives its callers: the places that return it, and what is read of it."""

    reader: Reader
    function: Function
    read: Variable
    returned: list[tuple[Unit, ast.expr, Variable | None]] = field(default_factory=list)

    def settle(self) -> None:
        """Return ``data`` or ``error``; both are not one object any more."""
        both = bool(self.read.errors) and self.read.serves_data
        for unit, node, variable in self.returned:
            if both:
                hint = (
                    f"{self.function.name} returns the answer's data, and its callers read the id and the error from "
                    "it; they stand in two objects of the new answer: return the whole answer, and read both from it"
                )
                self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, node)
            elif not self.read.errors:
                self.reader.returns.loosen(unit, node, variable)
            elif variable is not None:
                self.reader.fields.reads_error(unit, node, variable)
            elif not self.reader.fields.rename_key(unit, node, tiktok.OLD_DATA, tiktok.NEW_ERROR):
                hint = f"{self.function.name} returns the error, in a way the tool cannot change"
                self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, node)


@dataclass(eq=False)
class Brought:
    """Keeps account of the functions that return the data."""

    reader: Reader
    outcomes: dict[Function, _Outcome] = field(default_factory=dict)

    def out(self, unit: Unit, node: ast.expr, function: Function, variable: Variable | None) -> Variable:
        """Note a place that returns the data; what is read of it is gathered in the variable given back."""
        if function not in self.outcomes:
            read = Variable(unit, None, node, node)
            self.outcomes[function] = _Outcome(self.reader, function, read)
            self.reader.transits.append(self.outcomes[function])
        self.outcomes[function].returned.append((unit, node, variable))
        return self.outcomes[function].read


def name_in(node: ast.expr) -> ast.Name | None:
    """``data`` of ``data`` and of ``data or {}``."""
    core = core_of(node)
    return core if isinstance(core, ast.Name) else None
