"""Where the token is in the old request, and how the new one gets it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace

from share2post import tiktok
from share2post.model import Reason
from share2post.protocols import Request
from share2post.rules.forms import carried, dropped_values
from share2post.rules.handmade import read_handmade
from share2post.rules.moving import Mover
from share2post.rules.own_headers import bearer, edit, is_own
from share2post.semantics.callers import argument_for, callers
from share2post.semantics.flow import Kind
from share2post.semantics.mappings import Entry, Mapping, Mappings
from share2post.semantics.module import last_name
from share2post.semantics.sessions import SECRET_HEADERS
from share2post.semantics.urls import Endpoint
from share2post.semantics.uses import uses_of
from share2post.semantics.values import QUOTERS, Evaluator, Hole, Piece
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.layout import Item
from share2post.syntax.style import Style

_TOKEN_HEADERS = SECRET_HEADERS - {"authorization"}


@dataclass(eq=False)
class Body:
    """The request's mappings, read."""

    params: Mapping | None = None
    data: Mapping | None = None
    headers: Mapping | None = None
    files: Mapping | None = None
    json: Mapping | None = None
    all: list[Mapping] = field(default_factory=list)
    strays: list[ast.AST] = field(default_factory=list)
    built: list[ast.stmt] = field(default_factory=list)  # what only puts a hand-made body together


@dataclass(frozen=True, eq=False)
class Token:
    """The token: the text that gives it at the call, or a header that already holds it."""

    text: str = ""
    in_headers: bool = False


def read_body(mappings: Mappings, request: Request) -> Body:
    """Read every mapping of a request."""
    body = Body()
    for role in ("params", "data", "headers", "files", "json"):
        node = getattr(request, role)
        if node is not None:
            mapping = mappings.read(request.unit, node, request.call)
            setattr(body, role, mapping)
            body.all.append(mapping)
    if request.form is not None:
        whole = mappings.read(request.unit, request.form, request.call)
        body.all.append(whole)
        body.strays = carried(whole, request, body.headers)
        _split(body, whole)
    if request.body is not None:
        gone = dropped_values(body.headers) | {part for step in request.steps for part in _dropped_step(step)}
        made = read_handmade(mappings.evaluator, request, request.body, gone)
        body.data, body.files, body.built, body.strays = made.data, made.files, made.built, made.strays
        body.all += [mapping for mapping in (made.data, made.files) if mapping is not None]
    return body


def _dropped_step(step: Entry) -> list[ast.AST]:
    """The parts of a statement that set a header which goes with the old body."""
    gone = step.key.lower() in ("content-type", "content-length") and step.statement is not None
    return list(ast.walk(step.statement)) if gone and step.statement is not None else []


def _split(body: Body, whole: Mapping) -> None:
    """A form that holds the fields and the file in one argument, taken apart."""
    if whole.form and (whole.others or whole.far):
        whole.unknown = whole.unknown or (whole.others[0] if whole.others else whole.node)
    files = whole.find(tiktok.VIDEO_PART) or [entry for entry in whole.entries if _is_file(entry)]
    fields = [entry for entry in whole.entries if entry not in files]
    body.data = replace(whole, entries=fields, beside=files)
    if files:
        body.files = replace(whole, entries=files, beside=fields)


def _is_file(entry: Entry) -> bool:
    """Whether a part is sent as a file, whatever it is called."""
    if isinstance(entry.value, ast.Tuple) or any(
        name in ("filename", "content_type") for name, _ in entry.options
    ):
        return True
    value = entry.value.value if isinstance(entry.value, ast.Await) else entry.value
    called = value.func if isinstance(value, ast.Call) else None
    name = last_name(called)
    return name in ("open", "read", "read_bytes")


@dataclass(eq=False)
class Credentials:
    """Finds the token and builds the headers of the init request."""

    evaluator: Evaluator
    draft: Draft
    mover: Mover
    request: Request
    style: Style

    def find(self, endpoint: Endpoint, body: Body) -> Token | None:
        """The token, from the URL's query, the parameters, the form, the headers or the session."""
        unit = self.request.unit
        for key, _ in endpoint.query:
            if key in (tiktok.TOKEN_PARAMETER, tiktok.OPEN_ID_PARAMETER):
                self.draft.mark("S2P002", unit, self.request.url, f"{key} is sent in the URL")
        for mapping in (body.params, body.data, body.json):
            for entry in mapping.entries if mapping is not None else ():
                if entry.key in (tiktok.TOKEN_PARAMETER, tiktok.OPEN_ID_PARAMETER):
                    self.draft.mark("S2P002", entry.unit, entry.node, f"{entry.key} is sent in the request")
        found: list[Token] = []
        in_url = [pieces for key, pieces in endpoint.query if key == tiktok.TOKEN_PARAMETER]
        if in_url:
            found.append(self._from_url(in_url[-1]))
        unsent = body.json if self.request.files is not None else None  # beside files, clients leave json out
        for mapping in (body.params, body.data, body.json):
            if mapping is not None and mapping is not unsent and mapping.find(tiktok.TOKEN_PARAMETER):
                found.append(self._from_mapping(mapping, mapping.find(tiktok.TOKEN_PARAMETER)))
        header = self._from_headers(body.headers) or self._from_steps()
        if header is not None and (not found or header.in_headers and self._same(body, found)):
            return header
        if found:
            self._warn_of_several(found, header)
            return found[0]
        if self.draft.obstacles:
            return None
        return self._from_session(body, unsent)

    def _warn_of_several(self, found: list[Token], header: Token | None) -> None:
        """Two tokens that are not the same expression: the old API went by the one in the request itself."""
        if header is not None or len({token.text for token in found}) > 1:
            hint = "tokens are sent in two places, and may differ; the one the old API went by is kept"
            self.draft.doubt(Reason.UNKNOWN_TOKEN, hint, self.request.unit, self.request.call)

    def _same(self, body: Body, found: list[Token]) -> bool:
        """Whether the header holds the very token that is also sent elsewhere."""
        entry = self._authorization(body.headers)
        if entry is None:
            return False
        pieces = self._bearer(entry)
        if pieces is None or len(pieces) != 1 or not isinstance(pieces[0], Hole):
            return False
        return ast.unparse(pieces[0].node) in {token.text for token in found}

    def _from_url(self, pieces: tuple[Piece, ...]) -> Token:
        if len(pieces) == 1 and isinstance(pieces[0], Hole):
            hole = pieces[0]
            return Token(self._value(hole.unit, hole.node))
        if len(pieces) == 1 and isinstance(pieces[0], str):
            return Token(repr(pieces[0]) if self.style.quote == "'" else f'"{pieces[0]}"')
        self.draft.stop(
            Reason.UNKNOWN_TOKEN,
            "the token in the URL is put together in a way the tool cannot take apart",
            self.request.unit,
            self.request.url,
        )
        return Token()

    def _from_mapping(self, mapping: Mapping, entries: list[Entry]) -> Token:
        entry = entries[-1]
        if entry.conditional or len(entries) > 1:
            self.draft.stop(
                Reason.UNKNOWN_TOKEN,
                "the token is set in one branch and not in another",
                entry.unit,
                entry.node,
            )
            return Token()
        if (mapping.far or mapping.others) and not entry.paired:
            quote = self.style.quote
            held = (
                entry.owner
                if entry.owner is not None and isinstance(mapping.node, ast.Dict)
                else mapping.node
            )
            source = self.mover.keep(self.request.unit, held)
            return Token(f"{source}[{quote}{entry.key}{quote}]")
        value = self._unquoted(entry.unit, entry.value)
        listed = isinstance(entry.unit.module.parent(entry.node), ast.Tuple | ast.List)
        reachable = entry.statement is None or self.mover.reachable(entry.unit, value, entry.statement)
        if not listed and not mapping.form and not reachable:
            quote = self.style.quote
            return Token(f"{self.mover.keep(self.request.unit, mapping.node)}[{quote}{entry.key}{quote}]")
        return Token(self._value(entry.unit, entry.value, entry.statement))

    def _value(self, unit: Unit, node: ast.expr, statement: ast.stmt | None = None) -> str:
        """The token's text at the call, without the percent-encoding that a query wanted (T13)."""
        node = self._unquoted(unit, node)
        if isinstance(node, ast.Name | ast.Attribute):
            self._decode_definition(unit, node)
        return self.mover.text_at_call(unit, node, "access_token", statement)

    def _unquoted(self, unit: Unit, node: ast.expr) -> ast.expr:
        while (
            isinstance(node, ast.Call)
            and node.args
            and self.evaluator.world.qualified(unit, node.func) in QUOTERS
        ):
            node = node.args[0]
        return node

    def _decode_definition(self, unit: Unit, node: ast.expr) -> None:
        """``token = quote(raw)`` made for the URL alone: the encoding goes where it was put on."""
        definition = self.evaluator.world.definition(unit, node)
        if definition is None:
            self._encoded_by_callers(unit, node)
            return
        value = definition.value
        raw = self._unquoted(definition.unit, value)
        changed = (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr == "replace"
        )
        if raw is value and not (changed and "%" in ast.unparse(value)):
            return
        uses = uses_of(self.evaluator.world, definition)
        if changed or uses.hidden or [use for _, use in uses.loads] != [node]:
            self.draft.stop(
                Reason.UNKNOWN_TOKEN,
                "the token is percent-encoded where it is made; a Bearer header wants it as it is",
                definition.unit,
                value,
            )
            return
        self.draft.swap(definition.unit, value, definition.unit.module.source(raw))
        self.mover.kept.update(ast.walk(raw))

    def _encoded_by_callers(self, unit: Unit, node: ast.expr) -> None:
        """A parameter: what the project's own calls pass for it must not be encoded either."""
        binding = unit.flow.only(node) if isinstance(node, ast.Name) else None
        function = binding.scope.node if binding is not None and binding.kind is Kind.PARAMETER else None
        if binding is None or not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return
        for other_unit, call in callers(self.evaluator, unit, function):
            passed = argument_for(call, unit, function, binding.name)
            if passed is not None and self._unquoted(other_unit, passed) is not passed:
                self.draft.stop(
                    Reason.UNKNOWN_TOKEN,
                    f"the token is percent-encoded by the caller ({other_unit.path}:{call.lineno});"
                    " a Bearer header wants it as it is",
                    unit,
                    node,
                )

    def _authorization(self, headers: Mapping | None) -> Entry | None:
        entries = (
            [e for e in headers.entries if e.key.lower() == "authorization"] if headers is not None else []
        )
        return entries[-1] if entries else None

    def _bearer(self, entry: Entry) -> list[Piece] | None:
        """The token's pieces in ``"Bearer ..."``."""
        text = self.evaluator.text(entry.unit, entry.value)
        if text is None or not text.pieces:
            return None
        first = text.pieces[0]
        if not isinstance(first, str) or not first.lower().startswith("bearer "):
            return None
        rest = first[len("bearer ") :]
        return [*([rest] if rest else []), *text.pieces[1:]]

    def _from_headers(self, headers: Mapping | None) -> Token | None:
        if headers is None:
            return None
        entry = self._authorization(headers)
        pieces = self._bearer(entry) if entry is not None else None
        if entry is not None and pieces is not None:
            return self._scheme(entry, pieces)
        named = [e for e in headers.entries if e.key.lower() in _TOKEN_HEADERS]
        if named:
            self.draft.mark("S2P002", named[-1].unit, named[-1].node, f"{named[-1].key} is sent as a header")
            return self._from_mapping(headers, named)
        return None

    def _scheme(self, entry: Entry, pieces: list[Piece]) -> Token:
        """``"bearer ..."`` in small letters is written anew, as TikTok documents it."""
        text = self.evaluator.text(entry.unit, entry.value)
        first = text.pieces[0] if text is not None else ""
        alone = pieces[0] if len(pieces) == 1 else None
        if str(first).startswith("Bearer ") or not isinstance(alone, Hole) or entry.conditional:
            return Token(in_headers=True)
        return Token(self._value(alone.unit, alone.node, entry.statement))

    def _from_steps(self) -> Token | None:
        """``request.add_header("Authorization", f"Bearer {token}")``."""
        for step in self.request.steps:
            if step.key.lower() == "authorization" and self._bearer(step) is not None:
                return Token(in_headers=True)
            if step.key.lower() in _TOKEN_HEADERS:
                self.draft.mark("S2P002", step.unit, step.node, f"{step.key} is sent as a header")
                return Token(self._value(step.unit, step.value, step.statement))
        return None

    def _drop_steps(self, *, keep_authorization: bool) -> None:
        """The statements that set headers which the init must not have, or has already."""
        for step in self.request.steps:
            name = step.key.lower()
            unwanted = name in ("content-type", "content-length") or name in _TOKEN_HEADERS
            if step.statement is not None and (
                unwanted or (name == "authorization" and not keep_authorization)
            ):
                self.mover.remove_statement(step.unit, step.statement)

    def _from_session(self, body: Body, unsent: Mapping | None) -> Token | None:
        session = self.request.session
        unit, call = self.request.unit, self.request.call
        quote = self.style.quote
        if session is not None and session.params is not None and tiktok.TOKEN_PARAMETER in session.params:
            return Token(f"{session.source}.params[{quote}{tiktok.TOKEN_PARAMETER}{quote}]")
        if session is not None and session.bearer:
            return Token(in_headers=True)
        cookies = any(name == "cookies" for name, _ in self.request.kept) or self._cookies()
        hint = "no access token is seen in this request: send it as Authorization: Bearer"
        if unsent is not None and unsent.find(tiktok.TOKEN_PARAMETER):
            hint = (
                "the token stands in json=, which is not sent beside files=: send it as Authorization: Bearer"
            )
        elif self._authorization(body.headers) is not None:
            hint = (
                'the Authorization header is not seen to hold "Bearer " and the token: write it as'
                ' "Bearer " and the token'
            )
        elif cookies:
            hint = (
                "the request is signed in by a cookie, which the new API does not take: have the user consent by "
                f"OAuth (Login Kit, scope {tiktok.UPLOAD_SCOPE}) and send the access token as Authorization: Bearer"
            )
        self.draft.stop(Reason.UNKNOWN_TOKEN, hint, unit, call)
        return None

    def _cookies(self) -> bool:
        """Whether the session is given cookies, or the request a Cookie header."""
        unit, session, headers = self.request.unit, self.request.session, self.request.headers
        given = headers is not None and "cookie" in unit.module.source(headers).lower()
        if session is None:
            return given
        named = re.escape(session.source) + r"\.cookies\b"
        return given or "cookies" in session.options or bool(re.search(named, unit.module.text))

    # the new headers

    def headers(self, token: Token, mapping: Mapping | None) -> tuple[Item, ...]:
        """The headers of the init: what was there, the token, the JSON type."""
        items: list[Item] = []
        kept_authorization = token.in_headers
        self._drop_steps(keep_authorization=kept_authorization)
        unwanted = {"content-type", "content-length", *_TOKEN_HEADERS}
        if not kept_authorization:
            unwanted.add("authorization")
        if mapping is not None:
            given = "" if kept_authorization else token.text
            if edit(self.mover, self.style, mapping, given, unwanted):
                return (Item("", f"**{self.mover.keep(self.request.unit, mapping.node)}"),)
            items += self._existing(mapping, unwanted)
        quote = self.style.quote
        if not kept_authorization:
            items.append(Item(f"{quote}Authorization{quote}: ", bearer(token.text, quote)))
        items.append(Item(f"{quote}{self._type_name(mapping)}{quote}: ", f"{quote}{tiktok.JSON_TYPE}{quote}"))
        return tuple(items)

    def _type_name(self, mapping: Mapping | None) -> str:
        """``Content-Type`` as headers that are spread in front of it spell it: two of them would both be sent."""
        if mapping is None:
            return "Content-Type"
        whole = not isinstance(mapping.node, ast.Dict)
        kept = [entry for entry in mapping.entries if whole or entry.owner is not None]
        return next((e.key for e in kept if e.key.lower() == "content-type"), "Content-Type")

    def _existing(self, mapping: Mapping, unwanted: set[str]) -> list[Item]:
        unit, node = self.request.unit, mapping.node
        if isinstance(node, ast.Dict):
            return self._inline(unit, node, unwanted)
        entries = [e for e in mapping.entries if e.key.lower() in unwanted]
        own = mapping.binding is not None and not mapping.others and not mapping.far
        if entries and len(entries) == len(mapping.entries) and own and mapping.unknown is None:
            self.mover.discard(unit, mapping)
            return []
        if own:
            for entry in entries:
                if is_own(self.mover, mapping) or entry.key.lower() != "content-type":
                    self.mover.remove_entry(entry)
        elif any(e.key.lower() in {*_TOKEN_HEADERS, "content-length"} for e in entries):
            self.draft.stop(
                Reason.UNSUPPORTED_ARGUMENT,
                "the headers hold the token in a header of their own and are used elsewhere too",
                unit,
                node,
            )
        source = self.mover.keep(unit, node)
        made = [binding.value for binding in unit.flow.reaching(node)] if isinstance(node, ast.Name) else []
        certain = mapping.unknown is None or (
            bool(made) and all(isinstance(value, ast.Dict) for value in made)
        )
        return [Item("", f"**{source}" if certain else f"**({source} or {{}})")]

    def _inline(self, unit: Unit, node: ast.Dict, unwanted: set[str]) -> list[Item]:
        items = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                items.append(Item("", f"**{self.mover.keep(unit, value)}"))
                continue
            text = self.evaluator.text(unit, key)
            name = (text.known or "").lower() if text is not None else ""
            if name in unwanted:
                continue
            items.append(Item(f"{self.mover.keep(unit, key)}: ", self.mover.keep(unit, value)))
        return items
