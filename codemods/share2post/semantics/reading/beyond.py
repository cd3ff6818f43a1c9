"""Reads that the old answer never had: the new API's own fields, invented ids, keys at the wrong level.

::

    data["upload_url"], body["error"]["code"]   # already the new answer's (a hybrid program)
    data["video_id"]                            # never existed; the id of the upload is publish_id
    body.get("error_code", 0)                   # stood in "data", stands in "error" now
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.reading.keys import ERROR_FIELDS, KeyRead, constant, key_read, quote_of, requoted
from share2post.semantics.reading.tracked import What
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader

_NEW_FIELDS: Final = (tiktok.NEW_ID, tiktok.NEW_UPLOAD_URL)
_NEW_ERROR_FIELDS: Final = (tiktok.NEW_CODE, tiktok.NEW_MESSAGE, tiktok.NEW_LOG_ID)
_INVENTED_IDS: Final = ("video_id", "item_id", "share_url")
_INVENTED_LINKS: Final = ("video_url",)
_PUBLIC: Final = (
    "a video has a public id only once the user has posted it, and it comes with the webhook "
    "post.publish.publicly_available (post_id), not with publish_id"
)
_SENT: Final = ("json", "data", "params", "files")
_STORES: Final = frozenset(
    {"save", "insert", "insert_one", "add", "append", "record", "store", "set", "update", "write", "create"}
)
_MESSAGES: Final = (tiktok.OLD_MESSAGE, tiktok.NEW_MESSAGE)
_MOVED: Final = (*tiktok.OLD_CODES, *_MESSAGES, tiktok.OLD_ID)
_DEPTH: Final = 6


@dataclass(eq=False)
class Beyond:
    """Knows what such a read is to become; says ``False`` where that is not certain."""

    reader: Reader

    def field(self, unit: Unit, node: ast.expr, read: KeyRead) -> bool:
        """A read of ``data``; the caller has still to allow for a missing ``data``."""
        if read.key in _NEW_FIELDS and self.tests(read.key):
            if read.key == tiktok.NEW_UPLOAD_URL:
                self.reader.links.append((unit, read.outer))
            self._is_modern(unit, read)
            return True
        if read.key not in _INVENTED_IDS or not self._merely_kept(unit, read.outer):
            return False
        if read.key.endswith("_url") and not self._shown(unit, read.outer):
            return False  # an id is no link
        self.reader.draft.mark("S2P004", unit, read.outer, f"{read.key} is read from the old response")
        self.reader.draft.swap(unit, read.key_node, requoted(unit, read.key_node, tiktok.NEW_ID))
        hint = f"no answer ever held {read.key}; the id it does give, publish_id, is taken in its place"
        if all(doubt.hint != hint for doubt in self.reader.draft.doubts):
            self.reader.draft.doubt(Reason.UNKNOWN_READ, hint, unit, read.outer)
        return True

    def tests(self, key: object) -> bool:
        """``"upload_url" in data``."""
        return key == tiktok.NEW_ID or (self.reader.hybrid and key in _NEW_FIELDS)

    def _is_modern(self, unit: Unit, read: KeyRead) -> None:
        """A read that only the new answer can serve; a hybrid's body says so already."""
        if not self.reader.hybrid:
            self.reader.draft.mark("S2P004", unit, read.outer, f"{read.key} is read from the old response")
            self.reader.modern.append((unit, read.outer))

    def unknown(self, key: str) -> str:
        """Why a read of ``data`` cannot be mapped."""
        if key == tiktok.NEW_UPLOAD_URL:
            return (
                f'"{key}" is read, which only the new answer has: the program seems to send the video itself, in '
                "a second request; the old one becomes the init, and the second must PUT the raw bytes to that URL"
            )
        if key in (*_INVENTED_IDS, *_INVENTED_LINKS):
            return f'"{key}" is read, which no answer ever had, and is used for more than a note: {_PUBLIC}'
        return f'"{key}" is read, which the data of neither answer has'

    def root(self, unit: Unit, read: KeyRead) -> bool:
        """A read at the top of the answer."""
        if read.key == tiktok.NEW_ERROR and all(self._error_read(unit, u) for u in _places(unit, read.outer)):
            self._is_modern(unit, read)
            return True
        if read.key not in _MOVED or not self._movable(unit, read):
            return False
        self._move(unit, read)
        return True

    def _error_read(self, unit: Unit, node: ast.expr) -> bool:
        """``body["error"]["code"] == "ok"``, which was right before its time."""
        read = key_read(unit, node, unit.module.parent(node))
        if read is None or read.key not in _NEW_ERROR_FIELDS:
            return False
        if read.key != tiktok.NEW_CODE:
            return True
        return all(self._word(unit, use) for use in _places(unit, read.outer))

    def _word(self, unit: Unit, code: ast.expr) -> bool:
        parent = unit.module.parent(code)
        if isinstance(parent, ast.Compare) and len(parent.ops) == 1 and parent.left is code:
            same = isinstance(parent.ops[0], ast.Eq | ast.NotEq)
            return same and isinstance(constant(parent.comparators[0]), str)
        return self.reader.sinks.harmless(unit, code, parent, boolean=False)

    # keys at the wrong level

    def _movable(self, unit: Unit, read: KeyRead) -> bool:
        """Whether a key that was never found there means the same where it is found now."""
        if read.key not in tiktok.OLD_CODES:
            return True
        for use in _places(unit, read.outer):
            parent = unit.module.parent(use)
            if isinstance(parent, ast.Compare):
                sides = [parent.left, *parent.comparators]
                if any(isinstance(side, ast.Constant) and side.value is None for side in sides):
                    return False  # "no code" meant success, and now there is always one
            elif isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or):
                return False
        return True

    def _move(self, unit: Unit, read: KeyRead) -> None:
        draft, quote = self.reader.draft, quote_of(unit, read.key_node)
        start = unit.module.extent(read.outer)[0]
        at = unit.module.text.rindex("." if read.get else "[", start, unit.module.extent(read.key_node)[0])
        identifier = read.key == tiktok.OLD_ID
        place = tiktok.NEW_DATA if identifier else tiktok.NEW_ERROR
        draft.mark("S2P004", unit, read.outer, f"{read.key} is read from the top of the answer")
        if read.get and identifier:
            draft.replace(unit, start, start, "(")
            draft.replace(unit, at, at, f".get({quote}{place}{quote}) or {{}})")
        else:
            step = f".get({quote}{place}{quote}, {{}})" if read.get else f"[{quote}{place}{quote}]"
            draft.replace(unit, at, at, step)
        new = tiktok.NEW_ID if identifier else ERROR_FIELDS.get(read.key, read.key)
        draft.swap(unit, read.key_node, requoted(unit, read.key_node, new))
        hint = f"the old answer had no {read.key} at its top; it is read from {place} of the new one"
        draft.doubt(Reason.UNKNOWN_READ, hint, unit, read.outer)
        self._follow(unit, read)

    def _follow(self, unit: Unit, read: KeyRead) -> None:
        if read.key in tiktok.OLD_CODES:
            self.reader.codes.default(unit, read.default)
            self.reader.follow(unit, read.outer, What.CODE)
        elif read.key in _MESSAGES:
            self.reader.messages.message_default(unit, read)
            self.reader.follow(unit, read.outer, What.MESSAGE)
        else:
            self.reader.follow(unit, read.outer, What.ID)

    # invented ids

    def _shown(self, unit: Unit, node: ast.expr) -> bool:
        """Whether a value is only shown."""
        parents = [(use, unit.module.parent(use)) for use in _places(unit, node)]
        return all(self.reader.sinks.harmless(unit, use, parent, boolean=True) for use, parent in parents)

    def _merely_kept(self, unit: Unit, node: ast.expr) -> bool:
        """Whether a value is only stored, returned or shown, and never made into a link."""
        return all(self._kept(unit, use) for use in _places(unit, node))

    def _kept(self, unit: Unit, node: ast.expr) -> bool:
        words = _words_around(unit, node)
        if self.reader.hybrid and _sent(unit, node) and not any("/@" in word for word in words):
            return True  # to a third call, which is reported by itself and works with no id
        if any("://" in word or "tiktok.com" in word or "/video" in word for word in words):
            return False
        parent = unit.module.parent(node)
        if isinstance(parent, ast.Dict):
            return not _sent(unit, node)
        if isinstance(parent, ast.Return | ast.Expr):
            return True
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute):
            return parent.func.attr in _STORES or self.reader.sinks.harmless(unit, node, parent, boolean=True)
        if isinstance(parent, ast.Assign):
            return all(isinstance(target, ast.Subscript | ast.Attribute) for target in parent.targets)
        return self.reader.sinks.harmless(unit, node, parent, boolean=True)


def _sent(unit: Unit, node: ast.expr) -> bool:
    """Whether a value is an entry of the body of another request."""
    around = unit.module.parent(node)
    holder = unit.module.parent(around) if isinstance(around, ast.Dict) else None
    return isinstance(holder, ast.keyword) and holder.arg in _SENT


def _words_around(unit: Unit, node: ast.expr) -> list[str]:
    """The strings that stand in one expression with a value, and not in what gives it."""
    outermost: ast.AST = node
    inside = set(ast.walk(node))
    for around in unit.module.ancestors(node):
        if isinstance(around, ast.stmt):
            break
        outermost = around
    words = [p for p in ast.walk(outermost) if isinstance(p, ast.Constant) and p not in inside]
    return [word.value for word in words if isinstance(word.value, str)]


def _places(unit: Unit, node: ast.expr, depth: int = 0) -> Iterator[ast.expr]:
    """Where a value is used: here, or wherever the name it is given is."""
    names = [
        binding
        for scope in unit.flow.scopes.values()
        for bindings in scope.bindings.values()
        for binding in bindings
        if binding.value is node and isinstance(binding.node, ast.Name)
    ]
    if not names or depth > _DEPTH:
        yield node
    for binding in names:
        for use in binding.uses:
            yield from _places(unit, use, depth + 1)
