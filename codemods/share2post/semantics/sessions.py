"""What a session or client object carries into every request it sends."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Final

from share2post.semantics.callers import argument_for, callers, parameter_of
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.mappings import Mappings
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit, attribute_values

SECRET_HEADERS: Final = frozenset(
    {"authorization", "access-token", "access_token", "x-access-token", "x-tt-token"}
)
# What a session calls with every response by itself.
HOOKS: Final = frozenset({"hooks", "event_hooks"})
_QUIET: Final = frozenset(
    {
        "get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream", "close", "aclose",
        "mount", "verify", "proxies", "cert", "max_redirects", "trust_env", "timeout", "adapters", "closed",
        "is_closed", "__aenter__", "__aexit__", "__enter__", "__exit__",
        "request_encode_body", "request_encode_url", "urlopen", "clear", "fetch",
    }
)  # fmt: skip
_TRANSPORT: Final = frozenset(
    {
        "timeout", "verify", "cert", "proxy", "proxies", "trust_env", "http2", "http1", "limits", "follow_redirects",
        "cookies", "max_redirects", "transport", "default_encoding", "connector", "cookie_jar", "raise_for_status",
        "read_timeout", "conn_timeout", "connector_owner", "json_serialize", "loop", "version", "multiplexed",
        "disable_http2", "disable_http3", "pool_connections", "pool_maxsize", "retries", "mounts",
        "num_pools", "maxsize", "block", "cert_reqs", "ca_certs", "ca_cert_dir", "cert_file", "key_file",
        "key_password", "ssl_context", "ssl_version", "ssl_minimum_version", "assert_hostname", "assert_fingerprint",
        "server_hostname", "socket_options", "source_address", "strict",
        "proxy_auth", "read_bufsize", "auto_decompress", "requote_redirect_url", "max_line_size", "max_field_size",
        "force_instance", "max_clients", "max_buffer_size", "max_header_size", "max_body_size", "hostname_mapping",
        "defaults",
    }
)  # fmt: skip
# What a subclass must not have of its own, for its requests to be those of the library.
_SENDING: Final = frozenset(
    {
        "request",
        "send",
        "post",
        "put",
        "prepare_request",
        "build_request",
        "merge_environment_settings",
        "rebuild_auth",
        "_request",
        "__new__",
        "__getattr__",
        "__getattribute__",
        "__setattr__",
    }
)
_POSITIONAL: Final = {
    "aiohttp.ClientSession": ("base_url",),
    "aiohttp.client.ClientSession": ("base_url",),
    "urllib3.HTTPSConnectionPool": ("base_url",),
    "urllib3.connectionpool.HTTPSConnectionPool": ("base_url",),
    "urllib3.connection_from_url": ("base_url",),
}
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
    options: frozenset[str] = frozenset()  # what else its constructor was given


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
    options: set[str] = field(default_factory=set)
    followed: set[int] = field(default_factory=set)
    own: set[str] = field(default_factory=set)  # the methods of a subclass, which are looked through


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
        frozenset(facts.options),
    )


def _facts(
    evaluator: Evaluator, unit: Unit, node: ast.expr, classes: frozenset[str], depth: int
) -> _Facts | None:
    if depth > _DEPTH:
        return None
    if isinstance(node, ast.Await):
        return _facts(evaluator, unit, node.value, classes, depth + 1)
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
    name = evaluator.world.qualified(unit, node.func)
    if name in classes:
        facts = _Facts(where=f"{unit.path}:{node.lineno}")
        positional = _POSITIONAL.get(name or "", ())
        facts.known = len(node.args) <= len(positional)
        for parameter, value in zip(positional, node.args, strict=False):
            _constructed(evaluator, unit, ast.keyword(arg=parameter, value=value), facts)
        for keyword in node.keywords:
            _constructed(evaluator, unit, keyword, facts)
        return facts
    entered = isinstance(node.func, ast.Attribute) and node.func.attr in (
        "enter_async_context",
        "enter_context",
    )
    if entered and len(node.args) == 1:
        return _facts(evaluator, unit, node.args[0], classes, depth + 1)
    callee = evaluator.callee(unit, node)
    if callee is None:
        made = _class_called(evaluator, unit, node)
        return _subclass(evaluator, *made, classes) if made is not None else None
    return _result(evaluator, callee[0], callee[1], classes, depth)


def _class_called(evaluator: Evaluator, unit: Unit, node: ast.Call) -> tuple[Unit, ast.ClassDef] | None:
    """The project's class whose object a call makes."""
    is_name = isinstance(node.func, ast.Name | ast.Attribute)
    return evaluator.world.class_behind(unit, node.func) if is_name else None


def _result(
    evaluator: Evaluator,
    owner: Unit,
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    classes: frozenset[str],
    depth: int,
) -> _Facts | None:
    """The session a function of the project returns."""
    results = [n for n in ast.walk(function) if isinstance(n, ast.Return) and n.value is not None]
    if len(results) == 1 and results[0].value is not None:
        return _facts(evaluator, owner, results[0].value, classes, depth + 1)
    return None


def _subclass(
    evaluator: Evaluator, unit: Unit, owner: ast.ClassDef, classes: frozenset[str]
) -> _Facts | None:
    """A subclass of the project's that leaves the sending of requests as it is."""
    if len(owner.bases) != 1 or owner.keywords or owner.decorator_list:
        return None
    if evaluator.world.qualified(unit, owner.bases[0]) not in classes:
        return None
    facts = _Facts(where=f"{unit.path}:{owner.lineno}")
    facts.own = {s.name for s in owner.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef)}
    for statement in owner.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            if statement.name in _SENDING:
                return None
            _method(evaluator, unit, statement, facts)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            names = {part.id for part in ast.walk(statement) if isinstance(part, ast.Name)}
            facts.known = facts.known and not names & {"headers", "params", "auth", "cookies", "hooks"}
    return facts


def _method(
    evaluator: Evaluator, unit: Unit, function: ast.FunctionDef | ast.AsyncFunctionDef, facts: _Facts
) -> None:
    """Note what a subclass's method does to its object."""
    for bindings in unit.flow.scopes[function].bindings.values():
        for binding in bindings:
            if binding.kind is Kind.PARAMETER and binding.name == "self":
                for use in binding.uses:
                    _use(evaluator, unit, use, facts)
    for call in ast.walk(function):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "__init__"
        ):
            facts.known = facts.known and not call.args
            for keyword in call.keywords:
                _constructed(evaluator, unit, keyword, facts)


def _constructed(evaluator: Evaluator, unit: Unit, keyword: ast.keyword, facts: _Facts) -> None:
    """Note what one argument of the constructor makes the object carry."""
    empty = isinstance(keyword.value, ast.Constant) and keyword.value.value is None
    if keyword.arg is None:
        facts.known = False
    elif empty:
        return
    elif keyword.arg in ("headers", "params"):
        names = facts.headers if keyword.arg == "headers" else facts.params
        known = _held(
            evaluator, unit, keyword.value, keyword, names, facts if keyword.arg == "headers" else None
        )
        if keyword.arg == "headers":
            facts.headers_known = facts.headers_known and known
        else:
            facts.params_known = facts.params_known and known
    elif keyword.arg == "auth":
        facts.auth = True
    elif keyword.arg == "base_url":
        facts.base_url = (unit, keyword.value)
    elif keyword.arg in HOOKS:
        facts.options.add(keyword.arg)
        facts.known = False
    elif keyword.arg in _TRANSPORT:
        facts.options.add(keyword.arg)
    else:
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
        if binding.name == "self" and binding.uses:
            return _own(evaluator, unit, binding, classes)
        passed = _from_callers(evaluator, unit, binding, classes, depth)
        if annotation is None or (passed is not None and passed.known):
            return passed
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


def _own(evaluator: Evaluator, unit: Unit, binding: Binding, classes: frozenset[str]) -> _Facts | None:
    """``self`` in a subclass; what is done to its objects elsewhere is not seen."""
    owner = evaluator.world.class_behind(unit, binding.uses[0])
    facts = _subclass(evaluator, *owner, classes) if owner is not None else None
    if facts is not None:
        facts.known = False
    return facts


def _from_callers(
    evaluator: Evaluator, unit: Unit, binding: Binding, classes: frozenset[str], depth: int
) -> _Facts | None:
    """A parameter for which every call in the project passes such a session."""
    function = binding.scope.node
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    called = callers(evaluator, unit, function)
    passed = [(other, argument_for(call, unit, function, binding.name)) for other, call in called]
    facts = [_facts(evaluator, other, node, classes, depth + 1) for other, node in passed if node is not None]
    if not passed or len(facts) != len(passed) or any(fact is None for fact in facts):
        return None
    if len(facts) == 1 and not _mentioned(unit, function):
        return facts[0]
    return _Facts(known=False, where=f"{unit.path}:{function.lineno}")


def _mentioned(unit: Unit, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function is named in more than one place, so that it may have callers out of sight."""
    bindings = unit.flow.scopes[function].parent
    named = (
        [use for b in bindings.bindings.get(function.name, []) for use in b.uses]
        if bindings is not None
        else []
    )
    return len(named) + len(unit.attributes.get(function.name, ())) > 1


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
        facts = _assigned_later(evaluator, unit, node, classes, depth)
        return _used(evaluator, node.attr, facts) if facts is not None else None
    value = definition.value
    if isinstance(value, ast.BoolOp):  # self.session = session or requests.Session()
        facts = next(
            (f for v in value.values if (f := _facts(evaluator, definition.unit, v, classes, depth + 1))),
            None,
        )
        if facts is not None:
            facts.known = False
        return facts
    facts = _facts(evaluator, definition.unit, value, classes, depth + 1)
    if facts is None and isinstance(definition.holder, ast.AnnAssign):
        facts = _unseen(evaluator, definition.unit, definition.holder.annotation, classes, node.attr)
    return _used(evaluator, node.attr, facts) if facts is not None else None


def _assigned_later(
    evaluator: Evaluator, unit: Unit, node: ast.Attribute, classes: frozenset[str], depth: int
) -> _Facts | None:
    """``self.session = None``, and a session in one other place; or a property that returns one."""
    behind = evaluator.world.class_behind(unit, node.value)
    if behind is None:
        return None
    method = evaluator.method(behind[0], behind[1], node.attr)
    if method is not None:
        names = {ast.unparse(decorator).rpartition(".")[2] for decorator in method[1].decorator_list}
        found = (
            _result(evaluator, *method, classes, depth) if names & {"property", "cached_property"} else None
        )
        return found
    values = [value for _, value in attribute_values(behind[0], behind[1], node.attr)]
    made = [value for value in values if not (isinstance(value, ast.Constant) and value.value is None)]
    return _facts(evaluator, behind[0], made[0], classes, depth + 1) if len(made) == 1 else None


def _used(evaluator: Evaluator, name: str, facts: _Facts) -> _Facts:
    """Note what every use of an attribute of this name does to the session it may be."""
    for unit in evaluator.world.units.values():
        for use in unit.attributes.get(name, ()):
            if isinstance(use.ctx, ast.Load):
                _use(evaluator, unit, use, facts)
    return facts


def _use(evaluator: Evaluator, unit: Unit, use: ast.expr, facts: _Facts) -> None:
    """Note what one use of a session does to it."""
    parent = unit.module.parent(use)
    match parent:
        case ast.Attribute(attr="headers"):
            facts.headers_known = (
                _defaults(evaluator, unit, parent, facts.headers, facts) and facts.headers_known
            )
        case ast.Attribute(attr="params"):
            facts.params_known = _defaults(evaluator, unit, parent, facts.params, None) and facts.params_known
        case ast.Attribute() if parent.attr in HOOKS:
            facts.options.add(parent.attr)
            facts.known = False
        case ast.Attribute(attr="auth"):
            facts.auth = facts.auth or not isinstance(parent.ctx, ast.Load)
        case ast.Attribute(attr="cookies"):
            around = unit.module.parent(parent)
            reads = isinstance(around, ast.Attribute) and around.attr in (
                "get",
                "get_dict",
                "clear",
                "items",
                "keys",
            )
            facts.known = facts.known and reads
        case ast.Attribute() if parent.attr in _QUIET or parent.attr in facts.own:
            pass
        case (
            ast.withitem()
            | ast.Expr()
            | ast.Compare()
            | ast.If()
            | ast.UnaryOp()
            | ast.BoolOp()
            | ast.Return()
        ):
            pass
        case ast.Assert():
            pass
        case ast.Assign() | ast.AnnAssign() if _only_attribute(parent):
            pass
        case ast.Call() | ast.keyword() if _handed_on(evaluator, unit, use, facts):
            pass
        case _:
            facts.known = False


def _handed_on(evaluator: Evaluator, unit: Unit, use: ast.expr, facts: _Facts) -> bool:
    """Into a function of the project: what that does to it is seen there."""
    parent = unit.module.parent(use)
    call = unit.module.parent(parent) if isinstance(parent, ast.keyword) else parent
    callee = evaluator.callee(unit, call) if isinstance(call, ast.Call) and call.func is not use else None
    if callee is None or not isinstance(call, ast.Call):
        return False
    owner, function = callee
    name = parameter_of(call, use, owner, function)
    bindings = owner.flow.scopes[function].bindings.get(name or "", [])
    if len(bindings) != 1 or bindings[0].kind is not Kind.PARAMETER:
        return False
    if id(bindings[0]) not in facts.followed:
        facts.followed.add(id(bindings[0]))
        for inner in bindings[0].uses:
            _use(evaluator, owner, inner, facts)
    return True


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
    elif (
        isinstance(parent, ast.Subscript)
        and isinstance(statement, ast.Assign)
        and parent in statement.targets
    ):
        key = evaluator.text(unit, parent.slice)
        known = key.known if key is not None else None
        if known is None:
            return False
        names.add(known)
        _note_bearer(evaluator, unit, known, statement.value, facts)
        return True
    elif (
        isinstance(parent, ast.Attribute)
        and parent.attr in ("get", "items", "keys", "copy", "pop")
        or isinstance(parent, ast.Subscript)
    ):
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


def _note_bearer(evaluator: Evaluator, unit: Unit, key: str, value: ast.expr, facts: _Facts | None) -> None:
    if facts is not None and key.lower() == "authorization":
        text = evaluator.text(unit, value)
        first = text.pieces[0] if text is not None and text.pieces else ""
        facts.bearer = facts.bearer or (isinstance(first, str) and first.startswith("Bearer "))


def _imported_elsewhere(evaluator: Evaluator, unit: Unit, name: str) -> bool:
    for other in evaluator.world.units.values():
        if other is unit or name not in other.words:
            continue
        for statement in other.module.tree.body:
            if not isinstance(statement, ast.ImportFrom) or all(
                alias.name != name for alias in statement.names
            ):
                continue
            if evaluator.world.imported(other, statement.module or "", statement.level) is unit:
                return True
    return False
