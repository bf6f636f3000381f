"""Whom an organization writes to at a desk, and by which second way it reaches them.

Somebody who owns a mailbox can ask for anything by it. A contact counts once a second person of the
organization has reached the desk by a way found independently of the first: a telephone number from
elsewhere, or an OpenPGP key whose fingerprint the desk published.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from incidents import access, scope
from incidents.access import Proof
from incidents.choices import Channel
from incidents.exceptions import BadInput, NotFound, SecondPersonRequired, WrongState
from incidents.models import DeskContact, Organization, Person
from incidents.recipients.base import recipients

KEY_BEGINS = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
LONGEST_KEY = 20_000
SECRET_BYTES = 32  # Standard Webhooks: 24 to 64


@dataclass(frozen=True)
class NewContact:
    """Somebody at a desk, as a person types it."""

    desk_slug: str
    name: str
    channel: str
    address: str
    phone: str = ""
    openpgp_key: str = ""


@scope.trusted
@transaction.atomic
def add(organization: Organization, new: NewContact, *, by: Person, proof: Proof) -> DeskContact:
    """A contact that nobody verified yet. For a webhook a secret is made, to be told to the desk.

    :raises BadInput: no name, no such channel, or an address that it does not take.
    """
    access.require_member(by, organization)
    access.require_fresh(proof)
    name = " ".join(new.name.split())[:120]
    if not name:
        raise BadInput("Name whom you write to.", field="name")
    if new.channel not in recipients() or new.channel == Channel.ROOM:
        raise BadInput("Choose a channel.", field="channel")
    return DeskContact.objects.create(
        organization=organization,
        desk_slug=new.desk_slug[:80],
        name=name,
        channel=new.channel,
        address=recipients()[new.channel]().checked(new.address)[:500],
        phone=_phone(new.phone),
        openpgp_key=_key(new.openpgp_key),
        webhook_secret=_secret() if new.channel == Channel.WEBHOOK else "",
        added_by=by,
    )


def _phone(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return recipients()["phone"]().checked(text)
    except BadInput as error:
        raise BadInput(error.detail, field="phone") from error


def _key(text: str) -> str:
    key = text.strip()
    if key and (not key.startswith(KEY_BEGINS) or len(key) > LONGEST_KEY or not key.isascii()):
        raise BadInput("Paste one armoured OpenPGP public key.", field="openpgp_key")
    return key


def _secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


@scope.trusted
@transaction.atomic
def verify(contact: DeskContact, how: str, *, by: Person, proof: Proof) -> DeskContact:
    """A second person reached the desk by the second way, and the contact counts.

    :raises SecondPersonRequired: who added it. :raises BadInput: not said how, or no second way.
    :raises WrongState: ended, or verified already.
    """
    row = _locked(contact, by, proof)
    how = " ".join(how.split())[:300]
    if row.verified_at is not None:
        raise WrongState
    if by.pk == row.added_by_id:
        raise SecondPersonRequired("A second person of your organization verifies a contact.")
    if not row.phone and not row.openpgp_key:
        raise BadInput("It has no second way yet: a telephone number or a key. Add it anew.")
    if not how:
        raise BadInput("Say how you reached them, and where you found that way.", field="how")
    row.verified_by, row.verified_at, row.verified_how = by, timezone.now(), how
    row.save(update_fields=["verified_by", "verified_at", "verified_how"])
    return row


@scope.trusted
@transaction.atomic
def end(contact: DeskContact, *, by: Person, proof: Proof) -> DeskContact:
    """Nobody writes to it any more. It stays on the record."""
    row = _locked(contact, by, proof)
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    return row


def _locked(contact: DeskContact, by: Person, proof: Proof) -> DeskContact:
    rows = DeskContact.objects.select_for_update(of=("self",), no_key=True)
    row = rows.select_related("organization").get(pk=contact.pk)
    access.require_member(by, row.organization)
    access.require_fresh(proof)
    if row.ended_at is not None:
        raise WrongState("This contact has ended.")
    return row


@scope.trusted
def of(organization: Organization, desk_slug: str) -> list[DeskContact]:
    """Those that have not ended, verified ones first."""
    return list(_standing(organization).filter(desk_slug=desk_slug))


@scope.trusted
def every(organization: Organization) -> list[DeskContact]:
    """The same for all desks."""
    return list(_standing(organization))


def _standing(organization: Organization) -> QuerySet[DeskContact]:
    rows = DeskContact.objects.filter(organization=organization, ended_at__isnull=True)
    people = ("added_by", "verified_by", "organization")
    return rows.select_related(*people).order_by("desk_slug", "-verified_at", "pk")


@scope.trusted
def get(organization: Organization, public_id: UUID | str) -> DeskContact:
    """:raises NotFound: absent, ended, or another organization's."""
    row = _standing(organization).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row
