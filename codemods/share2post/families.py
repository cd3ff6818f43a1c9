"""What several clients have in common: one call with keyword arguments, and the two that take its place.

``requests``, ``httpx`` and ``niquests`` spell a request alike. What differs is in
a ``Family``; reading and writing are here once.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from share2post import tiktok
from share2post.model import Reason
from share2post.protocols import Context, Line, Request, Upload, Written
from share2post.semantics import sessions
from share2post.semantics.calls import Arguments, arguments, is_none
from share2post.semantics.senders import Sender, Senders
from share2post.semantics.sessions import Session
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax.imports import member_name, module_name, sibling
from share2post.syntax.layout import Group, Item, call, mapping, merged

_ROLES: Final = frozenset({"url", "method", "params", "data", "files", "json", "headers", "auth"})


@dataclass(frozen=True)
class Family:
    """How one client spells what all of them can do.

    ``functions`` maps a qualified name to the names of its positional parameters,
    ``methods`` the same for a session's methods; ``blanks`` says that ``None``
    removes a session's default; ``body`` names the argument for raw bytes; ``guarded``
    says that a session which is not seen through cannot leak either.
    """

    module: str
    functions: dict[str, tuple[str, ...]]
    methods: dict[str, tuple[str, ...]]
    sessions: frozenset[str]
    async_sessions: frozenset[str]
    kept: tuple[str, ...]
    body: str
    ok: str
    blanks: bool
    no_auth: str
    guarded: bool = False
    error: str = "RequestException"
    coroutines: frozenset[str] = frozenset()
    managed: bool = False  # its requests are context managers too, and no plain coroutines


@dataclass(frozen=True)
class Announced:
    """What an init announces: the texts of the size, of one chunk's size, and of how many there are."""

    size: str
    chunk: str
    count: str = "1"


def read(family: Family, evaluator: Evaluator, unit: Unit, node: ast.Call) -> Request | None:
    """The request a call of this family makes; ``None`` where it is not one."""
    senders = Senders(
        evaluator, unit, lambda where, function: _positional(family, evaluator, where, function) is not None
    )
    sender = senders.find(node, plainly=family.module not in unit.words)
    function = sender.function or node.func if sender is not None else node.func
    positional = _positional(family, evaluator, unit, function)
    if sender is None or positional is None:
        return None
    if sender.function is None and _is_coroutine(family, evaluator, unit, node):
        sender = senders.coroutine(node)
    given = arguments(evaluator.world, unit, sender.call, positional)
    url, method = given.get("url"), given.get("method")
    if url is None or (method is not None and not _is_post(evaluator, unit, method)):
        return None
    return _request(family, evaluator, unit, node, sender, given)


def _request(
    family: Family, evaluator: Evaluator, unit: Unit, node: ast.Call, sender: Sender, given: Arguments
) -> Request:
    """The request, from what its sender is given."""
    function, parent = sender.function or node.func, unit.module.parent(node)
    outer = parent if isinstance(parent, ast.Await) and sender.result is None else node
    values = {name: None if is_none(value) else value for name, value in given.named.items()}
    kept = tuple((name, value) for name in family.kept if (value := values.get(name)) is not None)
    known_names = {*_ROLES, *family.kept}
    odd = tuple(
        (name, value) for name, value in values.items() if name not in known_names and value is not None
    )
    session = _session(family, evaluator, unit, function)
    own = sender.result is None and isinstance(node.func, ast.Attribute)  # self.send = self.session.post
    return Request(
        unit, node, outer, family.module, given.named["url"],
        unit.module.source(node.func if own else function),
        params=values.get("params"), data=values.get("data"), files=values.get("files"),
        json=values.get("json"), headers=values.get("headers"), auth=values.get("auth"), kept=kept,
        hidden=(*given.hidden, *given.surplus), unsupported=odd, session=session, guarded=family.guarded,
        method=given.get("method"), obstacles=(*sender.obstacles, *_lively(session, function)),
        function=sender.function, result=sender.result,
    )  # fmt: skip


def _lively(session: Session | None, function: ast.expr) -> list[tuple[Reason, str, ast.expr]]:
    """What a session does with responses by itself: hooks that see them, answers that come later."""
    if session is None:
        return []
    hint = ""
    if session.options & sessions.HOOKS:
        hint = f"the hooks of {session.source} see every response, so they must know the new ones"
    elif "multiplexed" in session.options:
        hint = f"{session.source} is multiplexed; the answer of the init must be there before the PUT is made"
    return [(Reason.UNKNOWN_SESSION, hint, function)] if hint else []


def _positional(
    family: Family, evaluator: Evaluator, unit: Unit, function: ast.expr
) -> tuple[str, ...] | None:
    """The positional parameters of one of the client's functions or methods; ``None`` where it is not one."""
    named = family.functions.get(evaluator.world.qualified(unit, function) or "")
    if named is not None:
        return named
    method = function.attr if isinstance(function, ast.Attribute) else ""
    return family.methods[method] if _session(family, evaluator, unit, function) is not None else None


def _session(family: Family, evaluator: Evaluator, unit: Unit, function: ast.expr) -> Session | None:
    """The session whose method a function is."""
    if not isinstance(function, ast.Attribute) or function.attr not in family.methods:
        return None
    if evaluator.world.qualified(unit, function) in family.functions:
        return None
    return sessions.find(evaluator, unit, function.value, family.sessions | family.async_sessions)


def _is_coroutine(family: Family, evaluator: Evaluator, unit: Unit, node: ast.Call) -> bool:
    """Whether a call gives a coroutine that something else awaits."""
    parent = unit.module.parent(node)
    if family.managed or parent is None or isinstance(parent, ast.Await):
        return False
    if evaluator.world.qualified(unit, node.func) in family.coroutines:
        return True
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    return (
        receiver is not None and sessions.find(evaluator, unit, receiver, family.async_sessions) is not None
    )


def write(family: Family, context: Context, upload: Upload) -> Written:
    """The init in place of the call, then the PUT where the init succeeded."""
    request, quote, session = upload.request, upload.style.quote, upload.request.session
    info = Item("json=", pull_info(upload.pull, quote) if upload.pull else source_info(upload.size, quote))
    headers = Item("headers=", merged(*upload.headers))
    if session is not None and not family.blanks and (not session.known or session.params):
        headers = Item("headers=", merged(*_own_token(upload), *upload.headers))
        init = _sent(family, context, upload, "POST", upload.url, [headers, info])
    else:
        guards = _without_session(family, session, quote)
        init = call(
            _callee(family, context, request),
            *first_arguments(request, upload),
            headers,
            info,
            *guards,
            *upload.kept,
        )
    if upload.pull:
        return Written(init, ())
    code = f"{upload.response}.json()[{quote}{tiktok.NEW_ERROR}{quote}][{quote}{tiktok.NEW_CODE}{quote}]"
    link = f"{upload.response}.json()[{quote}{tiktok.NEW_DATA}{quote}][{quote}{tiktok.NEW_UPLOAD_URL}{quote}]"
    return Written(
        init,
        (
            Line(0, f"if {upload.response}.{family.ok} and {code} == {quote}{tiktok.OK}{quote}:", ""),
            Line(1, f"{upload.upload_name} = {_wait(request)}", put_call(family, context, upload, link)),
            *_raised(family, context, upload),
        ),
    )


def _own_token(upload: Upload) -> list[Item]:
    """The token out of a client's own headers, for a request that is sent without them."""
    session, quote = upload.request.session, upload.style.quote
    given = any("authorization" in item.prefix.lower() for item in upload.headers)
    if session is None or not session.bearer or given:
        return []
    key = f"{quote}Authorization{quote}"
    return [Item(f"{key}: ", f"{session.source}.headers[{key}]")]


def _raised(family: Family, context: Context, upload: Upload) -> list[Line]:
    """A PUT that fails: the client's own error, and one without an answer where a handler would parse it."""
    if not upload.shielded:
        return [Line(1, f"{upload.upload_name}.raise_for_status()", "")]
    unit, node, quote = upload.request.unit, upload.request.call, upload.style.quote
    error = member_name(context.evaluator.world, context.draft, unit, node, f"{family.module}.{family.error}")
    text = f"f{quote}upload failed: HTTP {{{upload.upload_name}.status_code}}{quote}"
    return [
        Line(1, f"if not {upload.upload_name}.{family.ok}:", ""),
        Line(2, "raise ", call(error, Item("", text))),
    ]


def _callee(family: Family, context: Context, request: Request) -> str:
    """What the old call calls, or what the wrapper it goes through calls."""
    if not request.wrapper or request.session is not None:
        return request.callee
    name = request.callee.rpartition(".")[2]
    return sibling(context.evaluator.world, context.draft, request.unit, request.call, family.module, name)


def put_call(family: Family, context: Context, upload: Upload, link: str) -> Group:
    """The PUT to ``link``: by the session, without what it adds by itself, or past it."""
    request, quote, session = upload.request, upload.style.quote, upload.request.session
    body = Item(f"{family.body}=", upload.video)
    seen = session is not None and session.known
    clean = session is not None and seen and (family.blanks or _adds_nothing(session))
    blanked = [Item(f"{quote}{key}{quote}: ", "None") for key in _token_headers(session)] if clean else []
    headers = Item("headers=", mapping(*blanked, *range_headers(upload.size, upload.media_type, quote)))
    if clean and session is not None:
        guards = _without_session(family, session, quote)
        return call(f"{session.source}.put", Item("", link), body, headers, *guards, *upload.kept)
    if session is not None and not family.blanks:
        return _sent(family, context, upload, "PUT", link, [body, headers])
    put = "aput" if _wait(request) else "put"
    function = sibling(context.evaluator.world, context.draft, request.unit, request.call, family.module, put)
    return call(function, Item("", link), body, headers, *upload.kept)


def _sent(
    family: Family, context: Context, upload: Upload, method: str, url: str, items: list[Item]
) -> Group:
    """``client.send(httpx.Request(...), auth=None)``: the client's connection without its defaults."""
    request, quote = upload.request, upload.style.quote
    module = module_name(context.evaluator.world, context.draft, request.unit, request.call, family.module)
    inner, outer = list(items), []
    for item in upload.kept:
        if item.prefix == "timeout=":
            timeout = f"{{{quote}timeout{quote}: {module}.Timeout({item.value}).as_dict()}}"
            inner.append(Item("extensions=", timeout))
        elif item.prefix == "cookies=":
            inner.append(item)
        else:
            outer.append(item)
    made = call(f"{module}.Request", Item("", f"{quote}{method}{quote}"), Item("", url), *inner)
    source = request.session.source if request.session is not None else module
    return call(f"{source}.send", Item("", made), Item("auth=", "None"), *outer)


def _wait(request: Request) -> str:
    return "await " if isinstance(request.outer, ast.Await) or request.is_coroutine else ""


def source_info(size: str, quote: str, announced: Announced | None = None) -> Group:
    """The body of the init request (F3.1): one chunk, unless something else is announced."""
    chunk, count = (announced.chunk, announced.count) if announced is not None else (size, "1")
    info = mapping(
        Item(f"{quote}source{quote}: ", f"{quote}FILE_UPLOAD{quote}"),
        Item(f"{quote}video_size{quote}: ", size),
        Item(f"{quote}chunk_size{quote}: ", chunk),
        Item(f"{quote}total_chunk_count{quote}: ", count),
    )
    return mapping(Item(f"{quote}source_info{quote}: ", info))


def pull_info(url: str, quote: str) -> Group:
    """The body of an init request that names a URL instead of a file (F3.1, F3.21)."""
    info = mapping(
        Item(f"{quote}source{quote}: ", f"{quote}PULL_FROM_URL{quote}"),
        Item(f"{quote}video_url{quote}: ", url),
    )
    return mapping(Item(f"{quote}source_info{quote}: ", info))


def range_headers(size: str, media_type: str, quote: str) -> tuple[Item, ...]:
    """The headers of the PUT (F3.7 to F3.9); the client adds Content-Length for bytes by itself."""
    return (
        Item(f"{quote}Content-Range{quote}: ", f"f{quote}bytes 0-{{{size} - 1}}/{{{size}}}{quote}"),
        Item(f"{quote}Content-Type{quote}: ", f"{quote}{media_type}{quote}"),
    )


def first_arguments(request: Request, upload: Upload) -> list[Item]:
    """The method and the URL, as the old call gave them."""
    by_name = any(keyword.arg == "url" for keyword in request.call.keywords)
    url = Item("url=" if by_name else "", upload.url)
    if request.method is None:
        return [url]
    named = any(keyword.arg == "method" for keyword in request.call.keywords)
    method = Item("method=" if named else "", request.unit.module.source(request.method))
    return [method, Item("url=", upload.url) if named else url]


def _adds_nothing(session: Session) -> bool:
    return not session.params and not session.auth and not _token_headers(session)


def _without_session(family: Family, session: Session | None, quote: str) -> list[Item]:
    """What keeps a session's own parameters and credentials out of a request."""
    if session is None or not session.known:
        return []
    items = []
    if session.params and family.blanks:
        keys = sorted(session.params)
        items.append(Item("params=", mapping(*(Item(f"{quote}{key}{quote}: ", "None") for key in keys))))
    if session.auth:
        items.append(Item("auth=", family.no_auth))
    return items


def _token_headers(session: Session | None) -> list[str]:
    if session is None or not session.known or not session.headers:
        return []
    return sorted(key for key in session.headers if key.lower() in sessions.SECRET_HEADERS)


def _is_post(evaluator: Evaluator, unit: Unit, method: ast.expr) -> bool:
    text = evaluator.text(unit, method)
    return text is not None and (text.known or "").upper() == "POST"
