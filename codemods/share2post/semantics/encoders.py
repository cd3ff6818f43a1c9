"""Forms encoded by requests-toolbelt: the fields behind an encoder, and the variables that carry it.

::

    encoder = MultipartEncoder(fields={"video": ("video.mp4", video, "video/mp4")})
    monitor = MultipartEncoderMonitor(encoder, show_progress)
    requests.post(url, data=monitor, headers={"Content-Type": monitor.content_type})
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Final

from share2post.semantics.calls import arguments, is_none
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_PACKAGES: Final = ("requests_toolbelt", "requests_toolbelt.multipart", "requests_toolbelt.multipart.encoder")
_ENCODERS: Final = frozenset(f"{package}.MultipartEncoder" for package in _PACKAGES)
_MONITORS: Final = frozenset(f"{package}.MultipartEncoderMonitor" for package in _PACKAGES)
_DEPTH: Final = 4


@dataclass(frozen=True, eq=False)
class Encoder:
    """The fields of a form, the variables between it and the request, and who watches it being sent."""

    fields: ast.expr
    carriers: tuple[Binding, ...] = ()
    callback: ast.expr | None = None


def find(evaluator: Evaluator, unit: Unit, node: ast.expr, depth: int = 0) -> Encoder | None:
    """The encoder an expression is; ``None`` where it is not one the tool can see into."""
    if depth > _DEPTH:
        return None
    if isinstance(node, ast.Name):
        binding = unit.flow.only(node)
        if binding is None or binding.kind is not Kind.ASSIGN or binding.value is None:
            return None
        found = find(evaluator, unit, binding.value, depth + 1)
        plain = isinstance(unit.module.parent(binding.node), ast.Assign | ast.AnnAssign)
        return replace(found, carriers=(binding, *found.carriers)) if found is not None and plain else None
    if not isinstance(node, ast.Call):
        return None
    name = evaluator.world.qualified(unit, node.func) or ""
    if name in _ENCODERS:
        given = arguments(evaluator.world, unit, node, ("fields", "boundary", "encoding"))
        fields = given.get("fields")
        return Encoder(fields) if fields is not None and not given.hidden else None
    if name in _MONITORS:
        given = arguments(evaluator.world, unit, node, ("encoder", "callback"))
        inner = given.get("encoder")
        found = find(evaluator, unit, inner, depth + 1) if inner is not None and not given.hidden else None
        return _watched(found, given.get("callback"))
    if name.removesuffix(".from_fields") in _MONITORS:
        given = arguments(evaluator.world, unit, node, ("fields", "boundary", "encoding", "callback"))
        fields = given.get("fields")
        return (
            _watched(Encoder(fields), given.get("callback"))
            if fields is not None and not given.hidden
            else None
        )
    return None


def _watched(found: Encoder | None, callback: ast.expr | None) -> Encoder | None:
    return found if found is None or is_none(callback) else replace(found, callback=callback)
