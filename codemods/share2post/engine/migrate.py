"""The engine's one seam: a project and settings in, findings and changed files out.

Sites are applied together unless their edits collide; then the later one is
planned again on the result, until nothing more may be applied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from share2post.engine.apply import Overlap, apply
from share2post.engine.plan import overlaps, plan
from share2post.engine.select import reported
from share2post.model import Edit, Failure, FileResult, Finding, Fix, Plan, Project, Site, SourceFile
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
    first = plan(project, settings)
    current, done = project, set[str]()
    latest = first
    for _ in range(_PASSES):
        chosen = _choose(latest, settings)
        if not chosen:
            break
        current = _applied(current, chosen)
        done |= {site.key for site in chosen} if latest is first else set()
        latest = plan(current, settings)
    else:
        return Migration(_asked(first, project, settings, set()), (), first.failures)
    left = {site.key for site in first.sites if site.fix is not Fix.MANUAL} - done
    remaining = sum(len(_allowed(latest, settings)) for _ in [0])
    if remaining == 0:
        done |= {site.key for site in first.sites if site.key in left and _applicable(site, settings)}
    after = {file.path: file for file in current.files}
    files = tuple(FileResult(file, _same(file, after[file.path])) for file in project.files)
    return Migration(_asked(first, project, settings, done), files, first.failures)


def _same(before: SourceFile, after: SourceFile) -> bytes:
    return before.data if after.data == before.data else after.data


def _applicable(site: Site, settings: Settings) -> bool:
    if not site.edits or site.fix is Fix.MANUAL or (site.fix is Fix.UNSAFE and not settings.unsafe_fixes):
        return False
    rules = {finding.rule for finding in site.findings}
    return any(settings.selects(rule) for rule in rules) and not any(settings.names_ignored(rule) for rule in rules)


def _allowed(found: Plan, settings: Settings) -> list[Site]:
    return [site for site in found.sites if _applicable(site, settings)]


def _choose(found: Plan, settings: Settings) -> list[Site]:
    """The sites that may be applied together."""
    chosen: list[Site] = []
    for site in _allowed(found, settings):
        if not any(overlaps(site.edits, other.edits) for other in chosen):
            chosen.append(site)
    return chosen


def _applied(project: Project, sites: list[Site]) -> Project:
    edits: dict[str, list[Edit]] = {}
    for site in sites:
        for file in site.edits:
            known = edits.setdefault(file.path, [])
            known += [edit for edit in file.edits if edit not in known]
    files = []
    for file in project.files:
        own = edits.get(file.path)
        try:
            files.append(SourceFile(file.path, apply(file.data, own)) if own else file)
        except Overlap:
            files.append(file)
    return replace(project, files=tuple(files))


def _asked(found: Plan, project: Project, settings: Settings, done: set[str]) -> tuple[Finding, ...]:
    findings = [
        replace(finding, fixed=site.key in done and not finding.suppressed)
        for site in found.sites
        for finding in site.findings
    ]
    shown = reported(findings, settings)
    asked = project.asked
    if asked is not None:
        shown = tuple(finding for finding in shown if finding.path in asked)
    return tuple(sorted(shown, key=lambda f: (f.path, f.span, f.rule)))
