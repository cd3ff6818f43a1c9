"""The engine's one seam: a project and settings in, findings and changed files out.

Sites are applied together unless their edits collide; then the later one is
planned again on the result, until nothing more may be applied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from share2post.engine.apply import apply
from share2post.engine.plan import overlaps
from share2post.engine.select import reported
from share2post.engine.sentences import rewritten
from share2post.engine.unfold import plan
from share2post.model import Edit, Failure, FileResult, Finding, Fix, Plan, Project, Reason, Site, SourceFile
from share2post.settings import Settings

_PASSES = 12


@dataclass(frozen=True, slots=True)
class Migration:
    """What was found in the files asked about, and every file that changes."""

    findings: tuple[Finding, ...]
    files: tuple[FileResult, ...] = ()
    failures: tuple[Failure, ...] = ()


def migrate(project: Project, settings: Settings) -> Migration:
    """Find everything, apply what the settings allow, in memory."""
    try:
        return _migrate(project, settings)
    except Exception as error:  # the one place where a fault of the engine becomes a sentence
        return _one_by_one(project, settings, error)


def _one_by_one(project: Project, settings: Settings, error: Exception) -> Migration:
    """After a fault: what each file says by itself, nothing changed, and a failure for those at fault."""
    findings: list[Finding] = []
    failures: list[Failure] = []
    for file in project.files:
        if project.asked is not None and file.path not in project.asked:
            continue
        try:
            found = plan(Project((file,)), settings)
        except Exception as fault:
            what = (
                f"share2post could not make sense of it ({type(fault).__name__}); nothing in it was changed"
            )
            failures.append(Failure(file.path, f"{what}; please report it with the file"))
            continue
        failures += found.failures
        findings += [
            replace(f, fix=Fix.MANUAL, reason=Reason.VERIFICATION) for s in found.sites for f in s.findings
        ]
    if not failures:
        what = f"share2post could not make sense of the project as a whole ({type(error).__name__})"
        failures = [Failure(f.path, what) for f in project.files[:1]]
    return Migration(reported(findings, settings), (), tuple(failures))


def _migrate(project: Project, settings: Settings) -> Migration:
    first = plan(project, settings)
    current, done = project, set[str]()
    latest = first
    for _ in range(_PASSES):
        chosen = _choose(latest, settings, project.asked)
        if not chosen:
            break
        current = _applied(current, chosen)
        done |= {site.key for site in chosen} if latest is first else set()
        latest = plan(current, settings)
    else:
        return Migration(_asked(first, project, settings, set()), (), first.failures)
    left = {site.key for site in first.sites if site.fix is not Fix.MANUAL} - done
    if not any(_applicable(site, settings) and _concerns(site, project.asked) for site in latest.sites):
        done |= {
            site.key
            for site in first.sites
            if site.key in left and _applicable(site, settings) and _concerns(site, project.asked)
        }
    after = {file.path: file for file in current.files}
    touched = {
        file.path: tuple(s.key for s in first.sites if s.key in done and _touches(s, file.path))
        for file in project.files
    }
    files = tuple(FileResult(f, _same(f, after[f.path]), touched[f.path]) for f in project.files)
    return Migration(_asked(first, project, settings, done), files, first.failures)


def _concerns(site: Site, asked: frozenset[str] | None) -> bool:
    return asked is None or any(finding.path in asked for finding in site.findings)


def _touches(site: Site, path: str) -> bool:
    return any(edits.path == path for edits in site.edits)


def _same(before: SourceFile, after: SourceFile) -> bytes:
    return before.data if after.data == before.data else after.data


def _applicable(site: Site, settings: Settings) -> bool:
    if not site.edits or site.fix is Fix.MANUAL or (site.fix is Fix.UNSAFE and not settings.unsafe_fixes):
        return False
    rules = {finding.rule for finding in site.findings}
    return any(settings.selects(rule) for rule in rules) and not any(
        settings.names_ignored(rule) for rule in rules
    )


def _choose(found: Plan, settings: Settings, asked: frozenset[str] | None) -> list[Site]:
    """The sites that may be applied together, group by group: those with a finding in a file asked about."""
    groups: dict[str, list[Site]] = {}
    for site in found.sites:
        if site.edits:
            groups.setdefault(site.group or site.key, []).append(site)
    chosen: list[Site] = []
    for members in groups.values():
        allowed = all(_applicable(site, settings) for site in members)
        others = [*chosen, *members]
        wanted = any(_concerns(site, asked) for site in members)
        apart = all(not overlaps(site.edits, o.edits) for site in members for o in others if o is not site)
        if allowed and wanted and apart:
            chosen += members
    return chosen


def _applied(project: Project, sites: list[Site]) -> Project:
    edits: dict[str, list[Edit]] = {}
    for site in sites:
        for part in site.edits:
            known = edits.setdefault(part.path, [])
            known += [edit for edit in part.edits if edit not in known]
    files = [
        SourceFile(file.path, apply(file.data, edits[file.path])) if file.path in edits else file
        for file in project.files
    ]
    return replace(project, files=tuple(files))


def _asked(found: Plan, project: Project, settings: Settings, done: set[str]) -> tuple[Finding, ...]:
    findings = [
        rewritten(finding) if site.key in done and not finding.suppressed else finding
        for site in found.sites
        for finding in site.findings
    ]
    shown = reported(findings, settings)
    asked = project.asked
    if asked is not None:
        shown = tuple(finding for finding in shown if finding.path in asked)
    return tuple(sorted(shown, key=lambda f: (f.path, f.span, f.rule)))
