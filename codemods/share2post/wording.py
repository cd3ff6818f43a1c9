"""Sentences and counts that more than one part of the tool uses; as cheap to import as a clean run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from share2post.model import Finding


def clean(scanned: int) -> str:
    """The last line of a run that found nothing."""
    return f"Scanned {counted(scanned, 'file')}: nothing legacy found."


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def reason_counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How often each reason stands against a fix, the most frequent first."""
    counts: dict[str, int] = {}
    for finding in findings:
        if finding.reason is not None:
            counts[str(finding.reason)] = counts.get(str(finding.reason), 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
