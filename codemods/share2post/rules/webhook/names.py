"""What a program does with the event it received, beside comparing it with a whole name."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from share2post import tiktok
from share2post.model import Reason
from share2post.rules.webhook.ledger import Ledger
from share2post.rules.webhook.literals import shown, text_of
from share2post.rules.webhook.reach import Reach
from share2post.semantics.module import last_name
from share2post.semantics.world import Unit

_PIECES = frozenset(
    {"split", "rsplit", "partition", "rpartition", "replace", "removeprefix", "removesuffix", "find"}
)
_SAME = frozenset({"lower", "casefold", "strip"})


@dataclass(eq=False)
class EventTests:
    """Stops where the received event is cut up, so that a renamed test would lie."""

    reach: Reach
    ledger: Ledger

    def use(
        self, unit: Unit, node: ast.expr, parent: ast.AST | None, follow: Callable[[ast.expr], None]
    ) -> bool:
        """Look at one use of the event; ``False`` where it only goes on."""
        match parent:
            case ast.Attribute():
                self._method(unit, parent, follow)
            case ast.Subscript() if parent.value is node:
                self._stop(unit, parent, "a part is cut out of the event's name")
            case ast.Compare():
                self._compared(unit, node, parent)
            case ast.Call() if node in parent.args:
                return self._call(unit, node, parent, follow)
            case _:
                return isinstance(parent, ast.FormattedValue | ast.Subscript | ast.Dict)
        return True

    def _method(self, unit: Unit, use: ast.Attribute, follow: Callable[[ast.expr], None]) -> None:
        call = unit.module.parent(use)
        if not isinstance(call, ast.Call) or call.func is not use:
            return
        if use.attr in _SAME:
            follow(call)
        elif use.attr in ("startswith", "endswith") and call.args:
            if self._differs(unit, use.attr, call.args[0]):
                self._stop(unit, call, f".{use.attr}() gives another answer for the new names")
        elif use.attr in _PIECES:
            self._stop(unit, call, f".{use.attr}() takes the event's name apart")

    def _differs(self, unit: Unit, method: str, argument: ast.expr) -> bool:
        """Whether a test of the name's start or end tells an old name from its successor."""
        parts = argument.elts if isinstance(argument, ast.Tuple) else [argument]
        texts = [self.reach.evaluator.text(unit, part) for part in parts]
        known = tuple(text.known for text in texts if text is not None and text.known is not None)
        if len(known) != len(parts):
            return True
        test = str.startswith if method == "startswith" else str.endswith
        return any(test(old, known) != test(new, known) for old, new in tiktok.EVENTS.items())

    def _compared(self, unit: Unit, node: ast.expr, test: ast.Compare) -> None:
        """``"completed" in event``."""
        if node in test.comparators and isinstance(
            test.ops[test.comparators.index(node)], ast.In | ast.NotIn
        ):
            text = text_of(test.left)
            if text is None or any((text in old) != (text in new) for old, new in tiktok.EVENTS.items()):
                self._stop(unit, test, "a part is looked for inside the event's name")

    def _call(self, unit: Unit, node: ast.expr, call: ast.Call, follow: Callable[[ast.expr], None]) -> bool:
        world = self.reach.evaluator.world
        qualified = world.qualified(unit, call.func) or ""
        owner = world.class_behind(unit, call.func)
        if qualified.startswith(("re.", "regex.", "fnmatch.")):
            self._stop(unit, call, f"{qualified} matches the event's name against a pattern")
        elif last_name(call.func) in ("getattr", "hasattr", "import_module") and node not in call.args[:1]:
            self._stop(unit, call, f"{shown(unit, call.func)} finds the handler by the event's name")
        elif owner is not None and len(call.args) == 1:
            follow(call)  # TikTokEvent(name)
        else:
            return False
        return True

    def _stop(self, unit: Unit, node: ast.AST, why: str) -> None:
        self.ledger.stop(
            Reason.UNKNOWN_EVENT_USE, f"{why}, so renaming it elsewhere is not enough", unit, node
        )
