"""From a result to bytes."""

from __future__ import annotations

import json

from share2post.model import Failure, FileResult, Finding, Fix, Reason, RunResult, SourceFile, Span
from share2post.reports import diff, text
from share2post.reports import json as as_json

SAFE = Finding("S2P001", "a.py", Span(3, 5, 3, 9), "an upload", Fix.SAFE, "a.py:3")
LEFT = Finding("S2P002", "b.py", Span(1, 1, 1, 2), "a\ntoken", Fix.MANUAL, "b.py:1", Reason.UNKNOWN_TOKEN)
FIXED = Finding("S2P001", "a.py", Span(3, 5, 3, 9), "an upload", Fix.SAFE, "a.py:3", fixed=True)
SILENT = Finding("S2P001", "c.py", Span(1, 1, 1, 2), "silenced", Fix.SAFE, "c.py:1", suppressed=True)


def test_a_line_for_each_finding_and_a_summary() -> None:
    result = RunResult((SAFE, LEFT), scanned=3)

    assert text.render(result, verb="check").decode() == (
        "a.py:3:5: S2P001 an upload [fix: safe]\n"
        "b.py:1:1: S2P002 a token [fix: manual, unknown-token]\n"
        "Scanned 3 files: found 2 in 2 files; 1 to be fixed; 1 by hand.\n"
        "Left by reason: unknown-token 1.\n"
    )


def test_what_fix_did_and_left() -> None:
    result = RunResult((FIXED, LEFT, SILENT), failures=(Failure("d.py", "broken"),), scanned=1_234)

    assert text.render(result, verb="fix").decode().splitlines() == [
        "a.py:3:5: S2P001 an upload [fixed]",
        "b.py:1:1: S2P002 a token [fix: manual, unknown-token]",
        "Scanned 1,234 files: found 2 in 2 files; fixed 1; left 1; 1 suppressed; 1 error.",
        "Left by reason: unknown-token 1.",
    ]


def test_diff_speaks_of_what_would_be() -> None:
    result = RunResult((FIXED, LEFT), scanned=2)

    assert text.render(result, verb="diff").decode().splitlines() == [
        "b.py:1:1: S2P002 a token [fix: manual, unknown-token]",
        "Scanned 2 files: found 2 in 2 files; would fix 1; left 1.",
        "Left by reason: unknown-token 1.",
    ]


def test_quiet_has_no_summary() -> None:
    assert text.render(RunResult((), scanned=2), verb="check", quiet=True) == b""


def test_a_path_that_is_no_text_keeps_its_bytes() -> None:
    odd = Finding("S2P001", "caf\udce9.py", Span(1, 1, 1, 2), "an upload", Fix.SAFE, "x")

    assert text.render(RunResult((odd,), scanned=1), verb="check").startswith(b"caf\xe9.py:1:1:")
    assert json.loads(as_json.render(RunResult((odd,))))["findings"][0]["path"] == "caf\udce9.py"


def test_json_counts_by_rule_and_reason() -> None:
    summary = json.loads(as_json.render(RunResult((FIXED, LEFT, SILENT), scanned=3)))["summary"]

    assert summary == {
        "scanned": 3,
        "found": 2,
        "fixed": 1,
        "left": 1,
        "suppressed": 1,
        "errors": 0,
        "by_rule": {"S2P001": 1, "S2P002": 1},
        "by_reason": {"unknown-token": 1},
    }


def test_a_patch_is_true_to_the_byte() -> None:
    before = b"a\r\nb\r\nc"
    result = RunResult((), (FileResult(SourceFile("x.py", before), b"a\r\nB\xff\r\nc"),))

    assert diff.render(result) == (
        b"--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,3 @@\n a\r\n-b\r\n+B\xff\r\n c\n\\ No newline at end of file\n"
    )


def test_a_file_that_stays_as_it_is_has_no_patch() -> None:
    before = b"a\n"

    assert diff.render(RunResult((), (FileResult(SourceFile("x.py", before), before),))) == b""


def test_colour_does_not_reach_into_the_next_line() -> None:
    result = RunResult((), (FileResult(SourceFile("x.py", b"a\n"), b"b\n"),))

    assert b"\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n" in diff.render(result, color=True)
