"""Calls and dicts laid out as a person would: on one line if they fit, else an item a line."""

from __future__ import annotations

from dataclasses import dataclass

from share2post.syntax.style import Style


@dataclass(frozen=True)
class Group:
    """Something in brackets: its opening with what stands before it, its items, its closing."""

    opening: str
    items: tuple[Item, ...]
    closing: str


@dataclass(frozen=True)
class Item:
    """One item: a prefix such as ``timeout=`` or ``"source": ``, and a value."""

    prefix: str
    value: str | Group


def call(function: str, *items: Item) -> Group:
    """``function(item, item)``."""
    return Group(f"{function}(", items, ")")


def mapping(*items: Item) -> Group:
    """``{item, item}``."""
    return Group("{", items, "}")


def merged(*items: Item) -> str | Group:
    """``{**name, item}``, or ``name`` itself where nothing is added to it."""
    first = items[0].value if len(items) == 1 else ""
    if isinstance(first, str) and first.startswith("**") and first[2:].isidentifier():
        return first[2:]
    return mapping(*items)


def render(value: str | Group, indent: str, style: Style, before: int = 0) -> str:
    """The text of a value whose first line starts ``before`` columns behind ``indent``."""
    if isinstance(value, str):
        return value
    flat = _flat(value)
    room = style.width - len(indent.expandtabs(4)) - before
    if flat is not None and len(flat) <= room and not _deep(value):
        return flat
    inner = indent + style.indent
    lines = [value.opening]
    for item in value.items:
        lines.append(f"{inner}{item.prefix}{render(item.value, inner, style, len(item.prefix) + 1)},")
    lines.append(f"{indent}{value.closing}")
    return style.newline.join(lines)


def _flat(value: str | Group) -> str | None:
    if isinstance(value, str):
        return None if "\n" in value or "\r" in value else value
    parts = []
    for item in value.items:
        inner = _flat(item.value)
        if inner is None:
            return None
        parts.append(f"{item.prefix}{inner}")
    return f"{value.opening}{', '.join(parts)}{value.closing}"


def _deep(group: Group) -> bool:
    """Whether a group is better read over several lines however short it is."""
    inner = [item.value for item in group.items if isinstance(item.value, Group)]
    return len(inner) > 1 or any(len(g.items) > 1 for g in inner)
