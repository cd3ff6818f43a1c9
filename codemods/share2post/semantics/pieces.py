"""What a program puts together piece by piece: texts, bytes, lists, buffers; what is not known is a hole.

Text and bytes are one here: ``.encode()`` changes neither the framing of a form
nor where a value stands in it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from share2post.semantics.world import Unit


@dataclass(frozen=True, eq=False)
class Gap:
    """A value only the running program knows; the same ``key``, the same value.

    ``node`` gives it where it stands, in ``statement`` (of the function looked at),
    as text or as bytes (``kind``, where that is known); ``other`` gives it as the other.
    ``here`` says that the node means something in the function looked at.
    """

    key: str
    unit: Unit
    node: ast.expr
    statement: ast.stmt | None
    kind: str = ""
    other: Gap | None = None
    here: bool = True

    def of_kind(self, kind: str) -> Gap | None:
        """The gap that gives the value as text or as bytes; ``None`` where that is not known."""
        if self.kind == kind and self.here:
            return self
        return self.other if self.other is not None and self.other.kind == kind else None


Piece = str | Gap


@dataclass(eq=False)
class Bytes:
    """Text or bytes in pieces; ``growing`` where it is a buffer that is changed in place."""

    pieces: list[Piece]
    growing: bool = False
    kind: str = ""
    sealed: bool = False  # a buffer whose next write goes over what it holds

    def __post_init__(self) -> None:
        """What stands between text is text, and between bytes bytes."""
        if self.kind:
            self.pieces = [settled(piece, self.kind) for piece in self.pieces]

    def add(self, other: Bytes) -> None:
        """Put something at the end, in place."""
        self.pieces += [settled(piece, self.kind) for piece in other.pieces]


@dataclass(eq=False)
class Items:
    """A list or tuple."""

    values: list[Value]


@dataclass(eq=False)
class Table:
    """A dict."""

    entries: list[tuple[Value, Value]]


@dataclass(eq=False)
class Unknown:
    """Something the tool cannot tell, and may not guess: it was changed in a way it does not follow."""

    at: ast.AST


Value = Bytes | Items | Table | Unknown


@dataclass(eq=False)
class Trail:
    """Which statements made which values, in the function looked at."""

    made: list[tuple[ast.stmt, str, Value]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def note(self, statement: ast.stmt | None, name: str, value: Value) -> None:
        """A statement gives a name this value, or changes it."""
        if statement is not None:
            self.made.append((statement, name, value))


def settled(piece: Piece, kind: str) -> Piece:
    """A gap of no known kind takes that of what it is put into."""
    return replace(piece, kind=kind) if kind and isinstance(piece, Gap) and not piece.kind else piece


def joined(values: Sequence[Bytes], kind: str = "") -> Bytes:
    """Several texts, or several bytes, one behind the other."""
    kind = next((value.kind for value in values if value.kind), kind)
    return Bytes([piece for value in values for piece in value.pieces], kind=kind)


def gap(value: Value) -> Gap | None:
    """The one gap a value is, if it is just that."""
    if isinstance(value, Bytes) and len(value.pieces) == 1 and isinstance(value.pieces[0], Gap):
        return value.pieces[0]
    return None


def either(one: Value, two: Value) -> Value:
    """``x.encode() if isinstance(x, str) else x``: the same value, as it is, and as text if it is that."""
    first, second = gap(one), gap(two)
    if first is None or second is None or first.kind == second.kind:
        return one
    plain, made = (second, first) if first.kind == "bytes" else (first, second)
    return Bytes([replace(plain, other=made.other or plain.other)])


def converted(found: Gap, kind: str, node: ast.expr | None, statement: ast.stmt | None) -> Gap:
    """A value encoded or decoded: by ``node``, or by an expression in another function."""
    before = replace(found, kind="str" if kind == "bytes" else "bytes", other=None)
    if node is None:
        return replace(found, kind=kind, other=before, here=False)
    return Gap(found.key, found.unit, node, statement, kind, before)


def known(value: Value) -> str | None:
    """The text of a value without gaps."""
    if not isinstance(value, Bytes) or any(isinstance(piece, Gap) for piece in value.pieces):
        return None
    return "".join(piece for piece in value.pieces if isinstance(piece, str))


def signature(value: Value | None) -> str:
    """The same for values that are the same."""
    match value:
        case Bytes():
            flat = [piece if isinstance(piece, str) else f"\0{piece.key}\0" for piece in value.pieces]
            return "".join(flat)
        case Items():
            return "[" + "\1".join(signature(v) for v in value.values) + "]"
        case Table():
            return "{" + "\1".join(f"{signature(k)}\2{signature(v)}" for k, v in value.entries) + "}"
        case Unknown():
            return f"?{id(value)}"
    return "-"


def holds(value: Value, wanted: Gap) -> bool:
    """Whether a value contains a gap."""
    match value:
        case Bytes():
            return any(isinstance(piece, Gap) and piece.key == wanted.key for piece in value.pieces)
        case Items():
            return any(holds(v, wanted) for v in value.values)
        case Table():
            return any(holds(v, wanted) for _, v in value.entries)
    return False


def clone(value: Value, seen: dict[int, Value]) -> Value:
    """A copy that may be changed, with the same aliases."""
    known_copy = seen.get(id(value))
    if known_copy is not None:
        return known_copy
    match value:
        case Bytes():
            copied: Value = Bytes(list(value.pieces), value.growing, value.kind, value.sealed)
            seen[id(value)] = copied
        case Items():
            copied = seen[id(value)] = Items([])
            copied.values += [clone(v, seen) for v in value.values]
        case Table():
            copied = seen[id(value)] = Table([])
            copied.entries += [(clone(k, seen), clone(v, seen)) for k, v in value.entries]
        case _:
            copied = value
    return copied
