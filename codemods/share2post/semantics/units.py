"""One module of the project as the rules see it, and what defines a name in it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from share2post.semantics.flow import Binding, Flow, Kind, Scope, analyse
from share2post.semantics.module import Module, last_name, walk


@dataclass(eq=False)
class Unit:
    """One module of the project, with its def-use relation made when first asked for."""

    module: Module

    @property
    def path(self) -> str:
        """The file's path relative to the project root."""
        return self.module.path

    @cached_property
    def flow(self) -> Flow:
        """The def-use relation of this module."""
        return analyse(self.module)

    @cached_property
    def attributes(self) -> dict[str, list[ast.Attribute]]:
        """Every ``x.name`` of the module, by name."""
        found: dict[str, list[ast.Attribute]] = {}
        for node in walk(self.module.tree):
            if isinstance(node, ast.Attribute):
                found.setdefault(node.attr, []).append(node)
        return found

    @cached_property
    def words(self) -> frozenset[str]:
        """Every identifier of the module: what a fresh name must not be."""
        found: set[str] = set()
        for node in walk(self.module.tree):
            match node:
                case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                    found.add(name)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    found.add(name)
                case ast.alias(name=name, asname=asname):
                    found.update(name.split("."))
                    found.add(asname or name)
                case ast.Global(names=names) | ast.Nonlocal(names=names):
                    found.update(names)
                case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                    found.add(name)
                case ast.keyword(arg=str(name)):
                    found.add(name)
        return frozenset(found)

    @cached_property
    def strings(self) -> frozenset[str]:
        """Every string constant of the module."""
        return frozenset(
            node.value
            for node in walk(self.module.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )

    @cached_property
    def keywords(self) -> frozenset[str]:
        """Every keyword argument's name."""
        return frozenset(
            node.arg
            for node in walk(self.module.tree)
            if isinstance(node, ast.keyword) and node.arg is not None
        )

    @cached_property
    def _calls(self) -> tuple[ast.Call, ...]:
        return tuple(node for node in walk(self.module.tree) if isinstance(node, ast.Call))

    def calls(self) -> Iterator[ast.Call]:
        """Every call, in source order."""
        return iter(self._calls)

    @cached_property
    def calls_by_name(self) -> dict[str, list[ast.Call]]:
        """Every call, by the last name of what it calls."""
        found: dict[str, list[ast.Call]] = {}
        for call in self._calls:
            found.setdefault(last_name(call.func), []).append(call)
        return found

    @cached_property
    def classes(self) -> tuple[ast.ClassDef, ...]:
        """Every class."""
        return tuple(node for node in walk(self.module.tree) if isinstance(node, ast.ClassDef))

    @cached_property
    def table_changes(self) -> tuple[ast.expr, ...]:
        """Everything that is changed in place, as a dict is: ``x`` of ``x[k] = v``, ``del x[k]``, ``x.update(v)``."""
        found: list[ast.expr] = []
        for node in walk(self.module.tree):
            changes = isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)
            mutates = isinstance(node, ast.Attribute) and node.attr in MUTATORS
            if isinstance(node, ast.Subscript | ast.Attribute) and (changes or mutates):
                found.append(node.value)
            elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.BitOr):
                found.append(node.target)
        return tuple(found)

    @cached_property
    def changing_functions(self) -> frozenset[str]:
        """The functions that change something they are given, as a dict is changed."""
        found = set()
        for node in self.table_changes:
            root: ast.AST = node
            while isinstance(root, ast.Subscript | ast.Attribute | ast.Call):
                root = root.func if isinstance(root, ast.Call) else root.value
            binding = self.flow.only(root) if isinstance(root, ast.Name) else None
            function = self.function_of(node)
            if function is not None and binding is not None and binding.kind is Kind.PARAMETER:
                found.add(function.name)
        return frozenset(found)

    @cached_property
    def aliases(self) -> dict[str, list[str]]:
        """What imported names are called here, where that is another name."""
        found: dict[str, list[str]] = {}
        for node in walk(self.module.tree):
            if isinstance(node, ast.alias) and node.asname:
                found.setdefault(node.name.rpartition(".")[2], []).append(node.asname)
        return found

    def function_of(self, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The function whose body holds this node."""
        for around in self.module.ancestors(node):
            if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
                return around
        return None

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """The class whose method (or body) holds this node."""
        for around in self.module.ancestors(node):
            if isinstance(around, ast.ClassDef):
                return around
        return None


@dataclass(eq=False)
class Definition:
    """Where a name, an attribute or a dict entry gets its one value.

    ``holder`` is what binds it: a Binding, the statement of a class attribute
    or ``self.x = ...``, the key of a dict entry, the argument that gives a field
    its value, or the function that returns it. ``hops`` are the modules that hand
    the name on, the first one first.
    """

    unit: Unit
    value: ast.expr
    name: str
    holder: Binding | ast.stmt | ast.expr
    hops: tuple[str, ...] = ()
    chosen_by: str = ""  # the environment variable that chooses this definition among others unseen

    @property
    def place(self) -> str:
        """``file:line through NAME``, for messages."""
        return f"{self.unit.path}:{self.value.lineno} through {self.name}"

    @property
    def links(self) -> tuple[str, ...]:
        """Every place on the way from the value to where it is used."""
        return (self.place, *self.hops)

    def handed_on(self, unit: Unit, node: ast.AST, name: str) -> Definition:
        """The same, through one more module that imports it and is imported for it."""
        line = unit.module.placed(node).lineno
        return replace(self, hops=(*self.hops, f"{unit.path}:{line} through {name}"))


def attribute_values(unit: Unit, owner: ast.ClassDef, name: str) -> list[tuple[ast.stmt, ast.expr]]:
    """Every value an attribute of a class is given in its body or, through ``self``, in its methods."""
    found: list[tuple[ast.stmt, ast.expr]] = []
    for statement in owner.body:
        value = _given(statement, lambda target: is_name(target, name))
        if value is not None:
            found.append((statement, value))
    for attribute in unit.attributes.get(name, ()):
        if isinstance(attribute.ctx, ast.Load) or unit.class_of(attribute) is not owner:
            continue
        statement = unit.module.statement(attribute)
        value = _given(statement, {attribute}.__contains__)
        if value is not None:
            found.append((statement, value))
        else:  # augmented, deleted, unpacked: more than one value as far as we know
            found.extend([(statement, attribute), (statement, attribute)])
    return found


def _given(statement: ast.stmt, wanted: Callable[[ast.expr], object]) -> ast.expr | None:
    """The value a statement assigns to a target of this kind."""
    if isinstance(statement, ast.Assign) and any(wanted(target) for target in statement.targets):
        return statement.value
    if isinstance(statement, ast.AnnAssign) and wanted(statement.target):
        return statement.value
    return None


def mutated(unit: Unit, binding: Binding) -> bool:
    """Whether a name's dict or list is changed in place anywhere."""
    for use in binding.uses:
        parent = unit.module.parent(use)
        if isinstance(parent, ast.Subscript) and parent.value is use and not isinstance(parent.ctx, ast.Load):
            return True
        if isinstance(parent, ast.Attribute) and parent.attr in MUTATORS:
            return True
        if isinstance(parent, ast.AugAssign):
            return True
    return False


MUTATORS = frozenset(
    {"update", "setdefault", "pop", "popitem", "clear", "append", "extend", "insert", "remove"}
)


def import_paths(path: str, dotted: str, level: int) -> list[str]:
    """The files an import may mean, nearest first, relative to the project root."""
    folders = path.split("/")[:-1]
    parts = dotted.split(".") if dotted else []
    if level:
        base = folders[: len(folders) - (level - 1)] if level > 1 else folders
        return _files([*base, *parts])
    found: list[str] = []
    for depth in range(len(folders), -1, -1):
        found += _files([*folders[:depth], *parts])
        found += _files([*folders[:depth], "src", *parts])
    return found


def _files(parts: list[str]) -> list[str]:
    stem = "/".join(parts)
    if not stem:
        return ["__init__.py"]
    return [f"{stem}.py", f"{stem}/__init__.py"]


def field_annotation(owner: ast.ClassDef, name: str) -> ast.expr | None:
    """The annotation a class gives a field."""
    for statement in owner.body:
        if isinstance(statement, ast.AnnAssign) and is_name(statement.target, name):
            return statement.annotation
    return None


def offers(source: Unit, name: str) -> bool:
    """Whether a star import of a module may bring this name: ``__all__`` may say that it does not."""
    listed = [b.value for b in source.flow.root.bindings.get("__all__", [])]
    if len(listed) == 1 and isinstance(listed[0], ast.List | ast.Tuple):
        return any(isinstance(e, ast.Constant) and e.value == name for e in listed[0].elts)
    stars = any(isinstance(s, ast.ImportFrom) and s.names[0].name == "*" for s in source.module.tree.body)
    return stars or name in source.flow.root.bindings


def is_name(target: ast.expr, name: str) -> bool:
    """Whether an expression is just this name."""
    return isinstance(target, ast.Name) and target.id == name


def dotted_name(node: ast.expr) -> str | None:
    """``a.b.c`` as it is spelled, where that is all an expression is."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted_name(node.value)
        return f"{owner}.{node.attr}" if owner else None
    return None


def only_typed(unit: Unit, node: ast.AST) -> bool:
    """Whether something is imported for the type checker alone: under ``if TYPE_CHECKING:``."""
    inside = node
    for around in unit.module.ancestors(node):
        if isinstance(around, ast.If) and (dotted_name(around.test) or "").endswith("TYPE_CHECKING"):
            return inside in around.body
        inside = around
    return False


def scope_of(unit: Unit, node: ast.AST) -> Scope:
    """The scope in which a node is evaluated."""
    for around in unit.module.ancestors(node):
        scope = unit.flow.scopes.get(around)
        if scope is not None:
            return scope
    return unit.flow.root
