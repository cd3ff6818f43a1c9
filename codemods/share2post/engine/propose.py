"""One group of sites after the other, each planned on what was accepted before it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from share2post.engine.choose import applied, choose, edits_of, groups, may_apply
from share2post.engine.outcome import Migration, outcome
from share2post.engine.trail import Trail
from share2post.engine.unfold import plan
from share2post.model import Failure, FileResult, Finding, Fix, Plan, Project, Site
from share2post.settings import Settings

_PASSES = 12


class Answer(StrEnum):
    """What a person says to a proposal."""

    APPLY = "y"
    SKIP = "n"
    ALL = "a"
    QUIT = "q"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Sites that go together, and the files they change, as these are now and as they would be."""

    findings: tuple[Finding, ...]
    files: tuple[FileResult, ...]
    number: int
    total: int

    @property
    def is_unsafe(self) -> bool:
        """Whether it rests on something that cannot be seen."""
        return any(finding.fix is not Fix.SAFE for finding in self.findings)


class Walk:
    """What was found, what was answered, and the project as it is by now.

    A person may accept what is unsafe one by one, so proposals come from a plan that allows it; what
    is applied or left without asking is decided by the settings alone.
    """

    def __init__(self, project: Project, settings: Settings) -> None:
        self._project = self._current = project
        self._settings = settings
        self._open = replace(settings, unsafe_fixes=True)
        self._first = plan(project, settings)
        self._offered = self._first if settings.unsafe_fixes else plan(project, self._open)
        self._trail = Trail(project, [site.key for site in self._offered.sites])
        self._declined: set[str] = set()
        self._done: set[str] = set()
        self._number = 0

    def steps(self) -> Generator[Proposal, Answer, Migration]:
        """Propose until nothing is left to be asked about, or nobody wants to be asked."""
        found, answer = self._offered, Answer.SKIP
        while batch := self._batch(found):
            answer = yield from self._ask(batch)
            if answer in (Answer.ALL, Answer.QUIT):
                break
            found = plan(self._current, self._open)
        if answer is Answer.ALL:
            self._apply_the_rest()
        elif answer is not Answer.QUIT:
            self._done |= self._gone(found, self._open)
        return self._outcome()

    def _ask(self, batch: list[list[Site]]) -> Generator[Proposal, Answer, Answer]:
        """Ask about the groups of one plan, which may be applied in any combination; the last answer."""
        base, accepted, answer = self._current, list[Site](), Answer.SKIP
        for index, sites in enumerate(batch):
            after = applied(base, [*accepted, *sites])
            answer = yield self._proposal(sites, after, len(batch) - index)
            if answer is Answer.SKIP:
                self._declined |= self._trail.names(base, sites)
                continue
            if answer is Answer.APPLY:
                accepted += sites
            elif answer is Answer.ALL and self._settings.unsafe_fixes:
                accepted += [site for rest in batch[index:] for site in rest]
            self._done |= self._trail.names(base, accepted)
            self._current = applied(base, accepted)
            if answer is not Answer.APPLY:
                break
        self._trail.move(edits_of(accepted))
        return answer

    def broken_off(self, why: str) -> Migration:
        """What there is to show after a fault: what was done before it."""
        files = tuple(
            FileResult(old, new.data if old is not new else old.data)
            for old, new in zip(self._project.files, self._current.files, strict=True)
        )
        shown = outcome(
            self._project, self._report(), self._project, self._first,
            settings=replace(self._settings, annotate=False), done=self._done,
        )  # fmt: skip
        return Migration(shown.findings, files, (Failure(self._project.files[0].path, why),))

    def _batch(self, found: Plan) -> list[list[Site]]:
        """What a run would apply at once, but for what was declined, in the order of the first lines."""
        declined = self._keys_of_declined(found)
        chosen = {s.key for s in choose(found, self._open, self._project.asked, declined)}
        batch = [members for members in groups(found) if all(site.key in chosen for site in members)]
        return sorted(batch, key=lambda members: min((f.path, f.span) for s in members for f in s.findings))

    def _keys_of_declined(self, found: Plan) -> list[str]:
        names = self._trail.names
        return [site.key for site in found.sites if names(self._current, [site]) & self._declined]

    def _proposal(self, sites: Sequence[Site], after: Project, left: int) -> Proposal:
        findings = sorted(
            (f for site in sites for f in site.findings), key=lambda f: (f.path, f.span, f.rule)
        )
        keys = tuple(site.key for site in sites)
        files = tuple(
            FileResult(old, new.data, keys)
            for old, new in zip(self._current.files, after.files, strict=True)
            if old.data != new.data
        )
        self._number += 1
        return Proposal(tuple(findings), files, self._number, self._number - 1 + left)

    def _apply(self, sites: Sequence[Site]) -> None:
        self._done |= self._trail.names(self._current, sites)
        self._trail.move(edits_of(sites))
        self._current = applied(self._current, sites)

    def _apply_the_rest(self) -> None:
        """What a run that asks nobody would do from here, but for what was declined."""
        for _ in range(_PASSES):
            found = plan(self._current, self._settings)
            declined = self._keys_of_declined(found)
            chosen = choose(found, self._settings, self._project.asked, declined)
            if not chosen:
                self._done |= self._gone(found, self._settings)
                return
            self._apply(chosen)

    def _gone(self, found: Plan, settings: Settings) -> set[str]:
        """The sites that went with another one's migration, where no site is left that could be one of them."""
        asked = self._project.asked
        if any(may_apply(members, settings, asked) for members in groups(found)):
            return set()
        return {
            site.key
            for site in self._offered.sites
            if site.edits and site.key not in self._declined and not self._trail.knows(site.key)
        }

    def _outcome(self) -> Migration:
        latest = plan(self._current, self._settings)
        return outcome(
            self._project, self._report(), self._current, latest, settings=self._settings, done=self._done
        )

    def _report(self) -> Plan:
        """The first plan, where what was accepted says what it said when it was offered."""
        offered = {site.key: site for site in self._offered.sites if site.key in self._done}
        return replace(self._first, sites=tuple(offered.get(site.key, site) for site in self._first.sites))
