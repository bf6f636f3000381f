"""Token sign-in: `Authorization: Token <secret>`. Only the secret's SHA-256 is stored."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from incidents.models import ApiToken, Person
from incidents.services import limits, tokens


class TokenAuthentication(BaseAuthentication):
    """A person's bearer token."""

    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        parts = get_authorization_header(request).decode("latin-1").split()
        if not parts or parts[0].lower() != "token":
            return None
        if len(parts) != 2:
            raise AuthenticationFailed("Write: Authorization: Token <secret>")
        token = tokens.use(parts[1])
        if token is None:
            # Only wrong ones count by address, so that nobody uses up the tries of a right one.
            limits.count("door", f"address:{limits.address_in(request.META)} token")
            raise AuthenticationFailed("This token is unknown, expired or revoked.")
        kind = "read" if request.method in SAFE_METHODS else "write"
        limits.count(kind, f"person:{token.person_id}")
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword
