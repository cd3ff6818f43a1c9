"""Sentences and counts that more than one part of the tool uses; as cheap to import as a clean run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from share2post.model import Finding

# A comment that begins with this is the tool's own: `fix --annotate` writes it, `fix` removes it.
MARKER: Final = "# TODO(share2post): "


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


def annotation(rules: Iterable[str], tasks: dict[str, str]) -> str:
    """The comment for a statement: its rules, what there is to do, and the reasons for ``explain``.

    It says nothing that is not in the catalogue, so no source text and no line number can get into it.
    """
    return f"{MARKER}{', '.join(rules)}: {'; '.join(tasks.values())} [{', '.join(tasks)}]"


def own_words(comment: str) -> str | None:
    """What a person has added behind the text of an annotation; ``None`` for any other comment."""
    return comment.partition("]")[2].strip() if comment.startswith(MARKER) else None
