"""Event names as arguments: of registrations and decorators, of collections, of what sends events."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from share2post.rules.webhook.literals import shown, text_of
from share2post.rules.webhook.trail import COLLECTORS, EVENT_KEYS, SURGERY, EventName, Shape, Trail
from share2post.semantics.module import last_name
from share2post.semantics.world import Unit

Follow = Callable[[EventName, Unit, ast.expr, Shape], None]
# fmt: off
_EMITTERS = frozenset({
    "publish", "emit", "send", "dispatch", "fire", "trigger", "notify", "broadcast", "produce",
    "enqueue", "push", "put", "raise_event", "send_event", "publish_event", "emit_event",
    "dispatch_event", "track", "record", "post", "signal", "put_events", "xadd", "put_nowait",
})
_REGISTRARS = frozenset({
    "register", "on", "subscribe", "add_handler", "register_handler", "add_listener", "listen", "when",
    "handler", "handles", "handle", "add", "append", "insert", "connect", "bind", "event", "on_event",
    "add_event_handler", "extend", "update", "case", "param", "get", "pop", "setdefault", "index",
    "remove", "discard", "count", "get_args", "expects", "webhook", "route",
})
# fmt: on
_LOOKUPS = frozenset({"get", "pop", "setdefault", "index", "remove", "discard", "count", "add", "append"})


@dataclass(eq=False)
class EventCalls:
    """Judges the calls that a name, or what holds it, is handed to."""

    trail: Trail
    follow: Follow

    def handed(
        self, name: EventName, unit: Unit, node: ast.expr, parent: ast.Call | ast.keyword, shape: Shape
    ) -> bool:
        """Into a call; ``False`` where the call is one that the value is followed into."""
        call = parent if isinstance(parent, ast.Call) else unit.module.parent(parent)
        if not isinstance(call, ast.Call) or call.func is node:
            return True
        last = last_name(call.func)
        world = self.trail.reach.evaluator.world
        owner = world.class_behind(unit, call.func)
        qualified = world.qualified(unit, call.func) or ""
        if last in COLLECTORS and not isinstance(parent, ast.keyword):
            self.follow(name, unit, call, Shape.COLLECTION if last != "dict" else shape)
        elif isinstance(parent, ast.keyword) and parent.arg in EVENT_KEYS and (owner or last == "dict"):
            self.trail.payload(name, unit, call, {keyword.arg for keyword in call.keywords if keyword.arg})
        elif owner is not None and shape is Shape.VALUE and len(call.args) == 1:
            self.follow(name, unit, call, Shape.VALUE)  # TikTokEvent(NAME)
        elif isinstance(unit.module.parent(call), ast.FunctionDef | ast.AsyncFunctionDef):
            self._decorates(name, unit, call)
        elif self.trail.reach.calls.targets(unit, call, node) and last not in ("add_task", "submit"):
            return False
        elif last in SURGERY or qualified.startswith(("re.", "fnmatch.", "regex.")):
            self.trail.stop(name, unit, call, f"{shown(unit, call.func)} takes event names apart")
        else:
            self._into(name, unit, call, node, shape)
        return True

    def _decorates(self, name: EventName, unit: Unit, call: ast.Call) -> None:
        function = unit.module.parent(call)
        self.trail.role(name, "the argument of a decorator")
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and call in function.decorator_list:
            if last_name(call.func) == "parametrize":
                self._parametrized(name, unit, call, function)
                return
            self.trail.reach.calls.registered[function] = unit
            self.trail.registrations.append((name, unit, call))

    def _parametrized(
        self, name: EventName, unit: Unit, call: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> None:
        """``@pytest.mark.parametrize("name, code", [(NAME, 200)])``: the parameter of the test."""
        names = (text_of(call.args[0]) or "").replace(",", " ").split() if call.args else []
        row = unit.module.parent(name.node)
        index = row.elts.index(name.node) if len(names) > 1 and isinstance(row, ast.Tuple | ast.List) else 0
        binding = (
            self.trail.reach.calls.parameter(unit, function, names[index]) if index < len(names) else None
        )
        for other, spot in self.trail.reach.loads(unit, binding) if binding is not None else []:
            self.follow(name, other, spot, Shape.VALUE)

    def _into(self, name: EventName, unit: Unit, call: ast.Call, node: ast.expr, shape: Shape) -> None:
        last, parent = last_name(call.func), unit.module.parent(node)
        if self.trail.sinks.harmless(unit, node, parent, boolean=True) or last.lower().startswith("assert"):
            self.trail.role(name, "shown or asserted")
        elif shape is Shape.VALUE and last.lower() in _EMITTERS and not self._hands_function(unit, call):
            self.trail.emit(name, unit, node, f"it is handed to {shown(unit, call.func)}")
        elif last.lower() in _REGISTRARS or self._hands_function(unit, call):
            self.trail.role(name, "the argument of a registration")
            if shape is Shape.VALUE and last not in _LOOKUPS:
                self.trail.registrations.append((name, unit, call))
            for value in [*call.args, *(keyword.value for keyword in call.keywords)]:
                self.trail.registered(unit, call, value)
        else:
            self.trail.doubt(
                name, unit, node, f"it is handed to {shown(unit, call.func)}, which the tool does not follow"
            )

    def _hands_function(self, unit: Unit, call: ast.Call) -> bool:
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        return any(self.trail.reach.calls.function(unit, value) is not None for value in values)
