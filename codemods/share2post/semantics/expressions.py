"""What the expressions are worth that build a body: names, collections, buffers, own functions."""

from __future__ import annotations

import ast
import itertools
from dataclasses import dataclass
from typing import Final, Protocol

from share2post.semantics.pieces import (
    Bytes,
    Gap,
    Items,
    Piece,
    Table,
    Trail,
    Unknown,
    Value,
    converted,
    either,
    gap,
    known,
    signature,
)
from share2post.semantics.strings import Strings, entry
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_BUFFERS: Final = frozenset({"io.BytesIO", "io.StringIO", "builtins.bytearray"})
_SAME: Final = frozenset(
    {"builtins.bytes", "builtins.str", "builtins.memoryview", "six.b", "six.ensure_binary"}
)
_ENCODERS: Final = frozenset(
    {"urllib3.encode_multipart_formdata", "urllib3.filepost.encode_multipart_formdata"}
)
_SHOWN: Final = frozenset(
    {"builtins.print", "builtins.len", "builtins.repr", "builtins.type", "builtins.isinstance"}
)
BOUNDARY: Final = "made-by-urllib3"
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Frame(Protocol):
    """What an expression is evaluated in."""

    evaluator: Evaluator
    unit: Unit
    env: dict[str, Value]
    depth: int
    trail: Trail
    counter: itertools.count[int]
    current: ast.stmt | None
    within: ast.stmt | None

    @property
    def here(self) -> ast.stmt | None: ...
    def assign(self, target: ast.expr, value: Value) -> None: ...
    def enter(self, owner: Unit, function: Function, given: dict[str, Value]) -> Value: ...


@dataclass(eq=False)
class Expressions:
    """Evaluates expressions in a frame."""

    frame: Frame
    inner: int = 0  # comprehensions around: their names mean something else each time

    def __post_init__(self) -> None:
        self.strings = Strings(self)

    def unseen(self, node: ast.expr) -> Bytes:
        """A value of its own that nothing is known of."""
        frame = self.frame
        steady = isinstance(node, ast.Attribute | ast.Subscript)
        key = f"{frame.depth}:{ast.unparse(node)}" if steady else f"#{next(frame.counter)}"
        found = Gap(key, frame.unit, node, frame.current if frame.depth == 0 else None)
        frame.trail.gaps.append(found)
        return Bytes([found])

    def value(self, node: ast.expr) -> Value:
        """What an expression is worth."""
        match node:
            case ast.Constant(value=str(text)):
                return Bytes([text], kind="str")
            case ast.Constant(value=bytes(raw)):
                return Bytes([raw.decode("latin-1")], kind="bytes")
            case ast.Constant(value=int(number)) if not isinstance(number, bool):
                return Bytes([str(number)])
            case ast.JoinedStr():
                return self.strings.formatted(node)
            case ast.Name():
                return self._name(node)
            case ast.BinOp(op=ast.Add()):
                return self.strings.total(node)
            case ast.BinOp(op=ast.Mod()):
                return self.strings.percent(node)
            case ast.List() | ast.Tuple():
                return Items([self.value(element) for element in node.elts])
            case ast.Dict() if all(key is not None for key in node.keys):
                pairs = zip(node.keys, node.values, strict=True)
                return Table(
                    [(self.value(key), self.value(value)) for key, value in pairs if key is not None]
                )
            case ast.ListComp() | ast.GeneratorExp() if len(node.generators) == 1:
                return self._comprehension(node, node.generators[0])
            case ast.IfExp():
                one, two = self.value(node.body), self.value(node.orelse)
                return either(one, two) if signature(one) == signature(two) else self.unseen(node)
            case ast.NamedExpr():
                value = self.value(node.value)
                self.frame.assign(node.target, value)
                return value
            case ast.Await():
                inner = self.value(node.value)
                return self.unseen(node) if gap(inner) is not None else inner
            case ast.Subscript():
                return self._item(node)
            case ast.Call():
                return self._call(node)
            case ast.Attribute():
                return self._attribute(node)
        return self.unseen(node)

    # names

    def _name(self, node: ast.Name) -> Value:
        frame = self.frame
        value = frame.env.get(node.id)
        if value is None:
            return self._constant(node)
        found = gap(value)
        if (
            found is not None and frame.depth == 0 and frame.within is None and not self.inner
        ):  # a name gives the value wherever it still means the same
            renamed = Gap(found.key, frame.unit, node, frame.current, found.kind, found.other)
            frame.trail.gaps.append(renamed)
            return Bytes([renamed])
        return value

    def _constant(self, node: ast.expr) -> Value:
        """A name or attribute of the module, or of another one."""
        frame = self.frame
        definition = frame.evaluator.world.definition(frame.unit, node)
        if definition is not None and isinstance(definition.value, ast.Constant):
            return self.value(definition.value)
        text = frame.evaluator.text(frame.unit, node)
        if text is not None and text.known is not None and not text.environment:
            return Bytes([text.known], kind="str")
        return Bytes([Gap(ast.unparse(node), frame.unit, node, frame.current if frame.depth == 0 else None)])

    def _attribute(self, node: ast.Attribute) -> Value:
        inner = self.value(node.value) if isinstance(node.value, ast.Call | ast.Name) else None
        if node.attr == "hex" and inner is not None and gap(inner) is not None:
            return self.unseen(node) if isinstance(node.value, ast.Call) else self._constant(node)
        return self._constant(node)

    # collections

    def _item(self, node: ast.Subscript) -> Value:
        holder = self.value(node.value) if isinstance(node.value, ast.Name | ast.Call) else None
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if (
            isinstance(holder, Items)
            and isinstance(key, int)
            and -len(holder.values) <= key < len(holder.values)
        ):
            return holder.values[key]
        if isinstance(holder, Table) and isinstance(key, str):
            found = entry(holder, key)
            if found is not None:
                return found
        if isinstance(holder, Unknown):
            return holder
        return self.unseen(node)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, generator: ast.comprehension) -> Value:
        several = self.value(generator.iter)
        if not isinstance(several, Items) or generator.ifs or generator.is_async:
            return Unknown(node)
        found = Items([])
        before = dict(self.frame.env)
        self.inner += 1
        for value in several.values:
            self._bind(generator.target, value)
            found.values.append(self.value(node.elt))
        self.inner -= 1
        self.frame.env.clear()
        self.frame.env.update(before)
        return found

    def _bind(self, target: ast.expr, value: Value) -> None:
        """The variable of a comprehension: its own, and no assignment of the function."""
        if isinstance(target, ast.Name):
            self.frame.env[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            parts = (
                value.values if isinstance(value, Items) and len(value.values) == len(target.elts) else None
            )
            for index, element in enumerate(target.elts):
                self._bind(element, parts[index] if parts is not None else Unknown(target))

    # calls

    def _call(self, node: ast.Call) -> Value:
        frame = self.frame
        if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
            return self._opaque(node)
        if isinstance(node.func, ast.Attribute):
            found = self._method(node, node.func)
            if found is not None:
                return found
        name = frame.evaluator.world.qualified(frame.unit, node.func) or ""
        if name in _BUFFERS:
            first = self.value(node.args[0]) if node.args else Bytes([])
            kind = "str" if name.endswith("StringIO") else "bytes"
            sealed = bool(node.args) and name != "builtins.bytearray"  # what is written first goes over it
            return (
                Bytes(list(first.pieces), True, kind, sealed) if isinstance(first, Bytes) else Unknown(node)
            )
        if name in _SAME and node.args:
            value = self.value(node.args[0])
            kind = "str" if name == "builtins.str" else "bytes"
            return self._converted(node, value, kind, asked=len(node.args) + len(node.keywords) > 1)
        if (
            name in ("builtins.list", "builtins.tuple", "builtins.dict")
            and len(node.args) == 1
            and not node.keywords
        ):
            value = self.value(node.args[0])
            return Items(list(value.values)) if isinstance(value, Items) else value
        if name == "builtins.dict" and not node.args:
            return Table([(Bytes([k.arg or ""]), self.value(k.value)) for k in node.keywords])
        if name in _ENCODERS and node.args:
            return self._encoded(node)
        callee = frame.evaluator.callee(frame.unit, node)
        if callee is not None:
            given = self._arguments(node, *callee)
            result = frame.enter(*callee, given) if given is not None else Unknown(node)
            return result if not isinstance(result, Unknown) else self._opaque(node)
        return self._opaque(node)

    def _converted(self, node: ast.Call, value: Value, kind: str, *, asked: bool) -> Value:
        """Encoded or decoded: what is known stays known, and both forms of what is not are remembered."""
        if not isinstance(value, Bytes):
            return value if isinstance(value, Unknown) else self.unseen(node)
        found = gap(value)
        if found is None or found.kind == kind:
            return Bytes(list(value.pieces), kind=kind)
        if not asked:  # str(x), bytes(x): x is of that kind already, or of none
            return Bytes(
                [Gap(found.key, found.unit, found.node, found.statement, kind, found.other, found.here)]
            )
        outer = self.frame.depth == 0 and self.frame.within is None and not self.inner
        made = converted(found, kind, node if outer else None, self.frame.current)
        self.frame.trail.gaps.append(made)
        return Bytes([made])

    def _opaque(self, node: ast.Call) -> Value:
        """A call that is not followed: it may change the buffers it is given."""
        name = self.frame.evaluator.world.qualified(self.frame.unit, node.func) or ""
        for argument in [*node.args, *(k.value for k in node.keywords)]:
            if isinstance(argument, ast.Name) and name not in _SHOWN:
                value = self.frame.env.get(argument.id)
                if isinstance(value, Items | Table) or (isinstance(value, Bytes) and value.growing):
                    self.frame.env[argument.id] = Unknown(node)
        return self.unseen(node)

    def _method(self, node: ast.Call, func: ast.Attribute) -> Value | None:
        name = func.attr
        if name in ("encode", "decode"):
            return self._converted(
                node, self.value(func.value), "bytes" if name == "encode" else "str", asked=True
            )
        if name == "join" and len(node.args) == 1:
            return self.strings.join(func.value, node)
        if name == "format":
            template = known(self.value(func.value))
            return self.strings.format(node, template) if template is not None else None
        if name == "items" and not node.args:
            table = self.value(func.value)
            return (
                Items([Items([key, value]) for key, value in table.entries])
                if isinstance(table, Table)
                else None
            )
        if (
            name in ("getvalue", "getbuffer", "read", "copy")
            and isinstance(func.value, ast.Name)
            and not node.args
        ):
            held = self.frame.env.get(func.value.id)
            if not isinstance(held, Bytes) or not held.growing:
                return None
            return Bytes(list(held.pieces), kind=held.kind)
        if isinstance(func.value, ast.Name) and func.value.id in self.frame.env:
            return self._change(node, func.value.id, name)
        return None

    def _change(self, node: ast.Call, base: str, name: str) -> Value | None:
        """``parts.append(...)``, ``buffer.write(...)``."""
        frame = self.frame
        held = frame.env[base]
        if not isinstance(held, Items | Table) and not (isinstance(held, Bytes) and held.growing):
            return None
        given = [self.value(argument) for argument in node.args]
        first = given[0] if len(given) == 1 and not node.keywords else None
        if isinstance(held, Bytes) and name in ("write", "extend") and isinstance(first, Bytes):
            if held.sealed:
                held = frame.env[base] = Unknown(node)
            else:
                held.add(first)
        elif isinstance(held, Items) and name == "append" and first is not None:
            held.values.append(first)
        elif isinstance(held, Items) and name == "extend" and isinstance(first, Items):
            held.values += first.values
        elif isinstance(held, Table) and name == "update" and isinstance(first, Table):
            held.entries += first.entries
        elif name == "seek" and isinstance(held, Bytes):
            held.sealed = True
        elif name in ("get", "count", "index", "tell", "close", "flush", "keys", "values"):
            return self.unseen(node)
        else:
            held = frame.env[base] = Unknown(node)
        frame.trail.note(frame.here, base, held)
        return self.unseen(node)

    def _arguments(self, node: ast.Call, owner: Unit, function: Function) -> dict[str, Value] | None:
        """The parameters of a function of the project, bound."""
        names = [arg.arg for arg in [*function.args.posonlyargs, *function.args.args]]
        in_class = isinstance(owner.module.parent(function), ast.ClassDef)
        if in_class and not any(
            isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list
        ):
            names = names[1:]
        if function.args.vararg or function.args.kwarg or len(node.args) > len(names):
            return None
        given = {name: self.value(value) for name, value in zip(names, node.args, strict=False)}
        given.update({keyword.arg: self.value(keyword.value) for keyword in node.keywords if keyword.arg})
        defaults = function.args.defaults
        for name, default in zip(
            names[len(names) - len(defaults) :] if defaults else [], defaults, strict=True
        ):
            given.setdefault(
                name, self.value(default) if isinstance(default, ast.Constant) else Unknown(default)
            )
        for arg, fallback in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
            if fallback is not None:
                given.setdefault(arg.arg, self.value(fallback))
        return given

    def _encoded(self, node: ast.Call) -> Value:
        """``body, content_type = encode_multipart_formdata(fields)``."""
        fields = self.value(node.args[0])
        pairs = fields.entries if isinstance(fields, Table) else _pairs(fields)
        if pairs is None:
            return Unknown(node)
        pieces: list[Piece] = []
        for key, value in pairs:
            name, parts = known(key), value.values if isinstance(value, Items) else [value]
            content = parts[1] if len(parts) > 1 else parts[0]
            if name is None or not isinstance(content, Bytes):
                return Unknown(node)
            media = known(parts[2]) if len(parts) > 2 else None
            head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
            head += '; filename="x"' if len(parts) > 1 else ""
            head += f"\r\nContent-Type: {media}" if media is not None else ""
            pieces += [f"{head}\r\n\r\n", *content.pieces, "\r\n"]
        return Items([Bytes([*pieces, f"--{BOUNDARY}--\r\n"]), self.unseen(node)])


def _pairs(value: Value) -> list[tuple[Value, Value]] | None:
    if not isinstance(value, Items):
        return None
    pairs = [(v.values[0], v.values[1]) for v in value.values if isinstance(v, Items) and len(v.values) == 2]
    return pairs if len(pairs) == len(value.values) else None
