"""The definitions of classes that are made of the whole answer: they change with it.

::

    class ShareData:                        class ShareData:
        share_id: str = ""                      publish_id: str = ""
        error_code: int = 0
        error_msg: str = ""                 class ShareError:
                                                code: str = ""
    class Extra:                                message: str = ""
        logid: str = ""                         log_id: str = ""

    class ShareAnswer:                      class ShareAnswer:
        data: ShareData                         data: ShareData = field(default_factory=ShareData)
        extra: Extra                            error: ShareError
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.reading.keys import requoted
from share2post.semantics.reading.owners import Owners, has, stands_before
from share2post.semantics.reading.tracked import What
from share2post.semantics.record_classes import Record, annotated_class
from share2post.semantics.record_fields import Field, Making
from share2post.semantics.world import Unit
from share2post.syntax.imports import member
from share2post.syntax.style import indentation, style_of

if TYPE_CHECKING:
    from share2post.semantics.reading.models import Models

_GONE: Final = (*tiktok.OLD_CODES, tiktok.OLD_MESSAGE)
_ERROR_FIELDS: Final = (tiktok.NEW_CODE, tiktok.NEW_MESSAGE, tiktok.NEW_LOG_ID)
_ENDINGS: Final = re.compile(r"(Response|Result|Answer|Reply|Model|Schema|Envelope|Body)$")
_STRICT: Final = re.compile(r"extra\s*=\s*['\"]forbid|Extra\.forbid|Undefined\.RAISE|strict\s*=\s*True")


@dataclass(eq=False)
class Remodel:
    """Changes them, where nothing else needs them as they were."""

    models: Models

    def __post_init__(self) -> None:
        self.owners = Owners(self.models)

    def settle(self) -> None:
        """Change the class of the whole answer and those of its parts."""
        roles = self.models.roles
        top, data, extra = (roles.get(w) for w in (What.MODEL, What.MODEL_DATA, What.MODEL_EXTRA))
        if top is None or data is None or self.models.reader.draft.obstacles:
            return
        if not self.owners.ours(top, data):
            return
        place = data.keyed(tiktok.OLD_ID)
        if has(top, {tiktok.NEW_ERROR}) or has(data, {tiktok.NEW_ID, tiktok.NEW_UPLOAD_URL}):
            self._stop(top, "it has something of a name that the new answer uses")
        elif not stands_before(data, top):
            self._stop(top, f"{data.name} does not stand in front of it in the same module")
        elif place is None:
            self._stop(data, "it has no share_id")
        elif any(
            f.key not in (*_GONE, tiktok.OLD_ID, tiktok.NEW_UPLOAD_URL) and f.required for f in data.fields
        ):
            self._stop(data, "it wants more of the answer than the new one gives")
        elif any(f.key not in (tiktok.OLD_DATA, tiktok.OLD_EXTRA) and f.required for f in top.fields):
            self._stop(top, "it wants more of the answer than the new one gives")
        else:
            self.owners.strays(top, data, extra)
            self._change_data(data, place)
            self._change_top(top, data, extra, place)

    def _stop(self, record: Record, why: str) -> None:
        self.models.stop(record.name, why, record.unit, record.node)

    # the part for "data"

    def _change_data(self, data: Record, place: Field) -> None:
        draft, unit = self.models.reader.draft, data.unit
        draft.mark("S2P004", unit, place.target, f"{data.name} has a field for share_id of the old response")
        if place.key_node is not None:
            draft.swap(unit, place.key_node, requoted(unit, place.key_node, tiktok.NEW_ID))
        else:
            draft.swap(unit, place.target, tiktok.NEW_ID)
        for gone in data.fields:
            if gone.key in _GONE:
                self._delete(unit, gone.statement)
        if self._strict(data) and data.keyed(tiktok.NEW_UPLOAD_URL) is None:
            end = unit.module.extent(place.statement)[1]
            text = self._like(place, tiktok.NEW_UPLOAD_URL, optional=True)
            draft.replace(unit, end, end, f"{style_of(unit.module).newline}{self._indent(place)}{text}")

    def _strict(self, record: Record) -> bool:
        """Whether a field it does not know is an error to it."""
        plain = record.making in (Making.DATACLASS, Making.ATTRS) and any(p.plain for p in self.models.parses)
        text = record.unit.module.source(record.node) + "".join(
            ast.unparse(d) for d in record.node.decorator_list
        )
        calls = "".join(parse.unit.module.source(parse.call) for parse in self.models.parses)
        forbids = "forbid_unknown_fields" in text or "forbid_extra_keys" in record.unit.module.text
        return plain or forbids or bool(_STRICT.search(text + calls))

    def _delete(self, unit: Unit, statement: ast.stmt) -> None:
        module = unit.module
        start, end = module.extent(statement)
        comments = module.comments_within(start, module.line_end(end))
        shared = module.text[module.line_start(start) : start].strip()
        if comments or shared:
            hint = (
                "a field that the new answer does not have shares its line; give it a line without a comment"
            )
            self.models.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, statement)
            return
        body = getattr(module.parent(statement), "body", [statement])
        behind = body[body.index(statement) + 1 :][:1]
        said = [s for s in behind if isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)]
        end = module.line_end(module.extent(said[0] if said else statement)[1])
        self.models.reader.draft.replace(unit, module.line_start(start), end, "")

    # the whole

    def _change_top(self, top: Record, data: Record, extra: Record | None, id_field: Field) -> None:
        draft = self.models.reader.draft
        title = self._title(top)
        place, tail = top.keyed(tiktok.OLD_DATA), top.keyed(tiktok.OLD_EXTRA)
        if place is None:
            return
        self._define(title, data, extra, id_field, top)
        factory = self._factory(top, data, place)
        if draft.obstacles:
            return
        self._error_field(title, top, place, tail, factory)

    def _title(self, top: Record) -> str:
        """A free name for the class of the error."""
        stem = _ENDINGS.sub("", top.name) or top.name
        taken = {word for unit in self.models.reader.evaluator.world.units.values() for word in unit.words}
        wishes = (
            f"{stem}Error",
            f"{stem}ErrorInfo",
            f"{stem}Status",
            f"{top.name}Error",
            f"{top.name}ErrorInfo",
        )
        return next((wish for wish in wishes if wish not in taken), f"{top.name}ErrorPart")

    def _define(self, title: str, data: Record, extra: Record | None, id_field: Field, top: Record) -> None:
        """The class of the error, in the manner of its neighbours, in front of the whole."""
        draft, unit, newline = self.models.reader.draft, top.unit, style_of(top.unit.module).newline
        module, indent = unit.module, self._indent(id_field)
        first = min([data.node, *data.node.decorator_list], key=lambda node: module.extent(node)[0])
        head_end = module.text.index(":", self._head_end(data))
        head = module.text[module.line_start(module.extent(first)[0]) : head_end + 1]
        if "\n" in indent or module.comments_within(module.extent(first)[0], head_end):
            self._stop(data, "how it begins cannot be written again")
            return
        head = re.sub(rf"\bclass {data.name}\b", f"class {title}", head)
        said = ast.get_docstring(extra.node, clean=False) if extra is not None else None
        kept = [indent + module.source(extra.node.body[0]), ""] if extra is not None and said else []
        replaced = self.owners.exclusive(extra, top) if extra is not None else False
        lines = [
            head,
            *(kept if replaced else ()),
            *(f"{indent}{self._like(id_field, name, optional=False)}" for name in _ERROR_FIELDS),
        ]
        text = newline.join(lines) + newline
        if replaced and extra is not None:
            start = min(module.extent(n)[0] for n in [extra.node, *extra.node.decorator_list])
            end = module.line_end(module.extent(extra.node)[1])
            draft.replace(unit, module.line_start(start), end, text)
            return
        start = module.line_start(min(module.extent(n)[0] for n in [top.node, *top.node.decorator_list]))
        while start and module.text[module.line_start(start - 1) : start].lstrip().startswith("#"):
            start = module.line_start(start - 1)
        above = module.text[:start]
        blank = above[len(above.rstrip()) :].count("\n") - 1
        draft.replace(unit, start, start, text + newline * max(blank, 1))

    def _head_end(self, record: Record) -> int:
        """Where to look for the colon behind a class's name and bases."""
        module, node = record.unit.module, record.node
        parts = [*node.bases, *(keyword.value for keyword in node.keywords)]
        return module.extent(parts[-1])[1] if parts else module.text.index("class", module.extent(node)[0])

    # fields

    def _indent(self, place: Field) -> str:
        unit = self.models.roles[What.MODEL_DATA].unit
        return indentation(unit.module, place.statement)

    def _like(self, place: Field, name: str, *, optional: bool) -> str:
        """A field of text in the manner of the one for the id."""
        module = self.models.roles[What.MODEL_DATA].unit.module
        annotation = f": {module.source(place.annotation)}" if place.annotation is not None else ""
        if place.key_node is None and place.value is not None:
            return f"{name}{annotation} = {module.source(place.value)}"
        if place.required and optional:
            return f"{name}{annotation} = {self.models.reader.quote(self.models.roles[What.MODEL_DATA].unit) * 2}"
        if place.required or (place.value is None and not place.required):
            return (
                f"{name}{annotation}" if not optional or not place.required else f"{name}{annotation} = None"
            )
        default = module.source(place.default) if place.default is not None else "None"
        return f"{name}{annotation} = {default}"

    def _factory(self, top: Record, data: Record, place: Field) -> str:
        """What ``data`` is where a refused init leaves it out: an empty part, since it was always there."""
        rest = [f for f in data.fields if f.key not in _GONE]
        if top.making is Making.TYPEDDICT or any(f.required for f in rest):
            return ""  # the refused answer had no id: it never became an object, and does not now
        if not self.models.looked and place.default is not None:
            return ""
        if isinstance(place.value, ast.Call) and place.default is None and not place.required:
            return ""
        if top.making is Making.PYDANTIC and any(f.value is None for f in rest):
            self._stop(
                data,
                "whether its fields may be left out depends on the version of pydantic; give them defaults",
            )
            return ""
        if place.key_node is not None:
            self._stop(top, f"{place.name} has a key of its own")
            return ""
        unit, draft = top.unit, self.models.reader.draft
        if top.making is Making.PYDANTIC:
            return f"{data.name}()"
        if top.making is Making.DATACLASS:
            return f"{member(draft, unit, top.node, 'dataclasses', 'field')}(default_factory={data.name})"
        if top.making is Making.MSGSPEC:
            return f"{member(draft, unit, top.node, 'msgspec', 'field')}(default_factory={data.name})"
        module = "attrs" if "import attrs" in unit.module.text or "from attrs" in unit.module.text else "attr"
        if place.annotation is None:
            return (
                f"{module}.ib(factory={data.name})"
                if module == "attr"
                else f"{module}.field(factory={data.name})"
            )
        return f"{member(draft, unit, top.node, module, 'Factory')}({data.name})"

    def _error_field(self, title: str, top: Record, place: Field, tail: Field | None, factory: str) -> None:
        """``extra`` becomes ``error``; ``data`` gets a default where it needs one."""
        unit, draft, module = top.unit, self.models.reader.draft, top.unit.module
        world, newline = self.models.reader.evaluator.world, style_of(module).newline
        like = (
            tail if tail is not None and annotated_class(world, unit, tail.annotation) is not None else place
        )
        indent = indentation(module, place.statement)
        known = annotated_class(world, unit, like.annotation)
        if known is None or like.key_node is not None or (tail is not None and tail.key_node is not None):
            self._stop(top, f"how its {like.name} is written cannot be copied")
            return
        annotation, value = like.annotation, like.value
        text = tiktok.NEW_ERROR
        text += (
            f": {_renamed(module.source(annotation), known[1].name, title)}" if annotation is not None else ""
        )
        text += f" = {_renamed(module.source(value), known[1].name, title)}" if value is not None else ""
        draft.mark("S2P004", unit, like.target, f"{top.name} has the fields of the old response")
        whole = module.source(place.statement)
        if factory:
            stem = module.extent(place.annotation or place.target)[1] - module.extent(place.statement)[0]
            whole = f"{whole[:stem]} = {factory}"
        ordered = top.making in (Making.DATACLASS, Making.ATTRS, Making.MSGSPEC)
        first = value is None and ordered and (bool(factory) or not place.required)
        if tail is not None and not first:
            draft.swap(unit, tail.statement, text)
        elif first:
            whole = f"{text}{newline}{indent}{whole}"
        else:
            whole = f"{whole}{newline}{indent}{text}"
        if tail is not None and first:
            self._delete(unit, tail.statement)
        if whole != module.source(place.statement):
            draft.swap(unit, place.statement, whole)


def _renamed(text: str, old: str, new: str) -> str:
    return re.sub(rf"\b{re.escape(old)}\b", new, text)
