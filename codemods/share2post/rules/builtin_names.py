"""Whether the built-in functions that the new statements call are the built-in ones where they will stand.

::

    def upload(path, token, len=3):     # a parameter
    from gzip import open               # something else by the same name
    from .helpers import *              # which defines len

Looks the same and changes nothing: ``from io import open``, a method of that name.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from typing import Final

from share2post.model import Reason
from share2post.semantics.flow import Scope
from share2post.semantics.world import Unit, World
from share2post.sites import Draft

_CALLED: Final = re.compile(r"(?<![\w.])([a-z]+)\(")
_SAME: Final = frozenset({"io", "builtins", "__builtin__", "future.builtins", "six.moves"})


def check_builtins(world: World, draft: Draft, unit: Unit, call: ast.Call) -> None:
    """Note a built-in name that the new text calls and the program has given to something of its own."""
    written = {name for change in draft.changes for name in _CALLED.findall(change.text)}
    for name in sorted(written & vars(builtins).keys()):
        bound = (b.node for scope in _scopes(unit, call) for b in scope.bindings.get(name, ()))
        other = next((node for node in bound if not _is_same(unit, node)), None)
        if other is not None or world.starred_anyhow(unit, name):
            hint = (
                f"{name} is a name of the program's own here, and the new statements need the built-in {name}"
            )
            draft.stop(Reason.UNSUPPORTED_CONTEXT, hint, unit, call if other is None else other)


def _scopes(unit: Unit, call: ast.Call) -> Iterator[Scope]:
    """Those whose names are seen where the call stands."""
    inner = True
    for node in unit.module.ancestors(call):
        if node in unit.flow.scopes and (inner or not isinstance(node, ast.ClassDef)):
            yield unit.flow.scopes[node]
            inner = False


def _is_same(unit: Unit, node: ast.AST) -> bool:
    origin = unit.module.parent(node) if isinstance(node, ast.alias) else None
    return isinstance(origin, ast.ImportFrom) and origin.module in _SAME
