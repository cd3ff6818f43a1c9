"""Objects that are made of single values of the answer: their names stay, the error code in them is a word now.

::

    UploadResult(share_id=data["share_id"], error_code=data["error_code"])    # the values move
    if result.error_code != 0:                                                if result.error_code != "ok":
    UploadResult(**body["data"])       # spread: written out, value by value
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.reading.model_uses import is_annotation, made_by_class_methods, strays, uses
from share2post.semantics.reading.spread import Spread
from share2post.semantics.reading.tracked import What
from share2post.semantics.record_classes import Record, class_of, decorators, record_of
from share2post.semantics.record_fields import Field, Making
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reading.models import Models
    from share2post.semantics.reading.parsing import Parse

_WORD: Final = re.compile(r"\w+")
_TYPES: Final = frozenset({"int", "str", "Any", "Optional", "Union", "None", "object", "typing", "t"})
_KEPT: Final = frozenset({What.CODE, What.BODY, What.RESPONSE, What.RECORD, What.MODEL, What.TABLE})


@dataclass(eq=False)
class Built:
    """Knows the classes and what each of their fields holds."""

    models: Models
    records: dict[ast.ClassDef, Record] = field(default_factory=dict)
    holds: dict[str, What] = field(default_factory=dict)
    reads: list[tuple[Unit, ast.expr, str]] = field(default_factory=list)

    # where they are made

    def taken(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> bool:
        """Whether a value goes into a field of such an object here; the object is followed then."""
        call = unit.module.parent(parent) if isinstance(parent, ast.keyword) else parent
        if what not in _KEPT or not isinstance(call, ast.Call) or call.func is node:
            return False
        found = class_of(self.models.reader.evaluator.world, unit, call.func)
        record = record_of(self.models.reader.evaluator.world, *found) if found is not None else None
        if record is None or record.problem or _made_by_hand(record):
            return False
        place = _place(record, call, node, parent)
        if place is None:
            return False
        self.learn(record, {place.name: what})
        self.models.reader.follow(unit, call, What.RECORD)
        return True

    def spread(self, found: Parse, node: ast.expr, what: What) -> bool:
        """``UploadResult(**body["data"])``: written out."""
        record = record_of(self.models.reader.evaluator.world, found.owner, found.model)
        if record is None or record.problem or found.through or _made_by_hand(record):
            why = record.problem if record is not None else "it is no class of fields alone"
            why = why or f"{found.through or '__init__'} makes it"
            self.models.stop(found.model.name, why, found.unit, found.call)
            return True
        holds = Spread(self.models.reader, found, record).write(node, what)
        if holds is not None:
            self.learn(record, holds)
            self.models.reader.follow(found.unit, found.call, What.RECORD)
        return True

    def learn(self, record: Record, holds: dict[str, What]) -> None:
        """Note what fields of a class hold."""
        for name, what in holds.items():
            if self.holds.setdefault(name, what) is not what:
                hint = f"{name} holds different parts of the answer in different places"
                self.models.reader.draft.stop(Reason.UNKNOWN_READ, hint, record.unit, record.node)
        if record.node not in self.records:
            self.records[record.node] = record
            self.models.methods(record, What.RECORD)

    # what is read of them

    def attribute(self, unit: Unit, read: ast.Attribute) -> None:
        """``result.error_code``: followed once it is known what each field holds."""
        self.reads.append((unit, read, read.attr))

    def unpacked(self, unit: Unit, node: ast.expr, parent: ast.AST, what: What) -> bool:
        """``result[1]`` of a named tuple."""
        fields = self._tuple_fields() if what is What.RECORD else ()
        index = parent.slice if isinstance(parent, ast.Subscript) else None
        if not fields or not isinstance(index, ast.Constant) or not isinstance(index.value, int):
            return False
        if isinstance(parent, ast.Subscript) and -len(fields) <= index.value < len(fields):
            self.reads.append((unit, parent, fields[index.value].name))
        return True

    def apart(self, unit: Unit, node: ast.expr, target: ast.expr) -> bool:
        """``share_id, code = upload()`` of a named tuple."""
        fields = self._tuple_fields()
        names = target.elts if isinstance(target, ast.Tuple | ast.List) else []
        if not fields or len(names) != len(fields):
            return False
        for name, place in zip(names, fields, strict=True):
            what = self.holds.get(place.name)
            if what is not None:
                self.models.reader.stores.bound(unit, node, name, what)
        return True

    def _tuple_fields(self) -> tuple[Field, ...]:
        tuples = [record for record in self.records.values() if record.making is Making.NAMEDTUPLE]
        return tuples[0].fields if len(tuples) == len(self.records) == 1 else ()

    def set(self, unit: Unit, target: ast.Attribute) -> None:
        """``result.error_code = ...``: a value of other origin."""
        if self.holds.get(target.attr) is None and target.attr not in tiktok.OLD_CODES:
            return
        statement, function = unit.module.statement(target), unit.function_of(target)
        value = statement.value if isinstance(statement, ast.Assign) else None
        owner = unit.class_of(target)
        record = self.records.get(owner) if owner is not None else None
        if record is not None and function is not None and function.name == "__init__":
            names = {place.key for place in record.fields} if record.making is Making.PLAIN else set()
            if isinstance(value, ast.Name) and value.id in names:
                return
        if isinstance(value, ast.Constant) and self.models.reader.codes.stands_for(unit, value):
            return
        if value is None or value not in self.models.reader.draft.tracked:
            hint = f"{target.attr} is set to something else here"
            self.models.reader.draft.stop(Reason.NUMERIC_CODE, hint, unit, target)

    # at the end

    def resolve(self) -> None:
        """Follow the reads, now that it is known what the fields hold."""
        before = -1
        while before != len(self.models.reader.seen):
            before = len(self.models.reader.seen)
            for unit, read, name in list(self.reads):
                if name in self.holds:
                    self.models.reader.follow(unit, read, self.holds[name])
                elif isinstance(read, ast.Attribute):
                    self.models.gifts.follow(unit, read)

    def settle(self) -> None:
        """Change the classes that keep the code, and see to everything else that makes or reads them."""
        codes = {name for name, what in self.holds.items() if what is What.CODE}
        kept = [r for r in self.records.values() if any(r.named(name) for name in codes)]
        for record in kept:
            for name in sorted(codes):
                place = record.named(name)
                if place is not None:
                    self._retype(record, place)
            for unit, node in list(uses(self.models.reader.evaluator, record)):
                self._other(record, unit, node)
            for unit, call, _ in made_by_class_methods(record):
                if isinstance(call.func, ast.Name):
                    self._made(record, unit, call)
        for unit, read, name in self.reads if kept else ():
            self._unknown(unit, read, name)
        owned: set[ast.AST] = {read for _, read, _ in self.reads}
        self.resolve()
        codes |= {name for name, (what, _) in self.models.gifts.known.items() if what is What.CODE}
        names = " or ".join(record.name for record in kept)
        hint = f"the error code in {names} is a word now, and what is read here may be that code"
        for unit, read in strays(self.models.reader.evaluator, kept, codes, owned) if kept else ():
            self.models.reader.draft.share(read.value, Reason.RESPONSE_ESCAPES, hint, unit, read)

    def _unknown(self, unit: Unit, read: ast.expr, name: str) -> None:
        """``result._asdict()``: the fields go on as they are."""
        evaluator, parent = self.models.reader.evaluator, unit.module.parent(read)
        for record in self.records.values():
            known = (
                record.named(name) is not None or evaluator.method(record.unit, record.node, name) is not None
            )
            stored = any(a.attr == name for a in ast.walk(record.node) if isinstance(a, ast.Attribute))
            if known or stored or name in self.models.gifts.known:
                return
        holder = unit.module.parent(parent) if isinstance(parent, ast.Call) else None
        if isinstance(holder, ast.Attribute | ast.Subscript) or not isinstance(parent, ast.Call):
            self.models.stop_at(unit, read, What.RECORD, f"is asked for {name}, which the tool cannot map")
        elif not self.models.reader.sinks.harmless(unit, parent, holder, boolean=True):
            self.models.reader.exits.lost(unit, parent, What.RECORD, f"is asked for {name}")

    def _retype(self, record: Record, place: Field) -> None:
        """``error_code: int = 0`` becomes ``error_code: str = "ok"``."""
        draft, unit = self.models.reader.draft, record.unit
        kinds = [k.value for k in getattr(place.value, "keywords", []) if k.arg == "type"]
        for annotation in [*([place.annotation] if place.annotation is not None else []), *kinds]:
            text = unit.module.source(annotation)
            if set(_WORD.findall(text)) - _TYPES:
                hint = f"{record.name}.{place.name} takes only some values, and the error code is a word now"
                draft.stop(Reason.NUMERIC_CODE, hint, unit, annotation)
            elif "int" in _WORD.findall(text):
                draft.swap(unit, annotation, re.sub(r"\bint\b", "str", text))
        if place.default is not None and not self.models.reader.codes.stands_for(unit, place.default):
            hint = f"the default of {record.name}.{place.name} is no number the tool can read"
            draft.stop(Reason.NUMERIC_CODE, hint, unit, place.default)
        for decorator in decorators(record):
            hint = f"{record.name} keeps the error code, and {ast.unparse(decorator)} may look at it"
            draft.stop(Reason.UNKNOWN_READ, hint, unit, decorator)

    def _other(self, record: Record, unit: Unit, node: ast.expr) -> None:
        """One place that names the class."""
        reader, parent = self.models.reader, unit.module.parent(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            self._made(record, unit, parent)
        elif isinstance(parent, ast.Attribute) and reader.evaluator.method(
            record.unit, record.node, parent.attr
        ):
            return
        elif not is_annotation(unit, node) and not _tracked(reader.draft.tracked, unit, node):
            hint = f"{record.name} keeps the error code, and it is used here too in a way the tool cannot map"
            reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, node)

    def _made(self, record: Record, unit: Unit, call: ast.Call) -> None:
        """Another place that makes such an object: what it gives for the code must be known."""
        reader = self.models.reader
        spread = call in reader.draft.tracked and call not in reader.kinds
        hidden = any(isinstance(a, ast.Starred) for a in call.args) or any(
            k.arg is None for k in call.keywords
        )
        if spread or (hidden and call in reader.kinds):
            return
        for name in [name for name, what in self.holds.items() if what is What.CODE]:
            place = record.named(name)
            value = _argument(record, call, name) if place is not None else None
            known = value is None or reader.kinds.get(value) is What.CODE
            known = known or (isinstance(value, ast.Constant) and reader.codes.stands_for(unit, value))
            if hidden or not known:
                hint = f"{record.name} is made here too, with an error code of other origin"
                other = call if hidden or value is None else value
                reader.draft.share(other, Reason.UNKNOWN_READ, hint, unit, call)
                return
        reader.follow(unit, call, What.RECORD)


def _tracked(tracked: set[ast.AST], unit: Unit, node: ast.AST) -> bool:
    """Whether a class is named in a call that is followed."""
    return any(around in tracked for around in unit.module.ancestors(node) if isinstance(around, ast.Call))


def _made_by_hand(record: Record) -> bool:
    names = {s.name for s in record.node.body if isinstance(s, ast.FunctionDef)}
    if record.making is Making.PLAIN:
        names -= {"__init__"}
    return bool(names & {"__init__", "__new__", "__getattr__", "__getattribute__", "__setattr__"})


def _place(record: Record, call: ast.Call, node: ast.expr, parent: ast.AST | None) -> Field | None:
    """The field an argument is for."""
    if isinstance(parent, ast.keyword):
        keyed = record.keyed(parent.arg or "")
        found = keyed if record.making is Making.PLAIN else record.named(parent.arg or "") or keyed
    else:
        index = call.args.index(node) if node in call.args else len(record.fields)
        starred = any(isinstance(argument, ast.Starred) for argument in call.args)
        found = record.fields[index] if index < len(record.fields) and not starred else None
    return found if found is not None and found.name else None


def _argument(record: Record, call: ast.Call, name: str) -> ast.expr | None:
    """What a call gives for a field."""
    for value in [*call.args, *(keyword.value for keyword in call.keywords)]:
        holder = next((k for k in call.keywords if k.value is value), call)
        place = _place(record, call, value, holder)
        if place is not None and place.name == name:
            return value
    return None
