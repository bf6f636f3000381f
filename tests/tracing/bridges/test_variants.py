"""Every other event that a decoder reads: by its published topic, whole, cut short and spoilt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.tracing.bridges.logs import (
    ALICE,
    ARB,
    BOB,
    E1,
    ETHER,
    OP,
    TOKEN,
    contract_of,
    event_of,
    log_of,
    receipt_of,
    word,
)
from tests.tracing.bridges.more_samples import MORE
from tests.tracing.bridges.rollup_samples import ROLLUPS
from tests.tracing.bridges.samples import SAMPLES
from tracing.bridges import departures, landings, registry

ID = b"\x1d" * 32
BSC = "eip155:56"
TOKEN_ON_E1 = f"{E1}/erc20:{TOKEN}"
SENT = {"amount": 1000, "to_address": BOB}
EVM_ADDRESS = bytes.fromhex(BOB[2:])

# slug, event, chain, role, values that matter, what the decoder must tell
DEPARTURES: list[tuple[str, str, str, str, dict[str, Any], dict[str, Any]]] = [
    ("celer", "Deposited", E1, "", {"token": TOKEN, "mintChainId": 10, "mintAccount": BOB},
     {**SENT, "asset": TOKEN_ON_E1, "to_chain": OP}),
    ("celer", "Burn", E1, "", {"token": TOKEN, "toChainId": 10, "toAccount": BOB},
     {**SENT, "asset": TOKEN_ON_E1, "to_chain": OP}),
    ("chainflip", "SwapNative", E1, "", {"dstChain": 4, "dstAddress": EVM_ADDRESS},
     {**SENT, "asset": f"{E1}/slip44:60", "to_chain": ARB}),
    ("chainflip", "XCallNative", E1, "", {"dstChain": 4, "dstAddress": EVM_ADDRESS},
     {**SENT, "asset": f"{E1}/slip44:60", "to_chain": ARB}),
    ("chainflip", "XCallToken", E1, "",
     {"dstChain": 4, "dstAddress": EVM_ADDRESS, "srcToken": TOKEN},
     {**SENT, "asset": TOKEN_ON_E1, "to_chain": ARB}),
    ("mayan", "ForwardedEth", E1, "forwarder", {}, {"asset": f"{E1}/slip44:60", "to_chain": ""}),
    ("mayan", "SwapAndForwardedEth", E1, "forwarder", {"middleToken": TOKEN, "middleAmount": 7},
     {"asset": TOKEN_ON_E1, "amount": 7}),
    ("mayan", "SwapAndForwardedERC20", E1, "forwarder", {"middleToken": TOKEN, "middleAmount": 7},
     {"asset": TOKEN_ON_E1, "amount": 7}),
    ("op_stack", "ERC20BridgeInitiated", E1, "standard_bridge",
     {"localToken": TOKEN, "remoteToken": ALICE, "to": BOB},
     {**SENT, "asset": TOKEN_ON_E1, "to_chain": OP, "to_asset": f"{OP}/erc20:{ALICE}"}),
    ("op_stack", "ERC20DepositInitiated", E1, "standard_bridge",
     {"l1Token": TOKEN, "l2Token": ALICE, "to": BOB},
     {**SENT, "asset": TOKEN_ON_E1, "to_chain": OP, "to_asset": f"{OP}/erc20:{ALICE}"}),
    ("polygon_pos", "LockedEther", E1, "ether_predicate", {"depositReceiver": BOB},
     {**SENT, "asset": f"{E1}/slip44:60", "to_chain": "eip155:137"}),
    ("relay", "RelayErc20Deposit", E1, "", {"token": TOKEN, "id": ID},
     {"asset": TOKEN_ON_E1, "amount": 1000, "match_key": "0x" + ID.hex(), "to_chain": ""}),
    ("relay", "FundsForwardedWithData", E1, "", {}, {"amount": None, "to_chain": ""}),
    ("symbiosis", "BurnRequest", BSC, "synthesis", {"token": TOKEN, "chainID": 10, "to": BOB},
     {**SENT, "to_chain": OP}),
    ("synapse", "TokenRedeem", E1, "bridge", {"to": BOB, "chainId": 10}, {"to_chain": OP, **SENT}),
    ("synapse", "TokenDepositAndSwap", E1, "bridge", {"to": BOB, "chainId": 10},
     {"to_chain": OP, **SENT}),
    ("synapse", "TokenRedeemAndSwap", E1, "bridge", {"to": BOB, "chainId": 10},
     {"to_chain": OP, **SENT}),
    ("synapse", "TokenRedeemAndRemove", E1, "bridge", {"to": BOB, "chainId": 10},
     {"to_chain": OP, **SENT}),
    ("synapse", "TokenRedeemV2", E1, "bridge", {"to": word(BOB), "chainId": 10},
     {"to_chain": OP, **SENT}),
]  # fmt: skip

LANDINGS: list[tuple[str, str, str, str, dict[str, Any], dict[str, Any]]] = [
    ("arbitrum_native", "DepositFinalized", ARB, "l2_gateway", {"to": BOB},
     {**SENT, "from_chain": E1, "match_key": ""}),
    ("lifi", "LiFiTransferCompleted", E1, "",
     {"receiver": BOB, "receivingAssetId": TOKEN, "transactionId": ID},
     {**SENT, "asset": TOKEN_ON_E1, "match_key": ""}),
    ("op_stack", "ERC20BridgeFinalized", E1, "standard_bridge", {"to": BOB, "localToken": TOKEN},
     {**SENT, "asset": TOKEN_ON_E1, "from_chain": OP}),
    ("polygon_pos", "ExitedERC20", E1, "erc20_predicate", {"exitor": BOB, "rootToken": TOKEN},
     {**SENT, "asset": TOKEN_ON_E1, "from_chain": "eip155:137"}),
    ("polygon_pos", "ExitedEther", E1, "ether_predicate", {"exitor": BOB},
     {**SENT, "asset": f"{E1}/slip44:60"}),
    ("synapse", "TokenWithdraw", E1, "bridge", {"to": BOB, "fee": 10},
     {"to_address": BOB, "amount": 990}),
    ("synapse", "TokenMintAndSwap", E1, "bridge", {"to": BOB, "fee": 10}, {**SENT, "asset": ""}),
    ("synapse", "TokenWithdrawAndRemove", E1, "bridge",
     {"to": BOB, "fee": 10, "token": TOKEN, "swapSuccess": False},
     {**SENT, "asset": TOKEN_ON_E1}),
]  # fmt: skip

EACH = [(departures, *row) for row in DEPARTURES] + [(landings, *row) for row in LANDINGS]


def _value(kind: str, name: str) -> Any:
    if kind.startswith("uint"):
        return 1000 if name == "amount" else 1
    return {"address": ALICE, "bytes": b"", "bytes32": ID, "bool": True, "string": "x"}[kind]


@pytest.mark.parametrize("row", EACH, ids=lambda row: f"{row[1]}-{row[2]}")
def test_event_is_read_whole_and_refused_when_spoilt(row: Any) -> None:
    read, slug, name, chain, role, values, expected = row
    event = event_of(slug, name)
    full = {param.name: _value(param.type, param.name) for param in event.params} | values
    log = log_of(event, contract_of(slug, chain, role), full)
    found, refused = read(receipt_of(chain, log))
    assert refused == []
    assert [{name: getattr(one, name) for name in expected} for one in found] == [expected]
    spoilt = [
        replace(log, data=log.data[:-64]),
        replace(log, data="0x"),
        replace(log, data="0x" + "f" * (len(log.data) - 2)),
        replace(log, topics=(*log.topics, log.topics[0])),
        replace(log, data=log.data + "00" * (1 << 17)),
    ]
    for broken in spoilt:
        found, refused = read(receipt_of(chain, broken))
        assert (found, [one.bridge for one in refused]) == ([], [slug])
    evil = replace(log, address="0x" + "66" * 20)
    assert read(receipt_of(chain, evil)) == ([], [])


def test_every_event_that_is_read_is_tested() -> None:
    tested = {(row[1], event_of(row[1], row[2]).topic) for row in EACH}
    for make in [*SAMPLES, *MORE, *ROLLUPS]:
        sample = make()
        for receipt in (sample.near, sample.far):
            tested |= {(sample.slug, log.topics[0]) for log in receipt.logs} if receipt else set()
    for slug, bridge in registry().items():
        if slug not in ("thorchain", "maya"):  # test_memo_routers.py
            assert {topic for topic in bridge.readers() if (slug, topic) not in tested} == set()


def test_arbitrum_tells_a_token_withdrawal_by_its_gateway() -> None:
    slug, gateway = "arbitrum_native", contract_of("arbitrum_native", ARB, "l2_gateway")
    started = log_of(event_of(slug, "WithdrawalInitiated"), gateway, {
        "l1Token": TOKEN, "_from": ALICE, "_to": BOB, "_l2ToL1Id": 77, "_exitNum": 1,
        "_amount": 1000})  # fmt: skip
    message = log_of(event_of(slug, "L2ToL1Tx"), contract_of(slug, ARB, "arbsys"), {
        "caller": gateway, "destination": ALICE, "hash": 1, "position": 77, "arbBlockNum": 1,
        "ethBlockNum": 1, "timestamp": 1, "callvalue": 0, "data": b""}, index=1)  # fmt: skip
    (left,) = departures(receipt_of(ARB, started, message)).found
    assert (left.to_asset, left.amount, left.to_address) == (TOKEN_ON_E1, 1000, BOB)
    l1 = contract_of(slug, E1, "l1_gateway")
    paid = log_of(event_of(slug, "WithdrawalFinalized"), l1, {
        "l1Token": TOKEN, "_from": ALICE, "_to": BOB, "_exitNum": 1, "_amount": 1000})  # fmt: skip
    executed = log_of(event_of(slug, "OutBoxTransactionExecuted"), contract_of(slug, E1, "outbox"),
                      {"to": l1, "l2Sender": gateway, "zero": 0, "transactionIndex": 77},
                      index=1)  # fmt: skip
    (came,) = landings(receipt_of(E1, paid, executed)).found
    assert (came.match_key, came.asset, came.amount, came.to_address) == (
        left.match_key, TOKEN_ON_E1, 1000, BOB
    )  # fmt: skip
    alone = replace(message, index=0)
    assert departures(receipt_of(ARB, alone)) == ([], [])  # a message without value


@pytest.mark.parametrize(
    ("value", "deposit", "expected"),
    [
        (ETHER, ETHER + 300, [(ETHER + 300, BOB)]),  # the call takes ether along
        (0, ETHER, [(ETHER, ALICE)]),  # it takes none: all but its cost is refunded there
        (0, 300, []),  # a message that pays for its way: 100 and 20 times 10
        (0, 0, []),
    ],
)
def test_arbitrum_ticket_is_a_departure_if_value_goes_along(
    value: int, deposit: int, expected: list[Any]
) -> None:
    numbers = [value, deposit, 100]
    data = (
        word(BOB) + b"".join(number.to_bytes(32) for number in numbers) + word(ALICE)
        + word(TOKEN) + b"".join(number.to_bytes(32) for number in (20, 10, 4)) + b"call"
    )  # fmt: skip
    slug = "arbitrum_native"
    delivered = log_of(event_of(slug, "MessageDelivered"),
                       contract_of(slug, E1, "bridge", partner=ARB), {
        "messageIndex": 8, "beforeInboxAcc": ID, "inbox": ALICE, "kind": 9, "sender": ALICE,
        "messageDataHash": ID, "baseFeeL1": 5, "timestamp": 6})  # fmt: skip
    inbox = log_of(event_of(slug, "InboxMessageDelivered"),
                   contract_of(slug, E1, "inbox", partner=ARB),
                   {"messageNum": 8, "data": data}, index=1)  # fmt: skip
    found = departures(receipt_of(E1, delivered, inbox)).found
    assert [(left.amount, left.to_address) for left in found] == expected
    assert all(left.match_key and left.to_chain == ARB for left in found)
