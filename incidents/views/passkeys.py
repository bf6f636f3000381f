"""Signing in and out, and a person's own passkeys: allauth's views, narrowed to passkeys."""

from typing import Any

from allauth.account.utils import get_login_redirect_url, get_next_redirect_url
from allauth.account.views import LogoutView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as allauth_views
from allauth.mfa.webauthn.forms import SignupWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from incidents.services import passkeys
from incidents.views.pages import person


@require_safe
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """One button. The passkey's answer is posted to allauth's own view, never here."""
    if request.user.is_authenticated:
        return redirect(get_login_redirect_url(request))
    return render(request, "account/login.html", {"next": get_next_redirect_url(request) or ""})


class SignOutView(LogoutView):
    """Asks on GET, signs out on POST, and empties what the browser kept."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(*args, **kwargs)
        response.headers["Clear-Site-Data"] = '"storage"'
        return response


sign_out = SignOutView.as_view()


class PasskeyForm(SignupWebAuthnForm):
    """A new passkey. It must have verified its owner: it is the only factor."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        credential = data.get("credential")
        if credential:
            response = auth.parse_registration_response(credential).response
            if not response.attestation_object.auth_data.is_user_verified():
                raise ValidationError("This device did not check that it is you. Use another.")
        return data


class AddPasskeyView(allauth_views.AddWebAuthnView):
    """allauth would make a second factor by default; here it is always a passkey."""

    form_class = PasskeyForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        options = auth.begin_registration(self.request.user, True)
        context["js_data"] = {"creation_options": options}

        context["is_second"] = passkeys.count(person(self.request)) < passkeys.NEEDED
        return context

    def get_success_url(self) -> str:
        """Back to where a person was held up because this was missing."""
        return get_next_redirect_url(self.request) or reverse("mfa_list_webauthn")


add = AddPasskeyView.as_view()


class PasskeyListView(allauth_views.ListWebAuthnView):
    """One's own, each with the handle that names it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        own = context["authenticators"]
        context["authenticators"] = [(one, passkeys.handle_of(one)) for one in own]
        return context


listed = PasskeyListView.as_view()


class _ByHandle:
    """allauth's views find a passkey by its row number; here it has none."""

    def get_object(self, queryset: Any = None) -> Authenticator:
        """:raises Http404: none of one's own."""
        own = self.get_queryset()  # type: ignore[attr-defined]
        found = passkeys.by_handle(own, self.kwargs["handle"])  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        return found


class RenamePasskeyView(_ByHandle, allauth_views.EditWebAuthnView):
    """Another name for it."""


rename = RenamePasskeyView.as_view()


class RemovePasskeyView(_ByHandle, allauth_views.RemoveWebAuthnView):
    """Two stay: who loses one of them must not depend on others. A passkey is replaced by adding
    the new one first."""

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            # Locked: two removals at once would each count the other's passkey.
            if len(self.get_queryset().select_for_update()) <= passkeys.NEEDED:
                messages.error(
                    self.request,
                    "You need two passkeys. To replace one, add the new one first, "
                    "then remove the old one.",
                )
                return redirect("mfa_list_webauthn")
            response: HttpResponse = super().form_valid(form)
        return response


remove = RemovePasskeyView.as_view()


class SignInAgainView(allauth_views.ReauthenticateWebAuthnView):
    """The passkey once more before something that matters. A failed try stays on the page."""

    def form_invalid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=400)
        return answer


sign_in_again = SignInAgainView.as_view()
