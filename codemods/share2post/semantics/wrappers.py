"""Functions of a project that only pass their arguments on to another call, and return what it gives.

::

    def call(path, **options):                             # WRAPPER
        return requests.post(API_ROOT + path, **options)   # INNER
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from share2post.semantics.callers import Function
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.values import Evaluator, Frame, bind_arguments
from share2post.semantics.world import Unit


@dataclass(frozen=True, eq=False)
class Wrapped:
    """One call of a wrapper: the call inside it, and what its parameters stand for here.

    ``given`` holds the arguments (and the defaults) by parameter, ``rest`` the keyword
    arguments that ``**options`` passes through, ``kwarg`` the name of that parameter.
    """

    unit: Unit
    call: ast.Call
    owner: Unit
    function: Function
    inner: ast.Call
    given: dict[str, ast.expr]
    rest: tuple[ast.keyword, ...]
    kwarg: str
    receiver: str  # ``self``, where both the wrapper and its caller have it

    def parameter(self, node: ast.expr) -> str | None:
        """The wrapper's parameter that a piece of its inner call is."""
        return self.parameter_bound(node) if isinstance(node, ast.Name) else None

    def parameter_bound(self, node: ast.Name) -> str | None:
        """The parameter a name of the wrapper stands for, where nothing gives it another value."""
        binding = self.owner.flow.only(node)
        bound = binding is not None and binding.kind is Kind.PARAMETER and binding.scope.node is self.function
        return node.id if bound else None

    def frame(self) -> Frame | None:
        """What the evaluator needs to see the wrapper's parameters as what they are here."""
        plain = ast.Call(
            self.call.func, self.call.args, [k for k in self.call.keywords if k not in self.rest]
        )
        return bind_arguments(self.unit, plain, self.owner, self.function, {})


def wrapped(evaluator: Evaluator, unit: Unit, call: ast.Call) -> Wrapped | None:
    """What a call of the project's own wrapper comes to; ``None`` where it does anything but pass on."""
    callee = evaluator.callee(unit, call)
    if callee is None or call.args and any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    owner, function = callee
    inner = inner_call(function)
    if inner is None or any(keyword.arg is None for keyword in call.keywords):
        return None
    receiver = _receiver(evaluator, unit, call, owner, function)
    if receiver is None:
        return None
    names = [arg.arg for arg in [*function.args.posonlyargs, *function.args.args]][1 if receiver else 0 :]
    given = _defaults(function) | dict(zip(names, call.args, strict=False))
    known = {*names, *(arg.arg for arg in function.args.kwonlyargs)}
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg in known}
    rest = tuple(keyword for keyword in call.keywords if keyword.arg not in known)
    kwarg = function.args.kwarg.arg if function.args.kwarg is not None else ""
    if len(call.args) > len(names) or (rest and not kwarg) or not known <= set(given):
        return None
    return Wrapped(unit, call, owner, function, inner, given, rest, kwarg, receiver)


def inner_call(function: Function) -> ast.Call | None:
    """The call a wrapper returns the result of, where its body is nothing else."""
    body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if function.args.vararg is not None or function.decorator_list or not body or len(body) > 3:
        return None
    last, value = body[-1], None
    if not isinstance(last, ast.Return):
        return None
    value, body = last.value, body[:-1]
    if isinstance(value, ast.Name) and body and (stored := _stored(body[-1], value.id)) is not None:
        value, body = stored, body[:-1]
    if isinstance(value, ast.Await) == isinstance(function, ast.FunctionDef):
        return None
    value = value.value if isinstance(value, ast.Await) else value
    if not isinstance(value, ast.Call) or not all(_is_address(statement, value) for statement in body):
        return None
    return value


def _stored(statement: ast.stmt, name: str) -> ast.expr | None:
    """``response = <value>``, returned at once."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        return statement.value if isinstance(target, ast.Name) and target.id == name else None
    return None


def _is_address(statement: ast.stmt, inner: ast.Call) -> bool:
    """``url = API_ROOT + path``: a string put together for an argument of the inner call."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    target, calm = statement.targets[0], (ast.JoinedStr, ast.BinOp)
    arguments = [*inner.args, *(keyword.value for keyword in inner.keywords)]
    used = isinstance(target, ast.Name) and any(
        isinstance(a, ast.Name) and a.id == target.id for a in arguments
    )
    return (
        used
        and isinstance(statement.value, calm)
        and not any(isinstance(n, ast.Call) for n in ast.walk(statement))
    )


def address_behind(owner: Unit, node: ast.expr, function: Function) -> ast.expr:
    """The expression behind a variable of the wrapper that holds the URL."""
    binding: Binding | None = owner.flow.only(node) if isinstance(node, ast.Name) else None
    if binding is not None and binding.kind is Kind.ASSIGN and binding.scope.node is function:
        return binding.value or node
    return node


def _defaults(function: Function) -> dict[str, ast.expr]:
    positional = [*function.args.posonlyargs, *function.args.args]
    start = len(positional) - len(function.args.defaults)
    found = {arg.arg: value for arg, value in zip(positional[start:], function.args.defaults, strict=True)}
    named = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return found | {arg.arg: value for arg, value in named if value is not None}


def _receiver(
    evaluator: Evaluator, unit: Unit, call: ast.Call, owner: Unit, function: Function
) -> str | None:
    """``""`` for a plain function, ``self`` for a method called on the caller's own self; else ``None``."""
    holder = owner.module.parent(function)
    if isinstance(holder, ast.Module):
        return ""
    if not isinstance(holder, ast.ClassDef) or not isinstance(call.func, ast.Attribute):
        return None
    positional = [*function.args.posonlyargs, *function.args.args]
    own = call.func.value
    caller = unit.function_of(call)
    if not positional or not isinstance(own, ast.Name) or own.id != positional[0].arg or caller is None:
        return None
    first = [*caller.args.posonlyargs, *caller.args.args][:1]
    binding = unit.flow.only(own)
    if binding is None or not first or binding.node is not first[0] or caller.decorator_list:
        return None
    return (
        own.id
        if _once(evaluator, function) and isinstance(unit.module.parent(caller), ast.ClassDef)
        else None
    )


def _once(evaluator: Evaluator, function: Function) -> bool:
    """Whether no other class of the project has a method of that name, which might stand in its place."""
    return not any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name == function.name
        and node is not function
        for unit in evaluator.world.units.values()
        if function.name in unit.words
        for node in ast.walk(unit.module.tree)
    )
