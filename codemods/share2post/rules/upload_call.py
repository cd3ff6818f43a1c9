"""S2P001 to S2P004: an upload call with everything that belongs to it.

Looks the same and is left alone: the same call to any other host (TikTok Shop,
the Business API, Douyin), the same parts (``files={"video": ...}``) sent
elsewhere, a base URL that other endpoints share.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from share2post.dialects import DIALECTS
from share2post.model import Reason
from share2post.protocols import Dialect, Request
from share2post.rules.doubled_reads import merge
from share2post.rules.evidence import links
from share2post.rules.hybrid_body import as_json
from share2post.rules.left_behind import release_constants
from share2post.rules.leftovers import Sweep, Swept
from share2post.rules.mocked import Mockable, Mocked
from share2post.rules.upload_checks import overrider
from share2post.rules.upload_site import UploadSite
from share2post.rules.wrapped_call import is_shared, read_wrapped
from share2post.semantics.reads import reread, stray_reads
from share2post.semantics.relatives import related
from share2post.semantics.urls import Target, endpoint, joined
from share2post.semantics.values import Evaluator, Text
from share2post.semantics.world import Unit
from share2post.sites import Draft, Place
from share2post.syntax.fresh import FreshNames


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

    def _stray_reads(self, works: list[UploadSite], units: list[Unit]) -> None:
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

    def _work(self, unit: Unit, call: ast.Call) -> UploadSite | None:
        """The work a call makes; ``None`` where it is not an upload."""
        for dialect in DIALECTS:
            request = dialect.read(self.evaluator, unit, call)
            if request is not None:
                return self._upload(dialect, request)
        through = read_wrapped(self.evaluator, unit, call) if is_shared(unit, call) else None
        return self._upload(*through) if through is not None else None

    def _upload(self, dialect: Dialect, request: Request) -> UploadSite | None:
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
        return UploadSite(self.evaluator, self.fresh, self.helpers, dialect, request, draft, texts, ends)

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


def _join(works: list[UploadSite]) -> None:
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
