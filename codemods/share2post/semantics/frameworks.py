"""Settings that a framework keeps for a project: ``django.conf.settings``."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from share2post.semantics.units import Definition, Unit

if TYPE_CHECKING:
    from share2post.semantics.world import World

DJANGO: Final = "django.conf.settings"
CHOICE: Final = "DJANGO_SETTINGS_MODULE"


def setting(world: World, unit: Unit, node: ast.Attribute) -> Definition | None:
    """``settings.NAME`` of Django, where one module of the project's settings defines it.

    Which module Django reads is for the environment to say, so it may be another.
    """
    if world.qualified(unit, node.value) != DJANGO:
        return None
    homes = [home for home in world.units.values() if _is_settings(home) and home.flow.exports(node.attr)]
    found = world.exported(homes[0], node.attr) if len(homes) == 1 else None
    return replace(found, chosen_by=CHOICE) if found is not None else None


def _is_settings(unit: Unit) -> bool:
    """Whether a module is where Django projects keep their settings."""
    folders = unit.path.removesuffix(".py").split("/")
    return any("settings" in part for part in folders[-2:])
