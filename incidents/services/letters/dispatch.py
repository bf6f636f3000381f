"""A request to a desk: its reference and a link. No address, no amount, no name of the incident,
unless the desk's profile says that the files go with the mail."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings

from incidents.choices import PacketState, RequestState
from incidents.exceptions import WrongState
from incidents.exports.packet.base import packet_exports
from incidents.models import Delivery, DeskLink, Dispatch
from incidents.notifiers.base import File, Message
from incidents.services import desk_links, desk_profiles, dispatches, packets
from incidents.services.letters.base import Letter, NothingToSend

SUBJECT = "Freeze request {reference}"
CORRECTION = "Correction of freeze request {reference}"
TEXT = """\
{what} {reference} to {desk} waits for you:

{link}

The page asks for a code. It reaches you by another way than this mail: by telephone, or encrypted
to your key. Nobody asks you for it. Opening the page answers nothing.

Whether it is genuine can be checked without opening it: {check}
"""
ONCE_MORE = "\nYou may have received this before: it is the same request, sent once more.\n"


class OfADispatch(Letter):
    """``subject``: "dispatch:<public id>"; ``payload``: the link's public id."""

    slug: ClassVar[str] = "dispatch"

    def compose(self, delivery: Delivery, message_id: str) -> Message:
        row = _dispatch(delivery)
        link = DeskLink.objects.filter(public_id=delivery.payload.get("link")).first()
        if link is None or link.revoked_at is not None:
            raise NothingToSend("its link was revoked")
        if row.request.state == RequestState.WITHDRAWN:
            raise NothingToSend("the request was withdrawn")
        if row.packet is None or row.packet.state != PacketState.ISSUED:
            raise NothingToSend("its packet counts no more")
        try:
            address = desk_links.address(link)
        except WrongState as error:
            raise NothingToSend("its link cannot be made again") from error
        return self._message(delivery, row, link, address, message_id)

    def _message(
        self, delivery: Delivery, row: Dispatch, link: DeskLink, address: str, message_id: str
    ) -> Message:
        request, is_again = row.request, bool(delivery.payload.get("again"))
        profile = desk_profiles.of(request.desk_slug, row.on_behalf_of)
        is_correction = row.packet is not None and row.packet.is_correction
        subject = (CORRECTION if is_correction else SUBJECT).format(reference=request.reference)
        text = TEXT.format(
            what="A correction of freeze request" if is_correction else "Freeze request",
            reference=request.reference,
            desk=request.desk_name,
            link=address,
            check=f"{settings.SITE_URL}/check/",
        )
        data = {"reference": request.reference, "desk": request.desk_name, "link": address}
        return Message(
            to=delivery.to,
            subject=" ".join(filter(None, [profile.get("subject", ""), subject])),
            text=text + (ONCE_MORE if is_again else ""),
            message_id=message_id,
            delivery=str(delivery.public_id),
            files=_files(row, link) if profile.get("files_by_mail") else (),
            data={"type": "freeze.correction" if is_correction else "freeze.request", "data": data},
            secret=row.contact.webhook_secret if row.contact else "",
            is_again=is_again,
        )

    def settled(self, delivery: Delivery) -> None:
        dispatches.settled(delivery)


def _dispatch(delivery: Delivery) -> Dispatch:
    rows = Dispatch.objects.select_related("request", "packet", "contact", "on_behalf_of")
    row = rows.filter(delivery=delivery).first()
    if row is None:
        raise NothingToSend
    return row


def _files(row: Dispatch, link: DeskLink) -> tuple[File, ...]:
    if row.packet is None:
        return ()
    takes = desk_profiles.of(row.request.desk_slug, row.on_behalf_of).get("formats")
    made = packets.files(row.packet, recipient=row.recipient, link=link, dispatch=row)
    return tuple(
        File(
            f"{row.request.reference}.{one.format}",
            packet_exports()[one.format].media_type,
            bytes(one.body),
        )
        for one in made
        if not takes or one.format in takes
    )
