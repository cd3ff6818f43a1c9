"""One upload on its way to being rewritten: its parts read, its answer followed, its new calls written."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Final

from share2post import tiktok
from share2post.model import Reason
from share2post.protocols import Context, Dialect, Request, Upload
from share2post.rules.apart import Apart, check_place
from share2post.rules.builtin_names import check_builtins
from share2post.rules.credentials import Body, Credentials, Token, read_body
from share2post.rules.endpoints import Addresses
from share2post.rules.hosting import Host, find_host
from share2post.rules.hybrid_body import SOURCE_INFO, Hybrid
from share2post.rules.late_names import bound_late
from share2post.rules.moving import Mover, is_simple
from share2post.rules.placing import Placing
from share2post.rules.pulled_video import PulledVideo
from share2post.rules.reading import Reading, ReadingFinder
from share2post.rules.refusals import follow_refusals
from share2post.rules.upload_checks import check_request
from share2post.rules.upload_helper import UploadHelper
from share2post.rules.video import Video, VideoReader
from share2post.rules.wrapped_call import check_wrapped
from share2post.semantics.mappings import Entry, Mapping, Mappings
from share2post.semantics.reads import Reader, ResponseShape
from share2post.semantics.urls import Endpoint
from share2post.semantics.values import Evaluator, Text
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.fresh import FreshNames
from share2post.syntax.imports import module_name
from share2post.syntax.layout import Item
from share2post.syntax.style import Style, style_of

_ONE_PIECE: Final = "the video is sent in one piece, which TikTok takes up to 64 MB"


@dataclass(eq=False)
class UploadSite:
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
        self.placing = Placing(self.draft, self.unit, self.request, self.mover, self.style)
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
        check_request(self.draft, request, self.texts, self.ends[0].clear, self.body)
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
            UploadHelper(
                self.evaluator,
                self.fresh,
                self.helpers,
                self.dialect,
                self.placing,
                self.credentials,
                self.body.headers,
            ).write(self.token, self.video)
        else:
            items = self.credentials.headers(self.token, self.body.headers)
            self._write(self.host, self.video, items, movers)
        if not self.pull and self.hybrid is None:
            self.draft.notes.append(_ONE_PIECE)
        self._discard(self.body)
        check_builtins(self.evaluator.world, self.draft, self.unit, self.request.call)
        self.written = True

    # what stands in the way

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
            self.placing.place(host, written, before)
            return
        comments = self.placing.comments(*self.unit.module.extent(self.request.call))
        Apart(self.draft, self.request, host, self.style, self.placing.line).place(
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

    def _twice(self, name: str, value: ast.expr) -> str:
        """An argument that both requests need: named first where evaluating it twice could matter."""
        source = self.mover.keep(self.unit, value)
        if is_simple(value) or (self.mover.is_pure(self.unit, value) and "\n" not in source):
            return source
        wish = self.fresh.pick(self.unit, self.request.call, name, f"request_{name}")
        self.mover.before.append(f"{wish} = {source}")
        return wish


def _inner(value: ast.expr) -> str:
    """The names inside a field that is a dict, for a message: `` (title, privacy_level)``."""
    keys = value.keys if isinstance(value, ast.Dict) else []
    names = [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return f" ({', '.join(names)})" if names else ""
