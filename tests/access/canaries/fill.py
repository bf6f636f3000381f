"""A room full of canaries: every kind of item, of every party, at every marking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from incidents import access
from incidents.access import Actor
from incidents.models import FreezeRequest, FreezeTarget, Organization, Person, TimelineEntry
from incidents.services import (
    addresses,
    answers,
    desk_codes,
    desk_links,
    freezes,
    notes,
    statements,
)
from incidents.services.freezes import TargetDraft
from incidents.services.timeline import Audience
from tests import factories
from tests.access.canaries import rules
from tests.access.canaries.tokens import Aviary, Rule
from tests.cast import Cast, make_cast
from tests.factories import CHAIN, TOKEN

OWNERS = ("lead", "rival", "exchange", "law")
MARKINGS = ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")


@dataclass(frozen=True)
class Way:
    """How something is shared: by whom, how it is marked, and with which audience."""

    role: str
    marking: str
    people: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.role} {self.marking} {self.people or self.parties or ''}".strip()

    def audience(self, cast: Cast) -> Audience:
        """For the services."""
        people = [cast.people[one].pk for one in self.people]
        parties = [cast.actors[one].organization.pk for one in self.parties]  # type: ignore[union-attr]
        return Audience(parties or None, people or None)


def ways() -> Iterator[Way]:
    """Every owner x marking, and what an audience narrows."""
    for role in OWNERS:
        for marking in MARKINGS:
            yield Way(role, marking, people=(role,) if marking == "TLP:RED" else ())
    yield Way("lead", "TLP:RED", people=("lead", "white_hat"))
    yield Way("rival", "TLP:GREEN", parties=("rival", "coordinator"))
    yield Way("lead", "TLP:CLEAR", people=("colleague",))


class Filler:
    """Makes things as people do, each text with a canary of its own."""

    def __init__(self, title: str) -> None:
        self.aviary = Aviary()
        with self._named():
            self.cast = make_cast(f"{title} {self._title()}")
        self.incident = self.cast.incident

    def _title(self) -> str:
        return self.aviary.mint("Incident.title", lambda v: rules.seated(self.incident)(v))

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Organizations and people carry canaries in their names and addresses."""

        def organization(name: str) -> Organization:
            made: list[Organization] = []
            rule = rules.party(lambda: made[0])
            canary = self.aviary.mint(f"Organization.name {name}", rule)
            slug = name.lower().replace(" ", "-")
            made.append(Organization.objects.create(slug=slug, name=f"{name} {canary}"))
            return made[0]

        def person(of: Organization, name: str, **more: Any) -> Person:
            rule = rules.party(lambda: of)
            canary = self.aviary.mint(f"Person.name {name}", rule)
            mail = self.aviary.mint(f"Person.email {name}", rule)
            made = Person.objects.create_user(f"{mail}@example.org", f"{name} {canary}")
            made.memberships.create(organization=of, **more)
            return made

        with (
            mock.patch.object(factories, "organization", organization),
            mock.patch.object(factories, "person", person),
        ):
            yield

    # -- one of each kind ---------------------------------------------------------------------

    def all(self) -> None:
        """Everything, every way."""
        for way in ways():
            actor = self.cast.actors[way.role]
            self.note(way, actor)
            self.address(way, actor)
            if way.role in ("lead", "rival"):
                self.freeze(way, actor)
                self.statement(way, actor)
            if way.role in ("lead", "rival", "analyst"):
                self.trace(way, actor)

    def note(self, way: Way, actor: Actor) -> TimelineEntry:
        """A note."""
        made: list[TimelineEntry] = []
        rule = rules.marked(self.incident, lambda: made[0])
        text = self.aviary.mint(f"PersonalContent.value note {way}", rule)
        made.append(
            notes.post(
                self.incident,
                text,
                actor=actor,
                marking=way.marking,
                audience=way.audience(self.cast),
            )
        )
        return made[0]

    def address(self, way: Way, actor: Actor) -> None:
        """An address with a label, and a label in the directory's sense where one may say it."""
        made: list[Any] = []
        rule = rules.marked(self.incident, lambda: made[0])
        at = self.aviary.address(f"TrackedAddress.address {way}", rule)
        label = self.aviary.mint(f"TrackedAddress.label {way}", rule)
        made.append(
            addresses.record(
                self.incident,
                CHAIN,
                at,
                actor=actor,
                marking=way.marking,
                label=label,
                audience=way.audience(self.cast),
            )
        )

    def freeze(self, way: Way, actor: Actor) -> None:
        """A request to the exchange that was sent and answered with a wider word than its own."""
        made: list[FreezeRequest] = []
        given: list[Any] = []
        asked = rules.marked(self.incident, lambda: made[0])
        mint = self.aviary.mint
        desk = self.cast.exchange.organization
        assert desk
        hop = {"tx": "0x" + mint(f"FreezeTarget.evidence {way}", asked), "amount": "1"}
        target = freezes.draft(
            self.incident,
            TargetDraft(
                CHAIN,
                self.aviary.address(f"FreezeTarget.address {way}", asked),
                TOKEN,
                mint(f"FreezeTarget.symbol {way}", asked),
                18,
                1000,
                f"arrival-{way}",
                [hop],
            ),
            desk_name=mint(f"FreezeRequest.desk_name {way}", asked),
            desk_slug="desk",
            desk=desk,
            actor=actor,
            marking=way.marking,
            audience=way.audience(self.cast),
        )
        made.append(FreezeRequest.objects.get(pk=target.request_id))
        # Nobody signs what they may not see; two parties have to.
        signers = [
            role
            for role in ("lead", "rival")
            if rules.sees(self._viewer(role), self.incident, made[0])
        ]
        for role in signers:
            made[0] = freezes.approve(made[0], actor=self.cast.actors[role])
        if len(signers) < 2:
            return
        proof = mint(f"LedgerEntry.content proof {way}", asked)
        made[0] = freezes.send(made[0], actor=self.cast.rival, channel="room", proof=proof)
        self._page_of_the_desk(way, actor, made[0], asked)
        if not rules.sees(self._viewer("exchange"), self.incident, made[0]):
            return
        row = FreezeTarget.objects.select_related("request").get(pk=target.pk)
        rule = rules.marked(self.incident, lambda: made[0], lambda: given[0])
        said = self._said(way, rule)
        given.append(
            answers.answer(row, "held", actor=self.cast.exchange, marking="TLP:GREEN", **said)
        )

    def _said(self, way: Way, rule: Rule) -> dict[str, Any]:
        """All that a desk may type."""
        names = ("text", "contact", "onward", "proof_name", "legal")
        typed = {name: self.aviary.mint(f"FreezeAnswer.{name} {way}", rule) for name in names}
        proof = answers.Proof(typed.pop("proof_name"), b"")
        return typed | {"proof": proof, "legal": {"kind": typed["legal"]}}

    def _page_of_the_desk(
        self, way: Way, actor: Actor, request: FreezeRequest, asked: Rule
    ) -> None:
        """A link for a desk without an account, and a browser that asks for a code."""
        if not access.goes_out(request, actor.organization):
            return
        recipient = self.aviary.mint(f"DeskLink.recipient {way}", asked)
        link = desk_links.make(request, None, recipient, actor=actor)
        secret = desk_links.address(link).partition("#")[2]
        agent = self.aviary.mint(f"DeskDevice.agent {way}", asked)
        who = desk_codes.Browser(desk_codes.new_nonce(), agent, "203.0.113.7")
        desk_codes.ask(link.selector, secret, who)

    def statement(self, way: Way, actor: Actor) -> None:
        """A statement with a word on it; the widest ones are published."""
        made: list[Any] = []
        rule = rules.marked(self.incident, lambda: made[0])
        row = statements.draft(
            self.incident,
            self.aviary.mint(f"Statement.title {way}", rule),
            self.aviary.mint(f"Statement.text {way}", rule),
            actor=actor,
            marking=way.marking,
            audience=way.audience(self.cast),
        )
        made.append(row)
        statements.sign_off(row, "signed", actor=actor, digest_read=row.digest)

    def trace(self, way: Way, actor: Actor) -> None:
        """A trace as the tracer leaves it, with a lead and a table that somebody handed over."""
        row = factories.trace(self.incident, actor, marking=way.marking)
        audience = way.audience(self.cast)
        row.audience_organizations, row.audience_people = audience.organizations, audience.people
        row.save(update_fields=["audience_organizations", "audience_people"])
        rule = rules.marked(self.incident, lambda: row)
        at = self.aviary.address(f"Lead.address {way}", rule)
        word = self.aviary.mint(f"Lead.evidence {way}", rule)
        factories.lead(row, at=at, service=word)

    def _viewer(self, role: str) -> Any:
        from tests.access.canaries.tokens import Viewer

        actor = self.cast.actors[role]
        return Viewer(role, actor.person, {self.incident.pk: actor})
