"""Expressions of a function as they are written at a call of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from share2post import tiktok
from share2post.semantics.flow import Binding
from share2post.semantics.unfolding.folding import Folder, Known, Seen, Value
from share2post.semantics.unfolding.slots import CannotUnfold, Slot, constant_text, enclosed
from share2post.semantics.units import MUTATORS, Unit
from share2post.semantics.urls import Target, endpoint
from share2post.semantics.values import Text

_NO_BRACES = set("'\"\\\n{}#")
_WHOLE = (ast.keyword, ast.Assign, ast.AnnAssign, ast.Return, ast.Call, ast.FormattedValue)


class NeedsVariable(Exception):
    """A parameter must be bound to a variable first: its text cannot stand where the name stands."""

    def __init__(self, name: str, slot: Slot) -> None:
        super().__init__(name)
        self.name, self.given = name, slot.given


@dataclass(frozen=True)
class Entry:
    """One entry of ``**options`` as it is read: what holds it, its key, the default, whether it is taken out."""

    held: dict[str, Slot]
    key: str
    default: ast.expr | None
    goes: bool


@dataclass(eq=False)
class Scene:
    """What each name is at one point of the function, and what was seen of its use so far.

    ``gathered`` are the keyword arguments in ``**options``, for the parameter and for local dicts like it;
    ``loads`` counts the uses of parameters, ``firm`` names those that must have a variable.
    """

    unit: Unit
    function: ast.FunctionDef | ast.AsyncFunctionDef
    slots: dict[str, Slot]
    gathered: dict[str, dict[str, Slot]]
    loads: dict[str, int] = field(default_factory=dict)
    firm: set[str] = field(default_factory=set)
    free: dict[str, ast.Name] = field(default_factory=dict)  # names of the module that the text uses

    def __post_init__(self) -> None:
        self.folder = Folder(self._look)

    def slot(self, node: ast.Name) -> Slot | None:
        """What a name of the function stands for; ``None`` for names from outside it."""
        scope = self.unit.flow.scopes[self.function]
        own = node.id in scope.bindings and (
            not isinstance(node.ctx, ast.Load) or any(b.scope is scope for b in self._reaching(node))
        )
        if own and node.id not in self.slots and isinstance(node.ctx, ast.Load):
            raise CannotUnfold(f"{node.id} may not be set when it is read")
        return self.slots.get(node.id) if own else None

    def _reaching(self, node: ast.Name) -> frozenset[Binding]:
        return self.unit.flow.reaching(node)

    def entry(self, node: ast.expr) -> Entry | None:
        """``options.get("x", d)``, ``options.pop("x")``, ``options["x"]``."""
        if isinstance(node, ast.Subscript) and (held := self.entries(node.value)) is not None:
            return (
                Entry(held, str(node.slice.value), None, False)
                if isinstance(node.slice, ast.Constant)
                else None
            )
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return None
        held = self.entries(node.func.value) if node.func.attr in ("get", "pop", "setdefault") else None
        key = node.args[0] if node.args and not node.keywords else None
        if held is None or not isinstance(key, ast.Constant):
            return None
        default = node.args[1] if len(node.args) > 1 else None
        return Entry(held, str(key.value), default, node.func.attr == "pop")

    def entries(self, node: ast.AST) -> dict[str, Slot] | None:
        """What ``**options`` holds, where an expression is such a dict."""
        return self.gathered.get(node.id) if isinstance(node, ast.Name) else None

    def _look(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Name):
            if node.id in self.gathered:
                return Seen.NAMED
            slot = self.slots.get(node.id)
            return slot.value if slot is not None and self.slot(node) is not None else None
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            entries = self.entries(node.comparators[0])
            held = (
                entries is not None
                and isinstance(node.left, ast.Constant)
                and str(node.left.value) in entries
            )
            return Known(held is isinstance(node.ops[0], ast.In)) if entries is not None else None
        found = self.entry(node)
        if found is not None:
            if found.key in found.held:
                return found.held[found.key].value
            return self.folder.value(found.default) if found.default is not None else Known(None)
        return None

    # writing

    def shown(self, node: ast.AST) -> str:
        """The text of something that is only shown: an address in it is the one that is used now."""
        before = self.slots
        self.slots = {name: self._renewed(slot) for name, slot in before.items()}
        text = self.text(node)
        self.slots = before
        return text

    def _renewed(self, slot: Slot) -> Slot:
        value = slot.value.value if isinstance(slot.value, Known) else None
        if slot.local or not isinstance(value, str):
            return slot
        target = endpoint(Text([value])).target
        if target not in (Target.UPLOAD, Target.BARE_PATH):
            return slot
        new = tiktok.INIT_URL if target is Target.UPLOAD else tiktok.INIT_URL.partition(tiktok.NEW_HOST)[2]
        new = new if value.startswith(("/", "http")) else new.lstrip("/")
        return replace(slot, value=Known(new), text=constant_text(new))

    def text(self, node: ast.AST) -> str:
        """An expression's text, with everything put in that is known."""
        start, end = self.unit.module.extent(node)
        changes: list[tuple[int, int, str]] = []
        own = self._changed(node)
        if own is not None:
            return own
        self._collect(node, changes)
        source, pieces, last = self.unit.module.text, [], start
        for low, high, new in sorted(changes):
            pieces += [source[last:low], new]
            last = high
        return "".join([*pieces, source[last:end]])

    def _collect(self, node: ast.AST, changes: list[tuple[int, int, str]]) -> None:
        for child in ast.iter_child_nodes(node):
            entries = (
                self.entries(child.value) if isinstance(child, ast.keyword) and child.arg is None else None
            )
            if isinstance(child, ast.keyword) and entries is not None:
                changes.append(self._spread(child, entries))
                continue
            new = self._changed(child)
            if new is not None:
                changes.append((*self._extent(child), new))
            elif not isinstance(
                child, ast.expr_context | ast.operator | ast.cmpop | ast.boolop | ast.unaryop
            ):
                self._collect(child, changes)

    def _extent(self, node: ast.AST) -> tuple[int, int]:
        """Where a node stands; a field of an f-string with its braces."""
        if not isinstance(node, ast.FormattedValue):
            return self.unit.module.extent(node)
        start, end = self.unit.module.extent(node.value)
        text = self.unit.module.text
        return text.rindex("{", 0, start), text.index("}", end) + 1

    def _spread(self, keyword: ast.keyword, entries: dict[str, Slot]) -> tuple[int, int, str]:
        """``**options`` in a call: the arguments it stands for."""
        module, parent = self.unit.module, self.unit.module.parent(keyword)
        value_start, end = module.extent(keyword.value)
        start = module.text.rindex("**", 0, value_start)
        given = ", ".join(f"{key}={self._used(f'**{key}', slot)}" for key, slot in entries.items())
        if given or not isinstance(parent, ast.Call):
            return start, end, given
        rest = module.text[end:]
        stripped = rest.lstrip()
        if stripped.startswith(","):
            return start, end + len(rest) - len(stripped) + 1, ""
        before = module.text[:start].rstrip()
        return (len(before) - 1 if before.endswith(",") else start), end, ""

    def _used(self, name: str, slot: Slot) -> str:
        self.loads[name] = self.loads.get(name, 0) + 1
        return slot.written

    def _changed(self, node: ast.AST) -> str | None:
        """The new text of a node that does not stay as it is."""
        match node:
            case ast.Name():
                return self._name(node)
            case ast.IfExp():
                test = self.folder.truth(node.test)
                if test is None:
                    return None
                return enclosed(self.text(node.body if test else node.orelse), whole=False)
            case ast.BoolOp():
                return self._operation(node)
            case ast.FormattedValue():
                return self._formatted(node)
            case ast.Call() | ast.Subscript() if (found := self.entry(node)) is not None:
                return self._entry_text(found)
            case ast.Lambda() | ast.NamedExpr():
                if any(isinstance(n, ast.Name) and self.slot(n) is not None for n in ast.walk(node)):
                    raise CannotUnfold("a name is used in a lambda or set inside an expression")
        return None

    def _entry_text(self, entry: Entry) -> str:
        slot = entry.held.get(entry.key)
        if entry.goes:
            entry.held.pop(entry.key, None)
        if slot is not None:
            return enclosed(self._used(f"**{entry.key}", slot), whole=False)
        return self.text(entry.default) if entry.default is not None else "None"

    def _name(self, node: ast.Name) -> str | None:
        if node.id in self.gathered:
            return self._display(node, self.gathered[node.id])
        slot = self.slot(node)
        if slot is None:
            scope = self.unit.flow.scopes[self.function]
            if isinstance(node.ctx, ast.Load) and not any(
                b.scope is not self.unit.flow.root and b.scope is not scope for b in self._reaching(node)
            ):
                self.free.setdefault(node.id, node)
            return None
        parent = self.unit.module.parent(node)
        if slot.given:
            self.loads[node.id] = self.loads.get(node.id, 0) + 1
        if self._is_changed(node, parent):
            if not slot.local:
                raise NeedsVariable(node.id, slot)
            self.firm.add(node.id)
        whole = isinstance(parent, _WHOLE) and getattr(parent, "func", None) is not node
        if not slot.local and self.unit.module.fstring(node) is not None and _NO_BRACES & set(slot.text):
            raise NeedsVariable(node.id, slot)
        return enclosed(slot.written, whole=whole)

    def _display(self, node: ast.Name, entries: dict[str, Slot]) -> str:
        """``params=options``: the keyword arguments as the dict they are."""
        if not isinstance(node.ctx, ast.Load) or self._is_changed(node, self.unit.module.parent(node)):
            raise CannotUnfold(f"{node.id} is changed in a way the tool does not follow")
        pairs = [f'"{key}": {self._used(f"**{key}", slot)}' for key, slot in entries.items()]
        return "{" + ", ".join(pairs) + "}"

    def _is_changed(self, node: ast.Name, parent: ast.AST | None) -> bool:
        """``params["x"] = 1``, ``params.update(...)``, ``params |= more``."""
        if isinstance(parent, ast.Subscript) and parent.value is node:
            return not isinstance(parent.ctx, ast.Load)
        return isinstance(parent, ast.Attribute) and parent.attr in MUTATORS

    def _formatted(self, node: ast.FormattedValue) -> str | None:
        if node.conversion != -1 or node.format_spec is not None or not isinstance(node.value, ast.Name):
            return None
        slot = self.slot(node.value)
        value = slot.value if slot is not None and not slot.local else None
        if not isinstance(value, Known) or not isinstance(value.value, str) or _NO_BRACES & set(value.value):
            return None
        self.loads[node.value.id] = self.loads.get(node.value.id, 0) + 1
        return value.value

    def _operation(self, node: ast.BoolOp) -> str | None:
        """``a and b`` without the operands that are known not to matter."""
        decisive = isinstance(node.op, ast.Or)
        kept: list[ast.expr] = []
        for value in node.values:
            truth = self.folder.truth(value)
            if truth is decisive:
                kept.append(value)
                break
            if truth is None or value is node.values[-1]:
                kept.append(value)
        if len(kept) == len(node.values):
            return None
        if not kept:
            return constant_text(not decisive)
        glue = " or " if decisive else " and "
        texts = [self.text(value) for value in kept]
        return texts[0] if len(texts) == 1 else enclosed(glue.join(texts), whole=False)
