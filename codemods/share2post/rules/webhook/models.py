"""Classes that stand for a webhook's content: named, and left to a person."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from share2post import tiktok
from share2post.model import Reason
from share2post.rules.webhook.ledger import Ledger
from share2post.rules.webhook.literals import shown
from share2post.rules.webhook.reach import Reach
from share2post.semantics.module import last_name
from share2post.semantics.world import Unit

# fmt: off
_BUILDERS = frozenset({
    "model_validate", "model_validate_json", "parse_raw", "parse_obj", "from_dict", "from_json",
    "validate_json", "validate_python", "load", "loads", "structure", "schema", "convert", "decode", "create",
})
# fmt: on


@dataclass(eq=False)
class Models:
    """Finds the classes that a content is turned into."""

    reach: Reach
    ledger: Ledger

    def is_model(self, unit: Unit, call: ast.Call) -> bool:
        """Whether a call of a loader is one of a class of the project."""
        if not isinstance(call.func, ast.Attribute):
            return False
        return self.reach.evaluator.world.class_behind(unit, call.func.value) is not None

    def built(self, unit: Unit, call: ast.Call, node: ast.expr) -> bool:
        """Note that a call makes a model of the content; ``False`` where it is another kind of call."""
        found = self._class(unit, call)
        if found is None:
            return False
        owner, model = found
        field = _field(model)
        if field is None:
            return bool(model.body)
        self._report(owner, model, field, unit, node)
        return True

    def _class(self, unit: Unit, call: ast.Call) -> tuple[Unit, ast.ClassDef] | None:
        world = self.reach.evaluator.world
        if isinstance(call.func, ast.Attribute) and call.func.attr in _BUILDERS:
            return world.class_behind(unit, call.func.value)
        return world.class_behind(unit, call.func)

    def made_of_content(self, unit: Unit) -> Iterator[ast.Call]:
        """The calls that make a class with a field share_id of something called content."""
        for call in unit.calls():
            named = any(
                last_name(part) == tiktok.CONTENT_KEY or getattr(part, "value", None) == tiktok.CONTENT_KEY
                for argument in [*call.args, *(k.value for k in call.keywords)]
                for part in ast.walk(argument)
                if isinstance(part, ast.expr)
            )
            found = self._class(unit, call) if named else None
            if found is not None and _field(found[1]) is not None:
                yield call

    def attribute(self, unit: Unit, node: ast.expr, content: ast.expr) -> None:
        """``content.share_id``: an object whose class may be known."""
        for owner in self.reach.evaluator.world.units.values():
            for model in ast.walk(owner.module.tree):
                if isinstance(model, ast.ClassDef) and _field(model) is not None:
                    field = _field(model)
                    if field is not None:
                        self._report(owner, model, field, unit, node)
                        return
        hint = (
            f"{shown(unit, content)} is an object whose class the tool does not know; read publish_id from it"
        )
        self.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, node)

    def annotated(self, unit: Unit, annotation: ast.expr | None, node: ast.expr) -> None:
        """``content: Content``: a typed dict whose key is a field."""
        if annotation is None:
            return
        found = self.reach.evaluator.world.class_behind(unit, annotation)
        field = _field(found[1]) if found is not None else None
        if found is not None and field is not None:
            self._report(found[0], found[1], field, unit, node)

    def _report(self, owner: Unit, model: ast.ClassDef, field: ast.AST, unit: Unit, node: ast.AST) -> None:
        place = f"{owner.path}:{owner.module.span(field).line}"
        hint = (
            f"the content becomes a {model.name}, which has a field share_id ({place}); "
            "rename the field to publish_id together with everything that reads it"
        )
        self.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, node)


def _field(model: ast.ClassDef) -> ast.stmt | None:
    """The field share_id of a class, or one with that alias."""
    for statement in model.body:
        if isinstance(statement, ast.AnnAssign | ast.Assign):
            target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
            if last_name(target) == tiktok.OLD_ID:
                return statement
            if statement.value is not None and any(
                isinstance(part, ast.Constant) and part.value == tiktok.OLD_ID
                for part in ast.walk(statement.value)
            ):
                return statement
    return None
