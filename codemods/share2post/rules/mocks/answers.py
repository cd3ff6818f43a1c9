"""An old answer in a test, and the same answer of the new API.

::

    {"data": {"share_id": "v_1", "error_code": 0}}       {"data": {"publish_id": "v_1", "upload_url": ...},
                                                          "error": {"code": "ok", "message": "", "log_id": ""}}
    {"data": {"error_code": 20000, "error_msg": "no"}}   {"data": {}, "error": {"code": "access_token_invalid", ...}}
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from typing import Final

from share2post import tiktok
from share2post.rules.mocks.library import Body
from share2post.rules.mocks.room import lift_comments, opened
from share2post.rules.mocks.spelling import integer
from share2post.semantics.callers import callers
from share2post.semantics.uses import uses_of
from share2post.semantics.values import Evaluator, returned
from share2post.semantics.world import Definition, Unit
from share2post.sites import Draft
from share2post.syntax.layout import Item, mapping, render
from share2post.syntax.style import style_of

UPLOAD_LINK: Final = "https://open-upload.tiktokapis.com/video/?upload_id=67890&upload_token=Xza123"
_DATA: Final = frozenset({tiktok.OLD_ID, *tiktok.OLD_CODES, tiktok.OLD_MESSAGE})
_EXTRA: Final = frozenset({tiktok.OLD_LOG_ID, tiktok.OLD_DETAIL})
_DEPTH: Final = 5
_RENAMED: Final[dict[tuple[object, object], tuple[str, str]]] = {
    (tiktok.OLD_DATA, tiktok.OLD_ID): (tiktok.NEW_DATA, tiktok.NEW_ID),
    (tiktok.OLD_DATA, tiktok.OLD_MESSAGE): (tiktok.NEW_ERROR, tiktok.NEW_MESSAGE),
    (tiktok.OLD_EXTRA, tiktok.OLD_LOG_ID): (tiktok.NEW_ERROR, tiktok.NEW_LOG_ID),
}
NOT_SEEN: Final = "what it answers cannot be worked out"


@dataclass(frozen=True, eq=False)
class Old:
    """An old answer, read: the node that spells it, and its fields."""

    unit: Unit
    node: ast.Dict | ast.Constant
    code: int
    fields: dict[str, ast.expr]
    sources: tuple[Definition | ast.FunctionDef | ast.AsyncFunctionDef, ...] = ()
    parsed: dict[str, object] | None = None  # of a text

    @property
    def succeeds(self) -> bool:
        """Whether it says that the video arrived."""
        return self.code == 0


class Unseen(Exception):
    """An answer that cannot be rewritten; the message says why."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Reads old answers and writes new ones."""

    evaluator: Evaluator

    def read(self, unit: Unit, body: Body) -> tuple[Old | None, bool]:
        """The old answer of a mock (``None``: no answer of the API), and whether an upload it answers succeeds."""
        if body.fails:
            return None, False
        status = integer(body.status) if body.status is not None else 200
        old = self.find(unit, body.value) if body.value is not None else None
        if old is None:
            if status is None or status < 400 or self._holds_answer(body.value):
                raise Unseen(NOT_SEEN)
            return None, False
        if old.succeeds and status is None:
            raise Unseen("its status cannot be worked out")
        return old, old.succeeds and status is not None and status < 400

    def _holds_answer(self, value: ast.expr | None) -> bool:
        """Whether something that is no old answer still has a field of either one, or cannot be seen at all."""
        if value is None:
            return False
        words = {c.value for c in ast.walk(value) if isinstance(c, ast.Constant)}
        return bool(words & {"data", "extra", "error"}) or not isinstance(value, ast.Constant | ast.Dict)

    def find(
        self,
        unit: Unit,
        node: ast.expr,
        sources: tuple[Definition | ast.FunctionDef | ast.AsyncFunctionDef, ...] = (),
    ) -> Old | None:
        """The old answer behind an expression: a dict, JSON text, a constant, a function that returns one."""
        if len(sources) > _DEPTH:
            return None
        match node:
            case ast.Dict():
                return self._dict(unit, node, sources)
            case ast.Constant(value=str() | bytes()):
                return self._json(unit, node, sources)
            case ast.Call(func=ast.Attribute(attr="encode", value=inner)):
                return self.find(unit, inner, sources)
            case ast.Call(args=[inner]) if self.evaluator.world.qualified(unit, node.func) == "json.dumps":
                return self.find(unit, inner, sources)
            case ast.Call():
                callee = self.evaluator.callee(unit, node)
                value = returned(callee[1]) if callee is not None else None
                if callee is None or value is None:
                    return None
                return self.find(callee[0], value, (*sources, callee[1]))
            case ast.Name() | ast.Attribute():
                found = self.evaluator.world.definition(unit, node)
                return self.find(found.unit, found.value, (*sources, found)) if found is not None else None
        return None

    def _dict(self, unit: Unit, node: ast.Dict, sources: tuple[object, ...]) -> Old | None:
        top = _items(node)
        data = top.get(tiktok.OLD_DATA) if top is not None else None
        inner = _items(data) if isinstance(data, ast.Dict) else None
        if top is None or inner is None or not inner.keys() & _DATA:
            return None
        extra = _items(top.get(tiktok.OLD_EXTRA))
        unknown = (top.keys() - {tiktok.OLD_DATA, tiktok.OLD_EXTRA}) | (inner.keys() - _DATA)
        if unknown or extra is None or extra.keys() - _EXTRA:
            raise Unseen("the answer it gives has fields that the old API never had")
        if not isinstance(extra.get(tiktok.OLD_DETAIL, node.keys[0]), ast.Constant | ast.Name):
            raise Unseen(NOT_SEEN)
        codes = {self._code(unit, inner[key]) for key in tiktok.OLD_CODES if key in inner}
        return Old(unit, node, _settled(codes, inner), inner | extra, _kept(sources))

    def _code(self, unit: Unit, node: ast.expr) -> int | None:
        number = integer(node)
        if number is None and isinstance(node, ast.Name | ast.Attribute):
            found = self.evaluator.world.definition(unit, node)
            number = integer(found.value) if found is not None else None
        return number

    def _json(self, unit: Unit, node: ast.Constant, sources: tuple[object, ...]) -> Old | None:
        try:
            parsed = json.loads(
                str(node.value, "utf-8") if isinstance(node.value, bytes) else str(node.value)
            )
        except ValueError:
            return None
        data = parsed.get(tiktok.OLD_DATA) if isinstance(parsed, dict) else None
        if not isinstance(parsed, dict) or not isinstance(data, dict) or not data.keys() & _DATA:
            return None
        extra = parsed.get(tiktok.OLD_EXTRA, {})
        unknown = (parsed.keys() - {tiktok.OLD_DATA, tiktok.OLD_EXTRA}) | (data.keys() - _DATA)
        if unknown or not isinstance(extra, dict) or extra.keys() - _EXTRA or unit.module.fstring(node):
            raise Unseen("the answer it gives has fields that the old API never had")
        codes = {data[key] if isinstance(data[key], int) else None for key in tiktok.OLD_CODES if key in data}
        return Old(unit, node, _settled(codes, data), {}, _kept(sources), {**data, **extra})

    # what else uses it

    def strangers(self, old: Old, bodies: set[ast.AST], draft: Draft) -> bool:
        """Whether something else than the mocks' answers uses what the old answer is bound to.

        A read of the id or the message (``ANSWER["data"]["share_id"]``) is no stranger; it is renamed.
        """
        world = self.evaluator.world
        for source in old.sources:
            if isinstance(source, Definition):
                uses = uses_of(world, source)
                others = [(u, load) for u, load in uses.loads if not _within(u, load, bodies)]
                if uses.hidden or not uses.loads or not all(_renamed(draft, u, load) for u, load in others):
                    return True
            else:
                calls = callers(self.evaluator, old.unit, source)
                known = {call.func for _, call in calls}
                named = [
                    (unit, node)
                    for unit in world.units.values()
                    if source.name in unit.words
                    for node in ast.walk(unit.module.tree)
                    if (isinstance(node, ast.Name) and node.id == source.name)
                    or (isinstance(node, ast.Attribute) and node.attr == source.name)
                ]
                if any(node not in known for _, node in named):
                    return True
                if not all(_within(unit, call, bodies) for unit, call in calls):
                    return True
        return False

    # the new answer

    def write(self, old: Old, draft: Draft) -> None:
        """Put the new answer where the old one stands."""
        module, style = old.unit.module, style_of(old.unit.module)
        start, end = module.extent(old.node)
        if not lift_comments(draft, old.unit, old.node):
            raise Unseen("a comment stands in its answer")
        if old.parsed is not None:
            draft.replace(old.unit, start, end, _text(module.source(old.node), self._new(old)))
            return
        indent, column = opened(draft, old.unit, old.node)
        quote = style.quote

        def item(key: str, value: str) -> Item:
            return Item(f"{quote}{key}{quote}: ", value)

        def source(key: str) -> str:
            found = old.fields.get(key)
            return module.source(found) if found is not None else f"{quote}{quote}"

        link = f"{quote}{UPLOAD_LINK}{quote}"
        data = mapping(
            *(
                [item(tiktok.NEW_ID, source(tiktok.OLD_ID)), item(tiktok.NEW_UPLOAD_URL, link)]
                if old.succeeds
                else []
            )
        )
        error = mapping(
            item(tiktok.NEW_CODE, f"{quote}{tiktok.CODES[old.code][0]}{quote}"),
            item(tiktok.NEW_MESSAGE, source(tiktok.OLD_MESSAGE)),
            item(tiktok.NEW_LOG_ID, source(tiktok.OLD_LOG_ID)),
        )
        parts = [("data", tiktok.NEW_DATA, data), ("error", tiktok.NEW_ERROR, error)]
        whole = mapping(*(Item(f"{quote}{key}{quote}: ", part) for _, key, part in parts))
        draft.replace(old.unit, start, end, render(whole, indent, style, column))

    def _new(self, old: Old) -> dict[str, object]:
        parsed = old.parsed or {}
        data = {tiktok.NEW_ID: parsed.get(tiktok.OLD_ID), tiktok.NEW_UPLOAD_URL: UPLOAD_LINK}
        return {
            tiktok.NEW_DATA: data if old.succeeds else {},
            tiktok.NEW_ERROR: {
                tiktok.NEW_CODE: tiktok.CODES[old.code][0],
                tiktok.NEW_MESSAGE: parsed.get(tiktok.OLD_MESSAGE, ""),
                tiktok.NEW_LOG_ID: parsed.get(tiktok.OLD_LOG_ID, ""),
            },
        }


def looks_old(node: ast.Dict) -> bool:
    """Whether a dict is spelled like an answer of the old API."""
    top = _items(node) or {}
    data = _items(top.get(tiktok.OLD_DATA)) or {}
    return bool(data.keys() & _DATA)


def _items(node: ast.expr | None) -> dict[str, ast.expr] | None:
    """The entries of a dict whose keys are all literal; those of nothing are none."""
    if node is None:
        return {}
    if not isinstance(node, ast.Dict):
        return None
    found = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return None
        found[key.value] = value
    return found


def _settled(codes: set[int | None], data: dict[str, ast.expr] | dict[str, object]) -> int:
    """The one code of an answer; success is also an id without a code."""
    if len(codes) > 1 or None in codes:
        raise Unseen("the error code it answers with cannot be worked out")
    code = codes.pop() if codes else 0 if tiktok.OLD_ID in data else None
    if code is None or (code == 0 and tiktok.OLD_ID not in data):
        raise Unseen(NOT_SEEN)
    if code not in tiktok.CODES:
        raise Unseen(f"the error code {code} it answers with has no proven counterpart")
    return code


def _kept(sources: tuple[object, ...]) -> tuple[Definition | ast.FunctionDef | ast.AsyncFunctionDef, ...]:
    return tuple(s for s in sources if isinstance(s, Definition | ast.FunctionDef | ast.AsyncFunctionDef))


def _within(unit: Unit, node: ast.AST, bodies: set[ast.AST]) -> bool:
    return node in bodies or any(around in bodies for around in unit.module.ancestors(node))


def _renamed(draft: Draft, unit: Unit, node: ast.expr) -> bool:
    """``ANSWER["data"]["share_id"]`` becomes ``ANSWER["data"]["publish_id"]``."""
    outer = unit.module.parent(node)
    field = unit.module.parent(outer) if isinstance(outer, ast.Subscript) and outer.value is node else None
    if (
        not isinstance(outer, ast.Subscript)
        or not isinstance(field, ast.Subscript)
        or field.value is not outer
    ):
        return False
    keys = [k.value if isinstance(k, ast.Constant) else None for k in (outer.slice, field.slice)]
    new = _RENAMED.get((keys[0], keys[1])) if isinstance(field.ctx, ast.Load) else None
    if new is None:
        return False
    quote = style_of(unit.module).quote
    for place, name in zip((outer.slice, field.slice), new, strict=True):
        draft.swap(unit, place, f"{quote}{name}{quote}")
    return True


def _text(source: str, new: dict[str, object]) -> str:
    """The new answer as JSON text, spelled as the old one was."""
    prefix = source[: min(source.index(q) for q in "'\"" if q in source)]
    if source.endswith(('"""', "'''")):
        return f"{prefix}{source[-3:]}{json.dumps(new, indent=2)}{source[-3:]}"
    text = json.dumps(new)
    return (
        f"{prefix.replace('r', '')}'{text}'" if "'" not in text and "\\" not in text else prefix + repr(text)
    )
