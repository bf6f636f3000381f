"""What every page of the room does the same way: who asks, what is refused, what is said after."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, cast

from allauth.account.internal.flows.reauthentication import suspend_request
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from incidents import access
from incidents.access import Act, Actor
from incidents.exceptions import ConsentRequired, HoldfastError, NotFound, StepUpRequired
from incidents.models import Incident, Person
from incidents.services import rules
from incidents.services.signed import SEATS
from incidents.services.step_up import proof_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def page(view: View[P]) -> View[P]:
    """A page for people who signed in. Refusals become pages; absent and forbidden are one 404."""

    @functools.wraps(view)
    def answered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error
        except ConsentRequired:
            return redirect("terms", slug=kwargs["slug"])
        except StepUpRequired:
            # The act itself is carried out once the passkey was used: allauth keeps the request.
            kept: HttpResponseBase = suspend_request(
                request, reverse("mfa_reauthenticate_webauthn")
            )
            return kept
        except HoldfastError as error:
            return render(request, "refused.html", {"reason": error.detail}, status=error.status)

    # functools.wraps names the first argument; a View leaves it open.
    return cast("View[P]", login_required(answered))


def person(request: HttpRequest) -> Person:
    """Who asks. Views of `page` are reached by people only."""
    if not isinstance(request.user, Person):
        raise NotFound
    return request.user


def enter(request: HttpRequest, slug: str) -> tuple[Incident, Actor]:
    """The incident and the seat of whoever asks.

    :raises NotFound: absent or not theirs. :raises ConsentRequired: terms not accepted.
    """
    return access.get_incident(
        person(request), slug, proof=proof_of(request), seat=seat_chosen(request, slug)
    )


def still(request: HttpRequest, slug: str, find: Callable[[Actor, Incident], object]) -> None:
    """Whether a file that was worked out may be given: asked anew, since the right to it may have
    ended while that took its time. ``find`` reads what it is made of as its reader sees it now.

    :raises NotFound, ConsentRequired, StepUpRequired, NotYours: it has ended.
    """
    incident, actor = enter(request, slug)
    access.require(actor, incident, Act.EXPORT)
    find(actor, incident)


def knock(request: HttpRequest, slug: str) -> tuple[Incident, Actor]:
    """The same for a page that the invited and the lapsed see too: the terms.

    :raises NotFound: absent or not theirs.
    """
    return access.get_actor(
        person(request), slug, proof=proof_of(request), seat=seat_chosen(request, slug)
    )


def seat_chosen(request: HttpRequest, slug: str) -> str:
    """The seat that somebody with several in this room took last; "" is the oldest."""
    return str(request.session.get(SEATS, {}).get(slug, ""))


def room_page(
    request: HttpRequest,
    template: str,
    incident: Incident,
    actor: Actor,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page inside a room, with what its frame shows."""
    offered = rules.offered(actor)
    frame = {
        "incident": incident,
        "actor": actor,
        "acts": {act.value: act in offered for act in Act},
    }
    return render(request, template, frame | context, status=status)


def acted(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Carry out a button's act and say what came of it on the next page.

    :raises NotFound, ConsentRequired, StepUpRequired: those are pages of their own.
    """
    try:
        act()
    except (NotFound, ConsentRequired, StepUpRequired):
        raise
    except HoldfastError as error:
        messages.error(request, error.detail)
        return False
    messages.success(request, done)
    return True
