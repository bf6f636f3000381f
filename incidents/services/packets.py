"""Packets: what a request says as one signed file, version by version.

A version is drawn up when a request is signed first, and again whenever what it says changes. What
people approve is its digest. Once issued, a version is never drawn again: what changes after that
is a correction, a version that supersedes it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import PacketState, RequestState, TargetState
from incidents.exceptions import ApprovalChanged, WrongState
from incidents.exports.freeze_json import alone
from incidents.exports.packet.base import Sheet, packet_exports
from incidents.models import DeskLink, Dispatch, FreezeRequest, Packet, PacketFile
from incidents.packets import manifest, prefill
from incidents.packets.manifest import Edition
from incidents.ports import money
from incidents.queue import enqueue_on_commit
from incidents.services import desk_links, rules, signatures, target_log, timeline
from incidents.services.freeze_lines import about, record
from incidents.signing import sshsig

ALIVE = (PacketState.DRAFT, PacketState.ISSUED)
NOT_APPROVED = "DRAFT - NOT APPROVED"
SUPERSEDED = "SUPERSEDED"
REVOKED = "REVOKED"
PUBLISH = "incidents.publish_checks"  # the task that tells the public check page


@scope.trusted
@transaction.atomic
def draft(request: FreezeRequest, *, reason: str = "", renew: bool = False) -> Packet:
    """The version that says what the request says now: the newest one if it does, or a new one.

    ``reason``: why, where what was issued is superseded by this (at once: the check page says so
    from the moment of the draft). ``renew``: also for blocks that only grew older. Locks the room.

    :raises WrongState: the request was withdrawn.
    """
    timeline.lock(request.incident)
    row = FreezeRequest.objects.select_related("incident", "owner", "alone").get(pk=request.pk)
    if row.state == RequestState.WITHDRAWN:
        raise WrongState
    last = row.packets.order_by("-version").first()
    said = _build(row, last, reason)
    if last is not None and last.state in ALIVE and _says(last, said, renew):
        return last
    body = manifest.encode(said)
    made = Packet.objects.create(
        request=row,
        version=said["version"],
        manifest=body,
        digest=manifest.digest_of(body),
        is_correction=said["supersedes"] is not None,
        reason=(said["correction"] or "")[:500],
    )
    if last is not None and last.state in ALIVE:
        _end(last, PacketState.SUPERSEDED)
    if made.is_correction:
        signatures.by_server(made)
        _correct(made, row)
    return made


def _correct(made: Packet, row: FreezeRequest) -> None:
    event = events.CorrectionDrafted(
        **about(row), edition=made.version, because=made.reason or "what it says changed"
    )
    record(row, event, actor=access.SYSTEM)


@scope.trusted
def preview(request: FreezeRequest) -> bytes:
    """The manifest as it would be drawn up now. Nothing is kept."""
    row = FreezeRequest.objects.select_related("incident", "owner", "alone").get(pk=request.pk)
    return manifest.encode(_build(row, row.packets.order_by("-version").first(), ""))


@scope.trusted
def essence_of(request: FreezeRequest) -> str:
    """A digest of what the request says at this moment: whether somebody reads the same."""
    return manifest.digest_of(manifest.encode(manifest.essence(manifest.decode(preview(request)))))


@scope.trusted
@transaction.atomic
def issue(packet: Packet, *, actor: Actor) -> Packet:
    """From now on desks may have it, and the check page says issued. Issued already: unchanged.

    :raises ApprovalChanged: it is not what was approved. :raises WrongState: it was superseded.
    """
    timeline.lock(packet.request.incident)
    row = Packet.objects.select_related("request__incident", "request__owner").get(pk=packet.pk)
    access.require(actor, row.request.incident, Act.SEND_FREEZE)
    if row.state == PacketState.ISSUED:
        return row
    if row.state != PacketState.DRAFT:
        raise WrongState
    if not row.is_correction and row.request.approved_digest != row.digest:
        raise ApprovalChanged
    row.state, row.issued_at = PacketState.ISSUED, timezone.now()
    row.save(update_fields=["state", "issued_at"])
    signatures.by_server(row)
    files(row, recipient="")  # of nobody in particular: what members take out
    if row.is_correction:  # of the first one, that it was sent says so
        event = events.PacketIssued(**about(row.request), edition=row.version, digest=row.digest)
        record(row.request, event, actor=actor)
    return row


@scope.trusted
@transaction.atomic
def revoke(request: FreezeRequest, why: str, *, actor: Actor) -> Packet | None:
    """What was issued counts no longer, and nothing takes its place. None: nothing was issued.

    :raises NotYours: a confidential party would show itself.
    """
    timeline.lock(request.incident)
    access.require(actor, request.incident, Act.SEND_FREEZE)
    rules.require_open(actor, request.owner)
    row = request.packets.filter(issued_at__isnull=False).order_by("-version").first()
    if row is None or row.state == PacketState.REVOKED:
        return row
    _end(row, PacketState.REVOKED)
    event = events.PacketRevoked(**about(request), edition=row.version, because=why[:300])
    record(request, event, actor=actor)
    return row


@scope.trusted
def changed(request: FreezeRequest) -> str:
    """What the newest version says differently from the one that was signed, for people: where, not
    what; "" where nothing does."""
    signed = request.packets.filter(digest=request.approved_digest).first()
    newest = request.packets.order_by("-version").first()
    if signed is None or newest is None:
        return ""
    one, other = (manifest.decode(bytes(row.manifest)) for row in (signed, newest))
    return ", ".join(manifest.differing(one, other)[:5])


@scope.trusted
@transaction.atomic
def void(request: FreezeRequest, why: str, *, actor: Actor = access.SYSTEM) -> bool:
    """Its signatures no longer count, since what they were about changed. False: it had none, or
    it was sent. Whoever calls holds the room's lock."""
    row = FreezeRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=request.pk)
    if row.state not in (RequestState.CHECKED, RequestState.APPROVED):
        return False
    row.state, row.approved_digest, row.alone_because = RequestState.DRAFT, "", ""
    row.first_by = row.first_for = row.first_at = None
    row.second_by = row.second_for = row.approved_at = row.alone = None
    names = ("state", "approved_digest", "alone_because", "first_by", "first_for", "first_at")
    row.save(update_fields=[*names, "second_by", "second_for", "approved_at", "alone"])
    target_log.step_all(row, TargetState.DRAFT, actor=actor, reason=why)
    record(row, events.ApprovalVoided(**about(row), because=why[:300]), actor=actor)
    return True


@scope.trusted
@transaction.atomic
def files(
    packet: Packet,
    *,
    recipient: str,
    link: DeskLink | None = None,
    dispatch: Dispatch | None = None,
) -> list[PacketFile]:
    """The packet in every format as one recipient gets it, kept byte by byte. A repeat gives the
    same ones. Only JSON is the same for everybody: it is what is signed."""
    kept = packet.files.filter(link=link, dispatch=dispatch)
    of_a_recipient = link is not None or dispatch is not None
    found = {row.format: row for row in kept} if of_a_recipient else {}
    for slug in packet_exports():
        if slug not in found:
            body = render(packet, slug, recipient, desk_links.mark_of(link) if link else "")
            digest = hashlib.sha256(body).hexdigest()
            found[slug] = kept.filter(format=slug, digest=digest).first() or (
                PacketFile.objects.create(
                    packet=packet,
                    link=link,
                    dispatch=dispatch,
                    format=slug,
                    digest=digest,
                    body=body,
                )
            )
    enqueue_on_commit(PUBLISH)
    return [found[slug] for slug in packet_exports()]


def render(packet: Packet, slug: str, recipient: str = "", mark: str = "") -> bytes:
    """One file of it. What was never approved, or counts no longer, says so across the page.

    ``mark``: of the copy; without one, `mark_of` the recipient.
    """
    stamps = {
        PacketState.DRAFT: "" if packet.is_correction or _is_approved(packet) else NOT_APPROVED,
        PacketState.SUPERSEDED: SUPERSEDED,
        PacketState.REVOKED: REVOKED,
    }
    stamp = stamps.get(PacketState(packet.state), "")
    mark = mark or (mark_of(packet, recipient) if recipient else "")
    return packet_exports()[slug]().render(Sheet(bytes(packet.manifest), recipient, mark, stamp))


def mark_of(packet: Packet, recipient: str) -> str:
    """What tells this recipient's copies from others': 16 hexadecimal digits that we alone can
    work out."""
    text = f"packet-mark:{packet.public_id}:{recipient}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:16]


def _is_approved(packet: Packet) -> bool:
    return packet.request.approved_digest == packet.digest


def _build(row: FreezeRequest, last: Packet | None, reason: str) -> dict[str, Any]:
    now = timezone.now()
    issued = row.packets.filter(issued_at__isnull=False).order_by("-version").first()
    sole = alone(row)
    edition = Edition(
        version=last.version + 1 if last else 1,
        drawn_up_at=now,
        not_after=now + timedelta(days=settings.PACKET_DAYS),
        site=settings.SITE_URL,
        namespace=sshsig.NAMESPACE,
        parties={
            "requested_by": row.owner.name if row.owner else "",
            "affected": [seat.organization.name for seat in rules.committed(row.incident)],
            "only": sole,
        },
        approved_as=row.approved_digest or None if sole and not issued else None,
        supersedes=issued.digest if issued else None,
        reason=reason,
    )
    return manifest.build(row, edition, money().block_marks(manifest.blocks_of(row.targets.all())))


def _says(packet: Packet, said: dict[str, Any], renew: bool) -> bool:
    """Whether a version says the same as a manifest that was just built."""
    known = manifest.decode(bytes(packet.manifest))
    if known["parties"]["only"] != said["parties"]["only"]:
        return False
    if renew and known["targets"] != said["targets"]:
        return False
    return manifest.essence(known) == manifest.essence(said)


def _end(packet: Packet, state: PacketState) -> None:
    packet.state, packet.ended_at = state, timezone.now()
    packet.save(update_fields=["state", "ended_at"])
    if packet.issued_at is not None:
        enqueue_on_commit(PUBLISH)


@scope.trusted
def fill(request: FreezeRequest, actor: Actor, way: Iterable[Mapping[str, Any]] = ()) -> None:
    """Write into a new request what the room knows already. ``way``: hops of its first target."""
    victims = [seat.organization.name for seat in rules.committed(request.incident)]
    until = timezone.now() + timedelta(days=settings.ASK_DAYS)
    request.fields = prefill.of(request, actor.person, victims, until, way)
    request.save(update_fields=["fields"])


@dataclass(frozen=True)
class Exported:
    """A file, its SHA-256 and the server's SSH signature of the manifest, where there is one."""

    body: bytes
    digest: str
    signature: str


@scope.trusted
def export(reference: str, slug: str) -> Exported | None:
    """The newest version of a request as a file, for the installation; None: no such request. One
    that was never drawn up is drawn up for the file, and says that it is a draft."""
    request = FreezeRequest.objects.filter(reference=reference).first()
    if request is None:
        return None
    row = request.packets.select_related("request").order_by("-version").first()
    if row is None:
        body = packet_exports()[slug]().render(Sheet(preview(request), stamp=NOT_APPROVED))
    else:
        body = file_of(row, slug)
    signed = signatures.servers(row) if row else None
    text = signed.body if signed else ""
    return Exported(body, hashlib.sha256(body).hexdigest(), text)


@scope.trusted
def file_of(packet: Packet, slug: str) -> bytes:
    """A file for somebody who sees the packet: what was kept, or rendered with its stamp."""
    kept = base_file(packet, slug)
    return bytes(kept.body) if kept else render(packet, slug)


@scope.trusted
def digest_of_file(packet: Packet, slug: str) -> str:
    """SHA-256 of what was kept for nobody in particular; "" before it was issued."""
    kept = base_file(packet, slug)
    return kept.digest if kept else ""


def base_file(packet: Packet, slug: str) -> PacketFile | None:
    """What was kept for nobody in particular when it was issued; None while it counts no longer,
    or before."""
    if packet.state != PacketState.ISSUED:
        return None
    rows = packet.files.filter(link=None, dispatch=None, format=slug)
    return rows.order_by("pk").first()
