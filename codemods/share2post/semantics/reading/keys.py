"""Reads by key, and the texts of keys."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from share2post import tiktok
from share2post.semantics.world import Unit

ERROR_FIELDS: Final = {
    **dict.fromkeys(tiktok.OLD_CODES, tiktok.NEW_CODE),
    tiktok.OLD_MESSAGE: tiktok.NEW_MESSAGE,
    tiktok.OLD_LOG_ID: tiktok.NEW_LOG_ID,
    tiktok.OLD_DETAIL: tiktok.NEW_MESSAGE,
}
OLD_WORDS: Final = frozenset({*ERROR_FIELDS, tiktok.OLD_ID})

_NOTIFIED: Final = ("webhook", "event", "content", "notification")  # names of what a webhook is given
_RECEIVED: Final = frozenset({"args", "form", "json", "values", "GET", "POST", "query_params", "headers"})


@dataclass(frozen=True, eq=False)
class KeyRead:
    """``node["key"]`` or ``node.get("key", default)``."""

    key: str
    key_node: ast.expr
    outer: ast.expr
    get: bool
    default: ast.expr | None


def stray_reads(unit: Unit, owned: set[ast.AST], parsed: bool = False) -> Iterator[ast.expr]:
    """Reads that look like ones of the old answer: ``x["data"]["share_id"]``, ``d["error_code"]``.

    ``parsed``: what is read from a parsed text may be the answer too.
    """
    words = {tiktok.OLD_ID, tiktok.OLD_MESSAGE, tiktok.OLD_LOG_ID, *tiktok.OLD_CODES}
    if not words & unit.strings:
        return
    for node in ast.walk(unit.module.tree):
        if not isinstance(node, ast.Subscript | ast.Call) or node in owned:
            continue
        base = node.value if isinstance(node, ast.Subscript) else node.func
        base = base.value if isinstance(node, ast.Call) and isinstance(base, ast.Attribute) else base
        read = _key_of(node)
        inner = _key_of(base) if isinstance(base, ast.Subscript | ast.Call) else None
        below = inner in (tiktok.OLD_DATA, tiktok.OLD_EXTRA)
        if read in tiktok.OLD_CODES or (read in words and (below or parsed or _is_handed(unit, base))):
            yield node


def _is_handed(unit: Unit, base: ast.expr) -> bool:
    """Whether a value came from elsewhere, and from no text and no request that the program was sent."""
    if isinstance(base, ast.Attribute):
        return base.attr not in _RECEIVED
    if isinstance(base, ast.Subscript):
        return _is_handed(unit, base.value)
    if isinstance(base, ast.Name):
        function = unit.function_of(base)
        named = f"{base.id} {function.name if function is not None else ''}".lower()
        if any(word in named for word in _NOTIFIED):
            return False
        return bool(unit.flow.reaching(base)) and not _is_parsed(unit, base, 0)
    return isinstance(base, ast.Call) and not _is_parsed(unit, base, 0)


def reread(unit: Unit, function: ast.AST | None, owned: set[ast.AST]) -> Iterator[ast.expr]:
    """Looks at ``share_id`` beside a request that no site owns: in what was parsed again, or in an exception."""
    for node in ast.walk(unit.module.tree):
        if not isinstance(node, ast.Subscript | ast.Call | ast.Compare) or node in owned:
            continue
        if unit.function_of(node) is not function:
            continue
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            named = any(constant(side) == tiktok.OLD_ID for side in sides)
            if named and any(_is_caught(unit, side) for side in sides):
                yield node
        elif _key_of(node) == tiktok.OLD_ID and _is_parsed(unit, node, 0):
            yield node


def _root(node: ast.AST) -> ast.AST:
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Call | ast.Await):
        if isinstance(node, ast.Call):
            if not (isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "json")):
                return node
            node = node.func.value
        else:
            node = node.value
    return node


def _is_caught(unit: Unit, node: ast.expr) -> bool:
    """Whether a value comes from a caught exception."""
    root = _root(node)
    bindings = unit.flow.reaching(root) if isinstance(root, ast.Name) else frozenset()
    return any(isinstance(binding.node, ast.ExceptHandler) for binding in bindings)


def _is_parsed(unit: Unit, node: ast.AST, depth: int) -> bool:
    """Whether a value was parsed from a text or a file (``json.load(...)``)."""
    root = _root(node)
    if isinstance(root, ast.Call):
        last = root.func.attr if isinstance(root.func, ast.Attribute) else ""
        return last in ("load", "loads", "safe_load", "literal_eval")
    bindings = unit.flow.reaching(root) if isinstance(root, ast.Name) and depth < 4 else frozenset()
    return any(b.value is not None and _is_parsed(unit, b.value, depth + 1) for b in bindings)


def _key_of(node: ast.AST) -> object:
    """``k`` of ``x["k"]`` and ``x.get("k")``, where it is read."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return constant(node.slice)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and node.args
    ):
        return constant(node.args[0])
    return None


def key_read(unit: Unit, node: ast.expr, parent: ast.AST | None) -> KeyRead | None:
    if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Load):
        key = constant(parent.slice)
        return KeyRead(key, parent.slice, parent, False, None) if isinstance(key, str) else None
    if isinstance(parent, ast.Attribute) and parent.attr == "get":
        call = unit.module.parent(parent)
        if isinstance(call, ast.Call) and call.func is parent and call.args and not call.keywords:
            key = constant(call.args[0])
            default = call.args[1] if len(call.args) == 2 else None
            return KeyRead(key, call.args[0], call, True, default) if isinstance(key, str) else None
    return None


def tests_key(test: ast.Compare, node: ast.expr) -> bool:
    """``"key" in node`` or ``"key" not in node``."""
    return (
        len(test.ops) == 1
        and isinstance(test.ops[0], ast.In | ast.NotIn)
        and test.comparators[0] is node
        and isinstance(constant(test.left), str)
    )


def constant(node: ast.AST) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def is_empty(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return not node.value
    if isinstance(node, ast.List | ast.Tuple):
        return not node.elts
    return isinstance(node, ast.Dict) and not node.keys


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def core_of(node: ast.expr) -> ast.expr:
    """``x`` of ``x or {}`` and of ``await x``."""
    while isinstance(node, ast.BoolOp):
        node = node.values[0]
    return node


def arms_of(node: ast.expr) -> list[ast.expr]:
    """What a conditional expression may give."""
    if isinstance(node, ast.IfExp):
        return [*arms_of(node.body), *arms_of(node.orelse)]
    return [node]


def is_extra(node: ast.expr) -> bool:
    core = core_of(node)
    key = (
        core.slice
        if isinstance(core, ast.Subscript)
        else core.args[0]
        if isinstance(core, ast.Call) and core.args
        else None
    )
    return key is not None and constant(key) == tiktok.OLD_EXTRA


def body_of(node: ast.expr) -> ast.expr | None:
    """The BODY expression that a DATA expression reads from."""
    core = core_of(node)
    if isinstance(core, ast.Subscript):
        return core.value.value if isinstance(core.value, ast.Await) else core.value
    if isinstance(core, ast.Call) and isinstance(core.func, ast.Attribute) and core.func.attr == "get":
        value = core.func.value
        return value.value if isinstance(value, ast.Await) else value
    return None


def quote_of(unit: Unit, node: ast.AST) -> str:
    """The quote of a string constant (or of the first one inside a node)."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            source = unit.module.source(part)
            return "'" if source.rstrip()[-1:] == "'" else '"'
    return '"'


def requoted(unit: Unit, node: ast.AST, text: str) -> str:
    """Another string in the quotes (and with the prefix) of this one."""
    source = unit.module.source(node)
    prefix = source[: len(source) - len(source.lstrip("rbuRBU"))]
    quote = quote_of(unit, node) if not source.startswith("b") else source[len(prefix)]
    return f"{prefix}{quote}{text}{quote}"


def tested(unit: Unit, node: ast.expr) -> bool:
    """Whether a value is only asked whether it is true."""
    parent = unit.module.parent(node)
    if isinstance(parent, ast.If | ast.While | ast.IfExp):
        return parent.test is node
    if isinstance(parent, ast.BoolOp) and (isinstance(parent.op, ast.Or) or parent.values[-1] is node):
        return tested(unit, parent)  # else it gives the value itself
    return isinstance(parent, ast.UnaryOp | ast.Compare | ast.BoolOp) and not _tests_key_of(parent, node)


def _tests_key_of(parent: ast.AST, node: ast.expr) -> bool:
    return isinstance(parent, ast.Compare) and tests_key(parent, node)


def looked_into(unit: Unit, node: ast.expr) -> bool:
    """Whether a value is looked into right where it stands."""
    parent = unit.module.parent(node)
    if isinstance(parent, ast.Compare):
        return parent.left is not node
    return isinstance(parent, ast.Attribute | ast.Subscript)


def finds_id(around: ast.AST | None) -> bool:
    """Whether an ``and`` holds only where the id is there: ``"data" in body and body["data"].get("share_id")``."""
    if not isinstance(around, ast.BoolOp):
        return False
    if isinstance(around.op, ast.And):
        return any(_wants_id(value) for value in around.values)
    return any(_misses_id(value) for value in around.values)


def _wants_id(value: ast.expr) -> bool:
    """Whether something is true only where the id is there."""
    if isinstance(value, ast.Compare) and len(value.ops) == 1:
        if isinstance(value.ops[0], ast.In):
            return constant(value.left) == tiktok.OLD_ID
        if isinstance(value.ops[0], ast.IsNot | ast.NotEq) and isinstance(value.comparators[0], ast.Constant):
            return not value.comparators[0].value and _wants_id(value.left)
        return False
    return _key_of(value) == tiktok.OLD_ID and not (isinstance(value, ast.Call) and len(value.args) > 1)


def _misses_id(value: ast.expr) -> bool:
    """Whether something is true wherever the id is not there."""
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
        return _wants_id(value.operand)
    looks = isinstance(value, ast.Compare) and len(value.ops) == 1 and isinstance(value.ops[0], ast.NotIn)
    return looks and isinstance(value, ast.Compare) and constant(value.left) == tiktok.OLD_ID


def guarded(unit: Unit, node: ast.expr) -> bool:
    """Whether a read stands in a branch that looked at the answer first."""
    for around in unit.module.ancestors(node):
        if isinstance(around, ast.If | ast.IfExp | ast.ExceptHandler | ast.Raise):
            return True
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
    return False


def by_exception(unit: Unit, node: ast.expr) -> bool:
    """Whether a read relies on a KeyError: unguarded, in a try that catches it."""
    child: ast.AST = node
    for around in unit.module.ancestors(node):
        if isinstance(around, ast.If | ast.IfExp | ast.ExceptHandler | ast.Raise):
            return False
        if isinstance(around, ast.Try) and child in around.body:
            names = {ast.unparse(h.type) if h.type is not None else "" for h in around.handlers}
            caught = " ".join(names)
            return "" in names or any(name in caught for name in ("KeyError", "LookupError", "Exception"))
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
        child = around
    return False


def line_shared(unit: Unit, statement: ast.stmt) -> bool:
    module = unit.module
    start, end = module.extent(statement)
    before = module.text[module.line_start(start) : start]
    behind = module.text[end : module.line_end(end)].strip()
    return bool(before.strip()) or (bool(behind) and not behind.startswith("#"))
