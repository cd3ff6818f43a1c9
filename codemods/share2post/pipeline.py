"""The whole story on one screen: discover, read, search, reason, write, and say where things are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from share2post.model import Failure, FileResult, Finding, Project, RunResult, SourceFile
from share2post.settings import Settings
from share2post.wording import counted
from share2post.workspace.glance import NEEDLES, Glance, look, selection_of
from share2post.workspace.read import read, why
from share2post.workspace.roots import Root, display
from share2post.workspace.survey import Survey
from share2post.workspace.targets import Targets, missing

if TYPE_CHECKING:
    from share2post.engine.outcome import Migration
    from share2post.engine.propose import Answer, Proposal
    from share2post.engine.wanted import Importers

LARGEST: Final = 4 << 20
Step = Callable[[str, int, int], None]
Ask = Callable[["Proposal"], "Answer"]


class Interrupted(Exception):
    """The person who was asked has interrupted the run; ``written`` are the files that were rewritten."""

    def __init__(self, written: tuple[str, ...]) -> None:
        super().__init__(*written)
        self.written = written


class Command(StrEnum):
    """What is done with what was found."""

    CHECK = "check"
    DIFF = "diff"
    FIX = "fix"


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asked for: a command, the paths as they were named, or a text on standard input."""

    command: Command
    paths: tuple[str, ...] = (".",)
    stdin: bytes | None = None
    stdin_name: str = "stdin.py"

    @property
    def named(self) -> tuple[str, ...]:
        """The paths that say which project is meant."""
        return self.paths if self.stdin is None else (self.stdin_name,)


def run(
    request: Request,
    settings: Settings,
    step: Step = lambda label, done, total: None,
    seen: Glance | None = None,
    ask: Ask | None = None,
) -> RunResult:
    """Do what was asked for; everything that goes wrong with a file is in the result.

    ``seen`` is what a first look at the same request found, if there was one. ``ask`` is asked about
    every fix, and what it accepts is written at once; then the run may end with ``Interrupted``.
    """
    absent = missing(request.paths) if request.stdin is None else []
    named = tuple(path for path in request.named if path not in absent)
    failures = [Failure(display(os.path.abspath(path)), "does not exist") for path in absent]
    if not named:
        return RunResult((), failures=tuple(failures))
    desk = Desk.open(request, named, settings, step, seen)
    try:
        result = desk.result(settings, ask)
    except KeyboardInterrupt:
        if ask is None:
            raise
        raise Interrupted(desk.written()) from None
    return replace(result, failures=(*failures, *result.failures))


class Desk:
    """One run over one project: what was found on disk, and the sources read from it so far."""

    def __init__(self, request: Request, survey: Survey, targets: Targets, step: Step) -> None:
        self.root: Root = survey.root
        self._request = request
        self._survey = survey
        self._targets = targets
        self._step = step
        self._sources: dict[str, SourceFile] = {}
        self._rewritten: dict[str, bytes] = {}
        self._failures: list[Failure] = []

    @classmethod
    def open(
        cls, request: Request, named: tuple[str, ...], settings: Settings, step: Step, seen: Glance | None
    ) -> Desk:
        """Look at the project, unless that was done, and read the files with legacy names."""
        if seen is None:
            seen = look(
                named,
                selection_of(settings),
                force_exclude=settings.force_exclude,
                tick=lambda done, total: step("searching", done, total),
            )
        desk = cls(request, seen.survey, seen.targets, step)
        desk._read(desk._with_named(seen.legacy, NEEDLES))
        return desk

    def written(self) -> tuple[str, ...]:
        """The files that were rewritten so far."""
        return tuple(self._shown(path) for path in sorted(self._rewritten))

    def result(self, settings: Settings, ask: Ask | None = None) -> RunResult:
        """Reason about the candidates, write what is to be written, and report."""
        self.sources()
        findings: tuple[Finding, ...] = ()
        files: tuple[FileResult, ...] = ()
        if self._targets.asked.keys() & self._sources.keys():
            self._step(f"reasoning about {counted(len(self._sources), 'file')}", 0, 0)
            migration = self._migrated(settings, ask)
            findings, files = migration.findings, tuple(file for file in migration.files if file.changed)
            for failure in migration.failures:
                self._survey.unread.setdefault(failure.path, failure.message)
        if self._request.command is Command.CHECK:
            findings, files = tuple(replace(finding, fixed=False) for finding in findings), ()
        elif self._request.command is Command.FIX and self._request.stdin is None:
            findings, files = self._write(findings, files)
        return self._relative_to_cwd(findings, files)

    def _migrated(self, settings: Settings, ask: Ask | None) -> Migration:
        from share2post.engine.migrate import migrate, proposals
        from share2post.engine.propose import Answer

        if ask is None:
            return migrate(self._project(), settings)
        steps = proposals(self._project(), settings)
        try:
            proposal = next(steps)
            while True:
                answer = ask(self._shown_proposal(proposal))
                if answer is Answer.APPLY and not self._replaced(proposal.files):
                    answer = Answer.SKIP
                proposal = steps.send(answer)
        except StopIteration as end:
            migration: Migration = end.value
            return migration

    def sources(self) -> dict[str, SourceFile]:
        """The files that have a say: the candidates, what they refer to, and who refers to them."""
        self._widen()
        return self._sources

    def _project(self) -> Project:
        files = tuple(self._sources.values())
        asked = frozenset(self._targets.asked)
        editable = asked if self._request.stdin is not None else asked | self._survey.files.keys()
        return Project(files, asked, locked=frozenset(self._sources.keys() - editable))

    def _widen(self) -> None:
        """Read what the candidates refer to, and who refers to them, until nothing new turns up."""
        if not self._sources:
            return
        from share2post.engine.wanted import Importers, signs, wanted

        self._read(self._signed(signs(self._project())))
        growing = True
        while growing:
            project = self._project()
            new = {path for path in wanted(project) if self._exists(path)}
            users = Importers(project)
            named = self._survey.imports().naming(users.modules, users.folders) if users.modules else ()
            unlisted = self._targets.asked.keys() - self._survey.files.keys()
            files = self._survey.files
            paths = {*named, *users.namesakes(files), *users.tests(files), *unlisted}
            paths -= self._sources.keys() | new
            new |= {path for path in paths if self._holds(path, users)}
            growing = self._read(new) > 0

    def _signed(self, needles: Sequence[bytes]) -> set[str]:
        """The files with a sign of what has no name of its own, where that is looked for."""
        return self._with_named(self._survey.search(needles), needles) if needles else set()

    def _holds(self, path: str, users: Importers) -> bool:
        """Whether a file that was not read yet has a say; what cannot be read is said when it is."""
        try:
            return users.concern(path, self._bytes(path))
        except OSError:
            return False

    def _with_named(self, found: set[str], needles: Sequence[bytes]) -> set[str]:
        """The same for what no listing has: files named by hand, and standard input."""
        named = self._targets.asked.keys() - self._survey.files.keys() - self._sources.keys()
        if self._request.stdin is None:
            return found | self._survey.search_files(named, needles)
        path = next(iter(self._targets.asked), "")
        held = any(needle in self._request.stdin for needle in needles)
        return found | {path} if path and held else found - {path}

    def _exists(self, path: str) -> bool:
        return path in self._survey.files or os.path.isfile(self.root.absolute(path))

    def _read(self, paths: Iterable[str]) -> int:
        """Read files that were not read before; how many there were."""
        before = len(self._sources)
        for path in sorted(set(paths) - self._sources.keys()):
            try:
                data = self._bytes(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                self._survey.unread[path] = f"could not be read: {why(error)}"
                continue
            if len(data) > LARGEST:
                size = f"{len(data) / (1 << 20):.1f} MiB"
                self._survey.unread[path] = f"holds legacy names, but is too large ({size}) to be parsed"
                continue
            self._sources[path] = SourceFile(path, data)
        return len(self._sources) - before

    def _bytes(self, path: str) -> bytes:
        if self._request.stdin is not None and path in self._targets.asked:
            return self._request.stdin
        return read(self.root.absolute(path))

    def _write(
        self, findings: tuple[Finding, ...], files: tuple[FileResult, ...]
    ) -> tuple[tuple[Finding, ...], tuple[FileResult, ...]]:
        from share2post.workspace.write import together

        written: list[FileResult] = []
        failed: set[str] = set()
        for number, group in enumerate(together(files)):
            self._step("writing", number, len(files))
            if self._replaced(group):
                written += group
            else:
                failed |= {file.source.path for file in group} - self._rewritten.keys()
        sites = {site for file in files if file.source.path in failed for site in file.sites}
        return tuple(
            replace(finding, fixed=False) if finding.path in failed or finding.site in sites else finding
            for finding in findings
        ), tuple(written)

    def _replaced(self, group: Sequence[FileResult]) -> bool:
        """Write files together, over what this run has made of them by now; whether that worked."""
        from share2post.workspace.write import Change, WriteError, replace_together

        changes = []
        for file in group:
            before = self._rewritten.get(file.source.path, file.source.data)
            if before != file.after:
                changes.append(Change(self.root.absolute(file.source.path), before, file.after))
        try:
            replace_together(changes)
        except WriteError as error:
            culprit = self.root.relative(error.path) or error.path
            self._failures.append(Failure(culprit, error.message))
            others = {file.source.path for file in group} - {culprit}
            self._survey.notes += [(path, f"left as it was, with {culprit}") for path in sorted(others)]
            return False
        self._rewritten |= {file.source.path: file.after for file in group}
        return True

    def _relative_to_cwd(self, findings: tuple[Finding, ...], files: tuple[FileResult, ...]) -> RunResult:
        failures = list(self._failures)
        notes = list(self._survey.notes)
        for path, message in self._survey.unread.items():
            if self._targets.covers(path):
                failures.append(Failure(path, message))
            else:
                notes.append((path, message))
        notes += [(path, "skipped: excluded") for path in self._targets.excluded]
        if not self._targets.asked and not self._targets.excluded:
            notes.append(("", f"no Python files in {', '.join(self._request.named)}"))
        shown = [replace(finding, path=self._shown(finding.path)) for finding in findings]
        return RunResult(
            tuple(sorted(shown, key=lambda finding: (finding.path, finding.span, finding.rule))),
            tuple(self._shown_file(file) for file in files),
            tuple(replace(failure, path=self._shown(failure.path)) for failure in failures),
            scanned=len(self._targets.asked),
            details=self._details(),
            notes=tuple(f"{self._shown(path)}: {text}" if path else text for path, text in notes),
        )

    def _details(self) -> tuple[str, ...]:
        way = "listed and searched by git" if self._survey.uses_git else "walked"
        candidates = ", ".join(self._shown(path) for path in self._sources) or "none"
        return (
            f"project: {self.root.path} ({counted(len(self._survey.files), 'file')}, {way})",
            f"read for their meaning: {candidates}",
        )

    def _shown_proposal(self, proposal: Proposal) -> Proposal:
        return replace(
            proposal,
            findings=tuple(replace(finding, path=self._shown(finding.path)) for finding in proposal.findings),
            files=tuple(self._shown_file(file) for file in proposal.files),
        )

    def _shown_file(self, file: FileResult) -> FileResult:
        return replace(file, source=replace(file.source, path=self._shown(file.source.path)))

    def _shown(self, path: str) -> str:
        return display(self.root.absolute(path))


def exit_status(command: Command, result: RunResult, settings: Settings) -> int:
    """The one place that decides it: 2 for what could not be done, 1 for what is left, else 0."""
    from share2post.engine.select import counts

    if result.failures or any(finding.rule == "S2P900" for finding in result.findings):
        return 2
    if command is Command.DIFF:
        return 1 if any(file.changed for file in result.files) else 0
    return 1 if any(counts(finding, settings) for finding in result.findings) else 0
