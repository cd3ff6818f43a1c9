"""Where a tracked value leaves sight, or goes into a function of the project."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from share2post.model import Reason
from share2post.semantics.callers import argument_for, callers, parameter_of
from share2post.semantics.flow import Kind
from share2post.semantics.reading.keys import OLD_WORDS, constant
from share2post.semantics.reading.tracked import MODELS, NAMES, OPAQUE, What
from share2post.semantics.relatives import related
from share2post.semantics.test_paths import is_test_path
from share2post.semantics.world import Unit

if TYPE_CHECKING:
    from share2post.semantics.reads import Reader


_CODE_NAMES = ("code", "error_code", "err_code", "errcode", "error", "err", "errno")
_WHOLES = (What.BODY, What.DATA, What.EXTRA)


@dataclass(eq=False)
class Exits:
    """Where a tracked value leaves sight, or goes into a function of the project."""

    reader: Reader

    def elsewhere(self, unit: Unit, node: ast.expr, parent: ast.AST | None, what: What) -> None:
        """A use that is neither a known read nor an assignment."""
        models = self.reader.models
        if what in (What.BODY, What.RAW) and models.parsed(unit, node, parent, what):
            return
        if models.built.taken(unit, node, parent, what) or self.reader.tables.taken(unit, node, parent, what):
            return
        hint = self._taken_whole(unit, node, parent) if what in _WHOLES else None
        if hint is not None:
            self.reader.draft.stop(Reason.UNKNOWN_READ, hint, unit, parent or node)
            return
        if what is What.CODE and self.compared_elsewhere(unit, node, parent):
            return
        if self.reader.sinks.harmless(unit, node, parent, boolean=what is not What.CODE):
            return
        call = (
            parent
            if isinstance(parent, ast.Call)
            else unit.module.parent(parent)
            if parent is not None
            else None
        )
        if (
            isinstance(call, ast.Call)
            and isinstance(parent, ast.Call | ast.keyword)
            and call.func is not node
        ):
            if self._argument(unit, node, call, what):
                return
            self.lost(unit, node, what, f"is handed to {_callee_text(unit, call)}")
            return
        self.lost(unit, node, what, "goes into something the tool does not follow")

    def _taken_whole(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> str | None:
        """How the answer's fields are used without being named, if so."""
        match parent:
            case ast.Call() if _is_len(parent):
                return "the answer's fields are counted or listed"
            case ast.Match():
                return "the answer is matched with patterns, which the tool cannot map"
            case ast.Dict() if not _is_spread(parent, node):
                return None
            case ast.For() | ast.AsyncFor() | ast.comprehension() | ast.Starred() | ast.Dict():
                return "the answer's fields are taken as they come, whatever their names"
            case ast.keyword(arg=None):
                return "the answer's fields are spread into a call, which expects the old names"
            case ast.Compare() if isinstance(parent.ops[0], ast.In | ast.NotIn) and parent.left is not node:
                return "the answer is searched for a key the tool cannot tell"
            case ast.Compare() if isinstance(parent.ops[0], ast.Eq | ast.NotEq):
                return "the answer is compared as a whole"
            case ast.BinOp():
                return "the answer is merged with something else"
        call = (
            parent
            if isinstance(parent, ast.Call)
            else unit.module.parent(parent)
            if parent is not None
            else None
        )
        if (
            not isinstance(call, ast.Call)
            or not isinstance(parent, ast.Call | ast.keyword)
            or call.func is node
        ):
            return None
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        model = self.reader.evaluator.world.class_behind(unit, receiver)
        if model is not None and self.reader.evaluator.callee(unit, call) is None:
            return f"the answer is parsed into {model[1].name}, whose fields are those of the old answer"
        words = {part.value for part in ast.walk(call) if isinstance(part, ast.Constant)}
        if any(isinstance(word, str) and old in word for word in words for old in OLD_WORDS):
            return "the answer is read by a path of names, which the tool cannot map"
        return None

    def compared_elsewhere(self, unit: Unit, node: ast.expr, parent: ast.AST | None) -> bool:
        """The code goes into an attribute or a dict's entry that some place takes for a number."""
        name = _kept_as(unit, node, parent)
        # what a test expects moves with what it answers, or the upload waits
        places = (p for p in self.reader.raised.numbers(name) if not is_test_path(p[0].path)) if name else ()
        place = next(iter(places), None)
        if place is not None:
            self.is_number(unit, node, name, place)
        return place is not None

    def is_number(self, unit: Unit, node: ast.expr, name: str, place: tuple[Unit, ast.expr]) -> None:
        """Note where the code is taken for the number it was."""
        other, use = place
        hint = f"it is kept as {name} and used as a number at {other.path}:{use.lineno}"
        self.reader.draft.stop(
            Reason.RESPONSE_ESCAPES, f"the error code is a word now, but {hint}", unit, node
        )

    def _number_by_name(self, unit: Unit, node: ast.expr, how: str) -> bool:
        """Whether something that is called a code is taken for a number where this one may have gone."""
        near = related(self.reader.evaluator.world, unit)
        for name in _CODE_NAMES:
            for other, use in self.reader.raised.numbers(name):
                if other in near and not is_test_path(other.path):
                    hint = f"it {how}, and {name} is used as a number at {other.path}:{use.lineno}"
                    stop = f"the error code is a word now, but {hint}"
                    self.reader.draft.stop(Reason.RESPONSE_ESCAPES, stop, unit, node)
                    return True
        return False

    def _nearby(self, unit: Unit, node: ast.expr, how: str) -> bool:
        """Whether the code goes on in plain sight, in something that is not followed: a lambda, a collection."""
        parent = unit.module.parent(node)
        gathered = isinstance(unit.module.parent(parent or node), ast.For | ast.comprehension)
        seen = how.startswith(("is put into a list", "is collected", "is taken apart")) or gathered
        if isinstance(parent, ast.Call) and parent.func is not node:
            definition = self.reader.evaluator.world.definition(unit, parent.func)
            seen = seen or (definition is not None and isinstance(definition.value, ast.Lambda))
            made = self.reader.evaluator.world.class_behind(unit, parent.func)
            bases = [ast.unparse(base) for base in made[1].bases] if made is not None else []
            seen = seen or any(base.endswith(("Enum", "Flag")) for base in bases)
        seen = seen or isinstance(parent, ast.List | ast.Tuple | ast.Set | ast.ListComp | ast.GeneratorExp)
        if seen:
            hint = f"the error code, which is a word now, {how}; what is done with it there cannot be told"
            self.reader.draft.stop(Reason.RESPONSE_ESCAPES, hint, unit, node)
        return seen

    def _argument(self, unit: Unit, node: ast.expr, call: ast.Call, what: What) -> bool:
        """Into the project's own function, when all its callers are seen to pass such a value."""
        callee = self.reader.evaluator.callee(unit, call)
        if callee is None:
            return what is What.CODE and self.reader.raised.made(unit, node, call)
        owner, function = callee
        name = parameter_of(call, node, owner, function)
        scope = owner.flow.scopes.get(function)
        if name is None or scope is None:
            return False
        binding = next((b for b in scope.bindings.get(name, []) if b.kind is Kind.PARAMETER), None)
        if binding is None or what in (What.DATA, What.EXTRA):
            return False
        before = len(self.reader.draft.changes)
        for use in list(binding.uses):
            if isinstance(use.ctx, ast.Load):
                self.reader.follow(owner, use, what)
        if len(self.reader.draft.changes) > before or what in MODELS or what is What.TABLE:
            for other_unit, other in callers(self.reader.evaluator, owner, function):
                if other is not call:
                    passed = argument_for(other, owner, function, name)
                    hint = (
                        f"{function.name} reads the answer and is also used for other answers"
                        f" ({other_unit.path}:{other.lineno})"
                    )
                    self.reader.draft.share(passed or other, Reason.WRAPPER, hint, unit, call)
        return True

    def lost(self, unit: Unit, node: ast.expr, what: What, how: str) -> None:
        """The value leaves sight; text that is only shown may, text that is returned may be parsed."""
        if what in OPAQUE and not (what is What.RAW and how.startswith("is returned")):
            return
        if what is What.RESPONSE and self.reader.shape.once:
            hint = f"the response {how}; its body can be read only once, and the upload needs it"
            self.reader.draft.stop(Reason.RESPONSE_ESCAPES, hint, unit, node)
            return
        if what is What.CODE and (self._number_by_name(unit, node, how) or self._nearby(unit, node, how)):
            return
        self.reader.draft.lost = True
        self.reader.draft.doubt(
            Reason.RESPONSE_ESCAPES,
            f"{NAMES[what]} {how}; what reads it there must know the new answer",
            unit,
            node,
        )


def _callee_text(unit: Unit, call: ast.Call) -> str:
    text = unit.module.source(call.func)
    return text if len(text) < 60 and "\n" not in text else "a call"


def _is_spread(display: ast.Dict, node: ast.expr) -> bool:
    return any(key is None and value is node for key, value in zip(display.keys, display.values, strict=True))


def _is_len(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in (
        "len",
        "sorted",
        "list",
        "set",
        "tuple",
        "dict",
    )


def _kept_as(unit: Unit, node: ast.expr, parent: ast.AST | None) -> str:
    """The attribute or key that a value is kept under."""
    if isinstance(parent, ast.Attribute):
        return parent.attr
    if isinstance(parent, ast.Dict) and node in parent.values:
        key = parent.keys[parent.values.index(node)]
        return str(constant(key)) if isinstance(key, ast.Constant) else ""
    if isinstance(parent, ast.keyword):
        return parent.arg or ""
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Subscript):
        return str(constant(parent.targets[0].slice) or "")
    return ""
