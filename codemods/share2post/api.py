"""Migrating one source in memory: what the package offers to other programs."""

from __future__ import annotations

from dataclasses import dataclass

from share2post.engine.migrate import migrate
from share2post.model import Failure, Finding, Fix, Project, Reason, SourceFile
from share2post.settings import Settings

__all__ = ["Finding", "Fix", "Migrated", "Reason", "Settings", "migrate_source"]


@dataclass(frozen=True, slots=True)
class Migrated:
    """One source after migration; ``after`` is the very bytes that came in where nothing changed.

    ``failures`` say why a source could not be read, or not be made sense of.
    """

    after: bytes
    findings: tuple[Finding, ...]
    failures: tuple[Failure, ...] = ()


def migrate_source(data: bytes, settings: Settings | None = None, path: str = "module.py") -> Migrated:
    """Migrate one file that is a project of its own, in memory."""
    result = migrate(Project((SourceFile(path, data),)), settings or Settings())
    after = next((file.after for file in result.files), data)
    return Migrated(after, result.findings, result.failures)
