"""The shortest way through the tool: a run in which nothing legacy turns up anywhere.

It answers before click, the model or anything else that is slow to import is needed, which is
what a pre-commit hook feels. It knows only the plainest command lines; the long way, which
decides the same in the same words, takes every other.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from share2post.tiktok import STRONG_NEEDLES
from share2post.workspace.ignore import Selection
from share2post.workspace.read import read
from share2post.workspace.roots import place, project_root, upward
from share2post.workspace.survey import Survey
from share2post.workspace.targets import missing, resolve

FORCE_EXCLUDE: Final = "--force-exclude"
CONFIGURED: Final = b"share2post"
# A suppression that silences nothing is reported even where nothing legacy is left.
NEEDLES: Final = (*STRONG_NEEDLES, b"share2post:")


def files_without_legacy_names(arguments: Sequence[str]) -> int | None:
    """How many files a plain command line asks about, if the whole project holds no legacy name.

    ``None`` means that this way cannot tell.
    """
    options = {argument for argument in arguments if argument.startswith("-")}
    paths = [argument for argument in arguments if argument not in options] or ["."]
    if options - {FORCE_EXCLUDE} or missing(paths):
        return None
    places = [place(path) for path in paths]
    root = project_root(places, os.getcwd())
    if _is_configured(os.path.commonpath(places)):
        return None
    selection = Selection()
    survey = Survey(root, selection)
    legacy = survey.look(NEEDLES)
    targets = resolve(paths, survey, selection, force_exclude=FORCE_EXCLUDE in options)
    new = targets.asked.keys() - survey.files.keys()
    legacy |= survey.search_files(new, NEEDLES)
    if legacy or survey.unread or survey.notes or not targets.asked:
        return None
    return len(targets.asked)


def _is_configured(directory: str) -> bool:
    for above in upward(directory):
        try:
            if CONFIGURED in read(os.path.join(above, "pyproject.toml")):
                return True
        except OSError:
            continue
    return False
