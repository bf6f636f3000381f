"""Requests on their way to desks, and what an organization knows of desks; by the lead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from incidents.access import Proof
from incidents.choices import DeliveryState
from incidents.models import Delivery, DeskContact, Dispatch, FreezeRequest, FreezeTarget
from incidents.services import desk_contacts, desk_profiles, dispatches, freezes, packets
from incidents.services.desk_contacts import NewContact
from incidents.services.presend import To
from tests import factories
from tests.cast import organization, person

if TYPE_CHECKING:
    from tests.access.matrix.world import World

Ids = dict[str, str]
DESK = "harbour"
PROOF = b"%PDF-1.7"


def _approved(world: World) -> FreezeRequest:
    cast = world.company.cast
    target = factories.target(world.here, cast.lead, desk_name="Harbour", at=factories.address(91))
    row = FreezeRequest.objects.get(pk=target.request_id)
    freezes.approve(row, actor=cast.lead)
    return freezes.approve(row, actor=cast.rival)


def _contact(world: World, *, is_verified: bool = True) -> DeskContact:
    cast = world.company.cast
    new = NewContact(DESK, "Desk", "webhook", "https://harbour.example/", phone="+41446681800")
    ours = organization(cast.lead)
    row = desk_contacts.add(ours, new, by=person(cast.lead), proof=Proof.FRESH)
    if not is_verified:
        return row
    return desk_contacts.verify(row, "Called", by=person(cast.colleague), proof=Proof.FRESH)


def _to_send(world: World) -> Ids:
    return {"public_id": str(_approved(world).public_id), "export": "json"}


def _leaving(state: DeliveryState) -> Callable[[World], Ids]:
    """Sent to a webhook, with this fate."""

    def made(world: World) -> Ids:
        row = _approved(world)
        freezes.send(row, actor=world.company.cast.lead, to=[To("webhook", _contact(world))])
        Delivery.objects.filter(dispatch__request=row).update(state=state)
        return {"public_id": str(Dispatch.objects.get(request=row).public_id)}

    return made


def _by_hand(world: World) -> FreezeRequest:
    row = _approved(world)
    to = To("portal", reference="K-1", proof_name="receipt.pdf", proof=PROOF)
    freezes.send(row, actor=world.company.cast.lead, to=[to])
    return row


def _handed_over(world: World) -> Ids:
    return {"public_id": str(Dispatch.objects.get(request=_by_hand(world)).public_id)}


def _corrected(world: World) -> Ids:
    row = _by_hand(world)
    FreezeTarget.objects.filter(request=row).update(requested=400)
    packets.draft(row, reason="the amount was corrected")
    return {"public_id": str(row.public_id)}


def _waiting(world: World) -> Ids:
    row = FreezeRequest.objects.get(public_id=_corrected(world)["public_id"])
    made = dispatches.correct_newest(row, actor=world.company.cast.lead)
    return {"public_id": str(made[0].public_id)}


def _desk(world: World) -> Ids:
    cast = world.company.cast
    desk_profiles.keep(
        organization(cast.lead), DESK, "Harbour", {}, by=person(cast.lead), proof=Proof.FRESH
    )
    row = _contact(world, is_verified=False)
    own = str(organization(cast.lead).public_id)
    return {
        "public_id": own,
        "organization_id": own,
        "desk": DESK,
        "contact": str(row.public_id),
        "contact_id": str(row.public_id),
    }


DISPATCHING: Mapping[str, Callable[[World], Ids]] = {
    "request to send": _to_send,
    "uncertain dispatch": _leaving(DeliveryState.UNCERTAIN),
    "taken dispatch": _leaving(DeliveryState.SENT),
    "dispatch with proof": _handed_over,
    "correction": _corrected,
    "dispatch that waits": _waiting,
    "desk": _desk,
}
