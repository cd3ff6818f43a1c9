"""``# TODO(share2post): ...`` above each statement that is left for a person, in step with what is left.

A comment of the tool's stands above a statement once, says nothing but what the
catalogue says, and goes when it no longer applies. Every other comment is the person's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from share2post.catalogue import TASKS
from share2post.engine.apply import apply, ordered
from share2post.engine.select import is_note
from share2post.engine.sheet import Sheet
from share2post.engine.verify import another_program
from share2post.model import Failure, Finding, Fix, Plan, Project, Reason, Site, SourceFile
from share2post.semantics.module import Unreadable, parse
from share2post.settings import Settings
from share2post.wording import MARKER, annotation, own_words

_SIGN: Final = MARKER.encode()
# What these are about is a comment already, or a file that does not parse.
_NOWHERE: Final = (Reason.UNUSED_SUPPRESSION, Reason.UNREADABLE)


@dataclass(frozen=True, slots=True)
class Annotated:
    """A project with the comments it should have, and how many were written and removed in each file."""

    project: Project
    counts: dict[str, tuple[int, int]]
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """What is left of one site, and at which statement."""

    path: str
    line: int
    rules: frozenset[str]
    reason: Reason


@dataclass(slots=True)
class Changes:
    """The changes to the comments of one file."""

    texts: list[tuple[int, int, str]] = field(default_factory=list)
    written: int = 0
    removed: int = 0


def annotate(project: Project, found: Plan, settings: Settings, changed: Collection[str]) -> Annotated:
    """Bring the comments of a project in step with its plan.

    New ones are written only if the settings ask for them, in files asked about; old ones are looked
    after there, and in the files that ``changed``.
    """
    if not settings.annotate and not any(_SIGN in file.data for file in project.files):
        return Annotated(project, {})
    sheets = _sheets(project, found)
    tasks = [task for site in found.sites if (task := _task(site, sheets)) is not None]
    files: list[SourceFile] = []
    counts: dict[str, tuple[int, int]] = {}
    failures: list[Failure] = []
    for file in project.files:
        asked = project.asked is None or file.path in project.asked
        if file.path in sheets and file.path not in project.locked and (asked or file.path in changed):
            here = [task for task in tasks if task.path == file.path]
            new = {
                t.line for t in here if asked and settings.annotate and any(map(settings.selects, t.rules))
            }
            changes = _changes(sheets[file.path], here, new)
            after = _made(sheets[file.path], changes)
            if isinstance(after, Failure):
                failures.append(after)
            elif changes.texts:
                file = SourceFile(file.path, after)
                counts[file.path] = (changes.written, changes.removed)
        files.append(file)
    return Annotated(replace(project, files=tuple(files)), counts, tuple(failures))


def _sheets(project: Project, found: Plan) -> dict[str, Sheet]:
    """The files that have such a comment, or may need one."""
    paths = {finding.path for site in found.sites for finding in site.findings}
    sheets = {}
    for file in project.files:
        if file.path in paths or _SIGN in file.data:
            try:
                sheets[file.path] = Sheet(parse(file.path, file.data))
            except Unreadable:
                continue
    return sheets


def _task(site: Site, sheets: dict[str, Sheet]) -> Task | None:
    """What is left of a site, at the statement of its call, or else at that of its first finding."""
    findings = [finding for finding in site.findings if _is_left(finding) and finding.path in sheets]
    if not findings:
        return None
    path, line, *_ = [*site.key.rsplit(":", 2), ""]

    def at_call(finding: Finding) -> bool:
        sheet = sheets[finding.path]
        return finding.path == path and sheet.statement(finding.span.line) == sheet.statement(int(line))

    first = next(filter(at_call, findings), findings[0])
    rules = frozenset(finding.rule for finding in findings)
    at = sheets[first.path].statement(first.span.line)
    return Task(first.path, at, rules, first.reason or Reason.VERIFICATION)


def _is_left(finding: Finding) -> bool:
    return (
        finding.fix is Fix.MANUAL
        and not finding.suppressed
        and not is_note(finding.rule)
        and finding.reason not in _NOWHERE
    )


def _changes(sheet: Sheet, tasks: Iterable[Task], new: set[int]) -> Changes:
    texts: dict[int, list[Task]] = {}
    for task in tasks:
        texts.setdefault(task.line, []).append(task)
    changes, seen = Changes(), set[int]()
    for comment in sheet.module.annotations:
        statement = sheet.statement(sheet.module.line_of(comment.start))
        words = own_words(comment.text) or ""
        if statement in texts and statement not in seen:
            text = _text(texts[statement])
            text = comment.text if comment.text.startswith(text) else f"{text} {words}".rstrip()
            seen.add(statement)
            changes.written += text != comment.text
        else:
            text = f"# {words}" if words else ""
        whole = None if text else sheet.line_of_its_own(comment)
        if text != comment.text and (text or whole):
            changes.removed += 1
            changes.texts.append((*(whole or (comment.start, comment.end)), text))
    for statement in sorted(new - seen):
        changes.written += 1
        changes.texts.append(sheet.comment_above(statement, _text(texts[statement])))
    return changes


def _text(tasks: Iterable[Task]) -> str:
    tasks = list(tasks)
    reasons = {str(task.reason): TASKS[task.reason] for task in tasks}
    return annotation(sorted({rule for task in tasks for rule in task.rules}), reasons)


def _made(sheet: Sheet, changes: Changes) -> bytes | Failure:
    """The file with its comments changed, if it is the same program for it."""
    module = sheet.module
    if not changes.texts:
        return module.data
    edits = tuple(ordered(module.byte_edits(changes.texts)))
    after = apply(module.data, edits)
    failed = another_program(module, after, edits)
    return after if failed is None else Failure(module.path, f"could not be annotated: {failed}")
