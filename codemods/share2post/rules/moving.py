"""Moving an expression to another place, dropping one, and removing what that leaves dead.

An expression may move only if it means the same there: its names have the same
bindings, and nothing that could change its value runs in between. Where that is
not certain it is bound to a name where it stands.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from share2post.model import Reason
from share2post.semantics.mappings import Entry, Mapping
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit, scope_of
from share2post.sites import Draft
from share2post.syntax.fresh import FreshNames
from share2post.syntax.style import indentation, style_of

_PURE = frozenset(
    {
        "os.getenv", "os.environ.get", "os.path.basename", "os.path.join", "os.path.abspath", "os.fspath",
        "os.path.splitext", "os.path.expanduser", "builtins.str", "builtins.len", "builtins.repr", "pathlib.Path",
        "builtins.min", "builtins.max", "math.ceil", "math.floor",
        "builtins.int", "builtins.bool", "builtins.dict", "builtins.list", "builtins.tuple", "mimetypes.guess_type",
        "functools.partial", "urllib.parse.quote", "urllib.parse.quote_plus", "urllib.parse.urlencode",
        "urllib.parse.urljoin",
        "requests.utils.quote", "time.time", "uuid.uuid4", "json.dumps", "httpx.URL", "yarl.URL",
        "uuid.uuid1", "secrets.token_hex", "secrets.token_urlsafe", "os.urandom", "binascii.hexlify", "random.choice",
        "random.choices", "random.randint", "random.randrange", "random.getrandbits", "builtins.bytes",
        "tornado.httpclient.HTTPRequest", "builtins.range", "builtins.hex", "email.generator._make_boundary",
        "urllib3.filepost.choose_boundary",
    }
)  # fmt: skip
_PURE_METHODS = frozenset(
    {
        "format",
        "join",
        "strip",
        "rstrip",
        "lstrip",
        "lower",
        "upper",
        "replace",
        "hex",
        "get",
        "encode",
        "decode",
    }
)
_REPEATED = (
    ast.For,
    ast.While,
    ast.AsyncFor,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
_QUIET = frozenset(
    {
        "builtins.print", "builtins.open", "builtins.len", "builtins.str", "pathlib.Path", "io.open",
        "aiohttp.ClientSession", "aiohttp.ClientTimeout", "aiohttp.FormData", "aiohttp.TCPConnector",
    }
)  # fmt: skip


@dataclass(eq=False)
class Mover:
    """Keeps account of what a site moves, keeps and drops in one call."""

    evaluator: Evaluator
    draft: Draft
    fresh: FreshNames
    unit: Unit
    call: ast.Call
    kept: set[ast.AST] = field(default_factory=set)
    before: list[str] = field(default_factory=list)  # statements to run before the init, in order
    bound: dict[tuple[str, ast.AST], str] = field(default_factory=dict)
    in_place: bool = False  # arguments stay where they are: a helper function is called with them

    @property
    def statement(self) -> ast.stmt:
        """The statement that holds the call."""
        return self.unit.module.statement(self.call)

    # moving

    def keep(self, unit: Unit, node: ast.expr) -> str:
        """The source of an expression that goes on to be used at the call."""
        self.kept.update(ast.walk(node))
        return unit.module.source(node)

    def text_at_call(self, unit: Unit, node: ast.expr, wish: str, statement: ast.stmt | None = None) -> str:
        """The text that gives, at the call, the value this expression has where it stands."""
        origin = statement or unit.module.statement(node)
        if origin is self.statement and unit is self.unit and self._within_call(node):
            if is_simple(node):
                return self.keep(unit, node)
            return self._hoist(node, wish)
        if self.movable(unit, node, origin):
            return self.keep(unit, node)
        return self._bind(unit, node, origin, wish)

    def _within_call(self, node: ast.AST) -> bool:
        return any(around is self.call for around in self.unit.module.ancestors(node))

    def _hoist(self, node: ast.expr, wish: str) -> str:
        """Give an argument a name of its own in front of the call."""
        if self.in_place or (self.is_pure(self.unit, node) and "\n" not in self.unit.module.source(node)):
            return self.keep(self.unit, node)
        name = self.fresh.pick(self.unit, self.call, wish, f"{wish}_value")
        self.before.append(f"{name} = {self.keep(self.unit, node)}")
        return name

    def _bind(self, unit: Unit, node: ast.expr, origin: ast.stmt, wish: str) -> str:
        """Bind an expression to a name in front of the statement it stands in."""
        known = self.bound.get((wish, node))
        if known is not None:
            return known
        same_function = unit is self.unit and unit.function_of(node) is unit.function_of(self.call)
        dominated = same_function and origin is not self.statement and self._reaches(origin)
        if not dominated or not starts_line(unit, origin) or not self._first(origin, node, unit):
            self.draft.stop(
                Reason.UNKNOWN_TOKEN if "token" in wish else Reason.UNKNOWN_VIDEO,
                "its value is made elsewhere and may have changed by the time of the call",
                unit,
                node,
            )
            return "None"
        name = self.fresh.pick(unit, self.call, wish, f"{wish}_value")
        style = style_of(unit.module)
        start = unit.module.line_start(unit.module.extent(origin)[0])
        text = f"{indentation(unit.module, origin)}{name} = {self.keep(unit, node)}{style.newline}"
        self.draft.replace(unit, start, start, text)
        self.bound[(wish, node)] = name
        return name

    def reachable(self, unit: Unit, node: ast.expr, origin: ast.stmt) -> bool:
        """Whether a value can be had at the call: moved there, or bound where it stands."""
        if origin is self.statement and unit is self.unit and self._within_call(node):
            return True
        same = unit is self.unit and unit.function_of(origin) is unit.function_of(self.call)
        placed = (
            same
            and self._reaches(origin)
            and starts_line(unit, origin)
            and evaluated_first(origin, node, unit)
        )
        return placed or self.movable(unit, node, origin)

    def _reaches(self, origin: ast.stmt) -> bool:
        """Whether a statement has run whenever the call runs: it stands in a block around the call."""
        around = {id(node) for node in self.unit.module.ancestors(self.call)}
        parent = self.unit.module.parent(origin)
        while isinstance(parent, ast.With | ast.AsyncWith) and id(parent) not in around:
            parent = self.unit.module.parent(parent)
        return id(parent) in around

    def _first(self, statement: ast.stmt, node: ast.expr, unit: Unit) -> bool:
        """Whether nothing with an effect that anybody could see is evaluated before ``node`` in its statement."""
        start, inside = unit.module.extent(node)[0], set(ast.walk(node))
        around = set(unit.module.ancestors(node))
        for part in ast.walk(statement):
            apart = isinstance(part, ast.Call | ast.Await) and part not in inside and part not in around
            if apart and unit.module.extent(part)[0] < start and not self.is_pure(unit, part):
                return False
        return True

    def movable(self, unit: Unit, node: ast.expr, origin: ast.stmt) -> bool:
        """Whether an expression may be evaluated at the call instead of where it stands."""
        names = [n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        if unit is not self.unit and names:
            return False
        if not self.is_pure(unit, node):
            return False
        if not all(self._same_meaning(name) for name in names):
            return False
        unstable = any(
            isinstance(n, ast.Subscript | ast.Call)
            or (isinstance(n, ast.Attribute) and not self._stable(unit, n))
            for n in ast.walk(node)
        )
        return not unstable or self.quiet_between(origin)

    def _same_meaning(self, name: ast.Name) -> bool:
        flow = self.unit.flow
        here = flow.reaching(name)
        scope = scope_of(self.unit, self.call)
        if isinstance(scope.node, ast.Lambda) and name.id not in scope.bindings:
            owner = scope.lookup(name.id)
            bindings = owner.bindings.get(name.id, []) if owner is not None else []
            return len(bindings) <= 1 and set(bindings) == set(here)
        if name.id in scope.bindings:
            there = flow.before.get(self.statement, {}).get(name.id, frozenset())
            return bool(here) and there == here
        owner = scope.lookup(name.id) if not isinstance(scope.node, ast.Module) else scope
        bindings = owner.bindings.get(name.id, []) if owner is not None else []
        return len(bindings) <= 1 and set(bindings) == set(here)

    def _stable(self, unit: Unit, node: ast.Attribute) -> bool:
        """Whether an attribute keeps its value: a module's constant, or set on ``self`` by ``__init__`` alone."""
        if self.evaluator.world.module_value(unit, node.value) is not None:
            return True
        owner = unit.class_of(node)
        if not (isinstance(node.value, ast.Name) and node.value.id == "self") or owner is None or owner.bases:
            return False
        for other in unit.attributes.get(node.attr, ()):
            if isinstance(other.ctx, ast.Load):
                continue
            function = unit.function_of(other)
            if function is None or function.name not in ("__init__", "__post_init__"):
                return False
        return True

    def once_after(self, origin: ast.stmt) -> bool:
        """Whether the call runs once, and in the same function, for each time that a statement has run."""
        if self.unit.function_of(origin) is not self.unit.function_of(self.call) or not self._reaches(origin):
            return False
        around = set(self.unit.module.ancestors(origin))
        loops = [n for n in self.unit.module.ancestors(self.call) if isinstance(n, _REPEATED)]
        return all(loop in around for loop in loops)

    def quiet_between(self, origin: ast.stmt) -> bool:
        """Whether nothing that could change a value runs between a statement and the call."""
        module = self.unit.module
        start, end = module.extent(origin)[1], module.extent(self.statement)[0]
        if end < start or not self.once_after(origin):
            return False
        for call in self.unit.calls():
            if start <= module.extent(call)[0] < end:
                name = self.evaluator.world.qualified(self.unit, call.func) or ""
                logging = isinstance(call.func, ast.Attribute) and call.func.attr in (
                    "debug", "info", "warning", "error", "update", "add_field", "open", "basename", "exists", "getsize",
                )  # fmt: skip
                if name not in _QUIET and name not in _PURE and not logging:
                    return False
        return True

    def is_pure(self, unit: Unit, node: ast.AST) -> bool:
        """Whether evaluating an expression has no effect that anybody could see."""
        for part in ast.walk(node):
            if isinstance(part, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr | ast.Lambda):
                return False
            if isinstance(part, ast.Call):
                name = self.evaluator.world.qualified(unit, part.func)
                method = isinstance(part.func, ast.Attribute) and part.func.attr in _PURE_METHODS
                if name not in _PURE and not method:
                    return False
        return True

    # dropping

    def drop(self, unit: Unit, node: ast.expr, statement: ast.stmt | None) -> None:
        """A value that is no longer sent: still evaluated where that could matter."""
        inside = statement is None or statement is self.statement
        if isinstance(node, ast.Dict | ast.List | ast.Tuple):
            for value in node.values if isinstance(node, ast.Dict) else node.elts:
                self.drop(unit, value, statement)
            return
        counts = node not in self.kept and not self._only_asks(unit, node)
        if counts and inside and unit is self.unit and self._within_call(node):
            self.before.append(self.keep(unit, node))

    def _only_asks(self, unit: Unit, node: ast.expr) -> bool:
        """Whether a value only asks for a file's size, if it does anything: opening the file asks the same."""
        if (
            isinstance(node, ast.Call)
            and self.evaluator.world.qualified(unit, node.func) == "os.path.getsize"
        ):
            return all(self.is_pure(unit, argument) for argument in node.args)
        return self.is_pure(unit, node)

    def discard(self, unit: Unit, mapping: Mapping) -> None:
        """Remove a variable that only built an argument which is no longer sent."""
        if mapping.binding is None or mapping.others or mapping.far:
            return
        for statement in mapping.statements:
            self.remove_statement(unit, statement, mapping)

    def remove_statement(self, unit: Unit, statement: ast.stmt, mapping: Mapping | None = None) -> None:
        """Remove a statement; the values in it whose evaluation could matter stay."""
        leftovers = []
        for entry in [*mapping.entries, *mapping.beside] if mapping is not None else ():
            if (
                entry.statement is statement
                and entry.value not in self.kept
                and not self.is_pure(unit, entry.value)
            ):
                leftovers.append(self.keep(unit, entry.value))
        delete_statement(self.draft, unit, statement, leftovers)

    def remove_entry(self, entry: Entry) -> None:
        """Take one entry out of the dict (or the step) that holds it."""
        unit, holder = entry.unit, entry.unit.module.parent(entry.node)
        if isinstance(holder, ast.Dict) and isinstance(entry.node, ast.expr):
            index = holder.keys.index(entry.node)
            remove_element(self.draft, unit, entry.node, entry.value, holder, index, len(holder.keys))
        elif isinstance(entry.node, ast.keyword) and isinstance(holder, ast.Call) and not holder.args:
            index = holder.keywords.index(entry.node)
            remove_element(self.draft, unit, entry.node, entry.node, holder, index, len(holder.keywords))
        elif entry.statement is not None and isinstance(entry.statement, ast.Assign):
            self.remove_statement(unit, entry.statement)
        else:
            self.draft.stop(
                Reason.UNSUPPORTED_ARGUMENT, f"{entry.key} cannot be taken out of here", unit, entry.node
            )


def is_simple(node: ast.expr) -> bool:
    """A name, a dotted name, a constant, or one of these with a constant index."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
            return False
        node = node.value
    return isinstance(node, ast.Name | ast.Constant)


def starts_line(unit: Unit, statement: ast.stmt) -> bool:
    """Whether a statement has its first line to itself."""
    start = unit.module.extent(statement)[0]
    return not unit.module.text[unit.module.line_start(start) : start].strip(" \t\f")


def ends_line(unit: Unit, statement: ast.stmt) -> bool:
    """Whether nothing but a comment follows a statement on its last line."""
    end = unit.module.extent(statement)[1]
    behind = unit.module.text[end : unit.module.line_end(end)].strip()
    return not behind or behind.startswith("#")


def evaluated_first(statement: ast.stmt, node: ast.expr, unit: Unit) -> bool:
    """Whether nothing with an effect is evaluated before ``node`` in its statement."""
    start = unit.module.extent(node)[0]
    for part in ast.walk(statement):
        if isinstance(part, ast.Call | ast.Await) and part is not node:
            inside = any(part is inner for inner in ast.walk(node))
            holds = any(node is inner for inner in ast.walk(part))
            if not inside and not holds and unit.module.extent(part)[0] < start:
                return False
    return True


def delete_statement(draft: Draft, unit: Unit, statement: ast.stmt, leftovers: list[str]) -> None:
    """Delete a statement with its line; its comments stay, and so do ``leftovers`` as statements."""
    module = unit.module
    start, end = module.extent(statement)
    style, indent = style_of(module), indentation(module, statement)
    comments = [c.text for c in module.comments_within(start, module.line_end(end))]
    if not starts_line(unit, statement) or not ends_line(unit, statement):
        draft.replace(unit, start, end, "; ".join(leftovers) or "pass")
        return
    if not leftovers:
        draft.deleted.add(statement)
    lines = [f"{indent}{text}{style.newline}" for text in [*comments, *leftovers]]
    draft.replace(unit, module.line_start(start), module.line_end(end), "".join(lines))


def mend_blocks(draft: Draft, unit: Unit, is_pure: Callable[[Unit, ast.AST], bool]) -> None:
    """A block whose every statement was deleted: its ``if`` goes too, or it gets a ``pass``."""
    mended: set[int] = set()
    again = True
    while again:
        again = False
        for node in ast.walk(unit.module.tree):
            for part in ("body", "orelse", "finalbody"):
                block = getattr(node, part, None)
                if not isinstance(block, list) or not block or not all(s in draft.deleted for s in block):
                    continue
                if isinstance(node, ast.Module) or node in draft.deleted or id(block) in mended:
                    continue
                if _filled(draft, unit, block):
                    continue
                mended.add(id(block))
                again = True
                lone = (
                    isinstance(node, ast.If)
                    and part == "body"
                    and not node.orelse
                    and is_pure(unit, node.test)
                )
                if lone and isinstance(node, ast.If) and starts_line(unit, node) and not _is_elif(unit, node):
                    delete_statement(draft, unit, node, [])
                else:
                    last = block[-1]
                    offset = unit.module.line_end(unit.module.extent(last)[1])
                    style = style_of(unit.module)
                    draft.replace(
                        unit, offset, offset, f"{indentation(unit.module, last)}pass{style.newline}"
                    )


def _filled(draft: Draft, unit: Unit, block: list[ast.stmt]) -> bool:
    """Whether something new stands in a block whose old statements were deleted."""
    start, end = unit.module.line_start(unit.module.extent(block[0])[0]), unit.module.extent(block[-1])[1]
    return any(
        c.text.strip() and c.start == c.end and start <= c.start <= end
        for c in draft.changes
        if c.unit is unit
    )


def _is_elif(unit: Unit, node: ast.If) -> bool:
    return unit.module.text.startswith("elif", unit.module.extent(node)[0])


def remove_element(
    draft: Draft, unit: Unit, first: ast.AST, last: ast.AST, holder: ast.AST, index: int, count: int
) -> None:
    """Take one item out of a bracketed list, with its comma, and its line where it had one to itself."""
    module = unit.module
    start, end = module.extent(first)[0], module.extent(last)[1]
    holder_end = module.extent(holder)[1]
    tail = module.text[end:holder_end]
    after = end
    stripped = tail.lstrip(" \t")
    if stripped.startswith(","):
        after = end + (len(tail) - len(stripped)) + 1
    line_start, line_end = module.line_start(start), module.line_end(after)
    alone = not module.text[line_start:start].strip() and not module.text[after:line_end].strip()
    if alone:
        draft.replace(unit, line_start, line_end, "")
        return
    if after > end:
        while module.text[after : after + 1] == " ":
            after += 1
    elif index and count > 1:
        while start > 0 and module.text[start - 1] in " \t\r\n":
            start -= 1
        if module.text[start - 1] == ",":
            start -= 1
    draft.replace(unit, start, after, "")
