"""The pages of chains x everybody: states for whoever signed in, endpoints for administrators."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.models import Person
from tests.cast import Cast
from tracing.models import Block, Chain, ChainAct, ChainSample, Endpoint, Quarantine
from tracing.services import chains

pytestmark = pytest.mark.django_db

CAIP2 = "eip155:1"
OPERATOR = "Secret Operator"
URL = "https://acct.node.example/v2/K3YK3YK3Y"


@pytest.fixture
def chain(db: None) -> Chain:
    """A chain of two operators, one of which was caught."""
    row = Chain.objects.create(
        caip2=CAIP2,
        name="Ethereum",
        native_asset=f"{CAIP2}/slip44:60",
        quorum=2,
        cursor_number=100,
        cursor_hash="0x" + "c1" * 32,
        head_number=103,
        verified_number=100,
        verified_at=timezone.now(),
    )
    good = {"chain": row, "head_number": 103, "latency_ms": 41.7, "answered_at": timezone.now()}
    Endpoint.objects.create(operator=OPERATOR, url=URL, learnt={"logs_range": 2000}, **good)
    caught = Endpoint.objects.create(
        chain=row, operator="Liar", url=URL, state=Endpoint.State.QUARANTINED
    )
    Quarantine.objects.create(
        endpoint=caught, kind="receipts-root", number=99, claimed="0xaa", computed="0xbb"
    )
    ChainSample.objects.create(
        chain=row, minute=timezone.now().replace(second=0, microsecond=0), blocks=7, lag_blocks=2
    )
    return row


@pytest.fixture
def administrator(cast: Cast) -> Person:
    """The outsider, with the right to run the installation and a seat in no room."""
    Person.objects.filter(pk=cast.outsider.pk).update(is_administrator=True)
    return Person.objects.get(pk=cast.outsider.pk)


def pages(chain: Chain) -> dict[str, tuple[str, dict[str, Any]]]:
    """Method, address and what is sent, of everything that only an administrator may reach."""
    pk = Endpoint.objects.filter(chain=chain, operator="Liar").get().pk
    on = [chain.caip2, pk]
    return {
        "GET " + reverse("chain_new"): ("get", {}),
        "POST " + reverse("chain_new"): ("post", {"shipped": "base"}),
        "GET " + reverse("chain", args=[CAIP2]): ("get", {}),
        "POST " + reverse("chain_quorum", args=[CAIP2]): ("post", {"quorum": 1}),
        "POST " + reverse("chain_commitments", args=[CAIP2]): ("post", {"commitments": "header"}),
        "POST " + reverse("chain_follow", args=[CAIP2]): ("post", {"on": "0"}),
        "GET " + reverse("endpoint_new", args=[CAIP2]): ("get", {}),
        "POST " + reverse("endpoint_new", args=[CAIP2]): ("post", {"operator": "x", "url": URL}),
        "GET " + reverse("endpoint_change", args=on): ("get", {}),
        "POST " + reverse("endpoint_change", args=on): ("post", {"url": URL}),
        "POST " + reverse("endpoint_switch", args=on): ("post", {"on": "0"}),
        "POST " + reverse("endpoint_lift", args=on): ("post", {"reason": "Fixed."}),
    }


def everything() -> list[Any]:
    """The rows that administration changes."""
    tables = (Chain, Endpoint, Quarantine, ChainAct)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_only_administrators_administer(cast: Cast, chain: Chain) -> None:
    before = everything()
    for who, person in {**cast.people, "nobody": None}.items():
        client = Client()
        if person is not None:
            client.force_login(person)
        for page, (method, sent) in pages(chain).items():
            answer = getattr(client, method)(page.partition(" ")[2], sent)
            if person is None:
                assert answer.status_code == 302, page
                assert answer["Location"].startswith("/accounts/login/")
            else:
                # As if it were not there.
                assert answer.status_code == 404, (who, page)
                assert CAIP2.encode() not in answer.content.replace(page.encode(), b"")
    assert everything() == before


def test_an_administrator_reaches_every_page(
    client: Client, chain: Chain, administrator: Person
) -> None:
    client.force_login(administrator)
    for page, (method, _) in pages(chain).items():
        if method == "get":
            assert client.get(page.partition(" ")[2]).status_code == 200, page
    assert client.get(reverse("chain", args=["eip155:404"])).status_code == 404


def test_everybody_who_signed_in_sees_chains_and_only_administrators_endpoints(
    client: Client, cast: Cast, chain: Chain, administrator: Person
) -> None:
    assert client.get(reverse("watch")).status_code == 302
    for who, person in cast.people.items():
        client.force_login(person)
        shown = client.get(reverse("watch")).content.decode()
        assert "Ethereum" in shown
        assert "verified" in shown
        assert '<b class="num">3</b> blocks' in shown
        sees = person.pk == administrator.pk
        assert (OPERATOR in shown) is sees, who
        assert ("in quarantine" in shown) is sees
        assert ("node.example" in shown) is sees
        for secret in ("acct", "K3YK3YK3Y"):
            assert secret not in shown


def test_verified_without_traces_says_so(client: Client, cast: Cast, chain: Chain) -> None:
    block = Block.objects.create(
        chain=chain,
        number=100,
        hash=chain.cursor_hash,
        parent_hash="0x",
        timestamp=timezone.now(),
        standing="verified",
    )
    client.force_login(cast.people["lead"])
    assert "inner movements not" not in client.get(reverse("watch")).content.decode()
    block.standing = "logs"
    block.save(update_fields=["standing"])
    shown = client.get(reverse("watch")).content.decode()
    assert "logs verified, inner movements not</span>" in shown
    assert chains.watched()[0].standing == "logs"


def test_a_right_in_a_room_is_none_here(client: Client, cast: Cast, chain: Chain) -> None:
    """Who runs their organization's people runs nothing of the installation, and the reverse."""
    assert cast.lead.person
    assert cast.lead.person.memberships.get().is_administrator
    client.force_login(cast.lead.person)
    assert client.get(reverse("chain", args=[CAIP2])).status_code == 404


def test_the_page_takes_few_queries_whatever_the_number_of_chains(
    client: Client, chain: Chain, administrator: Person, django_assert_num_queries: Any
) -> None:
    for number in range(2, 12):
        Chain.objects.create(caip2=f"eip155:{number}", name=f"Chain {number}")
    client.force_login(administrator)
    # session, person; chains, blocks, samples, endpoints, quarantines
    with django_assert_num_queries(7):
        client.get(reverse("watch"))


def test_no_chain_and_no_endpoint_are_said_and_not_left_blank(
    client: Client, cast: Cast, administrator: Person
) -> None:
    client.force_login(cast.people["lead"])
    assert "No chain is followed yet" in client.get(reverse("watch")).content.decode()
    Chain.objects.create(caip2=CAIP2, name="Ethereum")
    shown = client.get(reverse("watch")).content.decode()
    assert "starting" in shown
    assert "nothing was applied in the last hour" in shown
    client.force_login(administrator)
    assert "No endpoint yet" in client.get(reverse("watch")).content.decode()


def test_a_chain_that_was_added_is_found_again_before_it_has_an_endpoint(
    client: Client, administrator: Person
) -> None:
    for number in (2, 3):
        Chain.objects.create(caip2=f"eip155:{number}", name=f"Chain {number}", is_watched=False)
    ChainAct.objects.create(
        chain=Chain.objects.get(caip2="eip155:2"), who="console", kind=ChainAct.Kind.CHAIN_ADDED
    )
    client.force_login(administrator)
    shown = client.get(reverse("watch")).content.decode()
    assert reverse("chain", args=["eip155:2"]) in shown
    assert "Chain 3" not in shown, "labels speak of it, and nobody added it"
    Chain.objects.create(caip2="eip155:4", name="Last by name")
    shown = client.get(reverse("watch")).content.decode()
    assert shown.index("Last by name") < shown.index("Chain 2"), "watched ones come first"
