"""How the tool knows what it says: the places a value came through, and the places that name it."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from share2post.semantics.values import Evaluator, Text
from share2post.semantics.world import Unit

_MOST = 4
_NAMED = 2


def links(texts: Iterable[Text]) -> str:
    """``config.py:12 through API_BASE, client.py:3 through URL``: from the first value to the last."""
    places = list(dict.fromkeys(link for text in texts for one in text.through for link in one.links))
    more = f" and {len(places) - _MOST} more" if len(places) > _MOST else ""
    return ", ".join(places[:_MOST]) + more


def named_elsewhere(evaluator: Evaluator, unit: Unit, node: ast.expr, besides: str = "") -> str:
    """Where else the project names what keeps a value: ``UPLOAD_URL is named at tasks.py:3``; or nothing."""
    for name in keepers(unit, node):
        own = unit.module.extent(unit.module.statement(node))
        places = []
        for other in sorted(evaluator.world.units.values(), key=lambda u: (u is not unit, u.path)):
            for line in _lines(other, name, own if other is unit else (0, 0)):
                places += [place] if (place := f"{other.path}:{line}") != besides else []
        if places:
            more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
            return f"{name} is named at {', '.join(places[:_NAMED])}{more}"
    return ""


def keepers(unit: Unit, node: ast.expr) -> list[str]:
    """The names under which a value is kept, the nearest first: a keyword, a key, a variable, a property."""
    found: list[str] = []
    current: ast.AST = node
    for around in unit.module.ancestors(node):
        match around:
            case ast.keyword(arg=str(name)):
                found.append(name)
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                found += [k.value for k, v in pairs if v is current and _is_text(k)]  # type: ignore[union-attr]
            case ast.Assign(targets=targets):
                found += [name for target in targets for name in _target_names(target)]
            case ast.AnnAssign(target=target):
                found += _target_names(target)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.append(name)
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
        current = around
    return [name for name in found if len(name) > 1 and name not in ("default", "default_factory", "factory")]


def _target_names(target: ast.expr) -> list[str]:
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return [name]
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return [name]
    return []


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _lines(unit: Unit, name: str, own: tuple[int, int]) -> list[int]:
    """The lines of a module where a name is read: as a name, an attribute, or a key."""
    if name not in unit.words and name not in unit.strings:
        return []
    found = set()
    for node in ast.walk(unit.module.tree):
        match node:
            case ast.Name(id=spelled, ctx=ast.Load()) | ast.Attribute(attr=spelled, ctx=ast.Load()):
                pass
            case ast.Constant(value=str(spelled)) if not isinstance(
                unit.module.parent(node), ast.Expr | ast.Dict
            ):
                pass
            case _:
                continue
        if spelled == name and not own[0] <= unit.module.extent(node)[0] < own[1]:
            found.add(unit.module.placed(node).lineno)
    return sorted(found)
