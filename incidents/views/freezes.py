"""Freeze requests: drafting, the two signatures, the desk's answers."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Act, Actor
from incidents.choices import RequestState
from incidents.display.addresses import show
from incidents.exceptions import HoldfastError
from incidents.exports.freeze_json import alone, as_json
from incidents.forms.base import carried_out
from incidents.forms.freezes import AnswerForm, FreezeForm, SendForm
from incidents.models import FreezeTarget, Incident
from incidents.ports import AddressExposure, money
from incidents.services import (
    addresses,
    answers,
    first_hour,
    freezes,
    packets,
    signatures,
    target_evidence,
)
from incidents.services.freezes import TargetDraft
from incidents.views import freeze_page
from incidents.views.dispatches import dispatching
from incidents.views.pages import acted, enter, page, room_page, still
from incidents.views.room import timeline_page


@page
def freeze(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """One request with its targets, the way of the money as evidence, and the answers."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    entries, _ = timeline_page(incident, actor, subject=f"freeze:{row.public_id}")
    return room_page(
        request,
        "room/freeze.html",
        incident,
        actor,
        entries=entries,
        alone=alone(row),
        asked=first_hour.asked(row) if row.state == RequestState.CHECKED else [],
        opens_at=first_hour.opens_at(row) if row.state == RequestState.CHECKED else None,
        has_seat=freezes.has_seat(row, actor),
        **freeze_page.context(actor, row),
        **dispatching(row, actor),
        packet=access.packets(actor, row).first(),
        seen=packets.essence_of(row),
        signs_with_passkey=signatures.has_passkey(actor),
    )


@page
def freeze_json_export(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """The request as a file: what the page shows, amounts as strings in base units."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    access.require(actor, incident, Act.EXPORT)
    seen = answers.seen(actor, row.targets.all())
    answer = JsonResponse(as_json(row, seen), json_dumps_params={"indent": 2})
    still(request, slug, lambda who, now: access.get_freeze(who, now, public_id))
    answer["Content-Disposition"] = f'attachment; filename="{row.reference}.json"'
    return answer


@page
def freeze_new(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Draft a target for a desk; it joins the desk's open draft if there is one."""
    incident, actor = enter(request, slug)
    asked = request.POST or request.GET
    chain, address = asked.get("chain", ""), asked.get("address", "")
    form = FreezeForm(
        request.POST or None,
        incident=incident,
        actor=actor,
        seats=list(access.parties(actor, incident)),
        exposures=_exposures(incident, actor, chain, address),
        initial={"chain": chain, "address": show(f"{chain}:{address}").full},
    )
    if request.method == "POST" and form.is_valid():
        target = carried_out(form, lambda: _draft(incident, actor, form))
        if target is not None:
            return redirect("freeze", slug=slug, public_id=target.request.public_id)
    return room_page(request, "room/freeze_new.html", incident, actor, form=form)


def _exposures(incident: Incident, actor: Actor, chain: str, address: str) -> list[AddressExposure]:
    try:
        account = addresses.parse(chain, address)
    except HoldfastError:  # the form will say what is wrong with it
        return []
    return money().exposures(incident, actor, [account]).get(account, [])


def _draft(incident: Incident, actor: Actor, form: FreezeForm) -> FreezeTarget:
    data, desk = form.cleaned_data, form.chosen_desk()
    name = desk.name if desk else data["desk_name"].strip()
    asset, symbol, decimals = data["of_asset"]
    return freezes.draft(
        incident,
        TargetDraft(data["chain"], data["address"], asset, symbol, decimals, data["units"]),
        desk_name=name,
        desk_slug=desk.slug if desk else slugify(name),
        desk=desk,
        actor=actor,
        marking=data["marking"],
        audience=form.chosen_audience(),
    )


@page
@require_POST
def freeze_approve(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """One of the two signatures."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    digest, answer = request.POST.get("digest", ""), request.POST.get("credential", "")
    acted(
        request,
        lambda: freezes.approve(row, actor=actor, digest=digest, assertion=answer),
        "Signed.",
    )
    return redirect("freeze", slug=slug, public_id=public_id)


@page
@require_POST
def target_review(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Stand by what is left of a target's evidence after it changed."""
    incident, actor = enter(request, slug)
    row = access.get_target(actor, incident, public_id)
    acted(request, lambda: target_evidence.review_evidence(row, actor=actor), "Recorded.")
    return redirect("freeze", slug=slug, public_id=row.request.public_id)


@page
@require_POST
def freeze_send(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Hand it to the desk. It cannot be called back."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    form = SendForm(request.POST, incident=incident, actor=actor)
    channel, proof = "room", ""
    if not freezes.has_seat(row, actor):
        if not form.is_valid():
            return room_page(
                request, "room/freeze_send.html", incident, actor, 400, form=form, freeze=row
            )
        channel, proof = form.cleaned_data["channel"], form.cleaned_data["proof"]
    acted(
        request,
        lambda: freezes.send(
            row,
            actor=actor,
            channel=channel,
            proof=proof,
            anyway=request.POST.get("anyway", "").split(","),
        ),
        f"Sent to {row.desk_name}.",
    )
    return redirect("freeze", slug=slug, public_id=public_id)


@page
def target_answer(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """The desk's answer on one target. Looking at the form answers nothing."""
    incident, actor = enter(request, slug)
    target = access.get_target(actor, incident, public_id)
    form = AnswerForm(request.POST or None, incident=incident, actor=actor, target=target)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        given = carried_out(
            form,
            lambda: answers.answer(
                target,
                data["outcome"],
                actor=actor,
                marking=data["marking"],
                amount=data["amount"],
                held_until=data["held_until"],
                text=data["text"],
                audience=form.chosen_audience(),
            ),
        )
        if given is not None:
            return redirect("freeze", slug=slug, public_id=target.request.public_id)
    return room_page(request, "room/answer.html", incident, actor, form=form, target=target)
