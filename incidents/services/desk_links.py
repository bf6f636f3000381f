"""Links to a desk's page: made, renewed, revoked. The selector is in the path and finds the row;
the secret is in the fragment, which browsers send to nobody, and only its digest is stored.

The secret is worked out anew when a mail is made, so that no outbox has to hold one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import RequestState
from incidents.exceptions import BadInput, NotYours, WrongState
from incidents.models import DeskContact, DeskLink, FreezeRequest
from incidents.packets import watermark
from incidents.services import desk_profiles, rules, timeline
from incidents.services.parties import digest
from incidents.services.timeline import Audience

LONGEST_RECIPIENT = 200
LONGEST_HOURS = 30 * 24
NOT_OUT = (
    "Its marking does not reach recipients, or it has an audience and is another party's: its "
    "owner may attach it."
)


@scope.trusted
@transaction.atomic
def make(
    request: FreezeRequest, contact: DeskContact | None, recipient: str, *, actor: Actor
) -> DeskLink:
    """A page of an approved request for one recipient. Nothing is sent by this.

    :raises WrongState: not approved by two. :raises NotYours: the actor may not hand it out.
    :raises BadInput: no recipient, or a contact of others.
    """
    incident = timeline.lock(request.incident)
    row = FreezeRequest.objects.select_related("incident", "owner").get(pk=request.pk)
    access.require(actor, incident, Act.SEND_FREEZE)
    rules.require_open(actor, row.owner)
    if row.state not in (RequestState.APPROVED, RequestState.SENT):
        raise WrongState("Two people have to approve a request before a desk sees it.")
    if not access.may_see(actor, row) or not access.goes_out(row, actor.organization):
        raise NotYours(NOT_OUT)
    if not recipient.strip():
        raise BadInput("Name the recipient.", field="recipient")
    if contact is not None and not _is_known(row, contact, actor):
        raise BadInput("A contact of your own organization.", field="contact")
    made = DeskLink(
        request=row,
        contact=contact,
        recipient=recipient.strip()[:LONGEST_RECIPIENT],
        selector=secrets.token_hex(16),
        most_devices=settings.DESK_MOST_DEVICES,
        made_by=actor.person,
        made_for=actor.organization,
        expires_at=timezone.now() + _lifetime(row),
    )
    _tell_apart(made)
    made.secret_digest = digest(_secret(made))
    made.save()
    record(made, events.DeskPageMade(**about(made), until=made.expires_at.isoformat()), actor)
    return made


def _is_known(request: FreezeRequest, contact: DeskContact, actor: Actor) -> bool:
    """Whether it is the actor's own, or got this before: a correction goes there, whoever sends."""
    if contact.organization == actor.organization:
        return True
    return request.dispatches.filter(contact=contact).exists()


def _lifetime(request: FreezeRequest) -> timedelta:
    """What the desk's profile says (the owner's own goes first), else the setting."""
    hours = desk_profiles.of(request.desk_slug, request.owner).get("link_hours")
    if hours is None or hours > LONGEST_HOURS:
        hours = settings.DESK_LINK_HOURS
    return timedelta(hours=hours)


def mark_of(link: DeskLink) -> str:
    """What tells this link's copies from others': sixteen hexadecimal digits that we alone can work
    out (packets/watermark.py)."""
    said = f"desk-mark:{link.public_id}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()[:16]


def _tell_apart(made: DeskLink) -> None:
    """No two links of a request word their pages alike."""
    others = [watermark.words(mark_of(row)) for row in made.request.links.all()]
    while len(others) < 2 ** (watermark.BITS - 1) and watermark.words(mark_of(made)) in others:
        made.public_id = uuid.uuid4()


def _secret(link: DeskLink) -> str:
    # A counter of one: whoever needs another secret makes another link.
    said = f"desk-link:{link.public_id}:1".encode()
    raw = hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def address(link: DeskLink) -> str:
    """The whole address, with the secret in its fragment. For the mail, or to be shown once.

    :raises WrongState: the installation's key changed since: make a new one.
    """
    secret = _secret(link)
    if not fits(link, secret):
        raise WrongState("This link cannot be shown again. Make a new one.")
    return f"{settings.SITE_URL}/desk/{link.selector}/#{secret}"


def fits(link: DeskLink, secret: str) -> bool:
    """Whether this is the link's secret. Takes as long for every wrong one."""
    return secrets.compare_digest(digest(secret), link.secret_digest)


@scope.trusted
@transaction.atomic
def renew(link: DeskLink, *, actor: Actor) -> DeskLink:
    """From now on it lives as long as a new one.

    :raises WrongState: it was revoked. :raises NotYours: as in `make`.
    """
    row = _locked(link, actor)
    if not access.goes_out(row.request, row.made_for):
        raise NotYours(NOT_OUT)
    row.expires_at = timezone.now() + _lifetime(row.request)
    row.save(update_fields=["expires_at"])
    record(row, events.DeskPageRenewed(**about(row), until=row.expires_at.isoformat()), actor)
    return row


@scope.trusted
@transaction.atomic
def revoke(link: DeskLink, *, actor: Actor) -> DeskLink:
    """It opens nothing from the next request on, in browsers that are reading too.

    :raises WrongState: it was revoked already.
    """
    row = _locked(link, actor)
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    record(row, events.DeskPageRevoked(**about(row)), actor)
    return row


def _locked(link: DeskLink, actor: Actor) -> DeskLink:
    row = lock(link)
    access.require(actor, row.request.incident, Act.SEND_FREEZE)
    rules.require_open(actor, row.request.owner)
    if not access.may_see(actor, row.request):
        raise NotYours
    if row.revoked_at is not None:
        raise WrongState
    return row


def lock(link: DeskLink) -> DeskLink:
    """The room and then the link, locked until the transaction ends."""
    timeline.lock(link.request.incident)
    return (
        DeskLink.objects.select_for_update(of=("self",), no_key=True)
        .select_related("request__incident", "request__owner", "made_for", "contact")
        .get(pk=link.pk)
    )


def is_live(link: DeskLink, at: datetime | None = None) -> bool:
    """Whether its request may be seen through it at this moment. Asked in every request."""
    now = at or timezone.now()
    if link.revoked_at is not None or link.expires_at <= now:
        return False
    return access.goes_out(link.request, link.made_for)


def about(link: DeskLink) -> dict[str, Any]:
    """The fields of an event about one link."""
    return {
        "request": str(link.request.public_id),
        "reference": link.request.reference,
        "desk": link.request.desk_name,
        "link": str(link.public_id),
        "recipient": link.recipient,
    }


def record(link: DeskLink, event: events.Event, actor: Actor) -> None:
    """An entry about a link, for those who see its request."""
    request = link.request
    timeline.record(
        request.incident,
        event,
        actor=actor,
        marking=request.marking or "",
        audience=Audience(request.audience_organizations, request.audience_people),
        owner=request.owner,
    )
