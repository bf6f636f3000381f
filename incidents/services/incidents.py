"""Opening an incident and its terms."""

import hashlib
import uuid

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from incidents import events, scope
from incidents.access import Actor
from incidents.choices import AdmissionRule, Capacity, Consent, Marking
from incidents.exceptions import BadInput
from incidents.models import (
    Incident,
    Membership,
    Organization,
    Participation,
    Person,
    StatusPage,
    Terms,
)
from incidents.services import timeline

LONGEST_TITLE = 200
STANDARD_TERMS = """\
1. What is shown here is shared under its marking (TLP 2.0) and goes no further than it allows.
2. Each party states facts as facts and claims as claims, and says which.
3. No party speaks in public for another. Joint statements carry only what each has signed.
4. Freeze requests rest on evidence that the recipient can check; when it changes, we say so.
5. Everything done here is recorded in a chained ledger: an entry is never edited or taken out.
6. The sums of the money strip may be published by a party that may publish; nothing else \
leaves the room without its owner's release.
7. Leaving does not erase the record.
"""


def digest_of(text: str) -> str:
    """SHA-256 of the UTF-8 text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_slug() -> str:
    """What names a room in addresses: drawn by lot. A title says what happened to whom, and
    addresses are kept by browsers, proxies and logs."""
    return str(uuid.uuid4())


@scope.trusted
@transaction.atomic
def open_incident(
    title: str,
    *,
    person: Person,
    organization: Organization,
    capacity: Capacity = Capacity.AFFECTED,
    is_drill: bool = False,
    terms: str = STANDARD_TERMS,
    slug: str | None = None,
) -> Incident:
    """A new incident, with the opening organization seated and its terms signed.

    In drill mode everything that is opened is a drill.

    :raises BadInput: no title, or the person does not belong to the organization.
    """
    title = title.strip()
    if not title:
        raise BadInput("Give the incident a title.", field="title")
    if len(title) > LONGEST_TITLE:
        raise BadInput(f"At most {LONGEST_TITLE} characters.", field="title")
    member = Membership.objects.filter(
        person=person, organization=organization, ended_at__isnull=True
    )
    if not member.exists():
        raise BadInput("You do not belong to this organization.", field="organization")
    now = timezone.now()
    incident = Incident.objects.create(
        slug=slug or new_slug(),
        title=title,
        is_drill=is_drill or settings.DRILL,
        opened_at=now,
    )
    Terms.objects.create(incident=incident, version=1, text=terms, digest=digest_of(terms))
    StatusPage.objects.create(incident=incident, slug=incident.slug)
    seat = Participation.objects.create(
        incident=incident,
        organization=organization,
        capacity=capacity,
        consent=Consent.SIGNED,
        terms_version=1,
        admitted_by=AdmissionRule.OPENED,
        read_digest=digest_of(terms),
        # One act: whoever opens a room takes a seat in it, under terms that they lay down.
        **{f"{act}_by": person for act in ("joined", "read", "signed")},
        **{f"{act}_at": now for act in ("joined", "read", "signed")},
    )
    actor = Actor(person, organization, seat, 1)
    timeline.record(
        incident,
        events.IncidentOpened(title=title, organization=organization.name),
        actor=actor,
        marking=Marking.AMBER,
    )
    for event in (events.TermsRead, events.TermsAccepted):
        text = event(organization=organization.name, version_of_terms=1, digest=digest_of(terms))
        timeline.record(incident, text, actor=actor, marking=Marking.AMBER)
    return incident


def terms_in_force(incident: Incident) -> Terms:
    """The text that a party accepts now."""
    return Terms.objects.get(incident=incident, version=incident.terms_version)
