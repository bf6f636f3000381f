"""The page of a desk without an account.

`/desk/<selector>/` answers everybody alike, to the byte, and asks no database: unknown, expired,
revoked or valid. So does every other address under it, for a browser that no code let in. What
leads further are two POSTs of a script that holds the secret of the link's fragment.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from incidents.access import Proof
from incidents.display.amounts import show
from incidents.exceptions import DeskRefused, HoldfastError
from incidents.exports.packet.base import packet_exports
from incidents.forms.base import carried_out
from incidents.forms.desk import DeskAnswerForm, DeskEnrolForm
from incidents.models import DeskDevice, Person
from incidents.services import desk_codes, desk_enrolment, desk_page, limits
from incidents.services.desk_codes import Browser
from incidents.services.step_up import proof_of
from incidents.views.enrolment import begin

P = ParamSpec("P")
LONGEST_BODY = 1000
COOKIE_SECONDS = 30 * 24 * 3600  # it names the browser; what it opens ends on the server


def _cookie(selector: str) -> str:
    """One for each link, so that two requests do not open each other."""
    prefix = "__Host-" if settings.PRODUCTION else ""
    return f"{prefix}desk-{selector[:32]}"


def _browser(request: HttpRequest, selector: str) -> Browser:
    return Browser(
        request.COOKIES.get(_cookie(selector), "")[:100],
        request.headers.get("User-Agent", ""),
        limits.address_in(request.META),
    )


def _remember(answer: HttpResponse, selector: str, nonce: str) -> HttpResponse:
    answer.set_cookie(
        _cookie(selector),
        nonce,
        max_age=COOKIE_SECONDS,
        secure=settings.PRODUCTION,
        httponly=True,
        samesite="Strict",
    )
    return answer


def _neutral(request: HttpRequest, status: int = 200) -> HttpResponse:
    """The page that everybody gets."""
    answer = render(request, "desk/door.html", status=status)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive, nosnippet"
    return answer


@require_safe
def door(request: HttpRequest, selector: str) -> HttpResponse:
    """Looking at it, as scanners do, changes nothing and tells nothing."""
    return _neutral(request)


def _device(request: HttpRequest, selector: str, browser: Browser) -> DeskDevice:
    """Who reads: the browser that a code let in, or whoever enrolled at this link.

    :raises DeskRefused: neither.
    """
    try:
        return desk_codes.enter(selector, browser)
    except DeskRefused:
        if not isinstance(request.user, Person):
            raise
        return desk_enrolment.enter(selector, request.user, browser)


Inside = Callable[Concatenate[HttpRequest, DeskDevice, Browser, P], HttpResponse]


def _let_in(view: Inside[P]) -> Callable[Concatenate[HttpRequest, str, P], HttpResponse]:
    """A page behind a code; the neutral page for every other browser."""

    @functools.wraps(view)
    def answered(
        request: HttpRequest, selector: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        browser = _browser(request, selector)
        try:
            device = _device(request, selector, browser)
            answer = view(request, device, browser, *args, **kwargs)
        except HoldfastError:
            return _neutral(request)
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive, nosnippet"
        return answer

    return cast("Callable[Concatenate[HttpRequest, str, P], HttpResponse]", answered)


# --- the two POSTs of the script ---------------------------------------------------------------


def _said(request: HttpRequest) -> dict[str, Any]:
    """What the script of our own page sends: JSON, from our own origin. A form of another site can
    send neither."""
    site = urlsplit(settings.SITE_URL)
    own = f"{site.scheme}://{site.netloc}"
    if request.headers.get("Origin") != own or request.content_type != "application/json":
        return {}
    try:
        said = json.loads(request.body) if len(request.body) <= LONGEST_BODY else None
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name, "")
    return value[:200] if isinstance(value, str) else ""


@csrf_exempt
@require_POST
def ask(request: HttpRequest, selector: str) -> HttpResponse:
    """The browser's word; for the right secret somebody of the room sees it too. Every secret gets
    the same answer, but where a key of the desk is there to seal a code to."""
    said = _said(request)
    browser = _browser(request, selector)
    if not browser.nonce:
        browser = Browser(desk_codes.new_nonce(), browser.agent, browser.address)
    by_key = said.get("by_key") is True
    sealed = desk_codes.ask(selector, _text(said, "secret"), browser, by_key=by_key)
    answer = JsonResponse({"word": browser.word, "sealed": sealed})
    return _remember(answer, selector, browser.nonce)


@csrf_exempt
@require_POST
def open_page(request: HttpRequest, selector: str) -> HttpResponse:
    """Secret and code together let this browser in."""
    said = _said(request)
    browser = _browser(request, selector)
    try:
        _, nonce = desk_codes.open_page(
            selector, _text(said, "secret"), _text(said, "code"), browser
        )
    except DeskRefused as error:
        return JsonResponse({"error": error.detail}, status=error.status)
    return _remember(JsonResponse({"open": f"/desk/{selector}/request/"}), selector, nonce)


# --- behind the code ---------------------------------------------------------------------------


@require_safe
@_let_in
def read(request: HttpRequest, device: DeskDevice, browser: Browser) -> HttpResponse:
    """The request. Reading it acknowledges nothing."""
    page = desk_page.page(device, browser)
    return render(request, "desk/request.html", {"page": page, "selector": device.link.selector})


@require_safe
@_let_in
def file(request: HttpRequest, device: DeskDevice, browser: Browser, digest: str) -> HttpResponse:
    """One file of the packet, as this recipient gets it."""
    row = desk_page.file(device, digest, browser)
    export = packet_exports()[row.format]
    answer = HttpResponse(bytes(row.body), content_type=export.media_type)
    name = f"{device.link.request.reference}-v{row.packet.version}.{row.format}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
@_let_in
def there(
    request: HttpRequest, device: DeskDevice, browser: Browser, public_id: UUID
) -> HttpResponse:
    """What the chain says that a target holds now. Its silence is told as such."""
    row = desk_page.target(device, public_id)
    try:
        held = desk_page.still_there(device, public_id, browser)
    except HoldfastError as error:
        return JsonResponse({"silent": error.detail})
    amount = show(held.units, row.decimals)
    return JsonResponse(
        {
            "amount": f"{amount.whole}{amount.fraction}",
            "is_enough": held.units >= row.requested,
            "is_empty": held.units == 0,
            "block": held.block,
            "hash": held.block_hash,
            "at": held.at.isoformat(),
            "operators": held.operators,
            "quorum": held.quorum,
        }
    )


@_let_in
def answer(
    request: HttpRequest, device: DeskDevice, browser: Browser, public_id: UUID
) -> HttpResponse:
    """One answer on one target. Looking at the form answers nothing."""
    row = desk_page.target(device, public_id)
    by_passkey = desk_enrolment.is_enrolled(device)
    if by_passkey and proof_of(request) is not Proof.FRESH:
        again = urlencode({"next": request.get_full_path()}, safe="/")
        return redirect(f"{reverse('mfa_reauthenticate_webauthn')}?{again}")
    form = DeskAnswerForm(
        request.POST or None, request.FILES or None, target=row, by_passkey=by_passkey
    )
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            code = form.cleaned_data.get("code", "")
            given = carried_out(
                form, lambda: desk_page.answer(device, public_id, form.given(), code, browser)
            )
            if given is not None:
                return redirect("desk_request", selector=device.link.selector)
    page = desk_page.page(device, browser)
    context = {"page": page, "form": form, "target": row, "selector": device.link.selector}
    return render(request, "desk/answer.html", context, status=status)


@_let_in
def enrol(request: HttpRequest, device: DeskDevice, browser: Browser) -> HttpResponse:
    """Register a passkey that takes the place of codes at this link."""
    form = DeskEnrolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        row = carried_out(form, lambda: desk_enrolment.begin(device, **said))
        if row is not None:
            begin(request, row)
            return redirect("enrol_passkey")
    page = desk_page.page(device, browser)
    context = {"page": page, "form": form, "selector": device.link.selector}
    return render(request, "desk/enrol.html", context, status=400 if form.errors else 200)


@require_POST
@_let_in
def seal(request: HttpRequest, device: DeskDevice, browser: Browser) -> HttpResponse:
    """A code for one answer, encrypted to the desk's verified key."""
    return JsonResponse({"sealed": desk_codes.encrypted_for_answer(device)})


@require_POST
@_let_in
def leave(request: HttpRequest, device: DeskDevice, browser: Browser) -> HttpResponse:
    """This browser reads no more until it gives another code."""
    desk_codes.leave(device)
    return redirect("desk", selector=device.link.selector)
