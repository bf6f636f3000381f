"""What a browser does at the door, by the test client."""

import json
import re
from typing import Any

from django.conf import settings
from django.test import Client

from tests.doors.authenticator import SoftPasskey

OPTIONS = re.compile(r'<script id="passkey-options" type="application/json">(.*?)</script>', re.S)


SECOND = "/accounts/passkeys/add/"


def options_in(page: bytes) -> dict[str, Any]:
    """What the page asks of the device."""
    found = OPTIONS.search(page.decode())
    assert found, page.decode()
    options: dict[str, Any] = json.loads(found[1])
    return options


def path_of(link: str) -> str:
    """A link of this site as the test client wants it."""
    assert link.startswith(settings.SITE_URL)
    return link.removeprefix(settings.SITE_URL)


def register(client: Client, passkey: SoftPasskey, at: str = "/enrol/passkey/") -> Any:
    """Answer the page's question with the device; the response to the form."""
    options = options_in(client.get(at).content)
    return client.post(at, {"credential": passkey.create(options), "name": "Phone"})


def sign_in(client: Client, passkey: SoftPasskey, **extra: str) -> Any:
    """Go through the sign-in page as its script does; the response to the form."""
    answer = client.get("/accounts/login/passkey/", headers={"Accept": "application/json"})
    credential = passkey.get(answer.json()["request_options"])
    return client.post("/accounts/login/passkey/", {"credential": credential, **extra})
