"""An answer whose body can be read only once: the one reading that serves both the PUT and the program.

::

    with urlopen(request) as response:
        result = json.loads(response.read())    # the program's own reading: the PUT follows it
        ...                                     # and uses ``result``
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from share2post.model import Reason
from share2post.protocols import Request
from share2post.rules.failing import after_failure
from share2post.rules.hosting import Host
from share2post.semantics.reads import Reader, What
from share2post.semantics.world import Unit
from share2post.sites import Draft

_LEAVING = (ast.Return, ast.Break, ast.Continue, ast.Yield, ast.YieldFrom)


@dataclass(frozen=True, eq=False)
class Reading:
    """The text of the parsed answer; a line that makes it (in front of ``before``, or right behind the
    call), or ``after``, the statement of the program that does.

    ``swaps`` are the program's readings, which now use what the line made: the
    expression, its text where it may have been copied to, the new text.
    """

    parsed: str
    line: str = ""
    after: ast.stmt | None = None
    before: ast.stmt | None = None
    swaps: tuple[tuple[ast.expr, str, str], ...] = ()
    late: tuple[ast.Name, str] | None = None  # a name of the program, and the one it is given after the PUT


@dataclass(eq=False)
class ReadingFinder:
    """Works out how an answer is read."""

    draft: Draft
    request: Request
    host: Host
    reader: Reader
    pick: Callable[[], str]
    json: Callable[[], str]
    raises: bool  # whether a refused request never gets as far as the reading

    @property
    def unit(self) -> Unit:
        """The module of the request."""
        return self.request.unit

    def find(self) -> Reading | None:
        """The reading; ``None`` with the obstacle noted."""
        function = self.unit.function_of(self.request.call)
        for unit, call in self.reader.reads:
            if unit is not self.unit or unit.function_of(call) is not function:
                hint = "the response is read in another function, and its body can be read only once"
                self.draft.stop(Reason.RESPONSE_ESCAPES, hint, unit, call)
                return None
        self._stop_where_swallowed()
        reads = [call for _, call in self.reader.reads]
        if not reads:
            return self._unread()
        if len(reads) == 1:
            return self._own(reads[0]) or self._inline(reads[0])
        return self._several(reads)

    def _unread(self) -> Reading:
        name, response = self.pick(), self.host.response
        if self.raises:
            return Reading(name, f"{name} = {self.json()}.loads({response}.read())")
        return Reading(f"{self.json()}.loads({name})", f"{name} = {response}.read()")

    def _own(self, read: ast.Call) -> Reading | None:
        """``result = json.loads(response.read())``: a statement that runs whenever the call succeeds."""
        named = [(node, what) for node, what in self.reader.kinds.items() if what in (What.BODY, What.RAW)]
        kept: dict[What, list[tuple[ast.stmt, str]]] = {What.BODY: [], What.RAW: []}
        for node, what in named:
            statement = self.unit.module.parent(node)
            name = _name(statement)
            if (
                isinstance(node, ast.Call)
                and isinstance(statement, ast.stmt)
                and name
                and self._straight(statement)
            ):
                kept[what].append((statement, name))
        if kept[What.BODY]:
            statement, name = min(kept[What.BODY], key=lambda found: found[0].lineno)
            for earlier, other in kept[What.RAW]:
                self._stop_where_read(earlier, other)
            return self._late(statement, name, "{}")
        if kept[What.RAW]:
            statement, name = max(kept[What.RAW], key=lambda found: found[0].lineno)
            return self._late(statement, name, f"{self.json()}.loads({{}})")
        del read
        return None

    def _late(self, statement: ast.stmt, name: str, parsed: str) -> Reading:
        """The program's own reading; its name is given after the PUT where the program goes on without it (T22)."""
        target = _target(statement)
        after = after_failure(self.unit, statement, target) if target is not None else None
        if after is None or not after.reads:
            return Reading(parsed.format(name), after=statement)
        if after.handling and all(self.unit.flow.only(read) is not None for read in after.handling):
            hint = (
                f"{name} is read at line {after.line}, where a failed upload is handled and it is not known"
            )
            self.draft.doubt(Reason.RESPONSE_ESCAPES, hint, self.unit, after.handling[0])
        fresh = self.pick()
        return Reading(
            parsed.format(fresh), after=statement, late=(target, fresh) if target is not None else None
        )

    def _stop_where_swallowed(self) -> None:
        """A response's name that is read although the PUT failed: it is given too early."""
        self._stop_where_read(self.host.statement, self.host.response)

    def _stop_where_read(self, statement: ast.stmt, name: str) -> None:
        target = _target(statement)
        if target is None or target.id != name:
            return
        after = after_failure(self.unit, statement, target)
        if after.reads:
            hint = (
                f"{name} is read again at line {after.line}, where the upload may have failed after the init;"
                " keep what you need of it in a name that is given last inside the try"
            )
            self.draft.stop(Reason.RESPONSE_ESCAPES, hint, self.unit, after.reads[0])

    def _inline(self, read: ast.Call) -> Reading:
        """``return json.loads(response.read())["data"]``: read in front, once."""
        name = self.pick()
        bodies = [n for n, what in self.reader.kinds.items() if what is What.BODY and isinstance(n, ast.Call)]
        whole = next((body for body in bodies if any(part is read for part in ast.walk(body))), None)
        statement = self.unit.module.statement(read)
        straight = statement is not self.host.statement and self._straight(statement)
        soon = self.raises or straight or statement is self.host.statement
        if whole is not None and soon:
            text = self._text(whole)
            before = statement if straight else None
            return Reading(name, f"{name} = {_flat(text)}", before=before, swaps=((whole, text, name),))
        return self._several([read], name)

    def _several(self, reads: list[ast.Call], name: str = "") -> Reading:
        name = name or self.pick()
        parsed = f"{self.json()}.loads({name})"
        swaps = [(call, self._text(call), name if _reads(call) else parsed) for call in reads]
        return Reading(
            f"{self.json()}.loads({name})", f"{name} = {self.host.response}.read()", swaps=tuple(swaps)
        )

    def _text(self, node: ast.expr) -> str:
        """An expression's text, with the response's name for the call that gives it."""
        module, answer = self.unit.module, self.request.answer
        start, end = module.extent(node)
        if answer is None or not any(part is answer for part in ast.walk(node)):
            return module.text[start:end]
        inner, outer = module.extent(answer)
        return f"{module.text[start:inner]}{self.host.response}{module.text[outer:end]}"

    def _straight(self, target: ast.stmt) -> bool:
        """Whether a statement runs whenever the call succeeded, with nothing said or done in between."""
        module, current = self.unit.module, self.host.statement
        if target is current:
            return self.host.manager is None and not self.host.direct
        if self.host.manager is not None:
            body = self.host.manager.body
            if target in body:
                return _quiet(body[: body.index(target)])
            if not _quiet(body):
                return False
        for _ in range(20):
            parent = module.parent(current)
            block = _block(parent, current)
            rest = block[block.index(current) + 1 :] if current in block else []
            if target in rest:
                return _quiet(rest[: rest.index(target)])
            if not _quiet(rest) or not isinstance(parent, ast.With | ast.AsyncWith | ast.Try):
                return False
            if isinstance(parent, ast.Try) and block is parent.body:
                if target in parent.orelse:
                    return _quiet(parent.orelse[: parent.orelse.index(target)])
                if not _quiet([*parent.orelse, *parent.finalbody]):
                    return False
            current = parent
        return False


def _block(parent: ast.AST | None, statement: ast.stmt) -> list[ast.stmt]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement in block:
            return block
    return []


def _quiet(statements: list[ast.stmt]) -> bool:
    """Whether statements only assign, close something, or raise: nothing is reported as done yet."""
    for statement in statements:
        if any(isinstance(part, _LEAVING) for part in ast.walk(statement)):
            return False
        if isinstance(statement, ast.Expr):
            call = statement.value
            closing = (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr == "close"
            )
            if not closing:
                return False
        elif isinstance(statement, ast.If):
            if not all(isinstance(inner, ast.Raise) for inner in [*statement.body, *statement.orelse]):
                return False
        elif not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Pass):
            return False
    return True


def _name(statement: ast.AST | None) -> str:
    """The name a statement assigns, where it assigns just one."""
    target = _target(statement)
    return target.id if target is not None else ""


def _target(statement: ast.AST | None) -> ast.Name | None:
    """What a statement assigns, where it is just one name."""
    if isinstance(statement, ast.AnnAssign):
        targets: list[ast.expr] = [statement.target]
    else:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
    return targets[0] if len(targets) == 1 and isinstance(targets[0], ast.Name) else None


def _flat(text: str) -> str:
    """A call on one line, where it was spread over several for the sake of what stood in it."""
    if "#" in text or '"""' in text or "'''" in text:
        return text
    return re.sub(r",? \)", ")", re.sub(r"\s*\n\s*", " ", text).replace("( ", "("))


def _reads(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "read"
