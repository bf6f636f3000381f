"""How sure we are that a request comes from the person: `Proof` of it, for the policy to judge."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest

from incidents.access import Proof
from incidents.choices import TokenScope
from incidents.models import ApiToken, Person


def proof_of(request: HttpRequest, token: object = None) -> Proof:
    """The proof that this request carries. ``token``: the API token that it came with.

    A passkey counts for ACCOUNT_REAUTHENTICATION_TIMEOUT seconds, whether it was used to sign in or
    again after that: both ask the device who holds it. What outlives the session (a token, another
    passkey) asks allauth, which takes the second alone. People of a drill have none: in
    drill mode a session suffices.
    """
    if isinstance(token, ApiToken):
        return Proof.TOKEN if TokenScope.WRITE in token.scopes else Proof.READ_TOKEN
    if settings.DRILL or _used_at(request) > time.time() - app_settings.REAUTHENTICATION_TIMEOUT:
        return Proof.FRESH
    return Proof.SESSION


def _used_at(request: HttpRequest) -> float:
    """When the passkey was last used in this session; seconds since the epoch, 0.0 for never."""
    if not isinstance(request.user, Person):
        return 0.0
    records = get_authentication_records(request, request.user)
    used = [record["at"] for record in records if _is_of_a_passkey(record)]
    return float(max(used, default=0.0))


def _is_of_a_passkey(record: dict[str, Any]) -> bool:
    """Whether allauth recorded a passkey that verified its owner: a second factor need not."""
    is_passkey = (record.get("method"), record.get("type")) == ("mfa", "webauthn")
    return is_passkey and bool(record.get("passwordless") or record.get("reauthenticated"))
