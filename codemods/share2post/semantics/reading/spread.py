"""An object made of the answer's ``data`` as it comes: written out, value by value.

::

    Upload(**body["data"])          Upload(
    Upload.parse_obj(body["data"])      share_id=(body.get("data") or {}).get("publish_id"),
                                        error_code=body["error"]["code"],
                                        error_msg=body["error"]["message"] or None,
                                    )
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from share2post import tiktok
from share2post.model import Reason
from share2post.semantics.reading.keys import ERROR_FIELDS, body_of, core_of, line_shared
from share2post.semantics.reading.parsing import Parse
from share2post.semantics.reading.tracked import Variable, What
from share2post.semantics.record_classes import Record, class_of
from share2post.semantics.record_fields import Field, Making
from share2post.semantics.world import Unit
from share2post.syntax.layout import Item, call, render
from share2post.syntax.style import indentation, style_of

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


@dataclass(eq=False)
class Spread:
    """Writes one of them out."""

    reader: Reader
    parse: Parse
    record: Record

    def write(self, node: ast.expr, what: What) -> dict[str, What] | None:
        """Replace the call; what each field holds, or ``None`` with the obstacle noted."""
        unit, found = self.parse.unit, self.parse.call
        variable = self._variable(node)
        body = variable.body if variable is not None else body_of(node)
        if body is None or not self._repeatable(body, variable):
            return self._stop("the answer it is taken from cannot be named again here")
        answer = self._named(body)
        holds: dict[str, What] = {}
        items = []
        for place in self.record.fields:
            value = self._value(place, what, answer, node, variable)
            if value is None and place.required and not self._given(place):
                return self._stop(f"its field {place.name} is in neither the old nor the new answer")
            if value is not None:
                pydantic = self.record.making is Making.PYDANTIC and place.key_node is not None
                items.append(Item(f"{place.key if pydantic else place.name}=", value))
                self._hold(holds, place)
        if not items:
            return self._stop("it has no field of the old answer")
        for keyword in found.keywords if self.parse.plain else ():
            if keyword.arg is not None:
                items.append(Item("", unit.module.source(keyword)))
        self.reader.draft.mark("S2P004", unit, found, f"the old response's data is made a {self.record.name}")
        style, start = style_of(unit.module), unit.module.extent(found)[0]
        statement = unit.module.statement(found)
        indent = indentation(unit.module, statement)
        column = start - unit.module.line_start(start) - len(indent)
        text = render(call(self._callee(), *items), indent, style, max(column, 0))
        self.reader.draft.swap(unit, found, text)
        return holds

    def _given(self, place: Field) -> bool:
        return self.parse.plain and any(keyword.arg == place.name for keyword in self.parse.call.keywords)

    def _hold(self, holds: dict[str, What], place: Field) -> None:
        if place.key in tiktok.OLD_CODES:
            holds[place.name] = What.CODE
        elif place.key == tiktok.OLD_MESSAGE:
            holds[place.name] = What.MESSAGE

    def _stop(self, why: str) -> dict[str, What] | None:
        hint = (
            f"the answer's data is parsed into {self.record.name}, whose fields are those of the old answer"
        )
        self.reader.draft.stop(Reason.UNKNOWN_READ, f"{hint}, and {why}", self.parse.unit, self.parse.call)
        return None

    # the values

    def _value(
        self, place: Field, what: What, body: str, node: ast.expr, variable: Variable | None
    ) -> str | None:
        quote, key = self.reader.quote(self.parse.unit), place.key
        if what is What.DATA and key == tiktok.OLD_ID:
            return self._id(place, body, node, variable)
        new = ERROR_FIELDS.get(key)
        ours = (
            (*tiktok.OLD_CODES, tiktok.OLD_MESSAGE)
            if what is What.DATA
            else (tiktok.OLD_LOG_ID, tiktok.OLD_DETAIL)
        )
        if new is None or key not in ours:
            return None
        text = f"{body}[{quote}{tiktok.NEW_ERROR}{quote}][{quote}{new}{quote}]"
        if key == tiktok.OLD_DETAIL:
            hint = "extra.error_detail has no counterpart; error.message is the nearest"
            self.reader.draft.doubt(Reason.ERROR_DETAIL, hint, self.parse.unit, self.parse.call)
        if key == tiktok.OLD_MESSAGE and place.required:
            return None  # it was absent on success: what this did then is not known
        if key == tiktok.OLD_MESSAGE and self._default(place) != quote * 2:
            return f"{text} or {self._default(place)}"
        return text

    def _id(self, place: Field, body: str, node: ast.expr, variable: Variable | None) -> str:
        quote = self.reader.quote(self.parse.unit)
        default = self._default(place)
        tail = f", {default}" if default != "None" else ""
        if variable is not None and variable.binding is not None:
            variable.leaves.append(node)
            owner = variable.binding.name
        elif place.required:
            owner = f"{body}[{quote}{tiktok.NEW_DATA}{quote}]"
        else:
            owner = f"({body}.get({quote}{tiktok.NEW_DATA}{quote}) or {{}})"
        if place.required:
            return f"{owner}[{quote}{tiktok.NEW_ID}{quote}]"
        return f"{owner}.get({quote}{tiktok.NEW_ID}{quote}{tail})"

    def _default(self, place: Field) -> str:
        if isinstance(place.default, ast.Constant):
            value = place.default.value
            quote = self.reader.quote(self.parse.unit)
            return f"{quote}{quote}" if value == "" else self.record.unit.module.source(place.default)
        return "None"

    # where the answer is

    def _variable(self, node: ast.expr) -> Variable | None:
        core = core_of(node)
        binding = self.parse.unit.flow.only(core) if isinstance(core, ast.Name) else None
        return self.reader.variables.get(binding) if binding is not None else None

    def _repeatable(self, body: ast.expr, variable: Variable | None) -> bool:
        """Whether the parsed answer can be named at the call, for the same value."""
        unit = self.parse.unit
        if variable is not None and (
            variable.unit is not unit
            or unit.function_of(variable.value) is not unit.function_of(self.parse.call)
        ):
            return False
        if isinstance(body, ast.Name):
            return self._single(body)
        if self.reader.shape.once or not isinstance(body, ast.Call) or body.args:
            return False
        owner = body.func.value if isinstance(body.func, ast.Attribute) else body
        if isinstance(owner, ast.Name):
            return self._single(owner)
        return any(part is self.reader.origin for part in ast.walk(owner))

    def _single(self, name: ast.Name) -> bool:
        scope = self.parse.unit.flow.scope_of_name.get(name)
        return scope is not None and len(scope.bindings.get(name.id, [])) == 1

    def _named(self, body: ast.expr) -> str:
        """The parsed answer: by its name, else by one it is given in a line of its own where there is room."""
        text, unit, reader = self._text(body), self.parse.unit, self.reader
        statement = unit.module.statement(self.parse.call)
        value = statement.value if isinstance(statement, ast.Return | ast.Assign) else None
        first = value is self.parse.call and not line_shared(unit, statement)
        if isinstance(body, ast.Name) or not first or any(p is reader.origin for p in ast.walk(statement)):
            return text
        name = reader.fresh(unit, statement, "answer")
        start = unit.module.extent(statement)[0]
        plain = text[1:-1] if text.startswith("(await ") else text
        line = f"{name} = {plain}{reader.newline(unit)}{indentation(unit.module, statement)}"
        reader.draft.replace(unit, start, start, line)
        return name

    def _text(self, body: ast.expr) -> str:
        text = self._source(self.parse.unit, body)
        return f"(await {text})" if isinstance(self.parse.unit.module.parent(body), ast.Await) else text

    def _source(self, unit: Unit, node: ast.expr) -> str:
        """An expression's text, with the name of the response where the call stands in it."""
        start, end = unit.module.extent(node)
        text = unit.module.text
        if any(part is self.reader.origin for part in ast.walk(node)):
            inner, outer = unit.module.extent(self.reader.origin)
            left, right = text[start:inner].rstrip(), text[outer:end].lstrip()
            if left == "(" and right.startswith(")"):  # (\n await client.post(...)\n).json()
                return f"{self.reader.response}{right[1:]}"
            return f"{text[start:inner]}{self.reader.response}{text[outer:end]}"
        return text[start:end]

    def _callee(self) -> str:
        """The class, as the call names it."""
        unit, found = self.parse.unit, self.parse.call
        places = [found.func, *found.args, *(keyword.value for keyword in found.keywords)]
        if isinstance(found.func, ast.Attribute):
            places.append(found.func.value)
            if isinstance(found.func.value, ast.Call):
                places += found.func.value.args
        for place in places:
            known = class_of(self.reader.evaluator.world, unit, place)
            if known is not None and known[1] is self.record.node:
                return unit.module.source(place)
        return self.record.name
