"""S2P001 to S2P004: an upload call with everything that belongs to it.

Looks the same and is left alone: the same call to any other host (TikTok Shop,
the Business API, Douyin), the same parts (``files={"video": ...}``) sent
elsewhere, a base URL that other endpoints share.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from share2post import tiktok
from share2post.dialects import DIALECTS
from share2post.model import Reason
from share2post.protocols import Context, Dialect, Line, Request, Upload, Written
from share2post.rules.credentials import Body, Credentials, Token, read_body
from share2post.rules.endpoints import Addresses
from share2post.rules.hosting import Host, find_host
from share2post.rules.leftovers import Sweep, Swept
from share2post.rules.moving import Mover, is_simple
from share2post.rules.video import Video, VideoReader
from share2post.semantics.mappings import Mappings
from share2post.semantics.reads import Reader
from share2post.semantics.urls import Endpoint, Target, endpoint, joined
from share2post.semantics.values import Evaluator, Text
from share2post.semantics.world import Unit
from share2post.sites import Draft, Place
from share2post.syntax.fresh import FreshNames
from share2post.syntax.layout import Item, render
from share2post.syntax.style import Style, style_of


@dataclass(eq=False)
class UploadCalls:
    """Finds the upload calls of a project and works each out."""

    evaluator: Evaluator
    fresh: FreshNames = field(default_factory=FreshNames)

    def drafts(self, units: list[Unit]) -> list[Draft]:
        """One draft for each upload call."""
        found = [work for unit in units for call in unit.calls() if (work := self._work(unit, call)) is not None]
        for work in found:
            work.read()
        _join(found)
        movers = {work.request.url: work.draft for work in found if not work.draft.obstacles}
        for work in found:
            work.write(movers)
        for doubtful in (False, True):
            alike = [Swept(w.draft, w.mover, w.texts[0]) for w in found if w.written and bool(w.draft.doubts) is doubtful]
            Sweep(self.evaluator, alike).run()
        return [work.draft for work in found]

    def _work(self, unit: Unit, call: ast.Call) -> _Work | None:
        """The work a call makes; ``None`` where it is not an upload."""
        for dialect in DIALECTS:
            request = dialect.read(self.evaluator, unit, call)
            if request is not None:
                return self._upload(dialect, request)
        return None

    def _upload(self, dialect: Dialect, request: Request) -> _Work | None:
        texts = self._addresses(request)
        ends = [endpoint(text) for text in texts]
        if not any(end.target is Target.UPLOAD for end in ends):
            return None
        draft = Draft(Place(request.unit, request.call))
        draft.claimed.add(request.call)
        for text in texts:
            draft.claimed.update(leaf for _, leaf in text.leaves)
        draft.mark("S2P001", request.unit, request.url, self._endpoint_message(request, texts))
        return _Work(self.evaluator, self.fresh, dialect, request, draft, texts, ends)

    def _addresses(self, request: Request) -> list[Text]:
        """The URLs of a request, behind the base of the client that sends it."""
        texts = self.evaluator.texts(request.unit, request.url)
        session = request.session
        if session is None or session.base_url is None:
            return texts
        owner, node = session.base_url
        bases = self.evaluator.texts(owner, node)
        return [joined(base, text) for base in bases for text in texts]

    def _endpoint_message(self, request: Request, texts: list[Text]) -> str:
        places = list(dict.fromkeys(d.place for text in texts for d in text.through))
        known = f" (endpoint from {', '.join(places)})" if places else ""
        names = sorted({name for text in texts for name in text.environment})
        environment = f"; the environment may override it ({', '.join(names)})" if names else ""
        return f"{request.client} posts to the retired Share Video endpoint{known}{environment}"


def _join(works: list[_Work]) -> None:
    """Sites that read each other's answers go together; one that reads a stranger's is left."""
    settled = False
    while not settled:
        settled = True
        for work in works:
            for shared in work.draft.shared:
                if work.draft.obstacles:
                    break
                partner = next((w.draft for w in works if shared.node in w.draft.tracked), None)
                if partner is None or partner.obstacles or bool(partner.doubts) != bool(work.draft.doubts):
                    work.draft.obstacles.append(shared.obstacle)
                    settled = False
                elif partner is not work.draft and partner not in work.draft.partners:
                    work.draft.partners.append(partner)


@dataclass(eq=False)
class _Work:
    """One request on its way to being rewritten."""

    evaluator: Evaluator
    fresh: FreshNames
    dialect: Dialect
    request: Request
    draft: Draft
    texts: list[Text]
    ends: list[Endpoint]

    def __post_init__(self) -> None:
        self.unit = self.request.unit
        self.style: Style = style_of(self.unit.module)
        self.mover = Mover(self.evaluator, self.draft, self.fresh, self.unit, self.request.call)
        self.body = Body()
        self.token: Token | None = None
        self.video: Video | None = None
        self.host: Host | None = None
        self.written = False
        self.credentials = Credentials(self.evaluator, self.draft, self.mover, self.request, self.style)

    def read(self) -> None:
        """Read every part of the request and follow its response; notes what stands in the way."""
        request = self.request
        self.body = read_body(Mappings(self.evaluator), request)
        self._check(self.texts, self.ends, self.body)
        self.host = find_host(self.draft, self.mover, self.fresh, request)
        self.mover.in_place = self.host is not None and bool(self.host.helper)
        self.token = self.credentials.find(self.ends[0], self.body)
        reader = VideoReader(
            self.evaluator, self.draft, self.mover, self.fresh, request, self.style, self.dialect.rewinds
        )
        if request.files is None or self.body.files is None:
            self._no_file(self.body)
        else:
            self.video = reader.read(self.body.files)
        self._follow()
        self._drop_rest(self.ends[0], self.body)

    def write(self, movers: dict[ast.expr, Draft]) -> None:
        """Write the new calls."""
        if self.token is None or self.video is None or self.host is None or self.draft.obstacles:
            return
        if self.host.helper:
            self._write_helper(self.host, self.token, self.video)
        else:
            headers = self.credentials.headers(self.token, self.body.headers)
            self._write(self.host, self.video, headers, movers)
        self._discard(self.body)
        self.written = True

    # what stands in the way

    def _check(self, texts: list[Text], ends: list[Endpoint], body: Body) -> None:
        request, draft, unit = self.request, self.draft, self.unit
        if len(texts) > 1:
            draft.stop(Reason.UNKNOWN_URL, "the URL can have several values here", unit, request.url)
        elif not ends[0].clear:
            draft.stop(Reason.UNKNOWN_URL, "the URL's query cannot be taken apart", unit, request.url)
        for name in texts[0].environment:
            draft.doubt(
                Reason.ENVIRONMENT_URL,
                f"the environment may override the endpoint ({name}); the default is what is migrated",
                unit,
                request.url,
            )
        for hidden in request.hidden:
            draft.stop(
                Reason.UNKNOWN_ARGUMENT,
                "the call passes arguments on with a star, so what it sends cannot be seen",
                unit,
                hidden,
            )
        for name, value in request.unsupported:
            draft.stop(Reason.UNSUPPORTED_ARGUMENT, f"the argument {name} has no known counterpart", unit, value)
        if request.auth is not None:
            draft.stop(
                Reason.AUTH_OBJECT,
                "auth= would put its own Authorization in place of the Bearer token, and send it to the upload host",
                unit,
                request.auth,
            )
        for mapping, name in ((body.params, "params"), (body.data, "data")):
            if mapping is not None and mapping.unknown is not None:
                draft.stop(
                    Reason.UNKNOWN_ARGUMENT, f"what {name} holds cannot all be seen", unit, mapping.unknown
                )
        session = request.session
        if session is not None and not session.known and not request.guarded:
            draft.doubt(
                Reason.UNKNOWN_SESSION,
                f"what the session {session.source} sends by itself cannot be seen; "
                "the bytes are put without it, so that no credential reaches the upload host",
                unit,
                request.call.func,
            )

    def _no_file(self, body: Body) -> None:
        request, unit = self.request, self.unit
        node = request.json or request.data or request.call
        keys = {entry.key for mapping in body.all for entry in mapping.entries}
        if request.json is not None:
            mapping = Mappings(self.evaluator).read(unit, request.json, request.call)
            keys |= {entry.key for entry in mapping.entries}
        if "video_url" in keys:
            self.draft.stop(
                Reason.VIDEO_URL,
                'a URL is posted instead of a file: use source_info = {"source": "PULL_FROM_URL", "video_url": ...} '
                "in the init request, and verify the URL's domain with TikTok",
                unit,
                node,
            )
        elif "source_info" in keys or request.json is not None:
            self.draft.stop(
                Reason.NEW_STYLE_BODY,
                "a JSON body of the new API's kind is posted to the old URL, which never worked: "
                f"post it to {tiktok.INIT_URL} and PUT the bytes to data.upload_url",
                unit,
                node,
            )
        else:
            self.draft.stop(
                Reason.UNKNOWN_VIDEO, "no video file is seen in this request", unit, node
            )

    def _follow(self) -> None:
        reader = Reader(
            self.evaluator,
            self.draft,
            self.dialect.response,
            lambda unit, node, wish: self.fresh.at(unit, node, wish, f"tiktok_{wish}", f"init_{wish}"),
            lambda unit: style_of(unit.module).newline,
            lambda unit: style_of(unit.module).quote,
        )
        reader.run(self.unit, self.request.outer, self.host.response if self.host is not None else "response")

    # what is dropped

    def _drop_rest(self, end: Endpoint, body: Body) -> None:
        """Everything the new init has no place for: open_id silently, other fields by name."""
        secret = {tiktok.TOKEN_PARAMETER, tiktok.OPEN_ID_PARAMETER}
        fields = [key for key, _ in end.query if key not in secret]
        for mapping in (body.params, body.data):
            for entry in mapping.entries if mapping is not None else ():
                if entry.key not in secret:
                    fields.append(entry.key)
                if entry.key != tiktok.TOKEN_PARAMETER or entry.value not in self.mover.kept:
                    self.mover.drop(entry.unit, entry.value, entry.statement)
        if fields:
            names = ", ".join(dict.fromkeys(fields))
            self.draft.doubt(
                Reason.DROPPED_FIELD,
                f"{names}: the inbox upload has no place for this and it is dropped; only a direct post "
                "(/v2/post/publish/video/init/, scope video.publish, audited, with the user's consent) takes it",
                self.unit,
                self.request.data or self.request.params or self.request.url,
            )

    def _discard(self, body: Body) -> None:
        for mapping in (body.params, body.data, body.files):
            if mapping is None or mapping.binding is None or mapping.others or mapping.far:
                continue
            if mapping is body.files and any(s in self._named_statements() for s in mapping.statements):
                continue
            if isinstance(mapping.node, ast.Name) and mapping.node in self.mover.kept:
                continue
            self.mover.discard(self.unit, mapping)

    def _named_statements(self) -> set[ast.stmt]:
        """Statements whose text was already replaced by something else."""
        extents = {(c.start, c.end) for c in self.draft.changes if c.unit is self.unit}
        return {
            node
            for node in ast.walk(self.unit.module.tree)
            if isinstance(node, ast.stmt) and self.unit.module.extent(node) in extents
        }

    # what is written

    def _write(
        self, host: Host, video: Video, headers: tuple[Item, ...], movers: dict[ast.expr, Draft]
    ) -> None:
        kept = []
        for name, value in self.request.kept:
            kept.append(Item(f"{name}=", self._twice(name, value)))
        address = Addresses(self.evaluator, self.draft, self.mover, movers).settle(self.request, self.style)
        upload = Upload(
            self.request, address, host.response, video.name, video.size, video.media_type, headers, tuple(kept),
            self.fresh.pick(self.unit, self.request.call, "upload_response", "put_response"), self.style,
        )  # fmt: skip
        written = self.dialect.write(Context(self.evaluator, self.draft, self.fresh), upload)
        before = [*self.mover.before, *video.before]
        self._place(host, written, before)

    def _write_helper(self, host: Host, token: Token, video: Video) -> None:
        """A function of the module that does the two steps, called where the old call stood."""
        request, session, quote = self.request, self.request.session, self.style.quote
        if self.mover.before:
            self.draft.stop(
                Reason.UNSUPPORTED_CONTEXT,
                "a value that is no longer sent must still be evaluated, and there is no room for it here",
                self.unit,
                request.outer,
            )
            return
        passed = [("video", video.passed)]
        kept = []
        for name, value in request.kept:
            passed.append((name, self.mover.keep(self.unit, value)))
            kept.append(Item(f"{name}=", name))
        if session is not None:
            passed.insert(0, ("session", session.source))
            session = replace(session, source="session")
        headers = [Item(f"{quote}Content-Type{quote}: ", f"{quote}{tiktok.JSON_TYPE}{quote}")]
        if not token.in_headers:
            passed.append(("access_token", token.text))
            headers.insert(0, Item(f"{quote}Authorization{quote}: ", f"f{quote}Bearer {{access_token}}{quote}"))
        if request.headers is not None:
            passed.append(("headers", self._merged_headers(token)))
            headers.insert(0, Item("", "**headers"))
        callee = f"session.{request.callee.rpartition('.')[2]}" if session is not None else request.callee
        method = None if request.method is None else request.method
        inner = replace(request, session=session, callee=callee, method=method)
        upload = Upload(
            inner, f"{quote}{tiktok.INIT_URL}{quote}", "response", video.name, video.size, video.media_type,
            tuple(headers), tuple(kept), "upload_response", self.style,
        )  # fmt: skip
        written = self.dialect.write(Context(self.evaluator, self.draft, self.fresh), upload)
        waits = isinstance(request.outer, ast.Await)
        self._define(host.helper, [name for name, _ in passed], video, written, waits=waits)
        start, end = self.unit.module.extent(request.outer)
        arguments = ", ".join(text for _, text in passed)
        self.draft.replace(self.unit, start, end, f"{'await ' if waits else ''}{host.helper}({arguments})")

    def _merged_headers(self, token: Token) -> str:
        """The caller's own headers, as the helper's argument."""
        items = self.credentials.headers(replace(token, in_headers=True), self.body.headers)[:-1]
        if len(items) == 1 and items[0].value and isinstance(items[0].value, str) and items[0].value.startswith("**"):
            return items[0].value[2:]
        return "{" + ", ".join(f"{item.prefix}{item.value}" for item in items) + "}"

    def _define(self, name: str, parameters: list[str], video: Video, written: Written, *, waits: bool) -> None:
        """Put the helper in front of the top-level statement that needs it."""
        module, style, newline = self.unit.module, self.style, self.style.newline
        indent = style.indent
        wait = "await " if waits else ""
        lines = [f"{'async ' if waits else ''}def {name}({', '.join(parameters)}):"]
        lines.append(f'{indent}"""Upload a video to the inbox of a TikTok user; the answer is that of the init request."""')
        lines += [f"{indent}{line}" for line in video.before]
        init = f"response = {wait}"
        lines.append(f"{indent}{init}{render(written.init, indent, style, len(init))}")
        lines += [self._line(line, indent) for line in written.put]
        lines.append(f"{indent}return response")
        top: ast.AST = self.request.call
        while not isinstance(module.parent(top), ast.Module):
            top = module.parent(top) or module.tree
        first = min([module.extent(top)[0], *(module.extent(d)[0] for d in getattr(top, "decorator_list", []))])
        offset = module.line_start(first)
        while offset and module.text[module.line_start(offset - 1) : offset].startswith("#"):
            offset = module.line_start(offset - 1)
        self.draft.replace(self.unit, offset, offset, newline.join(lines) + newline * 3)

    def _twice(self, name: str, value: ast.expr) -> str:
        """An argument that both requests need: named first where evaluating it twice could matter."""
        source = self.mover.keep(self.unit, value)
        if is_simple(value) or (self.mover.is_pure(self.unit, value) and "\n" not in source):
            return source
        wish = self.fresh.pick(self.unit, self.request.call, name, f"request_{name}")
        self.mover.before.append(f"{wish} = {source}")
        return wish

    def _place(self, host: Host, written: Written, before: list[str]) -> None:
        module, style, newline = self.unit.module, self.style, self.style.newline
        start, end = module.extent(self.request.outer)
        indent = host.indent
        statement_start = module.line_start(module.extent(host.statement)[0])
        comments = self._comments(start, end)
        lines = [*comments, *(part for text in before for part in text.split("\n"))]
        awaited = "await " if isinstance(self.request.outer, ast.Await) else ""
        put_indent = indent
        if host.manager is not None:
            put_indent = style.indent + indent
        put = [self._line(line, put_indent) for line in written.put]
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
            if module.text[start - 1 : start] == "(" and module.text[end : end + 1] == ")":
                start, end = start - 1, end + 1
        self.draft.replace(self.unit, start, end, host.response)

    def _after(self, host: Host, put: list[str]) -> None:
        module, newline = self.unit.module, self.style.newline
        if host.manager is not None:
            offset = module.line_start(module.extent(host.manager.body[0])[0])
            self.draft.replace(self.unit, offset, offset, "".join(f"{line}{newline}" for line in put))
            return
        offset = module.line_end(module.extent(host.statement)[1])
        ended = module.text[:offset].endswith(("\n", "\r"))
        text = newline.join(put)
        self.draft.replace(self.unit, offset, offset, f"{text}{newline}" if ended else f"{newline}{text}")

    def _line(self, line: Line, indent: str) -> str:
        inner = indent + self.style.indent * line.depth
        return f"{inner}{line.before}{render(line.value, inner, self.style, len(line.before))}{line.after}"

    def _comments(self, start: int, end: int) -> list[str]:
        """The comments inside the old call, which is written anew without them."""
        module = self.unit.module
        kept = [module.extent(n) for n in self.mover.kept if isinstance(n, ast.expr)]
        found = []
        for comment in module.comments_within(start, end):
            if not any(low <= comment.start < high for low, high in kept):
                found.append(comment.text)
        return found
