"""Calls written out in a file's text, and the way from there back to the file as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from share2post.engine.apply import apply, ordered
from share2post.model import Edit, Span


class Tangled(Exception):
    """An edit reaches into something that belongs to another upload."""


@dataclass(frozen=True)
class Region:
    """The bytes ``start:end`` of a file and what stands for them in the written-out text.

    ``origin`` says which upload it belongs to, ``path`` and ``span`` where a reader of the files sees it,
    ``through`` which functions it went through.
    """

    start: int
    end: int
    text: bytes
    origin: tuple[str, int]
    path: str
    span: Span
    through: tuple[str, ...]


# A stretch of the file, its new text, the regions in it, whether an edit is among what was merged.
Merged = tuple[int, int, bytes, list[Region], bool]


@dataclass(frozen=True)
class Layout:
    """The regions of one file, in order."""

    data: bytes
    regions: tuple[Region, ...] = ()

    @property
    def written(self) -> bytes:
        """The file with its calls written out."""
        return apply(self.data, [Edit(r.start, r.end, r.text) for r in self.regions])

    def placed(self) -> list[tuple[int, int, Region]]:
        """The regions with where they stand in the written-out text."""
        found, shift = [], 0
        for region in self.regions:
            start = region.start + shift
            found.append((start, start + len(region.text), region))
            shift += len(region.text) - (region.end - region.start)
        return found

    def region(self, offset: int) -> Region | None:
        """The region that holds a place of the written-out text."""
        return next((r for low, high, r in self.placed() if low <= offset < high), None)

    def original(self, offset: int) -> int:
        """The place in the file of one in the written-out text: that of the region's start within a region."""
        shift = 0
        for low, high, region in self.placed():
            if offset < high:
                return region.start if offset > low else offset - shift
            shift += len(region.text) - (region.end - region.start)
        return offset - shift

    def extended(self, edits: Iterable[Edit], added: Region) -> Layout:
        """The same file with one more call written out, its edits given on the written-out text. Raises Tangled."""
        found = []
        for start, end, text, inner, changed in self._merged(list(edits), self.regions):
            names = [*(name for r in inner for name in r.through), *(added.through if changed else ())]
            first = inner[0] if inner else added
            found.append(
                Region(start, end, text, first.origin, first.path, first.span, tuple(dict.fromkeys(names)))
            )
        return Layout(self.data, tuple(sorted(found, key=lambda r: (r.start, r.end))))

    def composed(self, edits: Iterable[Edit], origin: tuple[str, int]) -> tuple[Edit, ...]:
        """Edits on the written-out text, with the upload's own regions, as edits of the file. Raises Tangled."""
        mine = [region for region in self.regions if region.origin == origin]
        found = self._merged(list(edits), mine)
        return tuple(ordered(Edit(start, end, text) for start, end, text, _, _ in found))

    def _merged(self, edits: list[Edit], mine: Sequence[Region]) -> list[Merged]:
        """Edits and regions that touch, made one; each as a stretch of the file and its new text."""
        written = self.written
        items: list[tuple[int, int, Edit | Region]] = [(e.start, e.end, e) for e in ordered(edits)]
        items += [(low, high, r) for low, high, r in self.placed() if r in mine]
        items.sort(key=lambda item: (item[0], item[1]))
        clusters: list[list[tuple[int, int, Edit | Region]]] = []
        for item in items:
            last = clusters[-1] if clusters else []
            touching = bool(last) and item[0] <= max(end for _, end, _ in last)
            if touching and any(isinstance(member, Region) for _, _, member in [*last, item]):
                last.append(item)
            else:
                clusters.append([item])
        return [self._one(written, cluster, mine) for cluster in clusters]

    def _one(
        self, written: bytes, cluster: list[tuple[int, int, Edit | Region]], mine: Sequence[Region]
    ) -> Merged:
        low, high = min(start for start, _, _ in cluster), max(end for _, end, _ in cluster)
        for start, end, region in self.placed():
            if region not in mine and start < high and low < end:
                raise Tangled(f"bytes {low} to {high}")
        inside = [Edit(e.start - low, e.end - low, e.text) for _, _, e in cluster if isinstance(e, Edit)]
        regions = [region for _, _, region in cluster if isinstance(region, Region)]
        first = next((r for start, _, r in self.placed() if start == low and r in regions), None)
        last = next((r for _, end, r in self.placed() if end == high and r in regions), None)
        start = first.start if first is not None else self.original(low)
        end = last.end if last is not None else self.original(high)
        return start, end, apply(written[low:high], inside), regions, bool(inside)
