"""Facts that hold tree nodes: they live while a plan is made and do not leave it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from share2post.model import Reason
from share2post.semantics.world import Unit


@dataclass(frozen=True, eq=False)
class Place:
    """A node in a file."""

    unit: Unit
    node: ast.AST

    @property
    def where(self) -> str:
        """``file:line``, for messages."""
        return f"{self.unit.path}:{self.node_line}"

    @property
    def node_line(self) -> int:
        """The 1-based line."""
        return self.unit.module.span(self.node).line


@dataclass(frozen=True, eq=False)
class Obstacle:
    """Why a site is left for a person, or needs a person's consent: a reason, a sentence, a place."""

    reason: Reason
    hint: str
    place: Place | None = None


@dataclass(frozen=True, eq=False)
class Change:
    """Replace ``start:end`` of a unit's text."""

    unit: Unit
    start: int
    end: int
    text: str


@dataclass(frozen=True, eq=False)
class Mark:
    """A piece of legacy usage: which rule, where, and what is there."""

    rule: str
    place: Place
    what: str


@dataclass(frozen=True, eq=False)
class Shared:
    """A value that another site must own too: else this one may not change what reads both."""

    node: ast.AST
    obstacle: Obstacle


@dataclass(eq=False)
class Draft:
    """One site while it is worked out.

    ``tracked`` are the expressions that hold its response or what was read from it;
    ``shared`` the ones of other origin that its reads see as well; ``partners`` the
    sites it can only be applied with.
    """

    place: Place
    tracked: set[ast.AST] = field(default_factory=set)
    shared: list[Shared] = field(default_factory=list)
    partners: list[Draft] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    doubts: list[Obstacle] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what is good to know of the rewrite
    changes: list[Change] = field(default_factory=list)
    claimed: set[ast.AST] = field(default_factory=set)
    deleted: set[ast.stmt] = field(default_factory=set)
    unimported: list[ast.alias] = field(default_factory=list)
    needs: set[str] = field(default_factory=set)  # modules that the new text names
    released: set[ast.AST] = field(default_factory=set)  # constants it no longer uses, and may not remove
    lost: bool = False  # the response goes somewhere the tool does not follow
    mixed: bool = False  # unsafe fixes are wanted: doubtful sites go with the others

    @property
    def level(self) -> bool:
        """Whether the site is applied apart from those without doubts."""
        return bool(self.doubts) and not self.mixed

    def stop(self, reason: Reason, hint: str, unit: Unit, node: ast.AST) -> None:
        """Note why this site cannot be rewritten."""
        self.obstacles.append(Obstacle(reason, hint, Place(unit, node)))

    def share(self, node: ast.AST, reason: Reason, hint: str, unit: Unit, at: ast.AST) -> None:
        """Note a value that another site must own, or else this one cannot be rewritten."""
        self.shared.append(Shared(node, Obstacle(reason, hint, Place(unit, at))))

    def doubt(self, reason: Reason, hint: str, unit: Unit, node: ast.AST) -> None:
        """Note what the rewrite rests on that the tool cannot see."""
        self.doubts.append(Obstacle(reason, hint, Place(unit, node)))

    def mark(self, rule: str, unit: Unit, node: ast.AST, what: str) -> None:
        """Note a piece of legacy usage, once a rule and place."""
        if not any(m.rule == rule and m.place.node is node for m in self.marks):
            self.marks.append(Mark(rule, Place(unit, node), what))

    def replace(self, unit: Unit, start: int, end: int, text: str) -> None:
        """Change a stretch of text, once."""
        known = any(c.unit is unit and (c.start, c.end, c.text) == (start, end, text) for c in self.changes)
        if not known:
            self.changes.append(Change(unit, start, end, text))

    def swap(self, unit: Unit, node: ast.AST, text: str) -> None:
        """Replace a node's text."""
        start, end = unit.module.extent(node)
        self.replace(unit, start, end, text)
