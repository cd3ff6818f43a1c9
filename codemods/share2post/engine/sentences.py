"""What a finding says: what is there, and why it is not simply rewritten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from share2post.catalogue import BY_CODE
from share2post.model import Finding, Fix
from share2post.sites import Draft, Mark, Obstacle

_WAITS, _ALLOWED = (
    "rewritten only with --unsafe-fixes, because ",
    "rewritten, as --unsafe-fixes allows, although ",
)
_PART_WAITS, _PART_ALLOWED = "waits for --unsafe-fixes with its site", "rewritten with its site"


def findings(draft: Draft, key: str, fix: Fix, obstacle: Obstacle | None) -> Iterable[Finding]:
    """The findings of a site: the first says why in full, the others point to it."""
    reason = (
        obstacle.reason if obstacle is not None else draft.doubts[0].reason if fix is Fix.UNSAFE else None
    )
    for index, mark in enumerate(sorted(draft.marks, key=lambda m: m.rule)):
        module, node = mark.place.unit.module, mark.place.node
        if reason is None:
            why = ""
        elif index:
            word = "left with its site" if obstacle is not None else _PART_WAITS
            why = f"; {word} at {key.rpartition(':')[0]}"
        elif obstacle is not None:
            why = _left(draft, mark, obstacle)
        else:
            why = _waits(draft)
        if not index and obstacle is None:
            why += "".join(f"; {note}" for note in draft.notes)
        yield Finding(
            mark.rule, mark.place.unit.path, module.span(node), f"{mark.what}{why}", fix, key, reason
        )


def _left(draft: Draft, mark: Mark, obstacle: Obstacle) -> str:
    info = BY_CODE.get(mark.rule)
    if info is not None and info.note:
        return f"; {obstacle.hint}"
    others = sorted({other.hint for other in draft.obstacles} - {obstacle.hint})
    more = f"; also: {'; '.join(others)}" if others else ""
    return f"; left for you, because {obstacle.hint}{_where(mark, obstacle)}{more}"


def _waits(draft: Draft) -> str:
    hints = dict.fromkeys(f"{doubt.hint}{_at(doubt)}" for doubt in draft.doubts)
    return f"; {_WAITS}{'; and '.join(hints)}"


def rewritten(finding: Finding) -> Finding:
    """A finding whose site is rewritten: what it rests on is no longer waited for."""
    message = finding.message.replace(f"; {_WAITS}", f"; {_ALLOWED}", 1)
    return replace(finding, fixed=True, message=message.replace(f"; {_PART_WAITS}", f"; {_PART_ALLOWED}", 1))


def _where(mark: Mark, obstacle: Obstacle) -> str:
    """The place of an obstacle, where it is another line than the finding's own."""
    place = obstacle.place
    if place is None or (place.unit is mark.place.unit and place.node_line == mark.place.node_line):
        return ""
    return f" ({place.where})"


def _at(doubt: Obstacle) -> str:
    return f" ({doubt.place.where})" if doubt.place is not None else ""
