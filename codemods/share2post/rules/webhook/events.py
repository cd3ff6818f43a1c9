"""S2P005: strings that are the name of an event, and what the program does with them.

A name may be tested (``event == NAME``), collected (``{NAME, ...}``), be the key
of a table (``{NAME: handle}``) or the value of one (``{"done": NAME}``); it is
followed through constants, attributes, parameters and returns until it is used.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from share2post import tiktok
from share2post.model import Reason
from share2post.rules.webhook.ledger import Ledger
from share2post.rules.webhook.literals import is_docstring, last_name, shown, text_of, written
from share2post.rules.webhook.reach import Reach, Spot
from share2post.semantics.module import walk
from share2post.semantics.sinks import Sinks
from share2post.semantics.world import Unit


class Shape(Enum):
    """What holds the name at a point of its way."""

    VALUE = auto()  # the name itself
    COLLECTION = auto()  # a list, tuple or set of names
    TABLE = auto()  # a dict whose keys are names
    HOLDER = auto()  # a dict with a name, or a collection of names, as a value


@dataclass(frozen=True, eq=False)
class EventName:
    """One string that is the name of an event."""

    unit: Unit
    node: ast.Constant
    old: str

    @property
    def new(self) -> str:
        """The name it has now."""
        return tiktok.EVENTS.get(self.old, self.old)


ENVELOPE_KEYS = frozenset({tiktok.USER_KEY, tiktok.CLIENT_KEY, tiktok.CREATE_TIME, tiktok.CONTENT_KEY})
_EVENT_KEYS = frozenset({tiktok.EVENT_KEY, "event_type", "event_name", "type"})
_SURGERY = frozenset(
    {"startswith", "endswith", "replace", "split", "rsplit", "partition", "rpartition", "removeprefix",
     "removesuffix", "find", "rfind", "upper", "title", "capitalize", "join", "translate"}
)  # fmt: skip
_SAME = frozenset({"lower", "casefold", "strip", "encode", "decode", "value"})
_EMITTERS = frozenset(
    {"publish", "emit", "send", "dispatch", "fire", "trigger", "notify", "broadcast", "produce", "enqueue", "push",
     "put", "raise_event", "send_event", "publish_event", "emit_event", "dispatch_event", "track", "record", "post",
     "signal", "put_events", "xadd", "put_nowait"}
)  # fmt: skip
_REGISTRARS = frozenset(
    {"register", "on", "subscribe", "add_handler", "register_handler", "add_listener", "listen", "when", "handler",
     "handles", "handle", "add", "append", "insert", "connect", "bind", "event", "on_event", "add_event_handler",
     "extend", "update", "case", "param", "parametrize", "get", "pop", "setdefault", "index", "remove", "discard",
     "count", "get_args", "expects", "webhook", "route"}
)  # fmt: skip
_COLLECTORS = frozenset({"set", "frozenset", "tuple", "list", "sorted", "dict", "MappingProxyType", "deque"})


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

    reach: Reach
    ledger: Ledger
    subjects: list[Spot] = field(default_factory=list)
    displays: list[tuple[Unit, ast.Dict | ast.Call]] = field(default_factory=list)
    emitted: dict[ast.Constant, str] = field(default_factory=dict)
    registrations: list[tuple[EventName, Unit, ast.Call]] = field(default_factory=list)
    roles: dict[ast.Constant, str] = field(default_factory=dict)
    _seen: set[tuple[ast.AST, Shape, EventName]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.sinks = Sinks(self.reach.evaluator.world)

    def read(self, name: EventName) -> None:
        """Note a name and everything it is used for."""
        self.ledger.root(name.unit, name.node)
        if isinstance(name.unit.module.parent(name.node), ast.JoinedStr):
            self._stop(name, name.unit, name.node, "it is a part of a composed string")
            return
        self._follow(name, name.unit, name.node, Shape.VALUE)
        if name.node not in self.emitted:
            text = written(name.unit, name.node, name.new)
            self.ledger.rename(name.unit, name.node, name.new, text)

    # the walk

    def _follow(self, name: EventName, unit: Unit, node: ast.expr, shape: Shape) -> None:
        if (node, shape, name) in self._seen or len(self._seen) > 20000:
            return
        self._seen.add((node, shape, name))
        self.ledger.join(name.unit, name.node, unit, node)
        parent = unit.module.parent(node)
        if self._container(name, unit, node, parent, shape) or self._use(name, unit, node, parent, shape):
            return
        if isinstance(parent, ast.Call | ast.keyword) and self._handed(name, unit, node, parent, shape):
            return
        spots = self.reach.onward(unit, node)
        if spots is not None:
            self._role(name, "kept under a name" if isinstance(parent, ast.Assign | ast.AnnAssign) else "")
            for other, spot in spots:
                self._follow(name, other, spot, shape)
        elif not self._harmless(unit, node, parent):
            self._doubt(name, unit, node, "it goes into something the tool does not follow")

    def _container(self, name: EventName, unit: Unit, node: ast.expr, parent: ast.AST | None, shape: Shape) -> bool:
        """Into a collection or a dict."""
        around = unit.module.parent(parent) if parent is not None else None
        match parent:
            case ast.Tuple() | ast.List() if isinstance(around, ast.Assign | ast.Return | ast.BinOp | ast.keyword):
                if isinstance(around, ast.Assign) and not isinstance(around.targets[0], ast.Tuple | ast.List):
                    self._follow(name, unit, parent, Shape.COLLECTION)
                    return True
                if isinstance(around, ast.BinOp) and not isinstance(around.op, ast.Mod) or shape is not Shape.VALUE:
                    self._follow(name, unit, parent, Shape.COLLECTION)
                    return True
                if isinstance(around, ast.keyword) and around.arg != "args":
                    self._follow(name, unit, parent, Shape.COLLECTION)
                    return True
                return isinstance(around, ast.BinOp)
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

    def _in_dict(self, name: EventName, unit: Unit, node: ast.expr, holder: ast.Dict, shape: Shape) -> None:
        if node in holder.keys:
            self._role(name, "the key of a table")
            self._follow(name, unit, holder, Shape.TABLE)
            self._register_values(unit, holder)
            return
        key = next((k for k, v in zip(holder.keys, holder.values, strict=True) if v is node), None)
        if shape is Shape.VALUE and text_of(key) in _EVENT_KEYS:
            self._payload(name, unit, holder, {text for k in holder.keys if (text := text_of(k))})
        else:
            self._follow(name, unit, holder, Shape.HOLDER if shape in (Shape.VALUE, Shape.COLLECTION) else shape)

    def _register_values(self, unit: Unit, holder: ast.Dict) -> None:
        for value in holder.values:
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
            for part in parts:
                self._registered(unit, holder, part)

    def _registered(self, unit: Unit, node: ast.AST, value: ast.expr) -> None:
        function = self.reach.function(unit, value)
        if function is not None:
            self.reach.registered[function[1]] = function[0]
            self.ledger.join(unit, node, *function)

    def _payload(self, name: EventName, unit: Unit, holder: ast.Dict | ast.Call, keys: set[str]) -> None:
        if keys & ENVELOPE_KEYS or _is_test(unit, holder):
            self._role(name, "in a payload")
            self.displays.append((unit, holder))
        else:
            self._emit(name, unit, holder, "it stands in a message that is no TikTok envelope")

    # uses

    def _use(self, name: EventName, unit: Unit, node: ast.expr, parent: ast.AST | None, shape: Shape) -> bool:
        match parent:
            case ast.Compare():
                self._compared(name, unit, node, parent, shape)
            case ast.MatchValue():
                self._matched(name, unit, parent)
            case ast.Subscript() if parent.slice is node:
                self._role(name, "a key")
                if shape is Shape.VALUE and isinstance(parent.ctx, ast.Store):
                    self._stored(unit, parent)
            case ast.Subscript():
                self._looked_up(name, unit, parent, parent.slice, shape)
            case ast.Attribute():
                return self._attribute(name, unit, parent, shape)
            case ast.For() | ast.AsyncFor() | ast.comprehension() if parent.iter is node:
                if shape is not Shape.HOLDER:
                    self._loop(name, unit, parent.target, shape)
            case ast.BinOp() if shape is Shape.VALUE:
                if node is name.node and isinstance(parent.op, ast.Add):
                    self._stop(name, unit, node, "it is put together with other text")
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
                self._stop(name, unit, test, "something is looked for inside it")
            self._role(name, "compared")
            self.subjects += [(unit, side) for side in sides if side is not node]
            return
        self._role(name, "looked for")
        if not self._is_collection(unit, sides[1]):
            hint = f"it is looked for in {shown(unit, sides[1])}, which may be a text or a list"
            self.ledger.doubt(Reason.UNKNOWN_EVENT_USE, f"{name.old}: {hint}", unit, test)

    def _is_collection(self, unit: Unit, node: ast.expr) -> bool:
        definition = self.reach.evaluator.world.definition(unit, node)
        value = definition.value if definition is not None else node
        call = isinstance(value, ast.Call) and last_name(value.func) in (*_COLLECTORS, "keys")
        return call or isinstance(value, ast.Dict | ast.List | ast.Tuple | ast.Set | ast.DictComp | ast.ListComp)

    def _matched(self, name: EventName, unit: Unit, pattern: ast.MatchValue) -> None:
        self._role(name, "matched")
        holder: ast.AST = pattern
        for around in unit.module.ancestors(pattern):
            if isinstance(around, ast.Match):
                direct = isinstance(holder, ast.MatchValue | ast.MatchOr | ast.MatchAs | ast.match_case)
                inside = any(isinstance(a, ast.MatchMapping) for a in unit.module.ancestors(pattern))
                if direct and not inside:
                    self.subjects.append((unit, around.subject))
                return
            holder = around

    def _stored(self, unit: Unit, target: ast.Subscript) -> None:
        """``HANDLERS[NAME] = handle``."""
        statement = unit.module.statement(target)
        if isinstance(statement, ast.Assign):
            self._registered(unit, target, statement.value)

    def _looked_up(self, name: EventName, unit: Unit, use: ast.Subscript, key: ast.expr, shape: Shape) -> None:
        """``TABLE[event]`` and ``NAMES["done"]``."""
        if shape is Shape.VALUE:
            literal = last_name(use.value) == "Literal"
            if not literal:
                self._stop(name, unit, use, "it is cut up")
        elif shape is Shape.TABLE:
            self.subjects.append((unit, key))
        elif shape is Shape.HOLDER:
            self._follow(name, unit, use, Shape.VALUE)
            self._follow(name, unit, use, Shape.COLLECTION)
        elif last_name(use.value) != "Literal":
            self._follow(name, unit, use, Shape.VALUE)

    def _attribute(self, name: EventName, unit: Unit, use: ast.Attribute, shape: Shape) -> bool:
        call = unit.module.parent(use)
        called = call if isinstance(call, ast.Call) and call.func is use else None
        if shape is Shape.VALUE:
            if use.attr in _SURGERY:
                self._stop(name, unit, use, f".{use.attr}() takes it apart")
            elif use.attr in _SAME:
                self._follow(name, unit, called or use, shape)
        elif shape is Shape.TABLE and called is not None and use.attr in ("get", "pop", "setdefault"):
            self.subjects += [(unit, argument) for argument in called.args[:1]]
        elif shape is Shape.COLLECTION and called is not None and use.attr in ("index", "count"):
            self.subjects += [(unit, argument) for argument in called.args[:1]]
        elif called is not None and use.attr in ("keys", "copy", "items", "values", "union", "difference"):
            inner = Shape.COLLECTION if use.attr in ("keys", "values") else shape
            self._follow(name, unit, called, inner)
        elif shape is Shape.HOLDER and called is not None and use.attr == "get":
            self._follow(name, unit, called, Shape.VALUE)
        return True

    def _loop(self, name: EventName, unit: Unit, target: ast.expr, shape: Shape) -> None:
        first = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target
        for other, spot in self.reach.target_loads(unit, first) or []:
            self._follow(name, other, spot, Shape.VALUE)

    # calls

    def _handed(
        self, name: EventName, unit: Unit, node: ast.expr, parent: ast.Call | ast.keyword, shape: Shape
    ) -> bool:
        """Into a call; ``False`` where the call is one that the value is followed into."""
        call = parent if isinstance(parent, ast.Call) else unit.module.parent(parent)
        if not isinstance(call, ast.Call) or call.func is node:
            return True
        last = last_name(call.func)
        world = self.reach.evaluator.world
        owner = world.class_behind(unit, call.func)
        qualified = world.qualified(unit, call.func) or ""
        if last in _COLLECTORS and not isinstance(parent, ast.keyword):
            self._follow(name, unit, call, Shape.COLLECTION if last != "dict" else shape)
        elif isinstance(parent, ast.keyword) and parent.arg in _EVENT_KEYS and (owner or last == "dict"):
            self._payload(name, unit, call, {keyword.arg for keyword in call.keywords if keyword.arg})
        elif owner is not None and shape is Shape.VALUE and len(call.args) == 1:
            self._follow(name, unit, call, Shape.VALUE)  # TikTokEvent(NAME)
        elif isinstance(unit.module.parent(call), ast.FunctionDef | ast.AsyncFunctionDef):
            self._decorates(name, unit, call)
        elif self.reach.targets(unit, call, node) and last not in ("add_task", "submit"):
            return False
        elif last in _SURGERY or qualified.startswith(("re.", "fnmatch.", "regex.")):
            self._stop(name, unit, call, f"{shown(unit, call.func)} takes event names apart")
        else:
            self._into(name, unit, call, node, shape)
        return True

    def _decorates(self, name: EventName, unit: Unit, call: ast.Call) -> None:
        function = unit.module.parent(call)
        self._role(name, "the argument of a decorator")
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and call in function.decorator_list:
            self.reach.registered[function] = unit
            self.registrations.append((name, unit, call))

    def _into(self, name: EventName, unit: Unit, call: ast.Call, node: ast.expr, shape: Shape) -> None:
        last, parent = last_name(call.func), unit.module.parent(node)
        if self.sinks.harmless(unit, node, parent, boolean=True) or last.lower().startswith("assert"):
            self._role(name, "shown or asserted")
        elif shape is Shape.VALUE and last.lower() in _EMITTERS and not self._hands_function(unit, call):
            self._emit(name, unit, node, f"it is handed to {shown(unit, call.func)}")
        elif last.lower() in _REGISTRARS or self._hands_function(unit, call):
            self._role(name, "the argument of a registration")
            if shape is Shape.VALUE:
                self.registrations.append((name, unit, call))
            for value in [*call.args, *(keyword.value for keyword in call.keywords)]:
                self._registered(unit, call, value)
        else:
            self._doubt(name, unit, node, f"it is handed to {shown(unit, call.func)}, which the tool does not follow")

    def _hands_function(self, unit: Unit, call: ast.Call) -> bool:
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        return any(self.reach.function(unit, value) is not None for value in values)

    # verdicts

    def _emit(self, name: EventName, unit: Unit, node: ast.AST, how: str) -> None:
        """An event that the program itself sends may well be one of its own."""
        hint = f"{how}: it may be an event of the program's own; rename it where TikTok's is meant"
        if unit is name.unit and name.node not in self.roles:
            self.emitted[name.node] = hint
        else:
            self.ledger.stop(Reason.UNKNOWN_EVENT_USE, f"{name.old}: {hint}", unit, node)

    def _harmless(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> bool:
        return self.sinks.harmless(unit, node, parent, boolean=True)

    def _role(self, name: EventName, role: str) -> None:
        if role:
            self.roles.setdefault(name.node, role)

    def _stop(self, name: EventName, unit: Unit, node: ast.AST, why: str) -> None:
        self._role(name, "used")
        self.ledger.stop(Reason.UNKNOWN_EVENT_USE, f"{name.old}: {why}", unit, node)

    def _doubt(self, name: EventName, unit: Unit, node: ast.AST, why: str) -> None:
        self._role(name, "used")
        self.ledger.doubt(Reason.UNKNOWN_EVENT_USE, f"{name.old}: {why}", unit, node)


def _is_test(unit: Unit, node: ast.AST) -> bool:
    """Whether a payload is plainly one that is made up for a test."""
    function = unit.function_of(node)
    words = f"{unit.path} {function.name if function is not None else ''}".lower()
    return any(word in words for word in ("test", "payload", "sample", "fixture", "simulat", "fake", "mock", "webhook"))
