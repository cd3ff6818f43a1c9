"""A file as a place for comments: where its statements begin, and where one may stand above them."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from share2post.semantics.module import Comment, Module

# These speak of the line below them, so nothing may come between.
_DIRECTIVE: Final = re.compile(
    r"#\s*(share2post|ruff|pylint|mypy|pyright|type|nosemgrep|nosem|lint-ignore|lint-fixme)\b"
)
# These must stay on the first lines of a file.
_HEAD: Final = re.compile(r"#!|#.*coding[:=]")


@dataclass(eq=False)
class Sheet:
    """One file's lines."""

    module: Module

    def __post_init__(self) -> None:
        self._logical = self.module.logical_lines
        self._ends = [last for _, last in self._logical]
        self._decorated = dict(self._under_decorators())

    def statement(self, line: int) -> int:
        """The first line of the statement, clause or decorator list at a line, or of the next one below; or 0.

        What shares a line with others counts as one with them.
        """
        index = bisect_left(self._ends, line)
        if index == len(self._logical):
            return 0
        first = self._logical[index][0]
        return self._decorated.get(first, first)

    def comment_above(self, line: int, text: str) -> tuple[int, int, str]:
        """The insertion of a comment above the statement that begins at a line, in the file's style."""
        statement = self._row(line)
        indent = statement[: len(statement) - len(statement.lstrip(" \t\f"))].replace("\f", "")
        own = {self.module.line_of(comment.start): comment for comment in self._alone()}
        while self._continued(line) or _speaks_of_next(own.get(line - 1), line - 1):
            line -= 1
        start = self.module.starts[line - 1]
        return start, start, f"{indent}{text}{self._newline(statement)}"

    def line_of_its_own(self, comment: Comment) -> tuple[int, int] | None:
        """The whole line of a comment; ``None`` where the line above would then go on into the next."""
        if self._continued(self.module.line_of(comment.start)):
            return None
        return self.module.line_start(comment.start), self.module.line_end(comment.start)

    def _continued(self, line: int) -> bool:
        """Whether the line above ends with a backslash that joins it to this one."""
        if line < 2 or not self._row(line - 1).rstrip("\r\n").endswith("\\"):
            return False
        start, end = self.module.starts[line - 2], self.module.starts[line - 1]
        return not self.module.comments_within(start, end)

    def _alone(self) -> list[Comment]:
        module = self.module
        return [c for c in module.comments if not module.text[module.line_start(c.start) : c.start].strip()]

    def _row(self, line: int) -> str:
        starts = self.module.starts
        return self.module.text[starts[line - 1] : starts[line] if line < len(starts) else None]

    def _newline(self, row: str) -> str:
        for text in (row, self.module.text):
            found = re.search(r"\r\n|\r|\n", text)
            if found is not None:
                return found[0]
        return "\n"

    def _under_decorators(self) -> list[tuple[int, int]]:
        """For each line of a decorator list, and of the definition below it, the first line of the list."""
        found: list[tuple[int, int]] = []
        for node in ast.walk(self.module.tree):
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                and node.decorator_list
            ):
                top = self._logical[bisect_left(self._ends, node.decorator_list[0].lineno)][0]
                found += [(first, top) for first, _ in self._logical if top <= first <= node.lineno]
        return found


def _speaks_of_next(comment: Comment | None, line: int) -> bool:
    if comment is None or (line <= 2 and _HEAD.match(comment.text)):
        return False
    return _DIRECTIVE.match(comment.text) is not None
