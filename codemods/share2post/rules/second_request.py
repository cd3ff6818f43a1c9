"""The second request of a program that posts its init to the old URL: it becomes the PUT of the bytes.

::

    upload_url = body["data"]["upload_url"]
    requests.post(upload_url, headers=auth, files={"video": video})   # becomes
    requests.put(upload_url, data=video_data, headers={"Content-Range": ..., "Content-Type": "video/mp4"})
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Final

from share2post import tiktok
from share2post.dialects import httpx, niquests, requests
from share2post.families import Family, put_call
from share2post.model import Reason
from share2post.protocols import Context, Request, Upload
from share2post.rules.announced_size import Sizes, is_quiet
from share2post.rules.moving import Mover, ends_line, starts_line
from share2post.rules.second_answer import SecondAnswer
from share2post.rules.video import Video, VideoReader
from share2post.semantics import sessions
from share2post.semantics.calls import arguments, is_none
from share2post.semantics.flow import Binding
from share2post.semantics.mappings import Entry, Mapping, Mappings
from share2post.semantics.sinks import Sinks
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.fresh import FreshNames
from share2post.syntax.layout import Item, render
from share2post.syntax.style import Style, indentation

FAMILIES: Final[dict[str, Family]] = {
    "requests": requests.FAMILY, "httpx": httpx.FAMILY, "niquests": niquests.FAMILY,
}  # fmt: skip
_ROLES: Final = frozenset({"url", "data", "content", "files", "headers"})
_DROPPED: Final = frozenset(
    {"authorization", "content-type", "content-length", "content-range", "accept", *sessions.SECRET_HEADERS}
)
_LOOPS = (ast.For, ast.While, ast.AsyncFor)


def read_second(evaluator: Evaluator, unit: Unit, call: ast.Call) -> tuple[Family, Request] | None:
    """A PUT or POST of one of the clients, by what each argument is for."""
    world = evaluator.world
    module, _, verb = (world.qualified(unit, call.func) or "").rpartition(".")
    for family in FAMILIES.values():
        session = None
        if module not in (family.module, f"{family.module}.api") or verb not in ("put", "post"):
            if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("put", "post"):
                continue
            session = sessions.find(evaluator, unit, call.func.value, family.sessions | family.async_sessions)
            if session is None:
                continue
        given = arguments(world, unit, call, ("url", "data") if family.body == "data" else ("url",))
        values = {name: value for name, value in given.named.items() if not is_none(value)}
        parent = unit.module.parent(call)
        kept = tuple((name, values[name]) for name in family.kept if name in values)
        odd = tuple((n, v) for n, v in values.items() if n not in _ROLES and n not in family.kept)
        return family, Request(
            unit, call, parent if isinstance(parent, ast.Await) else call, family.module,
            given.named.get("url", call), unit.module.source(call.func),
            data=values.get("data", values.get("content")),
            files=values.get("files"), headers=values.get("headers"), kept=kept,
            hidden=(*given.hidden, *given.surplus), unsupported=odd, session=session,
        )  # fmt: skip
    return None


@dataclass(eq=False)
class SecondRequest:
    """One second request on its way to being a PUT."""

    evaluator: Evaluator
    draft: Draft
    fresh: FreshNames
    first: Mover  # of the init
    family: Family
    request: Request
    style: Style
    size: str = ""  # the variable that holds the size at both requests

    def __post_init__(self) -> None:
        self.unit = self.request.unit
        call, kept = self.request.call, self.first.kept
        self.mover = Mover(self.evaluator, self.draft, self.fresh, self.unit, call, kept)
        self.statement = self.unit.module.statement(call)

    def settle(self, announced: ast.expr | None) -> str | None:
        """Rewrite it; the text of the size for the init, ``None`` with the obstacle noted."""
        headers = self._headers()
        files = self._files()
        if not self._stands_well() or headers is None or files is None or len(files.entries) != 1:
            self._stop(self.request.call, "the tool cannot tell what the second request sends, and when")
            return None
        entry = files.entries[0]
        part = entry.value
        value = part.elts[1] if isinstance(part, ast.Tuple | ast.List) and len(part.elts) > 1 else part
        sizes = Sizes(self.evaluator, self.draft, self.first, self.request.call)
        source = sizes.source(value)
        if source is not None and source.data is None and not self._opened_each_time(source.path):
            source = None
        text = sizes.text(source, announced) if source is not None else None
        if text is None:
            hint = "the size of what the second request sends is not known when the init must announce it"
            self._stop(value, hint)
            return None
        self.size = text if self._same_size(text) else ""
        video = self._video(files)
        if video is not None:
            self._write(video, self._media_type(headers) or video.media_type)
            self._discard(headers, files)
        return text

    def _same_size(self, name: str) -> bool:
        """Whether the variable with the size holds it still when the bytes are sent."""
        before = self.unit.flow.before
        return before.get(self.first.statement, {}).get(name) == before.get(self.statement, {}).get(name)

    def _opened_each_time(self, path: ast.expr | None) -> bool:
        """Whether a file that is sent in a loop is opened in that loop too."""
        around = set(self.unit.module.ancestors(path)) if path is not None else set()
        loops = [a for a in self.unit.module.ancestors(self.request.call) if isinstance(a, _LOOPS)]
        return all(loop in around for loop in loops)

    # what it sends

    def _files(self) -> Mapping | None:
        request = self.request
        if request.hidden or request.unsupported or (request.files is None) == (request.data is None):
            return None
        if request.files is not None:
            files = Mappings(self.evaluator).read(self.unit, request.files, request.call)
            return files if files.unknown is None and not files.others and not files.far else None
        value = request.data
        if value is None or isinstance(value, ast.Dict | ast.Tuple | ast.List):
            return None
        entry = Entry(tiktok.VIDEO_PART, value, value, self.unit, None)
        return Mapping(ast.Dict(keys=[], values=[]), [entry])

    def _video(self, files: Mapping) -> Video | None:
        known = list(self.draft.marks)
        request, style = self.request, self.style
        reader = VideoReader(
            self.evaluator, self.draft, self.mover, self.fresh, request, style, self.family is httpx.FAMILY
        )
        reader.size, entry = self.size, files.entries[0]
        video = reader.read(replace(files, entries=[replace(entry, key=tiktok.VIDEO_PART)]))
        if request.files is None:
            self.draft.marks = known  # raw bytes already
        return video

    def _headers(self) -> Mapping | None:
        """The headers, where every one of them goes or is made anew."""
        node = self.request.headers
        if node is None:
            return Mapping(self.request.call)
        mapping = Mappings(self.evaluator).read(self.unit, node, self.request.call)
        known = mapping.unknown is None and all(e.key.lower() in _DROPPED for e in mapping.entries)
        quiet = all(is_quiet(self.evaluator, e.unit, e.value) for e in mapping.entries)
        return mapping if known and quiet else None

    def _media_type(self, headers: Mapping) -> str:
        for entry in headers.entries:
            text = (
                self.evaluator.text(entry.unit, entry.value) if entry.key.lower() == "content-type" else None
            )
            if text is not None and text.known in tiktok.MEDIA_TYPES:
                return str(text.known)
        return ""

    # where it stands

    def _stands_well(self) -> bool:
        """Whether it is a statement of its own that runs as often as the init."""
        module, first = self.unit.module, self.first.call
        if self.unit.function_of(first) is not self.unit.function_of(self.request.call):
            return False
        loops = [
            [a for a in module.ancestors(c) if isinstance(a, _LOOPS)] for c in (first, self.request.call)
        ]
        after = module.extent(self.statement)[0] > module.extent(self.first.statement)[0]
        lines = starts_line(self.unit, self.statement) and ends_line(self.unit, self.statement)
        return loops[0] == loops[1] and after and lines and self._value() is not None

    def _value(self) -> ast.expr | None:
        """The statement's value, where that is the call (or ``call.raise_for_status()``)."""
        statement = self.statement
        if not isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign) or statement.value is None:
            return None
        if statement.value is self.request.outer:
            alone = not isinstance(statement, ast.Assign) or len(statement.targets) == 1
            named = isinstance(statement, ast.Expr) or self._binding() is not None
            return statement.value if alone and named else None
        return statement.value if isinstance(statement, ast.Expr) and self._raises() else None

    def _raises(self) -> bool:
        holder = self.unit.module.parent(self.request.outer)
        chained = isinstance(holder, ast.Attribute) and holder.attr == "raise_for_status"
        call = self.unit.module.parent(holder) if chained and holder is not None else None
        return (
            isinstance(call, ast.Call)
            and isinstance(self.statement, ast.Expr)
            and self.statement.value is call
        )

    def _binding(self) -> Binding | None:
        """The variable that holds its answer."""
        for scope in self.unit.flow.scopes.values():
            for bindings in scope.bindings.values():
                for binding in bindings:
                    if binding.value is self.request.outer and isinstance(binding.node, ast.Name):
                        return binding
        return None

    # what is written

    def _write(self, video: Video, media_type: str) -> None:
        module, style, call = self.unit.module, self.style, self.request.call
        kept = [Item(f"{name}=", self.mover.keep(self.unit, value)) for name, value in self.request.kept]
        link = self.mover.keep(self.unit, self.request.url)
        upload = Upload(
            self.request, "", "", video.name, video.size, media_type, (), tuple(kept), "", style,
        )  # fmt: skip
        group = put_call(self.family, Context(self.evaluator, self.draft, self.fresh), upload, link)
        binding = self._binding()
        answer = SecondAnswer(self.draft, Sinks(self.evaluator.world), self.unit, self.family.ok)
        noticed = answer.settle(binding) or self._raises()
        name = (
            ""
            if noticed or binding is not None
            else self.fresh.pick(self.unit, call, "upload_response", "put_response")
        )
        start, end = module.extent(self.request.outer)
        indent = indentation(module, self.statement)
        prefix = f"{name} = " if name else ""
        prefix += "await " if isinstance(self.request.outer, ast.Await) else ""
        column = start - module.line_start(start) - len(indent) + len(prefix)
        self.draft.replace(self.unit, start, end, prefix + render(group, indent, style, column))
        comments = [c.text for c in module.comments_within(start, end)]
        self._insert([*comments, *self.mover.before, *video.before], indent, before=True)
        if not noticed:
            self._insert(
                [f"{name or (binding.name if binding else '')}.raise_for_status()"], indent, before=False
            )

    def _insert(self, lines: list[str], indent: str, *, before: bool) -> None:
        module, newline = self.unit.module, self.style.newline
        start, end = module.extent(self.statement)
        text = "".join(f"{indent}{line}{newline}" for part in lines for line in part.split("\n"))
        offset = module.line_start(start) if before else module.line_end(end)
        if not before and not module.text[:offset].endswith(("\n", "\r")):
            text = newline + text.removesuffix(newline)
        if text:
            self.draft.replace(self.unit, offset, offset, text)

    def _discard(self, headers: Mapping, files: Mapping) -> None:
        for entry in headers.entries:
            self.mover.kept.add(entry.value)  # only measures or formats: not worth evaluating for nothing
        if headers.binding is not None and not headers.others and not headers.far:
            self.mover.discard(self.unit, headers)
        if files.binding is not None and files.entries[0].statement is None:
            self.mover.discard(self.unit, files)

    def _stop(self, node: ast.AST, hint: str) -> None:
        self.draft.stop(
            Reason.NEW_STYLE_BODY, f"{hint}: make it the PUT of the bytes to upload_url", self.unit, node
        )


__all__ = ["FAMILIES", "SecondRequest", "read_second"]
