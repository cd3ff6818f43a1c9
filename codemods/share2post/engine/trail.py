"""Where sites stand while others are migrated before them: a site keeps its name when it moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from share2post.engine.apply import ordered
from share2post.model import Edit, Project, Site
from share2post.semantics.module import Unreadable, parse

Spot = tuple[str, int]


class Trail:
    """The names of sites, which are their keys in the project as it was, and where they are by now."""

    def __init__(self, project: Project, keys: Iterable[str]) -> None:
        self._spots: dict[str, Spot] = {}
        for key in keys:
            spot = _spot(project, key)
            if spot is not None:
                self._spots[key] = spot

    def names(self, project: Project, sites: Iterable[Site]) -> set[str]:
        """The names of sites of a plan of the project as it is now; one that is new gets one."""
        found: set[str] = set()
        for site in sites:
            spot = _spot(project, site.key)
            known = [name for name, at in self._spots.items() if at == spot]
            if not known and spot is not None:
                known = [f"{site.key}+{len(self._spots)}"]
                self._spots[known[0]] = spot
            found.update(known)
        return found

    def knows(self, name: str) -> bool:
        """Whether a site is still where it can be found."""
        return name in self._spots

    def move(self, edits: Mapping[str, Sequence[Edit]]) -> None:
        """Follow the sites through edits of their files; those in what is replaced are lost."""
        moved: dict[str, Spot] = {}
        for name, (path, offset) in self._spots.items():
            after = _behind(offset, edits.get(path, ()))
            if after is not None:
                moved[name] = path, after
        self._spots = moved


def _behind(offset: int, edits: Sequence[Edit]) -> int | None:
    shift = 0
    for edit in ordered(edits):
        if edit.start <= offset < edit.end:
            return None
        if edit.end <= offset:
            shift += len(edit.text) - (edit.end - edit.start)
    return offset + shift


def _spot(project: Project, key: str) -> Spot | None:
    """The byte at which a key's site begins; ``None`` for what is no place in a file that parses."""
    path, line, column = [*key.rsplit(":", 2), "", ""][:3]
    data = next((file.data for file in project.files if file.path == path), None)
    if data is None or not (line.isdigit() and column.isdigit()):
        return None
    try:
        module = parse(path, data)
    except Unreadable:
        return None
    start = module.starts[int(line) - 1] + int(column) - 1
    return path, module.byte_edits([(start, start, "")])[0].start
