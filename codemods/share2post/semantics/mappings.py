"""Dicts and lists of pairs as a program builds them: in one display, in steps, from others.

::

    params = {"access_token": token}      # the display
    params["open_id"] = open_id           # a step
    requests.post(url, params=params)     # the use asked about
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from share2post.semantics.flow import Binding, Kind
from share2post.semantics.values import Evaluator, returned
from share2post.semantics.world import Unit

_DEPTH = 6


@dataclass(eq=False)
class Entry:
    """One key and its value, and the statement that puts it there (``None``: inside the call itself).

    ``owner`` is the other mapping it is spread from, as in ``{**owner}``;
    ``options`` are the arguments beside the value, as in ``form.add_field(key, value, filename=...)``.
    """

    key: str
    value: ast.expr
    node: ast.AST
    unit: Unit
    statement: ast.stmt | None
    conditional: bool = False
    owner: ast.expr | None = None
    options: tuple[tuple[str, ast.expr], ...] = ()

    @property
    def paired(self) -> bool:
        """Whether it stands in a list of pairs, which has no keys to look it up by."""
        return isinstance(self.unit.module.parent(self.node), ast.Tuple | ast.List)


@dataclass(eq=False)
class Mapping:
    """What is known of a mapping: its entries, whether they are all, and what holds it.

    ``binding`` is the variable that holds it, ``statements`` the ones that build
    it, ``others`` the uses of that variable beside the one asked about. ``far``
    says that its values belong to another scope (a function's return, an attribute).
    ``beside`` are entries of the same variable that are read as something else: the
    fields of a form beside its file. ``form`` says that it is a form object, whose
    fields cannot be read again; ``raw`` that the program makes the form's bytes itself.
    """

    node: ast.expr
    entries: list[Entry] = field(default_factory=list)
    unknown: ast.AST | None = None
    binding: Binding | None = None
    statements: list[ast.stmt] = field(default_factory=list)
    others: list[ast.Name] = field(default_factory=list)
    far: bool = False
    beside: list[Entry] = field(default_factory=list)
    form: bool = False
    raw: bool = False

    def find(self, key: str) -> list[Entry]:
        """The entries of a key, in the order they are made."""
        return [entry for entry in self.entries if entry.key == key]


@dataclass(eq=False)
class Mappings:
    """Reads mappings."""

    evaluator: Evaluator

    def read(self, unit: Unit, node: ast.expr, use: ast.AST, depth: int = 0) -> Mapping:
        """What is known of the mapping an expression is, at the statement of ``use``."""
        if depth > _DEPTH:
            return Mapping(node, unknown=node)
        if isinstance(node, ast.Name):
            return self._variable(unit, node, use, depth)
        found = Mapping(node)
        self._display(found, unit, node, None, use, depth)
        return found

    def _display(
        self, found: Mapping, unit: Unit, node: ast.expr, statement: ast.stmt | None, use: ast.AST, depth: int
    ) -> None:
        match node:
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if key is None:
                        self._spread(found, unit, value, use, depth)
                    else:
                        self._entry(found, unit, key, value, statement)
            case ast.List() | ast.Tuple():
                for element in node.elts:
                    if isinstance(element, ast.Tuple | ast.List) and len(element.elts) == 2:
                        self._entry(found, unit, element.elts[0], element.elts[1], statement)
                    else:
                        found.unknown = element
            case ast.Call() if self.evaluator.world.qualified(unit, node.func) == "builtins.dict":
                for argument in node.args:
                    if isinstance(argument, ast.Name):
                        self._spread(found, unit, argument, use, depth)
                    else:
                        self._display(found, unit, argument, statement, use, depth + 1)
                for keyword in node.keywords:
                    if keyword.arg is None:
                        self._spread(found, unit, keyword.value, use, depth)
                    else:
                        found.entries.append(Entry(keyword.arg, keyword.value, keyword, unit, statement))
            case ast.Call() if self.evaluator.world.qualified(unit, node.func) in _FORMS:
                self._form(found, unit, node, statement, use, depth)
            case ast.BinOp(op=ast.BitOr()):
                self._spread(found, unit, node.left, use, depth)
                self._spread(found, unit, node.right, use, depth)
            case ast.Call():
                self._call(found, unit, node, use, depth)
            case ast.Attribute():
                self._attribute(found, unit, node, depth)
            case _:
                found.unknown = node

    def _form(
        self, found: Mapping, unit: Unit, node: ast.Call, statement: ast.stmt | None, use: ast.AST, depth: int
    ) -> None:
        """``aiohttp.FormData()``, ``aiohttp.FormData({...})``; ``add_field`` is a step."""
        found.form = True
        for argument in node.args[:1]:
            if isinstance(argument, ast.Name):
                self._spread(found, unit, argument, use, depth)
            else:
                self._display(found, unit, argument, statement, use, depth + 1)
        if len(node.args) > 1 or any(keyword.arg in (None, "fields") for keyword in node.keywords):
            found.unknown = node

    def _entry(
        self, found: Mapping, unit: Unit, key: ast.expr, value: ast.expr, statement: ast.stmt | None
    ) -> None:
        name = self.evaluator.text(unit, key)
        known = name.known if name is not None else None
        if known is None:
            found.unknown = key
        else:
            found.entries.append(Entry(known, value, key, unit, statement))

    def _spread(self, found: Mapping, unit: Unit, node: ast.expr, use: ast.AST, depth: int) -> None:
        """``**other``: its entries belong to it, and it stays as it is."""
        inner = self.read(unit, node, use, depth + 1)
        if not isinstance(node, ast.Dict):
            inner.entries = [replace(entry, owner=node, statement=None) for entry in inner.entries]
        found.entries += inner.entries
        found.unknown = found.unknown or inner.unknown
        found.far = found.far or not isinstance(node, ast.Dict)

    def _call(self, found: Mapping, unit: Unit, node: ast.Call, use: ast.AST, depth: int) -> None:
        """``auth_params(token)`` where the function only returns a dict."""
        callee = self.evaluator.callee(unit, node)
        value = returned(callee[1]) if callee is not None else None
        if callee is None or value is None:
            found.unknown = node
            return
        self._display(found, callee[0], value, None, use, depth + 1)
        found.far = True

    def _attribute(self, found: Mapping, unit: Unit, node: ast.Attribute, depth: int) -> None:
        definition = self.evaluator.world.definition(unit, node)
        if definition is None or not isinstance(definition.value, ast.Dict | ast.Call):
            found.unknown = node
            return
        for other in unit.attributes.get(node.attr, ()):
            parent = unit.module.parent(other)
            changed = isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load)
            if changed or (isinstance(parent, ast.Attribute) and parent.attr in _CHANGERS):
                found.unknown = other
        self._display(found, definition.unit, definition.value, None, definition.value, depth + 1)
        found.far = True

    # variables

    def _variable(self, unit: Unit, node: ast.Name, use: ast.AST, depth: int) -> Mapping:
        found = Mapping(node)
        binding = unit.flow.only(node)
        if binding is None:
            found.unknown = node
            return found
        if binding.kind is not Kind.ASSIGN or binding.value is None:
            definition = self.evaluator.world.of_binding(unit, binding)
            if definition is not None and binding.kind is Kind.IMPORT:
                self._display(found, definition.unit, definition.value, None, use, depth + 1)
                found.far = True
            else:
                found.unknown = node
            return found
        statement = unit.module.statement(binding.node)
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            found.unknown = node
            return found
        found.binding = binding
        found.statements.append(statement)
        if isinstance(binding.value, ast.Name):
            self._spread(found, unit, binding.value, use, depth)
            found.far = True
        else:
            self._display(found, unit, binding.value, statement, use, depth + 1)
        self._steps(found, unit, binding, node, use)
        return found

    def _steps(self, found: Mapping, unit: Unit, binding: Binding, node: ast.Name, use: ast.AST) -> None:
        call_line = unit.module.extent(use)[0]
        around = set(unit.module.ancestors(use))
        for other in sorted(binding.uses, key=lambda name: unit.module.extent(name)[0]):
            if other is node:
                continue
            step = self._step(found, unit, other)
            if step is None:
                found.others.append(other)
                if _may_change(unit, self.evaluator, other):
                    found.unknown = found.unknown or other
                continue
            if unit.module.extent(step)[0] > call_line:
                found.others.append(other)
                if _same_loop(unit, step, use):
                    found.unknown = found.unknown or other
                continue
            block = _block(unit, step)
            conditional = block not in around and block is not unit.module.parent(found.statements[0])
            for entry in self._step_entries(found, unit, step, use):
                entry.conditional = conditional
                found.entries.append(entry)
            found.statements.append(step)

    def _step(self, found: Mapping, unit: Unit, name: ast.Name) -> ast.stmt | None:
        """The statement ``name[key] = value`` or ``name.update(...)``, where the use is one."""
        parent = unit.module.parent(name)
        if isinstance(parent, ast.Subscript) and parent.value is name and isinstance(parent.ctx, ast.Store):
            statement = unit.module.statement(name)
            if isinstance(statement, ast.Assign) and statement.targets == [parent]:
                return statement
        if isinstance(parent, ast.Attribute) and parent.attr in (
            "update",
            "setdefault",
            "add_field",
            "add_fields",
        ):
            call = unit.module.parent(parent)
            statement = unit.module.statement(name)
            if isinstance(call, ast.Call) and isinstance(statement, ast.Expr) and statement.value is call:
                return statement
        return None

    def _step_entries(self, found: Mapping, unit: Unit, step: ast.stmt, use: ast.AST) -> list[Entry]:
        inner = Mapping(found.node)
        if isinstance(step, ast.Assign) and isinstance(step.targets[0], ast.Subscript):
            self._entry(inner, unit, step.targets[0].slice, step.value, step)
        elif isinstance(step, ast.Expr) and isinstance(step.value, ast.Call):
            call = step.value
            if isinstance(call.func, ast.Attribute) and call.func.attr in ("add_field", "add_fields"):
                self._added(inner, unit, call, step)
                found.unknown = found.unknown or inner.unknown
                return inner.entries
            setdefault = isinstance(call.func, ast.Attribute) and call.func.attr == "setdefault"
            if setdefault and len(call.args) == 2:
                self._entry(inner, unit, call.args[0], call.args[1], step)
            elif not setdefault:
                for argument in call.args:
                    if isinstance(argument, ast.Dict | ast.List | ast.Tuple):
                        self._display(inner, unit, argument, step, use, 0)
                    else:
                        self._spread(inner, unit, argument, use, 0)
                for keyword in call.keywords:
                    if keyword.arg is None:
                        self._spread(inner, unit, keyword.value, use, 0)
                    else:
                        inner.entries.append(Entry(keyword.arg, keyword.value, keyword, unit, step))
        found.unknown = found.unknown or inner.unknown
        found.far = found.far or inner.far
        return inner.entries

    def _added(self, inner: Mapping, unit: Unit, call: ast.Call, step: ast.stmt) -> None:
        """``form.add_field(key, value, filename=...)``, ``form.add_fields((key, value), ...)``."""
        stars = any(isinstance(a, ast.Starred) for a in call.args) or any(
            k.arg is None for k in call.keywords
        )
        if isinstance(call.func, ast.Attribute) and call.func.attr == "add_fields":
            self._display(inner, unit, ast.List(elts=call.args, ctx=ast.Load()), step, call, 0)
        else:
            named = {k.arg: k.value for k in call.keywords if k.arg is not None}
            given = {**dict(zip(("name", "value"), call.args, strict=False)), **named}
            name, value = given.pop("name", None), given.pop("value", None)
            if name is not None and value is not None:
                self._entry(inner, unit, name, value, step)
                inner.entries = [replace(entry, options=tuple(given.items())) for entry in inner.entries]
        if stars or not inner.entries:
            inner.unknown = inner.unknown or call


_FORMS = frozenset({"aiohttp.FormData", "aiohttp.formdata.FormData"})
_CHANGERS = frozenset({"update", "setdefault", "pop", "popitem", "clear", "append", "extend", "insert"})
_HARMLESS = frozenset(
    {"print", "len", "str", "repr", "list", "sorted", "dict", "bool", "tuple", "isinstance", "type"}
)
_READERS = frozenset({"get", "items", "keys", "values", "copy"})


def _may_change(unit: Unit, evaluator: Evaluator, name: ast.Name) -> bool:
    """Whether a use of a variable could change what it holds."""
    parent = unit.module.parent(name)
    if isinstance(parent, ast.Subscript) and parent.value is name:
        return not isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Attribute) and parent.value is name:
        return parent.attr not in _READERS
    if isinstance(parent, ast.keyword):
        call = unit.module.parent(parent)
        return not (isinstance(call, ast.Call) and _is_harmless(unit, evaluator, call))
    if isinstance(parent, ast.Call):
        return not _is_harmless(unit, evaluator, parent)
    return not isinstance(
        parent, ast.Compare | ast.FormattedValue | ast.If | ast.BoolOp | ast.UnaryOp | ast.Dict
    )


def _is_harmless(unit: Unit, evaluator: Evaluator, call: ast.Call) -> bool:
    name = evaluator.world.qualified(unit, call.func) or ""
    root, _, rest = name.partition(".")
    if root == "builtins":
        return rest in _HARMLESS
    if root in (
        "requests",
        "httpx",
        "aiohttp",
        "niquests",
        "urllib3",
        "requests_toolbelt",
        "logging",
        "json",
        "pprint",
    ):
        return True
    attr = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return attr in (
        "debug",
        "info",
        "warning",
        "error",
        "exception",
        "log",
        "critical",
        "post",
        "get",
        "request",
    )


def _same_loop(unit: Unit, one: ast.AST, other: ast.AST) -> bool:
    loops = {n for n in unit.module.ancestors(one) if isinstance(n, ast.For | ast.While | ast.AsyncFor)}
    return any(n in loops for n in unit.module.ancestors(other))


def _block(unit: Unit, statement: ast.stmt) -> ast.AST | None:
    """The block a statement stands in; the body of a with that opens a file always runs."""
    holder = unit.module.parent(statement)
    while isinstance(holder, ast.With | ast.AsyncWith) and all(
        _opens(item.context_expr) for item in holder.items
    ):
        holder = unit.module.parent(holder)
    return holder


def _opens(node: ast.expr) -> bool:
    name = node.func if isinstance(node, ast.Call) else None
    return (
        isinstance(name, ast.Attribute)
        and name.attr == "open"
        or isinstance(name, ast.Name)
        and name.id == "open"
    )
