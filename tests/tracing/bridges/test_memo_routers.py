"""THORChain and Maya: what a memo says, and what makes both sides one crossing."""

from dataclasses import replace

import pytest

from tests.tracing.bridges.logs import (
    ALICE,
    BASE,
    BOB,
    E1,
    ETHER,
    TX,
    own_log,
    receipt_of,
    recorded_receipts,
)
from tests.tracing.chains.recorded import needs_recordings
from tracing.bridges import Departure, departures, landings
from tracing.bridges._words import ZERO
from tracing.core.crossings import Certainty, Seen, match

BTC = "bip122:000000000019d6689c085ae165831e93"
PAID = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"


def deposit(memo: str, slug: str = "thorchain") -> Departure:
    values = {"to": BOB, "asset": ZERO, "amount": ETHER, "memo": memo}
    log = own_log(slug, "Deposit", E1, "router", values, index=7)
    found, refused = departures(receipt_of(E1, log, also={BOB: slug}))  # a label names the vault
    assert (len(found), refused) == (1, [])
    return found[0]


@pytest.mark.parametrize(
    ("memo", "chain", "asset", "amount"),
    [
        (f"=:BTC.BTC:{PAID}", BTC, f"{BTC}/slip44:0", None),
        (f"=:b:{PAID}:123456/1/0:t:30", BTC, f"{BTC}/slip44:0", 123456),
        (f"SWAP:BTC.BTC:{PAID}/{ALICE}:1e6", BTC, f"{BTC}/slip44:0", 10**6),
        (f"s:ETH.ETH:{ALICE}:5", E1, f"{E1}/slip44:60", 5 * 10**10),
        (f"=:BASE.ETH:{ALICE}", BASE, f"{BASE}/slip44:60", None),
        (f"=:ETH.USDT-0xdac17f958d2ee523a2206206994597c13d831ec7:{ALICE}:9", E1,
         f"{E1}/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7", None),
        (f"=:ETH.USDT-31EC7:{ALICE}:9", E1, "", None),  # shortened: the token is not told
    ],
)  # fmt: skip
def test_memo_names_chain_address_asset_and_limit(
    memo: str, chain: str, asset: str, amount: int | None
) -> None:
    left = deposit(memo)
    assert (left.to_chain, left.to_asset, left.to_amount) == (chain, asset, amount)
    assert left.to_address in (PAID, ALICE)
    assert (left.data_request, left.sender, left.escrow) == ("", ALICE, BOB)


@pytest.mark.parametrize(
    ("memo", "chain", "said"),
    [
        ("=:BTC.BTC:somebody", BTC, 'The memo names "somebody"'),
        ("=:BTC.BTC:<script>", BTC, "by its hash."),
        ("=:WHAT.EVER:x", "", 'The memo names "x"'),
        ("+:BTC.BTC", "", "by its hash."),
        ("", "", "by its hash."),
    ],
)
def test_memo_that_tells_no_address_asks_a_node(memo: str, chain: str, said: str) -> None:
    left = deposit(memo)
    assert (left.to_chain, left.to_address) == (chain, "")
    assert left.data_request.endswith(said + ("." if said.startswith("The") else ""))
    assert "<" not in left.data_request


def test_synth_stays_on_the_protocols_own_chain() -> None:
    left = deposit("=:BTC/BTC:thor1abc")
    assert (left.to_chain, left.to_address, left.to_asset) == ("cosmos:thorchain-1", "thor1abc", "")


def test_vault_that_no_label_names_is_to_be_asked_for() -> None:
    """Tokens in the router are the vault's to send: a sender's own address would be no bridge."""
    values = {"to": BOB, "asset": ALICE, "amount": 5, "memo": f"=:b:{PAID}"}
    log = own_log("thorchain", "Deposit", E1, "router", values)
    (left,) = departures(receipt_of(E1, log)).found
    assert left.data_request == f"Ask a node whether {BOB} is a vault: the sender named it."
    assert (left.to_address, left.escrow) == (PAID, log.address)
    (left,) = departures(receipt_of(E1, log, also={BOB: "thorchain"})).found
    assert left.data_request == ""


def test_maya_reads_its_own_router_only() -> None:
    assert deposit(f"=:b:{PAID}", "maya").bridge == "maya"
    assert deposit(f"=:b:{PAID}").bridge == "thorchain"


def test_outbound_shows_the_inbound_transaction() -> None:
    left = deposit(f"=:ETH.ETH:{BOB}")
    paid = {"vault": BOB, "to": BOB, "asset": ZERO, "amount": ETHER - 5}
    out = own_log(
        "thorchain", "TransferOut", E1, "router", paid | {"memo": f"OUT:{TX[2:].upper()}"}
    )
    back = own_log(
        "thorchain", "TransferOut", E1, "router", paid | {"memo": f"REFUND:{TX[2:].upper()}"}
    )
    other = own_log("thorchain", "TransferOut", E1, "router", paid | {"memo": "MIGRATE:1"})
    found, refused = landings(receipt_of(E1, out, back, other))
    assert refused == []
    assert [landing.match_key for landing in found] == [left.match_key] * 2
    assert found[1] == replace(found[0], is_refund=True, from_chain=E1)
    assert (found[0].to_address, found[0].amount) == (BOB, ETHER - 5)


def test_payment_in_a_vaults_place_is_not_the_outbound() -> None:
    """Anybody may have the router pay out with any memo: only the deposit's own vault counts."""
    left = deposit(f"=:ETH.ETH:{BOB}")
    memo = f"OUT:{TX[2:].upper()}"
    fake = {"vault": ALICE, "to": ALICE, "asset": ZERO, "amount": 1, "memo": memo}
    (came,) = landings(
        receipt_of(E1, own_log("thorchain", "TransferOut", E1, "router", fake))
    ).found
    assert match(left, 1000, [Seen(came, 1060)]) == []
    real = {"vault": BOB, "to": BOB, "asset": ZERO, "amount": ETHER - 5, "memo": memo}
    (true,) = landings(
        receipt_of(E1, own_log("thorchain", "TransferOut", E1, "router", real))
    ).found
    (one,) = match(left, 1000, [Seen(came, 1060), Seen(true, 1070)])
    assert (one.landing, one.certainty) == (true, Certainty.CERTAIN)


@pytest.mark.parametrize("memo", ["=:" + "x" * 300, "=" * (1 << 20)])
def test_memo_that_the_protocol_would_not_take_is_refused(memo: str) -> None:
    values = {"to": BOB, "asset": ZERO, "amount": ETHER, "memo": memo}
    bad = own_log("thorchain", "Deposit", E1, "router", values)
    good = own_log("thorchain", "Deposit", E1, "router", values | {"memo": f"=:b:{PAID}"}, index=1)
    found, refused = departures(receipt_of(E1, bad, good))
    assert [left.index for left in found] == [1]
    assert [(row.bridge, row.index) for row in refused] == [("thorchain", 0)]


@needs_recordings
def test_recorded_deposit_of_block_18100010() -> None:
    """Real: 70 USDC to an Ethereum destination; the asset is shortened."""
    found = [
        left
        for receipt in recorded_receipts("eth_getBlockReceipts/test_04.json")
        for left in departures(receipt).found
        if left.bridge == "thorchain"
    ]
    assert [(left.amount, left.to_chain, left.sender == left.to_address) for left in found] == [
        (70_000_000, E1, True)
    ]
