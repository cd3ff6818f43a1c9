"""S2P005 and S2P006: webhook handlers, the events they know and what they read from an event's content.

Looks the same and is left alone: another vendor's events, the program's own
bus, an i18n key, ``share_id`` in the program's own tables and interfaces.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from share2post import tiktok
from share2post.model import Reason
from share2post.rules.webhook.content import ContentReads
from share2post.rules.webhook.doubles import Doubles
from share2post.rules.webhook.events import EventUses, event_names
from share2post.rules.webhook.keys import What
from share2post.rules.webhook.ledger import Ledger, home_of
from share2post.rules.webhook.leftovers import Leftovers
from share2post.rules.webhook.notes import notes_on_events, notes_on_ids
from share2post.rules.webhook.origin import Origins
from share2post.rules.webhook.payload import Payloads
from share2post.rules.webhook.reach import Reach
from share2post.rules.webhook.settling import Settling
from share2post.rules.webhook.signs import Sign, Signs, Strength
from share2post.rules.webhook.trail import EventName, Trail
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft, Place


@dataclass(eq=False)
class Webhooks:
    """Finds the webhook handlers of a project and works each out."""

    evaluator: Evaluator

    def drafts(self, units: list[Unit]) -> list[Draft]:
        """One draft for each handler, and for whatever is tied to it by a name, a table or a call."""
        near = [unit for unit in units if _is_near(unit)]
        return _Work(self.evaluator, near).drafts() if near else []


def _is_near(unit: Unit) -> bool:
    text = unit.module.text
    named = any(name in text for name in (*tiktok.EVENTS, *tiktok.INVENTED_EVENTS))
    return named or (tiktok.OLD_ID in text and tiktok.CONTENT_KEY in text)


@dataclass(eq=False)
class _Work:
    """One project on its way to its drafts."""

    evaluator: Evaluator
    units: list[Unit]

    def __post_init__(self) -> None:
        self.ledger = Ledger()
        self.reach = Reach(self.evaluator)
        self.signs = Signs(self.evaluator.world)
        self.trail = Trail(self.reach, self.ledger)
        self.uses = EventUses(self.trail)
        self.content = ContentReads(self.reach, self.ledger)
        self.origins = Origins(self.reach, self.content)
        self.payloads = Payloads(
            self.reach, self.ledger, lambda unit, node: self.content.read(unit, node, What.MADE)
        )
        self.names: list[EventName] = []
        self.invented: list[EventName] = []

    def drafts(self) -> list[Draft]:
        """Read everything, then decide site by site."""
        self._read_events()
        self._read_content()
        for name in self.names:
            if name.node not in self.trail.emitted:
                role = self.trail.roles.get(name.node, "used")
                what = f"the old webhook event {name.old} is {role} here; it is called {name.new} now"
                self.ledger.mark("S2P005", name.unit, name.node, what)
        Doubles(self.reach, self.ledger, self.trail).settle(self.units)
        return [*self._sites(), *self._emitted(), *self._invented()]

    def _read_events(self) -> None:
        for unit in self.units:
            for name in event_names(unit):
                (self.names if name.old in tiktok.EVENTS else self.invented).append(name)
        for name in self.names:
            self.uses.read(name)

    def _read_content(self) -> None:
        for unit, subject in self.trail.subjects:
            self.origins.trace(unit, subject)
        for unit, subject in self.trail.envelopes:
            self.origins.envelope(unit, subject)
            self.origins.proved.add(subject)
        for unit in self.units:
            if tiktok.OLD_ID in unit.module.text:
                self.origins.by_keys(unit)
                self.origins.by_parse(unit)
        self.origins.by_registration()
        for unit, display in self.trail.displays:
            self.payloads.display(unit, display)
        for unit in self.units:
            self.payloads.texts(unit)
        Settling(self.content, lambda unit, node: self.payloads.content(unit, node, 0)).run()
        self._read_models()
        leftovers = Leftovers(self.evaluator, self.content.claimed)
        for home, unit in self._handling():
            for node in leftovers.composed(unit, home):
                self.ledger.mark(
                    "S2P005", unit, node, "the name of an old webhook event is put together here"
                )
                self.ledger.stop(Reason.UNKNOWN_EVENT_USE, "the tool does not rewrite its parts", unit, node)
            for node in leftovers.within(unit, home):
                self.ledger.mark("S2P006", unit, node, "share_id is read in a webhook handler")
                hint = "it is not certain that this is the content of a webhook; if it is, read publish_id"
                self.ledger.stop(Reason.UNKNOWN_PAYLOAD, hint, unit, node)

    def _read_models(self) -> None:
        """Contents made into classes by functions that name no event: they go with the handlers beside them."""
        homes = self._handling()
        for unit in self.units:
            beside = [home for home, owner in homes if owner is unit]
            for call in self.content.models.made_of_content(unit) if beside else ():
                for home in beside:
                    self.ledger.join(unit, call, unit, home)
                self.content.models.built(unit, call, call)

    def _handling(self) -> list[tuple[ast.AST, Unit]]:
        """The homes that have to do with an event or its content themselves."""
        homes = dict(self.content.homes)
        for name in self.names:
            if name.node not in self.trail.emitted:
                homes.setdefault(home_of(name.unit, name.node), name.unit)
        return list(homes.items())

    # decisions

    def _sites(self) -> list[Draft]:
        found = []
        groups = self.ledger.groups()
        for root, draft in self.ledger.drafts().items():
            homes = [(self.ledger.units[home], home) for home in groups.get(root, [root])]
            sign = self.signs.of(homes)
            if sign.strength is Strength.NONE:
                continue
            self._weigh(draft, root, sign)
            self._explain(draft, homes, sign)
            found.append(draft)
        return found

    def _weigh(self, draft: Draft, root: ast.AST, sign: Sign) -> None:
        unit, node = draft.place.unit, draft.place.node
        if sign.strength is not Strength.HANDLER:
            hint = f"nothing in this code shows that the event is TikTok's: {sign.words}"
            draft.doubt(Reason.NO_EVIDENCE, hint, unit, node)
        sent = {name.old for name in self.names if name.node in self.trail.emitted}
        ours = any(self.ledger.root(*self._where(s)) is root for s in self.origins.proved)
        for name in self.names:
            alike = name.old in sent and name.node not in self.trail.emitted
            if alike and not ours and self.ledger.root(name.unit, name.node) is root:
                hint = f"the program sends an event {name.old} itself, and this code may wait for that one"
                draft.stop(Reason.UNKNOWN_EVENT_USE, hint, name.unit, name.node)

    def _where(self, node: ast.AST) -> tuple[Unit, ast.AST]:
        unit = next(u for u in self.evaluator.world.units.values() if node in u.module.parents)
        return unit, node

    def _explain(self, draft: Draft, homes: list[tuple[Unit, ast.AST]], sign: Sign) -> None:
        """Say how it is known, and what the person should look at beside it."""
        events, ids = notes_on_events(homes), notes_on_ids(homes, self.ledger.renamed)
        told: set[str] = set()
        for index, mark in enumerate(draft.marks):
            how = f" ({sign.words})" if sign.strength is Strength.HANDLER else ""
            note = events if mark.rule == "S2P005" else ids
            extra = f"; {note}" if note and mark.rule not in told else ""
            told.add(mark.rule)
            draft.marks[index] = replace(mark, what=f"{mark.what}{how}{extra}")

    # beside the handlers

    def _emitted(self) -> list[Draft]:
        """Events that the program sends itself."""
        found = []
        for name in self.names:
            hint = self.trail.emitted.get(name.node)
            sign = self.signs.of([(name.unit, home_of(name.unit, name.node))])
            if hint is not None and sign.strength is not Strength.NONE:
                draft = Draft(Place(name.unit, name.node))
                draft.mark("S2P005", name.unit, name.node, f"{name.old} is sent by the program itself")
                weak = sign.strength is not Strength.HANDLER
                reason = Reason.NO_EVIDENCE if weak else Reason.UNKNOWN_EVENT_USE
                draft.stop(reason, hint, name.unit, name.node)
                found.append(draft)
        return found

    def _invented(self) -> list[Draft]:
        """Names that TikTok never sent, beside ones that it does."""
        found = []
        known = {*tiktok.EVENTS, *tiktok.EVENTS.values()}
        for name in self.invented:
            home = home_of(name.unit, name.node)
            inside = {part.value for part in ast.walk(home) if isinstance(part, ast.Constant)}
            sign = self.signs.of([(name.unit, home)])
            if sign.strength is Strength.HANDLER and inside & known:
                draft = Draft(Place(name.unit, name.node))
                draft.mark("S2P005", name.unit, name.node, f"TikTok never had a webhook event {name.old}")
                hint = "there is nothing to rename it to: remove it"
                draft.stop(Reason.UNKNOWN_EVENT_USE, hint, name.unit, name.node)
                found.append(draft)
        return found
