"""Where a tested event comes from: the envelope it was read from, or as far back as can be seen."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from share2post import tiktok
from share2post.rules.webhook.content import ContentReads
from share2post.rules.webhook.keys import What, key_read
from share2post.rules.webhook.reach import Reach
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.module import last_name, walk
from share2post.semantics.world import Unit

_SAME = frozenset({"lower", "casefold", "strip", "str", "encode", "decode"})
_EVENT_KEYS = frozenset({tiktok.EVENT_KEY, "event_type", "event_name", "type"})
_OWN_KEYS = frozenset({tiktok.EVENT_KEY, tiktok.USER_KEY, tiktok.CLIENT_KEY, tiktok.CREATE_TIME})


@dataclass(eq=False)
class Origins:
    """Goes back from a tested event, and starts the reading of what it came from."""

    reach: Reach
    content: ContentReads
    proved: set[ast.AST] = field(default_factory=set)
    _seen: set[ast.AST] = field(default_factory=set)

    def trace(self, unit: Unit, subject: ast.expr) -> None:
        """Read everything that belongs to the envelope of a tested event."""
        if subject in self._seen:
            return
        self._seen.add(subject)
        self.content.read(unit, subject, What.EVENT)
        for other, value in self._before(unit, subject):
            self.content.ledger.join(unit, subject, other, value)
            base = self._base(other, value)
            if base is not None:
                self.proved.add(subject)
                self.envelope(other, base)
            else:
                self.trace(other, value)
                if value in self.proved:
                    self.proved.add(subject)

    def envelope(self, unit: Unit, base: ast.expr) -> None:
        """Read an envelope, through every use of the variable that holds it."""
        self.content.read(unit, base, What.PAYLOAD)
        if isinstance(base, ast.Name):
            for binding in unit.flow.reaching(base):
                self._variable(unit, binding)

    def _variable(self, unit: Unit, binding: Binding) -> None:
        for other, use in self.reach.loads(unit, binding):
            self.content.read(other, use, What.PAYLOAD)
        for other, value in self.reach.calls.given(unit, binding) if binding.kind is Kind.PARAMETER else []:
            if value not in self._seen:
                self._seen.add(value)
                self.envelope(other, value)
        if (
            binding.kind is Kind.ASSIGN
            and isinstance(binding.value, ast.Name)
            and binding.value not in self._seen
        ):
            self._seen.add(binding.value)
            self.envelope(unit, binding.value)

    def _before(self, unit: Unit, node: ast.expr) -> Iterator[tuple[Unit, ast.expr]]:
        """What an expression's value was before it came here: itself, where that is a read of a key."""
        match node:
            case ast.Name():
                for binding in unit.flow.reaching(node):
                    if binding.kind is Kind.PARAMETER:
                        yield from self.reach.calls.given(unit, binding)
                    elif binding.value is not None and binding.kind is Kind.ASSIGN:
                        yield unit, binding.value
            case ast.NamedExpr(value=value) | ast.Await(value=value):
                yield unit, value
            case ast.BoolOp():
                yield unit, node.values[0]
            case ast.Call(func=ast.Attribute(value=value)) if last_name(node.func) in _SAME:
                yield unit, value
            case ast.Call() if len(node.args) == 1 and not isinstance(node.func, ast.Attribute):
                yield unit, node.args[0]
            case ast.Attribute(value=value) if node.attr in ("value", "name"):
                yield unit, value
            case ast.Subscript() | ast.Call() | ast.Attribute():
                yield unit, node

    def _base(self, unit: Unit, node: ast.expr) -> ast.expr | None:
        """The envelope that an event is read from."""
        inner: ast.expr | None = None
        match node:
            case ast.Subscript() | ast.Attribute():
                inner = node.value
            case ast.Call(func=ast.Attribute(attr="get" | "pop", value=value)):
                inner = value
        if inner is None:
            return None
        read = key_read(unit, inner, unit.module.parent(inner))
        return inner if read is not None and read.key in _EVENT_KEYS else None

    # envelopes without a test

    def by_keys(self, unit: Unit) -> None:
        """Variables from which both the content and another part of TikTok's envelope are read."""
        keys: dict[Binding, set[str]] = {}
        spots: dict[Binding, ast.Name] = {}
        for node in walk(unit.module.tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                read = key_read(unit, node, unit.module.parent(node))
                for binding in unit.flow.reaching(node) if read is not None else ():
                    keys.setdefault(binding, set()).add(read.key if read is not None else "")
                    spots[binding] = node
        for binding, found in keys.items():
            if tiktok.CONTENT_KEY in found and found & _OWN_KEYS:
                self.envelope(unit, spots[binding])

    def by_parse(self, unit: Unit) -> None:
        """``json.loads(hook["content"])`` whose envelope is not seen, where an id is read from it."""
        for call in unit.calls():
            if last_name(call.func) != "loads" or not call.args:
                continue
            node = call.args[0]
            inner = node.value if isinstance(node, ast.Subscript | ast.Attribute) else None
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "get"
            ):
                inner = node.func.value
            read = key_read(unit, inner, unit.module.parent(inner)) if inner is not None else None
            if read is None or read.key != tiktok.CONTENT_KEY or node in self.content.tracked:
                continue
            self._trial(unit, node)

    def _trial(self, unit: Unit, node: ast.expr) -> None:
        """Keep what was read only where it led to an id."""
        ledger = self.content.ledger
        state, before = ledger.snapshot(), len(ledger.marks)
        self.content.read(unit, node, What.CONTENT)
        if len(ledger.marks) == before:
            ledger.rollback(state)

    def by_registration(self) -> None:
        """Handlers that take the content itself, from a caller who is out of sight."""
        for function, unit in list(self.reach.calls.registered.items()):
            for arg in function.args.args:
                binding = self.reach.calls.parameter(unit, function, arg.arg)
                for use in binding.uses if binding is not None else []:
                    read = key_read(unit, use, unit.module.parent(use))
                    if read is None or read.key_node is None or use in self.content.tracked:
                        continue
                    if read.key == tiktok.OLD_ID:
                        self.content.assumed(unit, use, arg.arg)
                    elif read.key == tiktok.CONTENT_KEY:
                        self.content.read(unit, use, What.PAYLOAD)
