"""The modules of a project, and what a name in one of them means in another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from share2post.semantics import frameworks, records, tables
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.module import Module
from share2post.semantics.units import (
    Definition,
    Unit,
    attribute_values,
    dotted_name,
    field_annotation,
    import_paths,
    is_name,
    mutated,
    offers,
    only_typed,
    scope_of,
)

__all__ = [
    "Definition",
    "Unit",
    "World",
    "attribute_values",
    "import_paths",
    "is_name",
    "mutated",
    "scope_of",
]

_DEPTH = 24


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
            return self._module_binding(unit, binding, 0) if binding is not None else None
        if isinstance(node, ast.Attribute):
            dotted = dotted_name(node)
            if dotted is None:
                return None
            found = self.imported(unit, dotted, 0)
            package = self.module_value(unit, node.value) if found is None else None
            return self._module_in(package, node.attr, 0) if package is not None else found
        return None

    def _module_binding(self, unit: Unit, binding: Binding, depth: int) -> Unit | None:
        alias, statement = binding.node, unit.module.parent(binding.node)
        if not isinstance(alias, ast.alias) or only_typed(unit, alias):
            return None
        if isinstance(statement, ast.Import):
            return self.imported(unit, alias.name if alias.asname else alias.name.split(".")[0], 0)
        if isinstance(statement, ast.ImportFrom):
            base = f"{statement.module}." if statement.module else ""
            found = self.imported(unit, f"{base}{alias.name}", statement.level)
            package = self.imported(unit, statement.module or "", statement.level) if found is None else None
            return self._module_in(package, alias.name, depth) if package is not None else found
        return None

    def _module_in(self, package: Unit, name: str, depth: int) -> Unit | None:
        """The module that a package hands on under this name."""
        bindings = package.flow.exports(name)
        if len(bindings) != 1 or depth > _DEPTH:
            return None
        return self._module_binding(package, next(iter(bindings)), depth + 1)

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
            return tables.entry(self, unit, node, depth) or records.member(self, unit, node, depth)
        if isinstance(node, ast.Call):
            return tables.entry(self, unit, node, depth) or records.got(self, unit, node, depth)
        return None

    def resolved(self, unit: Unit, node: ast.expr, depth: int = 0) -> Definition | None:
        """The definition behind a name, and behind the names it was made from."""
        found = self.definition(unit, node, depth)
        while found is not None and isinstance(found.value, ast.Name | ast.Attribute | ast.Subscript):
            further = self.definition(found.unit, found.value, depth + 1)
            if further is None or further.value is found.value:
                break
            found, depth = replace(further, hops=(*further.hops, found.place, *found.hops)), depth + 1
            if depth > _DEPTH:
                return None
        return found

    def choices(self, unit: Unit, node: ast.expr | Binding, depth: int = 0) -> list[Definition]:
        """Every definition a name of another module may have, where that is not just one; empty where unknown."""
        if isinstance(node, Binding):
            alias, statement = node.node, unit.module.parent(node.node)
            if not isinstance(alias, ast.alias) or not isinstance(statement, ast.ImportFrom):
                return []
            if only_typed(unit, alias):
                return []
            target, name = self.imported(unit, statement.module or "", statement.level), alias.name
        elif isinstance(node, ast.Attribute):
            target, name = self.module_value(unit, node.value), node.attr
        else:
            return []
        if target is None or depth > _DEPTH or records.is_set(self, target, name):
            return []
        bindings = sorted(target.flow.exports(name), key=lambda b: getattr(b.node, "lineno", 0))
        found: list[Definition] = []
        for binding in bindings:
            one = self.of_binding(target, binding, depth + 1)
            more = [one] if one is not None else self.choices(target, binding, depth + 1)
            if not more:
                return []
            found += more
        return found

    def of_binding(self, unit: Unit, binding: Binding, depth: int = 0) -> Definition | None:
        """The definition a binding stands for, through imports of other modules of the project."""
        if binding.kind is Kind.ASSIGN and binding.value is not None:
            return Definition(unit, binding.value, binding.name, binding)
        if binding.kind is Kind.IMPORT and isinstance(binding.node, ast.alias):
            statement = unit.module.parent(binding.node)
            if isinstance(statement, ast.ImportFrom) and not only_typed(unit, binding.node):
                target = self.imported(unit, statement.module or "", statement.level)
                if target is not None:
                    return self.exported(target, binding.node.name, depth + 1)
        return None

    def exported(self, unit: Unit, name: str, depth: int = 0) -> Definition | None:
        """The one definition of a module-level name, as other modules see it."""
        if depth > _DEPTH:
            return None
        bindings = unit.flow.exports(name)
        if len(bindings) == 1:
            binding = next(iter(bindings))
            found = self.of_binding(unit, binding, depth + 1)
            if found is None or binding.kind is not Kind.IMPORT:
                return None if found is None or records.is_set(self, unit, name) else found
            return found.handed_on(unit, binding.node, name)
        return None if bindings else self.starred(unit, name, depth)

    def starred(self, unit: Unit, name: str, depth: int = 0) -> Definition | None:
        """The one definition of a name that only star imports can have brought."""
        if (
            name.startswith("_")
            or depth > _DEPTH
            or any(name in s.bindings for s in unit.flow.scopes.values())
        ):
            return None
        offered = [source for source in self._stars(unit) if offers(source, name)]
        found = [self.exported(source, name, depth + 1) for source in dict.fromkeys(offered)]
        known = [definition for definition in found if definition is not None]
        return known[0] if len(found) == len(known) == 1 else None

    def starred_anyhow(self, unit: Unit, name: str) -> bool:
        """Whether a star import brings the name, whatever it stands for there."""
        return any(offers(source, name) and source.flow.exports(name) for source in self._stars(unit))

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
        found = records.given(self, unit, node, depth) or frameworks.setting(self, unit, node)
        if found is not None:
            return found
        owner = self.class_behind(unit, node.value, depth + 1)
        if owner is None or (
            self.is_inexact(unit, node.value) and records.is_overridden(self, owner[1], node.attr)
        ):
            return None
        return self.class_attribute(owner[0], owner[1], node.attr, depth)

    def is_inexact(self, unit: Unit, node: ast.expr) -> bool:
        """Whether an object may be of a subclass of the class that is known: ``self``, a parameter."""
        while isinstance(node, ast.Attribute):
            node = node.value
        binding = unit.flow.only(node) if isinstance(node, ast.Name) else None
        return binding is not None and binding.kind is Kind.PARAMETER

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
            made = records.result(self, unit, node, depth)
            return made if made is not None else self.class_behind(unit, node.func, depth + 1)
        if isinstance(node, ast.Subscript):
            entry = self.definition(unit, node, depth + 1)
            return self.class_behind(entry.unit, entry.value, depth + 1) if entry is not None else None
        if isinstance(node, ast.Attribute):
            module = self.module_value(unit, node.value)
            if module is not None:
                bindings = module.flow.exports(node.attr)
                return (
                    self._class_binding(module, next(iter(bindings)), depth + 1)
                    if len(bindings) == 1
                    else None
                )
            found = self._attribute(unit, node, depth + 1)
            if found is not None:
                return self.class_behind(found.unit, found.value, depth + 1)
            holder = self.class_behind(unit, node.value, depth + 1)
            if holder is None:
                return None
            nested = [s for s in holder[1].body if isinstance(s, ast.ClassDef) and s.name == node.attr]
            if len(nested) == 1 and not attribute_values(holder[0], holder[1], node.attr):
                return holder[0], nested[0]
            annotation = field_annotation(holder[1], node.attr)
            if annotation is not None:
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
                bindings = target.flow.exports(binding.node.name) if target else frozenset()
                if target is not None and len(bindings) == 1 and depth <= _DEPTH:
                    return self._class_binding(target, next(iter(bindings)), depth + 1)
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
        if len(found) != 1 or records.is_set_on(self, unit, owner, name):
            return None
        only = records.default(self, found[0])
        if only is None or (records.is_field(self, found[0]) and records.is_given(self, owner, name)):
            return None
        return only

    def is_or_may_be(self, unit: Unit, node: ast.expr, definition: Definition) -> bool:
        """Whether an expression is what a definition defines, as far as can be told."""
        if isinstance(node, ast.Name):
            bindings = unit.flow.reaching(node)
            if not bindings:
                return unit is definition.unit or self.starred(unit, node.id) is not None
            if definition.holder in bindings:
                return True
            found = [self.of_binding(unit, binding) for binding in bindings if binding.kind is Kind.IMPORT]
            return any(f is not None and f.value is definition.value for f in found)
        other = self.definition(unit, node)
        return other is None or other.value is definition.value
