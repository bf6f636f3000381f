"""A request's packet: what it says, its files, who signed which version."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Act, Actor
from incidents.choices import RequestState
from incidents.exceptions import HoldfastError, TextChanged
from incidents.exports.packet.base import packet_exports
from incidents.forms.base import carried_out
from incidents.forms.packets import FieldsForm, SignatureForm
from incidents.models import FreezeRequest, Incident, Packet
from incidents.packets import fields
from incidents.packets.kinds import Field
from incidents.services import packet_fields, packets, signatures
from incidents.views.pages import acted, enter, page, room_page, still

EDITABLE = (RequestState.DRAFT, RequestState.CHECKED, RequestState.APPROVED)


@page
def packet(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """What it says, its files with their digests, who signed it, and the versions before."""
    incident, actor = enter(request, slug)
    return packet_page(request, incident, actor, access.get_freeze(actor, incident, public_id))


def packet_page(
    request: HttpRequest,
    incident: Incident,
    actor: Actor,
    row: FreezeRequest,
    form: SignatureForm | None = None,
) -> HttpResponseBase:
    """The page; with a signature that was refused, and why."""
    versions = list(access.packets(actor, row))
    newest = versions[0] if versions else None
    is_alive = newest is not None and newest.state in packets.ALIVE
    return room_page(
        request,
        "room/packet.html",
        incident,
        actor,
        400 if form else 200,
        freeze=row,
        packet=newest,
        versions=versions,
        formats=[
            {"slug": name, "name": export.name, "digest": packets.digest_of_file(newest, name)}
            for name, export in packet_exports().items()
        ]
        if newest
        else [],
        signatures=signatures.of(newest) if newest else [],
        groups=_groups(row),
        is_editable=row.state in EDITABLE,
        form=(form or SignatureForm(incident=incident, actor=actor)) if is_alive else None,
    )


def _groups(row: FreezeRequest) -> list[tuple[str, list[tuple[Field, str]]]]:
    """What the fields say, for people, by group."""
    return [
        (fields.TITLES[group], [(field, fields.said(field, value)) for field, value in found])
        for group, found in fields.grouped(row.fields).items()
    ]


@page
def packet_edit(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Change the fields. Signatures that there are no longer count then."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    form = FieldsForm(request.POST or None, incident=incident, actor=actor, initial=row.fields)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if carried_out(form, lambda: packet_fields.change(row, data, actor=actor)) is not None:
            return redirect("packet", slug=slug, public_id=public_id)
    return room_page(request, "room/packet_edit.html", incident, actor, freeze=row, form=form)


@page
@require_POST
def packet_draw(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Draw up the version that says what the request says now, with blocks as old as they are."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    acted(request, lambda: packet_fields.draw_up(row, actor=actor), "Drawn up.")
    return redirect("packet", slug=slug, public_id=public_id)


@page
@require_POST
def packet_challenge(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """For the script beside the button to sign: the digest, as a passkey is asked for it."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    try:
        if request.POST.get("seen") != packets.essence_of(row):
            raise TextChanged
        drawn = packet_fields.draw_up(row, actor=actor)
    except HoldfastError as error:
        return JsonResponse({"error": error.detail}, status=error.status)
    told: dict[str, Any] = {"request_options": signatures.request_options(drawn)}
    return JsonResponse(told | {"digest": drawn.digest})


@page
@require_POST
def packet_sign(
    request: HttpRequest, slug: str, public_id: UUID, packet_id: UUID
) -> HttpResponseBase:
    """Take a signature over one version that somebody made elsewhere."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    chosen = access.get_packet(actor, row, packet_id)
    form = SignatureForm(request.POST, incident=incident, actor=actor)
    if form.is_valid():
        data = form.cleaned_data
        made = carried_out(
            form,
            lambda: signatures.add(
                chosen, data["kind"], data["signature"], actor=actor, account=data["account"]
            ),
        )
        if made is not None:
            return redirect("packet", slug=slug, public_id=public_id)
    return packet_page(request, incident, actor, row, form)


@page
def packet_file(
    request: HttpRequest, slug: str, public_id: UUID, packet_id: UUID, export: str
) -> HttpResponseBase:
    """One version as a file; "sig" is the server's signature of its manifest."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    access.require(actor, incident, Act.EXPORT)
    chosen = access.get_packet(actor, row, packet_id)
    kind, body = _file(chosen, export)

    def find(who: Actor, now: Incident) -> Packet:
        return access.get_packet(who, access.get_freeze(who, now, public_id), packet_id)

    still(request, slug, find)
    answer = HttpResponse(body, content_type=kind)
    name = f"{row.reference}.{'json.sig' if export == 'sig' else export}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _file(chosen: Packet, export: str) -> tuple[str, bytes]:
    """Its media type and bytes. Raises Http404."""
    if export == "sig":
        signed = signatures.servers(chosen)
        if signed is None:
            raise Http404
        return "application/x-ssh-signature", signed.body.encode()
    if export not in packet_exports():
        raise Http404
    return packet_exports()[export].media_type, packets.file_of(chosen, export)
