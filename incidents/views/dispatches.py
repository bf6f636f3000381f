"""Handing a request to its desk, and what became of that."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Act, Actor
from incidents.choices import Channel, RequestState
from incidents.display import portal
from incidents.exceptions import NotFound, WrongState
from incidents.exports.packet.base import packet_exports
from incidents.forms.base import carried_out
from incidents.forms.dispatches import HandedOverForm, ShownForm
from incidents.models import DeskContact, Dispatch, FreezeRequest, Incident
from incidents.recipients.base import Recipient, recipients
from incidents.services import (
    desk_contacts,
    desk_profiles,
    dispatches,
    freezes,
    packets,
    presend,
    rules,
)
from incidents.services.presend import To
from incidents.views.pages import acted, enter, page, room_page, still

BY_HAND = (Channel.PORTAL, Channel.PHONE)
OPEN = (RequestState.APPROVED, RequestState.SENT)


@dataclass(frozen=True)
class Way:
    """One way to the desk that somebody may choose. ``name`` is what the address says."""

    name: str
    kind: Recipient
    contact: DeskContact | None = None

    @property
    def label(self) -> str:
        way = Channel(self.kind.slug).label
        return f"{way}: {self.contact.name}, {self.contact.address}" if self.contact else way


def ways(request: FreezeRequest, actor: Actor) -> list[Way]:
    """How this actor may hand it over, those that the desk takes first."""
    by_name = {slug: kind() for slug, kind in recipients().items()}
    found = []
    if access.can(actor, Act.SEND_FREEZE):
        if request.state == RequestState.APPROVED and freezes.has_seat(request, actor):
            found.append(Way("room", by_name["room"]))
        if actor.organization is not None:
            found += [
                Way(str(contact.public_id), by_name[contact.channel], contact)
                for contact in desk_contacts.of(actor.organization, request.desk_slug)
                if by_name[contact.channel].leaves_by_itself
            ]
    found += [Way(slug, by_name[slug]) for slug in BY_HAND]
    takes = [
        way["channel"] for way in desk_profiles.of(request.desk_slug, actor.organization).channels
    ]
    return sorted(found, key=lambda one: _place(takes, one.kind.slug))


def _place(takes: list[str], slug: str) -> int:
    return takes.index(slug) if slug in takes else len(takes)


def dispatching(request: FreezeRequest, actor: Actor) -> dict[str, Any]:
    """What the page of a request shows of it (templates/parts/dispatches.html)."""
    waits = request.state not in (RequestState.SENT, RequestState.WITHDRAWN)
    acts = access.can(actor, Act.REQUEST_FREEZE)
    found = presend.findings(request, actor) if waits and acts else []
    return {
        "anyway": ",".join(dict.fromkeys(one.code for one in found if not one.blocks)),
        "dispatches": list(access.dispatches(actor, request)),
        "findings": found,
        "correction": dispatches.correction_of(request) if acts else None,
    }


@page
def freeze_dispatch(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Choose a way, see what is wrong with it, and hand it over."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    access.require(actor, incident, Act.DISPATCH)
    rules.require_open(actor, row.owner)
    if row.state not in OPEN:
        raise WrongState("Two people have to approve a request before it is sent.")
    offered = ways(row, actor)
    chosen = next((one for one in offered if one.name == request.GET.get("way")), offered[0])
    shape = HandedOverForm if chosen.kind.needs_proof else ShownForm
    found = presend.findings(row, actor, [To(chosen.kind.slug, chosen.contact)])
    shown = {"anyway": ",".join(dict.fromkeys(one.code for one in found if not one.blocks))}
    form = shape(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        incident=incident,
        actor=actor,
        initial=shown,
    )
    if request.method == "POST" and form.is_valid():
        sent = carried_out(form, lambda: _send(row, actor, form, chosen))
        if sent is not None:
            return redirect("freeze", slug=slug, public_id=public_id)
    context = {"form": form, "ways": offered, "chosen": chosen, "findings": found}
    context |= _wanted(row, actor)
    status = 400 if form.errors else 200
    return room_page(request, "room/dispatch.html", incident, actor, status, freeze=row, **context)


def _wanted(row: FreezeRequest, actor: Actor) -> dict[str, Any]:
    """What the desk wants, and what is typed or attached there."""
    profile = desk_profiles.of(row.desk_slug, actor.organization)
    targets = [target for target in row.targets.all() if target.requested]
    return {
        "profile": desk_profiles.renamed(profile, row.desk_name),
        "lines": portal.lines(row, targets, profile.portal_fields),
        "formats": list(packet_exports().values()),
    }


def _send(row: FreezeRequest, actor: Actor, form: ShownForm, way: Way) -> FreezeRequest | Dispatch:
    to = form.to(way.kind.slug, way.contact)
    if row.state == RequestState.APPROVED:
        return freezes.send(row, actor=actor, to=[to], anyway=form.codes())
    return dispatches.add(row, to, actor=actor, anyway=form.codes())


@page
@require_POST
def dispatch_file(
    request: HttpRequest, slug: str, public_id: UUID, export: str
) -> HttpResponseBase:
    """A file to attach to a desk's own form. It is kept as it was handed out: the check page knows
    it from then on."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    access.require(actor, incident, Act.DISPATCH)
    rules.require_open(actor, row.owner)
    if row.state not in OPEN or export not in packet_exports():
        raise NotFound
    made = packets.files(packets.draft(row), recipient=row.desk_name)
    body = next(bytes(one.body) for one in made if one.format == export)
    answer = HttpResponse(body, content_type=packet_exports()[export].media_type)
    still(request, slug, lambda who, now: access.get_freeze(who, now, public_id))
    answer["Content-Disposition"] = f'attachment; filename="{row.reference}.{export}"'
    return answer


def _one(request: HttpRequest, slug: str, public_id: UUID) -> tuple[Incident, Actor, Dispatch]:
    incident, actor = enter(request, slug)
    return incident, actor, access.get_dispatch(actor, incident, public_id)


def _decided(
    request: HttpRequest, slug: str, public_id: UUID, act: Callable[[Dispatch, Actor], object]
) -> HttpResponseBase:
    _, actor, row = _one(request, slug, public_id)
    acted(request, lambda: act(row, actor), "Recorded.")
    where = reverse("freeze", args=[slug, row.request.public_id])
    return redirect(f"{where}#dispatches")


@page
@require_POST
def dispatch_again(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Have it sent once more, though it may have come."""
    return _decided(request, slug, public_id, lambda row, who: dispatches.resend(row, actor=who))


@page
@require_POST
def dispatch_arrived(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Somebody knows that it came."""
    return _decided(request, slug, public_id, lambda row, who: dispatches.settle(row, actor=who))


@page
@require_POST
def dispatch_bounced(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Somebody got it back."""
    return _decided(request, slug, public_id, lambda row, who: dispatches.came_back(row, actor=who))


@page
def dispatch_handed_over(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """What waited for a person was handed over: a correction by the desk's own form."""
    incident, actor, row = _one(request, slug, public_id)
    access.require(actor, incident, Act.DISPATCH)
    rules.require_open(actor, row.request.owner)
    form = HandedOverForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        incident=incident,
        actor=actor,
    )
    if request.method == "POST" and form.is_valid():
        to = form.to(row.channel, None)
        done = carried_out(form, lambda: dispatches.handed_over(row, to, actor=actor))
        if done is not None:
            return redirect("freeze", slug=slug, public_id=row.request.public_id)
    context = {"form": form, "freeze": row.request, "dispatch": row}
    status = 400 if form.errors else 200
    return room_page(request, "room/handed_over.html", incident, actor, status, **context)


@page
@require_POST
def freeze_correct(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Hand the newest correction to everybody who got what it supersedes."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    done = "The correction is on its way; what a person hands over waits below."
    acted(request, lambda: dispatches.correct_newest(row, actor=actor), done)
    return redirect("freeze", slug=slug, public_id=public_id)


@page
def dispatch_proof(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """What proves a hand-over, as a file. It came from outside: it is never shown in place."""
    incident, actor, row = _one(request, slug, public_id)
    access.require(actor, incident, Act.EXPORT)
    if not row.proof:
        raise NotFound
    answer = HttpResponse(bytes(row.proof), content_type="application/octet-stream")
    still(request, slug, lambda who, now: access.get_dispatch(who, now, public_id))
    ending = row.proof_name.rpartition(".")[2].lower()
    name = f"{row.request.reference}-proof.{ending if ending in dispatches.PROOFS else 'bin'}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
