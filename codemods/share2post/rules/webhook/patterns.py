"""``match`` over a webhook: what its patterns read."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from share2post import tiktok
from share2post.rules.webhook.calls import Spot
from share2post.rules.webhook.keys import What, part_of
from share2post.rules.webhook.ledger import Ledger
from share2post.rules.webhook.literals import text_of, written
from share2post.semantics.world import Unit


@dataclass(eq=False)
class Patterns:
    """Follows what patterns capture, and renames the keys they ask for."""

    ledger: Ledger
    follow: Callable[[Unit, ast.expr, What, Spot], None]
    claimed: set[ast.AST] = field(default_factory=set)

    def matched(self, unit: Unit, match: ast.Match, what: What) -> None:
        """Read the cases of a statement whose subject is a webhook or a part of one."""
        for case in match.cases:
            self._pattern(unit, case.pattern, what, (unit, match.subject))

    def _pattern(self, unit: Unit, pattern: ast.pattern, what: What, source: Spot) -> None:
        match pattern:
            case ast.MatchMapping():
                for key, inner in zip(pattern.keys, pattern.patterns, strict=True):
                    self._pattern_key(unit, key, inner, what, source)
            case ast.MatchOr():
                for inner in pattern.patterns:
                    self._pattern(unit, inner, what, source)
            case ast.MatchSequence():
                pass
            case ast.MatchAs():
                if pattern.pattern is not None:
                    self._pattern(unit, pattern.pattern, what, source)
                if pattern.name is not None:
                    self._captured(unit, pattern, pattern.name, what, source)
            case ast.MatchClass():
                for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
                    part = part_of(name)
                    if what is not What.CONTENT and part is not None:
                        self._pattern(unit, inner, part, source)

    def _pattern_key(self, unit: Unit, key: ast.expr, inner: ast.pattern, what: What, source: Spot) -> None:
        text = text_of(key)
        part = part_of(text) if what in (What.PAYLOAD, What.MADE) else None
        if part is not None:
            self._pattern(unit, inner, part, source)
        elif what is What.CONTENT and text == tiktok.OLD_ID:
            self.ledger.join(*source, unit, key)
            self.claimed.add(key)
            self.ledger.mark("S2P006", unit, key, "share_id is matched in the content of a webhook")
            self.ledger.rename(unit, key, tiktok.NEW_ID, written(unit, key, tiktok.NEW_ID))

    def _captured(self, unit: Unit, pattern: ast.MatchAs, name: str, what: What, source: Spot) -> None:
        for scope in unit.flow.scopes.values():
            for binding in scope.bindings.get(name, []):
                if binding.node is pattern:
                    for use in binding.uses:
                        if isinstance(use.ctx, ast.Load):
                            self.follow(unit, use, what, source)
