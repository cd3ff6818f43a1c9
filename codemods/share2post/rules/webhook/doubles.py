"""Names that become equal: the spare one goes, or a person decides.

::

    if name in ("video.publish.complete", "video.publish.completed"):   # both are post.publish.complete now
    elif name == "post.publish.complete":                               # never reached any more
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from share2post import tiktok
from share2post.model import Reason
from share2post.rules.webhook.branches import Branches
from share2post.rules.webhook.ledger import Ledger
from share2post.rules.webhook.likeness import Likeness
from share2post.rules.webhook.literals import text_of
from share2post.rules.webhook.reach import Reach
from share2post.rules.webhook.trail import Trail
from share2post.semantics.module import last_name, walk
from share2post.semantics.world import Unit

_SETS = frozenset({"set", "frozenset"})
_PLACED = ast.expr | ast.pattern


@dataclass(eq=False)
class Doubles:
    """Removes what a renaming has made superfluous."""

    reach: Reach
    ledger: Ledger
    trail: Trail
    _touched: set[ast.AST] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.likeness = Likeness(self.ledger)
        self.branches = Branches(self.reach, self.ledger, self.likeness)

    def settle(self, units: list[Unit]) -> None:
        """Look at everything that holds a renamed string."""
        for unit in units:
            inside = [node for node in self.ledger.renamed if node in unit.module.parents]
            touched = {around for node in inside for around in unit.module.ancestors(node)}
            for node in [node for node in walk(unit.module.tree) if node in touched]:
                self._look(unit, node)
            self.branches.settle(unit, touched)
        self._registrations()
        self._stores()

    def _look(self, unit: Unit, node: ast.AST) -> None:
        match node:
            case ast.Tuple() | ast.List() | ast.Set():
                self._collection(unit, node)
            case ast.BoolOp():
                self._operands(unit, node)
            case ast.MatchOr():
                self._thin(unit, node, node.patterns, self._spare(node.patterns))
            case ast.Dict():
                self._table(unit, node)
            case ast.Call():
                self._default(unit, node)
                self._arguments(unit, node)
            case ast.ClassDef() if any("Enum" in last_name(base) for base in node.bases):
                self._members(unit, node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._decorators(unit, node)

    def _spare(self, nodes: Sequence[ast.AST]) -> list[int]:
        """Which of several nodes say the same as another, now; the renamed ones first."""
        spare = []
        for index, node in enumerate(nodes):
            for other, twin in enumerate(nodes):
                if other == index or other in spare or not self.likeness.alike(node, twin):
                    continue
                mine, theirs = self.likeness.renames(node), self.likeness.renames(twin)
                if mine and (not theirs or other < index):
                    spare.append(index)
                    break
        return spare

    def _thin(self, unit: Unit, holder: ast.AST, nodes: Sequence[_PLACED], spare: list[int]) -> None:
        """Take nodes out of a row of them, with what separates them."""
        module, first = unit.module, 0
        while first < len(nodes):
            last = first
            while last in spare:
                last += 1
            if last > first:
                if last < len(nodes):
                    extent = module.extent(nodes[first])[0], module.extent(nodes[last])[0]
                else:
                    extent = module.extent(nodes[first - 1])[1], module.extent(nodes[-1])[1]
                if module.comments_within(*extent):
                    self._stop(unit, nodes[first], "the name is spare now, but a comment stands beside it")
                self.ledger.replace(unit, holder, extent, "")
            first = last + 1

    # collections

    def _collection(self, unit: Unit, node: ast.Tuple | ast.List | ast.Set) -> None:
        names = [self._name(element) for element in node.elts]
        spare = self._spare([e for e in node.elts if self._name(e) is not None])
        if not spare:
            self._pairs(unit, node)
            return
        if not self._only_tested(unit, node):
            self._stop(
                unit, node, "the old and the new name stand in one list, and renaming makes them equal"
            )
            return
        places = [index for index, name in enumerate(names) if name is not None]
        gone = [places[index] for index in spare]
        self._thin(unit, node, node.elts, gone)
        literal = isinstance(unit.module.parent(node), ast.Subscript)
        if isinstance(node, ast.Tuple) and len(node.elts) - len(gone) == 1 and not literal:
            self._comma(unit, node, gone)

    def _comma(self, unit: Unit, node: ast.Tuple, gone: list[int]) -> None:
        """The comma that a tuple of one needs."""
        module = unit.module
        kept = next(index for index in range(len(node.elts)) if index not in gone)
        tail = module.text[module.extent(node.elts[-1])[1] : module.extent(node)[1]]
        if "," not in tail:
            end = module.extent(node.elts[kept if kept == len(node.elts) - 1 else -1])[1]
            self.ledger.replace(unit, node, (end, end), ",")

    def _name(self, node: ast.AST) -> str | None:
        text = self.ledger.renamed.get(node) or text_of(node)
        return text if text in tiktok.EVENTS.values() else None

    def _only_tested(self, unit: Unit, node: ast.expr) -> bool:
        """Whether a collection serves only to ask what is in it."""
        parent = unit.module.parent(node)
        match parent:
            case ast.Compare():
                return True
            case ast.Call() if last_name(parent.func) in _SETS:
                return True
            case ast.Call() if last_name(parent.func) == "parametrize":
                return not any(keyword.arg == "ids" for keyword in parent.keywords)
            case ast.Subscript():
                return last_name(parent.value) == "Literal"
            case ast.Assign() | ast.AnnAssign():
                target = parent.target if isinstance(parent, ast.AnnAssign) else parent.targets[0]
                loads = self.reach.target_loads(unit, target)
                if isinstance(node, ast.Set):
                    return True
                return loads is not None and all(self._only_tested(other, spot) for other, spot in loads)
        return isinstance(node, ast.Set)

    def _pairs(self, unit: Unit, node: ast.Tuple | ast.List | ast.Set) -> None:
        """``[(NAME, handle), (OTHER, handle)]``."""
        heads = [e.elts[0] for e in node.elts if isinstance(e, ast.Tuple | ast.List) and e.elts]
        if self._spare([head for head in heads if self._name(head) is not None]):
            self._stop(unit, node, "two entries of the list have the same name now")

    def _operands(self, unit: Unit, node: ast.BoolOp) -> None:
        if all(isinstance(value, ast.Compare | ast.Call | ast.Subscript) for value in node.values):
            self._thin(unit, node, node.values, self._spare(node.values))

    # dicts and calls

    def _table(self, unit: Unit, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if key in self.ledger.renamed and text_of(value) == self.ledger.renamed[key]:
                self._stop(unit, node, "the table maps an old name to its new one")
                return
        keys = [key for key in node.keys if key is not None]
        spare = self._spare([key for key in keys if self._key(key) is not None])
        if not spare:
            return
        named = [key for key in keys if self._key(key) is not None]
        for key in [named[index] for index in spare]:
            self._entry(unit, node, key)

    def _key(self, node: ast.expr) -> str | None:
        text = self.ledger.renamed.get(node) or text_of(node)
        return text if text in (*tiktok.EVENTS.values(), tiktok.NEW_ID) else None

    def _entry(self, unit: Unit, node: ast.Dict, key: ast.expr) -> None:
        """Remove one entry of a dict that another one repeats."""
        index = node.keys.index(key)
        twins = [
            i for i, k in enumerate(node.keys) if i != index and k is not None and self.likeness.alike(k, key)
        ]
        same = all(self.likeness.alike(node.values[i], node.values[index]) for i in twins)
        behind = node.keys[index + 1] if index + 1 < len(node.keys) else None
        if not same or None in node.keys:
            self._stop(unit, key, "the old and the new name have entries of their own, and they differ")
        elif behind is not None:
            extent = unit.module.extent(key)[0], unit.module.extent(behind)[0]
            self.ledger.replace(unit, node, extent, "")
        else:
            extent = unit.module.extent(node.values[index - 1])[1], unit.module.extent(node.values[index])[1]
            self.ledger.replace(unit, node, extent, "")

    def _default(self, unit: Unit, node: ast.Call) -> None:
        """``content.get("publish_id", content.get("share_id"))``."""
        if last_name(node.func) != "get" or len(node.args) != 2 or not isinstance(node.func, ast.Attribute):
            return
        key, default = node.args
        plain = ast.Call(func=node.func, args=[key], keywords=[])
        if self.likeness.renames(default) and self.likeness.alike(plain, default):
            extent = unit.module.extent(key)[1], unit.module.extent(default)[1]
            self.ledger.replace(unit, node, extent, "")

    def _arguments(self, unit: Unit, node: ast.Call) -> None:
        """``@on("video.publish.completed", "post.publish.complete")``."""
        named = [argument for argument in node.args if self._name(argument) is not None]
        spare = self._spare(named)
        if not spare:
            return
        if isinstance(unit.module.parent(node), ast.FunctionDef | ast.AsyncFunctionDef):
            gone = [node.args.index(named[index]) for index in spare]
            self._thin(unit, node, node.args, gone)
        else:
            self._stop(unit, node, "the old and the new name are handed over together")

    def _members(self, unit: Unit, node: ast.ClassDef) -> None:
        values = [
            s.value for s in node.body if isinstance(s, ast.Assign | ast.AnnAssign) and s.value is not None
        ]
        if self._spare([value for value in values if self._name(value) is not None]):
            self._stop(
                unit, node, f"two members of {node.name} have the same value now, so one becomes an alias"
            )

    # registrations

    def _decorators(self, unit: Unit, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        module = unit.module
        for index in self._spare(node.decorator_list):
            start, end = module.extent(node.decorator_list[index])
            extent = module.line_start(start), module.line_end(end)
            self.ledger.replace(unit, node, extent, "")

    def _registrations(self) -> None:
        calls = [(name, unit, call) for name, unit, call in self.trail.registrations if call.args]
        for index, (name, unit, call) in enumerate(calls):
            for other, other_unit, twin in calls[:index]:
                if other.new != name.new or other.old == name.old or twin is call or unit is not other_unit:
                    continue
                if not self.likeness.alike(call.func, twin.func):
                    continue
                owner, other_owner = unit.module.parent(call), unit.module.parent(twin)
                if owner is other_owner and isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef):
                    continue
                statement = unit.module.parent(call)
                if isinstance(statement, ast.Expr) and self.likeness.alike(call, twin):
                    start, end = unit.module.extent(statement)
                    extent = unit.module.line_start(start), unit.module.line_end(end)
                    self.ledger.replace(unit, statement, extent, "")
                else:
                    self.ledger.join(unit, call, unit, twin)
                    self._stop(unit, call, "two handlers are registered for what is one event now")

    def _stores(self) -> None:
        """``HANDLERS[NAME] = one`` and ``HANDLERS[OTHER] = two``."""
        for index, (name, unit, entry) in enumerate(self.trail.stores):
            for other, other_unit, twin in self.trail.stores[:index]:
                differ = other.new == name.new and other.old != name.old and unit is other_unit
                if differ and self.likeness.alike(entry.value, twin.value):
                    self._stop(unit, entry, "the table is given two entries for what is one event now")

    def _stop(self, unit: Unit, node: ast.AST, why: str) -> None:
        self.ledger.stop(Reason.DUPLICATE_EVENT, f"{why}; decide which one stays", unit, node)
