"""Tokens: hostile names are kept and inert, freezes of an issuer are seen, also in the past."""

import re
from typing import TYPE_CHECKING

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]

MAKER, VICTIM, THIEF, MULE = ("0x" + pair * 20 for pair in ("c0", "a1", "b0", "b1"))
HOSTILE = "<img src=x onerror=alert(1)>\0\u202e" + "x" * 90
BALANCES = 3  # the storage slot of balanceOf in Erc20.sol


def deploy(town: "Town", contract: str, symbol: str) -> str:
    """The address of a token of the drill's contracts."""
    from tracing.drills.calls import artefact

    arguments = encode(["string", "string"], [symbol, symbol]).hex()
    asked = {"from": MAKER, "gas": hex(5_000_000), "gasPrice": "0x0"}
    data = artefact(contract)["bytecode"] + arguments
    made = town.node.call("eth_sendTransaction", asked | {"data": data})
    town.mine()
    return str(town.node.call("eth_getTransactionReceipt", made)["contractAddress"]).lower()


def call(town: "Town", sender: str, contract: str, at: str, method: str, *args: object) -> str:
    """A call in a block of its own."""
    from tracing.drills.calls import calldata

    tx = town.send(sender, at, 0, calldata(contract, method, *args))
    town.mine()
    return tx


def test_a_hostile_symbol_is_kept_and_inert(town: "Town") -> None:
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import EXCHANGE
    from tracing.models import Asset

    token = deploy(town, "HostileToken", HOSTILE)
    trace = town.trace(call(town, MAKER, "HostileToken", token, "spam", [THIEF], 1000))
    call(town, MAKER, "HostileToken", token, "spoof", THIEF, MULE, 400)
    call(town, MAKER, "HostileToken", token, "spoof", MULE, EXCHANGE, 300)
    town.follow()

    kept = Asset.objects.get(contract=token).symbol
    assert kept == HOSTILE.replace("\0", "\ufffd")[:80]
    (moved,) = town.lines("trace.funds_moved")
    assert moved.entry.content["symbol"] == kept
    assert FreezeTarget.objects.get(request__incident=town.incident).symbol == kept[:40]
    assert trace.seeds.get().amount == 1000
    town.check()


def test_a_hostile_symbol_is_inert_on_the_page_of_the_room(town: "Town") -> None:
    from django.test import Client
    from django.urls import reverse

    token = deploy(town, "HostileToken", HOSTILE)
    town.trace(call(town, MAKER, "HostileToken", token, "spam", [THIEF], 1000))
    town.follow()
    client, lead = Client(), town.cast.lead.person
    assert lead is not None
    client.force_login(lead)
    page = client.get(reverse("room", args=[town.incident.slug])).content.decode()
    # What a script reads and writes out again as text (static/js/entry.js) is not shown itself.
    shown = re.sub(r'data-headline="[^"]*"', "", page)
    assert "<img src=x" not in shown
    assert "\u202e" not in shown
    assert "&lt;img src=x" in shown


def issued(town: "Town") -> str:
    """A token whose issuer can freeze it; the thief got some."""
    from tracing.core import caip
    from tracing.services import directory

    token = deploy(town, "StableToken", "USDX")
    directory.ensure_asset(
        town.chain,
        caip.erc20(town.chain.caip2, token),
        symbol="USDX",
        decimals=6,
        contract=token,
        issuer=town.exchange,
        freeze_interface="circle",
        follow_threshold=1,
    )
    return token


def test_freezes_and_releases_are_seen_alike_live_and_in_the_past(town: "Town") -> None:
    from tracing.models import ChainFreeze

    token = issued(town)
    tx = call(town, MAKER, "StableToken", token, "mint", THIEF, 1000)
    town.trace(tx)
    call(town, MAKER, "StableToken", token, "blacklist", THIEF)
    call(town, MAKER, "StableToken", token, "unBlacklist", THIEF)
    call(town, MAKER, "StableToken", token, "blacklist", THIEF)
    town.follow()

    def standing() -> list[bool]:
        found = ChainFreeze.objects.order_by("block__number")
        return [row.lifted_in is None for row in found]

    assert standing() == [False, True]
    lifted = [line.entry.content["lifted"] for line in town.lines("trace.frozen_on_chain")]
    assert lifted == [False, True, False]

    another = town.another_room()
    town.trace(tx, another)
    town.follow()
    assert standing() == [False, True]
    assert len(town.lines("trace.frozen_on_chain", another)) == 3


def test_a_freeze_in_the_block_of_the_arrival_is_told(town: "Town") -> None:
    from tracing.drills.calls import calldata

    token = issued(town)
    town.trace(call(town, MAKER, "StableToken", token, "mint", THIEF, 1000))
    town.send(THIEF, token, 0, calldata("StableToken", "transfer", MULE, 400))
    town.send(MAKER, token, 0, calldata("StableToken", "blacklist", MULE))
    town.mine()
    town.follow()
    assert [line.entry.content["address"] for line in town.lines("trace.frozen_on_chain")] == [MULE]


def test_a_dropped_freeze_is_a_freeze_no_more(town: "Town") -> None:
    from tracing.models import ChainFreeze

    token = issued(town)
    town.trace(call(town, MAKER, "StableToken", token, "mint", THIEF, 1000))
    call(town, MAKER, "StableToken", token, "blacklist", THIEF)
    town.follow()
    call(town, MAKER, "StableToken", token, "unBlacklist", THIEF)
    town.follow()
    assert ChainFreeze.objects.get().lifted_in is not None
    town.drop(1)
    town.mine(2)
    town.follow()
    assert ChainFreeze.objects.get().lifted_in is None
    town.drop(3)
    town.send(MAKER, THIEF, 1)
    town.mine(4)
    town.follow()
    assert not ChainFreeze.objects.exists()
    assert town.lines("trace.frozen_on_chain") == []


def rebase(town: "Town", token: str, holder: str, balance: int) -> None:
    """A balance of the drill's ERC-20 changes, and nothing is logged, in a block of its own: the
    node lays what is set by hand into its newest block."""
    town.mine()
    slot = keccak(encode(["address", "uint256"], [holder, BALANCES]))
    value = "0x" + balance.to_bytes(32, "big").hex()
    town.node.call("anvil_setStorageAt", token, "0x" + slot.hex(), value)
    town.mine()


@pytest.mark.parametrize("is_known_to_rebase", [True, False])
def test_rebase_of_a_known_token_is_an_adjustment(
    town: "Town", *, is_known_to_rebase: bool
) -> None:
    from tests.tracing.watch.town import CHAIN
    from tracing.models import Exposure, Hop
    from tracing.services import directory, ranges

    token = deploy(town, "StakedToken", "stETH")
    asset = f"{CHAIN}/erc20:{token}"
    directory.ensure_asset(
        town.chain,
        asset,
        symbol="stETH",
        decimals=18,
        contract=token,
        is_rebasing=is_known_to_rebase,
    )
    trace = town.trace(call(town, MAKER, "StakedToken", token, "mint", THIEF, 1000))
    town.follow()
    rebase(town, token, THIEF, 1100)
    call(town, THIEF, "StakedToken", token, "transfer", MULE, 550)
    town.follow()

    held = Exposure.objects.filter(trace=trace, asset=asset)
    found = dict(held.values_list("address", "tainted"))
    adjusted = Hop.objects.filter(trace=trace, kind="adjustment")
    if is_known_to_rebase:
        assert found == {THIEF: 550, MULE: 550}
        assert [(row.amount_from, row.amount_to) for row in adjusted] == [(1000, 1100)]
    else:
        assert found == {THIEF: 450, MULE: 550}
        assert not adjusted.exists()
    trace.refresh_from_db()
    assert ranges.faults(trace) == []
    town.check()
