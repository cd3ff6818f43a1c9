"""Whether a path behind a base nobody knows is TikTok's: what is said around it decides.

Looks the same and is no finding: a route of the program's own, the path of
another vendor's API, whose parameters have other names.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from share2post import tiktok
from share2post.semantics.module import last_name
from share2post.semantics.relatives import related
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_WORDS = (tiktok.TOKEN_PARAMETER, tiktok.OPEN_ID_PARAMETER, tiktok.OLD_ID)
_ROUTERS = ("path", "re_path", "add_url_rule", "add_route", "add_api_route")


@dataclass(eq=False)
class BarePaths:
    """Judges the paths of the old API that stand behind an unknown base."""

    evaluator: Evaluator

    def is_ours(self, unit: Unit, node: ast.expr, whole: ast.expr) -> bool:
        """Whether the upload's path, standing here, is that of the old API."""
        if is_route(unit, whole):
            return False
        if self.is_tiktok(unit):
            return True
        if self._is_served(unit):
            return False
        words, keys = _said(unit, _around(unit, node))
        named = any(word in text for word in _WORDS for text in words)
        based = whole is not node or _joins(unit, whole)
        return named or (based and tiktok.VIDEO_PART in keys)

    def is_beside(self, unit: Unit, node: ast.expr, whole: ast.expr) -> bool:
        """Whether another path of the same family stands where an upload is, or belongs to one."""
        if is_route(unit, whole):
            return False
        near = related(self.evaluator.world, unit) if self.is_tiktok(unit) else {unit}
        if any(tiktok.LEGACY_HOST in other.module.text for other in near):
            return True
        return any(
            self.is_ours(other, part, part if part is not node else whole)
            for other in near
            for part in ast.walk(other.module.tree)
            if isinstance(part, ast.Constant) and _is_upload(part.value)
        )

    def is_tiktok(self, unit: Unit) -> bool:
        """Whether the module (or the project) speaks of TikTok at all."""
        if "tiktok" in unit.module.text.lower() or "tiktok" in unit.path.lower():
            return True
        return any(tiktok.LEGACY_HOST in u.module.text for u in self.evaluator.world.units.values())

    def _is_served(self, unit: Unit) -> bool:
        """Whether the project answers requests to that path itself."""
        return any(
            isinstance(part, ast.Constant) and _is_upload(part.value) and is_route(other, part)
            for other in related(self.evaluator.world, unit)
            for part in ast.walk(other.module.tree)
        )


def is_route(unit: Unit, node: ast.AST) -> bool:
    """``@app.post("/share/video/upload/")``: the program's own route."""
    parent = unit.module.parent(node)
    call = unit.module.parent(parent) if isinstance(parent, ast.keyword) else parent
    if not isinstance(call, ast.Call) or call.func is node:
        return False
    holder = unit.module.parent(call)
    decorates = isinstance(holder, ast.FunctionDef | ast.AsyncFunctionDef) and call in holder.decorator_list
    name = last_name(call.func)
    return decorates or name in _ROUTERS


def _is_upload(value: object) -> bool:
    """Whether a text holds the upload's path, with nothing behind it but a query."""
    path = value.partition("?")[0].rstrip("/") if isinstance(value, str) else ""
    return path.endswith(tiktok.LEGACY_PATH.lstrip("/"))


def _around(unit: Unit, node: ast.AST) -> ast.AST:
    """The class a node stands in, or the function, or the module."""
    owner = unit.class_of(node) or unit.function_of(node)
    return owner if owner is not None else unit.module.tree


def _said(unit: Unit, around: ast.AST) -> tuple[set[str], set[object]]:
    """The texts and keywords in a piece of code, and the keys of its dicts."""
    words: set[str] = set()
    keys: set[object] = set()
    for part in ast.walk(around):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            if not isinstance(unit.module.parent(part), ast.Expr):
                words.add(part.value)
        elif isinstance(part, ast.keyword) and part.arg is not None:
            words.add(part.arg)
        elif isinstance(part, ast.Dict):
            keys |= {key.value for key in part.keys if isinstance(key, ast.Constant)}
    return words, keys


def _joins(unit: Unit, whole: ast.expr) -> bool:
    """``urljoin(base, "/share/video/upload/")``."""
    call = unit.module.parent(whole)
    name = getattr(call.func, "attr", getattr(call.func, "id", "")) if isinstance(call, ast.Call) else ""
    return name == "urljoin"
