"""What a desk without an account sees and says, through the browser that a code let in.

Requests of such browsers run as nobody. Each function here takes a browser that
`desk_codes.enter` has just let in for this request, and reads that one request, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from incidents import access, scope
from incidents.access import SYSTEM
from incidents.choices import Channel, CodePurpose, Marking, PacketState, RequestState
from incidents.display import evidence
from incidents.display.evidence import ShownArrival
from incidents.exceptions import BadInput, NotFound, WrongState
from incidents.exports.freeze_json import alone
from incidents.models import (
    DeskDevice,
    DeskLink,
    FreezeAnswer,
    FreezeTarget,
    Packet,
    PacketFile,
)
from incidents.packets import fields, manifest, watermark
from incidents.ports import Holding, holdings
from incidents.services import answers, desk_codes, desk_enrolment, desk_links, packets
from incidents.services.answers import Proof
from incidents.services.desk_codes import Browser
from incidents.services.timeline import Audience

LARGEST_ATTACHMENT = 5 * 1024 * 1024


@dataclass(frozen=True)
class Asked:
    """One target as its desk sees it, with what the desk itself said of it."""

    row: FreezeTarget
    arrivals: list[ShownArrival]
    answers: list[FreezeAnswer]  # oldest first


@dataclass(frozen=True)
class Page:
    """All that one recipient sees of a request."""

    link: DeskLink
    device: DeskDevice
    packet: Packet | None  # None: nothing was issued yet
    manifest: Mapping[str, Any]
    particulars: list[tuple[str, str]]  # label and text of the packet's fields
    targets: list[Asked]
    files: list[PacketFile]
    alone: str | None
    mark: str
    words: Mapping[str, str]
    by_key: bool  # codes can be encrypted to a key of the desk
    at: datetime

    @property
    def number(self) -> str:
        """The mark as people read it out."""
        return "-".join(self.mark[i : i + 4] for i in range(0, 16, 4)).upper()

    @property
    def is_enrolled(self) -> bool:
        """Whether a passkey stands in the place of codes."""
        return desk_enrolment.is_enrolled(self.device)

    @property
    def is_over(self) -> bool:
        """Whether nobody may act on it any more."""
        ended = self.packet is not None and self.packet.state != PacketState.ISSUED
        return ended or self.link.request.state == RequestState.WITHDRAWN


@scope.trusted
def page(device: DeskDevice, browser: Browser) -> Page:
    """The request behind a browser's link. That it was looked at is kept."""
    link = device.link
    packet = link.request.packets.filter(issued_at__isnull=False).order_by("-version").first()
    desk_codes.note(device, "read the request", browser)
    mark = desk_links.mark_of(link)
    said = manifest.decode(bytes(packet.manifest)) if packet else {}
    return Page(
        link=link,
        device=device,
        packet=packet,
        manifest=said,
        particulars=_particulars(said),
        targets=_targets(link),
        files=_files(packet, link),
        alone=alone(link.request),
        mark=mark,
        words=watermark.words(mark),
        by_key=desk_codes.has_key(link),
        at=timezone.now(),
    )


def _particulars(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    groups = fields.grouped(said.get("fields", {})).values()
    return [(one.label, text) for group in groups for one, text in group]


def _targets(link: DeskLink) -> list[Asked]:
    said: dict[int, list[FreezeAnswer]] = {}
    for row in access.answers_by(link):
        said.setdefault(row.target_id, []).append(row)
    return [
        Asked(row, evidence.arrivals(row.evidence, row.chain), said.get(row.pk, []))
        for row in link.request.targets.order_by("pk")
        if row.requested > 0 or row.pk in said
    ]


def _files(packet: Packet | None, link: DeskLink) -> list[PacketFile]:
    """Of the newest version only: an older one counts no longer."""
    if packet is None or packet.state != PacketState.ISSUED:
        return []
    return packets.files(packet, recipient=link.recipient, link=link)


@scope.trusted
def file(device: DeskDevice, digest: str, browser: Browser) -> PacketFile:
    """One file of the packet as this recipient gets it.

    :raises NotFound: absent, another recipient's, or of a version that counts no longer.
    """
    rows = PacketFile.objects.filter(link=device.link, packet__state=PacketState.ISSUED)
    row = rows.filter(digest=digest[:64]).select_related("packet").first()
    if row is None:
        raise NotFound
    desk_codes.note(device, f"took the {row.format} {row.digest[:12]}", browser)
    return row


@scope.trusted
def target(device: DeskDevice, public_id: UUID) -> FreezeTarget:
    """One target of the browser's request.

    :raises NotFound: absent, or of another request.
    """
    rows = FreezeTarget.objects.filter(request=device.link.request_id, public_id=public_id)
    row = rows.select_related("request__incident", "request__owner").first()
    if row is None:
        raise NotFound
    return row


def still_there(device: DeskDevice, public_id: UUID, browser: Browser) -> Holding:
    """Ask the chain what the account holds at this moment. Not kept: it is the chain's to say.

    :raises NotFound: no such target. :raises ChainSilent: nobody can say it now, and why.
    """
    row = target(device, public_id)
    desk_codes.note(device, f"asked the chain about {row.address[:24]}", browser)
    return holdings().now(row.chain, row.address, row.asset)


@dataclass(frozen=True)
class Given:
    """An answer as the desk typed it. ``amount`` in base units; None: all of it."""

    outcome: str
    amount: int | None = None
    held_until: datetime | None = None
    reference: str = ""
    contact: str = ""
    text: str = ""
    onward: str = ""
    legal: Mapping[str, str] = field(default_factory=dict)
    proof: Proof | None = None


@scope.trusted
def answer(
    device: DeskDevice, public_id: UUID, given: Given, code: str, browser: Browser
) -> FreezeAnswer:
    """One answer, by its own code: claimed by the link's holder, until a member called back. Of
    somebody who enrolled no code is asked: whoever calls has seen the passkey of this minute.

    What is refused for another reason leaves the code as it was.

    :raises DeskRefused: the code. :raises NotFound: no such target.
    :raises BadInput, WrongState: as `answers.answer`; an attachment that is too large.
    """
    row = target(device, public_id)
    if given.proof is not None and len(given.proof.body) > LARGEST_ATTACHMENT:
        raise BadInput("At most 5 MiB.", field="attachment")
    if row.request.state != RequestState.SENT:
        raise WrongState("This request takes no answers at the moment.")
    by_passkey = desk_enrolment.is_enrolled(device)
    known = None if by_passkey else desk_codes.check(device, CodePurpose.ANSWER, code)
    with transaction.atomic():
        link = desk_links.lock(device.link)
        if not desk_links.is_live(link):
            raise NotFound
        said = _said(row, given, link)
        if known is not None:
            desk_codes.use(known)
        desk_codes.note(device, f"answered: {said.outcome}", browser)
    return said


def _said(row: FreezeTarget, given: Given, link: DeskLink) -> FreezeAnswer:
    request = link.request
    return answers.answer(
        row,
        given.outcome,
        actor=SYSTEM,
        # As its request: nobody reads the answer who may not read that.
        marking=request.marking or Marking.RED,
        audience=Audience(request.audience_organizations, request.audience_people),
        amount=given.amount,
        held_until=given.held_until,
        text=given.text,
        reference=given.reference,
        contact=given.contact,
        onward=given.onward,
        legal=dict(given.legal),
        proof=given.proof,
        channel=Channel.PAGE,
        link=link,
        claimed=True,
    )
