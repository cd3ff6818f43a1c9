"""The parts of a webhook, and how one is read out of another."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum, auto

from share2post import tiktok
from share2post.rules.webhook.literals import text_of
from share2post.semantics.world import Unit


class What(Enum):
    """What a followed expression is."""

    PAYLOAD = auto()
    MADE = auto()  # an envelope that the program makes up itself, as a test does
    EVENT = auto()
    CONTENT = auto()
    ID = auto()


@dataclass(frozen=True, eq=False)
class KeyRead:
    """``node["key"]``, ``node.get("key", default)`` or ``node.key``."""

    key: str
    key_node: ast.expr | None
    outer: ast.expr


def key_read(unit: Unit, node: ast.expr, parent: ast.AST | None) -> KeyRead | None:
    """The read of one key of a dict, or of an attribute, where the parent of an expression is one."""
    if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Load):
        key = text_of(parent.slice)
        return KeyRead(key, parent.slice, parent) if key is not None else None
    if not isinstance(parent, ast.Attribute) or parent.value is not node:
        return None
    call = unit.module.parent(parent)
    if parent.attr in ("get", "pop") and isinstance(call, ast.Call) and call.func is parent and call.args:
        key = text_of(call.args[0])
        return KeyRead(key, call.args[0], call) if key is not None else None
    return KeyRead(parent.attr, None, parent) if isinstance(parent.ctx, ast.Load) else None


def part_of(key: str | None) -> What | None:
    """What stands under a key of the envelope."""
    if key == tiktok.CONTENT_KEY:
        return What.CONTENT
    return What.EVENT if key in (tiktok.EVENT_KEY, "event_type", "event_name") else None
