"""Packets of a request, and who signed them: seen by whoever sees the request. A desk sees what was
issued, never a draft."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from incidents.access.policy import Actor
from incidents.choices import DESKS
from incidents.exceptions import NotFound
from incidents.models import FreezeRequest, Packet


def packets(viewer: Actor, request: FreezeRequest) -> QuerySet[Packet]:
    """The versions of a request that the viewer sees already, the newest first."""
    rows = Packet.scoped.filter(request=request).select_related("request__incident")
    if viewer.capacity in DESKS:
        rows = rows.filter(issued_at__isnull=False)
    return rows.order_by("-version")


def get_packet(viewer: Actor, request: FreezeRequest, public_id: UUID | str) -> Packet:
    """One of them.

    :raises NotFound: absent, or not the viewer's to see.
    """
    row = packets(viewer, request).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row
