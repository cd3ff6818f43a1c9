"""One parsed file: its text, its tree, and where each node stands.

All offsets here are indices into the decoded text; only ``byte_edits`` speaks of bytes.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from share2post.model import Edit, Span
from share2post.semantics.fstrings import repair
from share2post.wording import own_words

_NEWLINE = re.compile(r"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"
_BETWEEN = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)

Placed = ast.expr | ast.stmt | ast.alias | ast.arg | ast.keyword | ast.pattern | ast.ExceptHandler


class Unreadable(Exception):
    """A file that cannot be decoded or parsed; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: its offsets and its text."""

    start: int
    end: int
    text: str


@dataclass(eq=False)
class Module:
    """A file's text and tree, with parents and offsets."""

    path: str
    data: bytes
    text: str
    encoding: str
    tree: ast.Module
    starts: tuple[int, ...]
    parents: dict[ast.AST, ast.AST]
    _comments: tuple[Comment, ...] | None = field(default=None, repr=False)

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that holds this one."""
        return self.parents.get(node)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around this one, innermost first."""
        current = self.parents.get(node)
        while current is not None:
            yield current
            current = self.parents.get(current)

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that holds this node (or the node itself)."""
        current: ast.AST | None = node
        while current is not None and not isinstance(current, ast.stmt):
            current = self.parents.get(current)
        if current is None:
            raise ValueError("the module itself stands in no statement")
        return current

    def offset(self, line: int, byte_column: int) -> int:
        """The text offset of a position as ``ast`` gives it."""
        start = self.starts[line - 1]
        if byte_column == 0:
            return start
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        row = self.text[start:end]
        if row.isascii():
            return start + byte_column
        return start + len(row.encode()[:byte_column].decode(errors="ignore"))

    def extent(self, node: ast.AST) -> tuple[int, int]:
        """Where a node starts and ends."""
        placed = self.placed(node)
        end_line, end_column = placed.end_lineno, placed.end_col_offset
        if end_line is None or end_column is None:
            raise ValueError("ast gave this node no end")
        return self.offset(placed.lineno, placed.col_offset), self.offset(end_line, end_column)

    def placed(self, node: ast.AST) -> Placed:
        """The node itself, or the nearest one around it that has a position."""
        best: ast.AST | None = node
        while best is not None and not isinstance(best, Placed):
            best = self.parents.get(best)
        if best is None:
            raise ValueError("a node without a position")
        return best

    def fstring(self, node: ast.AST) -> ast.JoinedStr | None:
        """The outermost f-string in whose braces the node stands."""
        found: ast.JoinedStr | None = None
        for around in self.ancestors(node):
            if isinstance(around, ast.JoinedStr):
                found = around
            elif isinstance(around, ast.stmt):
                break
        return found

    def source(self, node: ast.AST) -> str:
        """The text of a node as it is written."""
        start, end = self.extent(node)
        return self.text[start:end]

    def span(self, node: ast.AST) -> Span:
        """Where a node stands, as reports say it."""
        start, end = self.extent(node)
        return self.span_of(start, end)

    def span_of(self, start: int, end: int) -> Span:
        """Where a stretch of text stands, as reports say it."""
        line, end_line = self.line_of(start), self.line_of(end)
        return Span(line, start - self.starts[line - 1] + 1, end_line, end - self.starts[end_line - 1] + 1)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the UTF-8 column of an offset, as ``ast`` gives them."""
        line = self.line_of(offset)
        return line, len(self.text[self.starts[line - 1] : offset].encode())

    def line_of(self, offset: int) -> int:
        """The 1-based line of an offset."""
        low, high = 0, len(self.starts)
        while high - low > 1:
            middle = (low + high) // 2
            if self.starts[middle] <= offset:
                low = middle
            else:
                high = middle
        return low + 1

    def line_start(self, offset: int) -> int:
        """The offset at which the line of an offset starts."""
        return self.starts[self.line_of(offset) - 1]

    def line_end(self, offset: int) -> int:
        """The offset just behind the line break of the line of an offset."""
        line = self.line_of(offset)
        return self.starts[line] if line < len(self.starts) else len(self.text)

    @property
    def comments(self) -> tuple[Comment, ...]:
        """Every comment of the file in order, but for the annotations that are the tool's alone."""
        return tuple(comment for comment in self._all_comments() if own_words(comment.text) != "")

    @property
    def annotations(self) -> tuple[Comment, ...]:
        """The annotations of the file that stand on a line of their own, in order."""
        return tuple(
            comment
            for comment in self._all_comments()
            if own_words(comment.text) is not None
            and not self.text[self.line_start(comment.start) : comment.start].strip(" \t")
        )

    def _all_comments(self) -> tuple[Comment, ...]:
        if self._comments is None:
            self._comments = tuple(comments_in(self.text, self.starts))
        return self._comments

    @property
    def logical_lines(self) -> tuple[tuple[int, int], ...]:
        """The first and the last physical line of every logical line, in order."""
        found, first = [], 0
        for token in _tokens(self.text):
            if token.type == tokenize.NEWLINE:
                found.append((first, token.start[0]))
                first = 0
            elif not first and token.type not in _BETWEEN:
                first = token.start[0]
        return tuple(found)

    def comments_within(self, start: int, end: int) -> list[Comment]:
        """The comments that stand in a stretch of text."""
        return [comment for comment in self.comments if start <= comment.start < end]

    def byte_edits(self, edits: list[tuple[int, int, str]]) -> tuple[Edit, ...]:
        """Text edits as byte edits of the file on disk. Raises UnicodeEncodeError for text it cannot hold."""
        codec = "utf-8" if self.encoding == "utf-8-sig" else self.encoding
        base = len(_BOM) if self.data.startswith(_BOM) else 0

        def at(offset: int) -> int:
            return base + len(self.text[:offset].encode(codec))

        return tuple(Edit(at(start), at(end), text.encode(codec)) for start, end, text in edits)


def last_name(node: ast.expr | None) -> str:
    """``post`` of ``client.api.post``, and of ``post``; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def comments_in(text: str, starts: tuple[int, ...]) -> Iterator[Comment]:
    """The comments of a text that parses."""
    for token in _tokens(text):
        if token.type == tokenize.COMMENT:
            start = starts[token.start[0] - 1] + token.start[1]
            yield Comment(start, start + len(token.string), token.string)


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(_NEWLINE.sub("\n", text)).readline)


def line_starts(text: str) -> tuple[int, ...]:
    """The offsets at which lines start, counting lines as the Python tokenizer does."""
    return (0, *(match.end() for match in _NEWLINE.finditer(text)))


def decode(data: bytes) -> tuple[str, str]:
    """A file's text and encoding (PEP 263). Raises Unreadable."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        codec = "utf-8" if encoding == "utf-8-sig" else encoding
        body = data[len(_BOM) :] if data.startswith(_BOM) else data
        text = body.decode(codec)
        if text.encode(codec) != body:
            raise Unreadable(f"its encoding, {encoding}, does not give the same bytes back")
    except (SyntaxError, LookupError) as error:
        raise Unreadable(f"its encoding cannot be told: {error}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"it is not valid {error.encoding}: byte {error.start} does not decode") from error
    return text, encoding


@lru_cache(maxsize=512)
def parse(path: str, data: bytes) -> Module:
    """Parse one file, once. Raises Unreadable with a sentence that says where and why."""
    text, encoding = decode(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        place = f"line {error.lineno}: " if error.lineno else ""
        raise Unreadable(f"it does not parse: {place}{error.msg}") from error
    except ValueError as error:
        raise Unreadable(f"it does not parse: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise Unreadable("it does not parse: an expression is nested too deep") from error
    module = Module(path, data, text, encoding, tree, line_starts(text), _parents(tree))
    repair(tree, text, module.place)
    return module


def _parents(tree: ast.Module) -> dict[ast.AST, ast.AST]:
    parents: dict[ast.AST, ast.AST] = {}
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr_context | ast.operator | ast.cmpop | ast.boolop | ast.unaryop):
                continue  # shared singletons: they have no one parent
            parents[child] = node
            stack.append(child)
    return parents


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Every node of a tree in source order, without recursion."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(list(ast.iter_child_nodes(current))))
