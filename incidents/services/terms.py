"""Consent to the terms of a room: joining, reading and signing are three acts of a party.

After CERT/CC Vultron (draft of 2026-08-07): a seat is invited, signed, lapsed or declined, and
content is gated on signed. Whoever lets the deadline pass is told to be silent (`deadlines`) and
may still sign. Revisions of the text are in services/revisions.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Actor, Proof
from incidents.choices import Consent, Marking, RoomRole, Stage
from incidents.exceptions import (
    IncidentClosed,
    NotFound,
    NotYours,
    ReadFirst,
    TextChanged,
    TokenNotEnough,
    WrongState,
)
from incidents.models import Incident, Participation, Person, Terms
from incidents.services import revocation, timeline
from incidents.services.incidents import terms_in_force
from incidents.services.timeline import seen_by


def deadline(incident: Incident, minutes: int | None = None) -> datetime:
    """Until when whoever is asked now has to sign. ``minutes``: left out, what the terms say."""
    if minutes is None:
        minutes = terms_in_force(incident).respond_minutes
    return timezone.now() + timedelta(minutes=minutes)


@scope.trusted
@transaction.atomic
def read_terms(
    seat: Participation, *, person: Person, digest: str, proof: Proof = Proof.CODE
) -> Participation:
    """The person says that they have read the text in force (``digest`` of it). It binds nobody.

    A seat that nobody took yet is taken by it: that is an entry of its own.

    :raises TextChanged: the terms changed after the page was shown.
    :raises WrongState: the party has declined. :raises IncidentClosed: it is over.
    """
    seat, actor, terms = _entered(seat, person, proof, digest)
    if proof is Proof.READ_TOKEN:
        raise TokenNotEnough("This token may only read.")
    if seat.joined_at is None:
        seat.joined_by, seat.joined_at = person, timezone.now()
        seat.save(update_fields=["joined_by", "joined_at"])
        joined = events.PartyJoined(organization=seat.organization.name, capacity=seat.capacity)
        _record(seat, joined, actor)
    if seat.read_digest == digest:
        return seat
    seat.read_by, seat.read_at, seat.read_digest = person, timezone.now(), digest
    seat.save(update_fields=["read_by", "read_at", "read_digest"])
    event = events.TermsRead(
        organization=seat.organization.name, version_of_terms=terms.version, digest=digest
    )
    _record(seat, event, actor)
    return seat


@scope.trusted
@transaction.atomic
def sign(
    seat: Participation, *, person: Person, digest: str, proof: Proof = Proof.CODE
) -> Participation:
    """The organization commits itself to the terms in force, which one of its people has read.

    After the deadline it is shown as late, and counts all the same.

    :raises ReadFirst: nobody of the organization has said that they read this text.
    :raises TextChanged: the terms changed after the page was shown.
    :raises WrongState: the party has declined. :raises IncidentClosed: it is over.
    :raises TokenNotEnough: it takes a person. :raises NotYours: an observer.
    """
    seat, actor, terms = _entered(seat, person, proof, digest)
    _require_word(actor)
    if seat.has_consented(terms.version):
        return seat
    if seat.read_digest != digest:
        raise ReadFirst
    now = timezone.now()
    seat.consent, seat.terms_version = Consent.SIGNED, terms.version
    seat.signed_by, seat.signed_at, seat.silent_since = person, now, None
    seat.save(update_fields=["consent", "terms_version", "signed_by", "signed_at", "silent_since"])
    event = events.TermsAccepted(
        organization=seat.organization.name,
        version_of_terms=terms.version,
        digest=digest,
        minutes_late=minutes_late(seat),
    )
    revocation.reaches(incidents=[seat.incident])
    _record(seat, event, access.actor_of(seat, person))
    return seat


@scope.trusted
@transaction.atomic
def decline(seat: Participation, *, person: Person, proof: Proof = Proof.CODE) -> Participation:
    """The organization stays out, or leaves. It can be invited again.

    :raises WrongState: it has declined already. :raises IncidentClosed: it is over.
    :raises TokenNotEnough: it takes a person. :raises NotYours: an observer.
    """
    seat, actor, _ = _entered(seat, person, proof, None)
    _require_word(actor)
    seat.consent, seat.silent_since = Consent.DECLINED, None
    seat.save(update_fields=["consent", "silent_since"])
    revocation.reaches(incidents=[seat.incident])
    _record(seat, events.InvitationDeclined(organization=seat.organization.name), actor)
    return seat


def minutes_late(seat: Participation) -> int:
    """By how many whole minutes the signature missed its deadline; a started one counts; 0 for
    none."""
    if seat.respond_by is None or seat.signed_at is None or seat.signed_at <= seat.respond_by:
        return 0
    return int((seat.signed_at - seat.respond_by).total_seconds() // 60) + 1


def _entered(
    seat: Participation, person: Person, proof: Proof, digest: str | None
) -> tuple[Participation, Actor, Terms]:
    """The locked seat, who speaks for it, and the text in force, which ``digest`` must be of."""
    incident = timeline.lock(seat.incident)
    if incident.stage == Stage.CLOSED:
        raise IncidentClosed
    row = (
        Participation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("incident", "organization")
        .get(pk=seat.pk)
    )
    row.incident = incident
    if row.removed_at is not None:
        raise NotFound
    if row.consent == Consent.DECLINED:
        raise WrongState("Your organization has declined. It can be invited again.")
    actor = access.actor_of(row, person)
    terms = terms_in_force(incident)
    if digest is not None and terms.digest != digest:
        raise TextChanged
    return row, replace(actor, proof=proof), terms


def _require_word(actor: Actor) -> None:
    """Binding an organization takes a person who speaks for it, and no machine."""
    if actor.proof in (Proof.TOKEN, Proof.READ_TOKEN):
        raise TokenNotEnough
    if RoomRole.OBSERVER in actor.roles:
        raise NotYours


def _record(seat: Participation, event: events.Event, actor: Actor) -> None:
    timeline.record(
        seat.incident, event, actor=actor, marking=Marking.AMBER, audience=seen_by(seat)
    )
