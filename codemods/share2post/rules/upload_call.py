"""S2P001 to S2P004: an upload call with everything that belongs to it.

Looks the same and is left alone: the same call to any other host (TikTok Shop,
the Business API, Douyin), the same parts (``files={"video": ...}``) sent
elsewhere, a base URL that other endpoints share.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import Final

from share2post import tiktok
from share2post.dialects import DIALECTS
from share2post.model import Reason
from share2post.protocols import Context, Dialect, Line, Request, Upload, Written
from share2post.rules.apart import Apart, check_place
from share2post.rules.builtin_names import check_builtins
from share2post.rules.credentials import Body, Credentials, Token, read_body
from share2post.rules.doubled_reads import merge
from share2post.rules.endpoints import Addresses
from share2post.rules.evidence import links
from share2post.rules.hosting import Host, find_host, header_end
from share2post.rules.hybrid_body import SOURCE_INFO, Hybrid, as_json
from share2post.rules.late_names import bound_late, left_end
from share2post.rules.left_behind import release_constants
from share2post.rules.leftovers import Sweep, Swept
from share2post.rules.mocked import Mockable, Mocked
from share2post.rules.moving import Mover, is_simple
from share2post.rules.pulled_video import PulledVideo
from share2post.rules.reading import Reading, ReadingFinder
from share2post.rules.refusals import follow_refusals
from share2post.rules.video import Video, VideoReader
from share2post.rules.wrapped_call import check_wrapped, is_shared, read_wrapped
from share2post.semantics.mappings import Entry, Mapping, Mappings
from share2post.semantics.reads import Reader, ResponseShape, reread, stray_reads
from share2post.semantics.relatives import related
from share2post.semantics.urls import Endpoint, Target, endpoint, joined
from share2post.semantics.values import Evaluator, Text
from share2post.semantics.world import Unit
from share2post.sites import Draft, Place
from share2post.syntax.fresh import FreshNames
from share2post.syntax.imports import module_name
from share2post.syntax.layout import Item, call, render
from share2post.syntax.style import Style, style_of

_ONE_PIECE: Final = "the video is sent in one piece, which TikTok takes up to 64 MB"


@dataclass(eq=False)
class UploadCalls:
    """Finds the upload calls of a project and works each out."""

    evaluator: Evaluator
    mixed: bool = False
    fresh: FreshNames = field(default_factory=FreshNames)
    helpers: dict[tuple[Unit, str], tuple[str, int]] = field(default_factory=dict)

    def drafts(self, units: list[Unit]) -> list[Draft]:
        """One draft for each upload call."""
        found = [
            work for unit in units for call in unit.calls() if (work := self._work(unit, call)) is not None
        ]
        for work in found:
            work.read()
        mocked = Mocked(self.evaluator, units, [Mockable(work.request, work.draft) for work in found])
        mocked.read()
        self._stray_reads(found, units)
        _join(found)
        movers = mocked.movers | {work.request.url: work.draft for work in found}
        movers = {url: draft for url, draft in movers.items() if not draft.obstacles}
        for work in found:
            work.write(movers)
        mocked.write()
        for work in found:
            if work.written and not work.draft.obstacles:
                merge(work.draft, work.mover)
        for doubtful in (False, True):
            alike = [
                Swept(w.draft, w.mover, w.texts[0]) for w in found if w.written and w.draft.level is doubtful
            ]
            Sweep(self.evaluator, alike).run()
        for work in found:
            release_constants(work.draft, work.texts[0], [w.draft for w in found])
        return [*(work.draft for work in found), *mocked.left]

    def _stray_reads(self, works: list[_Work], units: list[Unit]) -> None:
        """An answer that is lost from sight, and a read of the old fields that no site owns: likely its own."""
        owned = {mark.place.node for work in works for mark in work.draft.marks}
        for work in works:
            for read in reread(work.unit, work.unit.function_of(work.request.call), owned):
                hint = "share_id is looked for beside it, in something that may hold this answer"
                work.draft.stop(Reason.UNKNOWN_READ, hint, work.unit, read)
        for work in works:
            if work.draft.lost and not work.draft.obstacles:
                near = related(self.evaluator.world, work.unit)
                parsed = any(
                    "dump" in doubt.hint for doubt in work.draft.doubts
                )  # written down, and read again
                strays = (
                    Place(u, read) for u in units if u in near for read in stray_reads(u, owned, parsed)
                )
                first = next((place.where for place in strays), "")
                doubts = [d for d in work.draft.doubts if d.reason is Reason.RESPONSE_ESCAPES]
                hints = (replace(d, hint=f"{d.hint}, as {first} seems to read it") for d in doubts[:1])
                work.draft.obstacles += hints if first else ()

    def _work(self, unit: Unit, call: ast.Call) -> _Work | None:
        """The work a call makes; ``None`` where it is not an upload."""
        for dialect in DIALECTS:
            request = dialect.read(self.evaluator, unit, call)
            if request is not None:
                return self._upload(dialect, request)
        through = read_wrapped(self.evaluator, unit, call) if is_shared(unit, call) else None
        return self._upload(*through) if through is not None else None

    def _upload(self, dialect: Dialect, request: Request) -> _Work | None:
        texts = self._addresses(request)
        ends = [endpoint(text) for text in texts]
        if not any(end.target is Target.UPLOAD for end in ends):
            return None
        draft = Draft(Place(request.unit, request.call), mixed=self.mixed)
        draft.claimed.add(request.call)
        for text in texts:
            draft.claimed.update(leaf for _, leaf in text.leaves)
        ours = [text for text, end in zip(texts, ends, strict=True) if end.target is Target.UPLOAD]
        draft.mark("S2P001", request.unit, request.url, self._endpoint_message(request, ours))
        request = as_json(self.evaluator, request)
        return _Work(self.evaluator, self.fresh, self.helpers, dialect, request, draft, texts, ends)

    def _addresses(self, request: Request) -> list[Text]:
        """The URLs of a request, behind the base of the client that sends it."""
        texts = list(request.texts) or self.evaluator.texts(request.unit, request.url)
        session = request.session
        if session is None or session.base_url is None:
            return texts
        owner, node = session.base_url
        bases = self.evaluator.texts(owner, node)
        return [joined(base, text) for base in bases for text in texts]

    def _endpoint_message(self, request: Request, texts: list[Text]) -> str:
        places = links(texts)
        known = f" (endpoint from {places})" if places else ""
        who = sorted({overrider(name) for text in texts for name in text.environment})
        environment = f"; {' and '.join(who)} may override it" if who else ""
        through = f" through {request.wrapper}" if request.wrapper else ""
        return f"{request.client} posts to the retired Share Video endpoint{through}{known}{environment}"


def overrider(name: str) -> str:
    """Who may put another value in a URL's place: an environment variable, or (``name=``) a caller."""
    return f"a caller ({name}...)" if name.endswith("=") else f"the environment ({name})"


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
                if partner is None or partner.obstacles or partner.level != work.draft.level:
                    work.draft.obstacles.append(shared.obstacle)
                    settled = False
                elif partner is not work.draft and partner not in work.draft.partners:
                    work.draft.partners.append(partner)


@dataclass(eq=False)
class _Work:
    """One request on its way to being rewritten."""

    evaluator: Evaluator
    fresh: FreshNames
    helpers: dict[tuple[Unit, str], tuple[str, int]]
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
        self.plain: Host | None = None  # the host where no PUT follows
        self.pull = ""
        self.reader: Reader | None = None
        self.reading: Reading | None = None
        self.shielded = False
        self.hybrid: Hybrid | None = None
        self.written = False
        self.credentials = Credentials(self.evaluator, self.draft, self.mover, self.request, self.style)

    def read(self) -> None:
        """Read every part of the request and follow its response; notes what stands in the way."""
        request = self.request
        self.body = read_body(Mappings(self.evaluator), request)
        self._check(self.texts, self.ends, self.body)
        there = request if request.answer is None else replace(request, outer=request.answer)
        self.host = find_host(self.draft, self.mover, self.fresh, there)
        if self.host is not None and not self.dialect.response.once and request.answer is None:
            shape, self.plain = self.dialect.response, self.host
            self.host = bound_late(self.draft, self.fresh, there, self.host, bool(shape.raised), shape.json)
        check_place(self.draft, request)
        check_wrapped(self.draft, request, self.host)
        self.mover.in_place = self.host is not None and bool(self.host.helper)
        self.token = self.credentials.find(self.ends[0], self.body)
        reader = VideoReader(
            self.evaluator, self.draft, self.mover, self.fresh, request, self.style, self.dialect.rewinds
        )
        if self.body.files is None:
            if request.body is None or self.body.data is None or self.body.data.unknown is None:
                self._no_file(self.body)
        else:
            self.video = reader.read(self.body.files)
        self._follow()
        self._complete()
        self.reading = self._reading()
        self._drop_rest(self.ends[0], self.body)
        for unit, node in self.reader.modern[:1] if self.reader is not None else ():
            hint = (
                "the program reads the new answer's words from the old one, so it never worked; they are kept"
            )
            self.draft.doubt(Reason.UNKNOWN_READ, hint, unit, node)

    def write(self, movers: dict[ast.expr, Draft]) -> None:
        """Write the new calls."""
        if self.token is None or self.host is None or self.draft.obstacles:
            return
        if self.pull:
            self.video = Video((), "", "", "")
        if self.video is None:
            return
        if self.host.helper and self.pull:
            hint = "the call stands where there is no room for statements"
            self.draft.stop(Reason.UNSUPPORTED_CONTEXT, hint, self.unit, self.request.outer)
        elif self.host.helper:
            self._write_helper(self.token, self.video)
        else:
            headers = self.credentials.headers(self.token, self.body.headers)
            self._write(self.host, self.video, headers, movers)
        if not self.pull and self.hybrid is None:
            self.draft.notes.append(_ONE_PIECE)
        self._discard(self.body)
        check_builtins(self.evaluator.world, self.draft, self.unit, self.request.call)
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
                f"{overrider(name)} may override the endpoint; the default is what is migrated",
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
        for reason, hint, node in request.obstacles:
            draft.stop(reason, hint, unit, node)
        for name, value in request.unsupported:
            draft.stop(
                Reason.UNSUPPORTED_ARGUMENT, f"the argument {name} has no known counterpart", unit, value
            )
        for hint, node in request.lost:
            draft.doubt(Reason.UNSUPPORTED_ARGUMENT, hint, unit, node)
        for stray in body.strays:
            draft.stop(
                Reason.UNSUPPORTED_ARGUMENT,
                "the form is used for something else too, which needs it as it was",
                unit,
                stray,
            )
        if request.auth is not None:
            draft.stop(
                Reason.AUTH_OBJECT,
                "auth= would put its own Authorization in place of the Bearer token, and send it to the upload host",
                unit,
                request.auth,
            )
        if request.body is not None and body.data is not None and body.data.unknown is not None:
            hint = "the tool cannot tell the video from the rest of this body, which the program puts together itself"
            draft.stop(Reason.UNKNOWN_VIDEO, hint, unit, request.body)
        for mapping, name in ((body.params, "params"), (body.data, "data"), (body.json, "json")):
            if mapping is not None and mapping.unknown is not None and mapping.node is not request.body:
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
        """No multipart file: a URL for TikTok to fetch, a body of the new API's kind, or nothing known."""
        request, unit = self.request, self.unit
        node = request.json or request.data or request.call
        entries = [e for mapping in body.all for e in mapping.entries]
        links = [(m, e) for m in body.all for e in m.entries if e.key == "video_url"]
        nested = [self._inside(entry) for entry in entries if entry.key != SOURCE_INFO]
        inner = [(m, e) for m in nested if m is not None for e in m.find("video_url")]
        texts = any(entry.key == tiktok.VIDEO_PART for entry in entries)
        hint = "a text or a path is sent as the video: open the file and send its bytes"
        hint = hint if texts else "no video file is seen in this request"
        expected = tiktok.NEW_UPLOAD_URL in unit.strings and not links
        if expected or any(entry.key == SOURCE_INFO for entry in entries):
            self.hybrid = Hybrid(
                self.evaluator,
                self.draft,
                self.fresh,
                self.mover,
                request,
                self.style,
                body.json or body.data,
                missing=hint,
            )
        elif links or inner:
            self._pull(*(links or inner)[-1])
        else:
            self.draft.stop(Reason.UNKNOWN_VIDEO, hint, unit, node)

    def _inside(self, entry: Entry) -> Mapping | None:
        """A dict that stands in the body: ``{"video": {"video_url": link}}``."""
        if not isinstance(entry.value, ast.Dict):
            return None
        return Mappings(self.evaluator).read(entry.unit, entry.value, self.request.call)

    def _pull(self, mapping: Mapping, entry: Entry) -> None:
        pulled = PulledVideo(self.evaluator, self.draft, self.mover, self.style, self.dialect.pulls)
        self.pull = pulled.text(mapping, entry)

    def _reader(self, shape: ResponseShape) -> Reader:
        return Reader(
            self.evaluator,
            self.draft,
            shape,
            lambda unit, node, wish: self.fresh.at(unit, node, wish, f"tiktok_{wish}", f"init_{wish}"),
            lambda unit: style_of(unit.module).newline,
            lambda unit: style_of(unit.module).quote,
        )

    def _follow(self) -> None:
        reader = self._reader(self.dialect.response)
        there = self.request.answer or self.request.result or self.request.outer
        reader.hybrid = self.hybrid is not None
        reader.run(self.unit, there, self.host.response if self.host is not None else "response")
        self.reader = reader
        self.shielded = follow_refusals(reader, self.unit, there, self._reader)

    def _complete(self) -> None:
        """A body of the new API's kind: what the program lacks of the real protocol."""
        if self.hybrid is None or self.reader is None:
            return
        self.hybrid.settle(self.reader, roomy=self.host is not None and not self.host.helper)
        self.video = self.hybrid.video
        if self.hybrid.pull is not None:
            self._pull(*self.hybrid.pull)
        elif self.hybrid.announced is not None:
            self.pull = (
                self.hybrid.announced.size
            )  # one request is written here: the second is the program's own

    # what is dropped

    def _drop_rest(self, end: Endpoint, body: Body) -> None:
        """Everything the new init has no place for: open_id silently, other fields by name."""
        secret = {tiktok.TOKEN_PARAMETER, tiktok.OPEN_ID_PARAMETER}
        fields = [key for key, _ in end.query if key not in secret]
        for mapping in (body.params, body.data, body.json):
            for entry in mapping.entries if mapping is not None else ():
                holds = isinstance(entry.value, ast.Dict) and "video_url" in ast.unparse(entry.value)
                if entry.key not in {*secret, "video_url", SOURCE_INFO} and not holds:
                    fields.append(f"{entry.key}{_inner(entry.value)}")
                if entry.key != tiktok.TOKEN_PARAMETER or entry.value not in self.mover.kept:
                    self.mover.drop(entry.unit, entry.value, entry.statement)
        if fields:
            names = ", ".join(dict.fromkeys(fields))
            self.draft.doubt(
                Reason.DROPPED_FIELD,
                f"{names}: dropped, since the inbox upload has no place for {'it' if ',' not in names else 'them'} "
                f"and the user adds a caption in the app; only a direct post ({tiktok.DIRECT_POST_URL}, scope "
                f"{tiktok.DIRECT_POST_SCOPE}, an audited app, the user's consent, no default privacy) takes such "
                f"fields, see {tiktok.DIRECT_POST_PAGE}",
                self.unit,
                self.request.data or self.request.params or self.request.url,
            )

    def _discard(self, body: Body) -> None:
        for statement in body.built:
            self.mover.remove_statement(self.unit, statement, body.files)
        for mapping in (body.params, body.data, body.json, body.files):
            if mapping is None or mapping.binding is None or mapping.others or mapping.far:
                continue
            together = mapping is body.files or bool(mapping.beside)
            if together and any(s in self._named_statements() for s in mapping.statements):
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
        named = self.request.function or self.request.call.func
        self.mover.kept.update(ast.walk(named))  # the new calls are made by the same client
        for name, value in self.request.kept:
            kept.append(Item(f"{name}=", self._twice(name, value)))
        address = Addresses(self.evaluator, self.draft, self.mover, movers).settle(self.request, self.style)
        reading = self.reading
        upload = Upload(
            self.request, address, host.response, video.name, video.size, video.media_type, headers, tuple(kept),
            host.held or self.fresh.pick(self.unit, self.request.call, "upload_response", "put_response"),
            self.style, self.pull, reading.parsed if reading is not None else "", self.shielded,
        )  # fmt: skip
        written = self.dialect.write(Context(self.evaluator, self.draft, self.fresh), upload)
        if self.hybrid is not None:
            written = self.hybrid.written(written)
        before = [*self.mover.before, *video.before]
        if not written.put and self.plain is not None:
            host = self.plain
        if reading is None:
            self._place(host, written, before)
            return
        comments = self._comments(*self.unit.module.extent(self.request.call))
        Apart(self.draft, self.request, host, self.style, self._line).place(
            written, before, comments, reading
        )

    def _reading(self) -> Reading | None:
        """How the answer is read, where that can be done only once."""
        host = self.host
        if self.reader is None or host is None or not self.dialect.response.once:
            return None
        if host.walrus is not None:
            hint = "the response is named inside an expression; give the call a statement of its own"
            self.draft.stop(Reason.UNSUPPORTED_CONTEXT, hint, self.unit, host.walrus)
        call, world = self.request.call, self.evaluator.world
        finder = ReadingFinder(
            self.draft, self.request, host, self.reader,
            lambda: self.fresh.pick(self.unit, call, "answer", "init_answer"),
            lambda: module_name(world, self.draft, self.unit, call, "json"),
            bool(self.dialect.response.errors),
        )  # fmt: skip
        return finder.find()

    def _write_helper(self, token: Token, video: Video) -> None:
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
        kept = [Item(f"{name}=", name) for name, _ in request.kept]
        if session is not None:
            parameter = "client" if "client" in session.source.lower() else "session"
            passed.insert(0, (parameter, session.source))
            session = replace(session, source=parameter)
        headers = [Item(f"{quote}Content-Type{quote}: ", f"{quote}{tiktok.JSON_TYPE}{quote}")]
        if not token.in_headers:
            passed.append(("access_token", token.text))
            headers.insert(
                0, Item(f"{quote}Authorization{quote}: ", f"f{quote}Bearer {{access_token}}{quote}")
            )
        if request.headers is not None:
            passed.append(("headers", self._merged_headers(token)))
            headers.insert(0, Item("", "**headers"))
        method_name = ast.unparse(request.function or request.call.func).rpartition(".")[2]
        callee = f"{session.source}.{method_name}" if session is not None else request.callee
        method = None if request.method is None else request.method
        inner = replace(request, session=session, callee=callee, method=method)
        upload = Upload(
            inner, f"{quote}{tiktok.INIT_URL}{quote}", "response", video.name, video.size, video.media_type,
            tuple(headers), tuple(kept), "upload_response", self.style,
        )  # fmt: skip
        written = self.dialect.write(Context(self.evaluator, self.draft, self.fresh), upload)
        waits = isinstance(request.outer, ast.Await)
        names = [*(name for name, _ in passed), *(name for name, _ in request.kept)]
        helper = self._define(names, video, written, waits=waits or request.is_coroutine)
        arguments = [Item("", text) for _, text in passed]
        self._replace_by(helper, arguments)

    def _replace_by(self, helper: str, arguments: list[Item]) -> None:
        """Call the helper where the old call stood, or hand it on where the client's function was handed on."""
        request, module = self.request, self.unit.module
        arguments += [Item(f"{name}=", self.mover.keep(self.unit, value)) for name, value in request.kept]
        made = call("await " * isinstance(request.outer, ast.Await) + helper, *arguments)
        if request.function is not None and request.result is not None:
            first = next(i for i, value in enumerate(request.call.args) if value is request.function)
            before = [Item("", self.mover.keep(self.unit, value)) for value in request.call.args[:first]]
            made = call(self.mover.keep(self.unit, request.call.func), *before, Item("", helper), *arguments)
        start, end = module.extent(request.outer)
        indent = self._indent_at(start)
        column = start - module.line_start(start) - len(indent)
        self.draft.replace(self.unit, start, end, render(made, indent, self.style, column))

    def _indent_at(self, offset: int) -> str:
        """The indentation of the line that holds a place."""
        line = self.unit.module.text[self.unit.module.line_start(offset) : offset]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _merged_headers(self, token: Token) -> str:
        """The caller's own headers, as the helper's argument."""
        items = self.credentials.headers(replace(token, in_headers=True), self.body.headers)[:-1]
        if (
            len(items) == 1
            and items[0].value
            and isinstance(items[0].value, str)
            and items[0].value.startswith("**")
        ):
            return items[0].value[2:]
        return "{" + ", ".join(f"{item.prefix}{item.value}" for item in items) + "}"

    def _define(self, parameters: list[str], video: Video, written: Written, *, waits: bool) -> str:
        """Put the helper in front of the top-level statement that needs it first; its name."""
        newline, indent = self.style.newline, self.style.indent
        init = f"response = {'await ' if waits else ''}"
        lines = [
            f'{indent}"""Upload a video to the inbox of a TikTok user; the answer is that of the init request."""',
            *(f"{indent}{line}" for line in video.before),
            f"{indent}{init}{render(written.init, indent, self.style, len(init))}",
            *(self._line(line, indent) for line in written.put),
            f"{indent}return response",
        ]
        body = newline.join([f"({', '.join(parameters)}):", *lines])
        known = self.helpers.get((self.unit, body))
        if known is None:
            wishes = ("_upload_to_tiktok_inbox", "_send_video_to_tiktok_inbox")
            name = self.fresh.pick(self.unit, self.unit.module.tree, *wishes)
            known = self.helpers[(self.unit, body)] = (name, self._above_statement())
        name, offset = known
        module = self.unit.module
        blank = len(module.text[:offset]) - len(module.text[:offset].rstrip())
        gap = newline * max(0, 3 - module.text[offset - blank : offset].count("\n")) if offset else ""
        text = f"{gap}{'async ' if waits else ''}def {name}{body}{newline * 3}"
        self.draft.replace(self.unit, offset, offset, text)
        return name

    def _above_statement(self) -> int:
        """Where the top-level statement that holds the call starts, with its decorators and comments."""
        module = self.unit.module
        top: ast.AST = self.request.call
        while not isinstance(module.parent(top), ast.Module):
            top = module.parent(top) or module.tree
        first = min(
            [module.extent(top)[0], *(module.extent(d)[0] for d in getattr(top, "decorator_list", []))]
        )
        offset = module.line_start(first)
        while offset and module.text[module.line_start(offset - 1) : offset].startswith("#"):
            offset = module.line_start(offset - 1)
        return offset

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
        put = [self._line(line, put_indent) for line in written.put]
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


def _inner(value: ast.expr) -> str:
    """The names inside a field that is a dict, for a message: `` (title, privacy_level)``."""
    keys = value.keys if isinstance(value, ast.Dict) else []
    names = [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return f" ({', '.join(names)})" if names else ""
