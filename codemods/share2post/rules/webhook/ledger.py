"""What was found about webhooks, before it is known which findings make one site.

Everything is noted at a *home*: the function, the class or the top-level
statement it stands in. Homes that share a name, a table, a payload or a call
are joined; the joined ones make one site.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from share2post.model import Reason
from share2post.semantics.world import Unit
from share2post.sites import Change, Draft, Mark, Obstacle, Place

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def home_of(unit: Unit, node: ast.AST) -> ast.AST:
    """The function, class or top-level statement that a node belongs to."""
    if isinstance(node, FunctionNode | ast.ClassDef):
        return node
    function = unit.function_of(node)
    if function is not None:
        return function
    return unit.class_of(node) or _top(unit, node)


def _top(unit: Unit, node: ast.AST) -> ast.AST:
    top = node
    for around in unit.module.ancestors(node):
        if isinstance(around, ast.Module):
            break
        top = around
    return top


@dataclass(frozen=True)
class Snapshot:
    """The state of a ledger that a trial can be taken back to."""

    lengths: tuple[int, int, int, int]
    above: dict[ast.AST, ast.AST]


@dataclass(eq=False)
class Ledger:
    """Marks, changes, obstacles and doubts by home, and which homes belong together."""

    units: dict[ast.AST, Unit] = field(default_factory=dict)
    above: dict[ast.AST, ast.AST] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    changes: list[tuple[Place, Change]] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    doubts: list[Obstacle] = field(default_factory=list)
    renamed: dict[ast.AST, str] = field(default_factory=dict)

    # homes

    def root(self, unit: Unit, node: ast.AST) -> ast.AST:
        """The home that stands for all homes joined with a node's."""
        home = home_of(unit, node)
        self.units.setdefault(home, unit)
        root = home
        while root in self.above:
            root = self.above[root]
        if root is not home:
            self.above[home] = root
        return root

    def join(self, unit: Unit, node: ast.AST, other_unit: Unit, other: ast.AST) -> None:
        """Note that two nodes belong to one site."""
        one, two = self.root(unit, node), self.root(other_unit, other)
        if one is not two:
            self.above[two] = one

    def groups(self) -> dict[ast.AST, list[ast.AST]]:
        """All homes, by the one that stands for them."""
        found: dict[ast.AST, list[ast.AST]] = {}
        for home, unit in list(self.units.items()):
            found.setdefault(self.root(unit, home), []).append(home)
        return found

    # notes

    def mark(self, rule: str, unit: Unit, node: ast.AST, what: str) -> None:
        """Note a piece of legacy usage."""
        self.root(unit, node)
        if not any(m.rule == rule and m.place.node is node for m in self.marks):
            self.marks.append(Mark(rule, Place(unit, node), what))

    def stop(self, reason: Reason, hint: str, unit: Unit, node: ast.AST) -> None:
        """Note why a site cannot be rewritten."""
        self.root(unit, node)
        self.obstacles.append(Obstacle(reason, hint, Place(unit, node)))

    def doubt(self, reason: Reason, hint: str, unit: Unit, node: ast.AST) -> None:
        """Note what a rewrite rests on that the tool cannot see."""
        self.root(unit, node)
        self.doubts.append(Obstacle(reason, hint, Place(unit, node)))

    def rename(self, unit: Unit, node: ast.AST, name: str, text: str) -> None:
        """Put another string in the place of this one; ``text`` is how it is written."""
        self.root(unit, node)
        self.renamed[node] = name
        start, end = unit.module.extent(node)
        self.replace(unit, node, (start, end), text)

    def replace(self, unit: Unit, node: ast.AST, extent: tuple[int, int], text: str) -> None:
        """Change a stretch of text that belongs to a node's site."""
        self.root(unit, node)
        self.changes.append((Place(unit, node), Change(unit, *extent, text)))

    # trials

    def snapshot(self) -> Snapshot:
        """The state now."""
        lengths = len(self.marks), len(self.changes), len(self.obstacles), len(self.doubts)
        return Snapshot(lengths, dict(self.above))

    def rollback(self, to: Snapshot) -> None:
        """Forget what was noted since."""
        marks, changes, obstacles, doubts = to.lengths
        gone = {place.node for place, _ in self.changes[changes:]}
        self.renamed = {node: text for node, text in self.renamed.items() if node not in gone}
        del self.marks[marks:], self.changes[changes:], self.obstacles[obstacles:], self.doubts[doubts:]
        self.above = to.above

    # sites

    def drafts(self) -> dict[ast.AST, Draft]:
        """A draft for each group of homes that holds legacy usage, by the home that stands for it."""
        found: dict[ast.AST, Draft] = {}
        for mark in sorted(self.marks, key=_position):
            root = self.root(mark.place.unit, mark.place.node)
            draft = found.setdefault(root, Draft(mark.place))
            draft.mark(mark.rule, mark.place.unit, mark.place.node, mark.what)
        for place, change in self.changes:
            owner = found.get(self.root(place.unit, place.node))
            if owner is not None:
                owner.replace(change.unit, change.start, change.end, change.text)
        for notes, name in ((self.obstacles, "obstacles"), (self.doubts, "doubts")):
            for note in notes:
                owner = found.get(self.root(note.place.unit, note.place.node)) if note.place else None
                if owner is not None:
                    (owner.obstacles if name == "obstacles" else owner.doubts).append(note)
        return found


def _position(mark: Mark) -> tuple[str, int]:
    return mark.place.unit.path, mark.place.unit.module.extent(mark.place.node)[0]
