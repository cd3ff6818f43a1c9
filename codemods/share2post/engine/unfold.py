"""Uploads through wrappers: the project is planned with the call written out, and the plan carried back.

Where that does not come to a whole migration the call stays as it is, and the finding says why.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace

from share2post.engine.apply import Overlap, apply
from share2post.engine.plan import Planner
from share2post.engine.regions import Layout, Region, Tangled
from share2post.engine.verify import problem
from share2post.model import Edit, FileEdits, Finding, Fix, Plan, Project, Reason, Site, SourceFile, Span
from share2post.rules.unfolding import Callee, CannotUnfold, Unfolder, Unfolding
from share2post.semantics.module import Module, Unreadable, parse
from share2post.semantics.world import Unit
from share2post.settings import Settings

_ROUNDS = 5
Origin = tuple[str, int]


def plan(project: Project, settings: Settings) -> Plan:
    """Plan a project; calls that stand in the way are written out first, where that helps."""
    planner = Planner(project, settings)
    first = planner.plan()
    if not any(_is_left(site) for site in first.sites):
        return first
    refused: dict[Origin, str] = {}
    while True:
        attempt = _Attempt(project, settings, refused, planner, first)
        if not attempt.unfold():
            return _explained(first, {**attempt.hindered, **refused}, attempt.lines)
        result = attempt.carried_back()
        if result is not None:
            return _explained(result, {**attempt.hindered, **refused}, attempt.lines)


def _is_left(site: Site) -> bool:
    return site.fix is Fix.MANUAL and any(f.rule == "S2P001" and not f.suppressed for f in site.findings)


@dataclass(eq=False)
class _Attempt:
    """One try with all calls written out but those known not to help."""

    project: Project
    settings: Settings
    refused: dict[Origin, str]
    planner: Planner
    latest: Plan
    layouts: dict[str, Layout] = field(default_factory=dict)
    hindered: dict[Origin, str] = field(default_factory=dict)
    ways: dict[str, Back] = field(default_factory=dict)
    lines: dict[Origin, tuple[int, int]] = field(
        default_factory=dict
    )  # the lines of each upload's first call

    def unfold(self) -> bool:
        """Write calls out, round by round; whether there were any."""
        self.layouts = {file.path: Layout(file.data) for file in self.project.files}
        silenced = [f for site in self.latest.sites for f in site.findings if f.suppressed]
        for _ in range(_ROUNDS):
            edits = self._edits(self._proposals(silenced))
            if not edits:
                break
            for path, edit, region in edits:
                self.layouts[path] = self.layouts[path].extended([edit], region)
            files = [SourceFile(file.path, self.layouts[file.path].written) for file in self.project.files]
            self.planner = Planner(replace(self.project, files=tuple(files)), self.settings)
            self.latest = self.planner.plan()
        return any(layout.regions for layout in self.layouts.values())

    def _proposals(self, silenced: list[Finding]) -> list[tuple[Origin, Unfolding]]:
        """The calls to write out next, each with the upload it belongs to."""
        unfolder = Unfolder(self.planner.evaluator)
        calls: list[tuple[Origin, Unit, ast.Call, Callee]] = []
        for unit in self.planner.evaluator.world.units.values():
            calls += [
                (self._origin(unit, call), unit, call, callee) for call, callee in unfolder.wrappers(unit)
            ]
        for draft in self.planner.drafts:
            unit, request = draft.place.unit, draft.place.node
            if draft.obstacles and isinstance(request, ast.Call):
                found = unfolder.checkers(unit, request)
                calls += [(self._origin(unit, request), unit, call, callee) for call, callee in found]
        proposals = []
        for origin, unit, call, callee in calls:
            span = self._span(unit, call)[1]
            self.lines.setdefault(origin, (span.line, span.end_line))
            if origin in self.refused or self._is_silenced(origin, silenced):
                continue
            try:
                proposals.append((origin, unfolder.unfold(unit, call, callee)))
            except CannotUnfold as error:
                self.hindered.setdefault(origin, f"{callee.place} cannot be followed: {error}")
        return proposals

    def _edits(self, proposals: list[tuple[Origin, Unfolding]]) -> list[tuple[str, Edit, Region]]:
        """The edits of the proposals, the last in a file first; one proposal gives way to another it overlaps."""
        found: list[tuple[str, Edit, Region]] = []
        for origin, unfolding in proposals:
            path, span = self._span(unfolding.unit, unfolding.call)
            region = Region(0, 0, b"", origin, path, span, (unfolding.through,))
            own: list[tuple[str, Edit, Region]] = []
            for unit, start, end, text in unfolding.edits:
                own += [(unit.path, edit, region) for edit in unit.module.byte_edits([(start, end, text)])]
            apart = all(
                name != other or edit.end < done.start or done.end < edit.start
                for name, edit, _ in own for other, done, _ in found
            )  # fmt: skip
            found += own if apart else []
        return sorted(found, key=lambda item: (item[0], -item[1].start))

    def _is_silenced(self, origin: Origin, silenced: list[Finding]) -> bool:
        """Whether a comment of the user's asks for this call to be left."""
        path, offset = origin
        data = self.layouts[path].data
        line = data[:offset].count(b"\n") + 1
        return any(f.path == path and f.span.line <= line <= f.span.end_line for f in silenced)

    def _origin(self, unit: Unit, node: ast.AST) -> Origin:
        """The upload a node of the written-out project belongs to: where its first call is in the file."""
        layout = self.layouts[unit.path]
        offset = _byte(unit.module, unit.module.extent(node)[0])
        region = layout.region(offset)
        return region.origin if region is not None else (unit.path, layout.original(offset))

    def _span(self, unit: Unit, node: ast.AST) -> tuple[str, Span]:
        """Where a reader of the file sees a node."""
        start, end = (_byte(unit.module, offset) for offset in unit.module.extent(node))
        return Back(self.layouts[unit.path], unit.path, unit.module).span(start, end)

    # the way back

    def carried_back(self) -> Plan | None:
        """The plan on the files as they are; ``None`` where something written out did not help."""
        known = {r.origin for layout in self.layouts.values() for r in layout.regions}
        drafts = [*self.planner.drafts, *[None] * (len(self.latest.sites) - len(self.planner.drafts))]
        bad: dict[Origin, str] = {}
        settled: set[Origin] = set()
        sites: list[Site] = []
        for site, draft in zip(self.latest.sites, drafts, strict=True):
            origin = self._origin(draft.place.unit, draft.place.node) if draft is not None else ("", 0)
            if origin in known and site.fix is Fix.MANUAL:
                bad.setdefault(origin, _why(site))
            settled.add(origin)
            try:
                sites.append(self._back(site, origin))
            except (Tangled, Overlap):
                bad.setdefault(origin, "its parts are used by another upload too")
        for origin in known - settled:
            bad[origin] = "no upload is seen in it"
        if bad:
            for origin in bad.keys() & known or known:
                self.refused[origin] = (
                    bad.get(origin) or "it belongs together with another upload that is left"
                )
            return None
        return Plan(tuple(sites), self.latest.failures)

    def _back(self, site: Site, origin: Origin) -> Site:
        """A site on the files as they are. Raises Tangled."""
        edits = {file.path: file.edits for file in site.edits}
        for path, layout in self.layouts.items():
            if site.edits and any(r.origin == origin for r in layout.regions):
                edits.setdefault(path, ())
        found = []
        for path, made in edits.items():
            layout = self.layouts[path]
            if not layout.regions:
                found.append(FileEdits(path, made))
                continue
            composed = layout.composed(made, origin)
            if problem(parse(path, layout.data), apply(layout.data, composed), composed) is not None:
                raise Tangled(path)
            found.append(FileEdits(path, composed))
        findings = tuple(self._finding(finding) for finding in site.findings)
        return replace(
            site, key=self._key(site.key), group=self._key(site.group) if site.group else "",
            findings=findings, edits=tuple(found),
        )  # fmt: skip

    def _finding(self, finding: Finding) -> Finding:
        back = self._way(finding.path)
        message = finding.message
        for path, layout in self.layouts.items():
            if layout.regions:
                message = self._way(path).message(message)
        through = back.through(finding.span) if finding.rule == "S2P001" else ()
        if through:
            head, semicolon, rest = message.partition(";")
            message = f"{head} by way of {' and '.join(through)}{semicolon}{rest}"
        path, span = back.mapped(finding.span)
        return replace(finding, path=path, span=span, message=message, site=self._key(finding.site))

    def _key(self, key: str) -> str:
        path, line, column = key.rsplit(":", 2)
        path, span = self._way(path).mapped(Span(int(line), int(column), int(line), int(column)))
        return f"{path}:{span.line}:{span.column}"

    def _way(self, path: str) -> Back:
        if path not in self.ways:
            layout = self.layouts[path]
            self.ways[path] = Back(layout, path, _parsed(path, layout))
        return self.ways[path]


@dataclass(frozen=True, eq=False)
class Back:
    """Places of a written-out file as places of the file; ``None`` for one that cannot be read."""

    layout: Layout
    path: str
    module: Module | None

    def mapped(self, span: Span) -> tuple[str, Span]:
        """A stretch of the written-out file, as a reader of the files sees it."""
        if not self.layout.regions or self.module is None:
            return self.path, span
        start, end = (
            self._offset(*place) for place in ((span.line, span.column), (span.end_line, span.end_column))
        )
        return self.span(start, end)

    def span(self, start: int, end: int) -> tuple[str, Span]:
        """The same for bytes."""
        region = self.layout.region(start)
        if region is not None:
            return region.path, region.span
        original = parse(self.path, self.layout.data)
        low = _text(original, self.layout.original(start))
        return self.path, original.span_of(low, max(low, _text(original, self.layout.original(end))))

    def through(self, span: Span) -> tuple[str, ...]:
        """The functions that a place was written out from."""
        if not self.layout.regions or self.module is None:
            return ()
        region = self.layout.region(self._offset(span.line, span.column))
        return region.through if region is not None else ()

    def message(self, text: str) -> str:
        """A message with the lines it names as they are in the file."""

        def line(match: re.Match[str]) -> str:
            number = int(match[1])
            path, span = self.mapped(Span(number, 1, number, 1))
            return f"{path}:{span.line}"

        return re.sub(rf"(?<![\w/.-]){re.escape(self.path)}:(\d+)", line, text)

    def _offset(self, line: int, column: int) -> int:
        module = self.module
        if module is None or line > len(module.starts):
            return 0
        return _byte(module, module.starts[line - 1] + column - 1)


def _parsed(path: str, layout: Layout) -> Module | None:
    try:
        return parse(path, layout.written)
    except Unreadable:
        return None


def _byte(module: Module, offset: int) -> int:
    (edit,) = module.byte_edits([(offset, offset, "")])
    return edit.start


def _text(module: Module, offset: int) -> int:
    """The place in a module's text of one in its bytes."""
    base = _byte(module, 0)
    codec = "utf-8" if module.encoding == "utf-8-sig" else module.encoding
    return len(module.data[base : max(base, offset)].decode(codec, errors="ignore"))


def _why(site: Site) -> str:
    """Why a site is left, in the words of its finding."""
    _, _, why = site.findings[0].message.partition("left for you, because ")
    return why or "it would be left all the same"


def _explained(found: Plan, refused: dict[Origin, str], lines: dict[Origin, tuple[int, int]]) -> Plan:
    """The plan, with what stood in the way of writing a call out."""
    notes = [(origin[0], *lines[origin], why) for origin, why in refused.items() if origin in lines]
    sites = []
    for site in found.sites:
        findings = []
        for f in site.findings:
            whys = [why for path, low, high, why in notes if path == f.path and low <= f.span.line <= high]
            hint = whys[0] if whys and f.reason is Reason.WRAPPER else ""
            findings.append(
                replace(f, message=f"{f.message}; even written out for this call it is left, because {hint}")
                if hint
                else f
            )
        sites.append(replace(site, findings=tuple(findings)))
    return replace(found, sites=tuple(sites))
