"""The modules of a project, and what a name in one of them means in another."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from share2post.semantics.flow import Binding, Flow, Kind, Scope, analyse
from share2post.semantics.module import Module, walk

_DEPTH = 24


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
            func = call.func
            name = (
                func.attr
                if isinstance(func, ast.Attribute)
                else func.id
                if isinstance(func, ast.Name)
                else ""
            )
            found.setdefault(name, []).append(call)
        return found

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
    or ``self.x = ...``, or the key of a dict entry.
    """

    unit: Unit
    value: ast.expr
    name: str
    holder: Binding | ast.stmt | ast.expr

    @property
    def place(self) -> str:
        """``file:line through NAME``, for messages."""
        return f"{self.unit.path}:{self.value.lineno} through {self.name}"


@dataclass(eq=False)
class World:
    """All modules that were read."""

    units: dict[str, Unit] = field(default_factory=dict)
    _definitions: dict[ast.expr, Definition | None] = field(default_factory=dict)
    _classes: dict[ast.expr, tuple[Unit, ast.ClassDef] | None] = field(default_factory=dict)

    def add(self, module: Module) -> Unit:
        """Take a parsed module into the project."""
        unit = self.units[module.path] = Unit(module)
        return unit

    # modules

    def imported(self, unit: Unit, dotted: str, level: int) -> Unit | None:
        """The module an import statement of ``unit`` names, if it was read."""
        for path in import_paths(unit.path, dotted, level):
            found = self.units.get(path)
            if found is not None:
                return found
        return None

    # names

    def qualified(self, unit: Unit, node: ast.expr, depth: int = 0) -> str | None:
        """What an expression is called outside the project: ``requests.post``, ``os.environ``.

        Follows imports, aliases and plain assignments; ``None`` where it is not a known import.
        """
        if depth > _DEPTH:
            return None
        if isinstance(node, ast.Attribute):
            owner = self.qualified(unit, node.value, depth + 1)
            return f"{owner}.{node.attr}" if owner is not None else self._through_module(unit, node, depth)
        if not isinstance(node, ast.Name):
            return None
        names = {self._binding_name(unit, binding, depth) for binding in unit.flow.reaching(node)}
        names.discard("None")
        if not names and not unit.flow.reaching(node):
            return f"builtins.{node.id}"
        return names.pop() if len(names) == 1 else None

    def _binding_name(self, unit: Unit, binding: Binding, depth: int) -> str | None:
        if binding.kind is Kind.ASSIGN and binding.value is not None:
            if isinstance(binding.value, ast.Constant) and binding.value.value is None:
                return "None"
            if isinstance(binding.value, ast.Name | ast.Attribute):
                return self.qualified(unit, binding.value, depth + 1)
            return None
        if binding.kind is not Kind.IMPORT or not isinstance(binding.node, ast.alias):
            return None
        alias = binding.node
        statement = unit.module.parent(alias)
        if isinstance(statement, ast.Import):
            return alias.name if alias.asname else alias.name.split(".")[0]
        if isinstance(statement, ast.ImportFrom):
            target = self.imported(unit, statement.module or "", statement.level)
            if target is not None:
                return self._exported(target, alias.name, depth)
            return f"{'.' * statement.level}{statement.module or ''}.{alias.name}"
        return None

    def named(self, unit: Unit, name: str) -> str | None:
        """What a module-level name is called outside the project."""
        return self._exported(unit, name, 0)

    def _exported(self, unit: Unit, name: str, depth: int) -> str | None:
        if depth > _DEPTH:  # modules that import the name from each other
            return None
        bindings = unit.flow.root.bindings.get(name, [])
        names = {self._binding_name(unit, binding, depth + 1) for binding in bindings} - {"None"}
        return names.pop() if len(names) == 1 else None

    def _through_module(self, unit: Unit, node: ast.Attribute, depth: int) -> str | None:
        module = self.module_value(unit, node.value)
        return self._exported(module, node.attr, depth) if module is not None else None

    def module_value(self, unit: Unit, node: ast.expr) -> Unit | None:
        """The project's module that an expression is, as ``config`` in ``config.URL``."""
        if isinstance(node, ast.Name):
            binding = unit.flow.only(node)
            if binding is None or not isinstance(binding.node, ast.alias):
                return None
            alias, statement = binding.node, unit.module.parent(binding.node)
            if isinstance(statement, ast.Import):
                return self.imported(unit, alias.name if alias.asname else alias.name.split(".")[0], 0)
            if isinstance(statement, ast.ImportFrom):
                base = f"{statement.module}." if statement.module else ""
                return self.imported(unit, f"{base}{alias.name}", statement.level)
        if isinstance(node, ast.Attribute):
            dotted = _dotted(node)
            if dotted is not None:
                return self.imported(unit, dotted, 0)
        return None

    # definitions

    def definition(self, unit: Unit, node: ast.expr, depth: int = 0) -> Definition | None:
        """The one definition behind a name, attribute or subscript; ``None`` where there is not just one."""
        if depth > _DEPTH:
            return None
        if node not in self._definitions:
            self._definitions[node] = None  # while it is looked for: a circle defines nothing
            self._definitions[node] = self._definition(unit, node, depth)
        return self._definitions[node]

    def _definition(self, unit: Unit, node: ast.expr, depth: int) -> Definition | None:
        if isinstance(node, ast.Name):
            binding = unit.flow.only(node)
            if binding is None and not unit.flow.reaching(node):
                return self.starred(unit, node.id, depth)
            return self.of_binding(unit, binding, depth) if binding is not None else None
        if isinstance(node, ast.Attribute):
            return self._attribute(unit, node, depth)
        if isinstance(node, ast.Subscript):
            return self._entry(unit, node, depth)
        return None

    def of_binding(self, unit: Unit, binding: Binding, depth: int = 0) -> Definition | None:
        """The definition a binding stands for, through imports of other modules of the project."""
        if binding.kind is Kind.ASSIGN and binding.value is not None:
            return Definition(unit, binding.value, binding.name, binding)
        if binding.kind is Kind.IMPORT and isinstance(binding.node, ast.alias):
            statement = unit.module.parent(binding.node)
            if isinstance(statement, ast.ImportFrom):
                target = self.imported(unit, statement.module or "", statement.level)
                if target is not None:
                    return self.exported(target, binding.node.name, depth + 1)
        return None

    def exported(self, unit: Unit, name: str, depth: int = 0) -> Definition | None:
        """The one definition of a module-level name."""
        bindings = unit.flow.root.bindings.get(name, [])
        if len(bindings) == 1 and depth <= _DEPTH:
            return self.of_binding(unit, bindings[0], depth + 1)
        if not bindings:
            return self.starred(unit, name, depth)
        return None

    def starred(self, unit: Unit, name: str, depth: int = 0) -> Definition | None:
        """The one definition of a name that only star imports can have brought."""
        if (
            name.startswith("_")
            or depth > _DEPTH
            or any(name in s.bindings for s in unit.flow.scopes.values())
        ):
            return None
        offered = [source for source in self._stars(unit) if _offers(source, name)]
        found = [self.exported(source, name, depth + 1) for source in offered]
        known = [definition for definition in found if definition is not None]
        return known[0] if len(found) == len(known) == 1 else None

    def _stars(self, unit: Unit) -> Iterator[Unit]:
        for statement in unit.module.tree.body:
            if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
                source = self.imported(unit, statement.module or "", statement.level)
                if source is not None:
                    yield source

    def _attribute(self, unit: Unit, node: ast.Attribute, depth: int) -> Definition | None:
        module = self.module_value(unit, node.value)
        if module is not None:
            return self.exported(module, node.attr, depth + 1)
        if node.attr == "value":  # Endpoints.UPLOAD.value
            inner = self.definition(unit, node.value, depth + 1)
            if inner is not None and isinstance(inner.holder, ast.stmt):
                return inner
        owner = self.class_behind(unit, node.value, depth + 1)
        return self.class_attribute(owner[0], owner[1], node.attr, depth) if owner is not None else None

    def class_behind(self, unit: Unit, node: ast.expr, depth: int = 0) -> tuple[Unit, ast.ClassDef] | None:
        """The project's class that an expression is, or is an instance of."""
        if depth > _DEPTH:
            return None
        if node not in self._classes:
            self._classes[node] = None
            self._classes[node] = self._class_behind(unit, node, depth)
        return self._classes[node]

    def _class_behind(self, unit: Unit, node: ast.expr, depth: int) -> tuple[Unit, ast.ClassDef] | None:
        if isinstance(node, ast.Name):
            owner = self._self_class(unit, node)
            if owner is not None:
                return unit, owner
            binding = unit.flow.only(node)
            return self._class_binding(unit, binding, depth) if binding is not None else None
        if isinstance(node, ast.Call):
            return self.class_behind(unit, node.func, depth + 1)
        if isinstance(node, ast.Attribute):
            module = self.module_value(unit, node.value)
            if module is not None:
                bindings = module.flow.root.bindings.get(node.attr, [])
                return self._class_binding(module, bindings[0], depth + 1) if len(bindings) == 1 else None
            found = self._attribute(unit, node, depth + 1)
            if found is not None:
                return self.class_behind(found.unit, found.value, depth + 1)
            holder = self.class_behind(unit, node.value, depth + 1)
            annotation = _field_annotation(holder[1], node.attr) if holder is not None else None
            if holder is not None and annotation is not None:
                return self.annotated(holder[0], annotation, depth + 1)
        return None

    def annotated(self, unit: Unit, node: ast.expr, depth: int = 0) -> tuple[Unit, ast.ClassDef] | None:
        """The project's class an annotation names: ``X``, ``"X"``, ``Optional[X]``, ``X | None``."""
        if isinstance(node, ast.Subscript):
            return self.annotated(unit, node.slice, depth + 1)
        if isinstance(node, ast.BinOp):
            return self.annotated(unit, node.left, depth + 1) or self.annotated(unit, node.right, depth + 1)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            bindings = unit.flow.root.bindings.get(node.value, [])
            return self._class_binding(unit, bindings[0], depth) if len(bindings) == 1 else None
        return (
            self.class_behind(unit, node, depth + 1) if isinstance(node, ast.Name | ast.Attribute) else None
        )

    def _class_binding(self, unit: Unit, binding: Binding, depth: int) -> tuple[Unit, ast.ClassDef] | None:
        if isinstance(binding.node, ast.ClassDef):
            return unit, binding.node
        if binding.kind is Kind.PARAMETER and isinstance(binding.node, ast.arg):
            annotation = binding.node.annotation
            return self.annotated(unit, annotation, depth + 1) if annotation is not None else None
        if binding.kind is Kind.IMPORT and isinstance(binding.node, ast.alias):
            statement = unit.module.parent(binding.node)
            if isinstance(statement, ast.ImportFrom):
                target = self.imported(unit, statement.module or "", statement.level)
                bindings = target.flow.root.bindings.get(binding.node.name, []) if target else []
                if target is not None and len(bindings) == 1:
                    return self._class_binding(target, bindings[0], depth + 1)
            return None
        if binding.kind in (Kind.ASSIGN, Kind.WITH) and isinstance(
            binding.value, ast.Call | ast.Name | ast.Attribute
        ):
            return self.class_behind(unit, binding.value, depth + 1)
        return None

    def _self_class(self, unit: Unit, node: ast.Name) -> ast.ClassDef | None:
        """The class of ``self`` (or ``cls``) where that is what the name is."""
        binding = unit.flow.only(node)
        if binding is None or binding.kind is not Kind.PARAMETER:
            return None
        function = binding.scope.node
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return None
        arguments = [*function.args.posonlyargs, *function.args.args]
        owner = unit.module.parent(function)
        if not isinstance(owner, ast.ClassDef) or not arguments or arguments[0] is not binding.node:
            return None
        static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)
        return None if static else owner

    def class_attribute(
        self, unit: Unit, owner: ast.ClassDef, name: str, depth: int = 0
    ) -> Definition | None:
        """The one value of an attribute: set on the class, or once on ``self``."""
        found = [
            Definition(unit, value, name, statement)
            for statement, value in attribute_values(unit, owner, name)
        ]
        if not found and depth <= _DEPTH:
            for base in owner.bases:
                parent = self.class_behind(unit, base, depth + 1)
                if parent is not None:
                    return self.class_attribute(parent[0], parent[1], name, depth + 1)
            return None
        if len(found) == 1 and isinstance(found[0].holder, ast.AnnAssign) and self._given(owner, name):
            return None
        return found[0] if len(found) == 1 else None

    def _given(self, owner: ast.ClassDef, name: str) -> bool:
        """Whether a field's default may be overridden where the class is made."""
        fields = [
            s.target.id for s in owner.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
        ]
        for unit in self.units.values():
            if name in unit.keywords:
                return True
            if owner.name in unit.words and name in fields:
                for call in unit.calls():
                    made = isinstance(call.func, ast.Name) and call.func.id == owner.name
                    made = made or (isinstance(call.func, ast.Attribute) and call.func.attr == owner.name)
                    if made and (
                        len(call.args) > fields.index(name) or any(k.arg is None for k in call.keywords)
                    ):
                        return True
        return False

    def _entry(self, unit: Unit, node: ast.Subscript, depth: int) -> Definition | None:
        if not isinstance(node.slice, ast.Constant):
            return None
        table = node.value
        definition = self.definition(unit, table, depth + 1)
        if definition is None or not isinstance(definition.value, ast.Dict):
            return None
        if isinstance(definition.holder, Binding) and mutated(definition.unit, definition.holder):
            return None
        hits = [
            (key, value)
            for key, value in zip(definition.value.keys, definition.value.values, strict=True)
            if isinstance(key, ast.Constant) and key.value == node.slice.value
        ]
        if len(hits) != 1 or any(key is None for key in definition.value.keys):
            return None
        key, value = hits[0]
        return Definition(definition.unit, value, f"{definition.name}[{node.slice.value!r}]", key)


def attribute_values(unit: Unit, owner: ast.ClassDef, name: str) -> list[tuple[ast.stmt, ast.expr]]:
    """Every value an attribute of a class is given in its body or, through ``self``, in its methods."""
    found: list[tuple[ast.stmt, ast.expr]] = []
    for statement in owner.body:
        value = _given(statement, lambda target: _names(target, name))
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


def _field_annotation(owner: ast.ClassDef, name: str) -> ast.expr | None:
    for statement in owner.body:
        if isinstance(statement, ast.AnnAssign) and _names(statement.target, name):
            return statement.annotation
    return None


def _offers(source: Unit, name: str) -> bool:
    """Whether a star import of a module may bring this name: ``__all__`` may say that it does not."""
    listed = [b.value for b in source.flow.root.bindings.get("__all__", [])]
    if len(listed) == 1 and isinstance(listed[0], ast.List | ast.Tuple):
        return any(isinstance(e, ast.Constant) and e.value == name for e in listed[0].elts)
    stars = any(isinstance(s, ast.ImportFrom) and s.names[0].name == "*" for s in source.module.tree.body)
    return stars or name in source.flow.root.bindings


def _names(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else None
    return None


def scope_of(unit: Unit, node: ast.AST) -> Scope:
    """The scope in which a node is evaluated."""
    for around in unit.module.ancestors(node):
        scope = unit.flow.scopes.get(around)
        if scope is not None:
            return scope
    return unit.flow.root
