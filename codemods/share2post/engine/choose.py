"""Which sites of a plan may be applied, and what becomes of a project when they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from share2post.engine.apply import apply
from share2post.engine.plan import overlaps
from share2post.model import Edit, Fix, Plan, Project, Site, SourceFile
from share2post.settings import Settings


def choose(
    found: Plan, settings: Settings, asked: frozenset[str] | None, declined: Collection[str] = ()
) -> list[Site]:
    """The sites that may be applied together, group by group: those with a finding in a file asked about."""
    chosen: list[Site] = []
    for members in groups(found):
        if any(site.key in declined for site in members):
            continue
        if may_apply(members, settings, asked) and apart(members, [*chosen, *members]):
            chosen += members
    return chosen


def groups(found: Plan) -> list[list[Site]]:
    """The sites with edits, with those they can only be applied with."""
    grouped: dict[str, list[Site]] = {}
    for site in found.sites:
        if site.edits:
            grouped.setdefault(site.group or site.key, []).append(site)
    return list(grouped.values())


def may_apply(members: Sequence[Site], settings: Settings, asked: frozenset[str] | None) -> bool:
    """Whether a group is wanted, and every site of it allowed."""
    return all(applicable(site, settings) for site in members) and any(
        concerns(site, asked) for site in members
    )


def apart(members: Sequence[Site], others: Sequence[Site]) -> bool:
    """Whether no site of a group wants the bytes of another one."""
    return all(not overlaps(site.edits, o.edits) for site in members for o in others if o is not site)


def applicable(site: Site, settings: Settings) -> bool:
    """Whether the settings allow a site's edits."""
    if not site.edits or site.fix is Fix.MANUAL or (site.fix is Fix.UNSAFE and not settings.unsafe_fixes):
        return False
    rules = {finding.rule for finding in site.findings}
    return any(settings.selects(rule) for rule in rules) and not any(
        settings.names_ignored(rule) for rule in rules
    )


def concerns(site: Site, asked: frozenset[str] | None) -> bool:
    """Whether a site has a finding in a file that was asked about."""
    return asked is None or any(finding.path in asked for finding in site.findings)


def edits_of(sites: Sequence[Site]) -> dict[str, list[Edit]]:
    """The edits of several sites by file, each once."""
    edits: dict[str, list[Edit]] = {}
    for site in sites:
        for part in site.edits:
            known = edits.setdefault(part.path, [])
            known += [edit for edit in part.edits if edit not in known]
    return edits


def applied(project: Project, sites: Sequence[Site]) -> Project:
    """The project with these sites migrated."""
    edits = edits_of(sites)
    files = [
        SourceFile(file.path, apply(file.data, edits[file.path])) if file.path in edits else file
        for file in project.files
    ]
    return replace(project, files=tuple(files))
