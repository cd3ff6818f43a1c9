"""Where a tracked value is kept: names, tuples, attributes."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.reading.keys import arms_of, body_of, core_of, is_empty, is_self
from share2post.semantics.reading.tracked import MODELS, OPAQUE, Variable, What
from share2post.semantics.relatives import related
from share2post.semantics.world import Unit, attribute_values

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


@dataclass(eq=False)
class Stores:
    """Where a tracked value is kept: names, tuples, attributes."""

    reader: Reader

    def target(
        self, unit: Unit, node: ast.expr, target: ast.expr, what: What, held: Variable | None = None
    ) -> None:
        """``target = node``; ``held`` is what already keeps account of the reads, where something does."""
        if isinstance(target, ast.Name):
            self.bound(unit, node, target, what, held)
            return
        if held is not None:
            held.leaves.append(node)
        if self._taken(unit, node, target, what):
            pass
        elif isinstance(target, ast.Attribute):
            self._attribute(unit, node, target, what)
        elif what is What.ID and isinstance(target, ast.Subscript):
            self.reader.records.assigned(unit, target, what)
        elif what not in OPAQUE:
            self.reader.exits.lost(unit, node, what, "is stored")

    def _taken(self, unit: Unit, node: ast.expr, target: ast.expr, what: What) -> bool:
        """Taken apart, kept under a key: where it is known what becomes of it."""
        if what in MODELS and self.reader.models.built.apart(unit, node, target):
            return True
        if what is What.RECORD and isinstance(target, ast.Tuple | ast.List):
            self.reader.models.stop_at(unit, target, what, "is taken apart in a way the tool cannot map")
            return True
        if what is not What.CODE or not isinstance(target, ast.Subscript):
            return False
        parent = unit.module.parent(node)
        return self.reader.tables.entered(unit, target, what) or self.reader.exits.compared_elsewhere(
            unit, node, parent
        )

    def bound(
        self, unit: Unit, node: ast.expr, target: ast.expr, what: What, held: Variable | None = None
    ) -> Variable | None:
        """To the uses of a name; what decides about a name that holds DATA."""
        if not isinstance(target, ast.Name):
            return None
        binding = next((b for b in self.bindings(unit, target) if b.node is target), None)
        if binding is None:
            self.reader.exits.lost(unit, node, what, "is stored")
            return None
        if (
            binding.scope.node is unit.module.tree
            and self._shared_global(unit, binding)
            and what not in OPAQUE
        ):
            self.reader.exits.lost(unit, node, what, f"is kept in the module's {binding.name}")
        variable = held
        if what in (What.DATA, What.EXTRA) and held is None:
            variable = self._variable(unit, node, binding, what)
            if variable is None:
                return None
        for use in list(binding.uses):
            if isinstance(use.ctx, ast.Load) and self._sees_only(unit, use, binding, what, variable):
                self.reader.follow(unit, use, what, variable)
            elif isinstance(use.ctx, ast.Store) and what is not What.ID:
                self.reader.draft.stop(
                    Reason.UNKNOWN_READ, "the response's value is changed in place", unit, use
                )
        return variable

    def _shared_global(self, unit: Unit, binding: Binding) -> bool:
        """Whether other modules of the project read this module-level name."""
        for other in self.reader.evaluator.world.units.values():
            if other is not unit and binding.name in other.words:
                for bindings in other.flow.root.bindings.get(binding.name, []):
                    if bindings.kind is Kind.IMPORT:
                        return True
        return False

    def bindings(self, unit: Unit, target: ast.Name) -> list[Binding]:
        return [b for scope in unit.flow.scopes.values() for b in scope.bindings.get(target.id, [])]

    def _sees_only(
        self, unit: Unit, use: ast.Name, binding: Binding, what: What, variable: Variable | None
    ) -> bool:
        """Whether a load sees this response, and nothing else that would be read differently."""
        if what in OPAQUE:
            return True
        for other in [b for b in unit.flow.reaching(use) if b is not binding]:
            value = other.value if other.kind is Kind.ASSIGN else None
            if other.value is not None and other.value in self.reader.draft.tracked:
                continue
            if value is not None and self._stands_in(unit, other, value, what, variable):
                continue
            if not self._is_read(unit, use):
                return False
            line = getattr(other.node, "lineno", "?")
            hint = f"{use.id} may hold this response or something else (line {line}) here"
            self.reader.draft.share(other.value or other.node, Reason.UNKNOWN_READ, hint, unit, use)
        return True

    def _stands_in(
        self, unit: Unit, other: Binding, value: ast.expr, what: What, variable: Variable | None
    ) -> bool:
        """Whether another value of the name is one that the reads allow for, or that is rewritten with them."""
        if what is What.CODE:
            if not isinstance(value, ast.Constant | ast.UnaryOp | ast.Attribute):
                return False
            self.reader.standins.take(unit, value, what)
            for load in [u for u in other.uses if isinstance(u.ctx, ast.Load)]:
                self.reader.follow(unit, load, what)
            return True
        if what is What.BODY and (is_empty(value) or isinstance(value, ast.Dict)):
            self.reader.standins.take(unit, value, what)
            return True
        if what in (What.DATA, What.EXTRA):
            self.reader.standins.take(unit, value, what)
        if what is What.DATA and variable is not None and isinstance(value, ast.Dict):
            if value not in variable.others:
                variable.others.append(value)
            return True
        return is_empty(value)

    def _is_read(self, unit: Unit, use: ast.Name) -> bool:
        """Whether a use looks into the value at all."""
        parent = unit.module.parent(use)
        return isinstance(parent, ast.Attribute | ast.Subscript | ast.Compare | ast.Return | ast.Call)

    def _variable(self, unit: Unit, node: ast.expr, binding: Binding, what: What) -> Variable | None:
        body, core = body_of(node), core_of(node)
        arms = arms_of(core) if isinstance(core, ast.IfExp) and what is What.DATA else []
        others = [arm for arm in arms if core_of(arm) not in self.reader.kinds]
        seen = len(others) < len(arms) and all(isinstance(o, ast.Dict | ast.Constant) for o in others)
        if body is None and not seen:
            self.reader.draft.stop(
                Reason.UNKNOWN_READ,
                f"{binding.name} holds the answer's data or something else, so what is read from it cannot be told "
                "apart; the new answer has the id in data and the error in error: read each where it stands",
                unit,
                node,
            )
            return None
        variable = self.reader.variables.setdefault(binding, Variable(unit, binding, node, body))
        variable.others += [other for other in others if other not in variable.others and not is_empty(other)]
        if what is What.EXTRA:
            self.reader.fields.rename_key(unit, node, tiktok.OLD_EXTRA, tiktok.NEW_ERROR)
        return variable

    def _attribute(self, unit: Unit, node: ast.expr, target: ast.Attribute, what: What) -> None:
        """``self.response = ...``: every read of that attribute in the class, if it is set only here."""
        if what is What.ID:
            self.reader.ids.kept(unit, target)
        if what in OPAQUE:
            return
        owner = unit.class_of(target)
        stores = [a for a in unit.attributes.get(target.attr, ()) if not isinstance(a.ctx, ast.Load)]
        empty = [a for a in stores if a is not target and self._set_empty(unit, a)]
        if what is What.CODE and owner is not None:
            for _, value in attribute_values(unit, owner, target.attr):
                if value is not node and isinstance(value, ast.Constant | ast.UnaryOp):
                    self.reader.standins.take(unit, value, what)
        loads = self._loads(unit, owner, target)
        inside = all(self._is_ours(other, a, owner) for other, a in loads)
        alone = len(stores) == 1 + len(empty)
        if (
            owner is None
            or not is_self(target.value)
            or not alone
            or not inside
            or what in (What.DATA, What.EXTRA)
        ):
            if what is What.CODE and self.reader.exits.compared_elsewhere(unit, node, target):
                return
            if loads or what is not What.CODE:
                self.reader.exits.lost(unit, node, what, f"is kept in {unit.module.source(target)}")
            return
        self.reader.uncertain |= bool(empty) and what is What.BODY
        for other, load in loads:
            self.reader.follow(other, load, what)
        if not loads:
            self.reader.exits.lost(unit, node, what, f"is kept in {unit.module.source(target)}")

    def _loads(
        self, unit: Unit, owner: ast.ClassDef | None, target: ast.Attribute
    ) -> list[tuple[Unit, ast.Attribute]]:
        """Every read of the attribute, and those in related modules that may be of it."""
        found = [(unit, a) for a in unit.attributes.get(target.attr, ()) if isinstance(a.ctx, ast.Load)]
        world = self.reader.evaluator.world
        abroad = [u for u in world.units.values() if u is not unit and target.attr in u.words]
        near = related(world, unit) if abroad else set()
        found += [
            (other, a)
            for other in abroad
            for a in (other.attributes.get(target.attr, ()) if other in near else ())
            if isinstance(a.ctx, ast.Load) and not is_self(a.value) and world.qualified(other, a) is None
        ]
        return found

    def _is_ours(self, unit: Unit, load: ast.Attribute, owner: ast.ClassDef | None) -> bool:
        """``self.x`` in the class that sets it, and ``error.x`` where the class is that of a caught error."""
        if unit.class_of(load) is owner and is_self(load.value):
            return True
        return owner is not None and self.reader.raised.caught(unit, load, owner)

    def _set_empty(self, unit: Unit, target: ast.Attribute) -> bool:
        statement = unit.module.statement(target)
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        return value is not None and is_empty(value)
