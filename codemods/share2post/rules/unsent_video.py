"""A video that a program announces, and perhaps opens, but never sends.

::

    with open(path, "rb") as video:           # opened, and that is all
        response = requests.post(OLD_URL, json={"source_info": {...}})

    size = os.path.getsize(path)              # measured, and that is all
    response = requests.post(OLD_URL, json={"source_info": {"video_size": size}})
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from share2post import tiktok
from share2post.rules.moving import Mover
from share2post.rules.video import Video
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax.fresh import FreshNames
from share2post.syntax.style import Style

# what a handle outside of may be read in more than once, or later
_ENDS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.For, ast.While, ast.AsyncFor)


@dataclass(eq=False)
class UnsentVideo:
    """Finds the one file that the program means."""

    evaluator: Evaluator
    fresh: FreshNames
    mover: Mover  # of the init
    style: Style

    @property
    def unit(self) -> Unit:
        """The module of the request."""
        return self.mover.unit

    def find(self, announced: ast.expr | None) -> Video | None:
        """The bytes to send; ``None`` where it is not certain which."""
        opened = self._opened()
        if len(opened) > 1:
            return None
        name = self.fresh.pick(self.unit, self.mover.call, "video_data", "video_bytes", "tiktok_video")
        if opened:
            return self._sized([f"{name} = {opened[0]}.read()"], name)
        path = self._measured(announced) if announced is not None else None
        if path is None:
            return None
        handle = self.fresh.pick(self.unit, self.mover.call, "video_file", "video_handle")
        quote = self.style.quote
        lines = [
            f"with open({self.mover.keep(self.unit, path)}, {quote}rb{quote}) as {handle}:",
            f"{self.style.indent}{name} = {handle}.read()",
        ]
        return self._sized(lines, name)

    def _sized(self, lines: list[str], name: str) -> Video:
        size = self.fresh.pick(self.unit, self.mover.call, "video_size", "video_length")
        return Video((*lines, f"{size} = len({name})"), name, size, tiktok.MEDIA_TYPES[0])

    def _opened(self) -> list[str]:
        """The handles that stand open around the call and are used for nothing."""
        found = []
        for around in self.unit.module.ancestors(self.mover.call):
            if isinstance(around, _ENDS):
                break
            for item in around.items if isinstance(around, ast.With) else ():
                name = item.optional_vars
                if isinstance(name, ast.Name) and self._opens(item.context_expr) and self._idle(name):
                    found.append(name.id)
        return [*found, *self._assigned()]

    def _assigned(self) -> list[str]:
        """``video = open(path, "rb")`` before the call, and at most closed after it."""
        known = self.unit.flow.before.get(self.mover.statement, {})
        found = []
        for name, bindings in known.items():
            binding = next(iter(bindings)) if len(bindings) == 1 else None
            value = binding.value if binding is not None and binding.kind is Kind.ASSIGN else None
            if (
                binding is None
                or value is None
                or not self._opens(value)
                or not isinstance(binding.node, ast.Name)
            ):
                continue
            local = binding.scope is self.unit.flow.scopes.get(
                self.unit.function_of(self.mover.call) or binding.scope.node
            )
            if local and self._idle(binding.node):
                found.append(name)
        return found

    def _opens(self, node: ast.expr) -> bool:
        if (
            not isinstance(node, ast.Call)
            or self.evaluator.world.qualified(self.unit, node.func) != "builtins.open"
        ):
            return False
        modes = [k.value for k in node.keywords if k.arg == "mode"] or node.args[1:2]
        return len(modes) == 1 and isinstance(modes[0], ast.Constant) and modes[0].value == "rb"

    def _idle(self, name: ast.Name) -> bool:
        """Whether a handle is not used, but perhaps put into a ``files`` that is not used either."""
        return all(self._into_nothing(use) for binding in self._bindings(name) for use in binding.uses)

    def _into_nothing(self, use: ast.Name) -> bool:
        parent = self.unit.module.parent(use)
        if isinstance(parent, ast.Attribute) and parent.attr == "close":
            return self.unit.module.extent(use)[0] > self.unit.module.extent(self.mover.call)[0]
        statement = self.unit.module.statement(use)
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Dict | ast.Tuple):
            return False
        targets = statement.targets
        held = [b for t in targets if isinstance(t, ast.Name) for b in self._bindings(t)]
        return bool(held) and len(targets) == 1 and not any(binding.uses for binding in held)

    def _bindings(self, name: ast.Name) -> list[Binding]:
        scopes = self.unit.flow.scopes.values()
        return [b for scope in scopes for b in scope.bindings.get(name.id, []) if b.node is name]

    def _measured(self, announced: ast.expr) -> ast.expr | None:
        """``path`` of ``os.path.getsize(path)``, where it still means that at the call."""
        node: ast.expr | None = announced
        if isinstance(node, ast.Name):
            binding = self.unit.flow.only(node)
            node = binding.value if binding is not None and binding.kind is Kind.ASSIGN else None
        if not isinstance(node, ast.Call) or len(node.args) != 1:
            return None
        if self.evaluator.world.qualified(self.unit, node.func) != "os.path.getsize":
            return None
        path = node.args[0]
        simple = isinstance(path, ast.Name | ast.Constant | ast.Attribute)
        movable = simple and self.mover.movable(self.unit, path, self.unit.module.statement(path))
        return path if movable else None
