"""What the low actor may see happen, and what they do themselves.

Addresses, titles and desks come from small lists: visible things often meet hidden ones.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from incidents.access import SYSTEM, Actor
from incidents.choices import DESKS, Capacity
from incidents.models import FreezeRequest, FreezeTarget, Statement
from incidents.services import addresses, answers, freezes, notes, seats, statements
from incidents.services.freezes import TargetDraft
from tests import api, factories
from tests.access.worlds.world import Refused, World
from tests.factories import CHAIN, TOKEN

Run = Callable[[World], object]
ADDRESSES = (factories.ADDRESS, factories.address(9))
# What others record in front of the low actor. Somebody who sees a hidden row of the same address
# records no second one, and does so for that reason: nothing that the low actor could be told.
SHOWN = (factories.address(55), factories.address(56))
TITLES = ("Kelp theft", "Second theft")
OPEN = ("TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")
DESK_ROLES = ("exchange", "issuer")
# Who acts in front of everybody; the confidential party does not.
ACTORS = ("lead", "colleague", "rival", "analyst", "white_hat", "coordinator", "exchange", "issuer")
LEADING = ("lead", "colleague", "rival", "coordinator")


def choose(rng: random.Random, low: str, name: str) -> tuple[str, Run, bool]:
    """A visible act: its kind, how it is done, and whether the low actor does it."""
    if low in ACTORS and rng.random() < 0.35:
        kind = rng.choice(sorted(OWN))
        return f"own-{kind}", own(low, OWN[kind](rng, name)), True
    kinds = KINDS if low not in DESK_ROLES else DESK_KINDS
    kind = rng.choice(sorted(kinds))
    return kind, kinds[kind](rng, name), False


def _note(rng: random.Random, name: str) -> Run:
    who, marking = rng.choice(ACTORS), rng.choice(OPEN)
    about = rng.choice(("", f"address:{CHAIN}:{rng.choice(ADDRESSES)}"))
    return lambda w: notes.post(
        w.cast.incident, f"Said in {name}.", actor=w.actor(who), marking=marking, about=about
    )


def _address(rng: random.Random, name: str) -> Run:
    who, at, marking = rng.choice(ACTORS), rng.choice(SHOWN), rng.choice(OPEN)
    return lambda w: addresses.record(
        w.cast.incident, CHAIN, at, actor=w.actor(who), marking=marking, label=name
    )


def _return(rng: random.Random, name: str) -> Run:
    who, at = rng.choice(LEADING), rng.choice(SHOWN)

    def run(world: World) -> object:
        row = addresses.propose_return(
            world.cast.incident, CHAIN, at, actor=world.actor(who), marking="TLP:AMBER"
        )
        other = "rival" if who != "rival" else "lead"
        return addresses.accept_return(row, actor=world.actor(other))

    return run


def draft(
    world: World, who: str | Actor, desk: str, at: str, marking: str, **more: Any
) -> FreezeTarget:
    """A target of a request to a desk in the room, or to a far one."""
    organization = world.cast.actors[desk].organization if desk in DESK_ROLES else None
    return freezes.draft(
        world.cast.incident,
        TargetDraft(CHAIN, at, TOKEN, "RSX", 18, 1000, "", []),
        desk_name=organization.name if organization else "Far Exchange",
        desk_slug=organization.slug if organization else "far",
        desk=organization,
        actor=world.actor(who) if isinstance(who, str) else who,
        marking=marking,
        **more,
    )


def _freeze(rng: random.Random, name: str) -> Run:
    who, desk = rng.choice(LEADING), rng.choice((*DESK_ROLES, "far"))
    at, marking, signs = rng.choice(ADDRESSES), rng.choice(OPEN), rng.randrange(4)

    def run(world: World) -> object:
        target = world.made[name] = draft(world, who, desk, at, marking)
        request = FreezeRequest.objects.get(pk=target.request_id)
        for signer in ("lead", "rival")[:signs]:
            request = freezes.approve(request, actor=world.actor(signer))
        if signs > 2:
            freezes.send(request, actor=world.actor("rival"), channel="room")
        if signs > 2 and desk in DESK_ROLES:
            row = FreezeTarget.objects.select_related("request").get(pk=target.pk)
            answers.answer(row, "held", actor=world.actor(desk), marking=marking, text=name)
        return request

    return run


def _statement(rng: random.Random, name: str) -> Run:
    marking, signs = rng.choice(OPEN), rng.randrange(4)

    def run(world: World) -> object:
        row: Statement = statements.draft(
            world.cast.incident, f"T {name}", "x", actor=world.actor("lead"), marking=marking
        )
        for signer in ("lead", "rival")[:signs]:
            statements.sign_off(row, "signed", actor=world.actor(signer), digest_read=row.digest)
        if signs > 2:
            statements.publish(row, actor=world.actor("rival"), digest_read=row.digest)
        return row

    return run


def _status(rng: random.Random, name: str) -> Run:
    line = rng.choice(("investigating", "identified", "monitoring"))
    return lambda w: statements.publish_status(w.cast.incident, line, actor=w.actor("rival"))


def _newcomer(rng: random.Random, name: str) -> Run:
    capacity = rng.choice(sorted(set(Capacity) - DESKS - {Capacity.AFFECTED}))

    def run(world: World) -> object:
        newcomer = factories.organization(f"Newcomer {name}")
        factories.person(newcomer, name)
        return seats.seat_organization(world.cast.incident, newcomer, capacity, actor=SYSTEM)

    return run


def _trace(rng: random.Random, name: str) -> Run:
    marking, with_table = rng.choice(OPEN), rng.random() < 0.5

    def run(world: World) -> object:
        row = factories.trace(world.cast.incident, world.actor("lead"), marking=marking)
        if with_table:
            factories.flow_table(row, world.actor("analyst"), marking=marking)
            factories.lead(row)
        return row

    return run


KINDS: dict[str, Callable[[random.Random, str], Run]] = {
    "note": _note,
    "address": _address,
    "return": _return,
    "freeze": _freeze,
    "statement": _statement,
    "status": _status,
    "newcomer": _newcomer,
    "trace": _trace,
}
# A desk sees requests to itself alone, from when they were sent.
DESK_KINDS = {kind: one for kind, one in KINDS.items() if kind != "freeze"}


# -- what the low actor does ----------------------------------------------------------------

Asked = tuple[str, str, dict[str, Any]]


def own(low: str, asked: Asked) -> Run:
    """A call of the API as the low actor; what they are told is part of what they see."""
    method, path, body = asked

    def run(world: World) -> object:
        client = api.client_of(world.person(low))
        where = path.replace("{room}", f"incidents/{world.cast.incident.slug}")
        answer = client.generic(method, f"/api/v1/{where}", json.dumps(body), "application/json")
        return Refused(str(answer.status_code), answer.content.decode())

    return run


OWN: dict[str, Callable[[random.Random, str], Asked]] = {
    "note": lambda rng, name: ("POST", "{room}/notes/", {**api.NOTE, "text": name}),
    "address": lambda rng, name: (
        "POST",
        "{room}/addresses/",
        {**api.RECORD, "address": rng.choice(ADDRESSES), "label": name},
    ),
    "return": lambda rng, name: (
        "POST",
        "{room}/addresses/propose-return/",
        {"chain": CHAIN, "address": rng.choice(ADDRESSES), "marking": "TLP:AMBER"},
    ),
    "freeze": lambda rng, name: (
        "POST",
        "{room}/freezes/",
        {**api.DRAFT, "address": rng.choice(ADDRESSES)},
    ),
    "statement": lambda rng, name: ("POST", "{room}/statements/", {**api.STATEMENT, "title": name}),
    "room": lambda rng, name: (
        "POST",
        "incidents/",
        {"title": rng.choice(TITLES), "organization": "layer-zero"},
    ),
    "label": lambda rng, name: (
        "POST",
        f"{{room}}/addresses/{CHAIN}:{rng.choice(ADDRESSES)}/labels/",
        {"verdict": "confirmed", "meaning": "category:scam", "marking": "TLP:AMBER"},
    ),
    "unlabel": lambda rng, name: (
        "POST",
        f"{{room}}/addresses/{CHAIN}:{rng.choice(ADDRESSES)}/labels/",
        {"verdict": "rejected", "meaning": "category:scam", "marking": "TLP:AMBER"},
    ),
    "token": lambda rng, name: ("POST", "tokens/", {"name": name}),
}
