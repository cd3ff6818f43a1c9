"""Payloads that a program makes up, for a test or a simulator: a dict, or JSON in a string.

::

    {"event": "video.publish.completed", ..., "content": json.dumps({"share_id": "v_inbox.1"})}
    '{"event": "video.publish.completed", ..., "content": "{\\"share_id\\": \\"v_inbox.1\\"}"}'
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from share2post import tiktok
from share2post.model import Reason
from share2post.rules.webhook.ledger import Ledger
from share2post.rules.webhook.literals import is_docstring, text_of, written
from share2post.rules.webhook.reach import Reach
from share2post.semantics.flow import Kind
from share2post.semantics.module import last_name, walk
from share2post.semantics.world import Unit

_NAMES = re.compile("|".join(re.escape(name) for name in sorted(tiktok.EVENTS, key=len, reverse=True)))
_KEY = re.compile(rf"{tiktok.OLD_ID}(?=\\*[\"'])")
_LIST = re.compile(r"[\w.]+(?:[\s,;|]+[\w.]+)*")


@dataclass(eq=False)
class Payloads:
    """Renames what stands in made-up payloads."""

    reach: Reach
    ledger: Ledger
    follow: Callable[[Unit, ast.expr], None]

    # dicts

    def display(self, unit: Unit, node: ast.Dict | ast.Call) -> None:
        """The content of an envelope that is written out."""
        if isinstance(node, ast.Call):
            pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
        else:
            pairs = [(text_of(key), value) for key, value in zip(node.keys, node.values, strict=True)]
        for key, value in pairs:
            if key == tiktok.CONTENT_KEY:
                self.content(unit, value, 0)
        self.follow(unit, node)

    def content(self, unit: Unit, node: ast.expr, depth: int) -> None:
        """A made-up content, wherever its dict is written."""
        if depth > 8:
            return
        match node:
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if text_of(key) == tiktok.OLD_ID and key is not None:
                        self._key(unit, key)
                    elif key is None:
                        self.content(unit, value, depth + 1)
            case ast.Call() if last_name(node.func) in ("dumps", "dict", "str", "encode", "decode"):
                for argument in node.args[:1]:
                    self.content(unit, argument, depth + 1)
                for keyword in node.keywords:
                    if keyword.arg == tiktok.OLD_ID and last_name(node.func) == "dict":
                        self._keyword(unit, keyword)
            case ast.IfExp():
                self.content(unit, node.body, depth + 1)
                self.content(unit, node.orelse, depth + 1)
            case ast.BoolOp():
                for value in node.values:
                    self.content(unit, value, depth + 1)
            case ast.Name():
                self._variable(unit, node, depth)
            case ast.Constant() | ast.JoinedStr():
                self._text(unit, node)

    def _variable(self, unit: Unit, node: ast.Name, depth: int) -> None:
        for binding in unit.flow.reaching(node):
            if binding.kind is Kind.ASSIGN and binding.value is not None:
                self.ledger.join(unit, node, unit, binding.value)
                self.content(unit, binding.value, depth + 1)
            elif binding.kind is Kind.PARAMETER:
                for other, value in self.reach.calls.given(unit, binding):
                    self.ledger.join(unit, node, other, value)
                    self.content(other, value, depth + 1)

    def _key(self, unit: Unit, key: ast.expr) -> None:
        self.ledger.mark("S2P006", unit, key, "share_id stands in the content of a made-up webhook")
        self.ledger.rename(unit, key, tiktok.NEW_ID, written(unit, key, tiktok.NEW_ID))

    def _keyword(self, unit: Unit, keyword: ast.keyword) -> None:
        self.ledger.mark("S2P006", unit, keyword, "share_id stands in the content of a made-up webhook")
        start = unit.module.extent(keyword)[0]
        self.ledger.replace(unit, keyword, (start, start + len(tiktok.OLD_ID)), tiktok.NEW_ID)

    def _text(self, unit: Unit, node: ast.expr) -> None:
        source = unit.module.source(node)
        changed, count = _KEY.subn(tiktok.NEW_ID, source)
        if not count:
            return
        self.ledger.mark("S2P006", unit, node, "share_id stands in the content of a made-up webhook")
        self.ledger.replace(unit, node, unit.module.extent(node), changed)

    # JSON in strings

    def texts(self, unit: Unit) -> None:
        """Strings that hold an event's name among other text."""
        for node in walk(unit.module.tree):
            if isinstance(node, ast.Constant) and not is_docstring(unit, node):
                text = text_of(node)
                if text is not None and text not in tiktok.EVENTS and _NAMES.search(text):
                    self._longer(unit, node, text)

    def _longer(self, unit: Unit, node: ast.Constant, text: str) -> None:
        part = unit.module.parent(node)
        whole = part if isinstance(part, ast.JoinedStr) else node
        event = _envelope(text)
        if event is not None and whole is node:
            self._json(unit, node, text)
        elif _looks_like_json(text):
            self._manual(
                unit, whole, "a text made of JSON and other parts holds the name of an old webhook event"
            )
        elif (
            _LIST.fullmatch(text.strip()) and set(re.split(r"[\s,;|]+", text.strip())) & tiktok.EVENTS.keys()
        ):
            self._manual(unit, whole, "a list in a string holds the name of an old webhook event")

    def _json(self, unit: Unit, node: ast.Constant, text: str) -> None:
        source = unit.module.source(node)
        changed = _KEY.sub(tiktok.NEW_ID, _NAMES.sub(lambda match: tiktok.EVENTS[match[0]], source))
        self.ledger.mark("S2P005", unit, node, "the JSON of a webhook names an old event")
        self.follow(unit, node)
        if _same(changed, text):
            self.ledger.replace(unit, node, unit.module.extent(node), changed)
        else:
            self.ledger.stop(Reason.UNKNOWN_EVENT_USE, "the JSON cannot be changed in place", unit, node)

    def _manual(self, unit: Unit, node: ast.expr, what: str) -> None:
        self.ledger.mark("S2P005", unit, node, what)
        hint = "the tool does not rewrite it: rename the event, and share_id in its content, by hand"
        self.ledger.stop(Reason.UNKNOWN_EVENT_USE, hint, unit, node)


def _envelope(text: str) -> dict[str, object] | None:
    """The webhook that a text is, where it is one."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) and value.get(tiktok.EVENT_KEY) in tiktok.EVENTS else None


def _same(source: str, before: str) -> bool:
    """Whether a changed literal says what the old one said, with the new names."""
    try:
        after = ast.literal_eval(source)
        new = json.loads(after.decode() if isinstance(after, bytes) else after)
    except (ValueError, SyntaxError, AttributeError):
        return False
    return list(_renamed(json.loads(before))) == [new]


def _renamed(value: dict[str, object]) -> Iterator[dict[str, object]]:
    fresh = {**value, tiktok.EVENT_KEY: tiktok.EVENTS[str(value[tiktok.EVENT_KEY])]}
    content = value.get(tiktok.CONTENT_KEY)
    if isinstance(content, str):
        fresh[tiktok.CONTENT_KEY] = _KEY.sub(tiktok.NEW_ID, content)
    elif isinstance(content, dict):
        fresh[tiktok.CONTENT_KEY] = {
            tiktok.NEW_ID if k == tiktok.OLD_ID else k: v for k, v in content.items()
        }
    yield fresh


def _looks_like_json(text: str) -> bool:
    quoted = any(f'"{name}"' in text or f'\\"{name}\\"' in text for name in tiktok.EVENTS)
    return quoted and ":" in text and ("{" in text or '"event"' in text)
