"""What the uses of event names lead to, and the verdicts on them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import Enum, auto

from share2post import tiktok
from share2post.model import Reason
from share2post.rules.webhook.calls import Spot
from share2post.rules.webhook.ledger import Ledger
from share2post.rules.webhook.literals import text_of
from share2post.rules.webhook.reach import Reach
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
EVENT_KEYS = frozenset({tiktok.EVENT_KEY, "event_type", "event_name", "type"})
# fmt: off
SURGERY = frozenset({
    "startswith", "endswith", "replace", "split", "rsplit", "partition", "rpartition", "removeprefix",
    "removesuffix", "find", "rfind", "upper", "title", "capitalize", "join", "translate",
})
# fmt: on
COLLECTORS = frozenset({"set", "frozenset", "tuple", "list", "sorted", "dict", "MappingProxyType", "deque"})


@dataclass(eq=False)
class Trail:
    """Collects, over all names, what the walk through their uses finds.

    ``subjects`` are what names are compared with, ``envelopes`` what is matched
    as a whole, ``displays`` the payloads that are written out, ``emitted`` the
    names the program sends itself.
    """

    reach: Reach
    ledger: Ledger
    subjects: list[Spot] = field(default_factory=list)
    envelopes: list[Spot] = field(default_factory=list)
    stores: list[tuple[EventName, Unit, ast.Subscript]] = field(default_factory=list)
    displays: list[tuple[Unit, ast.Dict | ast.Call]] = field(default_factory=list)
    emitted: dict[ast.Constant, str] = field(default_factory=dict)
    registrations: list[tuple[EventName, Unit, ast.Call]] = field(default_factory=list)
    roles: dict[ast.Constant, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sinks = Sinks(self.reach.evaluator.world)

    # verdicts

    def emit(self, name: EventName, unit: Unit, node: ast.AST, how: str) -> None:
        """An event that the program itself sends may well be one of its own."""
        hint = f"{how}: it may be an event of the program's own; rename it where TikTok's is meant"
        if unit is name.unit and name.node not in self.roles:
            self.emitted[name.node] = hint
        else:
            self.ledger.stop(Reason.UNKNOWN_EVENT_USE, f"{name.old}: {hint}", unit, node)

    def harmless(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> bool:
        """Whether a use only shows the name."""
        return self.sinks.harmless(unit, node, parent, boolean=True)

    def role(self, name: EventName, role: str) -> None:
        """Remember how a name is used, for its message."""
        if role:
            self.roles.setdefault(name.node, role)

    def stop(self, name: EventName, unit: Unit, node: ast.AST, why: str) -> None:
        """Note why a name cannot be rewritten."""
        self.role(name, "used")
        self.ledger.stop(Reason.UNKNOWN_EVENT_USE, f"{name.old}: {why}", unit, node)

    def doubt(self, name: EventName, unit: Unit, node: ast.AST, why: str) -> None:
        """Note a use that the tool cannot judge."""
        self.role(name, "used")
        self.ledger.doubt(Reason.UNKNOWN_EVENT_USE, f"{name.old}: {why}", unit, node)

    def register_values(self, unit: Unit, holder: ast.Dict) -> None:
        """Note the functions among the values of a table as handlers."""
        for value in holder.values:
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
            for part in parts:
                self.registered(unit, holder, part)

    def registered(self, unit: Unit, node: ast.AST, value: ast.expr) -> None:
        """Note the function that an expression names as a handler of the event."""
        function = self.reach.calls.function(unit, value) or self._by_name(unit, value)
        if function is not None:
            self.reach.calls.registered[function[1]] = function[0]
            self.ledger.join(unit, node, *function)

    def _by_name(
        self, unit: Unit, value: ast.expr
    ) -> tuple[Unit, ast.FunctionDef | ast.AsyncFunctionDef] | None:
        """``"on_failed"``, the name of a method of the class around it, for ``getattr``."""
        owner, text = unit.class_of(value), text_of(value)
        return (
            self.reach.evaluator.method(unit, owner, text) if owner is not None and text is not None else None
        )

    def payload(self, name: EventName, unit: Unit, holder: ast.Dict | ast.Call, keys: set[str]) -> None:
        """Note an envelope that is written out, or a message that is none."""
        if keys & ENVELOPE_KEYS or _is_test(unit, holder):
            self.role(name, "in a payload")
            self.displays.append((unit, holder))
        else:
            self.emit(name, unit, holder, "it stands in a message that is no TikTok envelope")


def _is_test(unit: Unit, node: ast.AST) -> bool:
    """Whether a payload is plainly one that is made up for a test."""
    function = unit.function_of(node)
    words = f"{unit.path} {function.name if function is not None else ''}".lower()
    return any(
        word in words
        for word in ("test", "payload", "sample", "fixture", "simulat", "fake", "mock", "webhook")
    )
