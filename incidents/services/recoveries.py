"""A person lost every passkey: two others of the organization, 24 hours, then a link and a code.

There is no shorter way: not by mail, not by one person, and the console helps only people without
any passkey. Everybody whom it concerns hears of it at once and may stop it until it was used.
"""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Actor, Proof
from incidents.choices import Consent, Marking, Stage
from incidents.exceptions import BadInput, NotFound, NotYours, SecondPersonRequired, WrongState
from incidents.models import (
    ApiToken,
    Enrolment,
    Membership,
    Organization,
    Participation,
    Person,
    Recovery,
)
from incidents.services import coded_links, passkeys, sessions, timeline
from incidents.services.coded_links import Coded

DELAY = timedelta(hours=24)


@scope.trusted
@transaction.atomic
def ask(
    organization: Organization, concerned: Person, *, by: Person, proof: Proof, reason: str = ""
) -> Recovery:
    """The first of two says that somebody of the organization lost every passkey.

    :raises BadInput: oneself, or somebody who never had a passkey. :raises WrongState: it runs
        already. :raises NotFound: not a member.
    """
    _require_colleague(organization, by, proof)
    access.get_member(organization, concerned.public_id)
    if concerned.pk == by.pk:
        raise BadInput("Two others of your organization have to do this.", field="person")
    if not passkeys.count(concerned):
        raise BadInput("This person has no passkey yet: invite them.", field="person")
    try:
        with transaction.atomic():
            row = Recovery.objects.create(
                person=concerned,
                organization=organization,
                asked_by=by,
                reason=reason.strip()[:300],
            )
    except IntegrityError as error:
        raise WrongState("Somebody has asked for this already.") from error
    _tell_rooms(organization, by, events.RecoveryAsked(organization=organization.name))
    sessions.look_again(_people_told(row))
    return row


@scope.trusted
@transaction.atomic
def approve(recovery: Recovery, *, by: Person, proof: Proof) -> Recovery:
    """The second person. From now it takes 24 hours.

    :raises SecondPersonRequired: who asked, or whom it concerns. :raises WrongState: approved, or
        whoever asked is no member any more.
    """
    row = _locked(recovery)
    _require_colleague(row.organization, by, proof)
    if by.pk in (row.asked_by_id, row.person_id):
        raise SecondPersonRequired("Another person of your organization has to agree.")
    if row.approved_at is not None:
        raise WrongState
    _require_members(row.organization, row.asked_by, row.person)
    now = timezone.now()
    row.approved_by, row.approved_at, row.ready_at = by, now, now + DELAY
    row.save(update_fields=["approved_by", "approved_at", "ready_at"])
    sessions.look_again(_people_told(row))
    return row


@scope.trusted
@transaction.atomic
def issue(recovery: Recovery, *, by: Person, proof: Proof) -> Coded:
    """The link and the code, once, for one of the two to hand over.

    :raises NotYours: not one of the two. :raises WrongState: too early, or handed over already.
    """
    row = _locked(recovery)
    _require_colleague(row.organization, by, proof)
    if by.pk not in (row.asked_by_id, row.approved_by_id):
        raise NotYours("One of the two who asked for this hands it over.")
    if row.approved_by is None or row.ready_at is None or row.issued_at is not None:
        raise WrongState
    if timezone.now() < row.ready_at:
        raise WrongState("24 hours have to pass after the second person agreed.")
    _require_members(row.organization, row.asked_by, row.approved_by, row.person)
    row.issued_by, row.issued_at = by, timezone.now()
    row.save(update_fields=["issued_by", "issued_at"])
    return coded_links.make(row.person, by=by, organization=row.organization, recovery=row)


@scope.trusted
@transaction.atomic
def stop(recovery: Recovery, *, by: Person, proof: Proof) -> Recovery:
    """Anybody who was told of it ends it, without a passkey used this moment.

    :raises NotFound: none of theirs, or over.
    """
    row = _locked(recovery)
    if by.pk not in _people_told(row):
        raise NotFound
    if proof in (Proof.TOKEN, Proof.READ_TOKEN):
        access.require_fresh(proof)
    row.stopped_by, row.stopped_at = by, timezone.now()
    row.save(update_fields=["stopped_by", "stopped_at"])
    Enrolment.objects.filter(recovery=row, used_at__isnull=True).update(expires_at=row.stopped_at)
    _tell_rooms(row.organization, None, events.RecoveryStopped(organization=row.organization.name))
    sessions.look_again(_people_told(row))
    return row


def use(enrolment: Enrolment) -> None:
    """The person is about to register a new passkey by a recovery's link: every old way in ends.
    Called in the transaction that keeps the new one, before it.

    :raises WrongState: it was stopped or used meanwhile.
    """
    if enrolment.recovery is None:
        return
    row = _locked(enrolment.recovery)
    if row.issued_at is None or row.approved_by is None:
        raise WrongState
    _require_members(row.organization, row.asked_by, row.approved_by, row.person)
    now = timezone.now()
    Authenticator.objects.filter(user=row.person).delete()
    ApiToken.objects.filter(person=row.person, revoked_at__isnull=True).update(revoked_at=now)
    sessions.end_all(row.person)
    row.used_at = now
    row.save(update_fields=["used_at"])
    _tell_rooms(row.organization, None, events.RecoveryUsed(organization=row.organization.name))
    sessions.look_again(_people_told(row))


@scope.trusted
def addresses_told(recovery: Recovery) -> list[str]:
    """Whom mail tells of it."""
    people = Person.objects.filter(pk__in=_people_told(recovery), is_active=True)
    return list(people.order_by("email").values_list("email", flat=True))


def _people_told(recovery: Recovery) -> list[int]:
    """Primary keys: everybody of every organization of the person, since a new passkey would open
    the rooms of all of them."""
    organizations = Membership.objects.filter(person=recovery.person, ended_at__isnull=True)
    rows = Membership.objects.filter(
        organization__in=organizations.values("organization"), ended_at__isnull=True
    )
    return sorted({*rows.values_list("person", flat=True), recovery.person_id})


def _locked(recovery: Recovery) -> Recovery:
    """:raises NotFound: it was stopped or used."""
    rows = Recovery.objects.select_for_update(no_key=True, of=("self",))
    row = rows.filter(pk=recovery.pk, stopped_at__isnull=True, used_at__isnull=True).first()
    if row is None:
        raise NotFound
    return row


def _require_colleague(organization: Organization, by: Person, proof: Proof) -> None:
    access.require_member(by, organization)
    access.require_fresh(proof)


def _require_members(organization: Organization, *people: Person) -> None:
    """:raises WrongState: one of them left meanwhile."""
    for person in people:
        if not access.members(organization).filter(person=person, person__is_active=True).exists():
            raise WrongState("Somebody of the two is no member any more: ask anew.")


def _tell_rooms(organization: Organization, by: Person | None, event: events.Event) -> None:
    """One entry in every open room where the organization sits, as far as its seat is shown."""
    seats = Participation.objects.filter(
        organization=organization, removed_at__isnull=True, incident__stage=Stage.OPEN
    ).exclude(consent=Consent.DECLINED)
    for seat in seats.select_related("incident").order_by("incident__pk"):
        timeline.record(
            seat.incident,
            event,
            actor=Actor(by, organization, seat),
            owner=organization,
            marking=Marking.AMBER,
            audience=timeline.seen_by(seat),
        )
