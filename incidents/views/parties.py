"""Who sits in the room, who is to come, who is to go, and for which seat somebody acts."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Act, Actor
from incidents.exceptions import NotFound
from incidents.forms.base import carried_out
from incidents.forms.parties import RemovalForm
from incidents.models import (
    ControlProof,
    Incident,
    Invitation,
    Organization,
    Participation,
    Role,
)
from incidents.services import likeness, seats
from incidents.services.likeness import Likeness
from incidents.services.signed import SEATS
from incidents.views.pages import acted, enter, page, person, room_page


@dataclass(frozen=True)
class PartyLine:
    """One seat with what its party does and showed. ``sponsor``, ``vouched_by``: as far as the
    viewer knows them."""

    seat: Participation
    is_own: bool
    sponsor: Organization | None
    vouched_by: Organization | None
    roles: list[Role]
    proofs: list[ControlProof]
    is_removal_asked: bool


@dataclass(frozen=True)
class InvitationLine:
    """One invitation that is still open. ``is_own``: of one's own proposal."""

    row: Invitation
    state: str  # proposed, approved
    is_own: bool
    may_approve: bool
    may_revoke: bool
    warnings: list[Likeness]


def party_lines(incident: Incident, actor: Actor) -> list[PartyLine]:
    """The parties that the viewer may know of."""
    found = list(access.parties_shown(actor, incident))
    known = {seat.organization_id for seat in found}
    roles = list(access.roles(actor, incident))
    proofs = [row for row in access.proofs(actor, incident) if row.proved_at]
    asked = set(access.removals(actor, incident).values_list("participation", flat=True))
    return [
        PartyLine(
            seat,
            seat.organization == actor.organization,
            seat.sponsor if seat.sponsor_id in known else None,
            seat.vouched_by if seat.vouched_by_id in known else None,
            [role for role in roles if role.organization_id == seat.organization_id],
            [proof for proof in proofs if proof.participation_id == seat.pk],
            seat.pk in asked,
        )
        for seat in found
    ]


def invitation_lines(incident: Incident, actor: Actor) -> list[InvitationLine]:
    """What waits for a second word, or for the newcomer."""
    rows = access.invitations(actor, incident).filter(
        accepted_at__isnull=True,
        refused_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=timezone.now(),
    )
    decides = access.can(actor, Act.INVITE)
    return [
        InvitationLine(
            row,
            "approved" if row.approved_at else "proposed",
            row.inviting == actor.organization,
            decides and row.approved_at is None and row.invited_by != actor.person,
            decides and row.approved_at is not None,
            likeness.warnings(row, incident, actor) if decides else [],
        )
        for row in rows
    ]


@page
def parties(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Everybody in the room, how they came in, what they signed and do."""
    incident, actor = enter(request, slug)
    return room_page(
        request,
        "room/parties.html",
        incident,
        actor,
        lines=party_lines(incident, actor),
        invitations=invitation_lines(incident, actor),
        removals=list(access.removals(actor, incident)),
        open_proofs=[
            row
            for row in access.proofs(actor, incident)
            if row.proved_at is None and row.expires_at > timezone.now()
        ],
    )


@page
def removal(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """What happens when a party goes, and the button for it: its own, or the first of two words."""
    incident, actor = enter(request, slug)
    seat = access.get_party(actor, incident, public_id)
    is_own = seat.organization == actor.organization
    form = RemovalForm(request.POST or None, incident=incident, actor=actor)
    if not is_own:
        access.require(actor, incident, Act.REMOVE_PARTY)
    if request.method == "POST" and is_own:
        seats.leave(seat, person=person(request), actor=actor)
        return redirect("incidents")
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if carried_out(form, lambda: seats.ask_removal(seat, reason, actor=actor)):
            return redirect("parties", slug=slug)
    status = 400 if form.errors else 200
    return room_page(
        request,
        "room/removal.html",
        incident,
        actor,
        status=status,
        form=form,
        seat=seat,
        is_own=is_own,
    )


@page
@require_POST
def removal_answer(request: HttpRequest, slug: str, public_id: UUID, word: str) -> HttpResponseBase:
    """The second word, or none."""
    incident, actor = enter(request, slug)
    row = access.get_removal(actor, incident, public_id)
    if word == "approve":
        acted(request, lambda: seats.approve_removal(row, actor=actor), "It is out of the room.")
    else:
        acted(request, lambda: seats.refuse_removal(row, actor=actor), "It stays.")
    return redirect("parties", slug=slug)


@page
@require_POST
def choose_seat(request: HttpRequest, slug: str) -> HttpResponseBase:
    """For which of their organizations somebody acts in this room from now on."""
    own = access.participations_of(person(request)).filter(incident__slug=slug)
    chosen = next((one for one in own if str(one.public_id) == request.POST.get("seat", "")), None)
    if chosen is None:
        raise NotFound
    request.session[SEATS] = {**request.session.get(SEATS, {}), slug: str(chosen.public_id)}
    return redirect("room", slug=slug)
