"""A variable that holds the headers of one upload and of nothing else is edited where it is made.

::

    headers = {"User-Agent": AGENT, "Content-Type": "multipart/form-data"}  # this value changes
    requests.post(url, headers=headers)                                     # and this stays as it is

Looks the same and is not edited: a dict that a second request, a log line or another
module reads too; there the call spreads it and adds what it needs.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from share2post import tiktok
from share2post.rules.moving import Mover
from share2post.semantics.mappings import Entry, Mapping
from share2post.semantics.world import scope_of
from share2post.syntax.layout import Item, mapping, render
from share2post.syntax.style import Style, indentation

_TYPE = "content-type"


@dataclass(eq=False)
class _Edit:
    """The changes to the entries of a display: new text for a key, a value, or both; what goes; what is added."""

    keys: dict[ast.AST, str] = field(default_factory=dict)
    values: dict[ast.expr, str] = field(default_factory=dict)
    gone: set[ast.AST] = field(default_factory=set)  # by their keys
    added: list[Item] = field(default_factory=list)


def is_own(mover: Mover, found: Mapping) -> bool:
    """Whether a mapping is a variable that nothing but this request reads.

    A module's variable that a function uses may be read by other modules, seen or not.
    """
    if found.binding is None or found.far or _surviving(mover, found):
        return False
    root = mover.unit.flow.root
    return found.binding.scope is not root or scope_of(mover.unit, mover.call) is root


def edit(mover: Mover, style: Style, found: Mapping, token: str, unwanted: set[str]) -> bool:
    """Put the token (if one is given) and the JSON type into the dict; whether that could be done."""
    display = found.binding.value if found.binding is not None else None
    if not isinstance(display, ast.Dict) or not display.keys or None in display.keys:
        return False
    if mover.in_place or found.unknown is not None or not is_own(mover, found):
        return False
    changed, quote, work = [e for e in found.entries if e.key.lower() in unwanted], style.quote, _Edit()
    typed = next((e for e in reversed(changed) if e.key.lower() == _TYPE and _editable(e)), None)
    json_type = f"{quote}{tiktok.JSON_TYPE}{quote}"
    carrier: Entry | None = None
    if token:
        carrier = next((e for e in changed if _holds(mover, e) and _editable(e)), None)
        if carrier is None and not _same_there(mover, token, found.statements[0]):
            return False
        if re.search(rf"\b{re.escape(str(found.binding and found.binding.name))}\b", token):
            return False
        key, value = f"{quote}Authorization{quote}", bearer(token, quote)
        if carrier is not None:
            work.keys[carrier.node], work.values[carrier.value] = key, value
        else:
            work.added.append(Item(f"{key}: ", value))
    if typed is None:
        work.added.append(Item(f"{quote}Content-Type{quote}: ", json_type))
    elif not _is_json(mover, typed):
        work.values[typed.value] = json_type
    gone = [e for e in changed if e is not typed and e is not carrier]
    _remove(mover, display, gone, work)
    _write(mover, style, display, work)
    for statement in _dead(mover, found):
        mover.remove_statement(mover.unit, statement)
    return True


def _editable(entry: Entry) -> bool:
    """Whether an entry is always made, and by a display or a step of its own."""
    return not entry.conditional and isinstance(entry.node, ast.expr) and entry.owner is None


def _holds(mover: Mover, entry: Entry) -> bool:
    """Whether the token is the value of this entry."""
    return entry.key.lower() != _TYPE and any(part in mover.kept for part in ast.walk(entry.value))


def _is_json(mover: Mover, entry: Entry) -> bool:
    text = mover.evaluator.text(entry.unit, entry.value)
    return text is not None and (text.known or "").lower() == tiktok.JSON_TYPE.lower()


def _same_there(mover: Mover, token: str, statement: ast.stmt) -> bool:
    """Whether the text of the token means at a statement what it means at the call."""
    tree = ast.parse(token, mode="eval").body
    if isinstance(tree, ast.Attribute) and not mover.quiet_between(statement):
        return False
    while isinstance(tree, ast.Attribute):
        tree = tree.value
    if not isinstance(tree, ast.Name):
        return isinstance(tree, ast.Constant)
    flow, scope = mover.unit.flow, scope_of(mover.unit, mover.call)
    if scope_of(mover.unit, statement) is not scope:
        return False
    if tree.id in scope.bindings:
        there = flow.before.get(statement, {}).get(tree.id)
        return bool(there) and there == flow.before.get(mover.statement, {}).get(tree.id)
    owner = scope.lookup(tree.id)
    return owner is not None and len(owner.bindings.get(tree.id, [])) == 1 and scope is not flow.root


# the other uses of the variable


def _surviving(mover: Mover, found: Mapping) -> list[ast.Name]:
    """The uses beside the request's own that are still there when the upload has been rewritten."""
    others = [other for other in found.others if not _is_gone(mover, other)]
    return [] if all(_late_step(mover, other) is not None for other in others) else others


def _dead(mover: Mover, found: Mapping) -> list[ast.stmt]:
    """The statements that set an entry which nothing reads any more."""
    steps = [_late_step(mover, other) for other in found.others if not _is_gone(mover, other)]
    return [step for step in steps if step is not None]


def _is_gone(mover: Mover, name: ast.Name) -> bool:
    start, end = mover.unit.module.extent(name)
    stretches = [c for c in mover.draft.changes if c.unit is mover.unit and c.end > c.start]
    return name not in mover.kept and any(c.start <= start and end <= c.end for c in stretches)


def _late_step(mover: Mover, name: ast.Name) -> ast.stmt | None:
    """``headers["Content-Type"] = "video/mp4"``, for a second request that has headers of its own now."""
    unit = mover.unit
    target, statement = unit.module.parent(name), unit.module.statement(name)
    stored = isinstance(target, ast.Subscript) and target.value is name and isinstance(target.ctx, ast.Store)
    alone = isinstance(statement, ast.Assign) and statement.targets == [target]
    return statement if stored and alone and mover.is_pure(unit, statement) else None


# what is written


def _remove(mover: Mover, display: ast.Dict, gone: list[Entry], work: _Edit) -> None:
    """Take entries out; what is added takes the place of one in the display, where there is one."""
    for entry in gone:
        if work.added and entry.node in display.keys:
            item = work.added.pop(0)
            work.keys[entry.node], work.values[entry.value] = item.prefix[:-2], str(item.value)
        else:
            work.gone.add(entry.node)
            mover.remove_entry(entry)


def _write(mover: Mover, style: Style, display: ast.Dict, work: _Edit) -> None:
    """Edit the display entry by entry, or lay it out anew where it stands on one line."""
    module = mover.unit.module
    inside = set(display.keys) & set(work.keys) or set(display.values) & set(work.values)
    if "\n" not in module.source(display) and (work.added or inside):
        _lay_out(mover, style, display, work)
    elif work.added:
        _append(mover, style, display, work.added)
    flat = "\n" not in module.source(display) and (work.added or inside)
    for node, text in [*work.keys.items(), *work.values.items()]:
        if not (flat and (node in display.keys or node in display.values)):
            mover.draft.swap(mover.unit, node, text)


def _lay_out(mover: Mover, style: Style, display: ast.Dict, work: _Edit) -> None:
    unit, module, items = mover.unit, mover.unit.module, []
    for key, value in zip(display.keys, display.values, strict=True):
        if key is not None and key not in work.gone:
            name = work.keys.get(key) or mover.keep(unit, key)
            items.append(Item(f"{name}: ", work.values.get(value) or mover.keep(unit, value)))
    statement = module.statement(display)
    indent, start = indentation(module, statement), module.extent(display)[0]
    column = start - module.line_start(start) - len(indent)
    mover.draft.swap(unit, display, render(mapping(*items, *work.added), indent, style, column))


def _append(mover: Mover, style: Style, display: ast.Dict, added: list[Item]) -> None:
    """Put entries behind the last one of a display over several lines, as that one stands."""
    unit, module, key = mover.unit, mover.unit.module, display.keys[-1]
    end, closing = module.extent(display.values[-1])[1], module.extent(display)[1] - 1
    start = module.extent(key)[0] if key is not None else end
    white = module.text[module.line_start(start) : start]
    line_end = module.line_end(end)
    comma = module.text[end:closing].lstrip(" \t").startswith(",")
    if white.strip() or line_end > closing:  # {"A": a,\n "B": b}
        lead = " " if white.strip() else f"{style.newline}{white}"
        mover.draft.replace(unit, end, end, "".join(f",{lead}{item.prefix}{item.value}" for item in added))
        return
    if not comma:
        mover.draft.replace(unit, end, end, ",")
    lines = f",{style.newline}".join(f"{white}{item.prefix}{item.value}" for item in added)
    text = f"{lines}{',' * comma}{style.newline}"
    mover.draft.replace(unit, line_end, line_end, text)


def bearer(token: str, quote: str) -> str:
    """``f"Bearer {token}"``, with the other quotes inside."""
    other = "'" if quote == '"' else '"'
    if token[:1] in "\"'" and token[-1:] == token[:1] and token.count(token[0]) == 2:
        return f"{quote}Bearer {token[1:-1]}{quote}"
    inner = token
    if quote in inner:
        if other in inner or "\\" in inner:
            return f"{quote}Bearer {quote} + ({token})"
        inner = inner.replace(quote, other)
    if "\n" in inner or "\\" in inner or inner.startswith("{"):
        return f"{quote}Bearer {quote} + ({token})"
    return f"f{quote}Bearer {{{inner}}}{quote}"
