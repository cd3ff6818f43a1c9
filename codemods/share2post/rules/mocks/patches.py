"""Which patches a test module makes, what each replaces, and what is bound to its mock."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from share2post.protocols import Request
from share2post.rules.mocks.scopes import Function, Scope
from share2post.semantics.flow import Binding
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_PATCHES: Final = frozenset({"unittest.mock.patch", "mock.patch"})
_CLASSES: Final = {
    "requests": ("requests.Session", "requests.sessions.Session"),
    "niquests": ("niquests.Session",),
    "httpx": ("httpx.Client", "httpx.AsyncClient"),
    "aiohttp": ("aiohttp.ClientSession",),
}


@dataclass(eq=False)
class Patch:
    """One replacement of a client's function.

    ``manner`` is ``with``, ``decorator``, ``mocker`` or ``monkeypatch``; ``whole`` where the client's
    whole module is replaced; ``target`` the node that names the function, ``name`` what is bound to the mock.
    """

    unit: Unit
    call: ast.Call
    manner: str
    replaced: str
    target: ast.expr
    whole: bool = False
    scopes: list[Scope] = field(default_factory=list)
    names: list[Binding] = field(default_factory=list)


def replaced_by(request: Request, evaluator: Evaluator) -> set[str]:
    """The qualified names whose replacement answers a request."""
    func = request.function or request.call.func
    method = func.attr if isinstance(func, ast.Attribute) else ""
    named = evaluator.world.qualified(request.unit, func)
    if request.session is not None:
        return {f"{owner}.{method}" for owner in _CLASSES.get(request.client, ())}
    return {named} if named is not None else set()


def find(evaluator: Evaluator, unit: Unit) -> Iterator[Patch]:
    """Every patch of a test module that names what it replaces."""
    for call in unit.calls():
        named = evaluator.world.qualified(unit, call.func) or ""
        spelled = ast.unparse(call.func)
        by_object = False
        if named in _PATCHES or named in {f"{p}.object" for p in _PATCHES}:
            by_object, manner = named.endswith(".object"), _manner(unit, call)
        elif spelled in ("mocker.patch", "mocker.patch.object", "monkeypatch.setattr"):
            manner = "monkeypatch" if spelled.startswith("monkey") else "mocker"
            by_object = spelled.endswith(".object") or (manner == "monkeypatch" and len(call.args) == 3)
        else:
            continue
        replaced, target = _replaced(evaluator, unit, call, by_object=by_object)
        if replaced and target is not None:
            yield Patch(unit, call, manner, replaced, target, names=_names(unit, call, manner))


def _replaced(
    evaluator: Evaluator, unit: Unit, call: ast.Call, *, by_object: bool
) -> tuple[str, ast.expr | None]:
    """The qualified name of what is replaced, and the node that holds its last part."""
    if not call.args:
        return "", None
    if by_object:
        name = call.args[1] if len(call.args) > 1 else None
        owner = evaluator.world.qualified(unit, call.args[0])
        if owner is None or not isinstance(name, ast.Constant) or not isinstance(name.value, str):
            return "", None
        return _through(evaluator, unit, f"{owner}.{name.value}".split(".")), name
    text = evaluator.text(unit, call.args[0])
    known = text.known if text is not None else None
    if known is None or not isinstance(call.args[0], ast.Constant | ast.JoinedStr | ast.BinOp):
        return "", None
    return _through(evaluator, unit, known.split(".")), call.args[0]


def _through(evaluator: Evaluator, unit: Unit, parts: list[str]) -> str:
    """``app.tiktok.requests.post`` is ``requests.post``, where ``app.tiktok`` imports requests."""
    for size in range(len(parts) - 1, 0, -1):
        module = evaluator.world.imported(unit, ".".join(parts[:size]), 0)
        if module is None:
            continue
        bindings = module.flow.root.bindings.get(parts[size], [])
        alias = bindings[0].node if len(bindings) == 1 else None
        statement = module.module.parent(alias) if isinstance(alias, ast.alias) else None
        if not isinstance(alias, ast.alias):
            return ""
        if isinstance(statement, ast.ImportFrom):
            return ".".join([statement.module or "", alias.name, *parts[size + 1 :]])
        return ".".join([alias.name, *parts[size + 1 :]])
    return ".".join(parts)


def _manner(unit: Unit, call: ast.Call) -> str:
    parent = unit.module.parent(call)
    if isinstance(parent, ast.withitem):
        return "with"
    decorates = isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return "decorator" if decorates else ""


def _names(unit: Unit, call: ast.Call, manner: str) -> list[Binding]:
    """What the mock is called: ``as post``, the parameter a decorator fills, the name it is assigned to."""
    parent = unit.module.parent(call)
    node: ast.AST | None = None
    if isinstance(parent, ast.withitem):
        node = parent.optional_vars
    elif isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        node = parent.targets[0]
    elif isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and manner == "decorator":
        node = _parameter(unit, parent, call)
    return [
        b
        for s in unit.flow.scopes.values()
        for bs in s.bindings.values()
        for b in bs
        if node is not None and b.node is node
    ]


def _parameter(unit: Unit, function: Function, call: ast.Call) -> ast.arg | None:
    """The parameter for a decorator: the last decorator fills the first one."""
    filled = [
        d for d in reversed(function.decorator_list)
        if isinstance(d, ast.Call) and "patch" in ast.unparse(d.func) and not gives_new(d)
    ]  # fmt: skip
    arguments = [*function.args.posonlyargs, *function.args.args]
    if isinstance(unit.module.parent(function), ast.ClassDef):
        arguments = arguments[1:]
    index = filled.index(call) if call in filled else -1
    return arguments[index] if 0 <= index < len(arguments) else None


def gives_new(call: ast.Call) -> bool:
    """Whether a patch says itself what takes the place."""
    by_object = isinstance(call.func, ast.Attribute) and call.func.attr == "object"
    return len(call.args) > (2 if by_object else 1) or any(k.arg == "new" for k in call.keywords)
