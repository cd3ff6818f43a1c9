"""What a person should know beside the rewrite, said in the messages of a site and changed by nobody."""

from __future__ import annotations

import ast

from share2post import tiktok
from share2post.rules.webhook.literals import text_of
from share2post.semantics.module import walk
from share2post.semantics.world import Unit

Homes = list[tuple[Unit, ast.AST]]
_REFUSALS = frozenset({400, 404, 405, 406, 410, 422, 500, 501})
_REFUSING = frozenset({"HttpResponseBadRequest", "HTTPBadRequest", "BadRequest", "bad_request"})


def notes_on_events(homes: Homes) -> str:
    """That TikTok sends more events now, where unknown ones are refused (T30)."""
    for unit, home in homes:
        for node in walk(home):
            if isinstance(node, ast.If) and node.orelse and _asks(node) and _refuses(node.orelse):
                return _strict(unit, node.orelse[0])
            if (
                isinstance(node, ast.match_case)
                and isinstance(node.pattern, ast.MatchAs)
                and _refuses(node.body)
            ):
                return _strict(unit, node.body[0])
    return ""


def _strict(unit: Unit, node: ast.stmt) -> str:
    return (
        f"unknown events are refused here (line {unit.module.span(node).line}), and TikTok also sends "
        "post.publish.inbox_delivered and others now: answer them with 200, or they come again for 72 hours"
    )


def _asks(node: ast.If) -> bool:
    return any(text_of(part) in (*tiktok.EVENTS, *tiktok.EVENTS.values()) for part in walk(node.test))


def _refuses(body: list[ast.stmt]) -> bool:
    if len(body) == 1 and isinstance(body[0], ast.If):
        return False
    for statement in body:
        for part in walk(statement):
            if isinstance(part, ast.Constant) and type(part.value) is int and part.value in _REFUSALS:
                return True
            if isinstance(part, ast.Name) and part.id in _REFUSING:
                return True
    return False


def notes_on_ids(homes: Homes, renamed: dict[ast.AST, str]) -> str:
    """Which names of the program's own stay as they are (T23, T24)."""
    places: list[str] = []
    for unit, home in homes:
        for node in walk(home):
            if _is_own(node, renamed):
                places.append(f"{unit.path}:{unit.module.span(node).line}")
    known = list(dict.fromkeys(places))
    if not known:
        return ""
    return f"your own share_id keeps its name ({', '.join(known[:3])}) and holds a publish_id from now on"


def _is_own(node: ast.AST, renamed: dict[ast.AST, str]) -> bool:
    match node:
        case ast.keyword(arg=tiktok.OLD_ID):
            return True
        case ast.Attribute(attr=tiktok.OLD_ID, ctx=ast.Store()):
            return True
        case ast.Dict():
            return any(
                text_of(key) == tiktok.OLD_ID and key not in renamed for key in node.keys if key is not None
            )
        case ast.Subscript(ctx=ast.Store()):
            return text_of(node.slice) == tiktok.OLD_ID
        case ast.Constant(value=str(text)):
            upper = text.upper()
            return tiktok.OLD_ID in text and any(
                word in upper for word in ("INSERT ", "UPDATE ", "SELECT ", "WHERE ")
            )
    return False
