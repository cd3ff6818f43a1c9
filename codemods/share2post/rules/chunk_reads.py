"""Where a loop gets its chunks from: one handle, read piece by piece.

::

    while chunk := f.read(N):                       # each of these ends with the file
    while True: chunk = f.read(N); if not chunk: break
    for chunk in iter(lambda: f.read(N), b""):
    for chunk in read_in_chunks(f, N):              # a generator of the project's that does just that
    for i in range(total): chunk = f.read(N)        # this one counts
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from share2post.semantics.flow import Binding, Kind
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft


@dataclass(eq=False)
class Reads:
    """The reads of one loop: ``sent`` is the chunk where the request is made."""

    evaluator: Evaluator
    unit: Unit
    loop: ast.For | ast.While
    sent: ast.Name
    calls: list[ast.Call] = field(default_factory=list)
    amount: ast.expr | None = None  # what is asked for: N
    opening: ast.expr = field(default_factory=lambda: ast.Constant(None))
    handle: str = ""
    seeks: list[ast.Call] = field(default_factory=list)
    source: ast.expr | None = None  # a generator's call, or ``partial(f.read, N)``, that is written anew

    @property
    def chunk(self) -> str:
        """The name of the chunk."""
        return self.sent.id

    @property
    def items(self) -> ast.expr | None:
        """What a ``for`` goes through, without ``enumerate``."""
        found = self.loop.iter if isinstance(self.loop, ast.For) else None
        if isinstance(found, ast.Call) and self._named(found, "builtins.enumerate") and found.args:
            return found.args[0]
        return found

    def find(self) -> bool:
        """Whether every read is seen, and every one gives the chunk."""
        name = self._handle_name()
        binding = self.unit.flow.only(name) if name is not None else None
        if name is None or binding is None or binding.kind not in (Kind.ASSIGN, Kind.WITH):
            return False
        if binding.value is None or not self._seen(binding):
            return False
        self.handle, self.opening = name.id, binding.value
        inside = self.loop in set(self.unit.module.ancestors(binding.node))
        return bool(self.seeks) if inside else True

    def rewrite(self, draft: Draft, chunk: str, size: str) -> None:
        """Read a chunk, or all that is left where that is less than two."""
        amount = f"{chunk} if {size} - {self.handle}.tell() >= 2 * {chunk} else -1"
        for call in self.calls:
            draft.swap(self.unit, [*call.args, *(k.value for k in call.keywords)][0], amount)
        if self.source is not None:
            made = f"lambda: {self.handle}.read({amount})"
            partial = not (isinstance(self.source, ast.Call) and self.source is self.items)
            draft.swap(self.unit, self.source, made if partial else f'iter({made}, b"")')

    # the handle

    def _handle_name(self) -> ast.Name | None:
        """``f``, where it is read for the chunk that is sent."""
        bindings = self.unit.flow.reaching(self.sent)
        values = [self._value(binding) for binding in bindings]
        names = []
        for value in values:
            found = self._read(value) if value is not None else None
            if found is None:
                return None
            names.append(found)
        return names[0] if len({name.id for name in names}) == 1 else None

    def _value(self, binding: Binding) -> ast.expr | None:
        """What gives a chunk: the value it is assigned, or what the loop goes through."""
        if binding.kind is Kind.ASSIGN:
            return binding.value
        if not isinstance(self.loop, ast.For) or binding.kind not in (Kind.FOR, Kind.UNPACK):
            return None
        target = self.loop.target
        counted = isinstance(target, ast.Tuple) and self.items is not self.loop.iter
        last = target.elts[-1] if counted and isinstance(target, ast.Tuple) else target
        return self.items if binding.node is last else None

    def _read(self, value: ast.expr) -> ast.Name | None:
        """The handle of ``f.read(N)``, wherever it is wrapped."""
        if not isinstance(value, ast.Call):
            return None
        func, arguments = value.func, [*value.args, *(k.value for k in value.keywords)]
        if isinstance(func, ast.Attribute) and func.attr == "read" and isinstance(func.value, ast.Name):
            if len(arguments) != 1:
                return None
            self.calls.append(value)
            self.amount = arguments[0]
            return func.value
        if self._named(value, "builtins.iter") and len(value.args) == 2:
            return self._iterated(value)
        return self._generated(value)

    def _iterated(self, value: ast.Call) -> ast.Name | None:
        reader, end = value.args
        if not isinstance(end, ast.Constant) or end.value != b"":
            return None
        if isinstance(reader, ast.Lambda) and not reader.args.args:
            return self._read(reader.body)
        if (
            isinstance(reader, ast.Call)
            and self._named(reader, "functools.partial")
            and len(reader.args) == 2
        ):
            method = reader.args[0]
            if (
                isinstance(method, ast.Attribute)
                and method.attr == "read"
                and isinstance(method.value, ast.Name)
            ):
                self.source, self.amount = reader, reader.args[1]
                return method.value
        return None

    def _generated(self, value: ast.Call) -> ast.Name | None:
        """``read_in_chunks(f, N)``: a generator of the project's that reads its first argument to the end."""
        callee = self.evaluator.callee(self.unit, value)
        if callee is None or value.keywords or not value.args or not isinstance(value.args[0], ast.Name):
            return None
        owner, function = callee
        parameters = [a.arg for a in function.args.args if a.arg not in ("self", "cls")]
        yields = [n for n in ast.walk(function) if isinstance(n, ast.Yield | ast.YieldFrom)]
        inner = [c for c in ast.walk(function) if isinstance(c, ast.Call)]
        called = [c for c in inner if isinstance(c.func, ast.Attribute) and c.func.attr == "read"]
        whole = len(yields) == 1 and isinstance(yields[0], ast.Yield) and len(inner) == len(called) == 1
        if not whole or not parameters or ast.unparse(called[0].func) != f"{parameters[0]}.read":
            return None
        if isinstance(function, ast.AsyncFunctionDef) or ast.unparse(yields[0].value or yields[0]) not in {
            b.name
            for scope in [owner.flow.scopes[function]]
            for found in scope.bindings.values()
            for b in found
        }:
            return None
        defaults = function.args.defaults
        self.source = value
        self.amount = value.args[1] if len(value.args) > 1 else defaults[-1] if defaults else None
        return value.args[0] if self.amount is not None else None

    def _seen(self, binding: Binding) -> bool:
        """Whether the handle is used for these reads, and for nothing that moves it elsewhere."""
        known = {id(call.func) for call in self.calls}
        for use in binding.uses:
            parent = self.unit.module.parent(use)
            if isinstance(parent, ast.Attribute) and id(parent) in known:
                continue
            if self.source is not None and use in set(ast.walk(self.source)):
                continue
            if not isinstance(parent, ast.Attribute) or parent.attr not in ("seek", "tell", "close", "name"):
                return False
            call = self.unit.module.parent(parent)
            if parent.attr == "seek" and isinstance(call, ast.Call):
                if self.loop in set(self.unit.module.ancestors(call)):
                    self.seeks.append(call)
                elif ast.unparse(call).partition("(")[2] not in ("0)", "0, 0)", "0, 2)", "0, os.SEEK_END)"):
                    return False
        return True

    def _named(self, call: ast.Call, name: str) -> bool:
        return self.evaluator.world.qualified(self.unit, call.func) == name
