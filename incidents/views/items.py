"""Who may see an item: changing it, asking its owner, answering who asked."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Actor
from incidents.forms.base import carried_out
from incidents.forms.markings import AskReleaseForm, RemarkForm
from incidents.models import Incident
from incidents.services import markables, markings, releases
from incidents.services.markables import Kind
from incidents.views.pages import acted, enter, page, room_page


def page_of(kind: Kind, item: Any, slug: str) -> str:
    """Where an item is shown."""
    name, rest = kind.page(item)
    return reverse(name, args=[slug, *rest])


@page
def item_marking(request: HttpRequest, slug: str, noun: str, public_id: UUID) -> HttpResponseBase:
    """Its owner's people change who may see it; others ask them."""
    incident, actor = enter(request, slug)
    kind = markables.kind(noun)
    item = kind.find(actor, incident, public_id)
    is_owner = actor.organization is not None and item.owner_id == actor.organization.pk
    act = _remark if is_owner else _ask
    form, done = act(request, incident, actor, item)
    if done:
        return redirect(page_of(kind, item, slug))
    return room_page(
        request,
        "room/item_marking.html",
        incident,
        actor,
        form=form,
        item=item,
        name=kind.name(item),
        is_owner=is_owner,
        back=page_of(kind, item, slug),
    )


def _remark(
    request: HttpRequest, incident: Incident, actor: Actor, item: Any
) -> tuple[RemarkForm, bool]:
    form = RemarkForm(request.POST or None, incident=incident, actor=actor, item=item)
    if request.method != "POST" or not form.is_valid():
        return form, False
    data = form.cleaned_data
    done = carried_out(
        form,
        lambda: markings.remark(
            item,
            data["marking"],
            actor=actor,
            audience=form.chosen_audience(),
            reason=data["reason"],
        ),
    )
    if done is not None:
        messages.success(request, f"It is {data['marking']} now.")
    return form, done is not None


def _ask(
    request: HttpRequest, incident: Incident, actor: Actor, item: Any
) -> tuple[AskReleaseForm, bool]:
    form = AskReleaseForm(
        request.POST or None, incident=incident, actor=actor, initial={"marking": item.marking}
    )
    if request.method != "POST" or not form.is_valid():
        return form, False
    data = form.cleaned_data
    row = carried_out(
        form,
        lambda: releases.ask(
            item,
            data["marking"],
            data["reason"],
            actor=actor,
            audience=form.chosen_audience(),
        ),
    )
    if row is not None:
        messages.success(request, "Its owner was asked.")
    return form, row is not None


@page
def release_list(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What one's party asked others to release, and what others ask of it."""
    incident, actor = enter(request, slug)
    found = releases.seen(actor, incident)
    lines = [{"of": one, "href": _href(one, slug)} for one in found]
    return room_page(request, "room/releases.html", incident, actor, lines=lines)


def _href(one: releases.SeenRequest, slug: str) -> str:
    return page_of(markables.kind_of(one.item), one.item, slug) if one.item is not None else ""


@page
@require_POST
def release_answer(request: HttpRequest, slug: str, public_id: UUID, word: str) -> HttpResponseBase:
    """Release it, refuse it with words, or take one's own request back."""
    incident, actor = enter(request, slug)
    row = access.get_release(actor, incident, public_id)
    words = request.POST.get("words", "")
    if word == "release":
        acted(request, lambda: releases.release(row, actor=actor, reason=words), "Released.")
    elif word == "refuse":
        acted(request, lambda: releases.refuse(row, words, actor=actor), "Refused.")
    else:
        acted(request, lambda: releases.withdraw(row, actor=actor), "Taken back.")
    return redirect("releases", slug=slug)
