"""The statements of a function as they are written at a call of it."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from dataclasses import dataclass, field

from share2post.semantics.sinks import Sinks
from share2post.semantics.unfolding.folding import Known, Value
from share2post.semantics.unfolding.gathering import Gatherer
from share2post.semantics.unfolding.slots import (
    CannotUnfold,
    Names,
    Slot,
    check_strings,
    constant_text,
    flushed,
    is_settled,
)
from share2post.semantics.unfolding.wording import Scene
from share2post.semantics.world import Unit, World

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_REFUSED = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal, ast.Match, ast.Delete,
    ast.Import, ast.ImportFrom, ast.TryStar,
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One statement (or header), ``depth`` levels in; ``result`` where it is what the function gives."""

    depth: int
    text: str
    result: bool = False


def indented(row: Row, indent: str, step: str, newline: str) -> str:
    """A row's lines, as they stand in a file."""
    inner = indent + step * row.depth
    return "".join(f"{inner}{line}{newline}" if line.strip() else newline for line in row.text.split("\n"))


@dataclass(eq=False)
class Writer:
    """Writes a function's body for one call, statement by statement."""

    scene: Scene
    names: Names
    answers: Callable[[Unit, ast.expr], Value]  # what an expression gives that sends the upload
    world: World
    pinned: set[str]  # names that must be variables, whatever is known of them
    rows: list[Row] = field(default_factory=list)
    returns: bool = False  # whether it stays a function, whose ``return`` statements stay what they are
    depth: int = 0
    held: int = 0  # how many statements around may be left half done, run more than once, or not at all
    maybe: int = 0  # how many of them may not run at all

    def __post_init__(self) -> None:
        self.gatherer = Gatherer(self.scene, self.names, self._row)

    @property
    def unit(self) -> Unit:
        """The function's module."""
        return self.scene.unit

    def run(self, body: list[ast.stmt]) -> list[Row]:
        """Write everything. Raises CannotUnfold."""
        first, *rest = body
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            body = rest
        for statement in body:
            check_strings(self.unit, statement)
        if self._block(body) and not self.returns:
            self.rows.append(Row(0, "None", result=True))
        return self.rows

    def _block(self, body: list[ast.stmt]) -> bool:
        """Write statements in tail position; whether control may leave them at their end."""
        for index, statement in enumerate(body):
            if isinstance(statement, ast.Return):
                self._return(statement)
                return False
            if isinstance(statement, ast.Raise):
                self._row(self.scene.shown(statement))
                return False
            test = self.scene.folder.truth(statement.test) if isinstance(statement, ast.If) else None
            if isinstance(statement, ast.If) and test is not None:
                return self._block([*(statement.body if test else statement.orelse), *body[index + 1 :]])
            if _returns(statement) and not self.returns:
                return self._leaving(statement, body[index + 1 :])
            self._statement(statement)
        return True

    def _return(self, statement: ast.Return) -> None:
        value = self.scene.text(statement.value) if statement.value is not None else "None"
        if self.returns:
            self._row("return" if statement.value is None else f"return {value}")
        else:
            self._row(value, result=True)

    def _leaving(self, statement: ast.stmt, rest: list[ast.stmt]) -> bool:
        """A statement that may return: what follows it moves into the branches that do not."""
        match statement:
            case ast.If():
                branches = [statement.body, statement.orelse]
                return self._branches(statement, [[*b, *([] if _ends(b) else rest)] for b in branches])
            case ast.With() | ast.AsyncWith() if not rest:
                self._enter(statement)
                self._row(self._with(statement))
                return self._inside(statement.body)
            case ast.Try() if not rest and not statement.orelse and not _returns_any(statement.finalbody):
                return self._try(statement, tail=True)
        raise CannotUnfold("it returns from within a loop or another block")

    def _branches(self, statement: ast.If, bodies: list[list[ast.stmt]]) -> bool:
        self._enter(statement)
        self._row(f"if {self.scene.text(statement.test)}:")
        self._inside(bodies[0])
        self._row("else:")
        return self._inside(bodies[1])

    def _inside(self, body: list[ast.stmt], held: int = 0) -> bool:
        """A block one level in, in tail position; where it ends, the function gives None."""
        before = dict(self.scene.slots), {name: dict(held) for name, held in self.scene.gathered.items()}
        self.depth, self.held, count = self.depth + 1, self.held + held, len(self.rows)
        if self._block(body):
            self._row("None", result=True)
        if len(self.rows) == count:
            self._row("pass")
        self.depth, self.held = self.depth - 1, self.held - held
        self.scene.slots, self.scene.gathered = before
        return False

    def _statement(self, statement: ast.stmt) -> None:
        """A statement that does not return."""
        match statement:
            case ast.Return():
                self._return(statement)
            case ast.Assign(targets=[ast.Name() as target], value=value):
                self._assign(target, value)
            case ast.AnnAssign(target=ast.Name() as target, value=value):
                if value is not None:
                    self._assign(target, value)
            case ast.Assign(targets=[ast.Subscript(value=owner) as target], value=value) if (
                held := self.scene.entries(owner)
            ) is not None:
                self.gatherer.set_entry(held, target.slice, value, bool(self.held))
            case ast.Expr(value=ast.Call() as call) if self.gatherer.changes(call, bool(self.held)):
                pass
            case ast.If():
                self._if(statement)
            case ast.With() | ast.AsyncWith():
                self._enter(statement)
                self._row(self._with(statement))
                self._plain(statement.body)
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(statement)
            case ast.Try():
                self._try(statement, tail=False)
            case _ if isinstance(statement, _REFUSED):
                raise CannotUnfold(f"it holds a {type(statement).__name__.lower()} statement")
            case _:
                self._stored(statement)
                self._row(
                    self.scene.shown(statement) if self._shows(statement) else self.scene.text(statement)
                )

    def _assign(self, target: ast.Name, value: ast.expr) -> None:
        if isinstance(value, ast.Dict) and self.gatherer.starts(target, value, bool(self.held)):
            self.gatherer.start(target, value)
            return
        known = self.scene.folder.value(value)
        if known is None:
            known = self.answers(self.unit, value)
        pinned = target.id in self.pinned
        if is_settled(known) and isinstance(known, Known) and not self.held and not pinned:
            self.scene.slots[target.id] = Slot(known, constant_text(known.value))
            return
        text = self.scene.text(value)
        local = self.names.local(target.id)
        if self.held and target.id in self.scene.slots and not self.scene.slots[target.id].local:
            raise CannotUnfold(f"{target.id} is set in a branch")
        lasting = not self.maybe and not (self.held and is_settled(known))
        self.scene.slots[target.id] = Slot(known if lasting else None, local=local)
        if text != local:
            self._row(f"{local} = {text}")

    def _shows(self, statement: ast.stmt) -> bool:
        """Whether a statement only shows something: a log line, a print, an error."""
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            return Sinks(self.world).shows(self.unit, statement.value)
        return isinstance(statement, ast.Raise)

    def _if(self, statement: ast.If, word: str = "if") -> None:
        test = self.scene.folder.truth(statement.test)
        if test is not None:
            for inner in statement.body if test else statement.orelse:
                self._statement(inner)
            return
        self._enter(statement)
        self._row(f"{word} {self.scene.text(statement.test)}:")
        self._plain(statement.body, maybe=1)
        match statement.orelse:
            case [ast.If() as other] if self.scene.folder.truth(other.test) is None:
                self._if(other, "elif")
            case [_, *_]:
                self._row("else:")
                self._plain(statement.orelse, maybe=1)

    def _loop(self, statement: ast.For | ast.AsyncFor | ast.While) -> None:
        self._enter(statement)
        if isinstance(statement, ast.While):
            self._row(f"while {self.scene.text(statement.test)}:")
        else:
            word = "async for" if isinstance(statement, ast.AsyncFor) else "for"
            over = self.scene.text(statement.iter)
            self._stored(statement.target)
            self._row(f"{word} {self.scene.text(statement.target)} in {over}:")
        self._plain(statement.body, maybe=1)
        if statement.orelse:
            self._row("else:")
            self._plain(statement.orelse, maybe=1)

    def _try(self, statement: ast.Try, *, tail: bool) -> bool:
        write = functools.partial(self._inside, held=1) if tail else self._plain
        self._enter(statement)
        self._row("try:")
        write(statement.body)
        for handler in statement.handlers:
            kind = f" {self.scene.text(handler.type)}" if handler.type is not None else ""
            named = ""
            if handler.name:
                self.scene.slots[handler.name] = Slot(local=self.names.local(handler.name))
                named = f" as {self.names.local(handler.name)}"
            self._row(f"except{kind}{named}:")
            write(handler.body)
        if statement.orelse:
            self._row("else:")
            write(statement.orelse)
        if statement.finalbody:
            self._row("finally:")
            self._plain(statement.finalbody)
        return False

    def _plain(self, body: list[ast.stmt], maybe: int = 0) -> bool:
        """A block one level in, behind which the function goes on."""
        self.depth, self.held, self.maybe = self.depth + 1, self.held + 1, self.maybe + maybe
        count = len(self.rows)
        if self.returns:
            self._block(body)
        else:
            for statement in body:
                self._statement(statement)
        if len(self.rows) == count:
            self._row("pass")
        self.depth, self.held, self.maybe = self.depth - 1, self.held - 1, self.maybe - maybe
        return True

    def _with(self, statement: ast.With | ast.AsyncWith) -> str:
        items = []
        for item in statement.items:
            made = self.scene.text(item.context_expr)
            if item.optional_vars is not None:
                self._stored(item.optional_vars)
                made += f" as {self.scene.text(item.optional_vars)}"
            items.append(made)
        return f"{'async ' if isinstance(statement, ast.AsyncWith) else ''}with {', '.join(items)}:"

    def _enter(self, statement: ast.stmt) -> None:
        """Names that are set inside get a variable in front, where they stand for something already."""
        stored = {
            n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        for name in sorted(stored & self.scene.slots.keys()):
            slot = self.scene.slots[name]
            if not slot.local:
                local = self.names.local(name)
                self._row(f"{local} = {slot.text}")
            self.scene.slots[name] = Slot(local=self.names.local(name))

    def _stored(self, node: ast.AST) -> None:
        """The variables a statement sets, by the names they get here."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                slot = self.scene.slots.get(part.id)
                if isinstance(node, ast.AugAssign) and slot is not None and not slot.local:
                    self._row(f"{self.names.local(part.id)} = {slot.text}")
                if isinstance(self.scene.slot(part), Slot) or part.id in self._own():
                    self.scene.slots[part.id] = Slot(local=self.names.local(part.id))

    def _own(self) -> set[str]:
        return set(self.unit.flow.scopes[self.scene.function].bindings)

    def _row(self, text: str, *, result: bool = False) -> None:
        self.rows.append(Row(self.depth, flushed(text), result))


def _returns(statement: ast.stmt) -> bool:
    """Whether a statement returns from the function somewhere within."""
    return any(isinstance(part, ast.Return) for part in _parts(statement))


def _returns_any(body: list[ast.stmt]) -> bool:
    return any(_returns(statement) for statement in body)


def _parts(node: ast.AST) -> list[ast.AST]:
    found = [node]
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            found += _parts(child)
    return found


def _ends(body: list[ast.stmt]) -> bool:
    """Whether control never leaves a block at its end."""
    last = body[-1] if body else None
    if isinstance(last, ast.Return | ast.Raise):
        return True
    return isinstance(last, ast.If) and _ends(last.body) and bool(last.orelse) and _ends(last.orelse)
