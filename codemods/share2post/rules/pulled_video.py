"""A URL posted in place of a file: TikTok fetches the video itself (``PULL_FROM_URL``, F3.21).

::

    requests.post(OLD_URL, json={"video_url": link})   # one request before and after, no PUT

Looks the same and is left: a path of the local disk in that field, and a URL signed
for a while (a presigned URL of a bucket), whose domain nobody can verify.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from share2post.model import Reason
from share2post.rules.local_path import local_path
from share2post.rules.moving import Mover
from share2post.semantics.flow import Kind
from share2post.semantics.mappings import Entry, Mapping
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.style import Style

_SIGNED: Final = re.compile(
    r"presign|pre_sign|signed_?url|signature=|x-amz-|generate_.*url|create_.*sas", re.I
)
_PATH: Final = re.compile(r"(?:^|_)(?:path|file|filepath|file_?name|fname|local\w*)$", re.I)
_PATHS: Final = (
    "os.path.", "pathlib.Path", "builtins.open", "io.open", "os.stat", "os.remove", "os.unlink", "shutil.",
)  # fmt: skip
_DEPTH: Final = 4
_INSTEAD: Final = "upload the file instead (FILE_UPLOAD: the init, then one PUT of the bytes)"


@dataclass(eq=False)
class PulledVideo:
    """Decides whether TikTok could fetch what ``video_url`` holds."""

    evaluator: Evaluator
    draft: Draft
    mover: Mover  # of the request
    style: Style
    pulls: bool  # whether the dialect can write such an init

    def text(self, mapping: Mapping, entry: Entry) -> str:
        """The text of the URL at the call; empty with the obstacle noted."""
        hint = self._obstacle(entry)
        if hint:
            self.draft.stop(Reason.VIDEO_URL, hint, entry.unit, entry.node)
            return ""
        self.draft.doubt(
            Reason.VIDEO_URL,
            "TikTok fetches the video itself (PULL_FROM_URL): the URL's domain or prefix must be verified with it, "
            "and answer over https without a redirect",
            entry.unit,
            entry.node,
        )
        if mapping.far or mapping.others:
            quote = self.style.quote
            return f"{self.mover.keep(self.mover.unit, mapping.node)}[{quote}{entry.key}{quote}]"
        return self.mover.text_at_call(entry.unit, entry.value, "video_url", entry.statement)

    def _obstacle(self, entry: Entry) -> str:
        """Why the URL cannot be fetched; empty where nothing speaks against it."""
        text = self.evaluator.text(entry.unit, entry.value)
        first = text.pieces[0] if text is not None and text.pieces else ""
        origins = list(self._origins(entry.unit, entry.value))
        if isinstance(first, str) and first and not first.lower().startswith("https://"):
            return f"video_url does not hold an https URL, and TikTok fetches nothing else: {_INSTEAD}"
        if any(_SIGNED.search(unit.module.source(node)) for unit, node in origins):
            return f"video_url holds a signed URL, whose domain cannot be verified: {_INSTEAD}"
        made = local_path(self.evaluator, entry.unit, entry.value)
        if made or any(self._local(unit, node) for unit, node in origins):
            where = f" ({made})" if made else ""
            return f"video_url holds a path on this machine{where}, which TikTok cannot fetch: {_INSTEAD}"
        if not self.pulls or entry.conditional:
            return 'use source_info = {"source": "PULL_FROM_URL", "video_url": ...} in the init request'
        return ""

    def _origins(self, unit: Unit, node: ast.expr, depth: int = 0) -> Iterator[tuple[Unit, ast.expr]]:
        """The expression, and what the names in it were given."""
        yield unit, node
        for name in ast.walk(node) if depth < _DEPTH else ():
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load):
                for binding in unit.flow.reaching(name):
                    if binding.kind is Kind.ASSIGN and binding.value is not None:
                        yield from self._origins(unit, binding.value, depth + 1)

    def _local(self, unit: Unit, node: ast.expr) -> bool:
        """Whether a value is a path: by its name, by what makes it, or by what else it is used for."""
        if isinstance(node, ast.Call):
            return (self.evaluator.world.qualified(unit, node.func) or "").startswith(_PATHS)
        key = node.slice if isinstance(node, ast.Subscript) else None
        named = {ast.Name: "id", ast.Attribute: "attr"}.get(type(node), "")
        name = key.value if isinstance(key, ast.Constant) else getattr(node, named, "")
        if isinstance(name, str) and _PATH.search(name) and "url" not in name.lower():
            return True
        bindings = unit.flow.reaching(node) if isinstance(node, ast.Name) else ()
        return any(self._opened(unit, use) for binding in bindings for use in binding.uses)

    def _opened(self, unit: Unit, use: ast.Name) -> bool:
        parent = unit.module.parent(use)
        if not isinstance(parent, ast.Call) or use not in parent.args:
            return False
        name = self.evaluator.world.qualified(unit, parent.func) or ""
        return name.startswith(_PATHS) and name != "os.path.basename"
