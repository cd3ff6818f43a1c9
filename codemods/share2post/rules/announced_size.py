"""Where the bytes of a second request come from, and how their size is known before the first.

::

    size = os.path.getsize(path)              # measured: the program's own, of the same path
    requests.post(url, json={...})            # the init, which must announce the size
    with open(path, "rb") as video:           # the source: a handle on ``path``
        requests.put(upload_url, data=video)
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Final

from share2post.rules.moving import Mover
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.imports import module_name

_OPENERS: Final = frozenset({"builtins.open", "io.open", "aiofiles.open"})
_QUIET: Final = frozenset(
    {
        "os.path.getsize", "os.path.basename", "os.path.splitext", "os.path.join", "os.path.exists",
        "os.path.isfile", "os.stat", "math.ceil", "math.floor",
        "time.sleep",
        "builtins.len", "builtins.int", "builtins.str", "builtins.min", "builtins.max", "builtins.print",
        "builtins.open", "aiofiles.open", "builtins.float", "builtins.round", "json.dumps", "json.loads",
        "pathlib.Path", "aiohttp.FormData",
    }
)  # fmt: skip
_QUIET_METHODS: Final = frozenset(
    {
        "stat", "get", "json", "add_field", "raise_for_status", "read", "read_bytes", "close", "seek", "format", "open",
        "exists",
        "is_file", "info", "debug", "warning", "error", "exception", "critical", "strip", "lower", "upper",
    }
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Source:
    """Where bytes come from: the path of the file, the variable that holds them, or both."""

    path: ast.expr | None = None
    data: Binding | None = None
    handle: bool = False


def is_quiet(evaluator: Evaluator, unit: Unit, node: ast.AST) -> bool:
    """Whether evaluating an expression only measures, formats or reports something."""
    for part in ast.walk(node):
        if isinstance(part, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr):
            return False
        if isinstance(part, ast.Call):
            name = evaluator.world.qualified(unit, part.func) or ""
            method = part.func.attr if isinstance(part.func, ast.Attribute) else ""
            error = name.startswith("builtins.") and name.endswith(("Error", "Exception", "Exit"))
            if name not in _QUIET and method not in _QUIET_METHODS and not error:
                return False
    return True


@dataclass(eq=False)
class Sizes:
    """Finds the source of a video and the text of its size at the init."""

    evaluator: Evaluator
    draft: Draft
    mover: Mover  # of the init
    second: ast.Call

    @property
    def unit(self) -> Unit:
        """The module of both requests."""
        return self.mover.unit

    def source(self, node: ast.expr, depth: int = 0) -> Source | None:
        """Where the bytes of an expression come from; ``None`` where that is not certain."""
        if depth > 6:
            return None
        node = node.value if isinstance(node, ast.Await) else node  # await f.read()
        if isinstance(node, ast.Call):
            return self._called(node, depth)
        binding = self.unit.flow.only(node) if isinstance(node, ast.Name) else None
        if binding is None:
            return None
        if binding.kind is Kind.PARAMETER and isinstance(binding.node, ast.arg):
            annotation = binding.node.annotation
            is_bytes = isinstance(annotation, ast.Name) and annotation.id == "bytes"
            return Source(data=binding) if is_bytes else None
        if binding.kind not in (Kind.ASSIGN, Kind.WITH) or binding.value is None:
            return None
        found = self.source(binding.value, depth + 1)
        if found is None or (found.handle and not self._read_once(binding)):
            return None
        return found if found.handle else replace(found, data=binding)

    def opened(self, node: ast.expr) -> Source | None:
        """The file that an expression opens."""
        found = self._called(node, 0) if isinstance(node, ast.Call) else None
        return found if found is not None and found.handle else None

    def _called(self, node: ast.Call, depth: int) -> Source | None:
        name = self.evaluator.world.qualified(self.unit, node.func) or ""
        if name in _OPENERS and node.args and self._binary(node, 1):
            return Source(node.args[0], handle=True)
        if not isinstance(node.func, ast.Attribute):
            return None
        if node.func.attr == "open" and self._binary(node, 0) and name not in _OPENERS:
            return Source(self._bare(node.func.value), handle=True)
        if node.func.attr == "read_bytes" and not node.args:
            return Source(self._bare(node.func.value))
        if node.func.attr == "read" and not node.args:
            inner = self.source(node.func.value, depth + 1)
            return Source(inner.path) if inner is not None and inner.handle else None
        return None

    def _bare(self, node: ast.expr) -> ast.expr:
        """``path`` of ``Path(path)``."""
        if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
            return node
        made = self.evaluator.world.qualified(self.unit, node.func) == "pathlib.Path"
        return node.args[0] if made else node

    def _binary(self, node: ast.Call, position: int) -> bool:
        modes = [k.value for k in node.keywords if k.arg == "mode"] or node.args[position : position + 1]
        return len(modes) == 1 and isinstance(modes[0], ast.Constant) and modes[0].value == "rb"

    def _read_once(self, binding: Binding) -> bool:
        """Whether a handle is only read or sent once (and closed)."""
        reads = 0
        for use in binding.uses:
            parent = self.unit.module.parent(use)
            if isinstance(parent, ast.Attribute) and parent.attr in ("close", "name", "closed"):
                continue
            reads += 1
        return reads == 1

    # the size

    def text(self, source: Source, announced: ast.expr | None) -> str | None:
        """The text of the size at the init; ``None`` where it cannot be had there."""
        own = self._own(source, announced) if announced is not None else None
        if own is not None:
            return own
        if source.data is not None and self._in_scope(source.data):
            return self._named(f"len({source.data.name})")
        if source.path is None or not self._path_holds(source.path):
            return None
        if not (self._same_file(source, announced) or self._quiet_between()):
            return None
        module = module_name(self.evaluator.world, self.draft, self.unit, self.mover.call, "os")
        return self._named(f"{module}.path.getsize({self.mover.keep(self.unit, source.path)})")

    def _path_holds(self, path: ast.expr) -> bool:
        """Whether the path means at the init what it means where the file is opened."""
        if isinstance(path, ast.Constant):
            return isinstance(path.value, str)
        return self.mover.movable(self.unit, path, self.unit.module.statement(path))

    def _named(self, text: str) -> str:
        name = self.mover.fresh.pick(self.unit, self.mover.call, "video_size", "tiktok_video_size")
        self.mover.before.append(f"{name} = {text}")
        return name

    def _own(self, source: Source, announced: ast.expr) -> str | None:
        """A name of the program's that holds this very size already."""
        if not isinstance(announced, ast.Name) or not self._same_file(source, announced):
            return None
        if not self.mover.movable(self.unit, announced, self.mover.statement):
            return None
        return self.mover.keep(self.unit, announced)

    def _same_file(self, source: Source, announced: ast.expr | None) -> bool:
        """Whether the program measures the very thing that is sent."""
        if isinstance(announced, ast.Name):
            binding = self.unit.flow.only(announced)
            announced = binding.value if binding is not None and binding.kind is Kind.ASSIGN else None
        if announced is None:
            return False
        measured, path = self._counted(announced), self._weighed(announced)
        if isinstance(measured, ast.Name) and source.data is not None:
            return self.unit.flow.only(measured) is source.data
        return path is not None and source.path is not None and self._alike(path, source.path)

    def _counted(self, node: ast.expr) -> ast.expr | None:
        """``x`` of ``len(x)``."""
        if isinstance(node, ast.Call) and len(node.args) == 1:
            return (
                node.args[0]
                if self.evaluator.world.qualified(self.unit, node.func) == "builtins.len"
                else None
            )
        return None

    def _weighed(self, node: ast.expr) -> ast.expr | None:
        """``x`` of ``os.path.getsize(x)``, ``os.stat(x).st_size``, ``x.stat().st_size``."""
        world = self.evaluator.world
        if isinstance(node, ast.Call) and len(node.args) == 1:
            return node.args[0] if world.qualified(self.unit, node.func) == "os.path.getsize" else None
        if (
            not isinstance(node, ast.Attribute)
            or node.attr != "st_size"
            or not isinstance(node.value, ast.Call)
        ):
            return None
        call = node.value
        if world.qualified(self.unit, call.func) == "os.stat" and len(call.args) == 1:
            return call.args[0]
        method = call.func if isinstance(call.func, ast.Attribute) and call.func.attr == "stat" else None
        return self._bare(method.value) if method is not None and not call.args else None

    def _alike(self, one: ast.expr, other: ast.expr) -> bool:
        """Whether two expressions are the same, of the same variables."""
        if ast.unparse(one) != ast.unparse(other):
            return False
        names = zip(ast.walk(one), ast.walk(other), strict=False)
        flow = self.unit.flow
        return all(
            flow.reaching(a) == flow.reaching(b)
            for a, b in names
            if isinstance(a, ast.Name) and isinstance(b, ast.Name)
        )

    def _in_scope(self, binding: Binding) -> bool:
        """Whether a variable holds its bytes when the init is sent."""
        known = self.unit.flow.before.get(self.mover.statement, {})
        return known.get(binding.name) == frozenset([binding])

    def _quiet_between(self) -> bool:
        """Whether nothing runs between the two requests that could make or change the file."""
        start = self.unit.module.extent(self.mover.statement)[1]
        end = self.unit.module.extent(self.unit.module.statement(self.second))[0]
        between = [c for c in self.unit.calls() if start <= self.unit.module.extent(c)[0] < end]
        return all(self._harmless(call) for call in between)

    def _harmless(self, call: ast.Call) -> bool:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        return is_quiet(self.evaluator, self.unit, call) or name.endswith(("Error", "Exception", "Exit"))
