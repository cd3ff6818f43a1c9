"""A second request that is made once for each chunk of the file, in a loop of the program's own.

::

    chunk_size = CHUNK if size > 64_000_000 else size        # before the init, which announces all three
    chunk_count = size // chunk_size
    with open(path, "rb") as f:
        while chunk := f.read(<chunk_size, or all that is left>):
            chunk_end = f.tell()
            requests.put(upload_url, data=chunk, headers={"Content-Range": "bytes <first>-<last>/<size>"})

The rule (F3.12 to F3.18): one chunk up to 64,000,000 bytes, else chunks of 5 to 64 MB, of which the last takes
the rest; in order. A loop that is not seen through to its last chunk is left.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from share2post.families import Announced
from share2post.model import Reason
from share2post.rules.announced_size import Sizes, Source
from share2post.rules.chunk_counts import Counts
from share2post.rules.chunk_reads import Reads
from share2post.rules.second_request import SecondRequest
from share2post.rules.video import Video
from share2post.semantics.mappings import Mapping

_RULE: Final = (
    "TikTok takes a file of up to 64,000,000 bytes as one chunk, and else chunks of 5 to 64 MB: "
    "total_chunk_count = video_size // chunk_size, the rest goes with the last chunk, and each chunk is PUT in "
    "its turn with a Content-Range of its own (206 for each but the last, which gets 201)"
)
_ONE_CHUNK: Final = "64_000_000"
_LOOPS = (ast.For, ast.While)


@dataclass(eq=False)
class ChunkLoop:
    """One loop on its way to sending chunks as TikTok wants them."""

    second: SecondRequest

    def __post_init__(self) -> None:
        self.unit, self.draft = self.second.unit, self.second.draft
        self.flow = self.unit.flow

    def loop(self) -> ast.For | ast.While | None:
        """The loop that sends the chunks, where the init stands right outside of it."""
        around = [
            [a for a in self.unit.module.ancestors(c) if isinstance(a, ast.For | ast.While | ast.AsyncFor)]
            for c in (self.second.request.call, self.second.first.call)
        ]
        inner = around[0][0] if around[0] else None
        return inner if isinstance(inner, _LOOPS) and around[0][1:] == around[1] else None

    def settle(self, loop: ast.For | ast.While, announced: ast.expr | None) -> Announced | None:
        """Rewrite the loop; what the init is to announce, ``None`` with the obstacle noted."""
        second = self.second
        headers, files = second.headers(), second.files()
        sent = files.entries[0].value if files is not None and len(files.entries) == 1 else None
        if isinstance(sent, ast.Tuple | ast.List) and len(sent.elts) > 1:
            sent = sent.elts[1]
        if headers is None or files is None or not isinstance(sent, ast.Name) or not self._each_time(loop):
            self._stop("what each request of this loop sends is not seen", second.request.call)
            return None
        reads = Reads(second.evaluator, self.unit, loop, sent)
        if not reads.find():
            self._stop("how this loop reads the file is not seen", sent)
            return None
        sizes = Sizes(second.evaluator, self.draft, second.first, second.request.call)
        source = sizes.opened(reads.opening)
        size = sizes.text(source, announced) if isinstance(source, Source) else None
        if size is None:
            self._stop("the size of the file is not known when the init must announce it", sent)
            return None
        counts = Counts(second.evaluator, second.first, self.draft, self.unit, loop, reads)
        if not counts.find(size):
            self._stop("which chunk is the last of this loop is not seen", loop)
            return None
        return self._write(counts, reads, size, headers, files)

    def _each_time(self, loop: ast.For | ast.While) -> bool:
        """Whether every turn of the loop makes the request: no condition around it, no way past it."""
        module, statement = self.unit.module, self.second.statement
        around: list[ast.AST] = []
        for node in module.ancestors(statement):
            if node is loop:
                break
            around.append(node)
        start = module.extent(statement)[0]
        skips = any(isinstance(n, ast.Continue) and module.extent(n)[0] < start for n in ast.walk(loop))
        plain = all(isinstance(node, ast.With | ast.AsyncWith | ast.Try) for node in around)
        tried = [
            n
            for node in around
            if isinstance(node, ast.Try)
            for part in (*node.handlers, *node.orelse)
            for n in ast.walk(part)
        ]
        return (
            plain
            and not skips
            and not self.second.split
            and statement not in tried
            and self.second.stands_alone()
        )

    def _write(
        self, counts: Counts, reads: Reads, size: str, headers: Mapping, files: Mapping
    ) -> Announced | None:
        second, call = self.second, self.second.request.call
        chunk = second.fresh.pick(self.unit, call, "chunk_size", "upload_chunk_size")
        count = second.fresh.pick(self.unit, call, "chunk_count", "upload_chunk_count")
        second.first.before.append(f"{chunk} = {counts.wish()} if {size} > {_ONE_CHUNK} else {size}")
        second.first.before.append(f"{count} = {size} // {chunk}")
        own = counts.own_range(headers, size)
        if not counts.rewrite(chunk, count, own):
            self._stop("the chunk size is used for more than reading and counting", call)
            return None
        reads.rewrite(self.draft, chunk, size)
        before: tuple[str, ...] = ()
        if own is not None:
            text = second.mover.keep(self.unit, own)
        else:
            end, quote = (
                second.fresh.pick(self.unit, call, "chunk_end", "tiktok_chunk_end"),
                second.style.quote,
            )
            before = (f"{end} = {reads.handle}.tell()",)
            text = f"f{quote}bytes {{{end} - len({reads.chunk})}}-{{{end} - 1}}/{{{size}}}{quote}"
        if second.request.files is not None:
            self.draft.mark(
                "S2P003", self.unit, second.request.files, "each chunk is sent as a multipart part"
            )
        video = Video(before, reads.chunk, size, second.media_type(headers))
        second.write(video, video.media_type, text)
        second.discard(headers, files)
        return Announced(size, chunk, count)

    def _stop(self, what: str, node: ast.AST) -> None:
        self.draft.stop(Reason.NEW_STYLE_BODY, f"{what}: {_RULE}", self.unit, node)
