"""The video in the old request, and how its bytes are had at the call.

The old client read the file from where it stood into one body; so does the
rewrite: the bytes are read, their length is the size, and both requests agree.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum, auto

from share2post import tiktok
from share2post.model import Reason
from share2post.protocols import Request
from share2post.rules.moving import Mover, ends_line, starts_line
from share2post.semantics.callers import argument_for, callers
from share2post.semantics.closed import is_closed
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.mappings import Entry, Mapping
from share2post.semantics.unfolding import NAMES
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.fresh import FreshNames
from share2post.syntax.style import Style, indentation

_FILES = frozenset(
    {"IO", "IO[Any]", "IO[bytes]", "BinaryIO", "BytesIO", "BufferedReader", "BufferedIOBase", "RawIOBase"}
)
_OPENERS = frozenset({"builtins.open", "io.open"})
_ASYNC_OPENERS = frozenset({"aiofiles.open", "aiofiles.threadpool.open", "anyio.open_file"})
_BUFFERS = frozenset({"io.BytesIO", "tempfile.TemporaryFile", "tempfile.NamedTemporaryFile"})


class Shape(Enum):
    """What the video expression gives."""

    OPENING = auto()  # a call that opens the file
    HANDLE = auto()
    ASYNC_HANDLE = auto()  # a handle whose ``read`` is awaited
    BYTES = auto()
    EITHER = auto()  # a handle or bytes: seen when the program runs
    TEXT = auto()  # a path or text: nothing the old API could take
    TEXT_MODE = auto()
    PIECES = auto()  # a generator


@dataclass(frozen=True, eq=False)
class Video:
    """How the bytes are had: statements to run first, and the name that then holds them."""

    before: tuple[str, ...]
    name: str
    size: str
    media_type: str
    passed: str = ""  # to a helper function: the expression for its parameter


@dataclass(eq=False)
class VideoReader:
    """Finds the video in a request."""

    evaluator: Evaluator
    draft: Draft
    mover: Mover
    fresh: FreshNames
    request: Request
    style: Style
    rewinds: bool = False
    size: str = ""  # a variable that holds the size already

    def read(self, files: Mapping) -> Video | None:
        """The video of ``files=``, or ``None`` with the obstacle noted."""
        unit, node = (
            self.request.unit,
            self.request.files or self.request.form or self.request.body or self.request.call,
        )
        self.draft.mark("S2P003", unit, node, "the video is sent as a multipart part")
        if files.unknown is not None:
            self._stop("the files argument is not all known", unit, files.unknown)
            return None
        if len(files.entries) != 1:
            self._stop("the request has more than one part, or none", unit, node)
            return None
        entry = files.entries[0]
        if entry.key != tiktok.VIDEO_PART:
            self.draft.doubt(
                Reason.UNKNOWN_VIDEO,
                f'the part is called "{entry.key}"; the old API took "video", so this call may never have worked',
                entry.unit,
                entry.node,
            )
        value, media_type = self._part(entry)
        if value is None or entry.conditional:
            self._stop(
                "the video part is not a file, bytes or a (name, file, type) tuple", entry.unit, entry.node
            )
            return None
        shape = self.shape(entry.unit, value)
        if shape is Shape.EITHER and (files.raw or self.request.bytes_only):
            shape = Shape.BYTES  # nothing else could have been sent
        if shape is Shape.TEXT:
            self._stop("a path or a text is sent where the file itself belongs", entry.unit, value)
            return None
        if shape is Shape.TEXT_MODE:
            self._stop('the video is opened in text mode; open it with "rb"', entry.unit, value)
            return None
        if shape is Shape.PIECES:
            self._stop(
                "the video comes in pieces from a generator; its size must be known first", entry.unit, value
            )
            return None
        self._other_elements(entry, value)
        return self._bytes(files, entry, value, shape, media_type)

    def _stop(self, hint: str, unit: Unit, node: ast.AST) -> None:
        self.draft.stop(Reason.UNKNOWN_VIDEO, hint, unit, node)

    def _part(self, entry: Entry) -> tuple[ast.expr | None, str]:
        """The file of a part, and its media type where it is one the new API takes (T5)."""
        value = entry.value
        media_types = [v for name, v in entry.options if name == "content_type"]
        if media_types:
            media = self.evaluator.text(entry.unit, media_types[0])
            known = media.known if media is not None else None
            return value, known if known in tiktok.MEDIA_TYPES else tiktok.MEDIA_TYPES[0]
        if isinstance(value, ast.Name):
            definition = self.evaluator.world.definition(entry.unit, value)
            if definition is not None and isinstance(definition.value, ast.Tuple):
                self._stop("the part's tuple is made elsewhere", entry.unit, value)
                return None, ""
        if not isinstance(value, ast.Tuple | ast.List):
            return value, tiktok.MEDIA_TYPES[0]
        if not 2 <= len(value.elts) <= 4 or self.request.streams:  # aiohttp has no such tuples
            return None, ""
        media = self.evaluator.text(entry.unit, value.elts[2]) if len(value.elts) > 2 else None
        known = media.known if media is not None else None
        return value.elts[1], known if known in tiktok.MEDIA_TYPES else tiktok.MEDIA_TYPES[0]

    def _other_elements(self, entry: Entry, value: ast.expr) -> None:
        for name, option in entry.options:
            if not self.mover.is_pure(entry.unit, option):
                self._stop(
                    f"the part's {name} is worked out here and nothing asks for it any more",
                    entry.unit,
                    option,
                )
        if isinstance(entry.value, ast.Tuple | ast.List):
            for element in entry.value.elts:
                if element is not value:
                    self.mover.drop(entry.unit, element, entry.statement)

    # shapes

    def shape(self, unit: Unit, node: ast.expr, depth: int = 0) -> Shape:
        """What an expression gives: a handle, bytes, either, or nothing to upload."""
        if depth > 8:
            return Shape.EITHER
        if isinstance(node, ast.Await):
            node = node.value
        if isinstance(node, ast.Constant):
            return Shape.BYTES if isinstance(node.value, bytes) else Shape.TEXT
        if isinstance(node, ast.JoinedStr):
            return Shape.TEXT
        if isinstance(node, ast.GeneratorExp):
            return Shape.PIECES
        if isinstance(node, ast.Call):
            return self._call(unit, node)
        if isinstance(node, ast.Name):
            shapes = {self._binding(unit, b, depth) for b in unit.flow.reaching(node)}
            return shapes.pop() if len(shapes) == 1 else Shape.EITHER
        if isinstance(node, ast.Attribute):
            definition = self.evaluator.world.definition(unit, node)
            if definition is not None:
                found = self.shape(definition.unit, definition.value, depth + 1)
                return Shape.HANDLE if found is Shape.OPENING else found
        return Shape.EITHER

    def _call(self, unit: Unit, node: ast.Call) -> Shape:
        name = self.evaluator.world.qualified(unit, node.func) or ""
        attr = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in _OPENERS:
            return self._mode(unit, node, 1)
        if name in _ASYNC_OPENERS:
            mode = self._mode(unit, node, 1)
            return Shape.ASYNC_HANDLE if mode is Shape.OPENING else mode
        if name in _BUFFERS:
            return Shape.HANDLE
        if name in ("builtins.str", "os.path.join", "os.fspath", "pathlib.Path"):
            return Shape.TEXT
        if name in ("builtins.bytes", "builtins.bytearray"):
            return Shape.BYTES
        if attr == "open":
            return self._mode(unit, node, 0)
        if attr in ("enter_context", "enter_async_context") and len(node.args) == 1:
            entered = self.shape(unit, node.args[0], 1)
            return Shape.HANDLE if entered is Shape.OPENING else entered
        made = self.evaluator.callee(unit, node)
        if made is not None and any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(made[1])):
            return Shape.PIECES
        if attr == "read_bytes" or attr == "getvalue":
            return Shape.BYTES
        if attr == "read" and isinstance(node.func, ast.Attribute):
            inner = self.shape(unit, node.func.value)
            if inner in (Shape.HANDLE, Shape.OPENING, Shape.ASYNC_HANDLE):
                return Shape.BYTES
            return Shape.TEXT_MODE if inner is Shape.TEXT_MODE else Shape.EITHER
        return Shape.EITHER

    def _mode(self, unit: Unit, node: ast.Call, position: int) -> Shape:
        mode = next((k.value for k in node.keywords if k.arg == "mode"), None)
        if mode is None and len(node.args) > position:
            mode = node.args[position]
        text = self.evaluator.text(unit, mode) if mode is not None else None
        known = text.known if text is not None else None
        if mode is not None and known is None:
            return Shape.EITHER
        return Shape.OPENING if "b" in (known or "r") else Shape.TEXT_MODE

    def _binding(self, unit: Unit, binding: Binding, depth: int) -> Shape:
        if binding.kind in (Kind.ASSIGN, Kind.WITH) and binding.value is not None:
            found = self.shape(unit, binding.value, depth + 1)
            return Shape.HANDLE if found is Shape.OPENING else found
        if binding.kind is Kind.PARAMETER and isinstance(binding.node, ast.arg):
            name = getattr(binding.scope.node, "name", "")
            private = name.startswith("_") or name in NAMES  # nobody else calls it
            if binding.node.annotation is None:
                return self._from_callers(unit, binding, depth, sure=self.request.streams or private)
            return self._annotated(unit, binding.node.annotation)
        return Shape.EITHER

    def _from_callers(self, unit: Unit, binding: Binding, depth: int, *, sure: bool) -> Shape:
        """What every call of the function that the project holds passes for a parameter."""
        function = binding.scope.node
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return Shape.EITHER
        calls = callers(self.evaluator, unit, function)
        if not sure and not is_closed(self.evaluator, unit, function, calls):
            return Shape.EITHER
        passed = [(u, argument_for(c, unit, function, binding.name)) for u, c in calls]
        shapes = {self.shape(u, node, depth + 1) if node is not None else Shape.EITHER for u, node in passed}
        shapes = {Shape.HANDLE if shape is Shape.OPENING else shape for shape in shapes}
        return shapes.pop() if len(shapes) == 1 else Shape.EITHER

    def _annotated(self, unit: Unit, annotation: ast.expr | None) -> Shape:
        name = ast.unparse(annotation).rsplit(".", 1)[-1].strip("'\"") if annotation is not None else ""
        if name in ("str", "Path", "PathLike"):
            return Shape.TEXT
        if name in ("bytes", "bytearray", "memoryview"):
            return Shape.BYTES
        if name in (
            "IO",
            "IO[Any]",
            "BinaryIO",
            "BytesIO",
            "BufferedReader",
            "IO[bytes]",
            "BufferedIOBase",
            "RawIOBase",
        ):
            return Shape.HANDLE
        if name in ("AsyncBufferedReader", "AsyncBufferedIOBase", "StreamReader", "UploadFile"):
            return Shape.ASYNC_HANDLE
        return Shape.EITHER

    # bytes

    def _bytes(
        self, files: Mapping, entry: Entry, value: ast.expr, shape: Shape, media_type: str
    ) -> Video | None:
        unit = self.request.unit
        data = ("video_data", "video_bytes", "tiktok_video")
        if shape is Shape.ASYNC_HANDLE and (self.mover.in_place or isinstance(value, ast.Await | ast.Call)):
            self._stop(
                "the file is opened where it is sent; open it in an async with of its own", unit, value
            )
            return None
        if shape is Shape.EITHER and self.request.streams:
            self.draft.doubt(
                Reason.UNKNOWN_VIDEO,
                "what kind of file is sent cannot be seen here; the read() of an asynchronous one must be awaited",
                entry.unit,
                value,
            )
        if self.mover.in_place:
            return self._passed(files, entry, value, shape, media_type)
        opened_here = shape is Shape.OPENING and entry.statement is None and not files.far
        if opened_here:
            handle = self.fresh.pick(unit, self.request.call, "video_file", "video_handle")
            name = self.fresh.pick(unit, self.request.call, *data)
            lines = [
                f"with {self.mover.keep(unit, value)} as {handle}:",
                f"{self.style.indent}{name} = {handle}.read()",
            ]
            return self._sized(lines, name, media_type)
        statement, alone = entry.statement, not (files.others or files.far) and entry.unit is unit
        opened = isinstance(files.node, ast.Name) and shape is Shape.OPENING and alone
        if opened and statement is not None and self._may_read_early(statement):
            name, size = self._read_early(files, entry, value, statement)
            return Video((), name, size, media_type)
        source = self._handle(files, entry, value, shape)
        if source is None:
            return None
        simple = source.isidentifier()
        if shape is Shape.BYTES:
            if simple:
                return self._sized([], source, media_type)
            name = self.fresh.pick(unit, self.request.call, *data)
            return self._sized([f"{name} = {source}"], name, media_type)
        name = self.fresh.pick(unit, self.request.call, *data)
        if shape is Shape.ASYNC_HANDLE:
            return self._sized([f"{name} = await {source}.read()"], name, media_type)
        rewind = self.rewinds and not self._fresh_handle(entry.unit, value)
        if opened and statement is not None and self.mover.once_after(statement):
            lines = [f"with {source}:", f"{self.style.indent}{name} = {source}.read()"]
            return self._sized(lines, name, media_type)
        if shape in (Shape.HANDLE, Shape.OPENING):
            lines = [f"{source}.seek(0)"] if rewind else []
            return self._sized([*lines, f"{name} = {source}.read()"], name, media_type)
        quote = self.style.quote
        if rewind:
            lines = [
                f"{name} = {source}",
                f"if hasattr({name}, {quote}read{quote}):",
                f"{self.style.indent}{name}.seek(0)",
                f"{self.style.indent}{name} = {name}.read()",
            ]
            return self._sized(lines, name, media_type)
        if simple:
            line = f"{name} = {source}.read() if hasattr({source}, {quote}read{quote}) else {source}"
            return self._sized([line], name, media_type)
        lines = [
            f"{name} = {source}",
            f"if hasattr({name}, {quote}read{quote}):",
            f"{self.style.indent}{name} = {name}.read()",
        ]
        return self._sized(lines, name, media_type)

    def _passed(
        self, files: Mapping, entry: Entry, value: ast.expr, shape: Shape, media_type: str
    ) -> Video | None:
        """The video as the argument of a helper function, whose parameter is called ``video``."""
        inline = entry.statement is None and not files.far and not isinstance(files.node, ast.Name)
        source = (
            self.mover.keep(self.request.unit, value) if inline else self._handle(files, entry, value, shape)
        )
        if source is None:
            return None
        rewind = self.rewinds and not self._fresh_handle(entry.unit, value)
        quote, indent = self.style.quote, self.style.indent
        read = ["video.seek(0)"] if rewind else []
        read.append("video_data = video.read()")
        size = "video_size = len(video_data)"
        if shape is Shape.BYTES:
            return Video(("video_size = len(video)",), "video", "video_size", media_type, source)
        if shape is Shape.EITHER:
            lines = [
                "video_data = video",
                f"if hasattr(video, {quote}read{quote}):",
                *(indent + line for line in read),
            ]
            return Video((*lines, size), "video_data", "video_size", media_type, source)
        return Video((*read, size), "video_data", "video_size", media_type, source)

    def _fresh_handle(self, unit: Unit, node: ast.expr) -> bool:
        """Whether a handle is only opened and sent, so that it stands at its start."""
        binding = unit.flow.only(node) if isinstance(node, ast.Name) else None
        if binding is None:
            return isinstance(node, ast.Call)
        opened = isinstance(binding.value, ast.Call) and self._call(unit, binding.value) is Shape.OPENING
        loops = [n for n in unit.module.ancestors(node) if isinstance(n, ast.For | ast.While | ast.AsyncFor)]
        inside = all(loop in set(unit.module.ancestors(binding.node)) for loop in loops)
        return opened and len(binding.uses) == 1 and inside

    def _sized(self, lines: list[str], name: str, media_type: str) -> Video:
        if self.size:
            return Video(tuple(lines), name, self.size, media_type)
        size = self.fresh.pick(self.request.unit, self.request.call, "video_size", "video_length")
        return Video((*lines, f"{size} = len({name})"), name, size, media_type)

    def _handle(self, files: Mapping, entry: Entry, value: ast.expr, shape: Shape) -> str | None:
        """The text that names the file (or bytes) at the call."""
        unit, quote = self.request.unit, self.style.quote
        if files.raw:
            return self.mover.text_at_call(entry.unit, value, "video_data", entry.statement)
        if (
            entry.statement is None
            and not files.far
            and isinstance(files.node, ast.Dict | ast.List | ast.Tuple | ast.Call)
        ):
            return self.mover.keep(unit, value)
        if files.others or files.far or isinstance(files.node, ast.Attribute | ast.Call):
            index = "[1]" if isinstance(entry.value, ast.Tuple | ast.List) else ""
            if entry.paired or isinstance(files.node, ast.List | ast.Tuple):
                self._stop("the files list is used elsewhere too", unit, files.node)
                return None
            return f"{self.mover.keep(unit, files.node)}[{quote}{entry.key}{quote}]{index}"
        statement = entry.statement
        if statement is None:
            self._stop("the video is put into files in a way the tool does not know", unit, entry.node)
            return None
        if isinstance(value, ast.Name) and self.mover.movable(unit, value, statement):
            self.mover.discard(unit, files)
            return self.mover.keep(unit, value)
        return self._named_in_place(files, entry, value, statement)

    def _may_read_early(self, statement: ast.stmt) -> bool:
        """Whether a ``with`` can stand for a statement, and the file is the same there as at the call."""
        unit = self.request.unit
        roomy = starts_line(unit, statement) and ends_line(unit, statement)
        return roomy and self.mover.quiet_between(statement)

    def _read_early(
        self, files: Mapping, entry: Entry, value: ast.expr, statement: ast.stmt
    ) -> tuple[str, str]:
        """``files = {"video": open(path, "rb")}`` becomes a ``with`` that reads; the bytes and their size."""
        call, indent = self.request.call, indentation(entry.unit.module, statement)
        name = self.fresh.pick(entry.unit, call, "video_data", "video_bytes", "tiktok_video")
        handle = self.fresh.pick(entry.unit, call, "video_file", "video_handle")
        lines = [
            f"with {self.mover.keep(entry.unit, value)} as {handle}:",
            f"{indent}{self.style.indent}{name} = {handle}.read()",
        ]
        video = self._sized([], name, "")
        lines += [f"{indent}{line}" for line in video.before]
        self._in_place_of(files, entry, value, statement, self.style.newline.join(lines))
        return name, video.size

    def _named_in_place(self, files: Mapping, entry: Entry, value: ast.expr, statement: ast.stmt) -> str:
        """``files = {"video": video.read()}`` becomes ``video_data = video.read()``."""
        unit = entry.unit
        read = self.request.bytes_only or self.shape(unit, value) is Shape.BYTES
        wishes = ("video_data", "video_bytes") if read else ("video_file", "video_handle")
        name = self.fresh.pick(unit, statement, *wishes)
        self._in_place_of(files, entry, value, statement, f"{name} = {self.mover.keep(unit, value)}")
        return name

    def _in_place_of(
        self, files: Mapping, entry: Entry, value: ast.expr, statement: ast.stmt, text: str
    ) -> None:
        """Write ``text`` where the video was put into ``files``; what else was done there stays."""
        unit = entry.unit
        for other in files.statements:
            if other is not statement:
                self.mover.remove_statement(unit, other, files)
        beside = [
            e.value for e in files.beside if e.statement is statement and e.value not in self.mover.kept
        ]
        effects = [self.mover.keep(unit, v) for v in beside if not self.mover.is_pure(unit, v)]
        start, end = unit.module.extent(statement)
        comments = [c.text for c in unit.module.comments_within(start, end)]
        value_start, value_end = unit.module.extent(value)
        inner = {c.text for c in unit.module.comments_within(value_start, value_end)}
        indent = indentation(unit.module, statement)
        lead = "".join(f"{line}{self.style.newline}{indent}" for line in comments if line not in inner)
        lead += "".join(f"{line}{self.style.newline}{indent}" for line in effects)
        self.draft.replace(unit, start, end, f"{lead}{text}")
