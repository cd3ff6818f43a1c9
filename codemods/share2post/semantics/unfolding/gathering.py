"""Keyword arguments that a function gathers, changes and passes on: ``**options``, and local dicts like it.

::

    options.setdefault("timeout", 30)
    return requests.post(url, **options)    # requests.post(url, files={"video": video}, timeout=30)
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from share2post.semantics.unfolding.folding import Known
from share2post.semantics.unfolding.slots import CannotUnfold, Names, Slot, constant_text, is_settled
from share2post.semantics.unfolding.wording import Scene


@dataclass(eq=False)
class Gatherer:
    """Follows them; ``row`` writes a statement."""

    scene: Scene
    names: Names
    row: Callable[[str], None]

    def set_entry(self, held: dict[str, Slot], key: ast.expr, value: ast.expr, in_branch: bool) -> None:
        """``options["timeout"] = 30``."""
        if in_branch or not isinstance(key, ast.Constant):
            raise CannotUnfold("its keyword arguments are changed in a branch")
        known = self.scene.folder.value(value)
        if is_settled(known) and isinstance(known, Known):
            held[str(key.value)] = Slot(known, constant_text(known.value))
            return
        text = self.scene.text(value)
        if isinstance(value, ast.Name) or text.isidentifier():
            held[str(key.value)] = Slot(known, text)
            return
        local = self.names.local(str(key.value))
        self.row(f"{local} = {text}")
        held[str(key.value)] = Slot(known, local=local)

    def changes(self, call: ast.Call, in_branch: bool) -> bool:
        """``options.setdefault("timeout", 30)``, ``options.pop("x", None)``, ``options.update(timeout=30)``."""
        func = call.func
        held = self.scene.entries(func.value) if isinstance(func, ast.Attribute) else None
        if held is None or not isinstance(func, ast.Attribute):
            return False
        found = self.scene.entry(call)
        if in_branch or (found is None and (func.attr != "update" or call.args)):
            raise CannotUnfold("its keyword arguments are changed in a way the tool does not follow")
        if found is None:
            for keyword in call.keywords:
                self.set_entry(held, ast.Constant(keyword.arg), keyword.value, in_branch)
        elif func.attr == "setdefault" and found.key not in held and found.default is not None:
            self.set_entry(held, ast.Constant(found.key), found.default, in_branch)
        elif func.attr == "pop":
            held.pop(found.key, None)
        return True

    def starts(self, target: ast.Name, value: ast.expr, in_branch: bool) -> bool:
        """``arguments = {"timeout": 30}``, a dict that is only filled and spread into calls: it is taken apart."""
        named = isinstance(value, ast.Dict) and all(
            isinstance(key, ast.Constant) and str(key.value).isidentifier() for key in value.keys
        )
        bindings = self.scene.unit.flow.scopes[self.scene.function].bindings.get(target.id, [])
        if in_branch or not named or len(bindings) != 1:
            return False
        parents = [self.scene.unit.module.parent(use) for use in bindings[0].uses]
        spread = any(isinstance(parent, ast.keyword) and parent.arg is None for parent in parents)
        return spread and all(_fills(parent) for parent in parents)

    def start(self, target: ast.Name, value: ast.Dict) -> None:
        """Take such a dict apart."""
        held = self.scene.gathered[target.id] = {}
        for key, entry in zip(value.keys, value.values, strict=True):
            if key is not None:
                self.set_entry(held, key, entry, False)


def _fills(parent: ast.AST | None) -> bool:
    """Whether a use of a dict only fills it, reads an entry or spreads it into a call."""
    if isinstance(parent, ast.keyword):
        return parent.arg is None
    if isinstance(parent, ast.Subscript):
        return isinstance(parent.slice, ast.Constant) and not isinstance(parent.ctx, ast.Del)
    return isinstance(parent, ast.Attribute) and parent.attr in ("get", "pop", "setdefault", "update")
