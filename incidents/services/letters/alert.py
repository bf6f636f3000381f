"""Somebody is called to a room. It says that something waits, never what: no title, no names."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings

from incidents.choices import Stage
from incidents.models import Delivery
from incidents.notifiers.base import Message
from incidents.services.letters.base import Letter, NothingToSend

SUBJECT = "Something in a room of yours needs you"
TEXT = """\
Something happened that somebody has to look at now:

{link}

Sign in there. This mail says no more, on purpose. Do not answer it.
"""


class Alert(Letter):
    """``subject``: "alert:<what it is about>"."""

    slug: ClassVar[str] = "alert"

    def compose(self, delivery: Delivery, message_id: str) -> Message:
        if delivery.incident is not None and delivery.incident.stage == Stage.CLOSED:
            raise NothingToSend
        link = f"{settings.SITE_URL}/"
        return Message(
            to=delivery.to,
            subject=SUBJECT,
            text=TEXT.format(link=link),
            message_id=message_id,
            delivery=str(delivery.public_id),
            data={"type": "room.alert", "data": {"link": link}},
            is_again=bool(delivery.payload.get("again")),
        )
