"""What a program reads: one object."""

from __future__ import annotations

from collections import Counter

from share2post.model import Finding, RunResult
from share2post.version import VERSION
from share2post.wording import reason_counts


def render(result: RunResult) -> bytes:
    """The findings, the errors and the counts of a run."""
    import json

    findings = [finding for finding in result.findings if not finding.suppressed]
    left = [finding for finding in findings if not finding.fixed]
    document = {
        "version": VERSION,
        "findings": [_finding(finding) for finding in findings],
        "errors": [{"path": failure.path, "message": failure.message} for failure in result.failures],
        "summary": {
            "scanned": result.scanned,
            "found": len(findings),
            "fixed": len(findings) - len(left),
            "left": len(left),
            "suppressed": len(result.findings) - len(findings),
            "errors": len(result.failures),
            "by_rule": dict(sorted(Counter(finding.rule for finding in findings).items())),
            "by_reason": reason_counts(left),
        },
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def _finding(finding: Finding) -> dict[str, str | int | bool | None]:
    return {
        "rule": finding.rule,
        "path": finding.path,
        "line": finding.span.line,
        "column": finding.span.column,
        "end_line": finding.span.end_line,
        "end_column": finding.span.end_column,
        "message": finding.message,
        "fix": str(finding.fix),
        "fixed": finding.fixed,
        "site": finding.site,
        "reason": None if finding.reason is None else str(finding.reason),
    }
