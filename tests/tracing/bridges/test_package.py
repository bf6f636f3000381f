"""The package as a whole: fronts, silent places, labelled contracts, and its price per log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.tracing.bridges.logs import (
    ALICE,
    ARB,
    BASE,
    BOB,
    E1,
    ETHER,
    TOKEN,
    TX,
    contract_of,
    event_of,
    log_of,
    own_log,
    receipt_of,
    recorded_receipts,
    word,
)
from tests.tracing.bridges.more_samples import layerzero, mayan_swift
from tests.tracing.bridges.routes import transfer
from tests.tracing.bridges.samples import ID, USDC, across, axelar, cctp_v1, wormhole
from tests.tracing.chains.recorded import needs_recordings, result
from tracing.bridges import (
    Departure,
    Receipt,
    contracts,
    departures,
    landings,
    places,
    registry,
    topics,
)
from tracing.bridges._tokens import TRANSFER, WRAP
from tracing.bridges._words import ZERO
from tracing.core.logs import Log


def lifi(chain: int, receiver: str, index: int, bridge: str = "across") -> Log:
    data = (ID, bridge, "app", ZERO, USDC, receiver, 1000, chain, False, False)
    return own_log("lifi", "LiFiTransferStarted", E1, "", {"bridgeData": data}, index=index)


def left_of(*logs: Log, **told: Any) -> list[Departure]:
    found, refused = departures(receipt_of(E1, *logs, **told))
    assert refused == []
    return found


def test_front_and_the_bridge_below_are_one_departure() -> None:
    (deposit,) = across().near.logs
    (left,) = left_of(deposit, lifi(8453, ALICE, 1))
    assert (left.bridge, left.via, left.to_chain, left.to_address) == ("across", "lifi", BASE, BOB)
    assert left.match_key == departures(across().near).found[0].match_key


def test_front_to_another_chain_is_another_departure() -> None:
    (deposit,) = across().near.logs
    found = left_of(deposit, lifi(42161, ALICE, 1))
    assert [(left.bridge, left.via, left.to_chain) for left in found] == [
        ("across", "", BASE),
        ("lifi", "", ARB),
    ]


def test_front_alone_says_whom_to_ask() -> None:
    (left,) = left_of(lifi(8453, ALICE, 0, bridge="near-by"))
    assert (left.bridge, left.to_chain, left.to_address) == ("lifi", BASE, ALICE)
    assert left.data_request.endswith('It names the bridge "near-by".')
    (left,) = left_of(lifi(8453, ALICE, 0, bridge="<img src=x>"))
    assert "<" not in left.data_request


def test_front_tells_where_relay_went() -> None:
    sent = {"from": ALICE, "amount": 1000, "id": ID}
    deposit = own_log("relay", "RelayNativeDeposit", E1, "", sent)
    (left,) = left_of(deposit, lifi(42161, BOB, 1, bridge="relay"))
    assert (left.bridge, left.via, left.to_chain, left.to_address) == ("relay", "lifi", ARB, BOB)
    assert ID.hex() in left.data_request


def test_two_fronts_of_one_transaction_take_one_bridge_each() -> None:
    (first,) = across().near.logs
    second = replace(first, topics=(*first.topics[:2], "0x" + "00" * 31 + "4e", first.topics[3]))
    logs = [first, lifi(8453, ALICE, 1), replace(second, index=2), lifi(8453, ALICE, 3)]
    found = left_of(*logs)
    assert [(left.bridge, left.via, left.index) for left in found] == [
        ("across", "lifi", 0),
        ("across", "lifi", 2),
    ]


def test_mayan_hands_over_to_cctp() -> None:
    (burn,) = cctp_v1().near.logs
    forward = mayan_swift().near.logs[1]
    (left,) = left_of(burn, forward)
    assert (left.bridge, left.via, left.to_chain) == ("cctp_v1", "mayan", ARB)


def test_squid_hands_over_to_axelar() -> None:
    near = axelar().near
    router = contract_of("squid", E1)
    (left,) = departures(replace(near, to=router)).found
    assert (left.bridge, left.via) == ("axelar", "squid")
    (alone,) = departures(Receipt(E1, TX, ALICE, router, [], value=5)).found
    assert (alone.bridge, alone.amount, alone.to_chain) == ("squid", 5, "")


def test_token_that_reaches_a_silent_place_is_a_departure() -> None:
    place = contract_of("layerswap", E1)
    (left,) = left_of(transfer(USDC, BOB, place, 1000, index=4))
    assert (left.bridge, left.sender, left.asset, left.amount, left.index) == (
        "layerswap", BOB, f"{E1}/erc20:{USDC}", 1000, 4
    )  # fmt: skip
    assert left.data_request
    assert not left.to_chain
    assert left_of(transfer(USDC, place, BOB, 1000)) == []


def test_front_paid_in_a_token_and_a_fee_is_one_hand_over() -> None:
    router = contract_of("squid", E1)
    logs = [transfer(USDC, ALICE, router, 1000), transfer(TOKEN, ALICE, router, 5, index=1)]
    found = departures(Receipt(E1, TX, ALICE, router, logs, value=9)).found
    assert [(left.bridge, left.amount) for left in found] == [("squid", 1000)]


def test_wrapped_coin_tells_wormhole_its_amount() -> None:
    """A deposit into WETH makes no Transfer."""
    near = wormhole().near
    bridge = contract_of("wormhole", E1, "token_bridge")
    wrapped = Log(TOKEN, (WRAP, "0x" + word(bridge).hex()), "0x" + (10**18).to_bytes(32).hex(),
                  TX, 0)  # fmt: skip
    (left,) = departures(replace(near, logs=[wrapped, near.logs[1]])).found
    assert (left.asset, left.amount) == (f"{E1}/erc20:{TOKEN}", 10**18)
    (left,) = departures(replace(near, logs=[near.logs[1]])).found
    assert (left.asset, left.amount) == (f"{E1}/erc20:{TOKEN}", None)


def test_companions_are_decoded_once_however_many_ask() -> None:
    """1,500 deposits and as many state syncs in one transaction: twice, not two million times."""
    locked = {"depositor": ALICE, "depositReceiver": BOB, "amount": 7}
    synced = {"contractAddress": TOKEN, "data": b""}
    logs = []
    for at in range(0, 3000, 2):
        logs.append(own_log("polygon_pos", "LockedEther", E1, "ether_predicate", locked, index=at))
        sync = {**synced, "id": at}
        logs.append(own_log("polygon_pos", "StateSynced", E1, "state_sender", sync, index=at + 1))
    receipt = receipt_of(E1, *logs)
    found = departures(receipt).found
    assert [left.match_key for left in found] == [str(at) for at in range(0, 3000, 2)]
    assert len(receipt.read_before[("polygon_pos", "StateSynced", "state_sender")]) == 1500


def test_orbiter_reads_the_digits_of_a_token_amount() -> None:
    maker = contract_of("orbiter", E1)
    (left,) = left_of(transfer(USDC, ALICE, maker, 50_009_021))
    assert (left.to_chain, left.to_address) == (BASE, ALICE)
    (other,) = left_of(transfer(USDC, ALICE, maker, 50_001_234))
    assert (other.to_chain, other.to_address) == ("", "")


def test_label_lends_a_contract_to_a_bridge() -> None:
    """A drill's own router, or one that was replaced: read where a sourced label names it."""
    router = "0x" + "d7" * 20
    values = {"to": BOB, "asset": ZERO, "amount": ETHER, "memo": f"=:ETH.ETH:{ALICE}"}
    log = log_of(event_of("thorchain", "Deposit"), router, values)
    drill = "eip155:31337"
    assert departures(receipt_of(drill, log)).found == []
    (left,) = departures(receipt_of(drill, log, also={router: "thorchain"})).found
    assert (left.bridge, left.asset, left.to_address) == (
        "thorchain", "eip155:31337/slip44:60", ALICE
    )  # fmt: skip
    (left,) = departures(receipt_of(drill, log, also={router: "maya"})).found
    assert left.bridge == "maya"
    silent = receipt_of(drill, transfer(TOKEN, ALICE, router, 5), also={router: "instant_swap"})
    assert [left.bridge for left in departures(silent).found] == ["instant_swap"]


@pytest.mark.parametrize("change", ["another sender", "another guid", "no packet", "own endpoint"])
def test_token_of_layerzero_counts_only_with_the_endpoints_packet(change: str) -> None:
    near = layerzero().near
    burn, packet, sent = near.logs
    evil = "0x" + "66" * 20
    logs = {
        "another sender": [burn, packet, replace(sent, address=evil)],
        "another guid": [burn, packet, replace(sent, topics=(sent.topics[0], "0x" + "11" * 32,
                                                             sent.topics[2]))],
        "no packet": [burn, sent],
        "own endpoint": [burn, replace(packet, address=evil), sent],
    }[change]  # fmt: skip
    assert departures(replace(near, logs=logs)) == ([], [])
    assert len(departures(near).found) == 1


def test_packet_with_a_guid_that_is_not_its_own_is_refused() -> None:
    near = layerzero().near
    burn, packet, sent = near.logs
    at = 2 + 2 * (32 * 4 + 81)  # inside the guid of the encoded payload
    spoilt = packet.data[:at] + ("0" if packet.data[at] != "0" else "1") + packet.data[at + 1 :]
    found, refused = departures(replace(near, logs=[burn, replace(packet, data=spoilt), sent]))
    assert found == []
    assert {row.bridge for row in refused} == {"layerzero", "stargate"}


def test_contracts_that_hold_value_are_labels() -> None:
    labels = contracts()
    assert labels[E1]["0x5c7bcd6e7de5423a257d81b442095a1a6ced35c5"] == "across"
    assert labels[E1]["0x8315177ab297ba92a06054ce80a67ed4dbd7ed3a"] == "arbitrum_native"
    assert "0x1a44076050125825900e736c501f859c50fe728c" not in labels[E1]  # the endpoint holds none
    assert set(labels[E1].values()) <= set(registry())


def test_watcher_can_tell_beforehand_which_transactions_matter() -> None:
    place = contract_of("garden", E1)
    assert place in places(E1)
    assert contract_of("across", E1) not in places(E1)  # it speaks for itself
    assert {event_of("across", "FundsDeposited").topic, TRANSFER} <= topics()


@needs_recordings
def test_recorded_deposits_show_the_message_that_the_far_side_will_relay() -> None:
    """Real, to Base: the portal's own data of the deposit is the call whose hash is the key."""
    receipts = recorded_receipts("eth_getBlockReceipts/test_04.json")
    receipt = next(one for one in receipts if one.tx.startswith("0x8bb396bd82"))
    (left,) = departures(receipt).found
    assert (left.bridge, left.amount, left.to_chain) == ("op_stack", 4 * ETHER, BASE)
    assert left.match_key == "0xa1bf4e8aea1f83e75971b0198a942f53c176aad8cac1d40618d5337be753006d"


@needs_recordings
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_02", [("synapse", 195 * 10**15, ARB)]),
        (
            "test_04",
            [
                ("op_stack", 5 * 10**15, "eip155:7777777"),
                ("thorchain", 70_000_000, E1),
                ("orbiter", None, ""),
                ("layerzero_v1", 26 * 10**15, ARB),
                ("op_stack", 4 * ETHER, BASE),
            ],
        ),
        (
            "test_05",
            [
                ("arbitrum_native", 9443024179925867, "eip155:42170"),
                ("hop", 58627979711116257, "eip155:10"),
                ("op_stack", 6 * 10**15, "eip155:7777777"),
                ("op_stack", 25 * 10**14, "eip155:7777777"),
            ],
        ),
    ],
)
def test_recorded_blocks_show_these_departures(name: str, expected: list[Any]) -> None:
    read = [departures(one) for one in recorded_receipts(f"eth_getBlockReceipts/{name}.json")]
    assert [row for one in read for row in one.refused] == []
    found = [left for one in read for left in one.found]
    assert [(left.bridge, left.amount, left.to_chain) for left in found] == expected


@needs_recordings
def test_recorded_landing_from_base() -> None:
    """Real: UNI that came back from Base, with the hash of its message."""
    row = result("eth_getTransactionReceipt/test_08.json")
    logs = [
        Log(log["address"], tuple(log["topics"]), log["data"], log["transactionHash"],
            int(log["logIndex"], 16))
        for log in row["logs"]
    ]  # fmt: skip
    (came,) = landings(Receipt(E1, row["transactionHash"], row["from"], row["to"], logs)).found
    assert (came.bridge, came.from_chain, came.amount) == ("op_stack", BASE, 105607100000000000000)
    assert came.match_key == "0x2ea7230934374e1daac411597d90ec764528eac4ed633466465d8ff07720ecbc"
