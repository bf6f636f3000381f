"""Plain look-ups for the system itself (the drill's acts, checks). For a person: access.py."""

from __future__ import annotations

from incidents import scope
from incidents.choices import Channel
from incidents.models import (
    DeskContact,
    FreezeTarget,
    Incident,
    Organization,
    Participation,
    SignOff,
    Statement,
    StatusPage,
    TrackedAddress,
)


def incident(slug: str) -> Incident | None:
    return Incident.objects.filter(slug=slug).first()


@scope.trusted
def seat(row: Incident, organization: Organization) -> Participation | None:
    return (
        Participation.objects.filter(incident=row, organization=organization)
        .select_related("incident", "organization")
        .first()
    )


@scope.trusted
def target(row: Incident, desk: str | None, address: str, asset: str) -> FreezeTarget | None:
    """The newest target of an account, of one desk or of any."""
    rows = FreezeTarget.objects.filter(request__incident=row, address=address, asset=asset)
    if desk is not None:
        rows = rows.filter(request__desk_slug=desk)
    return (
        rows.select_related("request__incident", "request__first_by", "request__second_by")
        .order_by("-pk")
        .first()
    )


@scope.trusted
def contact(sender: Organization, desk: str) -> DeskContact | None:
    """Whom an organization writes to at a desk by mail, verified."""
    rows = DeskContact.objects.filter(
        organization=sender,
        desk_slug=desk,
        channel=Channel.MAIL,
        verified_at__isnull=False,
        ended_at__isnull=True,
    )
    return rows.order_by("pk").first()


@scope.trusted
def has_answer(row: FreezeTarget, outcome: str) -> bool:
    return row.answers.filter(outcome=outcome).exists()


@scope.trusted
def address(row: Incident, chain: str, text: str) -> TrackedAddress | None:
    return TrackedAddress.objects.filter(incident=row, chain=chain, address=text).first()


@scope.trusted
def statement(row: Incident, title: str) -> Statement | None:
    return Statement.objects.filter(incident=row, title=title).select_related("incident").first()


@scope.trusted
def has_signed(row: Statement, organization: Organization) -> bool:
    return SignOff.objects.filter(
        statement=row, organization=organization, digest=row.digest
    ).exists()


def status_line(row: Incident) -> str:
    """The line of the public page; "" while it is not public."""
    page = StatusPage.objects.filter(incident=row, is_public=True).first()
    return page.line if page else ""
