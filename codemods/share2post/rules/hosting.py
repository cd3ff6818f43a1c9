"""Where the new statements can stand: in place of the call, or in front of its statement."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from share2post.model import Reason
from share2post.protocols import Request
from share2post.rules.moving import Mover, ends_line, evaluated_first, starts_line
from share2post.semantics.module import Module
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.fresh import FreshNames
from share2post.syntax.style import indentation

_CLOSED = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

_SESSIONS = frozenset(
    {
        "aiohttp.ClientSession", "httpx.Client", "httpx.AsyncClient", "requests.Session", "requests.session",
        "niquests.Session", "niquests.AsyncSession",
    }
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Host:
    """How a call stands in its statement.

    ``direct``: the statement is the call, or assigns it; ``manager``: it is the
    context manager of a ``with``; ``helper``: no statement can stand there, so a function
    of the module does the work and is called in place; else the call is lifted out in front.
    """

    statement: ast.stmt
    direct: bool
    manager: ast.With | ast.AsyncWith | None
    response: str
    name_it: bool
    walrus: ast.NamedExpr | None
    indent: str
    helper: bool = False
    late: str = ""  # what gives the program's own name the response, once the PUT succeeded
    named: ast.NamedExpr | None = None  # a name inside an expression that is given only after the PUT
    held: str = ""  # the program's own name, where it holds the response of the PUT until then
    bound: frozenset[str] = frozenset()  # names that the other items of the same ``with`` give


def find_host(draft: Draft, mover: Mover, fresh: FreshNames, request: Request) -> Host | None:
    """How the call stands; ``None`` with the obstacle noted where there is no room for statements."""
    unit, outer = request.unit, request.outer
    statement = unit.module.statement(outer)
    hint = closed(unit, outer, statement)
    if hint is None and request.result is not None:
        hint = "the call is made elsewhere than where its response is taken up"
    if hint is None and not (starts_line(unit, statement) or _is_header(statement)):
        hint = "the statement shares its line with others; give it a line of its own"
    if hint is None and not _is_header(statement) and not ends_line(unit, statement):
        hint = "the statement shares its line with others; give it a line of its own"
    if hint is not None:
        return _helper(draft, request, statement, hint)
    indent = indentation(unit.module, statement)
    manager = _manager(unit, outer)
    if manager is not None:
        return _with(draft, mover, fresh, request, manager, indent)
    direct = isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign) and statement.value is outer
    if direct:
        name = _assigned(unit, statement)
        if name is not None or isinstance(statement, ast.Expr):
            response = name or fresh.pick(unit, outer, "response", "init_response")
            return Host(statement, True, None, response, name is None, None, indent)
    if not evaluated_first(statement, outer, unit) and not _is_loop_header(statement, outer):
        hint = (
            "something with an effect is evaluated before the call in this statement; give the call its own"
        )
        return _helper(draft, request, statement, hint)
    walrus = unit.module.parent(outer)
    if isinstance(walrus, ast.NamedExpr) and isinstance(walrus.target, ast.Name):
        return Host(statement, False, None, walrus.target.id, False, walrus, indent)
    response = fresh.pick(unit, outer, "response", "init_response")
    return Host(statement, False, None, response, False, None, indent)


def _helper(draft: Draft, request: Request, statement: ast.stmt, hint: str) -> Host | None:
    """A function of the module to do the work, where the client is known at the module's level."""
    unit = request.unit
    root = request.function or request.call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    bindings = unit.flow.reaching(root) if isinstance(root, ast.Name) else frozenset()
    top = all(binding.scope is unit.flow.root for binding in bindings)
    apart = request.answer is not None or not bindings
    if apart or (request.session is None and not top) or _in_fstring(unit, request.outer):
        draft.stop(Reason.UNSUPPORTED_CONTEXT, hint, unit, request.outer)
        return None
    return Host(statement, False, None, "response", False, None, "", True)


def _in_fstring(unit: Unit, node: ast.AST) -> bool:
    return unit.module.fstring(node) is not None


def closed(unit: Unit, outer: ast.expr, statement: ast.stmt) -> str | None:
    """Why no statement can stand in front of this call, if so."""
    node: ast.AST = outer
    for around in unit.module.ancestors(outer):
        if around is statement:
            break
        if isinstance(around, _CLOSED):
            return "the call stands in a lambda or comprehension, where there is no room for statements"
        if isinstance(around, ast.BoolOp) and around.values[0] is not node:
            return "the call is only made where the condition before it holds; give it an if of its own"
        if isinstance(around, ast.IfExp) and around.test is not node:
            return "the call stands in one branch of a conditional expression; make it an if statement"
        if isinstance(around, ast.arguments):
            return "the call stands in a default argument"
        node = around
    if isinstance(statement, ast.While):
        return "the call stands in the condition of a while loop"
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return "the call stands in a decorator, a default or a class header"
    if isinstance(statement, ast.Assert):
        return "the call stands in an assert, which may be switched off"
    if isinstance(unit.module.parent(statement), ast.ClassDef):
        return "the call stands in the body of a class"
    start = unit.module.extent(statement)[0]
    if isinstance(statement, ast.If) and unit.module.text.startswith("elif", start):
        return "the call stands in an elif; make it an else with an if inside"
    if isinstance(statement, ast.Match | ast.Try):
        return "the call stands where there is no room for statements"
    return None


def _is_header(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If | ast.For | ast.AsyncFor | ast.With | ast.AsyncWith)


def _is_loop_header(statement: ast.stmt, outer: ast.expr) -> bool:
    if isinstance(statement, ast.For | ast.AsyncFor):
        return any(outer is part for part in ast.walk(statement.iter))
    return False


def _manager(unit: Unit, outer: ast.expr) -> ast.With | ast.AsyncWith | None:
    item = unit.module.parent(outer)
    if not isinstance(item, ast.withitem) or item.context_expr is not outer:
        return None
    holder = unit.module.parent(item)
    return holder if isinstance(holder, ast.With | ast.AsyncWith) else None


def _with(
    draft: Draft,
    mover: Mover,
    fresh: FreshNames,
    request: Request,
    manager: ast.With | ast.AsyncWith,
    indent: str,
) -> Host | None:
    unit = request.unit
    item = next(i for i in manager.items if i.context_expr is request.outer)
    named = isinstance(item.optional_vars, ast.Name) or item.optional_vars is None
    if not named or not starts_line(unit, manager.body[0]):
        draft.stop(
            Reason.UNSUPPORTED_CONTEXT, "the with statement leaves no room behind it", unit, request.outer
        )
        return None
    others = [other for other in manager.items if other is not item]
    if manager.items[-1] is not item or not all(_is_session(mover, unit, other) for other in others):
        draft.stop(
            Reason.UNSUPPORTED_CONTEXT,
            "the with statement opens several things; give the request a with of its own",
            unit,
            request.outer,
        )
        return None
    bound = frozenset(
        n.id for o in others if o.optional_vars for n in ast.walk(o.optional_vars) if isinstance(n, ast.Name)
    )
    if isinstance(item.optional_vars, ast.Name):
        return Host(manager, False, manager, item.optional_vars.id, False, None, indent, bound=bound)
    name = fresh.pick(unit, request.outer, "response", "init_response")
    return Host(manager, False, manager, name, True, None, indent, bound=bound)


def _is_session(mover: Mover, unit: Unit, item: ast.withitem) -> bool:
    """Whether a with item only makes a session, before or after which a file may as well be read."""
    made = item.context_expr
    return isinstance(made, ast.Call) and mover.evaluator.world.qualified(unit, made.func) in _SESSIONS


def _assigned(unit: Unit, statement: ast.stmt) -> str | None:
    """The text that names the response after this statement."""
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return None
    for target in targets:
        if isinstance(target, ast.Name):
            return target.id
    for target in targets:
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            return unit.module.source(target)
    return None


def header_end(module: Module, manager: ast.With | ast.AsyncWith) -> int:
    """The start of the line behind a with statement's colon: in front of the comments on its first statement."""
    last = manager.items[-1]
    position = module.extent(last.optional_vars or last.context_expr)[1]
    while module.text[position] != ":":
        hidden = module.text[position] == "#"
        position = module.line_end(position) if hidden else position + 1
    return module.line_end(position)
