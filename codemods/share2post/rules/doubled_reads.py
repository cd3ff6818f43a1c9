"""Two reads that have become the same one: the second is never needed.

::

    body.get("share_id") or body.get("data", {}).get("share_id")     # was
    body.get("data", {}).get("publish_id")                           # is, once

Looks the same and stays: operands that call anything but ``get`` and ``json``, which may
give something else the second time; an ``or`` that the rewrite does not touch.
"""

from __future__ import annotations

import ast
import re

from share2post.rules.moving import Mover
from share2post.semantics.world import Unit
from share2post.sites import Change, Draft

_READS = frozenset({"get", "json"})
_OPTIONAL = re.compile(r"\(([\w.()\[\]\"']+)\.get\((\"\w+\"|'\w+')\) or \{\}\)")


def merge(draft: Draft, mover: Mover) -> None:
    """Take out of every ``or`` that was rewritten the operands that stand in it twice now."""
    for unit in dict.fromkeys(change.unit for change in draft.changes):
        places = [change for change in draft.changes if change.unit is unit]
        for node in ast.walk(unit.module.tree):
            if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) and _reads_alone(node):
                inside = [change for change in places if _within(unit, change, node)]
                if inside:
                    _merge(draft, mover, unit, node, inside)


def _reads_alone(node: ast.BoolOp) -> bool:
    calls = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
    waits = any(isinstance(part, ast.Await | ast.NamedExpr | ast.Yield) for part in ast.walk(node))
    return not waits and all(isinstance(f, ast.Attribute) and f.attr in _READS for f in calls)


def _merge(draft: Draft, mover: Mover, unit: Unit, node: ast.BoolOp, inside: list[Change]) -> None:
    text = unit.module.text
    extents = [unit.module.extent(value) for value in node.values]
    gaps = [text[one[1] : other[0]] for one, other in zip(extents, extents[1:], strict=False)]
    spread = (extents[0][0], extents[-1][1]) == unit.module.extent(node)
    if not spread or any(gap.split() != ["or"] for gap in gaps):
        return
    parts = [_rewritten(unit, value, inside) for value in node.values]
    plain = [_plain(part) for part in parts]
    changed = [any(_within(unit, change, value) for change in inside) for value in node.values]
    kept = [i for i in range(len(parts)) if not changed[i] or plain[i] not in plain[:i]]
    if len(kept) == len(parts):
        return
    result = parts[0] + "".join(gaps[index - 1] + parts[index] for index in kept[1:])
    draft.changes = [change for change in draft.changes if change not in inside]
    start, end = unit.module.extent(node)
    lone = len(kept) == 1 and re.search(r"(?<=[\s=(\[,])\($", text[:start]) and text[end : end + 1] == ")"
    draft.replace(unit, start - bool(lone), end + bool(lone), result)
    for index in kept:
        mover.kept.update(ast.walk(node.values[index]))


def _within(unit: Unit, change: Change, node: ast.expr) -> bool:
    start, end = unit.module.extent(node)
    return start <= change.start and change.end <= end


def _rewritten(unit: Unit, node: ast.expr, changes: list[Change]) -> str:
    """The text of an expression with the changes made to it."""
    start, end = unit.module.extent(node)
    text, at = "", start
    for change in sorted((c for c in changes if _within(unit, c, node)), key=lambda c: (c.start, c.end)):
        text += unit.module.text[at : change.start] + change.text
        at = max(at, change.end)
    return text + unit.module.text[at:end]


def _plain(text: str) -> str:
    """The same read in one spelling: ``(x.get("data") or {})`` as ``x.get("data", {})``."""
    return _OPTIONAL.sub(r"\1.get(\2, {})", " ".join(text.split())).replace("'", '"')
