"""What the low actor may not see happen: narrowed to others, by the confidential party, or in
another room."""

from __future__ import annotations

import random
from collections.abc import Callable

from incidents.access import SYSTEM
from incidents.choices import Capacity
from incidents.models import FreezeRequest, FreezeTarget, Participation
from incidents.services import (
    addresses,
    answers,
    freezes,
    incidents,
    notes,
    seats,
    statements,
    tokens,
)
from incidents.services.timeline import Audience
from tests import cast as casting
from tests import factories
from tests.access.worlds import behind
from tests.access.worlds.behind import beside
from tests.access.worlds.visible import ACTORS, ADDRESSES, LEADING, OPEN, TITLES, Run, draft
from tests.access.worlds.world import World
from tests.factories import CHAIN
from tracing.services import label_words


class Narrowed:
    """A marking and an audience that leave the low actor out, and somebody who may say it."""

    def __init__(self, rng: random.Random, low: str, actors: tuple[str, ...] = ACTORS) -> None:
        own = beside(low)
        strangers = tuple(role for role in actors if role not in own)
        self.who = rng.choice(strangers)
        self.is_red = rng.random() < 0.4
        self.marking = "TLP:RED" if self.is_red else rng.choice(OPEN)
        whom = tuple(role for role in ("lead", "analyst", "coordinator") if role not in own)
        self.named = (rng.choice(whom), self.who)

    def audience(self, world: World) -> Audience:
        """For whom it is."""
        if self.is_red:
            return Audience(people=world.people(self.named))
        return Audience(organizations=world.organizations(self.named))


Make = Callable[[random.Random, str, str], Run]


def choose(rng: random.Random, low: str, name: str) -> tuple[str, Run]:
    """A hidden act: its kind and how it is done."""
    kind = rng.choice(sorted(KINDS))
    return kind, KINDS[kind](rng, low, name)


def _note(rng: random.Random, low: str, name: str) -> Run:
    how = Narrowed(rng, low)
    about = rng.choice(("", f"address:{CHAIN}:{rng.choice(ADDRESSES)}"))
    return lambda w: notes.post(
        w.cast.incident,
        f"Hidden {name}",
        actor=w.actor(how.who),
        marking=how.marking,
        audience=how.audience(w),
        about=about,
    )


def _address(rng: random.Random, low: str, name: str) -> Run:
    how, at = Narrowed(rng, low), rng.choice(ADDRESSES)
    return lambda w: addresses.record(
        w.cast.incident,
        CHAIN,
        at,
        actor=w.actor(how.who),
        marking=how.marking,
        audience=how.audience(w),
        label=f"Hidden {name}",
    )


def _law_note(rng: random.Random, low: str, name: str) -> Run:
    marking = rng.choice(OPEN)
    return lambda w: notes.post(
        w.cast.incident, f"Hidden {name}", actor=w.actor("law"), marking=marking
    )


def _law_address(rng: random.Random, low: str, name: str) -> Run:
    at, marking = rng.choice(ADDRESSES), rng.choice(OPEN)
    return lambda w: addresses.record(
        w.cast.incident, CHAIN, at, actor=w.actor("law"), marking=marking, label=f"Hidden {name}"
    )


def _freeze(rng: random.Random, low: str, name: str) -> Run:
    how = Narrowed(rng, low, tuple(r for r in LEADING))
    desk = rng.choice(tuple(r for r in ("exchange", "issuer") if r != low))
    at, signs = rng.choice(ADDRESSES), rng.randrange(4)
    own = beside(low)
    signers = [role for role in ("lead", "rival", "coordinator") if role not in own]

    def run(world: World) -> object:
        target = draft(world, how.who, desk, at, how.marking, audience=how.audience(world))
        request = FreezeRequest.objects.get(pk=target.request_id)
        # Nobody signs what they may not see: the low actor least of all.
        for signer in signers[:signs]:
            request = freezes.approve(request, actor=world.actor(signer))
        if signs > 2:
            freezes.send(request, actor=world.actor(signers[1]), channel="room")
            row = FreezeTarget.objects.select_related("request").get(pk=target.pk)
            answers.answer(
                row,
                "held",
                actor=world.actor(desk),
                marking=how.marking,
                text=f"Hidden {name}",
                audience=how.audience(world),
            )
        return request

    return run


def _statement(rng: random.Random, low: str, name: str) -> Run:
    how, signs = Narrowed(rng, low, LEADING), rng.randrange(2)

    def run(world: World) -> object:
        who = world.actor(how.who)
        row = statements.draft(
            world.cast.incident,
            f"Hidden {name}",
            "x",
            actor=who,
            marking=how.marking,
            audience=how.audience(world),
        )
        if signs:
            statements.sign_off(row, "signed", actor=who, digest_read=row.digest)
        return row

    return run


def _label(rng: random.Random, low: str, name: str) -> Run:
    how, at = Narrowed(rng, low, ("lead", "rival", "analyst", "coordinator")), rng.choice(ADDRESSES)
    return lambda w: label_words.say(
        w.cast.incident,
        CHAIN,
        at,
        verdict="confirmed",
        meaning="category:scam",
        actor=w.actor(how.who),
        marking=how.marking,
        name=f"Hidden {name}",
        audience=how.audience(w),
    )


def _room(rng: random.Random, low: str, name: str) -> Run:
    title = rng.choice(TITLES)

    def run(world: World) -> object:
        newcomer = factories.organization(f"Hidden {name}")
        somebody = factories.person(newcomer, name)
        other = incidents.open_incident(title, person=somebody, organization=newcomer)
        seat = Participation.objects.get(incident=other, organization=newcomer)
        actor = casting.access.actor_of(seat, somebody)
        addresses.record(other, CHAIN, ADDRESSES[0], actor=actor, marking="TLP:GREEN")
        statements.publish_status(other, "identified", actor=actor)
        return notes.post(other, f"Hidden {name}", actor=actor, marking="TLP:GREEN")

    return run


def _confidential(rng: random.Random, low: str, name: str) -> Run:
    """Somebody comes in whom nobody but the coordinator sees: perhaps an affected
    party, on whose word nothing may wait."""
    capacity = rng.choice((Capacity.LAW_ENFORCEMENT, Capacity.AFFECTED, Capacity.WHITE_HAT))
    acts = rng.randrange(3)

    def run(world: World) -> object:
        newcomer = factories.organization(f"Hidden {name}")
        somebody = factories.person(newcomer, name)
        seat = seats.seat_organization(
            world.cast.incident, newcomer, capacity, actor=SYSTEM, is_confidential=True
        )
        if not acts:
            return seat
        actor = casting.accept(seat, somebody)
        tokens.create(somebody, "Hidden")
        if acts > 1:
            notes.post(world.cast.incident, f"Hidden {name}", actor=actor, marking="TLP:GREEN")
        return seat

    return run


def _trace(rng: random.Random, low: str, name: str) -> Run:
    """Traces are made by the tracer; here as it leaves them, narrowed by whoever asked for it."""
    how = Narrowed(rng, low, ("lead", "rival", "analyst", "coordinator"))

    def run(world: World) -> object:
        row = factories.trace(world.cast.incident, world.actor(how.who), marking=how.marking)
        audience = how.audience(world)
        row.audience_organizations = audience.organizations
        row.audience_people = audience.people
        row.save(update_fields=["audience_organizations", "audience_people"])
        factories.lead(row)
        return row

    return run


KINDS: dict[str, Make] = {
    "note": _note,
    "address": _address,
    "law note": _law_note,
    "law address": _law_address,
    "freeze": _freeze,
    "statement": _statement,
    "label": _label,
    "room": _room,
    "confidential": _confidential,
    "trace": _trace,
    **behind.KINDS,
}
