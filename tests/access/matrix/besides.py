"""What lies in a room beside items: seats, roles, terms, releases; and an organization's people.

Each maker puts one thing into the main room, mostly by the lead, and says by which ids addresses
and bodies name it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.utils import timezone

from incidents.access import Actor, Proof
from incidents.choices import AdmissionRule, Capacity, Marking, RoomRole
from incidents.models import FreezeTarget, Invitation, Participation, Recovery, ReleaseOrder
from incidents.services import (
    admissions,
    answers,
    control,
    desk_codes,
    desk_links,
    hold_offs,
    incidents,
    members,
    recoveries,
    release_orders,
    releases,
    revisions,
    roles,
    seats,
    signing_keys,
    statements,
)
from incidents.services.admissions import Proposed
from incidents.services.roles import Given
from tests import factories
from tests.access.matrix.dispatching import DISPATCHING
from tests.access.matrix.world import World
from tests.cast import organization, person
from tests.factories import ADDRESS, CHAIN, SSH_KEY

Ids = dict[str, str]
NEWCOMER = Proposed(Capacity.EXCHANGE, organization_name="Harbour", email="desk@harbour.example")


def seat(actor: Actor) -> Participation:
    """Of somebody who has one."""
    assert actor.participation
    return actor.participation


def _room(world: World) -> Ids:
    """Nothing new: who and what is there anyway."""
    cast = world.company.cast
    own, who = seat(cast.lead), person(cast.colleague)
    return {
        "seat": str(own.public_id),
        "colleague": str(who.public_id),
        "colleague_at": f"{own.public_id}:{who.public_id}",
        "digest": incidents.terms_in_force(cast.incident).digest,
    }


def _invitation(world: World) -> Invitation:
    return admissions.propose(world.here, NEWCOMER, actor=world.company.cast.lead)


def _proposed(world: World) -> Ids:
    return {"public_id": str(_invitation(world).public_id)}


def _approved(world: World) -> Ids:
    row = admissions.approve(_invitation(world), actor=world.company.cast.rival).invitation
    return {"public_id": str(row.public_id)}


def _removal(world: World) -> Ids:
    cast = world.company.cast
    row = seats.ask_removal(seat(cast.issuer), "It leaks.", actor=cast.lead)
    return {"public_id": str(row.public_id)}


def _seat_of_the_exchange(world: World) -> Ids:
    return {"public_id": str(seat(world.company.cast.exchange).public_id)}


def _guest(world: World) -> Ids:
    """The exchange, as it were let in by the lead's party alone."""
    cast = world.company.cast
    row = seat(cast.exchange)
    Participation.objects.filter(pk=row.pk).update(
        sponsor=organization(cast.lead), admitted_by=AdmissionRule.ONE_PARTY
    )
    return {"public_id": str(row.public_id)}


def _role(world: World) -> Ids:
    cast = world.company.cast
    given = Given(RoomRole.SCRIBE, seat(cast.lead), person(cast.lead), person(cast.colleague))
    row = roles.give(world.here, given, actor=cast.lead)
    return _room(world) | {"public_id": str(row.public_id)}


def _proof(world: World) -> Ids:
    row = control.ask(world.here, CHAIN, ADDRESS, actor=world.company.cast.lead)
    return {"public_id": str(row.public_id)}


def _revision(world: World) -> Ids:
    row = revisions.propose_revision(
        world.here, "New terms.", covers=[], respond_minutes=5, actor=world.company.cast.lead
    )
    return {"public_id": str(row.public_id), "digest": row.digest}


def _statement(world: World) -> Ids:
    row = statements.draft(
        world.here, "T", "x", actor=world.company.cast.lead, marking=Marking.AMBER
    )
    return {"public_id": str(row.public_id), "noun": "statement"}


def _release(world: World) -> Ids:
    """The rival asks for the lead's statement."""
    cast = world.company.cast
    item = statements.draft(world.here, "T", "x", actor=cast.lead, marking=Marking.AMBER)
    row = releases.ask(item, Marking.GREEN, "Others have to know.", actor=cast.rival)
    return {"public_id": str(row.public_id)}


# --- an organization's people --------------------------------------------------------------


def _member(world: World) -> Ids:
    """The colleague, with two passkeys."""
    cast = world.company.cast
    who, own = person(cast.colleague), str(organization(cast.lead).public_id)
    for _ in range(2):
        Authenticator.objects.create(user=who, type=Authenticator.Type.WEBAUTHN, data={})
    ids = {"organization_id": own, "public_id": own}
    return ids | {"member_id": str(who.public_id), "member": str(who.public_id)}


def _invited_member(world: World) -> Ids:
    cast = world.company.cast
    members.invite(
        organization(cast.lead),
        email="nia@kelp.example",
        name="Nia",
        by=person(cast.lead),
        proof=Proof.FRESH,
    )
    link = members.invited(organization(cast.lead))[0]
    return _member(world) | {"member": str(link.person.public_id)}


def _recovery(world: World) -> Recovery:
    cast = world.company.cast
    _member(world)
    return recoveries.ask(
        organization(cast.lead), person(cast.colleague), by=person(cast.lead), proof=Proof.FRESH
    )


def _recovery_asked(world: World) -> Ids:
    own = str(organization(world.company.cast.lead).public_id)
    return {"public_id": own, "recovery": str(_recovery(world).public_id)}


def _recovery_ready(world: World) -> Ids:
    """Approved, and the day is over."""
    row = _recovery(world)
    watcher = next(one.person for one in world.company.everybody if one.name == "observer")
    assert watcher is not None
    recoveries.approve(row, by=watcher, proof=Proof.FRESH)
    Recovery.objects.filter(pk=row.pk).update(ready_at=timezone.now() - timedelta(minutes=1))
    own = str(organization(world.company.cast.lead).public_id)
    return {"public_id": own, "recovery": str(row.public_id)}


def _desk_link(world: World) -> Ids:
    """A page of a sent request for its desk, with a browser that waits for a code."""
    cast = world.company.cast
    target = factories.sent_request(
        world.here, cast.lead, cast.rival, organization(cast.exchange), amount=3
    )
    link = desk_links.make(target.request, None, "Night desk", actor=cast.lead)
    secret = desk_links.address(link).partition("#")[2]
    waiting = desk_codes.Browser(desk_codes.new_nonce(), "Firefox", "203.0.113.7")
    desk_codes.ask(link.selector, secret, waiting)
    return {
        "public_id": str(target.request.public_id),
        "target": str(target.public_id),
        "link_id": str(link.public_id),
        "device_id": str(link.devices.get().public_id),
    }


def _asked_of_a_desk(world: World) -> Ids:
    return {"public_id": _desk_link(world)["target"]}


def _claim(world: World) -> Ids:
    """What a desk is said to have answered, by the lead, with what proves it."""
    cast = world.company.cast
    target = FreezeTarget.objects.get(public_id=_desk_link(world)["target"])
    row = answers.answer(
        target,
        "acknowledged",
        actor=cast.lead,
        marking=Marking.AMBER,
        channel="phone",
        claimed=True,
        proof=answers.Proof("call.txt", b"They called."),
    )
    return {"public_id": str(row.public_id)}


def _signing_key(world: World) -> Ids:
    """The lead's, which nobody confirmed yet. Pages and API call it otherwise."""
    cast = world.company.cast
    own = organization(cast.lead)
    row = signing_keys.register(own, "sshsig", SSH_KEY, by=person(cast.lead), proof=Proof.FRESH)
    ids = {"organization_id": str(own.public_id), "key": str(row.public_id)}
    return ids | {"public_id": str(own.public_id)}


def _signing_key_in_api(world: World) -> Ids:
    ids = _signing_key(world)
    return ids | {"public_id": ids["key"]}


def _order(world: World) -> Ids:
    """Proposed by the lead for its party, of what a desk was asked."""
    cast = world.company.cast
    target = factories.sent_request(
        world.here, cast.lead, cast.rival, organization(cast.exchange), amount=3
    )
    wanted = release_orders.Wanted(release_orders.RELEASE, "Theirs after all.")
    row = release_orders.propose(target, wanted, actor=cast.lead)
    return {"public_id": str(target.public_id), "order_id": str(row.public_id)}


def _order_agreed(world: World) -> Ids:
    ids = _order(world)
    row = ReleaseOrder.objects.get(public_id=ids["order_id"])
    release_orders.agree(row, actor=world.company.cast.rival)
    return ids


def _order_ready(world: World) -> Ids:
    """Agreed and checked, with its delay over."""
    ids = _order_agreed(world)
    rows = ReleaseOrder.objects.filter(public_id=ids["order_id"])
    release_orders.check(rows.get(), "Called them.", actor=world.company.cast.rival)
    rows.update(not_before=timezone.now())
    return ids


def _hold_off(world: World) -> Ids:
    row = hold_offs.ask(world.here, CHAIN, factories.address(77), actor=world.company.cast.law)
    return {"public_id": str(row.public_id)}


def _sent_freeze(world: World) -> Ids:
    return {"public_id": _desk_link(world)["public_id"]}


def _in_api(make: Callable[[World], Ids]) -> Callable[[World], Ids]:
    """The API calls the organization and the recovery otherwise than the pages do."""

    def made(world: World) -> Ids:
        ids = make(world)
        return {"organization_id": ids["public_id"], "public_id": ids["recovery"]}

    return made


BESIDES: Mapping[str, Callable[[World], Ids]] = {
    **DISPATCHING,
    "": _room,
    "invitation": _proposed,
    "approved invitation": _approved,
    "removal": _removal,
    "seat": _seat_of_the_exchange,
    "guest": _guest,
    "role": _role,
    "proof": _proof,
    "revision": _revision,
    "statement": _statement,
    "release": _release,
    "desk link": _desk_link,
    "asked of a desk": _asked_of_a_desk,
    "claim": _claim,
    "order": _order,
    "agreed order": _order_agreed,
    "ready order": _order_ready,
    "hold off": _hold_off,
    "sent freeze": _sent_freeze,
    "member": _member,
    "invited member": _invited_member,
    "signing key": _signing_key,
    "signing key in the API": _signing_key_in_api,
    "recovery": _recovery_asked,
    "recovery, a day later": _recovery_ready,
    "recovery in the API": _in_api(_recovery_asked),
    "recovery in the API, a day later": _in_api(_recovery_ready),
}
