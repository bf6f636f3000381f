"""The few allauth routes that exist. Passwords, e-mail codes and sign-up have none, so that the
passkey stays the only way in; the names are allauth's, since its views reverse them."""

from allauth.account.views import account_inactive
from allauth.mfa.webauthn.views import login_webauthn
from django.urls import path

from incidents.views import passkeys

urlpatterns = [
    path("login/", passkeys.sign_in, name="account_login"),
    path("login/passkey/", login_webauthn, name="mfa_login_webauthn"),
    path("logout/", passkeys.sign_out, name="account_logout"),
    path("inactive/", account_inactive, name="account_inactive"),
    path("passkeys/", passkeys.listed, name="mfa_list_webauthn"),
    path("passkeys/add/", passkeys.add, name="mfa_add_webauthn"),
    path("passkeys/again/", passkeys.sign_in_again, name="mfa_reauthenticate_webauthn"),
    path("passkeys/<slug:handle>/rename/", passkeys.rename, name="mfa_edit_webauthn"),
    path("passkeys/<slug:handle>/remove/", passkeys.remove, name="mfa_remove_webauthn"),
]
