"""The terms of a room for its parties: what they signed, what is proposed, what was in force."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from incidents.access.policy import Actor
from incidents.exceptions import NotFound
from incidents.models import Incident, Terms, TermsRevision


def signed_terms(viewer: Actor, incident: Incident) -> Terms | None:
    """The version that the viewer's party signed when it is another than the one in force."""
    seat = viewer.participation
    if seat is None or seat.terms_version in (None, incident.terms_version):
        return None
    return Terms.objects.filter(incident=incident, version=seat.terms_version).first()


def terms_versions(viewer: Actor, incident: Incident) -> QuerySet[Terms]:
    """Every version that was in force, newest first, for a party that has signed."""
    rows = Terms.objects.filter(incident=incident).order_by("-version")
    return rows if viewer.has_consented or viewer.is_system else rows.none()


def revisions(viewer: Actor, incident: Incident) -> QuerySet[TermsRevision]:
    """Every text that was proposed, newest first, for a party that has signed."""
    rows = TermsRevision.scoped.filter(incident=incident).order_by("-pk")
    rows = rows.select_related("incident", "proposed_by", "proposed_for", "decided_for")
    return rows if viewer.has_consented or viewer.is_system else rows.none()


def get_revision(viewer: Actor, incident: Incident, public_id: UUID | str) -> TermsRevision:
    """One proposed text.

    :raises NotFound: absent, or another room's.
    """
    row = revisions(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def terms_before(revision: TermsRevision) -> Terms:
    """The version that was in force when the text was proposed."""
    rows = Terms.objects.filter(incident=revision.incident, created_at__lte=revision.created_at)
    found = rows.order_by("-version").first()
    if found is None:
        raise NotFound
    return found
