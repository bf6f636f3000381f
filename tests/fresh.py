"""Test clients sign in as people do: with a passkey, used this moment.

Who wants an older sign-in says so with `grow_old`.
"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test.client import ClientMixin

BEGAN, SEEN, ENOUGH = "began_at", "seen_at", "enough_passkeys"

# Where allauth keeps them, and whose they are.
RECORDS, WHOSE = "account_authentication_methods", "account_authentication_methods_user"


def install() -> None:
    """Let `force_login` leave what a sign-in with a passkey leaves in the session, and nobody be
    held up by limits that people do not reach; tests/doors looks at those."""
    settings.RATELIMIT_ENABLE = False
    log_in = ClientMixin._login  # type: ignore[attr-defined]

    def with_passkey(self: Any, user: Any, backend: str) -> None:
        log_in(self, user, backend)
        session = self.session
        session.update({BEGAN: time.time(), SEEN: time.time(), ENOUGH: True})
        session.save()
        _stamp(self, time.time())

    ClientMixin._login = with_passkey  # type: ignore[attr-defined]


def grow_old(client: Any, seconds: float = 301) -> None:
    """The client's passkey was used so long ago."""
    _stamp(client, time.time() - seconds)


def _stamp(client: Any, at: float) -> None:
    session = client.session
    session[RECORDS] = [{"method": "mfa", "type": "webauthn", "reauthenticated": True, "at": at}]
    session[WHOSE] = session[SESSION_KEY]
    session.save()
