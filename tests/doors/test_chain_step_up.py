"""Administering chains asks for the passkey once more; a URL is not kept while it is asked for."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from incidents.models import Person
from tests.doors.authenticator import SoftPasskey
from tests.doors.flows import options_in, sign_in
from tracing.models import Chain, ChainAct, Endpoint

pytestmark = pytest.mark.django_db
Enrolled = tuple[Person, SoftPasskey]
AGAIN = "/accounts/passkeys/again/"
URL = "https://node.example/K3YK3YK3Y"


@pytest.fixture
def chain(db: None) -> Chain:
    return Chain.objects.create(caip2="eip155:1", name="Ethereum")


def confirm(client: Client, device: SoftPasskey, answer: Any, page: str) -> Any:
    """Show the passkey where the answer sends one; what comes of the request that waited."""
    assert answer.status_code == 302
    assert answer["Location"].startswith(AGAIN)
    credential = device.get(options_in(client.get(answer["Location"]).content))
    return client.post(answer["Location"], {"credential": credential, "next": page})


def test_an_act_waits_for_the_passkey(client: Client, enrolled: Enrolled, chain: Chain) -> None:
    sign_in(client, enrolled[1])
    assert client.get(reverse("chain", args=[chain.caip2])).status_code == 200
    page = reverse("chain_quorum", args=[chain.caip2])
    answer = client.post(page, {"quorum": 2})
    assert Chain.objects.get().quorum == 1
    confirm(client, enrolled[1], answer, page)
    assert Chain.objects.get().quorum == 2
    assert ChainAct.objects.get().person == enrolled[0]


def test_a_url_is_asked_for_after_the_passkey_and_kept_nowhere_else(
    client: Client, enrolled: Enrolled, chain: Chain
) -> None:
    sign_in(client, enrolled[1])
    page = reverse("endpoint_new", args=[chain.caip2])
    sent = {"operator": "alpha", "kind": "history", "url": URL}
    early = client.post(page, sent)
    assert early["Location"] == page
    assert not Endpoint.objects.exists()
    for row in Session.objects.all():
        assert URL not in str(row.get_decoded())
    assert "what you wrote was not kept" in client.get(page, follow=True).content.decode()
    assert confirm(client, enrolled[1], client.get(page), page).status_code == 302
    assert client.get(page).status_code == 200
    assert client.post(page, sent).status_code == 302
    assert Endpoint.objects.get().url == URL
    for row in Session.objects.all():
        assert URL not in str(row.get_decoded())
