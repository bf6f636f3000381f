"""Token sign-in: `Authorization: Token <secret>`. Only the secret's SHA-256 is stored."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from incidents.choices import TokenScope
from incidents.exceptions import NotFound, TokenNotEnough
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
        _require_reach(request, token)
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


def _require_reach(request: Request, token: ApiToken) -> None:
    """What the token's scope and room do not carry is refused before any view runs.

    :raises NotFound: outside of its room; the same as for what is absent.
    :raises TokenNotEnough: it may only read.
    """
    match = request._request.resolver_match
    slug = match.kwargs.get("slug") if match else None
    if token.incident is not None and slug != token.incident.slug:
        is_list = match is not None and match.route == "api/v1/incidents/"
        if not is_list or request.method not in SAFE_METHODS:
            raise NotFound
    if request.method not in SAFE_METHODS and TokenScope.WRITE not in token.scopes:
        raise TokenNotEnough("This token may only read.")
