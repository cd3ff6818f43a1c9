"""Runs, without running it, the code that builds a request's body, as far as the request.

::

    lines = []
    for name, value in fields.items():         # a dict that is seen: each of its entries
        lines += ["--" + boundary, f'Content-Disposition: form-data; name="{name}"', "", value]
    body = "\\r\\n".join(lines).encode() + video  # pieces, with ``video`` as a gap

What may have happened or not is unknown, and what is unknown is never guessed.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

from share2post.semantics.expressions import Expressions
from share2post.semantics.pieces import (
    Bytes,
    Gap,
    Items,
    Table,
    Trail,
    Unknown,
    Value,
    clone,
    either,
    joined,
    signature,
)
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_DEPTH = 4
_STEPS = 4000
Function = ast.FunctionDef | ast.AsyncFunctionDef
Env = dict[str, Value]


@dataclass(eq=False)
class Builder:
    """Follows one function; ``target`` is the node at which it stops, if it is not run to its end."""

    evaluator: Evaluator
    unit: Unit
    target: ast.AST | None = None
    depth: int = 0
    trail: Trail = field(default_factory=Trail)
    counter: itertools.count[int] = field(default_factory=itertools.count)
    env: Env = field(default_factory=dict)
    within: ast.stmt | None = None  # the loop or branch that is run as a whole
    current: ast.stmt | None = None
    returned: Value | None = None
    ambiguous: bool = False
    stopped: bool = False

    def __post_init__(self) -> None:
        self.expressions = Expressions(self)
        self.around: set[ast.AST] = set()
        if self.target is not None:
            self.around = {self.target, *self.unit.module.ancestors(self.target)}

    def run(self, body: list[ast.stmt]) -> None:
        """Run a block as far as the target."""
        for statement in body:
            if self.stopped:
                return
            if next(self.counter) > _STEPS:
                self.forget(self.env.keys(), statement)
                self.stopped = True
                return
            self._statement(statement)

    def value(self, node: ast.expr) -> Value:
        """What an expression is worth here."""
        return self.expressions.value(node)

    @property
    def here(self) -> ast.stmt | None:
        """The statement that is being run, if it stands in the function looked at."""
        return (self.within or self.current) if self.depth == 0 else None

    def forget(self, names: Iterable[str], node: ast.AST) -> None:
        """These names hold something else from now on, or may."""
        for name in list(names):
            self.env[name] = Unknown(node)
        for name in _touched(node):
            value = self.env.get(name)
            if isinstance(value, Items | Table) or (isinstance(value, Bytes) and value.growing):
                self.env[name] = Unknown(node)

    def enter(self, owner: Unit, function: Function, given: Env) -> Value:
        """What a function of the project returns for these arguments."""
        inner = Builder(self.evaluator, owner, None, self.depth + 1, Trail(), self.counter, dict(given))
        if self.depth >= _DEPTH or function.decorator_list and not _static(function):
            return Unknown(function)
        inner.run(function.body)
        return Unknown(function) if inner.ambiguous or inner.returned is None else inner.returned

    # statements

    def _statement(self, node: ast.stmt) -> None:
        self.current = node
        match node:
            case ast.Assign():
                if node in self.around:
                    self.stopped = True
                    return
                value = self.value(node.value)
                for target in node.targets:
                    self.assign(target, value)
            case ast.AnnAssign() if node.value is not None:
                if node in self.around:
                    self.stopped = True
                    return
                self.assign(node.target, self.value(node.value))
            case ast.AugAssign():
                self._augment(node)
            case ast.With() | ast.AsyncWith():
                self._with(node)
            case ast.If():
                self._if(node)
            case ast.For() | ast.AsyncFor():
                self._for(node)
            case ast.While():
                self.forget(_changed(node), node)
                if node in self.around:
                    self._inside(node.test, node.body)
            case ast.Try() | ast.TryStar():
                self._try(node)
            case ast.Match():
                self.forget(_changed(node), node)
                self.stopped = self.stopped or node in self.around
            case ast.Return():
                if node in self.around:
                    self.stopped = True
                    return
                self.returned = self.value(node.value) if node.value is not None else None
                self.stopped = True
            case ast.Expr():
                if node in self.around:
                    self.stopped = True
                    return
                self.value(node.value)
            case ast.Delete() | ast.Global() | ast.Nonlocal():
                self.forget(_changed(node), node)
            case ast.Raise() | ast.Break() | ast.Continue():
                self.stopped = True
            case _:
                self.stopped = self.stopped or (node in self.around and not isinstance(node, Function))

    def assign(self, target: ast.expr, value: Value) -> None:
        """``target = value``."""
        match target:
            case ast.Name():
                self.env[target.id] = value
                self.trail.note(self.here, target.id, value)
            case ast.Tuple() | ast.List():
                parts = (
                    value.values
                    if isinstance(value, Items) and len(value.values) == len(target.elts)
                    else None
                )
                for index, element in enumerate(target.elts):
                    self.assign(
                        element, parts[index] if parts is not None else self.expressions.unseen(target)
                    )
            case ast.Subscript(value=ast.Name() as base):
                table = self.env.get(base.id)
                if isinstance(table, Table):
                    table.entries.append((self.value(target.slice), value))
                    self.trail.note(self.here, base.id, table)
                elif table is not None:
                    self.env[base.id] = Unknown(target)

    def _augment(self, node: ast.AugAssign) -> None:
        value = self.value(node.value)
        if not isinstance(node.target, ast.Name):
            return
        name = node.target.id
        old = self.env.get(name)
        new: Value = Unknown(node)
        if isinstance(node.op, ast.Add) and isinstance(old, Bytes) and isinstance(value, Bytes):
            new = joined([old, value])
            if old.growing:
                old.add(value)
                new = old
        elif isinstance(node.op, ast.Add) and isinstance(old, Items) and isinstance(value, Items):
            old.values += value.values
            new = old
        self.env[name] = new
        self.trail.note(self.here, name, new)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            if self.target is not None and any(part is self.target for part in ast.walk(item.context_expr)):
                self.stopped = True
                return
            value = self.value(item.context_expr)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value)
        self.run(node.body)

    def _inside(self, header: ast.expr, body: list[ast.stmt]) -> None:
        """Into a block that holds the target, unless the header does."""
        if any(part is self.target for part in ast.walk(header)):
            self.stopped = True
            return
        self.run(body)
        self.stopped = True

    def _if(self, node: ast.If) -> None:
        if node in self.around:
            inside = [branch for branch in (node.body, node.orelse) if any(s in self.around for s in branch)]
            if inside:
                self._inside(node.test, inside[0])
            self.stopped = True
            return
        ends = [end for branch in (node.body, node.orelse) if (end := self._branch(branch, node)) is not None]
        if not ends:
            self.stopped = True
            return
        self._merge(ends, node)

    def _branch(self, body: list[ast.stmt], whole: ast.stmt) -> Env | None:
        """What the names hold after a block that may be run; ``None`` where it leaves."""
        seen: dict[int, Value] = {}
        before, outer = self.env, self.within
        self.env = {name: clone(value, seen) for name, value in before.items()}
        self.within = outer or whole
        self.run(body)
        after, left = self.env, self.stopped
        self.ambiguous = self.ambiguous or self.returned is not None
        self.env, self.within, self.stopped, self.returned = before, outer, False, None
        return None if left else after

    def _merge(self, ends: list[Env], node: ast.stmt) -> None:
        names = {name for end in ends for name in end}
        merged: Env = {}
        for name in names:
            signs = {signature(end.get(name)) for end in ends}
            same = len(signs) == 1 and name in ends[0]
            merged[name] = either(ends[0][name], ends[-1][name]) if same else Unknown(node)
        self.env = merged

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        if node in self.around:
            self.forget(_changed(node), node)
            self.assign(node.target, self.expressions.unseen(node.target))
            self._inside(node.iter, node.body)
            return
        several = self.value(node.iter)
        loop = [part for part in ast.walk(node) if isinstance(part, ast.Break | ast.Continue | ast.Return)]
        if not isinstance(several, Items) or loop or node.orelse:
            self.forget(_changed(node), node)
            return
        outer, self.within = self.within, self.within or node
        for value in list(several.values):
            self.assign(node.target, value)
            self.run(node.body)
        self.within = outer

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        self.run(node.body)
        if self.stopped:
            return
        if node in self.around and not any(s in self.around for s in [*node.orelse, *node.finalbody]):
            self.stopped = True
            return
        self.forget(
            {name for handler in node.handlers for name in _changed(handler) if not _leaves(handler)}, node
        )
        self.run([*node.orelse, *node.finalbody])


def _static(function: Function) -> bool:
    return all(
        isinstance(d, ast.Name) and d.id in ("staticmethod", "classmethod") for d in function.decorator_list
    )


def _leaves(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def _changed(node: ast.AST) -> set[str]:
    """The names a piece of code binds, or puts something into."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            found.add(part.id)
        elif isinstance(part, ast.Subscript | ast.Attribute) and not isinstance(part.ctx, ast.Load):
            found.update(inner.id for inner in ast.walk(part.value) if isinstance(inner, ast.Name))
        elif isinstance(part, ast.Global | ast.Nonlocal):
            found.update(part.names)
    return found


def _touched(node: ast.AST) -> set[str]:
    """The names whose methods a piece of code calls, or which it hands on: lists and buffers may change."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            found.update(inner.id for inner in ast.walk(part.value) if isinstance(inner, ast.Name))
        elif isinstance(part, ast.Call):
            handed = [*part.args, *(keyword.value for keyword in part.keywords)]
            found.update(n.id for a in handed for n in ast.walk(a) if isinstance(n, ast.Name))
    return found


def body_value(evaluator: Evaluator, unit: Unit, node: ast.expr, call: ast.Call) -> tuple[Value, Trail]:
    """What an argument of a call is worth, and what was done to make it so."""
    function = unit.function_of(call)
    builder = Builder(evaluator, unit, call)
    if function is not None:
        for arg in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]:
            builder.env[arg.arg] = Bytes(
                [Gap(f"{arg.arg}@{id(arg)}", unit, ast.Name(arg.arg, ast.Load()), None)]
            )
    builder.run(function.body if function is not None else unit.module.tree.body)
    builder.current = unit.module.statement(call)
    return builder.value(node), builder.trail
