"""The only ways to test a rewrite. Each runs the tool twice: the second run must have nothing to say."""

from __future__ import annotations

from textwrap import dedent

from share2post import Finding, Fix, Migrated, Reason, Settings
from share2post.engine.migrate import migrate
from share2post.model import Project, SourceFile

UNSAFE = Settings(unsafe_fixes=True)


def migrated(before: str, after: str, *, path: str = "module.py") -> tuple[Finding, ...]:
    """The code is rewritten as safe, and nothing is left to say about the result."""
    first = _run(before, path=path)

    assert first.after.decode() == dedent(after)
    assert {finding.fix for finding in first.findings} == {Fix.SAFE}
    assert all(finding.fixed for finding in first.findings)

    second = _run(first.after, path=path)

    assert second.after == first.after
    assert second.findings == ()
    return first.findings


def offered(before: str, after: str, reason: Reason, *, path: str = "module.py") -> tuple[Finding, ...]:
    """The code is left as it is, with that reason, and rewritten when a person consents."""
    first = _run(before, path=path)

    assert first.after.decode() == dedent(before)
    assert {finding.fix for finding in first.findings} == {Fix.UNSAFE}
    assert reason in {finding.reason for finding in first.findings}

    agreed = _run(before, UNSAFE, path=path)

    assert agreed.after.decode() == dedent(after)

    second = _run(agreed.after, UNSAFE, path=path)

    assert second.after == agreed.after
    assert second.findings == ()
    return first.findings


def refused(before: str, reason: Reason, *, path: str = "module.py") -> tuple[Finding, ...]:
    """The code is left byte for byte alone whatever the person allows, and reported with that reason."""
    first = _run(before, UNSAFE, path=path)

    assert first.after.decode() == dedent(before)
    assert {finding.fix for finding in first.findings} == {Fix.MANUAL}
    assert reason in {finding.reason for finding in first.findings}

    second = _run(first.after, UNSAFE, path=path)

    assert second == first
    return first.findings


def untouched(code: str, *, path: str = "module.py") -> None:
    """The code is no business of ours: no change and no finding, whatever the person allows."""
    first = _run(code, UNSAFE, path=path)

    assert first.after.decode() == dedent(code)
    assert first.findings == ()

    second = _run(first.after, UNSAFE, path=path)

    assert second == first


def project(files: dict[str, str], *, unsafe: bool = False) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """What becomes of the files of a project, and what is found in them; a second run changes nothing."""
    settings = UNSAFE if unsafe else Settings()
    sources = tuple(SourceFile(path, dedent(text).encode()) for path, text in files.items())
    first = migrate(Project(sources), settings)
    after = {file.source.path: file.after for file in first.files}
    second = migrate(Project(tuple(SourceFile(path, data) for path, data in after.items())), settings)

    assert first.failures == second.failures == ()
    assert {file.source.path: file.after for file in second.files} == after
    return {path: data.decode() for path, data in after.items()}, first.findings


def _run(code: str | bytes, settings: Settings | None = None, *, path: str) -> Migrated:
    data = dedent(code).encode() if isinstance(code, str) else code
    result = migrate(Project((SourceFile(path, data),)), settings or Settings())

    assert result.failures == ()
    return Migrated(result.files[0].after if result.files else data, result.findings)
