"""Arguments by name, whether they were given by position, by keyword or through ``**``."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from share2post.semantics.world import Unit, World, mutated


@dataclass(eq=False)
class Arguments:
    """The arguments of a call by parameter name; ``hidden`` are the stars that could not be looked through."""

    named: dict[str, ast.expr] = field(default_factory=dict)
    hidden: list[ast.expr] = field(default_factory=list)
    surplus: list[ast.expr] = field(default_factory=list)

    def get(self, name: str) -> ast.expr | None:
        """An argument's value; ``None`` where it is not given."""
        return self.named.get(name)


def arguments(world: World, unit: Unit, call: ast.Call, parameters: Sequence[str]) -> Arguments:
    """Read the arguments of a call whose positional parameters are these."""
    found = Arguments()
    for index, value in enumerate(call.args):
        if isinstance(value, ast.Starred):
            found.hidden.append(value)
        elif index < len(parameters):
            found.named[parameters[index]] = value
        else:
            found.surplus.append(value)
    for keyword in call.keywords:
        if keyword.arg is not None:
            found.named[keyword.arg] = keyword.value
            continue
        spread = _spread(world, unit, keyword.value)
        if spread is None:
            found.hidden.append(keyword.value)
        else:
            found.named.update(spread)
    return found


def _spread(world: World, unit: Unit, node: ast.expr) -> dict[str, ast.expr] | None:
    """``**{...}`` written out at the call; a name behind ``**`` may change elsewhere and stays hidden."""
    if isinstance(node, ast.Dict):
        items: dict[str, ast.expr] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return None
            items[key.value] = value
        return items
    return None


def is_none(node: ast.expr | None) -> bool:
    """Whether an argument is missing or the literal ``None``."""
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def named_dict(world: World, unit: Unit, node: ast.Name) -> ast.Dict | None:
    """The dict display behind a name that nothing changes in place."""
    binding = unit.flow.only(node)
    if binding is None or mutated(unit, binding) or not isinstance(binding.value, ast.Dict):
        return None
    return binding.value
