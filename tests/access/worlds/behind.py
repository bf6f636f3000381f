"""What happens to the room itself behind somebody's back: roles, terms, removals, releases, new
markings, invitations of confidential parties, lookbacks, and what a confidential party may not do.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import partial

from incidents.access import SYSTEM, Actor
from incidents.choices import Capacity, RoomRole
from incidents.models import (
    FreezeRequest,
    Organization,
    Participation,
    Statement,
    TimelineEntry,
    TrackedAddress,
)
from incidents.services import (
    admissions,
    attackers,
    freezes,
    markings,
    notes,
    releases,
    revisions,
    roles,
    seats,
    statements,
)
from incidents.services.admissions import Proposed
from incidents.services.roles import Given
from incidents.services.timeline import Audience
from tests import cast as casting
from tests import factories
from tests.access.worlds.visible import ADDRESSES, OPEN, Run, draft
from tests.access.worlds.world import World, attempt
from tests.factories import CHAIN
from tracing.services import lookbacks

# Who is told nothing of what the room's parties decide among themselves.
OUTSIDE = ("invited", "outsider", "public")
# Who is not asked whether a party is to leave: they are neither affected nor the chair.
NOT_ASKED = ("analyst", "exchange", "white_hat", *OUTSIDE)


def beside(low: str) -> tuple[str, ...]:
    """People of the low actor's organization: they see what is narrowed to it."""
    return ("lead", "colleague") if low in ("lead", "colleague") else (low,)


def two_others(rng: random.Random, low: str, among: Iterable[str]) -> tuple[str, str]:
    """Two of different parties, neither of the low actor's."""
    found = [role for role in among if role not in beside(low)]
    first, second = rng.sample(found, 2)
    return first, second


def seat_of(world: World, organization: Organization) -> Participation:
    """A seat of the room."""
    return Participation.objects.get(incident=world.cast.incident, organization=organization)


def confidential(world: World, name: str, capacity: Capacity) -> Actor:
    """A confidential party that has signed."""
    newcomer = factories.organization(f"Hidden {name}")
    seat = seats.seat_organization(
        world.cast.incident, newcomer, capacity, actor=SYSTEM, is_confidential=True
    )
    return casting.accept(seat, factories.person(newcomer, name))


def role(rng: random.Random, low: str, name: str) -> Run:
    """A confidential party names its own communicator or observer, hands over, or ends it. Of those
    who are no party of the room's content, nobody learns of any role."""
    what, acts = rng.choice((RoomRole.COMMUNICATOR, RoomRole.OBSERVER)), rng.randrange(3)
    is_open = low in OUTSIDE and rng.random() < 0.5

    def run(world: World) -> object:
        own = world.actor("lead") if is_open else confidential(world, name, Capacity.AFFECTED)
        party = casting.organization(own)
        new, other = (factories.person(party, f"{name}-{one}") for one in ("second", "third"))
        given = Given(RoomRole.COMMANDER if is_open else what, seat_of(world, party), new)
        row = roles.give(world.cast.incident, given, actor=own)
        if acts == 1:
            roles.end(row, actor=own)
        return roles.hand_over(row, other, actor=own) if acts > 1 else row

    return run


def revision(rng: random.Random, low: str, name: str) -> Run:
    """A new text is proposed and comes to nothing, before somebody who reads none; before others a
    confidential party tries to propose one."""
    is_open, is_rejected = low in OUTSIDE, rng.random() < 0.5

    def run(world: World) -> object:
        who = world.actor("lead" if is_open else "law")
        row = revisions.propose_revision(
            world.cast.incident, f"Hidden {name}", covers=[], respond_minutes=5, actor=who
        )
        if is_rejected:
            return revisions.reject_revision(row, actor=world.actor("rival"))
        return revisions.withdraw_revision(row, actor=who)

    return run


def removal(rng: random.Random, low: str, name: str) -> Run:
    """A confidential party is taken out, or stays, or leaves; before those who are not asked, an
    open one is asked for, and stays."""
    is_open, acts = low in NOT_ASKED and rng.random() < 0.5, rng.randrange(4)

    def an_open_one(world: World) -> object:
        seat = seat_of(world, casting.organization(world.cast.issuer))
        row = seats.ask_removal(seat, f"Hidden {name}", actor=world.actor("lead"))
        return seats.refuse_removal(row, actor=world.actor("rival")) if acts else row

    def run(world: World) -> object:
        if is_open:
            return an_open_one(world)
        party = confidential(world, name, Capacity.LAW_ENFORCEMENT)
        seat = seat_of(world, casting.organization(party))
        if acts == 0:
            return seats.leave(seat, person=casting.person(party), actor=party)
        row = seats.ask_removal(seat, f"Hidden {name}", actor=world.actor("coordinator"))
        second = casting.access.actor_of(world.actor("coordinator").participation, world.chair)
        if acts == 1:
            return seats.refuse_removal(row, actor=second)
        return seats.approve_removal(row, actor=second) if acts == 2 else row

    return run


def _shared(world: World, name: str, pair: tuple[str, str], marking: str) -> TimelineEntry:
    """A note that one party shares with one other alone."""
    audience = Audience(organizations=world.organizations(pair))
    return notes.post(
        world.cast.incident,
        f"Hidden {name}",
        actor=world.actor(pair[0]),
        marking=marking,
        audience=audience,
    )


def release(rng: random.Random, low: str, name: str) -> Run:
    """A wider audience is asked for, and given, refused or taken back."""
    pair = two_others(rng, low, ("lead", "rival", "analyst", "coordinator"))
    third = rng.choice([one for one in ("lead", "rival", "coordinator") if one not in beside(low)])
    marking, acts = rng.choice(OPEN), rng.randrange(4)

    def run(world: World) -> object:
        item = _shared(world, name, pair, marking)
        asker, owner = world.actor(pair[1]), world.actor(pair[0])
        wider = Audience(organizations=world.organizations((third,)))
        row = releases.ask(item, marking, f"Hidden {name}", actor=asker, audience=wider)
        if acts == 1:
            return releases.refuse(row, f"Hidden {name}", actor=owner)
        if acts == 2:
            return releases.withdraw(row, actor=asker)
        return releases.release(row, actor=owner, reason=f"Hidden {name}") if acts == 3 else row

    return run


def remark(rng: random.Random, low: str, name: str) -> Run:
    """What two share is marked anew, for one of them alone or for a third as well."""
    pair = two_others(rng, low, ("lead", "rival", "analyst", "coordinator"))
    third = rng.choice([one for one in ("lead", "rival", "coordinator") if one not in beside(low)])
    before, after, is_wider = rng.choice(OPEN), rng.choice(OPEN), rng.random() < 0.5

    def run(world: World) -> object:
        item = _shared(world, name, pair, before)
        named = (*pair, third) if is_wider else pair[:1]
        return markings.remark(
            item,
            after,
            actor=world.actor(pair[0]),
            audience=Audience(organizations=world.organizations(named)),
            reason=f"Hidden {name}",
        )

    return run


def invitation(rng: random.Random, low: str, name: str) -> Run:
    """A confidential party is proposed, and let in, refused or uninvited. An open one as well,
    before those who sit in no room, or not yet."""
    first = "rival" if low == "colleague" else "lead"
    capacity = rng.choice((Capacity.LAW_ENFORCEMENT, Capacity.AFFECTED, Capacity.ANALYTICS))
    is_open, acts = low in OUTSIDE and rng.random() < 0.5, rng.randrange(4)

    def run(world: World) -> object:
        chair = world.actor("coordinator")
        wanted = Proposed(
            capacity,
            organization_name=f"Hidden {name}",
            email=f"{name}@hidden.example",
            is_confidential=not is_open,
            asked=casting.organization(chair),
        )
        row = admissions.propose(world.cast.incident, wanted, actor=world.actor(first))
        if acts == 1:
            return admissions.refuse(row, actor=chair)
        if acts > 1:
            row = admissions.approve(row, actor=chair).invitation
        return admissions.revoke(row, actor=chair) if acts > 2 else row

    return run


def lookback(rng: random.Random, low: str, name: str) -> Run:
    """The past of an address is asked for, by a confidential party or before few."""
    pair = two_others(rng, low, ("lead", "rival", "analyst", "coordinator"))
    at, marking, is_done = rng.choice(ADDRESSES), rng.choice(OPEN), rng.random() < 0.5

    def run(world: World) -> object:
        row = lookbacks.ask(
            world.cast.incident,
            CHAIN,
            at,
            1,
            actor=world.actor(pair[0]),
            marking=marking,
            audience=Audience(organizations=world.organizations(pair)),
        )
        if is_done:
            lookbacks.tell(row)
        return row

    return run


def word(rng: random.Random, low: str, name: str) -> Run:
    """A confidential party signs, calls and asks wherever it can; most is refused to it."""
    capacity = rng.choice((Capacity.AFFECTED, Capacity.LAW_ENFORCEMENT, Capacity.WHITE_HAT))
    own_request = rng.random() < 0.5

    def tries(world: World, party: Actor) -> Iterable[Callable[[], object]]:
        incident = world.cast.incident
        for request in FreezeRequest.objects.filter(incident=incident).order_by("pk"):
            yield partial(freezes.approve, request, actor=party)
            yield partial(freezes.send, request, actor=party)
        for row in Statement.objects.filter(incident=incident).order_by("pk"):
            signed = partial(statements.sign_off, row, "signed", digest_read=row.digest)
            yield partial(signed, actor=party)
        for one in TrackedAddress.objects.filter(incident=incident).order_by("pk"):
            yield partial(attackers.call, one, f"Hidden {name}", actor=party)
            yield partial(releases.ask, one, "TLP:CLEAR", f"Hidden {name}", actor=party)
        yield partial(statements.publish_status, incident, "monitoring", actor=party)

    def run(world: World) -> object:
        party = confidential(world, name, capacity)
        if own_request:
            # A draft that only itself and the chair see; nobody may complete it for others.
            attempt(world, lambda w: freezes.approve(_drafted(w, party), actor=party))
        return [attempt(world, lambda _, one=one: one()) for one in tries(world, party)]

    return run


def _drafted(world: World, party: Actor) -> FreezeRequest:
    """A request that a confidential party drafts."""
    target = draft(world, party, "far", ADDRESSES[0], "TLP:AMBER")
    return FreezeRequest.objects.get(pk=target.request_id)


KINDS = {
    "role": role,
    "revision": revision,
    "removal": removal,
    "release": release,
    "remark": remark,
    "invitation": invitation,
    "lookback": lookback,
    "word": word,
}
