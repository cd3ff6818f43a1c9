"""How a migration came out: its findings, and its files with the comments they should have."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from share2post.engine.annotate import annotate
from share2post.engine.select import reported
from share2post.engine.sentences import rewritten
from share2post.model import Failure, FileResult, Finding, Plan, Project, Site, SourceFile
from share2post.settings import Settings


@dataclass(frozen=True, slots=True)
class Migration:
    """What was found in the files asked about, and every file that changes."""

    findings: tuple[Finding, ...]
    files: tuple[FileResult, ...] = ()
    failures: tuple[Failure, ...] = ()


def outcome(
    project: Project,
    first: Plan,
    current: Project,
    latest: Plan,
    *,
    settings: Settings,
    done: Collection[str],
) -> Migration:
    """The end of a migration that began with the first plan and left the latest one."""
    changed = {old.path for old, new in zip(project.files, current.files, strict=True) if old is not new}
    annotated = annotate(current, latest, settings, changed)
    files = []
    for before, after in zip(project.files, annotated.project.files, strict=True):
        sites = tuple(s.key for s in first.sites if s.key in done and _touches(s, before.path))
        written, removed = annotated.counts.get(before.path, (0, 0))
        files.append(FileResult(before, _same(before, after), sites, written, removed))
    failures = (*first.failures, *annotated.failures)
    return Migration(asked_about(first, project, settings, done), tuple(files), failures)


def asked_about(
    found: Plan, project: Project, settings: Settings, done: Collection[str]
) -> tuple[Finding, ...]:
    """The findings to be shown of the files asked about, those of the sites done as fixed."""
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


def _touches(site: Site, path: str) -> bool:
    return any(edits.path == path for edits in site.edits)


def _same(before: SourceFile, after: SourceFile) -> bytes:
    return before.data if after.data == before.data else after.data
