"""An administrator adds a chain and its endpoints from the page: a real node, and a record."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from config.embedded.node import Node
from incidents.exceptions import BadInput, NotFound, WrongState
from incidents.models import Person
from tracing.core.caip import erc20
from tracing.models import Asset, Chain, ChainAct, Endpoint, Label, Quarantine
from tracing.services import chain_administration as administration
from tracing.services import shipped_chains

pytestmark = [pytest.mark.node, pytest.mark.django_db]

CAIP2 = "eip155:31337"
KEY = "K3YK3YK3YK3Y"
OWN = f"""
caip2 = "{CAIP2}"
name = "Test chain"
block_seconds = 1
quorum = 2
[native]
symbol = "ETH"
decimals = 18
slip44 = 60
[finality]
rule = "depth"
depth = 12
[[tokens]]
address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
symbol = "TKN"
decimals = 6
source = "its contract"
"""


@pytest.fixture
def administrator(db: None, client: Client) -> Person:
    """Somebody who runs the installation, signed in."""
    found = Person.objects.create_user("ada@example.org", "Ada", is_administrator=True)
    client.force_login(found)
    return found


@pytest.fixture
def chain(administrator: Person) -> Chain:
    return administration.add_chain(shipped_chains.read(OWN), by=administrator)


def url_of(node: Node) -> str:
    return f"{node.url}/?key={KEY}"


def kinds() -> list[str]:
    return [act.kind for act in ChainAct.objects.order_by("pk")]


def test_a_shipped_chain_is_added_with_its_tokens_and_asks_nobody(
    client: Client, administrator: Person
) -> None:
    answer = client.post(reverse("chain_new"), {"shipped": "base"}, follow=True)
    assert "It is followed once it has an endpoint" in answer.content.decode()
    row = Chain.objects.get(caip2="eip155:8453")
    assert (row.name, row.quorum, row.finality, row.final_depth) == ("Base", 2, "tag", 30)
    assert (row.is_watched, row.endpoints.count()) == (False, 0)
    weth = "0x4200000000000000000000000000000000000006"
    asset = Asset.objects.get(caip19=erc20(row.caip2, weth))
    assert (asset.symbol, asset.decimals, asset.is_noted) == ("WETH", 18, False)
    assert Label.objects.get(chain=row, address=weth).category == "wrapper"
    (act,) = ChainAct.objects.all()
    assert (act.kind, act.who, act.person) == ("chain_added", "Ada", administrator)


def test_a_file_of_ones_own_is_pasted_or_refused_with_its_place(
    client: Client, administrator: Person
) -> None:
    page = reverse("chain_new")
    for changed, said in (
        (OWN.replace("depth = 12", "depth = 0"), "finality.depth: is not between"),
        (OWN.replace('name = "Test chain"', ""), "name: is missing"),
        (OWN + '[[endpoints]]\noperator = "a"\nurl_env = "X"\n', "on the chain&#x27;s page"),
        (OWN + f'[[endpoints]]\noperator = "a"\nurl = "https://x/{KEY}"\n', "may hold a key"),
    ):
        answer = client.post(page, {"file": changed})
        assert answer.status_code == 400
        assert said in answer.content.decode()
    assert not Chain.objects.exists()
    assert client.post(page, {}).status_code == 400
    assert client.post(page, {"file": OWN}).status_code == 302
    assert Chain.objects.get().final_depth == 12
    # The same again changes the facts and keeps what a person set.
    Chain.objects.update(quorum=5)
    Endpoint.objects.create(chain=Chain.objects.get(), operator="alpha", url="http://x")
    client.post(page, {"file": OWN.replace("depth = 12", "depth = 20")})
    assert (Chain.objects.get().final_depth, Chain.objects.get().quorum) == (20, 5)
    assert kinds() == ["chain_added", "chain_changed"]


def test_an_endpoint_is_asked_kept_and_never_shown(
    client: Client, chain: Chain, node: Node
) -> None:
    page = reverse("endpoint_new", args=[CAIP2])
    sent = {"operator": "alpha", "kind": "rpc", "url": url_of(node)}
    shown = client.post(page, sent, follow=True).content.decode()
    assert "Its newest block is 0" in shown
    assert KEY not in shown
    row = Endpoint.objects.get()
    assert (row.operator, row.url) == ("alpha", url_of(node))
    assert Chain.objects.get().is_watched
    assert kinds() == ["chain_added", "endpoint_added", "chain_followed"]
    assert "1 operator can answer and 2 must agree" in shown
    again = client.post(page, sent | {"operator": "ALPHA"})
    assert "There is one of this operator" in again.content.decode()
    for changes, said in (
        ({"url": f"ftp://x/{KEY}"}, "http:// or https://"),
        ({"ws_url": f"http://x/{KEY}"}, "ws:// or wss://"),
        ({"operator": f"https://x/{KEY}"}, "not where it is"),
        ({"url": f"http://127.0.0.1:1/{KEY}"}, "No usable answer"),
    ):
        refused = client.post(page, sent | {"operator": "beta"} | changes)
        assert refused.status_code == 400
        assert said in refused.content.decode()
        if "operator" not in changes:
            assert KEY not in refused.content.decode()
    assert Endpoint.objects.count() == 1


def test_another_chains_endpoint_is_refused(client: Client, node: Node, chain: Chain) -> None:
    other = administration.add_chain(shipped_chains.definition("scroll"), by=None)
    answer = client.post(
        reverse("endpoint_new", args=[other.caip2]),
        {"operator": "alpha", "kind": "rpc", "url": url_of(node)},
    )
    assert "Wrong chain: expected eip155:534352" in answer.content.decode()
    assert KEY not in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_another_url_forgets_what_was_learnt_and_lifts_no_quarantine(
    client: Client, chain: Chain, node: Node
) -> None:
    row = Endpoint.objects.create(
        chain=chain,
        operator="alpha",
        url="http://old",
        learnt={"logs_range": 5},
        state=Endpoint.State.QUARANTINED,
        last_error="in quarantine: sender",
    )
    page = reverse("endpoint_change", args=[CAIP2, row.pk])
    assert "http://old" not in client.get(page).content.decode()
    client.post(page, {"url": url_of(node)})
    row.refresh_from_db()
    assert (row.url, row.learnt, row.state) == (url_of(node), {}, "quarantined")
    assert row.last_error == "in quarantine: sender"
    assert kinds()[-1] == "endpoint_changed"


def test_a_quarantine_is_lifted_with_a_reason_on_the_record(client: Client, chain: Chain) -> None:
    row = Endpoint.objects.create(
        chain=chain, operator="alpha", url="http://x", state=Endpoint.State.QUARANTINED
    )
    Quarantine.objects.create(
        endpoint=row, kind="sender", number=7, claimed="0xaa", computed="0xbb", answer="<script>"
    )
    shown = client.get(reverse("chain", args=[CAIP2])).content.decode()
    assert all(text in shown for text in ("sender", "0xaa", "0xbb", "&lt;script&gt;"))
    page = reverse("endpoint_lift", args=[CAIP2, row.pk])
    client.post(page, {"reason": " "})
    assert Endpoint.objects.get().state == "quarantined"
    client.post(page, {"reason": "They replaced the node."})
    assert Endpoint.objects.get().state == "active"
    why = Quarantine.objects.get()
    assert (why.lifted_by, why.reason) == ("Ada", "They replaced the node.")
    act = ChainAct.objects.first()
    assert act
    assert (act.kind, act.operator, act.detail) == (
        "quarantine_lifted",
        "alpha",
        "They replaced the node.",
    )
    with pytest.raises(WrongState):
        administration.lift_quarantine(row, "again", by=None)


def test_quorum_and_switches(client: Client, chain: Chain, administrator: Person) -> None:
    row = Endpoint.objects.create(chain=chain, operator="alpha", url="http://x")
    for quorum in ("0", "16", "x"):
        page = reverse("chain_quorum", args=[CAIP2])
        assert client.post(page, {"quorum": quorum}).status_code == 400
    client.post(reverse("chain_quorum", args=[CAIP2]), {"quorum": "3"})
    client.post(reverse("chain_quorum", args=[CAIP2]), {"quorum": "3"})  # nothing new
    for names in (["senders", "header"], ["header", "everything"]):
        client.post(reverse("chain_commitments", args=[CAIP2]), {"commitments": names})
        assert Chain.objects.get().commitments == ["header", "senders"]
    client.post(reverse("endpoint_switch", args=[CAIP2, row.pk]), {"on": "0"})
    assert (Chain.objects.get().quorum, Endpoint.objects.get().is_enabled) == (3, False)
    with pytest.raises(WrongState):
        administration.follow(chain, True, by=administrator)
    client.post(reverse("endpoint_switch", args=[CAIP2, row.pk]), {"on": "1"})
    client.post(reverse("chain_follow", args=[CAIP2]), {"on": "1"})
    assert Chain.objects.get().is_watched
    client.post(reverse("chain_follow", args=[CAIP2]), {"on": "0"})
    assert not Chain.objects.get().is_watched
    assert kinds()[1:] == [
        "quorum_set",
        "commitments_set",
        "endpoint_off",
        "endpoint_on",
        "chain_followed",
        "chain_left",
    ]
    assert ChainAct.objects.filter(kind="quorum_set").get().detail == "2 to 3"


def test_a_service_refuses_whoever_is_no_administrator(chain: Chain) -> None:
    somebody = Person.objects.create_user("bob@example.org", "Bob")
    gone = Person.objects.create_user("eve@example.org", "Eve", is_administrator=True)
    gone.is_active = False
    for person in (somebody, gone):
        with pytest.raises(NotFound):
            administration.set_quorum(chain, 1, by=person)
        with pytest.raises(NotFound):
            administration.get_chain(person, CAIP2)
    administration.set_quorum(chain, 1, by=None)
    assert ChainAct.objects.first().who == "console"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tracing_chainact SET who = 'nobody'",
        "DELETE FROM tracing_chainact",
        "TRUNCATE tracing_chainact",
    ],
)
def test_the_database_refuses_to_change_the_record(chain: Chain, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"append-only|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert ChainAct.objects.count() == 1


def test_a_start_is_a_start_once(chain: Chain, node: Node) -> None:
    asked: Any = administration.add_endpoint(chain, "alpha", node.url, by=None, start=0)
    assert asked.head == 0
    row = Chain.objects.get()
    assert (row.cursor_number, row.is_watched) == (-1, True)
    with pytest.raises(BadInput, match="settled"):
        administration.add_endpoint(row, "beta", node.url, by=None, start=0)
