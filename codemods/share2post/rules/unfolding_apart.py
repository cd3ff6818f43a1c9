"""A wrapper written out beside itself, as a function that does what it does for one call.

::

    def _request(self, path, **options):            # goes on serving the others
        for attempt in range(3):
            ...

    def _upload_video(self, access_token, video):   # what it comes to for the upload
        for attempt in range(3):
            ...
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from share2post import tiktok
from share2post.semantics.callers import Function
from share2post.semantics.unfolding import NAMES
from share2post.semantics.unfolding.folding import Seen
from share2post.semantics.unfolding.job import Argument, Job
from share2post.semantics.unfolding.slots import CannotUnfold, is_calm
from share2post.semantics.unfolding.statements import Row, indented
from share2post.semantics.world import Unit
from share2post.syntax.style import indentation, style_of


@dataclass(eq=False)
class _Parameters:
    """The parameters of the new function: what its call passes on, by name."""

    unit: Unit
    taken: set[str]
    receiver: str  # what the wrapper is called on, and what that is called inside
    own: str
    given: dict[str, str] = field(default_factory=dict)

    def argument(self, name: str, old: Argument) -> Argument:
        """What a parameter of the wrapper stands for in the new function."""
        if isinstance(old.node, ast.Constant) or old.text:
            return old
        text = self._text(old.node, name)
        compound = isinstance(old.node, ast.Dict | ast.Tuple | ast.List)
        value = old.value or (
            Seen.SOMETHING if compound and ast.unparse(old.node) not in ("{}", "[]", "()") else None
        )
        return replace(old, text=text, simple=not compound, calm=True, value=value)

    def _text(self, node: ast.expr, wish: str) -> str:
        match node:
            case ast.Attribute() if self.own and ast.unparse(node.value) == self.receiver:
                return f"{self.own}.{node.attr}"
            case ast.Constant():
                return self.unit.module.source(node)
            case ast.Dict() if all(isinstance(key, ast.Constant) for key in node.keys):
                pairs = zip(node.keys, node.values, strict=True)
                return (
                    "{" + ", ".join(self._pair(key, value) for key, value in pairs if key is not None) + "}"
                )
            case ast.Tuple() if not any(isinstance(e, ast.Starred) for e in node.elts):
                inner = ", ".join(self._text(e, f"{wish}_{n}") for n, e in enumerate(node.elts))
                return f"({inner}{',' if len(node.elts) == 1 else ''})"
        return self._passed(node, wish)

    def _pair(self, key: ast.expr, value: ast.expr) -> str:
        name = str(key.value) if isinstance(key, ast.Constant) else ""
        gone = name == tiktok.OPEN_ID_PARAMETER and is_calm(value)  # the new API wants none
        text = "None" if gone else self._text(value, name)
        return f"{self.unit.module.source(key)}: {text}"

    def _passed(self, node: ast.expr, wish: str) -> str:
        source = self.unit.module.source(node)
        for name, known in self.given.items():
            if known == source and is_calm(node):
                return name
        own = (
            node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else wish
        )
        wishes = [own.lstrip("_"), wish, *(f"{own.lstrip('_')}_{n}" for n in range(2, 30))]
        name = next(w for w in wishes if w.isidentifier() and w not in self.taken)
        self.taken.add(name)
        self.given[name] = source
        return name


def apart(job: Job, *, is_method: bool) -> list[tuple[Unit, int, int, str]]:
    """The new function behind the wrapper, and its call in place of the wrapper's. Raises CannotUnfold."""
    owner, function, unit, call = job.owner, job.function, job.unit, job.call
    for decorator in function.decorator_list:
        _check_decorator(job, decorator)
    scope = owner.flow.scopes[function]
    free = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and n.id not in scope.bindings}
    receiver = (
        function.args.args[0].arg if is_method and function.args.args and not _is_static(function) else ""
    )
    on = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    parameters = _Parameters(unit, {*scope.bindings, *free}, on, receiver)
    named = {
        name: replace(a, text=name, simple=True) if name == receiver else parameters.argument(name, a)
        for name, a in job.named.items()
    }
    rest = {name: parameters.argument(name, a) for name, a in job.rest.items()}
    written = replace(
        job, named=named, rest=rest, returns=True, taken=free | set(parameters.given), prefer={}
    ).run()
    name = _name(job)
    return [
        _definition(
            owner, function, name, [*([receiver] if receiver else []), *parameters.given], written.rows
        ),
        *_called(job, unit, call, name, list(parameters.given.values())),
    ]


def _check_decorator(job: Job, decorator: ast.expr) -> None:
    """Whether a decorator of the project takes any function: the new one has other parameters. Raises CannotUnfold."""
    made = ast.Call(decorator, [], []) if not isinstance(decorator, ast.Call) else decorator
    found = job.evaluator.callee(job.owner, made)
    inside = list(ast.walk(found[1]))[1:] if found is not None else []
    functions = [n for n in inside if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    for inner in functions:
        if _looks_at(inner, job):
            raise CannotUnfold(f"{ast.unparse(made.func)} looks at its arguments")


def _looks_at(inner: Function, job: Job) -> bool:
    """Whether a function that stands in another's place does more with its arguments than to pass them on."""
    if any(isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) for n in ast.walk(inner) if n is not inner):
        return False  # it makes the one that does
    vararg, kwarg = inner.args.vararg, inner.args.kwarg
    named = [*inner.args.posonlyargs, *inner.args.args, *inner.args.kwonlyargs]
    is_method = isinstance(job.owner.module.parent(job.function), ast.ClassDef)
    own = [arg.arg for arg in job.function.args.args[:1]] if is_method else []
    if vararg is None or kwarg is None or [arg.arg for arg in named] not in ([], own):
        return True
    passed = {id(n.value) for n in ast.walk(inner) if isinstance(n, ast.Starred | ast.keyword)}
    names = (n for n in ast.walk(inner) if isinstance(n, ast.Name) and n.id in (vararg.arg, kwarg.arg))
    return any(id(n) not in passed for n in names)


def _is_static(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)


def _name(job: Job) -> str:
    words = set().union(*(unit.words for unit in job.evaluator.world.units.values()))
    func = job.call.func
    own = job.owner is job.unit if isinstance(func, ast.Name) else job.on_self
    name = next((wish for wish in ("_" * own + name for name in NAMES) if wish not in words), "")
    if not name:
        raise CannotUnfold("there is no free name for it")
    return name


def _definition(
    owner: Unit,
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    name: str,
    parameters: list[str],
    rows: list[Row],
) -> tuple[Unit, int, int, str]:
    module, style = owner.module, style_of(owner.module)
    indent, newline = indentation(module, function), style.newline
    word = "async def" if isinstance(function, ast.AsyncFunctionDef) else "def"
    back = f" -> {module.source(function.returns)}" if function.returns is not None else ""
    lines = [
        *(f"@{module.source(d)}" for d in function.decorator_list),
        f"{word} {name}({', '.join(parameters)}){back}:",
    ]
    body = [Row(0, '"""Upload a video to the inbox of a TikTok user."""'), *rows]
    gap = newline if indent else newline * 2
    text = gap + "".join(f"{indent}{line}{newline}" for line in lines)
    text += "".join(indented(row, indent + style.indent, style.indent, newline) for row in body)
    end = module.line_end(module.extent(function)[1])
    if not module.text[:end].endswith(("\n", "\r")):
        text = newline + text.rstrip("\r\n")
    return owner, end, end, text


def _called(
    job: Job, unit: Unit, call: ast.Call, name: str, arguments: list[str]
) -> list[tuple[Unit, int, int, str]]:
    """The new function called where the wrapper was, and imported where that was imported by name."""
    module, func = unit.module, call.func
    start, end = module.extent(call)
    if module.comments_within(start, end):
        raise CannotUnfold("comments stand in its call")
    if isinstance(func, ast.Attribute):
        called = f"{module.source(func.value)}.{name}"
        return [(unit, start, end, f"{called}({', '.join(arguments)})")]
    edits = [(unit, start, end, f"{name}({', '.join(arguments)})")]
    binding = unit.flow.only(func) if isinstance(func, ast.Name) else None
    if binding is not None and isinstance(binding.node, ast.alias):
        low, high = module.extent(binding.node)
        edits.append((unit, high, high, f", {name}"))
    elif job.owner is not unit:
        raise CannotUnfold("it is brought from another module in a way that cannot be followed")
    return edits
