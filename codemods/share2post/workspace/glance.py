"""The first look at what a command line asks about, and the shortest way through the tool.

Most runs find nothing legacy anywhere. They are answered before click, the model or anything else
that is slow to import is needed, which is what a pre-commit hook feels. The long way, which every
other run takes, goes on from what was seen here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from share2post.tiktok import STRONG_NEEDLES
from share2post.wording import MARKER
from share2post.workspace.ignore import Selection
from share2post.workspace.read import read
from share2post.workspace.roots import common_directory, place, project_root, upward
from share2post.workspace.survey import Survey, Tick
from share2post.workspace.targets import Targets, missing, resolve

if TYPE_CHECKING:
    from share2post.settings import Settings

FORCE_EXCLUDE: Final = "--force-exclude"
QUIET: Final = frozenset({"-q", "--quiet"})
KNOWN: Final = QUIET | {FORCE_EXCLUDE, "--unsafe-fixes"}
CONFIGURED: Final = b"share2post"
# A suppression that silences nothing is reported even where nothing legacy is left; an annotation is removed.
NEEDLES: Final = (*STRONG_NEEDLES, b"share2post:", MARKER.encode())


class Glance:
    """A project at first sight: its files, those that are asked about, and those with legacy names."""

    __slots__ = ("legacy", "survey", "targets")

    def __init__(self, survey: Survey, targets: Targets, legacy: set[str]) -> None:
        self.survey = survey
        self.targets = targets
        self.legacy = legacy

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to say but how many files were looked at."""
        return bool(self.targets.asked) and not (self.legacy or self.survey.unread or self.survey.notes)


def look(
    paths: Sequence[str], selection: Selection, *, force_exclude: bool, tick: Tick | None = None
) -> Glance:
    """List and search the project of these paths, which exist."""
    root = project_root([place(path) for path in paths], os.getcwd())
    survey = Survey(root, selection, tick)
    legacy = survey.look(NEEDLES)
    targets = resolve(paths, survey, selection, force_exclude=force_exclude)
    legacy |= survey.search_files(targets.asked.keys() - survey.files.keys(), NEEDLES)
    return Glance(survey, targets, legacy)


def look_at_command_line(arguments: Sequence[str], tick: Tick | None = None) -> Glance | None:
    """The same for the plainest command lines; ``None`` for those that click has to read."""
    options = {argument for argument in arguments if argument.startswith("-")}
    paths = [argument for argument in arguments if argument not in options] or ["."]
    if options - KNOWN or missing(paths):
        return None
    force_exclude = FORCE_EXCLUDE in options
    directory = common_directory([place(path) for path in paths])
    if not _is_configured(directory):
        return look(paths, Selection(), force_exclude=force_exclude, tick=tick)
    from share2post.workspace.config import ConfigError, configuration

    try:
        settings = configuration(directory).settings
    except ConfigError:
        return None
    force_exclude = force_exclude or settings.force_exclude
    return look(paths, selection_of(settings), force_exclude=force_exclude, tick=tick)


def selection_of(settings: Settings) -> Selection:
    """Which files these settings want."""
    return Selection(settings.include, settings.exclude, settings.extend_exclude)


def _is_configured(directory: str) -> bool:
    for above in upward(directory):
        try:
            if CONFIGURED in read(os.path.join(above, "pyproject.toml")):
                return True
        except OSError:
            continue
    return False
