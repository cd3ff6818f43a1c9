"""``# share2post: ignore[S2P001] reason`` above a statement, on its first or last line, or on the finding's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from share2post.model import Finding, Fix, Reason
from share2post.semantics.module import Comment
from share2post.semantics.world import Unit

_COMMENT = re.compile(r"#\s*share2post:\s*ignore(?:\[(?P<codes>[^\]]*)\])?")


@dataclass(eq=False)
class Suppression:
    """One comment: the codes it names, the lines it covers, and whether it silenced anything."""

    unit: Unit
    comment: Comment
    codes: tuple[str, ...]
    lines: frozenset[int]
    used: set[str] = field(default_factory=set)

    def silences(self, finding: Finding) -> bool:
        """Whether it silences a finding."""
        if finding.path != self.unit.path or not finding.rule.startswith(self.codes or ("\0",)):
            return False
        return bool(self.lines & self._lines_of(finding))

    def _lines_of(self, finding: Finding) -> set[int]:
        return {finding.span.line}


def suppressions(unit: Unit) -> list[Suppression]:
    """The suppression comments of a file."""
    if "share2post:" not in unit.module.text:
        return []
    found = []
    for comment in unit.module.comments:
        match = _COMMENT.match(comment.text)
        if match is not None:
            codes = tuple(code.strip() for code in (match["codes"] or "").split(",") if code.strip())
            found.append(Suppression(unit, comment, codes, _covered(unit, comment)))
    return found


def _covered(unit: Unit, comment: Comment) -> frozenset[int]:
    """The lines a comment covers: its own, and those of the statement it stands above, on or behind."""
    module = unit.module
    line = module.line_of(comment.start)
    own = not module.text[module.line_start(comment.start) : comment.start].strip()
    lines = {line}
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.stmt):
            continue
        start, end = node.lineno, _last_line(node)
        first = min([start, *(d.lineno for d in getattr(node, "decorator_list", []))])
        above = own and _next_code_line(unit, line) == first
        if above or line in (start, end):
            lines.update(range(first, end + 1))
    return frozenset(lines)


def _last_line(node: ast.stmt) -> int:
    """A statement's last line; a compound one counts as its header."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
        return max(node.lineno, body[0].lineno - 1)
    return node.end_lineno or node.lineno


def _next_code_line(unit: Unit, line: int) -> int:
    """The first line behind a comment line that is neither blank nor a comment."""
    module = unit.module
    while line < len(module.starts):
        line += 1
        end = module.starts[line] if line < len(module.starts) else len(module.text)
        text = module.text[module.starts[line - 1] : end].strip()
        if text and not text.startswith("#"):
            return line
    return 0


def silence(findings: Iterable[Finding], known: list[Suppression]) -> list[Finding]:
    """Mark the findings that a comment silences."""
    marked = []
    for finding in findings:
        hit = next((s for s in known if s.silences(finding)), None)
        if hit is not None:
            hit.used.add(finding.rule)
        marked.append(replace(finding, suppressed=True) if hit is not None else finding)
    return marked


def idle(known: list[Suppression]) -> list[Finding]:
    """A finding for each comment that names no code or silences nothing."""
    found = []
    for suppression in known:
        unused = [
            code for code in suppression.codes if not any(rule.startswith(code) for rule in suppression.used)
        ]
        if suppression.codes and not unused:
            continue
        module, comment = suppression.unit.module, suppression.comment
        what = (
            f"this suppression silences nothing: {', '.join(unused)} is not found here; remove it"
            if suppression.codes
            else "a suppression needs a code: write # share2post: ignore[S2P001] and the reason"
        )
        span = module.span_of(comment.start, comment.end)
        rule = unused[0] if unused and len(unused[0]) == len("S2P001") else "S2P001"
        found.append(
            Finding(rule, suppression.unit.path, span, what, Fix.MANUAL, f"{suppression.unit.path}:{span.line}",
                    Reason.UNUSED_SUPPRESSION)
        )  # fmt: skip
    return found
