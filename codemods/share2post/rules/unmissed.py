"""Values that were worked out for the old request alone, and that nobody misses.

::

    mime = mimetypes.guess_type(path)[0]   # the part's type
    size = os.path.getsize(path)           # the size, of a file that is opened right after it

Looks the same and stays: ``os.environ["NAME"]``, which may fail, and that may be wanted;
a size that is asked for long before the file is opened, since a missing file then fails there.
"""

from __future__ import annotations

import ast

from share2post.rules.moving import Mover
from share2post.semantics.world import Unit

_PARTED = frozenset({"mimetypes.guess_type", "os.path.splitext", "os.path.split"})
_OPENERS = frozenset({"builtins.open", "io.open"})


def is_unmissed(mover: Mover, unit: Unit, statement: ast.stmt, value: ast.expr) -> bool:
    """Whether a value may go without anybody noticing."""
    if _measures_what_is_opened(mover, unit, statement, value):
        return True
    parts = (part for part in ast.walk(value) if isinstance(part, ast.Subscript))
    return mover.is_pure(unit, value) and all(_is_certain(mover, unit, part) for part in parts)


def gives_parts(mover: Mover, unit: Unit, value: ast.expr) -> bool:
    """``kind, encoding = mimetypes.guess_type(path)``: a call that gives as many values as it is given names."""
    called = value.func if isinstance(value, ast.Call) else None
    named = called is not None and mover.evaluator.world.qualified(unit, called) in _PARTED
    return named and mover.is_pure(unit, value)


def _is_certain(mover: Mover, unit: Unit, part: ast.Subscript) -> bool:
    """``mimetypes.guess_type(path)[0]``: an index that is always there."""
    index = part.slice
    return isinstance(index, ast.Constant) and index.value in (0, 1) and gives_parts(mover, unit, part.value)


def _measures_what_is_opened(mover: Mover, unit: Unit, statement: ast.stmt, value: ast.expr) -> bool:
    """``os.path.getsize(path)`` in front of ``open(path)``, which fails in the same way where there is no file."""
    world = mover.evaluator.world
    if not isinstance(value, ast.Call) or world.qualified(unit, value.func) != "os.path.getsize":
        return False
    if unit is not mover.unit or len(value.args) != 1 or not mover.is_pure(unit, value.args[0]):
        return False
    if not mover.once_after(statement):
        return False
    start = unit.module.extent(statement)[1]
    later = [(unit.module.extent(c)[0], c) for c in unit.calls() if not mover.is_pure(unit, c)]
    opening = min(((at, c) for at, c in later if at >= start), key=lambda pair: pair[0], default=(0, None))[1]
    return opening is not None and _opens(mover, unit, opening, value.args[0], statement)


def _opens(mover: Mover, unit: Unit, call: ast.Call, path: ast.expr, statement: ast.stmt) -> bool:
    """Whether a call that runs whenever the statement has run opens that very path."""
    if mover.evaluator.world.qualified(unit, call.func) not in _OPENERS or not call.args:
        return False
    if ast.unparse(call.args[0]) != ast.unparse(path):
        return False
    flow, holder = unit.flow, unit.module.statement(call)
    same = all(
        flow.reaching(one) == flow.reaching(other)
        for one, other in zip(ast.walk(path), ast.walk(call.args[0]), strict=True)
        if isinstance(one, ast.Name) and isinstance(other, ast.Name)
    )
    return same and unit.module.parent(holder) is unit.module.parent(statement)
