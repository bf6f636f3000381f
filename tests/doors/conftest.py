"""People at the door. Django's parts are imported late: this file loads before Django does."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from tests.doors.authenticator import SoftPasskey


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """What other tests tried does not count."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def passkey() -> Callable[..., "SoftPasskey"]:
    """A new device at this site: ``passkey(verifies=False)`` for one that checks nobody."""
    from django.conf import settings

    from tests.doors.authenticator import SoftPasskey

    return lambda **how: SoftPasskey(settings.SITE_URL, **how)


@pytest.fixture
def enrolled(db: None, client: Client, passkey: Callable[..., "SoftPasskey"]) -> Any:
    """An administrator who has registered two passkeys and signed out; with the first device."""
    from incidents.services import enrolment
    from tests.doors.flows import SECOND, path_of, register

    made = enrolment.enroll_administrator(
        "ada@example.org", name="Ada", organization_name="Protocol A"
    )
    device = passkey()
    client.post(path_of(made.link))
    assert register(client, device).status_code == 302
    assert register(client, passkey(), SECOND).status_code == 302
    client.post("/accounts/logout/")
    return made.person, device
