"""What leaves the room for one recipient of a request: the desk's page, its packet, its files.

A request shows itself to a recipient where its marking reaches recipients. An audience says who of
the room reads it; the recipient is in none. So a request with an audience goes out only by the word
of the party that owns it, which "attached" it (DESIGN.md section 4): the owner named one reader
more. Another party may hand over only what has no audience.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from incidents.access.policy import SHOWN_TO_RECIPIENTS, Actor, Surface, may_see
from incidents.access.reading import freeze_answers, freezes
from incidents.choices import DESKS
from incidents.exceptions import NotFound
from incidents.models import (
    DeskDevice,
    DeskLink,
    DeskView,
    Dispatch,
    FreezeAnswer,
    FreezeRequest,
    Incident,
    Organization,
)


def goes_out(request: FreezeRequest, attached_for: Organization | None) -> bool:
    """Whether a request may be shown to its recipient now, by the word of ``attached_for``."""
    if may_see(None, request, Surface.RECIPIENT):
        return True
    if attached_for is None or request.owner_id != attached_for.pk:
        return False
    return request.marking in SHOWN_TO_RECIPIENTS


def desk_links(viewer: Actor, request: FreezeRequest) -> QuerySet[DeskLink]:
    """The pages of a request that `get_freeze` gave, newest first."""
    rows = DeskLink.scoped.filter(request=request).select_related(
        "made_by", "made_for", "contact", "enrolled"
    )
    return rows.order_by("-pk")


def get_desk_link(viewer: Actor, request: FreezeRequest, public_id: UUID | str) -> DeskLink:
    """One of them.

    :raises NotFound: absent or hidden.
    """
    row = desk_links(viewer, request).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def desk_devices(viewer: Actor, link: DeskLink) -> QuerySet[DeskDevice]:
    """The browsers at a link that `get_desk_link` gave, newest first."""
    return DeskDevice.scoped.filter(link=link).order_by("-pk")


def desk_views(viewer: Actor, link: DeskLink) -> QuerySet[DeskView]:
    """Who looked at what behind a link that `get_desk_link` gave, newest first."""
    return DeskView.scoped.filter(link=link).select_related("device").order_by("-pk")


def answers_by(link: DeskLink) -> QuerySet[FreezeAnswer]:
    """What a link's holder said itself: that is all that its page shows of answers."""
    return FreezeAnswer.objects.filter(link=link).defer("proof").order_by("seq", "pk")


def get_answer(viewer: Actor, incident: Incident, public_id: UUID | str) -> FreezeAnswer:
    """One answer that the viewer may see, with its attachment.

    :raises NotFound: absent or hidden.
    """
    row = freeze_answers(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def dispatches(viewer: Actor, request: FreezeRequest) -> QuerySet[Dispatch]:
    """To whom a request that `get_freeze` gave went, newest first, without the proofs. A desk does
    not see to whom else."""
    return _dispatches(viewer).filter(request=request).defer("proof")


def get_dispatch(viewer: Actor, incident: Incident, public_id: UUID | str) -> Dispatch:
    """One dispatch of a request that the viewer may see.

    :raises NotFound: absent or hidden.
    """
    rows = _dispatches(viewer).filter(request__in=freezes(viewer, incident))
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def _dispatches(viewer: Actor) -> QuerySet[Dispatch]:
    rows = Dispatch.scoped.select_related(
        "request__owner", "packet", "delivery", "by", "on_behalf_of"
    )
    return rows.none() if viewer.capacity in DESKS else rows.order_by("-pk")
