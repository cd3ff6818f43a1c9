"""Whether classes that are made of the whole answer are this answer's alone."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.reading.model_uses import is_annotation, made_by_class_methods, uses
from share2post.semantics.reading.model_uses import strays as stray_reads
from share2post.semantics.record_classes import Record
from share2post.semantics.record_fields import Making
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reading.models import Models

_GONE: Final = (*tiktok.OLD_CODES, tiktok.OLD_MESSAGE)
_USED: Final = "the answer is parsed into {}, which is used here for something else too"


@dataclass(eq=False)
class Owners:
    """Looks for whoever else needs them as they were."""

    models: Models

    def ours(self, top: Record, data: Record) -> bool:
        """Whether nothing but this answer is made an object of these classes."""
        reader = self.models.reader
        for record in (top, data):
            for unit, node in uses(reader.evaluator, record):
                if is_annotation(unit, node):
                    holder = unit.module.statement(node)
                    owner = unit.module.parent(holder)
                    field_of = isinstance(holder, ast.AnnAssign) and isinstance(owner, ast.ClassDef)
                    if field_of and owner is not top.node and owner not in self.models.built.records:
                        self._used(record, unit, node)
                elif top.making is not Making.TYPEDDICT and not self._followed(unit, node):
                    call = next((a for a in unit.module.ancestors(node) if isinstance(a, ast.Call)), node)
                    reader.draft.share(call, Reason.UNKNOWN_READ, _USED.format(record.name), unit, node)
            for unit, call, method in made_by_class_methods(record):
                ours = any(parse.through == method for parse in self.models.parses)
                if not ours and call not in reader.draft.tracked and not self._own(record, call):
                    self._used(record, unit, call)
        for parse in self.models.parses:
            for name in parse.kept:
                if any(
                    isinstance(read.ctx, ast.Load)
                    for unit in reader.evaluator.world.units.values()
                    for read in unit.attributes.get(name, ())
                ):
                    self.models.stop(
                        top.name,
                        f"{parse.through} keeps the parsed answer in {name}, which is read again",
                        top.unit,
                        top.node,
                    )
        return not reader.draft.obstacles

    def _own(self, record: Record, call: ast.Call) -> bool:
        """Whether another method of the class is called, which is looked at by itself."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        return self.models.reader.evaluator.method(record.unit, record.node, name) is not None

    def _followed(self, unit: Unit, node: ast.expr) -> bool:
        """In a call that is followed, or in a default that makes the part anew (``default_factory=ShareData``)."""
        tracked, module = self.models.reader.draft.tracked, unit.module
        call = next((around for around in module.ancestors(node) if isinstance(around, ast.Call)), None)
        method = module.parent(call) if call is not None else None
        outer = module.parent(method) if isinstance(method, ast.Attribute) else None
        if call in tracked or outer in tracked:
            return True
        statement = module.statement(node)
        return any(statement is f.statement for r in self.models.roles.values() for f in r.fields)

    def _used(self, record: Record, unit: Unit, node: ast.AST) -> None:
        self.models.reader.draft.stop(Reason.UNKNOWN_READ, _USED.format(record.name), unit, node)

    def strays(self, top: Record, data: Record, extra: Record | None) -> None:
        names = {
            f.name for f in data.fields if f.key in _GONE or (f.key == tiktok.OLD_ID and f.key_node is None)
        }
        names |= {f.name for f in extra.fields} if extra is not None else set()
        names |= {f.name for f in top.fields if f.key == tiktok.OLD_EXTRA}
        names |= set(self.models.gifts.known)
        records = [top, data]
        if extra is not None and self.exclusive(extra, top):
            records.append(extra)
        owned: set[ast.AST] = set(self.models.reader.draft.tracked)
        owned |= {mark.place.node for mark in self.models.reader.draft.marks}
        hint = f"the answer is parsed into {top.name}, and a field that it loses may be read here"
        for unit, read in stray_reads(self.models.reader.evaluator, records, names, owned):
            self.models.reader.draft.share(read.value, Reason.RESPONSE_ESCAPES, hint, unit, read)

    def exclusive(self, extra: Record, top: Record) -> bool:
        """Whether only the whole has a part of that class, in the same module, with nothing of its own."""
        module = extra.unit.module
        fields_only = all(isinstance(s, ast.AnnAssign | ast.Assign) or _is_text(s) for s in extra.node.body)
        start, end = module.extent(extra.node)
        if (
            extra.unit is not top.unit
            or not fields_only
            or module.comments_within(start, module.line_end(end))
        ):
            return False
        world = self.models.reader.evaluator.world
        handed = any(
            isinstance(node, ast.alias) and node.name == extra.name
            for unit in world.units.values()
            if extra.name in unit.words
            for node in ast.walk(unit.module.tree)
        )
        quoted = any(extra.name in unit.strings for unit in world.units.values())
        place = top.keyed(tiktok.OLD_EXTRA)
        found = [unit.module.statement(node) for unit, node in uses(self.models.reader.evaluator, extra)]
        return not handed and not quoted and all(place is not None and s is place.statement for s in found)


def has(record: Record, names: set[str]) -> bool:
    """Whether a class has anything by one of these names already."""
    for part in ast.walk(record.node):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part.name in names:
            return True
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and part.attr in names:
            return True
    return any(place.name in names for place in record.fields)


def stands_before(one: Record, other: Record) -> bool:
    """Whether a class stands in front of another, at the same level."""
    parents = {one.unit.module.parent(one.node), other.unit.module.parent(other.node)}
    return one.unit is other.unit and len(parents) == 1 and one.node.lineno < other.node.lineno


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
