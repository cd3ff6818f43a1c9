"""A constant that holds the old URL and stays, since something unseen may use it: it gets a finding."""

from __future__ import annotations

from share2post import tiktok
from share2post.semantics.values import Text
from share2post.sites import Draft


def release_constants(draft: Draft, text: Text, drafts: list[Draft]) -> None:
    """Let go of what a rewritten upload leaves behind, so that it gets a finding of its own."""
    if draft.obstacles or draft.level or not draft.changes:
        return
    for unit, leaf in text.leaves:
        if tiktok.LEGACY_PATH.strip("/") not in str(leaf.value):
            continue
        start, end = unit.module.extent(leaf)
        if not any(c.unit is unit and c.start <= start and end <= c.end for d in drafts for c in d.changes):
            draft.claimed.discard(leaf)
            draft.released.add(leaf)
