"""/metrics: the figures of the page of chains, for whoever presents the token."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from tracing.models import Chain, ChainSample, Endpoint

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-at-least-twenty-characters"
PAGE = "/metrics"


@pytest.fixture
def token(settings: Any) -> str:
    settings.METRICS_TOKEN = TOKEN
    return TOKEN


def asked(client: Client, header: str | None) -> Any:
    headers = {} if header is None else {"Authorization": header}
    return client.get(PAGE, headers=headers)


def figures(client: Client) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample by name and the values of its labels, in the order of their names."""
    answer = asked(client, f"Bearer {TOKEN}")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    return {
        (sample.name.removeprefix("holdfast_"), tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize(
    "header",
    [None, "", TOKEN, f"Token {TOKEN}", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", "Bearer é"],
)
def test_without_the_token_it_does_not_exist(
    client: Client, token: str, header: str | None
) -> None:
    assert asked(client, header).status_code == 404
    assert asked(client, f"bearer {token}").status_code == 200


def test_without_a_configured_token_it_does_not_exist(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    for header in (None, "Bearer ", "Bearer", f"Bearer {TOKEN}"):
        assert asked(client, header).status_code == 404


@pytest.fixture
def chain(db: None) -> Chain:
    """A chain that lags and is not verified, through one good endpoint and one that was caught."""
    now = timezone.now()
    row = Chain.objects.create(
        caip2="eip155:1",
        name='Ether"eum\n',
        quorum=2,
        cursor_number=100,
        head_number=104,
        verified_number=90,
        verified_at=now - timedelta(seconds=50),
        unverified_since=now - timedelta(seconds=40),
        errors_in_row=3,
    )
    minute = now.replace(second=0, microsecond=0) - timedelta(minutes=1)
    ChainSample.objects.create(chain=row, minute=minute, blocks=5)
    Endpoint.objects.create(
        chain=row,
        operator="alpha",
        url="https://node.example/K3YK3Y",
        latency_ms=250.0,
        answered_at=now,
        head_number=104,
    )
    Endpoint.objects.create(
        chain=row, operator="beta", url="http://x/", state=Endpoint.State.QUARANTINED
    )
    return row


def test_the_figures_are_the_pages(client: Client, token: str, chain: Chain) -> None:
    found = figures(client)
    of = ("eip155:1", 'Ether"eum\n')
    wanted = {
        "chain_head_block": 104,
        "chain_applied_block": 100,
        "chain_verified_block": 90,
        "chain_lag_blocks": 4,
        "chain_quorum": 2,
        "chain_errors_in_row": 3,
        "chain_followed": 0,
        "chain_blocks_per_minute": 5,
        "chain_flawed": 0,
    }
    assert {name: found[name, of] for name in wanted} == wanted
    assert 50 <= found["chain_lag_seconds", of] < 60
    assert 40 <= found["chain_unverified_seconds", of] < 50
    standings = {key[1][2]: value for key, value in found.items() if key[0] == "chain_standing"}
    assert [name for name, value in standings.items() if value] == ["unverified"]
    alpha, beta = (("eip155:1", "rpc", name) for name in ("alpha", "beta"))
    assert (found["endpoint_healthy", alpha], found["endpoint_healthy", beta]) == (1, 0)
    assert (found["endpoint_quarantined", alpha], found["endpoint_quarantined", beta]) == (0, 1)
    assert found["endpoint_latency_seconds", alpha] == 0.25
    # What is not known has no sample.
    assert ("endpoint_latency_seconds", beta) not in found
    assert ("chain_checked_seconds", of) not in found
    assert "K3YK3Y" not in asked(client, f"Bearer {TOKEN}").content.decode()
