"""What the program puts in the place of an answer that did not come.

::

    body = response.json() if response.ok else {}
    body = response.json() if response.ok else {"data": {"error_code": -1}}     # old-shaped: rewritten with it
    code = response.json()["data"]["error_code"] if response.ok else 0
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.reading.keys import ERROR_FIELDS, constant, is_empty, quote_of, requoted
from share2post.semantics.reading.tracked import What
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader

_HINT: Final = (
    "this stands in for the answer in the old shape, and cannot be put into the new one with certainty;"
    ' write it as {"data": {...}, "error": {"code": ..., "message": ...}}'
)


@dataclass(eq=False)
class StandIns:
    """Rewrites the literals that stand in for an answer along with its reads."""

    reader: Reader
    foreign: tuple[Unit, ast.expr] | None = None  # one that is there, and has no data

    def take(self, unit: Unit, node: ast.expr, what: What) -> None:
        """Allow for another value where a tracked one is read."""
        if node in self.reader.kinds:
            return
        if isinstance(node, ast.IfExp):
            self.take(unit, node.body, what)
            self.take(unit, node.orelse, what)
        elif what is What.CODE:
            if not self.reader.codes.stands_for(unit, node):
                self.no_number(unit, node)
        elif what in (What.DATA, What.EXTRA):
            self.reader.blank |= is_empty(node)
        elif what is What.BODY:
            self.reader.uncertain = True
            if isinstance(node, ast.Dict) and not is_empty(node):
                self._body(unit, node)

    def no_number(self, unit: Unit, node: ast.expr) -> None:
        """``code = response.ok and ...``: ``False`` counted as 0, and is no word."""
        hint = "something else may stand for the error code here, which is a word now (see error.code)"
        self.reader.draft.stop(Reason.NUMERIC_CODE, hint, unit, node)

    def _body(self, unit: Unit, literal: ast.Dict) -> None:
        keys = [constant(key) if key is not None else None for key in literal.keys]
        if tiktok.OLD_DATA not in keys:
            known = all(isinstance(key, str) for key in keys)
            if not known or {tiktok.NEW_ERROR, tiktok.OLD_EXTRA} & set(keys):
                self._stop(unit, literal)
            self.foreign = self.foreign or (unit, literal)
            return
        index = keys.index(tiktok.OLD_DATA)
        key, value = literal.keys[index], literal.values[index]
        others = {tiktok.NEW_ERROR, tiktok.OLD_EXTRA} & set(keys)
        if key is None or others or not isinstance(value, ast.Dict):
            self._stop(unit, literal)
            return
        parts = self._parts(unit, value)
        if parts is None or not parts[1]:
            self._stop(unit, value)
        elif not parts[0]:
            self.reader.draft.swap(unit, key, requoted(unit, key, tiktok.NEW_ERROR))
            self._rename(unit, value)
        else:
            start, end = unit.module.extent(key)[0], unit.module.extent(value)[1]
            self.reader.draft.replace(unit, start, end, self._apart(unit, value, parts))

    def data(self, unit: Unit, literal: ast.expr, place: str) -> None:
        """A literal that stands in for the data of an answer; ``place``: what its variable holds now."""
        if not isinstance(literal, ast.Dict) or is_empty(literal):
            return
        parts = self._parts(unit, literal)
        if parts is None:
            self._stop(unit, literal)
        elif place:
            self._rename(unit, literal)
        elif not parts[1]:
            self._stop(unit, literal)
        else:
            self.reader.draft.swap(unit, literal, f"{{{self._apart(unit, literal, parts)}}}")

    def _stop(self, unit: Unit, node: ast.AST) -> None:
        self.reader.draft.stop(Reason.UNKNOWN_READ, _HINT, unit, node)

    def _parts(self, unit: Unit, literal: ast.Dict) -> tuple[list[str], list[str]] | None:
        """The entries of ``data`` and of ``error`` in the new words; ``None`` where one is not known."""
        ids: list[str] = []
        errors: list[str] = []
        code = False
        for key, value in zip(literal.keys, literal.values, strict=True):
            name = constant(key) if key is not None else None
            text = self._value(unit, name, value)
            if key is None or text is None:
                return None
            if name == tiktok.OLD_ID:
                ids.append(f"{requoted(unit, key, tiktok.NEW_ID)}: {text}")
            elif isinstance(name, str) and name in ERROR_FIELDS and name != tiktok.OLD_DETAIL:
                code = code or name in tiktok.OLD_CODES
                errors.append(f"{requoted(unit, key, ERROR_FIELDS[name])}: {text}")
            else:
                return None
        return (ids, errors) if code or not errors else None

    def _value(self, unit: Unit, name: object, value: ast.expr) -> str | None:
        source = unit.module.source(value)
        if "\n" in source or "#" in source:
            return None
        if name == tiktok.OLD_MESSAGE and is_empty(value):
            return None
        return self.reader.codes.word(unit, value) if name in tiktok.OLD_CODES else source

    def _rename(self, unit: Unit, literal: ast.Dict) -> None:
        for key, value in zip(literal.keys, literal.values, strict=True):
            name = str(constant(key)) if key is not None else ""
            new = tiktok.NEW_ID if name == tiktok.OLD_ID else ERROR_FIELDS.get(name, name)
            if key is not None:
                self.reader.draft.swap(unit, key, requoted(unit, key, new))
            if name in tiktok.OLD_CODES:
                word = self.reader.codes.word(unit, value)
                if word != unit.module.source(value):
                    self.reader.draft.swap(unit, value, word or "")

    def _apart(self, unit: Unit, literal: ast.Dict, parts: tuple[list[str], list[str]]) -> str:
        quote = quote_of(unit, literal)
        named = zip((tiktok.NEW_DATA, tiktok.NEW_ERROR), parts, strict=True)
        return ", ".join(f"{quote}{name}{quote}: {{{', '.join(part)}}}" for name, part in named if part)
