"""What a mail provider tells us of mails that it took: django-anymail's tracking events."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from incidents import scope
from incidents.models import Delivery
from incidents.services import outbox

CAME_BACK = frozenset({"bounced", "rejected", "failed"})


@scope.trusted
def tracked(sender: object, event: Any, **_: object) -> None:
    """A receiver of `anymail.signals.tracking`. The provider's texts are hostile: none is kept but
    its own word for the reason."""
    if event.event_type not in CAME_BACK:
        return
    row = _delivery(event)
    if row is not None:
        reason = str(event.reject_reason or event.event_type)[:40]
        outbox.came_back(row, f"the provider says: {reason}")


def _delivery(event: Any) -> Delivery | None:
    named = (event.metadata or {}).get("delivery", "")
    rows = Delivery.objects.filter(channel="mail")
    try:
        return rows.filter(public_id=UUID(str(named))).first()
    except ValueError:
        known = str(event.message_id or "")[:255]
        return rows.filter(message_id=known).first() if known else None
