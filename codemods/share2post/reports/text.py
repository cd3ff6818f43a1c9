"""What a person reads: a line for each finding, and how it all came out."""

from __future__ import annotations

from collections import Counter

from share2post.model import Finding, Fix, RunResult
from share2post.wording import clean, counted, reason_counts

RED, GREEN, YELLOW, BOLD, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[0m"


def render(result: RunResult, *, verb: str, color: bool = False, quiet: bool = False) -> bytes:
    """The findings and the summary of a run of ``check``, ``diff`` or ``fix``."""
    findings = [finding for finding in result.findings if not finding.suppressed]
    lines = [
        line(finding, verb, color=color) for finding in findings if not (verb == "diff" and finding.fixed)
    ]
    if not quiet:
        lines += summary(result, verb=verb)
    return "".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape")


def summary(result: RunResult, *, verb: str) -> list[str]:
    """What was scanned, found, fixed and left, and why it was left."""
    findings = [finding for finding in result.findings if not finding.suppressed]
    comments = _comments(result, verb)
    if not findings and not result.failures and len(findings) == len(result.findings):
        return [clean(result.scanned), *comments]
    files = len({finding.path for finding in findings})
    where = f" in {counted(files, 'file')}" if findings else ""
    parts = [f"Scanned {counted(result.scanned, 'file')}: found {len(findings):,}{where}"]
    fixed = sum(finding.fixed for finding in findings)
    left = [finding for finding in findings if not finding.fixed]
    if verb == "check":
        parts += _fixes(findings)
    else:
        parts.append(f"{'would fix' if verb == 'diff' else 'fixed'} {fixed:,}")
        parts.append(f"left {len(left):,}")
    if suppressed := len(result.findings) - len(findings):
        parts.append(f"{suppressed:,} suppressed")
    if result.failures:
        parts.append(counted(len(result.failures), "error"))
    reasons = reason_counts(left)
    names = ", ".join(f"{reason} {number:,}" for reason, number in reasons.items())
    return ["; ".join(parts) + ".", *([f"Left by reason: {names}."] if names else []), *comments]


def _comments(result: RunResult, verb: str) -> list[str]:
    """What was done about the comments at what is left, if anything."""
    words = ("to add", "to remove") if verb == "diff" else ("added", "removed")
    numbers = (sum(f.annotated for f in result.files), sum(f.cleared for f in result.files))
    parts = [f"{number:,} {word}" for number, word in zip(numbers, words, strict=True) if number]
    return [f"TODO comments: {', '.join(parts)}."] if parts else []


def _fixes(findings: list[Finding]) -> list[str]:
    words = {Fix.SAFE: "to be fixed", Fix.UNSAFE: "with --unsafe-fixes", Fix.MANUAL: "by hand"}
    counter = Counter(finding.fix for finding in findings)
    return [f"{counter[fix]:,} {word}" for fix, word in words.items() if counter[fix]]


def line(finding: Finding, verb: str, *, color: bool = False) -> str:
    """One finding: where it is, its rule, what there is to say, and what becomes of it."""
    place = f"{finding.path}:{finding.span.line}:{finding.span.column}:"
    reason = f", {finding.reason}" if finding.reason is not None and not finding.fixed else ""
    fate = "fixed" if finding.fixed and verb == "fix" else f"fix: {finding.fix}{reason}"
    message = " ".join(finding.message.split())
    if not color:
        return f"{place} {finding.rule} {message} [{fate}]"
    tint = GREEN if finding.fixed or finding.fix is Fix.SAFE else YELLOW
    return f"{BOLD}{place}{PLAIN} {RED}{finding.rule}{PLAIN} {message} {tint}[{fate}]{PLAIN}"
