"""Texts and bytes put together: f-strings, ``+``, ``%``, ``format`` and ``join``, piece by piece."""

from __future__ import annotations

import ast
import re
import string
from dataclasses import dataclass
from typing import Final, Protocol

from share2post.semantics.pieces import Bytes, Items, Table, Unknown, Value, joined, known

_PERCENT: Final = re.compile(r"%(?:\((?P<key>[^)]*)\))?(?P<conv>[sdibr%])")


class Valuer(Protocol):
    """What gives the parts their values."""

    def value(self, node: ast.expr) -> Value:
        """What an expression is worth."""

    def unseen(self, node: ast.expr) -> Bytes:
        """A value that nothing is known of."""


@dataclass(eq=False)
class Strings:
    """Evaluates what puts strings together."""

    of: Valuer

    def formatted(self, node: ast.JoinedStr) -> Value:
        """``f"--{boundary}"``."""
        parts: list[Bytes] = []
        for part in node.values:
            inner = part
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None or part.conversion not in (-1, ord("s")):
                    parts.append(self.of.unseen(part))
                    continue
                inner = part.value
            found = self.of.value(inner)
            if not isinstance(found, Bytes):
                return self.of.unseen(node)
            parts.append(found)
        return joined([Bytes([], kind="str"), *parts])

    def total(self, node: ast.BinOp) -> Value:
        """``head + video + tail``."""
        terms: list[ast.expr] = []
        current: ast.expr = node
        while isinstance(current, ast.BinOp) and isinstance(current.op, ast.Add):
            terms.append(current.right)
            current = current.left
        values = [self.of.value(term) for term in [current, *reversed(terms)]]
        texts = [value for value in values if isinstance(value, Bytes)]
        lists = [value for value in values if isinstance(value, Items)]
        if len(texts) == len(values):
            return joined(texts)
        if len(lists) == len(values):
            return Items([element for value in lists for element in value.values])
        return Unknown(node)

    def percent(self, node: ast.BinOp) -> Value:
        """``b"--%b" % boundary``."""
        left = self.of.value(node.left)
        template = known(left)
        if template is None or not isinstance(left, Bytes):
            return self.of.unseen(node)
        right = self.of.value(node.right)
        given = right.values if isinstance(right, Items) else [right]
        parts: list[Bytes] = [Bytes([], kind=left.kind)]
        last, index = 0, 0
        for match in _PERCENT.finditer(template):
            parts.append(Bytes([template[last : match.start()]]))
            last = match.end()
            if match["conv"] == "%":
                parts.append(Bytes(["%"]))
                continue
            value = entry(right, match["key"]) if match["key"] is not None else None
            if match["key"] is None and index < len(given):
                value, index = given[index], index + 1
            if not isinstance(value, Bytes) or match["conv"] == "r":
                return self.of.unseen(node)
            parts.append(value)
        return joined([*parts, Bytes([template[last:]])])

    def format(self, node: ast.Call, template: str) -> Value:
        """``"--{}".format(boundary)``."""
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        parts: list[Bytes] = [Bytes([], kind="str")]
        index = 0
        for literal, name, spec, conversion in string.Formatter().parse(template):
            parts.append(Bytes([literal]))
            if name is None:
                continue
            if spec or conversion:
                return self.of.unseen(node)
            if name == "":
                name, index = str(index), index + 1
            by_place = name.isdigit() and int(name) < len(node.args)
            source = node.args[int(name)] if by_place else named.get(name)
            found = self.of.value(source) if source is not None else None
            if not isinstance(found, Bytes):
                return self.of.unseen(node)
            parts.append(found)
        return joined(parts)

    def join(self, glue: ast.expr, node: ast.Call) -> Value:
        """``b"".join([head, video, tail])``."""
        between, several = self.of.value(glue), self.of.value(node.args[0])
        if not isinstance(between, Bytes) or not isinstance(several, Items):
            return Unknown(node)
        parts: list[Bytes] = [Bytes([], kind=between.kind)]
        for index, value in enumerate(several.values):
            if not isinstance(value, Bytes):
                return Unknown(node)
            parts += [*([between] if index else []), value]
        return joined(parts)


def entry(table: Value, key: str) -> Value | None:
    """What a dict holds for a key."""
    found = [v for k, v in table.entries if known(k) == key] if isinstance(table, Table) else []
    return found[-1] if found else None
