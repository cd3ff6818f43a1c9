"""The name of a response that is given only after the PUT, where the program goes on after a failure."""

from __future__ import annotations

import ast
from dataclasses import replace

from share2post.model import Reason
from share2post.protocols import Request
from share2post.rules.failing import AfterFailure, after_failure, is_shared_name
from share2post.rules.hosting import Host
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.fresh import FreshNames


def bound_late(
    draft: Draft, fresh: FreshNames, request: Request, host: Host, holds: bool, json: frozenset[str]
) -> Host:
    """Where the program goes on after a failure, its name for the response is given only after the PUT.

    ``holds``: whether the client's responses are alike, and a failed PUT has one.
    """
    unit, statement = request.unit, host.statement
    target = _given(request, host)
    if host.helper or host.name_it or target is None:
        return host
    after = after_failure(unit, request.outer, target) if isinstance(target, ast.Name) else None
    if host.manager is not None:
        if after is not None and after.reads:
            hint = (
                f"{host.response} is read again at line {after.line}, where the upload may have failed after the"
                " init; read what you need of it inside the with statement"
            )
            draft.stop(Reason.RESPONSE_ESCAPES, hint, unit, request.outer)
        return host
    several = host.direct and isinstance(statement, ast.Assign) and len(statement.targets) > 1
    if after is None or several or is_shared_name(unit, request.outer, host.response):
        return _late(fresh, request, host)
    if not after.reads:
        return host
    if after.handling and all(unit.flow.only(read) is not None for read in after.reads):
        return _handled(draft, request, _late(fresh, request, host), after, holds, json, host)
    return _late(fresh, request, host)


def _given(request: Request, host: Host) -> ast.expr | None:
    """What is given the response."""
    if host.walrus is not None:
        return host.walrus.target
    if host.manager is not None:
        items = host.manager.items
        return next((item.optional_vars for item in items if item.context_expr is request.outer), None)
    return _target(host.statement) if host.direct else None


def _late(fresh: FreshNames, request: Request, host: Host) -> Host:
    name = fresh.pick(request.unit, request.outer, "init_response", "tiktok_init_response")
    late = "" if host.walrus is not None else _left(request.unit, host.statement)
    return replace(host, response=name, late=late, walrus=None, named=host.walrus)


def _handled(
    draft: Draft,
    request: Request,
    late: Host,
    after: AfterFailure,
    holds: bool,
    json: frozenset[str],
    host: Host,
) -> Host:
    """A name that only this call gives, and that is read where the failure is handled."""
    unit = request.unit
    if holds and host.walrus is None and not any(_is_parsed(unit, read, json) for read in after.reads):
        return replace(late, held=host.response)
    hint = (
        f"{host.response} is read at line {after.line} where a failed upload is handled; when the PUT failed,"
        " there is no answer to read there"
    )
    draft.doubt(Reason.RESPONSE_ESCAPES, hint, unit, after.handling[0])
    return late


def _is_parsed(unit: Unit, read: ast.Name, json: frozenset[str]) -> bool:
    parent = unit.module.parent(read)
    return not isinstance(parent, ast.Attribute | ast.Compare) or (
        isinstance(parent, ast.Attribute) and parent.attr in json
    )


def _target(statement: ast.stmt) -> ast.expr | None:
    """What a statement assigns: a name if there is one, since it is the one that is read."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    kept = [target for target in targets if isinstance(target, ast.Attribute | ast.Subscript)]
    return next(iter([*kept, *targets]), None)


def _left(unit: Unit, statement: ast.stmt) -> str:
    """``response`` or ``self.response: Response``: what stands before the equals sign."""
    start = unit.module.extent(statement)[0]
    return unit.module.text[start : left_end(unit, statement)]


def left_end(unit: Unit, statement: ast.stmt) -> int:
    """Where the left side of an assignment ends."""
    if isinstance(statement, ast.AnnAssign):
        return unit.module.extent(statement.annotation)[1]
    return unit.module.extent(statement.targets[-1])[1] if isinstance(statement, ast.Assign) else 0
