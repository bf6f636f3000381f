"""Pages of members about the pages of desks: links, codes, and what a desk answered elsewhere."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Act, Actor
from incidents.choices import CodePurpose
from incidents.exceptions import NotFound
from incidents.forms.base import carried_out
from incidents.forms.desk_links import ClaimForm, ConfirmForm, LinkForm
from incidents.models import DeskContact, DeskLink, FreezeAnswer, FreezeRequest, Incident
from incidents.services import claims, desk_codes, desk_contacts, desk_links
from incidents.views.pages import acted, enter, page, room_page, still


def _contacts(actor: Actor, row: FreezeRequest) -> list[DeskContact]:
    if actor.organization is None:
        return []
    return desk_contacts.of(actor.organization, row.desk_slug)


@page
def link_new(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Make a page for one recipient. Its address is shown this once."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    access.require(actor, incident, Act.SEND_FREEZE)
    form = LinkForm(request.POST or None, contacts=_contacts(actor, row))
    if request.method == "POST" and form.is_valid():
        contact, recipient = form.chosen_contact(), form.cleaned_data["recipient"]
        link = carried_out(form, lambda: desk_links.make(row, contact, recipient, actor=actor))
        if link is not None:
            address = desk_links.address(link)
            return room_page(
                *(request, "room/desk_link_made.html", incident, actor),
                freeze=row,
                link=link,
                address=address,
            )
    status = 400 if request.method == "POST" else 200
    return room_page(
        request, "room/desk_link_new.html", incident, actor, status, form=form, freeze=row
    )


@page
def link_views(request: HttpRequest, slug: str, public_id: UUID, link_id: UUID) -> HttpResponseBase:
    """Who looked at what behind a link, and when."""
    incident, actor = enter(request, slug)
    row, link = _link(actor, incident, public_id, link_id)
    return room_page(
        request,
        "room/desk_link.html",
        incident,
        actor,
        freeze=row,
        link=link,
        is_live=desk_links.is_live(link),
        devices=access.desk_devices(actor, link),
        views=access.desk_views(actor, link)[:200],
    )


@page
@require_POST
def link_revoke(
    request: HttpRequest, slug: str, public_id: UUID, link_id: UUID
) -> HttpResponseBase:
    """It opens nothing from now on."""
    incident, actor = enter(request, slug)
    _, link = _link(actor, incident, public_id, link_id)
    acted(request, lambda: desk_links.revoke(link, actor=actor), "Revoked.")
    return redirect("freeze", slug=slug, public_id=public_id)


@page
@require_POST
def link_renew(request: HttpRequest, slug: str, public_id: UUID, link_id: UUID) -> HttpResponseBase:
    """It lives as long as a new one."""
    incident, actor = enter(request, slug)
    _, link = _link(actor, incident, public_id, link_id)
    acted(request, lambda: desk_links.renew(link, actor=actor), "It stays open longer.")
    return redirect("freeze", slug=slug, public_id=public_id)


@page
@require_POST
def code_new(
    request: HttpRequest, slug: str, public_id: UUID, link_id: UUID, device_id: UUID
) -> HttpResponseBase:
    """A code to read out at a call-back. It is shown this once."""
    incident, actor = enter(request, slug)
    row, link = _link(actor, incident, public_id, link_id)
    device = access.desk_devices(actor, link).filter(public_id=device_id).first()
    if device is None:
        raise NotFound
    wanted = request.POST.get("purpose", "")
    purpose = CodePurpose(wanted) if wanted in CodePurpose.values else CodePurpose.OPEN
    code = desk_codes.tell(device, purpose, actor=actor)
    return room_page(
        request,
        "room/desk_code.html",
        incident,
        actor,
        freeze=row,
        link=link,
        device=device,
        purpose=purpose,
        code=code,
    )


def _link(
    actor: Actor, incident: Incident, public_id: UUID, link_id: UUID
) -> tuple[FreezeRequest, DeskLink]:
    row = access.get_freeze(actor, incident, public_id)
    link = access.get_desk_link(actor, row, link_id)
    link.request = row
    return row, link


# --- what a desk answered elsewhere ------------------------------------------------------------


@page
def claim(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Write down what a desk said by mail or on the telephone: claimed, until it is called back."""
    incident, actor = enter(request, slug)
    access.require(actor, incident, Act.REQUEST_FREEZE)
    target = access.get_target(actor, incident, public_id)
    form = ClaimForm(
        request.POST or None,
        request.FILES or None,
        incident=incident,
        actor=actor,
        target=target,
    )
    if request.method == "POST" and form.is_valid():
        given = carried_out(form, lambda: _write_down(form, actor))
        if given is not None:
            return redirect("freeze", slug=slug, public_id=target.request.public_id)
    status = 400 if request.method == "POST" and form.errors else 200
    return room_page(
        request, "room/desk_claim.html", incident, actor, status, form=form, target=target
    )


def _write_down(form: ClaimForm, actor: Actor) -> FreezeAnswer:
    data = form.cleaned_data
    return claims.write_down(
        form.target,
        form.given(),
        channel=data["channel"],
        marking=data["marking"],
        audience=form.chosen_audience(),
        actor=actor,
    )


@page
def confirm(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """The desk was called back and stands by its answer."""
    incident, actor = enter(request, slug)
    answer = access.get_answer(actor, incident, public_id)
    access.require(actor, incident, Act.CONFIRM_ANSWER)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        how = form.cleaned_data["how"]
        if carried_out(form, lambda: claims.confirm(answer, how, actor=actor)) is not None:
            return redirect("freeze", slug=slug, public_id=answer.target.request.public_id)
    status = 400 if request.method == "POST" else 200
    return room_page(
        request,
        "room/desk_confirm.html",
        incident,
        actor,
        status,
        form=form,
        answer=answer,
        freeze=answer.target.request,
    )


@page
def proof(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """What was attached to an answer, as it came: hostile bytes, to be saved and never shown."""
    incident, actor = enter(request, slug)
    row = access.get_answer(actor, incident, public_id)
    access.require(actor, incident, Act.EXPORT)
    if not row.proof_digest:
        raise NotFound
    still(request, slug, lambda who, now: access.get_answer(who, now, public_id))
    answer = HttpResponse(bytes(row.proof or b""), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{row.proof_digest[:16]}.bin"'
    return answer
