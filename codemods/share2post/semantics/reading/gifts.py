"""What properties and methods of an object that is made of the answer give back."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from share2post.semantics.reading.tracked import What
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reading.models import Models


@dataclass(eq=False)
class Gifts:
    """Knows their names."""

    models: Models
    known: dict[str, tuple[What, bool]] = field(
        default_factory=dict
    )  # what each gives, and if it is called for it

    def gives(self, unit: Unit, statement: ast.Return, what: What) -> bool:
        """``return self.error_code`` of a method: what reads the property, or calls the method, gets the code."""
        function, owner = unit.function_of(statement), unit.class_of(statement)
        records = [*self.models.roles.values(), *self.models.built.records.values()]
        if function is None or owner is None or all(record.node is not owner for record in records):
            return False
        names = {ast.unparse(decorator).rpartition(".")[2] for decorator in function.decorator_list}
        plain = names <= {"property", "cached_property"} and isinstance(function, ast.FunctionDef)
        if unit.module.parent(function) is not owner or not plain:
            return False
        self.known[function.name] = (what, not names)
        if isinstance(function.returns, ast.Name) and function.returns.id == "int" and what is What.CODE:
            self.models.reader.draft.swap(unit, function.returns, "str")
        return True

    def follow(self, unit: Unit, read: ast.Attribute) -> bool:
        """Follow what a property or a method of such an object gives."""
        what, called = self.known.get(read.attr, (None, False))
        call = unit.module.parent(read)
        if what is None:
            return False
        self.models.reader.draft.tracked.add(read)
        if not called:
            self.models.reader.follow(unit, read, what)
        elif isinstance(call, ast.Call) and call.func is read:
            self.models.reader.follow(unit, call, what)
        else:
            self.models.stop_at(unit, read, What.MODEL, f"hands its {read.attr} on")
        return True
