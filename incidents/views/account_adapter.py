"""What allauth may do here: sign people in, never up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People arrive by enrolment or invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
