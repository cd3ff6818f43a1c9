"""Calls that send an upload through functions of the project which do more than pass it on.

A wrapper adds the token, counts, retries, checks the answer; a checker is shared with other endpoints, whose
answers look otherwise. Such a call is written out as what it comes to here, still in the old API's words, and
then rewritten like any other upload. The function itself stays as it is for its other users.

Looks the same and is left alone: a call with another path, a function that a subclass overrides, one whose
parts mean something else where it is called.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from share2post.rules.moving import starts_line
from share2post.rules.unfolded_answers import LEGACY, Answers
from share2post.rules.unfolding_apart import apart
from share2post.rules.unfolding_in_place import decorator_name, in_place, names_in
from share2post.rules.wrapped_call import is_shared, read_wrapped
from share2post.semantics.callers import Function, callers
from share2post.semantics.unfolding.folding import Seen
from share2post.semantics.unfolding.job import Argument, Job, arguments_of
from share2post.semantics.unfolding.slots import CannotUnfold
from share2post.semantics.urls import endpoint
from share2post.semantics.values import Evaluator, bind_arguments
from share2post.semantics.world import Unit

_SCOPES = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, eq=False)
class Unfolding:
    """A call written out: the changes of text, and what it went through."""

    unit: Unit
    call: ast.Call
    edits: tuple[tuple[Unit, int, int, str], ...]
    through: str


@dataclass(frozen=True, eq=False)
class Callee:
    """The function a call calls, and what it is called on."""

    owner: Unit
    function: Function
    receiver: ast.expr | None

    @property
    def place(self) -> str:
        """Its name and where it is, for messages."""
        holder = self.owner.module.parent(self.function)
        name = (
            f"{holder.name}.{self.function.name}" if isinstance(holder, ast.ClassDef) else self.function.name
        )
        return f"{name} ({self.owner.path}:{self.function.lineno})"


@dataclass(eq=False)
class Unfolder:
    """Finds such calls and writes them out."""

    evaluator: Evaluator

    def __post_init__(self) -> None:
        self.answers = Answers(self.evaluator)

    def wrappers(self, unit: Unit) -> Iterator[tuple[ast.Call, Callee]]:
        """The calls of a module that hand the upload's address to a function of the project."""
        for call in unit.calls():
            if not self._names_upload(unit, call) or self.answers.is_request(unit, call):
                continue
            if is_shared(unit, call) and read_wrapped(self.evaluator, unit, call) is not None:
                continue
            callee = self.callee(unit, call)
            if callee is not None:
                yield call, callee

    def _names_upload(self, unit: Unit, call: ast.Call) -> bool:
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        plain = [
            v for v in values if not isinstance(v, ast.Starred | ast.Dict | ast.Constant) or _may_name(v)
        ]
        return any(endpoint(t).target in LEGACY for v in plain for t in self.evaluator.texts(unit, v))

    def checkers(self, unit: Unit, request: ast.Call) -> Iterator[tuple[ast.Call, Callee]]:
        """The calls that hand the answer of an upload to a function that others use too."""
        outer = unit.module.parent(request)
        held: ast.AST = outer if isinstance(outer, ast.Await) else request
        for node in [held, *self._names_of(unit, held)]:
            call = unit.module.parent(node)
            if isinstance(call, ast.keyword):
                call = unit.module.parent(call)
            if not isinstance(call, ast.Call) or call.func is node:
                continue
            callee = self.callee(unit, call)
            if callee is not None and len(callers(self.evaluator, callee.owner, callee.function)) > 1:
                yield call, callee

    def _names_of(self, unit: Unit, held: ast.AST) -> Iterator[ast.AST]:
        """The uses of the variable that holds an answer, or its parsed body."""
        for scope in unit.flow.scopes.values():
            for bindings in scope.bindings.values():
                for binding in bindings:
                    if binding.value is None:
                        continue
                    core = binding.value
                    if core is held or (isinstance(core, ast.Call) and self._parses(core, held)):
                        yield from (use for use in binding.uses if unit.flow.only(use) is binding)

    def _parses(self, node: ast.Call, held: ast.AST) -> bool:
        return isinstance(node.func, ast.Attribute) and node.func.attr == "json" and node.func.value is held

    def callee(self, unit: Unit, call: ast.Call) -> Callee | None:
        """The function of the project a call calls, where it is always that one."""
        found = self.evaluator.callee(unit, call)
        if found is None or unit.function_of(call) is found[1]:
            return None
        owner, function = found
        around = (n for n in owner.module.ancestors(function) if isinstance(n, _SCOPES))
        holder = next(around, None)
        if isinstance(holder, ast.Module):
            return Callee(owner, function, None)
        if not isinstance(holder, ast.ClassDef) or not isinstance(call.func, ast.Attribute):
            return None
        if self._overridden(owner, holder, function.name) or self._is_class(unit, call.func.value):
            return None
        return Callee(owner, function, call.func.value)

    def _is_class(self, unit: Unit, node: ast.expr) -> bool:
        """``Client._request(client, ...)``: a method taken from its class."""
        binding = unit.flow.only(node) if isinstance(node, ast.Name) else None
        return binding is not None and isinstance(binding.node, ast.ClassDef | ast.alias)

    def _check_replaced(self, callee: Callee) -> None:
        """Whether something else is put in the function's place by name, as tests do. Raises CannotUnfold."""
        name = callee.function.name
        for unit in self.evaluator.world.units.values():
            stored = [a for a in unit.attributes.get(name, ()) if not isinstance(a.ctx, ast.Load)]
            named = [text for text in unit.strings if text == name or text.endswith(f".{name}")]
            if stored or named:
                raise CannotUnfold(f"{unit.path} puts something else in its place")

    def _overridden(self, owner: Unit, holder: ast.ClassDef, name: str) -> bool:
        """Whether a class below this one has a method of that name, which may stand in its place."""
        for unit in self.evaluator.world.units.values():
            if name not in unit.words:
                continue
            for node in ast.walk(unit.module.tree):
                own = (
                    isinstance(node, ast.ClassDef)
                    and node is not holder
                    and any(_is_method(s, name) for s in node.body)
                )
                if own and isinstance(node, ast.ClassDef) and self._below(unit, node, holder, 0):
                    return True
        return False

    def _below(self, unit: Unit, node: ast.ClassDef, holder: ast.ClassDef, depth: int) -> bool:
        for base in node.bases if depth < 12 else []:
            parent = self.evaluator.world.class_behind(unit, base)
            if parent is not None and (parent[1] is holder or self._below(*parent, holder, depth + 1)):
                return True
        return False

    # writing

    def unfold(self, unit: Unit, call: ast.Call, callee: Callee) -> Unfolding:
        """The call written out, in place or as a function of its own. Raises CannotUnfold."""
        self._check_replaced(callee)
        job = self._job(unit, call, callee)
        try:
            edits = in_place(job, is_method=callee.receiver is not None)
        except CannotUnfold:
            edits = apart(job, is_method=callee.receiver is not None)
        return Unfolding(unit, call, (*edits, *self._removed(unit, callee)), callee.place)

    def _removed(self, unit: Unit, callee: Callee) -> list[tuple[Unit, int, int, str]]:
        """The function goes, where it is the module's own and this was its only call."""
        owner, function, module = callee.owner, callee.function, callee.owner.module
        if owner is not unit or not function.name.startswith("_") or function.name.startswith("__"):
            return []
        uses = [u for u in self.evaluator.world.units.values() if function.name in u.words]
        text = re.findall(rf"\b{function.name}\b", module.text)
        start = min(module.extent(part)[0] for part in (function, *function.decorator_list))
        start, end = module.line_start(start), module.line_end(module.extent(function)[1])
        if (
            uses != [unit]
            or len(text) != 2
            or module.comments_within(start, end)
            or not starts_line(unit, function)
        ):
            return []
        block = getattr(module.parent(function), "body", [])
        if len(block) < 2:
            return []
        while end < len(module.text) and not module.text[end : module.line_end(end)].strip():
            end = module.line_end(end)
        return [(owner, start, end, "")]

    def _job(self, unit: Unit, call: ast.Call, callee: Callee) -> Job:
        function, owner = callee.function, callee.owner
        calls = (n for n in ast.walk(function) if isinstance(n, ast.Call))
        if (owner, function) in (self.evaluator.callee(owner, inner) for inner in calls):
            raise CannotUnfold("it calls itself")
        kinds = {decorator_name(d) for d in function.decorator_list}
        if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(function)):
            raise CannotUnfold("it is a generator")
        receiver = None
        if callee.receiver is not None and "staticmethod" not in kinds:
            receiver = Argument(unit, callee.receiver, Seen.SOMETHING)
            if "classmethod" in kinds:
                raise CannotUnfold("it is a method of its class")
        named, rest = arguments_of(unit, call, owner, function, receiver)
        named = {name: self._answering(argument) for name, argument in named.items()}
        frame = bind_arguments(unit, _plain(call, rest), owner, function, {}) or {}
        caller = unit.function_of(call)
        taken = names_in(caller) if caller is not None else _names_at_top(unit)
        shared = len(callers(self.evaluator, owner, function)) > 1
        return Job(
            self.evaluator, unit, call, owner, function, named, rest,
            lambda where, node: self.answers.of(where, node, frame) if shared else None, taken,
        )  # fmt: skip

    def _answering(self, argument: Argument) -> Argument:
        """An argument that is the answer of the upload, as such."""
        if argument.value is not None:
            return argument
        return replace(argument, value=self.answers.of(argument.unit, argument.node, {}))


def _may_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_method(statement: ast.stmt, name: str) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name == name


def _plain(call: ast.Call, rest: dict[str, Argument]) -> ast.Call:
    return ast.Call(call.func, call.args, [k for k in call.keywords if k.arg not in rest])


def _names_at_top(unit: Unit) -> set[str]:
    """The names that a module's own statements use, and those of its functions that are none of their own."""
    names = [node for node in ast.walk(unit.module.tree) if isinstance(node, ast.Name)]
    root = unit.flow.root
    free = {
        n.id
        for n in names
        if all(b.scope is root for b in unit.flow.reaching(n)) and isinstance(n.ctx, ast.Load)
    }
    return free | set(root.bindings)


__all__ = ["Callee", "CannotUnfold", "Unfolder", "Unfolding"]
