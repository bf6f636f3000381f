"""Keys that people sign packets with, and the public directory of them.

A person registers a key; a second person of the organization confirms it, and from then on it is in
the directory, until somebody of the organization ends it or its owner is a member no longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from incidents import access, scope
from incidents.access import Proof
from incidents.choices import SignatureKind
from incidents.exceptions import BadInput, NotFound, SecondPersonRequired, WrongState
from incidents.models import Membership, Organization, Person, SigningKey
from incidents.packets.kinds import moment_text
from incidents.services import server_key
from incidents.signing import openpgp, ssh_keys
from incidents.signing.errors import BadKey
from incidents.signing.sshsig import NAMESPACE

KINDS = (SignatureKind.SSHSIG, SignatureKind.OPENPGP)
MOST = 10  # keys of one person in one organization that were not ended


@scope.trusted
@transaction.atomic
def register(
    organization: Organization, kind: str, text: str, *, by: Person, proof: Proof
) -> SigningKey:
    """Hand in one's own public key. It counts once another person confirmed it.

    :raises BadInput: no such kind, no public key, or one that is there.
    """
    access.require_member(by, organization)
    access.require_fresh(proof)
    fingerprint, public = _parsed(kind, text)
    rows = SigningKey.objects.filter(organization=organization, ended_at__isnull=True)
    if rows.filter(person=by).count() >= MOST:
        raise BadInput("End one of your keys first.", field="public")
    try:
        with transaction.atomic():
            return SigningKey.objects.create(
                organization=organization,
                person=by,
                kind=kind,
                public=public,
                fingerprint=fingerprint,
            )
    except IntegrityError as error:
        raise BadInput("This key is here already.", field="public") from error


def _parsed(kind: str, text: str) -> tuple[str, str]:
    try:
        if kind == SignatureKind.SSHSIG:
            key = ssh_keys.parse(text)
            return key.fingerprint, key.line
        if kind == SignatureKind.OPENPGP:
            return openpgp.parse(text)
    except BadKey as error:
        raise BadInput(str(error), field="public") from error
    raise BadInput("A key is either of SSH or of OpenPGP.", field="kind")


@scope.trusted
@transaction.atomic
def confirm(key: SigningKey, *, by: Person, proof: Proof) -> SigningKey:
    """A second person compared the fingerprint with its owner. In the directory from now on.

    :raises SecondPersonRequired: it is one's own. :raises WrongState: confirmed or ended.
    """
    access.require_member(by, key.organization)
    access.require_fresh(proof)
    row = SigningKey.objects.select_for_update(of=("self",), no_key=True).get(pk=key.pk)
    if row.ended_at is not None or row.confirmed_at is not None:
        raise WrongState
    if row.person_id == by.pk:
        raise SecondPersonRequired("Another person of your organization confirms your key.")
    row.confirmed_by, row.confirmed_at = by, timezone.now()
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    return row


@scope.trusted
@transaction.atomic
def end(key: SigningKey, *, by: Person, proof: Proof) -> SigningKey:
    """It signs nothing any more; what it signed before stands. Ended already: unchanged."""
    access.require_member(by, key.organization)
    access.require_fresh(proof)
    row = SigningKey.objects.select_for_update(of=("self",), no_key=True).get(pk=key.pk)
    if row.ended_at is None:
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
    return row


def of(organization: Organization) -> QuerySet[SigningKey]:
    """An organization's keys for its own people, the newest first."""
    rows = SigningKey.objects.filter(organization=organization)
    return rows.select_related("person", "confirmed_by").order_by("-pk")


def get(organization: Organization, public_id: UUID) -> SigningKey:
    """One of them.

    :raises NotFound: none of this organization's.
    """
    row = of(organization).select_related("organization").filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def holding(organization: Organization, person: Person, kind: str) -> QuerySet[SigningKey]:
    """A member's keys that sign at this moment."""
    return SigningKey.objects.filter(
        organization=organization,
        person=person,
        kind=kind,
        confirmed_at__isnull=False,
        ended_at__isnull=True,
    )


@dataclass(frozen=True)
class Entry:
    """One key of the directory. ``until``: null while it holds."""

    principal: str
    organization: str
    kind: str
    public: str
    fingerprint: str
    since: datetime | None
    until: datetime | None


@scope.trusted
def directory() -> list[Entry]:
    """Every key that was ever confirmed, and the server's. Nobody's name: a key is known by its
    organization and its fingerprint."""
    ours = server_key.public()
    found = [
        Entry(
            server_key.PRINCIPAL, "", SignatureKind.SSHSIG, ours.line, ours.fingerprint, None, None
        )
    ]
    rows = SigningKey.objects.filter(confirmed_at__isnull=False).select_related("organization")
    left = dict(
        Membership.objects.filter(
            Q(ended_at__isnull=False),
            person__signing_keys__in=rows,
            organization=F("person__signing_keys__organization"),
        ).values_list("person__signing_keys__pk", "ended_at")
    )
    for row in rows.order_by("pk"):
        ends = [at for at in (row.ended_at, left.get(row.pk)) if at is not None]
        found.append(
            Entry(
                principal(row),
                row.organization.name,
                row.kind,
                row.public,
                row.fingerprint,
                row.confirmed_at,
                min(ends, default=None),
            )
        )
    return found


def principal(key: SigningKey) -> str:
    """What ``ssh-keygen -Y verify -I`` is given."""
    return f"{key.organization.slug}-{str(key.public_id)[:8]}"


def allowed_signers(entries: list[Entry]) -> str:
    """ALLOWED SIGNERS of ssh-keygen(1): each key for our purpose alone, and only while it holds."""
    return "".join(
        f"{entry.principal} {_options(entry)} {entry.public}\n"
        for entry in entries
        if entry.kind == SignatureKind.SSHSIG
    )


def _options(entry: Entry) -> str:
    options = [f'namespaces="{NAMESPACE}"']
    if entry.since is not None:
        options.append(f'valid-after="{_stamp(entry.since)}"')
    if entry.until is not None:
        options.append(f'valid-before="{_stamp(entry.until)}"')
    return ",".join(options)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")


def as_json(entries: list[Entry]) -> dict[str, object]:
    """The directory for programs."""
    return {
        "site": settings.SITE_URL,
        "ssh_namespace": NAMESPACE,
        "keys": [
            {
                "principal": entry.principal,
                "organization": entry.organization or None,
                "kind": entry.kind,
                "fingerprint": entry.fingerprint,
                "public": entry.public,
                "since": moment_text(entry.since) if entry.since else None,
                "until": moment_text(entry.until) if entry.until else None,
            }
            for entry in entries
        ],
    }


def certificates(entries: list[Entry]) -> str:
    """OpenPGP certificates that hold, one after another."""
    kept = [e for e in entries if e.kind == SignatureKind.OPENPGP and e.until is None]
    return "".join(f"{entry.public.strip()}\n" for entry in kept)
