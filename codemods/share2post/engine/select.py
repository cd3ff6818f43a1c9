"""Which findings a user is told about, and which of them decide the exit status."""

from __future__ import annotations

from collections.abc import Iterable

from share2post.catalogue import BY_CODE
from share2post.model import Finding
from share2post.settings import Settings


def reported(findings: Iterable[Finding], settings: Settings) -> tuple[Finding, ...]:
    """The findings of a whole project that are to be shown.

    A note is shown beside a Share Video upload, or where it was selected by its own code. Hand
    over the findings of every file, not only of those that were asked about: whether a note is
    shown must not depend on how the files were named.
    """
    findings = tuple(findings)
    beside_upload = any(is_upload(finding) for finding in findings)
    return tuple(
        finding
        for finding in findings
        if settings.selects(finding.rule)
        and (not is_note(finding.rule) or beside_upload or settings.selects_by_code(finding.rule))
    )


def counts(finding: Finding, settings: Settings) -> bool:
    """Whether a finding is legacy usage that someone has to deal with."""
    if finding.suppressed or finding.fixed:
        return False
    return not is_note(finding.rule) or settings.selects_by_code(finding.rule)


def is_upload(finding: Finding) -> bool:
    """Whether a finding is part of a Share Video upload."""
    return finding.rule in ("S2P001", "S2P002", "S2P003", "S2P004")


def is_note(rule: str) -> bool:
    """Whether a rule only tells, and changes nothing."""
    return rule in BY_CODE and BY_CODE[rule].note
