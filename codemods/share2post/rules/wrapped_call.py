"""An upload through a wrapper of the project's own, read as the call the wrapper makes.

Looks the same and is left alone: a wrapper that retries, checks the answer, adds
headers or a token, or gives back something else than the client's response.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from share2post.dialects import httpx, niquests, requests
from share2post.model import Reason
from share2post.protocols import Dialect, Request
from share2post.rules.hosting import Host
from share2post.semantics.calls import is_none
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit, scope_of
from share2post.semantics.wrappers import Wrapped, address_behind, wrapped
from share2post.sites import Draft

_DIALECTS: tuple[Dialect, ...] = (requests, httpx, niquests)
_METHODS = frozenset({"post", "request"})


def read_wrapped(evaluator: Evaluator, unit: Unit, call: ast.Call) -> tuple[Dialect, Request] | None:
    """The request a call of a thin wrapper makes, with what its parameters stand for put in."""
    found = wrapped(evaluator, unit, call)
    plain = _unwrapped(found) if found is not None else None
    if found is None or plain is None:
        return None
    for dialect in _DIALECTS:
        request = dialect.read(evaluator, found.owner, plain)
        if request is not None:
            settled = _settled(evaluator, found, request)
            return (dialect, settled) if settled is not None else None
    return None


def is_shared(unit: Unit, call: ast.Call) -> bool:
    """Whether a call is one that a wrapper could make an upload of: something is sent along with it."""
    return len(call.args) + len(call.keywords) > 1


def check_wrapped(draft: Draft, request: Request, host: Host | None) -> None:
    """A wrapper's call is rewritten where statements can stand, and nowhere else."""
    if request.wrapper and host is not None and host.helper:
        hint = f"the call goes through {request.wrapper} and stands where there is no room for statements"
        draft.stop(Reason.WRAPPER, hint, request.unit, request.call)


def _settled(evaluator: Evaluator, found: Wrapped, request: Request) -> Request | None:
    """The inner request, standing where the wrapper was called."""
    address = address_behind(found.owner, request.url, found.function)
    text = evaluator.texts(found.owner, address, found.frame())
    source = _source(found, address)
    if source is None or request.hidden or request.unsupported or not _reachable(found, request):
        return None
    if not all(_carried(found, value) for value in _sent(request)):
        return None
    parent = found.unit.module.parent(found.call)
    outer = parent if isinstance(parent, ast.Await) else found.call
    if isinstance(found.function, ast.AsyncFunctionDef) != isinstance(outer, ast.Await):
        return None
    place = f"{found.function.name} ({found.owner.path}:{found.function.lineno})"
    return replace(
        request, unit=found.unit, call=found.call, outer=outer, url=source, texts=tuple(text), wrapper=place
    )


def _sent(request: Request) -> list[ast.expr]:
    """Everything the request is given beside its URL."""
    roles = (request.params, request.data, request.files, request.json, request.headers, request.auth)
    return [value for value in (*roles, *(value for _, value in request.kept)) if value is not None]


def _carried(found: Wrapped, node: ast.expr) -> bool:
    """Whether a value stands in the wrapper's call, or means the same there."""
    return any(node is part for part in ast.walk(found.call)) or _steady(found, node)


def _source(found: Wrapped, address: ast.expr) -> ast.expr | None:
    """The argument of the wrapper's call that the URL is made of."""
    for node in ast.walk(address):
        if isinstance(node, ast.Name) and (name := found.parameter_bound(node)) is not None:
            value = found.given.get(name)
            if value is not None and any(value is part for part in ast.walk(found.call)):
                return value
    return None


def _reachable(found: Wrapped, request: Request) -> bool:
    """Whether the client the wrapper calls is the same at the call: ``self.session``, a module's function."""
    session = request.session
    root: ast.expr = found.inner.func
    if not isinstance(root, ast.Attribute) or root.attr not in _METHODS:
        return False
    if request.method is not None and not isinstance(request.method, ast.Constant):
        return False
    if request.method is not None and found.owner is not found.unit:
        return False
    if session is None:
        return isinstance(root.value, ast.Name)
    owner = root.value
    if isinstance(owner, ast.Attribute) and isinstance(owner.value, ast.Name):
        return bool(found.receiver) and owner.value.id == found.receiver
    return found.owner is found.unit and isinstance(owner, ast.Name) and _same(found, owner)


def _unwrapped(found: Wrapped) -> ast.Call | None:
    """The inner call with the arguments put in for the parameters; ``None`` where that cannot be told."""
    used: list[str] = []
    arguments = [_argument(found, value, used) for value in found.inner.args]
    keywords: list[ast.keyword] = []
    for keyword in found.inner.keywords:
        if keyword.arg is None:
            if not (isinstance(keyword.value, ast.Name) and found.parameter(keyword.value) == found.kwarg):
                return None
            used.append(found.kwarg)
            keywords += found.rest
            continue
        value = _argument(found, keyword.value, used)
        if value is None:
            return None
        keywords.append(ast.keyword(keyword.arg, value))
    names = [keyword.arg for keyword in keywords]
    if (
        len(set(names)) != len(names)
        or len(set(used)) != len(used)
        or (found.rest and found.kwarg not in used)
    ):
        return None
    if not {*found.given} <= {*used, *_in_address(found)}:
        return None
    call = ast.Call(found.inner.func, [value for value in arguments if value is not None], keywords)
    return call if len(call.args) == len(arguments) else None


def _in_address(found: Wrapped) -> set[str]:
    return {
        name
        for node in ast.walk(found.function)
        if isinstance(node, ast.Name) and (name := found.parameter_bound(node)) is not None
    }


def _argument(found: Wrapped, node: ast.expr, used: list[str]) -> ast.expr | None:
    """What an argument of the inner call is at the wrapper's call."""
    if isinstance(node, ast.Starred):
        return None
    name = found.parameter(node)
    if name is not None:
        used.append(name)
        value = found.given.get(name)
        if value is None or any(value is part for part in ast.walk(found.call)) or is_none(value):
            return value
        return value if _steady(found, value) else None
    held = address_behind(found.owner, node, found.function)
    if held is not node or isinstance(node, ast.JoinedStr | ast.BinOp):
        return node  # the URL
    return node if _steady(found, node) else None


def _steady(found: Wrapped, node: ast.expr) -> bool:
    """Whether a wrapper's expression means the same at its call: a constant, ``self.x``, a module's name."""
    if is_none(node):
        return True
    if found.owner is not found.unit:
        return False
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return bool(found.receiver) and node.value.id == found.receiver
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and _same(found, node))


def _same(found: Wrapped, node: ast.Name) -> bool:
    """Whether a module's name is seen by the caller under no other meaning."""
    binding = found.owner.flow.only(node)
    scope = scope_of(found.unit, found.call)
    top = binding is not None and binding.scope is found.owner.flow.root
    return top and (node.id not in scope.bindings) and scope.lookup(node.id) in (None, found.owner.flow.root)
