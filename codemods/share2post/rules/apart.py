"""A request that is described in one place and answered in another: where its two halves are written.

::

    request = Request(url, data=body)       # the init, in place
    with urlopen(request) as response:      # stays
        result = json.load(response)        # stays; the PUT follows
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from share2post.model import Reason
from share2post.protocols import Line, Request, Written
from share2post.rules.hosting import Host, closed
from share2post.rules.moving import ends_line, starts_line
from share2post.rules.reading import Reading
from share2post.sites import Draft
from share2post.syntax.layout import Group, Item, call, render
from share2post.syntax.style import Style, indentation


def check_place(draft: Draft, request: Request) -> None:
    """Whether the request is described where statements can stand in front of it."""
    unit = request.unit
    statement = unit.module.statement(request.call)
    if request.answer is None or statement is unit.module.statement(request.answer):
        return
    hint = closed(unit, request.call, statement)
    if hint is None and not (starts_line(unit, statement) and ends_line(unit, statement)):
        hint = "the statement shares its line with others; give it a line of its own"
    if hint is not None:
        draft.stop(Reason.UNSUPPORTED_CONTEXT, hint, unit, request.call)


@dataclass(eq=False)
class Apart:
    """Writes the two halves."""

    draft: Draft
    request: Request
    host: Host
    style: Style
    line: Callable[[Line, str], str]

    def place(self, written: Written, before: list[str], comments: list[str], reading: Reading) -> None:
        """The init where the request is described, the reading and the PUT where it is answered."""
        module, newline = self.request.unit.module, self.style.newline
        statement = module.statement(self.request.call)
        indent = indentation(module, statement)
        start, end = module.extent(self.request.call)
        column = start - module.line_start(start) - len(indent)
        lines = [*comments, *(part for text in before for part in text.split("\n"))]
        lines += [self.line(line, "") for line in written.before]
        lifted = (
            not self.host.direct and self.host.manager is None and reading.after is not self.host.statement
        )
        if lifted and statement is self.host.statement:
            self._lift(written, lines, reading, together=True)
            return
        self.draft.replace(self.request.unit, start, end, render(written.init, indent, self.style, column))
        text = "".join(f"{indent}{line}{newline}" for line in lines)
        offset = module.line_start(module.extent(statement)[0])
        if text:
            self.draft.replace(self.request.unit, offset, offset, text)
        if lifted:
            self._lift(written, [], reading, together=False)
        else:
            self._behind(written, reading)

    def _behind(self, written: Written, reading: Reading) -> None:
        """The PUT behind the statement that reads the answer."""
        unit, newline = self.request.unit, self.style.newline
        host, module = self.host, self.request.unit.module
        self._swap(reading)
        if host.name_it and self.request.answer is not None:
            start, end = module.extent(self.request.answer)
            if host.manager is not None:
                self.draft.replace(unit, end, end, f" as {host.response}")
            else:
                self.draft.replace(unit, start, start, f"{host.response} = ")
        if reading.after is not None:
            indent = indentation(module, reading.after)
            offset = module.line_end(module.extent(reading.after)[1])
        elif reading.before is not None:
            indent = indentation(module, reading.before)
            offset = module.line_start(module.extent(reading.before)[0])
        elif host.manager is not None:
            indent = indentation(module, host.manager.body[0])
            offset = module.line_start(module.extent(host.manager.body[0])[0])
        else:
            indent = host.indent
            offset = module.line_end(module.extent(host.statement)[1])
        lines = [f"{indent}{reading.line}"] if reading.line else []
        lines += [self.line(line, indent) for line in written.put]
        if reading.late is not None:
            target, fresh = reading.late
            self.draft.swap(unit, target, fresh)
            lines.append(f"{indent}{target.id} = {fresh}")
        ended = module.text[:offset].endswith(("\n", "\r")) or not offset
        text = newline.join(lines)
        self.draft.replace(unit, offset, offset, f"{text}{newline}" if ended else f"{newline}{text}")

    def _lift(self, written: Written, lines: list[str], reading: Reading, *, together: bool) -> None:
        """``return json.load(urlopen(request))["data"]``: the answer is had in front of its statement."""
        unit, module, host, newline = (
            self.request.unit,
            self.request.unit.module,
            self.host,
            self.style.newline,
        )
        answer = self.request.answer or self.request.call
        start, end = module.extent(answer)
        text, indent, deeper = module.text[start:end], host.indent, host.indent + self.style.indent
        if together and isinstance(answer, ast.Call):
            text = render(self._sent(written, answer), indent, self.style, len("with "))
        made = [*(f"{indent}{line}" for line in lines), f"{indent}with {text} as {host.response}:"]
        made.append(f"{deeper}{reading.line}")
        made += [self.line(line, indent) for line in written.put]
        offset = module.line_start(module.extent(host.statement)[0])
        self._swap(reading)
        self.draft.replace(unit, offset, offset, newline.join(made) + newline)
        if not reading.swaps:
            self.draft.replace(unit, start, end, host.response)

    def _sent(self, written: Written, answer: ast.Call) -> Group:
        """``urlopen(Request(...), timeout=...)`` with the new request in it."""
        source = self.request.unit.module.source
        items = []
        for node in answer.args:
            items.append(Item("", written.init if node is self.request.call else source(node)))
        for keyword in answer.keywords:
            items.append(Item(f"{keyword.arg}=" if keyword.arg else "**", source(keyword.value)))
        return call(source(answer.func), *items)

    def _swap(self, reading: Reading) -> None:
        unit, draft = self.request.unit, self.draft
        for node, old, new in reading.swaps:
            draft.changes = [
                replace(c, text=c.text.replace(old, new)) if c.unit is unit else c for c in draft.changes
            ]
            draft.swap(unit, node, new)
