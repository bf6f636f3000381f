"""What a packet says besides its targets: changed by people, checked by the list of fields."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import RequestState
from incidents.exceptions import NotFound, WrongState
from incidents.models import FreezeRequest, Packet
from incidents.packets import fields
from incidents.services import packets, rules, timeline
from incidents.services.freeze_lines import about, record

SENT = "It was sent as it is. Draft another request, or answer the desk."


@scope.trusted
@transaction.atomic
def change(request: FreezeRequest, values: Mapping[str, object], *, actor: Actor) -> FreezeRequest:
    """Write some fields; an empty value takes one away. What does not change anything is nothing.

    A change voids the signatures there are: people sign what is sent, and nothing else.

    :raises BadInput: an unknown field, or a value that it does not take; names the field.
    :raises WrongState: sent or withdrawn. :raises NotFound: hidden from the actor.
    :raises NotYours: a confidential party would show itself.
    """
    row = _open(request, actor)
    if row.state in (RequestState.SENT, RequestState.WITHDRAWN):
        raise WrongState(SENT)
    kept = fields.check({**row.fields, **values})
    changed = sorted(n for n in {*kept, *row.fields} if kept.get(n) != row.fields.get(n))
    if not changed:
        return row
    row.fields = kept
    row.save(update_fields=["fields"])
    labels = ", ".join(fields.FIELDS[name].label for name in changed if name in fields.FIELDS)
    record(row, events.PacketEdited(**about(row), fields=labels), actor=actor)
    packets.void(row, f"somebody changed what it says ({labels})", actor=actor)
    row.refresh_from_db()
    if row.packets.exists():
        packets.draft(row)
    return row


@scope.trusted
@transaction.atomic
def draw_up(request: FreezeRequest, *, actor: Actor) -> Packet:
    """The version that says what the request says now. Before the first signature also one whose
    blocks are as old as they are by now.

    :raises WrongState: sent or withdrawn. :raises NotFound: hidden from the actor.
    """
    row = _open(request, actor)
    if row.state in (RequestState.SENT, RequestState.WITHDRAWN):
        raise WrongState(SENT)
    return packets.draft(row, renew=row.state == RequestState.DRAFT)


def _open(request: FreezeRequest, actor: Actor) -> FreezeRequest:
    timeline.lock(request.incident)
    row = FreezeRequest.objects.select_related("incident", "owner").get(pk=request.pk)
    access.require(actor, row.incident, Act.REQUEST_FREEZE)
    if not access.may_see(actor, row):
        raise NotFound
    rules.require_open(actor, row.owner)
    return row
