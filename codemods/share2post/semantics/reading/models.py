"""Objects of the project's own classes that are made of the answer, and what is read of them.

::

    answer = ShareAnswer(**response.json())       # MODEL
    if answer.data.error_code != 0:               answer.error.code != "ok"
        raise Refused(answer.data.error_msg)      answer.error.message
    return answer.data.share_id                   answer.data.publish_id

A class that is made of the whole answer changes with it (``semantics.reading.remodel``).
An object that is made of single values keeps its names; its error code is a word now
(``semantics.reading.built``).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.callers import Function
from share2post.semantics.reading.built import Built
from share2post.semantics.reading.gifts import Gifts
from share2post.semantics.reading.keys import ERROR_FIELDS, KeyRead, tested
from share2post.semantics.reading.model_uses import alike, others_returned
from share2post.semantics.reading.parsing import Parse, Parses
from share2post.semantics.reading.parts import Parts, rename
from share2post.semantics.reading.remodel import Remodel
from share2post.semantics.reading.tracked import What
from share2post.semantics.reading.typed import Typed
from share2post.semantics.record_classes import Record, annotated_class, decorators, record_of
from share2post.semantics.record_fields import Field, Making
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader

_PARTS: Final = {What.MODEL_DATA: tiktok.OLD_DATA, What.MODEL_EXTRA: tiktok.OLD_EXTRA}
_LIKE_A_DICT: Final = "the object that is made of the answer is read like a dict"
_LOOKS: Final = frozenset({"getattr", "hasattr", "setattr", "vars", "dir"})
_DUMPS: Final = frozenset(
    {"dict", "json", "model_dump", "model_dump_json", "to_dict", "to_json", "copy", "_asdict"}
)


@dataclass(eq=False)
class Models:
    """Follows them, and notes what has to change in their classes."""

    reader: Reader
    roles: dict[What, Record] = field(default_factory=dict)
    parses: list[Parse] = field(default_factory=list)
    late: list[tuple[Unit, ast.expr, ast.AST, What, str]] = field(
        default_factory=list
    )  # fine if it is that too
    functions: list[tuple[Unit, Function]] = field(default_factory=list)  # which return such an object
    looked: bool = False  # whether anything is read through the part for "data"

    def __post_init__(self) -> None:
        self.built = Built(self)
        self.remodel = Remodel(self)
        self.typed = Typed(self)
        self.parts = Parts(self.reader)
        self.gifts = Gifts(self)
        self._finder = Parses(self.reader.evaluator)

    # where they are made

    def parsed(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> bool:
        """Whether an object is made of the answer here; it is followed then."""
        found = self._finder.find(unit, node, parent)
        if found is None or found.text is not (what is What.RAW):
            return False
        self.reader.draft.tracked.add(found.call)
        if what in (What.DATA, What.EXTRA):
            return self.built.spread(found, node, what)
        self._whole(found)
        return True

    def _whole(self, found: Parse) -> None:
        """``Answer(**body)``."""
        self.parses.append(found)
        known = self.roles.get(What.MODEL)
        record = known or record_of(self.reader.evaluator.world, found.owner, found.model)
        if record is None or record.node is not found.model:
            why = (
                "the answer is parsed into two classes"
                if record is not None
                else "it is no class of fields alone"
            )
            self.stop(found.model.name, why, found.unit, found.call)
            return
        if record.making in (Making.TYPEDDICT, Making.NAMEDTUPLE):
            self.stop(record.name, "its fields are no attributes of its own", found.unit, found.call)
        if known is None:
            self._learn(record)
        if not self.reader.draft.obstacles or self.roles:
            self.reader.follow(found.unit, found.call, What.MODEL)

    def _learn(self, record: Record) -> None:
        """The class and those of its parts; their own methods read them too."""
        world = self.reader.evaluator.world
        self.roles[What.MODEL] = record
        if record.problem:
            self.stop(record.name, record.problem, record.unit, record.node)
        for part, key in _PARTS.items():
            place = record.keyed(key)
            inner = annotated_class(world, record.unit, place.annotation) if place is not None else None
            known = record_of(world, *inner) if inner is not None else None
            if known is not None:
                self.roles[part] = known
                if known.problem or known.making is not record.making:
                    why = known.problem or "it is made in another way"
                    self.stop(known.name, why, known.unit, known.node)
            elif part is What.MODEL_DATA or inner is not None:
                self.stop(
                    record.name, f"what it has for {key} is no class of fields", record.unit, record.node
                )
        for part, known in list(self.roles.items()):
            self._watched(known)
            self.methods(known, part)

    def _watched(self, record: Record) -> None:
        """Validators and the like, and names of fields in strings."""
        for decorator in decorators(record):
            why = f"{ast.unparse(decorator)} may look at a field by its name"
            self.stop(record.name, why, record.unit, decorator)
        keys = {place.key_node for place in record.fields}
        names = {place.name for place in record.fields}
        for part in ast.walk(record.node):
            if isinstance(part, ast.Constant) and part.value in names and part not in keys:
                self.stop(record.name, "it names a field in a string", record.unit, part)

    def methods(self, record: Record, what: What) -> None:
        """Follow ``self`` in the methods of a class."""
        for function in record.node.body:
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            names = {d.id if isinstance(d, ast.Name) else ast.unparse(d) for d in function.decorator_list}
            if names & {"staticmethod", "classmethod"}:
                continue
            arguments = [*function.args.posonlyargs, *function.args.args]
            scope = record.unit.flow.scopes[function]
            for binding in scope.bindings.get(arguments[0].arg, []) if arguments else []:
                if binding.node is arguments[0]:
                    for use in binding.uses:
                        self.reader.follow(record.unit, use, what)

    # what is read of them

    def instance(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> None:
        """One use of such an object."""
        match parent:
            case ast.Attribute() if isinstance(parent.ctx, ast.Load):
                self._attribute(unit, node, parent, what)
            case ast.Attribute():
                self._set(unit, parent, what)
            case ast.Subscript() | ast.Starred() | ast.For() if self.built.unpacked(unit, node, parent, what):
                pass
            case ast.Subscript():
                self.late.append((unit, node, parent, What.BODY, _LIKE_A_DICT))
            case ast.Match() | ast.Starred() | ast.For() | ast.comprehension():
                self.stop_at(unit, parent, what, "is taken apart in a way the tool cannot map")
            case ast.Call(func=ast.Name(id=name)) if name in _LOOKS:
                self.stop_at(unit, parent, what, f"is looked into with {name}")
            case ast.Call(func=ast.Attribute(attr="format")) | ast.keyword() if _formats(unit, parent):
                self.stop_at(unit, parent, what, "is formatted by a template that may name its fields")
            case ast.Call(func=ast.Name(id="isinstance")):
                pass
            case ast.Compare() if not alike(parent, node, self.reader.draft.tracked, self._titles()):
                self.stop_at(unit, parent, what, "is compared with something of another kind")
            case _ if tested(unit, node):
                pass
            case _:
                self.reader.exits.elsewhere(unit, node, parent, what)

    def _titles(self) -> set[str]:
        return {record.name for record in [*self.built.records.values(), *self.roles.values()]}

    def _attribute(self, unit: Unit, node: ast.expr, read: ast.Attribute, what: What) -> None:
        if what is What.RECORD:
            self.built.attribute(unit, read)
            return
        if self.gifts.follow(unit, read):
            return
        record = self.roles.get(what)
        place = record.named(read.attr) if record is not None else None
        if record is not None and place is None:
            self._other(unit, read, record, what)
        elif place is not None and what is What.MODEL:
            self._top(unit, read, place)
        elif place is not None:
            self._field(unit, node, read, place, what)

    def _other(self, unit: Unit, read: ast.Attribute, record: Record, what: What) -> None:
        """A method of the class, or of what makes it."""
        if self.reader.evaluator.method(record.unit, record.node, read.attr) is not None:
            return
        call = unit.module.parent(read)
        if isinstance(call, ast.Call) and call.func is read and read.attr in _DUMPS:
            if not self.reader.sinks.harmless(unit, call, unit.module.parent(call), boolean=True):
                self.reader.exits.lost(unit, call, what, f"is taken apart by {read.attr}")
        elif read.attr == "get":
            self.late.append((unit, read.value, read, What.BODY, _LIKE_A_DICT))
        else:
            self.stop_at(unit, read, what, f"is asked for .{read.attr}, which it does not have")

    def _top(self, unit: Unit, read: ast.Attribute, place: Field) -> None:
        if place.key == tiktok.OLD_DATA:
            self.looked = True
            self.reader.follow(unit, read, What.MODEL_DATA)
        elif place.key == tiktok.OLD_EXTRA:
            if tested(unit, read):
                rename(self.reader.draft, unit, read, tiktok.NEW_ERROR)
            self.reader.follow(unit, read, What.MODEL_EXTRA)
        else:
            self.stop_at(unit, read, What.MODEL, f"is asked for .{read.attr}, which the answer never had")

    def _field(self, unit: Unit, node: ast.expr, read: ast.Attribute, place: Field, what: What) -> None:
        key, draft = place.key, self.reader.draft
        draft.mark("S2P004", unit, read, f"{key} is read from the old response")
        if key == tiktok.OLD_ID and what is What.MODEL_DATA:
            self._note(unit, node)
            if place.key_node is None:
                rename(self.reader.draft, unit, read, tiktok.NEW_ID)
            self.reader.follow(unit, read, What.ID)
            return
        new = ERROR_FIELDS.get(key)
        if new is None:
            self.stop_at(
                unit, read, what, f"is asked for {key}, which neither the old nor the new answer has"
            )
            return
        rename(self.reader.draft, unit, read, new)
        self._from_error(unit, node, what)
        if key == tiktok.OLD_DETAIL:
            hint = "extra.error_detail has no counterpart; error.message is the nearest"
            draft.doubt(Reason.ERROR_DETAIL, hint, unit, read)
        if key in tiktok.OLD_CODES:
            self.reader.follow(unit, read, What.CODE)
        elif key == tiktok.OLD_MESSAGE:
            if isinstance(place.default, ast.Constant) and place.default.value is None:
                self.reader.messages.message_default(unit, KeyRead(key, place.default, read, True, None))
            self.reader.follow(unit, read, What.MESSAGE)
        else:
            self.reader.follow(unit, read, What.LOG_ID)

    def _note(self, unit: Unit, node: ast.expr) -> None:
        part = self.parts.of(unit, node)
        if part is not None:
            part.ids = True

    def _from_error(self, unit: Unit, node: ast.expr, what: What) -> None:
        """Read from ``answer.error`` what was read from ``answer.data`` or ``answer.extra``."""
        if isinstance(node, ast.Attribute):
            rename(self.reader.draft, unit, node, tiktok.NEW_ERROR)
            return
        part = self.parts.of(unit, node)
        if part is None or not isinstance(node, ast.Name):
            self.stop_at(unit, node, what, "is read where the object it belongs to is out of sight")
        else:
            part.errors.append(node)

    def _set(self, unit: Unit, target: ast.Attribute, what: What) -> None:
        record = self.roles.get(what)
        if what is What.RECORD:
            self.built.set(unit, target)
        elif record is None or record.named(target.attr) is not None:
            self.stop_at(unit, target, what, "is changed in place")

    # obstacles

    def stop(self, name: str, why: str, unit: Unit, node: ast.AST) -> None:
        """The class cannot change with the answer."""
        hint = f"the answer is parsed into {name}, whose fields are those of the old answer, and {why}"
        self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, node)

    def stop_at(self, unit: Unit, node: ast.AST, what: What, how: str) -> None:
        record = self.roles.get(what) or next(iter(self.built.records.values()), None)
        name = record.name if record is not None else "the object"
        self.reader.draft.stop(Reason.UNKNOWN_READ, f"{name}, which is made of the answer, {how}", unit, node)

    # at the end

    def settle(self) -> None:
        """Decide what the names hold, and change the classes."""
        self.built.resolve()
        typed = self.typed.find() if What.MODEL not in self.roles else None
        if typed is not None:
            self._learn(typed)
            self.typed.check(typed)
        for unit, node, at, other, hint in self.late:
            if (id(node), other) not in self.reader.seen:
                self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, at)
        self.parts.settle()
        for unit, function in self.functions:
            for value in others_returned(unit, function, self.reader.draft.tracked):
                hint = f"{function.name} may return something else than the object that is made of the answer"
                self.reader.draft.share(value, Reason.UNKNOWN_READ, hint, unit, value)
        if self.roles or self.built.records:
            self.built.settle()
            self.remodel.settle()


def _formats(unit: Unit, parent: ast.AST) -> bool:
    """``"{answer.data.share_id}".format(answer=answer)``."""
    call = unit.module.parent(parent) if isinstance(parent, ast.keyword) else parent
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "format"
