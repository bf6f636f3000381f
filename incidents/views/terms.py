"""The terms of a room: reading, signing, declining, and new texts of them."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Act
from incidents.display import diffs
from incidents.forms.base import carried_out
from incidents.forms.terms import RevisionForm
from incidents.models import Participation
from incidents.services import revisions
from incidents.services import terms as consent
from incidents.services.incidents import terms_in_force
from incidents.views.pages import acted, enter, knock, page, person, room_page


@page
def terms(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What the organization signs. Until it has, this is all that it sees of the incident."""
    incident, actor = knock(request, slug)
    text, seat = terms_in_force(incident), actor.participation
    before = access.signed_terms(actor, incident)
    context = {
        "incident": incident,
        "actor": actor,
        "seat": seat,
        "terms": text,
        "has_read": seat is not None and seat.read_digest == text.digest,
        "late": consent.minutes_late(seat) if seat else 0,
        "covers": [revisions.COVERS[name] for name in text.covers if name in revisions.COVERS],
        "before": before,
        "diff": diffs.lines(before.text, text.text) if before else [],
    }
    return render(request, "terms.html", context)


@page
@require_POST
def terms_answer(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Three acts of three buttons: read, sign, decline."""
    _, actor = knock(request, slug)
    seat, answer = actor.participation, request.POST.get("answer", "")
    act = _ACTS.get(answer)
    if seat is None or act is None:
        return redirect("terms", slug=slug)
    done = acted(request, lambda: act(request, seat), _SAID[answer])
    if done and answer == "decline":
        return redirect("incidents")
    return redirect("room" if done and answer == "sign" else "terms", slug=slug)


def _read(request: HttpRequest, seat: Participation) -> object:
    digest = request.POST.get("digest", "")
    return consent.read_terms(seat, person=person(request), digest=digest)


def _sign(request: HttpRequest, seat: Participation) -> object:
    return consent.sign(seat, person=person(request), digest=request.POST.get("digest", ""))


def _decline(request: HttpRequest, seat: Participation) -> object:
    return consent.decline(seat, person=person(request))


_ACTS: dict[str, Callable[[HttpRequest, Participation], object]] = {
    "read": _read,
    "sign": _sign,
    "decline": _decline,
}
_SAID = {
    "read": "Recorded that you have read them. Nothing is signed yet.",
    "sign": "Terms signed for your organization.",
    "decline": "Declined.",
}


@page
def terms_versions(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Every version that was in force, and every text that was proposed."""
    incident, actor = enter(request, slug)
    return room_page(
        request,
        "room/terms_versions.html",
        incident,
        actor,
        versions=list(access.terms_versions(actor, incident)),
        revisions=list(access.revisions(actor, incident)),
    )


@page
def revision_new(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Propose a new text."""
    incident, actor = enter(request, slug)
    access.require(actor, incident, Act.REVISE_TERMS)
    text = terms_in_force(incident)
    initial = {
        "text": text.text,
        "covers": text.covers,
        "respond_minutes": text.respond_minutes,
    }
    form = RevisionForm(request.POST or None, incident=incident, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        row = carried_out(
            form,
            lambda: revisions.propose_revision(incident, actor=actor, **form.cleaned_data),
        )
        if row is not None:
            return redirect("terms_revision", slug=slug, public_id=row.public_id)
    status = 400 if form.errors else 200
    return room_page(request, "room/revision_new.html", incident, actor, status, form=form)


@page
def revision(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """A proposed text, and what it changes in the one in force then."""
    incident, actor = enter(request, slug)
    row = access.get_revision(actor, incident, public_id)
    before = access.terms_before(row)
    return room_page(
        request,
        "room/revision.html",
        incident,
        actor,
        revision=row,
        before=before,
        diff=diffs.lines(before.text, row.text),
        covers=[revisions.COVERS[name] for name in row.covers if name in revisions.COVERS],
        is_own=row.proposed_for == actor.organization,
    )


@page
@require_POST
def revision_answer(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Put it in force, reject it, or take it back."""
    incident, actor = enter(request, slug)
    row = access.get_revision(actor, incident, public_id)
    digest = request.POST.get("digest", "")
    acts: dict[str, Callable[[], object]] = {
        "accept": lambda: revisions.accept_revision(row, actor=actor, digest=digest),
        "reject": lambda: revisions.reject_revision(row, actor=actor),
        "withdraw": lambda: revisions.withdraw_revision(row, actor=actor),
    }
    answer = request.POST.get("answer", "")
    if answer in acts:
        acted(request, acts[answer], "Recorded.")
    return redirect("terms_revision", slug=slug, public_id=public_id)
