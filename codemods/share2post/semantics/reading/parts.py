"""Names that hold ``answer.data``: what is read through each decides what becomes of it.

::

    data = answer.data            data = answer.data
                                  error = answer.error
    if data.error_code:           if error.code != "ok":
        ...                           ...
    print(data.share_id)          print(data.publish_id)
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.reading.keys import line_shared
from share2post.semantics.world import Unit
from share2post.sites import Draft

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


@dataclass(eq=False)
class Part:
    """A name that holds ``answer.data``: what is read through it decides what becomes of it."""

    unit: Unit
    binding: Binding
    value: ast.Attribute
    ids: bool = False
    errors: list[ast.Name] = field(default_factory=list)


@dataclass(eq=False)
class Parts:
    """Knows these names, and settles them once every read has been seen."""

    reader: Reader
    held: dict[Binding, Part] = field(default_factory=dict)

    def of(self, unit: Unit, node: ast.expr) -> Part | None:
        """The name that holds a part, where it was taken right from the object."""
        binding = unit.flow.only(node) if isinstance(node, ast.Name) else None
        if binding is None or binding.kind is not Kind.ASSIGN or not isinstance(binding.value, ast.Attribute):
            return None
        return self.held.setdefault(binding, Part(unit, binding, binding.value))

    def settle(self) -> None:
        """Decide what the names hold."""
        for part in self.held.values():
            self._settle(part)

    def _settle(self, part: Part) -> None:
        unit, draft = part.unit, self.reader.draft
        if not part.errors:
            return
        if not part.ids:
            rename(draft, unit, part.value, tiktok.NEW_ERROR)
            return
        statement = unit.module.statement(part.value)
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or line_shared(unit, statement):
            hint = f"{part.binding.name} serves both the id and the error, and there is no room to part them"
            draft.stop(Reason.UNKNOWN_READ, hint, unit, part.value)
            return
        error = self.reader.fresh(unit, statement, tiktok.NEW_ERROR)
        start, end = unit.module.extent(statement)
        line = unit.module.text[unit.module.line_start(start) :]
        indent = line[: len(line) - len(line.lstrip(" \t\f"))]
        newline = self.reader.newline(unit)
        owner = unit.module.source(part.value.value)
        offset = unit.module.line_end(end)
        text = f"{indent}{error} = {owner}.{tiktok.NEW_ERROR}{newline}"
        if not unit.module.text[:offset].endswith(("\n", "\r")):
            text = newline + text.rstrip("\r\n")
        draft.replace(unit, offset, offset, text)
        for name in part.errors:
            draft.swap(unit, name, error)


def rename(draft: Draft, unit: Unit, read: ast.Attribute, new: str) -> None:
    """Give the attribute that is read another name."""
    end = unit.module.extent(read)[1]
    draft.replace(unit, end - len(read.attr), end, new)
