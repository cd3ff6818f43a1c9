"""``unittest.mock``, ``mocker`` and ``monkeypatch``: the client's function replaced, and an answer made by hand.

::

    with patch("app.tiktok.requests.post") as post:          with patch(...) as post, patch("app.tiktok.requests.put"):
        post.return_value.json.return_value = {"data": ...}      post.return_value.json.return_value = {"data": ...}
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from share2post.protocols import Request
from share2post.rules.mocks.answers import Answers, Old, Unseen
from share2post.rules.mocks.calls import Calls
from share2post.rules.mocks.kinds import is_fixture
from share2post.rules.mocks.scopes import Function, Scope
from share2post.rules.moving import ends_line, starts_line
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.imports import member
from share2post.syntax.style import indentation, style_of

_PATCHES: Final = frozenset({"unittest.mock.patch", "mock.patch"})
_MOCKS: Final = frozenset({"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock"})
_OK: Final = {"requests": "ok", "niquests": "ok", "httpx": "is_success", "aiohttp": "ok"}
_CLASSES: Final = {
    "requests": ("requests.Session", "requests.sessions.Session"),
    "niquests": ("niquests.Session",),
    "httpx": ("httpx.Client", "httpx.AsyncClient"),
    "aiohttp": ("aiohttp.ClientSession",),
}
_PLAIN: Final = frozenset(
    {
        "return_value", "side_effect", "called", "call_count", "assert_called", "assert_called_once",
        "assert_not_called", "reset_mock", "assert_awaited", "assert_awaited_once", "await_count", "stop",
    }
)  # fmt: skip


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
        if isinstance(d, ast.Call) and "patch" in ast.unparse(d.func) and not _gives_new(d)
    ]  # fmt: skip
    arguments = [*function.args.posonlyargs, *function.args.args]
    if isinstance(unit.module.parent(function), ast.ClassDef):
        arguments = arguments[1:]
    index = filled.index(call) if call in filled else -1
    return arguments[index] if 0 <= index < len(arguments) else None


def _gives_new(call: ast.Call) -> bool:
    by_object = isinstance(call.func, ast.Attribute) and call.func.attr == "object"
    return len(call.args) > (2 if by_object else 1) or any(k.arg == "new" for k in call.keywords)


# -- answers made by hand


def hooked(evaluator: Evaluator, unit: Unit, root: ast.AST) -> Iterator[ast.expr]:
    """The expressions that a stand-in for a response gives as its JSON."""
    for node in ast.walk(root):
        match node:
            case ast.Assign(targets=[ast.Attribute(attr="return_value", value=ast.Attribute(attr="json"))]):
                yield node.value
            case ast.Assign(targets=[ast.Attribute(attr="json")]):
                yield from _given(node.value)
            case ast.keyword(arg="json"):
                yield from _given(node.value)
                call = unit.module.parent(node)
                if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("Response"):
                    yield node.value
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "json.return_value":
                        yield value
            case ast.FunctionDef(name="json") | ast.AsyncFunctionDef(name="json"):
                yield from (
                    s.value for s in ast.walk(node) if isinstance(s, ast.Return) and s.value is not None
                )
            case ast.Call() if _makes_response(evaluator, unit, node):
                yield from node.args
                yield from (keyword.value for keyword in node.keywords)


def _given(node: ast.expr) -> Iterator[ast.expr]:
    """What ``lambda: {...}`` and ``Mock(return_value={...})`` give."""
    if isinstance(node, ast.Lambda):
        yield node.body
    elif isinstance(node, ast.Call):
        yield from (k.value for k in node.keywords if k.arg == "return_value")


def _makes_response(evaluator: Evaluator, unit: Unit, call: ast.Call) -> bool:
    """Whether a call is of a test's own class or function that stands in for a response."""
    owner = (
        evaluator.world.class_behind(unit, call.func)
        if isinstance(call.func, ast.Name | ast.Attribute)
        else None
    )
    callee = evaluator.callee(unit, call)
    made: ast.AST | None = owner[1] if owner is not None else callee[1] if callee is not None else None
    if made is None:
        return False
    return any(
        (isinstance(n, Function) and n.name == "json")
        or (isinstance(n, ast.Attribute) and n.attr == "json")
        or (isinstance(n, ast.keyword) and n.arg == "json")
        for n in ast.walk(made)
    )


@dataclass(eq=False)
class Patching:
    """Rewrites the tests around one patch into a draft. Raises Unseen."""

    evaluator: Evaluator
    draft: Draft
    patch: Patch
    request: Request
    roots: list[tuple[Unit, ast.AST]]  # the tests, and what of the test modules they use
    known: set[ast.AST]  # every expression that some stand-in gives
    tests: Sequence[Unit]

    def run(self) -> list[Old]:
        """Rewrite the answers; those of uploads."""
        answers = Answers(self.evaluator)
        olds: dict[ast.AST, Old] = {}
        for unit, root in self.roots:
            for node in hooked(self.evaluator, unit, root):
                old = answers.find(unit, node)
                if old is not None:
                    olds[old.node] = old
        if not olds:
            if self._raises():
                return []
            raise Unseen("what its stand-in answers is not seen")
        if not self.patch.manner:
            raise Unseen("where the patch begins and ends is not seen")
        for old in olds.values():
            if answers.strangers(old, self.known):
                raise Unseen("what it answers is used for something else too")
            answers.write(old, self.draft)
        self._stand_ins()
        self._function()
        return list(olds.values())

    def _raises(self) -> bool:
        """Whether the stand-in only raises."""
        given = [k.value for k in self.patch.call.keywords if k.arg == "side_effect"]
        for _unit, root in self.roots:
            for node in ast.walk(root):
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
                    if node.targets[0].attr == "side_effect":
                        given.append(node.value)
                    elif node.targets[0].attr == "return_value":
                        return False
        names = [ast.unparse(v.func if isinstance(v, ast.Call) else v) for v in given]
        return bool(names) and all(re.search(r"(Error|Exception|Timeout)$", name) for name in names)

    # what stands in for the response

    def _stand_ins(self) -> None:
        """A response made by hand has what the new code asks it."""
        wanted = _OK.get(self.request.client)
        if wanted is None:
            raise Unseen(f"stand-ins for responses of {self.request.client} are not known")
        for unit, root in self.roots:
            for node in ast.walk(root):
                if isinstance(node, ast.ClassDef) and any(
                    isinstance(s, Function) and s.name == "json" for s in node.body
                ):
                    self._class(unit, node, wanted)
                elif isinstance(node, ast.Call) and any(k.arg == "json" for k in node.keywords):
                    self._call(unit, node, wanted)

    def _class(self, unit: Unit, owner: ast.ClassDef, wanted: str) -> None:
        if (
            any(isinstance(n, Function) and n.name == wanted for n in owner.body)
            or wanted in ast.unparse(owner).split()
        ):
            return
        if owner.bases or f"self.{wanted}" in ast.unparse(owner):
            if owner.bases:
                raise Unseen("its stand-in for a response has a base class")
            return
        style = style_of(unit.module)
        for statement in ast.walk(owner):
            if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
                continue
            target = ast.unparse(statement.targets[0])
            if target == "self.status_code":
                self._behind(unit, statement, f"self.{wanted} = self.status_code < 400")
                return
            if target == "status_code" and isinstance(statement.value, ast.Constant):
                self._behind(unit, statement, f"{wanted} = {int(str(statement.value.value)) < 400}")
                return
        first = owner.body[0]
        if not starts_line(unit, first):
            raise Unseen("its stand-in for a response stands on one line")
        start = unit.module.line_start(unit.module.extent(first)[0])
        text = f"{indentation(unit.module, first)}{wanted} = True{style.newline}{style.newline}"
        self.draft.replace(unit, start, start, text)

    def _behind(self, unit: Unit, statement: ast.stmt, text: str) -> None:
        if not starts_line(unit, statement) or not ends_line(unit, statement):
            raise Unseen("its stand-in for a response stands on one line")
        offset = unit.module.line_end(unit.module.extent(statement)[1])
        line = f"{indentation(unit.module, statement)}{text}{style_of(unit.module).newline}"
        self.draft.replace(unit, offset, offset, line)

    def _call(self, unit: Unit, call: ast.Call, wanted: str) -> None:
        """``SimpleNamespace(status_code=200, json=lambda: ...)``: it is asked whether it is ok."""
        name = ast.unparse(call.func).rpartition(".")[2]
        if name == "SimpleNamespace" and not any(k.arg == wanted for k in call.keywords):
            status = next((k.value for k in call.keywords if k.arg == "status_code"), None)
            fine = not isinstance(status, ast.Constant) or int(str(status.value)) < 400
            start = unit.module.extent(call.keywords[0])[0]
            self.draft.replace(unit, start, start, f"{wanted}={fine}, ")
        elif name in _MOCKS and any(k.arg in ("spec", "spec_set") for k in call.keywords):
            raise Unseen("its stand-in for a response is held to a specification")

    # what stands in for the function

    def _function(self) -> None:
        """A function that takes the place of the client's has to take the new arguments."""
        call = self.patch.call
        given = [a for a in call.args[1:] if a is not self.patch.target]
        given += [k.value for k in call.keywords if k.arg in ("new", "side_effect", "value")]
        for node in given:
            function: ast.AST | None = node if isinstance(node, ast.Lambda) else None
            if isinstance(node, ast.Name):
                binding = self.patch.unit.flow.only(node)
                function = binding.node if binding is not None else None
            if isinstance(function, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
                if function.args.kwarg is None:
                    raise Unseen("its stand-in takes the arguments of the old request")
                words = {c.value for c in ast.walk(function) if isinstance(c, ast.Constant)}
                if words & {"params", "files", "data"} - ({"data"} if self._answers(function) else set()):
                    raise Unseen("its stand-in looks at the arguments of the old request")

    def _answers(self, function: ast.AST) -> bool:
        return any(isinstance(n, ast.Dict) for n in ast.walk(function))

    # the second request

    def second(self, put: str) -> None:
        """Replace the function that sends the second request as well; ``put`` is what it belongs to."""
        patch, unit = self.patch, self.patch.unit
        if patch.whole:
            return
        module, style = unit.module, style_of(unit.module)
        owner, _, last = patch.replaced.rpartition(".")
        by_object = patch.target is not patch.call.args[0]
        function, target = module.source(patch.call.func), f"{style.quote}{put}.put{style.quote}"
        if owner == put:
            target = re.sub(rf"\b{last}(?=['\"]+$)", "put", module.source(patch.target))
            target = f"{module.source(patch.call.args[0])}, {target}" if by_object else target
        elif by_object:
            function = function.removesuffix(".object")
        if patch.manner == "with":
            end = module.extent(self._item())[1]
            self.draft.replace(unit, end, end, f", {function}({target})")
            return
        at: ast.AST = patch.call if patch.manner == "decorator" else module.statement(patch.call)
        start, end = module.extent(at)
        line = module.text[module.line_start(start) : start]
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        fake = ""
        if patch.manner in ("decorator", "monkeypatch"):
            fake = f", {self._mock()}()"
        sign = "@" if patch.manner == "decorator" else ""
        offset = module.line_start(start) if sign else module.line_end(end)
        self.draft.replace(unit, offset, offset, f"{indent}{sign}{function}({target}{fake}){style.newline}")

    def _item(self) -> ast.expr:
        """The end of the with item of the patch."""
        parent = self.patch.unit.module.parent(self.patch.call)
        if isinstance(parent, ast.withitem) and parent.optional_vars is not None:
            return parent.optional_vars
        return self.patch.call

    # what the tests say of the calls

    def observed(self) -> None:
        """What is asserted of the calls of the function that was replaced."""
        pending = [(self.patch.unit, binding) for binding in self.patch.names]
        while pending:
            unit, binding = pending.pop()
            for name in binding.uses:
                pending += self._observed(unit, name)

    def _observed(self, unit: Unit, use: ast.expr) -> list[tuple[Unit, Binding]]:
        """One use of the mock; the parameters that it goes on in."""
        parent = unit.module.parent(use)
        if isinstance(parent, ast.Yield | ast.Return):
            return self._given_out(unit, parent)
        if self.patch.whole:
            if not isinstance(parent, ast.Attribute) or parent.attr not in ("post", "request"):
                return []
            use, parent = parent, unit.module.parent(parent)
        if not isinstance(parent, ast.Attribute):
            raise Unseen("its stand-in is handed on")
        call = unit.module.parent(parent)
        if parent.attr in ("assert_called_once_with", "assert_called_with") and isinstance(call, ast.Call):
            Calls(self.evaluator, self.draft, unit, self.request).expected(call)
        elif parent.attr == "call_args":
            Calls(self.evaluator, self.draft, unit, self.request).arguments(parent)
        elif parent.attr not in _PLAIN:
            raise Unseen(f"its test looks at {parent.attr} of the stand-in")
        return []

    def _given_out(self, unit: Unit, node: ast.AST) -> list[tuple[Unit, Binding]]:
        """The parameters that a fixture fills."""
        function = unit.function_of(node)
        if function is None or not is_fixture(function):
            raise Unseen("its stand-in is handed on")
        return [
            (other, binding)
            for other in self.tests
            for scope in other.flow.scopes.values()
            for binding in scope.bindings.get(function.name, [])
            if binding.kind is Kind.PARAMETER
        ]

    def _mock(self) -> str:
        """What to call ``Mock`` in the test module; it is imported where it is not known."""
        unit = self.patch.unit
        imports = [s for s in unit.module.tree.body if isinstance(s, ast.Import | ast.ImportFrom)]
        known = any("mock" in ast.unparse(statement) for statement in imports) or "Mock" in unit.words
        if known or not imports:
            return member(self.draft, unit, self.patch.call, "unittest.mock", "Mock")
        last = imports[0]
        for statement in imports[1:]:
            if unit.module.span(statement).line > unit.module.span(last).end_line + 1:
                break
            last = statement
        offset = unit.module.line_end(unit.module.extent(last)[1])
        self.draft.replace(
            unit, offset, offset, f"from unittest.mock import Mock{style_of(unit.module).newline}"
        )
        return "Mock"
