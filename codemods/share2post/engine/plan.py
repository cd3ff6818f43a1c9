"""What to do about a project: every site, decided, with the edits it needs in every file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from share2post.engine import sentences, suppress
from share2post.engine.apply import Overlap, apply, ordered
from share2post.engine.prefilter import is_candidate
from share2post.engine.verify import problem
from share2post.engine.wanted import relevant
from share2post.model import Edit, Failure, FileEdits, Finding, Fix, Plan, Project, Reason, Site, Span
from share2post.rules.legacy_url import LegacyUrls
from share2post.rules.upload_call import UploadCalls
from share2post.rules.webhooks import Webhooks
from share2post.semantics.module import Unreadable, parse
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit, World
from share2post.settings import Settings
from share2post.sites import Draft, Obstacle
from share2post.syntax.blanks import tidy


@dataclass(eq=False)
class Planner:
    """Plans one project. Holds the trees; what it returns holds none."""

    project: Project
    settings: Settings
    evaluator: Evaluator = field(default_factory=lambda: Evaluator(World()))
    drafts: list[Draft] = field(default_factory=list)  # as many as the plan's first sites, in their order

    def plan(self) -> Plan:
        """All sites of the project, the ones in files nobody asked about too."""
        world, evaluator = self.evaluator.world, self.evaluator
        findings, failures = [], []
        for file in relevant(self.project):
            try:
                world.add(parse(file.path, file.data))
            except Unreadable as error:
                failures.append(Failure(file.path, str(error)))
                if is_candidate(file.data):
                    findings.append(_unreadable(file.path, str(error)))
        units = [unit for unit in world.units.values()]
        candidates = [unit for unit in units if is_candidate(unit.module.data)]
        drafts = UploadCalls(evaluator, self.settings.unsafe_fixes).drafts(units) if candidates else []
        claimed = {node for draft in drafts for node in draft.claimed}
        released = {node: draft.place.where for draft in drafts for node in draft.released}
        drafts += LegacyUrls(evaluator, claimed, released).drafts(units)
        drafts += Webhooks(evaluator).drafts(units)
        self.drafts = drafts
        known = [s for unit in units for s in suppress.suppressions(unit)]
        sites = self._partners(drafts, [self._site(draft, known) for draft in drafts])
        idle = suppress.idle(known)
        extra = [Site(f.site, Fix.MANUAL, (f,)) for f in [*findings, *idle]]
        return Plan((*sites, *extra), tuple(failures))

    # sites

    def _site(self, draft: Draft, known: list[suppress.Suppression]) -> Site:
        key = _key(draft)
        obstacle = draft.obstacles[0] if draft.obstacles else None
        fix = Fix.MANUAL if obstacle is not None else Fix.UNSAFE if draft.doubts else Fix.SAFE
        edits: tuple[FileEdits, ...] = ()
        if obstacle is None:
            edits, failed = self._edits(draft)
            if failed is not None:
                obstacle, fix, edits = Obstacle(Reason.VERIFICATION, failed), Fix.MANUAL, ()
        findings = suppress.silence(sentences.findings(draft, key, fix, obstacle), known)
        if any(finding.suppressed for finding in findings) and fix is not Fix.MANUAL:
            fix, edits = Fix.MANUAL, ()
            hint = "a part of this site is suppressed, so all of it is left"
            findings = [
                f
                if f.suppressed
                else replace(f, fix=fix, reason=Reason.SUPPRESSED_PART, message=f"{f.message}; {hint}")
                for f in findings
            ]
        return Site(key, fix, tuple(findings), edits)

    def _edits(self, draft: Draft) -> tuple[tuple[FileEdits, ...], str | None]:
        """The site's edits by file, verified; or why they may not be made."""
        by_unit: dict[Unit, list[tuple[int, int, str]]] = {}
        for change in draft.changes:
            by_unit.setdefault(change.unit, []).append((change.start, change.end, change.text))
        found = []
        for unit, changes in by_unit.items():
            if unit.path in self.project.locked:
                return (), f"{unit.path} may not be changed"
            try:
                edits = tuple(ordered(unit.module.byte_edits(tidy(unit.module, _settled(changes)))))
                after = apply(unit.module.data, edits)
            except UnicodeEncodeError:
                return (), f"the encoding of {unit.path} cannot hold the new text"
            except Overlap as error:
                return (), f"two changes to {unit.path} collide ({error})"
            failed = problem(unit.module, after, edits)
            if failed is not None:
                return (), f"{unit.path}: {failed}"
            found.append(FileEdits(unit.path, edits))
        return tuple(found), None

    def _partners(self, drafts: list[Draft], sites: list[Site]) -> list[Site]:
        """Sites that can only be applied together: where one is left, so are the others."""
        index = {id(draft): number for number, draft in enumerate(drafts)}
        groups = list(range(len(drafts)))
        for number, draft in enumerate(drafts):
            for partner in draft.partners:
                one, two = groups[number], groups[index[id(partner)]]
                groups = [one if group == two else group for group in groups]
        found = list(sites)
        for group in set(groups):
            members = [number for number, owner in enumerate(groups) if owner == group]
            alike = len({self._level(sites[number].fix) for number in members}) == 1
            for number in members:
                found[number] = (
                    replace(sites[number], group=sites[group].key) if alike else _left(sites[number])
                )
        return found

    def _level(self, fix: Fix) -> Fix:
        return Fix.SAFE if fix is Fix.UNSAFE and self.settings.unsafe_fixes else fix


def _left(site: Site) -> Site:
    """A site that cannot go without its partner."""
    if site.fix is Fix.MANUAL:
        return site
    hint = "left for you, because it shares code with another upload that is left"
    findings = tuple(
        replace(f, fix=Fix.MANUAL, reason=Reason.PARTNER, message=f"{f.message}; {hint}")
        for f in site.findings
    )
    return replace(site, fix=Fix.MANUAL, findings=findings, edits=())


def _settled(changes: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Changes without the ones that a larger removal or replacement swallows."""
    unique = list(dict.fromkeys(changes))
    kept = []
    for change in unique:
        start, end, _ = change
        swallowed = any(
            other is not change
            and other[0] <= start
            and end <= other[1]
            and (other[0], other[1]) != (start, end)
            and other[1] > other[0]
            and not (start == end and start in (other[0], other[1]))
            for other in unique
        )
        if not swallowed:
            kept.append(change)
    return kept


def _key(draft: Draft) -> str:
    span = draft.place.unit.module.span(draft.place.node)
    return f"{draft.place.unit.path}:{span.line}:{span.column}"


def _unreadable(path: str, why: str) -> Finding:
    return Finding(
        "S2P900", path, Span(1, 1, 1, 1),
        f"the file holds legacy names, but {why}; make it readable for Python 3 and run again",
        Fix.MANUAL, f"{path}:1:1", Reason.UNREADABLE,
    )  # fmt: skip


def overlaps(one: tuple[FileEdits, ...], other: tuple[FileEdits, ...]) -> bool:
    """Whether two sites want to change the same bytes in different ways."""
    theirs: dict[str, tuple[Edit, ...]] = {f.path: f.edits for f in other}
    for file in one:
        for edit in file.edits:
            for against in theirs.get(file.path, ()):
                if edit == against:
                    continue
                if edit.start < against.end and against.start < edit.end:
                    return True
                if edit.start == against.start and edit.end == edit.start and against.end == against.start:
                    continue
    return False
