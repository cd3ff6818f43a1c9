"""The user's tests of an upload: what answers for the old API there moves with the upload, or is said to be in the way.

Looks the same and is left alone: mocks of other hosts, of the same client in
tests of other functions, a test that only documents the old URL.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from share2post import tiktok
from share2post.model import Reason
from share2post.protocols import Request
from share2post.rules.mocks import aioresponses, doubles, httpretty, patches, requests_mock, responses, respx
from share2post.rules.mocks.answers import Answers, Unseen, looks_old
from share2post.rules.mocks.assertions import assertion
from share2post.rules.mocks.kinds import Kinds
from share2post.rules.mocks.library import Library
from share2post.rules.mocks.patching import Patching
from share2post.rules.mocks.rewrite import (
    Found,
    Group,
    Rewriting,
    expect_words,
    is_address,
    named_in,
    pattern,
    registers,
)
from share2post.rules.mocks.scopes import Scope, Scopes, carriers, is_test
from share2post.semantics.urls import Target, endpoint
from share2post.semantics.uses import uses_of
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Definition, Unit
from share2post.sites import Draft, Place
from share2post.syntax.style import style_of


def _all(*libraries: Library) -> tuple[Library, ...]:
    return libraries


LIBRARIES: Final = _all(responses, requests_mock, respx, httpretty, aioresponses)


@dataclass(frozen=True, eq=False)
class Mockable:
    """An upload that tests may stand in for."""

    request: Request
    draft: Draft


@dataclass(eq=False)
class Mocked:
    """Finds the tests that answer for uploads, and makes them part of those uploads."""

    evaluator: Evaluator
    units: Sequence[Unit]
    uploads: Sequence[Mockable]
    movers: dict[ast.expr, Draft] = field(default_factory=dict)
    moved: list[tuple[Unit, ast.expr, list[Draft]]] = field(default_factory=list)
    left: list[Draft] = field(default_factory=list)
    handled: set[ast.AST] = field(default_factory=set)
    patched: list[tuple[Patching, Mockable]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tests = [unit for unit in self.units if is_test(unit)]
        self.scopes = Scopes(self.evaluator.world, self.tests)
        self.kinds = Kinds(self.evaluator, LIBRARIES, self.tests)

    def read(self) -> None:
        """Rewrite what can be, into the drafts of the uploads; note what stands in their way."""
        if not self.tests:
            return
        found, others = self._registrations()
        for group in _grouped(found):
            self._group(group, others)
        self._patches({b.value for f in found for b in f.mock.bodies if b.value is not None})
        for upload in self.uploads:
            if not upload.draft.obstacles:
                self._strays(upload)
                self._recordings(upload)

    def write(self) -> None:
        """Give the addresses their new value, once it is known which constants moved with the uploads."""
        usable = [(u, n, ds) for u, n, ds in self.moved if ds and not any(d.obstacles for d in ds)]
        nodes = {node: drafts for _, node, drafts in usable}
        for unit, node, drafts in usable:
            definition = self._own(unit, node)
            if definition is not None and self._moves(definition, nodes):
                continue
            quote = style_of(unit.module).quote
            for draft in drafts:
                draft.swap(unit, node, f"{quote}{tiktok.INIT_URL}{quote}")
        for work, upload in self.patched:
            self._second(work, upload)

    # patches

    def _patches(self, known: set[ast.AST]) -> None:
        """The client's function replaced in tests that reach an upload."""
        found: dict[patches.Patch, list[Mockable]] = {}
        for unit in self.tests:
            for patch in patches.find(self.evaluator, unit):
                answered = [upload for upload in self.uploads if self._replaces(patch, upload)]
                found |= {patch: answered} if answered else {}
        roots = {patch: self.scopes.roots(patch.scopes) for patch in found}
        for patch in found:
            known.update(n for u, root in roots[patch] for n in doubles.hooked(self.evaluator, u, root))
        for patch, answered in found.items():
            drafts = [upload.draft for upload in answered]
            left = any(draft.obstacles for draft in drafts)
            for upload in answered:
                if not left:
                    self._patch(patch, upload, roots[patch], known)
                    upload.draft.partners += [
                        d for d in drafts if d not in (upload.draft, *upload.draft.partners)
                    ]
                elif not upload.draft.obstacles:
                    _hinder(
                        upload.draft,
                        patch.unit,
                        patch.call,
                        "it answers for another upload too, which is left",
                    )

    def _replaces(self, patch: patches.Patch, upload: Mockable) -> bool:
        """Whether a patch answers for an upload: it replaces the client's function in a test that gets there."""
        replaced = patches.replaced_by(upload.request, self.evaluator)
        patch.whole = patch.replaced == upload.request.client
        if patch.replaced not in replaced and not patch.whole:
            return False
        patch.scopes = patch.scopes or self.scopes.of(patch.unit, patch.call)
        return self._reaches(patch.scopes, upload)

    def _patch(
        self, patch: patches.Patch, upload: Mockable, roots: list[tuple[Unit, ast.AST]], known: set[ast.AST]
    ) -> None:
        scratch, draft = Draft(Place(patch.unit, patch.call)), upload.draft
        work = Patching(self.evaluator, scratch, patch, upload.request, roots, known, self.tests)
        named: list[tuple[Unit, ast.expr]] = []
        try:
            olds = work.run()
            work.observed()
            inside = {part for old in olds for part in ast.walk(old.node)}
            codes = {old.code for old in olds} - {0}
            for unit, root in roots:
                named += [(unit, node) for node in named_in(self.evaluator, unit, root, set())]
                expect_words(scratch, unit, root, codes, inside)
        except Unseen as why:
            self.handled |= {
                part for _, root in roots for part in ast.walk(root) if isinstance(part, ast.Dict)
            }
            _hinder(draft, patch.unit, patch.call, f"it cannot be rewritten ({why})")
            return
        for change in scratch.changes:
            draft.replace(change.unit, change.start, change.end, change.text)
        draft.deleted |= scratch.deleted
        for old in olds:
            draft.mark("S2P004", old.unit, old.node, "a test gives an answer of the old API")
            self.handled.update(ast.walk(old.node))
        for unit, node in named:
            draft.claimed.update(leaf for text in self.evaluator.texts(unit, node) for _, leaf in text.leaves)
        self.handled |= {node for _, node in named}
        self.moved += [(unit, node, [draft]) for unit, node in named]
        self.movers |= {node: draft for _, node in named}
        if any(old.succeeds for old in olds):
            self.patched.append((work, upload))

    def _second(self, work: Patching, upload: Mockable) -> None:
        """Replace what sends the second request, now that it is known."""
        draft, request = upload.draft, upload.request
        if draft.obstacles or not draft.changes:
            return
        text = "\n".join(c.text for c in draft.changes if c.unit is request.unit)
        found = re.search(r"([\w.]+)\.put\(", text)
        if found is None:
            draft.stop(
                Reason.MOCKED,
                "a test replaces the client, and not what puts the bytes",
                work.patch.unit,
                work.patch.call,
            )
            return
        bindings = request.unit.flow.root.bindings.get(found[1], [])
        module = found[1] == request.client or any(isinstance(b.node, ast.alias) for b in bindings)
        work.draft = Draft(draft.place)
        work.second(request.client if module else work.patch.replaced.rpartition(".")[0])
        for change in work.draft.changes:
            draft.replace(change.unit, change.start, change.end, change.text)

    # registrations

    def _registrations(self) -> tuple[list[Found], list[tuple[Library, list[Scope]]]]:
        found: list[Found] = []
        others: list[tuple[Library, list[Scope]]] = []
        for unit in self.tests:
            for call in unit.calls():
                library = registers(self.kinds, unit, call)
                if library is None or not isinstance(call.func, ast.Attribute):
                    continue
                mock = library.read(self.evaluator, unit, call, unit.module.source(call.func.value))
                scopes = self.scopes.of(unit, call)
                if mock is None or not is_address(self.evaluator, unit, mock.url):
                    others.append((library, scopes))
                    if mock is not None and endpoint(self.evaluator.texts(unit, mock.url)[0]).path:
                        self.handled |= {n for body in mock.bodies for n in _parts(body.value)}
                    continue
                one = Found(library, mock, scopes, problem=mock.unknown)
                try:
                    for body in mock.bodies:
                        old, won = Answers(self.evaluator).read(unit, body)
                        mock.wins.append(won)
                        one.olds += [old] if old is not None else []
                except Unseen as why:
                    one.problem = one.problem or str(why)
                found.append(one)
        return found, others

    def _group(self, group: Group, others: list[tuple[Library, list[Scope]]]) -> None:
        first = group.members[0]
        uploads = self._answered(group.scopes, first.library)
        drafts = [upload.draft for upload in uploads]
        scratch = Draft(Place(first.mock.unit, first.mock.call))
        why = "" if uploads else "no upload is seen that it answers for"
        hindered = [draft for draft in drafts if draft.obstacles]
        try:
            if not hindered:
                Rewriting(self.evaluator, self.kinds, scratch, group, others).run()
        except Unseen as error:
            why = str(error)
        self.handled |= {n for f in group.members for body in f.mock.bodies for n in _parts(body.value)}
        self.handled |= {node for found in group.members for old in found.olds for node in ast.walk(old.node)}
        self.handled |= {f.mock.url for f in group.members} | {node for _, node in group.addresses}
        if why:
            self._block(group, drafts, why)
            return
        if hindered:
            self._claim(hindered[0], group)
            for draft in drafts:
                if not draft.obstacles:
                    _hinder(
                        draft,
                        first.mock.unit,
                        first.mock.call,
                        "it answers for another upload too, which is left",
                    )
            return
        for draft in drafts:
            for change in scratch.changes:
                draft.replace(change.unit, change.start, change.end, change.text)
            draft.deleted |= scratch.deleted
            draft.partners += [d for d in drafts if d is not draft and d not in draft.partners]
            self._claim(draft, group)
        self.moved += [(unit, node, drafts) for unit, node in group.addresses]
        self.movers |= {node: drafts[0] for _, node in group.addresses}

    def _claim(self, draft: Draft, group: Group) -> None:
        for found in group.members:
            mock = found.mock
            draft.mark("S2P001", mock.unit, mock.url, _what(found))
            if (mock.unit, mock.url) not in group.addresses:
                group.addresses.append((mock.unit, mock.url))
        for unit, node in group.addresses:
            texts = [*self.evaluator.texts(unit, node), *pattern(self.evaluator, unit, node)]
            draft.claimed.update(leaf for text in texts for _, leaf in text.leaves)

    def _block(self, group: Group, drafts: list[Draft], why: str) -> None:
        """A test that cannot be rewritten: the upload waits for consent, and the mock gets a finding of its own."""
        for found in group.members:
            mock = found.mock
            own = Draft(Place(mock.unit, mock.call))
            own.mark("S2P001", mock.unit, mock.url, _what(found))
            hint = f"{found.problem or why}: answer the init request and the PUT instead, when the upload has moved"
            own.stop(Reason.MOCKED, hint, mock.unit, mock.url)
            texts = [
                *self.evaluator.texts(mock.unit, mock.url),
                *pattern(self.evaluator, mock.unit, mock.url),
            ]
            own.claimed.update(leaf for text in texts for owner, leaf in text.leaves if owner in self.tests)
            self.left.append(own)
        first = next((f for f in group.members if f.problem), group.members[0])
        for draft in drafts:
            _hinder(draft, first.mock.unit, first.mock.call, f"it cannot be rewritten ({why})")

    # which uploads

    def _answered(self, scopes: list[Scope], library: Library | None) -> list[Mockable]:
        """The uploads that tests reach: by name, else those of the modules they import."""
        known: set[Unit] = set()
        for unit in dict.fromkeys(unit for unit, _ in scopes):
            known |= self.scopes.imports(unit)
        linked = [u for u in self.uploads if u.request.unit in known] or list(self.uploads)
        names = self.scopes.reached(scopes)
        linked = [u for u in linked if self._carriers[u] & names] or linked
        if library is None:
            return linked
        return [u for u in linked if u.request.client in library.clients] or linked

    @cached_property
    def _carriers(self) -> dict[Mockable, set[str]]:
        world = self.evaluator.world
        return {u: carriers(world, u.request.unit, u.request.call, self.tests) for u in self.uploads}

    # what no registration explains

    def _strays(self, upload: Mockable) -> None:
        """The old URL or an old answer in a test that reaches the upload, in a shape that is not known."""
        for unit, node, what in self._old_things():
            if (
                node in self.handled
                or node in upload.draft.claimed
                or any(node in u.draft.claimed for u in self.uploads)
            ):
                continue
            said = assertion(unit, node)
            if said is not None and said.other is not None and is_address(self.evaluator, unit, said.other):
                continue  # of a constant, which then stays as it is
            if self._reaches(self.scopes.of(unit, node), upload):
                _hinder(upload.draft, unit, node, what)

    def _recordings(self, upload: Mockable) -> None:
        """Tests that play a recording of the old API."""
        for unit in self.tests:
            for node in ast.walk(unit.module.tree):
                if not isinstance(node, ast.Attribute) or node.attr not in ("use_cassette", "vcr"):
                    continue
                if node.attr == "vcr" and not ast.unparse(node).endswith("mark.vcr"):
                    continue
                if self._reaches(self.scopes.of(unit, node), upload):
                    _hinder(
                        upload.draft,
                        unit,
                        node,
                        "it plays a recording of the old API, which has to be made anew",
                    )

    def _reaches(self, scopes: list[Scope], upload: Mockable) -> bool:
        """Whether tests get to an upload, as far as names tell."""
        known = {m for u in dict.fromkeys(u for u, _ in scopes) for m in self.scopes.imports(u)}
        return upload.request.unit in known and bool(self._carriers[upload] & self.scopes.reached(scopes))

    def _old_things(self) -> Iterator[tuple[Unit, ast.expr, str]]:
        for unit in self.tests:
            docs = {s.value for s in ast.walk(unit.module.tree) if isinstance(s, ast.Expr)}
            for node in ast.walk(unit.module.tree):
                if isinstance(node, ast.Dict) and looks_old(node):
                    yield unit, node, "it gives an answer of the old API in a way that is not known"
                elif isinstance(node, ast.Constant) and node not in docs and self._names_old(unit, node):
                    yield unit, node, "it names the old URL in a way that is not known"

    def _names_old(self, unit: Unit, node: ast.Constant) -> bool:
        if not isinstance(node.value, str):
            return False
        text = node.value.replace("\\", "").lower()
        if tiktok.LEGACY_PATH.strip("/") not in text and tiktok.LEGACY_HOST not in text:
            return False
        return endpoint(self.evaluator.texts(unit, node)[0]).target not in (Target.SIBLING, Target.INVENTED)

    # addresses

    def _own(self, unit: Unit, node: ast.expr) -> Definition | None:
        """The constant behind an address, where it is the whole URL and no more."""
        if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            return None
        definition = self.evaluator.world.definition(unit, node)
        if definition is None or isinstance(definition.value, ast.Name | ast.Attribute | ast.IfExp):
            return None
        return definition

    def _moves(self, definition: Definition, nodes: dict[ast.expr, list[Draft]]) -> bool:
        """Whether a constant has moved with an upload, or moves with the tests that use it."""
        unit, (start, end) = definition.unit, definition.unit.module.extent(definition.value)
        changes = [c for upload in self.uploads for c in upload.draft.changes if not upload.draft.obstacles]
        if any(
            c.unit is unit and (c.start, c.end) == (start, end) and tiktok.INIT_URL in c.text for c in changes
        ):
            return True
        uses = uses_of(self.evaluator.world, definition)
        if unit not in self.tests or uses.hidden or not all(load in nodes for _, load in uses.loads):
            return False
        drafts = list(dict.fromkeys(d for _, load in uses.loads for d in nodes[load]))
        quote = style_of(unit.module).quote
        for draft in drafts:
            draft.swap(unit, definition.value, f"{quote}{tiktok.INIT_URL}{quote}")
            draft.partners += [d for d in drafts if d is not draft and d not in draft.partners]
        return True


def _grouped(found: Iterable[Found]) -> list[Group]:
    """Registrations that serve the same test or give the same answer belong together."""
    groups: list[Group] = []
    for one in found:
        members, scopes = [one], list(one.scopes)
        for group in list(groups):
            shared = any(scope in scopes for scope in group.scopes)
            nodes = {old.node for member in group.members for old in member.olds}
            if shared or any(old.node in nodes for old in one.olds):
                groups.remove(group)
                members = [*group.members, *members]
                scopes = [*group.scopes, *(s for s in scopes if s not in group.scopes)]
        groups.append(Group(members, scopes))
    return groups


def _hinder(draft: Draft, unit: Unit, node: ast.AST, why: str) -> None:
    """A test would fail: the upload is rewritten only where a person consents to that."""
    hint = f"a test answers for this upload, and {why}: change that test by hand, or it fails"
    if not any(doubt.reason is Reason.MOCKED for doubt in draft.doubts):
        draft.doubt(Reason.MOCKED, hint, unit, node)


def _what(found: Found) -> str:
    return f"a test answers for the retired Share Video endpoint with {found.library.name}"


def _parts(node: ast.expr | None) -> Iterator[ast.AST]:
    return ast.walk(node) if node is not None else iter(())
