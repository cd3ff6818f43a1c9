"""A function of the module that does both steps, for a call that stands where no statement can."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from share2post import tiktok
from share2post.model import Reason
from share2post.protocols import Context, Dialect, Upload, Written
from share2post.rules.credentials import Credentials, Token
from share2post.rules.placing import Placing
from share2post.rules.video import Video
from share2post.semantics.mappings import Mapping
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.syntax.fresh import FreshNames
from share2post.syntax.layout import Item, call, render


@dataclass(eq=False)
class UploadHelper:
    """Writes that function, one for all calls that need the same, and the call of it."""

    evaluator: Evaluator
    fresh: FreshNames
    helpers: dict[tuple[Unit, str], tuple[str, int]]
    dialect: Dialect
    placing: Placing
    credentials: Credentials
    headers: Mapping | None

    def __post_init__(self) -> None:
        self.draft, self.unit, self.request = self.placing.draft, self.placing.unit, self.placing.request
        self.mover, self.style = self.placing.mover, self.placing.style

    def write(self, token: Token, video: Video) -> None:
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
        items = self.credentials.headers(replace(token, in_headers=True), self.headers)[:-1]
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
            *(self.placing.line(line, indent) for line in written.put),
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
