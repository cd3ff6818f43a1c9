"""What shows that code handles TikTok's webhooks, and what shows that it handles another vendor's.

A comment or a docstring shows nothing. The names that the migration itself
writes show nothing about the rest of a file either, or a second run would
know more than the first.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from share2post import tiktok
from share2post.rules.webhook.literals import is_docstring, text_of
from share2post.semantics.module import last_name, walk
from share2post.semantics.world import Unit, World

_SIGNATURE = re.compile(r"(?i)^(?:(?:http|x)[-_])*tiktok[-_]?signature$")
_VENDOR = re.compile(
    r"(?i)youtube|vimeo|(?<![a-z])mux(?![a-z])|cloudflare|instagram|facebook|wistia|brightcove|jwplayer|dailymotion"
    r"|twitch|snapchat|bunny|kaltura|linkedin|twitter|douyin|kuaishou|bilibili|peertube|api_?video"
)
_JSON_KEY = re.compile(r'"(\w+)\\*"\s*:')
_LOADERS = frozenset({"json.loads", "ujson.loads", "orjson.loads", "simplejson.loads"})


class Strength(IntEnum):
    """How much speaks for TikTok, from nothing to the handler itself."""

    NONE = 0
    PROJECT = 1
    FILE = 2
    HANDLER = 3


@dataclass(frozen=True)
class Sign:
    """The strongest sign found, in words."""

    strength: Strength
    words: str = ""


@dataclass(eq=False)
class Signs:
    """Looks for signs of TikTok in the files of a project."""

    world: World
    _protocol: dict[Unit, str | None] = field(default_factory=dict)

    def of(self, homes: Iterable[tuple[Unit, ast.AST]]) -> Sign:
        """What speaks for TikTok in the homes of one site, in their files, in the project."""
        homes = list(homes)
        units = list(dict.fromkeys(unit for unit, _ in homes))
        names = [(unit, name) for unit, home in homes for name in self._names(unit, home)]
        ours = next(((unit, name) for unit, name in names if _is_ours(name)), None)
        protocol = next((self.protocol(unit) for unit in units if self.protocol(unit)), None)
        own = any(self._find_protocol(unit, home) for unit, home in homes)
        if ours is None and not own and any(_VENDOR.search(name) for _, name in names):
            return Sign(Strength.NONE)
        if protocol is not None:
            return Sign(Strength.HANDLER, protocol)
        if ours is not None:
            return Sign(Strength.HANDLER, f"{ours[1]} ({ours[0].path}) names TikTok")
        inside = next((unit for unit in units if _is_ours(unit.path)), None)
        if inside is not None:
            return Sign(Strength.HANDLER, f"{inside.path} names TikTok")
        if any(_VENDOR.search(unit.path) for unit in units):
            return Sign(Strength.NONE)
        return self._around(units)

    def _around(self, units: list[Unit]) -> Sign:
        for unit in units:
            if _mentions(unit):
                return Sign(Strength.FILE, f"{unit.path} names TikTok, but not here")
        for unit in self.world.units.values():
            if unit not in units and (_is_ours(unit.path) or self.protocol(unit) or _mentions(unit)):
                return Sign(Strength.PROJECT, f"{unit.path} deals with TikTok, but not this file")
        return Sign(Strength.NONE)

    # the protocol

    def protocol(self, unit: Unit) -> str | None:
        """A part of TikTok's webhook protocol that stands in a file, in words."""
        if unit not in self._protocol:
            self._protocol[unit] = self._find_protocol(unit, unit.module.tree)
        return self._protocol[unit]

    def _find_protocol(self, unit: Unit, root: ast.AST) -> str | None:
        keys: dict[str, ast.AST] = {}
        for node, text in _words(unit, root):
            for key in [text, *_JSON_KEY.findall(text)]:
                keys.setdefault(key, node)
            if _SIGNATURE.match(text):
                return self._say(unit, node, f"the {text} signature")
        for text, node in keys.items():
            if text == tiktok.USER_KEY:
                return self._say(unit, node, f"the envelope's {text}")
            if text in tiktok.OTHER_EVENTS and isinstance(node, ast.Constant):
                return self._say(unit, node, f"TikTok's event {text}")
        body = {tiktok.EVENT_KEY, tiktok.CONTENT_KEY, tiktok.CREATE_TIME} & keys.keys()
        if tiktok.CLIENT_KEY in keys and body and "client_cert" not in keys:
            return self._say(unit, keys[tiktok.CLIENT_KEY], f"the envelope's {tiktok.CLIENT_KEY}")
        if len(body) == 3:
            return self._say(unit, keys[tiktok.CREATE_TIME], "the envelope's create_time, event and content")
        return self._double_json(unit, root, keys)

    def _double_json(self, unit: Unit, root: ast.AST, keys: dict[str, ast.AST]) -> str | None:
        """``json.loads(hook["content"])`` with an id in it: JSON within the JSON is TikTok's habit."""
        if tiktok.EVENT_KEY not in keys or not {tiktok.OLD_ID, tiktok.NEW_ID} & keys.keys():
            return None
        for call in [node for node in walk(root) if isinstance(node, ast.Call)]:
            if self.world.qualified(unit, call.func) in _LOADERS and call.args:
                for part in ast.walk(call.args[0]):
                    if text_of(part) == tiktok.CONTENT_KEY or _is_attribute(part, tiktok.CONTENT_KEY):
                        return self._say(
                            unit, call, "the event's content is JSON within the JSON and holds an id"
                        )
        return None

    def _say(self, unit: Unit, node: ast.AST, what: str) -> str:
        return f"{what} ({unit.path}:{unit.module.span(node).line})"

    # names

    def _names(self, unit: Unit, home: ast.AST) -> Iterator[str]:
        """The names around a home: functions, classes, routes, and the name it assigns."""
        for around in [home, *unit.module.ancestors(home)]:
            match around:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    yield around.name
                    for decorator in around.decorator_list:
                        yield from self._route(unit, decorator)
                case ast.Assign() if around is home:
                    yield from (last_name(target) for target in around.targets)
                case ast.AnnAssign() if around is home:
                    yield last_name(around.target)
        if isinstance(home, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from self._routes_to(home.name)

    def _route(self, unit: Unit, decorator: ast.expr) -> Iterator[str]:
        """The strings of ``@router.post("/tiktok")``, and of the router's own prefix."""
        yield from _strings(decorator)
        func = decorator.func if isinstance(decorator, ast.Call) else decorator
        yield from (part.id for part in ast.walk(func) if isinstance(part, ast.Name))
        yield from (part.attr for part in ast.walk(func) if isinstance(part, ast.Attribute))
        if isinstance(func, ast.Attribute):
            definition = self.world.definition(unit, func.value)
            if definition is not None and isinstance(definition.value, ast.Call):
                yield from _strings(definition.value)

    def _routes_to(self, name: str) -> Iterator[str]:
        """The strings of ``path("tiktok/", views.webhook)`` anywhere in the project."""
        for unit in self.world.units.values():
            if name not in unit.words or "tiktok" not in unit.module.text.lower():
                continue
            for call in unit.calls():
                values = [*call.args, *(keyword.value for keyword in call.keywords)]
                if any(last_name(value) == name for value in values):
                    yield from (text for text in _strings(call) if "/" in text)


def _is_ours(text: str) -> bool:
    return "tiktok" in text.lower().replace("_", "").replace("-", "")


def _mentions(unit: Unit) -> bool:
    """Whether a file names TikTok anywhere but in comments and docstrings."""
    if "tiktok" not in unit.module.text.lower().replace("_", ""):
        return False
    return any(_is_ours(text) for _, text in _words(unit, unit.module.tree))


def _words(unit: Unit, root: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Strings and identifiers that carry meaning, with where they stand."""
    for node in walk(root):
        match node:
            case ast.Constant():
                text = text_of(node)
                if text is not None and not is_docstring(unit, node):
                    yield node, text
            case (
                ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name))
            ):
                yield node, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node, name
            case ast.alias(name=name):
                yield node, name


def _strings(node: ast.AST) -> Iterator[str]:
    yield from (text for part in ast.walk(node) if (text := text_of(part)) is not None)


def _is_attribute(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name
