"""``[tool.share2post]`` of the nearest ``pyproject.toml``."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Final

from share2post.catalogue import unknown_codes
from share2post.settings import Settings
from share2post.workspace.read import read, why
from share2post.workspace.roots import upward

TABLE: Final = b"share2post"
LISTS: Final = ("select", "ignore", "include", "exclude", "extend-exclude")
FLAGS: Final = ("force-exclude", "unsafe-fixes")


class ConfigError(Exception):
    """A configuration that cannot be used, said in a sentence."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings a project asks for, and the file that says so."""

    settings: Settings
    path: str | None = None


def configuration(directory: str) -> Configuration:
    """What the nearest ``pyproject.toml`` with a ``[tool.share2post]`` table says."""
    for above in upward(directory):
        path = os.path.join(above, "pyproject.toml")
        try:
            data = read(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ConfigError(f"{path}: could not be read: {why(error)}") from error
        if TABLE in data and (table := _table(path, data)) is not None:
            return Configuration(_settings(path, table), path)
    return Configuration(Settings())


def _table(path: str, data: bytes) -> dict[str, object] | None:
    import tomllib

    try:
        document = tomllib.loads(data.decode("utf-8"))
    except ValueError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    tool = document.get("tool")
    table = tool.get("share2post") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.share2post has to be a table")
    return table


def _settings(path: str, table: dict[str, object]) -> Settings:
    settings = Settings()
    for key, value in table.items():
        field = key.replace("-", "_")
        if key in LISTS:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise ConfigError(f"{path}: {key} has to be a list of strings")
            settings = _with(settings, field, tuple(str(item) for item in value))
            if key in ("select", "ignore") and (unknown := unknown_codes(value)):
                raise ConfigError(f"{path}: {key}: no rule is called {unknown[0]!r}")
        elif key in FLAGS:
            if not isinstance(value, bool):
                raise ConfigError(f"{path}: {key} has to be true or false")
            settings = _with(settings, field, value)
        else:
            known = ", ".join((*LISTS, *FLAGS))
            raise ConfigError(f"{path}: unknown key {key!r} in [tool.share2post]; the known keys are {known}")
    return settings


def _with(settings: Settings, field: str, value: tuple[str, ...] | bool) -> Settings:
    return replace(settings, **{field: value})  # type: ignore[arg-type]  # checked by the caller
