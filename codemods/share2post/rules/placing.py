"""Where the new statements stand: in place of the old call, in front of its statement, behind it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from share2post.model import Reason
from share2post.protocols import Line, Request, Written
from share2post.rules.hosting import Host, header_end
from share2post.rules.late_names import left_end
from share2post.rules.moving import Mover
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.layout import render
from share2post.syntax.style import Style


@dataclass(eq=False)
class Placing:
    """Writes them into the file."""

    draft: Draft
    unit: Unit
    request: Request
    mover: Mover
    style: Style

    def place(self, host: Host, written: Written, before: list[str]) -> None:
        """The init in place of the old call, what it needs in front of it, the PUT behind it."""
        module, style, newline = self.unit.module, self.style, self.style.newline
        start, end = module.extent(self.request.outer)
        indent = host.indent
        statement_start = module.line_start(module.extent(host.statement)[0])
        comments = self.comments(start, end)
        lines = [*comments, *(part for text in before for part in text.split("\n"))]
        if host.bound & set(re.findall(r"\w+", " ".join(lines))):
            self.draft.stop(
                Reason.UNSUPPORTED_CONTEXT,
                "the with statement opens several things; give the request a with of its own",
                self.unit,
                self.request.outer,
            )
        awaited = "await " if isinstance(self.request.outer, ast.Await) else ""
        put_indent = indent
        if host.manager is not None:
            put_indent = style.indent + indent
        put = [self.line(line, put_indent) for line in written.put]
        if host.late:
            statement = module.extent(host.statement)[0]
            self.draft.replace(self.unit, statement, left_end(self.unit, host.statement), host.response)
            put.append(f"{indent}{host.late} = {host.response}")
        if host.direct or host.manager is not None:
            column = start - module.line_start(start) - len(indent)
            name = f"{host.response} = " if host.name_it and host.direct else ""
            init = name + awaited + render(written.init, indent, style, column + len(name) + len(awaited))
            if host.manager is not None and host.name_it:
                init += f" as {host.response}"
            self.draft.replace(self.unit, start, end, init)
            text = "".join(f"{indent}{line}{newline}" for line in lines)
            if text:
                self.draft.replace(self.unit, statement_start, statement_start, text)
            self._after(host, put)
            return
        init = f"{host.response} = {awaited}"
        init += render(written.init, indent, style, len(init))
        text = "".join(f"{indent}{line}{newline}" for line in [*lines, init])
        text += "".join(f"{line}{newline}" for line in put)
        self.draft.replace(self.unit, statement_start, statement_start, text)
        if host.walrus is not None:
            start, end = module.extent(host.walrus)
        read = isinstance(module.parent(self.request.outer), ast.Attribute)  # (await ...).json()
        if host.walrus is not None or read:
            left = len(module.text[:start].rstrip())
            right = len(module.text) - len(module.text[end:].lstrip())
            if module.text[left - 1 : left] == "(" and module.text[right : right + 1] == ")":
                start, end = left - 1, right + 1
        self.draft.replace(self.unit, start, end, host.response)

    def _after(self, host: Host, put: list[str]) -> None:
        module, newline = self.unit.module, self.style.newline
        if host.manager is not None:
            offset = header_end(module, host.manager)
            self.draft.replace(self.unit, offset, offset, "".join(f"{line}{newline}" for line in put))
            return
        if not put:
            return
        offset = module.line_end(module.extent(host.statement)[1])
        ended = module.text[:offset].endswith(("\n", "\r"))
        text = newline.join(put)
        self.draft.replace(self.unit, offset, offset, f"{text}{newline}" if ended else f"{newline}{text}")

    def line(self, line: Line, indent: str) -> str:
        """One line of the new text, laid out for its indentation."""
        inner = indent + self.style.indent * line.depth
        return f"{inner}{line.before}{render(line.value, inner, self.style, len(line.before))}{line.after}"

    def comments(self, start: int, end: int) -> list[str]:
        """The comments inside the old call, which is written anew without them."""
        module = self.unit.module
        kept = [module.extent(n) for n in self.mover.kept if isinstance(n, ast.expr)]
        found = []
        for comment in module.comments_within(start, end):
            if not any(low <= comment.start < high for low, high in kept):
                found.append(comment.text)
        return found
