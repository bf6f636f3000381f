"""Administering chains and endpoints: for administrators of the installation, each act with a
recent passkey and on the record. To everybody else these addresses do not exist."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.reauthentication import (
    is_reauthentication_required,
    raise_if_reauthentication_required,
)
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from incidents import access
from incidents.forms.base import carried_out
from incidents.models import Person
from incidents.views.pages import acted, page, person
from tracing.chain_forms import (
    ChainForm,
    CommitmentsForm,
    EndpointForm,
    LiftForm,
    QuorumForm,
    UrlForm,
)
from tracing.models import Chain
from tracing.services import chain_administration as administration
from tracing.services import endpoint_words, watch_page
from tracing.services.chain_administration import Asked

ACTS = 50  # lines of the record on the page
# A watcher reads the rows of its chain and endpoints each minute.
SET = "Set, and recorded. It holds within a minute."


def _administrator(request: HttpRequest) -> Person:
    """Who asks, with the passkey used a moment ago where something is changed.

    :raises NotFound: no administrator.
    """
    who = access.require_administrator(person(request))
    if request.method == "POST":
        raise_if_reauthentication_required(request, app="allauth.mfa")
    return who


def _with_secret(request: HttpRequest) -> Person | None:
    """The same for a form with a URL in it: the passkey is asked before it is filled in. None: too
    long ago. What was sent then is not kept: a request that waits for a passkey is stored."""
    who = access.require_administrator(person(request))
    if request.method == "GET":
        raise_if_reauthentication_required(request, app="allauth.mfa")
    elif is_reauthentication_required(request, app="allauth.mfa"):
        messages.warning(
            request, "That took too long: what you wrote was not kept. Write it again."
        )
        return None
    return who


@page
def chain_new(request: HttpRequest) -> HttpResponseBase:
    """Add a chain that ships, or one from a file of one's own."""
    who = _administrator(request)
    form = ChainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        row = carried_out(form, lambda: administration.add_chain(form.chosen(), by=who))
        if row is not None:
            messages.success(request, "Added. It is followed once it has an endpoint.")
            return redirect("chain", caip2=row.caip2)
    return _form_page(request, form, title="Add a chain", verb="Add the chain")


@page
def chain(request: HttpRequest, caip2: str) -> HttpResponseBase:
    """One chain: its endpoints, the evidence against them, and what was done here."""
    who = access.require_administrator(person(request))
    row = administration.get_chain(who, caip2)
    return _chain_page(request, who, row, QuorumForm(initial={"quorum": row.quorum}))


def _chain_page(
    request: HttpRequest, who: Person, row: Chain, form: QuorumForm, status: int = 200
) -> HttpResponse:
    (line,) = watch_page.lines(row.caip2, with_endpoints=True)
    context = {
        "c": line,
        "chain": row,
        "form": form,
        "commitments_form": CommitmentsForm(initial={"commitments": row.commitments}),
        "operators": administration.voices(row)[0],
        "quarantines": [
            (q, endpoint_words.caught(q.kind)) for q in administration.quarantines(who, row)[:ACTS]
        ],
        "acts": administration.acts(who, row)[:ACTS],
        "administers": True,
    }
    return render(request, "watch/chain.html", context, status=status)


@page
@require_POST
def chain_quorum(request: HttpRequest, caip2: str) -> HttpResponseBase:
    """How many operators must agree."""
    who = _administrator(request)
    row = administration.get_chain(who, caip2)
    form = QuorumForm(request.POST)
    if form.is_valid():
        quorum = form.cleaned_data["quorum"]
        _act(request, lambda: administration.set_quorum(row, quorum, by=who), SET)
        return redirect("chain", caip2=caip2)
    return _chain_page(request, who, row, form, status=400)


@page
@require_POST
def chain_commitments(request: HttpRequest, caip2: str) -> HttpResponseBase:
    """What is recomputed of its blocks."""
    who = _administrator(request)
    row = administration.get_chain(who, caip2)
    names = request.POST.getlist("commitments")
    _act(request, lambda: administration.set_commitments(row, names, by=who), SET)
    return redirect("chain", caip2=caip2)


@page
@require_POST
def chain_follow(request: HttpRequest, caip2: str) -> HttpResponseBase:
    """Follow the chain, or leave it."""
    who = _administrator(request)
    row = administration.get_chain(who, caip2)
    on = request.POST.get("on") == "1"
    done = (
        "Followed from now on." if on else "Left: within a minute nothing of it is read any more."
    )
    _act(request, lambda: administration.follow(row, on, by=who), done)
    return redirect("chain", caip2=caip2)


@page
@sensitive_post_parameters("url", "ws_url")
def endpoint_new(request: HttpRequest, caip2: str) -> HttpResponseBase:
    """One more endpoint. It is asked before anything is kept."""
    who = _with_secret(request)
    if who is None:
        return redirect(request.path)
    row = administration.get_chain(who, caip2)
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        asked = carried_out(
            form,
            lambda: administration.add_endpoint(
                row, data["operator"], data["url"], ws_url=data["ws_url"], kind=data["kind"], by=who
            ),
        )
        if asked is not None:
            _say(request, asked, "Added, and recorded.")
            return redirect("chain", caip2=caip2)
    return _form_page(request, form, chain=row, title="Add an endpoint", verb="Ask it and add it")


@page
@sensitive_post_parameters("url", "ws_url")
def endpoint_change(request: HttpRequest, caip2: str, pk: int) -> HttpResponseBase:
    """Another URL of the same operator."""
    who = _with_secret(request)
    if who is None:
        return redirect(request.path)
    row = administration.get_endpoint(who, caip2, pk)
    form = UrlForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        asked = carried_out(
            form,
            lambda: administration.change_endpoint(row, data["url"], ws_url=data["ws_url"], by=who),
        )
        if asked is not None:
            _say(request, asked, "Changed, and recorded.")
            return redirect("chain", caip2=caip2)
    return _form_page(
        request,
        form,
        chain=row.chain,
        of=row.operator,
        title="Another URL",
        verb="Ask it and keep it",
    )


@page
@require_POST
def endpoint_switch(request: HttpRequest, caip2: str, pk: int) -> HttpResponseBase:
    """Ask an endpoint, or ask it no more."""
    who = _administrator(request)
    row = administration.get_endpoint(who, caip2, pk)
    on = request.POST.get("on") == "1"
    done = "Asked within a minute." if on else "Not asked any more, within a minute."
    _act(request, lambda: administration.switch_endpoint(row, on, by=who), done)
    return redirect("chain", caip2=caip2)


@page
@require_POST
def endpoint_lift(request: HttpRequest, caip2: str, pk: int) -> HttpResponseBase:
    """Ask an endpoint again that was caught, with a reason on the record."""
    who = _administrator(request)
    row = administration.get_endpoint(who, caip2, pk)
    form = LiftForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    done = "The quarantine is lifted, and recorded. The evidence stays."
    _act(request, lambda: administration.lift_quarantine(row, reason, by=who), done)
    return redirect("chain", caip2=caip2)


def _act(request: HttpRequest, act: Callable[[], object], done: str) -> None:
    acted(request, act, done)


def _say(request: HttpRequest, asked: Asked, done: str) -> None:
    newest = "" if asked.head is None else f" Its newest block is {asked.head}."
    messages.success(request, done + newest)
    if not asked.has_traces:
        messages.warning(
            request, "It has no traces: value that moves inside of contracts is not seen by it."
        )


def _form_page(request: HttpRequest, form: forms.Form, **context: Any) -> HttpResponse:
    status = 400 if form.errors else 200
    return render(request, "watch/form.html", {"form": form, **context}, status=status)
