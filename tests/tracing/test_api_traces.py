"""Tracing through the API: a real node, a real theft, and who may read what of it."""

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.test.utils import CaptureQueriesContext

from config.embedded import ports
from config.embedded.node import Node
from incidents.choices import Marking
from tests import onchain
from tests.api import Body, client_of, room
from tracing.core.addresses import checksum_address

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = [pytest.mark.node, pytest.mark.django_db]

CHAIN = "eip155:31337"
NATIVE = f"{CHAIN}/slip44:60"
VICTIM, THIEF, MULE = "0x" + "a1" * 20, "0x" + "b0" * 20, "0x" + "c0" * 20
STOLEN = 30765667501709008927568
OWN = 10**17  # what the thief had before: spent first


@pytest.fixture
def theft(db: None, node: Node) -> str:
    """A transaction that took the victim's ether, on a chain that is watched from the start."""
    from tracing.services import endpoints

    endpoints.connect(CHAIN, name="Test chain", url=node.url, start=0)
    onchain.take_over(node, VICTIM)
    onchain.take_over(node, THIEF, wei=OWN)
    return onchain.send(node, VICTIM, THIEF, value=STOLEN)


def send(cast: "Cast", who: str, path: str, body: Body) -> Any:
    return client_of(cast.people[who]).post(room(cast.incident.slug, path), body)


def read(cast: "Cast", who: str, path: str, **query: Any) -> Any:
    answer = client_of(cast.people[who]).get(room(cast.incident.slug, path), query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def started(cast: "Cast", theft: str, **more: Any) -> Any:
    asked = {"chain": CHAIN, "tx": theft, "marking": Marking.AMBER}
    seeds = [f"{THIEF}/{NATIVE}"]
    return send(cast, "lead", "traces/", asked | {"seeds": seeds} | more)


def watch() -> None:
    """What the worker does with every block that there is."""
    from tracing.models import Chain
    from tracing.services import endpoints
    from tracing.watch import lease
    from tracing.watch.loop import Watcher
    from tracing.watch.source import Source

    chain = Chain.objects.get(caip2=CHAIN)
    taken = lease.claim(chain.pk)
    assert taken
    source = Source(endpoints.adapter_for(chain), chain.native_asset)
    watcher = Watcher(chain, taken)
    while watcher.step(source):
        pass
    taken.release()


def test_a_proposal_says_who_lost_and_who_gained(cast: "Cast", theft: str) -> None:
    answer = send(cast, "analyst", "traces/propose/", {"chain": CHAIN, "tx": theft})
    assert answer.status_code == 200, answer.content
    victim, thief = checksum_address(VICTIM), checksum_address(THIEF)
    named = {"asset": NATIVE, "symbol": "ETH", "decimals": 18, "amount": str(STOLEN)}
    told = answer.json()
    assert told.pop("block") > 0
    assert told == {
        "chain": CHAIN,
        "tx": theft,
        "is_partial": False,
        "left_out": 0,
        "losses": [{"address": victim, **named}],
        "gains": [
            {
                "address": thief,
                **named,
                "key": f"{THIEF}/{NATIVE}",
                "victim": victim,
                "is_likely": True,
            }
        ],
    }
    assert read(cast, "analyst", "traces/") == []


def test_only_what_was_confirmed_counts_as_real(cast: "Cast", theft: str, node: Node) -> None:
    """A thief's own token beside the theft must not become one that carries stolen value."""
    from tracing.models import Asset

    token = onchain.deploy(node, VICTIM, "HostileToken", "x", "FAKE")
    spam = onchain.call(node, VICTIM, "HostileToken", token, "spam", [THIEF, MULE], 7)
    asked = {"chain": CHAIN, "tx": spam}
    proposal = send(cast, "lead", "traces/propose/", asked).json()
    assert {gain["symbol"] for gain in proposal["gains"]} == {"FAKE"}
    assert Asset.objects.count() == 0
    started(cast, theft)
    assert [asset.caip19 for asset in Asset.objects.all()] == [NATIVE]


def test_a_token_sprayed_over_thousands_hides_no_theft(
    cast: "Cast", theft: str, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracing.services import traces

    token = onchain.deploy(node, VICTIM, "HostileToken", "x", "FAKE")
    crowd = [f"0x{number:040x}" for number in range(1, 8)]
    spam = onchain.call(node, VICTIM, "HostileToken", token, "spam", crowd, 7)
    monkeypatch.setattr(traces, "MOST_LINES", 5)
    proposal = send(cast, "lead", "traces/propose/", {"chain": CHAIN, "tx": spam}).json()
    assert (len(proposal["gains"]), proposal["left_out"]) == (5, 2)
    sprayed = {(address, "fake"): 7 for address in crowd}
    whole = {**sprayed, (VICTIM, NATIVE): -STOLEN, (THIEF, NATIVE): STOLEN}
    kept, left_out = traces._cut(whole)
    assert (kept[VICTIM, NATIVE], kept[THIEF, NATIVE]) == (-STOLEN, STOLEN)
    assert (len(kept), left_out) == (6, 3)


def test_a_started_trace_is_read_with_its_seeds(cast: "Cast", theft: str) -> None:
    answer = started(cast, theft)
    assert answer.status_code == 201, answer.content
    (trace,) = read(cast, "white_hat", "traces/")
    assert trace == answer.json()
    assert (trace["is_live"], trace["marking"], trace["owner"]["slug"]) == (
        False,
        Marking.AMBER,
        "kelp",
    )
    (seed,) = trace["seeds"]
    assert (seed["receiver"], seed["amount"]) == (checksum_address(THIEF), str(STOLEN))
    again = started(cast, theft)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "wrong_state")


def test_a_narrowed_trace_shows_nothing_of_itself_to_others(cast: "Cast", theft: str) -> None:
    started(cast, theft, audience={"organizations": ["layer-zero"]})
    watch()
    account = f"addresses/{CHAIN}:{THIEF}"
    for who, count in (("rival", 1), ("lead", 1), ("analyst", 0)):
        assert len(read(cast, who, "traces/")) == count, who
        for lines in ("exposures", "transfers", "hops"):
            assert len(read(cast, who, f"{account}/{lines}/")) == count, (who, lines)


def test_what_moved_at_an_address_is_exact(cast: "Cast", theft: str, node: Node) -> None:
    started(cast, theft)
    moved = onchain.send(node, THIEF, MULE, value=STOLEN - 1)
    watch()
    (held,) = read(cast, "lead", f"addresses/{CHAIN}:{MULE}/exposures/")
    transfer = read(cast, "lead", f"addresses/{CHAIN}:{checksum_address(MULE)}/transfers/")[0]
    hop = read(cast, "lead", f"addresses/{CHAIN}:{MULE}/hops/")[0]
    receipt = node.call("eth_getTransactionReceipt", moved)
    fee = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    stolen = str(STOLEN - 1 - (OWN - fee))
    assert held["tainted"] == hop["origin_amount"] == hop["amount"] == stolen
    assert (transfer["tx"], transfer["amount"]) == (moved, str(STOLEN - 1))
    for line in (transfer, hop):
        assert (line["sender"], line["receiver"]) == (
            checksum_address(THIEF),
            checksum_address(MULE),
        )
        assert line["symbol"] == "ETH"
    few = read(cast, "lead", f"addresses/{CHAIN}:{THIEF}/transfers/", limit=1)
    assert [line["tx"] for line in few] == [moved]


@pytest.mark.parametrize("limit", ["0", "501", "all"])
def test_a_wrong_limit_is_refused_at_its_field(cast: "Cast", limit: str) -> None:
    path = room(cast.incident.slug, f"addresses/{CHAIN}:{THIEF}/transfers/")
    answer = client_of(cast.people["lead"]).get(path, {"limit": limit})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "limit")


@pytest.mark.parametrize(
    ("more", "field", "reason"),
    [
        ({"tx": "0x12"}, "tx", "hash"),
        ({"tx": "0x" + "00" * 32}, "tx", "not known"),
        ({"chain": "eip155:1"}, "chain", "not watched"),
        ({"seeds": []}, "seeds", "empty"),
        ({"seeds": [f"{MULE}/{NATIVE}"]}, "seeds", "Not part of this transaction"),
        ({"marking": None}, "marking", "state a marking"),
        ({"audience": {"organizations": ["elsewhere"]}}, "audience.organizations", "Not of this"),
    ],
)
def test_bad_input_is_refused_at_its_field(
    cast: "Cast", theft: str, more: Body, field: str, reason: str
) -> None:
    answer = started(cast, theft, **more)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["field"] == field
    assert reason in answer.json()["error"]["message"]
    assert read(cast, "lead", "traces/") == []


def test_a_node_that_is_down_is_a_conflict_to_try_again(cast: "Cast", theft: str) -> None:
    from tracing.services import endpoints

    url = f"http://127.0.0.1:{ports.any_free()}/?key=secret"
    endpoints.configure(CHAIN, name="Test chain", url=url)
    answer = started(cast, theft)
    assert (answer.status_code, answer.json()["error"]["field"]) == (409, "chain")
    assert "secret" not in answer.content.decode()


def test_watched_chains_are_listed_without_their_endpoints(
    cast: "Cast", theft: str, node: Node
) -> None:
    watch()
    (chain,) = client_of(cast.outsider).get("/api/v1/chains/").json()
    assert (chain["chain"], chain["name"], chain["error"]) == (CHAIN, "Test chain", "")
    assert chain["applied_block"] == chain["head"] == int(node.call("eth_blockNumber"), 16)
    assert node.url not in str(chain)


def test_queries_of_the_lists_do_not_grow(cast: "Cast", theft: str, node: Node) -> None:
    from django.db import connection

    started(cast, theft)
    client, counts = client_of(cast.people["lead"]), []
    for _ in range(2):
        onchain.send(node, THIEF, MULE, value=10**18)
        watch()
        for path in ("traces/", f"addresses/{CHAIN}:{THIEF}/transfers/"):
            with CaptureQueriesContext(connection) as seen:
                assert client.get(room(cast.incident.slug, path)).status_code == 200
            counts.append(len(seen))
    assert counts == [6, 6, 6, 6]


def test_a_seed_that_a_label_contradicts_is_refused_with_the_labels_name(
    cast: "Cast", theft: str
) -> None:
    from tracing.models import Chain, Label, Service

    service = Service.objects.create(
        slug="deep-pool", name="Deep Pool", kind="pool", category="dex"
    )
    label = Label.objects.create(
        chain=Chain.objects.get(caip2=CHAIN),
        address=THIEF,
        service=service,
        source="https://example.org/labels",
        dated=date(2026, 1, 1),
        confidence=Label.Confidence.SOURCED,
        marking=Marking.CLEAR,
    )
    answer = started(cast, theft)
    assert answer.status_code == 400, answer.content
    error = answer.json()["error"]
    assert error["field"] == "seeds"
    assert f"{THIEF} is labelled Deep Pool (pool)" in error["message"]
    assert read(cast, "lead", "traces/") == []
    label.delete()
    assert started(cast, theft).status_code == 201
