"""A body the program makes itself: the fields and the video in it, and the statements that only make it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from share2post import tiktok
from share2post.protocols import Request
from share2post.semantics.building import body_value
from share2post.semantics.flow import Binding
from share2post.semantics.mappings import Entry, Mapping
from share2post.semantics.multipart import Part, parts_of
from share2post.semantics.pieces import Bytes, Gap, Trail, Value, holds
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_GROWING = frozenset({"append", "extend", "write", "update", "seek"})


@dataclass(eq=False)
class Handmade:
    """What a hand-made body holds; ``built`` are the statements that go with it, ``strays`` what needs it."""

    data: Mapping
    files: Mapping | None
    built: list[ast.stmt] = field(default_factory=list)
    strays: list[ast.AST] = field(default_factory=list)


def read_handmade(evaluator: Evaluator, request: Request, node: ast.expr, gone: set[ast.AST]) -> Handmade:
    """Take a body apart; ``gone`` is what else of the old request is not kept."""
    unit = request.unit
    value, trail = body_value(evaluator, unit, node, request.call)
    parts = parts_of(value)
    if parts is None:
        return Handmade(Mapping(node, unknown=node), None)
    data, files = Mapping(node), Mapping(node, raw=True)
    for part in parts:
        into = files if part.is_file or part.name == tiktok.VIDEO_PART else data
        entry = _entry(part, request, node, "bytes" if into is files else "str")
        if entry is None:
            into.unknown = node
        else:
            into.entries.append(entry)
    data.beside, files.beside = files.entries, data.entries
    found = Handmade(data, files if files.entries else None)
    video = next(
        (piece for part in parts if part.is_file for piece in part.content if isinstance(piece, Gap)), None
    )
    _Site(unit, request, trail, video, gone).settle(node, found)
    return found


def _entry(part: Part, request: Request, node: ast.expr, kind: str) -> Entry | None:
    """A part as an entry: its value where it stands; ``None`` where a needed one is not to be had."""
    needed = kind == "bytes" or part.name == tiktok.TOKEN_PARAMETER
    options = (("content_type", ast.Constant(part.media_type)),) if part.media_type is not None else ()
    only = part.content[0] if len(part.content) == 1 else None
    value = (
        only
        if isinstance(only, Gap) and not only.kind
        else only.of_kind(kind)
        if isinstance(only, Gap)
        else None
    )
    if value is None:
        return (
            None if needed else Entry(part.name, ast.Constant(""), node, request.unit, None, options=options)
        )
    inside = value.node in set(ast.walk(request.call))
    statement = None if inside else value.statement or request.unit.module.statement(node)
    return Entry(part.name, value.node, value.node, value.unit, statement, options=options)


@dataclass(eq=False)
class _Site:
    """The statements around a hand-made body."""

    unit: Unit
    request: Request
    trail: Trail
    video: Gap | None
    gone: set[ast.AST]

    def settle(self, node: ast.expr, found: Handmade) -> None:
        """Find what was only made for the body, and what else uses it."""
        built = self._built(node)
        kept: set[ast.stmt] = set()
        for _ in range(len(built) + 1):
            going = [statement for statement in built if statement not in kept]
            inside = (
                {part for statement in going for part in ast.walk(statement)}
                | set(ast.walk(node))
                | self.gone
            )
            more = {statement for statement in going if self._needed(statement, inside, found)}
            if not more or found.strays:
                break
            kept |= more
        found.built = [statement for statement in built if statement not in kept]
        found.strays += [s for s in found.built if not _only_builds(s)]

    def _built(self, node: ast.expr) -> list[ast.stmt]:
        """The statements that put more than one thing together on the way to the body."""
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        found: list[ast.stmt] = []
        again = True
        while again:
            again = False
            for statement, name, value in self.trail.made:
                if (
                    name in names
                    and statement not in found
                    and _compound(value)
                    and self._single(statement, name)
                ):
                    found.append(statement)
                    names |= {part.id for part in ast.walk(statement) if isinstance(part, ast.Name)}
                    again = True
        return found

    def _single(self, statement: ast.stmt, name: str) -> bool:
        """Whether the statement is no bare renaming of the video."""
        del name
        return not (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant))

    def _needed(self, statement: ast.stmt, inside: set[ast.AST], found: Handmade) -> bool:
        """Whether something else needs what a statement makes; a use of the body itself is a stray."""
        outside = [use for binding in self._bindings(statement) for use in binding.uses if use not in inside]
        outside = [use for use in outside if not self._dying(use, inside)]
        if not outside:
            return False
        mine = [v for s, _, v in self.trail.made if s is statement]
        carries = self.video is not None and any(holds(value, self.video) for value in mine)
        if carries or not isinstance(statement, ast.Assign | ast.AnnAssign) or any(_grows(v) for v in mine):
            found.strays += outside
        return True

    def _dying(self, use: ast.Name, inside: set[ast.AST]) -> bool:
        """``length = str(len(body))`` where ``length`` was only for the old headers."""
        statement = self.unit.module.statement(use)
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return False
        bindings = self._bindings(statement)
        return bool(bindings) and all(other in inside for binding in bindings for other in binding.uses)

    def _bindings(self, statement: ast.stmt) -> list[Binding]:
        stores = {
            part
            for part in ast.walk(statement)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        scopes = self.unit.flow.scopes.values()
        return [b for scope in scopes for bs in scope.bindings.values() for b in bs if b.node in stores]


def _compound(value: Value) -> bool:
    return not isinstance(value, Bytes) or value.growing or len(value.pieces) > 1


def _grows(value: Value) -> bool:
    return not isinstance(value, Bytes) or value.growing


def _only_builds(statement: ast.stmt) -> bool:
    """Whether a statement does nothing but put things together: ``for ...: lines.append(...)``."""
    for part in ast.walk(statement):
        if isinstance(part, ast.Expr):
            call = part.value
            if not (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr in _GROWING
            ):
                return False
        elif isinstance(part, ast.stmt) and not isinstance(
            part, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For | ast.If | ast.Pass
        ):
            return False
    return True
