"""True positions inside f-strings.

Before Python 3.12 ``ast`` places what stands in the braces of an f-string by
searching for its text, and is often wrong (bpo-35212, gh-94869). Here the
braces are found by reading the string, each expression is parsed again by
itself, and the positions are carried over, node by node.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator

_OPENING = re.compile(r"(?i)([a-z]*)('''|\"\"\"|'|\")")


def repair(tree: ast.Module, text: str, place: Callable[[int], tuple[int, int]]) -> None:
    """Give every node inside an f-string of ``tree`` its true position; a no-op from 3.12 on.

    ``place`` turns an offset into the line and the UTF-8 column that ``ast`` would give.
    """
    if sys.version_info >= (3, 12):
        return
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    nested = {
        inner
        for node in strings
        for inner in ast.walk(node)
        if isinstance(inner, ast.JoinedStr) and inner is not node
    }
    tops = [node for node in strings if node not in nested]
    if not tops:
        return
    tokens = list(_strings(text))
    for node in tops:
        start, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
        own = [(offset, token) for offset, token in tokens if start <= place(offset) < end]
        fields = [field for offset, token in own for field in _fields(offset, token)]
        values = [value for value in node.values if isinstance(value, ast.FormattedValue)]
        if len(fields) == len(values):
            for (offset, expression), value in zip(fields, values, strict=True):
                _carry(value.value, offset, expression, place)


def _strings(text: str) -> Iterator[tuple[int, str]]:
    newline = re.compile(r"\r\n|\r|\n")
    starts = [0, *(match.end() for match in newline.finditer(text))]
    for token in tokenize.generate_tokens(io.StringIO(newline.sub("\n", text)).readline):
        if token.type == tokenize.STRING:
            line, column = token.start
            end_line, end_column = token.end
            start = starts[line - 1] + column
            yield start, text[start : starts[end_line - 1] + end_column]


def _fields(offset: int, token: str) -> Iterator[tuple[int, str]]:
    """The expressions in the braces of one string token, with their offsets."""
    opening = _OPENING.match(token)
    if opening is None or "f" not in opening[1].lower():
        return
    index, end = opening.end(), len(token) - len(opening[2])
    while index < end:
        if token[index] == "{":
            if token[index + 1 : index + 2] == "{":
                index += 2
                continue
            close, after = _expression_end(token, index + 1, end)
            yield offset + index + 1, token[index + 1 : close]
            index = after
        else:
            index += 1


def _expression_end(token: str, index: int, end: int) -> tuple[int, int]:
    """Where a field's expression ends, and where the field does."""
    depth, start, quote = 0, index, ""
    while index < end:
        char = token[index]
        if quote:
            if token.startswith(quote, index):
                index += len(quote)
                quote = ""
                continue
        elif char in "'\"":
            quote = token[index : index + 3] if token[index : index + 3] in ("'''", '"""') else char
            index += len(quote)
            continue
        elif char in "([{":
            depth += 1
        elif char in ")]}" and depth:
            depth -= 1
        elif char == "}":
            return index, index + 1
        elif (
            not depth
            and (char == ":" or (char == "!" and token[index + 1 : index + 2] != "="))
            or not depth
            and char == "="
            and token[start:index].strip()
            and _is_debug(token, index, end)
        ):
            return index, _field_end(token, index, end)
        index += 1
    return end, end


def _is_debug(token: str, index: int, end: int) -> bool:
    before, after = token[index - 1], token[index + 1 : end].lstrip()[:1]
    return before not in "=!<>" and after in ("}", "!", ":")


def _field_end(token: str, index: int, end: int) -> int:
    depth = 1
    while index < end and depth:
        depth += {"{": 1, "}": -1}.get(token[index], 0)
        index += 1
    return index


def _carry(node: ast.expr, offset: int, expression: str, place: Callable[[int], tuple[int, int]]) -> None:
    try:
        again = ast.parse(f"({expression})", mode="eval").body
    except SyntaxError:
        return
    rows = [0]
    for line in expression.split("\n"):
        rows.append(rows[-1] + len(line) + 1)
    lines = expression.split("\n")

    def true(line: int, column: int) -> tuple[int, int]:
        shift = 1 if line == 1 else 0
        row = lines[line - 1] if line <= len(lines) else ""
        characters = len(row.encode()[: column - shift].decode(errors="ignore"))
        return place(offset + rows[line - 1] + characters)

    for old, new in zip(ast.walk(node), ast.walk(again), strict=False):
        if type(old) is not type(new):
            return
        if isinstance(new, ast.expr | ast.keyword) and isinstance(old, ast.expr | ast.keyword):
            old.lineno, old.col_offset = true(new.lineno, new.col_offset)
            old.end_lineno, old.end_col_offset = true(new.end_lineno or 1, new.end_col_offset or 0)
