"""The blank lines around what was deleted: two gaps that meet become one."""

from __future__ import annotations

from share2post.semantics.module import Module

_Change = tuple[int, int, str]


def tidy(module: Module, changes: list[_Change]) -> list[_Change]:
    """Let deletions of whole lines swallow the blank lines that would be left doubled."""
    deletions = sorted(c for c in changes if not c[2] and c[1] > c[0] and _whole_lines(module, c))
    others = [c for c in changes if c not in deletions]
    merged: list[tuple[int, int]] = []
    for start, end, _ in deletions:
        if merged and merged[-1][1] == start and not any(c[0] == start for c in others):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    kept = []
    for start, end in merged:
        touched = [c for c in others if start <= c[0] <= end or start <= c[1] <= end]
        kept.append((start, end if touched else _swallowed(module, start, end), ""))
    return [*others, *kept]


def _whole_lines(module: Module, change: _Change) -> bool:
    start, end, _ = change
    return module.line_start(start) == start and (end == len(module.text) or module.line_start(end) == end)


def _swallowed(module: Module, start: int, end: int) -> int:
    """The end of a deletion, moved behind the blank lines that follow one in front, or a block's start."""
    before = module.text[:start].rstrip(" \t")
    previous = module.text[module.line_start(start - 1) : start].strip() if start else ""
    blank_before = start == 0 or not previous
    opens_block = previous.endswith((":", "(", "[", "{"))
    if not (blank_before or opens_block) or not before:
        return end
    gap = 0
    while (
        blank_before
        and start - gap > 0
        and not module.text[module.line_start(start - gap - 1) : start - gap].strip()
    ):
        gap = start - module.line_start(start - gap - 1)
    room = sum(start - gap < line <= start for line in module.starts) if blank_before else 0
    taken = end
    following = 0
    while taken < len(module.text) and not module.text[taken : module.line_end(taken)].strip():
        following += 1
        taken = module.line_end(taken)
    excess = min(following, room if blank_before else following)
    for _ in range(excess):
        end = module.line_end(end)
    return end
