"""The room: where the money is, what happened, who was asked, what was said."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Actor
from incidents.exceptions import BadInput, NotFound
from incidents.forms.base import carried_out
from incidents.forms.room import NoteForm
from incidents.models import Incident, TrackedAddress
from incidents.ports import AddressExposure, money
from incidents.serialized import EntryJSON, entries_json
from incidents.services import addresses, answers, notes
from incidents.views.pages import enter, page, room_page

LINES = 80  # of the timeline on one page
ADDRESSES = 12  # of the list in the room; the whole list has its own page


@dataclass(frozen=True)
class AddressLine:
    """A tracked address with what it holds of the stolen value."""

    row: TrackedAddress
    held: list[AddressExposure]
    is_watched: bool
    is_look_alike: bool = False

    @property
    def is_frozen(self) -> bool:
        return any(e.is_frozen for e in self.held)

    @property
    def size(self) -> int:
        """For ordering only: tainted amounts brought to 18 decimals."""
        return max((e.tainted * 10**18 // 10**e.decimals for e in self.held), default=0)


def address_lines(incident: Incident, actor: Actor) -> list[AddressLine]:
    """The room's addresses, largest holding first, then the newest."""
    rows = list(access.addresses(actor, incident))
    accounts = [(row.chain, row.address) for row in rows]
    exposures = money().exposures(incident, actor, accounts)
    alike = money().look_alikes(incident, actor, accounts)
    watched = money().watched_chains()
    lines = [
        AddressLine(
            row,
            [e for e in exposures.get((row.chain, row.address), []) if e.tainted],
            row.chain in watched,
            (row.chain, row.address) in alike,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (-line.size, -line.row.pk))


def timeline_page(
    incident: Incident, actor: Actor, before: str = "", subject: str = ""
) -> tuple[list[EntryJSON], str]:
    """Newest entries first, and the cursor of what is older ("" when nothing is)."""
    rows = access.entries(actor, incident).prefetch_related("entry__personal").order_by("-seq")
    if before:
        rows = rows.filter(seq__lt=access.cursor_to_seq(actor, incident, before))
    if subject:
        rows = rows.filter(subject=subject)
    entries = entries_json(rows[: LINES + 1])
    older = entries[LINES - 1]["id"] if len(entries) > LINES else ""
    return entries[:LINES], older


def freeze_lines(incident: Incident, actor: Actor) -> list[dict[str, Any]]:
    """The requests that this party may see, their targets as far as it may know them."""
    rows = list(access.freezes(actor, incident))
    targets = {row.pk: list(row.targets.all()) for row in rows}
    seen = answers.seen(actor, [t for found in targets.values() for t in found])
    return [
        {"row": row, "targets": [{"row": t, "seen": seen[t.pk]} for t in targets[row.pk]]}
        for row in rows
    ]


@page
def room(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The whole room on one page; the socket keeps it true."""
    incident, actor = enter(request, slug)
    before = request.GET.get("before", "")
    watch = money().watch_state(incident, actor)
    entries, older = timeline_page(incident, actor, before)
    found = address_lines(incident, actor)
    return room_page(
        request,
        "room/room.html",
        incident,
        actor,
        strips=money().strips(incident, actor),
        watch=watch,
        entries=entries,
        older=older,
        before=before,
        addresses=found[:ADDRESSES],
        address_count=len(found),
        freezes=freeze_lines(incident, actor),
        statements=list(access.statements(actor, incident)),
        parties=list(access.parties(actor, incident)),
        note_form=NoteForm(incident=incident, actor=actor),
    )


def _account_of(about: str) -> tuple[str, str] | None:
    """Chain and address of a subject; None: the note is about the incident.

    :raises NotFound: it is neither; no page of ours has such a form.
    """
    if not about:
        return None
    noun, _, rest = about.partition(":")
    chain, _, account = rest.rpartition(":")
    try:
        if noun == "address":
            return addresses.parse(chain, account)
    except BadInput as error:
        raise NotFound from error
    raise NotFound


@page
@require_POST
def note_post(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A note on the timeline, or on the address that ``about`` names."""
    incident, actor = enter(request, slug)
    form = NoteForm(request.POST, incident=incident, actor=actor)
    account = _account_of(request.POST.get("about", ""))
    about = f"address:{account[0]}:{account[1]}" if account else ""
    if form.is_valid():
        posted = carried_out(
            form,
            lambda: notes.post(
                incident,
                form.cleaned_data["text"],
                actor=actor,
                marking=form.cleaned_data["marking"],
                audience=form.chosen_audience(),
                about=about,
            ),
        )
        if posted is not None:
            if account:
                return redirect("address", slug=slug, chain=account[0], address=account[1])
            return redirect("room", slug=slug)
    status = 200 if form.preview else 400
    return room_page(request, "room/note.html", incident, actor, status, form=form, about=about)
