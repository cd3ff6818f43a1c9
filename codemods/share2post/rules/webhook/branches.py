"""Branches of one decision that become the same: ``elif`` chains, ``match`` cases, tests further on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from share2post import tiktok
from share2post.model import Reason
from share2post.rules.webhook.ledger import Ledger, home_of
from share2post.rules.webhook.likeness import Likeness
from share2post.rules.webhook.literals import text_of
from share2post.rules.webhook.reach import Reach
from share2post.semantics.module import walk
from share2post.semantics.world import Unit

_ELSE = re.compile(r"(?m)^[ \t]*else\b")
_NEW = frozenset(tiktok.EVENTS.values())
_Names = dict[str, set[str]]


@dataclass(frozen=True, eq=False)
class _Position:
    """One test: the expression or pattern, the decision it is a branch of, and the names it asks for."""

    node: ast.AST
    decision: ast.AST
    names: _Names


@dataclass(eq=False)
class Branches:
    """Finds branches that a renaming makes unreachable."""

    reach: Reach
    ledger: Ledger
    likeness: Likeness

    def settle(self, unit: Unit, touched: set[ast.AST]) -> None:
        """Look at the decisions of a module."""
        positions = list(self._positions(unit))
        for node in walk(unit.module.tree):
            if isinstance(node, ast.If) and not _is_elif(unit, node):
                self._chain(unit, _chain(unit, node))
            elif isinstance(node, ast.Match):
                self._cases(unit, node)
        for index, one in enumerate(positions):
            for other in positions[:index]:
                if one.decision is not other.decision and self._conflict(unit, one, other):
                    self._stop(unit, one.node, "another test asks for what is the same event now")

    # what a test asks for

    def names(self, unit: Unit, node: ast.AST) -> _Names:
        """The events a piece of code names, by their new names."""
        found: _Names = {}
        for part in walk(node):
            for text in self._texts(unit, part):
                if text in tiktok.EVENTS or text in _NEW:
                    found.setdefault(tiktok.EVENTS.get(text, text), set()).add(text)
        return found

    def _texts(self, unit: Unit, node: ast.AST) -> Iterator[str]:
        text = text_of(node)
        if text is not None:
            yield text
        if isinstance(node, ast.Name | ast.Attribute):
            definition = self.reach.evaluator.world.definition(unit, node)
            if definition is not None:
                for part in walk(definition.value):
                    if isinstance(part, ast.Name) and definition.unit is unit and part is not node:
                        inner = self.reach.evaluator.text(unit, part)
                        if inner is not None and inner.known is not None:
                            yield inner.known
                    found = text_of(part)
                    if found is not None:
                        yield found

    def _positions(self, unit: Unit) -> Iterator[_Position]:
        seen: set[ast.AST] = set()
        for node in walk(unit.module.tree):
            if isinstance(node, ast.Compare):
                owner: ast.AST = node
                while isinstance(unit.module.parent(owner), ast.BoolOp | ast.UnaryOp):
                    owner = unit.module.parents[owner]
                parent = unit.module.parent(owner)
                names = self.names(unit, owner)
                if names and owner not in seen and not isinstance(parent, ast.Assert):
                    seen.add(owner)
                    yield _Position(owner, self._decision(unit, owner), names)
            elif isinstance(node, ast.match_case):
                names = self.names(unit, node.pattern)
                if names:
                    yield _Position(node.pattern, unit.module.parents[node], names)

    def _decision(self, unit: Unit, node: ast.AST) -> ast.AST:
        parent = unit.module.parent(node)
        if not isinstance(parent, ast.If):
            return node
        while _is_elif(unit, parent):
            above = unit.module.parents[parent]
            if not isinstance(above, ast.If):
                break
            parent = above
        return parent

    def _conflict(self, unit: Unit, one: _Position, other: _Position) -> bool:
        """Whether two tests of one function told apart what is the same event now."""
        if home_of(unit, one.node) is not home_of(unit, other.node):
            return False
        for new in one.names.keys() & other.names.keys():
            mine, theirs = one.names[new], other.names[new]
            if mine == theirs:
                continue
            if new in mine | theirs or not (mine < theirs or theirs < mine):
                return True
        return False

    # if and elif

    def _chain(self, unit: Unit, branches: list[ast.If]) -> None:
        names = [self.names(unit, branch.test) for branch in branches]
        for index, branch in enumerate(branches):
            for before in range(index):
                shared = names[before].keys() & names[index].keys()
                if all(names[before][new] == names[index][new] for new in shared):
                    continue
                twin = branches[before]
                if self.likeness.alike(branch.test, twin.test) and self.likeness.alike(
                    branch.body, twin.body
                ):
                    old = before if self._is_old(names[before]) and not self._is_old(names[index]) else index
                    self._drop(unit, branches, old)
                else:
                    why = (
                        f"the branch of line {twin.lineno} is for the same event now, and does something else"
                    )
                    self._stop(unit, branch.test, why)

    def _is_old(self, names: _Names) -> bool:
        return any(text in tiktok.EVENTS for texts in names.values() for text in texts)

    def _drop(self, unit: Unit, branches: list[ast.If], index: int) -> None:
        module, branch = unit.module, branches[index]
        start, end = module.extent(branch)[0], module.extent(branch.body[-1])[1]
        if index + 1 < len(branches):
            after = module.extent(branches[index + 1])[0]
            extent = (start, after + len("el")) if index == 0 else (start, after)
        else:
            match = _ELSE.search(module.text, end) if branch.orelse else None
            after = match.start() if match is not None else module.line_end(end)
            extent = module.line_start(start), after
        self._remove(unit, branch, extent)

    # match

    def _cases(self, unit: Unit, match: ast.Match) -> None:
        names = [self.names(unit, case.pattern) for case in match.cases]
        for index, case in enumerate(match.cases):
            for before in range(index):
                shared = names[before].keys() & names[index].keys()
                if all(names[before][new] == names[index][new] for new in shared):
                    continue
                twin = match.cases[before]
                same = self.likeness.alike(case.pattern, twin.pattern) and self.likeness.alike(
                    case.body, twin.body
                )
                if same and case.guard is None and twin.guard is None:
                    old = before if self._is_old(names[before]) and not self._is_old(names[index]) else index
                    self._drop_case(unit, match, old)
                else:
                    why = "an earlier case matches what is the same event now, and does something else"
                    self._stop(unit, case.pattern, why)

    def _drop_case(self, unit: Unit, match: ast.Match, index: int) -> None:
        module = unit.module
        start = module.line_start(module.extent(match.cases[index].pattern)[0])
        if index + 1 < len(match.cases):
            end = module.line_start(module.extent(match.cases[index + 1].pattern)[0])
        else:
            end = module.line_end(module.extent(match)[1])
        self._remove(unit, match.cases[index].pattern, (start, end))

    def _remove(self, unit: Unit, node: ast.AST, extent: tuple[int, int]) -> None:
        if unit.module.comments_within(*extent):
            self._stop(unit, node, "the branch is spare now, but a comment stands in it")
        else:
            self.ledger.replace(unit, node, extent, "")

    def _stop(self, unit: Unit, node: ast.AST, why: str) -> None:
        self.ledger.stop(Reason.DUPLICATE_EVENT, f"{why}; decide which one stays", unit, node)


def _is_elif(unit: Unit, node: ast.If) -> bool:
    parent = unit.module.parent(node)
    if not isinstance(parent, ast.If) or parent.orelse != [node]:
        return False
    start = unit.module.extent(node)[0]
    return unit.module.text.startswith("elif", start)


def _chain(unit: Unit, head: ast.If) -> list[ast.If]:
    branches = [head]
    while len(branches[-1].orelse) == 1:
        following = branches[-1].orelse[0]
        if not isinstance(following, ast.If) or not _is_elif(unit, following):
            break
        branches.append(following)
    return branches
