"""Clients the tool knows by name and does not rewrite: what to write instead, for a person to do.

::

    subprocess.run(["curl", "-F", f"video=@{path}", url])      # a command
    httplib2.Http().request(url, "POST", body=body)
    curl = pycurl.Curl(); curl.setopt(pycurl.URL, url)
    await treq.post(url, files={"video": video})
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from share2post import tiktok
from share2post.semantics.flow import Binding
from share2post.semantics.values import Evaluator, Text
from share2post.semantics.world import Unit

_INFO: Final = (
    '{"source_info": {"source": "FILE_UPLOAD", "video_size": n, "chunk_size": n, "total_chunk_count": 1}}'
)
_HEADERS: Final = f'{{"Authorization": f"Bearer {{token}}", "Content-Type": "{tiktok.JSON_TYPE}"}}'
_RANGE: Final = '{"Content-Range": f"bytes 0-{n - 1}/{n}", "Content-Type": "video/mp4"}'

# What a person has to write for each client.
CALLS: Final[dict[str, str]] = {
    "curl": (
        f"run curl {tiktok.INIT_URL} -H 'Authorization: Bearer TOKEN' -H 'Content-Type: {tiktok.JSON_TYPE}' "
        f"-d '{_INFO}' with n the file's size, then curl \"$upload_url\" --upload-file FILE "
        "-H 'Content-Range: bytes 0-(n-1)/n' -H 'Content-Type: video/mp4' with data.upload_url of its answer "
        "(not --data, which drops bytes)"
    ),
    "httplib2": (
        f'write http.request("{tiktok.INIT_URL}", "POST", body=json.dumps({_INFO}), headers={_HEADERS}), '
        f'then http.request(upload_url, "PUT", body=video, headers={_RANGE}) '
        "with data.upload_url of its answer"
    ),
    "pycurl": (
        f'set URL to "{tiktok.INIT_URL}", POSTFIELDS to json.dumps({_INFO}) and HTTPHEADER to '
        f'["Authorization: Bearer " + token, "Content-Type: {tiktok.JSON_TYPE}"], and perform; then, with a '
        "new Curl, set URL to data.upload_url of its answer, UPLOAD to 1, READDATA to the open file, "
        'INFILESIZE to n, HTTPHEADER to [f"Content-Range: bytes 0-{n - 1}/{n}", "Content-Type: video/mp4"], '
        "and perform"
    ),
    "treq": (
        f'write await treq.post("{tiktok.INIT_URL}", json={_INFO}, headers={_HEADERS}), '
        f"then await treq.put(upload_url, data=video, headers={_RANGE}) with data.upload_url of its answer"
    ),
}
_RUNNERS: Final = frozenset(
    {
        "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
        "subprocess.Popen", "subprocess.getoutput", "subprocess.getstatusoutput", "os.system", "os.popen",
        "os.execvp", "os.execv",
        "os.spawnvp", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell", "pexpect.run",
    }
)  # fmt: skip
_MADE: Final = {"httplib2.Http": "httplib2", "pycurl.Curl": "pycurl", "treq.client.HTTPClient": "treq"}
_COMMAND: Final = re.compile(r"(?:^|[\s;&|(/])curl\s", re.IGNORECASE)


@dataclass(eq=False)
class Unspoken:
    """Recognises the clients the tool does not rewrite."""

    evaluator: Evaluator

    def client(self, unit: Unit, whole: ast.expr) -> str | None:
        """The client that a URL is handed to; ``None`` where it is none of these."""
        for call in self._calls(unit, whole, 0):
            found = self._named(unit, call)
            if found is not None:
                return found
        return None

    def command(self, text: Text) -> bool:
        """Whether a text is a curl command line that names the upload."""
        flat = "".join(piece if isinstance(piece, str) else "?" for piece in text.pieces).lower()
        return f"{tiktok.LEGACY_HOST}{tiktok.LEGACY_PATH}" in flat and _COMMAND.search(flat) is not None

    def _named(self, unit: Unit, call: ast.Call) -> str | None:
        world = self.evaluator.world
        name = world.qualified(unit, call.func) or ""
        if name in _RUNNERS:
            return "curl" if self._runs_curl(unit, call) else None
        if name.startswith("treq."):
            return "treq"
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
        if receiver is None:
            return None
        definition = world.definition(unit, receiver)
        owner, made = (definition.unit, definition.value) if definition is not None else (unit, receiver)
        return _MADE.get(world.qualified(owner, made.func) or "") if isinstance(made, ast.Call) else None

    def _runs_curl(self, unit: Unit, call: ast.Call) -> bool:
        """Whether the command is curl: its first word, wherever the command is put together."""
        for owner, node in self._commands(unit, call.args[0]) if call.args else ():
            first = node.elts[0] if isinstance(node, ast.List | ast.Tuple) and node.elts else node
            text = self.evaluator.text(owner, first)
            word = text.pieces[0] if text is not None and text.pieces else ""
            if isinstance(word, str) and re.match(r"(?:\S*/)?curl(?:\.exe)?(?:\s|$)", word.strip()):
                return True
        return False

    def _commands(self, unit: Unit, node: ast.expr) -> Iterator[tuple[Unit, ast.expr]]:
        """The expressions a command may have been made by."""
        if isinstance(node, ast.Name):
            scopes = {binding.scope for binding in unit.flow.reaching(node)}
            for binding in [b for scope in scopes for b in scope.bindings.get(node.id, [])]:
                if binding.value is not None:
                    yield unit, binding.value
            return
        definition = self.evaluator.world.definition(unit, node)
        yield (definition.unit, definition.value) if definition is not None else (unit, node)

    def _calls(self, unit: Unit, node: ast.AST, depth: int) -> Iterator[ast.Call]:
        """The calls a value is handed to: in a list, through a variable, as an argument."""
        parent = unit.module.parent(node)
        while isinstance(
            parent, ast.List | ast.Tuple | ast.Starred | ast.keyword | ast.JoinedStr | ast.FormattedValue
        ):
            parent = unit.module.parent(parent)
        if isinstance(parent, ast.Call):
            yield parent
            inner = parent.func.value if isinstance(parent.func, ast.Attribute) else None
            if isinstance(inner, ast.Name) and depth < 3:  # command.append(url), command.extend([...])
                for binding in unit.flow.reaching(inner):
                    yield from self._used(unit, binding, depth)
        elif isinstance(parent, ast.BinOp):
            yield from self._calls(unit, parent, depth)
        elif isinstance(parent, ast.Attribute) and parent.attr in ("format", "rstrip", "strip"):
            made = unit.module.parent(parent)
            if isinstance(made, ast.Call):
                yield from self._calls(unit, made, depth)
        elif isinstance(parent, ast.Assign | ast.AnnAssign | ast.AugAssign) and depth < 3:
            targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
            for scope in unit.flow.scopes.values():
                for bindings in scope.bindings.values():
                    for binding in bindings:
                        if binding.node in targets:
                            yield from self._used(unit, binding, depth)

    def _used(self, unit: Unit, binding: Binding, depth: int) -> Iterator[ast.Call]:
        for use in binding.uses:
            if isinstance(use.ctx, ast.Load):
                yield from self._calls(unit, use, depth + 1)
