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

from share2post import tiktok
from share2post.model import Reason
from share2post.rules.webhook.calls import Spot
from share2post.rules.webhook.formats import Formats
from share2post.rules.webhook.ids import Ids
from share2post.rules.webhook.keys import KeyRead, What, key_read
from share2post.rules.webhook.ledger import Ledger, home_of
from share2post.rules.webhook.literals import shown, text_of, written
from share2post.rules.webhook.models import Models
from share2post.rules.webhook.names import EventTests
from share2post.rules.webhook.patterns import Patterns
from share2post.rules.webhook.reach import Reach
from share2post.semantics.module import last_name
from share2post.semantics.sinks import Sinks
from share2post.semantics.world import Unit

_LIMIT = 10_000
_LOADERS = frozenset({"loads", "load", "parse_json", "from_json", "decode_json"})
_SAME_CALLS = frozenset({"dict", "str", "cast", "deepcopy", "copy", "bytes"})
_SAME_METHODS = frozenset({"encode", "decode", "strip", "copy"})
_CHECKS = ("verif", "valid", "signature", "hmac", "isinstance", "check", "digest", "assert")
_HARMLESS = frozenset({"items", "keys", "values", "startswith", "update", "setdefault", "append", "add"})


@dataclass(eq=False)
class ContentReads:
    """Follows envelopes through the project and notes every read of the old id in their content."""

    reach: Reach
    ledger: Ledger
    tracked: set[ast.AST] = field(default_factory=set)
    claimed: set[ast.AST] = field(default_factory=set)
    homes: dict[ast.AST, Unit] = field(default_factory=dict)
    _seen: set[tuple[ast.AST, What]] = field(default_factory=set)
    receivers: list[Spot] = field(default_factory=list)
    taken: list[Spot] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sinks = Sinks(self.reach.evaluator.world)
        self.tests = EventTests(self.reach, self.ledger)
        self.models = Models(self.reach, self.ledger)
        self.formats = Formats(self.ledger)
        self.ids = Ids(self.ledger)
        self.patterns = Patterns(self.ledger, self._follow, self.claimed)

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
        if (node, what) in self._seen:
            return
        if len(self._seen) > _LIMIT:
            self.ledger.stop(
                Reason.UNKNOWN_PAYLOAD, "the webhook goes to too many places to follow", unit, node
            )
            return
        self._seen.add((node, what))
        self.tracked.add(node)
        if what is not What.ID:
            self.homes[home_of(unit, node)] = unit
        self.ledger.join(*source, unit, node)
        parent = unit.module.parent(node)
        if isinstance(parent, ast.Match) and parent.subject is node:
            self.patterns.matched(unit, parent, what)
        elif self._keyed(unit, node, parent, what) or self._by_kind(unit, node, parent, what):
            return
        else:
            self._onward(unit, node, parent, what)

    def _onward(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> None:
        spots = self.reach.onward(unit, node)
        if spots is not None:
            for other, spot in spots:
                self._follow(other, spot, what, (unit, node))
            return
        if what in (What.EVENT, What.ID, What.MADE) or isinstance(
            parent, ast.Expr | ast.Compare | ast.Subscript | ast.arguments
        ):
            return
        if isinstance(parent, ast.For | ast.comprehension) or _stays(parent):
            return
        if not self.sinks.harmless(unit, node, parent, boolean=True):
            self._lost(unit, node, parent, what)

    def _lost(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> None:
        call = unit.module.parent(parent) if isinstance(parent, ast.keyword | ast.Starred) else parent
        how = "leaves the code that the tool can follow"
        if isinstance(call, ast.Call):
            if self.models.built(unit, call, node) or _is_check(call):
                return
            how = f"is handed to {shown(unit, call.func)}"
        elif isinstance(parent, ast.Return):
            how = "is returned"
        if what is What.PAYLOAD:
            self.taken.append((unit, node))
            return
        hint = f"the content {how}; what reads share_id there must read publish_id"
        self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, hint, unit, node)

    # by kind

    def _keyed(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> bool:
        if what not in (What.PAYLOAD, What.MADE, What.CONTENT):
            return False
        read = key_read(unit, node, parent)
        if read is None:
            return self._unknown_key(unit, node, parent, what)
        if read.key_node is None and not self._is_model(unit, read, what):
            return False
        if what in (What.PAYLOAD, What.MADE):
            self._from_envelope(unit, read)
        elif read.key == tiktok.OLD_ID:
            self._id(unit, node, read)
        return True

    def _is_model(self, unit: Unit, read: KeyRead, what: What) -> bool:
        """``hook.content`` of a class, as opposed to a method of a dict."""
        call = unit.module.parent(read.outer)
        called = isinstance(call, ast.Call) and call.func is read.outer
        return read.key in (tiktok.EVENT_KEY, tiktok.CONTENT_KEY, tiktok.OLD_ID) and not called

    def _unknown_key(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> bool:
        if not isinstance(parent, ast.Subscript) or parent.value is not node:
            return False
        if isinstance(parent.slice, ast.Slice):
            return False
        if what is What.CONTENT and isinstance(parent.ctx, ast.Load):
            self._foreign_key(unit, parent, parent.slice)
        return True

    def _foreign_key(self, unit: Unit, node: ast.expr, key: ast.expr) -> None:
        """``content[KEY]``: the key is written elsewhere."""
        text = self.reach.evaluator.text(unit, key)
        known = text.known if text is not None else None
        if known is None or known == tiktok.OLD_ID:
            self.ledger.mark(
                "S2P006", unit, node, "the content of a webhook is read under a key from elsewhere"
            )
            hint = "the key is not written here; see that it is publish_id and no longer share_id"
            self.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, node)

    def _from_envelope(self, unit: Unit, read: KeyRead) -> None:
        source = (unit, read.outer)
        if read.key == tiktok.CONTENT_KEY:
            self._follow(unit, read.outer, What.CONTENT, source)
        elif read.key in (tiktok.EVENT_KEY, "event_type", "event_name"):
            self._follow(unit, read.outer, What.EVENT, source)
        elif read.key == tiktok.OLD_ID:
            self.claimed.add(read.outer)
            self.ledger.mark("S2P006", unit, read.outer, "share_id is read from the envelope of a webhook")
            hint = (
                "TikTok sends the id inside content, so this read never worked; read publish_id from content"
            )
            self.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, read.outer)

    def _id(self, unit: Unit, node: ast.expr, read: KeyRead) -> None:
        self.claimed.add(read.outer)
        how = "" if self._was_parsed(unit, node) else (
            "; content is a JSON string, and this reads it without a parse: json.loads it first"
        )  # fmt: skip
        self.ledger.mark("S2P006", unit, read.outer, f"share_id is read from the content of a webhook{how}")
        self.receivers.append((unit, node))
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
            return self.tests.use(
                unit, node, parent, lambda other: self._follow(unit, other, what, (unit, node))
            )
        if what is What.ID:
            return self.ids.use(unit, node, parent)
        if what is What.CONTENT and self.formats.use(unit, node, parent):
            return True
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
            self.receivers.append((unit, node))
            self.ledger.rename(unit, test.left, tiktok.NEW_ID, written(unit, test.left, tiktok.NEW_ID))
        return True

    def _method(self, unit: Unit, node: ast.expr, use: ast.Attribute, what: What) -> bool:
        call = unit.module.parent(use)
        if not isinstance(call, ast.Call) or call.func is not use:
            return True
        if use.attr in _SAME_METHODS:
            self._follow(unit, call, what, (unit, node))
        elif what is What.CONTENT and use.attr == "get":
            if call.args:
                self._foreign_key(unit, call, call.args[0])
        elif what is What.MADE and use.attr == "replace":
            hint = (
                "the text of a made-up event is changed by .replace(), so renaming it elsewhere is not enough"
            )
            self.ledger.stop(Reason.UNKNOWN_EVENT_USE, hint, unit, call)
        elif what is What.CONTENT and use.attr not in _HARMLESS and use.attr != "pop":
            self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, f"the content's .{use.attr}() is called", unit, call)
        return True

    def _call(self, unit: Unit, node: ast.expr, call: ast.Call, what: What) -> bool:
        last = last_name(call.func)
        qualified = self.reach.evaluator.world.qualified(unit, call.func) or ""
        if qualified.startswith(("re.", "regex.")) and what is What.CONTENT:
            self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, f"the content is searched by {qualified}", unit, call)
            return True
        if last == "dumps" and what is What.MADE:
            self._follow(unit, call, what, (unit, node))
        if last == "dumps":
            return True
        if self.reach.calls.targets(unit, call, node):
            return False
        if last in _SAME_CALLS or (last in _LOADERS and not self.models.is_model(unit, call)):
            if any(keyword.arg == "object_hook" for keyword in call.keywords) and what is What.CONTENT:
                hint = "json.loads makes an object of it; see that publish_id is read from the object"
                self.ledger.doubt(Reason.UNKNOWN_PAYLOAD, hint, unit, call)
            self._follow(unit, call, what, (unit, node))
            return True
        return False


def _stays(parent: ast.AST | None) -> bool:
    """``hook["content"] = json.loads(hook["content"])``: it stays where it was."""
    if not isinstance(parent, ast.Assign) or len(parent.targets) != 1:
        return False
    target = parent.targets[0]
    return isinstance(target, ast.Subscript) and text_of(target.slice) == tiktok.CONTENT_KEY


def _is_check(call: ast.Call) -> bool:
    return any(word in last_name(call.func).lower() for word in _CHECKS)
