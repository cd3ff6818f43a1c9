"""What nothing uses any more once the uploads have moved: names, constants, entries, imports.

Worked out for all uploads of a project together, since two of them may share a
constant; sites that only together leave it dead are applied together.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from share2post import tiktok
from share2post.rules.moving import Mover, delete_statement, mend_blocks, remove_element
from share2post.rules.unmissed import gives_parts, is_unmissed
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.uses import Uses, uses_of
from share2post.semantics.values import Evaluator, Text
from share2post.semantics.world import Definition, Unit
from share2post.sites import Draft

_PASSES = 8
_STANDARD = (
    "functools", "urllib.parse", "os", "os.path", "math", "mimetypes", "io", "uuid", "email.generator",
    "urllib3.filepost",
    "requests_toolbelt", "requests_toolbelt.multipart", "requests_toolbelt.multipart.encoder",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Swept:
    """One rewritten upload: its changes, what it kept, and the URL it left."""

    draft: Draft
    mover: Mover
    text: Text

    def gone(self) -> Iterator[ast.AST]:
        """Every name, attribute and statement inside a stretch that was replaced and not carried over."""
        for unit in {change.unit for change in self.draft.changes}:
            stretches = [(c.start, c.end) for c in self.draft.changes if c.unit is unit and c.end > c.start]
            for node in ast.walk(unit.module.tree):
                if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.stmt):
                    start, end = unit.module.extent(node)
                    if node not in self.mover.kept and any(
                        low <= start and end <= high for low, high in stretches
                    ):
                        yield node


@dataclass(eq=False)
class Sweep:
    """Removes what a set of uploads, applied together, leaves dead."""

    evaluator: Evaluator
    works: list[Swept]

    def run(self) -> None:
        """Remove dead assignments until there are none, then dead pieces of URLs, then dead imports."""
        units = {work.mover.unit for work in self.works}
        for _ in range(_PASSES):
            gone = self._gone()
            removed = [self._assignment(unit, binding, gone) for unit in units for binding in _assigned(unit)]
            removed += [self._unpacking(unit, gone) for unit in units]
            if not any(removed):
                break
        for work in self.works:
            for definition in reversed(work.text.through):
                self._definition(work, definition, self._gone())
        for work in self.works:
            for unit in {change.unit for change in work.draft.changes}:
                mend_blocks(work.draft, unit, work.mover.is_pure)
        gone = self._gone()
        for unit in units:
            for bindings in unit.flow.root.bindings.values():
                for binding in bindings:
                    self._import(unit, binding, gone)

    def _gone(self) -> dict[ast.AST, Draft]:
        return {node: work.draft for work in self.works for node in work.gone()}

    def _owner(self, nodes: list[ast.AST], gone: dict[ast.AST, Draft]) -> Draft | None:
        """The site that removes what these nodes used, joined with the others it takes; None: still in use."""
        if not nodes or not all(node in gone for node in nodes):
            return None
        owners = list(dict.fromkeys(gone[node] for node in nodes))
        owners[0].partners += [draft for draft in owners[1:] if draft not in owners[0].partners]
        return owners[0]

    # assignments

    def _assignment(self, unit: Unit, binding: Binding, gone: dict[ast.AST, Draft]) -> bool:
        statement = unit.module.statement(binding.node)
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        plain = isinstance(statement, ast.AnnAssign | ast.AugAssign)
        plain = plain or (len(targets) == 1 and targets[0] is binding.node)
        if not plain or statement in gone or binding.value is None:
            return False
        owner = self._owner(list(binding.uses), gone)
        if owner is None or not self._may_go(unit, binding, statement, binding.value):
            return False
        delete_statement(owner, unit, statement, [])
        return True

    def _unpacking(self, unit: Unit, gone: dict[ast.AST, Draft]) -> bool:
        """``kind, encoding = mimetypes.guess_type(path)``, where none of the names is used any more."""
        mover = next(work.mover for work in self.works if work.mover.unit is unit)
        targets: dict[ast.stmt, list[Binding]] = {}
        for binding in _bindings(unit):
            if binding.kind is Kind.UNPACK:
                targets.setdefault(unit.module.statement(binding.node), []).append(binding)
        done = False
        for statement, bindings in targets.items():
            value = statement.value if isinstance(statement, ast.Assign) else None
            uses = [use for binding in bindings for use in binding.uses]
            local = all(binding.scope is not unit.flow.root for binding in bindings)
            if value is None or statement in gone or not local or not gives_parts(mover, unit, value):
                continue
            owner = self._owner(list[ast.AST](uses), gone)
            if owner is not None:
                delete_statement(owner, unit, statement, [])
                done = True
        return done

    def _may_go(self, unit: Unit, binding: Binding, statement: ast.stmt, value: ast.expr) -> bool:
        mover = next(work.mover for work in self.works if work.mover.unit is unit)
        piece = any(value is definition.value for work in self.works for definition in work.text.through)
        piece = piece or self._made_of_url(unit, binding, 0)
        if not (piece and mover.is_pure(unit, value)) and not is_unmissed(mover, unit, statement, value):
            return False
        if unit.module.parent(statement) is not unit.module.tree:
            return True
        uses = uses_of(self.evaluator.world, Definition(unit, value, binding.name, binding))
        if uses.hidden or uses.imports or any(other is not unit for other, _ in uses.loads):
            return False
        claimed = {leaf for work in self.works for leaf in work.draft.claimed}
        ours = any(part in claimed for part in ast.walk(value))
        return ours or isinstance(value, ast.Dict) or not binding.name.isupper()

    def _made_of_url(self, unit: Unit, binding: Binding, depth: int) -> bool:
        """Whether a value is a step of the URL: ``url += "?open_id=" + open_id``."""
        claimed = {leaf for work in self.works for leaf in work.draft.claimed}
        if depth > _PASSES or binding.value is None:
            return False
        names = [part for part in ast.walk(binding.value) if isinstance(part, ast.Name)]
        if binding.kind is Kind.AUGMENT and isinstance(binding.node, ast.Name):
            names.append(binding.node)
        if any(part in claimed for part in ast.walk(binding.value)):
            return True
        before = {other for name in names for other in unit.flow.reaching(name) if other.name == binding.name}
        return any(self._made_of_url(unit, other, depth + 1) for other in before if other is not binding)

    # pieces of the URL

    def _definition(self, work: Swept, definition: Definition, gone: dict[ast.AST, Draft]) -> None:
        """A constant (here or in another module) that held a piece of the old URL; functions stay."""
        if isinstance(definition.holder, ast.FunctionDef | ast.AsyncFunctionDef):
            return
        parts = set(ast.walk(definition.value))
        leaves = [leaf for _, leaf in work.text.leaves if leaf in parts]
        legacy = any(tiktok.LEGACY_PATH.strip("/") in str(leaf.value) for leaf in leaves)
        legacy = legacy or (definition.value in leaves and self._is_class_constant(definition))
        uses = uses_of(self.evaluator.world, definition)
        owner = self._owner([node for _, node in uses.loads], gone)
        if not legacy or uses.hidden or owner is None or self._rewritten(definition):
            return
        if self._delete(owner, definition):
            self._forget(owner, uses)

    def _is_class_constant(self, definition: Definition) -> bool:
        """``BASE = "https://..."`` in a plain class: no model, Enum or dataclass, whose attributes are fields."""
        unit, holder = definition.unit, definition.holder
        owner = unit.module.parent(holder) if isinstance(holder, ast.Assign) else None
        if not isinstance(owner, ast.ClassDef) or owner.decorator_list or owner.keywords:
            return False
        known = [self.evaluator.world.qualified(unit, base) for base in owner.bases]
        return all(base in ("abc.ABC", "builtins.object") for base in known)

    def _rewritten(self, definition: Definition) -> bool:
        start, end = definition.unit.module.extent(definition.value)
        changes = [c for work in self.works for c in work.draft.changes if c.unit is definition.unit]
        return any(c.start <= start and end <= c.end for c in changes)

    def _delete(self, draft: Draft, definition: Definition) -> bool:
        unit, holder = definition.unit, definition.holder
        if isinstance(holder, Binding):
            statement = unit.module.statement(holder.node)
            if (
                not isinstance(statement, ast.Assign | ast.AnnAssign)
                or statement.value is not definition.value
            ):
                return False
            delete_statement(draft, unit, statement, [])
        elif isinstance(holder, ast.stmt):
            owner = unit.module.parent(holder)
            field = isinstance(holder, ast.AnnAssign) and isinstance(owner, ast.ClassDef)
            if field or len(getattr(owner, "body", [])) < 2:
                return False  # what makes the object, or takes it apart, may count its fields
            delete_statement(draft, unit, holder, [])
        else:
            table = unit.module.parent(holder)
            if not isinstance(table, ast.Dict) or len(table.keys) < 2:
                return False
            index = table.keys.index(holder)
            remove_element(draft, unit, holder, definition.value, table, index, len(table.keys))
        return True

    def _forget(self, draft: Draft, uses: Uses) -> None:
        for unit, alias in uses.imports:
            drop_alias(draft, unit, alias)

    # imports

    def _import(self, unit: Unit, binding: Binding, gone: dict[ast.AST, Draft]) -> None:
        """An import of the standard library that only the old request needed."""
        alias = binding.node
        if binding.kind is not Kind.IMPORT or not isinstance(alias, ast.alias):
            return
        statement = unit.module.parent(alias)
        source = statement.module if isinstance(statement, ast.ImportFrom) else alias.name
        sources = {source, f"{source}.{alias.name}"} if isinstance(statement, ast.ImportFrom) else {source}
        owner = self._owner(_uses_of_import(unit, binding, alias), gone)
        if owner is None or not sources & {*_STANDARD} or statement in gone or binding.name in unit.strings:
            return
        if any(sources & work.draft.needs for work in self.works):
            return
        abroad = uses_of(self.evaluator.world, Definition(unit, ast.Constant(None), binding.name, binding))
        if not unit.path.endswith("__init__.py") and not abroad.imports:
            drop_alias(owner, unit, alias)


def _uses_of_import(unit: Unit, binding: Binding, alias: ast.alias) -> list[ast.AST]:
    """The uses of an import; of ``import urllib.parse`` those that name ``urllib.parse``."""
    if "." not in alias.name or alias.asname is not None:
        return list(binding.uses)
    found: list[ast.AST] = []
    for use in binding.uses:
        chain, node = use.id, unit.module.parent(use)
        while isinstance(node, ast.Attribute) and chain != alias.name:
            chain, node = f"{chain}.{node.attr}", unit.module.parent(node)
        if chain == alias.name:
            found.append(use)
    return found


def _assigned(unit: Unit) -> list[Binding]:
    """The names a module's functions and the module itself assign plainly."""
    return [b for b in _bindings(unit) if b.kind in (Kind.ASSIGN, Kind.AUGMENT) and b.uses]


def _bindings(unit: Unit) -> list[Binding]:
    scopes = [scope for scope in unit.flow.scopes.values() if not isinstance(scope.node, ast.ClassDef)]
    return [b for scope in scopes for found in scope.bindings.values() for b in found]


def drop_alias(draft: Draft, unit: Unit, alias: ast.alias) -> None:
    """Take one name out of an import, or the import where it brings nothing else."""
    statement = unit.module.parent(alias)
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        return
    draft.unimported.append(alias)
    kept = [name for name in statement.names if name not in draft.unimported]
    start, end = unit.module.extent(statement)
    if len(statement.names) - len(kept) > 1:
        draft.changes = [c for c in draft.changes if c.unit is not unit or c.start < start or c.end > end]
    if not kept:
        delete_statement(draft, unit, statement, [])
    elif len(statement.names) - len(kept) > 1:
        first, last = unit.module.extent(statement.names[0])[0], unit.module.extent(statement.names[-1])[1]
        draft.replace(unit, first, last, ", ".join(unit.module.source(name) for name in kept))
    else:
        index = statement.names.index(alias)
        remove_element(draft, unit, alias, alias, statement, index, len(statement.names))
