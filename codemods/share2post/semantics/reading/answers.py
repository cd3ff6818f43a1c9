"""Reads of the response itself, of its text, and of the top of its parsed body."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.reading.keys import (
    OLD_WORDS,
    KeyRead,
    constant,
    finds_id,
    is_empty,
    key_read,
    requoted,
    tests_key,
)
from share2post.semantics.reading.tracked import What
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader

_STREAM_LOADERS = frozenset({"json.load", "ujson.load", "simplejson.load"})
_LOADERS = frozenset(
    {"json.loads", "ujson.loads", "orjson.loads", "simplejson.loads", "tornado.escape.json_decode"}
)
_STILL_TEXT = frozenset({"decode", "strip", "lstrip", "rstrip", "lower", "upper", "casefold", "replace"})
_TAKES_APART = frozenset(
    {"split", "rsplit", "partition", "rpartition", "find", "rfind", "index", "rindex", "count"}
)


@dataclass(eq=False)
class Answers:
    """Reads of the response itself, of its text, and of the top of its parsed body."""

    reader: Reader

    def response(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> None:
        if isinstance(parent, ast.Attribute):
            outer = unit.module.parent(parent)
            called = outer if isinstance(outer, ast.Call) and outer.func is parent else None
            if parent.attr in self.reader.shape.json:
                if called is not None:
                    self.reader.follow(unit, called, What.BODY)
                else:
                    self.reader.exits.lost(unit, node, What.RESPONSE, "hands its json method on")
            elif parent.attr in self.reader.shape.raw_methods:
                if called is not None:
                    self._read_once(unit, called)
                    self.reader.follow(unit, called, What.RAW)
            elif parent.attr in self.reader.shape.raw:
                self.reader.follow(unit, parent, What.RAW)
            elif parent.attr in self.reader.shape.links:
                self.reader.follow(unit, parent, What.RESPONSE)
            elif parent.attr in self.reader.shape.itself and called is not None:
                self.reader.follow(unit, called, What.RESPONSE)
            elif parent.attr == "url" and parent.attr in self.reader.shape.plain:
                shown = self.reader.sinks.harmless(unit, parent, unit.module.parent(parent), boolean=False)
                if not shown:
                    self.reader.draft.stop(
                        Reason.UNKNOWN_READ,
                        "the response's .url is used, which is another address now",
                        unit,
                        parent,
                    )
            elif parent.attr not in self.reader.shape.plain:
                self.reader.draft.stop(
                    Reason.UNKNOWN_READ,
                    f"the response's .{parent.attr} is read, which the tool cannot map",
                    unit,
                    parent,
                )
            return
        if isinstance(parent, ast.Subscript):
            self.reader.draft.stop(
                Reason.UNKNOWN_READ, "the response itself is read like a dict, without .json()", unit, parent
            )
            return
        streamed = (
            isinstance(parent, ast.Call) and self.reader.shape.raw_methods and parent.args[:1] == [node]
        )
        if (
            streamed
            and isinstance(parent, ast.Call)
            and self.reader.evaluator.world.qualified(unit, parent.func) in _STREAM_LOADERS
        ):
            self._read_once(unit, parent)
            self.reader.follow(unit, parent, What.BODY)
            return
        self.reader.exits.elsewhere(unit, node, parent, What.RESPONSE)

    def _read_once(self, unit: Unit, call: ast.Call) -> None:
        """Note where a body is read that can be read only once."""
        self.reader.reads.append((unit, call))
        if isinstance(call.func, ast.Attribute) and call.func.attr == "read" and (call.args or call.keywords):
            self.reader.draft.stop(Reason.UNKNOWN_READ, "only a part of the answer is read here", unit, call)

    def raw(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> None:
        if self.reader.models.parsed(unit, node, parent, What.RAW):
            return
        match parent:
            case ast.Call() if self._parses(unit, parent, node):
                self.reader.follow(unit, parent, What.BODY)
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(), default]) if default is node:
                around = unit.module.parent(parent)  # .get("error_msg", response.text)
                self.reader.exits.elsewhere(unit, parent, around, What.RAW)
            case _ if self._searched(unit, node, parent):
                self.reader.draft.stop(
                    Reason.UNKNOWN_READ,
                    "the answer's text is searched for a field of the old answer",
                    unit,
                    parent or node,
                )
            case ast.Call(func=ast.Attribute(attr="decode")) if node is not parent:
                self.reader.exits.elsewhere(unit, node, parent, What.RAW)
            case ast.Attribute(attr=attr) if attr in _STILL_TEXT:
                outer = unit.module.parent(parent)
                if isinstance(outer, ast.Call):
                    self.reader.follow(unit, outer, What.RAW)
            case ast.Subscript(slice=ast.Slice()):
                self.reader.follow(unit, parent, What.RAW)
            case ast.Compare() if len(parent.ops) == 1 and isinstance(parent.ops[0], ast.In | ast.NotIn):
                if parent.comparators[0] is node:
                    self._raw_test(unit, parent.left)
            case _:
                self.reader.exits.elsewhere(unit, node, parent, What.RAW)

    def _parses(self, unit: Unit, call: ast.Call, node: ast.expr) -> bool:
        """``json.loads(text)``, by whatever module: orjson, yaml.safe_load, ast.literal_eval."""
        if call.args[:1] != [node]:
            return False
        name = self.reader.evaluator.world.qualified(unit, call.func) or ""
        last = call.func.attr if isinstance(call.func, ast.Attribute) else name.rpartition(".")[2]
        return name in _LOADERS or last in ("loads", "safe_load", "literal_eval", "json_decode")

    def _searched(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> bool:
        """``text.split(":")``, ``re.search("share_id", text)``: it goes by how the old answer is written."""
        if isinstance(parent, ast.Compare):
            return False
        if isinstance(parent, ast.Attribute) and parent.attr in _TAKES_APART:
            return True
        call: ast.AST | None = parent
        while isinstance(call, ast.Attribute | ast.keyword | ast.Subscript):
            call = unit.module.parent(call)
        if not isinstance(call, ast.Call):
            return False
        if (self.reader.evaluator.world.qualified(unit, call.func) or "").startswith("re."):
            return True
        words = [part.value for part in ast.walk(call) if isinstance(part, ast.Constant)]
        if isinstance(parent, ast.Attribute) and parent.attr in ("startswith", "endswith"):
            return any(isinstance(word, str) and len(word) > 1 and word[0] != "<" for word in words)
        texts = [word.decode(errors="replace") if isinstance(word, bytes) else word for word in words]
        return any(isinstance(text, str) and old in text for text in texts for old in OLD_WORDS)

    def _raw_test(self, unit: Unit, key: ast.expr) -> None:
        value = constant(key)
        text = value.decode(errors="replace") if isinstance(value, bytes) else str(value or "")
        if text == tiktok.OLD_ID:
            self.reader.draft.mark("S2P004", unit, key, "share_id is looked for in the old response")
            self.reader.draft.swap(unit, key, requoted(unit, key, tiktok.NEW_ID))
        elif not text.startswith("<"):  # a gateway's page is no answer of either API
            shown = text or unit.module.source(key)
            self.reader.draft.stop(
                Reason.UNKNOWN_READ, f"{shown} is looked for in the response's text", unit, key
            )

    def body(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> None:
        read = key_read(unit, node, parent)
        if read is not None:
            self._root_key(unit, node, read)
            return
        match parent:
            case ast.Compare() if tests_key(parent, node):
                self._root_test(unit, node, parent)
            case ast.Attribute():
                hint = f"the answer's .{parent.attr} is used, which the tool cannot map"
                self.reader.models.late.append((unit, node, parent, What.MODEL, hint))
            case ast.Subscript():
                self.reader.draft.stop(
                    Reason.UNKNOWN_READ, "the answer is read with a key the tool cannot tell", unit, parent
                )
            case _:
                self.reader.exits.elsewhere(unit, node, parent, What.BODY)

    def _root_key(self, unit: Unit, body: ast.expr, read: KeyRead) -> None:
        if read.key == tiktok.OLD_DATA:
            if read.default is not None and not is_empty(read.default):
                hint = "what is read where the answer has no data stands in the old shape; use an empty one"
                self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, read.default)
            self.reader.follow(unit, read.outer, What.DATA)
        elif read.key == tiktok.OLD_EXTRA:
            self.reader.follow(unit, read.outer, What.EXTRA)
        elif not self.reader.beyond.root(unit, read):
            self.reader.draft.mark(
                "S2P004", unit, read.outer, f"{read.key} is read from the top of the answer"
            )
            self.reader.draft.stop(
                Reason.UNKNOWN_READ,
                f'the old answer had no "{read.key}" at its top, so what this read means is not known',
                unit,
                read.outer,
            )

    def _root_test(self, unit: Unit, body: ast.expr, test: ast.Compare) -> None:
        key = constant(test.left)
        if key == tiktok.OLD_DATA:
            if not self.reader.hybrid:
                self.tests_data(unit, test, test.left)
        elif key == tiktok.OLD_EXTRA and isinstance(test.left, ast.Constant):
            self.reader.draft.swap(unit, test.left, requoted(unit, test.left, tiktok.NEW_ERROR))
        else:
            self.reader.draft.stop(
                Reason.UNKNOWN_READ, f'the old answer had no "{key}" at its top', unit, test
            )

    def tests_data(self, unit: Unit, test: ast.Compare, key: ast.expr) -> None:
        """``"data" in body`` was always true; now it is not in every refusal, but "error" is."""
        around = unit.module.parent(test)
        if finds_id(around):
            return  # ... and "share_id" in body["data"]: false in both worlds when refused
        self.reader.draft.swap(unit, key, requoted(unit, key, tiktok.NEW_ERROR))
