"""The last check before anything may be written: what cannot be vouched for is not written.

The edits were made from ``ast`` positions; LibCST, another parser with another
idea of a file, must agree that the result is a module and give its bytes back.
"""

from __future__ import annotations

import ast
import warnings
from collections import Counter

from share2post.model import Edit
from share2post.semantics.module import Module, Unreadable, parse

OLDEST = (3, 8)


def problem(before: Module, after: bytes, edits: tuple[Edit, ...]) -> str | None:
    """Why a result must not be written, or ``None``."""
    try:
        result = parse(before.path, after)
    except Unreadable as error:
        return f"the result cannot be read: {error}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if _parses(before.text):
                ast.parse(result.text, feature_version=OLDEST)
    except SyntaxError as error:
        return f"the result needs a newer Python than the file did (line {error.lineno})"
    lost = Counter(c.text for c in before.comments) - Counter(c.text for c in result.comments)
    if lost:
        return "a comment would be lost"
    if not _untouched(before.data, after, edits):
        return "text outside the edits would change"
    return _libcst(after)


def another_program(before: Module, after: bytes, edits: tuple[Edit, ...]) -> str | None:
    """Why a result that differs in annotations alone must not be written, or ``None``.

    Everything but comments is as it was, so there is nothing for LibCST to witness.
    """
    try:
        result = parse(before.path, after)
    except Unreadable as error:
        return f"the result cannot be read: {error}"
    if result.encoding != before.encoding or _shape(result.tree) != _shape(before.tree):
        return "it would be another program"
    ours = set(before.annotations)
    theirs = Counter(c.text for c in before.comments if c not in ours)
    if theirs - Counter(c.text for c in result.comments):
        return "a comment would be lost"
    return None if _untouched(before.data, after, edits) else "text outside the edits would change"


def _shape(tree: ast.Module) -> list[tuple[type[ast.AST], str]]:
    """Everything a tree says but where it stands; ``ast.dump`` would need a stack as deep as the tree."""
    return [
        (type(node), repr([_plain(value) for _, value in ast.iter_fields(node)])) for node in ast.walk(tree)
    ]


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return type(value) if isinstance(value, ast.AST) else value


def _parses(text: str) -> bool:
    try:
        ast.parse(text, feature_version=OLDEST)
    except SyntaxError:
        return False
    return True


def _untouched(before: bytes, after: bytes, edits: tuple[Edit, ...]) -> bool:
    """Whether everything between the edits stands in the result, in order."""
    last, position = 0, 0
    for edit in edits:
        kept = before[last : edit.start]
        if after[position : position + len(kept)] != kept:
            return False
        position += len(kept) + len(edit.text)
        last = edit.end
    return after[position:] == before[last:]


def _libcst(after: bytes) -> str | None:
    import libcst

    if b"\r" in after and b"\n" not in after:
        return None  # LibCST does not give files with bare CR newlines back (it is not asked to write them)
    try:
        module = libcst.parse_module(after)
    except libcst.ParserSyntaxError as error:
        return f"LibCST cannot read the result: line {error.raw_line}"
    except RecursionError:
        return "the file is nested too deep to be checked"
    return None if module.bytes == after else "LibCST does not give the result back byte for byte"
