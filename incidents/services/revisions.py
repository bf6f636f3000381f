"""Revisions of the terms: proposed by one party, put in force or rejected by another.

A text in force lapses every consent until it is renewed, but for the two parties whose people put
exactly that text there: that was their signature. A rejected one changes nothing.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import Consent, Marking, RevisionState
from incidents.exceptions import BadInput, NotFound, NotYours, SecondPersonRequired, WrongState
from incidents.models import Incident, Participation, Terms, TermsRevision
from incidents.services import revocation, rules, timeline
from incidents.services.incidents import digest_of, terms_in_force

LONGEST_TEXT = 20_000
MOST_LINES = 200  # comparing two texts is cubic in their lines at worst
LONGEST_REASON = 500
LONGEST_MINUTES = 7 * 24 * 60
# What signing may release for publication, once and for all; everything else takes its owner.
COVERS = {"strip": "The sums of the money strip"}


@scope.trusted
@transaction.atomic
def propose_revision(
    incident: Incident,
    text: str,
    *,
    covers: list[str],
    respond_minutes: int,
    reason: str = "",
    actor: Actor,
) -> TermsRevision:
    """A new text for the room to agree on. Nothing changes until another party accepts it.

    :raises BadInput: naming field and reason. :raises WrongState: another one is open.
    """
    access.require(actor, incident, Act.REVISE_TERMS)
    rules.require_open(actor, words=rules.WORD)
    if actor.person is None or actor.organization is None:
        raise NotYours("A person proposes terms.")
    text, reason = text.replace("\r\n", "\n").strip() + "\n", reason.strip()
    _check(text, covers, respond_minutes, reason)
    locked = timeline.lock(incident)
    if digest_of(text) == terms_in_force(locked).digest:
        raise BadInput("This is the text in force. Say in it what changes.", field="text")
    if TermsRevision.objects.filter(incident=incident, state=RevisionState.OPEN).exists():
        raise WrongState("Another new text is proposed already. Answer that one first.")
    row = TermsRevision.objects.create(
        incident=incident,
        text=text,
        digest=digest_of(text),
        covers=sorted(set(covers)),
        respond_minutes=respond_minutes,
        reason=reason,
        proposed_by=actor.person,
        proposed_for=actor.organization,
    )
    _record(row, events.RevisionProposed(**_about(row, actor), reason=reason), actor)
    return row


@scope.trusted
@transaction.atomic
def accept_revision(revision: TermsRevision, *, actor: Actor, digest: str) -> Terms:
    """Put the text in force, as read (``digest`` of it).

    Another party than the proposer's, or a second person where one party alone has signed:
    `rules.counts_as_two`.

    :raises WrongState: it was decided already. :raises BadInput: the digest of another text.
    :raises SecondPersonRequired: the same person, or the same party where another has to agree.
    """
    row = _locked(revision, actor)
    if digest != row.digest:
        raise BadInput("This is the digest of another text.", field="digest")
    if actor.person is None or actor.person.pk == row.proposed_by_id:
        raise SecondPersonRequired
    if rules.counts_as_two(row.incident, row.proposed_by, row.proposed_for, actor) is None:
        raise SecondPersonRequired(
            "Another party has to agree: yours proposed it."
            if actor.organization == row.proposed_for
            else rules.NOT_TWO
        )
    incident = row.incident
    incident.terms_version += 1
    incident.save(update_fields=["terms_version"])
    terms = Terms.objects.create(
        incident=incident,
        version=incident.terms_version,
        text=row.text,
        digest=row.digest,
        covers=row.covers,
        respond_minutes=row.respond_minutes,
    )
    _decide(row, RevisionState.ACCEPTED, actor)
    _lapse_others(row, terms)
    revocation.reaches(incidents=[incident])
    event = events.RevisionAccepted(
        **_about(row, actor),
        version_of_terms=terms.version,
        proposed_by=row.proposed_for.name,
        respond_minutes=terms.respond_minutes,
    )
    _record(row, event, actor)
    return terms


@scope.trusted
@transaction.atomic
def reject_revision(revision: TermsRevision, *, actor: Actor) -> TermsRevision:
    """Say no for one's party: the old terms stay in force.

    :raises WrongState: decided already, or one's own: that is taken back, not rejected.
    """
    row = _locked(revision, actor)
    if actor.organization == row.proposed_for:
        raise WrongState("Your party proposed it: take it back instead.")
    _decide(row, RevisionState.REJECTED, actor)
    _record(row, events.RevisionRejected(**_about(row, actor)), actor)
    return row


@scope.trusted
@transaction.atomic
def withdraw_revision(revision: TermsRevision, *, actor: Actor) -> TermsRevision:
    """Take back what one's own party proposed.

    :raises NotYours: another party's. :raises WrongState: decided already.
    """
    row = _locked(revision, actor)
    if actor.organization != row.proposed_for:
        raise NotYours
    _decide(row, RevisionState.WITHDRAWN, actor)
    _record(row, events.RevisionWithdrawn(**_about(row, actor)), actor)
    return row


def _check(text: str, covers: list[str], respond_minutes: int, reason: str) -> None:
    if not text.strip():
        raise BadInput("Terms need a text.", field="text")
    if len(text) > LONGEST_TEXT:
        raise BadInput(f"At most {LONGEST_TEXT} characters.", field="text")
    if len(text.splitlines()) > MOST_LINES:
        raise BadInput(f"At most {MOST_LINES} lines.", field="text")
    if set(covers) - set(COVERS):
        raise BadInput("No such thing to release.", field="covers")
    if not 1 <= respond_minutes <= LONGEST_MINUTES:
        raise BadInput(f"From 1 to {LONGEST_MINUTES} minutes.", field="respond_minutes")
    if len(reason) > LONGEST_REASON:
        raise BadInput(f"At most {LONGEST_REASON} characters.", field="reason")


def _locked(revision: TermsRevision, actor: Actor) -> TermsRevision:
    """The open revision, its room locked, for somebody who may decide on it."""
    incident = timeline.lock(revision.incident)
    access.require(actor, incident, Act.REVISE_TERMS)
    rules.require_open(actor, words=rules.WORD)
    row = (
        TermsRevision.objects.select_for_update(of=("self",), no_key=True)
        .select_related("proposed_by", "proposed_for")
        .get(pk=revision.pk)
    )
    if row.incident_id != incident.pk:
        raise NotFound
    row.incident = incident
    if row.state != RevisionState.OPEN:
        raise WrongState
    return row


def _decide(row: TermsRevision, state: RevisionState, actor: Actor) -> None:
    row.state, row.decided_at = state, timezone.now()
    row.decided_by, row.decided_for = actor.person, actor.organization
    row.save(update_fields=["state", "decided_at", "decided_by", "decided_for"])


def _lapse_others(row: TermsRevision, terms: Terms) -> None:
    """The two sign with it; everybody else is asked again, with a deadline."""
    now = timezone.now()
    seats = Participation.objects.filter(incident=row.incident, removed_at__isnull=True)
    asked = {
        "respond_by": now + timedelta(minutes=terms.respond_minutes),
        "silent_since": None,
        "read_by": None,
        "read_at": None,
        "read_digest": "",
    }
    others = seats.exclude(organization__in=(row.proposed_for_id, row.decided_for_id))
    others.filter(consent__in=(Consent.SIGNED, Consent.LAPSED)).update(
        consent=Consent.LAPSED, **asked
    )
    others.filter(consent=Consent.INVITED).update(**asked)
    words = {row.proposed_for_id: row.proposed_by_id, row.decided_for_id: row.decided_by_id}
    for organization, person in words.items():
        seats.filter(organization=organization).update(
            consent=Consent.SIGNED,
            terms_version=terms.version,
            read_by=person,
            read_at=now,
            read_digest=terms.digest,
            signed_by=person,
            signed_at=now,
            respond_by=None,
            silent_since=None,
        )


def _about(row: TermsRevision, actor: Actor) -> dict[str, str]:
    by = actor.organization.name if actor.organization else ""
    return {"revision": str(row.public_id), "organization": by, "digest": row.digest}


def _record(row: TermsRevision, event: events.Event, actor: Actor) -> None:
    timeline.record(row.incident, event, actor=actor, marking=Marking.AMBER)
