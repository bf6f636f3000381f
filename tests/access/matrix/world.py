"""The two rooms, filled: one thing for every kind x owner x marking, and how more are made."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from incidents.choices import Marking
from incidents.models import Incident, Organization
from incidents.services import packets
from tests.access.matrix import makers
from tests.access.matrix.actors import Company, Somebody, assemble
from tests.access.matrix.things import Party, Relation, Shared, Thing
from tests.cast import organization, person
from tests.factories import CHAIN

# Whatever may be a canary, so that an answer is searched once and not once for each of them.
LIKE_A_CANARY = re.compile(
    r"c[0-9a-f]{32}|0x[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)


@dataclass
class World:
    """What the matrix runs in."""

    company: Company
    things: dict[str, Thing] = field(default_factory=dict)  # by canary
    hosts: dict[tuple[int, str], Thing] = field(default_factory=dict)  # by incident and kind

    @property
    def here(self) -> Incident:
        return self.company.cast.incident

    def slug(self, is_elsewhere: bool) -> str:
        """Of one of the two rooms."""
        return (self.company.elsewhere if is_elsewhere else self.here).slug

    def found_in(self, text: str) -> set[str]:
        """The canaries in an answer."""
        return {one for one in LIKE_A_CANARY.findall(text) if one in self.things}

    def relation(self, thing: Thing, somebody: Somebody) -> Relation:
        """Whose it is, for somebody."""
        if thing.incident.pk != self.here.pk:
            return Relation.ELSEWHERE
        return Relation.OWN if thing.owner.pk == somebody.home.pk else Relation.OTHER

    def party(self, somebody: Somebody, relation: Relation) -> tuple[Party, Incident]:
        """Whose thing a cell is about, and of which room."""
        company = self.company
        if relation is Relation.ELSEWHERE:
            return company.stranger, company.elsewhere
        kelp, rival = (organization(a).pk for a in (company.cast.lead, company.cast.rival))
        own = somebody.home.pk
        if relation is Relation.OWN:
            return company.parties.get(own, company.stranger), self.here
        return company.parties[rival if own == kelp else kelp], self.here

    def shared(self, party: Party, incident: Incident, marking: str) -> Shared:
        """Marking and audience of something new by a party, as services would set them: RED names
        its chief and the analyst; a confidential party speaks to itself and the chair only."""
        people = parties = None
        if marking == Marking.RED:
            analyst = person(self.company.cast.analyst).pk
            people = (party.chief.pk, analyst) if incident == self.here else (party.chief.pk,)
        elif party.is_confidential:
            chair = organization(self.company.cast.coordinator).pk
            parties = (party.organization.pk, chair)
        return Shared(incident, party, marking, people, parties)

    def make(self, name: str, shared: Shared) -> Thing:
        """One more thing, from the maker of that name."""
        return MAKERS[name](self, shared)

    def host(self, incident: Incident, kind: str) -> Thing:
        """The room's trace or request that others' flow tables and answers belong to."""
        return self.hosts[incident.pk, kind]

    @property
    def exchange(self) -> Organization:
        """The desk that was asked."""
        return organization(self.company.cast.exchange)

    def signers(self, incident: Incident) -> list[tuple[Organization, object]]:
        """Everybody whose word a joint statement needs."""
        cast = self.company.cast
        if incident.pk != self.here.pk:
            return [(self.company.stranger.organization, self.company.stranger.chief)]
        return [(organization(a), person(a)) for a in (cast.lead, cast.rival)]

    def addresses(self, incident: Incident) -> dict[str, str]:
        """What stands for the parts of an address where it names no thing of its own."""
        host = self.host(incident, "trace")
        nothing = "7f0c9d5e-1111-4222-8333-444455556666"
        return {
            "slug": incident.slug,
            "account": f"{CHAIN}:{makers.PLACE}",
            "chain": CHAIN,
            "address": makers.PLACE,
            "trace_id": host.ids["trace_id"],
            "public_id": nothing,
            "target_id": nothing,
            "organization_id": nothing,
            "member_id": nothing,
            "member": nothing,
            "link_id": nothing,
            "device_id": nothing,
            "order_id": nothing,
            "recovery": nothing,
            "table_id": nothing,
            "export": "json",
            "packet_id": nothing,
            "shard": "00",
            "key": nothing,
            "pk": "1",
            "token": "no-such-token",
            "selector": "0" * 32,
            "digest": "0" * 64,
            "caip2": CHAIN,
            "handle": "none",
            "noun": "statement",
        }


@dataclass(frozen=True)
class Place:
    """Where a cell's act happens: what its body may need to know."""

    world: World
    incident: Incident
    somebody: Somebody
    marking: str
    thing: Thing | None
    is_api: bool

    @property
    def row(self) -> Any:
        """Of the thing that is acted on."""
        assert self.thing is not None
        return self.thing.row

    @property
    def not_red(self) -> str:
        """The marking, where nobody can be named beside it."""
        return str(Marking.AMBER_STRICT) if self.marking == Marking.RED else self.marking

    def marked(self, **fields: Any) -> dict[str, Any]:
        """Fields of something new, with the marking; RED names whoever writes."""
        who = self.somebody.person
        stated: dict[str, Any] = {"marking": self.marking}
        if self.marking == Marking.RED and who is not None:
            people = [str(who.public_id)]
            stated["audience"] = {"people": people} if self.is_api else [f"person:{who.public_id}"]
        return fields | stated


def _freeze(state: str, **more: Any) -> Callable[[World, Shared], Thing]:
    return lambda world, shared: makers.freeze(shared, world.exchange, state, **more)


def _called(world: World, shared: Shared) -> Thing:
    """An address that its owner alone has called the attacker's."""
    party = shared.party
    return makers.address(
        shared, called_by=party.chief, called_for=party.organization, called_why="Ours went there."
    )


def _approved(world: World, shared: Shared) -> Thing:
    cast = world.company.cast
    thing = makers.freeze(
        shared,
        world.exchange,
        "approved",
        first_by=person(cast.lead),
        first_for=organization(cast.lead),
        second_by=person(cast.rival),
    )
    request = thing.row.request
    request.approved_digest = packets.draft(request).digest
    request.save()
    return thing


def _target(**more: Any) -> Callable[[World, Shared], Thing]:
    """A target under its own name: of a request that was sent."""

    def make(world: World, shared: Shared) -> Thing:
        thing = makers.freeze(shared, world.exchange)
        for name, value in more.items():
            setattr(thing.row, name, value)
        thing.row.save()
        return replace(thing, ids={"public_id": thing.ids["target_id"]})

    return make


def _packet(state: str) -> Callable[[World, Shared], Thing]:
    """A request with its first version; of one that was sent, issued."""

    def make(world: World, shared: Shared) -> Thing:
        thing = makers.freeze(shared, world.exchange, state)
        drawn = packets.draft(thing.row.request)
        if state == "sent":
            thing.row.request.packets.update(state="issued", issued_at=drawn.created_at)
        return replace(thing, ids={**thing.ids, "packet_id": str(drawn.public_id)})

    return make


MAKERS: dict[str, Callable[[World, Shared], Thing]] = {
    "note": lambda world, shared: makers.note(shared),
    "address": lambda world, shared: makers.address(shared),
    "called address": _called,
    "return address": lambda world, shared: makers.return_address(shared),
    "freeze": _freeze("sent"),
    "packet": _packet("sent"),
    "drawn packet": _packet("draft"),
    "target": _target(),
    "changed target": _target(evidence_state="changed"),
    "draft": _freeze("draft"),
    "approved": _approved,
    "statement": lambda world, shared: makers.statement(shared),
    "signed statement": lambda world, shared: makers.signed_statement(
        shared, world.signers(shared.incident)
    ),
    "trace": lambda world, shared: makers.host_trace(shared),
    "lead": lambda world, shared: makers.lead(makers.trace(shared)),
    "crossing": lambda world, shared: makers.crossing(makers.trace(shared)),
    "flow": lambda world, shared: makers.flow(shared, world.host(shared.incident, "trace")),
    "answer": lambda world, shared: makers.answer(shared, world.host(shared.incident, "freeze")),
    "label": lambda world, shared: makers.label(shared),
    "lookback": lambda world, shared: makers.lookback(shared),
    "publication": lambda world, shared: makers.publication(shared),
}


def build() -> World:
    """Both rooms with everything in them."""
    world = World(assemble())
    company = world.company
    rooms = [(world.here, party) for party in company.parties.values()]
    first = company.parties[organization(company.cast.lead).pk]
    for incident, party in ((world.here, first), (company.elsewhere, company.stranger)):
        shared = world.shared(party, incident, Marking.AMBER)
        world.hosts[incident.pk, "freeze"] = makers.freeze(shared, world.exchange)
        world.hosts[incident.pk, "trace"] = makers.host_trace(shared)
        for thing in (world.host(incident, "freeze"), world.host(incident, "trace")):
            world.things[thing.canary] = thing
        incident.status_page.is_public = True
        incident.status_page.save()
    names = ("address", "freeze", "answer", "statement", "publication", "flow", "label", "lookback")
    for incident, party in [*rooms, (company.elsewhere, company.stranger)]:
        for marking in Marking.values:
            shared = world.shared(party, incident, marking)
            made = [world.make(name, shared) for name in (*names, "note")]
            if party.organization.pk in company.tracing:
                trace = makers.trace(shared)
                made += [trace, makers.lead(trace), makers.crossing(trace), makers.hop(trace)]
            world.things |= {thing.canary: thing for thing in made}
    return world
