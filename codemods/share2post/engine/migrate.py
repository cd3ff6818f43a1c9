"""The engine's one seam: a project and settings in, findings and changed files out.

Sites are applied together unless their edits collide; then the later one is
planned again on the result, until nothing more may be applied.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from share2post.engine.choose import applicable, applied, choose, concerns
from share2post.engine.outcome import Migration, asked_about, outcome
from share2post.engine.propose import Answer, Proposal, Walk
from share2post.engine.select import reported
from share2post.engine.unfold import plan
from share2post.model import Failure, Finding, Fix, Project, Reason
from share2post.settings import Settings

_PASSES = 12


def migrate(project: Project, settings: Settings) -> Migration:
    """Find everything, apply what the settings allow, in memory."""
    try:
        return _migrate(project, settings)
    except Exception as error:  # the one place where a fault of the engine becomes a sentence
        return _one_by_one(project, settings, error)


def proposals(project: Project, settings: Settings) -> Generator[Proposal, Answer, Migration]:
    """The same, asking about one group of sites after the other; what is answered is in memory, too."""
    try:
        walk = Walk(project, settings)
    except Exception as error:
        return _one_by_one(project, settings, error)
    try:
        return (yield from walk.steps())
    except Exception as error:
        what = f"share2post could not go on ({type(error).__name__}); what was applied before is as it was"
        return walk.broken_off(what)


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
        chosen = choose(latest, settings, project.asked)
        if not chosen:
            break
        current = applied(current, chosen)
        done |= {site.key for site in chosen} if latest is first else set()
        latest = plan(current, settings)
    else:
        return Migration(asked_about(first, project, settings, set()), (), first.failures)
    left = {site.key for site in first.sites if site.fix is not Fix.MANUAL} - done
    if not any(applicable(site, settings) and concerns(site, project.asked) for site in latest.sites):
        done |= {
            site.key
            for site in first.sites
            if site.key in left and applicable(site, settings) and concerns(site, project.asked)
        }
    return outcome(project, first, current, latest, settings=settings, done=done)
