"""What allauth may do here: sign people in with passkeys, never up."""

from typing import ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from incidents.models import Person
from incidents.services import limits, passkeys


class AccountAdapter(DefaultAccountAdapter):
    """People arrive by enrolment or invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return limits.address_in(request.META)


class PasskeyAdapter(DefaultMFAAdapter):
    """Passkeys belong to the configured site, whatever Host header a request carries."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This passkey is not known here, or it took too long. Try again.",
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.SITE_URL).hostname or "localhost", "name": "Holdfast"}

    def generate_authenticator_name(self, user: Person, type: Authenticator.Type) -> str:
        """What a passkey is called when its owner gives it no name."""
        return f"Passkey {passkeys.count(user) + 1}"
