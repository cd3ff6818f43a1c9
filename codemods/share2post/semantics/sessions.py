"""What a session or client object carries into every request it sends."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Final

from share2post.semantics.flow import Binding, Kind
from share2post.semantics.mappings import Mappings
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

SECRET_HEADERS: Final = frozenset({"authorization", "access-token", "access_token", "x-access-token", "x-tt-token"})
_QUIET: Final = frozenset(
    {
        "get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream", "close", "aclose",
        "mount", "verify", "proxies", "cert", "cookies", "max_redirects", "trust_env", "timeout", "stream",
        "adapters", "hooks", "closed", "is_closed",
    }
)  # fmt: skip
_TRANSPORT: Final = frozenset(
    {
        "timeout", "verify", "cert", "proxy", "proxies", "trust_env", "http2", "http1", "limits", "follow_redirects",
        "cookies", "max_redirects", "transport", "default_encoding", "connector", "cookie_jar", "raise_for_status",
        "read_timeout", "conn_timeout", "connector_owner", "json_serialize", "loop", "version", "multiplexed",
        "disable_http2", "disable_http3", "pool_connections", "pool_maxsize", "retries", "mounts",
    }
)  # fmt: skip
_DEPTH: Final = 4


@dataclass(eq=False)
class Session:
    """What is known of the session or client object that sends the request.

    ``headers`` and ``params`` are the names it adds to every request by itself,
    ``None`` where they cannot all be told. ``known`` says that the tool sees
    everything that is done to the object.
    """

    source: str
    known: bool = True
    headers: frozenset[str] | None = frozenset()
    params: frozenset[str] | None = frozenset()
    auth: bool = False
    bearer: bool = False
    base_url: tuple[Unit, ast.expr] | None = None
    where: str = ""


@dataclass(eq=False)
class _Facts:
    """What has been seen to be done to one session object."""

    known: bool = True
    headers: set[str] = field(default_factory=set)
    headers_known: bool = True
    params: set[str] = field(default_factory=set)
    params_known: bool = True
    auth: bool = False
    bearer: bool = False
    where: str = ""
    base_url: tuple[Unit, ast.expr] | None = None


def find(evaluator: Evaluator, unit: Unit, receiver: ast.expr, classes: frozenset[str]) -> Session | None:
    """The session behind the receiver of a call; ``None`` where it is not one of these classes."""
    facts = _facts(evaluator, unit, receiver, classes, 0)
    if facts is None:
        return None
    known = facts.known and facts.headers_known and facts.params_known
    return Session(
        unit.module.source(receiver),
        known,
        frozenset(facts.headers) if facts.headers_known else None,
        frozenset(facts.params) if facts.params_known else None,
        facts.auth,
        facts.bearer,
        facts.base_url,
        facts.where,
    )


def _facts(
    evaluator: Evaluator, unit: Unit, node: ast.expr, classes: frozenset[str], depth: int
) -> _Facts | None:
    if depth > _DEPTH:
        return None
    if isinstance(node, ast.Call):
        return _made(evaluator, unit, node, classes, depth)
    if isinstance(node, ast.Name):
        return _named(evaluator, unit, node, classes, depth)
    if isinstance(node, ast.Attribute):
        return _attribute(evaluator, unit, node, classes, depth)
    return None


def _made(
    evaluator: Evaluator, unit: Unit, node: ast.Call, classes: frozenset[str], depth: int
) -> _Facts | None:
    """``requests.Session()``, or a function of the project that returns one."""
    if evaluator.world.qualified(unit, node.func) in classes:
        facts = _Facts(where=f"{unit.path}:{node.lineno}")
        facts.known = not node.args
        for keyword in node.keywords:
            _constructed(evaluator, unit, keyword, facts)
        return facts
    callee = evaluator.callee(unit, node)
    if callee is None:
        return None
    owner, function = callee
    results = [n for n in ast.walk(function) if isinstance(n, ast.Return) and n.value is not None]
    if len(results) == 1 and results[0].value is not None:
        return _facts(evaluator, owner, results[0].value, classes, depth + 1)
    return None


def _constructed(evaluator: Evaluator, unit: Unit, keyword: ast.keyword, facts: _Facts) -> None:
    """Note what one argument of the constructor makes the object carry."""
    empty = isinstance(keyword.value, ast.Constant) and keyword.value.value is None
    if keyword.arg is None:
        facts.known = False
    elif empty:
        return
    elif keyword.arg in ("headers", "params"):
        names = facts.headers if keyword.arg == "headers" else facts.params
        known = _held(evaluator, unit, keyword.value, keyword, names, facts if keyword.arg == "headers" else None)
        if keyword.arg == "headers":
            facts.headers_known = facts.headers_known and known
        else:
            facts.params_known = facts.params_known and known
    elif keyword.arg == "auth":
        facts.auth = True
    elif keyword.arg == "base_url":
        facts.base_url = (unit, keyword.value)
    elif keyword.arg not in _TRANSPORT:
        facts.known = False


def _named(
    evaluator: Evaluator, unit: Unit, node: ast.Name, classes: frozenset[str], depth: int
) -> _Facts | None:
    found: _Facts | None = None
    for binding in unit.flow.reaching(node):
        if isinstance(binding.value, ast.Constant) and binding.value.value is None:
            continue
        facts = _bound(evaluator, unit, binding, classes, depth)
        if facts is None or found is not None:
            return None
        found = facts
    return found


def _bound(
    evaluator: Evaluator, unit: Unit, binding: Binding, classes: frozenset[str], depth: int
) -> _Facts | None:
    if binding.kind is Kind.PARAMETER and isinstance(binding.node, ast.arg):
        annotation = binding.node.annotation
        return _unseen(evaluator, unit, annotation, classes, binding.name)
    if binding.kind is Kind.IMPORT:
        definition = evaluator.world.of_binding(unit, binding)
        if definition is None:
            return None
        facts = _facts(evaluator, definition.unit, definition.value, classes, depth + 1)
        if facts is not None and isinstance(definition.holder, Binding):
            for use in definition.holder.uses:
                _use(evaluator, definition.unit, use, facts)
            for use in binding.uses:
                _use(evaluator, unit, use, facts)
        return facts
    if binding.kind not in (Kind.ASSIGN, Kind.WITH) or binding.value is None:
        return None
    facts = _facts(evaluator, unit, binding.value, classes, depth + 1)
    if facts is None:
        return None
    for use in binding.uses:
        _use(evaluator, unit, use, facts)
    if binding.scope is unit.flow.root and _imported_elsewhere(evaluator, unit, binding.name):
        facts.known = False
    return facts


def _unseen(
    evaluator: Evaluator, unit: Unit, annotation: ast.expr | None, classes: frozenset[str], name: str
) -> _Facts | None:
    """A parameter that says it is a session: what it carries is not to be seen."""
    if annotation is None:
        return None
    for part in ast.walk(annotation):
        if isinstance(part, ast.Name | ast.Attribute) and evaluator.world.qualified(unit, part) in classes:
            return _Facts(known=False, where=f"{unit.path}:{annotation.lineno}")
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value in classes:
            return _Facts(known=False, where=f"{unit.path}:{annotation.lineno}")
    return None


def _attribute(
    evaluator: Evaluator, unit: Unit, node: ast.Attribute, classes: frozenset[str], depth: int
) -> _Facts | None:
    """``self.session``, set once in the class."""
    definition = evaluator.world.definition(unit, node)
    if definition is None:
        return None
    value = definition.value
    if isinstance(value, ast.BoolOp):  # self.session = session or requests.Session()
        facts = next((f for v in value.values if (f := _facts(evaluator, definition.unit, v, classes, depth + 1))), None)
        if facts is not None:
            facts.known = False
        return facts
    facts = _facts(evaluator, definition.unit, value, classes, depth + 1)
    if facts is None and isinstance(definition.holder, ast.AnnAssign):
        facts = _unseen(evaluator, definition.unit, definition.holder.annotation, classes, node.attr)
    if facts is None:
        return None
    for other in evaluator.world.units.values():
        for use in other.attributes.get(node.attr, ()):
            if isinstance(use.ctx, ast.Load):
                _use(evaluator, other, use, facts)
    return facts


def _use(evaluator: Evaluator, unit: Unit, use: ast.expr, facts: _Facts) -> None:
    """Note what one use of a session does to it."""
    parent = unit.module.parent(use)
    match parent:
        case ast.Attribute(attr="headers"):
            facts.headers_known = _defaults(evaluator, unit, parent, facts.headers, facts) and facts.headers_known
        case ast.Attribute(attr="params"):
            facts.params_known = _defaults(evaluator, unit, parent, facts.params, None) and facts.params_known
        case ast.Attribute(attr="auth"):
            facts.auth = facts.auth or not isinstance(parent.ctx, ast.Load)
        case ast.Attribute() if parent.attr in _QUIET:
            pass
        case ast.withitem() | ast.Expr() | ast.Compare() | ast.If() | ast.UnaryOp() | ast.BoolOp() | ast.Return():
            pass
        case ast.Assign() | ast.AnnAssign() if _only_attribute(parent):
            pass
        case _:
            facts.known = False


def _only_attribute(statement: ast.Assign | ast.AnnAssign) -> bool:
    """``self.session = session``: followed as the attribute it becomes."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return all(isinstance(target, ast.Attribute) for target in targets)


def _defaults(
    evaluator: Evaluator, unit: Unit, attribute: ast.Attribute, names: set[str], facts: _Facts | None
) -> bool:
    """``s.headers.update(...)``, ``s.headers[...] = ...``, ``s.headers = {...}``: which names it sets."""
    parent = unit.module.parent(attribute)
    statement = unit.module.statement(attribute)
    value: ast.expr | None = None
    if isinstance(parent, ast.Assign) and attribute in parent.targets:
        value = parent.value
    elif isinstance(parent, ast.Subscript) and isinstance(statement, ast.Assign) and parent in statement.targets:
        key = evaluator.text(unit, parent.slice)
        known = key.known if key is not None else None
        if known is None:
            return False
        names.add(known)
        _note_bearer(evaluator, unit, known, statement.value, facts)
        return True
    elif isinstance(parent, ast.Attribute) and parent.attr in ("get", "items", "keys", "copy", "pop"):
        return True
    elif isinstance(parent, ast.Subscript):
        return True
    elif isinstance(parent, ast.Attribute) and parent.attr == "update":
        call = unit.module.parent(parent)
        if isinstance(call, ast.Call):
            names.update(keyword.arg for keyword in call.keywords if keyword.arg)
            if any(keyword.arg is None for keyword in call.keywords) or len(call.args) > 1:
                return False
            if not call.args:
                return True
            value = call.args[0]
    if value is None:
        return False
    return _held(evaluator, unit, value, attribute, names, facts)


def _held(
    evaluator: Evaluator, unit: Unit, value: ast.expr, use: ast.AST, names: set[str], facts: _Facts | None
) -> bool:
    """Note the names a mapping gives the object; whether they are all."""
    mapping = Mappings(evaluator).read(unit, value, use)
    for entry in mapping.entries:
        names.add(entry.key)
        _note_bearer(evaluator, entry.unit, entry.key, entry.value, facts)
    return mapping.unknown is None


def _note_bearer(
    evaluator: Evaluator, unit: Unit, key: str, value: ast.expr, facts: _Facts | None
) -> None:
    if facts is not None and key.lower() == "authorization":
        text = evaluator.text(unit, value)
        first = text.pieces[0] if text is not None and text.pieces else ""
        facts.bearer = facts.bearer or (isinstance(first, str) and first.startswith("Bearer "))


def _imported_elsewhere(evaluator: Evaluator, unit: Unit, name: str) -> bool:
    for other in evaluator.world.units.values():
        if other is unit or name not in other.words:
            continue
        for statement in other.module.tree.body:
            if isinstance(statement, ast.ImportFrom) and any(alias.name == name for alias in statement.names):
                if evaluator.world.imported(other, statement.module or "", statement.level) is unit:
                    return True
    return False
