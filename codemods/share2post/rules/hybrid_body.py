"""Programs that post the new API's JSON body (``source_info``) to the old URL, completed to the protocol.

::

    answer = requests.post(OLD_URL, headers=auth, json={"post_info": ..., "source_info": {"video_size": 0}})
    upload_url = answer.json()["data"]["upload_url"]     # the program's own second request follows,
    requests.post(upload_url, files={"video": video})    # or none does, and the video is never sent

They never worked, so nothing is known but what the new API asks for: whole, or not at all.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import Final

from share2post import tiktok
from share2post.families import Announced, source_info
from share2post.model import Reason
from share2post.protocols import Request, Written
from share2post.rules.announced_size import is_quiet
from share2post.rules.chunk_loop import ChunkLoop
from share2post.rules.link_trail import LinkTrail
from share2post.rules.moving import Mover
from share2post.rules.second_call import FAMILIES, read_second
from share2post.rules.second_request import SecondRequest
from share2post.rules.unsent_video import UnsentVideo
from share2post.rules.video import Video
from share2post.semantics.mappings import Entry, Mapping, Mappings
from share2post.semantics.payloads import payload
from share2post.semantics.reads import Reader, What
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft, Obstacle, Place
from share2post.syntax.fresh import FreshNames
from share2post.syntax.layout import Group, Item
from share2post.syntax.style import Style

SOURCE_INFO: Final = "source_info"
_INVENTED: Final = re.compile(
    r"/((share/)?video/(upload/)?)?(publish|init|post|status|query|info|delete)/?(\?.*)?$"
)
_STEPS: Final = "the init and the PUT (a file of more than 64 MB needs several chunks)"
_ADVICE: Final = (
    "a JSON body of the new API's kind is posted to the old URL, which never worked: "
    f"post it to {tiktok.INIT_URL} and PUT the bytes to data.upload_url"
)


def as_json(evaluator: Evaluator, request: Request) -> Request:
    """``data=json.dumps(body)`` is ``json=body``, where the body is of the new API's kind."""
    inner, _ = payload(evaluator, request.unit, request.data)
    if inner is None or request.json is not None:
        return request
    body = Mappings(evaluator).read(request.unit, inner, request.call)
    return replace(request, data=None, json=inner) if body.find(SOURCE_INFO) else request


@dataclass(eq=False)
class Hybrid:
    """One such request. ``pull`` is the entry of a ``video_url``, ``video`` bytes that were never sent."""

    evaluator: Evaluator
    draft: Draft
    fresh: FreshNames
    mover: Mover
    request: Request
    style: Style
    body: Mapping | None
    pull: tuple[Mapping, Entry] | None = None
    video: Video | None = None
    announced: Announced | None = None
    missing: str = "no video file is seen in this request"

    @property
    def unit(self) -> Unit:
        """The module of the request."""
        return self.request.unit

    def settle(self, reader: Reader, *, roomy: bool) -> None:
        """Decide what the site becomes; notes what stands in the way."""
        if not reader.links and (self.body is None or not self.body.find(SOURCE_INFO)):
            self.draft.stop(Reason.UNKNOWN_VIDEO, self.missing, self.unit, self.request.call)
            return
        info = self._info()
        if info is None or self.request.client not in FAMILIES or not roomy:
            self._stop(self.request.json or self.request.call, _ADVICE)
            return
        at = len(self.draft.doubts)
        announced = info.find("video_size")
        value = announced[-1].value if len(announced) == 1 else None
        steps = _STEPS
        if info.find("video_url"):
            self._pull(info, reader)
            steps = "the init, which names the URL"
        elif reader.links:
            steps = self._second(reader, value)
        elif What.ID in reader.kinds.values():
            self._unsent(value)
        else:
            self._stop(self.request.json or self.request.call, _ADVICE)
        self._doubt(at, steps)

    def written(self, written: Written) -> Written:
        """The init with the size of what the program's own second request sends."""
        if self.announced is None:
            return written
        return replace(written, init=_sized(written.init, self.announced, self.style.quote))

    def _stop(self, node: ast.AST, hint: str) -> None:
        self.draft.stop(Reason.NEW_STYLE_BODY, hint, self.unit, node)

    # what is sent

    def _info(self) -> Mapping | None:
        """``source_info``, read; ``None`` where it cannot all be seen."""
        body = self.body
        entries = body.find(SOURCE_INFO) if body is not None else []
        if not entries:
            return self._without_info()
        if body is None or len(entries) != 1 or entries[0].conditional or body.far:
            return None
        if any(not self._shown(other) for other in body.others):
            return None
        inner, _ = payload(self.evaluator, self.unit, entries[0].value)
        info = Mappings(self.evaluator).read(self.unit, inner or entries[0].value, self.request.call)
        quiet = all(is_quiet(self.evaluator, self.unit, entry.value) for entry in info.entries)
        known = (
            info.unknown is None and not info.far and quiet and not any(e.conditional for e in info.entries)
        )
        if not known:
            return None
        self.mover.kept.add(entries[0].value)  # measures only, and is made anew
        for entry in [] if body is None else body.entries:
            if is_quiet(self.evaluator, self.unit, entry.value):
                self.mover.kept.add(entry.value)
        return info

    def _without_info(self) -> Mapping | None:
        """A request that announces nothing, and whose answer is asked for ``upload_url`` all the same."""
        body = self.body
        if body is not None and (body.unknown is not None or body.far or body.others):
            return None
        for entry in [] if body is None else body.entries:
            if is_quiet(self.evaluator, self.unit, entry.value):
                self.mover.kept.add(entry.value)
        return Mapping(self.request.call)

    def _shown(self, name: ast.Name) -> bool:
        """Whether another use of the body only shows it."""
        parent = self.unit.module.parent(name)
        return isinstance(parent, ast.Call | ast.FormattedValue)

    def _doubt(self, at: int, steps: str) -> None:
        """Say what the rewrite rests on, before what its parts rest on."""
        hint = (
            f"the program expects the new API of the old URL, so it never worked; it is completed to {steps}"
        )
        doubts = [Obstacle(Reason.NEW_STYLE_BODY, hint, Place(self.unit, self.request.call))]
        third = self._invented()
        if third is not None:
            hint = (
                "it goes on to an endpoint that never existed, which is left as it is and reported by itself"
            )
            doubts.append(Obstacle(Reason.NEW_STYLE_BODY, hint, Place(self.unit, third)))
        self.draft.doubts[at:at] = doubts

    def _invented(self) -> ast.AST | None:
        """A third call, to an endpoint that never existed."""
        for node in ast.walk(self.unit.module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "/v2/" not in node.value:
                single = "\n" not in node.value and not isinstance(self.unit.module.parent(node), ast.Expr)
                if single and "/" in node.value and _INVENTED.search(node.value):
                    return node
        return None

    # what becomes of it

    def _pull(self, info: Mapping, reader: Reader) -> None:
        entries = info.find("video_url")
        if reader.links or len(entries) != 1:
            self._stop(entries[0].node, "both a video_url and an upload_url are used; decide for one of them")
        else:
            self.pull = (info, entries[0])

    def _second(self, reader: Reader, announced: ast.expr | None) -> str:
        """The request that is made to ``upload_url``, if it is just one; what it is completed to."""
        trail = LinkTrail(self.evaluator, self.unit, reader.sinks)
        for unit, link in reader.links:
            if unit is self.unit:
                trail.follow(link)
            else:
                trail.lost = trail.lost or link
        if trail.lost is not None:
            self._stop(trail.lost, "upload_url goes somewhere the tool does not follow: PUT the bytes to it")
            return _STEPS
        found = read_second(self.evaluator, self.unit, trail.calls[0]) if len(trail.calls) == 1 else None
        if found is None:
            hint = "the tool does not see one request that is made to upload_url: PUT the bytes to it"
            self._stop(self.request.call, hint)
            return _STEPS
        family, request = found
        split = self.unit.function_of(request.call) is not self.unit.function_of(self.request.call)
        second = SecondRequest(
            self.evaluator, self.draft, self.fresh, self.mover, family, request, self.style, split=split
        )
        loop = ChunkLoop(second).loop()
        if loop is not None and second.repeats(loop):
            second.again = loop
        elif loop is not None:
            self.announced = ChunkLoop(second).settle(loop, announced)
            return "the init and one PUT for each chunk, of which the last takes the rest"
        self.announced = second.settle(announced)
        return _STEPS

    def _unsent(self, announced: ast.expr | None) -> None:
        """The video was announced, perhaps opened, and never sent: it is sent now, if it is certain which."""
        self.video = UnsentVideo(self.evaluator, self.fresh, self.mover, self.style).find(announced)
        if self.video is None:
            self._stop(
                self.request.json or self.request.call, f"{_ADVICE}; which file to send is not seen here"
            )


def _sized(group: Group, announced: Announced, quote: str) -> Group:
    """The same call with ``json={"source_info": ...}`` of this size."""
    items = []
    for item in group.items:
        if item.prefix == "json=":
            items.append(Item("json=", source_info(announced.size, quote, announced)))
        elif isinstance(item.value, Group):
            items.append(Item(item.prefix, _sized(item.value, announced, quote)))
        else:
            items.append(item)
    return replace(group, items=tuple(items))
