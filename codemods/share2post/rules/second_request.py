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
from share2post.dialects import aiohttp, httpx
from share2post.families import Announced, Family, put_call
from share2post.model import Reason
from share2post.protocols import Context, Request, Upload
from share2post.rules.announced_size import Sizes, is_quiet
from share2post.rules.hosting import header_end
from share2post.rules.moving import Mover, ends_line, starts_line
from share2post.rules.second_answer import SecondAnswer
from share2post.rules.split_upload import SplitUpload
from share2post.rules.video import Video, VideoReader
from share2post.semantics import sessions
from share2post.semantics.flow import Binding
from share2post.semantics.mappings import Entry, Mapping, Mappings
from share2post.semantics.sinks import Sinks
from share2post.semantics.values import Evaluator
from share2post.sites import Draft
from share2post.syntax.fresh import FreshNames
from share2post.syntax.layout import Group, Item, render
from share2post.syntax.style import Style, indentation

_DROPPED: Final = frozenset(
    {"authorization", "content-type", "content-length", "content-range", "accept", *sessions.SECRET_HEADERS}
)
_LOOPS = (ast.For, ast.While, ast.AsyncFor)


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
    split: bool = False  # whether it is made in another function than the init
    again: ast.For | ast.While | None = None  # a loop that makes it until it succeeds
    size: str = ""  # the variable that holds the size at both requests

    def __post_init__(self) -> None:
        self.unit = self.request.unit
        call, kept = self.request.call, self.first.kept
        self.mover = Mover(self.evaluator, self.draft, self.fresh, self.unit, call, kept)
        self.statement = self.unit.module.statement(call)

    def settle(self, announced: ast.expr | None) -> Announced | None:
        """Rewrite it; what the init is to announce, ``None`` with the obstacle noted."""
        headers = self.headers()
        files = self.files()
        if not self._stands_well() or headers is None or files is None or len(files.entries) != 1:
            self._stop(self.request.call, "the tool cannot tell what the second request sends, and when")
            return None
        entry = files.entries[0]
        part = entry.value
        value = part.elts[1] if isinstance(part, ast.Tuple | ast.List) and len(part.elts) > 1 else part
        if self.split:
            return self._apart(announced, headers, files)
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
            self.write(video, self.media_type(headers, video.media_type))
            self.discard(headers, files)
        return Announced(text, text)

    def repeats(self, loop: ast.For | ast.While) -> bool:
        """Whether a loop sends the whole of it each time, until it is told to stop."""
        files = self.files()
        value = files.entries[0].value if files is not None and len(files.entries) == 1 else None
        if value is None:
            return False
        value = value.elts[1] if isinstance(value, ast.Tuple | ast.List) and len(value.elts) > 1 else value
        source = Sizes(self.evaluator, self.draft, self.first, self.request.call).source(value)
        stops = any(isinstance(node, ast.Break | ast.Return | ast.Raise) for node in ast.walk(loop))
        inside = source is not None and source.data is not None and loop in self._around(source.data)
        whole = (
            source is not None
            and not inside
            and (source.data is not None or self._opened_each_time(source.path))
        )
        return whole and stops and self._binding() is not None

    def _around(self, binding: Binding) -> set[ast.AST]:
        return set(self.unit.module.ancestors(binding.node))

    def _apart(self, announced: ast.expr | None, headers: Mapping, files: Mapping) -> Announced | None:
        """The same in a function of its own, where the init is made in another."""
        text = SplitUpload(self.evaluator, self.draft, self.first, self.request.call).size(announced)
        video = self._video(files) if text is not None else None
        if video is None or text is None:
            return None
        self.write(video, self.media_type(headers, video.media_type))
        self.discard(headers, files)
        return Announced(text, text)

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

    def files(self) -> Mapping | None:
        """What it sends, as the one part of a form; ``None`` where that is not seen."""
        request = self.request
        if request.hidden or request.unsupported or (request.files is None) == (request.data is None):
            return None
        if request.files is not None:
            files = Mappings(self.evaluator).read(self.unit, request.files, request.call)
            return files if files.unknown is None and not files.others and not files.far else None
        value = request.data
        form = self._form(value) if self.family.managed and value is not None else None
        if form is not None:
            return form if form.unknown is None and not form.others and not form.far else None
        if value is None or isinstance(value, ast.Dict | ast.Tuple | ast.List):
            return None
        entry = Entry(tiktok.VIDEO_PART, value, value, self.unit, None)
        return Mapping(ast.Dict(keys=[], values=[]), [entry])

    def _form(self, value: ast.expr) -> Mapping | None:
        """A form in one argument, as aiohttp takes it."""
        mapping = Mappings(self.evaluator).read(self.unit, value, self.request.call)
        return mapping if mapping.form or isinstance(mapping.node, ast.Dict) else None

    def _video(self, files: Mapping) -> Video | None:
        known = list(self.draft.marks)
        request, style = self.request, self.style
        reader = VideoReader(
            self.evaluator, self.draft, self.mover, self.fresh, request, style, self.family is httpx.FAMILY
        )
        reader.size, entry = self.size, files.entries[0]
        video = reader.read(replace(files, entries=[replace(entry, key=tiktok.VIDEO_PART)]))
        if request.files is None and not files.form and files.binding is None:
            self.draft.marks = known  # raw bytes already
        return video

    def headers(self) -> Mapping | None:
        """The headers, where every one of them goes or is made anew."""
        node = self.request.headers
        if node is None:
            return Mapping(self.request.call)
        mapping = Mappings(self.evaluator).read(self.unit, node, self.request.call)
        known = mapping.unknown is None and all(e.key.lower() in _DROPPED for e in mapping.entries)
        quiet = all(is_quiet(self.evaluator, e.unit, e.value) for e in mapping.entries)
        return mapping if known and quiet else None

    def media_type(self, headers: Mapping, default: str = tiktok.MEDIA_TYPES[0]) -> str:
        """The video's media type, where a header gives one that TikTok takes."""
        for entry in headers.entries:
            text = (
                self.evaluator.text(entry.unit, entry.value) if entry.key.lower() == "content-type" else None
            )
            if text is not None and text.known in tiktok.MEDIA_TYPES:
                return str(text.known)
        return default

    # where it stands

    def _stands_well(self) -> bool:
        """Whether it is a statement of its own that runs as often as the init."""
        calls = (self.first.call, self.request.call)
        loops = [[a for a in self.unit.module.ancestors(c) if isinstance(a, _LOOPS)] for c in calls]
        if self.split:
            return not loops[1] and self.stands_alone()
        if self.again is not None:
            return loops[1][1:] == loops[0] and self.stands_alone()
        return loops[0] == loops[1] and self.stands_alone()

    def stands_alone(self) -> bool:
        """Whether it is a statement of its own, behind the init."""
        module = self.unit.module
        same = self.unit.function_of(self.first.call) is self.unit.function_of(self.request.call)
        if same is self.split:
            return False
        after = self.split or module.extent(self.statement)[0] > module.extent(self.first.statement)[0]
        lines = starts_line(self.unit, self.statement) and ends_line(self.unit, self.statement)
        return after and lines and self._value() is not None

    def _value(self) -> ast.expr | None:
        """The statement's value, where that is the call (or ``call.raise_for_status()``)."""
        statement = self.statement
        if self._managed() is not None:
            return self.request.outer
        if not isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign) or statement.value is None:
            return None
        if statement.value is self.request.outer:
            alone = not isinstance(statement, ast.Assign) or len(statement.targets) == 1
            named = isinstance(statement, ast.Expr) or self._binding() is not None
            return statement.value if alone and named else None
        return statement.value if isinstance(statement, ast.Expr) and self._raises() else None

    def _managed(self) -> ast.AsyncWith | None:
        """``async with session.put(...) as answer:``, where it opens nothing else."""
        item = self.unit.module.parent(self.request.outer)
        manager = self.unit.module.parent(item) if isinstance(item, ast.withitem) else None
        alone = isinstance(manager, ast.AsyncWith) and len(manager.items) == 1
        return manager if alone and isinstance(manager, ast.AsyncWith) else None

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

    def write(self, video: Video, media_type: str, ranged: str = "") -> None:
        """Put the PUT in its place; ``ranged`` is the Content-Range of one chunk of several."""
        module, style, call = self.unit.module, self.style, self.request.call
        kept = [Item(f"{name}=", self.mover.keep(self.unit, value)) for name, value in self.request.kept]
        link = self.mover.keep(self.unit, self.request.url)
        upload = Upload(
            self.request, "", "", video.name, video.size, media_type, (), tuple(kept), "", style,
        )  # fmt: skip
        context = Context(self.evaluator, self.draft, self.fresh)
        managed = self._managed()
        if self.family.managed:
            if managed is None and aiohttp.puts_apart(self.request):
                self._stop(call, "the PUT needs an async with of its own, without this session's headers")
            group = aiohttp.second_put(context, upload, link)
        else:
            group = put_call(self.family, context, upload, link)
        group = _ranged(group, ranged) if ranged else group
        binding = self._binding()
        sinks = Sinks(self.evaluator.world)
        answer = SecondAnswer(self.draft, sinks, self.unit, self.family.ok, partial=bool(ranged))
        noticed = answer.settle(binding) or self._raises()
        if self.again is not None and not noticed:
            self._stop(call, "it is made again and again, and nothing looks at its answer")
        name = (
            ""
            if noticed or binding is not None
            else self.fresh.pick(self.unit, call, "upload_response", "put_response")
        )
        start, end = module.extent(self.request.outer)
        indent = indentation(module, self.statement)
        prefix = f"{name} = " if name and managed is None else ""
        prefix += "await " if isinstance(self.request.outer, ast.Await) else ""
        column = start - module.line_start(start) - len(indent) + len(prefix)
        suffix = f" as {name}" if name and managed is not None else ""
        self.draft.replace(self.unit, start, end, prefix + render(group, indent, style, column) + suffix)
        comments = [c.text for c in module.comments_within(start, end)]
        self._insert([*comments, *self.mover.before, *video.before], indent, before=True)
        line = f"{name or (binding.name if binding else '')}.raise_for_status()"
        if not noticed and managed is not None:
            offset = header_end(module, managed)
            self.draft.replace(self.unit, offset, offset, f"{indent}{style.indent}{line}{style.newline}")
        elif not noticed:
            self._insert([line], indent, before=False)

    def _insert(self, lines: list[str], indent: str, *, before: bool) -> None:
        module, newline = self.unit.module, self.style.newline
        start, end = module.extent(self.statement)
        text = "".join(f"{indent}{line}{newline}" for part in lines for line in part.split("\n"))
        offset = module.line_start(start) if before else module.line_end(end)
        if not before and not module.text[:offset].endswith(("\n", "\r")):
            text = newline + text.removesuffix(newline)
        if text:
            self.draft.replace(self.unit, offset, offset, text)

    def discard(self, headers: Mapping, files: Mapping) -> None:
        """Remove the variables that only held its headers and its form."""
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


def _ranged(group: Group, text: str) -> Group:
    """The same call with another Content-Range."""
    items = []
    for item in group.items:
        if "Content-Range" in item.prefix:
            items.append(Item(item.prefix, text))
        elif isinstance(item.value, Group):
            items.append(Item(item.prefix, _ranged(item.value, text)))
        else:
            items.append(item)
    return replace(group, items=tuple(items))
