"""One group of mocks that share tests or answers: rewritten together, in every test they serve, or not at all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from share2post import tiktok
from share2post.rules.mocks.answers import UPLOAD_LINK, Answers, Old, Unseen
from share2post.rules.mocks.assertions import assertion, bearer
from share2post.rules.mocks.kinds import Kinds
from share2post.rules.mocks.library import Library, Mock, Query
from share2post.rules.mocks.scopes import Scope
from share2post.rules.mocks.seen import Sightings
from share2post.rules.moving import ends_line, remove_element, starts_line
from share2post.semantics.urls import Target, endpoint
from share2post.semantics.values import Evaluator, Text
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.layout import render
from share2post.syntax.style import indentation, style_of

_OBSERVING: Final = frozenset(
    {
        "calls", "request_history", "call_count", "called_once", "last_request", "latest_requests", "requests",
        "assert_called_once", "assert_called_once_with", "assert_called_with", "assert_any_call", "assert_has_calls",
        "assert_has_requests",
    }
)  # fmt: skip
_TELLING: Final = frozenset({"calls", "request_history", "last_request", "latest_requests", "called_once"})
_ADDRESSED: Final = frozenset(
    {"startswith", "assert_call_count", "assert_called_once_with", "assert_called_with"}
)
_REGISTERING: Final = frozenset(
    {
        "add",
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "head",
        "options",
        "request",
        "register_uri",
        "route",
        "upsert",
    }
)


@dataclass(eq=False)
class Found:
    """One registration and what was learnt of it."""

    library: Library
    mock: Mock
    scopes: list[Scope]
    olds: list[Old] = field(default_factory=list)
    problem: str = ""


@dataclass(eq=False)
class Group:
    """Registrations that can only be rewritten together, and the text that does it."""

    members: list[Found]
    scopes: list[Scope]
    addresses: list[tuple[Unit, ast.expr]] = field(default_factory=list)


@dataclass(eq=False)
class Rewriting:
    """Rewrites a group into a draft. Raises Unseen."""

    evaluator: Evaluator
    kinds: Kinds
    draft: Draft
    group: Group
    others: list[tuple[Library, list[Scope]]]  # registrations that are none of ours

    def run(self) -> None:
        """Rewrite answers, registrations, and what the tests say of the requests."""
        answers = Answers(self.evaluator)
        bodies: set[ast.AST] = {
            b.value for f in self.group.members for b in f.mock.bodies if b.value is not None
        }
        problem = next((f.problem for f in self.group.members if f.problem), "")
        if problem:
            raise Unseen(problem)
        olds = {old.node: old for found in self.group.members for old in found.olds}
        for old in olds.values():
            if answers.strangers(old, bodies, self.draft):
                raise Unseen("what it answers is used for something else too")
            answers.write(old, self.draft)
        seconds: set[tuple[ast.AST | None, str, str]] = set()
        for found in self.group.members:
            self._queries(found.mock)
            self.group.addresses.append((found.mock.unit, found.mock.url))
            self._second(found, seconds)
        for scope in self.group.scopes:
            self._scope(*scope, olds)

    # the registration

    def _second(self, found: Found, known: set[tuple[ast.AST | None, str, str]]) -> None:
        """Answer the second request of an upload that succeeds."""
        mock, module = found.mock, found.mock.unit.module
        statement = module.statement(mock.call)
        alone = isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign) and statement.value is mock.outer
        if not alone or not starts_line(mock.unit, statement) or not ends_line(mock.unit, statement):
            raise Unseen("it stands inside another expression")
        key = (module.parent(statement), mock.receiver, found.library.name)
        if not any(mock.wins) or (key in known and not found.library.once):
            return
        known.add(key)
        style, indent = style_of(module), indentation(module, statement)
        link = f"{style.quote}{UPLOAD_LINK}{style.quote}"
        text = f"{indent}{render(found.library.put(mock, link), indent, style)}"
        offset = module.line_end(module.extent(statement)[1])
        ended = module.text[:offset].endswith(("\n", "\r"))
        line = f"{text}{style.newline}" if ended else f"{style.newline}{text}"
        self.draft.replace(mock.unit, offset, offset, line)

    def _queries(self, mock: Mock) -> None:
        """What it asks of the query, of the header now."""
        lists: dict[ast.List | ast.Tuple, dict[ast.AST, str]] = {}
        for query in mock.queries:
            text = self._query(mock.unit, query)
            holder = mock.unit.module.parent(query.node)
            if isinstance(holder, ast.List | ast.Tuple):
                lists.setdefault(holder, {})[query.node] = text
            elif text:
                self.draft.swap(mock.unit, query.node, text)
            else:
                self._drop(mock, query.node)
        for holder, texts in lists.items():
            kept = [texts.get(e, mock.unit.module.source(e)) for e in holder.elts]
            left = [text for text in kept if text]
            keyword = mock.unit.module.parent(holder)
            if left:
                self.draft.swap(mock.unit, holder, f"[{', '.join(left)}]")
            elif keyword is not None:
                self._drop(mock, keyword)

    def _query(self, unit: Unit, query: Query) -> str:
        values = query.values
        if values is None:
            return ""
        named = {
            k.value: v for k, v in zip(values.keys, values.values, strict=True) if isinstance(k, ast.Constant)
        }
        known = {tiktok.TOKEN_PARAMETER, tiktok.OPEN_ID_PARAMETER}
        if len(named) != len(values.keys) or named.keys() - known:
            raise Unseen("it asks for something else in the query")
        token = named.get(tiktok.TOKEN_PARAMETER)
        if token is None:
            return ""
        quote = style_of(unit.module).quote
        return f"{query.before}{quote}Authorization{quote}: {bearer(unit, token, quote)}{query.after}"

    def _drop(self, mock: Mock, keyword: ast.AST) -> None:
        arguments: list[ast.AST] = [*mock.call.args, *mock.call.keywords]
        index = arguments.index(keyword)
        remove_element(self.draft, mock.unit, keyword, keyword, mock.call, index, len(arguments))

    # a test

    def _scope(self, unit: Unit, function: ast.AST, olds: dict[ast.Dict | ast.Constant, Old]) -> None:
        serving = [f for f in self.group.members if any(u is unit and s is function for u, s in f.scopes)]
        covered: set[ast.AST] = set()
        for library in dict.fromkeys(found.library for found in serving):
            mocks = [found.mock for found in serving if found.library is library]
            self._logs(unit, function, library, mocks, covered)
        inside = {part for node in olds for part in ast.walk(node)}
        urls = {f.mock.url for f in serving}
        self.group.addresses += [(unit, node) for node in named_in(self.evaluator, unit, function, urls)]
        expect_words(self.draft, unit, function, {old.code for f in serving for old in f.olds} - {0}, inside)

    def _logs(
        self, unit: Unit, function: ast.AST, library: Library, mocks: list[Mock], covered: set[ast.AST]
    ) -> None:
        alone = not any(
            lib is library and any(u is unit and s is function for u, s in scopes)
            for lib, scopes in self.others
        )
        wins = [won for mock in mocks for won in mock.wins]
        sightings = Sightings(self.evaluator, self.draft, unit, library, wins, alone)
        for node in ast.walk(function):
            log = library.log(node) if isinstance(node, ast.expr) and node not in covered else None
            if log is None or not isinstance(node, ast.expr):
                continue
            route = self._route(unit, log.receiver, mocks)
            if route is None and self.kinds.of(unit, log.receiver) is not library:
                continue
            covered.update(ast.walk(node))
            sightings.read(node, log, route)
        sightings.finish()
        for node in ast.walk(function):
            if not isinstance(node, ast.Attribute) or node.attr not in _OBSERVING or node in covered:
                continue
            kind = self.kinds.of(unit, node.value)
            ours = kind is library or self._route(unit, node.value, mocks) is not None
            if ours or (kind is None and node.attr in _TELLING and any(wins)):
                line = unit.module.span(node).line
                raise Unseen(f"its test looks at the requests in a way that is not known (line {line})")

    def _route(self, unit: Unit, node: ast.expr, mocks: Iterable[Mock]) -> Mock | None:
        """The registration that a name holds."""
        binding = unit.flow.only(node) if isinstance(node, ast.Name) else None
        if binding is None or binding.value is None:
            return None
        return next((mock for mock in mocks if binding.value in (mock.outer, mock.call)), None)


def named_in(evaluator: Evaluator, unit: Unit, function: ast.AST, urls: set[ast.expr]) -> Iterator[ast.expr]:
    """Every other place of a test that names the old URL. Raises Unseen."""
    for node in addresses(evaluator, unit, function):
        parent = unit.module.parent(node)
        if any(node is url or node in ast.walk(url) for url in urls):
            continue
        if isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value is node:
            continue
        called = parent.func if isinstance(parent, ast.Call) and node in parent.args else None
        known = isinstance(called, ast.Attribute) and called.attr in _ADDRESSED
        if not known and assertion(unit, node) is None:
            raise Unseen(
                f"its test names the old URL for something else (line {unit.module.span(node).line})"
            )
        yield node


def expect_words(draft: Draft, unit: Unit, function: ast.AST, codes: set[int], inside: set[ast.AST]) -> None:
    """The number of a refusal that a test expects to see again. Raises Unseen."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Constant) or node in inside or unit.module.fstring(node) is not None:
            continue
        if isinstance(node.value, str):
            source = new = unit.module.source(node)
            for code in codes:
                new = re.sub(rf"\b{code}\b", tiktok.CODES[code][0], new)
            if new != source:
                draft.swap(unit, node, new)
        elif type(node.value) is int and node.value in codes:
            said = assertion(unit, node)
            quote = style_of(unit.module).quote
            if said is not None and said.op in ("==", "!=") and not isinstance(said.other, ast.Call):
                draft.swap(unit, node, f"{quote}{tiktok.CODES[node.value][0]}{quote}")
            elif isinstance(unit.module.parent(node), ast.Tuple | ast.List | ast.Set | ast.Compare):
                raise Unseen(f"its test expects the number {node.value} in a way that is not known")


def registers(kinds: Kinds, unit: Unit, call: ast.Call) -> Library | None:
    """The library with which a call registers an answer, whatever it is for."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in _REGISTERING:
        return None
    return kinds.of(unit, func.value)


def addresses(evaluator: Evaluator, unit: Unit, root: ast.AST) -> Iterator[ast.expr]:
    """The largest expressions that give the old URL."""
    kinds = (ast.Constant, ast.JoinedStr, ast.BinOp, ast.Name, ast.Attribute, ast.Subscript, ast.Call)
    pending = [root]
    while pending:
        node = pending.pop()
        loads = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        if isinstance(node, kinds) and loads and is_address(evaluator, unit, node):
            yield node
        else:
            pending += reversed(list(ast.iter_child_nodes(node)))


def is_address(evaluator: Evaluator, unit: Unit, node: ast.expr) -> bool:
    """Whether an expression gives the old URL, or a pattern that stands for it."""
    texts = [*evaluator.texts(unit, node), *pattern(evaluator, unit, node)]
    return any(endpoint(text).target is Target.UPLOAD for text in texts)


def pattern(evaluator: Evaluator, unit: Unit, node: ast.expr) -> list[Text]:
    """The URL that ``re.compile(r"^https://host/path/.*$")`` stands for."""
    if isinstance(node, ast.Name | ast.Attribute):
        found = evaluator.world.definition(unit, node)
        known = found is not None and isinstance(found.value, ast.Call)
        return pattern(evaluator, found.unit, found.value) if found is not None and known else []
    if (
        not isinstance(node, ast.Call)
        or not node.args
        or evaluator.world.qualified(unit, node.func) != "re.compile"
    ):
        return []
    argument = node.args[0]
    if isinstance(argument, ast.Call) and evaluator.world.qualified(unit, argument.func) == "re.escape":
        argument = argument.args[0] if argument.args else argument
    text = evaluator.text(unit, argument)
    whole = text.known if text is not None else None
    if text is None or whole is None:
        return []
    plain = re.sub(r"(\\\?)?(\.[*+])?\$?$", "", whole.removeprefix("^"))
    plain = re.sub(r"\\([./?-])", r"\1", plain)
    return [Text([plain], text.leaves)] if re.fullmatch(r"[\w:/.-]+\??", plain) else []
