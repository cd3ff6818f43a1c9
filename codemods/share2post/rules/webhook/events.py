"""S2P005: strings that are the name of an event, and what the program does with them.

A name may be tested (``event == NAME``), collected (``{NAME, ...}``), be the key
of a table (``{NAME: handle}``) or the value of one (``{"done": NAME}``); it is
followed through constants, attributes, parameters and returns until it is used.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from share2post import tiktok
from share2post.rules.webhook.calls import Spot
from share2post.rules.webhook.event_calls import EventCalls
from share2post.rules.webhook.literals import is_docstring, shown, text_of, written
from share2post.rules.webhook.trail import COLLECTORS, EVENT_KEYS, SURGERY, EventName, Shape, Trail
from share2post.semantics.module import last_name, walk
from share2post.semantics.world import Unit

_LIMIT = 20_000
_LOOKUPS = {Shape.TABLE: ("get", "pop", "setdefault"), Shape.COLLECTION: ("index", "count")}
_SAME = frozenset({"lower", "casefold", "strip", "encode", "decode", "value"})


def event_names(unit: Unit) -> Iterator[EventName]:
    """The strings of a module that are one of TikTok's old names, or one that was never TikTok's."""
    for node in walk(unit.module.tree):
        text = text_of(node)
        if text is None or not isinstance(node, ast.Constant) or is_docstring(unit, node):
            continue
        if text in tiktok.EVENTS or text in tiktok.INVENTED_EVENTS:
            yield EventName(unit, node, text)


@dataclass(eq=False)
class EventUses:
    """Follows the names, and collects what their uses lead to."""

    trail: Trail
    _seen: set[tuple[ast.AST, Shape, EventName]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.calls = EventCalls(self.trail, self._follow)

    def read(self, name: EventName) -> None:
        """Note a name and everything it is used for."""
        self.trail.ledger.root(name.unit, name.node)
        if isinstance(name.unit.module.parent(name.node), ast.JoinedStr):
            self.trail.stop(name, name.unit, name.node, "it is a part of a composed string")
            return
        self._follow(name, name.unit, name.node, Shape.VALUE)
        if name.node not in self.trail.emitted:
            text = written(name.unit, name.node, name.new)
            self.trail.ledger.rename(name.unit, name.node, name.new, text)

    # the walk

    def _follow(self, name: EventName, unit: Unit, node: ast.expr, shape: Shape) -> None:
        if (node, shape, name) in self._seen:
            return
        if len(self._seen) > _LIMIT:
            self.trail.stop(name, unit, node, "it is used in too many places to follow")
            return
        self._seen.add((node, shape, name))
        self.trail.ledger.join(name.unit, name.node, unit, node)
        parent = unit.module.parent(node)
        if self._container(name, unit, node, parent, shape) or self._use(name, unit, node, parent, shape):
            return
        if isinstance(parent, ast.Call | ast.keyword) and self.calls.handed(name, unit, node, parent, shape):
            return
        spots = self.trail.reach.onward(unit, node)
        if spots is not None:
            self.trail.role(
                name, "kept under a name" if isinstance(parent, ast.Assign | ast.AnnAssign) else ""
            )
            for other, spot in spots:
                self._follow(name, other, spot, shape)
        elif not self.trail.harmless(unit, node, parent):
            self.trail.doubt(name, unit, node, "it goes into something the tool does not follow")

    def _container(
        self, name: EventName, unit: Unit, node: ast.expr, parent: ast.AST | None, shape: Shape
    ) -> bool:
        """Into a collection or a dict."""
        match parent:
            case ast.Tuple() | ast.List() if self._passes(unit, parent, shape):
                around = unit.module.parent(parent)
                return isinstance(around, ast.BinOp)  # "%s" % (NAME,) shows it; x, y = NAME, 1 hands it on
            case ast.Tuple() | ast.List() | ast.Set():
                inner = Shape.COLLECTION if shape in (Shape.VALUE, Shape.COLLECTION) else shape
                self._follow(name, unit, parent, inner)
                return True
            case ast.Starred():
                self._follow(name, unit, parent, shape)
                return True
            case ast.Dict():
                self._in_dict(name, unit, node, parent, shape)
                return True
            case ast.BinOp(op=ast.BitOr() | ast.Add() | ast.Sub() | ast.BitAnd()) if shape is not Shape.VALUE:
                self._follow(name, unit, parent, shape)
                return True
        return False

    def _passes(self, unit: Unit, holder: ast.Tuple | ast.List, shape: Shape) -> bool:
        """Whether a tuple only carries the name along, and is no collection of names."""
        around = unit.module.parent(holder)
        match around:
            case ast.Assign():
                return isinstance(around.targets[0], ast.Tuple | ast.List) and shape is Shape.VALUE
            case ast.BinOp():
                return isinstance(around.op, ast.Mod) and shape is Shape.VALUE
            case ast.keyword():
                return around.arg == "args" and shape is Shape.VALUE
        return isinstance(around, ast.Return) and shape is Shape.VALUE

    def _in_dict(self, name: EventName, unit: Unit, node: ast.expr, holder: ast.Dict, shape: Shape) -> None:
        if node in holder.keys:
            self.trail.role(name, "the key of a table")
            self._follow(name, unit, holder, Shape.TABLE)
            self.trail.register_values(unit, holder)
            return
        key = next((k for k, v in zip(holder.keys, holder.values, strict=True) if v is node), None)
        if shape is Shape.VALUE and text_of(key) in EVENT_KEYS:
            self.trail.payload(name, unit, holder, {text for k in holder.keys if (text := text_of(k))})
        else:
            self._follow(
                name, unit, holder, Shape.HOLDER if shape in (Shape.VALUE, Shape.COLLECTION) else shape
            )

    # uses

    def _use(self, name: EventName, unit: Unit, node: ast.expr, parent: ast.AST | None, shape: Shape) -> bool:
        match parent:
            case ast.Compare():
                self._compared(name, unit, node, parent, shape)
            case ast.MatchValue():
                self._matched(name, unit, parent)
            case ast.Subscript() if parent.slice is node:
                self.trail.role(name, "a key")
                self._table(name, unit, parent)
            case ast.Subscript():
                self._looked_up(name, unit, parent, parent.slice, shape)
            case ast.Attribute():
                return self._attribute(name, unit, parent, shape)
            case ast.For() | ast.AsyncFor() | ast.comprehension() if parent.iter is node:
                if shape is not Shape.HOLDER:
                    self._loop(name, unit, parent.target, shape)
            case ast.BinOp() if shape is Shape.VALUE:
                if node is name.node and isinstance(parent.op, ast.Add):
                    self.trail.stop(name, unit, node, "it is put together with other text")
            case ast.JoinedStr() | ast.FormattedValue() | ast.Expr() | ast.If() | ast.Assert():
                pass
            case ast.arguments() | ast.Call() | ast.keyword() | None:
                return False
            case ast.AnnAssign() if parent.annotation is node:
                pass
            case _:
                return False
        return True

    def _compared(self, name: EventName, unit: Unit, node: ast.expr, test: ast.Compare, shape: Shape) -> None:
        sides = [test.left, *test.comparators]
        index = sides.index(node)
        operator = test.ops[index - 1 if index else 0]
        contains = isinstance(operator, ast.In | ast.NotIn)
        if not contains or index:
            if contains and shape is Shape.VALUE:
                self.trail.stop(name, unit, test, "something is looked for inside it")
            self.trail.role(name, "compared")
            self.trail.subjects += [(unit, side) for side in sides if side is not node]
            return
        self.trail.role(name, "looked for")
        if not self._is_collection(unit, sides[1]):
            hint = f"it is looked for in {shown(unit, sides[1])}, which may be a text or a list"
            self.trail.doubt(name, unit, test, hint)

    def _is_collection(self, unit: Unit, node: ast.expr) -> bool:
        definition = self.trail.reach.evaluator.world.definition(unit, node)
        value = definition.value if definition is not None else node
        call = isinstance(value, ast.Call) and last_name(value.func) in (*COLLECTORS, "keys")
        return call or isinstance(
            value, ast.Dict | ast.List | ast.Tuple | ast.Set | ast.DictComp | ast.ListComp
        )

    def _matched(self, name: EventName, unit: Unit, pattern: ast.MatchValue) -> None:
        self.trail.role(name, "matched")
        holder: ast.AST = pattern
        keys: list[ast.expr] = []
        for around in unit.module.ancestors(pattern):
            if isinstance(around, ast.Match):
                self._subject(name, unit, around, keys)
                return
            if isinstance(around, ast.MatchMapping):
                keys += [
                    key for key, p in zip(around.keys, around.patterns, strict=True) if p in (holder, pattern)
                ]
            elif isinstance(around, ast.MatchClass):
                keys += [ast.Constant(value=k) for k in around.kwd_attrs]
            elif isinstance(around, ast.MatchSequence):
                return
            holder = around

    def _subject(self, name: EventName, unit: Unit, match: ast.Match, keys: list[ast.expr]) -> None:
        """``match hook["event"]``, or ``match hook`` with a case ``{"event": NAME}``."""
        if not keys:
            self.trail.subjects.append((unit, match.subject))
        elif len(keys) == 1 or any(text_of(key) in EVENT_KEYS for key in keys[:1]):
            self.trail.envelopes.append((unit, match.subject))

    def _table(self, name: EventName, unit: Unit, entry: ast.Subscript) -> None:
        """``HANDLERS[NAME] = handle``, and what else is done with HANDLERS."""
        statement = unit.module.statement(entry)
        if isinstance(entry.ctx, ast.Store) and isinstance(statement, ast.Assign):
            self.trail.registered(unit, entry, statement.value)
            self.trail.stores.append((name, unit, entry))
        spots: list[Spot] = []
        if isinstance(entry.value, ast.Name):
            for binding in unit.flow.reaching(entry.value):
                spots += self.trail.reach.loads(unit, binding)
        elif isinstance(entry.value, ast.Attribute):
            owner = self.trail.reach.evaluator.world.class_behind(unit, entry.value.value)
            spots += self.trail.reach.attribute_loads(*owner, entry.value.attr) if owner is not None else []
        for other, spot in spots:
            if spot is not entry.value:
                self._follow(name, other, spot, Shape.TABLE)

    def _looked_up(
        self, name: EventName, unit: Unit, use: ast.Subscript, key: ast.expr, shape: Shape
    ) -> None:
        """``TABLE[event]`` and ``NAMES["done"]``."""
        if shape is Shape.VALUE:
            literal = last_name(use.value) == "Literal"
            if not literal:
                self.trail.stop(name, unit, use, "it is cut up")
        elif shape is Shape.TABLE:
            self.trail.subjects.append((unit, key))
        elif shape is Shape.HOLDER:
            self._follow(name, unit, use, Shape.VALUE)
            self._follow(name, unit, use, Shape.COLLECTION)
        elif last_name(use.value) != "Literal":
            self._follow(name, unit, use, Shape.VALUE)

    def _attribute(self, name: EventName, unit: Unit, use: ast.Attribute, shape: Shape) -> bool:
        call = unit.module.parent(use)
        called = call if isinstance(call, ast.Call) and call.func is use else None
        if shape is Shape.VALUE:
            if use.attr in SURGERY:
                self.trail.stop(name, unit, use, f".{use.attr}() takes it apart")
            elif use.attr in _SAME:
                self._follow(name, unit, called or use, shape)
        elif called is not None and use.attr in _LOOKUPS.get(shape, ()):
            self.trail.subjects += [(unit, argument) for argument in called.args[:1]]
        elif called is not None and use.attr in ("keys", "copy", "items", "values", "union", "difference"):
            inner = Shape.COLLECTION if use.attr in ("keys", "values") else shape
            self._follow(name, unit, called, inner)
        elif shape is Shape.HOLDER and called is not None and use.attr == "get":
            self._follow(name, unit, called, Shape.VALUE)
        return True

    def _loop(self, name: EventName, unit: Unit, target: ast.expr, shape: Shape) -> None:
        first = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target
        for other, spot in self.trail.reach.target_loads(unit, first) or []:
            self._follow(name, other, spot, Shape.VALUE)
