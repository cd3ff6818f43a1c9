"""S2P006: what is read from a webhook's envelope, its event and its content, wherever they go.

::

    hook = request.get_json()               # PAYLOAD, the envelope
    name = hook["event"]                    # EVENT
    content = json.loads(hook["content"])   # CONTENT, as a string or parsed
    share_id = content["share_id"]          # ID, under its old name
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import Enum, auto

from share2post import tiktok
from share2post.model import Reason
from share2post.rules.webhook.ledger import Ledger
from share2post.rules.webhook.literals import last_name, shown, text_of, written
from share2post.rules.webhook.models import Models
from share2post.rules.webhook.names import EventTests
from share2post.rules.webhook.reach import Reach, Spot
from share2post.semantics.flow import Kind
from share2post.semantics.sinks import Sinks
from share2post.semantics.world import Unit


class What(Enum):
    """What a followed expression is."""

    PAYLOAD = auto()
    EVENT = auto()
    CONTENT = auto()
    ID = auto()


@dataclass(frozen=True, eq=False)
class KeyRead:
    """``node["key"]``, ``node.get("key", default)`` or ``node.key``."""

    key: str
    key_node: ast.expr | None
    outer: ast.expr


_LOADERS = frozenset({"loads", "load", "parse_json", "from_json", "decode_json"})
_SAME_CALLS = frozenset({"dict", "str", "cast", "deepcopy", "copy", "bytes"})
_SAME_METHODS = frozenset({"encode", "decode", "strip", "copy"})
_CHECKS = ("verif", "valid", "signature", "hmac", "isinstance", "check", "digest", "assert")
_HARMLESS = frozenset({"items", "keys", "values", "startswith", "update", "setdefault", "append", "add"})
_PIECES = frozenset({"split", "partition", "rsplit", "rpartition", "startswith", "removeprefix", "isdigit", "find"})


@dataclass(eq=False)
class ContentReads:
    """Follows envelopes through the project and notes every read of the old id in their content."""

    reach: Reach
    ledger: Ledger
    tracked: set[ast.AST] = field(default_factory=set)
    claimed: set[ast.AST] = field(default_factory=set)
    parsed: bool = False
    _seen: set[tuple[ast.AST, What]] = field(default_factory=set)
    _receivers: list[Spot] = field(default_factory=list)
    _taken: list[Spot] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sinks = Sinks(self.reach.evaluator.world)
        self.tests = EventTests(self.reach, self.ledger)
        self.models = Models(self.reach, self.ledger)

    def read(self, unit: Unit, node: ast.expr, what: What) -> None:
        """Follow an expression that is known to be an envelope, or a part of one."""
        self._follow(unit, node, what, (unit, node))

    def assumed(self, unit: Unit, node: ast.expr, name: str) -> None:
        """Follow a parameter that is taken for the content, because it is read like one."""
        hint = f"who calls this handler is not seen; {name} is taken for the content of a webhook"
        self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, hint, unit, node)
        self.read(unit, node, What.CONTENT)

    # the walk

    def _follow(self, unit: Unit, node: ast.expr, what: What, source: tuple[Unit, ast.AST]) -> None:
        if (node, what) in self._seen or len(self._seen) > 5000:
            return
        self._seen.add((node, what))
        self.tracked.add(node)
        self.ledger.join(*source, unit, node)
        parent = unit.module.parent(node)
        if isinstance(parent, ast.Match) and parent.subject is node:
            self._matched(unit, parent, what)
        elif self._keyed(unit, node, parent, what):
            return
        elif self._by_kind(unit, node, parent, what):
            return
        else:
            self._onward(unit, node, parent, what)

    def _onward(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> None:
        spots = self.reach.onward(unit, node)
        if spots is not None:
            for other, spot in spots:
                self._follow(other, spot, what, (unit, node))
            return
        if what in (What.EVENT, What.ID) or isinstance(parent, ast.Expr | ast.Compare | ast.Subscript | ast.arguments):
            return
        if isinstance(parent, ast.For | ast.comprehension):
            return
        if not self.sinks.harmless(unit, node, parent, boolean=True):
            self._lost(unit, node, parent, what)

    def _lost(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> None:
        call = unit.module.parent(parent) if isinstance(parent, ast.keyword | ast.Starred) else parent
        how = "leaves the code that the tool can follow"
        if isinstance(call, ast.Call):
            if any(word in last_name(call.func).lower() for word in _CHECKS):
                return
            how = f"is handed to {shown(unit, call.func)}"
            if self.models.built(unit, call, node):
                return
        elif isinstance(parent, ast.Return):
            how = "is returned"
        if what is What.PAYLOAD:
            self._taken.append((unit, node))
            return
        hint = f"the content {how}; what reads share_id there must read publish_id"
        self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, hint, unit, node)

    # by kind

    def _keyed(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> bool:
        if what not in (What.PAYLOAD, What.CONTENT):
            return False
        read = key_read(unit, node, parent)
        if read is None:
            return self._unknown_key(unit, node, parent, what)
        if read.key_node is None and not self._is_model(unit, read, what):
            return False
        if what is What.PAYLOAD:
            self._from_envelope(unit, read)
        elif read.key == tiktok.OLD_ID:
            self._id(unit, node, read)
        return True

    def _is_model(self, unit: Unit, read: KeyRead, what: What) -> bool:
        """``hook.content`` of a class, as opposed to a method of a dict."""
        called = isinstance(unit.module.parent(read.outer), ast.Call)
        return read.key in (tiktok.EVENT_KEY, tiktok.CONTENT_KEY, tiktok.OLD_ID) and not called

    def _unknown_key(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> bool:
        if not isinstance(parent, ast.Subscript) or parent.value is not node or isinstance(parent.slice, ast.Slice):
            return False
        key = self.reach.evaluator.text(unit, parent.slice)
        known = key.known if key is not None else None
        if what is What.CONTENT and (known is None or known == tiktok.OLD_ID):
            self.ledger.mark("S2P006", unit, parent, "the content of a webhook is read under a key from elsewhere")
            hint = "the key is not written here; see that it is publish_id and no longer share_id"
            self.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, parent)
        return True

    def _from_envelope(self, unit: Unit, read: KeyRead) -> None:
        source = (unit, read.outer)
        if read.key == tiktok.CONTENT_KEY:
            self._follow(unit, read.outer, What.CONTENT, source)
        elif read.key in (tiktok.EVENT_KEY, "event_type", "event_name"):
            self._follow(unit, read.outer, What.EVENT, source)
        elif read.key == tiktok.OLD_ID:
            self.claimed.add(read.outer)
            self.ledger.mark("S2P006", unit, read.outer, "share_id is read from the envelope of a webhook")
            hint = "TikTok sends the id inside content, so this read never worked; read publish_id from content"
            self.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, read.outer)

    def _id(self, unit: Unit, node: ast.expr, read: KeyRead) -> None:
        self.claimed.add(read.outer)
        how = "" if self._was_parsed(unit, node) else (
            "; content is a JSON string, and this reads it without a parse: json.loads it first"
        )  # fmt: skip
        self.ledger.mark("S2P006", unit, read.outer, f"share_id is read from the content of a webhook{how}")
        self._receivers.append((unit, node))
        if read.key_node is None:
            self.models.attribute(unit, read.outer, node)
            return
        self.ledger.rename(unit, read.key_node, tiktok.NEW_ID, written(unit, read.key_node, tiktok.NEW_ID))
        self._follow(unit, read.outer, What.ID, (unit, node))

    def _was_parsed(self, unit: Unit, node: ast.expr) -> bool:
        """Whether the value is seen to come from a parse (or from a caller, who may have made it)."""
        if isinstance(node, ast.Name):
            reaching = unit.flow.reaching(node)
            return any(b.value is None or self._was_parsed(unit, b.value) for b in reaching)
        if isinstance(node, ast.IfExp):
            return self._was_parsed(unit, node.body) or self._was_parsed(unit, node.orelse)
        if isinstance(node, ast.BoolOp):
            return self._was_parsed(unit, node.values[0])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            return False
        return not isinstance(node, ast.Subscript | ast.Attribute)

    def _by_kind(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> bool:
        if what is What.EVENT:
            return self.tests.use(unit, node, parent, lambda other: self._follow(unit, other, what, (unit, node)))
        if what is What.ID:
            return self._id_use(unit, node, parent)
        if isinstance(parent, ast.Compare):
            return self._compared(unit, node, parent, what)
        if isinstance(parent, ast.Attribute):
            return self._method(unit, node, parent, what)
        if isinstance(parent, ast.Call) and node in parent.args:
            return self._call(unit, node, parent, what)
        return False

    def _compared(self, unit: Unit, node: ast.expr, test: ast.Compare, what: What) -> bool:
        if what is What.CONTENT and text_of(test.left) == tiktok.OLD_ID and node in test.comparators:
            self.ledger.mark("S2P006", unit, test, "share_id is looked for in the content of a webhook")
            self.claimed.add(test)
            self._receivers.append((unit, node))
            self.ledger.rename(unit, test.left, tiktok.NEW_ID, written(unit, test.left, tiktok.NEW_ID))
        return True

    def _method(self, unit: Unit, node: ast.expr, use: ast.Attribute, what: What) -> bool:
        call = unit.module.parent(use)
        if not isinstance(call, ast.Call) or call.func is not use:
            return True
        if use.attr in _SAME_METHODS:
            self._follow(unit, call, what, (unit, node))
        elif what is What.CONTENT and use.attr == "get":
            return self._unknown_get(unit, call)
        elif what is What.CONTENT and use.attr not in _HARMLESS and use.attr != "pop":
            self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, f"the content's .{use.attr}() is called", unit, call)
        return True

    def _unknown_get(self, unit: Unit, call: ast.Call) -> bool:
        if call.args:
            hint = f"the content is read under the key {shown(unit, call.args[0])}; see that it is not share_id"
            self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, hint, unit, call)
        return True

    def _call(self, unit: Unit, node: ast.expr, call: ast.Call, what: What) -> bool:
        last = last_name(call.func)
        qualified = self.reach.evaluator.world.qualified(unit, call.func) or ""
        if qualified.startswith(("re.", "regex.")) and what is What.CONTENT:
            self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, f"the content is searched by {qualified}", unit, call)
            return True
        if last == "dumps":
            return True
        if self.reach.targets(unit, call, node):
            return False
        if last in _SAME_CALLS or (last in _LOADERS and not self.models.is_model(unit, call)):
            if any(keyword.arg == "object_hook" for keyword in call.keywords) and what is What.CONTENT:
                hint = "json.loads makes an object of it; see that publish_id is read from the object"
                self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, hint, unit, call)
            self._follow(unit, call, what, (unit, node))
            return True
        return False

    # the id

    def _id_use(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> bool:
        if isinstance(parent, ast.Attribute) and parent.attr in _PIECES:
            hint = "share_id is taken apart, and a publish_id is written differently"
            self.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, parent)
            return True
        if isinstance(parent, ast.Subscript) and parent.value is node:
            hint = "a part is cut out of share_id, and a publish_id is written differently"
            self.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, parent)
            return True
        if isinstance(parent, ast.FormattedValue | ast.BinOp | ast.Call):
            self._link(unit, node)
        return isinstance(parent, ast.FormattedValue | ast.Compare | ast.BinOp)

    def _link(self, unit: Unit, node: ast.expr) -> None:
        for around in unit.module.ancestors(node):
            if isinstance(around, ast.stmt):
                return
            if isinstance(around, ast.JoinedStr | ast.BinOp | ast.Call):
                texts = [text for part in ast.walk(around) if (text := text_of(part))]
                if any("tiktok.com/" in text for text in texts):
                    hint = (
                        "the id is put into a tiktok.com link, which works neither with share_id nor with publish_id: "
                        "the id of the post comes from post.publish.publicly_available"
                    )
                    self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, hint, unit, around)
                    return

    # patterns

    def _matched(self, unit: Unit, match: ast.Match, what: What) -> None:
        for case in match.cases:
            self._pattern(unit, case.pattern, what, (unit, match.subject))

    def _pattern(self, unit: Unit, pattern: ast.pattern, what: What, source: Spot) -> None:
        match pattern:
            case ast.MatchMapping():
                for key, inner in zip(pattern.keys, pattern.patterns, strict=True):
                    self._pattern_key(unit, key, inner, what, source)
            case ast.MatchOr():
                for inner in pattern.patterns:
                    self._pattern(unit, inner, what, source)
            case ast.MatchSequence():
                pass
            case ast.MatchAs():
                if pattern.pattern is not None:
                    self._pattern(unit, pattern.pattern, what, source)
                if pattern.name is not None:
                    self._captured(unit, pattern, pattern.name, what, source)
            case ast.MatchClass():
                for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
                    part = _part(name)
                    if what is What.PAYLOAD and part is not None:
                        self._pattern(unit, inner, part, source)

    def _pattern_key(
        self, unit: Unit, key: ast.expr, inner: ast.pattern, what: What, source: Spot
    ) -> None:
        text = text_of(key)
        part = _part(text) if what is What.PAYLOAD else None
        if part is not None:
            self._pattern(unit, inner, part, source)
        elif what is What.CONTENT and text == tiktok.OLD_ID:
            self.ledger.join(*source, unit, key)
            self.ledger.mark("S2P006", unit, key, "share_id is matched in the content of a webhook")
            self.ledger.rename(unit, key, tiktok.NEW_ID, written(unit, key, tiktok.NEW_ID))

    def _captured(self, unit: Unit, pattern: ast.MatchAs, name: str, what: What, source: Spot) -> None:
        for scope in unit.flow.scopes.values():
            for binding in scope.bindings.get(name, []):
                if binding.node is pattern:
                    for use in binding.uses:
                        if isinstance(use.ctx, ast.Load):
                            self._follow(unit, use, what, source)

    # afterwards

    def settle(self) -> None:
        """What can be said only when everything was followed."""
        for unit, node in self._receivers:
            self._sees_only_content(unit, node)
        for unit, node in self._taken:
            hint = "the event as a whole is handed on; what reads share_id there must read publish_id"
            if not self._reads_content(unit, node):
                self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, hint, unit, node)

    def _reads_content(self, unit: Unit, node: ast.expr) -> bool:
        """Whether the site of an envelope reads its content in sight."""
        root = self.ledger.root(unit, node)
        return any(
            mark.rule == "S2P006" and self.ledger.root(mark.place.unit, mark.place.node) is root
            for mark in self.ledger.marks
        )

    def _sees_only_content(self, unit: Unit, node: ast.expr) -> None:
        if not isinstance(node, ast.Name):
            return
        for binding in unit.flow.reaching(node):
            if binding.kind is Kind.PARAMETER:
                strangers = [s for s in self.reach.given(unit, binding) if not self._is_content(s[1])]
            else:
                value = binding.value
                strangers = [(unit, value)] if value is not None and not self._is_content(value) else []
            for other, value in strangers[:1]:
                hint = f"{node.id} may hold something else than a webhook's content ({other.path}:{value.lineno})"
                self.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, node)

    def _is_content(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Constant | ast.Dict | ast.List):
            return True  # a default, or a made-up content
        return any(part in self.tracked for part in ast.walk(node))


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


def _part(key: str | None) -> What | None:
    if key == tiktok.CONTENT_KEY:
        return What.CONTENT
    return What.EVENT if key in (tiktok.EVENT_KEY, "event_type", "event_name") else None
