"""A function of the project written out in front of the statement that calls it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from share2post.rules.hosting import closed
from share2post.rules.moving import ends_line, evaluated_first, starts_line
from share2post.semantics.module import last_name
from share2post.semantics.unfolding.job import Job
from share2post.semantics.unfolding.slots import CannotUnfold
from share2post.semantics.unfolding.statements import Row, indented
from share2post.semantics.world import Unit, scope_of
from share2post.syntax.style import indentation, style_of

_HOSTS = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.If)


def in_place(job: Job, *, is_method: bool) -> list[tuple[Unit, int, int, str]]:
    """The statements in front of the one that holds the call, and what the call gives in its place."""
    unit = job.unit
    outer, statement = _outer(job)
    decorators = [d for d in job.function.decorator_list if decorator_name(d) != "staticmethod"]
    room = (
        isinstance(statement, _HOSTS)
        and starts_line(unit, statement)
        and closed(unit, outer, statement) is None
    )
    ended = isinstance(statement, ast.If) or ends_line(unit, statement)
    if decorators or not room or not ended or not evaluated_first(statement, outer, unit):
        raise CannotUnfold("there is no room for statements")
    _check_names(job, is_method)
    if any(a.unit is not unit and not isinstance(a.node, ast.Constant) for a in job.named.values()):
        raise CannotUnfold("a default of it is another module's")
    written = job.run()
    target, last = _target(statement, outer), written.rows[-1]
    plain = [row.result for row in written.rows].count(True) == 1 and last.result and last.depth == 0
    given = {row.text for row in written.rows if row.result and row.text != "None"}
    own = next((name for name, local in written.variables.items() if {local} == given), None)
    if own is not None and target is not None and target not in names_in(job.call):
        job.prefer[own] = target
        written = job.run()
    defaults = [a.node for a in job.named.values() if isinstance(a.node, ast.Name) and a.text]
    _check_free(job, {**written.free, **{node.id: node for node in defaults}})
    return list(_placed(job, outer, statement, written.rows, target, plain=plain))


def _placed(
    job: Job,
    outer: ast.expr,
    statement: ast.stmt,
    rows: list[Row],
    target: str | None,
    *,
    plain: bool,
) -> Iterator[tuple[Unit, int, int, str]]:
    unit, module, style = job.unit, job.unit.module, style_of(job.unit.module)
    indent = indentation(module, statement)
    alone = isinstance(statement, ast.Expr) and statement.value is outer
    given = rows.pop().text if plain else (target or _free_name(job, "result"))
    if not plain:
        rows = [replace(r, text=f"{given} = {r.text}") if r.result and not alone else r for r in rows]
        idle = ("None", f"{given} = {given}")
        rows = [replace(r, text="pass") if r.result and r.text in idle else r for r in rows]
    start, end = module.extent(statement)
    low, high = module.extent(outer)
    comments = [Row(0, comment.text) for comment in module.comments_within(low, high)]
    lines = "".join(indented(row, indent, style.indent, style.newline) for row in [*comments, *rows])
    first = module.line_start(start)
    whole = (alone and (not plain or given.isidentifier())) or (target is not None and given == target)
    if whole:
        tail = module.line_end(end)
        behind = module.text[end:tail].strip()
        lines += f"{indent}{behind}{style.newline}" if behind else ""
        yield unit, first, tail, lines
        return
    if lines:
        yield unit, first, first, lines
    text = given if _is_atom(given) else f"({given})"
    yield unit, low, high, given if isinstance(module.parent(outer), ast.stmt) else text


def _check_names(job: Job, is_method: bool) -> None:
    """Whether everything the function names is to be had, and to be named, at the call. Raises CannotUnfold."""
    if is_method and not job.on_self:
        raise CannotUnfold("it is a method of another object")
    for part in ast.walk(job.function):
        if isinstance(part, ast.Name) and part.id in ("super", "__class__", "locals"):
            raise CannotUnfold(f"it uses {part.id}")
        hidden = (
            isinstance(part, ast.Attribute) and part.attr.startswith("__") and not part.attr.endswith("__")
        )
        if hidden and job.unit.class_of(job.call) is not job.owner.module.parent(job.function):
            raise CannotUnfold("it uses a name that is private to its class")


def _check_free(job: Job, free: dict[str, ast.Name]) -> None:
    """Names of the function's module must mean the same at the call."""
    scope = scope_of(job.unit, job.call)
    for name, node in free.items():
        there = scope.lookup(name) if name not in scope.bindings else scope
        if there not in (None, job.unit.flow.root):
            raise CannotUnfold(f"{name} is something else where it is called")
        if job.owner is not job.unit:
            known = job.evaluator.world.qualified(job.owner, node)
            bindings = job.unit.flow.root.bindings.get(name, [])
            builtin = known == f"builtins.{name}" and not bindings
            same = len(bindings) == 1 and job.evaluator.world.named(job.unit, name) == known
            if known is None or not (builtin or same):
                raise CannotUnfold(f"{name} is not known where it is called")


def _is_atom(text: str) -> bool:
    """Whether an expression's text holds together anywhere."""
    node = ast.parse(text, mode="eval").body
    return isinstance(
        node, ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.Constant | ast.Dict | ast.List
    )


def decorator_name(node: ast.expr) -> str:
    """The last name of a decorator."""
    inner = node.func if isinstance(node, ast.Call) else node
    return last_name(inner)


def names_in(node: ast.AST) -> set[str]:
    """Every name in a node."""
    found = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return found | {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}


def _outer(job: Job) -> tuple[ast.expr, ast.stmt]:
    """The call with the ``await`` around it, and its statement. Raises CannotUnfold."""
    parent = job.unit.module.parent(job.call)
    outer = parent if isinstance(parent, ast.Await) else job.call
    if isinstance(job.function, ast.AsyncFunctionDef) != isinstance(outer, ast.Await):
        raise CannotUnfold("its coroutine is not awaited where it is made")
    return outer, job.unit.module.statement(outer)


def _target(statement: ast.stmt, outer: ast.expr) -> str | None:
    """``x`` of ``x = call(...)``."""
    if isinstance(statement, ast.Assign) and statement.value is outer and len(statement.targets) == 1:
        target = statement.targets[0]
        return target.id if isinstance(target, ast.Name) else None
    return None


def _free_name(job: Job, wish: str) -> str:
    taken = {*job.taken, *job.unit.words, *job.owner.words}
    return next(w for w in (wish, *(f"{wish}_{n}" for n in range(2, 99))) if w not in taken)
