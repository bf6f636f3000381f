"""Statements: a text, who stands behind it, and the public page."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidents import access
from incidents.display import published
from incidents.exceptions import NotFound
from incidents.forms.base import carried_out
from incidents.forms.statements import EditForm, PublishForm, SignForm, StatementForm, StatusForm
from incidents.services import statements
from incidents.services.rules import committed
from incidents.views.pages import acted, enter, page, room_page
from incidents.views.room import timeline_page


@page
def statement_new(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Draft a statement."""
    incident, actor = enter(request, slug)
    form = StatementForm(request.POST or None, incident=incident, actor=actor)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        row = carried_out(
            form,
            lambda: statements.draft(
                incident,
                data["title"],
                data["text"],
                actor=actor,
                marking=data["marking"],
                audience=form.chosen_audience(),
            ),
        )
        if row is not None:
            return redirect("statement", slug=slug, public_id=row.public_id)
    return room_page(request, "room/statement_new.html", incident, actor, form=form)


@page
def statement(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """The exact text, and each affected party's word on it, side by side."""
    incident, actor = enter(request, slug)
    row = access.get_statement(actor, incident, public_id)
    entries, _ = timeline_page(incident, actor, subject=f"statement:{row.public_id}")
    return room_page(
        request,
        "room/statement.html",
        incident,
        actor,
        statement=row,
        words=published.words(row, committed(incident)),
        entries=entries,
        sign_form=SignForm(incident=incident, actor=actor, initial={"digest": row.digest}),
    )


@page
def statement_edit(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Another wording; every sign-off is void after it."""
    incident, actor = enter(request, slug)
    row = access.get_statement(actor, incident, public_id)
    initial = {"title": row.title, "text": row.text, "digest": row.digest}
    form = EditForm(request.POST or None, incident=incident, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        edited = carried_out(
            form,
            lambda: statements.edit(
                row, data["title"], data["text"], actor=actor, digest_read=data["digest"]
            ),
        )
        if edited is not None:
            return redirect("statement", slug=slug, public_id=public_id)
    return room_page(request, "room/statement_edit.html", incident, actor, form=form, statement=row)


@page
@require_POST
def statement_sign(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """One party's word on the text that was on its screen."""
    incident, actor = enter(request, slug)
    row = access.get_statement(actor, incident, public_id)
    form = SignForm(request.POST, incident=incident, actor=actor)
    if form.is_valid():
        data = form.cleaned_data
        acted(
            request,
            lambda: statements.sign_off(
                row, data["position"], actor=actor, digest_read=data["digest"]
            ),
            "Your party's word was recorded.",
        )
    return redirect("statement", slug=slug, public_id=public_id)


@page
@require_POST
def statement_publish(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """To the public page, as TLP:CLEAR. It cannot be taken back, only corrected."""
    incident, actor = enter(request, slug)
    row = access.get_statement(actor, incident, public_id)
    form = PublishForm(request.POST, incident=incident, actor=actor)
    if form.is_valid():
        digest = form.cleaned_data["digest"]
        acted(
            request,
            lambda: statements.publish(row, actor=actor, digest_read=digest),
            "Published.",
        )
    return redirect("statement", slug=slug, public_id=public_id)


@page
def status_edit(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Make the status page public, or refresh its line and figures."""
    incident, actor = enter(request, slug)
    form = StatusForm(request.POST or None, incident=incident, actor=actor)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = carried_out(
            form,
            lambda: statements.publish_status(
                incident, data["line"], actor=actor, next_update_at=data["next_update_at"]
            ),
        )
        if done is not None:
            return redirect("status", slug=done.slug)
    left_out = "" if statements.may_publish_figures(incident) else statements.FIGURES_LEFT_OUT
    return room_page(
        request, "room/status_edit.html", incident, actor, form=form, left_out=left_out
    )


def status(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The public page: only what was published, with the date of each figure."""
    try:
        row = access.published_page(slug)
    except NotFound as error:
        raise Http404 from error
    said = [
        {"row": s, "words": published.words(s, [])}
        for s in access.published_statements(row.incident)
    ]
    strips = published.strips(row.figures)
    context = {"page": row, "incident": row.incident, "strips": strips, "statements": said}
    return render(request, "status.html", context)
