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

from share2post.dialects import DIALECTS
from share2post.rules.hosting import closed
from share2post.rules.moving import ends_line, evaluated_first, starts_line
from share2post.rules.unfolding_apart import apart, is_self
from share2post.rules.wrapped_call import is_shared, read_wrapped
from share2post.semantics.callers import Function, callers
from share2post.semantics.flow import Kind
from share2post.semantics.unfolding.folding import Seen, Value
from share2post.semantics.unfolding.job import Argument, Job, arguments_of
from share2post.semantics.unfolding.slots import CannotUnfold
from share2post.semantics.unfolding.statements import Row, indented
from share2post.semantics.urls import Target, endpoint
from share2post.semantics.values import Evaluator, Frame, bind_arguments
from share2post.semantics.world import Unit, scope_of
from share2post.syntax.style import indentation, style_of

_HOSTS = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.If)
_LEGACY = (Target.UPLOAD, Target.BARE_PATH)


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

    def wrappers(self, unit: Unit) -> Iterator[tuple[ast.Call, Callee]]:
        """The calls of a module that hand the upload's address to a function of the project."""
        for call in unit.calls():
            if not self._names_upload(unit, call) or self._is_request(unit, call):
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
        return any(endpoint(t).target in _LEGACY for v in plain for t in self.evaluator.texts(unit, v))

    def _is_request(self, unit: Unit, call: ast.Call) -> bool:
        return any(dialect.read(self.evaluator, unit, call) is not None for dialect in DIALECTS)

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
        holder = owner.module.parent(function)
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
            edits = self._in_place(job, callee)
        except CannotUnfold:
            edits = apart(job, callee.receiver is not None)
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
        kinds = {_decorator(d) for d in function.decorator_list}
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
        taken = _names_in(caller) if caller is not None else _names_at_top(unit)
        shared = len(callers(self.evaluator, owner, function)) > 1
        return Job(
            self.evaluator, unit, call, owner, function, named, rest,
            lambda where, node: self._answer(where, node, frame) if shared else None, taken,
        )  # fmt: skip

    def _answering(self, argument: Argument) -> Argument:
        """An argument that is the answer of the upload, as such."""
        if argument.value is not None:
            return argument
        return replace(argument, value=self._answer(argument.unit, argument.node, {}))

    def _answer(self, unit: Unit, node: ast.expr, frame: Frame, depth: int = 0) -> Value:
        """Whether an expression is the answer of the upload, or its parsed body."""
        node = node.value if isinstance(node, ast.Await) else node
        if depth > 6:
            return None
        if isinstance(node, ast.Name):
            binding = unit.flow.only(node)
            value = binding.value if binding is not None and binding.kind is Kind.ASSIGN else None
            return self._answer(unit, value, frame, depth + 1) if value is not None else None
        if not isinstance(node, ast.Call):
            return None
        if isinstance(node.func, ast.Attribute) and node.func.attr == "json":
            inner = self._answer(unit, node.func.value, frame, depth + 1)
            return Seen.BODY if inner is Seen.RESPONSE else None
        for dialect in DIALECTS:
            request = dialect.read(self.evaluator, unit, node)
            if request is not None:
                texts = self.evaluator.texts(unit, request.url, frame)
                return Seen.RESPONSE if any(endpoint(t).target in _LEGACY for t in texts) else None
        callee = self.evaluator.callee(unit, node)
        return self._given_back(*callee, depth) if callee is not None and depth < 4 else None

    def _given_back(self, owner: Unit, function: Function, depth: int) -> Value:
        """What a wrapper gives back, whatever address it is called with."""
        values = [n.value for n in ast.walk(function) if isinstance(n, ast.Return) and n.value is not None]
        found = {self._kind(owner, value, depth + 1) for value in values}
        return found.pop() if len(found) == 1 else None

    def _kind(self, unit: Unit, node: ast.expr, depth: int) -> Value:
        node = node.value if isinstance(node, ast.Await) else node
        if isinstance(node, ast.Name) and depth < 8:
            binding = unit.flow.only(node)
            return (
                self._kind(unit, binding.value, depth + 1) if binding is not None and binding.value else None
            )
        if isinstance(node, ast.Call) and self._is_request(unit, node):
            return Seen.RESPONSE
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "json":
            return Seen.BODY if self._kind(unit, node.func.value, depth + 1) is Seen.RESPONSE else None
        return None

    def _in_place(self, job: Job, callee: Callee) -> list[tuple[Unit, int, int, str]]:
        """The statements in front of the one that holds the call, and what the call gives in its place."""
        unit = job.unit
        outer, statement = _outer(job)
        decorators = [d for d in job.function.decorator_list if _decorator(d) != "staticmethod"]
        room = (
            isinstance(statement, _HOSTS)
            and starts_line(unit, statement)
            and closed(unit, outer, statement) is None
        )
        ended = isinstance(statement, ast.If) or ends_line(unit, statement)
        if decorators or not room or not ended or not evaluated_first(statement, outer, unit):
            raise CannotUnfold("there is no room for statements")
        self._check_names(job, callee)
        if any(a.unit is not unit and not isinstance(a.node, ast.Constant) for a in job.named.values()):
            raise CannotUnfold("a default of it is another module's")
        written = job.run()
        target, last = _target(statement, outer), written.rows[-1]
        plain = [row.result for row in written.rows].count(True) == 1 and last.result and last.depth == 0
        given = {row.text for row in written.rows if row.result and row.text != "None"}
        own = next((name for name, local in written.variables.items() if {local} == given), None)
        if own is not None and target is not None and target not in _names_in(job.call):
            job.prefer[own] = target
            written = job.run()
        defaults = [a.node for a in job.named.values() if isinstance(a.node, ast.Name) and a.text]
        self._check_free(job, {**written.free, **{node.id: node for node in defaults}})
        return list(self._placed(job, outer, statement, written.rows, target, plain=plain))

    def _placed(
        self,
        job: Job,
        outer: ast.expr,
        statement: ast.stmt,
        rows: list[Row],
        target: str | None,
        *,
        plain: bool,
    ) -> Iterator[tuple[Unit, int, int, str]]:
        unit, module, style = job.unit, job.unit.module, style_of(job.unit.module)
        indent, alone = (
            indentation(module, statement),
            isinstance(statement, ast.Expr) and statement.value is outer,
        )
        given = rows.pop().text if plain else (target or _free_name(job, "result"))
        if not plain:
            rows = [replace(r, text=f"{given} = {r.text}") if r.result and not alone else r for r in rows]
            idle = ("None", f"{given} = {given}")
            rows = [replace(r, text="pass") if r.result and r.text in idle else r for r in rows]
        start, end = module.extent(statement)
        low, high = module.extent(outer)
        comments = [Row(0, comment.text) for comment in module.comments_within(low, high)]
        lines = "".join(indented(row, indent, style.indent, style.newline) for row in [*comments, *rows])
        first = module.line_start(start)
        whole = (alone and (not plain or given.isidentifier())) or (target is not None and given == target)
        if whole:
            tail = module.line_end(end)
            behind = module.text[end:tail].strip()
            lines += f"{indent}{behind}{style.newline}" if behind else ""
            yield unit, first, tail, lines
            return
        if lines:
            yield unit, first, first, lines
        text = given if is_atom(given) else f"({given})"
        yield unit, low, high, given if isinstance(module.parent(outer), ast.stmt) else text

    def _check_names(self, job: Job, callee: Callee) -> None:
        """Whether everything the function names is to be had, and to be named, at the call. Raises CannotUnfold."""
        if callee.receiver is not None and not is_self(job, job.call.func):
            raise CannotUnfold("it is a method of another object")
        for part in ast.walk(job.function):
            if isinstance(part, ast.Name) and part.id in ("super", "__class__", "locals"):
                raise CannotUnfold(f"it uses {part.id}")
            hidden = (
                isinstance(part, ast.Attribute)
                and part.attr.startswith("__")
                and not part.attr.endswith("__")
            )
            if hidden and job.unit.class_of(job.call) is not job.owner.module.parent(job.function):
                raise CannotUnfold("it uses a name that is private to its class")

    def _check_free(self, job: Job, free: dict[str, ast.Name]) -> None:
        """Names of the function's module must mean the same at the call."""
        scope = scope_of(job.unit, job.call)
        for name, node in free.items():
            there = scope.lookup(name) if name not in scope.bindings else scope
            if there not in (None, job.unit.flow.root):
                raise CannotUnfold(f"{name} is something else where it is called")
            if job.owner is not job.unit:
                known = self.evaluator.world.qualified(job.owner, node)
                bindings = job.unit.flow.root.bindings.get(name, [])
                builtin = known == f"builtins.{name}" and not bindings
                same = len(bindings) == 1 and self.evaluator.world.named(job.unit, name) == known
                if known is None or not (builtin or same):
                    raise CannotUnfold(f"{name} is not known where it is called")


def is_atom(text: str) -> bool:
    """Whether an expression's text holds together anywhere."""
    node = ast.parse(text, mode="eval").body
    return isinstance(
        node, ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.Constant | ast.Dict | ast.List
    )


def _may_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_method(statement: ast.stmt, name: str) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name == name


def _decorator(node: ast.expr) -> str:
    inner = node.func if isinstance(node, ast.Call) else node
    return inner.attr if isinstance(inner, ast.Attribute) else inner.id if isinstance(inner, ast.Name) else ""


def _plain(call: ast.Call, rest: dict[str, Argument]) -> ast.Call:
    return ast.Call(call.func, call.args, [k for k in call.keywords if k.arg not in rest])


def _names_in(node: ast.AST) -> set[str]:
    found = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return found | {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}


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


def _outer(job: Job) -> tuple[ast.expr, ast.stmt]:
    """The call with the ``await`` around it, and its statement. Raises CannotUnfold."""
    parent = job.unit.module.parent(job.call)
    outer = parent if isinstance(parent, ast.Await) else job.call
    if isinstance(job.function, ast.AsyncFunctionDef) != isinstance(outer, ast.Await):
        raise CannotUnfold("its coroutine is not awaited where it is made")
    return outer, job.unit.module.statement(outer)


def _target(statement: ast.stmt, outer: ast.expr) -> str | None:
    """``x`` of ``x = call(...)``."""
    if isinstance(statement, ast.Assign) and statement.value is outer and len(statement.targets) == 1:
        target = statement.targets[0]
        return target.id if isinstance(target, ast.Name) else None
    return None


def _free_name(job: Job, wish: str) -> str:
    taken = {*job.taken, *job.unit.words, *job.owner.words}
    return next(w for w in (wish, *(f"{wish}_{n}" for n in range(2, 99))) if w not in taken)


__all__ = ["Callee", "CannotUnfold", "Unfolder", "Unfolding"]
