"""What is not marked by itself: words that follow their address or trace, tokens, endpoints."""

from __future__ import annotations

from incidents.access import Actor, Proof
from incidents.models import TrackedAddress
from incidents.services import addresses, attackers, desk_contacts, desk_profiles, tokens
from incidents.services.desk_contacts import NewContact
from incidents.services.timeline import EVERYONE, Audience
from tests import factories
from tests.access.canaries import rules
from tests.access.canaries.fill import Filler
from tests.factories import CHAIN
from tracing.models import Chain, ChainAct, Endpoint, Trace
from tracing.services import flow_tables, label_words


def fill(room: Filler) -> None:
    """One of each, in the middle of the room."""
    _labels(room)
    _attacker(room)
    _flows(room)
    _tokens(room)
    _chains(room)
    _desks(room)


def _labels(room: Filler) -> None:
    for role, marking in (("lead", "TLP:AMBER"), ("rival", "TLP:RED"), ("analyst", "TLP:GREEN")):
        actor = room.cast.actors[role]
        made: list[object] = []
        rule = rules.marked(room.incident, lambda made=made: made[0])  # type: ignore[misc]
        people = [actor.person.pk] if actor.person else []
        row = label_words.say(
            room.incident,
            CHAIN,
            room.aviary.address(f"Label.address {role} {marking}", rule),
            verdict="confirmed",
            meaning="category:scam",
            actor=actor,
            marking=marking,
            name=room.aviary.mint(f"Label.name {role} {marking}", rule),
            audience=Audience(people=people) if marking == "TLP:RED" else EVERYONE,
        )
        made.append(row)


def _attacker(room: Filler) -> None:
    actor = room.cast.actors["analyst"]
    row: TrackedAddress = addresses.record(
        room.incident, CHAIN, factories.address(4242), actor=actor, marking="TLP:AMBER"
    )
    why = room.aviary.mint("TrackedAddress.called_why", rules.marked(room.incident, lambda: row))
    attackers.call(row, why, actor=actor)


def _flows(room: Filler) -> None:
    for role, marking in (("lead", "TLP:AMBER"), ("rival", "TLP:RED")):
        actor: Actor = room.cast.actors[role]
        trace: Trace = factories.trace(room.incident, room.cast.lead, marking="TLP:GREEN")
        made: list[object] = []
        rule = rules.marked(room.incident, lambda made=made: made[0])  # type: ignore[misc]
        mint = room.aviary.mint
        away = room.aviary.address(f"FlowRow.to_address {role}", rule)
        row = f"{factories.ADDRESS},{mint(f'FlowRow.from_label {role}', rule)},{away},"
        row += f"{mint(f'FlowRow.to_label {role}', rule)},12.5,1"
        content = f"from,from_label,to,to_label,amount,block\n{row}\n".encode()
        name = mint(f"FlowTable.name {role}", rule)
        asked = flow_tables.Asked(name, content, terminals=away)
        people = [actor.person.pk] if actor.person else []
        narrowed = Audience(people=people) if marking == "TLP:RED" else EVERYONE
        made.append(
            flow_tables.add(
                trace,
                flow_tables.understand(trace, asked),
                actor=actor,
                marking=marking,
                audience=narrowed,
            )
        )


def _tokens(room: Filler) -> None:
    person = room.cast.actors["white_hat"].person
    assert person
    rule = rules.person_is(lambda: person.email)
    tokens.create(person, room.aviary.mint("ApiToken.name", rule))


def _chains(room: Filler) -> None:
    """What the service writes once a node has answered; there is none here."""
    mint, rule = room.aviary.mint, rules.administrators
    host, key = mint("Endpoint.url", rule), mint("Endpoint.url key", rules.nobody)
    chain = Chain.objects.get(caip2=CHAIN)
    Endpoint.objects.create(
        chain=chain,
        operator=mint("Endpoint.operator", rule),
        url=f"https://{host}.example/{key}",
        ws_url=f"wss://{mint('Endpoint.ws_url', rules.nobody)}.example/",
        last_error=mint("Endpoint.last_error", rule),
    )
    ChainAct.objects.create(
        chain=chain,
        kind="added",
        who=mint("ChainAct.who", rule),
        operator=mint("ChainAct.operator", rule),
        detail=mint("ChainAct.detail", rule),
    )


def _desks(room: Filler) -> None:
    """What an organization knows of desks: for its own people."""
    lead, colleague = room.cast.actors["lead"], room.cast.actors["colleague"]
    ours, by, other = lead.organization, lead.person, colleague.person
    assert ours
    assert by
    assert other
    mint, rule = room.aviary.mint, rules.member(ours)
    note = {"value": mint("DeskProfile.facts", rule), "source": "Ours", "dated": "2026-11-20"}
    desk_profiles.keep(
        ours, "okx", mint("DeskProfile.name", rule), {"note": note}, by=by, proof=Proof.FRESH
    )
    new = NewContact(
        "okx",
        mint("DeskContact.name", rule),
        "webhook",
        f"https://{mint('DeskContact.address', rule)}.example/",
        "+41446681800",
    )
    row = desk_contacts.add(ours, new, by=by, proof=Proof.FRESH)
    how = mint("DeskContact.verified_how", rule)
    desk_contacts.verify(row, how, by=other, proof=Proof.FRESH)
